//! A node as the scheduler sees it: labels, taints, room, and the pods that it has given to it.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Taint;

use super::labels::Labels;
use super::shape::{Resources, Shape};

/// What is known of a node before any pod.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: Labels,
    /// Its taints.
    pub taints: Vec<Taint>,
    /// Whether it takes no new pods: `spec.unschedulable`.
    pub is_cordoned: bool,
    /// Whether it is the virtual node, behind which ECI pods run.
    pub is_virtual: bool,
    /// What pods may request.
    pub allocatable: Resources,
    /// How many pods it takes.
    pub pods_max: u32,
}

/// A node with its pods.
#[derive(Clone, Debug)]
pub struct Taken {
    /// What it is; shared, since a cluster is copied to imagine it otherwise.
    pub node: Arc<Node>,
    /// What its pods request.
    pub requested: Resources,
    /// The same as the score for free room counts it.
    pub scored: Resources,
    /// Its pods, those that end included.
    pub pods: u32,
    /// Its pods by shape, in the order of their first arrival.
    pub tallies: Vec<Tally>,
    /// Whether it is there no more.
    pub has_left: bool,
}

/// Pods of one shape on one node.
#[derive(Clone, Copy, Debug)]
pub struct Tally {
    /// The index of the shape.
    pub shape: usize,
    /// Pods that do not end.
    pub living: u32,
    /// Pods that end: they still take room and keep others away, but are not spread against.
    pub ending: u32,
}

impl Taken {
    /// An empty node.
    pub fn new(node: Node) -> Self {
        let (requested, scored) = (Resources::default(), Resources::default());
        Self { node: Arc::new(node), requested, scored, pods: 0, tallies: Vec::new(), has_left: false }
    }

    /// A pod comes.
    pub fn add(&mut self, index: usize, shape: &Shape) {
        self.count(shape, 1);
        self.pods += 1;
        match self.tallies.iter_mut().find(|tally| tally.shape == index) {
            Some(tally) => tally.living += 1,
            None => self.tallies.push(Tally { shape: index, living: 1, ending: 0 }),
        }
    }

    /// A pod begins to end.
    pub fn end(&mut self, index: usize) {
        let tally = self.tally(index);
        (tally.living, tally.ending) = (tally.living - 1, tally.ending + 1);
    }

    /// A pod goes, which may have been ending.
    pub fn remove(&mut self, index: usize, shape: &Shape, was_ending: bool) {
        self.count(shape, -1);
        self.pods -= 1;
        let tally = self.tally(index);
        if was_ending {
            tally.ending -= 1;
        } else {
            tally.living -= 1;
        }
        self.tallies.retain(|tally| tally.living + tally.ending > 0);
    }

    fn count(&mut self, shape: &Shape, count: i64) {
        self.requested.add(shape.requests, count);
        self.scored.add(shape.scored, count);
    }

    fn tally(&mut self, index: usize) -> &mut Tally {
        let found = self.tallies.iter_mut().find(|tally| tally.shape == index);
        found.expect("a pod that leaves a node has been given to it")
    }
}
