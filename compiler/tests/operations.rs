//! What holds for name look-ups, alerts, logs and a cluster's own objects.

use compiler::check::Checked;
use compiler::diag::{Diagnostics, Format, render};
use compiler::lower::platform::PlatformBundle;
use compiler::object::{Manifest, Object};
use compiler::plan::rollout::{Decision, Observation, Reason, decide};
use compiler::plan::{Plan, Release, plan, print};
use compiler::resolve::Files;
use compiler::source::Sources;
use compiler::{compile, lower, parse};
use serde_json::Value;

const ACK: &str = r#"
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        virtual-node "eci" quota=100
        dns { node-local #true; service-ip "192.168.0.10"; sidecar-image "registry.example.com/coredns:1.14"; }
        installed "prometheus-operator"
        installed "ack-log"
        logs project="k8s-log-shop" logstore="apps" region="cn-hangzhou"
        node-problem-detector image="registry.example.com/npd:1"
    }"#;

const ANYWHERE: &str = r#"
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        dns {
            node-local #true image="registry.example.com/node-cache:1"
            service-ip "10.96.0.10"
            kube-proxy "ipvs"
            sidecar-image "registry.example.com/coredns:1.14"
        }
        installed "prometheus-operator"
        node-problem-detector image="registry.example.com/npd:1"
    }"#;

const RECEIVER: &str = r#"
    receiver "ops" kind="dingtalk" address=(secret)"alerts/dingtalk" {
        adapter "http://dingtalk.monitoring.svc:8060/send"
        event "node-not-ready" "node-pressure" "dns" "oom" "evicted" "failed-scheduling" "unhealthy" "back-off"
    }"#;

fn checked(component: &str, cluster: &str, receivers: &str) -> Checked {
    let text = format!(
        "app \"shop\" {{\n component \"web\" {{\n image \"a:1\"\n resources cpu=\"1\" memory=\"1Gi\"\n\
         {component}\n }}\n}}\nplatform \"p\" {{{cluster}\n environment \"prod\" cluster=\"c\" eci=\"allow\"\n{receivers}\n}}\n"
    );
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add("spec.kdl", text);
    let document = parse::parse(&source, &mut diagnostics);
    let checked = compile(&document, &Files::new(), &mut diagnostics);
    checked.unwrap_or_else(|| panic!("{}", render(&diagnostics, &sources, Format::Human { colour: false })))
}

fn objects(checked: &Checked) -> Vec<Object> {
    lower::lower(checked, &checked.cells()[0]).objects
}

fn planned(checked: &Checked) -> Plan {
    let cell = &checked.cells()[0];
    plan(checked, cell, &lower::lower(checked, cell))
}

fn of_cluster(cluster: &str, receivers: &str) -> PlatformBundle {
    let checked = checked("", cluster, receivers);
    lower::platform::lower(checked.platform(), &checked.platform().clusters[0])
}

fn kind(objects: &[Object], kind: &str) -> Value {
    let found = objects.iter().find(|object| object.kind() == kind);
    found.unwrap_or_else(|| panic!("there is a {kind}")).value()
}

fn objects_of(checked: &Checked, kind: &str) -> Vec<Value> {
    objects(checked).iter().filter(|object| object.kind() == kind).map(Object::value).collect()
}

fn pod(component: &str, cluster: &str) -> Value {
    kind(&objects(&checked(component, cluster, "")), "Deployment")["spec"]["template"].clone()
}

#[test]
fn names_are_asked_of_the_cache_first_and_of_the_cluster_second() {
    let searches = serde_json::json!(["shop-prod.svc.cluster.local", "svc.cluster.local", "cluster.local"]);
    for (mode, first) in [("node-local", "169.254.20.10"), ("sidecar", "127.0.0.1")] {
        let pod = pod(&format!("dns \"{mode}\""), ANYWHERE);
        assert_eq!(pod["spec"]["dnsPolicy"], "None", "{mode}");
        assert_eq!(pod["spec"]["dnsConfig"]["nameservers"], serde_json::json!([first, "10.96.0.10"]));
        assert_eq!(pod["spec"]["dnsConfig"]["searches"], searches);
    }
    let plain = pod("dns \"cluster\"", ANYWHERE);
    assert_eq!((&plain["spec"]["dnsPolicy"], &plain["spec"]["dnsConfig"]), (&Value::Null, &Value::Null));
}

/// L12: with IPVS a cache is not found by itself, so every pod names it.
#[test]
fn the_mode_of_kube_proxy_changes_nothing() {
    let iptables = ANYWHERE.replace("ipvs", "iptables");
    assert_eq!(pod("dns \"node-local\"", ANYWHERE), pod("dns \"node-local\"", &iptables));
    assert_eq!(of_cluster(ANYWHERE, ""), of_cluster(&iptables, ""));
}

#[test]
fn on_nodes_a_sidecar_is_up_before_the_component_starts() {
    let pod = pod("dns \"sidecar\"", ANYWHERE);
    let sidecar = &pod["spec"]["initContainers"][0];
    assert_eq!((&sidecar["name"], &sidecar["restartPolicy"]), (&Value::from("dns"), &Value::from("Always")));
    assert_eq!(sidecar["startupProbe"]["httpGet"]["path"], "/ready");
    assert_eq!(sidecar["securityContext"]["capabilities"]["add"], serde_json::json!(["NET_BIND_SERVICE"]));
    assert_eq!(pod["spec"]["containers"].as_array().map(Vec::len), Some(1));
}

#[test]
fn where_eci_is_possible_a_sidecar_is_ordered_in_ecis_own_words() {
    let pod = pod("burst \"when-short\"\ndns \"sidecar\"", ACK);
    assert_eq!(pod["spec"]["initContainers"], Value::Null);
    let containers = pod["spec"]["containers"].as_array().expect("containers");
    let names: Vec<&str> = containers.iter().filter_map(|container| container["name"].as_str()).collect();
    assert_eq!(names, ["web", "dns"], "the component's container stays the first");
    let set: Vec<(&str, &str)> = containers[1]["env"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|variable| Some((variable["name"].as_str()?, variable["value"].as_str()?)))
        .collect();
    assert!(set.contains(&("ECI_CONTAINER_LAUNCH_PRIORITY", "1000")), "{set:?}");
    assert!(set.contains(&("__ECI_RESOURCE_IGNORE__", "TRUE")), "the instance is not made larger: {set:?}");
    assert_eq!(containers[1]["readinessProbe"]["httpGet"]["path"], "/ready", "ECI waits for readiness");
}

#[test]
fn a_component_called_dns_keeps_its_container_apart_from_the_sidecar() {
    let text = "app \"shop\" { component \"dns\" { image \"a:1\"; resources cpu=\"1\" memory=\"1Gi\"; dns \"sidecar\"; }; }\n";
    let text = format!("{text}platform \"p\" {{{ANYWHERE}\n environment \"prod\" cluster=\"c\"\n}}\n");
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let document = parse::parse(&sources.add("spec.kdl", text), &mut diagnostics);
    let checked = compile(&document, &Files::new(), &mut diagnostics).expect("it passes");
    let deployment = kind(&objects(&checked), "Deployment");
    assert_eq!(deployment["spec"]["template"]["spec"]["initContainers"][0]["name"], "dns-cache");
}

/// L11: what forwards to /etc/resolv.conf asks itself.
#[test]
fn caches_forward_to_a_literal_address() {
    let of_pod = objects(&checked("dns \"sidecar\"", ANYWHERE, ""));
    let of_node = of_cluster(ANYWHERE, "").bundle.objects;
    for objects in [of_pod, of_node] {
        let corefile = kind(&objects, "ConfigMap")["data"]["Corefile"].clone();
        let corefile = corefile.as_str().expect("a Corefile");
        assert!(
            corefile.contains("forward . 10.96.0.10 {") && !corefile.contains("resolv.conf"),
            "{corefile}"
        );
    }
}

/// L10: pods on ECI cannot reach the cache that the webhook would give them.
#[test]
fn no_webhook_gives_a_pod_another_cache_than_it_asks_for() {
    for component in ["dns \"cluster\"", "burst \"when-short\"", "burst \"only\"\ndns \"sidecar\""] {
        let pod = pod(component, ACK);
        assert_eq!(pod["metadata"]["labels"]["node-local-dns-injection"], "disabled", "{component}");
    }
    assert_eq!(pod("", ANYWHERE)["metadata"]["labels"]["node-local-dns-injection"], Value::Null);
}

#[test]
fn a_switch_of_mode_is_a_release_that_waits_for_what_the_mode_needs() {
    let of = |mode: &str| planned(&checked(&format!("dns \"{mode}\""), ANYWHERE, ""));
    let (cluster, node_local, sidecar) = (of("cluster"), of("node-local"), of("sidecar"));
    let revisions: std::collections::BTreeSet<&str> =
        [&cluster, &node_local, &sidecar].map(|plan| plan.releases[0].revision.as_str()).into();
    assert_eq!(revisions.len(), 3, "each mode is a revision of its own");
    let json = print::json(&node_local);
    let first = &json["groups"][1]["steps"][0];
    assert_eq!(first["step"], "look for DaemonSet/node-local-dns in kube-system");
    assert_eq!(first["until"], "it is available on every node");
    assert_eq!(json["releases"][0]["needs"][0]["name"], "node-local-dns");
    let batch = |plan: &Plan| {
        let json = print::json(plan);
        let steps = json["groups"][1]["steps"].as_array().cloned().unwrap_or_default();
        steps.last().map(|step| step["until"].clone()).unwrap_or_default()
    };
    let answers = "their DNS sidecars answer and they are available, and the old ones have made room";
    assert_eq!(batch(&sidecar), answers);
    assert_eq!(batch(&cluster), "they are available, and the old ones have made room");
}

#[test]
fn no_pod_starts_before_the_cache_is_up_on_every_node() {
    let plan = planned(&checked("dns \"node-local\"", ANYWHERE, ""));
    let need = plan.releases[0].needs[0].clone();
    let release = Release::new(plan.releases[0].clone(), None, 1, 0);
    let absent = vec![compiler::plan::rollout::ObjectState::Absent; release.plan.objects.len()];
    let mut seen =
        Observation { objects: absent, unready_need: Some(need.clone()), ..Observation::default() };
    let waits = Decision::Wait { until: None, reason: Reason::Need(need) };
    assert_eq!(decide(&release, &seen, 0), waits);
    seen.unready_need = None;
    assert!(matches!(decide(&release, &seen, 0), Decision::Write(_)), "then it begins");
}

#[test]
fn a_clusters_own_pods_keep_off_virtual_nodes() {
    let made = of_cluster(ANYWHERE, "");
    let daemons: Vec<&Object> = made
        .bundle
        .objects
        .iter()
        .filter(|object| matches!(object.manifest, Manifest::DaemonSet(_)))
        .collect();
    assert_eq!(daemons.len(), 2);
    for daemon in daemons {
        let spec = &daemon.value()["spec"]["template"]["spec"];
        let terms = &spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"];
        let expressions = terms[0]["matchExpressions"].as_array().expect("conditions");
        let virtual_nodes =
            serde_json::json!({"key": "type", "operator": "NotIn", "values": ["virtual-kubelet"]});
        assert!(expressions.contains(&virtual_nodes), "{daemon:?}");
    }
}

#[test]
fn a_watcher_of_nodes_repairs_nothing() {
    let config = kind(&of_cluster(ACK, "").bundle.objects, "ConfigMap");
    let kubelet = config["data"]["kubelet-monitor.json"].as_str().expect("a monitor");
    assert!(kubelet.contains("--enable-repair=false"), "{kubelet}");
    for (name, monitor) in config["data"].as_object().expect("files") {
        let read: Result<Value, _> = serde_json::from_str(monitor.as_str().unwrap_or_default());
        assert!(read.is_ok(), "{name} is JSON");
    }
}

#[test]
fn on_ack_the_caches_of_nodes_are_an_addon_and_its_alert_rules_a_fragment() {
    let made = of_cluster(ACK, RECEIVER);
    let names: Vec<String> = made.bundle.objects.iter().map(|object| object.key().to_string()).collect();
    assert!(
        !names.iter().any(|name| name.contains("node-local-dns") || name.contains("AckAlertRule")),
        "{names:?}"
    );
    let [fragment] = made.fragments.as_slice() else { panic!("one fragment") };
    assert_eq!(fragment.file_name, "fragment.AckAlertRule.default.yaml");
    assert!(
        fragment.yaml.starts_with("# ") && fragment.yaml.contains("sls.app.ack.node.down"),
        "{}",
        fragment.yaml
    );
    assert!(of_cluster(ANYWHERE, RECEIVER).fragments.is_empty());
}

fn expressions(rule: &Value) -> Vec<(String, String)> {
    let rules =
        rule["spec"]["groups"].as_array().into_iter().flatten().filter_map(|group| group["rules"].as_array());
    let text = |rule: &Value, key: &str| rule[key].as_str().unwrap_or_default().to_owned();
    rules.flatten().map(|rule| (text(rule, "alert"), text(rule, "expr"))).collect()
}

const ALERTS: &str = r#"
        scale min=2 max=8
        burst "when-short"
        alert "cpu" above="120%"
        alert "memory" above="90%"
        alert "restarts" above=3
        alert "oom"
        alert "not-ready" above="5%"
        alert "hpa-at-max"
        alert "rollout-stuck""#;

/// L35: behind a virtual node there are no metrics of nodes.
#[test]
fn alerts_of_components_ask_no_metric_of_nodes() {
    let objects = objects(&checked(ALERTS, ACK, RECEIVER));
    let rules: Vec<_> =
        objects.iter().filter(|o| matches!(o.manifest, Manifest::PrometheusRule(_))).collect();
    let asked: Vec<(String, String)> = rules.iter().flat_map(|rule| expressions(&rule.value())).collect();
    assert_eq!(asked.len(), 7 + 6, "seven of its own, five events, one that silences");
    for (name, expression) in &asked {
        assert!(!expression.contains("node_"), "{name}: {expression}");
        assert!(expression.contains("namespace=\"shop-prod\""), "{name}: {expression}");
        let (open, close) =
            (expression.matches(['(', '{', '[']).count(), expression.matches([')', '}', ']']).count());
        assert_eq!(open, close, "{name}: {expression}");
    }
    let cpu = &asked.iter().find(|(name, _)| name == "CpuHigh").expect("an alert on CPU").1;
    assert!(cpu.ends_with("> 1.20"), "{cpu}");
}

/// L36: a rollout that waits for a person is not stuck.
#[test]
fn a_held_rollout_silences_the_alerts_about_stuck_ones() {
    let objects = objects(&checked("", ACK, RECEIVER));
    let held = expressions(&kind(&objects, "PrometheusRule"));
    let held = &held.iter().find(|(name, _)| name == "RolloutHeld").expect("an alert that silences").1;
    assert!(
        held.contains("kube_statefulset_status_replicas_ready") && held.contains("kube_daemonset_status"),
        "{held}"
    );
    let config = kind(&objects, "AlertmanagerConfig");
    let rule = &config["spec"]["inhibitRules"][0];
    assert_eq!(rule["sourceMatch"][0]["value"], "held");
    assert_eq!(
        rule["targetMatch"][0]["value"],
        "KubeStatefulSetUpdateNotRolledOut|KubeDaemonSetRolloutStuck"
    );
    let sent = config["spec"]["route"]["matchers"][0]["value"].as_str().expect("a matcher");
    assert!(!sent.split('|').any(|event| event == "held"), "what silences is sent to nobody: {sent}");
}

/// L37: Alertmanager cannot post to DingTalk itself.
#[test]
fn dingtalk_is_told_by_its_adapter_and_a_webhook_by_its_secret() {
    let config = |receiver: &str| kind(&objects(&checked("", ACK, receiver)), "AlertmanagerConfig");
    let dingtalk = &config(RECEIVER)["spec"]["receivers"][0]["webhookConfigs"][0];
    assert_eq!(dingtalk["url"], "http://dingtalk.monitoring.svc:8060/send");
    assert_eq!(dingtalk["urlSecret"], Value::Null);
    let webhook =
        &config("receiver \"a\" kind=\"webhook\" address=(secret)\"alerts/url\" { event \"oom\"; }")["spec"]
            ["receivers"][0]["webhookConfigs"][0];
    assert_eq!(webhook["urlSecret"], serde_json::json!({"name": "alerts", "key": "url"}));
}

#[test]
fn a_receiver_of_nodes_alone_is_told_in_the_clusters_namespace() {
    let receiver = "receiver \"a\" kind=\"webhook\" address=(secret)\"alerts/url\" { event \"dns\"; }";
    let made = of_cluster(ACK, receiver).bundle.objects;
    let config = kind(&made, "AlertmanagerConfig");
    assert_eq!(config["metadata"]["namespace"], "kube-system");
    assert_eq!(config["spec"]["route"]["matchers"][0]["value"], "dns");
    let rules = kind(&made, "PrometheusRule");
    assert_eq!(rules["spec"]["groups"][0]["rules"][0]["labels"]["namespace"], "kube-system");
    let names: Vec<String> = expressions(&rules).into_iter().map(|(name, _)| name).collect();
    for wanted in ["CoreDNSDown", "CoreDNSErrors", "CoreDNSForwardRejects", "CoreDNSPanics", "NodeEvicts"] {
        assert!(names.iter().any(|name| name == wanted), "{wanted} is one of {names:?}");
    }
}

/// The log service silently leaves out what is called like something else.
#[test]
fn no_two_collections_of_logs_are_called_alike() {
    let logs = "logs \"stdout\"\nlogs file=\"/var/log/app/*.log\"";
    let made = objects_of(&checked(logs, ACK, ""), "ClusterAliyunPipelineConfig");
    let names: Vec<&str> = made.iter().filter_map(|object| object["metadata"]["name"].as_str()).collect();
    assert!(names[0] != names[1] && names.iter().all(|name| name.starts_with("shop-prod-web-")), "{names:?}");
    let turned = checked("logs file=\"/var/log/app/*.log\"\nlogs \"stdout\"", ACK, "");
    let first = objects_of(&turned, "ClusterAliyunPipelineConfig")[0]["metadata"]["name"].clone();
    assert_eq!(first, names[1], "their order changes nothing");
    assert_eq!(
        made[1]["spec"]["config"]["inputs"][0]["FilePaths"],
        serde_json::json!(["/var/log/app/*.log"])
    );
    assert_eq!(made[0]["spec"]["config"]["flushers"][0]["Endpoint"], "cn-hangzhou.log.aliyuncs.com");
}

#[test]
fn what_operators_objects_say_reads_back() {
    let cell = objects(&checked(&format!("{ALERTS}\nlogs \"stdout\"\ndns \"sidecar\""), ACK, RECEIVER));
    let of_cluster = [of_cluster(ACK, RECEIVER), of_cluster(ANYWHERE, RECEIVER)];
    for object in of_cluster.iter().flat_map(|made| &made.bundle.objects).chain(&cell) {
        assert_eq!(object.manifest.read_back().ok().as_ref(), Some(&object.manifest), "{}", object.key());
    }
}
