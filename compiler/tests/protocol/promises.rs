//! What two Deployments that swap pods promise: in every state, and of every write that lands.
//!
//! I1: pods that are available, never fewer than the count less the unavailable. I2: pods, never more than the count
//! and the surge. I3: new pods, never more than the batch says. I6: no write lands on a child of a newer epoch. I7: at
//! the end every pod is of one revision. I8: nothing lands once a pause, and nothing forward once an abort, has
//! returned.

use compiler::plan::{Bounds, Count, Release, Stage};

use crate::children::World;
use crate::deployments::{Deployment, Deployments, NEW, OLD, Request, Target};

/// What holds in every state.
pub fn promises(children: &Deployments, world: &World, release: &Release) -> Result<(), String> {
    available(children, world)?;
    most(children, world)?;
    batch(children, world, release)?;
    ended(children, world, release)
}

/// What a write of specc may ask for while an autoscaler decides beside it.
pub fn limits(
    children: &Deployments,
    world: &World,
    release: &Release,
    request: Request,
) -> Result<(), String> {
    let Stage::Shift { batch, replicas } = release.stage else { return Ok(()) };
    let Request::Change { target, to, .. } = request else { return Ok(()) };
    let most = release.batch_target(batch, replicas);
    if target.place() == NEW && u32::from(to.0) > most {
        return Err(format!("I3: {target:?} is asked for {} in a batch of {most}", to.0));
    }
    let kept = |child: &Deployment| match (target, child.scaler) {
        (Target::Scaler(_), Some(scaler)) if child.replicas > 0 => u32::from(scaler.min),
        (Target::Service | Target::Deployment(_) | Target::Scaler(_), Some(_) | None) => 0,
    };
    let sum: u32 = children.all.iter().flatten().map(kept).sum();
    let most = replicas + u32::from(world.surge);
    if sum > most {
        return Err(format!("I2: the lower bounds ask for {sum} pods of at most {most}"));
    }
    Ok(())
}

fn available(children: &Deployments, world: &World) -> Result<(), String> {
    if children.all[OLD].is_none() && !world.in_place {
        return Ok(());
    }
    let available: u8 = children.all.iter().flatten().map(|child| child.available).sum();
    let least = world.replicas - world.unavailable;
    if available < least { Err(format!("I1: {available} of {least} pods are available")) } else { Ok(()) }
}

fn most(children: &Deployments, world: &World) -> Result<(), String> {
    let Count::Fixed(_) = world.plan.count else { return Ok(()) };
    let most = world.replicas + world.surge;
    let live: u8 = children.all.iter().flatten().map(|child| child.live).sum();
    let asked: u8 = children.all.iter().flatten().map(|child| child.replicas).sum();
    if live.max(asked) > most {
        return Err(format!("I2: {live} pods, {asked} asked for, of at most {most}"));
    }
    Ok(())
}

fn batch(children: &Deployments, world: &World, release: &Release) -> Result<(), String> {
    let (Count::Fixed(_), Some(new)) = (world.plan.count, children.all[NEW]) else { return Ok(()) };
    let most = match release.stage {
        Stage::Prepare if !world.in_place => 0,
        Stage::Shift { batch, replicas } | Stage::Hold { batch, replicas } => {
            release.batch_target(batch, replicas)
        }
        Stage::Prepare
        | Stage::Finish
        | Stage::Done
        | Stage::Back { .. }
        | Stage::Cancel
        | Stage::Aborted => u32::from(world.replicas),
    };
    let asked = u32::from(new.replicas);
    if asked > most { Err(format!("I3: {asked} new pods in a batch of {most}")) } else { Ok(()) }
}

/// At the end every pod is of one revision, and every pod that the count says is there.
fn ended(children: &Deployments, world: &World, release: &Release) -> Result<(), String> {
    let (serves, gone) = match release.stage {
        Stage::Done => (NEW, OLD),
        Stage::Aborted if world.in_place => (NEW, OLD),
        Stage::Aborted => (OLD, NEW),
        Stage::Prepare
        | Stage::Shift { .. }
        | Stage::Hold { .. }
        | Stage::Finish
        | Stage::Back { .. }
        | Stage::Cancel => {
            return Ok(());
        }
    };
    let gone = children.all[gone].unwrap_or_default();
    if gone.replicas > 0 || gone.live > 0 {
        return Err(format!("I7: {:?} leaves {gone:?}", release.stage));
    }
    let Some(serves) = children.all[serves] else {
        let first = release.previous.is_none() && release.stage == Stage::Aborted;
        return if first { Ok(()) } else { Err("I7: nothing serves".into()) };
    };
    let complete = match (world.plan.count, serves.scaler) {
        (Count::Fixed(count), _) => u32::from(serves.replicas) == count && serves.available >= world.replicas,
        (Count::Auto(bounds), Some(scaler)) => {
            let have = Bounds { min: u32::from(scaler.min), max: u32::from(scaler.max) };
            have == bounds && u32::from(serves.replicas) >= bounds.min
        }
        (Count::Auto(_), None) => false,
    };
    if complete { Ok(()) } else { Err(format!("I7: {:?} with {serves:?}", release.stage)) }
}
