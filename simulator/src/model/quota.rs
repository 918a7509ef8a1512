//! Quotas of a namespace: pods that would go above one are not made.

use compiler::resolve::quantity;
use k8s_openapi::api::core::v1::ResourceQuota;

use crate::engine::trace::What;
use crate::mechanism::Mechanism;
use crate::run::Run;

/// `quota`
pub static MECHANISM: Mechanism = Mechanism {
    name: "quota",
    docs: "ResourceQuotas on pods: the API server refuses a pod whose requests, limits or number would take its namespace above one, and its controller tries again, after a time that doubles from 5 ms up to a thousand seconds, and whenever its object changes. Scopes are left out, and what is counted besides pods, CPU and memory.",
    defaults: &[],
};

/// One quota of one namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    name: String,
    namespace: Option<String>,
    /// What is limited, in the order of the words.
    hard: Vec<(Counted, u64)>,
}

/// What a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counted {
    Pods,
    CpuRequests,
    CpuLimits,
    MemoryRequests,
    MemoryLimits,
}

impl Counted {
    fn from_word(word: &str) -> Option<Self> {
        match word {
            "pods" | "count/pods" => Some(Self::Pods),
            "cpu" | "requests.cpu" => Some(Self::CpuRequests),
            "limits.cpu" => Some(Self::CpuLimits),
            "memory" | "requests.memory" => Some(Self::MemoryRequests),
            "limits.memory" => Some(Self::MemoryLimits),
            _ => None,
        }
    }

    fn read(self, text: &str) -> Option<u64> {
        match self {
            Self::Pods => text.parse().ok(),
            Self::CpuRequests | Self::CpuLimits => quantity::cpu_milli(text),
            Self::MemoryRequests | Self::MemoryLimits => quantity::memory_bytes(text),
        }
    }

    fn of(self, template: &super::template::Template) -> u64 {
        match self {
            Self::Pods => 1,
            Self::CpuRequests => template.cpu_request_milli,
            Self::CpuLimits => template.cpu_limit_milli.unwrap_or(0),
            Self::MemoryRequests => template.memory_request_bytes,
            Self::MemoryLimits => template.memory_limit_bytes.unwrap_or(0),
        }
    }
}

impl Quota {
    /// Reads the object.
    pub fn read(object: &ResourceQuota) -> Self {
        let hard = object.spec.iter().flat_map(|spec| spec.hard.iter().flatten());
        let hard = hard.filter_map(|(word, amount)| {
            let counted = Counted::from_word(word)?;
            Some((counted, counted.read(&amount.0)?))
        });
        Self {
            name: object.metadata.name.clone().unwrap_or_default(),
            namespace: object.metadata.namespace.clone(),
            hard: hard.collect(),
        }
    }
}

impl Run<'_> {
    /// Whether the namespace of a workload may have one more pod of a template; says so once if not.
    pub(crate) fn quota_allows(&mut self, workload: usize, revision: u32) -> bool {
        if self.quotas.is_empty() {
            return true;
        }
        let exceeded = self.exceeded(workload, revision);
        if let Some(reason) = exceeded {
            if self.refused.get(&workload) != Some(&reason) {
                let deployment = self.workloads[workload].key.name.clone();
                self.happened(What::Unschedulable { deployment, reason: reason.clone() });
                self.refused.insert(workload, reason);
            }
            return false;
        }
        true
    }

    fn exceeded(&self, workload: usize, revision: u32) -> Option<String> {
        let state = &self.workloads[workload];
        let asked = &state.revisions[revision as usize].template;
        let namespace = &state.key.namespace;
        let mut own = self.quotas.iter().filter(|quota| &quota.namespace == namespace);
        own.find_map(|quota| {
            let passed = |(counted, hard): &&(Counted, u64)| {
                self.used(namespace.as_deref(), *counted) + counted.of(asked) > *hard
            };
            quota.hard.iter().find(passed).map(|(counted, hard)| {
                let word = match counted {
                    Counted::Pods => format!("{hard} pods"),
                    Counted::CpuRequests => format!("{hard}m of CPU requests"),
                    Counted::CpuLimits => format!("{hard}m of CPU limits"),
                    Counted::MemoryRequests => format!("{hard} bytes of memory requests"),
                    Counted::MemoryLimits => format!("{hard} bytes of memory limits"),
                };
                format!("its pods are not made: quota {} allows {word}", quota.name)
            })
        })
    }

    /// What the pods of a namespace have, those that end included.
    fn used(&self, namespace: Option<&str>, counted: Counted) -> u64 {
        let own = self.workloads.iter().filter(|other| other.key.namespace.as_deref() == namespace);
        own.flat_map(|other| &other.revisions)
            .map(|revision| {
                let there = revision.counts.active + revision.counts.terminating;
                u64::from(there.unsigned_abs()) * counted.of(&revision.template)
            })
            .sum()
    }
}
