//! Which nodes nobody needs, and how they go.

use std::collections::BTreeMap;

use crate::cluster::{Held, NodeState};
use crate::engine::trace::What;
use crate::model::scheduler::cache::Scheduler;
use crate::run::Run;

/// So many nodes with pods are asked at one look whether they are needed: `--scale-down-non-empty-candidates-count`.
const CANDIDATES_MAX: usize = 30;
/// So many empty nodes go at one look: `--max-scale-down-parallelism`.
const EMPTY_MAX: usize = 10;

impl Run<'_> {
    /// Takes away what has not been needed for long enough.
    pub(super) fn shrink(&mut self) {
        let now = self.clock.now_ns();
        let unneeded_ns = self.world.figures.node_unneeded_ns;
        self.leave_drained();
        let unneeded = self.unneeded();
        for node in 0..self.nodes.len() {
            let since_ns = self.nodes[node].unneeded_ns;
            self.nodes[node].unneeded_ns = unneeded.get(&node).map(|_| since_ns.unwrap_or(now));
        }
        let added_ns = self.pools.added_ns;
        if added_ns.is_some_and(|added_ns| now < added_ns + unneeded_ns) {
            return;
        }
        let long =
            |node: &usize| self.nodes[*node].unneeded_ns.is_some_and(|since| now >= since + unneeded_ns);
        let long: Vec<(usize, bool)> = unneeded.into_iter().filter(|(node, _)| long(node)).collect();
        let mut empty = 0;
        for (node, is_empty) in long {
            if !self.may_shrink(node) || is_empty && empty == EMPTY_MAX {
                continue;
            }
            if is_empty {
                empty += 1;
                self.close_node(node);
                self.leave_drained();
            } else if empty == 0 && !self.nodes.iter().any(NodeState::is_draining) {
                // One node with pods at a time, as upstream's `--max-drain-parallelism` has it.
                self.close_node(node);
                return;
            }
        }
    }

    /// Whether the pool of a node has more than it must have.
    fn may_shrink(&self, node: usize) -> bool {
        let Some(pool) = self.nodes[node].pool else { return false };
        let draining = self.nodes.iter().filter(|node| node.pool == Some(pool) && node.is_draining());
        self.pools.states[pool].nodes - draining.count() as u32 > self.world.pools[pool].nodes
    }

    /// Nodes that are little used and whose pods would find room elsewhere, all of them at once; whether they have none.
    fn unneeded(&self) -> BTreeMap<usize, bool> {
        let mut unneeded = BTreeMap::new();
        let mut asked = 0;
        // Where the pods of the nodes that were found would be.
        let mut imagined: Option<Scheduler> = None;
        for node in 0..self.nodes.len() {
            let state = &self.nodes[node];
            let is_there = state.left_ns.is_none() && !state.is_closed && self.may_shrink(node);
            if !is_there || !self.is_little_used(node) {
                continue;
            }
            let pods = self.movable(node);
            if pods.is_empty() {
                unneeded.insert(node, true);
            } else if asked < CANDIDATES_MAX && self.budgets_allow(&pods) {
                asked += 1;
                let mut next = imagined.clone().unwrap_or_else(|| self.scheduler.clone());
                if self.would_fit_elsewhere(node, &pods, &mut next) {
                    unneeded.insert(node, false);
                    imagined = Some(next);
                }
            }
        }
        unneeded
    }

    fn is_little_used(&self, node: usize) -> bool {
        let state = &self.nodes[node];
        let below = |used: u64, all: u64| {
            u128::from(used) * 100 < u128::from(all) * u128::from(self.world.figures.node_utilisation_percent)
        };
        below(state.cpu_requested, state.cpu_milli) && below(state.memory_requested, state.memory_bytes)
    }

    /// The pods of a node that would have to go somewhere else: all but those of daemons.
    fn movable(&self, node: usize) -> Vec<u32> {
        let is_daemon = |pod: &u32| {
            let workload = self.pods[*pod as usize].workload;
            matches!(self.workloads[workload].held, Held::DaemonSet(_))
        };
        self.nodes[node].pods.iter().copied().filter(|pod| !is_daemon(pod)).collect()
    }

    /// Whether other nodes would take all pods of a node, and then do. The virtual node does not count: it costs more.
    fn would_fit_elsewhere(&self, node: usize, pods: &[u32], imagined: &mut Scheduler) -> bool {
        // What was moved here from a node that would go before it has to move on, and nobody asks for that.
        if imagined.pods_on(node) as usize > self.nodes[node].pods.len() {
            return false;
        }
        for pod in &self.nodes[node].pods {
            let state = &self.pods[*pod as usize];
            imagined.remove(state.shape, node, state.terminating);
        }
        imagined.leave(node);
        pods.iter().filter(|pod| !self.pods[**pod as usize].terminating).all(|pod| {
            let shape = self.pods[*pod as usize].shape;
            let found = imagined.place(shape, &self.units(*pod));
            let found = found.ok().filter(|found| !self.nodes[*found].is_virtual);
            found.inspect(|found| imagined.add(shape, *found)).is_some()
        })
    }

    /// A node takes no new pods, and those that it has are evicted.
    fn close_node(&mut self, node: usize) {
        self.nodes[node].is_closed = true;
        self.scheduler.cordon(node, true);
        let pods = self.movable(node);
        self.happened(What::NodeClosed { node: self.nodes[node].name.clone(), pods: pods.len() as u32 });
        for pod in pods {
            self.end_pod(pod);
        }
    }

    /// Closed nodes leave when nothing but daemons is on them.
    fn leave_drained(&mut self) {
        let now = self.clock.now_ns();
        for node in 0..self.nodes.len() {
            let state = &self.nodes[node];
            if !state.is_draining() || !self.movable(node).is_empty() {
                continue;
            }
            for pod in self.nodes[node].pods.clone() {
                self.lose_pod(pod);
            }
            self.scheduler.leave(node);
            self.nodes[node].left_ns = Some(now);
            self.tell_balancers(node, false);
            if let Some(pool) = self.nodes[node].pool {
                self.pools.states[pool].nodes -= 1;
            }
            self.happened(What::NodeLeft { node: self.nodes[node].name.clone() });
            self.look_at_daemons();
        }
    }
}
