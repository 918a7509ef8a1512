//! What does not work at the end of a run, in the words that the objects of a cluster would have for it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Run;
use crate::model::autoscaler::Autoscaler;
use crate::model::autoscaler::status::Condition;
use crate::model::cronhpa::schedule::Schedule;
use crate::model::cronhpa::zone::Zone;
use crate::model::scheduler::finder::Labelled;
use crate::model::scheduler::labels::{Labels, Selector};

impl Run<'_> {
    /// One line each, in the order of the objects' keys.
    pub(super) fn troubles(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let there = self.workloads.iter().filter(|workload| !workload.removed);
        let labels: Vec<&Labels> = there
            .flat_map(|workload| &workload.revisions)
            .map(|revision| &revision.template.labels)
            .collect();
        let mut labelled = Labelled::default();
        for labels in &labels {
            labelled.add(labels);
        }
        let scalers = self.autoscalers.iter().rev().filter(|scaler| !scaler.removed);
        let scalers: BTreeMap<&str, &Autoscaler> =
            scalers.map(|scaler| (scaler.name.as_str(), scaler)).collect();
        for (key, object) in &self.applied {
            let object = &serde_json::from_str(object).expect("it was written a moment ago");
            let said = match key.kind.as_str() {
                "HorizontalPodAutoscaler" => scalers
                    .get(key.name.as_str())
                    .map_or_else(Vec::new, |scaler| self.idle_autoscaler(scaler, object)),
                "Service" => empty_service(object, |selector| {
                    let mut candidates = labelled.candidates(selector).into_iter();
                    candidates.any(|index| selector.matches(labels[index]))
                }),
                "Deployment" | "StatefulSet" | "DaemonSet" => foreign_selector(object),
                "CronJob" => self.silent_cron_job(object),
                "CronHorizontalPodAutoscaler" => self.silent_cronhpa(object),
                _ => Vec::new(),
            };
            lines.extend(said.into_iter().map(|said| format!("{} {}: {said}", key.kind, key.name)));
        }
        lines
    }

    fn idle_autoscaler(&self, scaler: &Autoscaler, object: &Value) -> Vec<String> {
        let target = &object["spec"]["scaleTargetRef"];
        if scaler.workload.is_none_or(|workload| self.workloads[workload].removed) {
            let (kind, name) = (text(&target["kind"]).to_lowercase(), text(&target["name"]));
            return vec![format!("AbleToScale is False/FailedGetScale: {kind}s.apps \"{name}\" not found")];
        }
        conditions(scaler)
    }

    fn silent_cron_job(&self, object: &Value) -> Vec<String> {
        let spec = &object["spec"];
        let zone = spec["timeZone"].as_str().and_then(Zone::named).unwrap_or_else(Zone::utc);
        let schedule = text(&spec["schedule"]);
        self.silent(&format!("0 {schedule}"), schedule, &zone).into_iter().collect()
    }

    fn silent_cronhpa(&self, object: &Value) -> Vec<String> {
        let zone = Zone::named(&self.world.clock_zone).unwrap_or_else(Zone::utc);
        let jobs = object["spec"]["jobs"].as_array().into_iter().flatten();
        let silent = jobs.filter_map(|job| {
            let schedule = text(&job["schedule"]);
            Some(format!("job {}: {}", text(&job["name"]), self.silent(schedule, schedule, &zone)?))
        });
        silent.collect()
    }

    /// Why a schedule never comes after the beginning, if it does not.
    fn silent(&self, fields: &str, written: &str, zone: &Zone) -> Option<String> {
        match Schedule::parse(fields) {
            Err(why) => Some(format!("its schedule `{written}` cannot be read: {why}")),
            Ok(schedule) => schedule
                .next(zone, self.scenario.from_ns)
                .is_none()
                .then(|| format!("its schedule `{written}` never comes")),
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A Service whose selector means no pod.
fn empty_service(object: &Value, means_any: impl Fn(&Selector) -> bool) -> Vec<String> {
    let Some(selector) = object["spec"]["selector"].as_object().filter(|selector| !selector.is_empty())
    else {
        return Vec::new();
    };
    let labels = selector.iter().map(|(key, value)| (key.clone(), text(value).to_owned()));
    if means_any(&Selector::of(&labels.collect())) {
        return Vec::new();
    }
    vec![format!("no endpoints: its selector {} matches no pod", pairs(selector))]
}

fn pairs(labels: &serde_json::Map<String, Value>) -> String {
    let pairs: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={}", text(value))).collect();
    pairs.join(",")
}

/// The conditions that say that an autoscaler does nothing.
fn conditions(scaler: &Autoscaler) -> Vec<String> {
    let status = &scaler.memory.status;
    let named = [("AbleToScale", status.able_to_scale), ("ScalingActive", status.scaling_active)];
    // An autoscaler of no pods is switched off on purpose, such as that of a revision that was released over.
    let fails = |condition: &Condition| !condition.holds && condition.reason != "ScalingDisabled";
    let failing = named.into_iter().filter_map(|(name, condition)| Some((name, condition.filter(fails)?)));
    failing.map(|(name, condition)| format!("{name} is {condition}")).collect()
}

/// The API server refuses a workload that does not select its own pods.
fn foreign_selector(object: &Value) -> Vec<String> {
    let labels = &object["spec"]["template"]["metadata"]["labels"];
    let Some(selector) = object["spec"]["selector"]["matchLabels"].as_object() else { return Vec::new() };
    if selector.iter().all(|(key, value)| labels.get(key) == Some(value)) {
        return Vec::new();
    }
    vec![format!(
        "the API server refuses it: `selector` {} does not match template `labels`",
        pairs(selector)
    )]
}
