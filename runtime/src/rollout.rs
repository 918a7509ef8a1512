//! The loop of one component: observe, decide, act. What comes next is the compiler's decision alone.

use std::time::Duration;

use compiler::object::ObjectKey;
use compiler::plan::rollout::{Decision, ObjectState, Outcome, Reason, Write, decide};
use compiler::plan::{Plan, Stage, TimeNs};

use crate::cluster::Cluster;
use crate::error::Error;
use crate::event::{End, Event, Interrupt, now};
use crate::observe::observe;
use crate::store;
use crate::verification;
use crate::write::{in_words, perform};

/// What one component's loop works with.
pub(crate) struct Drive<'a> {
    pub cluster: &'a Cluster,
    pub plan: &'a Plan,
    pub component: &'a str,
    pub adopted: &'a [ObjectKey],
    pub interrupt: &'a Interrupt,
    /// The epoch under which this run writes; `None` until it has to write.
    pub held: Option<u64>,
    /// The plan's objects that the server refuses to create, while nothing but their creation is in the way of an end.
    pub refused: Vec<usize>,
}

/// What one turn of the loop came to.
enum Turn {
    /// Something was written: look again at once.
    Wrote(String),
    /// An answer was noted: look again at once. What it says, the wait says.
    Noted,
    /// Look again when something may have changed.
    Wait {
        until: Option<TimeNs>,
        reason: String,
        detail: Option<String>,
    },
    /// The cluster had moved on since the look.
    Stale,
    End(End),
}

const POLL: Duration = Duration::from_secs(1);
/// How many turns in a row may fail before the run gives up: half a minute of an API server that is away.
const FAILURES_MAX: u32 = 30;

/// How often one write may be needed again at once, before it is clear that somebody undoes it.
const REPEATS_MAX: u32 = 5;

/// Turns until an end.
pub(crate) async fn drive(mut drive: Drive<'_>, tell: &mut dyn FnMut(Event)) -> Result<End, Error> {
    let component = drive.component.to_owned();
    let (mut failures, mut told, mut changed) = (0, String::new(), false);
    let (mut last, mut repeats) = (String::new(), 0);
    while !drive.interrupt.is_set() {
        match turn(&mut drive).await {
            Ok(Turn::Wrote(what)) => {
                (failures, changed) = (0, true);
                told.clear();
                repeats = if last == what { repeats + 1 } else { 0 };
                if repeats >= REPEATS_MAX {
                    return Err(Error::Unsettled { component, what });
                }
                last.clone_from(&what);
                tell(Event::Wrote { component: component.clone(), what });
            }
            Ok(Turn::Noted) => failures = 0,
            Ok(Turn::Wait { until, reason, detail }) => {
                (failures, repeats) = (0, 0);
                if told != reason {
                    told.clone_from(&reason);
                    tell(Event::Waiting { component: component.clone(), reason, detail });
                }
                drive.interrupt.sleep(pause(until)).await;
            }
            Ok(Turn::End(End::Released { .. })) => return Ok(End::Released { changed }),
            Ok(Turn::End(end)) => return Ok(end),
            Ok(Turn::Stale) if failures < FAILURES_MAX => {
                failures += 1;
                drive.interrupt.sleep(POLL / 5).await;
            }
            Ok(Turn::Stale) => return Err(Error::TakenOver { component }),
            Err(error) if failures < FAILURES_MAX && (error.is_stale() || error.is_transient()) => {
                failures += 1;
                if error.is_transient() {
                    tell(Event::Retrying { component: component.clone(), error: error.to_string() });
                }
                drive.interrupt.sleep(POLL).await;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(End::Interrupted)
}

async fn turn(drive: &mut Drive<'_>) -> Result<Turn, Error> {
    let (cluster, plan) = (drive.cluster, drive.plan);
    let taken = || Error::TakenOver { component: drive.component.to_owned() };
    let stored = store::read(cluster, plan, drive.component).await?.ok_or_else(taken)?;
    let release = &stored.release;
    // Whoever finds a pause helps to make sure of it: nothing else is written under one, so that several may.
    if release.paused {
        drive.held = Some(release.epoch);
    }
    // Somebody gave another command, or goes on with it: that is theirs to do.
    if drive.held.is_some_and(|held| held != release.epoch) {
        return Err(taken());
    }
    let mut sight = observe(cluster, plan, release, drive.adopted).await?;
    // What the server refuses is not created late either.
    for index in &drive.refused {
        sight.seen.objects[*index] = ObjectState::Same { waiting: None };
    }
    sight.seen.answers = verification::answers(release, drive.interrupt).await;
    let write = match decide(release, &sight.seen, now()) {
        Decision::Write(write) => write,
        Decision::Wait { reason: Reason::Dependency(name), .. } => return Ok(Turn::End(End::Blocked(name))),
        Decision::Wait { until, reason } => {
            return Ok(Turn::Wait { until, reason: reason.to_string(), detail: sight.detail });
        }
        Decision::Paused { batch } => return Ok(Turn::End(End::Paused(batch))),
        Decision::Done(Outcome::Released) => return Ok(Turn::End(End::Released { changed: false })),
        Decision::Done(Outcome::RolledBack) => return Ok(Turn::End(End::RolledBack)),
        Decision::Failed { reason } => return Ok(Turn::End(End::Failed(reason))),
    };
    if drive.held.is_none() {
        // From here on no write of an earlier holder lands.
        let next = store::write(cluster, plan, Some(&stored), release.taken_over()).await?;
        drive.held = Some(next.release.epoch);
        return Ok(Turn::Wrote(format!("take over with epoch {}", next.release.epoch)));
    }
    let words = in_words(release, &write);
    if let Write::Record(next) = write {
        let noted = release.verifying.is_some() && next.verifying.is_some() && next.failed.is_none();
        store::write(cluster, plan, Some(&stored), *next).await?;
        return Ok(if noted { Turn::Noted } else { Turn::Wrote(words) });
    }
    let landed = perform(cluster, plan, release, drive.adopted, &sight.compared, &write).await;
    let closing = release.paused || release.stage == Stage::Cancel;
    if let (Write::Birth { object, .. }, true, Err(error)) = (&write, closing, &landed)
        && error.is_final()
    {
        drive.refused.push(*object);
        return Ok(Turn::Noted);
    }
    let landed = landed?;
    Ok(if landed { Turn::Wrote(words) } else { Turn::Stale })
}

/// Until the time, but never longer than a poll.
fn pause(until: Option<TimeNs>) -> Duration {
    let left = until.map(|until| Duration::from_nanos(until.saturating_sub(now())));
    left.map_or(POLL, |left| left.clamp(POLL / 10, POLL))
}
