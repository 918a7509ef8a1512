//! What kubelets see and metrics-server tells: the mean CPU use of each pod between two looks, and its memory.

use crate::cluster::Phase;
use crate::engine::queue::Event;
use crate::mechanism::{Mechanism, Number, seconds};
use crate::run::Run;
use crate::scenario::FaultKind;
use crate::world::Figures;

/// `metrics`
pub static MECHANISM: Mechanism = Mechanism {
    name: "metrics",
    docs: "A kubelet looks at a container when it begins and then after once to twice its housekeeping interval, by chance; metrics-server asks for what was seen last. Its sample is the mean CPU use between that and what it heard before, or the beginning of the container if that is less than a resolution ago, and the memory then, where the scenario says how much that is. So a sample is some seconds old, and its window longer or shorter than a resolution. A container that is younger than the shortest window has no sample before the second scrape; one that does not run at a scrape loses its own. While a fault of the scenario takes metrics-server away nothing is answered; it comes back with an empty memory and asks at once, so that most samples are back a resolution later. All kubelets answer at once.",
    defaults: &[
        Number {
            name: "housekeeping interval",
            value: |figures| seconds(figures.housekeeping_ns),
            source: "kubelet, pkg/kubelet/cadvisor/cadvisor_linux.go: defaultHousekeepingInterval; cadvisor, manager/container.go: jitter",
        },
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

/// What a kubelet knew of a container at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// When.
    at_ns: i64,
    /// What it had used by then, in milli-core nanoseconds.
    used: u64,
    /// What it kept in memory; `None` if the scenario does not say.
    memory_bytes: Option<u64>,
}

/// What is known of a pod's container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scraped {
    /// Its beginning.
    begun: Point,
    /// What its kubelet saw last.
    kept: Option<Point>,
    /// When that looks again.
    next_ns: Option<u64>,
    /// What metrics-server heard last.
    last: Option<Point>,
    /// What it counts from.
    before: Option<Point>,
}

impl Scraped {
    /// What metrics-server heard is forgotten.
    fn forget(&mut self) {
        (self.last, self.before) = (None, None);
    }

    /// metrics-server hears of a container. One that is younger than the resolution is counted since its beginning, if it
    /// is old enough; any other since the point that was heard before. A point that was heard already changes nothing.
    fn hear(&mut self, new: Point, figures: &Figures) -> Option<Measured> {
        let (resolution_ns, least_ns) = (figures.metrics_resolution_ns, figures.metrics_window_min_ns);
        let last = self.last.replace(new).filter(|last| self.begun.at_ns < last.at_ns);
        let age_ns = u64::try_from(new.at_ns - self.begun.at_ns).unwrap_or(0);
        if (least_ns..resolution_ns).contains(&age_ns) {
            self.before = Some(self.begun);
        } else if last.is_none_or(|last| last.at_ns < new.at_ns) {
            self.before = last;
        }
        let before = self.before?;
        let window_ns = u64::try_from(new.at_ns - before.at_ns).ok().filter(|window_ns| *window_ns > 0)?;
        Some(Measured {
            at_ns: new.at_ns,
            window_ns: window_ns.cast_signed(),
            cpu_milli: (new.used - before.used).div_ceil(window_ns).cast_signed(),
            memory_bytes: new.memory_bytes,
        })
    }
}

impl Run<'_> {
    /// A container begins, and its kubelet to look at it. One that has run since before the run began is in the middle
    /// of being looked at.
    pub(crate) fn begin_housekeeping(&mut self, pod: u32, ran_before: bool) {
        let now = self.clock.now_ns();
        let begun = self.point(pod);
        let begun_ns = if ran_before { self.pods[pod as usize].running_ns } else { begun.at_ns };
        let begun = Point { at_ns: begun_ns, ..begun };
        let last = ran_before.then_some(Point { at_ns: now.cast_signed(), ..begun });
        self.pods[pod as usize].scraped = Scraped { begun, kept: last, next_ns: None, last, before: None };
        if self.world.figures.housekeeping_ns == 0 {
            return;
        }
        let first_ns = if ran_before { now + self.housekeeping_ns() } else { now };
        self.housekeep_at(pod, first_ns);
    }

    /// From one look of a kubelet at a container to the next: once to twice the interval.
    fn housekeeping_ns(&mut self) -> u64 {
        let interval_ns = self.world.figures.housekeeping_ns;
        interval_ns + self.streams.housekeeping.below(interval_ns)
    }

    fn housekeep_at(&mut self, pod: u32, at_ns: u64) {
        self.pods[pod as usize].scraped.next_ns = Some(at_ns);
        self.queue.push(at_ns, Event::Housekeep(pod));
    }

    /// A kubelet looks at a container.
    pub(crate) fn housekeep(&mut self, pod: u32) {
        let now = self.clock.now_ns();
        let state = &self.pods[pod as usize];
        if state.scraped.next_ns != Some(now) || state.phase != Phase::Running || self.is_asleep(pod) {
            return;
        }
        self.pods[pod as usize].scraped.kept = Some(self.point(pod));
        let next_ns = now + self.housekeeping_ns();
        self.housekeep_at(pod, next_ns);
    }

    /// What a container has used and keeps.
    fn point(&mut self, pod: u32) -> Point {
        let now = self.clock.now_ns();
        self.account(pod);
        let used = self.works[pod as usize].usage(now);
        let memory = self.memory_of(pod).map(|memory| memory.with(self.inside(pod).0 as u32));
        Point { at_ns: now.cast_signed(), used, memory_bytes: memory }
    }

    /// Asks every kubelet. All of them answer at once: upstream spreads its questions over a tenth of a second.
    pub(crate) fn scrape(&mut self) {
        let now = self.clock.now_ns();
        if self.next_scrape_ns != Some(now) {
            return;
        }
        let looks_itself = self.world.figures.housekeeping_ns == 0;
        for pod in self.hear_sleepers() {
            if self.pods[pod as usize].phase != Phase::Running {
                // What no kubelet tells of is forgotten.
                self.pods[pod as usize].metric = None;
                self.pods[pod as usize].scraped.forget();
                continue;
            }
            let kept =
                if looks_itself { Some(self.point(pod)) } else { self.pods[pod as usize].scraped.kept };
            let figures = &self.world.figures;
            let state = &mut self.pods[pod as usize];
            state.metric = kept.and_then(|new| state.scraped.hear(new, figures));
        }
        self.fall_asleep();
        self.scrape_at(now + self.world.figures.metrics_resolution_ns);
    }

    /// The kubelet of a pod looks at it again, after what was measured of it otherwise when it had used so much.
    pub(crate) fn resume_housekeeping(&mut self, pod: u32, used: u64, measured: Measured) {
        let Measured { at_ns, window_ns, cpu_milli, memory_bytes } = measured;
        let known = Point { at_ns, used, memory_bytes };
        // Until it has looked, what was measured is told again.
        let before_ns = at_ns - window_ns;
        let in_window = cpu_milli.unsigned_abs().saturating_mul(window_ns.unsigned_abs());
        let before = Point { at_ns: before_ns, used: used.saturating_sub(in_window), memory_bytes };
        let state = &mut self.pods[pod as usize];
        state.metric = Some(measured);
        (state.scraped.kept, state.scraped.last, state.scraped.before) =
            (Some(known), Some(known), Some(before));
        if self.world.figures.housekeeping_ns > 0 {
            let first_ns =
                self.clock.now_ns() + self.streams.housekeeping.below(self.world.figures.housekeeping_ns);
            self.housekeep_at(pod, first_ns);
        }
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
        self.wake_all();
        if is_broken {
            self.next_scrape_ns = None;
            for pod in &mut self.pods {
                pod.metric = None;
                pod.scraped.forget();
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

    /// Window and mean of each scrape of a container that uses a core, heard of at these seconds.
    fn heard(begun_s: i64, points: &[i64]) -> Vec<Option<(i64, i64)>> {
        let point = |at_s: i64| {
            let used = u64::try_from((at_s - begun_s).max(0) * SECOND * 1000).unwrap();
            Point { at_ns: at_s * SECOND, used, memory_bytes: None }
        };
        let mut scraped = Scraped { begun: point(begun_s), ..Scraped::default() };
        let heard = points.iter().map(|at_s| scraped.hear(point(*at_s), &ACK_DOCS));
        heard.map(|sample| sample.map(|sample| (sample.window_ns / SECOND, sample.cpu_milli))).collect()
    }

    #[test]
    fn a_container_has_a_sample_since_its_beginning_or_since_the_point_before() {
        let core = |window: i64| Some((window, 1000));
        assert_eq!(heard(5, &[15, 30, 45]), [core(10), core(15), core(15)], "since its beginning");
        assert_eq!(heard(6, &[15, 30, 45]), [None, core(15), core(15)], "too young at the first");
        assert_eq!(heard(0, &[15, 30, 45]), [None, core(15), core(15)], "old, and never heard of before");
        assert_eq!(heard(-100, &[12, 14, 31]), [None, core(2), core(17)], "points come when kubelets look");
        assert_eq!(heard(-100, &[12, 26, 26]), [None, core(14), core(14)], "a point is heard twice");
    }
}
