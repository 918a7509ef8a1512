//! Every rule about scenarios, one file each, in the order of their codes.

use compiler::diag::Rule;

pub mod call_in_circle;
pub mod impossible_wait;
pub mod missing_field;
pub mod release_in_freeze;
pub mod release_in_soft_freeze;
pub mod run_too_long;
pub mod second_client;
pub mod time_outside_run;
pub mod traffic_without_service;
pub mod unknown_cell;
pub mod unknown_component;
pub mod unsimulated_release;

/// Every rule, sorted by code.
pub static ALL: &[&Rule] = &[
    &missing_field::RULE,
    &unknown_cell::RULE,
    &unknown_component::RULE,
    &traffic_without_service::RULE,
    &time_outside_run::RULE,
    &impossible_wait::RULE,
    &second_client::RULE,
    &run_too_long::RULE,
    &unsimulated_release::RULE,
    &call_in_circle::RULE,
    &release_in_freeze::RULE,
    &release_in_soft_freeze::RULE,
];
