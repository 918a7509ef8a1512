//! The kubelet: pulls the image, starts the container, asks its readiness probe, shares the node's CPU.

use super::eci;
use super::service::Work;
use crate::cluster::Phase;
use crate::engine::queue::Event;
use crate::engine::trace::What;
use crate::mechanism::{Mechanism, Number, mebibytes, seconds};
use crate::run::Run;

/// `kubelet`
pub static MECHANISM: Mechanism = Mechanism {
    name: "kubelet",
    docs: "A node pulls the images that it does not have, one after the other, and starts the container. Pods without a CPU limit share their node by requests.",
    defaults: &[
        Number {
            name: "pods a node",
            value: |figures| figures.pods_per_node.to_string(),
            source: "kubelet, pkg/kubelet/apis/config/v1beta1/defaults.go: maxPods",
        },
        Number {
            name: "start of a container",
            value: |figures| seconds(figures.container_start_ns),
            source: "assumption, below upstream's objective of 5 s for 99 % of pods without the pull",
        },
        Number {
            name: "size of an image",
            value: |figures| mebibytes(figures.image_bytes),
            source: "assumption; the scenario says it of a service's own image",
        },
        Number {
            name: "pulled and unpacked in a second",
            value: |figures| mebibytes(figures.pull_bytes_per_second),
            source: "assumption: a registry in the region; serial, as serializeImagePulls has it",
        },
        Number {
            name: "the same on Windows",
            value: |figures| mebibytes(figures.windows_pull_bytes_per_second),
            source: "assumption: layers of Windows are unpacked file by file",
        },
        Number {
            name: "from readiness to the balancers",
            value: |figures| seconds(figures.endpoint_delay_ns),
            source: "kube-proxy, pkg/proxy/apis/config/v1alpha1/defaults.go: iptables.minSyncPeriod",
        },
    ],
};

impl Run<'_> {
    /// Starts a pod on an ECS node, after the pull of an image that the node does not have.
    pub(crate) fn start_on_node(&mut self, pod: u32) -> u64 {
        let now = self.clock.now_ns();
        let figures = &self.world.figures;
        let state = &self.pods[pod as usize];
        let owner = &self.workloads[state.workload];
        let own_bytes = self.components[owner.component]
            .service
            .and_then(|service| self.scenario.services[service].image_bytes);
        let Some(node) = state.node.map(|node| &mut self.nodes[node]) else { return now };
        for (index, image) in owner.template(state).images.iter().enumerate() {
            if node.images.insert(image.clone()) {
                // What the scenario says of a component's image is said of its first container.
                let bytes = own_bytes.filter(|_| index == 0).unwrap_or(figures.image_bytes);
                // Pulls of one node run one after the other (serializeImagePulls).
                node.pull_free_ns = node.pull_free_ns.max(now) + figures.pull_ns(bytes, node.is_windows);
            }
        }
        now.max(node.pull_free_ns) + figures.container_start_ns
    }

    /// A container runs, for the first time or again.
    pub(crate) fn started(&mut self, pod: u32) {
        let now = self.clock.now_ns();
        let state = &mut self.pods[pod as usize];
        match state.phase {
            Phase::Starting => state.transition_ns = now.cast_signed(),
            Phase::Restarting => state.restarts.count += 1,
            Phase::Pending | Phase::Running | Phase::Gone => return,
        }
        (state.phase, state.running_ns) = (Phase::Running, now.cast_signed());
        self.happened(What::Started { pod });
        self.begin_housekeeping(pod, false);
        self.begin_cold(pod);
        if self.is_out_of_memory(pod) {
            self.out_of_memory(pod);
            return;
        }
        self.await_probes(pod);
    }

    /// A pod's readiness probe succeeds; the balancers hear of it a little later.
    pub(crate) fn ready(&mut self, pod: u32) {
        let now = self.clock.now_ns();
        let state = &self.pods[pod as usize];
        if state.phase != Phase::Running || state.terminating {
            return;
        }
        if self.waits_at_gate(pod) {
            return;
        }
        self.change_pod(pod, |state| {
            (state.ready, state.accepting, state.transition_ns) = (true, true, now.cast_signed());
        });
        self.happened(What::PodReady { pod });
        self.queue.push(now + self.world.figures.endpoint_delay_ns, Event::Endpoint(pod));
    }

    /// What the pod of a Deployment will do once it runs.
    pub(crate) fn new_work(&self, workload: usize) -> Work {
        let service = self.components[self.workloads[workload].component].service;
        Work::new(service.map(|index| &self.scenario.services[index]))
    }

    /// Tells the pods of a node how much CPU they may use. A pod without a limit may use its share of the node
    /// by requests, which is what it gets when its neighbours are busy too.
    pub(crate) fn share_node(&mut self, node: usize) {
        for index in 0..self.nodes[node].pods.len() {
            let place = &self.nodes[node];
            let pod = place.pods[index];
            let state = &self.pods[pod as usize];
            let template = self.workloads[state.workload].template(state);
            let request = template.cpu_request_milli.max(1);
            let share = (place.cpu_milli * request / place.cpu_requested.max(request)).min(place.cpu_milli);
            let limit = template.cpu_limit_milli;
            let cores_milli = limit.map_or(share, |_| place.cpu_milli);
            self.give_cpu(pod, cores_milli, limit);
        }
    }

    /// Tells a pod on ECI how much CPU it may use: the size that it has, and its limit.
    pub(crate) fn share_eci(&mut self, pod: u32) {
        let state = &self.pods[pod as usize];
        let template = self.workloads[state.workload].template(state);
        let (cores_milli, limit) = (eci::size(template).cpu_milli, template.cpu_limit_milli);
        self.give_cpu(pod, cores_milli, limit);
    }

    /// A pod may use so much CPU at a time, and has a limit or none, in thousandths of a core.
    fn give_cpu(&mut self, pod: u32, cores_milli: u64, limit_milli: Option<u64>) {
        self.disturb_of(pod);
        let limit_milli = limit_milli.map(|limit| limit.max(1));
        let now = self.clock.now_ns();
        if let Some(due_ns) = self.works[pod as usize].limit(cores_milli.max(1), limit_milli, now) {
            self.queue.push(due_ns, Event::CpuDone(pod));
        }
    }
}

#[cfg(test)]
mod tests {
    use compiler::object::Manifest;
    use serde_json::json;

    use super::*;
    use crate::engine::random::Duration;
    use crate::model::balancer::{Choice, Via};
    use crate::run::fixture::{self, SECOND};

    #[test]
    fn what_a_pod_computes_is_done_sooner_when_a_neighbour_leaves_the_node() {
        let (mut world, mut scenario) = (fixture::world(1), fixture::asked(Duration::Constant(0)));
        world.pools[0].cpu_milli = 1_000;
        scenario.traffic[0].base_per_second = 1e-9;
        scenario.services[0].cpu = Duration::Constant(60 * SECOND);
        let mut objects = fixture::web(2);
        let Manifest::Deployment(deployment) = &mut objects[1].manifest else { panic!("the second is one") };
        let containers = &mut deployment.spec.as_mut().unwrap().template.spec.as_mut().unwrap().containers;
        let resources = json!({"requests": {"cpu": "500m"}});
        containers[0].resources = Some(serde_json::from_value(resources).unwrap());
        let mut run = Run::new(&objects, &world, &scenario, &[]);
        run.counters[0].arrived(0);
        let slot = run.requests.open(0, 0);
        assert!(run.accept(Choice { pod: 1, via: Via::default() }, slot, 0));
        run.run_to(10 * SECOND);
        run.scale(0, 1);
        while run.works[1].inside() > 0 && run.take() {}
        let (left_ns, done_ns) = (run.pods[0].gone_ns.unwrap(), run.clock.now_ns());
        assert!((10 * SECOND..100 * SECOND).contains(&left_ns), "{left_ns}");
        // Half of the time that two were there was its own, and all of it since then.
        let wanted_ns = left_ns + 60 * SECOND - left_ns / 2;
        assert!(done_ns.abs_diff(wanted_ns) < 10, "{done_ns} for {wanted_ns}");
    }
}
