//! What makes pods of a template: a Deployment, a `StatefulSet` or a `DaemonSet`, read alike.

use compiler::lower::COMPONENT;
use compiler::object::Manifest;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

/// A workload as far as its pods are concerned. Members of a `StatefulSet` are made and placed like other pods: their
/// order and their disks are not simulated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Controller<'a> {
    /// Its name and labels.
    pub metadata: &'a ObjectMeta,
    /// What its pods look like.
    pub template: &'a PodTemplateSpec,
    /// `spec.replicas`.
    pub replicas: Option<i32>,
    /// `spec.minReadySeconds`.
    pub min_ready_seconds: Option<i32>,
    /// Which pods are its own; a `DaemonSet`'s selector says nothing to the scheduler.
    pub selector: Option<&'a LabelSelector>,
    /// Whether each template has pods of its own, told apart by a label.
    pub replaces_pods: bool,
    /// One pod a node, whatever the count.
    pub by_node: bool,
}

impl<'a> Controller<'a> {
    /// The workload that a manifest is, if it is one.
    pub fn of(manifest: &'a Manifest) -> Option<Self> {
        if let Manifest::Deployment(deployment) = manifest {
            let (metadata, spec) = (&deployment.metadata, deployment.spec.as_ref()?);
            return Some(Self {
                metadata,
                template: &spec.template,
                replicas: spec.replicas,
                min_ready_seconds: spec.min_ready_seconds,
                selector: Some(&spec.selector),
                replaces_pods: true,
                by_node: false,
            });
        }
        if let Manifest::StatefulSet(set) = manifest {
            let (metadata, spec) = (&set.metadata, set.spec.as_ref()?);
            return Some(Self {
                metadata,
                template: &spec.template,
                replicas: spec.replicas,
                min_ready_seconds: spec.min_ready_seconds,
                selector: Some(&spec.selector),
                replaces_pods: false,
                by_node: false,
            });
        }
        let Manifest::DaemonSet(set) = manifest else { return None };
        let (metadata, spec) = (&set.metadata, set.spec.as_ref()?);
        Some(Self {
            metadata,
            template: &spec.template,
            replicas: None,
            min_ready_seconds: spec.min_ready_seconds,
            selector: None,
            replaces_pods: false,
            by_node: true,
        })
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
