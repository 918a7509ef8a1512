//! What the objects that scale keep by construction: limits that the language has no words to break.

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
