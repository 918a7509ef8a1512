//! A Deployment whose count changes, or that is paused: its sets keep their proportions.

use super::{Strategy, Sync};
use crate::model::workloads::replica_set::ReplicaSet;

impl Sync {
    /// Whether the count has changed since the sets were scaled last (`isScalingEvent`).
    pub(super) fn is_scaling(&mut self) -> bool {
        self.new_set(false);
        let sets = self.sets.iter().map(|owned| &owned.set).filter(|set| set.replicas > 0);
        sets.into_iter().any(|set| set.desired.is_some_and(|desired| desired != self.replicas()))
    }

    /// A sync that scales and does not roll (`sync`).
    pub(super) fn scale_only(&mut self) {
        let new = self.new_set(false);
        self.scale(new);
        if self.deployment.spec.paused {
            self.clean_up();
        }
        let status = self.counted();
        self.write_status(status);
    }

    fn scale(&mut self, new: Option<usize>) {
        let old = self.old_indices();
        let active = self.active(&(0..self.sets.len()).collect::<Vec<usize>>());
        let one = match active[..] {
            [] => new.or(old.last().copied()),
            [only] => Some(only),
            _ => None,
        };
        if let Some(one) = one {
            self.scale_set(one, self.replicas(), false);
        } else if self.is_saturated(new) {
            for index in self.active(&old) {
                self.scale_set(index, 0, false);
            }
        } else if matches!(self.deployment.spec.strategy, Strategy::RollingUpdate { .. }) {
            self.scale_proportionally(active);
        }
    }

    /// The new set has every pod that is wanted, and all are available (`IsSaturated`).
    fn is_saturated(&self, new: Option<usize>) -> bool {
        let replicas = self.replicas();
        new.is_some_and(|index| {
            let set = &self.sets[index].set;
            (set.replicas, set.desired, set.status.available) == (replicas, Some(replicas), replicas)
        })
    }

    /// Gives every set its part of what is added or taken, the largest first; what rounding leaves is the largest's.
    fn scale_proportionally(&mut self, mut sets: Vec<usize>) {
        let replicas = self.replicas();
        let allowed = if replicas > 0 { replicas + self.deployment.spec.max_surge() } else { 0 };
        let to_add = allowed - sets.iter().map(|index| self.sets[*index].set.replicas).sum::<i32>();
        // Of equal sets the newer grows first, and the older shrinks first.
        let age = |index: usize| if to_add > 0 { -(index as i64) } else { index as i64 };
        sets.sort_by_key(|index| (-self.sets[*index].set.replicas, age(*index)));
        let (mut added, mut sizes) = (0, Vec::new());
        for index in &sets {
            let part = self.proportion(&self.sets[*index].set, to_add, added);
            sizes.push(self.sets[*index].set.replicas + part);
            added += part;
        }
        if let Some(largest) = sizes.first_mut().filter(|_| to_add != 0) {
            *largest = (*largest + to_add - added).max(0);
        }
        for (index, size) in sets.into_iter().zip(sizes) {
            self.scale_set(index, size, true);
        }
    }

    /// `GetReplicaSetProportion`
    fn proportion(&self, set: &ReplicaSet, to_add: i32, added: i32) -> i32 {
        if set.replicas == 0 || to_add == added {
            return 0;
        }
        let (fraction, allowed) = (self.fraction(set), to_add - added);
        match to_add {
            0 => 0,
            1.. => fraction.min(allowed),
            _ => fraction.max(allowed),
        }
    }

    /// How much a set would change if it kept its part of the whole (`getReplicaSetFraction`).
    fn fraction(&self, set: &ReplicaSet) -> i32 {
        let replicas = self.replicas();
        if replicas == 0 {
            return -set.replicas;
        }
        let whole = replicas + self.deployment.spec.max_surge();
        let before = set.max.filter(|max| *max > 0).unwrap_or(self.deployment.status.replicas);
        if before == 0 {
            return 0;
        }
        // Upstream multiplies in 32 bits, which wrap around, and rounds half away from zero.
        let size = f64::from(set.replicas.wrapping_mul(whole)) / f64::from(before);
        let rounded = if size < 0.0 { size - 0.5 } else { size + 0.5 };
        rounded as i32 - set.replicas
    }
}
