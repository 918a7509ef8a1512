//! Every rule of the language, one file each, in the order of their codes.

pub mod alb_without_terway;
pub mod alert_threshold;
pub mod alert_without_autoscaler;
pub mod alert_without_operator;
pub mod ambiguous_image;
pub mod average_while_releasing;
pub mod bare_boolean;
pub mod batches_do_not_grow;
pub mod beyond_eci;
pub mod budget_blocks_drains;
pub mod canary_larger_than_fleet;
pub mod colon_name;
pub mod config_too_large;
pub mod cron_above_max;
pub mod cron_below_min;
pub mod cron_name_too_long;
pub mod cron_overlap;
pub mod cron_seconds;
pub mod cron_time_zone;
pub mod cron_without_length;
pub mod daemon_on_eci;
pub mod dependency_cycle;
pub mod disk_without_member;
pub mod disruption_target;
pub mod dns_on_windows;
pub mod dns_port_taken;
pub mod dns_with_host_network;
pub mod drain_out_of_range;
pub mod duplicate_component;
pub mod duplicate_document;
pub mod duplicate_logs;
pub mod duplicate_mount;
pub mod duplicate_name;
pub mod duplicate_property;
pub mod eci_not_allowed;
pub mod eci_rounding;
pub mod empty_document;
pub mod empty_override;
pub mod field_too_new;
pub mod file_too_large;
pub mod freeze_order;
pub mod freeze_overlap;
pub mod host_port_collision;
pub mod host_port_differs;
pub mod http_field_without_entry;
pub mod incomplete_dns;
pub mod intranet_without_ack;
pub mod invalid_utf_8;
pub mod last_batch_halts;
pub mod left_behind_by_upgrade;
pub mod limit_below_request;
pub mod limits;
pub mod list_punctuation;
pub mod load_balancer_id_without_ack;
pub mod log_source;
pub mod logs_without_store;
pub mod metric_target;
pub mod min_ready_too_long;
pub mod misplaced_field;
pub mod missing_document;
pub mod missing_entry;
pub mod missing_field;
pub mod missing_file;
pub mod missing_readiness;
pub mod missing_value;
pub mod mount_over_root;
pub mod name_taken;
pub mod name_too_long;
pub mod nesting_too_deep;
pub mod no_image_for_build;
pub mod no_kubectl_image;
pub mod no_virtual_node;
pub mod no_windows_pool;
pub mod node_access;
pub mod node_local_on_eci;
pub mod node_local_without_cache;
pub mod not_on_windows;
pub mod nothing_to_remove;
pub mod override_of_removed;
pub mod placeholder;
pub mod pod_security_forbids;
pub mod port_twice;
pub mod preference_is_no_promise;
pub mod probe_beyond_deadline;
pub mod quota_exceeded;
pub mod readiness_gates_without_terway;
pub mod receiver_adapter;
pub mod receiver_without_operator;
pub mod remove_outside_override;
pub mod removed_and_set;
pub mod repeated_field;
pub mod replicas_and_scale;
pub mod request_above_every_node;
pub mod required_spread_with_burst;
pub mod reserved_label;
pub mod resolver_loop;
pub mod retired_windows_build;
pub mod scale_bounds;
pub mod scale_to_zero;
pub mod schedule_day_or_weekday;
pub mod schedule_descriptor;
pub mod schedule_fields;
pub mod schedule_never_fires;
pub mod schedule_value;
pub mod several_questions;
pub mod shared_host;
pub mod shared_load_balancer;
pub mod shared_namespace;
pub mod shared_nas;
pub mod spread_without_zones;
pub mod stateful_on_eci;
pub mod stray_brace;
pub mod syntax;
pub mod tolerance_too_new;
pub mod unclosed_block;
pub mod unclosed_string;
pub mod uncountable_kind;
pub mod unexpected_value;
pub mod unknown_cluster;
pub mod unknown_component;
pub mod unknown_environment;
pub mod unknown_key;
pub mod unknown_metric_container;
pub mod unknown_port;
pub mod unknown_query_placeholder;
pub mod unknown_question;
pub mod unknown_removal;
pub mod unknown_volume;
pub mod unquoted_value;
pub mod unsupported_kubernetes;
pub mod upgrade_without_change;
pub mod upgrade_without_room;
pub mod verification_beyond_deadline;
pub mod verification_condition;
pub mod via_inside_the_cluster;
pub mod wide_punctuation;
pub mod windows_build_mismatch;
pub mod windows_on_eci;
pub mod wrong_comment;
pub mod wrong_quotes;
pub mod wrong_type;
pub mod yaml_alias_limit;
pub mod yaml_key;
pub mod yaml_merge_key;
pub mod yaml_several_documents;
pub mod yaml_shape;
pub mod yaml_tab;
pub mod yaml_tag;

use crate::app::Cell;
use crate::check::Checked;
use crate::diag::{Diagnostics, Rule};
use crate::object::Object;

/// Every rule, sorted by code.
pub static ALL: &[&Rule] = &[
    &syntax::RULE,
    &unquoted_value::RULE,
    &bare_boolean::RULE,
    &wrong_comment::RULE,
    &colon_name::RULE,
    &list_punctuation::RULE,
    &wrong_quotes::RULE,
    &placeholder::RULE,
    &wide_punctuation::RULE,
    &unclosed_block::RULE,
    &stray_brace::RULE,
    &unclosed_string::RULE,
    &duplicate_property::RULE,
    &nesting_too_deep::RULE,
    &file_too_large::RULE,
    &empty_document::RULE,
    &invalid_utf_8::RULE,
    &yaml_alias_limit::RULE,
    &yaml_merge_key::RULE,
    &yaml_key::RULE,
    &yaml_tag::RULE,
    &yaml_several_documents::RULE,
    &yaml_tab::RULE,
    &yaml_shape::RULE,
    &unknown_key::RULE,
    &wrong_type::RULE,
    &missing_value::RULE,
    &unexpected_value::RULE,
    &missing_field::RULE,
    &repeated_field::RULE,
    &duplicate_name::RULE,
    &duplicate_component::RULE,
    &unknown_component::RULE,
    &unknown_environment::RULE,
    &unknown_cluster::RULE,
    &missing_document::RULE,
    &duplicate_document::RULE,
    &missing_file::RULE,
    &replicas_and_scale::RULE,
    &nothing_to_remove::RULE,
    &remove_outside_override::RULE,
    &uncountable_kind::RULE,
    &misplaced_field::RULE,
    &several_questions::RULE,
    &schedule_fields::RULE,
    &schedule_descriptor::RULE,
    &schedule_value::RULE,
    &schedule_never_fires::RULE,
    &schedule_day_or_weekday::RULE,
    &metric_target::RULE,
    &disruption_target::RULE,
    &last_batch_halts::RULE,
    &log_source::RULE,
    &unknown_removal::RULE,
    &removed_and_set::RULE,
    &override_of_removed::RULE,
    &empty_override::RULE,
    &dependency_cycle::RULE,
    &eci_not_allowed::RULE,
    &no_virtual_node::RULE,
    &request_above_every_node::RULE,
    &scale_bounds::RULE,
    &unknown_port::RULE,
    &batches_do_not_grow::RULE,
    &missing_readiness::RULE,
    &intranet_without_ack::RULE,
    &name_too_long::RULE,
    &config_too_large::RULE,
    &duplicate_mount::RULE,
    &unsupported_kubernetes::RULE,
    &ambiguous_image::RULE,
    &no_image_for_build::RULE,
    &left_behind_by_upgrade::RULE,
    &upgrade_without_room::RULE,
    &unknown_metric_container::RULE,
    &shared_nas::RULE,
    &port_twice::RULE,
    &disk_without_member::RULE,
    &node_access::RULE,
    &daemon_on_eci::RULE,
    &stateful_on_eci::RULE,
    &host_port_collision::RULE,
    &unknown_volume::RULE,
    &name_taken::RULE,
    &reserved_label::RULE,
    &probe_beyond_deadline::RULE,
    &limit_below_request::RULE,
    &not_on_windows::RULE,
    &windows_build_mismatch::RULE,
    &no_windows_pool::RULE,
    &windows_on_eci::RULE,
    &retired_windows_build::RULE,
    &beyond_eci::RULE,
    &eci_rounding::RULE,
    &host_port_differs::RULE,
    &upgrade_without_change::RULE,
    &cron_above_max::RULE,
    &cron_time_zone::RULE,
    &cron_overlap::RULE,
    &cron_seconds::RULE,
    &no_kubectl_image::RULE,
    &canary_larger_than_fleet::RULE,
    &preference_is_no_promise::RULE,
    &tolerance_too_new::RULE,
    &scale_to_zero::RULE,
    &budget_blocks_drains::RULE,
    &cron_without_length::RULE,
    &cron_below_min::RULE,
    &cron_name_too_long::RULE,
    &min_ready_too_long::RULE,
    &average_while_releasing::RULE,
    &node_local_without_cache::RULE,
    &node_local_on_eci::RULE,
    &incomplete_dns::RULE,
    &resolver_loop::RULE,
    &dns_port_taken::RULE,
    &dns_on_windows::RULE,
    &dns_with_host_network::RULE,
    &alert_without_operator::RULE,
    &alert_threshold::RULE,
    &alert_without_autoscaler::RULE,
    &receiver_adapter::RULE,
    &receiver_without_operator::RULE,
    &logs_without_store::RULE,
    &duplicate_logs::RULE,
    &shared_namespace::RULE,
    &quota_exceeded::RULE,
    &pod_security_forbids::RULE,
    &freeze_order::RULE,
    &freeze_overlap::RULE,
    &field_too_new::RULE,
    &http_field_without_entry::RULE,
    &missing_entry::RULE,
    &via_inside_the_cluster::RULE,
    &drain_out_of_range::RULE,
    &load_balancer_id_without_ack::RULE,
    &alb_without_terway::RULE,
    &shared_host::RULE,
    &shared_load_balancer::RULE,
    &spread_without_zones::RULE,
    &required_spread_with_burst::RULE,
    &readiness_gates_without_terway::RULE,
    &mount_over_root::RULE,
    &verification_condition::RULE,
    &unknown_question::RULE,
    &unknown_query_placeholder::RULE,
    &verification_beyond_deadline::RULE,
];

/// A rule that looks at what is made of an application.
#[derive(Debug)]
pub struct ObjectRule {
    /// Whether it has anything to say of a cell; only then are the cell's objects made.
    pub concerns: fn(&Checked, &Cell) -> bool,
    /// What it says of one object of such a cell.
    pub check: fn(&Checked, &Cell, &Object, &mut Diagnostics),
}

/// The rules that look at objects; they run when all others have passed.
pub static OF_OBJECTS: &[ObjectRule] = &[pod_security_forbids::OBJECTS, field_too_new::OBJECTS];
