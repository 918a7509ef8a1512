//! The simulator's autoscaler beside the real one: mini-program's objects on a real controller-manager, scheduler and
//! metrics-server, with simulated nodes and a load that the test makes.
//!
//! What the controller saw at each sync is recorded and given to the simulator's autoscaler, which must decide the same;
//! and the same load is simulated freely, which must come to about as many pods. `SPECC_TEST_FULL` takes ten minutes
//! instead of two.

mod audit;
mod free;
mod recording;
mod replay;

use std::time::Duration;

use compiler::app::Cell;
use compiler::check::Checked;
use compiler::lower::lower;
use compiler::object::{Manifest, Object};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;

use super::place::Place;
use crate::process::{note, root};
use recording::Recording;

/// The load in thousandths of a core, from a time on.
#[derive(Clone, Copy, Debug)]
pub struct Phase {
    /// Seconds since the beginning.
    pub from_seconds: u64,
    /// What all ready pods use together.
    pub cpu_milli: u64,
}

/// How long the run is, in seconds, and its load: a base, a spike, the base again.
pub struct Load {
    /// Seconds.
    pub duration_seconds: u64,
    /// In order; the first begins at 0.
    pub phases: [Phase; 3],
}

const TWO_MINUTES: Load = Load {
    duration_seconds: 120,
    phases: [
        Phase { from_seconds: 0, cpu_milli: 1_500 },
        Phase { from_seconds: 15, cpu_milli: 9_000 },
        Phase { from_seconds: 80, cpu_milli: 1_500 },
    ],
};

const TEN_MINUTES: Load = Load {
    duration_seconds: 600,
    phases: [
        Phase { from_seconds: 0, cpu_milli: 1_500 },
        Phase { from_seconds: 60, cpu_milli: 18_000 },
        Phase { from_seconds: 400, cpu_milli: 1_500 },
    ],
};

/// What is run: mini-program in production.
pub struct Application {
    /// Every object of the cell.
    pub objects: Vec<Object>,
    /// The autoscaler of `api`.
    pub autoscaler: HorizontalPodAutoscaler,
    /// The cell's namespace.
    pub namespace: String,
}

/// Decisions of the two autoscalers, and the pods of the two runs.
pub fn beside_the_real_one(place: &'static Place) {
    let load = if std::env::var_os("SPECC_TEST_FULL").is_some() { TEN_MINUTES } else { TWO_MINUTES };
    let application = application();
    let recording = recording::record(place, &application, &load);
    compare(&application, &recording, &load);
}

fn compare(application: &Application, recording: &Recording, load: &Load) {
    let replay = replay::replay(application, recording);
    note(&format!(
        "autoscaler: {} syncs, {} writes; {} decided alike, {} of them after a look at the state just before or after",
        recording.syncs.len(),
        recording.syncs.iter().filter(|sync| sync.written.is_some()).count(),
        replay.same,
        replay.beside
    ));
    let free = free::simulate(application, load);
    let (real_seconds, (real_peak, step)) = (recording.pod_seconds(load), recording.peak());
    note(&format!(
        "autoscaler: {real_seconds} pod-seconds and at most {real_peak} replicas on the cluster; simulated {} \
         ({:+.1} %; {} to {} over {} seeds) and at most {} replicas",
        free.pod_seconds,
        100.0 * (free.pod_seconds as f64 / real_seconds as f64 - 1.0),
        free.least_pod_seconds,
        free.most_pod_seconds,
        free::SEEDS,
        free.peak,
    ));
    assert!(recording.syncs.len() as u64 >= load.duration_seconds / 6, "the controller was recorded");
    assert!(recording.syncs.iter().any(|sync| sync.written.is_some()), "the real autoscaler scaled");
    assert_eq!(replay.different, Vec::<String>::new(), "decisions differ");
    let off = (free.pod_seconds as f64 / real_seconds as f64 - 1.0).abs();
    assert!(off <= 0.1, "pod-seconds are {off:.3} off");
    assert!(real_peak.abs_diff(free.peak) <= step, "peaks are more than a step of {step} apart");
}

fn application() -> Application {
    let checked = checked();
    let cell = cell(&checked);
    let bundle = lower(&checked, cell);
    let autoscaler = bundle.objects.iter().find_map(|object| {
        let Manifest::HorizontalPodAutoscaler(autoscaler) = &object.manifest else { return None };
        (object.component.as_deref() == Some("api")).then(|| (**autoscaler).clone())
    });
    Application {
        autoscaler: autoscaler.expect("`api` has an autoscaler"),
        namespace: bundle.namespace,
        objects: bundle.objects,
    }
}

fn checked() -> Checked {
    let folder = root().join("specs/mini-program");
    crate::fields::checked(&folder)
}

fn cell(checked: &Checked) -> &Cell {
    checked.cells().iter().find(|cell| cell.environment == "prod").expect("mini-program has a production")
}

/// How often the records of the cluster are made.
const LOOK_EVERY: Duration = Duration::from_millis(100);
