//! What every rollout promises, on a small cluster whose autoscalers, pods, operators and crashes are random.

mod cases;
mod model;

use cases::cases;
use compiler::app::{AnswerLimit, BatchSize, Window};
use compiler::plan::rollout::{Budget, Decision, Outcome, Write, decide};
use compiler::plan::{
    Answer, Begin, Bounds, Count, Mechanism, PlannedBatch, PlannedVerification, Question, Release,
    ReleasePlan, Said, Stage, TimeNs,
};
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
    /// What is answered, turn by turn: below 4 good, 4 bad, 5 nothing.
    answers: Vec<u8>,
}

/// What was answered since the verification of a batch began: which, when, and whether it was good.
type Log = Vec<(usize, TimeNs, bool)>;

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
            Ended::Failed => prop_assert!(
                !run.ready || !run.plan.verifications.is_empty() && run.answers.iter().any(|said| *said > 3),
                "pods that become available and good answers fail no rollout"
            ),
        }
        if let (Ended::Released, Count::Auto(bounds)) = (&ended, run.plan.count) {
            let wanted = run.plan.raised(bounds, model.now);
            prop_assert_eq!(model.bounds(&run.plan.revision), Some(wanted), "an open window stays open");
        }
        if !run.plan.verifications.is_empty() && run.answers.iter().all(|said| *said > 3) {
            prop_assert!(ended != Ended::Released, "what is never verified is never released");
        }
        if !run.ready {
            prop_assert!(ended != Ended::Released, "what never becomes available is never released");
            prop_assert!(run.first || old > 0, "the old revision still serves");
        }
    }
}

/// A window that opens while a batch is verified moves the bounds of both autoscalers. An answer that comes in that
/// moment counts like any other.
#[test]
fn what_is_answered_while_bounds_move_is_not_lost() {
    let window = Window {
        from: "0 1 * * * *".into(),
        until: "0 30 * * * *".into(),
        time_zone: "UTC".into(),
        replicas: 8,
    };
    let half = PlannedBatch { size: BatchSize::Percent(50), pause: false, wait_ns: 0 };
    let limit = AnswerLimit { below: true, written: "1%".into() };
    let question = Question::Prometheus { address: "http://p".into(), query: "q".into(), limit };
    let verification =
        PlannedVerification { name: "error-rate".into(), question, for_ns: 17, every_ns: 5, failures: 3 };
    let count = Count::Auto(Bounds { min: 4, max: 20 });
    let plan = planned(count, vec![window], vec![half], vec![verification]);
    for begin_ns in (MINUTE_NS - 200..MINUTE_NS).step_by(7) {
        for good in 1..6 {
            let mut answers = vec![0; good];
            answers.push(4);
            let plan = plan.clone();
            drive(&Run {
                plan,
                begin_ns,
                first: false,
                ready: true,
                incidents: Vec::new(),
                noise: vec![0],
                answers,
            });
        }
    }
}

/// A drain has taken a pod while a rollout is under way: what is available stays until the budget is met again.
#[test]
fn while_a_budget_is_not_met_no_available_pod_is_taken_away() {
    let plan = planned(Count::Fixed(4), Vec::new(), Vec::new(), Vec::new());
    let mut model = Model::new(&plan, false, true, 1);
    let Begin::Start(mut record) = Release::begin(None, &plan, Some("old".to_owned()), 1) else {
        panic!("without a record a rollout starts");
    };
    let mut held = 0;
    for turn in 0..200 {
        let healthy = if turn % 40 < 35 { 2 } else { 4 };
        let mut seen = model.observation(&plan);
        seen.budget = Some(Budget { object: key("PodDisruptionBudget", "web"), healthy, desired: 3 });
        match decide(&record, &seen, model.now) {
            Decision::Write(Write::Record(next)) => *record = *next,
            Decision::Write(write) => {
                let lowers = matches!(&write, Write::Scale { from, to, .. } if to < from);
                assert!(!lowers || healthy > 3, "{write:?} in turn {turn}");
                assert!(model.perform(&plan, &write), "a write on what was just seen lands");
            }
            Decision::Wait { reason, .. } => {
                held += u32::from(reason.to_string().contains("healthy pods: there are 2, and it wants 3"));
            }
            Decision::Done(outcome) => {
                assert!(held > 10, "it says what it waits for: {held}");
                return assert_eq!(outcome, Outcome::Released);
            }
            stopped @ (Decision::Paused { .. } | Decision::Failed { .. }) => panic!("{stopped:?}"),
        }
        model.advance(0);
    }
    panic!("it goes on once the budget is met");
}

/// Turns until an end; resumes every pause, since nobody may wait for ever.
fn drive(run: &Run) -> (Ended, Model) {
    let mut model = Model::new(&run.plan, run.first, run.ready, run.begin_ns);
    let serving = (!run.first).then(|| "old".to_owned());
    let Begin::Start(mut record) = Release::begin(None, &run.plan, serving, model.now) else {
        panic!("without a record a rollout starts");
    };
    let (mut zombies, mut log): (Vec<Write>, Log) = (Vec::new(), Vec::new());
    for turn in 0..TURNS_MAX {
        let incident = run.incidents.iter().find(|(at, _)| *at == turn).map(|(_, incident)| *incident);
        command(&mut record, incident, &model);
        if let (Some(Incident::Clock), Some(window)) = (incident, run.plan.windows.first()) {
            model.raise("old", window.replicas);
        }
        let mut seen = model.observation(&run.plan);
        seen.answers = answers(run, &record, model.now, turn, &mut log);
        match decide(&record, &seen, model.now) {
            Decision::Write(write) => {
                started_nothing_after_a_failure(&record, &write);
                started_nothing_unverified(&record, &write, &mut log);
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
    // A creation that is late has nothing but the object itself against it.
    let silent = !record.paused || stamp || matches!(write, Write::Birth { .. });
    assert!(silent, "a pause writes nothing but what keeps late writes from landing: {write:?}");
}

/// Everything that is due is answered; what is old, or about something else, says yes and must not count.
fn answers(run: &Run, record: &Release, now: TimeNs, turn: usize, log: &mut Log) -> Vec<Answer> {
    let mut answers = Vec::new();
    for (verification, batch) in record.due(now) {
        let said = match run.answers[(turn + verification) % run.answers.len()] {
            0..=3 if verification == 0 => Said::Value(0.001),
            4 if verification == 0 => Said::Value(0.02),
            0..=3 => Said::Fine,
            4 => Said::Bad("status 409".into()),
            _ => Said::Nothing("status 503".into()),
        };
        let good = matches!(said, Said::Fine) || said == Said::Value(0.001);
        log.push((verification, now, good));
        let answer = Answer { verification, revision: record.plan.revision.clone(), batch, at_ns: now, said };
        let yes = Answer { said: Said::Fine, ..answer.clone() };
        let before = record.verifying.as_ref().map_or(0, |verifying| verifying.began_ns).saturating_sub(1);
        answers.extend([
            Answer { batch: batch + 1, ..yes.clone() },
            Answer { revision: "older".into(), ..yes.clone() },
            Answer { at_ns: before, ..yes },
            answer,
        ]);
    }
    answers
}

/// No batch begins, and no rollout ends, before every verification of the batch before has held for its time.
fn started_nothing_unverified(record: &Release, write: &Write, log: &mut Log) {
    let Write::Record(next) = write else { return };
    if record.verifying.is_none() && next.verifying.is_some() {
        log.clear();
    }
    let leaves = matches!(record.stage, Stage::Hold { .. }) && next.stage != record.stage;
    if !leaves {
        return;
    }
    for (index, planned) in record.plan.verifications.iter().enumerate() {
        let own: Vec<(TimeNs, bool)> =
            log.iter().filter(|(known, ..)| *known == index).map(|(_, at, good)| (*at, *good)).collect();
        let since = own.iter().rev().take_while(|(_, good)| *good).last().map(|(at, _)| *at);
        let until = own.last().map(|(at, _)| *at);
        let held = since.zip(until).is_some_and(|(since, until)| until - since >= planned.for_ns);
        assert!(held, "{} holds for {} before {:?}: {own:?}", planned.name, planned.for_ns, next.stage);
    }
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
    let answers = prop_oneof![
        3 => Just(vec![0]),
        2 => prop::collection::vec(0_u8..6, 1..20),
        1 => Just(vec![4]),
        1 => Just(vec![5]),
    ];
    (plan(), begin_ns, any::<bool>(), prop::bool::weighted(0.8), incidents, (noise, answers)).prop_map(
        |(plan, begin_ns, first, ready, incidents, (noise, answers))| Run {
            plan,
            begin_ns,
            first,
            ready,
            incidents,
            noise,
            answers,
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
    (count, batches, 0_u32..=100, 0_u32..=60, verifications()).prop_map(
        |((count, windows), batches, surge_percent, unavailable_percent, verifications)| ReleasePlan {
            surge_percent,
            unavailable_percent,
            ..planned(count, windows, batches, verifications)
        },
    )
}

/// A plan of these batches and a last one of everything.
fn planned(
    count: Count,
    windows: Vec<Window>,
    mut batches: Vec<PlannedBatch>,
    verifications: Vec<PlannedVerification>,
) -> ReleasePlan {
    batches.push(PlannedBatch { size: BatchSize::Percent(100), pause: false, wait_ns: 0 });
    let mut objects = vec![key("Service", "web"), key("Deployment", "web-new")];
    objects.extend(matches!(count, Count::Auto(_)).then(|| key("HorizontalPodAutoscaler", "web-new")));
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
        surge_percent: 25,
        unavailable_percent: 0,
        deadline_ns: 1_000,
        depends_on: Vec::new(),
        needs: Vec::new(),
        verifications,
    }
}

/// None, a bound, or a bound and a webhook.
fn verifications() -> impl Strategy<Value = Vec<PlannedVerification>> {
    let limit = AnswerLimit { below: true, written: "1%".into() };
    let query = Question::Prometheus { address: "http://p".into(), query: "q".into(), limit };
    let webhook = Question::Webhook { address: "http://w".into() };
    let one = (0_u64..30, 1_u64..10, 1_u32..4);
    let both = (one.clone(), one).prop_map(move |(query_times, webhook_times)| {
        let made = |(name, question, (for_ns, every_ns, failures)): (&str, &Question, (u64, u64, u32))| {
            PlannedVerification { name: name.into(), question: question.clone(), for_ns, every_ns, failures }
        };
        vec![made(("error-rate", &query, query_times)), made(("smoke", &webhook, webhook_times))]
    });
    (both, 0_usize..3).prop_map(|(mut both, count)| {
        both.truncate(count);
        both
    })
}
