//! What is asked: traffic against one cell, how its services behave, and what must hold.

mod calls;
mod read;
mod traffic;

use compiler::app::Cell;
use compiler::check::Checked;
use compiler::resolve::quantity::Bound;

use crate::engine::random::Duration;
use crate::model::balancer::Policy;

pub use calls::{Call, Patience, Pool};
pub use read::{Files, Opened, resolve, resolve_with};
pub use traffic::{Arrivals, Bursts, Daily, Level, Shape, Step, Weekly};

/// One scenario; times are nanoseconds since the start of the run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// The application.
    pub app: String,
    /// The environment.
    pub environment: String,
    /// The tenant, where there is one.
    pub tenant: Option<String>,
    /// The cluster's name.
    pub cluster: String,
    /// When the run begins, in nanoseconds since 1970.
    pub from_ns: i64,
    /// How long it is.
    pub duration_ns: u64,
    /// The seed of every random stream.
    pub seed: u64,
    /// How much of it is simulated request by request.
    pub detail: Detail,
    /// Requests from outside, one for each component that has any.
    pub traffic: Vec<Traffic>,
    /// How the pods of components serve.
    pub services: Vec<Service>,
    /// How callers behave, at most one for each component.
    pub clients: Vec<Client>,
    /// What the names of metrics mean.
    pub metrics: Vec<Metric>,
    /// What does not work for a time.
    pub faults: Vec<Fault>,
    /// New images under traffic.
    pub releases: Vec<Release>,
    /// What must hold.
    pub objective: Objective,
}

impl Scenario {
    /// The cell of the application that the scenario is about.
    pub fn cell<'a>(&self, checked: &'a Checked) -> Option<&'a Cell> {
        checked.cells().iter().find(|cell| {
            cell.app == self.app
                && cell.environment == self.environment
                && cell.tenant == self.tenant
                && checked.cluster(cell).name.value == self.cluster
        })
    }
}

/// How much of a run is simulated request by request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// All of a short run; of a long one what matters.
    #[default]
    Auto,
    /// All of it.
    Requests,
    /// Nothing but a window at the beginning, which shows how far rates are from requests.
    Flow,
    /// The same with every pod by itself, where others take like pods together: slower, and no different.
    FlowByPod,
}

impl Detail {
    /// The one of a word of the language.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "auto" => Some(Self::Auto),
            "requests" => Some(Self::Requests),
            "flow" => Some(Self::Flow),
            _ => None,
        }
    }
}

/// Requests to one component.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traffic {
    /// The component.
    pub component: String,
    /// Requests a second in an ordinary hour; a trace stands for it where there is one.
    pub base_per_second: f64,
    /// Rises; where two overlap, what each adds to the base adds up.
    pub spikes: Vec<Spike>,
    /// What makes other hours differ from the ordinary one.
    pub shape: Shape,
    /// How the balancer in front chooses, where it is not the one that the objects describe.
    pub balancer: Option<Policy>,
}

/// A rise to a multiple of the base, a plateau, and a fall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spike {
    /// When it begins.
    pub at_ns: u64,
    /// The multiple of the base at the top.
    pub times: f64,
    /// How long the rise takes.
    pub over_ns: u64,
    /// How long the top lasts.
    pub hold_ns: u64,
    /// How long the fall takes.
    pub fall_ns: u64,
}

/// How one pod of a component serves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    /// The component.
    pub component: String,
    /// CPU time of a request.
    pub cpu: Duration,
    /// Time of a request off the CPU, while it keeps its worker.
    pub wait: Duration,
    /// Workers of a pod.
    pub concurrency: u32,
    /// Requests that wait for a worker before the pod refuses more.
    pub queue: u32,
    /// The queue drops those whose callers have given up.
    pub drops_abandoned: bool,
    /// From the container's start to a process that can answer.
    pub start_ns: u64,
    /// How much slower it is at first; `None` if it never is.
    pub warm_up: Option<WarmUp>,
    /// What a node pulls of its image, in bytes; as the profile has it if `None`.
    pub image_bytes: Option<u64>,
    /// What the process keeps in memory; `None` if nobody says.
    pub memory: Option<Memory>,
    /// What a request calls before it is answered, one after the other.
    pub calls: Vec<Call>,
}

impl Service {
    /// Whether pods of another component serve as those of this one do.
    pub(crate) fn serves_like(&self, other: &Self) -> bool {
        let named = Self { component: self.component.clone(), ..other.clone() };
        *self == named
    }
}

/// How much slower a container is at first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WarmUp {
    /// From the container's start until it is as fast as it stays.
    pub for_ns: u64,
    /// How many times as much CPU time a request needs at the container's start.
    pub times: f64,
}

/// What the process of one pod keeps in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Without a request.
    pub base_bytes: u64,
    /// For each request inside the pod.
    pub per_request_bytes: u64,
}

/// What the name of a metric means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// The name.
    pub name: String,
    /// The component that is measured; `None` for the one whose autoscaler asks.
    pub of: Option<String>,
    /// What is measured.
    pub is: Measure,
}

/// What a metric can measure of pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Requests a second that they take.
    Requests,
    /// Requests inside them.
    InFlight,
    /// Requests that wait for a worker.
    Queue,
    /// Requests a second that are sent to them.
    Arrivals,
}

/// Something of the cluster that does not work for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What it is.
    pub kind: FaultKind,
    /// When it begins.
    pub at_ns: u64,
    /// How long it lasts.
    pub for_ns: u64,
}

/// What can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// metrics-server answers nothing.
    Metrics,
    /// ECI is sold out: no pod is created there.
    Eci,
}

impl Fault {
    /// When it is over.
    pub fn end_ns(&self) -> u64 {
        self.at_ns.saturating_add(self.for_ns)
    }
}

/// How callers behave.
#[derive(Clone, Debug, PartialEq)]
pub struct Client {
    /// What they are called.
    pub name: String,
    /// The component they call.
    pub of: String,
    /// How they try.
    pub patience: Patience,
}

/// A new image under traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The component.
    pub component: String,
    /// When it is applied.
    pub at_ns: u64,
    /// The image.
    pub image: String,
    /// How long after a pause somebody resumes.
    pub approve_ns: u64,
}

/// What must hold over the run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Objective {
    /// The share of requests that are answered, in per cent.
    pub success: Option<Bound>,
    /// What 99 of 100 answers stay below, in nanoseconds.
    pub p99: Option<Bound>,
    /// What the run may cost, in yuan.
    pub cost: Option<Bound>,
}

/// What a field says when it is not written.
pub mod default {
    /// The listen backlog of PHP-FPM and of many servers is 511.
    pub const QUEUE: u32 = 511;
    /// One worker, as a server that says nothing of itself.
    pub const CONCURRENCY: u32 = 1;
    /// From the container's start to ready.
    pub const START_NS: u64 = 1_000_000_000;
    /// Before the first retry.
    pub const BACKOFF_NS: u64 = 100_000_000;
    /// From a pause to somebody's resume.
    pub const APPROVE_NS: u64 = 60_000_000_000;
    /// The seed.
    pub const SEED: u64 = 1;
    /// A month: long enough for any rehearsal, short enough to end.
    pub const DURATION_MAX_NS: u64 = 31 * 86_400_000_000_000;
}
