//! ServiceAccount: who the jobs are that scale by the clock.

use k8s_openapi::api::core::v1::ServiceAccount;

use super::{Kind, labels};
use crate::app::{Cell, Component};
use crate::object::Object;

/// `ServiceAccount`
pub static KIND: Kind = Kind {
    name: "ServiceAccount",
    docs: "What jobs that scale a component by the clock run as: it may change that one autoscaler, and nothing else.",
    ready: "it exists",
};

/// The name of account, role and binding.
pub fn name(component: &Component) -> String {
    format!("{}-cron", component.name.value)
}

/// The account of a component's jobs.
pub fn lower(cell: &Cell, component: &Component) -> Object {
    let name = name(component);
    let metadata = labels::metadata(cell, component, name.clone());
    let account = ServiceAccount { metadata, ..ServiceAccount::default() };
    Object::of_component(account, &name, &component.name.value).after_release()
}
