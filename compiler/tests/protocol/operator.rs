//! The runtime's loop, one request at a time: a holder, what it knows, and what it has in flight.

use compiler::plan::Release;

use crate::children::World;
use crate::flaw::Flaw;

/// One run of the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operator<R> {
    /// The epoch under which it writes; 0 until it has to write.
    pub held: u8,
    /// What it was started for, if by a command.
    pub command: Option<Command>,
    pub phase: Phase<R>,
}

/// What it is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase<R> {
    /// It has not begun, has come to an end, or has given up.
    Off,
    /// It looks at the record next.
    Idle,
    /// It has read this record, which has changed since, and looks at the children next.
    Read(u16),
    /// It has decided, and looks at one child next.
    Looking { request: R, epoch: u8 },
    /// It has sent a write.
    Sending(Sent<R>),
}

/// A write in flight, and the epoch under which it was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sent<R> {
    pub what: What<R>,
    pub epoch: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What<R> {
    /// Compare-and-swap of the record.
    Record {
        next: u16,
        takes_over: bool,
    },
    Child(R),
}

/// What people say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    Pause,
    Resume,
    Abort,
}

/// How a run of the loop ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Released,
    RolledBack,
    Paused,
    Failed,
    TakenOver,
}

impl<R> Operator<R> {
    pub fn off() -> Self {
        Self { held: 0, command: None, phase: Phase::Off }
    }

    /// A new run that holds nothing.
    pub fn new() -> Self {
        Self { phase: Phase::Idle, ..Self::off() }
    }

    /// A run that a command begins.
    pub fn commanded(command: Command, held: u8) -> Self {
        Self { held, command: Some(command), phase: Phase::Idle }
    }

    /// The beginning of a turn: the epoch under which it writes, 0 if it has to take over first; `None` if the
    /// record is another's.
    pub fn holds(&self, release: &Release, world: &World) -> Option<u8> {
        // Whoever finds a pause stamps for it: nothing else is written under one, so that several may.
        if release.paused && !world.has(Flaw::PauseLeft) {
            return Some(release.epoch as u8);
        }
        (self.held == 0 || u64::from(self.held) == release.epoch).then_some(self.held)
    }

    /// How it ends when the record is another's.
    pub fn loses(release: &Release) -> End {
        if release.paused { End::Paused } else { End::TakenOver }
    }
}

impl Command {
    pub const ALL: [Self; 3] = [Self::Pause, Self::Resume, Self::Abort];

    /// The record after the command, if it can be given.
    pub fn given(self, release: &Release, live: u32, world: &World) -> Option<Release> {
        let going_back = release.is_going_back();
        let next = match self {
            Self::Pause => release.pause(),
            Self::Resume if release.is_over() => None,
            Self::Resume => release.resume(0).or_else(|| Some(release.taken_over())),
            Self::Abort if going_back => Some(Release { paused: false, ..release.taken_over() }),
            Self::Abort => release.abort(live, 0),
        }?;
        let epoch = if world.has(Flaw::Unbumped) { release.epoch } else { next.epoch };
        Some(Release { epoch, ..next })
    }
}
