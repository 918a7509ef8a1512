//! Affinity and anti-affinity between pods (`InterPodAffinity`), as relations between shapes.

use super::shape::Shape;
use super::topology::Topology;

/// What an existing pod's required affinity adds for pods that it wants near: `hardPodAffinityWeight`.
const WANTED_WEIGHT: i64 = 1;

/// How the pods of one shape stand to those of all others. Keys and shapes are indices.
#[derive(Clone, Debug, Default)]
pub struct Relations {
    /// The keys of the pods that must be near.
    near_keys: Vec<usize>,
    /// Shapes that meet all terms of what must be near.
    near: Vec<usize>,
    /// Whether the shape itself does, so that its first pod need not wait for another.
    near_itself: bool,
    /// Shapes that must not be near, by the terms of this one or of the other.
    apart: Vec<(usize, usize)>,
    /// Shapes that had better be near, or not.
    liked: Vec<(usize, usize, i64)>,
}

impl Relations {
    /// Nothing is known of others yet. `key` gives the index of a key.
    pub fn new(shape: &Shape, mut key: impl FnMut(&str) -> usize) -> Self {
        let near_keys = shape.near.iter().map(|term| key(&term.key)).collect();
        Self { near_keys, near_itself: meets_all(shape, shape), ..Self::default() }
    }

    /// Learns of a shape, itself included. `key` gives the index of a key.
    pub fn learn(&mut self, own: &Shape, index: usize, other: &Shape, mut key: impl FnMut(&str) -> usize) {
        if meets_all(own, other) {
            self.near.push(index);
        }
        let ours = own.apart.iter().filter(|term| term.matches(other));
        let theirs = other.apart.iter().filter(|term| term.matches(own));
        for term in ours.chain(theirs) {
            self.apart.push((key(&term.key), index));
        }
        for (weight, term) in own.liked.iter().filter(|(_, term)| term.matches(other)) {
            self.liked.push((key(&term.key), index, *weight));
        }
        for (weight, term) in other.liked.iter().filter(|(_, term)| term.matches(own)) {
            self.liked.push((key(&term.key), index, *weight));
        }
        for term in other.near.iter().filter(|term| term.matches(own)) {
            self.liked.push((key(&term.key), index, WANTED_WEIGHT));
        }
    }

    /// Whether a node is near what it must be near, and near nothing that must be apart.
    pub fn allows(&self, topology: &Topology, node: usize) -> bool {
        let apart = |(key, shape): &(usize, usize)| topology.pods(*key, node, *shape) == 0;
        self.is_near(topology, node) && self.apart.iter().all(apart)
    }

    fn is_near(&self, topology: &Topology, node: usize) -> bool {
        if self.near_keys.iter().any(|key| topology.value(*key, node).is_none()) {
            return false;
        }
        let met = |key: &usize| self.near.iter().any(|shape| topology.pods(*key, node, *shape) > 0);
        if self.near_keys.iter().all(met) {
            return true;
        }
        // The first of a series that wants its like near: nobody in the whole cluster meets its terms.
        let anybody = |key: &usize| self.near.iter().any(|shape| topology.total(*key, *shape) > 0);
        self.near_itself && !self.near_keys.iter().any(anybody)
    }

    /// Whether any pod that is liked or disliked may change a score.
    pub fn has_wishes(&self) -> bool {
        !self.liked.is_empty()
    }

    /// The weights of the pods near a node.
    pub fn liking(&self, topology: &Topology, node: usize) -> i64 {
        let weight = |(key, shape, weight): &(usize, usize, i64)| {
            weight * i64::from(topology.pods(*key, node, *shape))
        };
        self.liked.iter().map(weight).sum()
    }
}

/// Whether pods of the other shape meet all terms of what must be near.
pub fn meets_all(own: &Shape, other: &Shape) -> bool {
    !own.near.is_empty() && own.near.iter().all(|term| term.matches(other))
}
