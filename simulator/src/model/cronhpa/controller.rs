//! The controller: which jobs the engine has, what became of each run, and a look after those that were lost.

use std::collections::{BTreeMap, VecDeque};

use super::api::Api;
use super::engine::{Engine, JobId};
use super::job::{Attempts, Job};
use super::object::{Condition, CronHpa, JobSpec, State};
use super::schedule::Schedule;
use super::zone::Zone;
use crate::engine::clock::SIGNED_SECOND_NS;

/// How often lost jobs are looked for: `GCInterval`.
const SWEEP_NS: i64 = 600 * SIGNED_SECOND_NS;
/// A job whose time passed so long ago is lost: `maxOutOfDateTimeout`.
const LOST_NS: i64 = 300 * SIGNED_SECOND_NS;

/// One life of the controller's process.
#[derive(Clone, Debug)]
pub struct Controller {
    engine: Engine,
    jobs: BTreeMap<JobId, Job>,
    next_id: JobId,
    runs: Vec<Run>,
    sweep_ns: i64,
}

/// Something that takes time: a run, or a look after lost jobs, which runs one after the other.
#[derive(Clone, Debug)]
enum Run {
    /// A job that was due.
    Due(Job, JobId, Attempts),
    /// Jobs that are still to be looked at, and the one that is run again.
    Sweep(VecDeque<JobId>, Option<(JobId, Attempts)>),
}

impl Run {
    fn at_ns(&self) -> i64 {
        match self {
            Self::Due(_, _, attempts) | Self::Sweep(_, Some((_, attempts))) => attempts.at_ns,
            Self::Sweep(_, None) => i64::MIN,
        }
    }
}

impl Controller {
    /// A process that starts. Its jobs are numbered from `first_id` on, beyond those of earlier lives.
    pub fn new(zone: Zone, first_id: JobId, now_ns: i64) -> Self {
        let engine = Engine::new(zone, now_ns);
        Self {
            engine,
            jobs: BTreeMap::new(),
            next_id: first_id,
            runs: Vec::new(),
            sweep_ns: now_ns + SWEEP_NS,
        }
    }

    /// The number of the next job.
    pub fn next_id(&self) -> JobId {
        self.next_id
    }

    /// When it does something by itself.
    pub fn next_ns(&self) -> i64 {
        let runs = self.runs.iter().map(Run::at_ns);
        runs.chain(self.engine.timer_ns()).chain([self.sweep_ns]).min().unwrap_or(self.sweep_ns)
    }

    /// Does what is due. An object that it changed has to be reconciled: their names.
    pub fn wake(&mut self, now_ns: i64, api: &mut dyn Api) -> Vec<String> {
        if self.engine.timer_ns().is_some_and(|timer| timer <= now_ns) {
            for id in self.engine.fire(now_ns) {
                if let Some(job) = self.jobs.get(&id) {
                    self.runs.push(Run::Due(job.clone(), id, Attempts::new(now_ns)));
                }
            }
        }
        if self.sweep_ns <= now_ns {
            self.sweep_ns += SWEEP_NS;
            self.sweep();
        }
        let mut changed = Vec::new();
        for mut run in std::mem::take(&mut self.runs) {
            let is_over = run.at_ns() <= now_ns
                && match &mut run {
                    Run::Due(job, id, attempts) => match attempts.go(job, self.engine.zone(), api) {
                        Some(outcome) => {
                            changed.extend(told(api, job, *id, outcome, now_ns));
                            true
                        }
                        None => false,
                    },
                    Run::Sweep(left, again) => self.swept(left, again, now_ns, api),
                };
            if !is_over {
                self.runs.push(run);
            }
        }
        changed
    }

    /// Begins to look after all jobs.
    fn sweep(&mut self) {
        self.runs.push(Run::Sweep(self.jobs.keys().copied().collect(), None));
    }

    /// Goes on looking after jobs; whether all were looked at.
    fn swept(
        &mut self,
        left: &mut VecDeque<JobId>,
        again: &mut Option<(JobId, Attempts)>,
        now_ns: i64,
        api: &mut dyn Api,
    ) -> bool {
        loop {
            if let Some((id, attempts)) = again {
                let job = self.jobs.get(id).cloned();
                if let Some(job) = job {
                    if attempts.go(&job, self.engine.zone(), api).is_none() {
                        return false;
                    }
                    self.submit(*id, &job, now_ns);
                }
                *again = None;
            }
            let Some(id) = left.pop_front() else { return true };
            let Some(job) = self.jobs.get(&id).cloned() else { continue };
            let exists = api.object(&job.owner).is_some();
            match self.engine.next_of(id) {
                Some(Some(next_ns)) if next_ns + LOST_NS > now_ns => {
                    if !exists {
                        self.forget(id, now_ns);
                    }
                }
                // What never fires counts as lost, too.
                Some(_) if exists => {
                    api.event(&job.owner, "OutOfDate", format!("rerun out of date job: {}", job.spec.name));
                    *again = Some((id, Attempts::new(now_ns)));
                }
                Some(_) => {}
                None => self.submit(id, &job, now_ns),
            }
        }
    }

    fn submit(&mut self, id: JobId, job: &Job, now_ns: i64) {
        if let Ok(schedule) = Schedule::parse(&job.spec.schedule) {
            self.engine.add(id, schedule, now_ns);
        }
    }

    fn forget(&mut self, id: JobId, now_ns: i64) {
        if self.jobs.remove(&id).is_some() {
            self.engine.remove(id, now_ns);
        }
    }

    /// An object was deleted: its jobs are looked after at once.
    pub fn deleted(&mut self) {
        self.sweep();
    }

    /// Brings the engine's jobs in line with an object, and writes how they stand; whether the object changed.
    pub fn reconcile(&mut self, object: &mut CronHpa, namespace: &str, now_ns: i64) -> bool {
        let before = object.clone();
        let kept: Vec<Condition> = if is_new(object) {
            object.conditions.iter().filter_map(|one| one.id).for_each(|id| self.forget(id, now_ns));
            object.seen_target = object.spec.scale_target_ref.clone();
            object.seen_exclude_dates = object.spec.exclude_dates.clone();
            Vec::new()
        } else {
            let (kept, gone): (Vec<_>, Vec<_>) = object
                .conditions
                .iter()
                .cloned()
                .partition(|one| object.spec.jobs.iter().any(|job| same(one, job)));
            gone.iter().filter_map(|one| one.id).for_each(|id| self.forget(id, now_ns));
            kept
        };
        object.conditions.clone_from(&kept);
        for spec in object.spec.jobs.clone() {
            let known = kept.iter().find(|one| one.name == spec.name);
            if let Some(condition) = self.submitted(object, namespace, &spec, known, now_ns) {
                object.set(condition);
            }
        }
        object.conditions.sort_by(|a, b| a.name.cmp(&b.name));
        *object != before
    }

    /// How a job stands after the engine has it; `None` if nothing changes.
    fn submitted(
        &mut self,
        object: &CronHpa,
        namespace: &str,
        spec: &JobSpec,
        known: Option<&Condition>,
        now_ns: i64,
    ) -> Option<Condition> {
        let mut condition = Condition {
            name: spec.name.clone(),
            id: None,
            schedule: spec.schedule.clone(),
            target_size: spec.target_size,
            run_once: spec.run_once,
            probed_seconds: now_ns.div_euclid(SIGNED_SECOND_NS),
            state: State::Submitted,
            message: String::new(),
        };
        let target = &object.spec.scale_target_ref;
        let has_group = target.api_version.split_once('/').is_some_and(|(group, version)| {
            ![group, version, &target.kind, &target.name, namespace].contains(&"")
        });
        if !has_group {
            condition.state = State::Failed;
            condition.message = format!(
                "Failed to create cron hpa job {} in {} namespace {namespace},because of any properties in ref could \
                 not be empty",
                spec.name, object.name
            );
            return Some(condition);
        }
        let id = known.and_then(|known| known.id).unwrap_or(self.next_id);
        self.next_id = self.next_id.max(id + 1);
        if known.is_some_and(|known| spec.is_once() && known.state != State::Submitted) {
            self.forget(id, now_ns);
            return None;
        }
        let job = Job {
            owner: object.name.clone(),
            namespace: namespace.to_owned(),
            target: target.clone(),
            exclude_dates: object.spec.exclude_dates.clone(),
            spec: spec.clone(),
        };
        condition.id = Some(id);
        match Schedule::parse(&spec.schedule) {
            _ if self.jobs.contains_key(&id) => return None,
            Ok(schedule) => {
                self.engine.add(id, schedule, now_ns);
                self.jobs.insert(id, job);
            }
            Err(error) => {
                condition.state = State::Failed;
                condition.message = format!(
                    "Failed to update cron hpa job {},because of Failed to add job to cronExecutor,because of {error}",
                    spec.name
                );
            }
        }
        Some(condition)
    }
}

/// Writes what became of a run; the name of the object, unless it was deleted or says so already.
fn told(
    api: &mut dyn Api,
    job: &Job,
    id: JobId,
    outcome: Result<String, String>,
    now_ns: i64,
) -> Option<String> {
    let object = api.object(&job.owner)?;
    let before = object.clone();
    let (state, message) = match outcome {
        Ok(said) => (State::Succeed, format!("cron hpa job {} executed successfully. {said}", job.spec.name)),
        Err(error) => (State::Failed, format!("cron hpa failed to execute, because of {error}")),
    };
    object.set(Condition {
        name: job.spec.name.clone(),
        id: Some(id),
        schedule: job.spec.schedule.clone(),
        target_size: job.spec.target_size,
        run_once: job.spec.run_once,
        probed_seconds: now_ns.div_euclid(SIGNED_SECOND_NS),
        state,
        message: message.clone(),
    });
    let changed = *object != before;
    api.event(&job.owner, state.name(), message);
    changed.then(|| job.owner.clone())
}

/// Whether target or excluded days differ from those that the controller knows, so that all is forgotten.
fn is_new(object: &CronHpa) -> bool {
    let (known, told) = (&object.seen_exclude_dates, &object.spec.exclude_dates);
    object.seen_target != object.spec.scale_target_ref
        || known.iter().any(|date| !told.contains(date))
        || told.iter().any(|date| !known.contains(date))
}

/// Whether a condition is of a job as it is written.
fn same(condition: &Condition, job: &JobSpec) -> bool {
    condition.name == job.name
        && condition.schedule == job.schedule
        && condition.run_once == job.run_once
        && condition.target_size == job.target_size
}
