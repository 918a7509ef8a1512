//! Which new nodes the pending pods ask for: they are packed on imagined nodes of each pool, by the scheduler's own rules.

use std::cmp::Reverse;

use super::NODES_AN_ORDER_MAX;
use crate::cluster::Held;
use crate::model::scheduler::cache::Scheduler;
use crate::model::scheduler::node::Node;
use crate::model::scheduler::shape::Resources;
use crate::run::Run;
use crate::run::fill::seen;

/// New nodes of one pool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Offer {
    /// The index of the pool.
    pub pool: usize,
    /// How many nodes.
    pub nodes: u32,
    /// How many pending pods they would take.
    pub pods: u32,
    /// The parts of CPU and memory that nobody would request, added up.
    waste: f64,
}

/// A pending pod: its shape, and the kinds of node that a `ResourcePolicy` allows it.
#[derive(Clone, Debug, PartialEq)]
struct Wish {
    shape: usize,
    units: Vec<bool>,
}

/// What an empty node of a pool is, daemons included.
struct Template {
    node: Node,
    daemons: Vec<usize>,
}

impl Template {
    /// Adds such a node to an imagined cluster.
    fn join(&self, imagined: &mut Scheduler, number: u32) -> usize {
        let mut node = self.node.clone();
        // A name of its own, or spreading over host names would take all for one.
        node.name = format!("{}+{number}", node.name);
        if let Some(name) = node.labels.get_mut("kubernetes.io/hostname") {
            name.clone_from(&node.name);
        }
        let index = imagined.join(node);
        self.daemons.iter().for_each(|shape| imagined.add(*shape, index));
        index
    }
}

impl Run<'_> {
    /// The best offer for the pods that no node takes; `None` if there are none, or no pool helps.
    pub(super) fn wanted(&self) -> Option<Offer> {
        let mut wishes = self.wishes();
        if wishes.is_empty() {
            return None;
        }
        let templates: Vec<Template> = (0..self.world.pools.len()).map(|pool| self.template(pool)).collect();
        let mut imagined = self.scheduler.clone();
        for (pool, template) in templates.iter().enumerate() {
            for number in 0..self.pools.states[pool].coming {
                template.join(&mut imagined, number);
            }
        }
        // What is on its way may be enough.
        let mut hopeless: Vec<Wish> = Vec::new();
        wishes.retain(|wish| {
            if hopeless.contains(wish) {
                return true;
            }
            let placed = settle(&mut imagined, wish);
            if !placed {
                hopeless.push(wish.clone());
            }
            !placed
        });
        let offers = templates.iter().enumerate().filter_map(|(pool, template)| {
            let state = self.pools.states[pool];
            let room = self.world.pools[pool].max.saturating_sub(state.nodes + state.coming);
            pack(imagined.clone(), pool, template, &wishes, room.min(NODES_AN_ORDER_MAX))
        });
        offers.min_by(|a, b| a.waste.total_cmp(&b.waste))
    }

    /// The pods that were refused, those that request most first.
    fn wishes(&self) -> Vec<Wish> {
        let refused = self.pending.refused().filter(|(pod, _)| self.pods[*pod as usize].pinned.is_none());
        let mut wishes: Vec<Wish> =
            refused.map(|(pod, shape)| Wish { shape, units: self.units(pod) }).collect();
        wishes.sort_by_key(|wish| {
            let requests = self.scheduler.requests(wish.shape);
            // Four GiB beside a core, as most nodes have it.
            let size = i128::from(requests.cpu_milli) * (4 << 30) / 1000 + i128::from(requests.memory_bytes);
            (Reverse(size), wish.shape)
        });
        wishes
    }

    fn template(&self, pool: usize) -> Template {
        let node = seen(&self.world.pools[pool].node(u32::MAX, 0), &self.world.figures);
        let daemons = self.workloads.iter().filter(|workload| {
            let demands = &workload.present().demands;
            !workload.removed
                && matches!(workload.held, Held::DaemonSet(_))
                && demands.on(0, &node.name, &node.labels, &node.taints).starts
        });
        Template { daemons: daemons.map(|workload| workload.present().shape).collect(), node }
    }
}

/// Gives a pod a node of an imagined cluster, if one takes it.
fn settle(imagined: &mut Scheduler, wish: &Wish) -> bool {
    let found = imagined.place(wish.shape, &wish.units);
    if let Ok(node) = found {
        imagined.add(wish.shape, node);
    }
    found.is_ok()
}

/// Packs pods on at most `room` new nodes: a node is added when no other takes the next pod. A pod that an empty node
/// does not take stays out.
fn pack(
    mut imagined: Scheduler,
    pool: usize,
    template: &Template,
    wishes: &[Wish],
    room: u32,
) -> Option<Offer> {
    let mut added: Vec<usize> = Vec::new();
    let (mut pods, mut unused) = (0, None);
    let mut requested = Resources::default();
    let mut hopeless: Vec<&Wish> = Vec::new();
    for wish in wishes {
        if hopeless.contains(&wish) {
            continue;
        }
        let mut placed = settle(&mut imagined, wish);
        if !placed && unused.is_none() && (added.len() as u32) < room {
            let node = template.join(&mut imagined, 1_000_000 + added.len() as u32);
            added.push(node);
            unused = Some(node);
            placed = settle(&mut imagined, wish);
        }
        if placed {
            pods += 1;
            requested.add(imagined.requests(wish.shape), 1);
            unused = unused.filter(|node| imagined.pods_on(*node) as usize == template.daemons.len());
        } else {
            hopeless.push(wish);
        }
    }
    let nodes = added.iter().filter(|node| Some(**node) != unused).count() as u32;
    (nodes > 0).then(|| Offer { pool, nodes, pods, waste: waste(requested, template, nodes) })
}

/// The parts of CPU and memory that these pods leave, added up, as the expander `least-waste` has it.
fn waste(requested: Resources, template: &Template, nodes: u32) -> f64 {
    let each = template.node.allocatable;
    let unused = |used: i64, each: i64| 1.0 - used as f64 / (each.max(1) as f64 * f64::from(nodes));
    unused(requested.cpu_milli, each.cpu_milli) + unused(requested.memory_bytes, each.memory_bytes)
}
