//! The joint upgrade of Windows nodes and images: selector and image move together, and only where both are there.

mod model;

use compiler::check::Checked;
use compiler::diag::{Diagnostics, Format, render};
use compiler::object::{Bundle, Object};
use compiler::plan::rollout::{Decision, Observation, Outcome, Reason, Write, decide};
use compiler::plan::{Begin, Need, Plan, Release, plan};
use compiler::resolve::Files;
use compiler::source::Sources;
use compiler::{compile, lower, parse};
use model::{Model, key};
use serde_json::{Value, json};

const COMPONENT: &str = r#"
component "erp" {
    os "windows"
    image "registry.example.com/erp:7" base="ltsc2022"
    image "registry.example.com/erp:7-ltsc2025" base="ltsc2025"
    init "migrate" {
        image "registry.example.com/migrate:7" base="ltsc2022"
        image "registry.example.com/migrate:7-ltsc2025" base="ltsc2025"
    }
    container "agent" {
        image "registry.example.com/agent:1" base="ltsc2022"
        image "registry.example.com/agent:1-ltsc2025" base="ltsc2025"
        resources cpu="100m" memory="128Mi"
    }
    port "http" 8080
    resources cpu="2" memory="4Gi"
    replicas 4
    release { batch 1 pause=#true; batch "100%"; }
}
"#;

const OLD: &str = r#"pool "windows" cpu=8 memory="32Gi" nodes=4 os="windows" build="ltsc2022""#;
const BETWEEN: &str = r#"pool "windows" cpu=8 memory="32Gi" nodes=4 os="windows" build="ltsc2022" {
    upgrade "ltsc2025" nodes=2
}"#;
const NEW: &str = r#"pool "windows" cpu=8 memory="32Gi" nodes=4 os="windows" build="ltsc2025""#;

fn read(texts: [(&str, &str); 2]) -> (Option<Checked>, String) {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let [app, platform] = texts.map(|(path, text)| parse::parse(&sources.add(path, text), &mut diagnostics));
    let mut document = app;
    document.append(platform);
    let checked = compile(&document, &Files::new(), &mut diagnostics);
    (checked, render(&diagnostics, &sources, Format::Human { colour: false }))
}

fn platform(pool: &str) -> String {
    format!(
        "platform \"p\" {{\n cluster \"c\" kubernetes=\"1.34\" {{\n pool \"general\" cpu=16 memory=\"64Gi\" \
         nodes=3\n {pool}\n }}\n environment \"prod\" cluster=\"c\"\n}}\n"
    )
}

fn checked(app: &str, pool: &str) -> Checked {
    let app = format!("app \"shop\" {{ {app} }}");
    let (checked, shown) = read([("app.kdl", &app), ("platform.kdl", &platform(pool))]);
    checked.unwrap_or_else(|| panic!("{shown}"))
}

fn bundle(checked: &Checked) -> Bundle {
    lower::lower(checked, &checked.cells()[0])
}

fn planned(checked: &Checked) -> Plan {
    plan(checked, &checked.cells()[0], &bundle(checked))
}

/// The build that pods ask for, and the image of each container.
fn build_and_images(checked: &Checked) -> (Value, Vec<Value>) {
    let objects = bundle(checked).objects;
    let spec = objects.iter().find_map(Object::pod_spec).expect("there is a workload");
    let spec = serde_json::to_value(spec).expect("it serialises");
    let containers = ["containers", "initContainers"].map(|key| spec[key].as_array().cloned());
    let images = containers.into_iter().flatten().flatten().map(|container| container["image"].clone());
    (spec["nodeSelector"]["node.kubernetes.io/windows-build"].clone(), images.collect())
}

#[test]
fn selector_and_images_move_together() {
    let (old, between) = (checked(COMPONENT, OLD), checked(COMPONENT, BETWEEN));
    let images = |suffix: &str| {
        ["erp:7", "agent:1", "migrate:7"]
            .map(|name| json!(format!("registry.example.com/{name}{suffix}")))
            .to_vec()
    };
    assert_eq!(build_and_images(&old), (json!("10.0.20348"), images("")));
    assert_eq!(build_and_images(&between), (json!("10.0.26100"), images("-ltsc2025")));
    let revision = |checked: &Checked| planned(checked).releases[0].revision.clone();
    assert_ne!(revision(&old), revision(&between), "one new revision brings both");
}

#[test]
fn the_new_build_of_the_pool_changes_no_byte_at_the_end() {
    let (between, new) = (checked(COMPONENT, BETWEEN), checked(COMPONENT, NEW));
    assert_eq!(bundle(&between), bundle(&new));
    assert_eq!(planned(&between), planned(&new), "an apply finds nothing to do");
}

#[test]
fn one_container_without_an_image_keeps_all_on_the_old_build() {
    for line in ["migrate:7-ltsc2025", "agent:1-ltsc2025", "erp:7-ltsc2025"] {
        let kept: Vec<&str> = COMPONENT.lines().filter(|written| !written.contains(line)).collect();
        let without = kept.join(
            "
",
        );
        let app = format!("app \"shop\" {{ {without} }}");
        let (between, shown) = read([("app.kdl", &app), ("platform.kdl", &platform(BETWEEN))]);
        assert!(shown.contains("S0316") && shown.contains("stays on build `ltsc2022`"), "{shown}");
        let between = between.expect("it is a warning");
        assert_eq!(bundle(&between), bundle(&checked(&without, OLD)), "{line}");
    }
}

#[test]
fn a_build_of_its_own_is_kept() {
    let pinned = COMPONENT.replace("os \"windows\"", "os \"windows\" build=\"ltsc2022\"");
    assert_eq!(build_and_images(&checked(&pinned, BETWEEN)).0, "10.0.20348");
    let ahead = pinned.replace("build=\"ltsc2022\"", "build=\"ltsc2025\"");
    assert_eq!(build_and_images(&checked(&ahead, BETWEEN)).0, "10.0.26100");
}

#[test]
fn an_image_that_does_not_say_its_base_takes_the_pools_build_and_does_not_move() {
    let silent = "component \"erp\" { os \"windows\"; image \"a:1\"; resources cpu=\"2\" memory=\"4Gi\"; }";
    for (pool, build) in [(OLD, "10.0.20348"), (BETWEEN, "10.0.20348"), (NEW, "10.0.26100")] {
        assert_eq!(build_and_images(&checked(silent, pool)), (json!(build), vec![json!("a:1")]));
    }
}

#[test]
fn nothing_of_the_new_build_is_made_before_one_of_its_nodes_is_ready() {
    let plan = planned(&checked(COMPONENT, BETWEEN));
    let need = plan.releases[0].needs[0].clone();
    assert_eq!(need.labels(), "kubernetes.io/os=windows,node.kubernetes.io/windows-build=10.0.26100");
    let text = compiler::plan::print::text(&plan);
    assert!(text.contains(&format!("look for a node with {}  until one is ready", need.labels())), "{text}");
    let release = Release::new(plan.releases[0].clone(), Some("old".into()), 1, 0);
    let objects = vec![compiler::plan::rollout::ObjectState::Absent; release.plan.objects.len()];
    let mut seen = Observation { objects, unready_need: Some(need.clone()), ..Observation::default() };
    assert_eq!(decide(&release, &seen, 0), Decision::Wait { until: None, reason: Reason::Need(need) });
    seen.unready_need = None;
    assert!(matches!(decide(&release, &seen, 0), Decision::Write(_)), "then it begins");
}

#[test]
fn nodes_that_only_pods_bring_are_not_waited_for() {
    let none = OLD.replace("nodes=4", "nodes=0 max=4");
    assert_eq!(planned(&checked(COMPONENT, &none)).releases[0].needs, []);
}

#[test]
fn a_record_from_before_nodes_were_needed_is_read() {
    let key =
        json!({ "apiVersion": "apps/v1", "kind": "DaemonSet", "namespace": "kube-system", "name": "dns" });
    let read: Need = serde_json::from_value(key.clone()).expect("it is a key");
    assert!(matches!(&read, Need::Everywhere(found) if found.name == "dns"));
    assert_eq!(serde_json::to_value(read).expect("it serialises"), key);
    let node = Need::Node { node_labels: [("a".to_owned(), "b".to_owned())].into() };
    let again: Need = serde_json::from_value(json!({ "nodeLabels": { "a": "b" } })).expect("it is a node");
    assert_eq!(again, node);
}

/// Drives a release until it rests.
fn rest(model: &mut Model, record: &mut Release) -> Decision {
    for _ in 0..2_000 {
        match decide(record, &model.observation(&record.plan), model.now) {
            Decision::Write(Write::Record(next)) => *record = *next,
            Decision::Write(write) => assert!(model.perform(&record.plan, &write), "{write:?} lands"),
            Decision::Wait { .. } => {}
            rest @ (Decision::Paused { .. } | Decision::Done(_) | Decision::Failed { .. }) => return rest,
        }
        model.advance(0);
    }
    panic!("it rests: {:?}", record.stage)
}

#[test]
fn the_components_own_batches_move_it_and_an_abort_brings_both_back() {
    let component = COMPONENT.replace("\"erp\"", "\"web\"");
    let mut plan = planned(&checked(&component, BETWEEN)).releases[0].clone();
    // The model has one object a revision, which holds build and images.
    plan.objects = vec![key("Deployment", &format!("web-{}", plan.revision))];
    let mut model = Model::new(&plan, false, true, 0);
    let Begin::Start(record) = Release::begin(None, &plan, Some("old".into()), 0) else {
        panic!("without a record a rollout starts");
    };
    let mut record = *record;
    assert_eq!(rest(&mut model, &mut record), Decision::Paused { batch: Some(0) });
    assert_eq!(model.replicas(&plan.revision), 1, "the canary is on the new build");
    record = record.abort(model.total(), model.now).expect("it stands at a pause");
    assert_eq!(rest(&mut model, &mut record), Decision::Done(Outcome::RolledBack));
    assert_eq!(model.replicas(&plan.revision), 0, "the revision holds build and image, so both are gone");
}

#[test]
fn an_override_replaces_the_image_of_one_build() {
    let app = format!(
        "{COMPONENT} environment \"prod\" {{ component \"erp\" {{ image \"b:1\" base=\"ltsc2025\"; }}; \
         tenant \"a\"; tenant \"b\" {{ component \"erp\" {{ image \"c:1\" base=\"ltsc2022\"; }}; }}; \
         tenant \"c\" {{ component \"erp\" {{ remove \"image\" \"ltsc2025\"; }}; }}; }}"
    );
    let main = |pool: &str| -> Vec<String> {
        let checked = checked(&app, pool);
        checked.cells().iter().map(|cell| cell.components[0].main.image.value.clone()).collect()
    };
    assert_eq!(main(OLD), ["registry.example.com/erp:7", "c:1", "registry.example.com/erp:7"]);
    assert_eq!(main(BETWEEN), ["b:1", "b:1", "registry.example.com/erp:7"]);
}

#[test]
fn an_override_without_a_base_replaces_the_only_image() {
    let one = "component \"erp\" { os \"windows\"; image \"a:1\" base=\"ltsc2022\"; resources cpu=\"2\" memory=\"4Gi\"; };";
    let over = "environment \"prod\" { component \"erp\" { image \"a:2\"; }; }";
    let image = checked(&format!("{one} {over}"), OLD).cells()[0].components[0].main.clone();
    assert_eq!(
        (image.image.value.as_str(), image.base.map(|base| base.value.name)),
        ("a:2", Some("ltsc2022"))
    );
    let (_, shown) = read([
        ("app.kdl", &format!("app \"shop\" {{ {COMPONENT} {over} }}")),
        ("platform.kdl", &platform(OLD)),
    ]);
    assert!(shown.contains("S0314"), "of several it does not say which: {shown}");
}

#[test]
fn yaml_says_the_same() {
    const APP: &str = "
app:
  name: shop
  component:
    name: erp
    os: windows
    image:
      - {reference: 'registry.example.com/erp:7', base: ltsc2022}
      - {reference: 'registry.example.com/erp:7-ltsc2025', base: ltsc2025}
    init:
      - name: migrate
        image:
          - {reference: 'registry.example.com/migrate:7', base: ltsc2022}
          - {reference: 'registry.example.com/migrate:7-ltsc2025', base: ltsc2025}
    container:
      - name: agent
        image:
          - {reference: 'registry.example.com/agent:1', base: ltsc2022}
          - {reference: 'registry.example.com/agent:1-ltsc2025', base: ltsc2025}
        resources: {cpu: 100m, memory: 128Mi}
    port: [{name: http, number: 8080}]
    resources: {cpu: 2, memory: 4Gi}
    replicas: 4
    release:
      batch:
        - {size: 1, pause: true}
        - 100%
";
    const PLATFORM: &str = "
platform:
  name: p
  cluster:
    - name: c
      kubernetes: '1.34'
      pool:
        - {name: general, cpu: 16, memory: 64Gi, nodes: 3}
        - name: windows
          os: windows
          build: ltsc2022
          cpu: 8
          memory: 32Gi
          nodes: 4
          upgrade: {build: ltsc2025, nodes: 2}
  environment:
    - {name: prod, cluster: c}
";
    let (yaml, shown) = read([("app.yaml", APP), ("platform.yaml", PLATFORM)]);
    let yaml = yaml.unwrap_or_else(|| panic!("{shown}"));
    let kdl = checked(COMPONENT, BETWEEN);
    assert_eq!((bundle(&yaml), planned(&yaml)), (bundle(&kdl), planned(&kdl)));
}

#[test]
fn nodes_of_the_old_build_in_another_pool_leave_nobody_behind() {
    let pinned = COMPONENT.replace("os \"windows\"", "os \"windows\" build=\"ltsc2022\"");
    let app = format!("app \"shop\" {{ {pinned} }}");
    let other = OLD.replace("\"windows\" cpu", "\"windows-2\" cpu");
    let shown = |pool: &str| read([("app.kdl", &app), ("platform.kdl", &platform(pool))]).1;
    assert!(shown(BETWEEN).contains("S0316"));
    assert!(!shown(&format!("{BETWEEN}\n {other}")).contains("S0316"));
}
