//! ClusterAliyunPipelineConfig: on ACK, which lines are collected and where they are kept.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};

use super::{Kind, labels};
use crate::app::{Cell, Cluster, Component, LogSource, LogStore};
use crate::object::Object;

/// `ClusterAliyunPipelineConfig`
pub static KIND: Kind = Kind {
    name: "ClusterAliyunPipelineConfig",
    docs: "On ACK, tells the log collector which lines of a component to keep and where. It is an object of the whole \
           cluster, so its name begins with the cell's namespace and ends with a hash of all that it is for: of two that \
           are called alike the collector silently leaves one out.",
    ready: "it exists",
};

/// One object for each source of lines.
pub fn lower(cluster: &Cluster, cell: &Cell, component: &Component) -> Vec<Object> {
    let Some(store) = &cluster.logs else { return Vec::new() };
    let one = |(index, logs): (usize, &crate::app::Logs)| {
        let component_name = &component.name.value;
        let logical_name = format!("{component_name}-{}", index + 1);
        let metadata = ObjectMeta {
            name: Some(name(cell, component, &logs.source.value)),
            labels: Some(labels::of_component(cell, component)),
            ..ObjectMeta::default()
        };
        let config = config(store, metadata, input(cell, component, &logs.source.value));
        Object::of_component(config, &logical_name, component_name)
    };
    component.logs.iter().enumerate().map(one).collect()
}

/// At most 115 characters, of the 128 that the log service takes: dashes alone would let `a-b` of `c` and `b` of
/// `c-a` be one.
fn name(cell: &Cell, component: &Component, source: &LogSource) -> String {
    let path = match source {
        LogSource::Stdout => "",
        LogSource::File(path) => path,
    };
    let (namespace, component) = (&cell.namespace, &component.name.value);
    let hash = labels::content_hash(format!("{namespace}/{component}:{path}").as_bytes());
    format!("{namespace}-{component}-{hash}")
}

fn input(cell: &Cell, component: &Component, source: &LogSource) -> Input {
    let container_filters = ContainerFilters {
        namespace: format!("^({})$", cell.namespace),
        container: format!("^({})$", component.name.value),
    };
    match source {
        LogSource::Stdout => Input {
            type_: "input_container_stdio".to_owned(),
            file_paths: None,
            enable_container_discovery: None,
            container_filters,
        },
        LogSource::File(path) => Input {
            type_: "input_file".to_owned(),
            file_paths: Some(vec![path.clone()]),
            enable_container_discovery: Some(true),
            container_filters,
        },
    }
}

fn config(store: &LogStore, metadata: ObjectMeta, input: Input) -> ClusterAliyunPipelineConfig {
    let flusher = Flusher {
        type_: "flusher_sls".to_owned(),
        logstore: store.logstore.clone(),
        endpoint: store.endpoint.clone(),
        region: store.region.clone(),
    };
    ClusterAliyunPipelineConfig {
        api_version: "telemetry.alibabacloud.com/v1alpha1".to_owned(),
        kind: KIND.name.to_owned(),
        metadata,
        spec: PipelineSpec {
            project: Named { name: store.project.clone() },
            logstores: vec![Named { name: store.logstore.clone() }],
            config: PipelineConfig { inputs: vec![input], flushers: vec![flusher] },
        },
    }
}

/// `telemetry.alibabacloud.com/v1alpha1`, as far as specc uses it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterAliyunPipelineConfig {
    /// Always `telemetry.alibabacloud.com/v1alpha1`.
    pub api_version: String,
    /// Always `ClusterAliyunPipelineConfig`.
    pub kind: String,
    /// Its name, unique in the cluster.
    pub metadata: ObjectMeta,
    /// What is collected, and where it is kept.
    pub spec: PipelineSpec,
}

/// What is collected, and where it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PipelineSpec {
    /// The project, which cannot be changed.
    pub project: Named,
    /// Logstores that are made if they are not there.
    pub logstores: Vec<Named>,
    /// From where to where.
    pub config: PipelineConfig,
}

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The name.
    pub name: String,
}

/// From where to where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PipelineConfig {
    /// Where lines come from.
    pub inputs: Vec<Input>,
    /// Where they go.
    pub flushers: Vec<Flusher>,
}

/// Where lines come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Input {
    /// `input_container_stdio` or `input_file`.
    #[serde(rename = "Type")]
    pub type_: String,
    /// The files in the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_paths: Option<Vec<String>>,
    /// Looks into containers and not at the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_container_discovery: Option<bool>,
    /// Which containers.
    pub container_filters: ContainerFilters,
}

/// Which containers, by regular expressions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerFilters {
    /// Of the namespace.
    #[serde(rename = "K8sNamespaceRegex")]
    pub namespace: String,
    /// Of the container.
    #[serde(rename = "K8sContainerRegex")]
    pub container: String,
}

/// Where lines go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Flusher {
    /// Always `flusher_sls`.
    #[serde(rename = "Type")]
    pub type_: String,
    /// The logstore.
    pub logstore: String,
    /// The host that takes the lines.
    pub endpoint: String,
    /// The region.
    pub region: String,
}
