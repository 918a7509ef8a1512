//! What the controller asks of the cluster and writes to it. Errors are in the words of the API server.

use super::object::{CronHpa, Target};

/// The bounds of an autoscaler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The least number of pods.
    pub min: i32,
    /// The greatest.
    pub max: i32,
}

/// An autoscaler as the controller reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autoscaler {
    /// Its bounds.
    pub bounds: Bounds,
    /// What it scales.
    pub target: Target,
    /// `status.currentReplicas`: what it found at its last sync.
    pub current: i32,
}

/// The cluster.
pub trait Api {
    /// An object of the controller, to read or to change; `None` if it was deleted.
    fn object(&mut self, name: &str) -> Option<&mut CronHpa>;
    /// Reads an autoscaler.
    fn autoscaler(&mut self, name: &str) -> Result<Autoscaler, String>;
    /// Writes the bounds of an autoscaler.
    fn set_bounds(&mut self, name: &str, to: Bounds) -> Result<(), String>;
    /// Whether the API server knows a kind of a group.
    fn has_kind(&self, group: &str, kind: &str) -> bool;
    /// Reads the count of a workload.
    fn replicas(&mut self, kind: &str, name: &str) -> Result<i32, String>;
    /// Writes the count of a workload.
    fn set_replicas(&mut self, kind: &str, name: &str, to: i32) -> Result<(), String>;
    /// Records an event of an object: what became of a run, or that a lost job is run again.
    fn event(&mut self, object: &str, reason: &str, message: String);
}
