//! What makes pods of a template: a Deployment, a `StatefulSet` or a `DaemonSet`, read alike.

use compiler::lower::COMPONENT;
use compiler::object::Manifest;
use k8s_openapi::api::apps::v1::{DaemonSetSpec, DeploymentSpec, StatefulSetSpec};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

/// A workload as it is written. The disks of a `StatefulSet`'s members are not simulated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Controller<'a> {
    /// Its name and labels.
    pub metadata: &'a ObjectMeta,
    /// What its pods look like.
    pub template: &'a PodTemplateSpec,
    /// The rest of its spec.
    pub kind: Kind<'a>,
}

/// The spec of a workload.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind<'a> {
    /// So many pods, replaced some at a time.
    Deployment(&'a DeploymentSpec),
    /// Members with a number each.
    StatefulSet(&'a StatefulSetSpec),
    /// One pod a node.
    DaemonSet(&'a DaemonSetSpec),
}

impl<'a> Controller<'a> {
    /// The workload that a manifest is, if it is one.
    pub fn of(manifest: &'a Manifest) -> Option<Self> {
        let (metadata, template, kind) = if let Manifest::Deployment(deployment) = manifest {
            let spec = deployment.spec.as_ref()?;
            (&deployment.metadata, &spec.template, Kind::Deployment(spec))
        } else if let Manifest::StatefulSet(set) = manifest {
            let spec = set.spec.as_ref()?;
            (&set.metadata, &spec.template, Kind::StatefulSet(spec))
        } else if let Manifest::DaemonSet(set) = manifest {
            let spec = set.spec.as_ref()?;
            (&set.metadata, &spec.template, Kind::DaemonSet(spec))
        } else {
            return None;
        };
        Some(Self { metadata, template, kind })
    }

    /// Which pods are its own; a `DaemonSet`'s selector says nothing to the scheduler.
    pub fn selector(&self) -> Option<&'a LabelSelector> {
        match self.kind {
            Kind::Deployment(spec) => Some(&spec.selector),
            Kind::StatefulSet(spec) => Some(&spec.selector),
            Kind::DaemonSet(_) => None,
        }
    }

    /// `spec.replicas`.
    pub fn replicas(&self) -> Option<i32> {
        match self.kind {
            Kind::Deployment(spec) => spec.replicas,
            Kind::StatefulSet(spec) => spec.replicas,
            Kind::DaemonSet(_) => None,
        }
    }

    /// Its component: its label, or its own name in manifests that specc did not write.
    pub fn component(&self) -> String {
        self.label(COMPONENT).unwrap_or_else(|| self.metadata.name.clone().unwrap_or_default())
    }

    /// A label of its own, or of its pods.
    pub fn label(&self, key: &str) -> Option<String> {
        let own = self.metadata.labels.as_ref().and_then(|labels| labels.get(key));
        let pods = self.template.metadata.as_ref().and_then(|metadata| metadata.labels.as_ref());
        own.or_else(|| pods?.get(key)).cloned()
    }
}
