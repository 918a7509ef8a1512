//! What happens next: events in the order of their times, and of their making where times are equal.

use super::heap::Heap;

/// Everything that can happen; the number says to which pod, job, client and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Counters are written down.
    Sample,
    /// A pod may have finished the CPU part of a request.
    CpuDone(u32),
    /// A job has waited long enough.
    WaitDone(u32),
    /// A client's oldest open attempt may have lasted too long.
    Timeout(u32),
    /// A client's lane of equal backoffs has a request to send again.
    Retry(u32),
    /// A client may have a request to send again after a random backoff.
    Backoff(u32),
    /// Connections of a caller's pool may be free for those that wait.
    Connections(u32),
    /// metrics-server asks every kubelet.
    Scrape,
    /// An autoscaler looks at its metrics.
    Autoscale(u32),
    /// A controller looks at an object, or goes on with what it writes.
    Reconcile(u32),
    /// The scheduler looks at the pods without a node.
    Schedule,
    /// A pod's container runs.
    Started(u32),
    /// A pod's readiness probe succeeds.
    Ready(u32),
    /// A ready pod may have been so for long enough.
    Available(u32),
    /// The balancers hear of a pod's readiness or end.
    Endpoint(u32),
    /// A pod that ends takes nothing new.
    Stopped(u32),
    /// A pod's grace period is over.
    Killed(u32),
    /// A rollout decides.
    Rollout(u32),
    /// cronhpa has something to do.
    Cronhpa,
    /// A `CronJob` is due.
    Clock(u32),
    /// The pod of a `CronJob` patches its autoscaler.
    Patch(u32),
    /// The cluster autoscaler looks at pods and nodes.
    NodeScan,
    /// Nodes that were ordered join.
    NodesJoin(u32),
    /// ECI looks whether it takes a spot pod back.
    SpotCheck(u32),
    /// A container may keep more in memory than it may.
    OutOfMemory(u32),
    /// What custom metrics mean is scraped.
    Measure,
    /// Something breaks or works again.
    Fault(u32),
    /// A container is not up in time.
    TooSlow(u32),
    /// A kubelet looks at what a container uses.
    Housekeep(u32),
    /// A load balancer takes a pod in or out.
    Backend(u32),
    /// The engine looks whether the requests of a group of components may be rates.
    Look(u32),
}

const INDEX_BITS: u32 = 26;
const INDEX_MAX: u32 = (1 << INDEX_BITS) - 1;
const SEQUENCE_BITS: u32 = 36;
const TIME_SHIFT: u32 = 32 + SEQUENCE_BITS;
/// After the end of every run; what would happen later never does.
const LATEST_NS: u64 = (1 << (u128::BITS - TIME_SHIFT)) - 1;

impl Event {
    #[inline]
    fn pack(self) -> u32 {
        let (kind, index) = match self {
            Event::Sample => (0, 0),
            Event::CpuDone(pod) => (1, pod),
            Event::WaitDone(job) => (2, job),
            Event::Timeout(client) => (3, client),
            Event::Retry(lane) => (4, lane),
            Event::Scrape => (5, 0),
            Event::Autoscale(autoscaler) => (6, autoscaler),
            Event::Reconcile(workload) => (7, workload),
            Event::Schedule => (8, 0),
            Event::Started(pod) => (9, pod),
            Event::Ready(pod) => (10, pod),
            Event::Endpoint(pod) => (11, pod),
            Event::Stopped(pod) => (12, pod),
            Event::Killed(pod) => (13, pod),
            Event::Rollout(rollout) => (14, rollout),
            Event::Cronhpa => (15, 0),
            Event::Clock(clock) => (16, clock),
            Event::Patch(clock) => (17, clock),
            Event::Available(pod) => (18, pod),
            Event::NodeScan => (19, 0),
            Event::NodesJoin(order) => (20, order),
            Event::SpotCheck(pod) => (21, pod),
            Event::OutOfMemory(pod) => (22, pod),
            Event::Measure => (23, 0),
            Event::Fault(fault) => (24, fault),
            Event::TooSlow(pod) => (25, pod),
            Event::Housekeep(pod) => (26, pod),
            Event::Backend(pod) => (27, pod),
            Event::Backoff(client) => (28, client),
            Event::Connections(link) => (29, link),
            Event::Look(group) => (30, group),
        };
        assert!(index <= INDEX_MAX, "fewer than 2^26 pods and jobs exist");
        kind << INDEX_BITS | index
    }

    #[inline]
    fn unpack(packed: u32) -> Self {
        let index = packed & INDEX_MAX;
        match packed >> INDEX_BITS {
            0 => Event::Sample,
            1 => Event::CpuDone(index),
            2 => Event::WaitDone(index),
            3 => Event::Timeout(index),
            4 => Event::Retry(index),
            5 => Event::Scrape,
            6 => Event::Autoscale(index),
            7 => Event::Reconcile(index),
            8 => Event::Schedule,
            9 => Event::Started(index),
            10 => Event::Ready(index),
            11 => Event::Endpoint(index),
            12 => Event::Stopped(index),
            13 => Event::Killed(index),
            14 => Event::Rollout(index),
            15 => Event::Cronhpa,
            16 => Event::Clock(index),
            17 => Event::Patch(index),
            18 => Event::Available(index),
            19 => Event::NodeScan,
            20 => Event::NodesJoin(index),
            21 => Event::SpotCheck(index),
            22 => Event::OutOfMemory(index),
            23 => Event::Measure,
            24 => Event::Fault(index),
            25 => Event::TooSlow(index),
            26 => Event::Housekeep(index),
            27 => Event::Backend(index),
            28 => Event::Backoff(index),
            29 => Event::Connections(index),
            30 => Event::Look(index),
            kind => unreachable!("no event is packed as kind {kind}"),
        }
    }
}

/// A time and a sequence number in one integer: comparing keys is comparing times, then order of making.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(u128);

impl Key {
    /// Later than every event.
    pub const NEVER: Key = Key(u128::MAX);

    /// The time in it.
    #[inline]
    pub fn time_ns(self) -> u64 {
        (self.0 >> TIME_SHIFT) as u64
    }
}

/// What is to come, with a number in the lowest bits. The place of what was taken last is filled by the next push, which
/// saves half of the heap's work: most events make exactly one other.
#[derive(Clone, Debug, Default)]
struct Entries {
    heap: Heap,
    top_is_taken: bool,
}

impl Entries {
    #[inline]
    fn push(&mut self, key: Key, number: u32) {
        let entry = key.0 | u128::from(number);
        if self.top_is_taken {
            self.top_is_taken = false;
            self.heap.replace_first(entry);
        } else {
            self.heap.push(entry);
        }
    }

    /// The key of the next one; [`Key::NEVER`] if there is none.
    #[inline]
    fn next_key(&mut self) -> Key {
        if self.top_is_taken {
            self.top_is_taken = false;
            self.heap.pop_first();
        }
        self.heap.first().map_or(Key::NEVER, Key)
    }
}

/// The events to come.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    entries: Entries,
    sequence: u64,
}

impl Queue {
    /// A key for something that happens outside the heap, in order with what happens inside.
    #[inline]
    pub fn key(&mut self, time_ns: u64) -> Key {
        self.sequence += 1;
        assert!(self.sequence >> SEQUENCE_BITS == 0, "a run has fewer than 2^36 events");
        Key(u128::from(time_ns.min(LATEST_NS)) << TIME_SHIFT | u128::from(self.sequence) << 32)
    }

    /// Adds an event.
    #[inline]
    pub fn push(&mut self, time_ns: u64, event: Event) {
        let key = self.key(time_ns);
        self.entries.push(key, event.pack());
    }

    /// The key of the next event; [`Key::NEVER`] if there is none.
    #[inline]
    pub fn next_key(&mut self) -> Key {
        self.entries.next_key()
    }

    /// Takes the next event with its time.
    #[inline]
    pub fn pop(&mut self) -> Option<(u64, Event)> {
        let key = self.next_key();
        if key == Key::NEVER {
            return None;
        }
        self.entries.top_is_taken = true;
        Some((key.time_ns(), Event::unpack(key.0 as u32)))
    }

    /// How many keys were given out: a measure of the work done.
    pub fn made(&self) -> u64 {
        self.sequence
    }
}

/// The next arrival of each source, apart from the events: there are few of them, and they are most of what comes.
#[derive(Clone, Debug, Default)]
pub struct Arrivals {
    entries: Entries,
}

impl Arrivals {
    /// Adds the next arrival of a source that has none.
    #[inline]
    pub fn push(&mut self, key: Key, source: usize) {
        self.entries.push(key, source as u32);
    }

    /// Takes the first arrival if it comes before an event: its time, and whose it is.
    #[inline]
    pub fn pop_before(&mut self, event: Key) -> Option<(u64, usize)> {
        let key = self.entries.next_key();
        if event < key || key == Key::NEVER {
            return None;
        }
        self.entries.top_is_taken = true;
        Some((key.time_ns(), key.0 as u32 as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_times_come_in_the_order_of_making() {
        let mut queue = Queue::default();
        queue.push(5, Event::Ready(1));
        queue.push(3, Event::Ready(2));
        queue.push(5, Event::Ready(3));
        assert_eq!(queue.pop(), Some((3, Event::Ready(2))));
        queue.push(5, Event::Ready(4));
        let rest: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(rest, [(5, Event::Ready(1)), (5, Event::Ready(3)), (5, Event::Ready(4))]);
    }

    #[test]
    fn arrivals_come_in_order_with_events() {
        let (mut queue, mut arrivals) = (Queue::default(), Arrivals::default());
        let times = [7, 3, 9, 3];
        for (source, time) in times.into_iter().enumerate() {
            arrivals.push(queue.key(time), source);
        }
        queue.push(5, Event::Sample);
        queue.push(3, Event::Look(0));
        let mut pop = |event| arrivals.pop_before(event);
        assert_eq!([pop(queue.next_key()), pop(queue.next_key())], [Some((3, 1)), Some((3, 3))]);
        assert_eq!((pop(queue.next_key()), queue.pop()), (None, Some((3, Event::Look(0)))));
        assert_eq!((pop(queue.next_key()), queue.pop()), (None, Some((5, Event::Sample))));
        let key = queue.key(8);
        assert_eq!(pop(queue.next_key()), Some((7, 0)), "without an event");
        arrivals.push(key, 0);
        let rest: Vec<_> = std::iter::from_fn(|| arrivals.pop_before(Key::NEVER)).collect();
        assert_eq!(rest, [(8, 0), (9, 2)]);
    }

    #[test]
    fn every_event_survives_packing() {
        let all = [
            Event::Sample,
            Event::CpuDone(1),
            Event::WaitDone(2),
            Event::Timeout(3),
            Event::Retry(4),
            Event::Scrape,
            Event::Autoscale(5),
            Event::Reconcile(6),
            Event::Schedule,
            Event::Started(7),
            Event::Ready(8),
            Event::Endpoint(9),
            Event::Stopped(10),
            Event::Killed(11),
            Event::Available(12),
            Event::Backoff(13),
            Event::Connections(14),
            Event::Look(15),
            Event::Rollout(INDEX_MAX),
        ];
        assert_eq!(all.map(|event| Event::unpack(event.pack())), all);
    }
}
