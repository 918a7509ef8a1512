//! Readiness gates: a pod is ready only once a load balancer has taken it in.

use compiler::app::{Addon, Cluster, Provider};
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::networking::v1::Ingress;

use super::balancer::services::{Services, is_balancer};
use super::template::Template;
use crate::cluster::Phase;
use crate::engine::queue::Event;
use crate::engine::trace::What;
use crate::mechanism::{Mechanism, Number, seconds_between};
use crate::run::Run;

/// `readiness-gate`
pub static MECHANISM: Mechanism = Mechanism {
    name: "readiness-gate",
    docs: "A pod with readiness gates is ready when its containers are and the load balancer has taken it in: `service.readiness.alibabacloud.com/SERVICE` waits for the balancer of a Service that selects the pod, and `target-health.alb.k8s.alicloud` for an Ingress of class `alb` that leads to one. The balancer sends requests from that moment on, and until then the pod counts for no controller. ACK's controllers set them where the platform declares `readiness-gates` or `alb-ingress`, and `terway`. A condition that nothing sets keeps a pod from being ready for ever; the report says so.",
    defaults: &[Number {
        name: "from ready containers to an open gate",
        value: |figures| {
            let times = seconds_between(figures.balancer_delay_ns, figures.balancer_delay_spread_ns);
            format!("{times}, drawn each time")
        },
        source: "assumption: as long as a load balancer takes to remove a pod, 5 to 15 s",
    }],
};

const OF_SERVICE: &str = "service.readiness.alibabacloud.com/";
const OF_ALB: &str = "target-health.alb.k8s.alicloud";

/// Which controllers of a cluster set conditions that pods wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Openers {
    /// ACK's cloud controller, for load balancers of Services.
    pub services: bool,
    /// ACK's controller for Ingress on ALB.
    pub alb: bool,
}

impl Openers {
    /// What a cluster declares.
    pub fn new(cluster: &Cluster) -> Self {
        let has = |addon| cluster.installed(addon).is_some();
        let terway = cluster.provider == Provider::Ack && has(Addon::Terway);
        Self { services: terway && has(Addon::ReadinessGates), alb: terway && has(Addon::AlbIngress) }
    }
}

/// What keeps the pods of a template from being ready once their containers are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Gate {
    /// Nothing.
    #[default]
    None,
    /// The balancer, until it has taken the pod in.
    Balancer,
    /// A condition that nothing sets.
    Never(String),
}

impl Gate {
    /// The gate of a template among these Services and Ingresses.
    fn new(template: &Template, services: &Services, ingresses: &[Ingress], openers: Openers) -> Self {
        let selecting = || services.selecting(&template.labels);
        let is_set = |condition: &str| {
            if let Some(name) = condition.strip_prefix(OF_SERVICE) {
                let named = |service: &Service| service.metadata.name.as_deref() == Some(name);
                return openers.services && selecting().any(|service| is_balancer(service) && named(service));
            }
            let behind = |service: &Service| ingresses.iter().any(|ingress| leads_to(ingress, service));
            let of_alb =
                condition.strip_prefix(OF_ALB).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            of_alb && openers.alb && selecting().any(behind)
        };
        match template.readiness_gates.iter().find(|condition| !is_set(condition)) {
            Some(condition) => Self::Never(condition.clone()),
            None if template.readiness_gates.is_empty() => Self::None,
            None => Self::Balancer,
        }
    }
}

/// Whether ALB sends requests on to a Service.
fn leads_to(ingress: &Ingress, service: &Service) -> bool {
    let Some(spec) = ingress.spec.as_ref().filter(|spec| spec.ingress_class_name.as_deref() == Some("alb"))
    else {
        return false;
    };
    let rules = spec.rules.iter().flatten().filter_map(|rule| rule.http.as_ref());
    let backends =
        rules.flat_map(|http| http.paths.iter().map(|path| &path.backend)).chain(&spec.default_backend);
    let mut names = backends.filter_map(|backend| backend.service.as_ref()).map(|service| &service.name);
    names.any(|name| service.metadata.name.as_ref() == Some(name))
}

impl Run<'_> {
    /// Works out the gates of every template.
    pub(crate) fn read_gates(&mut self) {
        for revision in self.workloads.iter_mut().flat_map(|workload| &mut workload.revisions) {
            revision.gate =
                Gate::new(&revision.template, &self.services, &self.ingresses, self.world.openers);
        }
    }

    /// One line for each component whose pods wait for what nothing sets.
    pub(crate) fn closed_gates(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for workload in &self.workloads {
            if let Gate::Never(condition) = &workload.present().gate {
                let name = &self.components[workload.component].name;
                lines.push(format!(
                    "{name}: nothing sets the readiness gate `{condition}`, so its pods are never ready"
                ));
            }
        }
        lines.dedup();
        lines
    }

    /// The gate of a pod.
    pub(crate) fn gate_of(&self, pod: u32) -> &Gate {
        let state = &self.pods[pod as usize];
        &self.workloads[state.workload].revisions[state.revision as usize].gate
    }

    /// The containers of a pod are ready; `true` if the pod is not, for a gate.
    pub(crate) fn waits_at_gate(&mut self, pod: u32) -> bool {
        let gate = self.gate_of(pod).clone();
        if gate == Gate::None {
            return false;
        }
        self.pods[pod as usize].accepting = true;
        if gate == Gate::Balancer {
            let taken_in_ns = self.clock.now_ns() + self.balancer_delay_ns();
            self.queue.push(taken_in_ns, Event::Endpoint(pod));
        }
        true
    }

    /// The balancer takes in a pod that waited for that alone; whether there was one.
    pub(crate) fn open_gate(&mut self, pod: u32) -> bool {
        let state = &self.pods[pod as usize];
        let waits = state.phase == Phase::Running && state.accepting && !state.ready && !state.terminating;
        let opens = waits && *self.gate_of(pod) == Gate::Balancer;
        if opens {
            let now = self.clock.now_ns();
            self.change_pod(pod, |state| (state.ready, state.transition_ns) = (true, now.cast_signed()));
            self.happened(What::PodReady { pod });
        }
        opens
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn gate(conditions: &[&str], openers: Openers) -> Gate {
        let labels = BTreeMap::from([("app".to_owned(), "web".to_owned())]);
        let readiness_gates = conditions.iter().map(|condition| (*condition).to_owned()).collect();
        let template = Template { labels, readiness_gates, ..Template::default() };
        let service = |name: &str, kind: &str, app: &str| {
            serde_json::from_value(json!({
                "metadata": {"name": name}, "spec": {"type": kind, "selector": {"app": app}},
            }))
        };
        let mut services = Services::default();
        for (name, kind, app) in
            [("web", "LoadBalancer", "web"), ("inner", "ClusterIP", "web"), ("db", "LoadBalancer", "db")]
        {
            services.add(&service(name, kind, app).unwrap());
        }
        let ingress = serde_json::from_value(json!({"spec": {"ingressClassName": "alb", "rules": [
            {"http": {"paths": [{"pathType": "Prefix", "path": "/", "backend": {"service": {"name": "inner"}}}]}},
        ]}}));
        Gate::new(&template, &services, &[ingress.unwrap()], openers)
    }

    #[test]
    fn only_a_balancer_that_leads_to_the_pod_opens_its_gate() {
        let both = Openers { services: true, alb: true };
        let never = |condition: &str| Gate::Never(condition.to_owned());
        let of = |name: &str| format!("{OF_SERVICE}{name}");
        assert_eq!(gate(&[], both), Gate::None);
        assert_eq!(gate(&[&of("web")], both), Gate::Balancer);
        assert_eq!(gate(&[&of("web"), OF_ALB], both), Gate::Balancer);
        assert_eq!(gate(&[&of("inner")], both), never(&of("inner")), "no balancer stands in front of it");
        assert_eq!(gate(&[&of("db")], both), never(&of("db")), "it leads to other pods");
        assert_eq!(gate(&[&of("web"), "example.com/warm"], both), never("example.com/warm"));
        let without_alb = Openers { services: true, alb: false };
        assert_eq!(gate(&[OF_ALB], without_alb), never(OF_ALB));
        assert_eq!(gate(&[&of("web")], Openers::default()), never(&of("web")));
    }
}
