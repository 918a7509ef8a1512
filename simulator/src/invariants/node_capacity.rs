//! No node holds more than it has, and what it counts is what its pods request.

use super::Invariant;
use crate::run::Run;

/// `node-capacity`
pub(super) static INVARIANT: Invariant = Invariant { name: "node-capacity", check };

fn check(run: &Run) -> Result<(), String> {
    for node in &run.nodes {
        let template = |pod: &u32| {
            let pod = &run.pods[*pod as usize];
            run.workloads[pod.workload].template(pod)
        };
        let cpu: u64 = node.pods.iter().map(|pod| template(pod).cpu_request_milli).sum();
        let memory: u64 = node.pods.iter().map(|pod| template(pod).memory_request_bytes).sum();
        if (cpu, memory) != (node.cpu_requested, node.memory_requested) {
            return Err(format!("node {} counts other requests than its pods have", node.name));
        }
        if cpu > node.cpu_milli || memory > node.memory_bytes || node.pods.len() as u32 > node.pods_max {
            return Err(format!("node {} holds more than it has", node.name));
        }
    }
    Ok(())
}
