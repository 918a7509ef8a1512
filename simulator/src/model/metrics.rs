//! What metrics-server tells: the mean CPU use of each pod between two scrapes, and its memory at the second.

use crate::cluster::Phase;
use crate::engine::queue::Event;
use crate::mechanism::{Mechanism, Number, seconds};
use crate::run::Run;
use crate::scenario::FaultKind;

/// `metrics`
pub static MECHANISM: Mechanism = Mechanism {
    name: "metrics",
    docs: "metrics-server: at each scrape the mean CPU use of every running pod since the scrape before, and what it keeps in memory at that moment, where the scenario says how much that is. A pod has a sample once its first window is long enough, and loses it when it is gone. All kubelets answer at once.",
    defaults: &[
        Number {
            name: "resolution",
            value: |figures| seconds(figures.metrics_resolution_ns),
            source: "metrics-server, manifests/base/deployment.yaml: --metric-resolution",
        },
        Number {
            name: "shortest window",
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

impl Run<'_> {
    /// Asks every kubelet. All of them answer at once: upstream spreads its questions over a tenth of a second.
    pub(crate) fn scrape(&mut self) {
        let now = self.clock.now_ns();
        if self.next_scrape_ns != Some(now) {
            return;
        }
        let figures = &self.world.figures;
        for pod in 0..self.pods.len() {
            let state = &self.pods[pod];
            if state.phase != Phase::Running {
                continue;
            }
            let usage = self.works[pod].usage(now);
            let begin = state.scraped_ns.max(state.running_ns);
            let window_ns = (now.cast_signed() - begin).max(0) as u64;
            // Too short a window makes no sample; a fresh container waits for the next scrape.
            if window_ns < figures.metrics_window_min_ns {
                continue;
            }
            let cpu_milli = (usage - state.scraped_usage).div_ceil(window_ns);
            let memory = self.memory_of(pod as u32);
            let state = &mut self.pods[pod];
            state.metric = Some(Measured {
                at_ns: now.cast_signed(),
                window_ns: window_ns.cast_signed(),
                cpu_milli: cpu_milli.cast_signed(),
                memory_bytes: memory.map(|memory| memory.with(self.works[pod].inside())),
            });
            (state.scraped_usage, state.scraped_ns) = (usage, now.cast_signed());
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
                pod.metric = None;
            }
            self.tell_fault("metrics-server", "answers nothing");
        } else {
            self.scrape_at(self.clock.now_ns());
            self.tell_fault("metrics-server", "works again, and asks every kubelet");
        }
    }
}
