//! The cluster as the scheduler knows it, and its decision: filter, score, choose.
//!
//! Pods of one template are one shape, so every count is kept by shape as pods come and go, and a decision looks at
//! nodes only.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::finder::{Labelled, Selectors};
use super::labels::{Labels, Selector};
use super::neighbours::Relations;
use super::node::{Node, Taken};
use super::refusals::{Refusal, Refusals};
use super::score::{self, weight};
use super::shape::{Resources, Shape};
use super::spread::{self, Domains};
use super::topology::Topology;
use super::{affinity, balance, fit, search, taints};

/// Nodes, pods on them, and what is known of every shape.
#[derive(Clone, Debug, Default)]
pub struct Scheduler {
    pub(super) nodes: Vec<Taken>,
    pub(super) shapes: Vec<Known>,
    /// Shapes by their labels, and by the labels that their selectors need.
    labelled: Labelled,
    selectors: Selectors,
    standings: Vec<Standing>,
    topology: Topology,
    /// Nodes in the order in which they are looked at; made when it is asked for.
    order: Option<Vec<usize>>,
    /// Where the next search begins.
    start: usize,
}

/// A shape with all that follows from it.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) shape: Shape,
    /// What nodes are to it before pods, by its index.
    standing: usize,
    hard: Vec<Domains>,
    soft: Vec<Domains>,
    /// Which shapes each soft constraint means, sorted.
    soft_means: Vec<Vec<usize>>,
    /// Whether each hard constraint means the shape itself.
    hard_means_itself: Vec<bool>,
    relations: Relations,
    /// The constraints that mean this shape: of which shape, whether hard, which one.
    counted_by: Vec<(usize, bool, usize)>,
}

/// What nodes are to shapes that like them alike, whatever pods there are.
#[derive(Clone, Debug)]
struct Standing {
    /// One of the shapes.
    shape: usize,
    nodes: Vec<Fixed>,
}

/// What a shape and a node are to each other, whatever pods there are.
#[derive(Clone, Copy, Debug)]
struct Fixed {
    refusal: Option<Refusal>,
    liking: i64,
    avoided: i64,
}

impl Scheduler {
    /// A node joins; gives its index.
    pub fn join(&mut self, node: Node) -> usize {
        let index = self.nodes.len();
        self.order = None;
        self.topology.join(&node.labels);
        self.nodes.push(Taken::new(node));
        for standing in &mut self.standings {
            standing.nodes.push(fixed(&self.shapes[standing.shape].shape, &self.nodes[index].node));
        }
        for known in &mut self.shapes {
            known.meet(&self.topology, index, &self.nodes[index], |_| 0);
        }
        index
    }

    /// A node without pods leaves; its index stays its own.
    pub fn leave(&mut self, node: usize) {
        self.order = None;
        assert!(self.nodes[node].pods == 0, "a node leaves when its pods have gone");
        self.nodes[node].has_left = true;
        for known in &mut self.shapes {
            let domains = known.hard.iter_mut().chain(&mut known.soft);
            domains.for_each(|domains| domains.leave(&self.topology, node));
        }
    }

    /// Whether a node with these labels is there.
    pub fn has_node(&self, labels: &Labels) -> bool {
        let meets = |node: &Node| labels.iter().all(|(key, value)| node.labels.get(key) == Some(value));
        self.nodes().any(|(_, node)| meets(node))
    }

    /// Every node that is there, with its index.
    pub fn nodes(&self) -> impl Iterator<Item = (usize, &Node)> {
        let there = self.nodes.iter().enumerate().filter(|(_, taken)| !taken.has_left);
        there.map(|(index, taken)| (index, &*taken.node))
    }

    /// What the pods of a shape request.
    pub fn requests(&self, shape: usize) -> Resources {
        self.shapes[shape].shape.requests
    }

    /// How many pods a node has.
    pub fn pods_on(&self, node: usize) -> u32 {
        self.nodes[node].pods
    }

    /// A node takes no new pods, or does again.
    pub fn cordon(&mut self, node: usize, is_cordoned: bool) {
        Arc::make_mut(&mut self.nodes[node].node).is_cordoned = is_cordoned;
        for standing in &mut self.standings {
            standing.nodes[node] = fixed(&self.shapes[standing.shape].shape, &self.nodes[node].node);
        }
    }

    /// The index of a shape, which is learnt if it is new.
    pub fn shape(&mut self, shape: Shape) -> usize {
        let mut like_it = self.labelled.candidates(&Selector::of(&shape.labels)).into_iter();
        if let Some(index) = like_it.find(|index| self.shapes[*index].shape == shape) {
            return index;
        }
        let index = self.shapes.len();
        let standing = self.standing(&shape, index);
        let relations = Relations::new(&shape, |name| key(&mut self.topology, &self.nodes, name));
        let mut domains = |constraint: &spread::Constraint| {
            Domains::new(key(&mut self.topology, &self.nodes, &constraint.key))
        };
        let hard = shape.hard.iter().map(&mut domains).collect();
        let soft = shape.soft.iter().map(&mut domains).collect();
        self.shapes.push(Known {
            standing,
            hard,
            soft,
            soft_means: vec![Vec::new(); shape.soft.len()],
            hard_means_itself: shape.hard.iter().map(|one| one.selector.matches(&shape.labels)).collect(),
            relations,
            counted_by: Vec::new(),
            shape,
        });
        self.relate(index);
        for node in 0..self.nodes.len() {
            let (known, taken) = (&self.shapes[index], &self.nodes[node]);
            let counts: Vec<i64> = known
                .shape
                .hard
                .iter()
                .chain(&known.shape.soft)
                .map(|constraint| self.alike(known, constraint, taken))
                .collect();
            self.shapes[index].meet(&self.topology, node, &self.nodes[node], |constraint| counts[constraint]);
        }
        index
    }

    /// The index of what nodes are to a shape.
    fn standing(&mut self, shape: &Shape, index: usize) -> usize {
        let alike = |known: &Standing| shape.likes_nodes_as(&self.shapes[known.shape].shape);
        self.standings.iter().position(alike).unwrap_or_else(|| {
            let nodes = self.nodes.iter().map(|taken| fixed(shape, &taken.node)).collect();
            self.standings.push(Standing { shape: index, nodes });
            self.standings.len() - 1
        })
    }

    /// Living pods on a node that a constraint of a shape means.
    fn alike(&self, known: &Known, constraint: &spread::Constraint, taken: &Taken) -> i64 {
        let meant = taken
            .tallies
            .iter()
            .filter(|tally| means(&known.shape, constraint, &self.shapes[tally.shape].shape));
        meant.map(|tally| i64::from(tally.living)).sum()
    }

    /// What a new shape and the others are to each other, as far as one of them has a selector that may mean the other.
    fn relate(&mut self, new: usize) {
        let shape = &self.shapes[new].shape;
        let mut others: BTreeSet<usize> = self.selectors.candidates(&shape.labels).into_iter().collect();
        others.extend(shape.selectors().flat_map(|selector| self.labelled.candidates(selector)));
        self.labelled.add(&shape.labels);
        shape.selectors().for_each(|selector| self.selectors.add(selector, new));
        for other in others {
            self.learn(new, other);
            self.learn(other, new);
        }
        self.learn(new, new);
    }

    /// What the pods of another shape are to a shape.
    fn learn(&mut self, own: usize, other: usize) {
        let mut relations = std::mem::take(&mut self.shapes[own].relations);
        let (shape, met) = (&self.shapes[own].shape, &self.shapes[other].shape);
        let (topology, nodes) = (&mut self.topology, &self.nodes);
        relations.learn(shape, other, met, |name| key(topology, nodes, name));
        let is_meant = |constraint: &spread::Constraint| means(shape, constraint, met);
        let hard: Vec<bool> = shape.hard.iter().map(is_meant).collect();
        let soft: Vec<bool> = shape.soft.iter().map(is_meant).collect();
        let counts = |is_hard: bool, meant: &[bool]| {
            let meant: Vec<usize> = (0..meant.len()).filter(|index| meant[*index]).collect();
            meant.into_iter().map(move |index| (own, is_hard, index))
        };
        self.shapes[other].counted_by.extend(counts(true, &hard).chain(counts(false, &soft)));
        let soft_means = self.shapes[own].soft_means.iter_mut().zip(soft);
        soft_means.filter(|(_, is_meant)| *is_meant).for_each(|(means, _)| means.push(other));
        self.shapes[own].relations = relations;
    }

    /// A pod comes to a node.
    pub fn add(&mut self, shape: usize, node: usize) {
        self.nodes[node].add(shape, &self.shapes[shape].shape);
        self.topology.change(node, shape, true);
        self.count(shape, node, 1);
    }

    /// A pod on a node begins to end: it is not spread against any more.
    pub fn end(&mut self, shape: usize, node: usize) {
        self.nodes[node].end(shape);
        self.count(shape, node, -1);
    }

    /// A pod leaves a node.
    pub fn remove(&mut self, shape: usize, node: usize, was_ending: bool) {
        self.nodes[node].remove(shape, &self.shapes[shape].shape, was_ending);
        self.topology.change(node, shape, false);
        if !was_ending {
            self.count(shape, node, -1);
        }
    }

    fn count(&mut self, shape: usize, node: usize, by: i64) {
        for index in 0..self.shapes[shape].counted_by.len() {
            let (owner, is_hard, constraint) = self.shapes[shape].counted_by[index];
            let known = &mut self.shapes[owner];
            let domains = if is_hard { &mut known.hard } else { &mut known.soft };
            domains[constraint].change(&self.topology, node, by);
        }
    }

    /// The node for a pod. `units` are the kinds of node that a `ResourcePolicy` allows, ECI or not, in its order:
    /// the first of which any node would do is used; without units, all nodes are equal.
    ///
    /// Among equals the one that is looked at first is chosen, where upstream draws one.
    pub fn place(&mut self, shape: usize, units: &[bool]) -> Result<usize, Refusals> {
        self.place_among(shape, units, search::enough)
    }

    /// The same where another number of nodes that would do is enough.
    pub fn place_among(
        &mut self,
        shape: usize,
        units: &[bool],
        enough: fn(usize) -> usize,
    ) -> Result<usize, Refusals> {
        let mut fitting = self.fitting(shape, enough)?;
        if !units.is_empty() {
            let is_virtual = |node: usize| self.nodes[node].node.is_virtual;
            let unit = units.iter().find(|eci| fitting.iter().any(|node| is_virtual(*node) == **eci));
            fitting.retain(|node| Some(&is_virtual(*node)) == unit);
        }
        match fitting.as_slice() {
            // No unit of the policy has a node that would do.
            [] => Err(self.full()),
            [only] => Ok(*only),
            several => Ok(self.best(shape, several)),
        }
    }

    fn full(&self) -> Refusals {
        let mut refusals = Refusals::default();
        self.nodes().for_each(|_| refusals.add(Refusal::Affinity));
        refusals
    }

    /// Enough nodes that would do, from where the last search ended.
    fn fitting(&mut self, shape: usize, enough: fn(usize) -> usize) -> Result<Vec<usize>, Refusals> {
        let order = self
            .order
            .take()
            .unwrap_or_else(|| search::order(self.nodes().map(|(index, node)| (index, &node.labels))));
        let number = order.len();
        let enough = enough(number);
        let (mut fitting, mut refusals) = (Vec::with_capacity(enough), Refusals::default());
        let (before, after) = order.split_at(self.start.min(number));
        for node in after.iter().chain(before) {
            match self.refusal(shape, *node) {
                None if fitting.len() == enough => break,
                None => fitting.push(*node),
                Some(refusal) => refusals.add(refusal),
            }
        }
        self.start = (self.start + fitting.len() + refusals.number()) % number.max(1);
        self.order = Some(order);
        if fitting.is_empty() { Err(refusals) } else { Ok(fitting) }
    }

    /// The same for a pod that may go to one node alone.
    pub fn place_on(&self, shape: usize, node: usize) -> Result<usize, Refusals> {
        match self.refusal(shape, node) {
            None => Ok(node),
            Some(refusal) => {
                let mut refusals = Refusals::default();
                self.nodes().skip(1).for_each(|_| refusals.add(Refusal::Affinity));
                refusals.add(refusal);
                Err(refusals)
            }
        }
    }

    /// Why a node does not take a pod.
    pub fn refusal(&self, shape: usize, node: usize) -> Option<Refusal> {
        let known = &self.shapes[shape];
        if let Some(refusal) = self.standings[known.standing].nodes[node].refusal {
            return Some(refusal);
        }
        if !fit::fits(&self.nodes[node], &known.shape) {
            return Some(Refusal::Full);
        }
        let rules = known.hard.iter().zip(&known.shape.hard).zip(&known.hard_means_itself);
        for ((domains, constraint), itself) in rules {
            if !domains.takes(&self.topology, constraint, *itself, node) {
                return Some(Refusal::Spread);
            }
        }
        (!known.relations.allows(&self.topology, node)).then_some(Refusal::Neighbours)
    }

    /// Whether other pods can open a node for a pod of this shape: it must stand evenly with them, or near them.
    pub fn minds_pods(&self, shape: usize) -> bool {
        let shape = &self.shapes[shape].shape;
        !(shape.hard.is_empty() && shape.near.is_empty())
    }

    /// The first of the best.
    fn best(&self, shape: usize, fitting: &[usize]) -> usize {
        let known = &self.shapes[shape];
        let fixed = &self.standings[known.standing].nodes;
        let mut totals = vec![0; fitting.len()];
        let mut add = |scores: &[i64], weight: i64| {
            totals.iter_mut().zip(scores).for_each(|(total, score)| *total += weight * score);
        };
        let each = |of: &dyn Fn(usize) -> i64| fitting.iter().map(|node| of(*node)).collect::<Vec<_>>();
        let mut scores = each(&|node| fixed[node].avoided);
        score::by_greatest(&mut scores, true);
        add(&scores, weight::TAINTS);
        if known.shape.preferred.is_some() {
            let mut scores = each(&|node| fixed[node].liking);
            score::by_greatest(&mut scores, false);
            add(&scores, weight::AFFINITY);
        }
        if !known.soft.is_empty() {
            add(&score::by_crowd(&self.crowds(known, fitting)), weight::SPREAD);
        }
        if known.relations.has_wishes() {
            let mut scores = each(&|node| known.relations.liking(&self.topology, node));
            score::by_range(&mut scores);
            add(&scores, weight::NEIGHBOURS);
        }
        add(&each(&|node| fit::score(&self.nodes[node], &known.shape)), weight::FIT);
        add(&each(&|node| balance::score(&self.nodes[node], &known.shape)), weight::BALANCE);
        let mut best = 0;
        for index in 1..totals.len() {
            if totals[index] > totals[best] {
                best = index;
            }
        }
        fitting[best]
    }

    /// How crowded each node is by the soft constraints; `None` where one of the keys is missing.
    fn crowds(&self, known: &Known, fitting: &[usize]) -> Vec<Option<i64>> {
        let has = |node: usize, domains: &Domains| self.topology.value(domains.key, node).is_some();
        let counts =
            |node: usize| known.shape.soft_by_default || known.soft.iter().all(|domains| has(node, domains));
        let counted: Vec<bool> = fitting.iter().map(|node| counts(*node)).collect();
        let weights: Vec<f64> = known
            .soft
            .iter()
            .zip(&known.shape.soft)
            .map(|(domains, constraint)| {
                let nodes =
                    fitting.iter().zip(&counted).filter(|(_, counts)| **counts).map(|(node, _)| *node);
                if constraint.key == spread::HOSTNAME {
                    return spread::weight(nodes.count());
                }
                // Nodes without the key are a domain of their own to the scheduler's default wish.
                let mut seen = vec![false; self.topology.values(domains.key) + 1];
                nodes.for_each(|node| {
                    let value = self.topology.value(domains.key, node);
                    seen[value.map_or(0, |value| value + 1)] = true;
                });
                spread::weight(seen.iter().filter(|seen| **seen).count())
            })
            .collect();
        let crowd = |node: usize| {
            let mut sum = 0.0;
            for (index, (domains, constraint)) in known.soft.iter().zip(&known.shape.soft).enumerate() {
                let Some(value) = self.topology.value(domains.key, node) else { continue };
                let pods = if constraint.key == spread::HOSTNAME {
                    self.nodes[node]
                        .tallies
                        .iter()
                        .filter(|tally| known.soft_means[index].binary_search(&tally.shape).is_ok())
                        .map(|tally| i64::from(tally.living))
                        .sum()
                } else {
                    domains.pods(value)
                };
                sum += spread::crowd(pods, constraint.skew_max, weights[index]);
            }
            sum.round() as i64
        };
        fitting.iter().zip(&counted).map(|(node, counts)| counts.then(|| crowd(*node))).collect()
    }
}

impl Known {
    /// A node joins the domains of the constraints; `alike` says how many pods each constraint means on it.
    fn meet(&mut self, topology: &Topology, index: usize, taken: &Taken, alike: impl Fn(usize) -> i64) {
        let Self { shape, hard, soft, .. } = self;
        let has_all = |keys: &[Domains]| keys.iter().all(|one| topology.value(one.key, index).is_some());
        let honored = |constraint: &spread::Constraint| {
            (!constraint.honors_affinity || affinity::allows(shape, &taken.node))
                && (!constraint.honors_taints || taints::bears_all(shape, &taken.node))
        };
        let (hard_counts, soft_counts) = (has_all(hard), shape.soft_by_default || has_all(soft));
        let number = hard.len();
        for (one, (domains, constraint)) in hard.iter_mut().zip(&shape.hard).enumerate() {
            domains.join(topology, index, hard_counts && honored(constraint), alike(one));
        }
        for (one, (domains, constraint)) in soft.iter_mut().zip(&shape.soft).enumerate() {
            domains.join(topology, index, soft_counts && honored(constraint), alike(number + one));
        }
    }
}

/// Whether a constraint of a shape means the pods of another.
pub(super) fn means(own: &Shape, constraint: &spread::Constraint, other: &Shape) -> bool {
    // Upstream counts no pod for a selector that would select all.
    own.namespace == other.namespace
        && !constraint.selector.is_empty()
        && constraint.selector.matches(&other.labels)
}

fn fixed(shape: &Shape, node: &Node) -> Fixed {
    let refusal = if !taints::enters(shape, node) {
        Some(Refusal::Cordon)
    } else if !taints::bears_all(shape, node) {
        Some(Refusal::Taint)
    } else if !affinity::allows(shape, node) {
        Some(Refusal::Affinity)
    } else {
        None
    };
    Fixed { refusal, liking: affinity::liking(shape, node), avoided: taints::avoided(shape, node) }
}

/// The index of a topology key.
fn key(topology: &mut Topology, nodes: &[Taken], name: &str) -> usize {
    topology.find(name).unwrap_or_else(|| {
        topology.learn(name, nodes.iter().map(|taken| (&taken.node.labels, taken.tallies.as_slice())))
    })
}
