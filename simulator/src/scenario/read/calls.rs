//! Reads how callers try, and which services call which.

use std::collections::BTreeSet;

use compiler::document::{Node, Value};
use compiler::resolve::form;

use super::{Reader, value};
use crate::engine::random::Duration;
use crate::rules;
use crate::scenario::{Call, Patience, Pool, default};

impl<'a> Reader<'a, '_> {
    /// What a `client` or a `calls` says of how it tries.
    pub(super) fn patience(&mut self, node: &Node) -> Patience {
        let count =
            |value: Option<&Value>| value.and_then(form::integer).and_then(|count| count.try_into().ok());
        let duration_ns = |node: &Node, key| value(node, key).and_then(form::duration_ns);
        let pool = node.child("pool").and_then(|pool| {
            let lifetime_ns = duration_ns(pool, "lifetime").filter(|lifetime| *lifetime > 0);
            Some(Pool { connections: count(pool.values.first())?, lifetime_ns })
        });
        let timeout = node.child("timeout").and_then(|timeout| self.time_of(timeout));
        Patience {
            timeout: timeout.filter(|timeout| *timeout != Duration::Constant(0)),
            retries: count(value(node, "retries")).unwrap_or(0),
            backoff_ns: duration_ns(node, "backoff").unwrap_or(default::BACKOFF_NS),
            jitter: value(node, "jitter").and_then(Value::as_text) == Some("full"),
            retry_budget_percent: value(node, "retry-budget").and_then(form::percent),
            pool,
        }
    }

    /// What a `service` calls.
    pub(super) fn calls(&mut self, service: &'a Node, known: &[&str]) -> Vec<Call> {
        let mut calls = Vec::new();
        for node in service.children_named("calls") {
            let Some(to) = self.component(node.values.first(), known) else { continue };
            if !self.is_served(&to) {
                self.diagnostics.push(rules::traffic_without_service::found(&to, "call", node.span));
            }
            let optional = value(node, "optional");
            calls.push(Call {
                to,
                per_request: value(node, "per-request").and_then(form::number).unwrap_or(1.0),
                optional: optional.is_some_and(Value::is_true),
                cache_ns: value(node, "cache").and_then(form::duration_ns).filter(|cache| *cache > 0),
                patience: self.patience(node),
            });
        }
        calls
    }

    /// Whether the scenario says how a component serves.
    pub(super) fn is_served(&self, component: &str) -> bool {
        self.node.children_named("service").any(|service| service.identity() == Some(component))
    }

    /// No component calls itself, over however many others.
    pub(super) fn only_calls_onward(&mut self) {
        let mut calls: Vec<(&str, &str)> = Vec::new();
        for service in self.node.children_named("service") {
            for call in service.children_named("calls") {
                let (Some(from), Some(to)) = (service.identity(), call.identity()) else { continue };
                if let Some(way) = way(&calls, to, from) {
                    let span = call.values.first().map_or(call.span, |value| value.span);
                    self.diagnostics.push(rules::call_in_circle::found(from, &way, span));
                } else {
                    calls.push((from, to));
                }
            }
        }
    }
}

/// Whom one component calls, from itself to another, if it comes to that: the shortest way.
fn way<'n>(calls: &[(&'n str, &'n str)], from: &'n str, to: &str) -> Option<Vec<&'n str>> {
    let mut ways = vec![vec![from]];
    let mut seen = BTreeSet::from([from]);
    let mut next = 0;
    while let Some(way) = ways.get(next).cloned() {
        let last = *way.last()?;
        if last == to {
            return Some(way);
        }
        for (_, called) in calls.iter().filter(|(caller, _)| *caller == last) {
            if seen.insert(called) {
                ways.push([way.as_slice(), &[called]].concat());
            }
        }
        next += 1;
    }
    None
}
