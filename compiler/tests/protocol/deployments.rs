//! Deployments with their autoscalers and one Service, as small as a promise can be broken on.

use compiler::object::ObjectKey;
use compiler::plan::rollout::{Autoscaler, ObjectState, Observation, Workload, Write};
use compiler::plan::{Bounds, Release, Stage};

use crate::children::{Begin, Children, Landing, World};
use crate::flaw::Flaw;

/// The revisions by their places in [`Deployments::all`], in the order of their names.
pub const REVISIONS: [&str; 3] = ["new", "old", "older"];
pub const NEW: usize = 0;
pub const OLD: usize = 1;

/// All children of the component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Deployments {
    pub service: Option<Service>,
    pub all: [Option<Deployment>; 3],
}

/// An object without pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Service {
    pub epoch: u8,
    /// Whether an apply would change it.
    pub differs: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Deployment {
    /// 0 without a stamp.
    pub epoch: u8,
    pub replicas: u8,
    pub live: u8,
    pub available: u8,
    pub observed: bool,
    /// Whether others than the manifest's manager own count and stamp.
    pub owned: Owned,
    /// Whether an apply would change it.
    pub differs: bool,
    pub scaler: Option<Scaler>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scaler {
    pub epoch: u8,
    pub min: u8,
    pub max: u8,
    pub owned: Owned,
    /// Whether an apply would change it.
    pub differs: bool,
}

/// What others than the manifest's manager own, so that an apply neither resets nor overwrites it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Owned {
    pub values: bool,
    pub stamp: bool,
}

/// An object; the number is its place among [`REVISIONS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    Service,
    Deployment(u8),
    Scaler(u8),
}

/// What an API server is asked for, with the conditions that it tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Request {
    /// Server-side apply of the manifest without counts; the object must be as it was seen.
    Apply(Target),
    /// Creation of the object with stamp and counts.
    Birth(Target),
    /// Server-side apply of stamp and values as they were seen, by the scale manager.
    Take { target: Target, stamp: u8, values: (u8, u8) },
    /// JSON patch of the stamp.
    Stamp { target: Target, from: u8, to: u8 },
    /// JSON patch of the stamp where there is none; the object must be as it was seen.
    FirstStamp { target: Target, to: u8 },
    /// Server-side apply of the stamp alone; the object must be as it was seen.
    Mark { target: Target, to: u8 },
    /// JSON patch of the count, or of the bounds.
    Change { target: Target, from: (u8, u8), to: (u8, u8) },
    /// Deletion of the object as it was seen.
    Remove(Target),
}

impl Children for Deployments {
    type Request = Request;

    fn observation(&self, world: &World, release: &Release) -> Observation {
        let compared = matches!(release.stage, Stage::Prepare | Stage::Finish | Stage::Done | Stage::Cancel);
        let state =
            |key| if compared { self.state(target(key)) } else { ObjectState::Same { waiting: None } };
        let workload = |(place, child): (usize, &Option<Deployment>)| {
            child.map(|child| seen(world, release, place, &child))
        };
        let stamp = |key| {
            self.read(target(key))
                .filter(|_| compared)
                .and_then(|(stamp, _)| (stamp > 0).then_some(u64::from(stamp)))
        };
        Observation {
            stamps: release.plan.objects.iter().map(stamp).collect(),
            objects: release.plan.objects.iter().map(state).collect(),
            workloads: self.all.iter().enumerate().filter_map(workload).collect(),
            ..Observation::default()
        }
    }

    fn begin(&self, _: &World, release: &Release, write: &Write) -> Begin<Request> {
        let planned = |object: &usize| target(&release.plan.objects[*object]);
        let pair = |bounds: &Bounds| (bounds.min as u8, bounds.max as u8);
        match write {
            Write::Apply { object } => Begin::Send(Request::Apply(planned(object))),
            Write::Birth { object, .. } => Begin::Send(Request::Birth(planned(object))),
            Write::Own { object, .. } => {
                Begin::Look(Request::Take { target: target(object), stamp: 0, values: (0, 0) })
            }
            Write::Stamp { object, to, .. } if target(object) == Target::Service => {
                Begin::Send(Request::Mark { target: Target::Service, to: *to as u8 })
            }
            Write::Stamp { object, from: Some(from), to } => {
                Begin::Send(Request::Stamp { target: target(object), from: *from as u8, to: *to as u8 })
            }
            Write::Stamp { object, from: None, to } => {
                Begin::Look(Request::FirstStamp { target: target(object), to: *to as u8 })
            }
            Write::Scale { object: deployment, from, to, .. } => Begin::Send(Request::Change {
                target: target(deployment),
                from: (*from as u8, 0),
                to: (*to as u8, 0),
            }),
            Write::Bound { autoscaler, from, to, .. } => {
                Begin::Send(Request::Change { target: target(autoscaler), from: pair(from), to: pair(to) })
            }
            Write::Remove { object, .. } => Begin::Look(Request::Remove(target(object))),
            Write::Partition { .. } | Write::Template { .. } | Write::Replace { .. } => {
                panic!("Deployments share nothing")
            }
            Write::Record(_) => panic!("the record is not a child"),
        }
    }

    fn look(&self, _: &World, request: Request, epoch: u8) -> Option<Request> {
        let (stamp, values) = self.read(request.target())?;
        match request {
            Request::FirstStamp { .. } => (stamp == 0).then_some(request),
            Request::Take { target, .. } => {
                (stamp == epoch).then_some(Request::Take { target, stamp, values })
            }
            Request::Remove(_) => (stamp == epoch).then_some(request),
            Request::Apply(_)
            | Request::Birth(_)
            | Request::Stamp { .. }
            | Request::Mark { .. }
            | Request::Change { .. } => {
                panic!("{request:?} is sent without a look")
            }
        }
    }

    fn land(&mut self, world: &World, request: Request, epoch: u8) -> Landing<Request> {
        let before = *self;
        let next = match request {
            Request::Apply(target) => {
                self.apply(target);
                None
            }
            Request::Birth(target) if world.has(Flaw::BlindBirth) => self.born_by_apply(world, target, epoch),
            Request::Birth(target) => {
                self.create(world, target, epoch);
                None
            }
            Request::Take { target, stamp, values } => {
                let same = self.read(target) == Some((stamp, values));
                if let Some(owned) = self.owned(target).filter(|_| same) {
                    *owned = Owned { values: true, stamp: true };
                }
                None
            }
            Request::Stamp { target, from, to } => {
                let tested = !world.has(Flaw::Blind) && !world.has(Flaw::ValueOnly);
                let holds = self.read(target).is_some_and(|(stamp, _)| stamp == from || !tested);
                self.set_stamp(target, to, holds);
                None
            }
            // An object that has changed meanwhile is none that such a request is still possible for.
            Request::FirstStamp { target, to } | Request::Mark { target, to } => {
                self.set_stamp(target, to, true);
                None
            }
            Request::Change { target, from, to } => {
                self.change(world, target, (from, to), epoch);
                None
            }
            Request::Remove(target) => {
                match target {
                    Target::Service => self.service = None,
                    Target::Deployment(place) => self.all[place as usize] = None,
                    Target::Scaler(place) => {
                        if let Some(child) = &mut self.all[place as usize] {
                            child.scaler = None;
                        }
                    }
                }
                None
            }
        };
        Landing { changed: *self != before, next }
    }

    fn is_possible(&self, before: &Self, world: &World, request: Request, epoch: u8) -> bool {
        let same = self.object(request.target()) == before.object(request.target());
        let stamp = self.read(request.target()).map_or(0, |(stamp, _)| stamp);
        match request {
            Request::FirstStamp { .. } | Request::Mark { .. } | Request::Remove(_) => same,
            Request::Take { stamp: seen, .. } => stamp <= seen,
            Request::Stamp { from, .. } => stamp <= from || !world.flaws.is_empty(),
            Request::Change { .. } => stamp <= epoch || !world.flaws.is_empty(),
            Request::Apply(_) => same || world.has(Flaw::BlindApply),
            Request::Birth(target) => world.has(Flaw::BlindBirth) || self.read(target).is_none(),
        }
    }

    fn stamp(&self, request: Request) -> u8 {
        self.read(request.target()).map_or(0, |(stamp, _)| stamp)
    }

    fn is_forward(&self, request: Request) -> bool {
        match request {
            Request::Apply(_) | Request::Birth(_) => true,
            Request::Change { target, from, to } => {
                let place = target.place();
                (place == NEW && to > from) || (place == OLD && to < from)
            }
            Request::Take { .. }
            | Request::Stamp { .. }
            | Request::FirstStamp { .. }
            | Request::Mark { .. }
            | Request::Remove(_) => false,
        }
    }

    fn moves(&self, world: &World) -> Vec<(&'static str, Self)> {
        let mut moves = Vec::new();
        for place in 0..self.all.len() {
            let Some(child) = self.all[place] else { continue };
            let mut may = |what, child| {
                let mut next = *self;
                next.all[place] = Some(child);
                moves.push((what, next));
            };
            if !child.observed {
                may("its controller looks", Deployment { observed: true, ..child });
            } else if child.live != child.replicas {
                let available = child.available.min(child.replicas);
                may("its pods follow", Deployment { live: child.replicas, available, ..child });
            }
            if child.available < child.live && (place != NEW || world.ready) {
                may("a pod becomes available", Deployment { available: child.available + 1, ..child });
            }
        }
        // What is out of bounds is brought back first; what load asks for comes after.
        for freely in [false, true] {
            self.scaled(freely, &mut moves);
        }
        moves
    }

    fn asked(&self) -> u32 {
        self.all.iter().flatten().map(|child| u32::from(child.replicas)).sum()
    }

    fn keeps_limits(&self, world: &World, release: &Release, request: Request) -> Result<(), String> {
        crate::promises::limits(self, world, release, request)
    }

    fn keeps_promises(&self, world: &World, release: &Release) -> Result<(), String> {
        crate::promises::promises(self, world, release)
    }
}

impl Deployments {
    /// What the comparison by a dry run says.
    fn state(&self, target: Target) -> ObjectState {
        let all = Owned { values: true, stamp: true };
        let differs = match target {
            Target::Service => self.service.map(|service| service.differs),
            Target::Deployment(place) => {
                self.all[place as usize].map(|child| child.differs || child.owned != all)
            }
            Target::Scaler(place) => {
                let scaler = self.all[place as usize].and_then(|child| child.scaler);
                scaler.map(|scaler| scaler.differs || scaler.owned != all)
            }
        };
        let Some(differs) = differs else { return ObjectState::Absent };
        if differs { ObjectState::Differs } else { ObjectState::Same { waiting: None } }
    }

    /// What autoscalers may do: bring counts into their bounds, or move freely within them.
    fn scaled(&self, freely: bool, moves: &mut Vec<(&'static str, Self)>) {
        for place in 0..self.all.len() {
            let Some(child) = self.all[place] else { continue };
            let Some(scaler) = child.scaler.filter(|_| child.replicas > 0) else { continue };
            let within = child.replicas.clamp(scaler.min, scaler.max.max(scaler.min));
            let wanted = match (within == child.replicas, freely) {
                (false, false) => [Some(within), None],
                (true, true) => {
                    let (less, more) = (child.replicas - 1, child.replicas + 1);
                    [
                        Some(less).filter(|less| *less >= scaler.min),
                        Some(more).filter(|more| *more <= scaler.max),
                    ]
                }
                (true, false) | (false, true) => [None, None],
            };
            for replicas in wanted.into_iter().flatten() {
                let owned = Owned { values: true, ..child.owned };
                let mut next = *self;
                next.all[place] = Some(Deployment { replicas, observed: false, owned, ..child });
                moves.push(("its autoscaler scales", next));
            }
        }
    }

    /// Stamp and values of an object, if it is there.
    pub fn read(&self, target: Target) -> Option<(u8, (u8, u8))> {
        match target {
            Target::Service => self.service.map(|service| (service.epoch, (0, 0))),
            Target::Deployment(place) => {
                self.all[place as usize].map(|child| (child.epoch, (child.replicas, 0)))
            }
            Target::Scaler(place) => {
                let scaler = self.all[place as usize]?.scaler?;
                Some((scaler.epoch, (scaler.min, scaler.max)))
            }
        }
    }

    /// Only this object, to see whether it has changed.
    fn object(&self, target: Target) -> (Option<Service>, Option<Deployment>) {
        match target {
            Target::Service => (self.service, None),
            Target::Deployment(place) => {
                (None, self.all[place as usize].map(|child| Deployment { scaler: None, ..child }))
            }
            Target::Scaler(place) => {
                let scaler = self.all[place as usize].and_then(|child| child.scaler);
                (None, scaler.map(|scaler| Deployment { scaler: Some(scaler), ..Deployment::default() }))
            }
        }
    }
}

impl Request {
    pub fn target(self) -> Target {
        match self {
            Request::Apply(target)
            | Request::Birth(target)
            | Request::Remove(target)
            | Request::Take { target, .. }
            | Request::Stamp { target, .. }
            | Request::FirstStamp { target, .. }
            | Request::Mark { target, .. }
            | Request::Change { target, .. } => target,
        }
    }
}

impl Target {
    pub fn place(self) -> usize {
        match self {
            Target::Service => NEW,
            Target::Deployment(place) | Target::Scaler(place) => place as usize,
        }
    }
}

/// The key of an object of the component.
pub fn key(kind: &str, name: &str) -> ObjectKey {
    let api_version = match kind {
        "Deployment" => "apps/v1",
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

fn target(key: &ObjectKey) -> Target {
    let place = || {
        let place = REVISIONS.iter().position(|revision| key.name.strip_prefix("web-") == Some(revision));
        place.expect("the object is of one of the revisions") as u8
    };
    match key.kind.as_str() {
        "Deployment" => Target::Deployment(place()),
        "HorizontalPodAutoscaler" => Target::Scaler(place()),
        _ => Target::Service,
    }
}

fn seen(world: &World, release: &Release, place: usize, child: &Deployment) -> Workload {
    let unstamped = world.has(Flaw::Unstamped);
    // Who does not stamp behaves as if everything were stamped already.
    let stamp = |epoch: u8| {
        if unstamped { Some(release.epoch) } else { (epoch > 0).then_some(u64::from(epoch)) }
    };
    let name = format!("web-{}", REVISIONS[place]);
    let scaler = |scaler: Scaler| Autoscaler {
        key: key("HorizontalPodAutoscaler", &name),
        epoch: stamp(scaler.epoch),
        bounds: Bounds { min: u32::from(scaler.min), max: u32::from(scaler.max) },
        bounds_owned: scaler.owned.values,
    };
    let stuck = place == NEW && !world.ready && child.live > 0;
    Workload {
        revision: REVISIONS[place].to_owned(),
        object: key("Deployment", &name),
        epoch: stamp(child.epoch),
        replicas: u32::from(child.replicas),
        live: u32::from(child.live),
        available: u32::from(child.available),
        observed: child.observed,
        count_owned: child.owned.values,
        autoscaler: child.scaler.map(scaler),
        failure: stuck.then(|| "ImagePullBackOff".to_owned()),
        shared: None,
    }
}
