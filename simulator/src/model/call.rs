//! How services call services: a request makes its calls one after the other, and keeps its worker meanwhile.

use crate::engine::queue::Event;
use crate::engine::random::Stream;
use crate::mechanism::Mechanism;
use crate::run::Run;
use crate::scenario::Call;

/// `call`
pub static MECHANISM: Mechanism = Mechanism {
    name: "call",
    docs: "Services call services. After its CPU part and its own wait a request makes its calls, one after the other in the order in which they are written, and keeps its worker until the last one is over, as PHP and most servers with a thread for each request do. A call is a request of its own at the component that it calls: it goes through the balancer of that component and counts there as arrived, with a timeout, retries, a budget, a backoff and a pool as a client has them. With a cache it is only made when what the calling pod keeps is too old (see `ttl-cache`). Where it fails after its last retry, the pod answers its own request with an error at once, unless the call is optional. Nobody cancels what a worker has begun with: when a caller has given up, it goes on inside the pod, calls included (see `abandoned-request`). What a pod has called when it ends has failed for it, and goes on elsewhere. Objectives and what they measure are about requests from outside alone. Left out: calls beside each other, and the time that they take on the network.",
    defaults: &[],
};

/// A service that requests of a component call.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// The index of the callers.
    pub(crate) client: u32,
    pub(crate) per_request: f64,
    pub(crate) optional: bool,
    /// How long an answer is kept, if it is.
    pub(crate) cache_ns: Option<u64>,
}

/// How far a request inside a pod has come with its calls.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// How many edges it has begun with.
    begun: u16,
    /// How often it still calls the last of these.
    rest: u32,
    /// The request that it waits for.
    pub(super) open: Option<u32>,
    /// A call has failed that is not optional.
    pub(super) failed: bool,
}

impl Edge {
    /// How often one request calls it.
    fn draw(&self, stream: &mut Stream) -> u32 {
        let whole = self.per_request.floor();
        let rest = self.per_request - whole;
        whole as u32 + u32::from(rest > 0.0 && stream.unit() <= rest)
    }
}

impl Run<'_> {
    /// Adds what the services of the scenario call.
    pub(crate) fn add_calls(&mut self) {
        let scenario = self.scenario;
        for component in 0..self.components.len() {
            let Some(service) = self.components[component].service else { continue };
            for call in &scenario.services[service].calls {
                let Some(to) = self.component_named.get(&call.to).copied() else { continue };
                let client = self.add_callers(&call.patience, to, true);
                let Call { per_request, optional, cache_ns, .. } = *call;
                self.components[component].calls.push(Edge { client, per_request, optional, cache_ns });
            }
        }
    }

    /// Makes the next call of a request inside a pod, or ends it after the last one.
    pub(super) fn call(&mut self, pod: u32, job: u32) {
        let now = self.clock.now_ns();
        let component = self.workloads[self.pods[pod as usize].workload].component;
        let edges = &self.components[component].calls;
        let progress = &mut self.jobs.all[job as usize].progress;
        while !progress.failed {
            if progress.rest == 0 {
                let Some(edge) = edges.get(usize::from(progress.begun)) else { break };
                progress.begun += 1;
                progress.rest = edge.draw(&mut self.streams.calls);
                continue;
            }
            let Edge { client, cache_ns, .. } = edges[usize::from(progress.begun) - 1];
            if cache_ns.is_none() || !self.answers.answers(&(pod, client), now) {
                break;
            }
            // What answers one answers all that are left, since that takes no time.
            let called = self.callers[client as usize].component;
            self.counters[called].called.cached += u64::from(progress.rest);
            progress.rest = 0;
        }
        if progress.rest == 0 || progress.failed {
            self.leave(pod, job);
            return;
        }
        progress.rest -= 1;
        let client = edges[usize::from(progress.begun) - 1].client;
        let slot = self.requests.open(now, client);
        progress.open = Some(slot);
        let link = self.link_of_pod(client, pod);
        self.requests.tie(slot, Some(job), link);
        let called = self.callers[client as usize].component;
        self.counters[called].arrived(now);
        self.counters[called].called.arrived += 1;
        self.attempt(slot);
    }

    /// A call is over. Its request goes on by an event, or a long queue of them would be as many calls in each other.
    pub(super) fn called(&mut self, job: u32, answered: bool) {
        let now = self.clock.now_ns();
        let state = &mut self.jobs.all[job as usize];
        let component = self.workloads[self.pods[state.pod as usize].workload].component;
        let edge = self.components[component].calls[usize::from(state.progress.begun) - 1];
        if let Some(cache_ns) = edge.cache_ns.filter(|_| answered) {
            self.answers.keep((state.pod, edge.client), now, cache_ns);
        }
        state.progress.open = None;
        state.progress.failed = !answered && !edge.optional;
        state.waiting = true;
        self.queue.push(now, Event::WaitDone(job));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::random::Duration;
    use crate::run::fixture::{self, SECOND};
    use crate::scenario::Patience;

    #[test]
    fn what_a_pod_has_called_fails_with_it_and_is_not_sent_again() {
        let (world, objects) = (fixture::world(1), fixture::web(1));
        let mut scenario = fixture::asked(Duration::Constant(0));
        // Nobody serves, so each call waits for its one retry.
        let patience = Patience { retries: 1, backoff_ns: 100 * SECOND, ..Patience::default() };
        let call = Call { to: "nobody".into(), per_request: 1.0, optional: false, cache_ns: None, patience };
        scenario.services[0].calls.push(call);
        let mut run = Run::new(&objects, &world, &scenario, &[]);
        let counters = |run: &Run| (run.counters[0].total, run.counters[1].total);
        run.run_to(10 * SECOND);
        run.end_pod(0);
        // Its grace period is half a minute.
        run.run_to(60 * SECOND);
        let (nobody, web) = counters(&run);
        assert!(web.broken > 900, "{web:?}");
        assert_eq!((nobody.failed, web.errored), (web.broken, 0));
        run.run_to(150 * SECOND);
        let (nobody, web) = counters(&run);
        let retries = nobody.attempts - nobody.arrived;
        assert!(retries > 1_000, "those of the new pod: {nobody:?}");
        assert_eq!((nobody.failed - web.broken, web.errored), (retries, retries));
    }
}
