//! The HPA controller of kube-controller-manager (`autoscaling/v2`), step for step.
//!
//! [`spec`] reads the object, [`look`] says what a sync asks, [`replicas`] computes a count for each metric, [`history`]
//! and [`behavior`] restrain it, [`sync`] ties them, [`status`] is what comes out. Nothing of it knows the simulation:
//! the same code replays recorded trajectories. This file is the other side, an autoscaler in a run.
//!
//! Not here, since upstream leaves it off: scaling to zero (feature gate `HPAScaleToZero`).

pub mod amount;
pub mod behavior;
pub mod history;
pub mod look;
pub mod replicas;
mod shown;
pub mod spec;
pub mod status;
pub mod sync;

use compiler::plan::Bounds;
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;

use crate::engine::queue::Event;
use crate::engine::trace::What;
use crate::mechanism::{Mechanism, Number, seconds};
use crate::run::Run;
use crate::world::AutoscalerFlags;
use look::Scale;
use shown::{Shown, seen};
use spec::{Metric, Source, Spec};
use sync::Memory;

/// `autoscaler`
pub static MECHANISM: Mechanism = Mechanism {
    name: "autoscaler",
    docs: "The controller of HorizontalPodAutoscalers, step for step as in Kubernetes 1.36: Resource, ContainerResource, Pods, Object and External metrics; pods that are not ready, too young or without a sample; tolerance, policies, stabilization windows, limits; conditions with their reasons; binary floats in the same order. It is checked against recorded trajectories of the controller itself. In a run CPU and memory of pods and of their containers are measured; the first container is the one that serves, and the others use nothing. Pods, Object and External metrics are what the scenario says that their names mean. A metric that nobody explains fails, which blocks the way down, and the report says so. Scaling to zero is left out, as upstream has it switched off.",
    defaults: &[
        Number {
            name: "sync period",
            value: |figures| seconds(figures.autoscaler.sync_period_ns),
            source: "kube-controller-manager, pkg/controller/podautoscaler/config/v1alpha1/defaults.go",
        },
        Number {
            name: "tolerance",
            value: |figures| figures.autoscaler.tolerance.to_string(),
            source: "kube-controller-manager, pkg/controller/podautoscaler/config/v1alpha1/defaults.go",
        },
        Number {
            name: "downscale stabilization",
            value: |figures| seconds(figures.autoscaler.downscale_stabilization_ns),
            source: "kube-controller-manager, pkg/controller/podautoscaler/config/v1alpha1/defaults.go",
        },
        Number {
            name: "CPU initialization period",
            value: |figures| seconds(figures.autoscaler.cpu_initialization_ns),
            source: "kube-controller-manager, pkg/controller/podautoscaler/config/v1alpha1/defaults.go",
        },
        Number {
            name: "initial readiness delay",
            value: |figures| seconds(figures.autoscaler.initial_readiness_ns),
            source: "kube-controller-manager, pkg/controller/podautoscaler/config/v1alpha1/defaults.go",
        },
    ],
};

/// One `HorizontalPodAutoscaler` of a run.
#[derive(Clone, Debug)]
pub struct Autoscaler {
    /// Its name.
    pub name: String,
    /// The index of the Deployment it scales; `None` if there is no such Deployment.
    pub workload: Option<usize>,
    /// The rollout's stamp.
    pub epoch: Option<u64>,
    /// Deleted by a rollout.
    pub removed: bool,
    /// What it is told.
    pub spec: Spec,
    /// What it did and wanted before.
    pub memory: Memory,
    /// `status.currentReplicas`: the count that it found at its last sync.
    pub current: i32,
    /// When it looks next.
    pub next_ns: u64,
}

impl Autoscaler {
    /// Reads the object.
    pub fn new(object: &HorizontalPodAutoscaler, workload: Option<usize>, flags: &AutoscalerFlags) -> Self {
        Self {
            name: object.metadata.name.clone().unwrap_or_default(),
            workload,
            epoch: None,
            removed: false,
            spec: Spec::new(&object.spec, flags),
            memory: Memory::default(),
            current: 0,
            next_ns: 0,
        }
    }

    /// Its bounds.
    pub fn bounds(&self) -> Bounds {
        let count = |count: i32| u32::try_from(count).unwrap_or(0);
        Bounds { min: count(self.spec.min), max: count(self.spec.max) }
    }

    /// Sets its bounds.
    pub fn set_bounds(&mut self, to: Bounds) {
        let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
        (self.spec.min, self.spec.max) = (count(to.min), count(to.max));
    }
}

impl Run<'_> {
    /// An autoscaler looks at its Deployment, and comes back after the sync period.
    pub(crate) fn autoscale(&mut self, index: usize) {
        let now = self.clock.now_ns();
        let flags = self.world.figures.autoscaler;
        if self.autoscalers[index].removed || self.autoscalers[index].next_ns != now {
            return;
        }
        self.autoscale_at(index, now + flags.sync_period_ns);
        let Some(workload) = self.autoscalers[index].workload.filter(|w| !self.workloads[*w].removed) else {
            return;
        };
        let alike = self.alike(workload);
        let said = self.flow.take_said(index, self.workloads[workload].component);
        let state = &self.workloads[workload];
        let values = self.values(index, state.component);
        let Autoscaler { spec, memory, current, .. } = &mut self.autoscalers[index];
        let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
        *current = count(state.held.replicas());
        let mut look = Shown {
            scale: Scale { spec: count(state.held.replicas()), status: count(state.held.status().0) },
            seen: alike.iter().map(|alike| seen(&self.pods[alike.pod as usize])).collect(),
            alike,
            pods: &self.pods,
            workload: state,
            metrics: &spec.metrics,
            values,
            scenario: self.scenario,
            component: &self.components[state.component].name,
        };
        if let Some(said) = said {
            memory.go_on(spec, said, now, &flags);
        }
        let synced = memory.sync(spec, &mut look, now.cast_signed(), &flags);
        if let Some(to) = synced.written.and_then(|to| u32::try_from(to).ok()) {
            let (deployment, from) = (state.key.name.clone(), state.held.replicas());
            self.happened(What::Scaled { deployment, from, to });
            self.scale(workload, to);
        } else if let Some(recommendation) = synced.recommendation {
            self.quieten(index, workload, recommendation);
        }
    }

    /// An autoscaler looks at a time and not before.
    pub(crate) fn autoscale_at(&mut self, index: usize, at_ns: u64) {
        self.autoscalers[index].next_ns = at_ns;
        self.queue.push(at_ns, Event::Autoscale(index as u32));
    }

    /// The values of an autoscaler's metrics that belong to no pod, in thousandths.
    fn values(&self, index: usize, component: usize) -> Vec<Option<i64>> {
        let metrics = self.autoscalers[index].spec.metrics.iter();
        let is_of_pods =
            |metric: &Metric| matches!(metric.source, Source::Resource { .. } | Source::Pods { .. });
        if metrics.clone().all(is_of_pods) {
            return Vec::new();
        }
        let values = metrics.map(|metric| match &metric.source {
            Source::Object { name } | Source::External { name } => self.metric_of_component(name, component),
            Source::Resource { .. } | Source::Pods { .. } => None,
        });
        values.collect()
    }
}
