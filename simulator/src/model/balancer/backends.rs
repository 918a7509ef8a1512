//! What a balancer chooses among: nodes and pods, how much each weighs, and how much is open there.

use std::collections::BTreeMap;

use super::{Behind, Policy, Rules};

/// Names a backend for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Id {
    /// An ECS node, by its number.
    Node(u32),
    /// A pod, by its number.
    Pod(u32),
}

/// One backend.
#[derive(Clone, Debug)]
pub struct Backend {
    /// Who it is.
    pub id: Id,
    /// The ready pods that it alone leads to.
    pub pods: Vec<u32>,
    /// Its weight; 0 for one that gets no request.
    pub weight: u32,
    /// Its open requests, where they are counted.
    pub open: u32,
    /// Its turns so far by its weight, where they decide between equals.
    pub turns: u64,
    /// Its node has left the cluster.
    pub has_left: bool,
}

/// Every backend of a balancer. A place that is free is used again, so others keep theirs.
#[derive(Clone, Debug, Default)]
pub struct Backends {
    pub(super) all: Vec<Backend>,
    /// The slots of those that get requests, in the order of their names.
    pub(super) active: Vec<u32>,
    slots: BTreeMap<Id, u32>,
    free: Vec<u32>,
    pods: u32,
}

impl Backends {
    /// How many slots there are, free ones included.
    pub fn slots(&self) -> u32 {
        self.all.len() as u32
    }

    /// The slot of a backend that gets requests or has some open.
    pub fn slot(&self, id: Id) -> Option<u32> {
        self.slots.get(&id).copied()
    }

    /// Adds a backend without pods, if it is not there.
    pub fn add(&mut self, id: Id) -> u32 {
        if let Some(slot) = self.slot(id) {
            return slot;
        }
        let backend = Backend { id, pods: Vec::new(), weight: 0, open: 0, turns: 0, has_left: false };
        let slot = if let Some(slot) = self.free.pop() {
            self.all[slot as usize] = backend;
            slot
        } else {
            self.all.push(backend);
            self.slots() - 1
        };
        self.slots.insert(id, slot);
        slot
    }

    /// A backend leads to a pod more.
    pub fn take_in(&mut self, id: Id, pod: u32) -> u32 {
        let slot = self.add(id);
        let pods = &mut self.all[slot as usize].pods;
        if let Err(place) = pods.binary_search(&pod) {
            pods.insert(place, pod);
            self.pods += 1;
        }
        slot
    }

    /// A backend leads to a pod less.
    pub fn take_out(&mut self, id: Id, pod: u32) -> Option<u32> {
        let slot = self.slot(id)?;
        let pods = &mut self.all[slot as usize].pods;
        if let Ok(place) = pods.binary_search(&pod) {
            pods.remove(place);
            self.pods -= 1;
        }
        Some(slot)
    }

    /// What a backend weighs by the rules.
    pub fn weight(&self, slot: u32, rules: Rules) -> u32 {
        let backend = &self.all[slot as usize];
        let (is_node, own) = (matches!(backend.id, Id::Node(_)), backend.pods.len() as u32);
        let weight = match rules.behind {
            _ if backend.has_left => 0,
            Behind::EveryNode if is_node => rules.weight.unwrap_or(1).min(1),
            Behind::Pods | Behind::EveryNode => own.min(rules.weight.unwrap_or(1)),
            Behind::NodesWithPods => match rules.weight {
                // The controller rounds a node up to 1, and a pod on ECI down to 0.
                Some(all) if all > 0 && own > 0 => (all * own / self.pods).max(u32::from(is_node)),
                Some(_) => 0,
                None => own,
            },
        };
        if rules.policy == Policy::RoundRobin { weight.min(1) } else { weight }
    }

    /// Gives a backend its weight; `false` if it has it.
    pub fn set_weight(&mut self, slot: u32, weight: u32) -> bool {
        let before = std::mem::replace(&mut self.all[slot as usize].weight, weight);
        if before == weight {
            return false;
        }
        let id = self.all[slot as usize].id;
        let place = self.active.binary_search_by_key(&id, |slot| self.all[*slot as usize].id);
        match (place, weight > 0) {
            (Err(place), true) => self.active.insert(place, slot),
            (Ok(place), false) => {
                self.active.remove(place);
            }
            (Ok(_), true) | (Err(_), false) => {}
        }
        true
    }

    /// Forgets a backend that leads nowhere and has nothing open.
    pub fn forget(&mut self, slot: u32) {
        let backend = &self.all[slot as usize];
        let is_over = backend.weight == 0 && backend.open == 0 && backend.pods.is_empty();
        if is_over && self.slot(backend.id) == Some(slot) {
            self.slots.remove(&backend.id);
            self.free.push(slot);
        }
    }

    /// What is open at a backend, to be compared with the same of another: open / weight without the fraction.
    #[inline]
    pub fn load(&self, slot: u32, other: u32) -> u64 {
        u64::from(self.all[slot as usize].open) * u64::from(self.all[other as usize].weight)
    }
}
