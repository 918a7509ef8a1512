//! Namespace: one a cell.

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{Kind, labels};
use crate::app::Cell;
use crate::object::Object;

/// `Namespace`
pub static KIND: Kind = Kind {
    name: "Namespace",
    docs: "Holds everything of one application × environment × tenant, and nothing else.",
    ready: "it exists",
};

/// The cell's namespace.
pub fn lower(cell: &Cell) -> Object {
    let metadata = ObjectMeta {
        name: Some(cell.namespace.clone()),
        labels: Some(labels::of_cell(cell)),
        ..ObjectMeta::default()
    };
    let namespace = Namespace { metadata, ..Namespace::default() };
    Object::of_cell(namespace, &cell.app)
}
