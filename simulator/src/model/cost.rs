//! What it costs: ECS nodes by the second whether they are used or not, ECI pods by their rounded size.

use super::eci;
use crate::engine::clock::SECOND_NS;
use crate::engine::trace::Bill;
use crate::mechanism::{Mechanism, Number, yuan_an_hour};
use crate::run::Run;

/// `cost`
pub static MECHANISM: Mechanism = Mechanism {
    name: "cost",
    docs: "What a run costs: every ECS node by the second, whether it is used or not, and every ECI pod by its size and its time.",
    defaults: &[Number {
        name: "vCPU of a node, with its memory",
        value: |figures| yuan_an_hour(figures.ecs_nano_per_vcpu_second),
        source: "Alibaba Cloud, list price of ecs.c5.large: 0.622 CNY an hour for 2 vCPU and 4 GiB",
    }],
};

/// Nano-yuan in the trace's unit of 10⁻⁵ CNY.
const NANO_PER_UNIT: u64 = 10_000;

/// Nano-yuan to the trace's unit.
pub(crate) fn units(nano: u128) -> u64 {
    (nano / u128::from(NANO_PER_UNIT)) as u64
}

impl Run<'_> {
    /// What a pod on ECI has cost so far, in nano-yuan; 0 elsewhere.
    pub(crate) fn spent_nano(&self, pod: usize) -> u64 {
        let state = &self.pods[pod];
        if !state.node.is_some_and(|node| self.nodes[node].is_virtual) {
            return 0;
        }
        let size = eci::size(self.workloads[state.workload].template(state));
        let billed_ns = self.clock.now_ns().saturating_sub(state.billed_from_ns);
        let price = eci::price_nano_per_second(size, &self.world.figures);
        (u128::from(price) * u128::from(billed_ns) / u128::from(SECOND_NS)) as u64
    }

    /// The bill at the end of the run.
    pub(crate) fn bill(&self) -> Bill {
        let cores_milli: u64 = self.world.nodes.iter().map(|node| node.cpu_milli).sum();
        let per_second =
            u128::from(cores_milli) * u128::from(self.world.figures.ecs_nano_per_vcpu_second) / 1000;
        let ecs = per_second * u128::from(self.clock.now_ns()) / u128::from(SECOND_NS);
        let gone: u128 = self.components.iter().map(|component| u128::from(component.spent_on_gone)).sum();
        let here: u128 = (0..self.pods.len()).map(|pod| u128::from(self.spent_nano(pod))).sum();
        Bill { ecs: units(ecs), eci: units(gone + here) }
    }
}
