//! ConfigMap: one a configuration file, immutable and named by its content.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;

use super::{Kind, labels};
use crate::app::{Cell, Component, Config};
use crate::object::Object;

/// `ConfigMap`
pub static KIND: Kind = Kind {
    name: "ConfigMap",
    docs: "Holds one configuration file. Its name carries a hash of the content and it is immutable: a change is a \
           new object and so a new revision, and going back finds the old file unchanged.",
    ready: "it exists",
};

/// The ConfigMaps of a component, in the order written.
pub fn lower(cell: &Cell, component: &Component) -> Vec<Object> {
    let mut objects: Vec<Object> = Vec::new();
    for config in component.configs() {
        let name = logical_name(component, config);
        // `a_b` and `a.b` are two files and one Kubernetes name.
        let alike = objects.iter().filter(|object| object.logical_name.starts_with(&name)).count();
        let name = if alike == 0 { name } else { format!("{name}-{}", alike + 1) };
        objects.push(config_map(cell, component, config, &name));
    }
    objects
}

/// The component and the file, in the letters that Kubernetes takes.
fn logical_name(component: &Component, config: &Config) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let slug: String = config.name.value.chars().map(plain).collect();
    format!("{}-{}", component.name.value, slug.trim_matches('-'))
}

fn config_map(cell: &Cell, component: &Component, config: &Config, logical_name: &str) -> Object {
    let hash = labels::content_hash(format!("{}\n{}", config.name.value, config.content).as_bytes());
    let config_map = ConfigMap {
        metadata: labels::metadata(cell, component, format!("{logical_name}-{hash}")),
        data: Some(BTreeMap::from([(config.name.value.clone(), config.content.clone())])),
        immutable: Some(true),
        ..ConfigMap::default()
    };
    Object::of_component(config_map, logical_name, &component.name.value)
}
