//! How long a node pulls an image that it does not have.

mod fixture;

use fixture::{Fixture, SECOND, fixture};
use serde_json::json;
use simulator::engine::trace::What;

/// One pod that runs, and a second one that comes to a node without the image.
fn second(os: &str, profile: &str) -> Fixture {
    let pool = if os.is_empty() { "" } else { "os=\"windows\" build=\"ltsc2022\"" };
    let mut fixture = fixture(
        &format!("{os} resources cpu=2 memory=\"2Gi\"; replicas 1; burst \"never\";"),
        &format!("pool \"general\" cpu=2 memory=\"8Gi\" nodes=2 {pool}; {profile}"),
    );
    fixture.scenario.traffic.clear();
    fixture.scenario.duration_ns = 300 * SECOND;
    fixture.add_autoscaler(2, 9, &json!([]));
    fixture
}

/// Seconds from the second pod's node to its readiness, less what it takes with the image there.
fn pull(fixture: &Fixture) -> u64 {
    let trace = fixture.run();
    let at = |meant: fn(&What) -> bool| {
        trace.happenings.iter().find(|h| meant(&h.what)).expect("a pod comes and is ready").at_ns
    };
    let placed = at(|what| matches!(what, What::Scheduled { .. }));
    let ready = at(|what| matches!(what, What::PodReady { .. }));
    (ready - placed) / SECOND - 2
}

#[test]
fn a_larger_image_takes_longer() {
    // The probe asks every five seconds, so times are whole fives.
    assert_eq!(pull(&second("", "")), 8 + 5, "400 MiB at 50 MiB a second");
    let mut large = second("", "");
    large.scenario.services[0].image_bytes = Some(1_000 << 20);
    assert_eq!(pull(&large), 20 + 5);
}

#[test]
fn windows_pulls_slower() {
    assert_eq!(pull(&second("os \"windows\";", "")), 40 + 5, "400 MiB at 10 MiB a second");
}

#[test]
fn a_figure_of_the_platform_wins_over_its_profile() {
    let fixture = second("", "profile \"article-2020\" pull-rate=\"10Mi\" image-size=\"100Mi\";");
    assert_eq!(pull(&fixture), 10 + 5);
    assert_eq!(fixture.run().profile, "article-2020, but image-size 100Mi, pull-rate 10Mi");
}
