//! What the objects ask for and a run leaves out, so that nobody takes silence for an answer.

use compiler::object::{Manifest, Object};
use k8s_openapi::api::autoscaling::v2::{HorizontalPodAutoscaler, MetricSpec};

use crate::model::balancer::services::unknown_scheduler;
use crate::model::controller::Controller;
use crate::model::cron_job::Patch;
use crate::model::template::template;
use crate::scenario::Scenario;

/// One line each, in the order of the objects.
pub fn left_out(objects: &[Object], scenario: &Scenario) -> Vec<String> {
    let mut lines = Vec::new();
    for object in objects {
        let name = &object.logical_name;
        if let Manifest::HorizontalPodAutoscaler(autoscaler) = &object.manifest {
            let target = Target::of(autoscaler, objects, scenario);
            let missing =
                autoscaler.spec.metrics.iter().flatten().filter_map(|metric| target.missing(metric));
            lines.extend(missing.map(|line| format!("{name}: {line}")));
        }
        if let Manifest::Service(service) = &object.manifest
            && let Some(scheduler) = unknown_scheduler(service)
        {
            lines
                .push(format!("{name}: no balancer of a run has the scheduler `{scheduler}`, so it is `rr`"));
        }
        if let Manifest::CronJob(job) = &object.manifest
            && Patch::read(job).is_none()
        {
            lines.push(format!("{name}: its CronJob does something else than to patch an autoscaler"));
        }
    }
    lines
}

/// What an autoscaler scales.
struct Target<'a> {
    component: String,
    containers: Vec<String>,
    scenario: &'a Scenario,
}

impl<'a> Target<'a> {
    fn of(autoscaler: &HorizontalPodAutoscaler, objects: &[Object], scenario: &'a Scenario) -> Self {
        let name = &autoscaler.spec.scale_target_ref.name;
        let mut controllers = objects.iter().filter_map(|object| Controller::of(&object.manifest));
        let found = controllers.find(|controller| controller.metadata.name.as_ref() == Some(name));
        let containers = found.iter().flat_map(|controller| template(controller.template).containers);
        Self {
            containers: containers.map(|container| container.name).collect(),
            component: found.map_or_else(|| name.clone(), |controller| controller.component()),
            scenario,
        }
    }

    /// What is missing of a metric, and how the scenario can give it.
    fn missing(&self, metric: &MetricSpec) -> Option<String> {
        let unseen = |metric: &str| format!("its autoscaler never sees {metric}, and so takes no pods away");
        if let Some(resource) = &metric.resource {
            return self.unknown_use(&resource.name).map(|way| unseen(&resource.name) + &way);
        }
        if let Some(resource) = &metric.container_resource {
            let (container, said) =
                (&resource.container, format!("{} of container {}", resource.name, resource.container));
            if let Some(way) = self.unknown_use(&resource.name) {
                return Some(unseen(&said) + &way);
            }
            let is_beside = self.containers.iter().skip(1).any(|known| known == container);
            return is_beside.then(|| {
                format!("container {container} is taken to use nothing: the first container serves")
            });
        }
        let pods = metric.pods.as_ref().map(|pods| &pods.metric.name);
        let object = metric.object.as_ref().map(|object| &object.metric.name);
        let external = metric.external.as_ref().map(|external| &external.metric.name);
        let name = pods.or(object).or(external)?;
        let meant = match pods {
            Some(name) => self.scenario.metric_of_pods(name, &self.component),
            None => self.scenario.metric(name),
        };
        let component = &self.component;
        meant.is_none().then(|| {
            unseen(name)
                + &format!(
                    ": say what it means, such as `metric \"{name}\" of=\"{component}\" is=\"requests\"`"
                )
        })
    }

    /// Why the use of a resource is not known, if it is not.
    fn unknown_use(&self, resource: &str) -> Option<String> {
        let mut services = self.scenario.services.iter();
        match resource {
            "cpu" => None,
            "memory"
                if services
                    .any(|service| service.component == self.component && service.memory.is_some()) =>
            {
                None
            }
            "memory" => Some(format!(
                ": give `service \"{}\"` its `memory`, such as `memory \"120Mi\" per-request=\"2Mi\"`",
                self.component
            )),
            _ => Some(String::new()),
        }
    }
}
