//! The rollouts that are searched: each small, each with something of its own.

use compiler::app::BatchSize;
use compiler::plan::{Bounds, Count, Mechanism, PlannedBatch, Release, ReleasePlan};

use crate::children::World;
use crate::deployments::{Deployment, Deployments, NEW, OLD, Owned, Scaler, Service, key};
use crate::state::Left;

/// One rollout, from its record and children at the beginning.
pub struct Case {
    pub name: &'static str,
    pub world: World,
    pub first: Release,
    pub children: Deployments,
    pub left: Left,
}

const OWNED: Owned = Owned { values: true, stamp: true };

/// All of them.
pub fn cases() -> Vec<Case> {
    let left = Left { runs: 2, commands: 1, lates: 0 };
    let canary = [(BatchSize::Count(1), true), (BatchSize::Percent(100), false)];
    let halves = [(BatchSize::Percent(50), false), (BatchSize::Percent(100), false)];
    let fixed = |count, batches: &[(BatchSize, bool)]| planned(Count::Fixed(count), batches);
    let auto = planned(Count::Auto(Bounds { min: 2, max: 3 }), &canary);
    let scarce = ReleasePlan { surge_percent: 0, unavailable_percent: 34, ..fixed(3, &halves) };
    vec![
        swap("a count of 2, a canary with a pause", fixed(2, &canary), left),
        swap("a count of 2, and a late write", fixed(2, &canary), Left { runs: 1, commands: 2, lates: 1 }),
        swap("a count of 2, and two commands", fixed(2, &canary), Left { runs: 2, commands: 2, lates: 0 }),
        swap("a count of 3, one fewer meanwhile", scarce, left),
        swap("an autoscaler between 2 and 3", auto, Left { runs: 1, commands: 1, lates: 0 }),
        broken("pods that never become available", fixed(2, &canary), left),
        leftover(
            "an unstamped revision, one that is half made, and one that is left over",
            fixed(2, &halves),
            left,
        ),
        first("nothing before", fixed(2, &halves), left),
        in_place("other objects of the same revision", fixed(2, &halves), left),
    ]
}

fn swap(name: &'static str, plan: ReleasePlan, left: Left) -> Case {
    let replicas = count(&plan);
    let surge = (u32::from(replicas) * plan.surge_percent).div_ceil(100) as u8;
    let unavailable = (u32::from(replicas) * plan.unavailable_percent / 100) as u8;
    let scaler = match plan.count {
        Count::Fixed(_) => None,
        Count::Auto(bounds) => Some(Scaler {
            epoch: 1,
            min: bounds.min as u8,
            max: bounds.max as u8,
            owned: OWNED,
            differs: false,
        }),
    };
    let old = Deployment { scaler, ..serving(replicas) };
    let children =
        Deployments { service: Some(Service { epoch: 0, differs: true }), all: [None, Some(old), None] };
    let first = Release::new(plan.clone(), Some("old".into()), 2, 0);
    let world = World { plan, replicas, surge, unavailable, ready: true, in_place: false, flaws: &[] };
    Case { name, world, first, children, left }
}

fn broken(name: &'static str, plan: ReleasePlan, left: Left) -> Case {
    let case = swap(name, plan, left);
    Case { world: World { ready: false, ..case.world }, ..case }
}

fn leftover(name: &'static str, plan: ReleasePlan, left: Left) -> Case {
    let mut case = swap(name, plan, left);
    let older = Deployment { observed: true, owned: OWNED, ..Deployment::default() };
    let old = case.children.all[OLD].map(|old| Deployment { epoch: 0, ..old });
    // Made by the manifest's manager alone.
    let half = Deployment { epoch: 1, observed: true, ..Deployment::default() };
    case.children = Deployments { service: Some(Service::default()), all: [Some(half), old, Some(older)] };
    case
}

fn first(name: &'static str, plan: ReleasePlan, left: Left) -> Case {
    let case = swap(name, plan, left);
    let children = Deployments { service: None, all: [None; 3] };
    let first = Release::new(case.world.plan.clone(), None, 2, 0);
    Case { first, children, ..case }
}

fn in_place(name: &'static str, plan: ReleasePlan, left: Left) -> Case {
    let case = swap(name, plan, left);
    let mut children = Deployments { service: Some(Service { epoch: 0, differs: true }), all: [None; 3] };
    children.all[NEW] = Some(Deployment { differs: true, ..serving(case.world.replicas) });
    let first = Release { in_place: true, ..Release::new(case.world.plan.clone(), None, 2, 0) };
    Case { first, children, world: World { in_place: true, ..case.world }, ..case }
}

/// What an earlier rollout has left, with its stamp.
fn serving(count: u8) -> Deployment {
    Deployment {
        epoch: 1,
        replicas: count,
        live: count,
        available: count,
        observed: true,
        owned: OWNED,
        ..Deployment::default()
    }
}

fn count(plan: &ReleasePlan) -> u8 {
    match plan.count {
        Count::Fixed(count) => count as u8,
        Count::Auto(bounds) => bounds.min as u8,
    }
}

fn planned(count: Count, batches: &[(BatchSize, bool)]) -> ReleasePlan {
    let batch = |(size, pause): &(BatchSize, bool)| PlannedBatch { size: *size, pause: *pause, wait_ns: 0 };
    let mut objects = vec![key("Service", "web"), key("Deployment", "web-new")];
    objects.extend(matches!(count, Count::Auto(_)).then(|| key("HorizontalPodAutoscaler", "web-new")));
    ReleasePlan {
        mechanism: Mechanism::Deployments,
        component: "web".into(),
        namespace: "shop-test".into(),
        revision: "new".into(),
        digest: "d".into(),
        objects,
        follow_up: Vec::new(),
        count,
        windows: Vec::new(),
        batches: batches.iter().map(batch).collect(),
        surge_percent: 25,
        unavailable_percent: 0,
        deadline_ns: u64::MAX,
        depends_on: Vec::new(),
        needs: Vec::new(),
        verifications: Vec::new(),
    }
}
