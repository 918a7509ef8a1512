//! From the old pods to the new: some at a time, or all old ones first.

use super::{Strategy, Sync};
use crate::model::workloads::replica_set::ReplicaSet;

impl Sync {
    /// A step of a rolling update: the new set grows where there is room, else the old ones shrink where they may
    /// (`rolloutRolling`).
    pub(super) fn roll(&mut self) {
        let Some(new) = self.new_set(true) else { return };
        if !self.grow(new) && !self.shrink(new) && self.is_complete(&self.deployment.status) {
            self.clean_up();
        }
        self.roll_status();
    }

    /// How many pods the new set may have (`NewRSNewReplicas`).
    pub(super) fn room_for(&self, new: &ReplicaSet) -> i32 {
        let replicas = self.replicas();
        let Strategy::RollingUpdate { max_surge, .. } = self.deployment.spec.strategy else {
            return replicas;
        };
        let room = replicas + max_surge.rounded_up(replicas) - self.wanted();
        if room <= 0 { new.replicas } else { new.replicas + room.min(replicas - new.replicas) }
    }

    /// `reconcileNewReplicaSet`
    fn grow(&mut self, new: usize) -> bool {
        let set = self.sets[new].set;
        if set.replicas == self.replicas() {
            return false;
        }
        let to = if set.replicas > self.replicas() { self.replicas() } else { self.room_for(&set) };
        self.scale_set(new, to, false)
    }

    /// `reconcileOldReplicaSets`
    fn shrink(&mut self, new: usize) -> bool {
        let old = self.active(&self.old_indices());
        if old.is_empty() {
            return false;
        }
        let least = self.replicas() - self.deployment.spec.max_unavailable();
        let set = &self.sets[new].set;
        let most = self.wanted() - least - (set.replicas - set.status.available);
        if most <= 0 {
            return false;
        }
        // A set with more available pods than wanted ones has yet to follow its last change: upstream gives up on an
        // error, which keeps it from counting those pods twice.
        let Some(cleaned) = self.shrink_unavailable(&old, most) else { return false };
        cleaned + self.shrink_available(&old, new, least) > 0
    }

    /// Pods of old sets that serve nobody go first (`cleanupUnhealthyReplicas`).
    fn shrink_unavailable(&mut self, old: &[usize], most: i32) -> Option<i32> {
        let mut total = 0;
        for index in old {
            let set = self.sets[*index].set;
            let unavailable = set.replicas - set.status.available;
            if total >= most || set.replicas == 0 || unavailable == 0 {
                continue;
            }
            if unavailable < 0 {
                return None;
            }
            let count = unavailable.min(most - total);
            self.scale_set(*index, set.replicas - count, false);
            total += count;
        }
        Some(total)
    }

    /// Then those without which enough remain (`scaleDownOldReplicaSetsForRollingUpdate`).
    fn shrink_available(&mut self, old: &[usize], new: usize, least: i32) -> i32 {
        let counted = old.iter().chain([&new]).map(|index| self.sets[*index].set.status.available);
        let surplus = counted.sum::<i32>() - least;
        let mut total = 0;
        for index in old {
            let set = self.sets[*index].set;
            if total >= surplus || set.replicas == 0 {
                continue;
            }
            let count = set.replicas.min(surplus - total);
            self.scale_set(*index, set.replicas - count, false);
            total += count;
        }
        total
    }

    /// A step of a rollout that ends every old pod before it begins (`rolloutRecreate`).
    pub(super) fn recreate(&mut self) {
        let new = self.new_set(false);
        let old = self.old_indices();
        let mut shrunk = false;
        for index in self.active(&old) {
            shrunk |= self.scale_set(index, 0, false);
        }
        if shrunk || self.old_pods_run(&old) {
            self.roll_status();
            return;
        }
        let Some(new) = new.or_else(|| self.new_set(true)) else { return };
        self.scale_set(new, self.replicas(), false);
        if self.is_complete(&self.deployment.status) {
            self.clean_up();
        }
        self.roll_status();
    }

    fn old_pods_run(&self, old: &[usize]) -> bool {
        old.iter().any(|index| self.sets[*index].set.status.replicas > 0 || self.sets[*index].pods > 0)
    }
}
