//! What every rollout promises, on a small cluster whose autoscalers, pods, operators and crashes are random.

mod cases;
mod model;

use cases::cases;
use compiler::app::{BatchSize, Window};
use compiler::plan::rollout::{Decision, Outcome, Write, decide};
use compiler::plan::{Begin, Bounds, Count, Mechanism, PlannedBatch, Release, ReleasePlan, Stage};
use model::{Model, key};
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
    /// A Deployment or an autoscaler is made, and the driver dies before it owns the count.
    HalfBirth,
    Pause,
    Resume,
    Abort,
    /// What scales by the clock raises the revision that it still takes for the serving one, as cronhpa does.
    Clock,
}

/// One run: what is rolled out, on what, and what happens on the way.
#[derive(Clone, Debug)]
struct Run {
    plan: ReleasePlan,
    /// When it begins: some writes before or after the minute at which a window opens or closes.
    begin_ns: u64,
    /// Whether a revision serves before.
    first: bool,
    /// Whether pods of the new revision ever become available.
    ready: bool,
    incidents: Vec<(usize, Incident)>,
    /// What the autoscalers want, turn by turn.
    noise: Vec<u8>,
}

/// Turns after which a run that has not ended never will.
const TURNS_MAX: usize = 4_000;

/// How a run ended.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    Released,
    RolledBack,
    Failed,
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn every_fair_run_ends_and_keeps_its_promises(run in run()) {
        let (ended, model) = drive(&run);
        let new = model.replicas(&run.plan.revision);
        let old = model.replicas("old");
        match ended {
            Ended::Released => prop_assert!(new > 0 && old == 0, "only the new revision serves: {new}, {old}"),
            Ended::RolledBack => prop_assert!(new == 0 && (run.first || old > 0), "only the old serves: {new}, {old}"),
            Ended::Failed => prop_assert!(!run.ready, "pods that become available fail no rollout"),
        }
        if let (Ended::Released, Count::Auto(bounds)) = (&ended, run.plan.count) {
            let wanted = run.plan.raised(bounds, model.now);
            prop_assert_eq!(model.bounds(&run.plan.revision), Some(wanted), "an open window stays open");
        }
        if !run.ready {
            prop_assert!(ended != Ended::Released, "what never becomes available is never released");
            prop_assert!(run.first || old > 0, "the old revision still serves");
        }
    }
}

/// Turns until an end; resumes every pause, since nobody may wait for ever.
fn drive(run: &Run) -> (Ended, Model) {
    let mut model = Model::new(&run.plan, run.first, run.ready, run.begin_ns);
    let serving = (!run.first).then(|| "old".to_owned());
    let Begin::Start(mut record) = Release::begin(None, &run.plan, serving, model.now) else {
        panic!("without a record a rollout starts");
    };
    let mut zombies: Vec<Write> = Vec::new();
    for turn in 0..TURNS_MAX {
        let incident = run.incidents.iter().find(|(at, _)| *at == turn).map(|(_, incident)| *incident);
        command(&mut record, incident, &model);
        if let (Some(Incident::Clock), Some(window)) = (incident, run.plan.windows.first()) {
            model.raise("old", window.replicas);
        }
        let seen = model.observation(&run.plan);
        match decide(&record, &seen, model.now) {
            Decision::Write(write) => {
                started_nothing_after_a_failure(&record, &write);
                act(&mut model, &mut record, write, incident, &mut zombies);
            }
            Decision::Wait { .. } => {}
            Decision::Paused { .. } => {
                assert!(model.all_stamped(record.epoch), "no older write lands after a pause");
                *record = record.resume(model.now).expect("what is paused can be resumed");
            }
            Decision::Failed { .. } => return (Ended::Failed, model),
            Decision::Done(outcome) => {
                assert!(model.all_stamped(record.epoch), "no older write lands after the end");
                let ended = match outcome {
                    Outcome::Released => Ended::Released,
                    Outcome::RolledBack => Ended::RolledBack,
                };
                return (ended, model);
            }
        }
        // A hung write arrives when its holder is long replaced.
        if model.all_stamped(record.epoch) {
            for zombie in zombies.drain(..) {
                assert!(!model.perform(&run.plan, &zombie), "an older epoch's write is refused: {zombie:?}");
            }
        }
        let noise = run.noise[turn % run.noise.len()];
        model.advance(noise);
        promises(run, &record, &model);
    }
    panic!("the run ends: {:?} with {:?}", record.stage, model.observation(&run.plan).workloads);
}

fn command(record: &mut Release, incident: Option<Incident>, model: &Model) {
    let next = match incident {
        Some(Incident::Pause) => record.pause(),
        Some(Incident::Resume) => record.resume(model.now),
        Some(Incident::Abort) => record.abort(model.total(), model.now),
        Some(
            Incident::CrashBefore
            | Incident::CrashAfter
            | Incident::Zombie
            | Incident::HalfBirth
            | Incident::Clock,
        )
        | None => None,
    };
    if let Some(next) = next {
        assert!(next.epoch > record.epoch, "every command is a barrier");
        *record = next;
    }
}

fn act(
    model: &mut Model,
    record: &mut Release,
    write: Write,
    incident: Option<Incident>,
    zombies: &mut Vec<Write>,
) {
    let taken = record.taken_over();
    match incident {
        Some(Incident::CrashBefore) => *record = taken,
        Some(Incident::Zombie) => {
            let fenced = matches!(
                write,
                Write::Scale { .. } | Write::Bound { .. } | Write::Remove { .. } | Write::Stamp { .. }
            );
            zombies.extend(fenced.then_some(write));
            *record = taken;
        }
        Some(Incident::HalfBirth) if matches!(write, Write::Birth { .. }) => {
            model.half_birth(&record.plan, &write);
            *record = taken;
        }
        Some(Incident::CrashAfter) => {
            done(model, record, write);
            *record = record.taken_over();
        }
        Some(
            Incident::HalfBirth | Incident::Pause | Incident::Resume | Incident::Abort | Incident::Clock,
        )
        | None => done(model, record, write),
    }
}

fn done(model: &mut Model, record: &mut Release, write: Write) {
    if let Write::Record(next) = write {
        assert_eq!(next.epoch, record.epoch, "only holders and commands change the epoch");
        *record = *next;
        return;
    }
    assert!(model.perform(&record.plan, &write), "a write on what was just seen lands: {write:?}");
}

fn started_nothing_after_a_failure(record: &Release, write: &Write) {
    let stamp = matches!(write, Write::Stamp { .. });
    assert!(record.failed.is_none() || stamp, "after a failure nothing new is started: {write:?}");
    let silent = !record.paused || stamp;
    assert!(silent, "a pause writes nothing but its stamps: {write:?}");
}

/// What holds at every moment of a rollout of a fixed count over a serving revision.
fn promises(run: &Run, record: &Release, model: &Model) {
    let Count::Fixed(count) = run.plan.count else { return };
    if run.first {
        return;
    }
    let (surge, unavailable) = slack(run, count);
    assert!(model.total() <= count + surge, "never above the surge: {} of {count} + {surge}", model.total());
    let least = (count - unavailable).min(model.least_available);
    assert!(model.available() >= least, "never fewer than promised: {} of {least}", model.available());
    if let Stage::Shift { batch, replicas } = record.stage {
        let new = model.replicas(&run.plan.revision);
        let target = record.batch_target(batch, replicas);
        assert!(new <= target, "never beyond the batch: {new} of {target}");
    }
}

fn slack(run: &Run, count: u32) -> (u32, u32) {
    let surge = (count * run.plan.surge_percent).div_ceil(100);
    let unavailable = count * run.plan.unavailable_percent / 100;
    if surge == 0 && unavailable == 0 { (1, 0) } else { (surge, unavailable) }
}

fn run() -> impl Strategy<Value = Run> {
    let incident = prop_oneof![
        Just(Incident::CrashBefore),
        Just(Incident::CrashAfter),
        Just(Incident::Zombie),
        Just(Incident::HalfBirth),
        Just(Incident::Pause),
        Just(Incident::Resume),
        Just(Incident::Abort),
        Just(Incident::Clock),
    ];
    let incidents = prop::collection::vec((0_usize..150, incident), 0..8);
    let noise = prop::collection::vec(any::<u8>(), 1..50);
    let begin_ns = (0_u64..400).prop_map(|before| MINUTE_NS - before);
    (plan(), begin_ns, any::<bool>(), prop::bool::weighted(0.8), incidents, noise).prop_map(
        |(plan, begin_ns, first, ready, incidents, noise)| Run {
            plan,
            begin_ns,
            first,
            ready,
            incidents,
            noise,
        },
    )
}

const MINUTE_NS: u64 = 60_000_000_000;

/// A window that opens, closes, is open or is closed when the first minute is over; none for a fixed count.
fn windows(count: Count) -> impl Strategy<Value = Vec<Window>> {
    let most = match count {
        Count::Fixed(_) => 0,
        Count::Auto(bounds) => bounds.max - bounds.min,
    };
    let minutes = prop::sample::select(vec![("1", "30"), ("30", "1"), ("0", "30"), ("30", "0")]);
    let more = prop_oneof![2 => Just(0), 1 => 0..=most];
    (minutes, more).prop_map(move |((from, until), more)| match count {
        Count::Auto(bounds) if more > 0 => vec![Window {
            from: format!("0 {from} * * * *"),
            until: format!("0 {until} * * * *"),
            time_zone: "UTC".into(),
            replicas: bounds.min + more,
        }],
        Count::Auto(_) | Count::Fixed(_) => Vec::new(),
    })
}

fn plan() -> impl Strategy<Value = ReleasePlan> {
    let count = prop_oneof![
        (1_u32..12).prop_map(Count::Fixed),
        (1_u32..6, 0_u32..20).prop_map(|(min, more)| Count::Auto(Bounds { min, max: min + more })),
    ];
    let count = count.prop_flat_map(|count| (Just(count), windows(count)));
    let size = prop_oneof![(1_u32..4).prop_map(BatchSize::Count), (1_u32..100).prop_map(BatchSize::Percent)];
    let batch = (size, any::<bool>(), 0_u64..5).prop_map(|(size, pause, wait_ns)| PlannedBatch {
        size,
        pause,
        wait_ns,
    });
    let batches = prop::collection::vec(batch, 0..4);
    (count, batches, 0_u32..=100, 0_u32..=60).prop_map(
        |((count, windows), mut batches, surge_percent, unavailable_percent)| {
            batches.push(PlannedBatch { size: BatchSize::Percent(100), pause: false, wait_ns: 0 });
            let mut objects = vec![key("Service", "web"), key("Deployment", "web-new")];
            objects
                .extend(matches!(count, Count::Auto(_)).then(|| key("HorizontalPodAutoscaler", "web-new")));
            ReleasePlan {
                mechanism: Mechanism::Deployments,
                component: "web".into(),
                namespace: "shop-test".into(),
                revision: "new".into(),
                digest: "d".into(),
                objects,
                follow_up: Vec::new(),
                count,
                windows,
                batches,
                surge_percent,
                unavailable_percent,
                deadline_ns: 1_000,
                depends_on: Vec::new(),
                needs: Vec::new(),
            }
        },
    )
}
