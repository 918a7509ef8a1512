//! What verifies a release: what the plan asks, and what follows from the answers.

use std::collections::BTreeMap;

use compiler::app::{AnswerLimit, BatchSize};
use compiler::check::Checked;
use compiler::diag::{Diagnostics, Format, render};
use compiler::lower::lower;
use compiler::object::ObjectKey;
use compiler::plan::rollout::{Decision, Observation, Reason, Workload, Write, decide};
use compiler::plan::{
    Answer, Count, Mechanism, PlannedBatch, PlannedVerification, Question, Release, ReleasePlan, Said, Stage,
    plan, print,
};
use compiler::source::Sources;

const PLATFORM: &str = r##"platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        monitoring {
            prometheus "http://prometheus.monitoring:9090/base"
            query "error-rate" #"errors{namespace="{namespace}",pod=~"{component}-{revision}-.+"}"#
            query "p99" "p99"
        }
    }
    environment "prod" cluster="c"
}"##;

const KDL: &str = r#"app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 4
        release {
            batch 1 wait="30s" pause=#true
            batch "100%"
            verify "error-rate" below="0.5%" for="2m" every="20s" failures=5
            verify "p99" above=0.25
            verify "smoke" webhook="https://checks.example.com/web"
        }
    }
}"#;

const YAML: &str = r#"
app:
  name: shop
  component:
    name: web
    image: registry.example.com/web:1
    resources: {cpu: 500m, memory: 512Mi}
    replicas: 4
    release:
      batch:
      - {size: 1, wait: 30s, pause: true}
      - 100%
      verify:
      - {name: error-rate, below: 0.5%, for: 2m, every: 20s, failures: 5}
      - {name: p99, above: 0.25}
      - {name: smoke, webhook: "https://checks.example.com/web"}
"#;

fn checked(path: &str, app: &str) -> Checked {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let (app, platform) = (sources.add(path, app), sources.add("platform.kdl", PLATFORM));
    let mut document = compiler::parse::parse(&app, &mut diagnostics);
    document.append(compiler::parse::parse(&platform, &mut diagnostics));
    let checked = compiler::compile(&document, &BTreeMap::new(), &mut diagnostics);
    let shown = render(&diagnostics, &sources, Format::Human { colour: false });
    checked.unwrap_or_else(|| panic!("it is right:\n{shown}"))
}

/// The verifications of `web` in each cell.
fn verifications(checked: &Checked) -> Vec<Vec<PlannedVerification>> {
    let of = |cell| plan(checked, cell, &lower(checked, cell)).releases[0].verifications.clone();
    checked.cells().iter().map(of).collect()
}

#[test]
fn a_plan_asks_in_the_words_of_the_operators_about_its_own_revision() {
    let kdl = checked("app.kdl", KDL);
    let cell = &kdl.cells()[0];
    let planned = plan(&kdl, cell, &lower(&kdl, cell));
    let release = &planned.releases[0];
    let revision = &release.revision;
    assert_eq!(
        release.verifications[0],
        PlannedVerification {
            name: "error-rate".into(),
            question: Question::Prometheus {
                address: "http://prometheus.monitoring:9090/base".into(),
                query: format!(r#"errors{{namespace="shop-prod",pod=~"web-{revision}-.+"}}"#),
                limit: AnswerLimit { below: true, written: "0.5%".into() },
            },
            for_ns: 120_000_000_000,
            every_ns: 20_000_000_000,
            failures: 5,
        }
    );
    let smoke = &release.verifications[2];
    assert_eq!((smoke.for_ns, smoke.every_ns, smoke.failures), (0, 15_000_000_000, 3));
    assert_eq!(verifications(&kdl), verifications(&checked("app.yaml", YAML)), "YAML says the same");
    let text = print::text(&planned);
    let lines: Vec<&str> =
        text.lines().skip_while(|line| !line.starts_with("  batch 1")).skip(1).take(3).collect();
    assert_eq!(
        lines,
        [
            "  look at it for 30 s",
            "  verify error-rate, p99, smoke  until error-rate is below 0.5% for 120 s, p99 is above 0.25 for 60 s, \
             smoke says yes at https://checks.example.com/web",
            "  pause  until somebody resumes",
        ]
    );
}

#[test]
fn environments_and_tenants_change_bounds_and_take_verifications_away() {
    let layers = r#"environment "prod" {
        component "web" { release { verify "error-rate" below="2%"; }; }
        default-tenant
        tenant "a" { component "web" { release { verify "error-rate" above="1%"; remove "verify" "smoke"; }; }; }
    }
}"#;
    let text = format!("{}{layers}", KDL.trim_end_matches('}'));
    let cells = verifications(&checked("app.kdl", &text));
    let shown = |verifications: &Vec<PlannedVerification>| -> Vec<String> {
        verifications.iter().map(|known| format!("{} {}", known.name, known.question.in_words())).collect()
    };
    let smoke = "smoke says yes at https://checks.example.com/web";
    assert_eq!(shown(&cells[0]), ["error-rate is below 2%", "p99 is above 0.25", smoke]);
    assert_eq!(shown(&cells[1]), ["error-rate is above 1%", "p99 is above 0.25"]);
    assert_eq!(cells[1][0].for_ns, 120_000_000_000, "what is not said again stays");
}

fn key(name: &str) -> ObjectKey {
    ObjectKey { api_version: "apps/v1".into(), kind: "Deployment".into(), namespace: None, name: name.into() }
}

/// A canary of four pods that must keep its errors low for 30 ns, and passes one smoke test.
fn canary() -> Release {
    let verification = |name: &str, question, for_ns| PlannedVerification {
        name: name.into(),
        question,
        for_ns,
        every_ns: 10,
        failures: 2,
    };
    let limit = AnswerLimit { below: true, written: "1%".into() };
    let batch = |size, pause, wait_ns| PlannedBatch { size, pause, wait_ns };
    let errors = Question::Prometheus { address: "http://p".into(), query: "q".into(), limit };
    let plan = ReleasePlan {
        component: "web".into(),
        namespace: "shop-test".into(),
        mechanism: Mechanism::Deployments,
        revision: "new".into(),
        digest: "d".into(),
        objects: Vec::new(),
        follow_up: Vec::new(),
        count: Count::Fixed(4),
        windows: Vec::new(),
        batches: vec![batch(BatchSize::Count(1), true, 100), batch(BatchSize::Percent(100), false, 0)],
        surge_percent: 25,
        unavailable_percent: 0,
        deadline_ns: 200,
        depends_on: Vec::new(),
        needs: Vec::new(),
        verifications: vec![
            verification("error-rate", errors, 30),
            verification("smoke", Question::Webhook { address: "http://s".into() }, 0),
        ],
    };
    let stage = Stage::Hold { batch: 0, replicas: 4 };
    Release { stage, previous_replicas: Some(4), ..Release::new(plan, Some("old".into()), 1, 1_000) }
}

fn seen(answers: Vec<Answer>) -> Observation {
    let workload = |revision: &str, replicas| Workload {
        revision: revision.into(),
        object: key(&format!("web-{revision}")),
        epoch: Some(1),
        replicas,
        live: replicas,
        available: replicas,
        observed: true,
        count_owned: true,
        autoscaler: None,
        failure: None,
        shared: None,
    };
    Observation { workloads: vec![workload("new", 1), workload("old", 3)], answers, ..Observation::default() }
}

fn answer(verification: usize, at_ns: u64, said: Said) -> Answer {
    Answer { verification, revision: "new".into(), batch: 0, at_ns, said }
}

/// The record after the answers to all that is due, where every question is answered alike.
fn asked(record: &Release, now: u64, said: impl Fn(usize) -> Said) -> Decision {
    let due = record.due(now);
    decide(record, &seen(due.iter().map(|(index, _)| answer(*index, now, said(*index))).collect()), now)
}

fn recorded(decision: Decision) -> Release {
    let Decision::Write(Write::Record(record)) = decision else { panic!("{decision:?} changes the record") };
    *record
}

fn good(index: usize) -> Said {
    if index == 0 { Said::Value(0.002) } else { Said::Fine }
}

/// The canary after its wait, with verification begun.
fn begun() -> Release {
    recorded(decide(&canary(), &seen(Vec::new()), 1_100))
}

#[test]
fn a_batch_is_asked_about_after_its_wait_and_before_a_person() {
    let record = canary();
    assert!(record.due(1_050).is_empty(), "nothing is asked while it is looked at");
    let waits = Decision::Wait { until: Some(1_100), reason: Reason::BatchWait(0) };
    assert_eq!(decide(&record, &seen(Vec::new()), 1_050), waits);
    let mut record = begun();
    assert_eq!(record.due(1_100), [(0, 0), (1, 0)]);
    for now in [1_100, 1_110, 1_120] {
        record = recorded(asked(&record, now, good));
        assert_eq!(record.due(now + 9), [], "not before its time");
        assert_eq!(record.due(now + 10), [(0, 0)], "one yes of the smoke test is enough");
        let Decision::Wait { until: Some(until), reason } = decide(&record, &seen(Vec::new()), now + 1)
        else {
            panic!("it waits")
        };
        assert_eq!(until, now + 10);
        assert_eq!(reason.to_string(), "verifying batch 1: `error-rate` says 0.2%, to be below 1%");
    }
    let verified = recorded(asked(&record, 1_130, good));
    assert_eq!((verified.verified_batches, &verified.verifying), (1, &None));
    assert_eq!(decide(&verified, &seen(Vec::new()), 1_131), Decision::Paused { batch: Some(0) });
    let resumed = verified.resume(1_200).expect("somebody resumes");
    let seen = Observation {
        workloads: seen(Vec::new()).workloads.into_iter().map(|w| Workload { epoch: Some(2), ..w }).collect(),
        ..Observation::default()
    };
    assert_eq!(recorded(decide(&resumed, &seen, 1_200)).stage, Stage::Shift { batch: 1, replicas: 4 });
}

#[test]
fn an_answer_about_another_batch_revision_or_time_does_not_count() {
    let record = begun();
    let stale = [
        Answer { batch: 1, ..answer(0, 1_100, Said::Fine) },
        Answer { revision: "older".into(), ..answer(0, 1_100, Said::Fine) },
        answer(0, 1_099, Said::Fine),
        answer(7, 1_100, Said::Fine),
    ];
    let decision = decide(&record, &seen(stale.into()), 1_101);
    assert!(matches!(decision, Decision::Wait { .. }), "{decision:?}");
    let next = recorded(asked(&record, 1_110, good));
    let twice = decide(&next, &seen(vec![answer(0, 1_110, Said::Value(1.0))]), 1_111);
    assert!(matches!(twice, Decision::Wait { .. }), "an answer counts once: {twice:?}");
}

#[test]
fn bad_answers_in_a_row_fail_the_rollout_and_a_good_one_between_begins_again() {
    let bad = |index| if index == 0 { Said::Value(0.02) } else { Said::Fine };
    let once = recorded(asked(&begun(), 1_100, bad));
    let good_again = recorded(asked(&once, 1_110, good));
    let twice = recorded(asked(&good_again, 1_120, bad));
    assert_eq!(twice.failed, None, "one at a time");
    let silent = recorded(asked(&twice, 1_130, |_| Said::Nothing("status 503".into())));
    let failed = recorded(asked(&silent, 1_140, bad));
    assert_eq!(failed.failed.as_deref(), Some("batch 1: `error-rate` says 2%, to be below 1%"));
    assert!(failed.due(1_200).is_empty(), "nothing is asked any more");
    assert!(matches!(asked(&failed, 1_200, good), Decision::Failed { .. }), "and nothing is begun");
    let aborted = failed.abort(4, 1_200).expect("it is not over");
    assert_eq!(aborted.stage, Stage::Back { replicas: 4 });
    let again = failed.resume(1_300).expect("it has failed");
    assert_eq!(
        (again.failed, again.verifying, again.verified_batches),
        (None, None, 0),
        "from the beginning"
    );
}

#[test]
fn silence_breaks_what_must_last_and_ends_by_the_deadline() {
    let record = recorded(asked(&begun(), 1_100, good));
    let record = recorded(asked(&record, 1_110, |_| Said::Nothing("connection refused".into())));
    let tally = &record.verifying.as_ref().expect("it goes on").tallies[0];
    assert_eq!((tally.good_since_ns, tally.bad), (None, 0));
    let decision = decide(&record, &seen(Vec::new()), 1_111);
    let Decision::Wait { reason, .. } = &decision else { panic!("{decision:?} waits") };
    assert_eq!(reason.to_string(), "verifying batch 1: `error-rate` says no answer: connection refused");
    let late = recorded(decide(&record, &seen(Vec::new()), 1_300));
    let told = "batch 1 was not verified in time: verifying batch 1: `error-rate` says no answer: connection refused";
    assert_eq!(late.failed.as_deref(), Some(told));
}

#[test]
fn a_new_holder_verifies_from_the_beginning_and_knows_what_was_verified() {
    let half = recorded(asked(&begun(), 1_100, good));
    assert_eq!(half.taken_over().verifying, None);
    let verified = Release { verified_batches: 1, verifying: None, ..canary() };
    assert_eq!(verified.taken_over().verified_batches, 1);
    let back = Release { stage: Stage::Back { replicas: 4 }, failed: Some("gone".into()), ..verified };
    assert_eq!(back.resume(0).expect("it has failed").verified_batches, 0, "its batches come again");
}

#[test]
fn pods_that_break_while_a_batch_is_verified_fail_it() {
    let mut seen = seen(Vec::new());
    seen.workloads[0].failure = Some("pod a: CrashLoopBackOff".into());
    let failed = recorded(decide(&begun(), &seen, 1_101));
    assert_eq!(failed.failed.as_deref(), Some("batch 1: pod a: CrashLoopBackOff"));
}

#[test]
fn a_record_from_before_verifications_is_read_and_has_none() {
    let mut record = serde_json::to_value(canary()).expect("records serialise");
    let keys = ["verifiedBatches", "verifying"];
    record.as_object_mut().expect("a map").retain(|key, _| !keys.contains(&key.as_str()));
    record["plan"].as_object_mut().expect("a map").remove("verifications");
    let read: Release = serde_json::from_value(record).expect("an old record");
    assert_eq!((read.verified_batches, read.plan.verifications.len()), (0, 0));
    assert_eq!(decide(&read, &seen(Vec::new()), 1_050), Decision::Paused { batch: Some(0) });
}

#[test]
fn a_record_keeps_what_the_answers_have_come_to() {
    let record = recorded(asked(&begun(), 1_100, good));
    let text = serde_json::to_string(&record).expect("records serialise");
    assert_eq!(serde_json::from_str::<Release>(&text).expect("what was written is read"), record);
}
