//! `ControllerRevision`s of a `StatefulSet` or `DaemonSet`: which templates there were, the latest last.

/// The list once a template is the latest: an old one moves to the end, as a rollback renumbers it.
pub fn updated(revisions: &[u32], latest: u32) -> Vec<u32> {
    revisions.iter().copied().filter(|revision| *revision != latest).chain([latest]).collect()
}

/// The list without the oldest revisions that nothing lives by: those beyond `limit` of `counted` ones.
pub fn truncated(revisions: &[u32], counted: usize, limit: i32, live: impl Fn(u32) -> bool) -> Vec<u32> {
    let surplus = counted.saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
    let dead = revisions.iter().copied().filter(|revision| !live(*revision));
    let dead: Vec<u32> = dead.take(surplus).collect();
    revisions.iter().copied().filter(|revision| !dead.contains(revision)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollback_makes_an_old_revision_the_latest() {
        assert_eq!(updated(&[1, 2, 3], 1), [2, 3, 1]);
        assert_eq!(updated(&[1, 2], 2), [1, 2]);
    }

    #[test]
    fn the_oldest_revisions_without_pods_are_forgotten() {
        assert_eq!(truncated(&[1, 2, 3, 4], 2, 1, |revision| revision == 1 || revision == 4), [1, 3, 4]);
    }
}
