//! How scores of different kinds are made comparable: each of 0 to 100 over the nodes that would do, then weighed.

/// Weights of the default profile: `getDefaultPlugins` of the scheduler's defaults.
pub mod weight {
    /// Taints that had better be avoided.
    pub const TAINTS: i64 = 3;
    /// Preferred node affinity.
    pub const AFFINITY: i64 = 2;
    /// Topology spread.
    pub const SPREAD: i64 = 2;
    /// Preferred affinity between pods.
    pub const NEIGHBOURS: i64 = 2;
    /// Free room.
    pub const FIT: i64 = 1;
    /// Balance of CPU and memory.
    pub const BALANCE: i64 = 1;
}

/// In proportion to the greatest; `reversed` where much is bad.
pub fn by_greatest(scores: &mut [i64], reversed: bool) {
    let greatest = scores.iter().copied().max().unwrap_or(0);
    for score in scores {
        let share = if greatest == 0 { 0 } else { 100 * *score / greatest };
        *score = if reversed { 100 - share } else { share };
    }
}

/// From the least, which becomes 0, to the greatest; all 0 where they are equal.
pub fn by_range(scores: &mut [i64]) {
    let least = scores.iter().copied().min().unwrap_or(0);
    let range = scores.iter().copied().max().unwrap_or(0) - least;
    for score in scores {
        // Upstream divides first and multiplies then, which now and then gives one less than the other way round.
        let share = if range > 0 { (*score - least) as f64 / range as f64 } else { 0.0 };
        *score = (100.0 * share) as i64;
    }
}

/// Crowding, where the least is best: the mirror image of the scores between the two ends, in proportion to the
/// greatest. `None` is a node without one of the keys, which gets nothing.
pub fn by_crowd(scores: &[Option<i64>]) -> Vec<i64> {
    let least = scores.iter().flatten().copied().min().unwrap_or(i64::MAX);
    let greatest = scores.iter().flatten().copied().max().unwrap_or(0);
    let share = |score: i64| {
        if greatest == 0 { 100 } else { 100 * (greatest + least - score) / greatest }
    };
    scores.iter().map(|score| score.map_or(0, share)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_preferred_term_of_weight_1_acts_like_one_of_weight_100() {
        let mut scores = [0, 1];
        by_greatest(&mut scores, false);
        assert_eq!(scores, [0, 100]);
    }

    #[test]
    fn without_a_taint_to_avoid_every_node_is_best() {
        let mut scores = [0, 0];
        by_greatest(&mut scores, true);
        assert_eq!(scores, [100, 100]);
    }
}
