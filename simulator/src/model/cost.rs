//! What it costs: ECS nodes by the second whether they are used or not, ECI pods by their rounded size.

use super::eci;
use crate::cluster::NodeState;
use crate::engine::clock::SECOND_NS;
use crate::engine::trace::Bill;
use crate::mechanism::{Mechanism, Number, seconds, yuan_an_hour};
use crate::run::Run;
use crate::world::Figures;

/// `cost`
pub static MECHANISM: Mechanism = Mechanism {
    name: "cost",
    docs: "What a run costs: every ECS node, whether it is used or not, and every ECI pod by its size and its time. Nodes of the beginning cost the time of the run; one that was ordered is billed from its order to its end, in steps of the profile and at least for a while.",
    defaults: &[
        Number {
            name: "vCPU of a node, with its memory",
            value: |figures| yuan_an_hour(figures.ecs_nano_per_vcpu_second),
            source: "Alibaba Cloud, list price of ecs.c5.large: 0.622 CNY an hour for 2 vCPU and 4 GiB",
        },
        Number {
            name: "a node's time is billed in steps of",
            value: |figures| seconds(figures.node_billing_step_ns),
            source: "Alibaba Cloud, notice ECS-0928: pay-as-you-go by the second",
        },
        Number {
            name: "a node is billed at least for",
            value: |figures| seconds(figures.node_billing_min_ns),
            source: "assumption: the vendor's own least duration grows with the vCPUs",
        },
    ],
};

/// Nano-yuan in the trace's unit of 10⁻⁵ CNY.
const NANO_PER_UNIT: u64 = 10_000;

/// Nano-yuan to the trace's unit.
pub(crate) fn units(nano: u128) -> u64 {
    (nano / u128::from(NANO_PER_UNIT)) as u64
}

impl Run<'_> {
    /// What a pod on ECI has cost so far, in nano-yuan; 0 elsewhere, and for one that is gone.
    pub(crate) fn spent_nano(&self, pod: usize) -> u64 {
        let state = &self.pods[pod];
        let Some(from_ns) = state.eci_from_ns.filter(|_| state.gone_ns.is_none()) else { return 0 };
        let template = self.workloads[state.workload].template(state);
        let billed_ns = self.clock.now_ns().saturating_sub(from_ns);
        let price = eci::price_nano_per_second(template, &self.world.figures);
        (u128::from(price) * u128::from(billed_ns) / u128::from(SECOND_NS)) as u64
    }

    /// The bill at the end of the run.
    pub(crate) fn bill(&self) -> Bill {
        let now = self.clock.now_ns();
        let ecs: u128 = self
            .nodes
            .iter()
            .filter_map(|node| Some(self.node_nano(node.pool?, self.billed_ns(node, now))))
            .sum();
        let ordered: u128 = self
            .pools
            .ordered(now)
            .map(|(pool, ran_ns)| self.node_nano(pool, self.figures().billed_ns(ran_ns)))
            .sum();
        let gone: u128 = self.components.iter().map(|component| u128::from(component.spent_on_gone)).sum();
        let here: u128 = (0..self.pods.len()).map(|pod| u128::from(self.spent_nano(pod))).sum();
        Bill { ecs: units(ecs + ordered), eci: units(gone + here) }
    }

    fn figures(&self) -> &Figures {
        &self.world.figures
    }

    /// How long a node is billed. One of the beginning was there before and stays afterwards, so it costs its share.
    fn billed_ns(&self, node: &NodeState, now: u64) -> u64 {
        let ran_ns = node.left_ns.unwrap_or(now) - node.billed_from_ns;
        if node.billed_from_ns == 0 { ran_ns } else { self.figures().billed_ns(ran_ns) }
    }

    /// What a node of a pool costs in a time, in nano-yuan.
    pub(crate) fn node_nano(&self, pool: usize, billed_ns: u64) -> u128 {
        let per_second = u128::from(self.world.pools[pool].cpu_milli)
            * u128::from(self.figures().ecs_nano_per_vcpu_second);
        per_second * u128::from(billed_ns) / 1000 / u128::from(SECOND_NS)
    }
}
