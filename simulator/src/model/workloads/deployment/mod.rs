//! The Deployment controller: `ReplicaSet`s of old and new templates, scaled step by step from the one to the other.

mod progress;
mod rollout;
mod scale;
mod spec;
mod status;

pub use progress::Again;
pub use spec::{Spec, Strategy};
pub use status::{Condition, Holds, Status};

use super::replica_set::ReplicaSet;
use super::{ANSWER, AT_ONCE, DELAY, RATE};
use crate::mechanism::{Mechanism, Number};

/// `deployment-controller`
pub static MECHANISM: Mechanism = Mechanism {
    name: "deployment-controller",
    docs: "Scales a Deployment's ReplicaSets from old templates to the present one, as kube-controller-manager 1.36 does: rolling update or Recreate, surge and missing pods, unavailable old pods first, proportional scaling in the middle of a rollout, pauses, the progress deadline and its conditions, the revision history.",
    defaults: &[
        Number {
            name: "surge and missing pods of a rolling update",
            value: |_| "25 %".to_owned(),
            source: "API server, pkg/apis/apps/v1/defaults.go: maxSurge, maxUnavailable",
        },
        Number {
            name: "progress deadline",
            value: |_| "600 s".to_owned(),
            source: "API server, the same: progressDeadlineSeconds",
        },
        RATE,
        AT_ONCE,
        DELAY,
        ANSWER,
    ],
};

/// A Deployment as the API server holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// What it is told.
    pub spec: Spec,
    /// `metadata.generation`.
    pub generation: i64,
    /// `status`.
    pub status: Status,
}

impl Deployment {
    /// One that nobody has looked at.
    pub fn new(spec: Spec) -> Self {
        Self { spec, generation: 1, status: Status::default() }
    }
}

/// One write to the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// Makes a `ReplicaSet`.
    Create(ReplicaSet),
    /// Writes spec and annotations of the `ReplicaSet` of this template; its status stays.
    Update(ReplicaSet),
    /// Deletes the empty `ReplicaSet` of this template.
    Delete(u32),
    /// Writes the Deployment's status.
    Status(Status),
}

/// What a sync does, and when the next comes if nothing happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synced {
    /// The writes, one after the other.
    pub writes: Vec<Write>,
    /// When to look for progress again.
    pub again: Option<Again>,
}

/// One sync. `sets` are the Deployment's, oldest first, and `pods` says how many pods of each exist, terminating ones
/// included, that have not ended.
pub fn sync(deployment: &Deployment, sets: &[ReplicaSet], pods: &[u32], now_ns: i64) -> Synced {
    let mut sync = Sync {
        deployment: *deployment,
        sets: sets.iter().zip(pods).map(|(set, pods)| Owned { set: *set, pods: *pods }).collect(),
        now_ns,
        writes: Vec::new(),
        again: None,
    };
    sync.check_paused();
    if sync.deployment.spec.paused || sync.is_scaling() {
        sync.scale_only();
    } else {
        match sync.deployment.spec.strategy {
            Strategy::Recreate => sync.recreate(),
            Strategy::RollingUpdate { .. } => sync.roll(),
        }
    }
    Synced { writes: sync.writes, again: sync.again }
}

/// A `ReplicaSet` and how many of its pods exist and have not ended.
#[derive(Clone, Copy, Debug)]
struct Owned {
    set: ReplicaSet,
    pods: u32,
}

/// A sync as it goes on, with what its own writes changed.
struct Sync {
    deployment: Deployment,
    /// Oldest first: indices are ages.
    sets: Vec<Owned>,
    now_ns: i64,
    writes: Vec<Write>,
    again: Option<Again>,
}

impl Sync {
    fn replicas(&self) -> i32 {
        self.deployment.spec.replicas
    }

    /// The set of the present template.
    fn new_index(&self) -> Option<usize> {
        self.sets.iter().position(|owned| owned.set.template == self.deployment.spec.template)
    }

    /// The sets of other templates, oldest first.
    fn old_indices(&self) -> Vec<usize> {
        let template = self.deployment.spec.template;
        (0..self.sets.len()).filter(|index| self.sets[*index].set.template != template).collect()
    }

    fn active(&self, indices: &[usize]) -> Vec<usize> {
        indices.iter().copied().filter(|index| self.sets[*index].set.replicas > 0).collect()
    }

    /// `spec.replicas` of every set together.
    fn wanted(&self) -> i32 {
        self.sets.iter().map(|owned| owned.set.replicas).sum()
    }

    fn available(&self) -> i32 {
        self.sets.iter().map(|owned| owned.set.status.available).sum()
    }

    /// The set of the present template with its revision brought up to date (`getNewReplicaSet`); without one,
    /// it is made if `create` says so.
    fn new_set(&mut self, create: bool) -> Option<usize> {
        let old = self.old_indices();
        let revision = old.iter().map(|index| self.sets[*index].set.revision).max().unwrap_or(0) + 1;
        let Some(index) = self.new_index() else {
            return create.then(|| self.create_set(revision));
        };
        let mut set = self.sets[index].set;
        if set.revision < revision || set.min_ready_s != self.deployment.spec.min_ready_s {
            set.revision = set.revision.max(revision);
            set.min_ready_s = self.deployment.spec.min_ready_s;
            self.update_set(index, set);
            return Some(index);
        }
        let status = &mut self.deployment.status;
        let unknown = self.deployment.spec.deadline_s.is_some() && status.progressing.is_none();
        if status.revision != set.revision || unknown {
            status.revision = set.revision;
            if unknown {
                let condition = Condition::new(Holds::True, "FoundNewReplicaSet", self.now_ns);
                status.progressing = Some(condition);
            }
            let written = Write::Status(*status);
            self.writes.push(written);
        }
        Some(index)
    }

    fn create_set(&mut self, revision: i64) -> usize {
        let mut set = ReplicaSet {
            template: self.deployment.spec.template,
            min_ready_s: self.deployment.spec.min_ready_s,
            revision,
            desired: Some(self.replicas()),
            max: Some(self.replicas() + self.deployment.spec.max_surge()),
            generation: 1,
            ..ReplicaSet::default()
        };
        set.replicas = self.room_for(&set);
        self.writes.push(Write::Create(set));
        self.sets.push(Owned { set, pods: 0 });
        let status = &mut self.deployment.status;
        status.revision = revision;
        if self.deployment.spec.deadline_s.is_some() {
            let condition = Condition::new(Holds::True, "NewReplicaSetCreated", self.now_ns);
            status.progressing = Some(condition.after(status.progressing));
        }
        let written = Write::Status(*status);
        self.writes.push(written);
        self.sets.len() - 1
    }

    fn update_set(&mut self, index: usize, mut set: ReplicaSet) {
        let before = &mut self.sets[index].set;
        if (set.replicas, set.min_ready_s) != (before.replicas, before.min_ready_s) {
            set.generation += 1;
        }
        *before = set;
        self.writes.push(Write::Update(set));
    }

    /// Sets the count of a set (`scaleReplicaSet`); says whether it changed. With `force` its annotations are also
    /// brought up to date where the count stays.
    fn scale_set(&mut self, index: usize, to: i32, force: bool) -> bool {
        let mut set = self.sets[index].set;
        let sized = set.replicas != to;
        let (desired, max) = (self.replicas(), self.replicas() + self.deployment.spec.max_surge());
        let annotated = (set.desired, set.max) == (Some(desired), Some(max));
        if !sized && (!force || annotated) {
            return false;
        }
        (set.replicas, set.desired, set.max) = (to, Some(desired), Some(max));
        self.update_set(index, set);
        sized
    }

    /// Deletes the oldest empty sets beyond `revisionHistoryLimit` (`cleanupDeployment`).
    fn clean_up(&mut self) {
        let Some(limit) = self.deployment.spec.history_limit else { return };
        let mut old = self.old_indices();
        let surplus = old.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
        old.sort_by_key(|index| (self.sets[*index].set.revision, *index));
        for index in old.into_iter().take(surplus) {
            let set = &self.sets[index].set;
            let seen = set.generation <= set.status.observed_generation;
            if set.status.replicas == 0 && set.replicas == 0 && seen {
                self.writes.push(Write::Delete(set.template));
            }
        }
    }
}
