//! ECI pods: how fast they come, what they cost, and how spot pods go; quotas of the namespace.

mod fixture;

use std::collections::BTreeMap;

use compiler::object::Manifest;
use fixture::{Fixture, SECOND, fixture};
use serde_json::json;
use simulator::engine::trace::{Trace, What};
use simulator::scenario::{Fault, FaultKind};

/// Pods of two cores that fit on no node, on a platform with these lines.
fn on_eci(replicas: u32, lines: &str) -> Fixture {
    let component = format!("resources cpu=2 memory=\"4Gi\"; replicas {replicas}; burst \"when-short\";");
    let mut fixture = fixture(
        &component,
        &format!("pool \"general\" cpu=1 memory=\"1Gi\" nodes=1; virtual-node \"eci\" quota=2000; {lines}"),
    );
    fixture.scenario.traffic.clear();
    fixture
}

/// Seconds from the node to readiness of every pod that was made during the run.
fn starts(trace: &Trace) -> Vec<u64> {
    let mut scheduled = BTreeMap::new();
    let mut took = Vec::new();
    for happening in &trace.happenings {
        if let What::Scheduled { pod, .. } = &happening.what {
            scheduled.insert(*pod, happening.at_ns);
        }
        if let What::PodReady { pod } = &happening.what {
            took.extend(scheduled.get(pod).map(|at| (happening.at_ns - at) / SECOND));
        }
    }
    took
}

/// One pod at the beginning, of an image that has run, and at least so many at once.
fn grown(fixture: &mut Fixture, min: u32) {
    fixture.deployments().for_each(|spec| spec.replicas = Some(1));
    fixture.add_autoscaler(min, 1_000, &json!([]));
}

#[test]
fn an_image_that_has_run_has_a_cache_and_a_new_one_has_none() {
    let mut fixture = on_eci(2, "");
    grown(&mut fixture, 3);
    // 15 s, a second of the process, and the probe that asks every five seconds.
    assert_eq!(starts(&fixture.run()), [20, 20], "with a cache");
    fixture.annotate(&[("k8s.aliyun.com/eci-auto-imc", "false")]);
    assert_eq!(starts(&fixture.run()), [35, 35], "without");
}

#[test]
fn creations_follow_the_rate_of_the_api_or_that_of_the_platform() {
    let last = |lines: &str| {
        let mut fixture = on_eci(2, lines);
        assert_eq!(
            fixture.world.profile.contains(", but eci-per-minute 600, eci-burst 1"),
            !lines.is_empty()
        );
        fixture.scenario.duration_ns = 300 * SECOND;
        grown(&mut fixture, 501);
        *starts(&fixture.run()).iter().max().unwrap()
    };
    // The controller-manager makes 20 pods a second, and so does ECI: 10 a second in the second case.
    assert!(last("") <= 21, "{}", last(""));
    let slow = last("profile \"ack-docs\" eci-per-minute=600 eci-burst=1;");
    assert!((40..=50).contains(&slow), "{slow}");
}

#[test]
fn the_quota_of_the_platform_is_all_there_is() {
    let mut fixture = on_eci(2, "");
    fixture.world.virtual_node.as_mut().unwrap().quota = 3;
    fixture.scenario.duration_ns = 120 * SECOND;
    grown(&mut fixture, 5);
    let sample = *fixture.run().components[0].samples.last().unwrap();
    assert_eq!((sample.on_eci, sample.pending), (3, 2));
}

#[test]
fn spot_pods_cost_less_and_are_taken_back_with_a_notice() {
    let mut fixture = on_eci(4, "");
    fixture.scenario.duration_ns = 1_200 * SECOND;
    let full = fixture.run().bill.eci;
    fixture.annotate(&[
        ("k8s.aliyun.com/eci-spot-strategy", "SpotAsPriceGo"),
        ("k8s.aliyun.com/eci-spot-duration", "0"),
    ]);
    let kept = fixture.run();
    assert_eq!(kept.bill.eci, full * 70 / 100);
    fixture.world.figures.eci_spot_reclaim_percent = 100;
    let taken = fixture.run();
    let at = |meant: fn(&What) -> bool| -> Vec<u64> {
        let found = taken.happenings.iter().filter(|happening| meant(&happening.what));
        found.map(|happening| happening.at_ns / SECOND).collect()
    };
    let reclaimed = at(|what| matches!(what, What::SpotReclaimed { .. }));
    let gone = at(|what| matches!(what, What::PodGone { .. }));
    assert!(reclaimed.len() >= 4, "{reclaimed:?}");
    assert_eq!(reclaimed[0] + 180, gone[0], "three minutes after the notice");
    assert_eq!(
        taken.components[0].samples.last().map(|sample| sample.pods),
        Some(4),
        "others take their place"
    );
    fixture.annotate(&[("k8s.aliyun.com/eci-spot-duration", "1")]);
    let protected = fixture.run();
    let reclaimed = protected.happenings.iter().filter(|h| matches!(h.what, What::SpotReclaimed { .. }));
    assert_eq!(reclaimed.count(), 4, "those that take their place are safe for an hour");
}

#[test]
fn a_quota_of_the_namespace_keeps_pods_from_being_made() {
    let mut fixture = on_eci(2, "");
    fixture.scenario.duration_ns = 120 * SECOND;
    grown(&mut fixture, 5);
    let namespace = fixture.objects.iter().find_map(|object| {
        let Manifest::Deployment(deployment) = &object.manifest else { return None };
        deployment.metadata.namespace.clone()
    });
    let metadata = json!({"name": "quota", "namespace": namespace});
    let quota = json!({"metadata": metadata, "spec": {"hard": {"pods": "3"}}});
    fixture.add(Manifest::ResourceQuota(serde_json::from_value(quota).unwrap()));
    let trace = fixture.run();
    let sample = *trace.components[0].samples.last().unwrap();
    assert_eq!((sample.replicas, sample.pods, sample.ready), (5, 3, 3));
    let said = trace.happenings.iter().find_map(|happening| {
        let What::Unschedulable { reason, .. } = &happening.what else { return None };
        Some(reason.as_str())
    });
    assert_eq!(said, Some("its pods are not made: quota quota allows 3 pods"));
}

#[test]
fn pods_wait_unbilled_while_eci_is_sold_out() {
    let mut fixture = on_eci(2, "");
    fixture.scenario.duration_ns = 300 * SECOND;
    grown(&mut fixture, 3);
    let usual = fixture.run();
    let fault = Fault { kind: FaultKind::Eci, at_ns: 0, for_ns: 100 * SECOND };
    fixture.scenario.faults.push(fault);
    let trace = fixture.run();
    let ready = |trace: &Trace| -> Vec<u64> {
        let ready = trace.happenings.iter().filter(|h| matches!(h.what, What::PodReady { .. }));
        ready.map(|happening| happening.at_ns / SECOND).collect()
    };
    // With an image cache 15 s, a second of the process, and the probe.
    assert_eq!(ready(&trace), [120, 120], "as soon as it sells again");
    assert!(trace.bill.eci < usual.bill.eci);
    let said = trace.happenings.iter().filter_map(|happening| {
        let What::Fault { object, step } = &happening.what else { return None };
        Some(format!("{} {object}: {step}", happening.at_ns / SECOND))
    });
    assert_eq!(said.collect::<Vec<_>>(), ["0 eci: sold out", "100 eci: sells again"]);
}
