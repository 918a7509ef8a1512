//! Every rule about scenarios, one file each, in the order of their codes.

use compiler::diag::Rule;

pub mod call_in_circle;
pub mod impossible_objective;
pub mod impossible_time;
pub mod impossible_traffic;
pub mod missing_field;
pub mod missing_trace;
pub mod release_in_freeze;
pub mod release_in_soft_freeze;
pub mod run_too_long;
pub mod second_client;
pub mod service_without_time;
pub mod time_outside_run;
pub mod trace_and_base;
pub mod trace_gap;
pub mod trace_header;
pub mod trace_outside_run;
pub mod trace_row;
pub mod traffic_without_service;
pub mod unknown_cell;
pub mod unknown_component;
pub mod unmeasured_objective;
pub mod zero_time;

/// Every rule, sorted by code.
pub static ALL: &[&Rule] = &[
    &missing_field::RULE,
    &unknown_cell::RULE,
    &unknown_component::RULE,
    &traffic_without_service::RULE,
    &time_outside_run::RULE,
    &impossible_time::RULE,
    &second_client::RULE,
    &run_too_long::RULE,
    &call_in_circle::RULE,
    &release_in_freeze::RULE,
    &release_in_soft_freeze::RULE,
    &missing_trace::RULE,
    &trace_header::RULE,
    &trace_row::RULE,
    &trace_gap::RULE,
    &trace_outside_run::RULE,
    &trace_and_base::RULE,
    &impossible_traffic::RULE,
    &service_without_time::RULE,
    &zero_time::RULE,
    &impossible_objective::RULE,
    &unmeasured_objective::RULE,
];
