//! What was seen of a run: counters at equal steps, latencies, and what happened when.

use serde::Serialize;

use super::histogram::Histogram;
use crate::model::flow::{Compared, FlowTrace};

/// Everything that a run leaves behind; reports are made of nothing else.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// The scenario's name.
    pub scenario: String,
    /// The seed that, with the same input, gives the same bytes.
    pub seed: u64,
    /// When the run began, in nanoseconds since 1970.
    pub from_ns: i64,
    /// How long it was to be.
    pub duration_ns: u64,
    /// Why it ended before that, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
    /// The time between two samples.
    pub step_ns: u64,
    /// What each component did, in the order of their names.
    pub components: Vec<ComponentTrace>,
    /// What happened, in order.
    pub happenings: Vec<Happening>,
    /// The names of the workloads.
    pub workloads: Vec<String>,
    /// The index of each pod's workload, by the pod's number.
    pub pods: Vec<u32>,
    /// How each release of the scenario stood at the end.
    pub releases: Vec<ReleaseTrace>,
    /// The pools of nodes, in the order of the platform.
    pub pools: Vec<PoolTrace>,
    /// The profile of the figures, and what the platform writes over it.
    pub profile: String,
    /// What does not work at the end, in the words that the objects of a cluster would have for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub troubles: Vec<String>,
    /// What the objects ask for and the run leaves out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// When requests were rates, if ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<FlowTrace>,
    /// What the nodes and ECI cost.
    pub bill: Bill,
    /// How many events the engine took: a measure of work, equal for equal runs.
    pub events: u64,
}

/// The early end of a run: what the trace holds is what was known by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cut {
    /// When, since the start of the run.
    pub at_ns: u64,
    /// Why.
    pub why: Why,
}

/// Why a run ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Somebody stopped it.
    Stopped,
    /// It took as many events as it may.
    Events,
}

/// One component over the run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentTrace {
    /// Its name.
    pub name: String,
    /// Counters of its requests over the whole run.
    pub requests: Requests,
    /// What of these other components called.
    #[serde(skip_serializing_if = "Called::is_empty")]
    pub called: Called,
    /// From the intended arrival to the answer, of answered requests.
    pub latency: Histogram,
    /// One for each step, at its end.
    pub samples: Vec<Sample>,
    /// Windows that were simulated both ways.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
    /// For how long its requests were rates, where that is not the same for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rates_ns: Option<u64>,
}

/// Requests of clients and of other components; an attempt that is tried again is still the same request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Requests {
    /// Sent by clients, or by pods of other components.
    pub arrived: u64,
    /// Answered in time.
    pub answered: u64,
    /// Given up after the last retry.
    pub failed: u64,
    /// Sent to a pod, retries included.
    pub attempts: u64,
    /// Attempts that met no ready pod.
    pub unrouted: u64,
    /// Attempts that a full pod refused.
    pub refused: u64,
    /// Attempts that lasted too long.
    pub timed_out: u64,
    /// Attempts whose pod ended under them.
    pub broken: u64,
    /// Attempts that a pod answered with an error, since a call of its own had failed.
    #[serde(skip_serializing_if = "is_zero")]
    pub errored: u64,
    /// Attempts whose callers gave up, and that their pods took out of their queues.
    #[serde(skip_serializing_if = "is_zero")]
    pub dropped: u64,
}

impl Requests {
    /// What was counted since an earlier count.
    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            arrived: self.arrived - before.arrived,
            answered: self.answered - before.answered,
            failed: self.failed - before.failed,
            attempts: self.attempts - before.attempts,
            unrouted: self.unrouted - before.unrouted,
            refused: self.refused - before.refused,
            timed_out: self.timed_out - before.timed_out,
            broken: self.broken - before.broken,
            errored: self.errored - before.errored,
            dropped: self.dropped - before.dropped,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(crate) fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Requests to a component that are calls of others.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Called {
    /// Sent by pods of other components.
    pub arrived: u64,
    /// Answered in time.
    pub answered: u64,
    /// Given up after the last retry, or with the pod that called.
    pub failed: u64,
    /// Not sent, since the calling pod kept an answer.
    #[serde(skip_serializing_if = "is_zero")]
    pub cached: u64,
    /// From the call to the answer, of answered calls.
    pub latency: Histogram,
}

impl Called {
    /// Whether nobody called.
    pub fn is_empty(&self) -> bool {
        self.arrived == 0
    }

    /// A call is over.
    pub(crate) fn ended(&mut self, answered: bool, latency_ns: u64) {
        if answered {
            self.answered += 1;
            self.latency.record(latency_ns);
        } else {
            self.failed += 1;
        }
    }
}

/// One component at the end of a step; requests count within the step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    /// The end of the step, since the start of the run.
    pub at_ns: u64,
    /// Requests that arrived.
    pub arrived: u64,
    /// Requests that were answered.
    pub answered: u64,
    /// Requests that were given up.
    pub failed: u64,
    /// Requests that are open.
    pub in_flight: u64,
    /// The 99th percentile of the answers.
    pub p99_ns: u64,
    /// `spec.replicas` over all revisions.
    pub replicas: u32,
    /// Pods that exist and do not terminate.
    pub pods: u32,
    /// Pods that take traffic.
    pub ready: u32,
    /// Pods without a node.
    pub pending: u32,
    /// Pods on nodes, terminating ones included.
    pub on_ecs: u32,
    /// Pods on ECI, terminating ones included.
    pub on_eci: u32,
    /// CPU used over the step, in thousandths of a core.
    pub cpu_milli: u64,
    /// What its ECI pods have cost since the start, in thousandths of a fen (10⁻⁵ CNY).
    pub eci_cost: u64,
}

/// One pool of nodes over the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PoolTrace {
    /// Its name.
    pub name: String,
    /// Nodes at the beginning.
    pub began: u32,
    /// How many it may have.
    pub max: u32,
    /// The most that there were.
    pub peak: u32,
    /// When there were so many first, since the start of the run.
    pub peak_at_ns: u64,
    /// Nodes at the end.
    pub ended: u32,
}

/// What the run costs, in 10⁻⁵ CNY.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bill {
    /// Every node of every pool while it is there, used or not.
    pub ecs: u64,
    /// ECI pods from creation to end, by their rounded size.
    pub eci: u64,
}

/// Something worth a line, with its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Happening {
    /// Since the start of the run.
    pub at_ns: u64,
    /// What happened.
    pub what: What,
}

/// What can happen to pods, autoscalers and rollouts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum What {
    /// A count was changed by an autoscaler or by the clock.
    Scaled {
        /// The Deployment.
        deployment: String,
        /// Before.
        from: u32,
        /// After.
        to: u32,
    },
    /// The first of a row of pods found no node.
    Unschedulable {
        /// The Deployment.
        deployment: String,
        /// Why no node took it.
        reason: String,
    },
    /// A controller made a pod.
    PodCreated {
        /// The pod's number in the run.
        pod: u32,
    },
    /// A pod was given a node.
    Scheduled {
        /// The pod's number in the run.
        pod: u32,
        /// The node.
        node: String,
    },
    /// The container of a pod runs.
    Started {
        /// The pod's number in the run.
        pod: u32,
    },
    /// A pod takes traffic.
    PodReady {
        /// The pod's number in the run.
        pod: u32,
    },
    /// Nodes were ordered for pods that no node takes.
    NodesOrdered {
        /// The pool.
        pool: String,
        /// How many.
        nodes: u32,
        /// How many pods they are to take.
        pods: u32,
    },
    /// A node that was ordered joined.
    NodeJoined {
        /// The node.
        node: String,
    },
    /// A node that nobody needs takes no pods any more, and loses those that it has.
    NodeClosed {
        /// The node.
        node: String,
        /// How many pods it had besides daemons.
        pods: u32,
    },
    /// A node left.
    NodeLeft {
        /// The node.
        node: String,
    },
    /// ECI takes a spot pod back, and says so some minutes before.
    SpotReclaimed {
        /// The pod's number in the run.
        pod: u32,
    },
    /// A pod was deleted, and finishes what it has.
    PodEnding {
        /// The pod's number in the run.
        pod: u32,
    },
    /// A pod is gone.
    PodGone {
        /// The pod's number in the run.
        pod: u32,
    },
    /// A container was killed, and is started again.
    Killed {
        /// The number of its pod in the run.
        pod: u32,
        /// Why.
        reason: KillReason,
    },
    /// Something broke or works again.
    Fault {
        /// What.
        object: String,
        /// Which of the two, in words.
        step: String,
    },
    /// A job of the clock ran.
    Clock {
        /// The name of the object that holds it.
        object: String,
        /// What it came to, in words.
        step: String,
    },
    /// A rollout wrote, waited, paused or ended.
    Rollout {
        /// The component.
        component: String,
        /// The step, in words.
        step: String,
        /// Whether it is a write to an object, and not a stage of the rollout.
        write: bool,
    },
}

/// Why a container was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KillReason {
    /// It passed its memory limit.
    OutOfMemory,
    /// It was not up when its startup probe asked for the last time.
    TooSlow,
}

impl Trace {
    /// What a pod is called: its workload and its number in the run.
    pub fn pod(&self, pod: u32) -> String {
        let workload =
            self.pods.get(pod as usize).and_then(|workload| self.workloads.get(*workload as usize));
        format!("{}/{pod}", workload.map_or("pod", String::as_str))
    }
}

/// One release of the scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseTrace {
    /// The component.
    pub component: String,
    /// The revision it brings.
    pub revision: String,
    /// When it began, since the start of the run.
    pub began_ns: u64,
    /// When it ended, if it did.
    pub ended_ns: Option<u64>,
    /// How it stood at the end of the run, in words.
    pub outcome: String,
    /// Whether the revision serves.
    pub released: bool,
}
