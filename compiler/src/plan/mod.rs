//! In what order a cell's objects are applied, and how each component is rolled out.

mod birth;
mod deployments;
mod fence;
pub mod file;
mod freeze;
mod need;
mod nodes;
mod order;
mod partition;
pub mod print;
mod release;
pub mod rollout;
mod shared;
mod shift;
mod step;
mod verification;

pub use birth::newborn;
pub use freeze::PlannedFreeze;
pub use need::Need;
pub(crate) use order::in_order;
pub use order::plan;
pub use release::{Begin, Bounds, Count, Mechanism, PlannedBatch, Release, ReleasePlan, Stage, TimeNs};
pub use verification::{Answer, PlannedVerification, Question, Said, Tally, Verifying};

use crate::object::{Bundle, Object};

/// Everything that happens when one cell is applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The application.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// The tenant, where there is one.
    pub tenant: Option<String>,
    /// The cluster's name.
    pub cluster: String,
    /// The kubeconfig context that reaches it, if the platform names one.
    pub context: Option<String>,
    /// The cell's namespace.
    pub namespace: String,
    /// What is applied; a plan is complete in itself, so that a driver needs nothing beside it.
    pub bundle: Bundle,
    /// Indices into the bundle of the cell's own objects, applied before anything else.
    pub foundation: Vec<usize>,
    /// The components, each after those it depends on.
    pub releases: Vec<ReleasePlan>,
    /// When nothing is released in the cell's environment.
    pub freezes: Vec<PlannedFreeze>,
}

impl Plan {
    /// What of it is one component's: enough to release that again.
    #[must_use]
    pub fn only(&self, component: &str) -> Self {
        let own = |object: &&Object| object.component.as_deref() == Some(component);
        let objects = self.bundle.objects.iter().filter(own).cloned().collect();
        let releases = self.releases.iter().filter(|release| release.component == component).cloned();
        Self {
            bundle: Bundle { objects, ..self.bundle.clone() },
            foundation: Vec::new(),
            releases: releases.collect(),
            freezes: Vec::new(),
            ..self.clone()
        }
    }
}
