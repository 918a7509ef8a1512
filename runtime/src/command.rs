//! What people say to a rollout in flight, and where it stands.

use std::collections::BTreeMap;

use compiler::plan::rollout::{Decision, Workload, decide};
use compiler::plan::{Plan, Release, ReleasePlan, Stage};
use serde::Serialize;

use crate::cluster::Cluster;
use crate::drift::Drift;
use crate::error::Error;
use crate::event::{End, Event, Interrupt, now};
use crate::follow::follow;
use crate::observe::{observe, workloads};
use crate::rollout::{Drive, drive};
use crate::store::{self, Stored};
use crate::waves::in_waves;

/// A command on a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Nothing is written any more until somebody resumes.
    Pause,
    /// Goes on, to the next pause or the end.
    Resume,
    /// Goes back to the previous revision.
    Abort,
}

/// Where one component stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentStatus {
    /// The component.
    pub component: String,
    /// The revision of its latest rollout; absent if there was none.
    pub revision: Option<String>,
    /// The revision before it.
    pub previous: Option<String>,
    /// Where the rollout stands, in words.
    pub stage: String,
    /// What happens next, in words.
    pub next: String,
    /// Whether nothing happens until somebody does something.
    pub rests: bool,
    /// Whether it has failed.
    pub failed: bool,
    /// Its revisions.
    pub workloads: Vec<WorkloadStatus>,
    /// What is not as it was released; absent where nobody has looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<Vec<Drift>>,
}

/// The counts of one revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadStatus {
    /// Its revision.
    pub revision: String,
    /// How many pods it asks for; in a StatefulSet or a DaemonSet, how many it has.
    pub replicas: u32,
    /// How many are available.
    pub available: u32,
    /// Lower and upper bound of its autoscaler.
    pub bounds: Option<(u32, u32)>,
    /// Why its pods cannot become ready.
    pub failure: Option<String>,
}

/// Where each component stands; only reads.
pub async fn status(cluster: &Cluster, plan: &Plan) -> Result<Vec<ComponentStatus>, Error> {
    check(cluster, plan).await?;
    let mut all = Vec::new();
    for release in &plan.releases {
        let stored = store::read(cluster, plan, &release.component).await?;
        let Some(stored) = stored else {
            let (seen, _) = workloads(cluster, plan, release).await?;
            all.push(described(&release.component, None, None, &seen));
            continue;
        };
        let record = &stored.release;
        // What others own is looked at all the same: nothing is written.
        let sight = observe(cluster, plan, record, &record.plan.objects).await?;
        let next = decide(record, &sight.seen, now());
        all.push(described(&release.component, Some(record), Some(&next), &sight.seen.workloads));
    }
    Ok(all)
}

/// Gives a command to one component, or to every one that it can be given to, and drives what it begins.
pub async fn command(
    cluster: &Cluster,
    plan: &Plan,
    component: Option<&str>,
    command: Command,
    interrupt: &Interrupt,
    tell: &mut dyn FnMut(Event),
) -> Result<Vec<(String, End)>, Error> {
    check(cluster, plan).await?;
    let mut commanded = Vec::new();
    for release in
        plan.releases.iter().filter(|release| component.is_none_or(|name| name == release.component))
    {
        if let Some(held) = give(cluster, plan, release, command, tell).await? {
            commanded.push((release, held));
        }
    }
    if commanded.is_empty() {
        let why = match component {
            Some(name) => format!("component `{name}` is not in such a state"),
            None => "no component is in such a state".to_owned(),
        };
        return Err(Error::Nothing { command: command.name(), why });
    }
    let (releases, held): (Vec<&ReleasePlan>, Vec<u64>) = commanded.into_iter().unzip();
    let held: BTreeMap<&str, u64> =
        releases.iter().map(|release| release.component.as_str()).zip(held).collect();
    let run = async |release: &ReleasePlan, tell: &mut dyn FnMut(Event)| {
        let (component, refused) = (release.component.as_str(), Vec::new());
        let held = held.get(component).copied();
        let run = Drive { cluster, plan, component, adopted: &[], interrupt, held, refused };
        let end = drive(run, tell).await?;
        if matches!(end, End::Released { .. }) {
            follow(cluster, plan, release, &[], tell).await?;
        }
        Ok(end)
    };
    in_waves(&releases, tell, run).await
}

/// Where a rollout stands, in words.
pub(crate) fn stage(release: &Release) -> String {
    let batches = release.plan.batches.len();
    let words = match release.stage {
        Stage::Prepare => "preparing objects".to_owned(),
        Stage::Shift { batch, .. } => format!("batch {} of {batches}: moving pods", batch + 1),
        Stage::Hold { batch, .. } => {
            let verified = release.verified_batches as usize > batch;
            let state = match &release.verifying {
                Some(_) => "verifying",
                None if verified => "verified",
                None => "complete",
            };
            format!("batch {} of {batches}: {state}", batch + 1)
        }
        Stage::Finish => "finishing".to_owned(),
        Stage::Done => "released".to_owned(),
        Stage::Back { .. } => "going back".to_owned(),
        Stage::Cancel => "cancelling".to_owned(),
        Stage::Aborted => "rolled back".to_owned(),
    };
    match &release.failed {
        Some(reason) => format!("{words}, failed: {reason}"),
        None if release.paused => format!("{words}, paused"),
        None => words,
    }
}

/// The new epoch, if the command could be given.
async fn give(
    cluster: &Cluster,
    plan: &Plan,
    release: &ReleasePlan,
    command: Command,
    tell: &mut dyn FnMut(Event),
) -> Result<Option<u64>, Error> {
    loop {
        let Some(stored) = store::read(cluster, plan, &release.component).await? else { return Ok(None) };
        let Some(next) = commanded(cluster, plan, &stored, release, command).await? else { return Ok(None) };
        match store::write(cluster, plan, Some(&stored), next).await {
            Ok(written) => {
                let what = format!("{} with epoch {}", command.name(), written.release.epoch);
                tell(Event::Wrote { component: release.component.clone(), what });
                return Ok(Some(written.release.epoch));
            }
            // The loop that drives it was faster: the command still holds for what the record says next.
            Err(error) if error.is_stale() => {}
            Err(error) => return Err(error),
        }
    }
}

/// The record after the command.
async fn commanded(
    cluster: &Cluster,
    plan: &Plan,
    stored: &Stored,
    release: &ReleasePlan,
    command: Command,
) -> Result<Option<Release>, Error> {
    let record = &stored.release;
    let going_back = record.is_going_back();
    let other_spec = record.plan.digest != release.digest && !going_back;
    match command {
        Command::Pause => Ok(record.pause()),
        Command::Resume if record.is_over() => Ok(None),
        Command::Resume if other_spec => Err(Error::OtherSpec { component: release.component.clone() }),
        // A rollout whose driver is gone is resumed too: by a new holder.
        Command::Resume => Ok(record.resume(now()).or_else(|| Some(record.taken_over()))),
        Command::Abort if going_back => Ok(Some(Release { paused: false, ..record.taken_over() })),
        Command::Abort => {
            let (seen, _) = workloads(cluster, plan, release).await?;
            Ok(record.abort(seen.iter().map(|workload| workload.replicas).sum(), now()))
        }
    }
}

/// Commands never go to another cluster than the one that was applied to.
pub(crate) async fn check(cluster: &Cluster, plan: &Plan) -> Result<(), Error> {
    match store::read_cell(cluster, plan).await? {
        Some(cell) => store::check_cell(cluster, plan, &cell),
        None => Ok(()),
    }
}

fn described(
    component: &str,
    record: Option<&Release>,
    next: Option<&Decision>,
    workloads: &[Workload],
) -> ComponentStatus {
    let over = record.is_none_or(Release::is_over);
    let words = next.map(|next| match next {
        Decision::Write(_) if over => "an apply would put back what differs".to_owned(),
        Decision::Write(_) => "an apply or resume goes on".to_owned(),
        Decision::Wait { reason, .. } => reason.to_string(),
        Decision::Paused { .. } => "waits for a resume or an abort".to_owned(),
        Decision::Done(_) => "nothing".to_owned(),
        Decision::Failed { reason } => format!("nothing new until a resume or an abort: {reason}"),
    });
    let stands = matches!(next, Some(Decision::Paused { .. } | Decision::Failed { .. }));
    ComponentStatus {
        component: component.to_owned(),
        revision: record.map(|record| record.plan.revision.clone()),
        previous: record.and_then(|record| record.previous.clone()),
        stage: record.map_or_else(|| "no rollout yet".to_owned(), stage),
        next: words.unwrap_or_default(),
        rests: over || stands,
        failed: matches!(next, Some(Decision::Failed { .. })),
        workloads: workloads.iter().flat_map(counts).collect(),
        drift: None,
    }
}

/// The counts of a Deployment, or of each revision among the members of a set.
fn counts(workload: &Workload) -> Vec<WorkloadStatus> {
    let status = |revision: &str, replicas: u32, available: u32| WorkloadStatus {
        revision: revision.to_owned(),
        replicas,
        available,
        bounds: workload.autoscaler.as_ref().map(|scaler| (scaler.bounds.min, scaler.bounds.max)),
        failure: workload.failure.clone().filter(|_| revision == workload.revision),
    };
    let Some(shared) = &workload.shared else {
        return vec![status(&workload.revision, workload.replicas, workload.available)];
    };
    let mut revisions: BTreeMap<&str, (u32, u32)> = BTreeMap::from([(workload.revision.as_str(), (0, 0))]);
    for member in &shared.members {
        let (pods, available) = revisions.entry(&member.revision).or_default();
        *pods += 1;
        *available += u32::from(member.is_available());
    }
    revisions.into_iter().map(|(revision, (pods, available))| status(revision, pods, available)).collect()
}

impl Command {
    fn name(self) -> &'static str {
        match self {
            Command::Pause => "pause",
            Command::Resume => "resume",
            Command::Abort => "abort",
        }
    }
}
