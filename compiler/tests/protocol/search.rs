//! Breadth-first search over all states, with the shortest way to the first promise that is broken.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use compiler::plan::Release;

use crate::children::{Children, World};
use crate::operator::End;
use crate::records::{Records, Turn};
use crate::state::{Left, State};

/// What a search has come to.
pub struct Found {
    pub states: usize,
    pub depth: usize,
    pub broken: Option<Broken>,
}

/// A broken promise, and the shortest way to it.
pub struct Broken {
    pub promise: String,
    pub way: String,
}

struct Search<'a, C: Children> {
    records: Records<'a, C>,
    states: Vec<State<C>>,
    /// From which state each was reached first.
    parents: Vec<u32>,
    known: HashMap<u64, u32, BuildHasherDefault<DefaultHasher>>,
    /// Pairs of record and children whose promises hold.
    kept: HashSet<(u16, C)>,
    /// Pairs from which one holder alone comes to an end.
    ending: HashSet<(u16, C)>,
}

/// Steps after which a holder alone that has not come to an end never will.
const STEPS_MAX: usize = 500;

/// Searches everything that is reachable.
pub fn search<C: Children>(world: &World, first: Release, children: C, left: Left) -> Found {
    let mut records = Records::new(world);
    let record = records.number(first);
    let mut search = Search {
        records,
        states: Vec::new(),
        parents: Vec::new(),
        known: HashMap::default(),
        kept: HashSet::new(),
        ending: HashSet::new(),
    };
    search.add(State::new(record, children, left), 0);
    let (mut at, mut depth, mut level_end) = (0, 0, 1);
    while at < search.states.len() {
        if at == level_end {
            (depth, level_end) = (depth + 1, search.states.len());
        }
        let state = search.states[at];
        if let Some(promise) = search.broken(&state) {
            let way = search.way(at, None);
            return Found { states: search.states.len(), depth, broken: Some(Broken { promise, way }) };
        }
        for (place, next) in state.next(&mut search.records).into_iter().enumerate() {
            if let Some(promise) = next.broken {
                let way = search.way(at, Some(place));
                let broken = Some(Broken { promise, way });
                return Found { states: search.states.len(), depth: depth + 1, broken };
            }
            search.add(next.state, at);
        }
        at += 1;
    }
    Found { states: search.states.len(), depth, broken: None }
}

impl<C: Children> Search<'_, C> {
    fn add(&mut self, state: State<C>, parent: usize) {
        let fingerprint = self.known.hasher().hash_one(state);
        if let Some(known) = self.known.get(&fingerprint) {
            assert!(self.states[*known as usize] == state, "two states have one fingerprint");
            return;
        }
        self.known.insert(fingerprint, self.states.len() as u32);
        self.states.push(state);
        self.parents.push(parent as u32);
    }

    /// What is wrong with record and children, whoever holds them.
    fn broken(&mut self, state: &State<C>) -> Option<String> {
        let pair = (state.record, state.children);
        if !self.kept.insert(pair) {
            return None;
        }
        let release = self.records.get(state.record);
        if let Err(promise) = state.children.keeps_promises(self.records.world, release) {
            return Some(promise);
        }
        self.never_ends(pair)
    }

    /// Whether a new holder alone, with controllers that do their work, comes to an end.
    fn never_ends(&mut self, (record, children): (u16, C)) -> Option<String> {
        let world = self.records.world;
        let mut pair = (self.records.taken_over(record), children);
        let mut passed = Vec::new();
        for _ in 0..STEPS_MAX {
            if self.ending.contains(&pair) {
                self.ending.extend(passed);
                return None;
            }
            passed.push(pair);
            let epoch = self.records.epoch(pair.0);
            let mut request = match self.records.turn(pair.0, &pair.1) {
                Turn::Ends(End::Released | End::RolledBack | End::Paused | End::Failed) => {
                    self.ending.extend(passed);
                    return None;
                }
                Turn::Ends(End::TakenOver) => return Some("stuck: nobody else is there".into()),
                Turn::Record(next) => {
                    pair.0 = next;
                    None
                }
                Turn::Wait => {
                    let Some((_, next)) = pair.1.moves(world).into_iter().next() else {
                        return Some(format!("stuck: {:?}", self.records.get(pair.0).stage));
                    };
                    pair.1 = next;
                    None
                }
                Turn::Send(request) => Some(request),
                Turn::Look(request) => pair.1.look(world, request, epoch),
            };
            while let Some(sent) = request {
                request = pair.1.land(world, sent, epoch).next;
            }
        }
        Some(format!("stuck: no end after {STEPS_MAX} steps in {:?}", self.records.get(pair.0).stage))
    }

    /// The way to a state, and to one that follows it, in words.
    fn way(&mut self, at: usize, then: Option<usize>) -> String {
        let mut places = vec![at];
        while let Some(last) = places.last().filter(|last| **last > 0) {
            places.push(self.parents[*last] as usize);
        }
        places.reverse();
        let mut lines = Vec::new();
        for (number, place) in places.iter().enumerate() {
            let state = self.states[*place];
            let all = state.next(&mut self.records);
            let next = match places.get(number + 1) {
                Some(next) => all.into_iter().find(|found| found.state == self.states[*next]),
                None => then.and_then(|then| all.into_iter().nth(then)),
            };
            let Some(next) = next else { break };
            let release = self.records.get(next.state.record);
            lines.push(format!(
                "{:?} → {:?} paused={} epoch={}\n    {:?}\n    {:?} late {:?} quiet {}",
                next.label,
                release.stage,
                release.paused,
                release.epoch,
                next.state.children,
                next.state.operators.map(|operator| (operator.held, operator.phase)),
                next.state.late,
                next.state.quiet,
            ));
        }
        lines.join("\n")
    }
}
