//! How much a component and a cell request when they are largest.

use super::{Amount, Cell, Component, Scale};

impl Component {
    /// The most pods there are at a time: the greatest count, and what a release adds to it.
    pub fn pods_most(&self) -> u64 {
        let count = match &self.scale {
            Scale::Fixed(count) => count.value,
            Scale::Auto(auto) => auto.max.value,
        };
        let surge = (u64::from(count) * u64::from(self.release.surge_percent)).div_ceil(100);
        u64::from(count) + surge
    }

    /// What its pods request when there are most of them.
    pub fn demand_most(&self) -> Amount {
        let pods = u128::from(self.pods_most());
        Amount {
            cpu_milli: pods * u128::from(self.resources.cpu_milli.value),
            memory_bytes: pods * u128::from(self.resources.memory_bytes.value),
            pods,
        }
    }
}

impl Cell {
    /// What all its components request when each is largest.
    pub fn demand_most(&self) -> Amount {
        self.components.iter().map(Component::demand_most).fold(Amount::default(), Amount::plus)
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
