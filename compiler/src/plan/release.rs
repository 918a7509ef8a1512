//! What is remembered of a rollout: the record that lives in the cluster, and what people do to it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::need::Need;
use super::verification::{PlannedVerification, Verifying};
use crate::app::{BatchSize, Window};
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
    /// How pods come to the new revision.
    #[serde(default)]
    pub mechanism: Mechanism,
    /// The revision to reach: it names the Deployment and the autoscaler.
    pub revision: String,
    /// SHA-256 over this plan and its objects, in hexadecimal; equal digests mean nothing to do.
    pub digest: String,
    /// The component's objects in the order of applying; Deployment and autoscaler last.
    pub objects: Vec<ObjectKey>,
    /// What follows the revision once it is released, and acts on no other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follow_up: Vec<ObjectKey>,
    /// How many pods, and who decides.
    pub count: Count,
    /// When the clock raises the lower bound.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Window>,
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
    /// What of the cluster must be there before a pod of the revision starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// What must hold after each batch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verifications: Vec<PlannedVerification>,
}

/// How pods come to a new revision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mechanism {
    /// Two Deployments side by side: one grows, the other shrinks.
    #[default]
    Deployments,
    /// The partition of one StatefulSet falls, so that its highest members come first.
    Partition,
    /// The pods of one DaemonSet are replaced node by node.
    Nodes,
}

/// How many pods a component has once it is released; for a daemon, the nodes that the platform declares for it.
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
    /// The count of the previous revision before the rollout: what an abort returns to without an autoscaler.
    pub previous_replicas: Option<u32>,
    /// The pod template of the previous revision, where every revision shares one object: what an abort puts back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_template: Option<Value>,
    /// The UIDs of pods that are being replaced. They are recorded before the first is deleted, so that whoever takes
    /// over knows which deletions may be on their way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replacing: Vec<String>,
    /// Whether the plan's revision serves already, so that only objects, counts or bounds change and no pod moves.
    #[serde(default)]
    pub in_place: bool,
    /// Which rollout of the component it is, from 1.
    #[serde(default)]
    pub number: u64,
    /// When it began.
    #[serde(default)]
    pub began_ns: TimeNs,
    /// SHA-256 of the record of the rollout before it, in hexadecimal: together they are a chain in which nothing can be
    /// changed afterwards without being seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
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
    /// The number of batches that have been verified.
    #[serde(default)]
    pub verified_batches: u32,
    /// What the verifications of the batch it stands at have come to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verifying: Option<Verifying>,
    /// Why nothing new is started any more.
    pub failed: Option<String>,
    /// Why it was begun in a time in which nothing is released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_freeze: Option<String>,
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
    /// No pod has moved; what an older write could still create or change is made sure of.
    Cancel,
    /// The previous revision has every pod again.
    Aborted,
}

/// What an apply means for a component, given its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begin {
    /// The record is of this plan: go on with it, or find that it is done.
    Continue,
    /// A new rollout, to be recorded.
    Start(Box<Release>),
    /// Another plan is being rolled out; somebody must end that first.
    InFlight {
        /// The revision being rolled out.
        revision: String,
    },
    /// The component is on the way back to its previous revision.
    GoingBack,
}

impl ReleasePlan {
    /// The same plan as a way back: every pod in one batch, and nothing is waited for that is not its own. Its digest
    /// stays, since what it leads to is the same.
    #[must_use]
    pub fn at_once(&self) -> Self {
        let whole = PlannedBatch { size: BatchSize::Percent(100), pause: false, wait_ns: 0 };
        let (depends_on, needs, verifications) = (Vec::new(), Vec::new(), Vec::new());
        Self { batches: vec![whole], depends_on, needs, verifications, ..self.clone() }
    }

    /// The bounds that hold at a time: an open window raises the lower one, never above the upper.
    pub fn raised(&self, bounds: Bounds, now: TimeNs) -> Bounds {
        let open = self.windows.iter().filter(|window| window.is_open(now));
        let wanted = open.map(|window| window.replicas).max().unwrap_or(0);
        Bounds { min: bounds.min.max(wanted.min(bounds.max)), max: bounds.max }
    }

    /// The bounds that an autoscaler has without the window that has raised them, if one has.
    pub(super) fn lowered(&self, bounds: Bounds, now: TimeNs) -> Bounds {
        match self.count {
            Count::Auto(own)
                if self.raised(own, now).min > own.min && bounds.min == self.raised(own, now).min =>
            {
                Bounds { min: own.min, max: bounds.max }
            }
            Count::Auto(_) | Count::Fixed(_) => bounds,
        }
    }
}

impl Release {
    /// What an apply of `plan` means after `record`; `serving` is the revision with most pods, which counts
    /// only where there is no record.
    pub fn begin(record: Option<&Self>, plan: &ReleasePlan, serving: Option<String>, now: TimeNs) -> Begin {
        let Some(record) = record else {
            return Begin::Start(Box::new(Self::over(serving, None, plan, 1, now)));
        };
        if record.is_going_back() {
            return Begin::GoingBack;
        }
        if record.plan.digest == plan.digest && record.stage != Stage::Aborted {
            return Begin::Continue;
        }
        if !record.is_over() {
            return Begin::InFlight { revision: record.plan.revision.clone() };
        }
        let own = (record.stage == Stage::Done || record.in_place).then(|| record.plan.revision.clone());
        let serving = own.or_else(|| record.previous.clone());
        let first = Self::over(serving, record.previous.clone(), plan, record.epoch + 1, now);
        Begin::Start(Box::new(Self { number: record.number + 1, ..first }))
    }

    /// A rollout over the revision that serves; `before` is the one that it would have gone back to.
    fn over(
        serving: Option<String>,
        before: Option<String>,
        plan: &ReleasePlan,
        epoch: u64,
        now: TimeNs,
    ) -> Self {
        let in_place = serving.as_ref() == Some(&plan.revision);
        // What serves goes on serving: the way back stays what it was.
        let previous = if in_place { before } else { serving };
        let previous = previous.filter(|revision| *revision != plan.revision);
        Self { in_place, ..Self::new(plan.clone(), previous, epoch, now) }
    }

    /// A rollout at its beginning.
    pub fn new(plan: ReleasePlan, previous: Option<String>, epoch: u64, now: TimeNs) -> Self {
        Self {
            plan,
            previous,
            previous_bounds: None,
            previous_replicas: None,
            previous_template: None,
            replacing: Vec::new(),
            in_place: false,
            number: 1,
            began_ns: now,
            before: None,
            epoch,
            stage: Stage::Prepare,
            entered_ns: now,
            paused: false,
            approved_batches: 0,
            verified_batches: 0,
            verifying: None,
            failed: None,
            override_freeze: None,
        }
    }

    /// Whether nothing more happens unless somebody applies again.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Done | Stage::Aborted)
    }

    /// A new holder goes on with it: older writes in flight can no longer land, and a batch that was being verified
    /// is verified from the beginning, since nobody has asked meanwhile.
    #[must_use]
    pub fn taken_over(&self) -> Self {
        Self { epoch: self.epoch + 1, verifying: None, ..self.clone() }
    }

    /// Somebody pauses; `None` if it is over or paused already.
    pub fn pause(&self) -> Option<Self> {
        (!self.is_over() && !self.paused).then(|| Self { paused: true, ..self.taken_over() })
    }

    /// Somebody resumes: tries again after a failure, ends a pause by command, or the pause of the batch it
    /// stands at. Only where it stands: resuming ahead of a canary would approve one that nobody has seen.
    pub fn resume(&self, now: TimeNs) -> Option<Self> {
        if self.failed.is_some() {
            let going_back = matches!(self.stage, Stage::Back { .. });
            // The way back is gone, so the only way is forward.
            let stage = if going_back { Stage::Prepare } else { self.stage };
            let verified_batches = if going_back { 0 } else { self.verified_batches };
            let tried = Self { stage, verified_batches, entered_ns: now, ..self.taken_over() };
            return Some(Self { failed: None, paused: false, ..tried });
        }
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
            | Stage::Cancel
            | Stage::Aborted => None,
        }
    }

    /// Somebody aborts: from here on pods only move back. `live` is the count of all revisions together,
    /// to which the way back leads where an autoscaler decides.
    pub fn abort(&self, live: u32, now: TimeNs) -> Option<Self> {
        // A template that is kept may have been exchanged, whatever the stage.
        let moved = self.stage != Stage::Prepare && !self.in_place || self.previous_template.is_some();
        let replicas = match (self.previous_bounds, self.previous_replicas) {
            (_, Some(0)) => 0,
            (Some(bounds), _) => live.clamp(bounds.min, bounds.max.max(bounds.min)),
            (None, Some(replicas)) => replicas,
            (None, None) => live,
        };
        (!self.is_over() && !self.is_going_back()).then(|| Self {
            stage: if moved { Stage::Back { replicas } } else { Stage::Cancel },
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
        Self { stage, entered_ns: now, verifying: None, ..self.clone() }
    }

    /// The rollout stopped for a reason.
    pub(super) fn failed(&self, reason: String) -> Self {
        Self { failed: Some(reason), ..self.clone() }
    }

    /// The count of new pods a batch ends with, out of `replicas`: a canary is at least 1 and leaves at
    /// least one old pod where there is more than one; shares round up, as Kruise's do.
    pub fn batch_target(&self, batch: usize, replicas: u32) -> u32 {
        self.plan.batch_target(batch, replicas)
    }
}

impl ReleasePlan {
    /// [`Release::batch_target`], which the plan alone decides.
    pub(super) fn batch_target(&self, batch: usize, replicas: u32) -> u32 {
        let last = batch + 1 >= self.batches.len();
        let Some(planned) = self.batches.get(batch).filter(|_| !last) else { return replicas };
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

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(revision: &str, digest: &str) -> ReleasePlan {
        ReleasePlan {
            component: "web".into(),
            namespace: "shop-test".into(),
            mechanism: Mechanism::Deployments,
            revision: revision.into(),
            digest: digest.into(),
            objects: Vec::new(),
            follow_up: Vec::new(),
            count: Count::Fixed(4),
            windows: Vec::new(),
            batches: vec![PlannedBatch { size: BatchSize::Percent(100), pause: false, wait_ns: 0 }],
            surge_percent: 25,
            unavailable_percent: 0,
            deadline_ns: 1,
            depends_on: Vec::new(),
            needs: Vec::new(),
            verifications: Vec::new(),
        }
    }

    fn record(stage: Stage) -> Release {
        Release { stage, ..Release::new(plan("b", "2"), Some("a".into()), 7, 0) }
    }

    fn started(begin: Begin) -> Release {
        let Begin::Start(release) = begin else { panic!("{begin:?} is a start") };
        *release
    }

    #[test]
    fn an_apply_of_the_plan_in_flight_or_done_goes_on_with_it() {
        for stage in [Stage::Prepare, Stage::Finish, Stage::Done] {
            assert_eq!(Release::begin(Some(&record(stage)), &plan("b", "2"), None, 0), Begin::Continue);
        }
    }

    #[test]
    fn an_apply_of_another_plan_waits_for_the_end_of_the_one_in_flight() {
        let begin = Release::begin(Some(&record(Stage::Finish)), &plan("c", "3"), None, 0);
        assert_eq!(begin, Begin::InFlight { revision: "b".into() });
        let begin = Release::begin(Some(&record(Stage::Back { replicas: 4 })), &plan("c", "3"), None, 0);
        assert_eq!(begin, Begin::GoingBack);
    }

    #[test]
    fn a_rollout_goes_over_what_serves() {
        let after_done = started(Release::begin(Some(&record(Stage::Done)), &plan("c", "3"), None, 0));
        assert_eq!((after_done.previous.as_deref(), after_done.epoch), (Some("b"), 8));
        let after_abort = started(Release::begin(Some(&record(Stage::Aborted)), &plan("c", "3"), None, 0));
        assert_eq!(after_abort.previous.as_deref(), Some("a"));
        let without_record = started(Release::begin(None, &plan("c", "3"), Some("x".into()), 0));
        assert_eq!(without_record.previous.as_deref(), Some("x"));
    }

    #[test]
    fn other_objects_of_the_revision_that_serves_move_no_pods() {
        let in_place = started(Release::begin(Some(&record(Stage::Done)), &plan("b", "3"), None, 0));
        assert!(in_place.in_place);
        assert_eq!(in_place.previous.as_deref(), Some("a"), "the way back stays what it was");
        let aborted = in_place.at(Stage::Finish, 0).abort(4, 0).expect("it is not over");
        assert_eq!(aborted.stage, Stage::Cancel);
        let next = started(Release::begin(Some(&aborted.at(Stage::Aborted, 0)), &plan("c", "4"), None, 0));
        assert_eq!(next.previous.as_deref(), Some("b"));
    }

    #[test]
    fn a_failure_is_tried_again_only_by_a_resume() {
        let failed = record(Stage::Finish).failed("no image".into());
        let resumed = failed.resume(9).expect("it has failed");
        assert_eq!((resumed.failed, resumed.entered_ns, resumed.epoch), (None, 9, 8));
    }

    #[test]
    fn a_resume_ahead_of_a_canary_approves_nothing() {
        let mut early = record(Stage::Shift { batch: 0, replicas: 4 });
        early.plan.batches.insert(0, PlannedBatch { size: BatchSize::Count(1), pause: true, wait_ns: 0 });
        assert_eq!(early.resume(0), None);
        let standing = early.at(Stage::Hold { batch: 0, replicas: 4 }, 0);
        assert_eq!(standing.resume(0).map(|release| release.approved_batches), Some(1));
    }
}
