//! What the objects ask for and a run leaves out, so that nobody takes silence for an answer.

use compiler::object::{Manifest, Object};
use k8s_openapi::api::autoscaling::v2::MetricSpec;

use crate::model::balancer::services::unknown_scheduler;
use crate::model::cron_job::Patch;

/// One line each, in the order of the objects.
pub fn left_out(objects: &[Object]) -> Vec<String> {
    let mut lines = Vec::new();
    for object in objects {
        let name = &object.logical_name;
        if let Manifest::HorizontalPodAutoscaler(autoscaler) = &object.manifest {
            let unknown = autoscaler.spec.metrics.iter().flatten().filter_map(unknown);
            lines.extend(unknown.map(|metric| {
                format!("{name}: its autoscaler never sees {metric}, and so takes no pods away")
            }));
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

/// A metric that is not simulated: all but the CPU of whole pods.
fn unknown(metric: &MetricSpec) -> Option<String> {
    let resource = metric.resource.as_ref().map(|resource| resource.name.clone());
    if resource.as_deref() == Some("cpu") {
        return None;
    }
    let pods = metric.pods.as_ref().map(|pods| &pods.metric);
    let object = metric.object.as_ref().map(|object| &object.metric);
    let external = metric.external.as_ref().map(|external| &external.metric);
    let named = pods.or(object).or(external).map(|metric| metric.name.clone());
    let container = metric
        .container_resource
        .as_ref()
        .map(|resource| format!("{} of container {}", resource.name, resource.container));
    Some(named.or(resource).or(container).unwrap_or_default())
}
