//! Namespace: one a cell.

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{Kind, labels};
use crate::app::{Cell, PodSecurity};
use crate::object::Object;

/// The label whose value is the level that the API server enforces.
const POD_SECURITY: &str = "pod-security.kubernetes.io/enforce";

/// `Namespace`
pub static KIND: Kind = Kind {
    name: "Namespace",
    docs: "Holds everything of one application × environment × tenant, and nothing else; says which Pod Security level \
           the API server enforces in it.",
    ready: "it exists",
};

/// The cell's namespace.
pub fn lower(cell: &Cell) -> Object {
    let mut labels = labels::of_cell(cell);
    // What enforces nothing is what a namespace without the label does.
    if cell.pod_security.value != PodSecurity::Privileged {
        labels.insert(POD_SECURITY.to_owned(), cell.pod_security.value.name().to_owned());
    }
    let metadata =
        ObjectMeta { name: Some(cell.namespace.clone()), labels: Some(labels), ..ObjectMeta::default() };
    let namespace = Namespace { metadata, ..Namespace::default() };
    Object::of_cell(namespace, &cell.app)
}
