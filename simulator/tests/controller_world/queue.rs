//! A work queue without latency: each key once, in order, and later when a controller asks for it.

use std::collections::{BTreeMap, VecDeque};

/// Keys to look at now, and the earliest time of each that is to be looked at later.
#[derive(Debug)]
pub struct Queue<K> {
    ready: VecDeque<K>,
    later_ns: BTreeMap<K, i64>,
}

impl<K: Copy + Ord> Queue<K> {
    pub fn new() -> Self {
        Self { ready: VecDeque::new(), later_ns: BTreeMap::new() }
    }

    /// Looks at a key soon.
    pub fn add(&mut self, key: K) {
        if !self.ready.contains(&key) {
            self.ready.push_back(key);
        }
    }

    /// Looks at a key at a time, unless it is looked at earlier.
    pub fn add_at(&mut self, key: K, time_ns: i64) {
        let due = self.later_ns.entry(key).or_insert(time_ns);
        *due = (*due).min(time_ns);
    }

    /// When the next key is due.
    pub fn next_ns(&self) -> Option<i64> {
        self.later_ns.values().copied().min()
    }

    /// Moves what is due to what is ready.
    pub fn wake(&mut self, now_ns: i64) {
        let due: Vec<K> =
            self.later_ns.iter().filter(|(_, time_ns)| **time_ns <= now_ns).map(|(key, _)| *key).collect();
        for key in due {
            self.later_ns.remove(&key);
            self.add(key);
        }
    }

    /// The next key.
    pub fn pop(&mut self) -> Option<K> {
        self.ready.pop_front()
    }
}
