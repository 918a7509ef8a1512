//! A crash at every write of a release and of an abort, and whatever somebody does afterwards: the end is always the same.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use compiler::plan::Plan;
use runtime::{Command, End, Error};

use super::lane::{KINDS, Kind, Lane, Operator, Ran};
use super::layer::{Fault, Schedule};
use super::{Stage, audit, on_stage, released, rest, rests};
use crate::cluster::place::Place;
use crate::process::note;

/// What becomes of the write at which a run ends, or goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Crash {
    /// It is not sent before the crash; where somebody else goes on, it is sent later.
    Before,
    /// It lands, and the crash comes before its answer; where somebody takes over, the answer comes later.
    After,
    /// It lands, the connection breaks, and the run goes on.
    Lost,
}

/// What somebody does then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// The same again.
    GoOn,
    /// An abort, and then the same apply again.
    Abort,
    /// A second operator does the same meanwhile.
    TakeOver,
    /// A pause, and then a resume, or the abort again.
    Pause,
}

const CRASHES: &[Crash] = &[Crash::Before, Crash::After, Crash::Lost];
const THENS: &[Then] = &[Then::GoOn, Then::Abort, Then::TakeOver, Then::Pause];

/// Whose writes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// Those of a release.
    Release,
    /// Those of an abort, two thirds through a release.
    Abort,
}

/// One run of the matrix.
#[derive(Clone, Copy, Debug)]
struct Case {
    of: Of,
    write: u64,
    crash: Crash,
    then: Then,
}

/// What lanes of one kind end in, and how many writes that takes.
pub struct Reference {
    /// The writes of a release.
    pub writes: u64,
    /// The writes of an abort.
    back: u64,
    /// The state after a release.
    pub released: String,
    /// The state after one that was taken back.
    pub aborted: String,
}

/// Lanes of each kind, which run at the same time.
const LANES: u32 = 6;

pub fn crashes(place: &'static Place) {
    let lanes: Vec<(Kind, u32)> = KINDS.iter().map(|kind| (*kind, LANES)).collect();
    on_stage(place, "crashes", &lanes, |stage, lanes| async move {
        let mut of_kind: BTreeMap<&str, Vec<Rc<Lane>>> = BTreeMap::new();
        for lane in lanes {
            of_kind.entry(lane.kind.component()).or_default().push(lane);
        }
        let tasks: Vec<_> = of_kind
            .into_values()
            .map(|lanes| tokio::task::spawn_local(one_kind(Rc::clone(&stage), lanes)))
            .collect();
        let mut wrong = Vec::new();
        for task in tasks {
            wrong.extend(task.await.expect("no lane panics"));
        }
        note(&format!("crashes: {} states were looked at", stage.watcher.states()));
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    });
}

/// Every case of one kind of component, over its lanes; what was wrong comes back.
async fn one_kind(stage: Rc<Stage>, lanes: Vec<Rc<Lane>>) -> Vec<String> {
    let (start, kind) = (Instant::now(), lanes[0].kind);
    let others: Vec<_> =
        lanes[1..].iter().map(|lane| tokio::task::spawn_local(prepared(Rc::clone(lane)))).collect();
    let reference = Rc::new(reference(&stage, &lanes[0]).await);
    for other in others {
        other.await.expect("nothing is wrong");
    }
    let cases = cases(kind, &reference);
    let count = lanes.len();
    let tasks: Vec<_> = lanes
        .into_iter()
        .enumerate()
        .map(|(index, lane)| {
            let own: Vec<Case> = cases.iter().skip(index).step_by(count).copied().collect();
            tokio::task::spawn_local(one_lane(Rc::clone(&stage), lane, Rc::clone(&reference), own))
        })
        .collect();
    let (mut wrong, mut unreached) = (Vec::new(), Vec::new());
    for task in tasks {
        let (bad, missed) = task.await.expect("no case panics");
        wrong.extend(bad);
        unreached.extend(missed);
    }
    note(&format!(
        "crashes: {} writes of a {kind:?} release, {} of an abort, {} cases in {:?}, not reached {unreached:?}",
        reference.writes,
        reference.back,
        cases.len(),
        start.elapsed()
    ));
    // How many turns a swap takes may differ by what is seen when, and by no more.
    if unreached.len() * 10 > cases.len() {
        wrong.push(format!("{kind:?}: too many cases without a crash: {unreached:?}"));
    }
    wrong
}

/// Each write with one crash and one continuation, all of them in turn; or everything.
fn cases(kind: Kind, reference: &Reference) -> Vec<Case> {
    let all: Vec<(Crash, Then)> =
        CRASHES.iter().flat_map(|crash| THENS.iter().map(|then| (*crash, *then))).collect();
    let full = std::env::var_os("SPECC_TEST_FULL").is_some();
    let offset = KINDS.iter().position(|known| *known == kind).unwrap_or(0) * 5;
    let each = if full { all.len() } else { 1 };
    let releases = (1..=reference.writes).map(|write| (Of::Release, write));
    let aborts = (1..=reference.back).map(|write| (Of::Abort, write));
    let cases = releases.chain(aborts).flat_map(|(of, write)| {
        // Five and twelve have no common factor, so that neighbours differ in both.
        let first = offset + write as usize * 5;
        let (all, one) = (&all, |(crash, then)| Case { of, write, crash, then });
        (0..each).map(move |more| one(all[(first + more) % all.len()])).collect::<Vec<Case>>()
    });
    cases.collect()
}

/// Two releases, so that each one after them leaves the same behind.
async fn prepared(lane: Rc<Lane>) {
    let operator = Operator::new(&lane.app).await;
    for _ in 0..2 {
        released(&operator, &lane.next()).await.expect("nothing is wrong");
    }
}

/// What releases end in where nothing goes wrong.
pub async fn reference(stage: &Stage, lane: &Rc<Lane>) -> Reference {
    prepared(Rc::clone(lane)).await;
    let operator = Operator::new(&lane.app).await;
    operator.wire.schedule(Schedule::Never);
    released(&operator, &lane.next()).await.expect("nothing is wrong");
    let writes = operator.wire.writes();
    let released_state = rest(stage, lane).await;
    let plan = lane.next();
    operator.wire.schedule(Schedule::At(midway(writes), Fault::CrashBefore));
    let ran = operator.apply(&plan).await;
    assert!(matches!(ran, Ran::Crashed), "it is stopped on its way: {ran:?}");
    operator.wire.schedule(Schedule::Never);
    let ran = operator.command(&plan, Command::Abort).await;
    let back = operator.wire.writes();
    assert!(matches!(ran, Ran::Ended(End::RolledBack)), "it goes back: {ran:?}");
    let aborted = rest(stage, lane).await;
    released(&operator, &plan).await.expect("nothing is wrong");
    rests(stage, lane, &released_state).await.expect("after an abort it is released as ever");
    Reference { writes, back, released: released_state, aborted }
}

/// The write at which a release is stopped that is then aborted.
fn midway(writes: u64) -> u64 {
    writes * 2 / 3
}

async fn one_lane(
    stage: Rc<Stage>,
    lane: Rc<Lane>,
    reference: Rc<Reference>,
    cases: Vec<Case>,
) -> (Vec<String>, Vec<Case>) {
    let (first, second) = (Operator::new(&lane.app).await, Operator::new(&lane.app).await);
    let (mut wrong, mut unreached, mut journal) = (Vec::new(), Vec::new(), Vec::new());
    for case in cases {
        journal.push((Instant::now(), case));
        let run =
            Run { stage: &stage, lane: &lane, reference: &reference, first: &first, second: &second, case };
        match Box::pin(run.run()).await {
            Ok(true) => {}
            Ok(false) => unreached.push(case),
            Err(what) => {
                wrong.push(format!("{:?} {case:?}: {what}", lane.kind));
                // The next case needs a lane that is in order.
                let _given = second.command(&lane.plan(lane.version.get()), Command::Abort).await;
                let _given = released(&second, &lane.plan(lane.version.get())).await;
            }
        }
    }
    for (at, what) in stage.watcher.violations(&lane.app.namespace, lane.kind.pods()) {
        let case = journal.iter().rev().find(|(begun, _)| *begun <= at).map(|(_, case)| case);
        wrong.push(format!("{:?} {case:?}: {what}", lane.kind));
    }
    (wrong, unreached)
}

/// One case in one lane.
struct Run<'a> {
    stage: &'a Stage,
    lane: &'a Lane,
    reference: &'a Reference,
    first: &'a Operator,
    second: &'a Operator,
    case: Case,
}

/// What must stay as it is after a command has returned.
struct Stands {
    log_end: u64,
    state: String,
}

impl Run<'_> {
    /// Whether the crash came at all.
    async fn run(&self) -> Result<bool, String> {
        let plan = self.lane.next();
        if self.case.of == Of::Abort {
            let at = Schedule::At(midway(self.reference.writes), Fault::CrashBefore);
            self.first.wire.schedule(at);
            fine(&self.first.apply(&plan).await)?;
        }
        self.first.wire.schedule(Schedule::At(self.case.write, self.fault()));
        self.second.wire.schedule(Schedule::Never);
        if self.case.then == Then::GoOn {
            fine(&self.given(self.first, &plan).await)?;
        } else {
            Box::pin(self.beside(&plan)).await?;
        }
        let reached = self.first.wire.is_reached();
        self.first.wire.schedule(Schedule::Never);
        if self.case.of == Of::Abort {
            self.ended(&plan).await?;
            rests(self.stage, self.lane, &self.reference.aborted).await?;
        }
        released(self.second, &plan).await?;
        rests(self.stage, self.lane, &self.reference.released).await?;
        self.second.chained(&plan).await?;
        Ok(reached)
    }

    fn fault(&self) -> Fault {
        match (self.case.crash, self.case.then) {
            (Crash::Before, Then::GoOn) => Fault::CrashBefore,
            (Crash::Before, Then::Abort | Then::TakeOver | Then::Pause) => Fault::Zombie,
            (Crash::After, Then::TakeOver) => Fault::LateAnswer,
            (Crash::After, Then::GoOn | Then::Abort | Then::Pause) => Fault::CrashAfter,
            (Crash::Lost, _) => Fault::LostReply,
        }
    }

    /// The apply or the abort whose writes are counted.
    async fn given(&self, operator: &Operator, plan: &Plan) -> Ran {
        match self.case.of {
            Of::Release => operator.apply(plan).await,
            Of::Abort => operator.command(plan, Command::Abort).await,
        }
    }

    /// The second operator brings it to its end.
    async fn ended(&self, plan: &Plan) -> Result<(), String> {
        match self.case.of {
            Of::Release => released(self.second, plan).await,
            Of::Abort => match self.second.command(plan, Command::Abort).await {
                Ran::Ended(End::RolledBack) | Ran::Gave(Error::Nothing { .. }) => Ok(()),
                ran @ (Ran::Crashed | Ran::Ended(_) | Ran::Gave(_)) => {
                    Err(format!("an abort ended as {ran:?}"))
                }
            },
        }
    }

    /// Somebody acts as soon as the fault has struck, whether the first run goes on or not.
    async fn beside(&self, plan: &Plan) -> Result<(), String> {
        let mut run = std::pin::pin!(self.given(self.first, plan));
        let early = tokio::select! {
            biased;
            ran = &mut run => Some(ran),
            () = self.first.wire.reached() => None,
        };
        if let Some(ran @ Ran::Ended(_)) = &early {
            return fine(ran);
        }
        let other = async {
            match self.case.then {
                Then::TakeOver => self.taken_over(plan).await.map(|()| None),
                Then::Abort => self.commanded(plan, Command::Abort).await,
                Then::Pause => self.commanded(plan, Command::Pause).await,
                Then::GoOn => Ok(None),
            }
        };
        let first = async { if early.is_none() { fine(&run.await) } else { Ok(()) } };
        let (first, other) = tokio::join!(first, other);
        first?;
        let stands = other?;
        self.late(stands.as_ref()).await?;
        if self.case.then != Then::Pause || stands.is_none() || self.case.of == Of::Abort {
            return Ok(());
        }
        match self.second.command(plan, Command::Resume).await {
            Ran::Ended(End::Released { .. }) => Ok(()),
            ran @ (Ran::Crashed | Ran::Ended(_) | Ran::Gave(_)) => Err(format!("a resume ended as {ran:?}")),
        }
    }

    /// A second operator goes on; after some of its writes, what was held back comes.
    async fn taken_over(&self, plan: &Plan) -> Result<(), String> {
        let late = async {
            let after = 1 + self.case.write % 6;
            // At the latest once the other has come to its end.
            for _ in 0..200 {
                if self.second.wire.writes() >= after {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            for held in self.first.wire.held() {
                held.release().await;
            }
        };
        let (ended, ()) = tokio::join!(self.ended(plan), late);
        ended
    }

    /// A pause or an abort by the second operator; `None` if the release had not begun, or was over.
    async fn commanded(&self, plan: &Plan, command: Command) -> Result<Option<Stands>, String> {
        let ran = self.second.command(plan, command).await;
        let log_end = audit::end(&self.stage.audit);
        let state = match ran {
            Ran::Ended(End::RolledBack) => self.reference.aborted.clone(),
            Ran::Ended(End::Paused(None)) => rest(self.stage, self.lane).await,
            Ran::Gave(Error::Nothing { .. }) => return Ok(None),
            Ran::Crashed | Ran::Ended(_) | Ran::Gave(_) => {
                return Err(format!("{command:?} ended as {ran:?}"));
            }
        };
        Ok(Some(Stands { log_end, state }))
    }

    /// What was held back comes; where a command has returned, it changes nothing.
    async fn late(&self, stands: Option<&Stands>) -> Result<(), String> {
        let mut late = Vec::new();
        for held in self.first.wire.held() {
            late.push(format!("{} was answered {:?}", held.what.clone(), held.release().await));
        }
        let Some(Stands { log_end, state }) = stands else { return Ok(()) };
        let landed = audit::landed_since(&self.stage.audit, *log_end, &self.lane.app.namespace);
        if !landed.is_empty() {
            return Err(format!("I8: landed after a command had returned: {landed:?}, {late:?}"));
        }
        rests(self.stage, self.lane, state).await
    }
}

/// A run may crash or give up, but if it comes to an end, to the right one.
pub fn fine(ran: &Ran) -> Result<(), String> {
    match ran {
        Ran::Crashed
        | Ran::Gave(_)
        | Ran::Ended(End::Released { .. } | End::RolledBack | End::Paused(None)) => Ok(()),
        // It saw somebody else's stamp before it saw their record.
        Ran::Ended(End::Failed(reason)) if reason.starts_with("another holder has taken over") => Ok(()),
        Ran::Ended(end) => Err(format!("a run ended as {end:?}")),
    }
}
