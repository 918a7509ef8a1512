//! What is remembered of a rollout: the record that lives in the cluster, and what people do to it.

use serde::{Deserialize, Serialize};

use crate::app::BatchSize;
use crate::object::ObjectKey;

/// Nanoseconds since 1970 on the cluster, since the start of the run in the simulator.
pub type TimeNs = u64;

/// What the compiler fixes about one component's rollout; part of the [`super::Plan`] and of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleasePlan {
    /// The component.
    pub component: String,
    /// The cell's namespace.
    pub namespace: String,
    /// The revision to reach: it names the Deployment and the autoscaler.
    pub revision: String,
    /// SHA-256 over this plan and its objects, in hexadecimal; equal digests mean nothing to do.
    pub digest: String,
    /// The component's objects in the order of applying; Deployment and autoscaler last.
    pub objects: Vec<ObjectKey>,
    /// How many pods, and who decides.
    pub count: Count,
    /// The batches in order; the last reaches 100 %.
    pub batches: Vec<PlannedBatch>,
    /// Pods above the count while two revisions swap, in per cent, rounded up.
    pub surge_percent: u32,
    /// Pods below the count while two revisions swap, in per cent, rounded down.
    pub unavailable_percent: u32,
    /// How long one batch may take, in nanoseconds.
    pub deadline_ns: u64,
    /// Components that must be released first.
    pub depends_on: Vec<String>,
}

/// How many pods a component has once it is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Count {
    /// That many.
    Fixed(u32),
    /// The autoscaler decides between the bounds; a first release starts at the lower one.
    Auto(Bounds),
}

/// The bounds of an autoscaler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// `minReplicas`.
    pub min: u32,
    /// `maxReplicas`.
    pub max: u32,
}

/// One batch as planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedBatch {
    /// How far the new revision goes.
    pub size: BatchSize,
    /// Stop after it until somebody resumes.
    pub pause: bool,
    /// How long to look at it before the next, in nanoseconds.
    pub wait_ns: u64,
}

/// The record of one component's rollout in one cell; the one object whose changes are compare-and-swap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Release {
    /// What is being rolled out.
    pub plan: ReleasePlan,
    /// The revision that serves meanwhile and that an abort returns to; `None` for a first release.
    pub previous: Option<String>,
    /// The bounds of the previous revision's autoscaler before the rollout.
    pub previous_bounds: Option<Bounds>,
    /// Grows with every holder and every command; it is stamped on the children and tested in every
    /// write to them, so that a write of an older epoch cannot land.
    pub epoch: u64,
    /// Where the rollout stands.
    pub stage: Stage,
    /// When this stage was entered.
    pub entered_ns: TimeNs,
    /// Somebody said pause.
    pub paused: bool,
    /// The number of batches whose pause somebody has ended.
    pub approved_batches: u32,
    /// Why nothing new is started any more.
    pub failed: Option<String>,
}

/// Where a rollout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Objects are made; the new Deployment is born with no replicas.
    Prepare,
    /// Pods move to the new revision, up to the end of a batch.
    Shift {
        /// The batch, from 0.
        batch: usize,
        /// All pods of the component when the batch began.
        replicas: u32,
    },
    /// The batch is complete and looked at.
    Hold {
        /// The batch, from 0.
        batch: usize,
        /// All pods of the component when the batch began.
        replicas: u32,
    },
    /// The new revision has every pod; bounds and gates come last.
    Finish,
    /// The plan is what runs.
    Done,
    /// Pods move back to the previous revision.
    Back {
        /// All pods of the component when the way back began.
        replicas: u32,
    },
    /// The previous revision has every pod again.
    Aborted,
}

impl Release {
    /// A rollout at its beginning.
    pub fn new(plan: ReleasePlan, previous: Option<String>, epoch: u64, now: TimeNs) -> Self {
        Self {
            plan,
            previous,
            previous_bounds: None,
            epoch,
            stage: Stage::Prepare,
            entered_ns: now,
            paused: false,
            approved_batches: 0,
            failed: None,
        }
    }

    /// Whether nothing more happens unless somebody applies again.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Done | Stage::Aborted)
    }

    /// A new holder goes on with it: older writes in flight can no longer land.
    #[must_use]
    pub fn taken_over(&self) -> Self {
        Self { epoch: self.epoch + 1, ..self.clone() }
    }

    /// Somebody pauses; `None` if it is over or paused already.
    pub fn pause(&self) -> Option<Self> {
        (!self.is_over() && !self.paused).then(|| Self { paused: true, ..self.taken_over() })
    }

    /// Somebody resumes: ends a pause by command, or the pause of the batch it stands at. Only where it
    /// stands: resuming ahead of a canary would approve a canary that nobody has seen.
    pub fn resume(&self) -> Option<Self> {
        if self.paused {
            return Some(Self { paused: false, ..self.taken_over() });
        }
        match self.stage {
            Stage::Hold { batch, .. } if self.waits_for_a_person(batch) => {
                Some(Self { approved_batches: batch as u32 + 1, ..self.taken_over() })
            }
            Stage::Hold { .. }
            | Stage::Prepare
            | Stage::Shift { .. }
            | Stage::Finish
            | Stage::Done
            | Stage::Back { .. }
            | Stage::Aborted => None,
        }
    }

    /// Somebody aborts: from here on pods only move back. `replicas` is the live count of all revisions.
    pub fn abort(&self, replicas: u32, now: TimeNs) -> Option<Self> {
        let going_back = matches!(self.stage, Stage::Back { .. });
        (!self.is_over() && !going_back).then(|| Self {
            stage: Stage::Back { replicas },
            entered_ns: now,
            paused: false,
            failed: None,
            ..self.taken_over()
        })
    }

    /// Whether the batch ends in a pause that nobody has ended.
    pub(super) fn waits_for_a_person(&self, batch: usize) -> bool {
        self.plan.batches.get(batch).is_some_and(|b| b.pause) && self.approved_batches <= batch as u32
    }

    /// The next stage, entered now.
    pub(super) fn at(&self, stage: Stage, now: TimeNs) -> Self {
        Self { stage, entered_ns: now, ..self.clone() }
    }

    /// The rollout stopped for a reason.
    pub(super) fn failed(&self, reason: String) -> Self {
        Self { failed: Some(reason), ..self.clone() }
    }

    /// The count of new pods a batch ends with, out of `replicas`: a canary is at least 1 and leaves at
    /// least one old pod where there is more than one; shares round up, as Kruise's do.
    pub fn batch_target(&self, batch: usize, replicas: u32) -> u32 {
        let last = batch + 1 >= self.plan.batches.len();
        let Some(planned) = self.plan.batches.get(batch).filter(|_| !last) else { return replicas };
        let wanted = match planned.size {
            BatchSize::Count(count) => count,
            BatchSize::Percent(percent) => share_up(replicas, percent),
        };
        wanted.clamp(1, replicas.saturating_sub(1).max(1))
    }
}

/// `percent` of `count`, rounded up.
pub(super) fn share_up(count: u32, percent: u32) -> u32 {
    (u64::from(count) * u64::from(percent)).div_ceil(100) as u32
}

/// `percent` of `count`, rounded down.
pub(super) fn share_down(count: u32, percent: u32) -> u32 {
    (u64::from(count) * u64::from(percent) / 100) as u32
}
