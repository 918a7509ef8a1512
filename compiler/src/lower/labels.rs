//! What objects are called and labelled, so that Services, policies and people find them.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use sha2::{Digest, Sha256};

use crate::app::{Cell, Component};

/// The label that says who made an object.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The value of [`MANAGED_BY`], and the field manager of every apply.
pub const MANAGER: &str = "specc";
/// The label with the application's name.
pub const APP: &str = "specc.io/app";
/// The label with the component's name; a Service selects by it.
pub const COMPONENT: &str = "specc.io/component";
/// The label with the environment's name.
pub const ENVIRONMENT: &str = "specc.io/environment";
/// The label with the tenant's name.
pub const TENANT: &str = "specc.io/tenant";
/// The label with the revision; a Deployment selects by it.
pub const REVISION: &str = "specc.io/revision";

/// The labels of a cell's own objects.
pub fn of_cell(cell: &Cell) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::from([
        (MANAGED_BY.to_owned(), MANAGER.to_owned()),
        (APP.to_owned(), cell.app.clone()),
        (ENVIRONMENT.to_owned(), cell.environment.clone()),
    ]);
    labels.extend(cell.tenant.iter().map(|tenant| (TENANT.to_owned(), tenant.clone())));
    labels
}

/// The labels of a component's objects.
pub fn of_component(cell: &Cell, component: &Component) -> BTreeMap<String, String> {
    let mut labels = of_cell(cell);
    labels.insert(COMPONENT.to_owned(), component.name.value.clone());
    labels
}

/// Name, namespace and labels of a component's object.
pub fn metadata(cell: &Cell, component: &Component, name: String) -> ObjectMeta {
    ObjectMeta {
        name: Some(name),
        namespace: Some(cell.namespace.clone()),
        labels: Some(of_component(cell, component)),
        ..ObjectMeta::default()
    }
}

/// Name, namespace and labels of an object of the cell as a whole.
pub fn cell_metadata(cell: &Cell, name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(cell.namespace.clone()),
        labels: Some(of_cell(cell)),
        ..ObjectMeta::default()
    }
}

/// Selects every pod of a component, whatever its revision. The namespace is the cell's alone.
pub fn selector(component: &Component) -> BTreeMap<String, String> {
    BTreeMap::from([(COMPONENT.to_owned(), component.name.value.clone())])
}

/// [`selector`] in the form that Deployments and budgets take.
pub fn label_selector(labels: BTreeMap<String, String>) -> LabelSelector {
    LabelSelector { match_labels: Some(labels), ..LabelSelector::default() }
}

/// The first ten characters of the SHA-256 of some bytes in lower-case base32, which is valid in a name:
/// 50 bits, so that a million revisions of one component collide with a probability below one in a thousand.
pub fn content_hash(bytes: &[u8]) -> String {
    let mut hash = data_encoding::BASE32_NOPAD.encode(&Sha256::digest(bytes)).to_ascii_lowercase();
    hash.truncate(10);
    hash
}
