//! How many nodes that would do are looked for, and in which order nodes are looked at.

use std::collections::BTreeMap;

use super::labels::Labels;
use super::spread::ZONE;

/// Below so many nodes all are looked at: `minFeasibleNodesToFind`.
const NODES_MIN: usize = 100;
/// The least share of the nodes that is looked for: `minFeasibleNodesPercentageToFind`.
const PERCENT_MIN: usize = 5;

/// How many nodes that would do are enough, of so many: `percentageOfNodesToScore` is left to the scheduler.
pub fn enough(nodes: usize) -> usize {
    if nodes < NODES_MIN {
        return nodes;
    }
    let percent = 50_usize.saturating_sub(nodes / 125).max(PERCENT_MIN);
    (nodes * percent / 100).max(NODES_MIN)
}

/// The same where as few are looked for as ever, of however many.
pub fn least(nodes: usize) -> usize {
    nodes.min(NODES_MIN)
}

/// The order in which nodes are looked at: one of each zone in turn, zones and nodes as they joined.
pub fn order<'a>(nodes: impl Iterator<Item = (usize, &'a Labels)>) -> Vec<usize> {
    let mut names: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut zones: Vec<Vec<usize>> = Vec::new();
    let (mut number, mut longest) = (0, 0);
    for (index, labels) in nodes {
        let label = |key: &str| labels.get(key).map_or("", String::as_str);
        let zone = *names.entry((label("topology.kubernetes.io/region"), label(ZONE))).or_insert(zones.len());
        if zone == zones.len() {
            zones.push(Vec::new());
        }
        zones[zone].push(index);
        (number, longest) = (number + 1, longest.max(zones[zone].len()));
    }
    let mut order = Vec::with_capacity(number);
    for turn in 0..longest {
        order.extend(zones.iter().filter_map(|zone| zone.get(turn)));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_falls_with_the_number_of_nodes() {
        let found = [99, 100, 250, 1_000, 5_000, 6_000, 10_000].map(enough);
        assert_eq!(found, [99, 100, 120, 420, 500, 300, 500]);
    }

    #[test]
    fn zones_take_turns() {
        let zone = |zone: &str| Labels::from([(ZONE.to_owned(), zone.to_owned())]);
        let nodes = [zone("a"), zone("a"), zone("a"), zone("b"), Labels::new()];
        assert_eq!(order(nodes.iter().enumerate()), [0, 3, 4, 1, 2]);
    }
}
