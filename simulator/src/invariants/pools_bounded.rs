//! A pool has as many connections as are idle or used, each to the pod that it is listed under, and no more than it may.

use std::collections::BTreeMap;

use super::Invariant;
use crate::run::Run;

/// `pools-bounded`
pub(super) static INVARIANT: Invariant = Invariant { name: "pools-bounded", check };

fn check(run: &Run) -> Result<(), String> {
    let mut there = vec![0_u64; run.links.all.len()];
    let mut to_pods: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    let idle =
        (0_u32..).zip(&run.links.all).flat_map(|(link, known)| known.idle.iter().map(move |to| (link, to)));
    let used = run.requests.ties.iter().filter_map(|tie| Some((tie.link?, tie.connection.as_ref()?)));
    for (link, connection) in idle.chain(used) {
        there[link as usize] += 1;
        *to_pods.entry((connection.choice.pod, link)).or_default() += 1;
    }
    if to_pods != run.links.to_pods {
        return Err("connections are listed under other pods than they go to".to_owned());
    }
    for (link, there) in run.links.all.iter().zip(there) {
        let most = link.pool.map_or(0, |pool| pool.connections);
        if u64::from(link.open) != there || link.open > most {
            return Err(format!("a pool of {most} says {} connections, {there} are", link.open));
        }
    }
    Ok(())
}
