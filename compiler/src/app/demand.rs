//! How much a component and a cell request when they are largest.

use super::{Amount, Cell, Cluster, Component, ComponentKind, Platform, Pool, Scale};

impl Component {
    /// The most pods there are at a time: the greatest count, and what a release adds to it. Members of a stateful
    /// component and daemons are replaced in their place; a daemon has a pod on each node that its pool may grow to.
    pub fn pods_most(&self, cluster: &Cluster) -> u64 {
        let count = match &self.scale {
            Scale::Fixed(count) => count.value,
            Scale::Auto(auto) => auto.max.value,
        };
        match self.kind.value {
            ComponentKind::Stateless => {
                let surge = (u64::from(count) * u64::from(self.release.surge_percent)).div_ceil(100);
                u64::from(count) + surge
            }
            ComponentKind::Stateful => u64::from(count),
            ComponentKind::Daemon => {
                let mine = |pool: &&Pool| self.os.runs_on(pool.os);
                cluster.pools.iter().filter(mine).map(|pool| u64::from(pool.max)).sum()
            }
        }
    }

    /// What its pods request when there are most of them.
    pub fn demand_most(&self, cluster: &Cluster) -> Amount {
        let pods = u128::from(self.pods_most(cluster));
        let (cpu_milli, memory_bytes) = self.requests();
        Amount {
            cpu_milli: pods * u128::from(cpu_milli),
            memory_bytes: pods * u128::from(memory_bytes),
            pods,
        }
    }
}

impl Platform {
    /// What all components of a cell request when each is largest.
    pub fn demand_most(&self, cell: &Cell) -> Amount {
        let cluster = &self.clusters[cell.cluster];
        let demands = cell.components.iter().map(|component| component.demand_most(cluster));
        demands.fold(Amount::default(), Amount::plus)
    }
}

impl Amount {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Amount) -> Amount {
        Amount {
            cpu_milli: self.cpu_milli + other.cpu_milli,
            memory_bytes: self.memory_bytes + other.memory_bytes,
            pods: self.pods + other.pods,
        }
    }
}
