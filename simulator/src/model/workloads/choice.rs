//! Which pods a `ReplicaSet` deletes first when it has too many.

use std::collections::BTreeMap;

use super::pod::Pod;
use crate::engine::clock::SIGNED_SECOND_NS;

/// How many active pods are on each node.
pub type Together = BTreeMap<Option<u32>, u32>;

/// Counts the active pods on each node. A `ReplicaSet` of a Deployment counts the pods of all its siblings; one that
/// nobody owns counts none.
pub fn together<'a>(pods: impl IntoIterator<Item = &'a Pod>) -> Together {
    let mut together = Together::new();
    for pod in pods.into_iter().filter(|pod| pod.is_active()) {
        *together.entry(pod.node).or_default() += 1;
    }
    together
}

/// The `count` pods that go first, by id.
pub fn first_to_go(pods: Vec<Pod>, together: &Together, count: usize, now_ns: i64) -> Vec<u32> {
    if count >= pods.len() {
        return pods.iter().map(|pod| pod.id).collect();
    }
    let ranked = pods.into_iter().map(|pod| Ranked { pod, neighbours: together.get(&pod.node).copied() });
    let sorted = sorted(ranked.collect(), &|a, b| a.goes_before(b, now_ns));
    sorted.iter().take(count).map(|ranked| ranked.pod.id).collect()
}

/// A pod, and how many active pods are on its node.
#[derive(Clone, Copy, Debug)]
struct Ranked {
    pod: Pod,
    neighbours: Option<u32>,
}

impl Ranked {
    /// Upstream's order. It is no order in the strict sense: pods whose ages are of one magnitude go by UID, and pods
    /// of exactly one age by what comes next, so that three pods can go round in a circle.
    fn goes_before(&self, other: &Self, now_ns: i64) -> bool {
        let (a, b) = (&self.pod, &other.pod);
        if a.node.is_none() != b.node.is_none() {
            return a.node.is_none();
        }
        if a.phase != b.phase {
            return a.phase < b.phase;
        }
        if a.ready != b.ready {
            return !a.ready;
        }
        if a.deletion_cost != b.deletion_cost {
            return a.deletion_cost < b.deletion_cost;
        }
        if self.neighbours != other.neighbours {
            return self.neighbours > other.neighbours;
        }
        if a.ready && a.transition_s != b.transition_s {
            return younger(a, a.transition_s, b, b.transition_s, now_ns);
        }
        if a.restarts != b.restarts {
            return a.restarts > b.restarts;
        }
        a.created_s != b.created_s && younger(a, a.created_s, b, b.created_s, now_ns)
    }
}

/// Whether an age is of a smaller magnitude than another; of equal ones, the lower UID.
fn younger(a: &Pod, a_s: i64, b: &Pod, b_s: i64, now_ns: i64) -> bool {
    let (a_magnitude, b_magnitude) = (magnitude(a_s, now_ns), magnitude(b_s, now_ns));
    if a_magnitude == b_magnitude { a.uid < b.uid } else { a_magnitude < b_magnitude }
}

/// The whole part of the binary logarithm of an age in nanoseconds; -1 for none.
fn magnitude(since_s: i64, now_ns: i64) -> i32 {
    let age_ns = now_ns - since_s * SIGNED_SECOND_NS;
    if age_ns > 0 { age_ns.ilog2() as i32 } else { -1 }
}

/// Sorts by merging, which ends well whatever the order says; the standard library's sort may panic over circles.
fn sorted<T: Copy>(items: Vec<T>, before: &impl Fn(&T, &T) -> bool) -> Vec<T> {
    if items.len() < 2 {
        return items;
    }
    let (left, right) = items.split_at(items.len() / 2);
    let (left, right) = (sorted(left.to_vec(), before), sorted(right.to_vec(), before));
    let mut merged = Vec::with_capacity(items.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        let next = if before(second, first) { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left.chain(right));
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::workloads::pod::Phase;

    fn pod(id: u32, ready_s: i64) -> Pod {
        Pod {
            id,
            uid: u64::from(id),
            revision: 0,
            place: 0,
            node: Some(id),
            phase: Phase::Running,
            ready: true,
            transition_s: ready_s,
            created_s: 0,
            terminating: false,
            deletion_cost: 0,
            restarts: 0,
        }
    }

    #[test]
    fn ages_of_one_magnitude_go_by_uid_and_so_the_older_pod_may_go() {
        let now_ns = 100 * SIGNED_SECOND_NS;
        let choose = |pods: Vec<Pod>| first_to_go(pods, &Together::new(), 1, now_ns);
        assert_eq!(choose(vec![pod(2, 40), pod(1, 35)]), [1], "60 s and 65 s are of one magnitude");
        assert_eq!(choose(vec![pod(2, 40), pod(1, 20)]), [2], "60 s and 80 s are not: the limit is 68.7 s");
    }

    #[test]
    fn an_order_that_goes_round_in_a_circle_still_ends() {
        let mut circle = [pod(1, 10), pod(3, 10), pod(2, 11)];
        // 1 goes before 2 and 2 before 3 by UID, and 3 before 1 by its restarts.
        circle[1].restarts = 1;
        let many: Vec<Pod> = circle.iter().copied().cycle().take(100).collect();
        assert_eq!(first_to_go(many, &Together::new(), 50, 100 * SIGNED_SECOND_NS).len(), 50);
    }
}
