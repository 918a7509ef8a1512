//! LimitRange: what a container gets that says nothing about itself.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{LimitRange, LimitRangeItem, LimitRangeSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::{Kind, labels};
use crate::app::{Cell, Isolation};
use crate::object::Object;

/// `LimitRange`
pub static KIND: Kind = Kind {
    name: "LimitRange",
    docs: "Under strict isolation and under a quota: a container that says nothing about itself requests 100m and \
           256Mi and is limited to 256Mi, so that the quota does not refuse it and it cannot fill a node. CPU gets no \
           limit, as in the components themselves.",
    ready: "it exists",
};

const CPU: &str = "100m";
const MEMORY: &str = "256Mi";

/// The cell's defaults.
pub fn lower(cell: &Cell) -> Option<Object> {
    if cell.isolation.value != Isolation::Strict && cell.quota.is_none() {
        return None;
    }
    let cpu = || ("cpu".to_owned(), Quantity(CPU.to_owned()));
    let memory = || ("memory".to_owned(), Quantity(MEMORY.to_owned()));
    let item = LimitRangeItem {
        type_: "Container".to_owned(),
        default: Some(BTreeMap::from([memory()])),
        default_request: Some(BTreeMap::from([cpu(), memory()])),
        ..LimitRangeItem::default()
    };
    let spec = LimitRangeSpec { limits: vec![item] };
    let metadata = labels::cell_metadata(cell, "defaults");
    Some(Object::of_cell(LimitRange { metadata, spec: Some(spec) }, "defaults"))
}
