//! What metrics-server tells: the mean CPU use of each pod between two scrapes.

use super::autoscaler::look::Sample;
use crate::cluster::Phase;
use crate::engine::queue::Event;
use crate::mechanism::{Mechanism, Number, seconds};
use crate::run::Run;

/// `metrics`
pub static MECHANISM: Mechanism = Mechanism {
    name: "metrics",
    docs: "metrics-server: at each scrape the mean CPU use of every running pod since the scrape before. A pod has a sample once its first window is long enough, and loses it when it is gone. All kubelets answer at once.",
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

impl Run<'_> {
    /// Asks every kubelet. All of them answer at once: upstream spreads its questions over a tenth of a second.
    pub(crate) fn scrape(&mut self) {
        let now = self.clock.now_ns();
        let figures = &self.world.figures;
        for pod in 0..self.pods.len() {
            let state = &mut self.pods[pod];
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
            let milli = (usage - state.scraped_usage).div_ceil(window_ns);
            state.metric = Some(Sample {
                at_ns: now.cast_signed(),
                window_ns: window_ns.cast_signed(),
                milli: milli.cast_signed(),
            });
            (state.scraped_usage, state.scraped_ns) = (usage, now.cast_signed());
        }
        self.queue.push(now + figures.metrics_resolution_ns, Event::Scrape);
    }
}
