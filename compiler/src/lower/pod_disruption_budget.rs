//! PodDisruptionBudget: how many pods of a component may be evicted at a time.

use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Kind, labels};
use crate::app::{Cell, Component};
use crate::object::Object;

/// `PodDisruptionBudget`
pub static KIND: Kind = Kind {
    name: "PodDisruptionBudget",
    docs: "Lets node drains evict a tenth of a component's pods at a time, over all revisions. The share rounds up, \
           so that a component of one pod does not block a drain for ever.",
    ready: "it exists",
};

/// The component's budget.
pub fn lower(cell: &Cell, component: &Component) -> Object {
    let spec = PodDisruptionBudgetSpec {
        max_unavailable: Some(IntOrString::String("10%".to_owned())),
        selector: Some(labels::label_selector(labels::selector(component))),
        // A pod that never became ready must not keep a node from being drained.
        unhealthy_pod_eviction_policy: Some("AlwaysAllow".to_owned()),
        ..PodDisruptionBudgetSpec::default()
    };
    let metadata = labels::metadata(cell, component, component.name.value.clone());
    let budget = PodDisruptionBudget { metadata, spec: Some(spec), ..PodDisruptionBudget::default() };
    Object::of_component(budget, &component.name.value, &component.name.value)
}
