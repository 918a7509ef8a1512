//! Budgets of disruption: how many pods may be evicted.

use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::scheduler::labels::Selector;
use crate::mechanism::Mechanism;
use crate::run::Run;

/// `disruption`
pub static MECHANISM: Mechanism = Mechanism {
    name: "disruption",
    docs: "PodDisruptionBudgets: a node is emptied only where every budget of its pods allows all of them to be evicted. What a controller deletes, when it scales or rolls, asks no budget. Shares are rounded up, and are of the pods that the selected workloads are to have.",
    defaults: &[],
};

/// One budget.
#[derive(Clone, Debug)]
pub struct Budget {
    namespace: Option<String>,
    selector: Selector,
    limit: Limit,
}

#[derive(Clone, Debug)]
enum Limit {
    /// So many must stay.
    Available(IntOrString),
    /// So many may be away.
    Unavailable(IntOrString),
}

impl Budget {
    /// Reads the object; `None` if it limits nothing.
    pub fn read(object: &PodDisruptionBudget) -> Option<Self> {
        let spec = object.spec.as_ref()?;
        let available = spec.min_available.clone().map(Limit::Available);
        let limit = available.or_else(|| spec.max_unavailable.clone().map(Limit::Unavailable))?;
        let selector = Selector::read(spec.selector.as_ref());
        Some(Self { namespace: object.metadata.namespace.clone(), selector, limit })
    }

    /// How many pods may go, of so many that there are to be and so many that are healthy.
    fn allowed(&self, expected: u32, healthy: u32) -> u32 {
        let count = |written: &IntOrString| match written {
            IntOrString::Int(count) => u32::try_from(*count).unwrap_or(0),
            IntOrString::String(share) => {
                let percent = share.strip_suffix('%').and_then(|digits| digits.parse::<u32>().ok());
                (expected * percent.unwrap_or(0)).div_ceil(100)
            }
        };
        let needed = match &self.limit {
            Limit::Available(least) => count(least),
            Limit::Unavailable(most) => expected.saturating_sub(count(most)),
        };
        healthy.saturating_sub(needed)
    }
}

impl Run<'_> {
    /// Whether all of these pods may be evicted at once.
    pub(crate) fn budgets_allow(&self, pods: &[u32]) -> bool {
        self.budgets.iter().all(|budget| {
            let own = |workload: usize| {
                let state = &self.workloads[workload];
                state.key.namespace == budget.namespace
                    && budget.selector.matches(&state.present().template.labels)
            };
            let workloads: Vec<usize> = (0..self.workloads.len()).filter(|index| own(*index)).collect();
            let meant = |pod: &u32| workloads.contains(&self.pods[*pod as usize].workload);
            let evicted = pods.iter().filter(|pod| meant(pod) && !self.pods[**pod as usize].terminating);
            let evicted = evicted.count() as u32;
            let expected = workloads.iter().map(|index| self.workloads[*index].held.replicas()).sum();
            let healthy = workloads.iter().flat_map(|index| &self.workloads[*index].pods);
            let healthy = healthy.filter(|pod| self.pods[**pod as usize].ready).count() as u32;
            evicted == 0 || evicted <= budget.allowed(expected, healthy)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn budget(limit: &serde_json::Value) -> Budget {
        let object = json!({"metadata": {"name": "web"}, "spec": limit});
        Budget::read(&serde_json::from_value(object).unwrap()).unwrap()
    }

    #[test]
    fn shares_are_rounded_up() {
        assert_eq!(budget(&json!({"minAvailable": "50%"})).allowed(5, 5), 2);
        assert_eq!(budget(&json!({"maxUnavailable": "50%"})).allowed(5, 5), 3);
        assert_eq!(budget(&json!({"maxUnavailable": 1})).allowed(5, 4), 0, "one is away already");
        assert_eq!(budget(&json!({"minAvailable": 3})).allowed(5, 5), 2);
    }
}
