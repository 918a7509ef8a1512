//! One small application of one test, and what the cluster says of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use kube::api::{
    Api, ApiResource, DeleteParams, DynamicObject, GroupVersionKind, ListParams, Patch, PatchParams,
    PostParams,
};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::place::Place;
use crate::process::{Run, command, folder};

/// An application in a namespace of its own, which goes with it.
pub struct App {
    /// The cell's namespace.
    pub namespace: String,
    /// The folder of its spec.
    pub folder: PathBuf,
    /// The cluster.
    pub place: &'static Place,
    name: String,
    engine: Runtime,
    client: Client,
}

/// How long anything may take that does happen, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// A component of four pods with a canary, told apart from its other revisions by `version`.
pub fn web(version: u32) -> String {
    component("web", version, "replicas 4", "10m")
}

/// A component with one line for its count and a CPU request.
pub fn component(name: &str, version: u32, count: &str, cpu: &str) -> String {
    format!(
        r#"component "{name}" kind="stateless" {{
        image "registry.k8s.io/pause:3.10"
        resources cpu="{cpu}" memory="16Mi"
        env "VERSION" "{version}"
        port "http" 8080
        readiness port="http"
        {count}
        release {{ batch 1 pause=#true; batch "50%"; batch "100%"; }}
        expose "cluster"
    }}
    "#
    )
}

impl App {
    /// An application of that name, with a spec that has these components.
    pub fn new(place: &'static Place, name: &str, components: &str) -> Self {
        // On a cluster that others use too, a name of this run's.
        let name = if place.own.is_some() {
            format!("it-{name}")
        } else {
            format!("it-{name}-{}", std::process::id())
        };
        let engine =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("an event loop");
        let client = engine.block_on(client(&place.kubeconfig));
        let folder = folder(&format!("cluster-{name}"));
        let app = Self { namespace: format!("{name}-test"), folder, place, name, engine, client };
        assert!(!app.exists(), "a test touches only a namespace that it creates");
        app.write(components);
        app
    }

    /// Replaces the spec's components.
    pub fn write(&self, components: &str) {
        let (app, platform) = self.documents(components);
        fs::write(self.folder.join("app.kdl"), app).expect("the folder is writable");
        fs::write(self.folder.join("platform.kdl"), platform).expect("the folder is writable");
    }

    /// The application with these components, and the platform that it runs on.
    pub fn documents(&self, components: &str) -> (String, String) {
        let app = format!("app \"{}\" {{\n    {components}environment \"test\"\n}}\n", self.name);
        let platform = "platform \"it\" {\n    kubectl image=\"registry.example.com/kubectl:1.36\"\n    cluster \"one\" kubernetes=\"1.36\" provider=\"kubernetes\" {\n        \
                        pool \"general\" cpu=1000 memory=\"256Gi\" nodes=6\n        profile \"ack-docs\"\n    }\n    \
                        environment \"test\" cluster=\"one\"\n}\n";
        (app, platform.to_owned())
    }

    /// Runs `specc` on this application with a command that goes to no cluster.
    pub fn run_offline(&self, word: &str, more: &[&str]) -> Run {
        let spec = self.folder.display().to_string();
        let mut command = command(&[&[word, &spec, "--environment", "test"], more].concat());
        ended(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts"))
    }

    /// Starts `specc` with words such as `rollout resume` on this application, and more arguments.
    pub fn start(&self, words: &str, more: &[&str]) -> Child {
        let spec = self.folder.display().to_string();
        let kubeconfig = self.place.kubeconfig.display().to_string();
        let mut arguments: Vec<&str> = words.split(' ').collect();
        arguments.extend([&*spec, "--environment", "test"]);
        if !more.contains(&"--kubeconfig") {
            arguments.extend(["--kubeconfig", &kubeconfig]);
        }
        arguments.extend(more);
        let mut command = command(&arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
    }

    /// Runs `specc` to its end.
    pub fn run(&self, words: &str, more: &[&str]) -> Run {
        ended(self.start(words, more))
    }

    /// Runs `specc`, which must end well.
    pub fn must(&self, words: &str) -> Run {
        let run = self.run(words, &[]);
        assert_eq!(run.code, Some(0), "{words}: {}", run.stderr);
        run
    }

    /// The objects of a kind in the namespace, sorted by name.
    pub fn list(&self, api_version: &str, kind: &str) -> Vec<Value> {
        let api = self.api(api_version, kind);
        let list = self.engine.block_on(api.list(&ListParams::default())).expect("the cluster lists");
        let mut objects: Vec<Value> = list
            .items
            .iter()
            .map(|object| serde_json::to_value(object).expect("objects serialise"))
            .collect();
        objects.sort_by_key(|object| object["metadata"]["name"].to_string());
        objects
    }

    /// Creates the namespace, unless it is there.
    pub fn create_namespace(&self) {
        self.create_labelled(&json!({}));
    }

    /// Creates the namespace with these labels, unless it is there.
    pub fn create_labelled(&self, labels: &Value) {
        let metadata = json!({ "name": self.namespace, "labels": labels });
        let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": metadata });
        let all: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource("v1", "Namespace"));
        let _exists = self.engine.block_on(all.create(&PostParams::default(), &dynamic(&namespace)));
    }

    /// Creates an object in the namespace, which is created too.
    pub fn create(&self, object: &Value) {
        self.create_namespace();
        let text = |field: &str| object[field].as_str().unwrap_or_default();
        let api = self.api(text("apiVersion"), text("kind"));
        self.engine
            .block_on(api.create(&PostParams::default(), &dynamic(object)))
            .expect("the cluster creates");
    }

    /// Deletes the namespace, which goes once nothing holds it.
    pub fn leave(&self) {
        let all: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource("v1", "Namespace"));
        let gone = self.engine.block_on(all.delete(&self.namespace, &DeleteParams::default()));
        gone.expect("the cluster deletes");
    }

    /// Deletes an object of the namespace.
    pub fn remove(&self, api_version: &str, kind: &str, name: &str) {
        let api = self.api(api_version, kind);
        self.engine.block_on(api.delete(name, &DeleteParams::default())).expect("the cluster deletes");
    }

    /// Makes an object what it says, wherever it belongs.
    pub fn put(&self, object: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let resource = resource(&text(&object["apiVersion"]), &text(&object["kind"]));
        let api: Api<DynamicObject> = match object["metadata"]["namespace"].as_str() {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
            None => Api::all_with(self.client.clone(), &resource),
        };
        let params = PatchParams::apply("it").force();
        let name = text(&object["metadata"]["name"]);
        self.engine.block_on(api.patch(&name, &params, &Patch::Apply(object))).expect("the cluster takes it");
    }

    /// Asks whether the cluster would take an object, in the application's namespace if it has one; unknown
    /// fields are refused. The refusal comes back.
    pub fn dry_run(&self, mut object: Value) -> Result<(), String> {
        let text = |field: &str| object[field].as_str().unwrap_or_default().to_owned();
        let resource = resource(&text("apiVersion"), &text("kind"));
        let api: Api<DynamicObject> = if object["metadata"]["namespace"].is_string() {
            object["metadata"]["namespace"] = self.namespace.clone().into();
            Api::namespaced_with(self.client.clone(), &self.namespace, &resource)
        } else {
            Api::all_with(self.client.clone(), &resource)
        };
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let params = PatchParams::apply("specc-accept").force().dry_run().validation_strict();
        let answer = self.engine.block_on(api.patch(name, &params, &Patch::Apply(&object)));
        answer.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Installs the definition of a kind, waits until its kind is served, and gives back `group/Kind`;
    /// `None` if another one of that name is there.
    pub fn install_kind(&self, definition: &Value) -> Option<String> {
        let definitions = resource("apiextensions.k8s.io/v1", "CustomResourceDefinition");
        let all: Api<DynamicObject> = Api::all_with(self.client.clone(), &definitions);
        self.engine.block_on(all.create(&PostParams::default(), &dynamic(definition))).ok()?;
        let spec = &definition["spec"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (group, kind) = (text(&spec["group"]), text(&spec["names"]["kind"]));
        let served = resource(&format!("{group}/{}", text(&spec["versions"][0]["name"])), &kind);
        let of_kind: Api<DynamicObject> = Api::all_with(self.client.clone(), &served);
        self.until("its kind is served", |_| {
            self.engine.block_on(of_kind.list(&ListParams::default())).is_ok()
        });
        Some(format!("{group}/{kind}"))
    }

    /// Changes an object of the core group; `status` changes its status instead.
    pub fn patch(&self, kind: &str, object: &Value, status: bool, patch: &Value) {
        let api = self.api("v1", kind);
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let params = PatchParams { field_manager: Some("it".to_owned()), ..PatchParams::default() };
        let patch = Patch::Merge(patch);
        let patched = if status {
            self.engine.block_on(api.patch_status(name, &params, &patch))
        } else {
            self.engine.block_on(api.patch(name, &params, &patch))
        };
        patched.expect("the cluster patches");
    }

    /// Sets the count of a Deployment.
    pub fn scale(&self, deployment: &Value, replicas: u32) {
        let name = deployment["metadata"]["name"].as_str().unwrap_or_default();
        let patch = json!({ "spec": { "replicas": replicas } });
        let api = self.api("apps/v1", "Deployment");
        let scaled = self.engine.block_on(api.patch(name, &PatchParams::default(), &Patch::Merge(&patch)));
        scaled.expect("the cluster scales");
    }

    /// Creates a cluster-wide object; only on a control plane of the tests' own.
    pub fn create_wide(&self, object: &Value) {
        let text = |field: &str| object[field].as_str().unwrap_or_default();
        let resource = resource(text("apiVersion"), text("kind"));
        let all: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource);
        let object = serde_json::from_value(object.clone()).expect("an object");
        self.engine.block_on(all.create(&PostParams::default(), &object)).expect("the cluster creates");
    }

    /// Deletes a cluster-wide object, and gives back what creates it again.
    pub fn take_wide(&self, api_version: &str, kind: &str, name: &str) -> Value {
        let all: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource(api_version, kind));
        let object = self.engine.block_on(all.get(name)).expect("the object is there");
        let gone = self.engine.block_on(all.delete(name, &DeleteParams::default()));
        gone.expect("the cluster deletes");
        self.until("it is gone", |_| self.engine.block_on(all.get_opt(name)).expect("an answer").is_none());
        let spec = &object.data["spec"];
        json!({ "apiVersion": api_version, "kind": kind, "metadata": { "name": name }, "spec": spec })
    }

    /// Whether the namespace exists.
    pub fn exists(&self) -> bool {
        let all: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource("v1", "Namespace"));
        self.engine.block_on(all.get_opt(&self.namespace)).expect("the cluster answers").is_some()
    }

    /// The record of a component's rollout.
    pub fn record(&self, component: &str) -> Value {
        let records = self.list("v1", "ConfigMap");
        let name = format!("specc-release-{component}");
        let record = records.iter().find(|object| object["metadata"]["name"] == *name);
        let text = record.map(|record| record["data"]["record.json"].as_str().unwrap_or_default().to_owned());
        text.map_or(Value::Null, |text| serde_json::from_str(&text).expect("a record is JSON"))
    }

    /// What each Deployment asks for and has, by its `VERSION`.
    pub fn pods(&self) -> Vec<(String, u64, u64)> {
        let count = |value: &Value| value.as_u64().unwrap_or(0);
        let mut pods: Vec<(String, u64, u64)> = Vec::new();
        for object in self.list("apps/v1", "Deployment") {
            let version = &object["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"];
            let version = version.as_str().unwrap_or_default().to_owned();
            pods.push((
                version,
                count(&object["spec"]["replicas"]),
                count(&object["status"]["availableReplicas"]),
            ));
        }
        pods.sort();
        pods
    }

    /// Looks until it holds.
    pub fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !holds(self) {
            assert!(start.elapsed() < PATIENCE, "{what} within {PATIENCE:?}; there is {:?}", self.pods());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn api(&self, api_version: &str, kind: &str) -> Api<DynamicObject> {
        Api::namespaced_with(self.client.clone(), &self.namespace, &resource(api_version, kind))
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let all: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource("v1", "Namespace"));
        // On a failed test too: the cluster may be somebody's.
        let _gone = self.engine.block_on(all.delete(&self.namespace, &DeleteParams::default()));
    }
}

/// Waits for a process and takes what it wrote.
pub fn ended(child: Child) -> Run {
    let output = child.wait_with_output().expect("the process ends");
    Run {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A client of the cluster that a kubeconfig names.
pub async fn client(kubeconfig: &Path) -> Client {
    let kubeconfig = Kubeconfig::read_from(kubeconfig).expect("the kubeconfig is readable");
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
    Client::try_from(config.expect("the kubeconfig is usable")).expect("a client")
}

fn dynamic(value: &Value) -> DynamicObject {
    serde_json::from_value(value.clone()).expect("an object")
}

/// A kind as a client names it.
pub fn resource(api_version: &str, kind: &str) -> ApiResource {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind))
}
