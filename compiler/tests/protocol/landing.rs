//! What the API server makes of a request to a Deployment, an autoscaler or the Service: fields and their owners.

use compiler::plan::Count;

use crate::children::World;
use crate::deployments::{Deployment, Deployments, Owned, Request, Scaler, Service, Target};
use crate::flaw::Flaw;

impl Deployments {
    pub fn owned(&mut self, target: Target) -> Option<&mut Owned> {
        match target {
            Target::Service => None,
            Target::Deployment(place) => self.all[place as usize].as_mut().map(|child| &mut child.owned),
            Target::Scaler(place) => Some(&mut self.all[place as usize].as_mut()?.scaler.as_mut()?.owned),
        }
    }

    pub fn set_stamp(&mut self, target: Target, to: u8, holds: bool) {
        if !holds {
            return;
        }
        let stamp = match target {
            Target::Service => self.service.as_mut().map(|service| &mut service.epoch),
            Target::Deployment(place) => self.all[place as usize].as_mut().map(|child| &mut child.epoch),
            Target::Scaler(place) => {
                let scaler = self.all[place as usize].as_mut().and_then(|child| child.scaler.as_mut());
                scaler.map(|scaler| &mut scaler.epoch)
            }
        };
        if let Some(stamp) = stamp {
            *stamp = to;
        }
        if let Some(owned) = self.owned(target) {
            owned.stamp = true;
        }
    }

    pub fn set_values(&mut self, target: Target, to: (u8, u8)) {
        match target {
            Target::Service => {}
            Target::Deployment(place) => {
                if let Some(child) = &mut self.all[place as usize] {
                    child.observed &= child.replicas == to.0;
                    child.replicas = to.0;
                }
            }
            Target::Scaler(place) => {
                let scaler = self.all[place as usize].as_mut().and_then(|child| child.scaler.as_mut());
                if let Some(scaler) = scaler {
                    (scaler.min, scaler.max) = to;
                }
            }
        }
    }

    pub fn change(&mut self, world: &World, target: Target, (from, to): ((u8, u8), (u8, u8)), epoch: u8) {
        let Some((stamp, values)) = self.read(target) else { return };
        let untested = world.has(Flaw::Blind) || world.has(Flaw::ValueOnly);
        let brought = world.has(Flaw::Unstamped);
        let stamp_holds = untested || stamp == epoch || brought && stamp < epoch;
        let value_holds = world.has(Flaw::Blind) || values == from;
        if !stamp_holds || !value_holds {
            return;
        }
        if brought {
            self.set_stamp(target, epoch, true);
        }
        self.set_values(target, to);
        if let Some(owned) = self.owned(target) {
            owned.values = true;
        }
    }

    /// Server-side apply of the manifest without counts: what only the manifest's manager owns, it takes away.
    pub fn apply(&mut self, target: Target) {
        match target {
            Target::Service => self.service.get_or_insert_default().differs = false,
            Target::Deployment(place) => {
                let absent = Deployment { replicas: 1, ..Deployment::default() };
                let child = self.all[place as usize].get_or_insert(absent);
                child.differs = false;
                if !child.owned.stamp {
                    child.epoch = 0;
                }
                if !child.owned.values {
                    child.observed &= child.replicas == 1;
                    child.replicas = 1;
                }
            }
            Target::Scaler(place) => {
                let scaler = self.all[place as usize].as_mut().and_then(|child| child.scaler.as_mut());
                // Without bounds of somebody else's an autoscaler is not valid.
                if let Some(scaler) = scaler.filter(|scaler| scaler.owned.values) {
                    scaler.differs = false;
                }
            }
        }
    }

    /// Creation by the scale manager, which fails where the object is; its manifest is applied next.
    pub fn create(&mut self, world: &World, target: Target, epoch: u8) {
        if self.read(target).is_some() {
            return;
        }
        let (differs, owned) = (true, Owned { values: true, stamp: true });
        let (min, max) = born(world, target);
        match target {
            Target::Service => self.service = Some(Service { epoch, differs }),
            Target::Deployment(place) => {
                let child = Deployment { epoch, owned, differs, ..Deployment::default() };
                self.all[place as usize] = Some(child);
            }
            Target::Scaler(place) => {
                // Its Deployment is made first, and goes last.
                if let Some(child) = &mut self.all[place as usize] {
                    child.scaler = Some(Scaler { epoch, min, max, owned, differs });
                }
            }
        }
    }

    /// Server-side apply with stamp and counts: whatever others own and has another value stands against it.
    pub fn born_by_apply(&mut self, world: &World, target: Target, epoch: u8) -> Option<Request> {
        let values = born(world, target);
        if let (Some((stamp, live)), Some(owned)) = (self.read(target), self.owned(target)) {
            let refused = (owned.stamp && stamp != epoch) || (owned.values && live != values);
            if refused {
                return None;
            }
        }
        self.create(world, target, epoch);
        let owned = self.owned(target).copied();
        self.set_stamp(target, epoch, true);
        self.set_values(target, values);
        self.apply(target);
        if let (Some(now), Some(_)) = (self.owned(target), owned) {
            *now = Owned { values: true, stamp: true };
        }
        None
    }
}

/// The counts with which an object is born.
fn born(world: &World, target: Target) -> (u8, u8) {
    match (target, world.plan.count) {
        (Target::Scaler(_), Count::Auto(bounds)) => (bounds.min as u8, bounds.max as u8),
        (Target::Service | Target::Deployment(_) | Target::Scaler(_), _) => (0, 0),
    }
}
