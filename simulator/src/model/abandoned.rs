//! Requests that nobody waits for any more, in the queues of pods.

use crate::mechanism::Mechanism;
use crate::run::Run;

/// `abandoned-request`
pub static MECHANISM: Mechanism = Mechanism {
    name: "abandoned-request",
    docs: "When a caller gives up, by its timeout or since its own pod ends, what it asked for stays inside the pod, and is worked on for nobody, as PHP-FPM does. A service with `drop-abandoned` notices that the connection is closed and takes a request that still waits for a worker out of its queue at once, as HAProxy with `abortonclose` and Envoy do with what still waits there. What a worker has begun with goes on, calls included.",
    defaults: &[],
};

impl Run<'_> {
    /// A caller has given up an attempt: its pod drops it, if it is one that does so and no worker has begun with it.
    pub(super) fn drop_abandoned(&mut self, slot: u32, generation: u32) {
        let component = self.component_of(slot);
        let service = self.components[component].service.map(|service| &self.scenario.services[service]);
        if !service.is_some_and(|service| service.drops_abandoned) {
            return;
        }
        let Some(job) = self.requests.queued_as.get(slot as usize).copied() else { return };
        let Some(state) = self.jobs.of(job, slot, generation) else { return };
        if self.works[state.pod as usize].drop_queued(job) {
            self.counters[component].total.dropped += 1;
            self.end_job(job);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::random::Duration;
    use crate::run::Run;
    use crate::run::fixture::{self, SECOND};
    use crate::scenario::{Client, Patience, Service};

    /// One worker that takes two seconds for a request, a hundred of them a second, and callers who wait for one second.
    fn after_ten_seconds(drops_abandoned: bool) -> (u64, crate::engine::trace::Requests) {
        let (world, objects) = (fixture::world(1), fixture::web(1));
        let mut scenario = fixture::asked(Duration::Constant(2 * SECOND));
        let service = &mut scenario.services[0];
        *service = Service { concurrency: 1, queue: 200, drops_abandoned, ..service.clone() };
        let patience = Patience { timeout: Some(Duration::Constant(SECOND)), ..Patience::default() };
        scenario.clients.push(Client { name: "all".into(), of: "web".into(), patience });
        let mut run = Run::new(&objects, &world, &scenario, &[]);
        run.run_to(10 * SECOND);
        (run.works[0].counted().2, run.counters[0].total)
    }

    #[test]
    fn a_queue_holds_those_whose_callers_have_given_up_unless_it_drops_them() {
        let (waiting, requests) = after_ten_seconds(false);
        assert_eq!((waiting, requests.dropped), (200, 0));
        assert!(requests.refused > 500, "a full queue refuses those who would wait: {requests:?}");
        let (waiting, requests) = after_ten_seconds(true);
        assert!((50..150).contains(&waiting), "those of the last second: {waiting}");
        assert_eq!(requests.refused, 0);
        // Of those that were given up a worker had begun with a few.
        let begun = requests.timed_out - requests.dropped;
        assert!((1..=6).contains(&begun), "{requests:?}");
    }
}
