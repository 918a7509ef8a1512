//! What an autoscaler is told: bounds, metrics and behaviour, with the API server's defaults.

use k8s_openapi::api::autoscaling::v2::{HorizontalPodAutoscalerSpec, MetricSpec, MetricTarget};

use super::amount;
use super::behavior::Behavior;
use super::replicas::Tolerance;
use crate::world::AutoscalerFlags;

/// A `HorizontalPodAutoscaler`'s spec, read once.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// `minReplicas`; 1 unless told.
    pub min: i32,
    /// `maxReplicas`.
    pub max: i32,
    /// `metrics`; 80 % of the CPU request unless told.
    pub metrics: Vec<Metric>,
    /// `behavior`; without it older rules hold, which no behaviour describes.
    pub behavior: Option<Behavior>,
}

/// One entry of `spec.metrics`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// What is measured.
    pub source: Source,
    /// What is wanted; `None` for a target that the source cannot have.
    pub target: Option<Target>,
}

/// Where a metric comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Use of a resource by the pods, of all their containers together or of one.
    Resource {
        /// Which.
        resource: Resource,
        /// The container, for `ContainerResource`.
        container: Option<String>,
    },
    /// A metric of each pod.
    Pods {
        /// Its name.
        name: String,
    },
    /// A metric of one other object.
    Object {
        /// Its name.
        name: String,
    },
    /// A metric of something outside the cluster, maybe of several series.
    External {
        /// Its name.
        name: String,
    },
}

/// A resource that metrics-server tells of, or another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// `cpu`
    Cpu,
    /// `memory`
    Memory,
    /// Anything else: nobody measures it.
    Other,
}

impl Resource {
    fn read(name: &str) -> Self {
        match name {
            "cpu" => Self::Cpu,
            "memory" => Self::Memory,
            _ => Self::Other,
        }
    }
}

/// What an autoscaler keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Use in per cent of the requests.
    Utilization(i32),
    /// Mean over the pods, in thousandths.
    AverageValue(i64),
    /// The value as it is, in thousandths.
    Value(i64),
}

impl Spec {
    /// Reads a spec as it is written; what it leaves out gets the API server's defaults.
    pub fn new(spec: &HorizontalPodAutoscalerSpec, flags: &AutoscalerFlags) -> Self {
        let written = spec.metrics.iter().flatten().map(metric);
        let mut metrics: Vec<Metric> = written.collect();
        if metrics.is_empty() {
            let source = Source::Resource { resource: Resource::Cpu, container: None };
            metrics.push(Metric { source, target: Some(Target::Utilization(80)) });
        }
        Self {
            min: spec.min_replicas.unwrap_or(1),
            max: spec.max_replicas,
            metrics,
            behavior: spec.behavior.as_ref().map(|behavior| Behavior::new(behavior, flags)),
        }
    }

    /// How far from its targets nothing is done.
    pub fn tolerance(&self, flags: &AutoscalerFlags) -> Tolerance {
        match &self.behavior {
            None => Tolerance { down: flags.tolerance, up: flags.tolerance },
            Some(behavior) => Tolerance { down: behavior.down.tolerance, up: behavior.up.tolerance },
        }
    }
}

fn metric(metric: &MetricSpec) -> Metric {
    if let Some(resource) = &metric.resource {
        let source = Source::Resource { resource: Resource::read(&resource.name), container: None };
        return Metric { source, target: of_resource(&resource.target) };
    }
    if let Some(resource) = &metric.container_resource {
        let container = Some(resource.container.clone());
        let source = Source::Resource { resource: Resource::read(&resource.name), container };
        return Metric { source, target: of_resource(&resource.target) };
    }
    if let Some(pods) = &metric.pods {
        let source = Source::Pods { name: pods.metric.name.clone() };
        return Metric { source, target: average(&pods.target) };
    }
    if let Some(object) = &metric.object {
        let source = Source::Object { name: object.metric.name.clone() };
        let target = match object.target.type_.as_str() {
            "Value" => value(&object.target),
            "AverageValue" => average(&object.target),
            _ => None,
        };
        return Metric { source, target };
    }
    let external = metric.external.as_ref();
    let source = Source::External { name: external.map(|it| it.metric.name.clone()).unwrap_or_default() };
    let target = external.and_then(|external| average(&external.target).or_else(|| value(&external.target)));
    Metric { source, target }
}

fn of_resource(target: &MetricTarget) -> Option<Target> {
    average(target).or_else(|| target.average_utilization.map(Target::Utilization))
}

fn average(target: &MetricTarget) -> Option<Target> {
    amount::milli(&target.average_value.as_ref()?.0).map(Target::AverageValue)
}

fn value(target: &MetricTarget) -> Option<Target> {
    amount::milli(&target.value.as_ref()?.0).map(Target::Value)
}
