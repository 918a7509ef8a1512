//! One state of record, children, operators and writes in flight, and every state that may come next.
//!
//! A look changes nothing, so when it happened matters only once what it saw has changed. An operator therefore
//! looks, decides and writes in one step; and with every change that somebody else makes, it may have looked at the
//! record, or decided, before. That is the same as if each look were a step of its own, with far fewer states.

use crate::children::Children;
use crate::operator::{Command, End, Operator, Phase, Sent, What};
use crate::records::{Records, Turn};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State<C: Children> {
    pub record: u16,
    pub children: C,
    /// Two operators, which are the same but for what they do, and who gives commands.
    pub operators: [Operator<C::Request>; 3],
    /// A write whose sender does not wait for it.
    pub late: Option<Sent<C::Request>>,
    pub left: Left,
    /// A pause has returned, and nobody has said anything since.
    pub quiet: bool,
    /// An abort has returned.
    pub back: bool,
}

/// What may still happen: what bounds the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Left {
    /// New runs, after the end or the crash of one or beside it.
    pub runs: u8,
    pub commands: u8,
    /// Writes that land when nobody waits for them.
    pub lates: u8,
}

/// A next state, what has led to it, and the promise that is broken by that.
pub struct Next<C: Children> {
    pub label: (&'static str, usize),
    pub state: State<C>,
    pub broken: Option<String>,
}

const COMMANDER: usize = 2;
const NOBODY: usize = 3;

impl<C: Children> State<C> {
    pub fn new(record: u16, children: C, left: Left) -> Self {
        Self {
            record,
            children,
            operators: [Operator::off(); 3],
            late: None,
            left,
            quiet: false,
            back: false,
        }
    }

    /// Every state that may come next.
    pub fn next(&self, records: &mut Records<C>) -> Vec<Next<C>> {
        let mut steps = Vec::new();
        for who in 0..self.operators.len() {
            self.acts(who, records, &mut steps);
            self.fails(who, records, &mut steps);
        }
        self.commands(records, &mut steps);
        if let Some(sent) = self.late {
            let mut next = Self { late: None, ..*self };
            let (broken, _) = next.land(sent, records);
            steps.push(Next { label: ("a late write lands", NOBODY), state: next, broken });
        }
        for (label, children) in self.children.moves(records.world) {
            let mut next = Self { children, ..*self };
            next.forget_impossible(&self.children, self.record, records);
            steps.push(Next { label: (label, NOBODY), state: next, broken: None });
        }
        let mut all = Vec::new();
        for step in steps {
            self.after_looks(&step, records, &mut all);
        }
        for next in &mut all {
            next.state.simplify(records);
        }
        all
    }

    /// The step, and the same step after looks of the other operators.
    fn after_looks(&self, step: &Next<C>, records: &mut Records<C>, all: &mut Vec<Next<C>>) {
        let mut states = vec![step.state];
        for who in (0..self.operators.len()).filter(|who| *who != step.label.1) {
            let mut looked: Vec<Operator<C::Request>> = Vec::new();
            let operator = self.operators[who];
            // Who holds nothing could only try to take over, which an older record does not allow.
            let writes = operator.holds(records.get(self.record), records.world).is_some_and(|held| held > 0);
            if operator.phase == Phase::Idle && step.state.record != self.record && writes {
                looked.push(Operator { phase: Phase::Read(self.record), ..operator });
            }
            if let Some(decided) = self.decides(who, records)
                && step.state.decides(who, records) != Some(decided)
            {
                let mut state = step.state;
                state.operators[who] = decided;
                state.forget_impossible(&self.children, self.record, records);
                looked.push(state.operators[who]);
            }
            looked.retain(|operator| *operator != step.state.operators[who]);
            for state in states.clone() {
                states.extend(looked.iter().map(|operator| state.with(who, *operator)));
            }
        }
        let label = step.label;
        all.extend(states.into_iter().map(|state| Next { label, state, broken: step.broken.clone() }));
    }

    /// What an operator sends if it looks at what it has not looked at yet; `None` if that is nothing.
    fn decides(&self, who: usize, records: &mut Records<C>) -> Option<Operator<C::Request>> {
        let operator = self.operators[who];
        let (record, mut request, epoch) = match operator.phase {
            Phase::Off | Phase::Sending(_) => return None,
            Phase::Idle => (self.record, None, 0),
            Phase::Read(record) => (record, None, 0),
            Phase::Looking { request, epoch } => (self.record, Some(request), epoch),
        };
        if let Some(request) = request {
            let what = What::Child(self.children.look(records.world, request, epoch)?);
            return Some(Operator { phase: Phase::Sending(Sent { what, epoch }), ..operator });
        }
        let epoch = records.epoch(record);
        let held = operator.holds(records.get(record), records.world)?;
        let what = match records.turn(record, &self.children) {
            Turn::Wait | Turn::Ends(_) => return None,
            _ if held == 0 => What::Record { next: records.taken_over(record), takes_over: true },
            Turn::Record(next) => What::Record { next, takes_over: false },
            Turn::Send(sent) => What::Child(sent),
            Turn::Look(sent) => {
                request = Some(sent);
                What::Child(sent)
            }
        };
        let refused = matches!(what, What::Record { .. }) && record != self.record;
        let phase = match request {
            _ if refused => return None,
            Some(request) => Phase::Looking { request, epoch },
            None => Phase::Sending(Sent { what, epoch }),
        };
        Some(Operator { held, phase, ..operator })
    }

    /// An operator looks, decides and writes, or ends.
    fn acts(&self, who: usize, records: &mut Records<C>, steps: &mut Vec<Next<C>>) {
        let mut state = *self;
        while let Some(decided) = state.decides(who, records) {
            state.operators[who] = decided;
        }
        let operator = state.operators[who];
        let (label, broken) = match operator.phase {
            Phase::Sending(sent) => {
                state.operators[who].phase = Phase::Idle;
                let (broken, then) = state.land(sent, records);
                if let Some(request) = then {
                    let sent = Sent { what: What::Child(request), epoch: sent.epoch };
                    state.operators[who].phase = Phase::Sending(sent);
                }
                if let What::Record { next: record, takes_over: true } = sent.what {
                    state.operators[who].held = records.epoch(record);
                }
                ("writes", broken)
            }
            Phase::Idle | Phase::Read(_) => {
                let record = if let Phase::Read(record) = operator.phase { record } else { self.record };
                let lost = operator.holds(records.get(record), records.world).is_none();
                match records.turn(record, &self.children) {
                    _ if lost => state.ends(who, Operator::<C::Request>::loses(records.get(record)), records),
                    Turn::Ends(end) => state.ends(who, end, records),
                    Turn::Record(_) | Turn::Send(_) | Turn::Look(_) | Turn::Wait => {
                        state.operators[who].phase = Phase::Idle;
                    }
                }
                ("has nothing to write", None)
            }
            Phase::Looking { .. } => {
                state.operators[who].phase = Phase::Idle;
                ("sees that another was faster", None)
            }
            Phase::Off => return,
        };
        steps.push(Next { label: (label, who), state, broken });
    }

    /// An operator loses a write, no longer waits for one, dies, or is started.
    fn fails(&self, who: usize, records: &mut Records<C>, steps: &mut Vec<Next<C>>) {
        let mut go = |label, state| steps.push(Next { label: (label, who), state, broken: None });
        let mut looked = *self;
        while let Some(decided) = looked.decides(who, records) {
            looked.operators[who] = decided;
        }
        let operator = looked.operators[who];
        if let Phase::Sending(sent) = operator.phase {
            let idle = self.with(who, Operator { phase: Phase::Idle, ..operator });
            go("loses its write", idle);
            if self.late.is_none() && self.left.lates > 0 {
                let left = Left { lates: self.left.lates - 1, ..self.left };
                let late = Some(sent);
                go("does not wait for its write", Self { late, left, ..idle });
                go("dies with a write in flight", Self { late, left, ..self.with(who, Operator::off()) });
            }
        }
        if self.operators[who].phase != Phase::Off {
            go("dies", self.with(who, Operator::off()));
        } else if who != COMMANDER
            && let Some(runs) = self.left.runs.checked_sub(1)
        {
            let left = Left { runs, ..self.left };
            go("starts", Self { left, ..self.with(who, Operator::new()) });
        }
    }

    /// Somebody gives a command, which begins with a compare-and-swap of the record.
    fn commands(&self, records: &mut Records<C>, steps: &mut Vec<Next<C>>) {
        let Some(commands) = self.left.commands.checked_sub(1) else { return };
        if self.operators[COMMANDER].phase != Phase::Off {
            return;
        }
        for command in Command::ALL {
            let Some(record) = records.commanded(self.record, command, self.children.asked()) else {
                continue;
            };
            let operator = Operator::commanded(command, records.epoch(record));
            let left = Left { commands, ..self.left };
            let quiet = self.quiet && command == Command::Pause;
            let back = self.back && command == Command::Pause;
            let mut state = Self { record, left, quiet, back, ..self.with(COMMANDER, operator) };
            state.forget_impossible(&self.children, self.record, records);
            let label = match command {
                Command::Pause => "says pause",
                Command::Resume => "says resume",
                Command::Abort => "says abort",
            };
            steps.push(Next { label: (label, COMMANDER), state, broken: None });
        }
    }

    fn with(&self, who: usize, operator: Operator<C::Request>) -> Self {
        let mut state = *self;
        state.operators[who] = operator;
        state
    }

    fn ends(&mut self, who: usize, end: End, records: &Records<C>) {
        let command = self.operators[who].command;
        let paused = command == Some(Command::Pause) && end == End::Paused;
        // Whoever says otherwise before the pause returns ends it.
        self.quiet |= paused && records.get(self.record).paused;
        self.back |= command == Some(Command::Abort) && end == End::RolledBack;
        self.operators[who] = Operator::off();
    }

    /// A write arrives: the promise that it breaks, and what the same write sends next.
    fn land(&mut self, sent: Sent<C::Request>, records: &Records<C>) -> (Option<String>, Option<C::Request>) {
        let before = *self;
        let (broken, then) = match sent.what {
            What::Record { next, .. } => {
                self.record = next;
                (self.quiet.then(|| "I8: the record is written after a pause has returned".to_owned()), None)
            }
            What::Child(request) => {
                let stamp = self.children.stamp(request);
                let landing = self.children.land(records.world, request, sent.epoch);
                let broken = landing.changed.then(|| self.broken(stamp, request, sent.epoch, records));
                (broken.flatten(), landing.next)
            }
        };
        self.forget_impossible(&before.children, before.record, records);
        (broken, then)
    }

    fn broken(&self, stamp: u8, request: C::Request, epoch: u8, records: &Records<C>) -> Option<String> {
        if stamp > epoch {
            return Some(format!("I6: {request:?} of epoch {epoch} lands on a child of epoch {stamp}"));
        }
        if self.quiet {
            return Some(format!("I8: {request:?} lands after a pause has returned"));
        }
        if self.back && self.children.is_forward(request) {
            return Some(format!("I8: {request:?} lands after an abort has returned"));
        }
        self.children.keeps_limits(records.world, records.get(self.record), request).err()
    }

    /// A write that can no longer land is as good as lost: fewer states, and the same promises.
    fn forget_impossible(&mut self, before: &C, record: u16, records: &Records<C>) {
        let (children, swapped) = (self.children, self.record != record);
        let possible = |sent: &Sent<C::Request>| match sent.what {
            What::Record { .. } => !swapped,
            What::Child(request) => children.is_possible(before, records.world, request, sent.epoch),
        };
        self.late = self.late.filter(possible);
        for operator in &mut self.operators {
            if let Phase::Sending(sent) = &operator.phase
                && !possible(sent)
            {
                operator.phase = Phase::Idle;
            }
        }
    }

    /// What comes to the same is the same: who has lost its epoch sees so with its next look, and who is about to
    /// send what it would decide on anyway need not have decided yet.
    fn simplify(&mut self, records: &mut Records<C>) {
        for who in 0..self.operators.len() {
            let operator = self.operators[who];
            let idle = self.with(who, Operator { phase: Phase::Idle, ..operator });
            match operator.phase {
                Phase::Idle if operator.holds(records.get(self.record), records.world).is_none() => {
                    let mut state = *self;
                    state.ends(who, Operator::<C::Request>::loses(records.get(self.record)), records);
                    *self = state;
                }
                Phase::Sending(_) if idle.decides(who, records) == Some(operator) => *self = idle,
                Phase::Off | Phase::Idle | Phase::Read(_) | Phase::Looking { .. } | Phase::Sending(_) => {}
            }
        }
        self.operators[..COMMANDER].sort_unstable();
    }
}
