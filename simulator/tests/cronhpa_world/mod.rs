//! The small world of cronhpa's vectors: workloads, a stub of the autoscaler, faults, and the controller's lives.

mod cluster;
mod scenario;

use cluster::Cluster;
use scenario::{EventKind, Scenario};
use serde_json::{Map, Value, json};
use simulator::model::cronhpa::controller::Controller;
use simulator::model::cronhpa::exclude;
use simulator::model::cronhpa::schedule::Schedule;
use simulator::model::cronhpa::zone::Zone;

const MS: i64 = 1_000_000;
/// When the controller starts.
const START_MS: i64 = 250;
/// When the autoscaler syncs first, and how often.
const SYNC_MS: (i64, i64) = (750, 15_000);
const NAMESPACE: &str = "default";

/// The first difference between what a file expects and what cronhpa does.
pub fn difference(vector: &Value) -> Option<String> {
    let scenario: Scenario = match serde_json::from_value(vector["scenario"].clone()) {
        Ok(scenario) => scenario,
        Err(error) => return Some(format!("its scenario cannot be read: {error}")),
    };
    let Some(zone) = Zone::named(&scenario.tz) else { return Some(format!("no zone {}", scenario.tz)) };
    let expected = &vector["expected"];
    let mut got = Map::new();
    got.insert("next".to_owned(), probes(&scenario, &zone));
    got.insert("off".to_owned(), offs(&scenario, &zone));
    if scenario.duration_seconds > 0 {
        let mut world = World::new(scenario, zone);
        let rows = world.run();
        got.insert("rows".to_owned(), Value::Array(rows));
        got.insert("final".to_owned(), world.cluster.state());
    }
    for name in ["rows", "final", "next", "off"] {
        let (got, want) = (got.get(name).unwrap_or(&Value::Null), &expected[name]);
        if let Some(difference) = first(name, got, want) {
            return Some(difference);
        }
    }
    None
}

/// The first entry that differs.
fn first(name: &str, got: &Value, want: &Value) -> Option<String> {
    let is_empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    if got == want || is_empty(got) && is_empty(want) {
        return None;
    }
    let (Some(rows), Some(wanted)) = (got.as_array(), want.as_array()) else {
        return Some(format!("{name} is {got}, upstream has {want}"));
    };
    let index = rows.iter().zip(wanted).position(|(row, wanted)| row != wanted);
    let index = index.unwrap_or(rows.len().min(wanted.len()));
    let row = |rows: &[Value]| rows.get(index).cloned().unwrap_or_default();
    Some(format!("{name} {index} is {}, upstream has {}", row(rows), row(wanted)))
}

fn instant(zone: &Zone, local: &str) -> i64 {
    zone.instant(local.parse().expect("the files write local times so"))
}

fn probes(scenario: &Scenario, zone: &Zone) -> Value {
    let probe = |probe: &scenario::ScheduleProbe| {
        let schedule = match Schedule::parse(&probe.expr) {
            Ok(schedule) => schedule,
            Err(error) => return json!({ "error": error }),
        };
        let (mut at_ns, mut times) = (instant(zone, &probe.from), Vec::new());
        for _ in 0..probe.count {
            let Some(next) = schedule.next(zone, at_ns) else {
                times.push("never".to_owned());
                break;
            };
            at_ns = next;
            let offset = zone.offset_seconds(at_ns) / 60;
            let sign = if offset < 0 { '-' } else { '+' };
            let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
            let local = zone.local(at_ns).strftime("%Y-%m-%d %H:%M:%S");
            times.push(format!("{local} {sign}{hours:02}{minutes:02}"));
        }
        json!(times)
    };
    scenario.schedule_probes.iter().map(probe).collect()
}

fn offs(scenario: &Scenario, zone: &Zone) -> Value {
    let off = |probe: &scenario::ExcludeProbe| {
        exclude::skipped(&probe.exclude_dates, zone, instant(zone, &probe.now)).is_some()
    };
    scenario.exclude_probes.iter().map(off).collect()
}

struct World {
    scenario: Scenario,
    zone: Zone,
    start_ns: i64,
    cluster: Cluster,
    controller: Option<Controller>,
    next_id: u64,
}

impl World {
    fn new(scenario: Scenario, zone: Zone) -> Self {
        let start_ns = instant(&zone, &scenario.start);
        let cluster = Cluster::new(&scenario);
        Self { scenario, zone, start_ns, cluster, controller: None, next_id: 1 }
    }

    /// Every row, in time order.
    fn run(&mut self) -> Vec<Value> {
        let mut rows = Vec::new();
        let end_ms = self.scenario.duration_seconds * 1000;
        let mut now_ms = -1;
        loop {
            let next_ms = self.next_ms(now_ms);
            if next_ms > end_ms {
                return rows;
            }
            now_ms = next_ms;
            self.step(now_ms);
            rows.extend(self.cluster.take_rows());
        }
    }

    /// The next time at which something may happen.
    fn next_ms(&self, now_ms: i64) -> i64 {
        let events = self.scenario.events.iter().map(scenario::Event::at_ms).filter(|at| *at > now_ms);
        let sync = SYNC_MS.0 + (now_ms - SYNC_MS.0).div_euclid(SYNC_MS.1) * SYNC_MS.1 + SYNC_MS.1;
        let wake = self.controller.as_ref().map(|controller| (controller.next_ns() - self.start_ns) / MS);
        let start = (now_ms < START_MS).then_some(START_MS);
        events
            .chain([sync])
            .chain(wake.map(|wake| wake.max(now_ms + 1)))
            .chain(start)
            .min()
            .unwrap_or(i64::MAX)
    }

    fn step(&mut self, now_ms: i64) {
        self.cluster.now_ms = now_ms;
        if now_ms == START_MS {
            self.start();
        }
        for index in 0..self.scenario.events.len() {
            if self.scenario.events[index].at_ms() == now_ms {
                self.event(index);
            }
        }
        self.wake();
        if (now_ms - SYNC_MS.0).rem_euclid(SYNC_MS.1) == 0 && now_ms >= SYNC_MS.0 {
            self.cluster.sync();
        }
    }

    fn now_ns(&self) -> i64 {
        self.start_ns + self.cluster.now_ms * MS
    }

    fn start(&mut self) {
        self.controller = Some(Controller::new(self.zone.clone(), self.next_id, self.now_ns()));
        for name in self.cluster.object_names() {
            self.reconcile(&name);
        }
    }

    fn event(&mut self, index: usize) {
        let event = self.scenario.events[index].clone();
        match event.kind {
            EventKind::ApplyCronhpa => {
                let Some(cronhpa) = event.cronhpa else { return };
                self.cluster.apply(&cronhpa);
                self.reconcile(&cronhpa.name);
            }
            EventKind::DeleteCronhpa => {
                self.cluster.delete(&event.name);
                if let Some(controller) = &mut self.controller {
                    controller.deleted();
                }
            }
            EventKind::SetReplicas => self.cluster.set(&event.name, event.replicas),
            EventKind::ControllerDown => {
                if let Some(controller) = self.controller.take() {
                    self.next_id = controller.next_id();
                }
            }
            EventKind::ControllerUp => self.start(),
        }
    }

    /// Reconciles an object until nothing changes.
    fn reconcile(&mut self, name: &str) {
        let now_ns = self.now_ns();
        let Some(controller) = &mut self.controller else { return };
        while self.cluster.change(name, |object| controller.reconcile(object, NAMESPACE, now_ns)) {}
    }

    /// Lets the controller do what is due, and reconciles what it changed.
    fn wake(&mut self) {
        let now_ns = self.now_ns();
        while let Some(controller) = &mut self.controller
            && controller.next_ns() <= now_ns
        {
            for name in controller.wake(now_ns, &mut self.cluster) {
                self.cluster.tell_statuses();
                self.reconcile(&name);
            }
            self.cluster.tell_statuses();
        }
    }
}
