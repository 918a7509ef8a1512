//! What holds for every kind of workload, on both operating systems.

use compiler::check::Checked;
use compiler::diag::{Diagnostics, Format, render};
use compiler::resolve::Files;
use compiler::source::Sources;
use compiler::{compile, lower, parse};
use serde_json::Value;

const PLATFORM: &str = r#"
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        pool "windows" os="windows" build="ltsc2022" cpu=8 memory="32Gi" nodes=4
        virtual-node "eci" quota=100
    }
    environment "prod" cluster="c" eci="allow"
}
"#;

/// Everything that a Windows component can be given.
const WINDOWS: &str = r#"
component "erp" kind="KIND" {
    os "windows" build="ltsc2022"
    runtime "dotnet"
    image "registry.example.com/erp:7" base="ltsc2022"
    command "erp.exe"
    args "--serve"
    port "http" 8080
    resources cpu="2" memory="4Gi" cpu-limit="3"
    env "TOKEN" (secret)"erp/token"
    config "a.ini" mount="/config" from="app.ini"
    config "b.ini" mount="/config" from="app.ini"
    volume "spool" kind="scratch" size="1Gi" mount="/spool"
    volume "keys" kind="secret" secret="erp-keys" mount="/keys"
    readiness http="/ready"
    liveness command="alive.exe"
    init "migrate" { image "registry.example.com/migrate:7"; }
    container "agent" {
        image "registry.example.com/agent:1"
        resources cpu="100m" memory="128Mi"
        mount "spool" read-only=#true
    }
    label "example.com/team" "erp"
    annotation "prometheus.io/scrape" "true"
    expose "internet" port=80 { drain "20s"; }
}
"#;

fn checked(path: &str, text: &str) -> Checked {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let mut document = parse::parse(&sources.add(path, text), &mut diagnostics);
    document.append(parse::parse(&sources.add("platform.kdl", PLATFORM), &mut diagnostics));
    let files = Files::from([("app.ini".to_owned(), "debug = 0\n".to_owned())]);
    let checked = compile(&document, &files, &mut diagnostics);
    let shown = render(&diagnostics, &sources, Format::Human { colour: false });
    assert!(diagnostics.is_empty(), "{shown}");
    checked.expect("nothing is wrong")
}

/// The objects of an application with one component.
fn objects(component: &str) -> Vec<Value> {
    let checked = checked("app.kdl", &format!("app \"shop\" {{ {component} }}"));
    let bundle = lower::lower(&checked, &checked.cells()[0]);
    bundle.objects.iter().map(compiler::object::Object::value).collect()
}

fn of_kind(component: &str, kind: &str) -> Value {
    let found = objects(component).into_iter().find(|object| object["kind"] == kind);
    found.unwrap_or_else(|| panic!("a {kind} is made"))
}

fn component(lines: &str) -> String {
    format!(
        "component \"web\" {{ image \"registry.example.com/web:1\"; resources cpu=\"1\" memory=\"1Gi\"; {lines}; }}"
    )
}

/// Every key of a value, at any depth, whatever stands at it.
fn keys(value: &Value, all: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, inner)| {
            all.push(key.clone());
            keys(inner, all);
        }),
        Value::Array(list) => list.iter().for_each(|inner| keys(inner, all)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Limits 30, 31 and 32: kept by construction, since nothing of this is ever emitted for Windows.
#[test]
fn a_windows_pod_has_no_field_that_the_api_server_refuses() {
    let refused = [
        "hostUsers",
        "hostPID",
        "hostIPC",
        "shareProcessNamespace",
        "appArmorProfile",
        "seLinuxOptions",
        "seccompProfile",
        "fsGroup",
        "fsGroupChangePolicy",
        "sysctls",
        "runAsUser",
        "runAsGroup",
        "supplementalGroups",
        "supplementalGroupsPolicy",
        "seLinuxChangePolicy",
        "capabilities",
        "readOnlyRootFilesystem",
        "privileged",
        "allowPrivilegeEscalation",
        "procMount",
        // What nodes of Windows do not have, and HostProcess.
        "subPath",
        "defaultMode",
        "medium",
        "nfs",
        "hostNetwork",
        "windowsOptions",
    ];
    for (kind, workload) in
        [("stateless", "Deployment"), ("stateful", "StatefulSet"), ("daemon", "DaemonSet")]
    {
        let template = of_kind(&WINDOWS.replace("KIND", kind), workload)["spec"]["template"].clone();
        let mut found = Vec::new();
        keys(&template, &mut found);
        assert!(found.iter().any(|key| key == "initContainers"), "the template was read");
        for key in refused {
            assert!(!found.iter().any(|known| known == key), "{key} in the {workload}");
        }
        let spec = &template["spec"];
        assert_eq!(spec["os"]["name"], "windows");
        assert_eq!(spec["nodeSelector"]["node.kubernetes.io/windows-build"], "10.0.20348");
        assert_eq!(spec["nodeSelector"]["kubernetes.io/os"], "windows");
        for container in spec["containers"].as_array().into_iter().flatten() {
            let resources = &container["resources"];
            assert_eq!(resources["limits"]["memory"], resources["requests"]["memory"]);
        }
    }
}

#[test]
fn files_on_windows_share_the_volume_of_their_folder() {
    let set = of_kind(&WINDOWS.replace("KIND", "stateless"), "Deployment");
    let spec = &set["spec"]["template"]["spec"];
    assert_eq!(spec["volumes"][0]["projected"]["sources"].as_array().map(Vec::len), Some(2));
    assert_eq!(spec["containers"][0]["volumeMounts"][0]["mountPath"], "/config");
}

/// Limits 1, 4, 5 and 32: nothing in the language asks for a privileged pod, a `NodePort` or a spot instance.
#[test]
fn no_pod_is_privileged_and_no_service_is_a_node_port() {
    let every = component("port \"http\" 80; readiness port=\"http\"; expose \"internet\"; user 7");
    let text = serde_json::to_string(&objects(&every)).unwrap_or_default();
    for word in ["\"privileged\"", "NodePort", "hostProcess", "spot", "pod-deletion-cost"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

#[test]
fn a_daemon_tolerates_control_planes_and_never_the_virtual_node() {
    let set = of_kind(&component("kind \"daemon\""), "DaemonSet");
    let spec = &set["spec"]["template"]["spec"];
    let keys: Vec<&str> =
        spec["tolerations"].as_array().into_iter().flatten().filter_map(|t| t["key"].as_str()).collect();
    assert_eq!(keys, ["node-role.kubernetes.io/control-plane"]);
    let required = &spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
    let expression = &required["nodeSelectorTerms"][0]["matchExpressions"][0];
    assert_eq!((expression["key"].as_str(), expression["operator"].as_str()), (Some("type"), Some("NotIn")));
    assert_eq!(spec["nodeSelector"]["kubernetes.io/os"], "linux");
    let kinds: Vec<Value> =
        objects(&component("kind \"daemon\"")).iter().map(|object| object["kind"].clone()).collect();
    assert_eq!(kinds, ["Namespace", "DaemonSet"], "a budget cannot count the pods of a daemon");
}

#[test]
fn applying_a_stateful_set_or_a_daemon_set_moves_no_pod() {
    let set = of_kind(&component("kind \"stateful\"; replicas 5"), "StatefulSet");
    assert_eq!(set["spec"]["updateStrategy"]["rollingUpdate"]["partition"], 5);
    let set = of_kind(&component("kind \"daemon\""), "DaemonSet");
    assert_eq!(set["spec"]["updateStrategy"]["type"], "OnDelete");
}

#[test]
fn a_new_revision_keeps_the_name_and_the_selector_of_members() {
    for (kind, workload) in [("stateful", "StatefulSet"), ("daemon", "DaemonSet")] {
        let one = of_kind(&component(&format!("kind \"{kind}\"")), workload);
        let two = of_kind(&component(&format!("kind \"{kind}\"; env \"A\" \"b\"")), workload);
        let label = |set: &Value| set["spec"]["template"]["metadata"]["labels"]["specc.io/revision"].clone();
        assert_ne!(label(&one), label(&two));
        assert_eq!(one["metadata"]["name"], two["metadata"]["name"]);
        assert_eq!(one["spec"]["selector"], two["spec"]["selector"]);
        assert_eq!(one["spec"]["volumeClaimTemplates"], two["spec"]["volumeClaimTemplates"]);
    }
}

#[test]
fn members_have_a_name_before_they_are_ready_and_one_disk_each() {
    let text =
        component("kind \"stateful\"; port \"peer\" 2888; volume \"data\" size=\"20Gi\" mount=\"/data\"");
    let service = of_kind(&text, "Service");
    assert_eq!(service["metadata"]["name"], "web-headless");
    assert_eq!(service["spec"]["clusterIP"], "None");
    assert_eq!(service["spec"]["publishNotReadyAddresses"], true);
    let set = of_kind(&text, "StatefulSet");
    assert_eq!(set["spec"]["serviceName"], "web-headless");
    assert_eq!(set["spec"]["volumeClaimTemplates"][0]["spec"]["accessModes"][0], "ReadWriteOnce");
    assert_eq!(set["spec"]["persistentVolumeClaimRetentionPolicy"]["whenDeleted"], "Retain");
    assert!(set["spec"]["template"]["spec"]["volumes"].is_null(), "the claim is the volume");
}

/// The label `controller-revision-hash` is the name, a dash and ten characters, of at most 63.
#[test]
fn the_longest_name_leaves_room_for_the_label_of_a_member() {
    let name = "a".repeat(40);
    let text = component("kind \"stateful\"").replace("\"web\"", &format!("\"{name}\""));
    let set = of_kind(&text, "StatefulSet");
    let name = set["metadata"]["name"].as_str().unwrap_or_default();
    assert!((40..=52).contains(&name.len()), "{name}");
}

#[test]
fn a_process_has_its_stop_after_the_drain_whatever_its_runtime() {
    let ports = "port \"http\" 80; readiness port=\"http\"; expose \"cluster\" { drain \"20s\"; }";
    for (more, grace) in [("", 50), ("; runtime \"java\"", 65), ("; stop \"5s\"", 25)] {
        let deployment = of_kind(&component(&format!("{ports}{more}")), "Deployment");
        let spec = &deployment["spec"]["template"]["spec"];
        assert_eq!(spec["terminationGracePeriodSeconds"], grace, "{more}");
        assert_eq!(spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"], 20);
    }
    let bare = of_kind(&component("stop \"30s\""), "Deployment");
    let grace = &bare["spec"]["template"]["spec"]["terminationGracePeriodSeconds"];
    assert!(grace.is_null(), "what the API server fills in is left out");
}

#[test]
fn liveness_waits_for_as_long_as_the_runtime_may_take_to_start() {
    let container = |lines: &str| {
        let deployment = of_kind(&component(&format!("port \"http\" 80; {lines}")), "Deployment");
        deployment["spec"]["template"]["spec"]["containers"][0].clone()
    };
    let java = container("runtime \"java\"; liveness http=\"/alive\"");
    assert_eq!(
        (&java["startupProbe"]["failureThreshold"], &java["startupProbe"]["periodSeconds"]),
        (&90.into(), &2.into())
    );
    assert_eq!(java["startupProbe"]["httpGet"], java["livenessProbe"]["httpGet"]);
    let own = container(
        "liveness grpc=#true; startup { command \"test\" \"-f\" \"/up\"; period \"10s\"; failures 3; }",
    );
    assert_eq!(own["livenessProbe"]["grpc"]["port"], 80);
    assert_eq!(own["startupProbe"]["exec"]["command"], serde_json::json!(["test", "-f", "/up"]));
    assert!(container("readiness port=\"http\"")["startupProbe"].is_null(), "nothing would kill it early");
}

#[test]
fn a_user_makes_every_container_of_a_pod_restricted() {
    let text = component("user 1000; init \"a\" { image \"x:1\"; }");
    let deployment = of_kind(&text, "Deployment");
    let spec = &deployment["spec"]["template"]["spec"];
    assert_eq!(spec["securityContext"]["runAsNonRoot"], true);
    assert_eq!(spec["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
    for container in [&spec["containers"][0], &spec["initContainers"][0]] {
        assert_eq!(container["securityContext"]["allowPrivilegeEscalation"], false);
        assert_eq!(container["securityContext"]["capabilities"]["drop"][0], "ALL");
    }
    let free = of_kind(&component("replicas 1"), "Deployment");
    assert!(free["spec"]["template"]["spec"]["securityContext"].is_null(), "the image decides");
}

#[test]
fn a_share_is_one_claim_of_all_pods_and_not_of_a_revision() {
    let text = component(
        "replicas 3; volume \"files\" kind=\"nas\" size=\"100Gi\" class=\"alibabacloud-cnfs-nas\" mount=\"/files\"",
    );
    let claim = of_kind(&text, "PersistentVolumeClaim");
    assert_eq!(claim["metadata"]["name"], "web-files");
    assert_eq!(claim["spec"]["accessModes"][0], "ReadWriteMany");
    let deployment = of_kind(&text, "Deployment");
    let volume = &deployment["spec"]["template"]["spec"]["volumes"][0];
    assert_eq!(volume["persistentVolumeClaim"]["claimName"], "web-files");
}

#[test]
fn a_folder_of_a_share_that_is_there_is_mounted_without_a_claim() {
    let text = component(
        "volume \"files\" kind=\"nas\" mount=\"/files\" server=\"0a1b2c.cn-hangzhou.nas.aliyuncs.com\" path=\"/shop\"",
    );
    assert!(objects(&text).iter().all(|object| object["kind"] != "PersistentVolumeClaim"));
    let volume = &of_kind(&text, "Deployment")["spec"]["template"]["spec"]["volumes"][0];
    let nfs = serde_json::json!({ "server": "0a1b2c.cn-hangzhou.nas.aliyuncs.com", "path": "/shop" });
    assert_eq!(volume["nfs"], nfs);
}

#[test]
fn pods_of_linux_say_so_only_where_nodes_of_both_systems_are() {
    let deployment = of_kind(&component("replicas 1"), "Deployment");
    assert_eq!(deployment["spec"]["template"]["spec"]["nodeSelector"]["kubernetes.io/os"], "linux");
}

#[test]
fn workloads_read_alike_in_both_syntaxes() {
    let yaml = r#"
app:
  name: shop
  component:
    name: erp
    kind: stateful
    os: {name: windows, build: ltsc2022}
    runtime: dotnet
    image: {reference: "registry.example.com/erp:7", base: ltsc2022}
    command: erp.exe
    args: [--serve]
    port: {name: http, number: 8080}
    resources: {cpu: 2, memory: 4Gi, cpu-limit: 3}
    env: {name: TOKEN, value: !secret erp/token}
    config:
    - {name: a.ini, mount: /config, from: app.ini}
    - {name: b.ini, mount: /config, from: app.ini}
    volume:
    - {name: spool, kind: scratch, size: 1Gi, mount: /spool}
    - {name: keys, kind: secret, secret: erp-keys, mount: /keys}
    readiness: {http: /ready}
    liveness: {command: alive.exe}
    init: {name: migrate, image: "registry.example.com/migrate:7"}
    container:
      name: agent
      image: registry.example.com/agent:1
      resources: {cpu: 100m, memory: 128Mi}
      mount: {volume: spool, read-only: true}
    label: {key: example.com/team, value: erp}
    annotation: {key: prometheus.io/scrape, value: "true"}
    expose: {scope: internet, port: 80, drain: 20s}
"#;
    let kdl = format!("app \"shop\" {{ {} }}", WINDOWS.replace("KIND", "stateful"));
    let lowered = |path, text: &str| {
        let checked = checked(path, text);
        lower::lower(&checked, &checked.cells()[0]).yaml()
    };
    assert_eq!(lowered("app.kdl", &kdl), lowered("app.yaml", yaml));
}
