//! How the cluster and its users behave: one mechanism a file.

pub mod abandoned;
pub mod autoscaler;
pub mod balancer;
pub mod call;
pub mod client;
pub mod connection_pool;
pub(crate) mod controller;
pub mod cost;
pub mod cron_job;
pub mod cronhpa;
pub mod custom_metrics;
pub mod disruption;
pub mod drain;
pub mod eci;
mod fault;
pub mod flow;
pub mod kubelet;
pub mod memory;
pub mod metrics;
pub mod node_pool;
pub mod probe;
pub mod quota;
pub mod rate;
pub mod readiness_gate;
pub mod restart;
pub mod retry_budget;
pub mod rollout;
mod running;
mod scattered;
pub mod scheduler;
pub mod service;
pub mod template;
pub mod throttle;
pub mod traffic;
pub mod ttl_cache;
pub mod verification;
pub mod warm_up;
pub mod workloads;

use crate::mechanism::Mechanism;

/// Every mechanism, by name.
pub static MECHANISMS: &[&Mechanism] = &[
    &abandoned::MECHANISM,
    &autoscaler::MECHANISM,
    &balancer::MECHANISM,
    &call::MECHANISM,
    &client::MECHANISM,
    &connection_pool::MECHANISM,
    &cost::MECHANISM,
    &cron_job::MECHANISM,
    &cronhpa::MECHANISM,
    &custom_metrics::MECHANISM,
    &workloads::daemon_set::MECHANISM,
    &workloads::deployment::MECHANISM,
    &disruption::MECHANISM,
    &drain::MECHANISM,
    &eci::MECHANISM,
    &flow::MECHANISM,
    &kubelet::MECHANISM,
    &memory::MECHANISM,
    &metrics::MECHANISM,
    &node_pool::MECHANISM,
    &probe::MECHANISM,
    &quota::MECHANISM,
    &readiness_gate::MECHANISM,
    &workloads::replica_set::MECHANISM,
    &restart::MECHANISM,
    &rollout::MECHANISM,
    &scheduler::MECHANISM,
    &service::MECHANISM,
    &workloads::stateful_set::MECHANISM,
    &throttle::MECHANISM,
    &traffic::MECHANISM,
    &ttl_cache::MECHANISM,
    &verification::MECHANISM,
    &warm_up::MECHANISM,
];
