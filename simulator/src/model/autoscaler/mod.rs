//! The HPA: from samples to a recommendation, through stabilization, policies and limits, to a count.
//!
//! Follows the `autoscaling/v2` controller of kube-controller-manager step for step, for CPU utilisation and
//! CPU average value. `replicas` computes, `behavior` restrains; this file reads the object and ties them.

pub mod behavior;
pub mod metrics;
pub mod replicas;

use compiler::plan::Bounds;
use compiler::resolve::quantity;
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;

use crate::engine::queue::Event;
use crate::engine::trace::What;
use crate::run::Run;
use crate::world::AutoscalerFlags;
use behavior::{Behavior, History};
use metrics::{PodSeen, Target};

/// One `HorizontalPodAutoscaler`.
#[derive(Clone, Debug)]
pub struct Autoscaler {
    /// Its name.
    pub name: String,
    /// The index of the Deployment it scales; `None` if there is no such Deployment.
    pub workload: Option<usize>,
    /// Its bounds.
    pub bounds: Bounds,
    /// The rollout's stamp.
    pub epoch: Option<u64>,
    /// Deleted by a rollout.
    pub removed: bool,
    /// What it keeps, in the order of `spec.metrics`; `None` for a metric that is not simulated.
    pub targets: Vec<Option<Target>>,
    /// How it is restrained.
    pub behavior: Option<Behavior>,
    /// What it did and wanted before.
    pub history: History,
}

impl Autoscaler {
    /// Reads the object.
    pub fn new(object: &HorizontalPodAutoscaler, workload: Option<usize>, flags: &AutoscalerFlags) -> Self {
        let spec = object.spec.clone();
        let count = |count: i32| u32::try_from(count).unwrap_or(0);
        let bounds = Bounds { min: count(spec.min_replicas.unwrap_or(1)), max: count(spec.max_replicas) };
        let targets = spec.metrics.iter().flatten().map(|metric| {
            let resource = metric.resource.as_ref().filter(|resource| resource.name == "cpu")?;
            match (resource.target.average_utilization, &resource.target.average_value) {
                (Some(percent), _) => Some(Target::Utilization(percent.into())),
                (None, Some(value)) => {
                    quantity::cpu_milli(&value.0).map(|milli| Target::AverageValue(milli.cast_signed()))
                }
                (None, None) => None,
            }
        });
        let mut targets: Vec<Option<Target>> = targets.collect();
        if spec.metrics.is_none() {
            // The API server's default: 80 % of the CPU request.
            targets.push(Some(Target::Utilization(80)));
        }
        Self {
            name: object.metadata.name.clone().unwrap_or_default(),
            workload,
            bounds,
            epoch: None,
            removed: false,
            targets,
            behavior: spec.behavior.as_ref().map(|behavior| Behavior::new(behavior, flags)),
            history: History::default(),
        }
    }

    /// The count that the controller would write; `None` if it leaves the count alone.
    pub fn sync(
        &mut self,
        current: u32,
        pods: &[PodSeen],
        now_ns: i64,
        flags: &AutoscalerFlags,
    ) -> Option<u32> {
        // At zero the controller switches itself off.
        if current == 0 && self.bounds.min != 0 {
            return None;
        }
        self.history.begin(current, now_ns);
        let desired = if current > self.bounds.max {
            self.bounds.max
        } else if current < self.bounds.min {
            self.bounds.min
        } else {
            let wanted = self.recommend(current, pods, now_ns, flags)?;
            match &self.behavior {
                None => self.history.plain(current, wanted, self.bounds, now_ns, flags),
                Some(rules) => self.history.restrained(rules, current, wanted, self.bounds, now_ns),
            }
        };
        if desired == current {
            return None;
        }
        if let Some(rules) = &self.behavior {
            self.history.scaled(rules, current, desired, now_ns);
        }
        Some(desired)
    }

    /// The greatest of what the metrics ask for; a metric that fails blocks only the way down.
    fn recommend(&self, current: u32, pods: &[PodSeen], now_ns: i64, flags: &AutoscalerFlags) -> Option<u32> {
        let mut failed = false;
        let mut wanted = None;
        let tolerance =
            self.behavior.as_ref().map_or((flags.tolerance, flags.tolerance), Behavior::tolerance);
        for target in &self.targets {
            let count = target
                .and_then(|target| replicas::recommend(target, current, pods, now_ns, tolerance, flags));
            failed |= count.is_none();
            wanted = wanted.max(count);
        }
        wanted.filter(|wanted| !failed || *wanted >= current)
    }
}

impl Run<'_> {
    /// An autoscaler looks at its Deployment, and comes back after the sync period.
    pub(crate) fn autoscale(&mut self, index: usize) {
        let now = self.clock.now_ns();
        let flags = self.world.figures.autoscaler;
        if self.autoscalers[index].removed {
            return;
        }
        self.queue.push(now + flags.sync_period_ns, Event::Autoscale(index as u32));
        let Some(workload) = self.autoscalers[index].workload.filter(|w| !self.workloads[*w].removed) else {
            return;
        };
        let request = self.workloads[workload].template.cpu_request_milli.cast_signed();
        let seen = self.pods.iter().filter(|pod| pod.workload == workload);
        let seen: Vec<PodSeen> = seen.filter_map(|pod| metrics::seen(pod, request)).collect();
        let current = self.workloads[workload].replicas;
        if let Some(to) = self.autoscalers[index].sync(current, &seen, now.cast_signed(), &flags) {
            let deployment = self.workloads[workload].key.name.clone();
            self.happened(What::Scaled { deployment, from: current, to });
            self.scale(workload, to);
        }
    }
}
