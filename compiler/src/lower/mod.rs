//! Checked → Bundle: one file a Kubernetes kind; cannot fail.

pub mod alertmanager_config;
mod clock;
pub mod cluster_aliyun_pipeline_config;
mod config_map;
mod container;
pub mod cron_horizontal_pod_autoscaler;
mod cron_job;
mod daemon_set;
mod deployment;
pub mod dns;
pub mod events;
mod horizontal_pod_autoscaler;
pub mod http_route;
pub mod immutable;
mod ingress;
mod labels;
mod limit_range;
mod namespace;
mod network_policy;
mod persistent_volume_claim;
mod placement;
pub mod platform;
mod pod;
mod pod_disruption_budget;
pub mod prometheus_rule;
pub mod resource_policy;
mod resource_quota;
mod role;
mod role_binding;
mod service;
mod service_account;
pub mod since;
mod spread;
mod stateful_set;
mod volume;

pub use labels::{APP, COMPONENT, ENVIRONMENT, MANAGED_BY, MANAGER, REVISION, TENANT};
pub use placement::{VIRTUAL_NODE_LABEL, VIRTUAL_NODE_TAINT, needed_node};

use crate::app::{Cell, Component, ComponentKind};
use crate::check::Checked;
use crate::object::{Bundle, Manifest, Object};
use crate::plan::in_order;

/// One kind of object that specc makes.
#[derive(Debug)]
pub struct Kind {
    /// As Kubernetes calls it.
    pub name: &'static str,
    /// What specc uses it for.
    pub docs: &'static str,
    /// When the rollout goes on after it.
    pub ready: &'static str,
}

/// Every kind, in the order in which a component's objects are applied.
pub static KINDS: &[&Kind] = &[
    &namespace::KIND,
    &limit_range::KIND,
    &resource_quota::KIND,
    &network_policy::KIND,
    &config_map::KIND,
    &persistent_volume_claim::KIND,
    &service::KIND,
    &ingress::KIND,
    &http_route::KIND,
    &pod_disruption_budget::KIND,
    &resource_policy::KIND,
    &prometheus_rule::KIND,
    &alertmanager_config::KIND,
    &cluster_aliyun_pipeline_config::KIND,
    &deployment::KIND,
    &stateful_set::KIND,
    &daemon_set::KIND,
    &horizontal_pod_autoscaler::KIND,
    &service_account::KIND,
    &role::KIND,
    &role_binding::KIND,
    &cron_job::KIND,
    &cron_horizontal_pod_autoscaler::KIND,
];

/// The objects of one cell: its namespace and what guards it, then its components, each after those it depends on.
pub fn lower(checked: &Checked, cell: &Cell) -> Bundle {
    let mut objects = vec![namespace::lower(cell)];
    let (platform, cluster) = (checked.platform(), checked.cluster(cell));
    objects.extend(prometheus_rule::of_cell(platform, cluster, cell));
    objects.extend(alertmanager_config::lower(platform, cluster, cell));
    objects.extend(limit_range::lower(cell));
    objects.extend(resource_quota::lower(cell));
    objects.extend(network_policy::of_cell(cluster, cell));
    for component in in_order(&cell.components) {
        objects.extend(component_objects(checked, cell, component));
    }
    Bundle { namespace: cell.namespace.clone(), objects }
}

fn component_objects(checked: &Checked, cell: &Cell, component: &Component) -> Vec<Object> {
    let cluster = checked.cluster(cell);
    let configs = config_map::lower(cell, component);
    let workload = match component.kind.value {
        ComponentKind::Stateless => deployment::lower(cluster, cell, component, &configs),
        ComponentKind::Stateful => stateful_set::lower(cluster, cell, component, &configs),
        ComponentKind::Daemon => daemon_set::lower(cluster, cell, component, &configs),
    };
    let revision = revision(&workload).expect("every workload carries its revision").to_owned();
    let autoscaler = horizontal_pod_autoscaler::lower(cell, component, &revision);
    let mut objects = configs;
    objects.extend(network_policy::of_component(cell, component));
    objects.extend(persistent_volume_claim::lower(cell, component));
    objects.extend(service::headless(cell, component));
    objects.extend(dns::config(cluster, cell, component));
    objects.extend(service::lower(cluster, cell, component));
    objects.extend(ingress::lower(cluster, cell, component));
    objects.extend(http_route::lower(cluster, cell, component));
    // A drain leaves daemons where they are, and a budget could not count them.
    if component.kind.value != ComponentKind::Daemon {
        objects.push(pod_disruption_budget::lower(cell, component));
    }
    objects.extend(resource_policy::lower(cluster, cell, component));
    objects.push(workload);
    objects.extend(prometheus_rule::lower(cluster, cell, component));
    objects.extend(cluster_aliyun_pipeline_config::lower(cluster, cell, component));
    objects.extend(autoscaler);
    objects.extend(clock::lower(checked.platform(), cluster, cell, component, &revision));
    objects
}

/// The revision that a component's objects carry.
pub fn revision_of(objects: &[&Object]) -> String {
    let found = objects.iter().find_map(|object| revision(object));
    found.expect("every component lowers to a workload with its revision").to_owned()
}

/// The revision of a workload; `None` for other kinds of object.
fn revision(object: &Object) -> Option<&str> {
    let metadata = if let Manifest::Deployment(deployment) = &object.manifest {
        &deployment.metadata
    } else if let Manifest::StatefulSet(set) = &object.manifest {
        &set.metadata
    } else if let Manifest::DaemonSet(set) = &object.manifest {
        &set.metadata
    } else {
        return None;
    };
    metadata.labels.as_ref()?.get(REVISION).map(String::as_str)
}
