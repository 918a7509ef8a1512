//! Room on a node (`NodeResourcesFit`): whether a pod fits, and the emptier the better (`LeastAllocated`).

use super::node::Taken;
use super::shape::Shape;

/// Whether a pod's requests fit beside what is there.
#[inline]
pub fn fits(taken: &Taken, shape: &Shape) -> bool {
    let (all, used, asked) = (&taken.node.allocatable, &taken.requested, &shape.requests);
    // What asks for nothing fits even where the room is overdrawn.
    taken.pods < taken.node.pods_max
        && (asked.cpu_milli == 0 || asked.cpu_milli <= all.cpu_milli - used.cpu_milli)
        && (asked.memory_bytes == 0 || asked.memory_bytes <= all.memory_bytes - used.memory_bytes)
}

/// The mean share of CPU and memory that would be left, of 100.
pub fn score(taken: &Taken, shape: &Shape) -> i64 {
    let mut after = taken.scored;
    after.add(shape.scored, 1);
    let all = taken.node.allocatable;
    let (mut sum, mut number) = (0, 0);
    for (used, all) in [(after.cpu_milli, all.cpu_milli), (after.memory_bytes, all.memory_bytes)] {
        if all > 0 {
            number += 1;
            sum += if used > all { 0 } else { (all - used) * 100 / all };
        }
    }
    if number == 0 { 0 } else { sum / number }
}
