//! What the custom and external metrics APIs tell: what the scenario says that a metric's name means.

use crate::cluster::Phase;
use crate::engine::clock::SECOND_NS;
use crate::engine::queue::Event;
use crate::mechanism::{Mechanism, Number, seconds};
use crate::run::Run;
use crate::scenario::{Measure, Metric, Scenario};

/// `custom-metrics`
pub static MECHANISM: Mechanism = Mechanism {
    name: "custom-metrics",
    docs: "What autoscalers read besides CPU and memory, by the names that the scenario gives them: requests a second that pods take, or that are sent to them, as a mean since the scrape before; requests inside them, and those that wait for a worker, at the scrape. A Pods metric has a value for each running pod of the autoscaler's own target; an Object or External metric has one, the sum over the pods of a component. Selectors of metrics are not looked at, and nothing delays the way from a pod to the API but the scrapes.",
    defaults: &[Number {
        name: "time between two scrapes",
        value: |figures| seconds(figures.metrics_resolution_ns),
        source: "assumption: as often as metrics-server asks",
    }],
};

/// What was scraped of one pod, or is the sum over the pods of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// When.
    pub at_ns: u64,
    counted: Counted,
    /// The requests a second that were taken and sent, in thousandths; `None` at the first scrape.
    rates_milli: Option<Counted>,
    in_flight: u64,
    waiting: u64,
}

/// Requests since the beginning, or a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Taken by a pod.
    pub taken: u64,
    /// Sent to it, refused ones included.
    pub sent: u64,
}

impl Reading {
    /// What was scraped, with rates since the scrape before.
    fn new(at_ns: u64, counted: Counted, in_flight: u64, waiting: u64, before: Option<Self>) -> Self {
        let rates_milli = before.filter(|before| before.at_ns < at_ns).map(|before| {
            let rate = |now: u64, then: u64| {
                let milli = u128::from(now - then) * 1000 * u128::from(SECOND_NS);
                u64::try_from(milli / u128::from(at_ns - before.at_ns)).unwrap_or(u64::MAX)
            };
            Counted {
                taken: rate(counted.taken, before.counted.taken),
                sent: rate(counted.sent, before.counted.sent),
            }
        });
        Self { at_ns, counted, rates_milli, in_flight, waiting }
    }

    /// The value of what a name means, in thousandths.
    pub fn milli(&self, measure: Measure) -> Option<i64> {
        let milli = match measure {
            Measure::Requests => self.rates_milli?.taken,
            Measure::Arrivals => self.rates_milli?.sent,
            Measure::InFlight => self.in_flight * 1000,
            Measure::Queue => self.waiting * 1000,
        };
        Some(i64::try_from(milli).unwrap_or(i64::MAX))
    }
}

impl Scenario {
    /// What a metric's name means.
    pub(crate) fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name == name)
    }

    /// What the name of a Pods metric means for the pods of a component; of others' pods it says nothing.
    pub(crate) fn metric_of_pods(&self, name: &str, component: &str) -> Option<&Metric> {
        self.metric(name).filter(|metric| metric.of.as_deref().is_none_or(|of| of == component))
    }
}

impl Run<'_> {
    /// Scrapes every running pod, and adds up what each component has.
    pub(crate) fn measure(&mut self) {
        let now = self.clock.now_ns();
        let mut sums = vec![(Counted::default(), 0, 0); self.components.len()];
        for pod in self.living().into_iter().map(|pod| pod as usize) {
            self.account(pod as u32);
            if self.pods[pod].phase != Phase::Running {
                self.pods[pod].reading = None;
                continue;
            }
            let (in_flight, waiting) = self.inside(pod as u32);
            let (counted, _, _) = self.works[pod].counted();
            let state = &mut self.pods[pod];
            let reading = Reading::new(now, counted, in_flight, waiting, state.reading);
            state.reading = Some(reading);
            let (rates, inside, queued) = &mut sums[self.workloads[state.workload].component];
            let more = reading.rates_milli.unwrap_or_default();
            (rates.taken, rates.sent) = (rates.taken + more.taken, rates.sent + more.sent);
            (*inside, *queued) = (*inside + in_flight, *queued + waiting);
        }
        for (component, (rates, in_flight, waiting)) in sums.into_iter().enumerate() {
            // What meets no ready pod was sent to the component all the same.
            let unrouted = Counted { taken: 0, sent: self.counters[component].total.unrouted };
            let state = &mut self.components[component];
            let mut reading = Reading::new(now, unrouted, in_flight, waiting, state.reading);
            if let Some(own) = &mut reading.rates_milli {
                *own = Counted { taken: rates.taken, sent: rates.sent + own.sent };
            }
            state.reading = Some(reading);
        }
        self.queue.push(now + self.world.figures.metrics_resolution_ns, Event::Measure);
    }

    /// The value of an Object or External metric for an autoscaler of a component, in thousandths.
    pub(crate) fn metric_of_component(&self, name: &str, own: usize) -> Option<i64> {
        let metric = self.scenario.metric(name)?;
        let component = match &metric.of {
            None => own,
            Some(of) => *self.component_named.get(of)?,
        };
        self.components[component].reading?.milli(metric.is)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_means_since_the_scrape_before() {
        let first = Reading::new(SECOND_NS, Counted { taken: 10, sent: 12 }, 3, 1, None);
        assert_eq!(first.milli(Measure::Requests), None);
        assert_eq!((first.milli(Measure::InFlight), first.milli(Measure::Queue)), (Some(3_000), Some(1_000)));
        let second = Reading::new(16 * SECOND_NS, Counted { taken: 25, sent: 62 }, 0, 0, Some(first));
        let rates = (second.milli(Measure::Requests), second.milli(Measure::Arrivals));
        assert_eq!(rates, (Some(1_000), Some(3_333)));
    }
}
