//! Finds what amounts to nothing: services that take no time, timeouts of none, bounds that nothing can be measured by.

use compiler::document::{Node, Value};
use compiler::resolve::form;

use super::{Reader, value};
use crate::model::traffic::is_silent;
use crate::rules;
use crate::scenario::{Objective, Scenario};

impl Reader<'_, '_> {
    /// Every such thing of a scenario.
    pub(super) fn only_something(&mut self, scenario: &Scenario) {
        let node = self.node;
        for service in node.children_named("service") {
            self.takes_time(service);
            for call in service.children_named("calls") {
                self.lasts(call, "cache");
                self.tries(call);
            }
        }
        for client in node.children_named("client") {
            self.tries(client);
        }
        if let Some(objective) = node.child("objective") {
            self.can_be_measured(objective, scenario);
        }
    }

    fn takes_time(&mut self, service: &Node) {
        let is_zero = |found: Option<&Value>| found.and_then(form::duration_ns) == Some(0);
        let cpu = value(service, "cpu").filter(|cpu| is_zero(Some(cpu)));
        let waits = service.child("wait").is_some_and(|wait| !is_zero(value(wait, "mean")));
        let calls = service.child("calls").is_some();
        if let (Some(cpu), Some(component), false, false) = (cpu, service.identity(), waits, calls) {
            self.diagnostics.push(rules::service_without_time::found(component, cpu.span));
        }
    }

    /// How a `client` or a `calls` tries.
    fn tries(&mut self, node: &Node) {
        self.lasts(node, "timeout");
        if let Some(pool) = node.child("pool") {
            self.lasts(pool, "lifetime");
        }
    }

    fn lasts(&mut self, node: &Node, key: &str) {
        if let Some(written) = value(node, key).filter(|written| form::duration_ns(written) == Some(0)) {
            self.diagnostics.push(rules::zero_time::found(key, written.span));
        }
    }

    fn can_be_measured(&mut self, node: &Node, scenario: &Scenario) {
        let Objective { success, p99, .. } = scenario.objective;
        // What is wrong elsewhere may be why nothing seems to arrive.
        let silent = (success.is_some() || p99.is_some())
            && !self.diagnostics.has_errors()
            && scenario.traffic.iter().all(|traffic| is_silent(traffic, scenario));
        for (key, bound, greatest) in [("success", success, 100.0), ("p99", p99, f64::INFINITY)] {
            let (Some(bound), Some(written)) = (bound, value(node, key)) else { continue };
            let at_end = if bound.at_least { bound.value <= 0.0 } else { bound.value >= greatest };
            let never = key == "p99" && !bound.at_least && bound.value <= 0.0;
            if at_end || never {
                self.diagnostics.push(rules::impossible_objective::found(key, at_end, written.span));
            } else if silent {
                self.diagnostics.push(rules::unmeasured_objective::found(key, written.span));
            }
        }
    }
}
