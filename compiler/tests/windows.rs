//! A rollout and the clock: what an open window has raised stays raised, and comes back when it is closed.

mod model;

use compiler::app::{BatchSize, Window};
use compiler::plan::rollout::{Decision, Observation, Outcome, Write, decide};
use compiler::plan::{Begin, Bounds, Count, Mechanism, PlannedBatch, Release, ReleasePlan, Stage};
use model::{Model, key};

const MINUTE_NS: u64 = 60_000_000_000;
const POLICY: Bounds = Bounds { min: 2, max: 20 };
const RAISED: Bounds = Bounds { min: 12, max: 20 };

/// A window in the first half of every hour.
fn window() -> Window {
    Window {
        from: "0 0 * * * *".into(),
        until: "0 30 * * * *".into(),
        time_zone: "Asia/Shanghai".into(),
        replicas: RAISED.min,
    }
}

fn plan() -> ReleasePlan {
    let batch = |size, pause| PlannedBatch { size, pause, wait_ns: 0 };
    ReleasePlan {
        mechanism: Mechanism::Deployments,
        needs: Vec::new(),
        verifications: Vec::new(),
        component: "web".into(),
        namespace: "shop-test".into(),
        revision: "new".into(),
        digest: "d".into(),
        objects: vec![key("Deployment", "web-new"), key("HorizontalPodAutoscaler", "web-new")],
        follow_up: vec![key("CronJob", "web-half-from")],
        count: Count::Auto(POLICY),
        windows: vec![window()],
        batches: vec![batch(BatchSize::Percent(50), true), batch(BatchSize::Percent(100), false)],
        surge_percent: 25,
        unavailable_percent: 0,
        deadline_ns: MINUTE_NS,
        depends_on: Vec::new(),
    }
}

/// A rollout over a revision that serves, driven until it is at `end` or pauses.
fn driven(begin_ns: u64) -> (Model, Release) {
    let plan = plan();
    let mut model = Model::new(&plan, false, true, begin_ns);
    let Begin::Start(record) = Release::begin(None, &plan, Some("old".into()), begin_ns) else {
        panic!("without a record a rollout starts");
    };
    let mut record = *record;
    until_it_rests(&mut model, &mut record);
    (model, record)
}

fn until_it_rests(model: &mut Model, record: &mut Release) -> Decision {
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

fn resumed(model: &mut Model, record: &mut Release) -> Decision {
    *record = record.resume(model.now).expect("it can be resumed");
    until_it_rests(model, record)
}

fn next(model: &Model, record: &Release) -> Decision {
    let seen: Observation = model.observation(&record.plan);
    decide(record, &seen, model.now)
}

#[test]
fn an_apply_over_an_open_window_leaves_it_open() {
    let (mut model, mut record) = driven(0);
    assert_eq!(resumed(&mut model, &mut record), Decision::Done(Outcome::Released));
    assert_eq!(model.bounds("new"), Some(RAISED), "the new revision has what the window asks for");
    assert_eq!(next(&model, &record), Decision::Done(Outcome::Released), "a second apply lowers nothing");
}

#[test]
fn a_window_that_nobody_closed_is_closed_by_the_next_apply() {
    let (mut model, mut record) = driven(0);
    resumed(&mut model, &mut record);
    model.now = 30 * MINUTE_NS;
    let Decision::Write(Write::Bound { from, to, .. }) = next(&model, &record) else {
        panic!("bounds are written")
    };
    assert_eq!((from, to), (RAISED, POLICY));
}

#[test]
fn a_window_that_nobody_opened_is_opened_by_the_next_apply() {
    let (mut model, mut record) = driven(30 * MINUTE_NS);
    assert_eq!(resumed(&mut model, &mut record), Decision::Done(Outcome::Released));
    assert_eq!(model.bounds("new"), Some(POLICY));
    model.now = 60 * MINUTE_NS;
    let Decision::Write(Write::Bound { from, to, .. }) = next(&model, &record) else {
        panic!("bounds are written")
    };
    assert_eq!((from, to), (POLICY, RAISED));
}

#[test]
fn two_revisions_share_what_an_open_window_asks_for() {
    let (model, record) = driven(0);
    assert!(matches!(record.stage, Stage::Hold { batch: 0, .. }), "{:?}", record.stage);
    let (new, old) = (model.bounds("new").expect("it scales"), model.bounds("old").expect("it scales"));
    assert!((RAISED.min - 1..=RAISED.min).contains(&(new.min + old.min)), "{new:?} and {old:?}");
    assert!(new.max + old.max >= RAISED.max, "{new:?} and {old:?}");
}

#[test]
fn an_abort_leads_back_to_what_holds_then() {
    for (minute, bounds) in [(1, RAISED), (31, POLICY)] {
        let (mut model, mut record) = driven(0);
        model.now = minute * MINUTE_NS;
        record = record.abort(model.total(), model.now).expect("it stands at a pause");
        assert_eq!(until_it_rests(&mut model, &mut record), Decision::Done(Outcome::RolledBack));
        assert_eq!(model.bounds("old"), Some(bounds), "at minute {minute}");
    }
}

#[test]
fn a_revision_that_the_clock_woke_goes_back_to_sleep() {
    let (mut model, mut record) = driven(0);
    resumed(&mut model, &mut record);
    model.raise("old", RAISED.min);
    assert_eq!(model.replicas("old"), RAISED.min, "cronhpa scales what it takes for serving");
    assert_eq!(until_it_rests(&mut model, &mut record), Decision::Done(Outcome::Released));
    assert_eq!(model.replicas("old"), 0);
}
