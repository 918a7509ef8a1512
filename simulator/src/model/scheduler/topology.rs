//! Which value of a topology key each node has, and how many pods of each shape there are in each domain.

use std::collections::BTreeMap;

use super::labels::Labels;
use super::node::Tally;

/// The keys that any pod asks about.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    keys: Vec<Key>,
}

#[derive(Clone, Debug, Default)]
struct Key {
    name: String,
    values: BTreeMap<String, usize>,
    of_node: Vec<Option<usize>>,
    /// Pods by value and shape.
    pods: Vec<Vec<u32>>,
    /// Pods by shape on nodes that have the key.
    total: Vec<u32>,
}

impl Key {
    fn join(&mut self, labels: &Labels) {
        let value = labels.get(&self.name).map(|value| {
            let next = self.values.len();
            *self.values.entry(value.clone()).or_insert(next)
        });
        self.pods.resize(self.values.len(), Vec::new());
        self.of_node.push(value);
    }

    fn change(&mut self, node: usize, shape: usize, more: bool, count: u32) {
        let Some(value) = self.of_node[node] else { return };
        for tally in [&mut self.pods[value], &mut self.total] {
            tally.resize(tally.len().max(shape + 1), 0);
            tally[shape] = if more { tally[shape] + count } else { tally[shape] - count };
        }
    }
}

impl Topology {
    /// The index of a key that is known.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.keys.iter().position(|key| key.name == name)
    }

    /// Learns a key with the nodes that there are and the pods on them; gives its index.
    pub fn learn<'a>(&mut self, name: &str, nodes: impl Iterator<Item = (&'a Labels, &'a [Tally])>) -> usize {
        let mut key = Key { name: name.to_owned(), ..Key::default() };
        for (node, (labels, tallies)) in nodes.enumerate() {
            key.join(labels);
            for tally in tallies {
                key.change(node, tally.shape, true, tally.living + tally.ending);
            }
        }
        self.keys.push(key);
        self.keys.len() - 1
    }

    /// A node joins.
    pub fn join(&mut self, labels: &Labels) {
        self.keys.iter_mut().for_each(|key| key.join(labels));
    }

    /// A pod comes to a node, or goes.
    pub fn change(&mut self, node: usize, shape: usize, more: bool) {
        self.keys.iter_mut().for_each(|key| key.change(node, shape, more, 1));
    }

    /// The value that a node has.
    #[inline]
    pub fn value(&self, key: usize, node: usize) -> Option<usize> {
        self.keys[key].of_node[node]
    }

    /// How many values there are.
    pub fn values(&self, key: usize) -> usize {
        self.keys[key].values.len()
    }

    /// Pods of a shape in the domain of a node; 0 without one.
    #[inline]
    pub fn pods(&self, key: usize, node: usize, shape: usize) -> u32 {
        let key = &self.keys[key];
        key.of_node[node].and_then(|value| key.pods[value].get(shape)).copied().unwrap_or(0)
    }

    /// Pods of a shape on nodes that have the key.
    pub fn total(&self, key: usize, shape: usize) -> u32 {
        self.keys[key].total.get(shape).copied().unwrap_or(0)
    }
}
