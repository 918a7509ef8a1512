//! What the objects that scale keep by construction: limits that the language has no words to break.

use compiler::check::Checked;
use compiler::diag::Diagnostics;
use compiler::lower::{self, KINDS};
use compiler::object::{Manifest, Object};
use compiler::resolve::Files;
use compiler::source::Sources;
use compiler::{compile, parse};

/// The objects of a component `web` of an image, on a cluster with `installed` things.
fn objects(image: &str, installed: &str) -> Vec<Object> {
    let text = format!(
        r#"app "shop" {{
            component "web" {{
                image "{image}"
                resources cpu="500m" memory="512Mi"
                burst "when-short"
                scale min=4 max=400 {{
                    cron "double-11" from="0 50 23 10 11 *" until="0 0 2 11 11 *" time-zone="Asia/Shanghai" replicas=200
                }}
            }}
        }}
        platform "p" {{
            kubectl image="registry.example.com/kubectl:1.34"
            cluster "c" kubernetes="1.34" provider="ack" {{
                pool "general" cpu=16 memory="64Gi" nodes=10 max=60
                virtual-node "eci" quota=2000
                {installed}
            }}
            environment "prod" cluster="c" eci="allow"
        }}"#
    );
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let document = parse::parse(&sources.add("spec.kdl", text), &mut diagnostics);
    let checked = compile(&document, &Files::new(), &mut diagnostics);
    let messages: Vec<String> = diagnostics.sorted().iter().map(|found| found.message.clone()).collect();
    assert!(diagnostics.is_empty(), "{messages:?}");
    let checked = checked.expect("it has no mistakes");
    lower::lower(&checked, &checked.cells()[0]).objects
}

const CRONHPA: &str = "installed \"cronhpa\" time-zone=\"Asia/Shanghai\"";

fn of_kind<'a>(objects: &'a [Object], kind: &str) -> Vec<&'a Object> {
    objects.iter().filter(|object| object.kind() == kind).collect()
}

#[test]
fn a_resource_policy_selects_one_component_and_limits_no_pool() {
    // L07
    let objects = objects("a:1", CRONHPA);
    let policies = of_kind(&objects, "ResourcePolicy");
    let policy = policies[0].value();
    assert_eq!(policy["spec"]["selector"]["specc.io/component"], "web");
    assert!(
        policy["spec"]["units"]
            .as_array()
            .is_some_and(|units| units.iter().all(|unit| unit["max"].is_null()))
    );
    let all: String = objects.iter().map(Object::yaml).collect();
    assert!(!all.contains("pod-deletion-cost") && !all.contains("burst-resource"), "{all}");
}

#[test]
fn nothing_asks_eci_for_spot_or_economy() {
    // L04, L05
    let objects = objects("web:1", CRONHPA);
    let all: String = objects.iter().map(Object::yaml).collect();
    assert!(all.contains("virtual-kubelet"), "it may run on ECI:\n{all}");
    for word in ["spot", "economy", "arm64", "eci-use-specs"] {
        assert!(!all.contains(word), "{word}:\n{all}");
    }
}

#[test]
fn cronhpa_scales_the_autoscaler_of_the_revision_and_never_its_deployment() {
    // L16, L18
    let objects = objects("a:1", CRONHPA);
    let scaler = of_kind(&objects, "HorizontalPodAutoscaler")[0].key();
    let cron = of_kind(&objects, "CronHorizontalPodAutoscaler")[0].value();
    let target = &cron["spec"]["scaleTargetRef"];
    assert_eq!(
        (target["kind"].as_str(), target["name"].as_str()),
        (Some("HorizontalPodAutoscaler"), Some(&*scaler.name))
    );
    assert!(target["apiVersion"].as_str().is_some_and(|version| version.contains('/')));
    assert!(of_kind(&objects, "CronJob").is_empty(), "one of the two scales by the clock");
}

#[test]
fn every_window_ends_and_no_date_is_excluded() {
    // L15, L17
    let cron = of_kind(&objects("a:1", CRONHPA), "CronHorizontalPodAutoscaler")[0].value();
    let jobs = cron["spec"]["jobs"].to_string();
    insta::assert_snapshot!(jobs, @r#"[{"name":"double-11-from","schedule":"0 50 23 10 11 *","targetSize":200},{"name":"double-11-until","schedule":"0 0 2 11 11 *","targetSize":4}]"#);
    assert!(cron["spec"]["excludeDates"].is_null());
}

#[test]
fn without_cronhpa_jobs_may_patch_one_autoscaler_and_nothing_else() {
    let objects = objects("a:1", "");
    let scaler = of_kind(&objects, "HorizontalPodAutoscaler")[0].key();
    let rules = of_kind(&objects, "Role")[0].value()["rules"].clone();
    let wanted = serde_json::json!([{
        "apiGroups": ["autoscaling"],
        "resources": ["horizontalpodautoscalers"],
        "resourceNames": [scaler.name],
        "verbs": ["get", "patch"],
    }]);
    assert_eq!(rules, wanted);
    let jobs = of_kind(&objects, "CronJob");
    assert_eq!(jobs.len(), 2, "one end each");
    for (job, min, schedule) in [(jobs[0], 200, "50 23 10 11 *"), (jobs[1], 4, "0 2 11 11 *")] {
        let spec = &job.value()["spec"];
        assert_eq!(
            (spec["schedule"].as_str(), spec["timeZone"].as_str()),
            (Some(schedule), Some("Asia/Shanghai"))
        );
        let template = &spec["jobTemplate"]["spec"]["template"];
        let patch = format!("--patch={{\"spec\":{{\"minReplicas\":{min}}}}}");
        assert_eq!(template["spec"]["containers"][0]["args"][3], patch);
        assert!(
            template["metadata"]["labels"]["specc.io/component"].is_null(),
            "no Service selects the job's pod"
        );
    }
}

#[test]
fn what_scales_by_the_clock_waits_for_the_end_of_the_release() {
    for installed in [CRONHPA, ""] {
        for object in objects("a:1", installed) {
            let by_the_clock = !matches!(
                object.manifest,
                Manifest::Namespace(_)
                    | Manifest::PodDisruptionBudget(_)
                    | Manifest::ResourcePolicy(_)
                    | Manifest::Deployment(_)
                    | Manifest::HorizontalPodAutoscaler(_)
            );
            assert_eq!(object.after_release, by_the_clock, "{}", object.key());
        }
    }
}

#[test]
fn every_revision_has_an_autoscaler_of_its_own() {
    // L20
    for image in ["a:1", "a:2"] {
        let objects = objects(image, "");
        let deployment = of_kind(&objects, "Deployment")[0].key();
        let scalers = of_kind(&objects, "HorizontalPodAutoscaler");
        assert_eq!(scalers[0].value()["spec"]["scaleTargetRef"]["name"], *deployment.name);
        assert!(deployment.name.starts_with("web-"), "a revision names it");
    }
    assert_ne!(
        of_kind(&objects("a:1", ""), "Deployment")[0].key(),
        of_kind(&objects("a:2", ""), "Deployment")[0].key()
    );
}

#[test]
fn batches_are_the_rollouts_own_and_no_kruise_object_is_made() {
    // L21
    let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    assert!(!kinds.contains(&"Rollout") && !kinds.contains(&"BatchRelease"), "{kinds:?}");
    let made = objects("a:1", CRONHPA);
    assert!(made.iter().all(|object| !object.key().api_version.contains("kruise")));
}

/// The one cell of an application without mistakes.
fn cell(path: &str, app: &str) -> (Checked, Vec<Object>) {
    let platform = r#"platform "p" {
        kubectl image="registry.example.com/kubectl:1.35"
        cluster "c" kubernetes="1.35" { pool "general" cpu=16 memory="64Gi" nodes=10; }
        environment "prod" cluster="c"
    }"#;
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let mut document = parse::parse(&sources.add(path, app), &mut diagnostics);
    document.append(parse::parse(&sources.add("platform.kdl", platform), &mut diagnostics));
    let checked = compile(&document, &Files::new(), &mut diagnostics);
    let messages: Vec<String> = diagnostics.sorted().iter().map(|found| found.message.clone()).collect();
    assert!(diagnostics.is_empty(), "{messages:?}");
    let checked = checked.expect("it has no mistakes");
    let objects = lower::lower(&checked, &checked.cells()[0]).objects;
    (checked, objects)
}

const WHOLE: &str = r#"app "shop" { component "web" {
    image "a:1"
    resources cpu="500m" memory="512Mi"
    disruption max-unavailable=1
    release { min-ready "10s"; batch "50%" wait="1m"; batch "100%"; }
    scale min=4 max=40 {
        cpu "300m"
        memory "80%"
        container "web" cpu="70%" memory="600Mi"
        pods "lookups" average="1500m" { selector "tier" "hot"; }
        object "requests" of="Ingress/web" value="10k"
        external "queue" value="2000" { selector "queue" "orders"; selector "zone" "a"; }
        behavior {
            up window="30s" tolerance="5%" { policy 4 every="15s"; policy "100%"; }
            down select="nothing"
        }
        cron "eve" from="0 0 18 24 12 *" until="0 0 23 24 12 *" time-zone="UTC" replicas=20
    }
} }"#;

#[test]
fn an_autoscaler_says_exactly_what_was_written() {
    let (_, objects) = cell("app.kdl", WHOLE);
    let scaler = of_kind(&objects, "HorizontalPodAutoscaler")[0].value();
    let lines: Vec<String> =
        scaler["spec"]["metrics"].as_array().into_iter().flatten().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    {"resource":{"name":"cpu","target":{"averageValue":"300m","type":"AverageValue"}},"type":"Resource"}
    {"resource":{"name":"memory","target":{"averageUtilization":80,"type":"Utilization"}},"type":"Resource"}
    {"containerResource":{"container":"web","name":"cpu","target":{"averageUtilization":70,"type":"Utilization"}},"type":"ContainerResource"}
    {"containerResource":{"container":"web","name":"memory","target":{"averageValue":"600Mi","type":"AverageValue"}},"type":"ContainerResource"}
    {"pods":{"metric":{"name":"lookups","selector":{"matchLabels":{"tier":"hot"}}},"target":{"averageValue":"1500m","type":"AverageValue"}},"type":"Pods"}
    {"object":{"describedObject":{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","name":"web"},"metric":{"name":"requests"},"target":{"type":"Value","value":"10k"}},"type":"Object"}
    {"external":{"metric":{"name":"queue","selector":{"matchLabels":{"queue":"orders","zone":"a"}}},"target":{"type":"Value","value":"2000"}},"type":"External"}
    "#);
    insta::assert_snapshot!(scaler["spec"]["behavior"], @r#"{"scaleDown":{"selectPolicy":"Disabled"},"scaleUp":{"policies":[{"periodSeconds":15,"type":"Pods","value":4},{"periodSeconds":15,"type":"Percent","value":100}],"stabilizationWindowSeconds":30,"tolerance":"50m"}}"#);
}

#[test]
fn yaml_says_the_same() {
    let yaml = r#"
app:
  name: shop
  component:
  - name: web
    image: "a:1"
    resources: {cpu: 500m, memory: 512Mi}
    disruption: {max-unavailable: 1}
    release:
      min-ready: 10s
      batch: [{size: 50%, wait: 1m}, {size: 100%}]
    scale:
      min: 4
      max: 40
      cpu: 300m
      memory: 80%
      container: {name: web, cpu: 70%, memory: 600Mi}
      pods: {metric: lookups, average: 1500m, selector: {key: tier, value: hot}}
      object: {metric: requests, of: Ingress/web, value: 10k}
      external:
        metric: queue
        value: "2000"
        selector: [{key: queue, value: orders}, {key: zone, value: a}]
      behavior:
        up: {window: 30s, tolerance: 5%, policy: [{change: 4, every: 15s}, {change: 100%}]}
        down: {select: nothing}
      cron:
      - name: eve
        from: 0 0 18 24 12 *
        until: 0 0 23 24 12 *
        time-zone: UTC
        replicas: 20
"#;
    let ((_, kdl), (_, yaml)) = (cell("app.kdl", WHOLE), cell("app.yaml", yaml));
    assert_eq!(kdl, yaml);
}

#[test]
fn an_environment_replaces_policies_and_targets_and_removes_windows() {
    let over = r#"
    environment "prod" { component "web" {
        disruption min-available=2
        release { batch "100%"; }
        scale {
            remove "cron" "eve"
            pods "lookups" average="2"
            container "web" { cpu "50%"; remove "memory"; }
            object "requests" average="100"
            behavior { up { policy 8; }; }
        }
    } }"#;
    let text = WHOLE.strip_suffix('}').expect("it ends").to_owned() + over + "}";
    let (_, objects) = cell("app.kdl", &text);
    assert!(of_kind(&objects, "CronJob").is_empty());
    let spec = of_kind(&objects, "HorizontalPodAutoscaler")[0].value()["spec"].clone();
    assert_eq!(spec["metrics"][3]["pods"]["target"]["averageValue"], "2");
    assert_eq!(spec["metrics"][3]["pods"]["metric"]["selector"]["matchLabels"]["tier"], "hot");
    assert_eq!(spec["metrics"][4]["object"]["target"]["type"], "AverageValue");
    let container = &spec["metrics"][2]["containerResource"];
    assert_eq!(
        (&container["name"], container["target"]["averageUtilization"].as_i64()),
        (&"cpu".into(), Some(50))
    );
    let up = &spec["behavior"]["scaleUp"];
    assert_eq!(
        (up["policies"].as_array().map(Vec::len), up["policies"][0]["value"].as_i64()),
        (Some(1), Some(8))
    );
    let budget = of_kind(&objects, "PodDisruptionBudget")[0].value()["spec"].clone();
    assert_eq!((budget["minAvailable"].as_i64(), budget["maxUnavailable"].as_i64()), (Some(2), None));
}

#[test]
fn the_most_pods_are_those_of_the_upper_bound_and_the_surge() {
    let most = |lines: &str| {
        let text = format!(
            "app \"shop\" {{ component \"web\" {{ image \"a:1\"; resources cpu=\"1\" memory=\"1Gi\"; {lines} }} }}"
        );
        let checked = cell("app.kdl", &text).0;
        let cell = &checked.cells()[0];
        cell.components[0].pods_most(checked.cluster(cell))
    };
    assert_eq!(most("replicas 3;"), 4, "a quarter of it, rounded up");
    assert_eq!(most("scale max=40;"), 50);
    assert_eq!(most("scale max=40; release { surge \"10%\"; batch \"100%\"; };"), 44);
    let window = "cron \"eve\" from=\"0 0 18 * * *\" until=\"0 0 23 * * *\" time-zone=\"UTC\" replicas=40";
    assert_eq!(most(&format!("scale max=40 {{ {window}; }};")), 50, "a window stays below the upper bound");
}
