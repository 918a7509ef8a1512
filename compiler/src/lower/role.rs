//! Role: what the jobs may do that scale by the clock.

use k8s_openapi::api::rbac::v1::{PolicyRule, Role};

use super::{Kind, labels, service_account};
use crate::app::{Cell, Component};
use crate::object::Object;

/// `Role`
pub static KIND: Kind = Kind {
    name: "Role",
    docs: "Lets jobs that scale a component by the clock read and patch the autoscaler of the revision that serves, \
           by name.",
    ready: "it exists",
};

/// The rights of a component's jobs.
pub fn lower(cell: &Cell, component: &Component, revision: &str) -> Object {
    let name = service_account::name(component);
    let patches = PolicyRule {
        api_groups: Some(vec!["autoscaling".to_owned()]),
        resources: Some(vec!["horizontalpodautoscalers".to_owned()]),
        resource_names: Some(vec![format!("{}-{revision}", component.name.value)]),
        // kubectl reads an object before it patches it.
        verbs: vec!["get".to_owned(), "patch".to_owned()],
        ..PolicyRule::default()
    };
    let role = Role { metadata: labels::metadata(cell, component, name.clone()), rules: Some(vec![patches]) };
    Object::of_component(role, &name, &component.name.value).after_release()
}
