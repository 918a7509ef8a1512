//! How a pod serves: workers that share its CPU, a queue in front of them, a refusal when that is full.

#[cfg(test)]
mod oracle;

use std::collections::VecDeque;

use super::running::Running;
use super::throttle::Throttle;
use super::warm_up::Cold;
use crate::engine::queue::Event;
use crate::engine::random::{Duration, Stream};
use crate::mechanism::Mechanism;
use crate::model::balancer::{Choice, Via};
use crate::model::call::Progress;
use crate::model::custom_metrics::Counted;
use crate::run::Run;
use crate::scenario::Service;

/// `service`
pub static MECHANISM: Mechanism = Mechanism {
    name: "service",
    docs: "How a pod serves: so many requests at a time, each with its CPU time and its waits, both always the same or drawn for each request; the CPU of the pod is shared among those that compute, up to its limit; others wait in a bounded queue. What a request calls comes after that (see `call`).",
    defaults: &[],
};

/// One attempt inside a pod.
#[derive(Clone, Copy, Debug, Default)]
pub struct Job {
    slot: u32,
    generation: u32,
    pub(super) pod: u32,
    /// The backend whose balancer counts it.
    via: Via,
    /// Its pod has ended; the place is free once its event has passed.
    dead: bool,
    /// An event comes for it.
    pub(super) waiting: bool,
    pub(super) progress: Progress,
}

/// Every attempt inside a pod. Places are used again.
#[derive(Clone, Debug, Default)]
pub struct Jobs {
    pub(super) all: Vec<Job>,
    free: Vec<u32>,
}

impl Jobs {
    #[inline]
    fn open(&mut self, job: Job) -> u32 {
        if let Some(index) = self.free.pop() {
            self.all[index as usize] = job;
            return index;
        }
        self.all.push(job);
        self.all.len() as u32 - 1
    }

    #[inline]
    fn close(&mut self, index: u32) {
        let job = &mut self.all[index as usize];
        (job.waiting, job.via) = (false, Via::default());
        self.free.push(index);
    }

    /// A place, if it is still that of an attempt.
    pub(super) fn of(&self, index: u32, slot: u32, generation: u32) -> Option<Job> {
        let job = self.all.get(index as usize).copied()?;
        ((job.slot, job.generation) == (slot, generation)).then_some(job)
    }

    /// The pods of those that a balancer counts.
    pub(crate) fn counted(&self) -> impl Iterator<Item = u32> {
        self.all.iter().filter(|job| job.via.counts()).map(|job| job.pod)
    }
}

/// What one pod is doing.
///
/// Its CPU is shared equally: `served_ns` is how much CPU time each running request has had, or would have had if it had
/// been there, since the CPU was last idle.
#[derive(Clone, Debug)]
pub struct Work {
    model: Model,
    /// Requests on the CPU, with the `served_ns` at which each is done.
    running: Running,
    queue: VecDeque<u32>,
    served_ns: f64,
    /// CPU time that each running request gets in a nanosecond.
    rate: f64,
    changed_ns: u64,
    /// When the next [`Event::CpuDone`] comes; events of other times are stale.
    timer_ns: Option<u64>,
    /// Requests that have a worker.
    busy: u32,
    /// Cores that it runs on at full speed.
    cores: f64,
    cores_milli: u64,
    /// What its limit does to it, if it has one.
    throttle: Option<Throttle>,
    used: u64,
    /// Whether its container is slower than it will be.
    pub(super) cold: Option<Cold>,
    /// How many requests its container has memory for.
    fit: u32,
    counted: Counted,
}

/// The service model of the pod's component, copied so that one look at the pod is enough.
#[derive(Clone, Copy, Debug)]
struct Model {
    cpu: Duration,
    wait: Duration,
    concurrency: u32,
    queue: u32,
    drops_abandoned: bool,
    /// Whether it calls others.
    calls: bool,
}

impl Default for Model {
    fn default() -> Self {
        let none = Duration::Constant(0);
        Self { cpu: none, wait: none, concurrency: 0, queue: 0, drops_abandoned: false, calls: false }
    }
}

impl Work {
    /// An idle pod; without a service model it refuses everything.
    pub(crate) fn new(service: Option<&Service>) -> Self {
        let model = service.map_or_else(Model::default, |service| Model {
            cpu: service.cpu,
            wait: service.wait,
            concurrency: service.concurrency,
            queue: service.queue,
            drops_abandoned: service.drops_abandoned,
            calls: !service.calls.is_empty(),
        });
        Self {
            model,
            running: Running::default(),
            queue: VecDeque::new(),
            served_ns: 0.0,
            rate: 0.0,
            changed_ns: 0,
            timer_ns: None,
            busy: 0,
            cores: 0.0,
            cores_milli: 0,
            throttle: None,
            used: 0,
            cold: None,
            fit: u32::MAX,
            counted: Counted::default(),
        }
    }

    /// The cores that it may use at a time, and its limit, in thousandths of a core.
    pub(crate) fn cpu(&self) -> (u64, Option<u64>) {
        (self.cores_milli, self.throttle.as_ref().map(Throttle::limit_milli))
    }

    /// Changes how long its requests wait.
    pub(crate) fn wait_for(&mut self, wait: Duration) {
        self.model.wait = wait;
    }

    /// Counts what it did while requests were rates: CPU in milli-core nanoseconds, and attempts.
    pub(crate) fn flowed(&mut self, used: u64, taken: u64, sent: u64) {
        self.used += used;
        self.counted.taken += taken;
        self.counted.sent += sent;
    }

    /// CPU used since the start, in milli-core nanoseconds.
    pub(crate) fn usage(&mut self, now_ns: u64) -> u64 {
        self.advance(now_ns);
        self.used
    }

    /// How much CPU the pod may use from here on: so much at a time, and so much of each period if it has a limit, both
    /// in thousandths of a core. Returns when the next request is done, if that is sooner than it was.
    #[must_use]
    pub(crate) fn limit(&mut self, cores_milli: u64, limit_milli: Option<u64>, now_ns: u64) -> Option<u64> {
        self.advance(now_ns);
        (self.cores_milli, self.cores) = (cores_milli, cores_milli as f64 / 1000.0);
        // A container keeps its quota however its neighbours change.
        self.throttle =
            limit_milli.map(|limit| self.throttle.unwrap_or_else(|| Throttle::new(limit, now_ns)));
        self.share();
        // A timer that comes too early is set again when it comes.
        let due_ns = self.next_done_ns().filter(|due_ns| self.timer_ns.is_some_and(|timer| *due_ns < timer));
        self.timer_ns = due_ns.or(self.timer_ns);
        due_ns
    }

    /// What it was sent and took since the beginning, and how many requests are inside and wait for a worker.
    pub(crate) fn counted(&self) -> (Counted, u64, u64) {
        (self.counted, self.inside().into(), self.queue.len() as u64)
    }

    /// How many requests its container has memory for.
    pub(crate) fn memory_for(&mut self, requests: u32) {
        self.fit = requests;
    }

    /// Requests inside the pod.
    pub(crate) fn inside(&self) -> u32 {
        self.busy + self.queue.len() as u32
    }

    /// Takes an attempt out of the queue; `false` if it does not wait there.
    pub(super) fn drop_queued(&mut self, job: u32) -> bool {
        let place = self.queue.iter().position(|queued| *queued == job);
        place.and_then(|place| self.queue.remove(place)).is_some()
    }

    #[inline]
    fn advance(&mut self, now_ns: u64) {
        let passed = now_ns - self.changed_ns;
        self.changed_ns = now_ns;
        let running = self.running.len() as u64;
        if running == 0 {
            return;
        }
        let used_milli = (running * 1000).min(self.cores_milli);
        if let Some(throttle) = &mut self.throttle {
            let ran_ns = throttle.run(now_ns - passed, now_ns, used_milli as f64 / 1000.0);
            self.served_ns += ran_ns * self.rate;
            self.used += (ran_ns * used_milli as f64) as u64;
        } else {
            self.served_ns += passed as f64 * self.rate;
            self.used += passed * used_milli;
        }
    }

    #[inline]
    fn share(&mut self) {
        let running = self.running.len() as f64;
        // A worker is one thread: it never uses more than one core.
        self.rate = if running <= self.cores { 1.0 } else { self.cores / running };
    }

    /// When the next running request will be done if nothing changes.
    #[inline]
    fn next_done_ns(&self) -> Option<u64> {
        let (done, _) = self.running.first()?;
        let rest_ns = ((done - self.served_ns) / self.rate).max(0.0);
        Some(match &self.throttle {
            None => self.changed_ns.saturating_add(rest_ns.ceil() as u64),
            Some(throttle) => {
                let cores = self.cores.min(self.running.len() as f64);
                throttle.when(self.changed_ns, rest_ns, cores)
            }
        })
    }
}

/// A draw apart from the path of requests that all need the same.
#[cold]
#[inline(never)]
fn draw_apart(duration: Duration, stream: &mut Stream) -> u64 {
    duration.draw_ns(stream)
}

impl Run<'_> {
    /// Gives an attempt to a pod; `false` if the pod refuses it.
    #[inline]
    pub(crate) fn accept(&mut self, choice: Choice, slot: u32, generation: u32) -> bool {
        let Choice { pod, via } = choice;
        let work = &mut self.works[pod as usize];
        work.counted.sent += 1;
        if !self.pods[pod as usize].accepting {
            return false;
        }
        let has_worker = work.busy < work.model.concurrency;
        if !has_worker && (work.queue.len() >= work.model.queue as usize || work.model.concurrency == 0) {
            return false;
        }
        work.counted.taken += 1;
        if work.inside() >= work.fit {
            self.queue.push(self.clock.now_ns(), Event::OutOfMemory(pod));
        }
        let job = self.jobs.open(Job { slot, generation, pod, via, ..Job::default() });
        let work = &mut self.works[pod as usize];
        if has_worker {
            work.busy += 1;
            self.begin(pod, job);
        } else {
            work.queue.push_back(job);
            if work.model.drops_abandoned {
                self.requests.queue_as(slot, job);
            }
        }
        true
    }

    /// A worker begins with an attempt: first on the CPU, then off it.
    #[inline]
    fn begin(&mut self, pod: u32, job: u32) {
        let now = self.clock.now_ns();
        let work = &mut self.works[pod as usize];
        let cpu_ns = match work.model.cpu {
            Duration::Constant(cpu_ns) => cpu_ns,
            drawn @ (Duration::Exponential(_)
            | Duration::Hyperexponential { .. }
            | Duration::Lognormal { .. }
            | Duration::Table(_)) => draw_apart(drawn, &mut self.streams.service_cpu),
        };
        if cpu_ns == 0 {
            self.wait(pod, job);
            return;
        }
        work.advance(now);
        if work.running.is_empty() {
            work.served_ns = 0.0;
        }
        let mut cpu_ns = cpu_ns as f64;
        if work.cold.is_some() {
            cpu_ns = Cold::cpu_ns(&mut work.cold, cpu_ns, now);
        }
        let is_next = work.running.add(work.served_ns + cpu_ns, job);
        work.share();
        // A newcomer only makes the others slower, so a timer that is set for one of them comes too early, never too late.
        if is_next {
            let due = work.next_done_ns().unwrap_or(now);
            if work.timer_ns.is_none_or(|timer| due < timer) {
                work.timer_ns = Some(due);
                self.queue.push(due, Event::CpuDone(pod));
            }
        }
    }

    /// Takes what is done off the CPU.
    #[inline]
    pub(crate) fn cpu_done(&mut self, pod: u32) {
        let now = self.clock.now_ns();
        let work = &mut self.works[pod as usize];
        if work.timer_ns != Some(now) {
            return;
        }
        work.advance(now);
        work.timer_ns = None;
        // Half a nanosecond is below the clock; waiting for it would only make another event.
        while let Some((done, job)) = self.works[pod as usize].running.first() {
            let work = &mut self.works[pod as usize];
            if done - work.served_ns > 0.5 {
                break;
            }
            work.running.take_first();
            work.share();
            self.wait(pod, job);
        }
        let work = &mut self.works[pod as usize];
        if work.timer_ns.is_none()
            && let Some(due) = work.next_done_ns()
        {
            work.timer_ns = Some(due);
            self.queue.push(due, Event::CpuDone(pod));
        }
    }

    /// An attempt waits for something outside the pod, keeping its worker.
    #[inline]
    fn wait(&mut self, pod: u32, job: u32) {
        let model = self.works[pod as usize].model;
        let wait_ns = model.wait.draw_ns(&mut self.streams.service);
        if wait_ns == 0 {
            self.served(pod, job);
            return;
        }
        self.jobs.all[job as usize].waiting = true;
        self.queue.push(self.clock.now_ns().saturating_add(wait_ns), Event::WaitDone(job));
    }

    /// An attempt has waited long enough, or what it called is over.
    #[inline]
    pub(crate) fn wait_done(&mut self, job: u32) {
        let state = &mut self.jobs.all[job as usize];
        if state.dead {
            self.jobs.close(job);
        } else {
            state.waiting = false;
            let pod = state.pod;
            self.served(pod, job);
        }
    }

    /// A pod has done its own part of an attempt.
    #[inline]
    fn served(&mut self, pod: u32, job: u32) {
        if self.works[pod as usize].model.calls {
            self.call(pod, job);
        } else {
            self.leave(pod, job);
        }
    }

    /// A worker is done with an attempt and takes the next.
    #[inline]
    pub(super) fn leave(&mut self, pod: u32, job: u32) {
        let done = self.end_job(job);
        if done.progress.failed {
            self.attempt_errored(done.slot, done.generation);
        } else {
            self.answer(done.slot, done.generation);
        }
        let work = &mut self.works[pod as usize];
        if let Some(next) = work.queue.pop_front() {
            self.begin(pod, next);
        } else {
            work.busy -= 1;
            if work.busy == 0 {
                self.emptied(pod);
            }
        }
    }

    /// An attempt is no longer inside its pod.
    #[inline]
    pub(super) fn end_job(&mut self, job: u32) -> Job {
        let ended = self.jobs.all[job as usize];
        self.jobs.close(job);
        self.hung_up(ended);
        ended
    }

    /// An attempt is over for the balancer that it came through.
    #[inline]
    fn hung_up(&mut self, job: Job) {
        if job.via.counts() {
            self.closed(Choice { pod: job.pod, via: job.via });
        }
    }

    /// Breaks everything inside a pod that ends, and every connection.
    pub(crate) fn break_jobs(&mut self, pod: u32) {
        self.break_inside(pod);
        self.cut(pod);
        self.forget_answers(pod);
    }

    fn break_inside(&mut self, pod: u32) {
        let now = self.clock.now_ns();
        let work = &mut self.works[pod as usize];
        work.advance(now);
        if work.inside() == 0 {
            return;
        }
        let queued: Vec<u32> = work.running.jobs().chain(work.queue.iter().copied()).collect();
        work.running = Running::default();
        work.queue = VecDeque::new();
        (work.busy, work.timer_ns) = (0, None);
        for job in queued {
            let state = self.end_job(job);
            self.attempt_broken(state.slot, state.generation);
        }
        for job in 0..self.jobs.all.len() {
            let state = self.jobs.all[job];
            if state.pod != pod || state.dead {
                continue;
            }
            if let Some(call) = self.jobs.all[job].progress.open.take() {
                self.abandon(call);
                self.jobs.close(job as u32);
            } else if state.waiting {
                (self.jobs.all[job].dead, self.jobs.all[job].via) = (true, Via::default());
            } else {
                continue;
            }
            self.hung_up(state);
            self.attempt_broken(state.slot, state.generation);
        }
    }
}
