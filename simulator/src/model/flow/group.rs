//! Who calls whom: components whose rates follow from each other.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::toposort;
use petgraph::graphmap::DiGraphMap;
use petgraph::unionfind::UnionFind;

use super::State;
use super::switch::Course;
use crate::engine::trace::Requests;
use crate::model::traffic::Source;
use crate::run::Run;
use crate::scenario::Patience;

/// Components that call each other, callers first.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub components: Vec<usize>,
    /// How its requests are simulated at present.
    pub course: Course,
    /// For how long they were rates before.
    pub on_ns: u64,
    /// Up to when its rates are accounted for.
    pub now_ns: u64,
    /// When it is looked at next.
    pub look_ns: u64,
    /// What it gets of all requests from outside over the run.
    pub part: f64,
}

/// A component that another calls.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub to: usize,
    pub optional: bool,
    /// Calls for each request of the caller.
    pub per_request: f64,
    /// How long a pod keeps an answer, if it does.
    pub cache_ns: Option<u64>,
}

/// What the requests of a caller come to at one of those that it calls.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calls {
    /// Calls that are made, for each request.
    pub made: f64,
    /// Calls that what a pod keeps answers, for each request.
    pub kept: f64,
    /// The share of requests that goes on after them.
    pub passes: f64,
}

impl Edge {
    /// What requests come to where so many of them come to a pod in a nanosecond, and each call takes so long and is
    /// answered with a chance.
    pub fn calls(&self, per_ns: f64, takes_ns: f64, answered: f64) -> Calls {
        let (whole, rest) = (self.per_request.floor(), self.per_request.fract());
        let all = libm::pow(answered, whole);
        // The first of the calls that fails is the last that is made.
        let made = if answered < 1.0 { (1.0 - all) / (1.0 - answered) } else { whole } + rest * all;
        let (made, passes) = if self.optional {
            (self.per_request, 1.0)
        } else {
            (made, all * (1.0 - rest * (1.0 - answered)))
        };
        let Some(kept_ns) = self.cache_ns else { return Calls { made, kept: 0.0, passes } };
        // The first request of a Poisson stream that finds nothing kept calls once, and so do those that come until it is
        // answered; then nobody does for a time.
        let once = made.min(1.0);
        let begun = 1.0 + per_ns * once * takes_ns;
        let missed = begun / (begun + per_ns * once * kept_ns as f64);
        Calls { made: once * missed, kept: made - once * missed, passes: 1.0 - missed * (1.0 - passes) }
    }
}

impl Run<'_> {
    /// Works out who calls whom.
    pub(super) fn prepare_flow(&mut self) {
        let count = self.components.len();
        self.flow.seen = vec![Requests::default(); count];
        let sources = self.sources.iter().enumerate().map(|(index, source)| (source.component, index));
        let sources: BTreeMap<usize, usize> = sources.collect();
        let mut models: Vec<usize> = Vec::new();
        for component in 0..count {
            let edges = self.components[component].calls.iter().map(|edge| Edge {
                to: self.callers[edge.client as usize].component,
                optional: edge.optional,
                per_request: edge.per_request,
                cache_ns: edge.cache_ns,
            });
            let edges = edges.collect();
            let source = sources.get(&component).copied();
            let service = self.components[component].service.map(|service| &self.scenario.services[service]);
            let model = models.iter().copied().find(|model| self.serve_alike(*model, component));
            let model = model.unwrap_or_else(|| {
                models.push(component);
                component
            });
            self.flow.states.push(State {
                source,
                model,
                cpu_ns: service.map_or(0.0, |service| service.cpu.mean_ns()),
                wait_ns: service.map_or(0.0, |service| service.wait.mean_ns()),
                edges,
                is_stale: true,
                begun: 1.0,
                ..State::default()
            });
        }
        self.group();
    }

    /// Puts components together that are connected by calls, and says what each group gets of all requests.
    fn group(&mut self) {
        let count = self.components.len();
        let (mut calls, mut together) = (DiGraphMap::<usize, ()>::new(), UnionFind::new(count));
        for component in 0..count {
            calls.add_node(component);
            for edge in &self.flow.states[component].edges {
                calls.add_edge(component, edge.to, ());
                together.union(component, edge.to);
            }
        }
        let asked = self.sources.iter().filter(|source| source.expected_in_all() > 0.0);
        let asked: BTreeSet<usize> = asked.map(|source| together.find(source.component)).collect();
        for component in 0..count {
            self.flow.states[component].is_asked = asked.contains(&together.find(component));
        }
        if asked.len() <= 1 {
            // There is nothing to decide for those that nobody asks.
            for component in 1..count {
                together.union(0, component);
            }
        }
        self.flow.asked = asked.len() as u32;
        let mut groups: BTreeMap<usize, usize> = BTreeMap::new();
        self.flow.group_of = vec![0; count];
        for component in toposort(&calls, None).expect("no call leads back to its caller (S0410)") {
            let group = *groups.entry(together.find(component)).or_insert_with(|| {
                self.flow.groups.push(Group::default());
                self.flow.groups.len() - 1
            });
            self.flow.groups[group].components.push(component);
            self.flow.group_of[component] = group;
        }
        for source in &self.sources {
            self.flow.groups[self.flow.group_of[source.component]].part += source.expected_in_all();
        }
        let in_all: f64 = self.flow.groups.iter().map(|group| group.part).sum();
        for group in &mut self.flow.groups {
            group.part = if in_all > 0.0 { group.part / in_all } else { 1.0 };
        }
    }

    /// What brings requests to a group from outside.
    pub(super) fn sources_of(&self, group: usize) -> impl Iterator<Item = &Source> {
        let components = self.flow.groups[group].components.iter();
        let sources = components.filter_map(|component| self.flow.states[*component].source);
        sources.map(|source| &self.sources[source])
    }

    /// Whether what was found out about one component is true of another.
    fn serve_alike(&self, one: usize, other: usize) -> bool {
        let service = |component: usize| {
            self.components[component].service.map(|service| &self.scenario.services[service])
        };
        let alike = match (service(one), service(other)) {
            (Some(one), Some(other)) => one.serves_like(other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        alike && self.patience_of(one) == self.patience_of(other)
    }

    /// How the first callers of a component try.
    pub(super) fn patience_of(&self, component: usize) -> Patience {
        let callers = self.callers.iter().find(|callers| callers.component == component);
        callers.map(|callers| callers.patience).unwrap_or_default()
    }
}
