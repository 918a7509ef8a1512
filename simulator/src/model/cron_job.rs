//! Scaling by the clock without cronhpa: a `CronJob` whose pod patches the bounds of an autoscaler.

use compiler::object::ObjectKey;
use k8s_openapi::api::batch::v1::CronJob;
use serde_json::Value;

use super::cronhpa::api::{Api, Bounds};
use super::cronhpa::schedule::Schedule;
use super::cronhpa::zone::Zone;
use crate::engine::queue::Event;
use crate::engine::trace::What;
use crate::mechanism::{Mechanism, Number, seconds};
use crate::run::Run;
use crate::world::Figures;

/// `cron-job`
pub static MECHANISM: Mechanism = Mechanism {
    name: "cron-job",
    docs: "A CronJob whose pod patches the bounds of an autoscaler, as specc makes it where no cronhpa is installed. It is due at full minutes of its time zone; the patch comes when the pod has been made, placed and started, and its image pulled. The pod itself takes no room in a run. A job that does something else is left out, and the report says so.",
    defaults: &[
        Number {
            name: "from due to a job",
            value: |_| seconds(DELAY_NS),
            source: "kube-controller-manager, pkg/controller/cronjob/cronjob_controllerv2.go: nextScheduleDelta",
        },
        Number {
            name: "from due to the patch",
            value: |figures| seconds(patch_after_ns(figures)),
            source: "the sum of the job's delay, two looks of controllers, the scheduler, the pull and the start",
        },
    ],
};

/// From the time at which a job is due to its creation.
const DELAY_NS: u64 = 100_000_000;

/// From the time at which a job is due to its patch.
fn patch_after_ns(figures: &Figures) -> u64 {
    DELAY_NS
        + 2 * figures.controller_delay_ns
        + figures.scheduling_delay_ns
        + figures.pull_ns(figures.image_bytes, false)
        + figures.container_start_ns
}

/// One `CronJob` that patches an autoscaler.
#[derive(Clone, Debug)]
pub struct Clockwork {
    key: ObjectKey,
    schedule: Schedule,
    zone: Zone,
    patch: Patch,
    /// When it is due next, since the start of the run.
    due_ns: Option<u64>,
    /// Patches whose pods have been made.
    started: Vec<Patch>,
}

/// The bounds that a patch sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    autoscaler: String,
    min: Option<i32>,
    max: Option<i32>,
}

impl Patch {
    /// Reads the command of a job's pod; `None` if it is another.
    pub fn read(job: &CronJob) -> Option<Self> {
        let pod = job.spec.job_template.spec.as_ref()?.template.spec.as_ref()?;
        let [container] = pod.containers.as_slice() else { return None };
        let words = || container.command.iter().chain(&container.args).flatten();
        let mut ours = words().map(String::as_str);
        (ours.next() == Some("kubectl") && ours.next() == Some("patch")).then_some(())?;
        let autoscaler = words().find_map(|word| word.strip_prefix("horizontalpodautoscaler/"))?;
        let patch = words().find_map(|word| word.strip_prefix("--patch="))?;
        let patch: Value = serde_json::from_str(patch).ok()?;
        let bound = |name: &str| i32::try_from(patch["spec"][name].as_i64()?).ok();
        Some(Self { autoscaler: autoscaler.to_owned(), min: bound("minReplicas"), max: bound("maxReplicas") })
    }
}

impl Run<'_> {
    /// A `CronJob` is there, new or changed.
    pub(crate) fn apply_cron_job(&mut self, key: ObjectKey, job: &CronJob) {
        let (Some(patch), spec) = (Patch::read(job), &job.spec) else { return };
        // Its five fields begin with the minute, and the process that reads them runs in UTC.
        let Ok(schedule) = Schedule::parse(&format!("0 {}", spec.schedule)) else { return };
        let zone = spec.time_zone.as_deref().and_then(Zone::named).unwrap_or_else(Zone::utc);
        for old in self.clocks.iter_mut().filter(|clock| clock.key == key) {
            old.due_ns = None;
        }
        if spec.suspend == Some(true) {
            return;
        }
        self.clocks.push(Clockwork { key, schedule, zone, patch, due_ns: None, started: Vec::new() });
        self.wait_for_clock(self.clocks.len() - 1);
    }

    fn wait_for_clock(&mut self, index: usize) {
        let (from_ns, now_ns) = (self.scenario.from_ns, self.wall_ns());
        let clock = &mut self.clocks[index];
        let next = clock.schedule.next(&clock.zone, now_ns);
        clock.due_ns = next.and_then(|next| u64::try_from(next - from_ns).ok());
        if let Some(due_ns) = clock.due_ns {
            self.queue.push(due_ns, Event::Clock(index as u32));
        }
    }

    /// A job is due.
    pub(crate) fn clock(&mut self, index: usize) {
        let now = self.clock.now_ns();
        let clock = &mut self.clocks[index];
        if clock.due_ns != Some(now) {
            return;
        }
        clock.started.push(clock.patch.clone());
        self.queue.push(now + patch_after_ns(&self.world.figures), Event::Patch(index as u32));
        self.wait_for_clock(index);
    }

    /// The oldest pod of a job patches its autoscaler.
    pub(crate) fn patch(&mut self, index: usize) {
        let Patch { autoscaler: name, min, max } = self.clocks[index].started.remove(0);
        let found = self.autoscaler(&name);
        let step = found.and_then(|found| {
            let to = Bounds { min: min.unwrap_or(found.bounds.min), max: max.unwrap_or(found.bounds.max) };
            self.set_bounds(&name, to)?;
            Ok(format!("{name} between {} and {} pods", to.min, to.max))
        });
        let step = step.unwrap_or_else(|error| format!("the patch failed: {error}"));
        let object = self.clocks[index].key.name.clone();
        self.happened(What::Clock { object, step });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(args: &[&str]) -> Option<Patch> {
        let container = serde_json::json!({"name": "kubectl", "command": ["kubectl"], "args": args});
        let pod = serde_json::json!({"spec": {"containers": [container]}});
        let job = serde_json::json!({"spec": {"schedule": "0 0 * * *", "jobTemplate": {"spec": {"template": pod}}}});
        Patch::read(&serde_json::from_value(job).unwrap())
    }

    #[test]
    fn a_patch_of_bounds_is_read_and_another_command_is_not() {
        let name = "horizontalpodautoscaler/api-1";
        let patch = Patch { autoscaler: "api-1".to_owned(), min: Some(20), max: None };
        let written = r#"--patch={"spec":{"minReplicas":20}}"#;
        assert_eq!(read(&["patch", name, "--type=merge", written]), Some(patch));
        assert_eq!(read(&["delete", name]), None);
    }
}
