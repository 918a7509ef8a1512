//! The requests that are open, added up over time, are the times of all requests, added up over them.

use super::Invariant;
use crate::run::Run;

/// `littles-law`
pub(super) static INVARIANT: Invariant = Invariant { name: "littles-law", check };

fn check(run: &Run) -> Result<(), String> {
    let now = run.clock.now_ns();
    let mut lasted_ns: Vec<u64> = run.counters.iter().map(|counters| counters.open.lasted_ns).collect();
    for (arrived_ns, client) in run.requests.all_open() {
        let lasted_ns = &mut lasted_ns[run.callers[client].component];
        *lasted_ns = lasted_ns.wrapping_add(now - arrived_ns);
    }
    for ((component, counters), lasted_ns) in run.components.iter().zip(&run.counters).zip(lasted_ns) {
        let mut open = counters.open;
        open.pass(counters.in_flight(), now);
        if open.area != lasted_ns {
            let (name, area) = (&component.name, open.area);
            return Err(format!("{name} had open requests for {area} ns, and these lasted {lasted_ns} ns"));
        }
    }
    Ok(())
}

/// The two sides of the law, of one component: one from the count of its open requests, one from the requests.
///
/// Both go around at 2^64, which is enough to find a difference.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Open {
    /// How many were open, times how long: in nanoseconds.
    area: u64,
    /// Up to when that is known.
    until_ns: u64,
    /// How long those were open that are over.
    lasted_ns: u64,
}

impl Open {
    /// So many were open up to a time.
    #[inline]
    pub fn pass(&mut self, count: u64, now_ns: u64) {
        let passed_ns = now_ns - self.until_ns;
        self.area = self.area.wrapping_add(count.wrapping_mul(passed_ns));
        self.until_ns = now_ns;
    }

    /// A request is over that was open for so long.
    #[inline]
    pub fn ended(&mut self, lasted_ns: u64) {
        self.lasted_ns = self.lasted_ns.wrapping_add(lasted_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::random::Duration;
    use crate::run::fixture::{self, SECOND};

    #[test]
    fn a_request_that_is_counted_or_timed_wrongly_is_found() {
        let (world, objects) = (fixture::world(1), fixture::web(1));
        let scenario = fixture::asked(Duration::Constant(SECOND));
        let broken = |wrong: fn(&mut Run)| {
            let mut run = Run::new(&objects, &world, &scenario, &[]);
            // All of it is between two samples, at which a run checks itself.
            run.run_to(10 * SECOND + SECOND / 4);
            assert!(run.counters[0].in_flight() > 50 && run.counters[0].total.answered > 500);
            wrong(&mut run);
            run.run_to(10 * SECOND + SECOND / 2);
            check(&run).is_err()
        };
        assert!(!broken(|_| ()));
        assert!(broken(|run| run.counters[0].total.answered += 1), "and one less was open ever since");
        assert!(broken(|run| run.counters[0].open.ended(1)));
        assert!(
            broken(|run| {
                run.requests.open(run.clock.now_ns(), 0);
            }),
            "one that nobody counts"
        );
        // What is added at once, as rates are, is never open.
        assert!(!broken(|run| {
            run.counters[0].total.arrived += 9;
            run.counters[0].total.answered += 9;
        }));
    }
}
