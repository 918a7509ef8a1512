//! cronhpa in a run: its objects, its one process, and what it finds and changes.

use std::collections::BTreeMap;

use compiler::object::CronHorizontalPodAutoscaler;

use super::api::{Api, Autoscaler, Bounds};
use super::controller::Controller;
use super::object::{CronHpa, Spec, Target};
use super::zone::Zone;
use crate::engine::queue::Event;
use crate::engine::trace::What;
use crate::run::Run;

/// The kinds that are scaled by count.
const SCALED: [&str; 2] = ["Deployment", "StatefulSet"];

/// The controller of a run with its objects.
#[derive(Clone, Debug, Default)]
pub struct Cronhpa {
    /// Its process; `None` where no object asks for it.
    controller: Option<Controller>,
    /// Its objects, with their namespaces.
    objects: BTreeMap<String, (String, CronHpa)>,
    /// When it does something next.
    due_ns: Option<u64>,
}

impl Run<'_> {
    /// The time since 1970, by which schedules go.
    pub(crate) fn wall_ns(&self) -> i64 {
        self.scenario.from_ns + self.clock.now_ns().cast_signed()
    }

    /// An object is there, new or changed.
    pub(crate) fn apply_cronhpa(&mut self, written: &CronHorizontalPodAutoscaler) {
        let metadata = &written.metadata;
        let name = metadata.name.clone().unwrap_or_default();
        let namespace = metadata.namespace.clone().unwrap_or_else(|| "default".to_owned());
        let spec: Spec = serde_json::to_value(&written.spec)
            .and_then(serde_json::from_value)
            .expect("what specc writes for cronhpa, cronhpa reads");
        let object = self.cronhpa.objects.entry(name.clone()).or_default();
        object.0 = namespace;
        object.1 = CronHpa { name: name.clone(), spec, ..std::mem::take(&mut object.1) };
        self.reconcile_cronhpa(&name);
        self.cronhpa_again();
    }

    /// Reconciles an object until nothing changes.
    fn reconcile_cronhpa(&mut self, name: &str) {
        let now_ns = self.wall_ns();
        let zone = || Zone::named(&self.world.clock_zone).unwrap_or_else(Zone::utc);
        let Cronhpa { controller, objects, .. } = &mut self.cronhpa;
        let controller = controller.get_or_insert_with(|| Controller::new(zone(), 1, now_ns));
        if let Some((namespace, object)) = objects.get_mut(name) {
            while controller.reconcile(object, namespace, now_ns) {}
        }
    }

    /// cronhpa does what is due.
    pub(crate) fn cronhpa(&mut self) {
        let now = self.clock.now_ns();
        if self.cronhpa.due_ns != Some(now) {
            return;
        }
        self.cronhpa.due_ns = None;
        let now_ns = self.wall_ns();
        while let Some(mut controller) = self.cronhpa.controller.take() {
            let is_due = controller.next_ns() <= now_ns;
            let changed = if is_due { controller.wake(now_ns, self) } else { Vec::new() };
            self.cronhpa.controller = Some(controller);
            for name in changed {
                self.reconcile_cronhpa(&name);
            }
            if !is_due {
                break;
            }
        }
        self.cronhpa_again();
    }

    fn cronhpa_again(&mut self) {
        let Some(controller) = &self.cronhpa.controller else { return };
        let after_ns = controller.next_ns() - self.scenario.from_ns;
        let at_ns = u64::try_from(after_ns).unwrap_or(0).max(self.clock.now_ns());
        if self.cronhpa.due_ns.is_none_or(|due| at_ns < due) {
            self.cronhpa.due_ns = Some(at_ns);
            self.queue.push(at_ns, Event::Cronhpa);
        }
    }
}

impl Api for Run<'_> {
    fn object(&mut self, name: &str) -> Option<&mut CronHpa> {
        self.cronhpa.objects.get_mut(name).map(|(_, object)| object)
    }

    fn autoscaler(&mut self, name: &str) -> Result<Autoscaler, String> {
        let found = self.autoscalers.iter().find(|autoscaler| autoscaler.name == name && !autoscaler.removed);
        let found =
            found.ok_or_else(|| format!("horizontalpodautoscalers.autoscaling {name:?} not found"))?;
        let key = found.workload.map(|workload| &self.workloads[workload].key);
        Ok(Autoscaler {
            bounds: Bounds { min: found.spec.min, max: found.spec.max },
            target: Target {
                api_version: "apps/v1".to_owned(),
                kind: key.map_or_else(|| SCALED[0].to_owned(), |key| key.kind.clone()),
                name: key.map_or_else(|| name.to_owned(), |key| key.name.clone()),
            },
            current: found.current,
        })
    }

    fn set_bounds(&mut self, name: &str, to: Bounds) -> Result<(), String> {
        if to.min < 1 {
            return Err("spec.minReplicas: Invalid value: must be greater than or equal to 1".to_owned());
        }
        if to.max < to.min {
            let what = "spec.maxReplicas: Invalid value: must be greater than or equal to `minReplicas`";
            return Err(what.to_owned());
        }
        for index in 0..self.autoscalers.len() {
            let autoscaler = &mut self.autoscalers[index];
            if autoscaler.name == name && !autoscaler.removed {
                (autoscaler.spec.min, autoscaler.spec.max) = (to.min, to.max);
                self.stir_autoscaler(index);
            }
        }
        Ok(())
    }

    fn has_kind(&self, group: &str, kind: &str) -> bool {
        group == "apps" && SCALED.contains(&kind)
    }

    fn replicas(&mut self, kind: &str, name: &str) -> Result<i32, String> {
        let found =
            self.workloads.iter().find(|one| one.key.kind == kind && one.key.name == name && !one.removed);
        let count = found.map(|workload| i32::try_from(workload.held.replicas()).unwrap_or(i32::MAX));
        count.ok_or_else(|| format!("{}s.apps {name:?} not found", kind.to_lowercase()))
    }

    fn set_replicas(&mut self, kind: &str, name: &str, to: i32) -> Result<(), String> {
        let is_meant =
            |one: &crate::cluster::Workload| one.key.kind == kind && one.key.name == name && !one.removed;
        let (found, to) = (self.workloads.iter().position(is_meant), u32::try_from(to).unwrap_or(0));
        let workload = found.ok_or_else(|| format!("{}s.apps {name:?} not found", kind.to_lowercase()))?;
        let from = self.workloads[workload].held.replicas();
        self.happened(What::Scaled { deployment: name.to_owned(), from, to });
        self.scale(workload, to);
        Ok(())
    }

    fn event(&mut self, object: &str, _reason: &str, message: String) {
        self.happened(What::Clock { object: object.to_owned(), step: message });
    }
}
