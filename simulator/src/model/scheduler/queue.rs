//! Pods that wait for a node: who is next, and which change lets a refused pod try again.

use std::collections::{BTreeMap, BTreeSet};

use super::cache::{Scheduler, means};
use super::neighbours;
use super::refusals::{Refusal, Refusals};
use super::shape::Shape;
use super::{affinity, fit, taints};
use crate::engine::clock::SECOND_NS;

/// How long a pod is behind others after its first refusal, doubled for each one after it:
/// `podInitialBackoffSeconds`.
const BACKOFF_NS: u64 = SECOND_NS;
/// At most so long: `podMaxBackoffSeconds`.
const BACKOFF_MAX_NS: u64 = 10 * SECOND_NS;
/// After so long a refused pod is tried again, whatever has changed:
/// `DefaultPodMaxInUnschedulablePodsDuration`.
pub const REFUSED_MAX_NS: u64 = 300 * SECOND_NS;

/// Something that may make room for a refused pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A pod of a shape was given a node.
    Bound(usize),
    /// A pod of a shape left its node.
    Gone(usize),
    /// A node joined.
    Joined(usize),
    /// A node takes new pods again.
    Opened(usize),
}

/// A pod without a node.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    shape: usize,
    /// When it was made, or was refused last.
    since_ns: u64,
    refused: u32,
    refusals: Refusals,
}

impl Waiting {
    /// When it stops standing behind others, in whole seconds.
    fn behind_until_ns(&self) -> u64 {
        let doubled = BACKOFF_NS << (self.refused - 1).min(8);
        let until_ns = self.since_ns + doubled.min(BACKOFF_MAX_NS);
        until_ns - until_ns % SECOND_NS
    }
}

/// Three lots of pods. Those that may try again stand behind new ones for a while, but not idle: who is behind is
/// tried as soon as nobody is before it (`SchedulerPopFromBackoffQ`).
#[derive(Clone, Debug, Default)]
pub struct Queue {
    pods: BTreeMap<u32, Waiting>,
    /// By time and number.
    active: BTreeSet<(u64, u32)>,
    /// By the end of their back-off, time and number.
    behind: BTreeSet<(u64, u64, u32)>,
    /// Refused, until something changes.
    refused: BTreeSet<u32>,
}

impl Queue {
    /// A new pod.
    pub fn push(&mut self, pod: u32, shape: usize, now_ns: u64) {
        let refusals = Refusals::default();
        self.pods.insert(pod, Waiting { shape, since_ns: now_ns, refused: 0, refusals });
        self.active.insert((now_ns, pod));
    }

    /// The pod that is tried next, with its shape.
    pub fn pop(&mut self, now_ns: u64) -> Option<(u32, usize)> {
        while let Some((until_ns, since_ns, pod)) = self.behind.first().copied() {
            if until_ns > now_ns {
                break;
            }
            self.behind.pop_first();
            self.active.insert((since_ns, pod));
        }
        let next = self.active.pop_first().map(|(_, pod)| pod);
        let pod = next.or_else(|| self.behind.pop_first().map(|(_, _, pod)| pod))?;
        Some((pod, self.pods[&pod].shape))
    }

    /// The pod that was tried got a node.
    pub fn placed(&mut self, pod: u32) {
        self.pods.remove(&pod);
    }

    /// The pod that was tried got none.
    pub fn refuse(&mut self, pod: u32, refusals: Refusals, now_ns: u64) {
        if let Some(waiting) = self.pods.get_mut(&pod) {
            (waiting.since_ns, waiting.refused) = (now_ns, waiting.refused + 1);
            waiting.refusals = refusals;
            self.refused.insert(pod);
        }
    }

    /// A pod that waits is deleted.
    pub fn forget(&mut self, pod: u32) {
        if self.pods.remove(&pod).is_some() {
            self.refused.remove(&pod);
            self.active.retain(|(_, other)| *other != pod);
            self.behind.retain(|(_, _, other)| *other != pod);
        }
    }

    /// Pods that every node refused at least once, with their shapes.
    pub fn refused(&self) -> impl Iterator<Item = (u32, usize)> {
        let refused = self.pods.iter().filter(|(_, waiting)| waiting.refused > 0);
        refused.map(|(pod, waiting)| (*pod, waiting.shape))
    }

    /// How many pods have no node.
    pub fn len(&self) -> usize {
        self.pods.len()
    }

    /// Whether every pod has a node.
    pub fn is_empty(&self) -> bool {
        self.pods.is_empty()
    }

    /// Whether any pod waits to be tried.
    pub fn is_ready(&self) -> bool {
        !(self.active.is_empty() && self.behind.is_empty())
    }

    /// When the pod that was refused longest ago is tried again, whatever has changed.
    pub fn flush_at_ns(&self) -> Option<u64> {
        self.refused.iter().map(|pod| self.pods[pod].since_ns + REFUSED_MAX_NS).min()
    }

    /// Lets those try again that were refused too long ago.
    pub fn flush(&mut self, now_ns: u64) {
        self.retry(now_ns, |waiting| waiting.since_ns + REFUSED_MAX_NS <= now_ns);
    }

    /// Lets those try again that a change may help.
    pub fn changed(&mut self, scheduler: &Scheduler, change: Change, now_ns: u64) {
        if !self.refused.is_empty() {
            self.retry(now_ns, |waiting| helps(scheduler, waiting, change));
        }
    }

    fn retry(&mut self, now_ns: u64, may: impl Fn(&Waiting) -> bool) {
        let Self { pods, active, behind, refused } = self;
        refused.retain(|pod| {
            let waiting = &pods[pod];
            let may = may(waiting);
            if may && waiting.behind_until_ns() > now_ns {
                behind.insert((waiting.behind_until_ns(), waiting.since_ns, *pod));
            } else if may {
                active.insert((waiting.since_ns, *pod));
            }
            !may
        });
    }
}

/// Whether one of the rules that refused a pod may judge otherwise now.
fn helps(scheduler: &Scheduler, waiting: &Waiting, change: Change) -> bool {
    let shape = &scheduler.shapes[waiting.shape].shape;
    let refused = |refusal: Refusal| waiting.refusals.has(refusal);
    match change {
        Change::Bound(other) => {
            let other = &scheduler.shapes[other].shape;
            refused(Refusal::Spread) && is_spread_with(shape, other)
                || refused(Refusal::Neighbours) && neighbours::meets_all(shape, other)
        }
        Change::Gone(other) => {
            let other = &scheduler.shapes[other].shape;
            refused(Refusal::Full)
                || refused(Refusal::Spread) && is_spread_with(shape, other)
                || refused(Refusal::Neighbours) && (is_apart(shape, other) || is_apart(other, shape))
        }
        Change::Joined(node) => {
            let taken = &scheduler.nodes[node];
            let has = |key: &String| taken.node.labels.contains_key(key);
            refused(Refusal::Cordon) && !taken.node.is_cordoned
                || refused(Refusal::Taint) && taints::bears_all(shape, &taken.node)
                || refused(Refusal::Affinity) && affinity::allows(shape, &taken.node)
                || refused(Refusal::Full) && fit::fits(taken, shape)
                || refused(Refusal::Spread) && shape.hard.iter().all(|one| has(&one.key))
                || refused(Refusal::Neighbours)
                    && (!shape.apart.is_empty() || shape.near.iter().any(|term| has(&term.key)))
        }
        Change::Opened(_) => refused(Refusal::Cordon),
    }
}

fn is_spread_with(shape: &Shape, other: &Shape) -> bool {
    shape.hard.iter().any(|constraint| means(shape, constraint, other))
}

/// Upstream asks here for a pod that all terms mean, not any.
fn is_apart(own: &Shape, other: &Shape) -> bool {
    !own.apart.is_empty() && own.apart.iter().all(|term| term.matches(other))
}
