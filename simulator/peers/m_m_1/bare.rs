//! The M/M/1 on the queue and the chance of our engine, with nothing of the simulator around them.

use std::collections::VecDeque;

use simulator::engine::queue::{Event, Queue};
use simulator::engine::random::Stream;

use crate::{Outcome, UTILIZATION};

/// A mean service time in nanoseconds.
const SERVICE_NS: f64 = 1e6;

/// Serves so many customers.
pub fn run(customers: u64) -> Outcome {
    let (mut arrivals, mut services) = (Stream::new(1, "arrivals", 0), Stream::new(1, "services", 0));
    let mut between = || (arrivals.exponential() * SERVICE_NS / UTILIZATION) as u64;
    let mut service = || (services.exponential() * SERVICE_NS) as u64;
    let mut queue = Queue::default();
    let mut waiting: VecDeque<u64> = VecDeque::new();
    let (mut busy, mut served, mut events, mut waited_ns) = (false, 0, 0, 0);
    queue.push(between(), Event::Sample);
    while served < customers
        && let Some((now, event)) = queue.pop()
    {
        events += 1;
        if event == Event::Sample {
            queue.push(now + between(), Event::Sample);
            if busy {
                waiting.push_back(now);
            } else {
                busy = true;
                queue.push(now + service(), Event::CpuDone(0));
            }
            continue;
        }
        served += 1;
        if let Some(since) = waiting.pop_front() {
            waited_ns += now - since;
            queue.push(now + service(), Event::CpuDone(0));
        } else {
            busy = false;
        }
    }
    Outcome { events, wait: waited_ns as f64 / served as f64 / SERVICE_NS }
}
