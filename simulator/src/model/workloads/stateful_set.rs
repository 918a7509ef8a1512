//! The `StatefulSet` controller: members with a number each, started and replaced in order.

use k8s_openapi::api::apps::v1::StatefulSetSpec;

use super::pod::{Phase, Pod, next_available_ns};
use super::share::Share;
use super::{ANSWER, AT_ONCE, DELAY, RATE, Steps, revisions, slow_start};
use crate::engine::clock::SIGNED_SECOND_NS;
use crate::mechanism::Mechanism;

/// `statefulset-controller`
pub static MECHANISM: Mechanism = Mechanism {
    name: "statefulset-controller",
    docs: "Starts, ends and replaces the members of a StatefulSet in order or together, as kube-controller-manager 1.36 does: each waits for those before it to be available, updates go from the highest number down to the partition, a broken revision blocks what follows. The gate MaxUnavailableStatefulSet is off, as upstream has it. Disks are left out.",
    defaults: &[RATE, AT_ONCE, DELAY, ANSWER],
};

/// Members looked after at once in a set without order: `MaxBatchSize` of `stateful_set_control.go`.
const BATCH: usize = 500;

/// A `StatefulSet`'s spec, read once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The number of the pod template.
    pub template: u32,
    /// `replicas`; 1 unless told.
    pub replicas: i32,
    /// `ordinals.start`: the number of the first member.
    pub start: i32,
    /// `podManagementPolicy` is `Parallel`: members do not wait for each other.
    pub parallel: bool,
    /// `minReadySeconds`.
    pub min_ready_s: i32,
    /// `updateStrategy.type` is `OnDelete`: somebody else deletes members of old templates.
    pub on_delete: bool,
    /// `updateStrategy.rollingUpdate`, which may be absent.
    pub rolling: Option<Rolling>,
    /// `revisionHistoryLimit`; 10 unless told.
    pub history_limit: i32,
}

/// How members of an old template are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rolling {
    /// `partition`: members below it keep the old template.
    pub partition: i32,
    /// `maxUnavailable`, which counts behind a feature gate; 1 unless told.
    pub max_unavailable: Share,
}

impl Spec {
    /// Reads a spec as it is written; `template` is the number of its pod template.
    pub fn new(spec: &StatefulSetSpec, template: u32) -> Self {
        let strategy = spec.update_strategy.as_ref();
        let kind = strategy.and_then(|strategy| strategy.type_.as_deref());
        let written = strategy.and_then(|strategy| strategy.rolling_update.as_ref());
        let rolling = Rolling {
            partition: written.and_then(|rolling| rolling.partition).unwrap_or(0),
            max_unavailable: written
                .and_then(|rolling| rolling.max_unavailable.as_ref())
                .map_or(Share::Count(1), Share::new),
        };
        Self {
            template,
            replicas: spec.replicas.unwrap_or(1),
            start: spec.ordinals.as_ref().and_then(|ordinals| ordinals.start).unwrap_or(0),
            parallel: spec.pod_management_policy.as_deref() == Some("Parallel"),
            min_ready_s: spec.min_ready_seconds.unwrap_or(0),
            on_delete: kind == Some("OnDelete"),
            // The API server fills `rollingUpdate` in only where it fills in the type as well.
            rolling: (written.is_some() || kind.unwrap_or("").is_empty()).then_some(rolling),
            history_limit: spec.revision_history_limit.unwrap_or(10),
        }
    }

    fn holds(&self, ordinal: u32) -> bool {
        (self.start..self.start + self.replicas).contains(&ordinal.cast_signed())
    }
}

/// A `StatefulSet` as the API server holds it, with its revisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatefulSet {
    /// What it is told.
    pub spec: Spec,
    /// `metadata.generation`.
    pub generation: i64,
    /// `status`.
    pub status: Status,
    /// Templates of its `ControllerRevision`s, the latest last.
    pub revisions: Vec<u32>,
}

impl StatefulSet {
    /// One that nobody has looked at.
    pub fn new(spec: Spec) -> Self {
        Self { spec, generation: 1, status: Status::default(), revisions: Vec::new() }
    }
}

/// `status` of a `StatefulSet`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// `observedGeneration`.
    pub observed_generation: i64,
    /// `replicas`: members that exist, terminating ones included.
    pub replicas: i32,
    /// `readyReplicas`, terminating ones included.
    pub ready: i32,
    /// `availableReplicas`, terminating ones included.
    pub available: i32,
    /// `currentReplicas`: members of the current revision that do not terminate.
    pub current: i32,
    /// `updatedReplicas`: members of the update revision that do not terminate.
    pub updated: i32,
    /// The template of `currentRevision`.
    pub current_revision: Option<u32>,
    /// The template of `updateRevision`.
    pub update_revision: Option<u32>,
}

/// Feature gates that change what the controller does; off in Kubernetes 1.36.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gates {
    /// `MaxUnavailableStatefulSet`
    pub max_unavailable: bool,
}

/// One write to the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Makes a member.
    Create {
        /// Its number.
        ordinal: u32,
        /// Its template.
        revision: u32,
    },
    /// Deletes the member of this number.
    Delete(u32),
    /// Makes, renumbers or deletes a revision: the list that results.
    Revisions(Vec<u32>),
    /// Writes the status.
    Status(Status),
}

/// What a sync does, and when the next comes if nothing happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synced {
    /// The writes.
    pub steps: Steps<Write>,
    /// When a member becomes available.
    pub again_ns: Option<i64>,
}

/// One sync over every pod of the set.
pub fn sync(set: &StatefulSet, pods: &[Pod], gates: Gates, now_ns: i64) -> Synced {
    let mut steps = Steps::new();
    let update = set.spec.template;
    let listed = revisions::updated(&set.revisions, update);
    if listed != set.revisions {
        steps.push(vec![Write::Revisions(listed.clone())]);
    }
    let known = set.status.current_revision.filter(|current| set.revisions.contains(current));
    let mut sync = Sync { set, pods, gates, now_ns, current: known.unwrap_or(update), steps, lost: 0 };
    sync.act();
    let mut status = sync.counted();
    status.current -= sync.lost;
    // The status of a rollout that is over: its template is the current one (`completeRollingUpdate`).
    let all = [status.updated, status.ready, status.replicas].iter().all(|it| *it == set.spec.replicas);
    if !set.spec.on_delete && all {
        status.current = status.updated;
        status.current_revision = status.update_revision;
    }
    let Sync { current, mut steps, .. } = sync;
    if status != set.status {
        steps.push(vec![Write::Status(status)]);
    }
    let live = |revision: u32| {
        revision == current || revision == update || pods.iter().any(|pod| pod.revision == revision)
    };
    let dead = listed.iter().filter(|revision| !live(**revision)).count();
    let kept = revisions::truncated(&listed, dead, set.spec.history_limit, live);
    if kept.len() < listed.len() {
        steps.push(vec![Write::Revisions(kept)]);
    }
    let waits = set.spec.min_ready_s > 0 && status.ready != status.available;
    let fallback_ns = now_ns + i64::from(set.spec.min_ready_s) * SIGNED_SECOND_NS;
    let again_ns =
        waits.then(|| next_available_ns(pods, set.spec.min_ready_s, now_ns).unwrap_or(fallback_ns));
    Synced { steps, again_ns }
}

/// A member that is wanted: the pod of its number, or the template of the one to make.
#[derive(Clone, Copy, Debug)]
struct Member {
    ordinal: u32,
    pod: Option<Pod>,
    revision: u32,
}

/// A sync as it goes on.
struct Sync<'a> {
    set: &'a StatefulSet,
    pods: &'a [Pod],
    gates: Gates,
    now_ns: i64,
    /// The current revision; the update revision is the spec's.
    current: u32,
    steps: Steps<Write>,
    /// Members deleted for an update.
    lost: i32,
}

impl Sync<'_> {
    /// `updateStatefulSet`: missing members are made, then surplus ones end, then old ones are replaced.
    fn act(&mut self) {
        let members = self.members();
        let mut condemned: Vec<Pod> =
            self.pods.iter().copied().filter(|pod| !self.set.spec.holds(pod.place)).collect();
        condemned.sort_by_key(|pod| std::cmp::Reverse(pod.place));
        let worst = members.iter().find(|member| self.is_unavailable(member.pod));
        let worst_condemned = condemned.iter().rev().find(|pod| self.is_unavailable(Some(**pod)));
        let first_unavailable = worst.map(|member| member.ordinal).or(worst_condemned.map(|pod| pod.place));
        let finished = if self.set.spec.parallel {
            self.start_together(&members);
            self.end_together(&condemned);
            true
        } else {
            self.start_in_order(&members) && self.end_in_order(&condemned, first_unavailable)
        };
        if finished && !self.set.spec.on_delete {
            self.replace(&members);
        }
    }

    fn members(&self) -> Vec<Member> {
        let spec = &self.set.spec;
        let mut members: Vec<Member> = (spec.start..spec.start + spec.replicas)
            .map(|ordinal| Member {
                ordinal: ordinal.cast_unsigned(),
                pod: None,
                revision: self.revision_of(ordinal),
            })
            .collect();
        for pod in self.pods.iter().filter(|pod| spec.holds(pod.place)) {
            let member = &mut members[(pod.place.cast_signed() - spec.start) as usize];
            (member.pod, member.revision) = (Some(*pod), pod.revision);
        }
        members
    }

    /// The template of a member that is made (`newVersionedStatefulSetPod`).
    fn revision_of(&self, ordinal: i32) -> u32 {
        let spec = &self.set.spec;
        let kept = match spec.rolling {
            Some(rolling) => rolling.partition,
            None if spec.on_delete => 0,
            None => self.set.status.current,
        };
        if ordinal < spec.start + kept { self.current } else { spec.template }
    }

    fn is_available(&self, pod: &Pod) -> bool {
        pod.is_available(self.set.spec.min_ready_s, self.now_ns)
    }

    fn is_unavailable(&self, pod: Option<Pod>) -> bool {
        pod.is_none_or(|pod| pod.terminating || !self.is_available(&pod))
    }

    /// Ready, available, and staying.
    fn is_well(&self, pod: &Pod) -> bool {
        pod.phase == Phase::Running && !self.is_unavailable(Some(*pod))
    }

    /// The write that a member needs before anything else.
    fn first_aid(member: &Member) -> Option<Write> {
        match member.pod {
            None => Some(Write::Create { ordinal: member.ordinal, revision: member.revision }),
            Some(pod) if pod.is_terminal() && !pod.terminating => Some(Write::Delete(pod.place)),
            Some(_) => None,
        }
    }

    /// One member after the other; `false` where one is not well.
    fn start_in_order(&mut self, members: &[Member]) -> bool {
        for member in members {
            if let Some(write) = Self::first_aid(member) {
                self.steps.push(vec![write]);
                return false;
            }
            if !member.pod.is_some_and(|pod| self.is_well(&pod)) {
                return false;
            }
        }
        true
    }

    fn start_together(&mut self, members: &[Member]) {
        self.in_batches(members, Self::first_aid);
    }

    /// The highest number first, one at a time; `false` while there is one. Of the members that are not well only the
    /// first of the whole set may go.
    fn end_in_order(&mut self, condemned: &[Pod], first_unavailable: Option<u32>) -> bool {
        let Some(pod) = condemned.first() else { return true };
        if !pod.terminating && (self.is_well(pod) || first_unavailable == Some(pod.place)) {
            self.steps.push(vec![Write::Delete(pod.place)]);
        }
        false
    }

    fn end_together(&mut self, condemned: &[Pod]) {
        self.in_batches(condemned, |pod| (!pod.terminating).then_some(Write::Delete(pod.place)));
    }

    fn in_batches<T>(&mut self, all: &[T], write: impl Fn(&T) -> Option<Write>) {
        let mut rest = all;
        for size in slow_start(all.len(), BATCH) {
            let (batch, after) = rest.split_at(size);
            rest = after;
            let writes: Vec<Write> = batch.iter().filter_map(&write).collect();
            if !writes.is_empty() {
                self.steps.push(writes);
            }
        }
    }

    /// Deletes members of old templates, from the highest number down to the partition.
    fn replace(&mut self, members: &[Member]) {
        let least = self.set.spec.rolling.map_or(0, |rolling| rolling.partition.max(0) as usize);
        let candidates: Vec<Member> = members.iter().skip(least).rev().copied().collect();
        let is_old = |member: &Member| {
            member.revision != self.set.spec.template && !member.pod.is_some_and(|pod| pod.terminating)
        };
        let old: Vec<u32> = if self.gates.max_unavailable {
            let free = self.max_unavailable().saturating_sub(self.unavailable(members));
            candidates.iter().filter(|it| is_old(it)).take(free).map(|it| it.ordinal).collect()
        } else {
            let stop = candidates.iter().find(|it| is_old(it) || self.is_unavailable(it.pod));
            stop.filter(|it| is_old(it)).map(|it| it.ordinal).into_iter().collect()
        };
        self.lost = old.len() as i32;
        self.steps.extend(old.into_iter().map(|ordinal| vec![Write::Delete(ordinal)]));
    }

    fn unavailable(&self, members: &[Member]) -> usize {
        members.iter().filter(|member| self.is_unavailable(member.pod)).count()
    }

    /// `getStatefulSetMaxUnavailable`
    fn max_unavailable(&self) -> usize {
        let share = self.set.spec.rolling.map_or(Share::Count(1), |rolling| rolling.max_unavailable);
        share.rounded_down(self.set.spec.replicas).max(1) as usize
    }

    fn counted(&self) -> Status {
        let count = |counts: &dyn Fn(&Pod) -> bool| self.pods.iter().filter(|pod| counts(pod)).count() as i32;
        let is_ready = |pod: &Pod| pod.phase == Phase::Running && pod.ready;
        Status {
            observed_generation: self.set.generation,
            replicas: self.pods.len() as i32,
            ready: count(&is_ready),
            available: count(&|pod| is_ready(pod) && self.is_available(pod)),
            current: count(&|pod| pod.revision == self.current && !pod.terminating),
            updated: count(&|pod| pod.revision == self.set.spec.template && !pod.terminating),
            current_revision: Some(self.current),
            update_revision: Some(self.set.spec.template),
        }
    }
}
