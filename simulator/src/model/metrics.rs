//! What metrics-server tells: the mean CPU use of each pod between two scrapes, and its memory at the second.

use crate::cluster::Phase;
use crate::engine::queue::Event;
use crate::mechanism::{Mechanism, Number, seconds};
use crate::run::Run;
use crate::scenario::FaultKind;
use crate::world::Figures;

/// `metrics`
pub static MECHANISM: Mechanism = Mechanism {
    name: "metrics",
    docs: "metrics-server: at each scrape the mean CPU use of every running pod since the scrape before, or since its container began if that is less than a resolution ago, and what it keeps in memory at that moment, where the scenario says how much that is. A younger container has no sample before the second scrape; one that does not run at a scrape loses its own. While a fault of the scenario takes metrics-server away nothing is answered; it comes back with an empty memory and asks at once, so that most samples are back a resolution later. All kubelets answer at once.",
    defaults: &[
        Number {
            name: "resolution",
            value: |figures| seconds(figures.metrics_resolution_ns),
            source: "metrics-server, manifests/base/deployment.yaml: --metric-resolution",
        },
        Number {
            name: "shortest window since a container's beginning",
            value: |figures| seconds(figures.metrics_window_min_ns),
            source: "metrics-server, pkg/storage: freshContainerMinMetricsResolution",
        },
    ],
};

/// What metrics-server tells of one pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// When it was scraped.
    pub at_ns: i64,
    /// Over how long its CPU use is the mean.
    pub window_ns: i64,
    /// That mean, in thousandths of a core.
    pub cpu_milli: i64,
    /// What it kept in memory when it was scraped; `None` if the scenario does not say.
    pub memory_bytes: Option<u64>,
}

/// What metrics-server knows of a pod's container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scraped {
    /// CPU that the pod had used when its container began, in milli-core nanoseconds.
    begun_used: u64,
    /// The last scrape, and what the pod had used by then.
    last: Option<(i64, u64)>,
}

impl Scraped {
    /// A container that has run for long when a run begins, and begins to work then.
    pub(crate) fn at_the_beginning() -> Self {
        Self { begun_used: 0, last: Some((0, 0)) }
    }

    /// A container begins.
    pub(crate) fn begin(&mut self, used: u64) {
        self.begun_used = used;
    }

    /// A scrape at a time: how far back it looks, and the use since then. A container that is younger than the
    /// resolution is looked at since its beginning, if it is old enough; any other since the scrape before, if it
    /// has run since then.
    fn scrape(&mut self, begun_ns: i64, now_ns: i64, used: u64, figures: &Figures) -> Option<(u64, u64)> {
        let (resolution_ns, least_ns) = (figures.metrics_resolution_ns, figures.metrics_window_min_ns);
        let last = self.last.replace((now_ns, used));
        let age_ns = u64::try_from(now_ns - begun_ns).ok()?;
        if (least_ns..resolution_ns).contains(&age_ns) {
            return Some((age_ns, used - self.begun_used));
        }
        let (before_ns, used_before) = last.filter(|(before_ns, _)| begun_ns < *before_ns)?;
        let window_ns = u64::try_from(now_ns - before_ns).ok()?;
        // Only right after the beginning of a run: upstream's scrapes are never that close.
        (window_ns >= least_ns.min(resolution_ns).max(1)).then_some((window_ns, used - used_before))
    }
}

impl Run<'_> {
    /// Asks every kubelet. All of them answer at once: upstream spreads its questions over a tenth of a second.
    pub(crate) fn scrape(&mut self) {
        let now = self.clock.now_ns();
        if self.next_scrape_ns != Some(now) {
            return;
        }
        let figures = &self.world.figures;
        for pod in 0..self.pods.len() {
            let state = &mut self.pods[pod];
            // What no kubelet tells of is forgotten.
            state.metric = None;
            if state.phase != Phase::Running {
                state.scraped.last = None;
                continue;
            }
            let used = self.works[pod].usage(now);
            let window = state.scraped.scrape(state.running_ns, now.cast_signed(), used, figures);
            let memory = self.memory_of(pod as u32);
            self.pods[pod].metric = window.map(|(window_ns, used)| Measured {
                at_ns: now.cast_signed(),
                window_ns: window_ns.cast_signed(),
                cpu_milli: used.div_ceil(window_ns).cast_signed(),
                memory_bytes: memory.map(|memory| memory.with(self.works[pod].inside())),
            });
        }
        self.scrape_at(now + self.world.figures.metrics_resolution_ns);
    }

    /// metrics-server asks at a time and not before.
    pub(crate) fn scrape_at(&mut self, at_ns: u64) {
        self.next_scrape_ns = Some(at_ns);
        self.queue.push(at_ns, Event::Scrape);
    }

    /// metrics-server ends, or comes back without what it knew and asks at once.
    pub(crate) fn metrics_fault(&mut self) {
        let is_broken = self.is_broken(FaultKind::Metrics);
        if is_broken == self.next_scrape_ns.is_none() {
            return;
        }
        if is_broken {
            self.next_scrape_ns = None;
            for pod in &mut self.pods {
                (pod.metric, pod.scraped.last) = (None, None);
            }
            self.tell_fault("metrics-server", "answers nothing");
        } else {
            self.scrape_at(self.clock.now_ns());
            self.tell_fault("metrics-server", "works again, and asks every kubelet");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::ACK_DOCS;

    const SECOND: i64 = 1_000_000_000;

    #[test]
    fn a_container_has_a_sample_since_its_beginning_or_since_the_scrape_before() {
        let windows = |begun_s: i64| {
            let mut scraped = Scraped::default();
            let mut at = |at_s: i64| {
                let window = scraped.scrape(begun_s * SECOND, at_s * SECOND, at_s.cast_unsigned(), &ACK_DOCS);
                window.map(|(window_ns, used)| (window_ns / SECOND.cast_unsigned(), used))
            };
            [at(15), at(30), at(45)]
        };
        assert_eq!(windows(5), [Some((10, 15)), Some((15, 15)), Some((15, 15))], "since its beginning");
        assert_eq!(windows(6), [None, Some((15, 15)), Some((15, 15))], "too young at the first");
        assert_eq!(windows(0), [None, Some((15, 15)), Some((15, 15))], "old, and never seen before");
        assert_eq!(windows(16), [None, Some((14, 30)), Some((15, 15))], "it began again after the first");
    }
}
