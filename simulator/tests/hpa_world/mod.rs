//! The small world of the HPA vectors: pods, load, samples and faults around one autoscaler.

mod pods;
mod scenario;

use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscalerSpec;
use pods::Pods;
use scenario::{FaultKind, Scenario};
use serde_json::{Value, json};
use simulator::model::autoscaler::look::{Look, PodPhase, PodSeen, Sample, Scale};
use simulator::model::autoscaler::spec::{Resource, Source, Spec};
use simulator::model::autoscaler::status::{Condition, Current};
use simulator::model::autoscaler::sync::Memory;
use simulator::world::AutoscalerFlags;

const MS: i64 = 1_000_000;

/// One scenario as it goes on. Times are milliseconds.
pub struct World {
    scenario: Scenario,
    flags: AutoscalerFlags,
    pods: Pods,
    /// `spec.replicas` of the target.
    replicas: i64,
    /// When pods follow a change of the count, for changes that they have not followed yet.
    follow_ms: Vec<i64>,
    scrape: Scrape,
}

/// The last scrape.
#[derive(Default)]
struct Scrape {
    at_ms: i64,
    /// Pods in it, by number: `app` and `sidecar` use of CPU and memory, and the share of each custom metric.
    pods: Vec<(usize, Usage)>,
}

/// What a pod uses, in thousandths.
#[derive(Clone, Debug, Default)]
struct Usage {
    app: (i64, i64),
    sidecar: (i64, i64),
    custom: Vec<(String, i64)>,
}

impl World {
    /// Reads a scenario.
    pub fn read(scenario: &Value) -> Result<Self, serde_json::Error> {
        let scenario: Scenario = serde_json::from_value(scenario.clone())?;
        let controller = &scenario.controller;
        let ns = |seconds: u64| seconds * 1_000_000_000;
        let flags = AutoscalerFlags {
            sync_period_ns: ns(controller.sync_period_seconds),
            tolerance: controller.tolerance,
            downscale_stabilization_ns: ns(controller.downscale_stabilization_seconds),
            cpu_initialization_ns: ns(controller.cpu_initialization_period_seconds),
            initial_readiness_ns: ns(controller.initial_readiness_delay_seconds),
        };
        let pods = Pods::new(&scenario.pod, scenario.initial_replicas);
        let replicas = scenario.initial_replicas;
        Ok(Self { scenario, flags, pods, replicas, follow_ms: Vec::new(), scrape: Scrape::default() })
    }

    /// One row a sync, in the columns of the files.
    pub fn run(&mut self) -> Vec<[Value; 11]> {
        let period_ms = self.scenario.controller.sync_period_seconds as i64 * 1000;
        let latency_ms = self.scenario.controller.reconcile_latency_ms;
        let mut memory = Memory::default();
        let (mut rows, mut start_ms) = (Vec::new(), 0);
        let mut now_ms = self.first_scrape_ms().min(0) - 1;
        while start_ms + latency_ms < self.scenario.duration_seconds * 1000 {
            let spec = Spec::new(&self.spec_at(start_ms).clone(), &self.flags);
            let decision_ms = start_ms + latency_ms;
            while now_ms < decision_ms {
                now_ms = self.next_ms(now_ms).min(decision_ms);
                self.step(now_ms);
            }
            rows.push(self.sync(&mut memory, &spec, decision_ms));
            start_ms = decision_ms + period_ms;
        }
        rows
    }

    /// The spec that a sync which starts at this time finds.
    fn spec_at(&self, start_ms: i64) -> &HorizontalPodAutoscalerSpec {
        let updates = self.scenario.hpa_updates.iter().rev();
        let mut updates = updates.filter(|update| update.t_seconds * 1000 < start_ms);
        updates.next().map_or(&self.scenario.hpa, |update| &update.spec)
    }

    /// The last scrape at or before the beginning.
    fn first_scrape_ms(&self) -> i64 {
        let (resolution, offset) = self.scrape_ms();
        if resolution == 0 { 0 } else { offset - (offset.div_euclid(resolution) * resolution) - resolution }
    }

    fn scrape_ms(&self) -> (i64, i64) {
        (self.scenario.metrics.resolution_seconds * 1000, self.scenario.metrics.offset_seconds * 1000)
    }

    /// The next time at which something may happen.
    fn next_ms(&self, now_ms: i64) -> i64 {
        let (resolution, offset) = self.scrape_ms();
        let scrape =
            (resolution > 0).then(|| offset + ((now_ms - offset).div_euclid(resolution) + 1) * resolution);
        let faults = self.scenario.faults.iter().flat_map(|fault| [fault.from_seconds, fault.to_seconds]);
        let patches = self.scenario.scale_patches.iter().map(|patch| patch.t_seconds);
        let times = faults.chain(patches).map(|seconds| seconds * 1000);
        let times = times.chain(scrape).chain(self.follow_ms.iter().copied()).chain(self.pods.due_ms());
        times.filter(|time| *time > now_ms).min().unwrap_or(i64::MAX)
    }

    /// Everything that is due at an instant, in the order of the files' rules.
    fn step(&mut self, now_ms: i64) {
        self.pods.advance(now_ms);
        for fault in &self.scenario.faults {
            let (begins, ends) = (fault.from_seconds * 1000 == now_ms, fault.to_seconds * 1000 == now_ms);
            match fault.kind {
                FaultKind::UnreadyPods if begins => self.pods.hold(fault, now_ms),
                FaultKind::UnreadyPods if ends => self.pods.release(fault, now_ms),
                FaultKind::MissingPodMetrics if begins => self.pods.hide(fault),
                FaultKind::MissingPodMetrics if ends => self.pods.show(fault),
                FaultKind::UnreadyPods
                | FaultKind::MissingPodMetrics
                | FaultKind::ResourceApiDown
                | FaultKind::CustomApiDown
                | FaultKind::ExternalApiDown
                | FaultKind::ScaleGetError
                | FaultKind::ScaleUpdateError => {}
            }
        }
        if self.follow_ms.contains(&now_ms) {
            self.follow_ms.retain(|time| *time != now_ms);
            self.pods.follow(self.replicas, now_ms);
        }
        let patches = self.scenario.scale_patches.iter().filter(|patch| patch.t_seconds * 1000 == now_ms);
        for replicas in patches.map(|patch| patch.replicas).collect::<Vec<i64>>() {
            self.set_replicas(replicas, now_ms);
        }
        let (resolution, offset) = self.scrape_ms();
        if resolution > 0 && (now_ms - offset).rem_euclid(resolution) == 0 {
            self.take_scrape(now_ms);
        }
    }

    fn set_replicas(&mut self, replicas: i64, now_ms: i64) {
        self.replicas = replicas;
        match self.scenario.pod.creation_delay_seconds {
            0 => self.pods.follow(replicas, now_ms),
            delay => self.follow_ms.push(now_ms + delay * 1000),
        }
    }

    fn take_scrape(&mut self, now_ms: i64) {
        let load = self.scenario.load_at(now_ms).clone();
        let share = |total: i64, of: usize, place: usize| {
            let (of, place) = (of as i64, place as i64);
            total / of + i64::from(place < total % of)
        };
        let ready = self.pods.ready();
        let pod = &self.scenario.pod;
        let capped = |use_: i64, limit: i64| if limit > 0 { use_.min(limit) } else { use_ };
        self.scrape = Scrape { at_ms: now_ms, pods: Vec::new() };
        for number in self.pods.measured(now_ms, pod.metrics_delay_seconds * 1000) {
            let place = ready.iter().position(|other| *other == number);
            let part = |total: i64| place.map_or(0, |place| share(total, ready.len(), place));
            let starting = if place.is_none() { pod.startup_cpu_milli } else { 0 };
            let cpu = capped(pod.base_cpu_milli + part(load.total_cpu_milli) + starting, pod.cpu_limit_milli);
            let memory_bytes =
                capped((pod.base_mem_mib << 20) + part(load.total_mem_mib << 20), pod.mem_limit_mib << 20);
            let sidecar = pod.sidecar.as_ref();
            let custom =
                load.custom.iter().filter_map(|(name, value)| Some((name.clone(), part(value.as_i64()?))));
            let usage = Usage {
                app: (cpu, memory_bytes * 1000),
                sidecar: sidecar
                    .map_or((0, 0), |sidecar| (sidecar.cpu_milli, (sidecar.mem_mib << 20) * 1000)),
                custom: custom.collect(),
            };
            self.scrape.pods.push((number, usage));
        }
    }

    fn sync(&mut self, memory: &mut Memory, spec: &Spec, now_ms: i64) -> [Value; 11] {
        if self.scenario.metrics.resolution_seconds == 0 {
            self.take_scrape(now_ms);
        }
        let seen: Vec<(usize, PodSeen)> = self.pods.seen();
        let status = self.pods.count();
        let ready = self.pods.ready().len();
        let gettable = !self.fails(FaultKind::ScaleGetError, now_ms);
        let scale = Scale { spec: self.replicas as i32, status: status as i32 };
        let external = spec.metrics.iter().map(|metric| self.external(&metric.source, now_ms)).collect();
        let mut look = WorldLook {
            world: self,
            spec,
            now_ms,
            scale: gettable.then_some(scale),
            pods: seen.iter().map(|(_, pod)| *pod).collect(),
            numbers: seen.iter().map(|(number, _)| *number).collect(),
            external,
            writable: !self.fails(FaultKind::ScaleUpdateError, now_ms),
        };
        let synced = memory.sync(spec, &mut look, now_ms * MS, &self.flags);
        let before = self.replicas;
        if let Some(written) = synced.written {
            self.set_replicas(written.into(), now_ms);
        }
        let condition = |condition: Option<Condition>| condition.map(|condition| condition.to_string());
        let status_now = &memory.status;
        let metrics: Vec<Value> =
            status_now.metrics.iter().map(|metric| metric.map_or(Value::Null, row)).collect();
        [
            json!(now_ms),
            if gettable { json!(before) } else { Value::Null },
            json!(status),
            json!(ready),
            json!(synced.recommendation),
            json!(synced.written),
            json!(status_now.desired),
            json!(condition(status_now.able_to_scale)),
            json!(condition(status_now.scaling_active)),
            json!(condition(status_now.scaling_limited)),
            json!(metrics),
        ]
    }

    /// The series of an external metric; `None` if it cannot be had.
    fn external(&self, source: &Source, now_ms: i64) -> Option<Vec<i64>> {
        let Source::External { name } = source else { return None };
        if self.fails(FaultKind::ExternalApiDown, now_ms) {
            return None;
        }
        let value = self.scenario.load_at(now_ms).custom.get(name)?;
        let series = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        series.iter().map(Value::as_i64).collect()
    }

    fn fails(&self, kind: FaultKind, now_ms: i64) -> bool {
        self.scenario.faults.iter().any(|fault| fault.kind == kind && fault.holds(now_ms))
    }
}

fn row(current: Current) -> Value {
    json!([current.utilization, current.average_milli, current.value_milli])
}

/// The world as one sync sees it.
struct WorldLook<'a> {
    world: &'a World,
    spec: &'a Spec,
    now_ms: i64,
    scale: Option<Scale>,
    pods: Vec<PodSeen>,
    /// Their numbers.
    numbers: Vec<usize>,
    external: Vec<Option<Vec<i64>>>,
    writable: bool,
}

impl Look for WorldLook<'_> {
    fn scale(&self) -> Option<Scale> {
        self.scale
    }

    fn pods(&self) -> &[PodSeen] {
        &self.pods
    }

    fn sample(&self, metric: usize, pod: usize) -> Option<Sample> {
        let seen = self.pods.get(pod).filter(|seen| seen.phase == PodPhase::Running && !seen.terminating)?;
        assert!(seen.start_time_ns.is_some(), "a running pod has a start time");
        let number = self.numbers[pod];
        let (_, usage) = self.world.scrape.pods.iter().find(|(other, _)| *other == number)?;
        let milli = match &self.spec.metrics[metric].source {
            Source::Resource { resource, container } => {
                if self.world.fails(FaultKind::ResourceApiDown, self.now_ms) {
                    return None;
                }
                let of = |(cpu, memory): (i64, i64)| if *resource == Resource::Cpu { cpu } else { memory };
                let has_sidecar = self.world.scenario.pod.sidecar.is_some();
                match container.as_deref() {
                    None => of(usage.app) + of(usage.sidecar),
                    Some("app") => of(usage.app),
                    Some("sidecar") if has_sidecar => of(usage.sidecar),
                    Some(_) => return None,
                }
            }
            Source::Pods { name } => {
                if self.world.fails(FaultKind::CustomApiDown, self.now_ms) {
                    return None;
                }
                usage.custom.iter().find(|(other, _)| other == name)?.1
            }
            Source::Object { .. } | Source::External { .. } => return None,
        };
        let window_ns = self.world.scenario.metrics.window_seconds * 1000 * MS;
        Some(Sample { at_ns: self.world.scrape.at_ms * MS, window_ns, milli })
    }

    fn request_milli(&self, metric: usize, _pod: usize) -> Option<i64> {
        let Source::Resource { resource, container } = &self.spec.metrics[metric].source else { return None };
        let pod = &self.world.scenario.pod;
        let request = |cpu: i64, memory_mib: i64| {
            let milli = if *resource == Resource::Cpu { cpu } else { (memory_mib << 20) * 1000 };
            (milli > 0).then_some(milli)
        };
        let app = || request(pod.cpu_request_milli, pod.mem_request_mib);
        let sidecar = || {
            let sidecar = pod.sidecar.as_ref();
            sidecar.map(|sidecar| request(sidecar.cpu_request_milli, sidecar.mem_request_mib))
        };
        match container.as_deref() {
            None => Some(app()? + sidecar().unwrap_or(Some(0))?),
            Some("app") => app(),
            Some("sidecar") => sidecar()?,
            Some(_) => None,
        }
    }

    fn object(&self, metric: usize) -> Option<i64> {
        let Source::Object { name } = &self.spec.metrics[metric].source else { return None };
        if self.world.fails(FaultKind::CustomApiDown, self.now_ms) {
            return None;
        }
        self.world.scenario.load_at(self.now_ms).custom.get(name)?.as_i64()
    }

    fn external(&self, metric: usize) -> Option<&[i64]> {
        self.external[metric].as_deref()
    }

    fn write(&mut self, _replicas: i32) -> bool {
        self.writable
    }
}
