//! PodDisruptionBudget: how many pods of a component may be evicted at a time.

use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Kind, labels};
use crate::app::{BatchSize, Cell, Component, Disruption};
use crate::object::Object;
use crate::resolve::defaults;

/// `PodDisruptionBudget`
pub static KIND: Kind = Kind {
    name: "PodDisruptionBudget",
    docs: "Lets node drains evict so many of a component's pods at a time, over all revisions: a tenth unless told. \
           The share rounds up, so that a component of one pod does not block a drain for ever.",
    ready: "it exists",
};

/// The component's budget.
pub fn lower(cell: &Cell, component: &Component) -> Object {
    let silent = Disruption::MaxUnavailable(BatchSize::Percent(defaults::MAX_UNAVAILABLE_PERCENT));
    let (max_unavailable, min_available) = match component.disruption.unwrap_or(silent) {
        Disruption::MaxUnavailable(most) => (Some(most), None),
        Disruption::MinAvailable(least) => (None, Some(least.value)),
    };
    let spec = PodDisruptionBudgetSpec {
        max_unavailable: max_unavailable.map(size),
        min_available: min_available.map(size),
        selector: Some(labels::label_selector(labels::selector(component))),
        // A pod that never became ready must not keep a node from being drained.
        unhealthy_pod_eviction_policy: Some("AlwaysAllow".to_owned()),
    };
    let metadata = labels::metadata(cell, component, component.name.value.clone());
    let budget = PodDisruptionBudget { metadata, spec: Some(spec), ..PodDisruptionBudget::default() };
    Object::of_component(budget, &component.name.value, &component.name.value)
}

fn size(size: BatchSize) -> IntOrString {
    match size {
        BatchSize::Count(count) => IntOrString::Int(count as i32),
        BatchSize::Percent(percent) => IntOrString::String(format!("{percent}%")),
    }
}
