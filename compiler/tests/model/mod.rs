//! A cluster small enough for thousands of rollouts: two revisions, their autoscalers, and conditions on writes.
#![allow(dead_code, reason = "each test binary uses a part")]

pub mod sets;

use std::collections::BTreeMap;

use compiler::object::ObjectKey;
use compiler::plan::rollout::{Autoscaler, ObjectState, Observation, Workload, Write};
use compiler::plan::{Bounds, Count, ReleasePlan, TimeNs};

/// The cluster.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its clock.
    pub now: TimeNs,
    /// The fewest pods available at the beginning: less cannot be held against a rollout.
    pub least_available: u32,
    workloads: BTreeMap<String, Workload>,
    service: bool,
    /// Whether pods of the new revision ever become available.
    ready: bool,
}

/// The key of an object in the model's namespace.
pub fn key(kind: &str, name: &str) -> ObjectKey {
    let api_version = match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" => "apps/v1",
        "HorizontalPodAutoscaler" => "autoscaling/v2",
        _ => "v1",
    };
    ObjectKey {
        api_version: api_version.into(),
        kind: kind.into(),
        namespace: Some("shop-test".into()),
        name: name.into(),
    }
}

/// How many writes fit between two syncs of the autoscalers: on a cluster it is hundreds.
const SYNC: TimeNs = 6;

impl Model {
    /// A cluster in which the revision `old` serves, unless it is the `first` release.
    pub fn new(plan: &ReleasePlan, first: bool, ready: bool, now: TimeNs) -> Self {
        let mut workloads = BTreeMap::new();
        let replicas = match plan.count {
            Count::Fixed(count) => count,
            Count::Auto(bounds) => bounds.min,
        };
        if !first {
            let mut old = workload("old", None);
            (old.replicas, old.live, old.available) = (replicas, replicas, replicas);
            if let Count::Auto(bounds) = plan.count {
                old.autoscaler = Some(autoscaler("old", bounds, None));
            }
            (old.count_owned, old.observed) = (true, true);
            workloads.insert("old".to_owned(), old);
        }
        Self { now, least_available: replicas, workloads, service: false, ready }
    }

    /// What a driver sees.
    pub fn observation(&self, plan: &ReleasePlan) -> Observation {
        let there = |key: &ObjectKey| match key.kind.as_str() {
            "Deployment" => self.workloads.values().any(|workload| workload.object == *key),
            "HorizontalPodAutoscaler" => self.scalers().any(|scaler| scaler.key == *key),
            _ => self.service,
        };
        let state = |key| if there(key) { ObjectState::Same { waiting: None } } else { ObjectState::Absent };
        Observation {
            objects: plan.objects.iter().map(state).collect(),
            stamps: Vec::new(),
            workloads: self.workloads.values().cloned().collect(),
            unready_dependencies: Vec::new(),
            unready_need: None,
            budget: None,
            answers: Vec::new(),
        }
    }

    /// Makes a write if its conditions hold.
    pub fn perform(&mut self, plan: &ReleasePlan, write: &Write) -> bool {
        match write {
            Write::Apply { object } => {
                assert_eq!(plan.objects[*object].kind, "Service", "nothing else ever differs here");
                self.service = true;
                true
            }
            Write::Birth { .. } => self.half_birth(plan, write) && (self.own(&plan.revision) || self.service),
            Write::Own { object, .. } => {
                let revision = object.name.trim_start_matches("web-").to_owned();
                self.own(&revision)
            }
            Write::Stamp { object, from, to } => self.stamp(object, *from, *to),
            Write::Scale { object, epoch, from, to } => {
                let found = self.workloads.values_mut().find(|workload| workload.object == *object);
                let Some(workload) = found else { return false };
                if workload.epoch != Some(*epoch) || workload.replicas != *from {
                    return false;
                }
                (workload.replicas, workload.observed) = (*to, false);
                true
            }
            Write::Bound { autoscaler, epoch, from, to } => {
                assert!(to.min >= 1 && to.min <= to.max, "the API server takes the bounds {to:?}");
                let scalers = self.workloads.values_mut().filter_map(|workload| workload.autoscaler.as_mut());
                let found = { scalers }.find(|scaler| scaler.key == *autoscaler);
                let Some(scaler) = found.filter(|s| s.epoch == Some(*epoch) && s.bounds == *from) else {
                    return false;
                };
                scaler.bounds = *to;
                true
            }
            Write::Remove { object, epoch } => self.remove(object, *epoch),
            Write::Partition { .. } | Write::Template { .. } | Write::Replace { .. } => {
                panic!("nothing is shared here")
            }
            Write::Record(_) => panic!("the record is not a child"),
        }
    }

    /// The first half of a birth: made, but nobody else owns the count yet.
    pub fn half_birth(&mut self, plan: &ReleasePlan, write: &Write) -> bool {
        let Write::Birth { object, epoch } = write else { panic!("only births have halves") };
        let revision = plan.revision.clone();
        if plan.objects[*object].kind == "Service" {
            self.service = true;
            return true;
        }
        if plan.objects[*object].kind == "Deployment" {
            self.workloads.insert(revision.clone(), workload(&revision, Some(*epoch)));
            return true;
        }
        let Count::Auto(bounds) = plan.count else {
            panic!("only an autoscaled component has an autoscaler")
        };
        let mut scaler = autoscaler(&revision, bounds, Some(*epoch));
        scaler.bounds_owned = false;
        let workload = self.workloads.get_mut(&revision).expect("the Deployment is made first");
        workload.autoscaler = Some(scaler);
        true
    }

    /// Autoscalers, controllers and pods move by one step.
    pub fn advance(&mut self, noise: u8) {
        self.now += 1;
        let (ready, synced) = (self.ready, self.now.is_multiple_of(SYNC));
        for (revision, workload) in &mut self.workloads {
            workload.observed = true;
            if let (Some(scaler), true) = (&workload.autoscaler, synced && workload.replicas > 0) {
                let Bounds { min, max } = scaler.bounds;
                workload.replicas = min + u32::from(noise) % (max - min + 1);
            }
            workload.live = workload.replicas;
            let possible = if revision == "old" || ready { workload.live } else { 0 };
            workload.available = possible.min(workload.available + 1);
        }
    }

    /// `spec.replicas` of a revision.
    pub fn replicas(&self, revision: &str) -> u32 {
        self.workloads.get(revision).map_or(0, |workload| workload.replicas)
    }

    /// The bounds of a revision's autoscaler.
    pub fn bounds(&self, revision: &str) -> Option<Bounds> {
        Some(self.workloads.get(revision)?.autoscaler.as_ref()?.bounds)
    }

    /// What cronhpa does when a window opens: it raises the lower bound, and the count where it is below.
    pub fn raise(&mut self, revision: &str, to: u32) {
        let Some(workload) = self.workloads.get_mut(revision) else { return };
        let Some(scaler) = &mut workload.autoscaler else { return };
        scaler.bounds = Bounds { min: to, max: scaler.bounds.max.max(to) };
        if workload.replicas < to {
            (workload.replicas, workload.observed) = (to, false);
        }
    }

    /// The pods that all revisions ask for.
    pub fn total(&self) -> u32 {
        self.workloads.values().map(|workload| workload.replicas).sum()
    }

    /// The pods that are available.
    pub fn available(&self) -> u32 {
        self.workloads.values().map(|workload| workload.available).sum()
    }

    /// Whether every child carries the epoch, so that no older write can land.
    pub fn all_stamped(&self, epoch: u64) -> bool {
        let deployments = self.workloads.values().all(|workload| workload.epoch == Some(epoch));
        deployments && self.scalers().all(|scaler| scaler.epoch == Some(epoch))
    }

    fn scalers(&self) -> impl Iterator<Item = &Autoscaler> {
        self.workloads.values().filter_map(|workload| workload.autoscaler.as_ref())
    }

    fn own(&mut self, revision: &str) -> bool {
        let Some(workload) = self.workloads.get_mut(revision) else { return false };
        workload.count_owned = true;
        if let Some(scaler) = &mut workload.autoscaler {
            scaler.bounds_owned = true;
        }
        true
    }

    fn stamp(&mut self, object: &ObjectKey, from: Option<u64>, to: u64) -> bool {
        for workload in self.workloads.values_mut() {
            let deployment = (&workload.object, &mut workload.epoch);
            let scaler = workload.autoscaler.as_mut().map(|scaler| (&scaler.key, &mut scaler.epoch));
            for (key, epoch) in [deployment].into_iter().chain(scaler) {
                if key == object && *epoch == from {
                    *epoch = Some(to);
                    return true;
                }
            }
        }
        false
    }

    fn remove(&mut self, object: &ObjectKey, epoch: u64) -> bool {
        for workload in self.workloads.values_mut() {
            let scaler = workload.autoscaler.as_ref();
            if scaler.is_some_and(|scaler| scaler.key == *object && scaler.epoch == Some(epoch)) {
                workload.autoscaler = None;
                return true;
            }
        }
        let before = self.workloads.len();
        self.workloads.retain(|_, workload| workload.object != *object || workload.epoch != Some(epoch));
        self.workloads.len() < before
    }
}

fn workload(revision: &str, epoch: Option<u64>) -> Workload {
    Workload {
        revision: revision.to_owned(),
        object: key("Deployment", &format!("web-{revision}")),
        epoch,
        replicas: 0,
        live: 0,
        available: 0,
        observed: false,
        count_owned: false,
        autoscaler: None,
        failure: None,
        shared: None,
    }
}

fn autoscaler(revision: &str, bounds: Bounds, epoch: Option<u64>) -> Autoscaler {
    let key = key("HorizontalPodAutoscaler", &format!("web-{revision}"));
    Autoscaler { key, epoch, bounds, bounds_owned: true }
}
