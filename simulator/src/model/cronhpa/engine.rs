//! The cron engine: one timer for all jobs, which a removal sets wrongly.

use std::collections::BTreeMap;

use super::schedule::Schedule;
use super::zone::Zone;

/// A job's number in one life of the controller.
pub type JobId = u64;

/// Jobs and when they are due.
#[derive(Clone, Debug)]
pub struct Engine {
    zone: Zone,
    entries: BTreeMap<JobId, Entry>,
    /// What the engine takes for the present: when it was last woken by its timer or a new job.
    now_ns: i64,
    timer_ns: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    schedule: Schedule,
    next_ns: Option<i64>,
}

impl Engine {
    /// Without jobs.
    pub fn new(zone: Zone, now_ns: i64) -> Self {
        Self { zone, entries: BTreeMap::new(), now_ns, timer_ns: None }
    }

    /// Its time zone.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Adds a job, or replaces the one of its number.
    pub fn add(&mut self, id: JobId, schedule: Schedule, now_ns: i64) {
        self.now_ns = now_ns;
        self.entries.insert(id, Entry { schedule, next_ns: schedule.next(&self.zone, now_ns) });
        self.set_timer(now_ns);
    }

    /// Takes a job away. The engine keeps its old idea of the present, so every other job is late by the time
    /// since then.
    pub fn remove(&mut self, id: JobId, now_ns: i64) {
        self.entries.remove(&id);
        self.set_timer(now_ns);
    }

    fn set_timer(&mut self, now_ns: i64) {
        let next = self.entries.values().filter_map(|entry| entry.next_ns).min();
        self.timer_ns = next.map(|next| now_ns + (next - self.now_ns).max(0));
    }

    /// When its timer is up.
    pub fn timer_ns(&self) -> Option<i64> {
        self.timer_ns
    }

    /// The jobs that are due when the timer is up: each once, whatever was missed.
    pub fn fire(&mut self, now_ns: i64) -> Vec<JobId> {
        self.now_ns = now_ns;
        let mut due = Vec::new();
        for (id, entry) in &mut self.entries {
            if entry.next_ns.is_some_and(|next| next <= now_ns) {
                due.push(*id);
                entry.next_ns = entry.schedule.next(&self.zone, now_ns);
            }
        }
        self.set_timer(now_ns);
        due
    }

    /// When a job is due: `None` if there is no such job, `Some(None)` if it never is.
    pub fn next_of(&self, id: JobId) -> Option<Option<i64>> {
        self.entries.get(&id).map(|entry| entry.next_ns)
    }
}
