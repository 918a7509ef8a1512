//! The words between a rollout and its driver: what is seen, what is done next, what is waited for.

use std::fmt;

use serde_json::Value;

use super::need::Need;
use super::release::{Bounds, Release, TimeNs};
use super::verification::Answer;
use crate::object::ObjectKey;

/// What a driver sees of one component.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observation {
    /// One for each of [`super::ReleasePlan::objects`], in that order.
    pub objects: Vec<ObjectState>,
    /// The epochs stamped on them; empty where no write is ever late, as in a simulation.
    pub stamps: Vec<Option<u64>>,
    /// Every Deployment of the component whatever its revision, sorted by name; or its one StatefulSet or DaemonSet.
    pub workloads: Vec<Workload>,
    /// The components of `depends_on` that are not released yet.
    pub unready_dependencies: Vec<String>,
    /// The first of [`super::ReleasePlan::needs`] that is not there.
    pub unready_need: Option<Need>,
    /// The component's `PodDisruptionBudget`, where it has one that its controller has looked at.
    pub budget: Option<Budget>,
    /// What was answered to the questions that are [`Release::due`].
    pub answers: Vec<Answer>,
}

/// What a `PodDisruptionBudget` says of the pods of every revision together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The object.
    pub object: ObjectKey,
    /// `status.currentHealthy`.
    pub healthy: u32,
    /// `status.desiredHealthy`.
    pub desired: u32,
}

impl Observation {
    /// What keeps pods that are available from being taken away: fewer are healthy than the budget wants, because of a
    /// drain or a fault, and a rollout is not bound by it through the API server as an eviction is.
    pub(super) fn unmet(&self) -> Option<Reason> {
        let Budget { object, healthy, desired } = self.budget.as_ref()?;
        let waiting = format!("healthy pods: there are {healthy}, and it wants {desired}");
        (healthy < desired).then(|| Reason::Gate { object: object.clone(), waiting })
    }
}

/// What is in the cluster under an object's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectState {
    /// Nothing.
    Absent,
    /// Something that an apply would change.
    Differs,
    /// What the plan says; `waiting` names what it still lacks, such as a load balancer's address.
    Same {
        /// What it waits for.
        waiting: Option<String>,
    },
}

/// One Deployment, StatefulSet or DaemonSet with its autoscaler, as observed.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// The revision that its pod template has as a label.
    pub revision: String,
    /// The object.
    pub object: ObjectKey,
    /// The epoch stamped on it.
    pub epoch: Option<u64>,
    /// `spec.replicas`; for a DaemonSet the nodes that are to have a pod.
    pub replicas: u32,
    /// `status.replicas`: pods that exist and do not terminate.
    pub live: u32,
    /// `status.availableReplicas`.
    pub available: u32,
    /// Whether its controller has seen the present spec.
    pub observed: bool,
    /// Whether somebody else than the manifest's manager owns the count, and a StatefulSet's partition; else a later
    /// apply resets them.
    pub count_owned: bool,
    /// The autoscaler on it.
    pub autoscaler: Option<Autoscaler>,
    /// Why its pods cannot become ready, such as `ImagePullBackOff`.
    pub failure: Option<String>,
    /// What only a StatefulSet or a DaemonSet has, since both revisions share it.
    pub shared: Option<Shared>,
}

/// An object that every revision of a component shares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shared {
    /// `spec.template` as it stands.
    pub template: Value,
    /// Members below it keep the previous revision; 0 for a DaemonSet.
    pub partition: u32,
    /// The pods, a StatefulSet's by their ordinals, a DaemonSet's by the names of their nodes.
    pub members: Vec<Member>,
}

/// A pod of a StatefulSet or of a DaemonSet, as observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The pod.
    pub pod: ObjectKey,
    /// Its UID: another pod of the same name is another one.
    pub uid: String,
    /// The epoch stamped on it.
    pub epoch: Option<u64>,
    /// The value of its revision label.
    pub revision: String,
    /// Its ordinal in a StatefulSet; 0 in a DaemonSet.
    pub ordinal: u32,
    /// The node that it is on; empty without one.
    pub node: String,
    /// Whether that node is ready. Where it is not, nothing is known of the pod.
    pub reachable: bool,
    /// Where it stands.
    pub state: MemberState,
}

/// Where a member stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberState {
    /// It has not run yet.
    Starting,
    /// It runs, and is not available.
    Running,
    /// It is available.
    Available,
    /// Somebody has deleted it.
    Terminating,
}

impl Member {
    /// Whether it is available.
    pub fn is_available(&self) -> bool {
        self.state == MemberState::Available
    }

    /// Whether somebody has deleted it.
    pub fn is_terminating(&self) -> bool {
        self.state == MemberState::Terminating
    }

    /// Whether it runs on a node of which nothing is known any more.
    pub(super) fn is_lost(&self) -> bool {
        !self.reachable && matches!(self.state, MemberState::Running | MemberState::Available)
    }
}

impl Workload {
    /// The pods that are available and stay so: those above the count are on their way out.
    pub(super) fn kept(&self) -> u32 {
        self.available.min(self.replicas)
    }
}

/// A HorizontalPodAutoscaler as observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autoscaler {
    /// Its key.
    pub key: ObjectKey,
    /// The epoch stamped on it.
    pub epoch: Option<u64>,
    /// Its bounds.
    pub bounds: Bounds,
    /// Whether somebody else than the manifest's manager owns the bounds.
    pub bounds_owned: bool,
}

/// The next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Write this, observe again, decide again.
    Write(Write),
    /// Nothing to do until something changes, or until the time.
    Wait {
        /// When to decide again even if nothing changed.
        until: Option<TimeNs>,
        /// What is waited for.
        reason: Reason,
    },
    /// Stopped until a person resumes.
    Paused {
        /// The batch it stands at; `None` for a pause by command.
        batch: Option<usize>,
    },
    /// At the end.
    Done(Outcome),
    /// Nothing new is started; the record says why.
    Failed {
        /// Why.
        reason: String,
    },
}

/// How a rollout ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The plan's revision has every pod.
    Released,
    /// The previous revision has every pod again.
    RolledBack,
}

/// One write. Writes to children carry the epoch and the value they replace: the driver must make both a
/// condition of the write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Server-side apply of the plan's object, without replicas and bounds, if it still is as it was seen.
    Apply {
        /// Index in the plan's objects.
        object: usize,
    },
    /// Creates the object if it is absent, stamped, and so that no pod starts. Count, partition and bounds are the scale
    /// manager's, so that a later apply without them does not reset them.
    Birth {
        /// Index in the plan's objects.
        object: usize,
        /// The stamp.
        epoch: u64,
    },
    /// Takes ownership of the count or the bounds, where an apply would reset them.
    Own {
        /// A workload or an autoscaler.
        object: ObjectKey,
        /// The stamp that must be there.
        epoch: u64,
    },
    /// Moves the stamp on, so that no write of an older epoch lands. What is neither a Deployment nor an autoscaler
    /// must still be as it was seen, as for an apply.
    Stamp {
        /// A workload, an autoscaler, a pod that is being replaced, or what is applied next.
        object: ObjectKey,
        /// The stamp that must be there.
        from: Option<u64>,
        /// The new one.
        to: u64,
    },
    /// Sets `spec.replicas`.
    Scale {
        /// The Deployment or the StatefulSet.
        object: ObjectKey,
        /// The stamp that must be there.
        epoch: u64,
        /// The count that must be there.
        from: u32,
        /// The new one.
        to: u32,
    },
    /// Sets an autoscaler's bounds.
    Bound {
        /// The autoscaler.
        autoscaler: ObjectKey,
        /// The stamp that must be there.
        epoch: u64,
        /// The bounds that must be there.
        from: Bounds,
        /// The new ones.
        to: Bounds,
    },
    /// Sets the partition of a StatefulSet.
    Partition {
        /// The StatefulSet.
        object: ObjectKey,
        /// The stamp that must be there.
        epoch: u64,
        /// The partition that must be there.
        from: u32,
        /// The new one.
        to: u32,
    },
    /// Gives a StatefulSet or a DaemonSet the pod template of a revision: the plan's, or the one that
    /// [`Release::previous_template`] keeps.
    Template {
        /// The StatefulSet or the DaemonSet.
        object: ObjectKey,
        /// The stamp that must be there.
        epoch: u64,
        /// The revision.
        revision: String,
    },
    /// Deletes a pod so that its controller makes it again.
    Replace {
        /// The pod.
        pod: ObjectKey,
        /// Its UID, which must be there.
        uid: String,
        /// The stamp that must be on it.
        epoch: u64,
    },
    /// Deletes what no revision needs any more.
    Remove {
        /// A workload or an autoscaler.
        object: ObjectKey,
        /// The stamp that must be there.
        epoch: u64,
    },
    /// Compare-and-swap of the record.
    Record(Box<Release>),
}

/// What a rollout waits for, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A component it depends on.
    Dependency(String),
    /// Something of the cluster that pods could not start without.
    Need(Need),
    /// A controller that has not seen the last write.
    Controller(String),
    /// Pods of a revision that are not available yet.
    Available {
        /// The revision.
        revision: String,
        /// How many are.
        have: u32,
        /// How many must be.
        want: u32,
    },
    /// Pods of a revision that must go.
    Gone {
        /// The revision.
        revision: String,
        /// How many are there.
        have: u32,
        /// How many may be.
        want: u32,
    },
    /// The time between two batches.
    BatchWait(usize),
    /// What verifies a batch and has not passed yet.
    Verification {
        /// The batch, from 0.
        batch: usize,
        /// The verification.
        name: String,
        /// The last answer in words; empty before the first.
        said: String,
    },
    /// What an object lacks.
    Gate {
        /// The object.
        object: ObjectKey,
        /// What it waits for.
        waiting: String,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Dependency(name) => write!(f, "waiting for component `{name}`"),
            Reason::Need(need) => write!(f, "waiting for {need}"),
            Reason::Controller(name) => write!(f, "waiting for the controller of {name}"),
            Reason::Available { revision, have, want } => {
                write!(f, "{have} of {want} pods of revision {revision} are available")
            }
            Reason::Gone { revision, have, want } => {
                write!(f, "{have} pods of revision {revision} are left, {want} may stay")
            }
            Reason::BatchWait(batch) => write!(f, "looking at batch {}", batch + 1),
            Reason::Verification { batch, name, said } if said.is_empty() => {
                write!(f, "verifying batch {}: `{name}` is asked", batch + 1)
            }
            Reason::Verification { batch, name, said } => {
                write!(f, "verifying batch {}: `{name}` says {said}", batch + 1)
            }
            Reason::Gate { object, waiting } => write!(f, "{object} waits for {waiting}"),
        }
    }
}
