//! The records that the search has come by, and what the shipped code makes of each, computed once.

use std::collections::HashMap;

use compiler::plan::Release;
use compiler::plan::rollout::{Decision, Outcome, Write, decide};

use crate::children::{Begin, Children, World};
use crate::operator::{Command, End};

/// What a turn comes to.
#[derive(Clone, Copy, Debug)]
pub enum Turn<R> {
    Record(u16),
    Send(R),
    Look(R),
    Wait,
    Ends(End),
}

pub struct Records<'a, C: Children> {
    pub world: &'a World,
    all: Vec<Release>,
    turns: HashMap<(u16, C), Turn<C::Request>>,
    taken_over: HashMap<u16, u16>,
    commanded: HashMap<(u16, Command, u32), Option<u16>>,
}

impl<'a, C: Children> Records<'a, C> {
    pub fn new(world: &'a World) -> Self {
        Self {
            world,
            all: Vec::new(),
            turns: HashMap::new(),
            taken_over: HashMap::new(),
            commanded: HashMap::new(),
        }
    }

    /// The number of a record.
    pub fn number(&mut self, release: Release) -> u16 {
        let same = |known: &Release| {
            known.epoch == release.epoch && known.stage == release.stage && *known == release
        };
        if let Some(place) = self.all.iter().position(same) {
            return place as u16;
        }
        self.all.push(release);
        u16::try_from(self.all.len() - 1).expect("a small rollout has few records")
    }

    pub fn get(&self, record: u16) -> &Release {
        &self.all[record as usize]
    }

    pub fn epoch(&self, record: u16) -> u8 {
        u8::try_from(self.get(record).epoch).expect("a small rollout has few epochs")
    }

    pub fn taken_over(&mut self, record: u16) -> u16 {
        if let Some(known) = self.taken_over.get(&record) {
            return *known;
        }
        let next = self.number(self.get(record).taken_over());
        self.taken_over.insert(record, next);
        next
    }

    pub fn commanded(&mut self, record: u16, command: Command, live: u32) -> Option<u16> {
        let asked = (record, command, live);
        if let Some(known) = self.commanded.get(&asked) {
            return *known;
        }
        let next = command.given(self.get(record), live, self.world);
        let next = next.map(|next| self.number(next));
        self.commanded.insert(asked, next);
        next
    }

    /// What the shipped function decides, in the form in which it is sent.
    pub fn turn(&mut self, record: u16, children: &C) -> Turn<C::Request> {
        if let Some(known) = self.turns.get(&(record, *children)) {
            return *known;
        }
        let release = self.get(record);
        let turn = match decide(release, &children.observation(self.world, release), 0) {
            Decision::Write(Write::Record(next)) => Turn::Record(self.number(*next)),
            Decision::Write(write) => match children.begin(self.world, release, &write) {
                Begin::Send(request) => Turn::Send(request),
                Begin::Look(request) => Turn::Look(request),
            },
            Decision::Wait { .. } => Turn::Wait,
            Decision::Paused { .. } => Turn::Ends(End::Paused),
            Decision::Done(Outcome::Released) => Turn::Ends(End::Released),
            Decision::Done(Outcome::RolledBack) => Turn::Ends(End::RolledBack),
            Decision::Failed { .. } => Turn::Ends(End::Failed),
        };
        self.turns.insert((record, *children), turn);
        turn
    }
}
