//! What isolation, quotas and exposure make of a cell's objects.

use compiler::check::Checked;
use compiler::diag::{Diagnostics, Format, render};
use compiler::object::{Bundle, Object};
use compiler::resolve::Files;
use compiler::source::Sources;
use compiler::{compile, lower, parse};
use serde_json::Value;

const LB: &str = "/metadata/annotations/service.beta.kubernetes.io~1alibaba-cloud-loadbalancer-";

/// A checked application of `web`, which is exposed as `expose` says, on a cluster with `cluster` in an environment
/// with `environment`.
fn checked(expose: &str, provider: &str, cluster: &str, environment: &str) -> Checked {
    let text = format!(
        r#"app "shop" {{
            component "web" {{
                image "web:1"; resources cpu="1" memory="1Gi"; port "http" 8080; readiness http="/"
                replicas 4
                {expose}
            }}
        }}
        platform "p" {{
            cluster "c" kubernetes="1.34" provider="{provider}" {{
                pool "general" cpu=16 memory="64Gi" nodes=10 {{ zones "a" "b"; }}
                virtual-node "eci" quota=100
                {cluster}
            }}
            environment "prod" cluster="c" eci="allow" {environment}
        }}"#
    );
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add("spec.kdl", text);
    let document = parse::parse(&source, &mut diagnostics);
    let checked = compile(&document, &Files::new(), &mut diagnostics);
    checked.unwrap_or_else(|| panic!("{}", render(&diagnostics, &sources, Format::Human { colour: false })))
}

fn bundle(checked: &Checked) -> Bundle {
    lower::lower(checked, &checked.cells()[0])
}

fn made(expose: &str, provider: &str, cluster: &str, environment: &str) -> Bundle {
    bundle(&checked(expose, provider, cluster, environment))
}

fn one(bundle: &Bundle, kind: &str, name: &str) -> Value {
    let found = bundle.objects.iter().find(|object| object.kind() == kind && object.logical_name == name);
    found.map_or_else(|| panic!("{kind} {name} is in\n{}", bundle.yaml()), Object::value)
}

fn has(bundle: &Bundle, kind: &str) -> bool {
    bundle.objects.iter().any(|object| object.kind() == kind)
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn every_load_balancer_of_ack_says_who_may_reach_it() {
    for scope in ["internet", "intranet"] {
        let bundle = made(&format!("expose \"{scope}\""), "ack", "", "");
        assert_eq!(text(&one(&bundle, "Service", "web"), &format!("{LB}address-type")), scope);
    }
}

#[test]
fn every_load_balancer_of_ack_weighs_pods_and_never_nodes() {
    let bundle = made("expose \"internet\"; burst \"when-short\"", "ack", "", "");
    let service = one(&bundle, "Service", "web");
    assert_eq!(text(&service, "/spec/externalTrafficPolicy"), "Local");
    assert_eq!(text(&service, &format!("{LB}scheduler")), "wrr");
    assert!(!service.to_string().contains("loadbalancer-weight"), "{service}");
}

#[test]
fn an_existing_load_balancer_has_its_listeners_taken_over() {
    let bundle = made("expose \"internet\" { via \"load-balancer\" id=\"lb-1\"; }", "ack", "", "");
    let service = one(&bundle, "Service", "web");
    assert_eq!(text(&service, &format!("{LB}id")), "lb-1");
    assert_eq!(text(&service, &format!("{LB}force-override-listeners")), "true");
}

#[test]
fn the_drain_is_what_was_written() {
    let bundle = made("expose \"internet\" { drain \"45s\"; }", "ack", "", "");
    let service = one(&bundle, "Service", "web");
    assert_eq!(text(&service, &format!("{LB}connection-drain-timeout")), "45");
}

#[test]
fn another_provider_gets_nothing_of_a_vendor() {
    let bundle = made("expose \"internet\"; burst \"when-short\"", "kubernetes", "", "isolation=\"strict\"");
    let yaml = bundle.yaml();
    assert!(!yaml.contains("alibaba-cloud") && !yaml.contains("alibabacloud.com"), "{yaml}");
}

#[test]
fn readiness_gates_are_set_only_where_something_opens_them() {
    let both = "installed \"terway\"; installed \"readiness-gates\"";
    let gates = |expose: &str, cluster: &str| {
        let bundle = made(expose, "ack", cluster, "");
        one(&bundle, "Deployment", "web").pointer("/spec/template/spec/readinessGates").cloned()
    };
    let set = serde_json::json!([{ "conditionType": "service.readiness.alibabacloud.com/web" }]);
    assert_eq!(gates("expose \"internet\"", both), Some(set));
    assert_eq!(gates("expose \"internet\"", "installed \"terway\""), None);
    assert_eq!(gates("expose \"cluster\"", both), None);
}

#[test]
fn alb_gets_one_ingress_without_a_canary() {
    let alb = "installed \"terway\"; installed \"alb-ingress\" { entry \"public\" scope=\"internet\"; }";
    let expose =
        "expose \"internet\" port=80 { via \"alb\"; host \"a.example.com\" \"b.example.com\"; tls \"cert\"; }
        release { batch 1 pause=#true; batch \"100%\"; }";
    let bundle = made(expose, "ack", alb, "");
    let ingress = one(&bundle, "Ingress", "web");
    assert_eq!(bundle.objects.iter().filter(|object| object.kind() == "Ingress").count(), 1);
    assert!(ingress.pointer("/metadata/annotations").is_none(), "{ingress}");
    assert_eq!(text(&ingress, "/spec/ingressClassName"), "public");
    assert_eq!(text(&ingress, "/spec/rules/1/host"), "b.example.com");
    assert_eq!(text(&ingress, "/spec/tls/0/secretName"), "cert");
    let service = one(&bundle, "Service", "web");
    assert_eq!(text(&service, "/spec/type"), "ClusterIP");
    assert_eq!(
        service.pointer("/spec/ports/0/port"),
        ingress.pointer("/spec/rules/0/http/paths/0/backend/service/port/number")
    );
}

#[test]
fn a_gateway_gets_a_route_with_a_path() {
    let gateway = "installed \"gateway-api\" { entry \"public\" scope=\"internet\" namespace=\"gateways\"; entry \"inner\" scope=\"intranet\"; }";
    let expose = "expose \"intranet\" { via \"gateway\"; host \"a.example.com\"; path \"/api\"; }";
    let route = one(&made(expose, "ack", gateway, ""), "HTTPRoute", "web");
    assert_eq!(text(&route, "/spec/parentRefs/0/name"), "inner");
    assert_eq!(route.pointer("/spec/parentRefs/0/namespace"), None);
    assert_eq!(text(&route, "/spec/rules/0/matches/0/path/value"), "/api");
    assert_eq!(text(&route, "/spec/hostnames/0"), "a.example.com");
}

#[test]
fn strict_isolation_lets_in_the_namespace_and_what_is_exposed() {
    let bundle = made("expose \"internet\" port=80", "kubernetes", "", "isolation=\"strict\"");
    let cell = one(&bundle, "NetworkPolicy", "isolation");
    assert_eq!(cell.pointer("/spec/podSelector"), Some(&serde_json::json!({})));
    assert_eq!(cell.pointer("/spec/policyTypes"), Some(&serde_json::json!(["Ingress"])));
    assert_eq!(
        cell.pointer("/spec/ingress"),
        Some(&serde_json::json!([{ "from": [{ "podSelector": {} }] }]))
    );
    let exposed = one(&bundle, "NetworkPolicy", "exposed-web");
    // The container's port, not the Service's: a policy looks at packets that arrive at the pod.
    let anybody = serde_json::json!([{ "ports": [{ "port": 8080, "protocol": "TCP" }] }]);
    assert_eq!(exposed.pointer("/spec/ingress"), Some(&anybody));
    let labels = one(&bundle, "Namespace", "shop");
    assert_eq!(text(&labels, "/metadata/labels/pod-security.kubernetes.io~1enforce"), "baseline");
    assert!(has(&bundle, "LimitRange") && !has(&bundle, "ResourceQuota"));
}

#[test]
fn strict_isolation_keeps_pods_from_calling_others_where_the_pod_network_is_known() {
    let bundle =
        made("expose \"cluster\"", "kubernetes", "pod-network \"10.64.0.0/16\"", "isolation=\"strict\"");
    let egress =
        one(&bundle, "NetworkPolicy", "isolation").pointer("/spec/egress").cloned().unwrap_or_default();
    assert_eq!(text(&egress, "/2/to/0/ipBlock/except/0"), "10.64.0.0/16");
    assert_eq!(text(&egress, "/1/to/0/podSelector/matchLabels/k8s-app"), "kube-dns");
    assert!(
        !bundle.objects.iter().any(|object| object.logical_name == "exposed-web"),
        "nobody outside may come in"
    );
}

#[test]
fn without_isolation_nothing_is_in_the_way() {
    let bundle = made("expose \"internet\"", "kubernetes", "", "");
    for kind in ["NetworkPolicy", "LimitRange", "ResourceQuota"] {
        assert!(!has(&bundle, kind), "{kind}");
    }
    let namespace = one(&bundle, "Namespace", "shop");
    assert!(!namespace.to_string().contains("pod-security"), "{namespace}");
}

#[test]
fn a_quota_is_split_by_need_and_never_exceeded() {
    let text = r#"app "shop" {
            component "web" { image "web:1"; resources cpu="1" memory="1Gi"; replicas 4; }
            environment "prod" {
                tenant "a" { component "web" { replicas 8; }; }
                tenant "b"
                tenant "c" { component "web" { replicas 1; }; }
            }
        }
        platform "p" {
            cluster "c" kubernetes="1.34" { pool "general" cpu=16 memory="64Gi" nodes=10; }
            environment "prod" cluster="c" { quota cpu="23500m" memory="19Gi" pods=29; }
        }"#;
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add("spec.kdl", text);
    let document = parse::parse(&source, &mut diagnostics);
    let checked = compile(&document, &Files::new(), &mut diagnostics).expect("the quota is enough");
    // With a quarter more during a release: 10, 5 and 2 pods.
    let shares: Vec<(u64, u64, u64)> = checked
        .cells()
        .iter()
        .filter_map(|cell| cell.quota)
        .map(|share| {
            let [cpu, memory, pods] =
                [share.cpu_milli, share.memory_bytes, share.pods].map(Option::unwrap_or_default);
            (cpu, memory >> 20, pods)
        })
        .collect();
    assert_eq!(shares, [(13_823, 11_444, 17), (6_911, 5_722, 8), (2_764, 2_288, 3)]);
    let quota = one(&lower::lower(&checked, &checked.cells()[0]), "ResourceQuota", "quota");
    assert_eq!(
        quota.pointer("/spec/hard"),
        Some(&serde_json::json!({ "pods": "17", "requests.cpu": "13823m", "requests.memory": "11444Mi" }))
    );
}

#[test]
fn spreading_counts_each_revision_on_its_own() {
    let bundle = made("spread \"zone\" skew=2 required=#true; spread \"node\"", "kubernetes", "", "");
    let deployment = one(&bundle, "Deployment", "web");
    let constraints =
        deployment.pointer("/spec/template/spec/topologySpreadConstraints").cloned().unwrap_or_default();
    assert_eq!(constraints.pointer("/0/maxSkew"), Some(&serde_json::json!(2)));
    assert_eq!(text(&constraints, "/0/whenUnsatisfiable"), "DoNotSchedule");
    assert_eq!(text(&constraints, "/1/whenUnsatisfiable"), "ScheduleAnyway");
    assert_eq!(text(&constraints, "/1/topologyKey"), "kubernetes.io/hostname");
    assert_eq!(text(&constraints, "/0/matchLabelKeys/0"), "specc.io/revision");
}

#[test]
fn every_listener_of_a_load_balancer_is_tcp() {
    let bundle = made("expose \"internet\"", "ack", "", "");
    let service = one(&bundle, "Service", "web");
    assert_eq!(text(&service, "/spec/ports/0/protocol"), "TCP");
    assert!(!service.to_string().contains("loadbalancer-protocol-port"), "{service}");
}

#[test]
fn nothing_can_be_exposed_through_an_archived_project() {
    let app =
        "app \"shop\" { component \"web\" { image \"a\"; resources cpu=\"1\" memory=\"1Gi\"; port \"http\" 80
        readiness port=\"http\"; expose \"internet\" { via \"nginx\"; }; }; }";
    let mut diagnostics = Diagnostics::default();
    let mut sources = Sources::default();
    let document = parse::parse(&sources.add("app.kdl", app), &mut diagnostics);
    assert!(compile(&document, &Files::new(), &mut diagnostics).is_none());
    let messages: Vec<&str> = diagnostics.sorted().iter().map(|found| found.rule.name).collect();
    assert!(messages.contains(&"wrong-type"), "{messages:?}");
}
