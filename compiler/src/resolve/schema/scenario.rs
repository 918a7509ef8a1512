//! The nodes of the `scenario` document.

use super::calls::{CALLS, CLIENT};
use super::distribution::{DISTRIBUTION, DRAWN};
use super::traffic::{ARRIVALS, BURSTS, DAILY, STEP, TRACE, WEEKLY};
use super::{NodeType, field, one};
use crate::resolve::form::{BoundUnit, Form};

/// A scenario.
pub static SCENARIO: NodeType = NodeType {
    name: "scenario",
    docs: "A what-if: traffic against one cell, how its services behave, and what must hold.",
    arguments: &[one("name", Form::Name)],
    children: &[
        &APP,
        &ENVIRONMENT,
        &TENANT,
        &CLUSTER,
        &FROM,
        &DURATION,
        &SEED,
        &DETAIL,
        &TRAFFIC,
        &SERVICE,
        &CLIENT,
        &METRIC,
        &FAULT,
        &RELEASE,
        &OBJECTIVE,
    ],
    many: true,
};

static APP: NodeType = field("app", "The application.", &[one("name", Form::Reference)]);
static ENVIRONMENT: NodeType = field("environment", "The environment.", &[one("name", Form::Reference)]);
static TENANT: NodeType = field("tenant", "The tenant.", &[one("name", Form::Reference)]);
static CLUSTER: NodeType =
    field("cluster", "The cluster, if there are several.", &[one("name", Form::Reference)]);
static FROM: NodeType = field("from", "When the run begins.", &[one("time", Form::Timestamp)]);
static DURATION: NodeType = field("duration", "How long the run is.", &[one("duration", Form::Duration)]);
static SEED: NodeType = field(
    "seed",
    "The seed of every random stream; 1 unless told.",
    &[one("number", Form::Integer { min: 0, max: u64::MAX as i128 })],
);

static DETAIL: NodeType = field(
    "detail",
    "How much is simulated request by request: `auto`, unless told, all of a short run, and of a long one what matters, \
     the rest as rates; `requests` all of it; `flow` nothing but a window at the beginning.",
    &[one("way", Form::Word(&["auto", "requests", "flow"]))],
);

static TRAFFIC: NodeType = NodeType {
    name: "traffic",
    docs: "Requests from outside to one component. Their rate is a base with its steps, or a trace; the shape of a day, \
           factors of weekdays, spikes and bursts multiply it.",
    arguments: &[one("component", Form::Reference)],
    children: &[&ARRIVALS, &BASE, &TRACE, &STEP, &DAILY, &WEEKLY, &SPIKE, &BURSTS, &BALANCER],
    many: true,
};

static BASE: NodeType = NodeType {
    name: "base",
    docs: "The traffic of an ordinary hour.",
    arguments: &[],
    children: &[&PER_SECOND],
    many: false,
};

pub(super) static PER_SECOND: NodeType =
    field("per-second", "Requests a second.", &[one("rate", Form::NumberOrZero)]);

static SPIKE: NodeType = NodeType {
    name: "spike",
    docs: "A rise to a multiple of the base, a plateau, and a fall. The base is what would arrive at the time without \
           spikes.",
    arguments: &[],
    children: &[&AT, &TIMES, &OVER, &HOLD, &FALL],
    many: true,
};

static BALANCER: NodeType = field(
    "balancer",
    "How the balancer in front chooses, where it is not the one that the objects describe. `weighted` is `round-robin` by \
     the weights that the objects give, and `random-of-two` takes the one of two with fewer open requests. Without it \
     they say: the scheduler of a LoadBalancer Service, or at random as kube-proxy does.",
    &[one(
        "policy",
        Form::Word(&["round-robin", "weighted", "least-connections", "random-of-two", "random"]),
    )],
);

pub(super) static AT: NodeType = field("at", "When it begins.", &[one("time", Form::Timestamp)]);
static TIMES: NodeType =
    field("times", "The multiple of the base at the top.", &[one("factor", Form::Number)]);
static OVER: NodeType = field("over", "How long the rise takes.", &[one("duration", Form::Duration)]);
static HOLD: NodeType = field("hold", "How long the top lasts.", &[one("duration", Form::Duration)]);
static FALL: NodeType = field("fall", "How long the fall takes.", &[one("duration", Form::Duration)]);

static SERVICE: NodeType = NodeType {
    name: "service",
    docs: "How the pods of a component serve a request.",
    arguments: &[one("component", Form::Reference)],
    children: &[
        &CPU,
        &WAIT,
        &CONCURRENCY,
        &QUEUE,
        &DROP_ABANDONED,
        &START,
        &WARM_UP,
        &SERVICE_MEMORY,
        &IMAGE_SIZE,
        &CALLS,
    ],
    many: true,
};

static CPU: NodeType = NodeType {
    name: "cpu",
    docs: "CPU time a request takes, which the autoscaler sees: always the same, or drawn from a distribution.",
    arguments: &[DRAWN],
    children: DISTRIBUTION,
    many: false,
};

static WAIT: NodeType = NodeType {
    name: "wait",
    docs: "Time a request spends off the CPU: always the same, or drawn from a distribution.",
    arguments: &[DRAWN],
    children: DISTRIBUTION,
    many: false,
};

static CONCURRENCY: NodeType = field(
    "concurrency",
    "Requests that a pod works on at a time, such as PHP's workers.",
    &[one("requests", Form::Integer { min: 1, max: 100_000 })],
);

static QUEUE: NodeType = field(
    "queue",
    "Requests that may wait in a pod before it refuses more; 511 unless told.",
    &[one("requests", Form::Integer { min: 0, max: 1_000_000 })],
);

static DROP_ABANDONED: NodeType = field(
    "drop-abandoned",
    "Whether a request whose caller has given up leaves the queue of its pod, as HAProxy with `abortonclose` has it; \
     PHP-FPM works on it all the same, and so does a pod unless told.",
    &[one("boolean", Form::Boolean)],
);

static START: NodeType = field(
    "start",
    "How long the process takes from its start to ready; 1s unless told.",
    &[one("duration", Form::Duration)],
);

static WARM_UP: NodeType = NodeType {
    name: "warm-up",
    docs: "How much slower a container is at first: requests need `times` as much CPU time at its start, and the factor \
           falls in a straight line to 1.",
    arguments: &[],
    children: &[&WARM_UP_FOR, &WARM_UP_TIMES],
    many: false,
};

static WARM_UP_FOR: NodeType =
    field("for", "From the container's start until it is warm.", &[one("duration", Form::Duration)]);
static WARM_UP_TIMES: NodeType = field(
    "times",
    "How many times as much CPU time a request needs at the container's start, at least 1.",
    &[one("factor", Form::Number)],
);

static IMAGE_SIZE: NodeType = field(
    "image-size",
    "What a node pulls of its image; as the platform's profile has it unless told.",
    &[one("bytes", Form::Memory)],
);

static SERVICE_MEMORY: NodeType = NodeType {
    name: "memory",
    docs: "What the process of a pod keeps in memory while no request is inside: an autoscaler sees it, and on Linux a \
           container that passes its limit is killed.",
    arguments: &[one("bytes", Form::Memory)],
    children: &[&PER_REQUEST],
    many: false,
};

static PER_REQUEST: NodeType = field(
    "per-request",
    "What each request inside the pod adds, waiting ones included; nothing unless told.",
    &[one("bytes", Form::Memory)],
);

static METRIC: NodeType = NodeType {
    name: "metric",
    docs: "What the name of a metric that is neither CPU nor memory means to autoscalers. Each pod has its own value; \
           where the metric is one of an object or from outside, it is the sum over the pods of a component.",
    arguments: &[one("name", Form::MetricName)],
    children: &[&METRIC_OF, &IS],
    many: true,
};

static METRIC_OF: NodeType = field(
    "of",
    "The component that is measured; the one that the autoscaler scales unless told.",
    &[one("component", Form::Reference)],
);

static IS: NodeType = field(
    "is",
    "Requests a second that pods take (`requests`) or that are sent to them, refused ones included (`arrivals`), both \
     since the scrape before; requests inside them (`in-flight`); requests that wait there for a worker (`queue`).",
    &[one("measure", Form::Word(&["requests", "in-flight", "queue", "arrivals"]))],
);

static FAULT: NodeType = NodeType {
    name: "fault",
    docs: "Something of the cluster that does not work for a time. `metrics`: metrics-server answers nothing, and then \
           has forgotten everything. `eci`: ECI is sold out, and pods wait there for it to sell again.",
    arguments: &[one("name", Form::Word(&["eci", "metrics"]))],
    children: &[&FAULT_AT, &FOR],
    many: true,
};

static FAULT_AT: NodeType = field("at", "When it begins.", &[one("time", Form::Timestamp)]);
static FOR: NodeType = field("for", "How long it lasts.", &[one("duration", Form::Duration)]);

static RELEASE: NodeType = NodeType {
    name: "release",
    docs: "A new image rolled out under traffic, by the same decisions that `apply` takes.",
    arguments: &[one("component", Form::Reference)],
    children: &[&AT, &IMAGE, &APPROVE],
    many: true,
};

static IMAGE: NodeType = field("image", "The image of the new revision.", &[one("reference", Form::Image)]);
static APPROVE: NodeType = field(
    "approve",
    "How long after a batch's pause somebody resumes; 1m unless told.",
    &[one("duration", Form::Duration)],
);

static OBJECTIVE: NodeType = NodeType {
    name: "objective",
    docs: "What must hold over the run; `simulate` exits 1 where it does not.",
    arguments: &[],
    children: &[&SUCCESS, &OBJECTIVE_P99, &COST],
    many: false,
};

static SUCCESS: NodeType = field(
    "success",
    "The share of requests that are answered, such as \">=99.9%\".",
    &[one("bound", Form::Bound(BoundUnit::Percent))],
);
static OBJECTIVE_P99: NodeType = field(
    "p99",
    "What 99 of 100 answers stay below, such as \"<=200ms\".",
    &[one("bound", Form::Bound(BoundUnit::Duration))],
);
static COST: NodeType = field(
    "cost",
    "What the run may cost, such as \"<=3000CNY\".",
    &[one("bound", Form::Bound(BoundUnit::Money))],
);
