//! What is billed is the sum of what each pod on ECI and each node costs for its own time.

use super::Invariant;
use crate::cluster::{NodeState, Pod};
use crate::engine::clock::SECOND_NS;
use crate::model::{cost, eci};
use crate::run::Run;

/// `bills-add-up`
pub(super) static INVARIANT: Invariant = Invariant { name: "bills-add-up", check };

fn check(run: &Run) -> Result<(), String> {
    let bill = run.bill();
    let eci = cost::units(run.pods.iter().map(|pod| pod_nano(run, pod)).sum());
    if bill.eci != eci {
        return Err(format!("ECI is billed {}, and its pods cost {eci}", bill.eci));
    }
    let ecs: u128 = run.nodes.iter().map(|node| node_nano(run, node)).sum();
    let least = cost::units(ecs);
    // A bill goes in steps and has a least time, and nodes on their way are billed too.
    let most = cost::units(ecs + run.pools.ordered_ever().map(|pool| step_nano(run, pool)).sum::<u128>());
    if !(least..=most).contains(&bill.ecs) {
        return Err(format!("ECS is billed {}, and its nodes cost {least} to {most}", bill.ecs));
    }
    Ok(())
}

/// What the way of a node to the cluster, and the steps of its bill, may cost besides.
fn step_nano(run: &Run, pool: usize) -> u128 {
    let figures = &run.world.figures;
    let way_ns = figures.node_start_ns + figures.node_start_spread_ns;
    let besides_ns = way_ns + figures.node_billing_step_ns + figures.node_billing_min_ns;
    run.node_nano(pool, besides_ns)
}

/// From its first bill to its end, whatever became of it.
fn pod_nano(run: &Run, pod: &Pod) -> u128 {
    let Some(from_ns) = pod.eci_from_ns else { return 0 };
    let to_ns = pod.gone_ns.unwrap_or(run.clock.now_ns());
    let template = run.workloads[pod.workload].template(pod);
    let price = u128::from(eci::price_nano_per_second(template, &run.world.figures));
    price * u128::from(to_ns.saturating_sub(from_ns)) / u128::from(SECOND_NS)
}

/// What a node costs for the time that it ran, without the steps of a bill.
fn node_nano(run: &Run, node: &NodeState) -> u128 {
    if node.pool.is_none() {
        return 0;
    }
    let ran_ns = node.left_ns.unwrap_or(run.clock.now_ns()) - node.billed_from_ns;
    let price = u128::from(node.cpu_milli) * u128::from(run.world.figures.ecs_nano_per_vcpu_second);
    price * u128::from(ran_ns) / 1000 / u128::from(SECOND_NS)
}
