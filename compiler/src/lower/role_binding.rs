//! RoleBinding: gives the jobs that scale by the clock their rights.

use k8s_openapi::api::rbac::v1::{RoleBinding, RoleRef, Subject};

use super::{Kind, labels, service_account};
use crate::app::{Cell, Component};
use crate::object::Object;

/// `RoleBinding`
pub static KIND: Kind = Kind {
    name: "RoleBinding",
    docs: "Gives the jobs that scale a component by the clock their role.",
    ready: "it exists",
};

/// The binding of a component's jobs.
pub fn lower(cell: &Cell, component: &Component) -> Object {
    let name = service_account::name(component);
    let binding = RoleBinding {
        metadata: labels::metadata(cell, component, name.clone()),
        role_ref: RoleRef {
            api_group: Some("rbac.authorization.k8s.io".to_owned()),
            kind: "Role".to_owned(),
            name: name.clone(),
        },
        subjects: Some(vec![Subject {
            kind: "ServiceAccount".to_owned(),
            name: name.clone(),
            namespace: Some(cell.namespace.clone()),
            ..Subject::default()
        }]),
    };
    Object::of_component(binding, &name, &component.name.value).after_release()
}
