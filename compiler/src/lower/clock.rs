//! What scales a component by the clock: cronhpa where it is installed, else jobs.

use super::{cron_horizontal_pod_autoscaler, cron_job, role, role_binding, service_account};
use crate::app::{Addon, Cell, Cluster, Component, Platform, Scale};
use crate::object::Object;

/// The objects that open and close the windows of a component, over the autoscaler of one revision.
pub fn lower(
    platform: &Platform,
    cluster: &Cluster,
    cell: &Cell,
    component: &Component,
    revision: &str,
) -> Vec<Object> {
    let Scale::Auto(auto) = &component.scale else { return Vec::new() };
    if auto.crons.is_empty() {
        return Vec::new();
    }
    if cluster.installed(Addon::Cronhpa).is_some() {
        return vec![cron_horizontal_pod_autoscaler::lower(cell, component, auto, revision)];
    }
    let image = &platform.kubectl.as_ref().expect("check has asked for an image with kubectl").value;
    let mut objects = vec![
        service_account::lower(cell, component),
        role::lower(cell, component, revision),
        role_binding::lower(cell, component),
    ];
    for cron in &auto.crons {
        objects.extend(cron_job::lower(cell, component, (auto, cron), revision, image));
    }
    objects
}
