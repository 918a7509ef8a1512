//! What a run shows to an autoscaler: its target, the pods, and what is measured of them.

use smallvec::SmallVec;

use super::look::{Look, PodPhase, PodSeen, Sample, Scale};
use super::spec::{Metric, Resource, Source};
use crate::cluster::{Phase, Pod, Workload};
use crate::model::flow::asleep::Alike;
use crate::model::metrics::Measured;
use crate::scenario::Scenario;

/// One sync's view of the run.
pub(super) struct Shown<'a> {
    /// The scale subresource.
    pub scale: Scale,
    /// The pods in the controller's eyes.
    pub seen: SmallVec<[PodSeen; ROWS]>,
    /// The same pods, of how many each is one, and what is measured of these.
    pub alike: SmallVec<[Alike; ROWS]>,
    /// Every pod of the run, by number.
    pub pods: &'a [Pod],
    /// Whose pods they are.
    pub workload: &'a Workload,
    /// The metrics of the spec.
    pub metrics: &'a [Metric],
    /// The values of those that belong to no pod, in thousandths.
    pub values: Vec<Option<i64>>,
    /// What is asked of the run.
    pub scenario: &'a Scenario,
    /// The component's name.
    pub component: &'a str,
}

/// More pods of different kinds than nearly every workload has at a time.
const ROWS: usize = 4;

impl Shown<'_> {
    fn pod(&self, index: usize) -> Option<&Pod> {
        self.alike.get(index).map(|alike| &self.pods[alike.pod as usize])
    }

    /// What a pod uses of a resource, in thousandths: as a whole, or in one container. The first container is the one
    /// that serves, and the others use nothing; one that the pod does not have has no metric.
    fn used_milli(
        &self,
        resource: Resource,
        container: Option<&str>,
        index: usize,
        now: Measured,
    ) -> Option<i64> {
        let milli = match resource {
            Resource::Cpu => now.cpu_milli,
            Resource::Memory => i64::try_from(now.memory_bytes?).unwrap_or(i64::MAX).saturating_mul(1000),
            Resource::Other => return None,
        };
        let Some(name) = container else { return Some(milli) };
        let containers = &self.workload.template(self.pod(index)?).containers;
        let place = containers.iter().position(|known| known.name == name)?;
        Some(if place == 0 { milli } else { 0 })
    }
}

impl Look for Shown<'_> {
    fn scale(&self) -> Option<Scale> {
        Some(self.scale)
    }

    fn pods(&self) -> &[PodSeen] {
        &self.seen
    }

    fn times(&self, pod: usize) -> i64 {
        self.alike[pod].times
    }

    fn sample(&self, metric: usize, index: usize) -> Option<Sample> {
        match &self.metrics.get(metric)?.source {
            Source::Resource { resource, container } => {
                let now = self.alike.get(index)?.metric?;
                let milli = self.used_milli(*resource, container.as_deref(), index, now)?;
                Some(Sample { at_ns: now.at_ns, window_ns: now.window_ns, milli })
            }
            Source::Pods { name } => {
                let measure = self.scenario.metric_of_pods(name, self.component)?.is;
                let reading = self.pod(index)?.reading?;
                // The controller looks at the window of CPU alone.
                Some(Sample {
                    at_ns: reading.at_ns.cast_signed(),
                    window_ns: 0,
                    milli: reading.milli(measure)?,
                })
            }
            Source::Object { .. } | Source::External { .. } => None,
        }
    }

    fn request_milli(&self, metric: usize, pod: usize) -> Option<i64> {
        let template = self.workload.template(self.pod(pod)?);
        match &self.metrics.get(metric)?.source {
            Source::Resource { resource, container } => {
                template.request_milli(*resource, container.as_deref()).map(u64::cast_signed)
            }
            Source::Pods { .. } | Source::Object { .. } | Source::External { .. } => None,
        }
    }

    fn object(&self, metric: usize) -> Option<i64> {
        self.values.get(metric).copied().flatten()
    }

    fn external(&self, metric: usize) -> Option<&[i64]> {
        self.values.get(metric)?.as_ref().map(std::slice::from_ref)
    }

    fn write(&mut self, _replicas: i32) -> bool {
        true
    }
}

/// A pod of a run as the controller sees it.
pub(super) fn seen(pod: &Pod) -> PodSeen {
    PodSeen {
        phase: match pod.phase {
            Phase::Running | Phase::Restarting => PodPhase::Running,
            Phase::Pending | Phase::Starting | Phase::Gone => PodPhase::Pending,
        },
        terminating: pod.terminating,
        ready: pod.ready,
        transition_ns: pod.transition_ns,
        start_time_ns: (pod.phase != Phase::Pending).then_some(pod.start_time_ns),
    }
}
