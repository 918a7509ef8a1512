//! Which ready pod takes a request: in turn behind a load balancer, at random behind kube-proxy.

use crate::mechanism::Mechanism;
use crate::run::Run;

/// `balancer`
pub static MECHANISM: Mechanism = Mechanism {
    name: "balancer",
    docs: "Which ready pod takes a request: one after the other behind a load balancer, with the same chance behind kube-proxy.",
    defaults: &[],
};

/// How requests are spread over endpoints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Balancing {
    /// kube-proxy in iptables mode: each endpoint with the same chance.
    #[default]
    Random,
    /// A load balancer with its default scheduler: one after the other.
    RoundRobin,
}

impl Run<'_> {
    /// The pod for the next request of a component; `None` if no pod is ready.
    #[inline]
    pub(crate) fn choose(&mut self, component: usize) -> Option<u32> {
        let target = &mut self.components[component];
        let count = target.endpoints.len();
        if count == 0 {
            return None;
        }
        let place = match target.balancing {
            Balancing::Random => self.streams.balancer.below(count as u64) as usize,
            Balancing::RoundRobin => {
                let place = target.turn as usize % count;
                target.turn = place as u32 + 1;
                place
            }
        };
        Some(target.endpoints[place])
    }

    /// The balancers hear that a pod became ready or ends.
    pub(crate) fn endpoint(&mut self, pod: u32) {
        let state = &self.pods[pod as usize];
        let workload = &self.workloads[state.workload];
        let wanted = state.ready && !state.terminating && workload.revisions[state.revision as usize].served;
        let endpoints = &mut self.components[workload.component].endpoints;
        // Kept in the order of pod numbers, so that a round does not depend on who was ready first.
        match (endpoints.binary_search(&pod), wanted) {
            (Err(place), true) => endpoints.insert(place, pod),
            (Ok(place), false) => {
                endpoints.remove(place);
            }
            (Ok(_), true) | (Err(_), false) => {}
        }
    }
}
