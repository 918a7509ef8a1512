//! Who calls whom: components whose rates follow from each other.

use super::State;
use crate::engine::trace::Requests;
use crate::run::Run;
use crate::scenario::Patience;

/// Components that call each other, callers first.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub components: Vec<usize>,
    /// Up to when its rates are accounted for.
    pub now_ns: u64,
}

/// A component that another calls.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub to: usize,
    pub optional: bool,
    /// Calls for each request of the caller.
    pub per_request: f64,
}

impl Edge {
    /// How often a request calls, and with which chance it goes on after that, where each call is answered with a chance.
    pub fn calls(&self, answered: f64) -> (f64, f64) {
        if self.optional {
            return (self.per_request, 1.0);
        }
        let (whole, rest) = (self.per_request.floor(), self.per_request.fract());
        let all = libm::pow(answered, whole);
        // The first of the calls that fails is the last that is made.
        let made = if answered < 1.0 { (1.0 - all) / (1.0 - answered) } else { whole };
        (made + rest * all, all * (1.0 - rest * (1.0 - answered)))
    }
}

impl Run<'_> {
    /// Works out who calls whom.
    pub(super) fn prepare_flow(&mut self) {
        let count = self.components.len();
        self.flow.seen = vec![Requests::default(); count];
        for component in 0..count {
            let edges = self.components[component].calls.iter().map(|edge| Edge {
                to: self.callers[edge.client as usize].component,
                optional: edge.optional,
                per_request: edge.per_request,
            });
            let edges = edges.collect();
            let source = self.sources.iter().position(|source| source.component == component);
            let model = (0..component).find(|other| self.serve_alike(*other, component)).unwrap_or(component);
            self.flow.states.push(State {
                source,
                model,
                edges,
                is_stale: true,
                taken: 1.0,
                ..State::default()
            });
        }
        self.flow.group_of = vec![usize::MAX; count];
        let mut called = vec![0; count];
        self.flow.states.iter().flat_map(|state| &state.edges).for_each(|edge| called[edge.to] += 1);
        for component in 0..count {
            if self.flow.group_of[component] == usize::MAX {
                let group = self.together(component, &mut called.clone());
                for member in &group.components {
                    self.flow.group_of[*member] = self.flow.groups.len();
                }
                self.flow.groups.push(group);
            }
        }
    }

    /// All that a component is connected with, callers before those that they call.
    fn together(&self, component: usize, called: &mut [u32]) -> Group {
        let (mut members, mut next) = (vec![component], 0);
        while next < members.len() {
            let known = members[next];
            next += 1;
            let calls = self.flow.states[known].edges.iter().map(|edge| edge.to);
            let callers = (0..self.flow.states.len())
                .filter(|other| self.flow.states[*other].edges.iter().any(|edge| edge.to == known));
            let near: Vec<usize> = calls.chain(callers).filter(|near| !members.contains(near)).collect();
            for near in near {
                if !members.contains(&near) {
                    members.push(near);
                }
            }
        }
        members.sort_unstable();
        let mut components = Vec::with_capacity(members.len());
        while let Some(place) = members.iter().position(|member| called[*member] == 0) {
            let first = members.remove(place);
            self.flow.states[first].edges.iter().for_each(|edge| called[edge.to] -= 1);
            components.push(first);
        }
        // Nobody simulates a circle of calls by rates: what is in one has none.
        Group { components, now_ns: 0 }
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
