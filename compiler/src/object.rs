//! What Kubernetes is told: typed objects, and how they are written down.

pub use crate::lower::alertmanager_config::AlertmanagerConfig;
pub use crate::lower::cluster_aliyun_pipeline_config::ClusterAliyunPipelineConfig;
pub use crate::lower::cron_horizontal_pod_autoscaler::CronHorizontalPodAutoscaler;
pub use crate::lower::http_route::HTTPRoute;
pub use crate::lower::prometheus_rule::PrometheusRule;
pub use crate::lower::resource_policy::ResourcePolicy;
use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, StatefulSet};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::batch::v1::CronJob;
use k8s_openapi::api::core::v1::{
    ConfigMap, LimitRange, Namespace, PersistentVolumeClaim, PodSpec, ResourceQuota, Service, ServiceAccount,
};
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{ClusterRoleBinding, Role, RoleBinding};
use serde::{Deserialize, Serialize, Serializer};

/// Names one object in a cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectKey {
    /// Such as `apps/v1`.
    pub api_version: String,
    /// Such as `Deployment`.
    pub kind: String,
    /// Absent for cluster-wide kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The name in the cluster, with its revision or content hash.
    pub name: String,
}

impl std::fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

/// One object with the name people know it by.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// What the API server is told.
    pub manifest: Manifest,
    /// The name without revision or hash: golden files carry it, so that a diff shows the change.
    pub logical_name: String,
    /// The component it belongs to; `None` for the cell's own objects.
    pub component: Option<String>,
    /// Whether it is applied only once the component's release is done: it acts on the revision that serves, and
    /// must not act on one that does not.
    pub after_release: bool,
}

/// The enum of kinds, what each is called, and how it is serialised; a kind is one line.
macro_rules! manifests {
    ($($(#[$docs:meta])* $kind:ident),+ $(,)?) => {
        /// A typed object of a kind that specc knows.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Manifest {
            $($(#[$docs])* $kind(Box<$kind>),)+
        }

        impl Manifest {
            /// The kind, such as `Deployment`.
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Manifest::$kind(_) => stringify!($kind),)+
                }
            }

            /// The object as JSON with `apiVersion` and `kind`, keys in a fixed order.
            pub fn value(&self) -> serde_json::Value {
                serde_json::to_value(self).expect("typed objects serialise")
            }

            /// An object out of its JSON; what specc does not know of the kind is lost.
            pub fn read(value: &serde_json::Value) -> serde_json::Result<Self> {
                match value["kind"].as_str().unwrap_or_default() {
                    $(stringify!($kind) => serde_json::from_value(value.clone()).map(Manifest::$kind),)+
                    other => Err(serde::de::Error::custom(format!("specc makes no objects of kind `{other}`"))),
                }
            }

            /// The same object read back from its JSON; what specc does not know of the kind is lost.
            pub fn read_back(&self) -> serde_json::Result<Self> {
                let value = self.value();
                match self {
                    $(Manifest::$kind(_) => serde_json::from_value(value).map(Manifest::$kind),)+
                }
            }
        }

        impl Serialize for Manifest {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Manifest::$kind(object) => object.serialize(serializer),)+
                }
            }
        }

        $(impl From<$kind> for Manifest {
            fn from(object: $kind) -> Self {
                Manifest::$kind(Box::new(object))
            }
        })+
    };
}

manifests! {
    /// The cell's namespace.
    Namespace,
    /// Configuration files, immutable and named by content.
    ConfigMap,
    /// A share that all pods of a component use.
    PersistentVolumeClaim,
    /// The stable address of a component.
    Service,
    /// One revision of a stateless component.
    Deployment,
    /// A stateful component.
    StatefulSet,
    /// A daemon.
    DaemonSet,
    /// Scales one revision.
    HorizontalPodAutoscaler,
    /// How many pods may be evicted at a time.
    PodDisruptionBudget,
    /// Which nodes come first, on ACK.
    ResourcePolicy,
    /// What containers get that say nothing.
    LimitRange,
    /// What a namespace may request.
    ResourceQuota,
    /// Who may talk to pods.
    NetworkPolicy,
    /// Requests through ALB.
    Ingress,
    /// Requests through a gateway.
    HTTPRoute,
    /// Scales by the clock, with cronhpa.
    CronHorizontalPodAutoscaler,
    /// Scales by the clock, without it.
    CronJob,
    /// What a CronJob runs as.
    ServiceAccount,
    /// What it may do.
    Role,
    /// That it may.
    RoleBinding,
    /// When somebody is told.
    PrometheusRule,
    /// Who is told of which alerts.
    AlertmanagerConfig,
    /// Which lines are collected, on ACK.
    ClusterAliyunPipelineConfig,
    /// What an account may do in the whole cluster.
    ClusterRoleBinding,
}

impl Object {
    /// An object of the cell as a whole.
    pub fn of_cell(manifest: impl Into<Manifest>, logical_name: &str) -> Self {
        Self {
            manifest: manifest.into(),
            logical_name: logical_name.to_owned(),
            component: None,
            after_release: false,
        }
    }

    /// An object of one component.
    pub fn of_component(manifest: impl Into<Manifest>, logical_name: &str, component: &str) -> Self {
        let component = Some(component.to_owned());
        Self {
            manifest: manifest.into(),
            logical_name: logical_name.to_owned(),
            component,
            after_release: false,
        }
    }

    /// The same, applied once the component's release is done.
    #[must_use]
    pub fn after_release(self) -> Self {
        Self { after_release: true, ..self }
    }

    /// Names the object in its cluster.
    pub fn key(&self) -> ObjectKey {
        let value = self.value();
        let text = |pointer: &str| value.pointer(pointer).and_then(|v| v.as_str()).map(str::to_owned);
        ObjectKey {
            api_version: text("/apiVersion").expect("every typed object has an apiVersion"),
            kind: text("/kind").expect("every typed object has a kind"),
            namespace: text("/metadata/namespace"),
            name: text("/metadata/name").expect("every lowered object has a name"),
        }
    }

    /// The kind, such as `Deployment`.
    pub fn kind(&self) -> &'static str {
        self.manifest.kind()
    }

    /// The object as JSON with `apiVersion` and `kind`, keys in a fixed order.
    pub fn value(&self) -> serde_json::Value {
        self.manifest.value()
    }

    /// The spec of the pods that it makes, if it makes any.
    pub fn pod_spec(&self) -> Option<PodSpec> {
        let value = self.value();
        let paths = ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec"];
        let spec =
            paths.iter().find_map(|path| value.pointer(path)).filter(|spec| spec["containers"].is_array())?;
        serde_json::from_value(spec.clone()).ok()
    }

    /// The object as YAML whose strings no YAML 1.1 reader retypes.
    pub fn yaml(&self) -> String {
        serde_saphyr::to_string(&self.manifest).expect("typed objects serialise as YAML")
    }

    /// The file that holds it: `Deployment.api.yaml`.
    pub fn file_name(&self) -> String {
        format!("{}.{}.yaml", self.kind(), self.logical_name)
    }
}

/// Everything one cell is told, in the order in which it is applied.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bundle {
    /// The cell's namespace.
    pub namespace: String,
    /// Namespace first, then component by component in dependency order.
    pub objects: Vec<Object>,
}

impl Bundle {
    /// All objects as one YAML stream.
    pub fn yaml(&self) -> String {
        let documents: Vec<String> = self.objects.iter().map(Object::yaml).collect();
        documents.join("---\n")
    }
}
