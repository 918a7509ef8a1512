//! What is due for attempts after times of random lengths.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::client::Due;
use crate::engine::random::Stream;

/// Attempts for which something is due, the next one first.
#[derive(Clone, Debug)]
pub(super) struct Scattered {
    /// What the lengths are drawn from.
    pub(super) stream: Stream,
    /// The time, the slot and the generation of each.
    due: BinaryHeap<Reverse<(u64, u32, u32)>>,
}

impl Scattered {
    /// Nothing yet.
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, due: BinaryHeap::new() }
    }

    /// Adds an attempt; whoever does so makes an event for it.
    pub(super) fn add(&mut self, due: Due) {
        self.due.push(Reverse((due.at_ns, due.slot, due.generation)));
    }

    /// Takes the next one, if its time has come.
    pub(super) fn take(&mut self, now_ns: u64) -> Option<Due> {
        let Reverse((at_ns, slot, generation)) =
            *self.due.peek().filter(|Reverse((at, ..))| *at <= now_ns)?;
        self.due.pop();
        Some(Due { at_ns, slot, generation })
    }
}
