//! Balance of CPU and memory on a node (`NodeResourcesBalancedAllocation`): whether the pod makes it better or worse.

use super::node::Taken;
use super::shape::{Resources, Shape};

/// Of 100: about 75 where nothing changes, more where the two shares come closer. A pod without requests is not
/// judged.
pub fn score(taken: &Taken, shape: &Shape) -> i64 {
    if shape.requests == Resources::default() {
        return 0;
    }
    let mut with = taken.requested;
    with.add(shape.requests, 1);
    let all = taken.node.allocatable;
    50 + (50 + balance(with, all) - balance(taken.requested, all)) / 2
}

/// Of 100: half the distance of the two shares is taken away.
fn balance(used: Resources, all: Resources) -> i64 {
    let share = |used: i64, all: i64| (all > 0).then(|| (used as f64 / all as f64).min(1.0));
    let (cpu, memory) = (share(used.cpu_milli, all.cpu_milli), share(used.memory_bytes, all.memory_bytes));
    let deviation = cpu.zip(memory).map_or(0.0, |(cpu, memory)| ((cpu - memory) / 2.0).abs());
    ((1.0 - deviation) * 100.0) as i64
}
