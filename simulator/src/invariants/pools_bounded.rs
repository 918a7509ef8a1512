//! A pool has as many connections as are idle or used, and no more than it may.

use super::Invariant;
use crate::run::Run;

/// `pools-bounded`
pub(super) static INVARIANT: Invariant = Invariant { name: "pools-bounded", check };

fn check(run: &Run) -> Result<(), String> {
    let mut there: Vec<u64> = run.links.all.iter().map(|link| link.idle.len() as u64).collect();
    for tie in run.requests.ties.iter().filter(|tie| tie.connection.is_some()) {
        if let Some(link) = tie.link {
            there[link as usize] += 1;
        }
    }
    for (link, there) in run.links.all.iter().zip(there) {
        let most = link.pool.map_or(0, |pool| pool.connections);
        if u64::from(link.open) != there || link.open > most {
            return Err(format!("a pool of {most} says {} connections, {there} are", link.open));
        }
    }
    Ok(())
}
