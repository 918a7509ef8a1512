//! Pools of ECS nodes that grow and shrink: the cluster autoscaler.
//!
//! [`grow`] says which nodes pending pods ask for, [`shrink`] which nodes are not needed. This file looks, orders and lets
//! nodes join.

mod grow;
mod shrink;

use crate::cluster::Held;
use crate::engine::queue::Event;
use crate::engine::trace::{PoolTrace, What};
use crate::mechanism::{Mechanism, Number, seconds, seconds_between};
use crate::model::scheduler::node::Node;
use crate::model::scheduler::queue::Change;
use crate::run::Run;
use crate::run::fill::{room, seen};
use crate::world::World;
use grow::Offer;

/// `node-pool`
pub static MECHANISM: Mechanism = Mechanism {
    name: "node-pool",
    docs: "Pools that may have more nodes than they have grow and shrink as the cluster autoscaler has it. It looks every few seconds: pods that no node takes are packed, the largest first, on nodes that are on their way and then on new nodes of each pool, by all the rules of the scheduler and beside the pool's daemons; the pool that would waste least is ordered from, at most a thousand nodes at once. Nodes of one order come in batches, each after a time of its own, without any image. A node of which little is requested, whose pods would find room elsewhere within their budgets, goes after a while, never below the count that the platform writes; it is closed, its pods are evicted, and it leaves when the last is gone. Left out: nodes that fail to start, and pools of a price of their own.",
    defaults: &[
        Number {
            name: "time between two looks",
            value: |figures| seconds(figures.node_scan_ns),
            source: "cluster autoscaler, FAQ: --scan-interval",
        },
        Number {
            name: "from an order to nodes that take pods",
            value: |figures| {
                let times = seconds_between(figures.node_start_ns, figures.node_start_spread_ns);
                format!("{times}, drawn for each batch")
            },
            source: "Alibaba Cloud, elasticity of ACK: 45 to 120 s for 100 nodes",
        },
        Number {
            name: "nodes in a batch",
            value: |figures| figures.node_batch.to_string(),
            source: "Alibaba Cloud, elasticity of ACK: the figures are for 100 nodes",
        },
        Number {
            name: "nodes in an order",
            value: |_| NODES_AN_ORDER_MAX.to_string(),
            source: "cluster autoscaler, FAQ: --max-nodes-per-scaleup",
        },
        Number {
            name: "little used",
            value: |figures| format!("below {} %", figures.node_utilisation_percent),
            source: "cluster autoscaler, FAQ: --scale-down-utilization-threshold",
        },
        Number {
            name: "little used for, and after the last new node",
            value: |figures| seconds(figures.node_unneeded_ns),
            source: "cluster autoscaler, FAQ: --scale-down-unneeded-time, --scale-down-delay-after-add",
        },
    ],
};

/// `--max-nodes-per-scaleup`.
const NODES_AN_ORDER_MAX: u32 = 1_000;

/// The pools of a run.
#[derive(Clone, Debug, Default)]
pub struct Pools {
    states: Vec<Pool>,
    orders: Vec<Order>,
    /// When a node joined last because pods asked for it.
    added_ns: Option<u64>,
}

/// One pool.
#[derive(Clone, Copy, Debug)]
struct Pool {
    /// Nodes that are there.
    nodes: u32,
    /// Nodes on their way.
    coming: u32,
    /// The most nodes that there were.
    peak: u32,
    /// When that was.
    peak_at_ns: u64,
}

/// Nodes that come together.
#[derive(Clone, Copy, Debug)]
struct Order {
    pool: usize,
    nodes: u32,
    ordered_ns: u64,
    joined: bool,
}

impl Pools {
    /// The pools at the beginning.
    pub fn new(world: &World) -> Self {
        let pool = |pool: &crate::world::Pool| Pool {
            nodes: pool.nodes,
            coming: 0,
            peak: pool.nodes,
            peak_at_ns: 0,
        };
        Self { states: world.pools.iter().map(pool).collect(), ..Self::default() }
    }

    /// The pool of every node that was ordered, whether it has joined or not.
    pub fn ordered_ever(&self) -> impl Iterator<Item = usize> {
        self.orders.iter().flat_map(|order| (0..order.nodes).map(|_| order.pool))
    }

    /// Nodes that were ordered and have not joined: the pool, and how long they are billed for.
    pub fn ordered(&self, now_ns: u64) -> impl Iterator<Item = (usize, u64)> {
        let coming = self.orders.iter().filter(|order| !order.joined);
        coming.flat_map(move |order| (0..order.nodes).map(move |_| (order.pool, now_ns - order.ordered_ns)))
    }
}

impl Run<'_> {
    /// Begins to look, if any pool may grow.
    pub(crate) fn begin_scans(&mut self) {
        if self.world.pools.iter().any(|pool| pool.max > pool.nodes) {
            let scan_ns = self.streams.nodes.below(self.world.figures.node_scan_ns);
            self.queue.push(scan_ns, Event::NodeScan);
        }
    }

    /// Looks once: either nodes are ordered, or nodes go.
    pub(crate) fn scan_nodes(&mut self) {
        match self.wanted() {
            Some(offer) => self.order(&offer),
            None => self.shrink(),
        }
        self.queue.push(self.clock.now_ns() + self.world.figures.node_scan_ns, Event::NodeScan);
    }

    /// Orders nodes, in batches that each take their time.
    fn order(&mut self, offer: &Offer) {
        let now = self.clock.now_ns();
        let figures = &self.world.figures;
        let (pool, mut rest) = (offer.pool, offer.nodes);
        self.happened(What::NodesOrdered {
            pool: self.world.pools[pool].name.clone(),
            nodes: rest,
            pods: offer.pods,
        });
        self.pools.states[pool].coming += rest;
        while rest > 0 {
            let nodes = rest.min(u32::try_from(figures.node_batch.max(1)).unwrap_or(u32::MAX));
            rest -= nodes;
            let spread_ns = self.streams.nodes.below(figures.node_start_spread_ns + 1);
            let number = self.pools.orders.len() as u32;
            self.pools.orders.push(Order { pool, nodes, ordered_ns: now, joined: false });
            self.queue.push(now + figures.node_start_ns + spread_ns, Event::NodesJoin(number));
        }
    }

    /// Nodes of an order join.
    pub(crate) fn join_nodes(&mut self, order: usize) {
        let now = self.clock.now_ns();
        let Order { pool, nodes, ordered_ns, .. } = self.pools.orders[order];
        self.pools.orders[order].joined = true;
        self.pools.added_ns = Some(now);
        let world = self.world;
        for _ in 0..nodes {
            let name = &world.pools[pool].name;
            let before = self.nodes.iter().filter_map(|node| node.pool);
            let number = before.filter(|other| &world.pools[*other].name == name).count() as u32;
            let turn = self.nodes.iter().filter(|node| node.pool == Some(pool)).count() as u32;
            let node = seen(&world.pools[pool].node(number, turn), &world.figures);
            let name = node.name.clone();
            let index = self.join_node(Some(pool), node, ordered_ns);
            self.tell_balancers(index, true);
            self.pending.changed(&self.scheduler, Change::Joined(index), now);
            self.happened(What::NodeJoined { node: name });
        }
        let state = &mut self.pools.states[pool];
        (state.nodes, state.coming) = (state.nodes + nodes, state.coming - nodes);
        if state.nodes > state.peak {
            (state.peak, state.peak_at_ns) = (state.nodes, now);
        }
        self.look_at_daemons();
        if self.pending.is_ready() {
            self.schedule_at(now + world.figures.scheduling_delay_ns);
        }
    }

    /// A node is there.
    pub(crate) fn join_node(&mut self, pool: Option<usize>, node: Node, billed_from_ns: u64) -> usize {
        self.nodes.push(room(&node, pool, billed_from_ns));
        self.scheduler.join(node)
    }

    /// The controllers of daemons look at the nodes again.
    fn look_at_daemons(&mut self) {
        for workload in 0..self.workloads.len() {
            if matches!(self.workloads[workload].held, Held::DaemonSet(_)) {
                self.look_soon(self.workloads[workload].desk);
            }
        }
    }

    /// How many nodes the pools had.
    pub(crate) fn pool_traces(&self) -> Vec<PoolTrace> {
        let pools = self.world.pools.iter().zip(&self.pools.states);
        let trace = |(pool, state): (&crate::world::Pool, &Pool)| PoolTrace {
            name: pool.name.clone(),
            began: pool.nodes,
            max: pool.max,
            peak: state.peak,
            peak_at_ns: state.peak_at_ns,
            ended: state.nodes,
        };
        pools.map(trace).collect()
    }
}
