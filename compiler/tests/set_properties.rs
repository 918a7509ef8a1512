//! What every rollout of a StatefulSet or a DaemonSet promises, whatever crashes, is said, or breaks on the way.

mod cases;
mod model;

use cases::cases;
use compiler::app::BatchSize;
use compiler::plan::rollout::{Decision, Outcome, Write, decide};
use compiler::plan::{Begin, Count, Mechanism, PlannedBatch, Release, ReleasePlan, Stage};
use model::key;
use model::sets::{Sets, kind};
use proptest::prelude::*;

/// What happens between two turns of the driver.
#[derive(Clone, Copy, Debug)]
enum Incident {
    /// The driver dies with its write; another one takes over.
    CrashBefore,
    /// The driver dies after its write; another one takes over.
    CrashAfter,
    /// The driver hangs, another one takes over, and then the first one's write arrives.
    Zombie,
    Pause,
    Resume,
    Abort,
    /// A pod dies by itself.
    Death(u8),
}

#[derive(Clone, Debug)]
struct Run {
    plan: ReleasePlan,
    first: bool,
    ready: bool,
    /// Nodes of a daemon that are not ready.
    unready: u32,
    incidents: Vec<(usize, Incident)>,
}

#[derive(Debug, PartialEq, Eq)]
enum Ended {
    Released,
    RolledBack,
    Failed,
}

const TURNS_MAX: usize = 4_000;

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn every_fair_run_of_a_set_ends_and_keeps_its_promises(run in run()) {
        let (ended, sets) = drive(&run);
        let (new, old) = (sets.of("new"), sets.of("old"));
        // A pod that dies in the last moment is its controller's to make again.
        let deaths = run.incidents.iter().filter(|(_, incident)| matches!(incident, Incident::Death(_))).count() as u32;
        let complete = sets.available() + deaths >= sets.reachable();
        let skipped = if run.plan.mechanism == Mechanism::Nodes { run.unready } else { 0 };
        match ended {
            Ended::Released => prop_assert!(old <= skipped && complete, "every pod is new: {new}, {old}"),
            Ended::RolledBack if run.first => prop_assert_eq!(new, 0, "nothing serves, as before"),
            Ended::RolledBack => {
                prop_assert!(new <= skipped && complete, "every pod is old: {new}, {old}");
            }
            Ended::Failed => prop_assert!(!run.ready, "pods that become available fail no rollout"),
        }
        if !run.ready {
            prop_assert!(ended != Ended::Released || sets.reachable() == 0, "what never becomes available is never released");
        }
    }
}

/// Turns until an end; resumes every pause, since nobody may wait for ever.
fn drive(run: &Run) -> (Ended, Sets) {
    let mut sets = Sets::new(&run.plan, run.first, run.ready, run.unready);
    let serving = (!run.first).then(|| "old".to_owned());
    let Begin::Start(mut record) = Release::begin(None, &run.plan, serving, sets.now) else {
        panic!("without a record a rollout starts");
    };
    let (mut zombies, mut deaths): (Vec<Write>, u32) = (Vec::new(), 0);
    for turn in 0..TURNS_MAX {
        let incident = run.incidents.iter().find(|(at, _)| *at == turn).map(|(_, incident)| *incident);
        command(&mut record, incident, &sets);
        if let Some(Incident::Death(index)) = incident {
            sets.die(index);
            deaths += 1;
        }
        match decide(&record, &sets.observation(&run.plan), sets.now) {
            Decision::Write(write) => {
                started_nothing_after_a_failure(&record, &write);
                act(&mut sets, &mut record, write, incident, &mut zombies);
            }
            Decision::Wait { .. } => {}
            Decision::Paused { .. } => {
                assert!(sets.all_stamped(&record), "no older write lands after a pause");
                *record = record.resume(sets.now).expect("what is paused can be resumed");
            }
            Decision::Failed { .. } => return (Ended::Failed, sets),
            Decision::Done(outcome) => {
                let ended = match outcome {
                    Outcome::Released => Ended::Released,
                    Outcome::RolledBack => Ended::RolledBack,
                };
                return (ended, sets);
            }
        }
        // A hung write arrives when its holder is long replaced.
        if sets.all_stamped(&record) {
            for zombie in zombies.drain(..) {
                let landed = sets.perform(&run.plan, record.previous_template.as_ref(), &zombie);
                assert!(!landed, "an older epoch's write is refused: {zombie:?}");
            }
        }
        sets.advance();
        promises(run, &record, &sets, deaths);
    }
    panic!("the run ends: {record:?} with {sets:?}");
}

fn command(record: &mut Release, incident: Option<Incident>, sets: &Sets) {
    let live = sets.of("old") + sets.of("new");
    let next = match incident {
        Some(Incident::Pause) => record.pause(),
        Some(Incident::Resume) => record.resume(sets.now),
        Some(Incident::Abort) => record.abort(live, sets.now),
        Some(Incident::CrashBefore | Incident::CrashAfter | Incident::Zombie | Incident::Death(_)) | None => {
            None
        }
    };
    *record = next.unwrap_or_else(|| record.clone());
}

fn act(
    sets: &mut Sets,
    record: &mut Release,
    write: Write,
    incident: Option<Incident>,
    zombies: &mut Vec<Write>,
) {
    match incident {
        Some(Incident::CrashBefore) => *record = record.taken_over(),
        Some(Incident::Zombie) => {
            let fenced = !matches!(write, Write::Birth { .. } | Write::Record(_));
            zombies.extend(fenced.then_some(write));
            *record = record.taken_over();
        }
        Some(Incident::CrashAfter) => {
            done(sets, record, write);
            *record = record.taken_over();
        }
        Some(Incident::Pause | Incident::Resume | Incident::Abort | Incident::Death(_)) | None => {
            done(sets, record, write);
        }
    }
}

fn done(sets: &mut Sets, record: &mut Release, write: Write) {
    if let Write::Record(next) = write {
        assert_eq!(next.epoch, record.epoch, "only holders and commands change the epoch");
        *record = *next;
        return;
    }
    let landed = sets.perform(&record.plan, record.previous_template.as_ref(), &write);
    assert!(landed, "a write on what was just seen lands: {write:?}");
}

fn started_nothing_after_a_failure(record: &Release, write: &Write) {
    let stamp = matches!(write, Write::Stamp { .. });
    assert!(record.failed.is_none() || stamp, "after a failure nothing new is started: {write:?}");
    // What is born has no pods.
    let silent = stamp || matches!(write, Write::Birth { .. });
    assert!(!record.paused || silent, "a pause writes nothing but its stamps and births: {write:?}");
}

/// What holds at every moment of a rollout over a serving revision.
fn promises(run: &Run, record: &Release, sets: &Sets, deaths: u32) {
    if run.first || !run.ready && matches!(record.stage, Stage::Back { .. }) {
        return;
    }
    let away = (sets.reachable() * run.plan.unavailable_percent / 100).max(1);
    let least = sets.reachable().saturating_sub(away + deaths);
    assert!(sets.available() >= least, "never fewer than promised: {} of {least}", sets.available());
    if let Stage::Shift { batch, replicas } | Stage::Hold { batch, replicas } = record.stage {
        // A daemon's pod that dies by itself comes back as the template says.
        let died = if run.plan.mechanism == Mechanism::Nodes { deaths } else { 0 };
        let (new, target) = (sets.of("new"), record.batch_target(batch, replicas) + died);
        assert!(new <= target, "never beyond the batch: {new} of {target}");
    }
}

fn run() -> impl Strategy<Value = Run> {
    let incident = prop_oneof![
        Just(Incident::CrashBefore),
        Just(Incident::CrashAfter),
        Just(Incident::Zombie),
        Just(Incident::Pause),
        Just(Incident::Resume),
        Just(Incident::Abort),
        any::<u8>().prop_map(Incident::Death),
    ];
    let incidents = prop::collection::vec((0_usize..150, incident), 0..8);
    (plan(), any::<bool>(), prop::bool::weighted(0.8), incidents, 0_u32..3).prop_map(
        |(plan, first, ready, incidents, unready)| {
            let Count::Fixed(count) = plan.count else { panic!("only fixed counts here") };
            let daemon = plan.mechanism == Mechanism::Nodes;
            Run { unready: if daemon { unready.min(count) } else { 0 }, plan, first, ready, incidents }
        },
    )
}

fn plan() -> impl Strategy<Value = ReleasePlan> {
    let size = prop_oneof![(1_u32..4).prop_map(BatchSize::Count), (1_u32..100).prop_map(BatchSize::Percent)];
    let batch = (size, any::<bool>(), 0_u64..5).prop_map(|(size, pause, wait_ns)| PlannedBatch {
        size,
        pause,
        wait_ns,
    });
    let batches = prop::collection::vec(batch, 0..4);
    let mechanism = prop_oneof![Just(Mechanism::Partition), Just(Mechanism::Nodes)];
    (mechanism, 1_u32..9, batches, 0_u32..=60).prop_map(
        |(mechanism, count, mut batches, unavailable_percent)| {
            batches.push(PlannedBatch { size: BatchSize::Percent(100), pause: false, wait_ns: 0 });
            ReleasePlan {
                mechanism,
                component: "web".into(),
                namespace: "shop-test".into(),
                revision: "new".into(),
                digest: "d".into(),
                objects: vec![key("Service", "web"), key(kind(mechanism), "web")],
                follow_up: Vec::new(),
                count: Count::Fixed(count),
                windows: Vec::new(),
                batches,
                surge_percent: 0,
                unavailable_percent,
                deadline_ns: 1_000,
                depends_on: Vec::new(),
                needs: Vec::new(),
                verifications: Vec::new(),
            }
        },
    )
}
