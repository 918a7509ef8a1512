//! Connections that callers keep: an attempt goes where its connection goes, which is chosen when that is opened.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use super::balancer::{Choice, Via};
use super::client::Due;
use super::retry_budget::Budget;
use crate::cluster::Phase;
use crate::engine::queue::Event;
use crate::mechanism::Mechanism;
use crate::run::Run;
use crate::scenario::{Patience, Pool};

/// `connection-pool`
pub static MECHANISM: Mechanism = Mechanism {
    name: "connection-pool",
    docs: "A caller with a pool keeps its connections: each calling pod has its own, and all callers from outside have one together. An attempt takes the idle connection that was used last, as Go's net/http does; with none idle and fewer than the most it opens one, and then alone the balancer chooses a pod; else it waits in a queue for one, while its latency and its timeout count. So new pods are sent nothing over connections that are there already. After an answer, an error or a refusal the connection is kept, unless it is older than its lifetime or its pod terminates; after a timeout it is closed, since a late answer would still come over it, and with its pod or container it ends. A balancer that counts open requests counts such a connection as long as it is open. Without a pool every attempt is a connection of its own. Left out: what opening a connection takes, and several requests at a time over one, as in HTTP/2.",
    defaults: &[],
};

/// What one caller keeps from request to request.
#[derive(Clone, Debug)]
pub struct Link {
    pub(crate) pool: Option<Pool>,
    budget: Option<Budget>,
    /// The one that was used last is at the end.
    pub(crate) idle: Vec<Connection>,
    /// Idle ones and those in use.
    pub(crate) open: u32,
    /// Attempts that wait for a connection; those that were given up are passed over.
    waiting: VecDeque<Due>,
    /// An event for those that wait is in the queue.
    woken: bool,
}

/// A connection to a pod.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    pub(crate) choice: Choice,
    opened_ns: u64,
}

/// What every caller keeps.
#[derive(Clone, Debug, Default)]
pub struct Links {
    pub(crate) all: Vec<Link>,
    /// Those of pods, by the pod and the callers of its component that it is one of.
    of_pods: BTreeMap<(u32, u32), u32>,
    /// How many connections go to a pod, by the pod and what keeps them; none that keep none.
    pub(crate) to_pods: BTreeMap<(u32, u32), u32>,
}

impl Links {
    /// Adds what a caller keeps, if it keeps anything.
    pub(crate) fn add(&mut self, patience: &Patience) -> Option<u32> {
        let Patience { pool, retry_budget_percent, .. } = *patience;
        if pool.is_none() && retry_budget_percent.is_none() {
            return None;
        }
        let budget = retry_budget_percent.map(Budget::new);
        let (idle, waiting) = (Vec::new(), VecDeque::new());
        self.all.push(Link { pool, budget, idle, open: 0, waiting, woken: false });
        Some(self.all.len() as u32 - 1)
    }

    /// What is known of a pod.
    fn keys_of(map: &BTreeMap<(u32, u32), u32>, pod: u32) -> Vec<(u32, u32)> {
        map.range((pod, 0)..=(pod, u32::MAX)).map(|(key, _)| *key).collect()
    }
}

impl Run<'_> {
    /// What a pod keeps as one of some callers.
    pub(super) fn link_of_pod(&mut self, client: u32, pod: u32) -> Option<u32> {
        if let Some(link) = self.links.of_pods.get(&(pod, client)) {
            return Some(*link);
        }
        let link = self.links.add(&self.callers[client as usize].patience)?;
        self.links.of_pods.insert((pod, client), link);
        Some(link)
    }

    /// Whether a request may be sent again.
    pub(super) fn may_retry(&mut self, link: Option<u32>) -> bool {
        let now = self.clock.now_ns();
        let budget = link.and_then(|link| self.links.all[link as usize].budget.as_mut());
        budget.is_none_or(|budget| budget.retry(now))
    }

    /// Sends an attempt of a caller that keeps something.
    pub(super) fn attempt_over(&mut self, link: u32, due: Due, is_first: bool) {
        let now = self.clock.now_ns();
        let state = &mut self.links.all[link as usize];
        if let Some(budget) = state.budget.as_mut().filter(|_| is_first) {
            budget.first(now);
        }
        if state.pool.is_none() {
            self.send(due.slot, due.generation);
            return;
        }
        state.waiting.push_back(due);
        // Whoever waits already is sent by an event that is in the queue.
        if !self.links.all[link as usize].woken {
            self.send_waiting(link);
        }
    }

    /// Connections of a caller may be free.
    pub(crate) fn connections(&mut self, link: u32) {
        self.links.all[link as usize].woken = false;
        self.send_waiting(link);
    }

    /// Sends attempts that wait, as long as there are connections.
    fn send_waiting(&mut self, link: u32) {
        // Connections that come back meanwhile are taken here, and not by an event.
        self.links.all[link as usize].woken = true;
        while let Some(due) = self.links.all[link as usize].waiting.front().copied() {
            if !self.requests.is_current(due) {
                self.links.all[link as usize].waiting.pop_front();
                continue;
            }
            let idle = self.take_idle(link);
            if idle.is_none() && !self.may_open(link) {
                break;
            }
            self.links.all[link as usize].waiting.pop_front();
            match idle.or_else(|| self.connect(link, due.slot)) {
                Some(connection) => self.send_over(due, connection),
                None => self.unrouted(due.slot),
            }
        }
        self.links.all[link as usize].woken = false;
    }

    fn may_open(&self, link: u32) -> bool {
        let state = &self.links.all[link as usize];
        state.pool.is_some_and(|pool| state.open < pool.connections)
    }

    /// The idle connection that was used last; those that ended meanwhile are closed.
    fn take_idle(&mut self, link: u32) -> Option<Connection> {
        while let Some(connection) = self.links.all[link as usize].idle.pop() {
            if self.holds(connection) {
                return Some(connection);
            }
            self.close_connection(link, connection);
        }
        None
    }

    /// Opens a connection to a pod that the balancer chooses; `None` if none is ready. A name is looked up here.
    fn connect(&mut self, link: u32, slot: u32) -> Option<Connection> {
        let choice = self.choose(self.component_of(slot))?;
        self.links.all[link as usize].open += 1;
        *self.links.to_pods.entry((choice.pod, link)).or_default() += 1;
        Some(Connection { choice, opened_ns: self.clock.now_ns() })
    }

    fn send_over(&mut self, due: Due, connection: Connection) {
        let pod = connection.choice.pod;
        self.requests.ties[due.slot as usize].connection = Some(connection);
        // The balancer counts the connection, not what is sent over it.
        if !self.accept(Choice { pod, via: Via::default() }, due.slot, due.generation) {
            self.let_go(due.slot, true);
            self.refused(due.slot);
        }
    }

    /// An attempt is over: its connection, if it has one, is kept or closed.
    pub(super) fn let_go(&mut self, slot: u32, is_whole: bool) {
        let Some(link) = self.link(slot) else { return };
        let Some(connection) = self.requests.ties[slot as usize].connection.take() else { return };
        let now = self.clock.now_ns();
        let state = &mut self.links.all[link as usize];
        let lifetime_ns = state.pool.and_then(|pool| pool.lifetime_ns);
        let is_young = lifetime_ns.is_none_or(|lifetime| now - connection.opened_ns < lifetime);
        let terminates = self.pods[connection.choice.pod as usize].terminating;
        if is_whole && is_young && !terminates && self.holds(connection) {
            self.links.all[link as usize].idle.push(connection);
        } else {
            self.close_connection(link, connection);
        }
        let state = &mut self.links.all[link as usize];
        if !state.waiting.is_empty() && !state.woken {
            state.woken = true;
            self.queue.push(now, Event::Connections(link));
        }
    }

    /// Whether the process that a connection goes to is still there.
    fn holds(&self, connection: Connection) -> bool {
        let pod = &self.pods[connection.choice.pod as usize];
        let is_same = pod.running_ns <= connection.opened_ns.cast_signed();
        pod.phase == Phase::Running && pod.accepting && is_same
    }

    fn close_connection(&mut self, link: u32, connection: Connection) {
        self.links.all[link as usize].open -= 1;
        if let Entry::Occupied(mut there) = self.links.to_pods.entry((connection.choice.pod, link)) {
            *there.get_mut() -= 1;
            if *there.get() == 0 {
                there.remove();
            }
        }
        if connection.choice.via.counts() {
            self.closed(connection.choice);
        }
    }

    /// The process of a pod has ended: nothing idle goes there any more, and what it kept itself is no more.
    pub(super) fn cut(&mut self, pod: u32) {
        // Not all that there is, or thousands of pods that end would look at thousands of pools each.
        for (_, link) in Links::keys_of(&self.links.to_pods, pod) {
            let idle = &mut self.links.all[link as usize].idle;
            let cut: Vec<Connection> = idle.extract_if(.., |known| known.choice.pod == pod).collect();
            for connection in cut {
                self.close_connection(link, connection);
            }
        }
        for key in Links::keys_of(&self.links.of_pods, pod) {
            let Some(link) = self.links.of_pods.remove(&key) else { continue };
            for connection in std::mem::take(&mut self.links.all[link as usize].idle) {
                self.close_connection(link, connection);
            }
            self.links.all[link as usize].waiting.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::random::Duration;
    use crate::run::fixture::{self, SECOND};
    use crate::scenario::{Client, Scenario};

    /// A hundred requests a second to `web` over a pool, or over none; each takes 50 ms.
    fn scenario(pool: Option<Pool>) -> Scenario {
        let patience = Patience { pool, ..Patience::default() };
        let client = Client { name: "all".into(), of: "web".into(), patience };
        Scenario { clients: vec![client], ..fixture::asked(Duration::Constant(SECOND / 20)) }
    }

    /// What the second of two pods takes of all requests between 300 and 600 s, when it is there from 20 s on.
    fn share_of_a_new_pod(pool: Option<Pool>) -> f64 {
        let (world, scenario, objects) = (fixture::world(1), scenario(pool), fixture::web(1));
        let mut run = Run::new(&objects, &world, &scenario, &[]);
        let taken = |run: &Run, pod: usize| run.works[pod].counted().0.taken as f64;
        run.run_to(10 * SECOND);
        run.scale(0, 2);
        run.run_to(300 * SECOND);
        assert_eq!(run.components[0].endpoints, [0, 1]);
        let before = [taken(&run, 0), taken(&run, 1)];
        run.run_to(600 * SECOND);
        let after = [taken(&run, 0) - before[0], taken(&run, 1) - before[1]];
        after[1] / (after[0] + after[1])
    }

    #[test]
    fn a_new_pod_is_sent_nothing_over_connections_that_never_end() {
        assert!(
            (share_of_a_new_pod(None) - 0.5).abs() < 0.01,
            "without a pool the balancer sees each request"
        );
        // Five are in use on average: all eight are opened within seconds, before the second pod comes.
        let pool = |lifetime_ns| Some(Pool { connections: 8, lifetime_ns });
        assert!(share_of_a_new_pod(pool(None)) == 0.0, "and these lead to the old pod");
        // Each of eight is opened anew every five seconds.
        let share = share_of_a_new_pod(pool(Some(5 * SECOND)));
        assert!((share - 0.5).abs() < 0.1, "with a lifetime they even out: {share}");
    }

    #[test]
    fn connections_to_a_pod_that_ends_are_closed_as_they_come_back() {
        let (world, objects) = (fixture::world(1), fixture::web(1));
        let scenario = scenario(Some(Pool { connections: 20, lifetime_ns: None }));
        let mut run = Run::new(&objects, &world, &scenario, &[]);
        let to =
            |run: &Run, pod: u32| run.links.all[0].idle.iter().filter(|idle| idle.choice.pod == pod).count();
        run.run_to(10 * SECOND);
        assert!(to(&run, 0) > 0);
        run.scale(0, 2);
        run.run_to(60 * SECOND);
        run.end_pod(0);
        run.run_to(120 * SECOND);
        assert_eq!(to(&run, 0), 0);
        assert_eq!(
            run.links.to_pods.keys().next(),
            Some(&(1, 0)),
            "nothing is listed for the one that ended"
        );
        assert!(to(&run, 1) > 0);
        let requests = run.counters[0].total;
        assert_eq!((requests.failed, requests.broken), (0, 0));
    }
}
