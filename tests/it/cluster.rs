//! Rollouts on a real API server, by the real binary.

mod accept;
mod app;
mod autoscaler;
mod diff;
mod faults;
mod history;
mod mutate;
mod mutations;
mod obstacles;
mod place;
mod plans;
mod pods;
mod refusals;
mod rights;
mod rollouts;
mod sets;
mod windows;

use std::fs;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

use crate::process::trial;
pub use accept::objects;
use app::App;
use place::{Place, Source};

type Test = fn(&'static Place);

/// Every test by name, and whether it needs a control plane of its own: its audit log, its users, its nodes.
const TESTS: &[(&str, bool, Test)] = &[
    ("apply_reaches_ready_and_a_second_apply_writes_nothing", true, rollouts::apply_twice),
    ("a_dry_run_changes_nothing", true, rollouts::dry_run),
    ("a_diff_shows_what_an_apply_changes_and_no_value", true, diff::shown),
    ("a_diff_shows_what_is_left_over", false, diff::left_over),
    ("a_plan_file_is_applied_without_its_spec", true, plans::applied),
    ("a_plan_is_refused_once_what_it_was_made_against_has_moved", false, plans::moved),
    ("a_plan_of_another_cluster_is_refused", false, plans::elsewhere),
    ("the_rights_that_rbac_prints_suffice", true, rights::suffice),
    ("the_rights_that_rbac_prints_suffice_for_sets", true, rights::suffice_for_sets),
    ("the_rights_that_rbac_prints_are_all_needed", true, rights::needed),
    ("a_killed_apply_goes_on_to_the_same_end", false, rollouts::killed),
    ("a_killed_resume_goes_on_to_the_same_end", false, rollouts::killed_resume),
    ("a_pause_holds_while_other_things_change", false, rollouts::pause_holds),
    ("a_pause_by_command_stops_a_running_apply", false, rollouts::pause_by_command),
    ("an_interrupt_ends_between_two_writes", false, rollouts::interrupt),
    ("a_killed_abort_goes_on_back", false, rollouts::killed_abort),
    ("abort_returns_to_the_old_revision", false, rollouts::abort),
    ("an_autoscaled_component_is_released_by_bounds", true, rollouts::autoscaled),
    ("an_apply_leaves_an_open_window_open", false, windows::open),
    ("what_scales_by_the_clock_follows_the_revision_that_serves", false, windows::follows),
    ("a_pod_without_a_node_is_waited_for_and_a_broken_image_fails", true, rollouts::broken_image),
    ("members_follow_the_partition", true, sets::stateful),
    ("a_broken_member_is_healed_and_its_disk_stays", false, sets::stateful_healed),
    ("a_daemon_goes_from_node_to_node", true, sets::daemon),
    ("a_rollback_releases_what_was_before_and_history_is_a_chain", false, history::rollback),
    ("a_dependency_comes_first", false, rollouts::dependency),
    ("a_wrong_kubeconfig_is_an_error", false, refusals::wrong_kubeconfig),
    ("a_refused_connection_is_an_error", false, refusals::refused_connection),
    ("a_forbidden_verb_is_an_error_and_nothing_is_lost", true, refusals::forbidden),
    ("a_kind_that_the_cluster_lacks_is_an_error", true, refusals::missing_kind),
    ("a_quota_that_is_reached_fails_a_batch", false, obstacles::quota),
    ("what_admission_refuses_is_an_error_in_its_words", true, obstacles::refused_by_admission),
    ("admission_that_does_not_answer_is_waited_for", true, obstacles::silent_admission),
    ("an_expired_token_is_an_error", false, obstacles::expired_token),
    ("a_namespace_on_its_way_out_is_an_error", false, obstacles::terminating),
    ("what_a_renamed_component_leaves_is_shown", false, obstacles::renamed),
    ("what_others_made_needs_adopt", false, refusals::adoption),
    ("delete_removes_everything_it_made_and_nothing_else", true, rollouts::delete),
    ("another_cluster_is_refused", false, refusals::identity),
    ("a_crash_at_any_write_changes_nothing_about_the_end", true, faults::crashes),
    ("faults_at_random_lose_nothing", true, faults::faults),
    ("every_golden_is_accepted", false, accept::goldens),
    ("a_field_that_no_version_knows_is_refused", false, accept::strictness),
    ("what_check_lets_through_is_accepted", false, mutations::mutants),
    ("the_autoscaler_decides_as_the_real_one", true, autoscaler::beside_the_real_one),
];

/// The tests of this file; without a cluster they are ignored, or fail where CI promises one.
pub fn trials(arguments: &Arguments) -> Vec<Trial> {
    let full = |name: &str| format!("cluster::{name}");
    let wanted = |name: &str| arguments.filter.as_ref().is_none_or(|filter| full(name).contains(&**filter));
    // The control plane is built only for tests that will run.
    let needed = !arguments.list && TESTS.iter().any(|(name, _, _)| wanted(name));
    let source = if needed { place::source() } else { Source::None("they are not run".to_owned()) };
    let mut ignored = false;
    if let (true, Source::None(why)) = (needed, &source) {
        let why = format!("cluster tests: {why}; or set SPECC_TEST_CONTROLPLANE or SPECC_TEST_KUBECONFIG");
        if std::env::var("CI").is_ok_and(|ci| ci == "true") {
            return vec![Trial::test("cluster::there_is_a_control_plane", || Err(Failed::from(why)))];
        }
        crate::process::note(&format!("{why} (skipped)"));
        ignored = true;
    }
    let offered = matches!(source, Source::Offered(_));
    let one = |(name, own, test): &(&str, bool, Test)| {
        let (source, test) = (source.clone(), *test);
        trial(&full(name), move || test(place::place(&source)))
            .with_ignored_flag(ignored || (*own && offered))
    };
    TESTS.iter().map(one).collect()
}

/// Ends the control plane.
pub fn stop() {
    place::stop();
}

/// Counts by version: what is asked for and what is available.
fn pods(counts: &[(&str, u64)]) -> Vec<(String, u64, u64)> {
    counts.iter().map(|(version, count)| ((*version).to_owned(), *count, *count)).collect()
}

/// Every request of an administrator that changes something in the namespace, from the audit log.
fn mutations(app: &App) -> Vec<String> {
    let own = app.place.own.as_ref().expect("a control plane of the tests' own");
    let log = fs::read_to_string(own.join("audit.log")).expect("the audit log is readable");
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let changing = lines.filter(|line| {
        let uri = line["requestURI"].as_str().unwrap_or_default();
        let changes = !matches!(line["verb"].as_str(), Some("get" | "list" | "watch"));
        let by_us = line["user"]["username"] == "admin";
        changes
            && by_us
            && !uri.contains("dryRun=All")
            && uri.contains(&format!("/namespaces/{}", app.namespace))
    });
    changing.map(|line| format!("{} {}", line["verb"], line["requestURI"])).collect()
}
