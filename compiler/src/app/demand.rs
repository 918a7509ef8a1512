//! How much a component and a cell request when they are largest.

use super::{Addon, Cell, Cluster, Component, ComponentKind, Demand, Platform, Pool, Scale, cron};

impl Component {
    /// The most pods there are at a time: the greatest count, and what a release adds to it. Members of a stateful
    /// component and daemons are replaced in their place; a daemon has a pod on each node that its pool may grow to.
    pub fn pods_most(&self, cluster: &Cluster) -> u64 {
        let count = u64::from(self.scale.most().value);
        match self.kind.value {
            ComponentKind::Stateless => {
                let surge = (count * u64::from(self.release.surge_percent)).div_ceil(100);
                // Without any surge and with nothing unavailable a release takes one pod more, or it would never move.
                count + if self.release.unavailable_percent == 0 { surge.max(1) } else { surge }
            }
            ComponentKind::Stateful => count,
            ComponentKind::Daemon => {
                let mine = |pool: &&Pool| self.os.runs_on(pool.os);
                cluster.pools.iter().filter(mine).map(|pool| u64::from(pool.max)).sum()
            }
        }
    }

    /// What its pods request when there are most of them, and what the jobs request that scale it by the clock.
    pub fn demand_most(&self, cluster: &Cluster) -> Demand {
        let pods = u128::from(self.pods_most(cluster));
        let (cpu_milli, memory_bytes) = self.requests();
        let (jobs, job_cpu_milli, job_memory_bytes) =
            (self.jobs(cluster), cron::JOB_CPU_MILLI, cron::JOB_MEMORY_BYTES);
        Demand {
            cpu_milli: pods * u128::from(cpu_milli) + jobs * u128::from(job_cpu_milli),
            memory_bytes: pods * u128::from(memory_bytes) + jobs * u128::from(job_memory_bytes),
            pods: pods + jobs,
        }
    }

    /// The pods of jobs that can run at a time: one that opens and one that closes each window.
    fn jobs(&self, cluster: &Cluster) -> u128 {
        match &self.scale {
            Scale::Auto(auto) if cluster.installed(Addon::Cronhpa).is_none() => 2 * auto.crons.len() as u128,
            Scale::Auto(_) | Scale::Fixed(_) => 0,
        }
    }
}

impl Platform {
    /// What all components of a cell request when each is largest.
    pub fn demand_most(&self, cell: &Cell) -> Demand {
        let cluster = &self.clusters[cell.cluster];
        let demands = cell.components.iter().map(|component| component.demand_most(cluster));
        demands.fold(Demand::default(), Demand::plus)
    }
}

impl Demand {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Demand) -> Demand {
        Demand {
            cpu_milli: self.cpu_milli + other.cpu_milli,
            memory_bytes: self.memory_bytes + other.memory_bytes,
            pods: self.pods + other.pods,
        }
    }
}
