//! Releases and aborts while requests go wrong at random: a run may end with an error, and nothing is ever lost.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use compiler::plan::Plan;
use runtime::{Command, End, Error};

use super::lane::{KINDS, Kind, Lane, Operator, Ran};
use super::layer::{Fault, OF_READS, OF_WRITES, Schedule};
use super::matrix::{Reference, fine, reference};
use super::random::Random;
use super::{Stage, on_stage, rests};
use crate::cluster::place::Place;
use crate::process::note;

/// How many faults strike at least.
const FAULTS: u64 = 500;
/// How many do with `SPECC_TEST_FULL`.
const FAULTS_FULL: u64 = 10_000;
/// Lanes of each kind, which run at the same time.
const LANES: u32 = 5;
/// How many of a thousand writes, and of a thousand reads, go wrong.
const OFTEN: (u64, u64) = (350, 30);
/// How often a run is given again before something is wrong.
const GIVEN_MAX: u32 = 100;

/// What all lanes count together.
#[derive(Default)]
struct Tally {
    struck: BTreeMap<Fault, u64>,
    releases: u64,
    aborts: u64,
    errors: BTreeMap<String, u64>,
    refused: u64,
    landed: u64,
}

pub fn faults(place: &'static Place) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let given = std::env::var("SPECC_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = given.unwrap_or(now);
    note(&format!("faults: SPECC_TEST_SEED={seed}"));
    let full = std::env::var_os("SPECC_TEST_FULL").is_some();
    let wanted = if full { FAULTS_FULL } else { FAULTS };
    let lanes: Vec<(Kind, u32)> = KINDS.iter().map(|kind| (*kind, LANES)).collect();
    on_stage(place, "faults", &lanes, |stage, lanes| async move {
        let start = Instant::now();
        let tally = Rc::new(std::cell::RefCell::new(Tally::default()));
        let share = wanted.div_ceil(lanes.len() as u64);
        let tasks: Vec<_> = lanes
            .into_iter()
            .enumerate()
            .map(|(index, lane)| {
                let random = Random::new(seed.wrapping_add(index as u64));
                let (stage, tally) = (Rc::clone(&stage), Rc::clone(&tally));
                tokio::task::spawn_local(async move {
                    let told = format!("{:?} {index}", lane.kind);
                    one_lane(&stage, &lane, random, share, &tally)
                        .await
                        .map_err(|what| format!("{told}: {what}"))
                })
            })
            .collect();
        let mut wrong = Vec::new();
        for task in tasks {
            wrong.extend(task.await.expect("no lane panics").err());
        }
        conclude(&tally.borrow(), &stage, start, wanted, &wrong);
    });
}

fn conclude(tally: &Tally, stage: &Stage, start: Instant, wanted: u64, wrong: &[String]) {
    let all: u64 = tally.struck.values().sum();
    note(&format!(
        "faults: {all} in {} releases and {} aborts in {:?}: {:?}; late writes: {} refused, {} landed; errors: {:?}; {} states",
        tally.releases,
        tally.aborts,
        start.elapsed(),
        tally.struck,
        tally.refused,
        tally.landed,
        tally.errors,
        stage.watcher.states()
    ));
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(all >= wanted, "{all} faults are too few");
    for fault in OF_WRITES.iter().chain(OF_READS) {
        assert!(tally.struck.contains_key(fault), "{fault} never struck");
    }
}

/// Releases and aborts in turn, until enough has gone wrong.
async fn one_lane(
    stage: &Stage,
    lane: &Rc<Lane>,
    mut random: Random,
    share: u64,
    tally: &std::cell::RefCell<Tally>,
) -> Result<(), String> {
    let reference = reference(stage, lane).await;
    let operator = Operator::new(&lane.app).await;
    let struck = || operator.wire.struck().values().sum::<u64>();
    while struck() < share {
        let plan = lane.next();
        if random.below(3) == 0 {
            taken_back(stage, lane, &operator, &reference, (&plan, &mut random), tally).await?;
        }
        driven(&operator, &plan, None, &mut random, tally).await?;
        operator.wire.schedule(Schedule::Never);
        rests(stage, lane, &reference.released).await.map_err(|what| format!("after a release: {what}"))?;
        operator.chained(&plan).await?;
        tally.borrow_mut().releases += 1;
    }
    for (fault, count) in operator.wire.struck() {
        *tally.borrow_mut().struck.entry(fault).or_default() += count;
    }
    let violations = stage.watcher.violations(&lane.app.namespace, lane.kind.pods());
    let violations: Vec<String> = violations.into_iter().map(|(_, what)| what).collect();
    if violations.is_empty() { Ok(()) } else { Err(violations.join("; ")) }
}

/// A release that is aborted at a random write of it.
async fn taken_back(
    stage: &Stage,
    lane: &Lane,
    operator: &Operator,
    reference: &Reference,
    (plan, random): (&Plan, &mut Random),
    tally: &std::cell::RefCell<Tally>,
) -> Result<(), String> {
    operator.wire.schedule(Schedule::At(1 + random.below(reference.writes), Fault::Zombie));
    let _stopped = operator.apply(plan).await;
    driven(operator, plan, Some(Command::Abort), random, tally).await?;
    operator.wire.schedule(Schedule::Never);
    // What had not begun, or was over, is not aborted.
    let record = super::digest::record(&stage.client, lane).await;
    if record["stage"] == "aborted" {
        rests(stage, lane, &reference.aborted).await.map_err(|what| format!("after an abort: {what}"))?;
        tally.borrow_mut().aborts += 1;
    }
    Ok(())
}

/// Gives an apply or a command again and again, until it has led to its end.
async fn driven(
    operator: &Operator,
    plan: &Plan,
    command: Option<Command>,
    random: &mut Random,
    tally: &std::cell::RefCell<Tally>,
) -> Result<(), String> {
    operator.wire.schedule(Schedule::Random(Random::new(random.next()), OFTEN.0, OFTEN.1));
    let mut late = Vec::new();
    for _ in 0..GIVEN_MAX {
        let ran = match command {
            Some(command) => operator.command(plan, command).await,
            None => operator.apply(plan).await,
        };
        // What an earlier run had in flight comes while a later one is at work.
        late.extend(operator.wire.held());
        if random.below(2) == 0 {
            released_late(&mut late, tally).await;
        }
        match ran {
            Ran::Ended(End::Released { .. } | End::RolledBack) => {
                released_late(&mut late, tally).await;
                return Ok(());
            }
            Ran::Gave(Error::Nothing { .. }) if command.is_some() => {
                released_late(&mut late, tally).await;
                return Ok(());
            }
            Ran::Crashed => {}
            Ran::Gave(error) => {
                *tally.borrow_mut().errors.entry(kind(&error)).or_default() += 1;
            }
            Ran::Ended(_) => fine(&ran)?,
        }
    }
    Err(format!("no end after {GIVEN_MAX} times"))
}

async fn released_late(late: &mut Vec<super::layer::Held>, tally: &std::cell::RefCell<Tally>) {
    for held in late.drain(..) {
        let code = held.release().await;
        let landed = code.is_some_and(|code| code < 300);
        let mut tally = tally.borrow_mut();
        tally.landed += u64::from(landed);
        tally.refused += u64::from(!landed);
    }
}

/// An error by its name.
fn kind(error: &Error) -> String {
    let text = format!("{error:?}");
    text.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}
