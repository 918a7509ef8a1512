//! What a mechanism's children are to the search: what is seen of them, how a write lands, how they move.

use std::fmt::Debug;
use std::hash::Hash;

use compiler::plan::rollout::{Observation, Write};
use compiler::plan::{Release, ReleasePlan};

use crate::flaw::Flaw;

/// What is rolled out, and what does not change while it is.
pub struct World {
    pub plan: ReleasePlan,
    /// The pods of the component, and how many more or fewer there may be meanwhile.
    pub replicas: u8,
    pub surge: u8,
    pub unavailable: u8,
    /// Whether pods of the new revision become available.
    pub ready: bool,
    /// Whether the plan's revision is the one that serves at the beginning.
    pub in_place: bool,
    pub flaws: &'static [Flaw],
}

impl World {
    pub fn has(&self, flaw: Flaw) -> bool {
        self.flaws.contains(&flaw)
    }
}

/// How a write begins.
pub enum Begin<R> {
    /// With a request that changes something.
    Send(R),
    /// With a look at the object, which says what to send.
    Look(R),
}

/// What a request came to.
pub struct Landing<R> {
    /// Whether anything differs from before.
    pub changed: bool,
    /// What the same write sends next.
    pub next: Option<R>,
}

/// The children of one mechanism in the cluster, with the conditions that the API server tests.
pub trait Children: Copy + Eq + Hash + Debug {
    /// One request that changes a child.
    type Request: Copy + Ord + Hash + Debug;

    /// What a driver sees.
    fn observation(&self, world: &World, release: &Release) -> Observation;
    /// How the driver begins a write that was decided under a record.
    fn begin(&self, world: &World, release: &Release, write: &Write) -> Begin<Self::Request>;
    /// What the driver sends after its look; `None` if it does not.
    fn look(&self, world: &World, request: Self::Request, epoch: u8) -> Option<Self::Request>;
    /// The request arrives.
    fn land(&mut self, world: &World, request: Self::Request, epoch: u8) -> Landing<Self::Request>;
    /// Whether a request in flight may still land after a change; epochs of children only grow.
    fn is_possible(&self, before: &Self, world: &World, request: Self::Request, epoch: u8) -> bool;
    /// The stamp on the child that a request is about.
    fn stamp(&self, request: Self::Request) -> u8;
    /// Whether a request brings the new revision forward.
    fn is_forward(&self, request: Self::Request) -> bool;
    /// What controllers, autoscalers and pods may do next; first what brings them to rest.
    fn moves(&self, world: &World) -> Vec<(&'static str, Self)>;
    /// Pods that are asked for, whatever the revision.
    fn asked(&self) -> u32;
    /// What holds after a request of specc has landed under the record.
    fn keeps_limits(&self, world: &World, release: &Release, request: Self::Request) -> Result<(), String>;
    /// What holds in every state.
    fn keeps_promises(&self, world: &World, release: &Release) -> Result<(), String>;
}
