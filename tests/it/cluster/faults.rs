//! Releases through crashes and faults on a real API server: the runtime runs in this process, over a wire that tests
//! cut, and an observer of its own checks what must hold at every moment.

mod audit;
mod digest;
mod lane;
mod layer;
mod matrix;
mod random;
mod storm;
mod watcher;

use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use kube::Client;
use tokio::task::LocalSet;

use super::app::{App, client};
use super::place::{Own, Place};
use lane::{Kind, Lane, NODES, Operator, Ran};
use runtime::End;
use watcher::Watcher;

pub use matrix::crashes;
pub use storm::faults;

/// A control plane for one of these tests, with few nodes, and who looks at it.
struct Stage {
    client: Client,
    watcher: Watcher,
    audit: PathBuf,
}

/// How long controllers may take to come to rest on a busy machine.
const REST: Duration = Duration::from_secs(20);

/// Runs a test of lanes on a control plane of its own.
fn on_stage<F: Future<Output = ()>>(
    place: &'static Place,
    name: &str,
    lanes: &[(Kind, u32)],
    test: impl FnOnce(Rc<Stage>, Vec<Rc<Lane>>) -> F,
) {
    let binary = place.binary.as_ref().expect("a control plane of the tests' own");
    let own = Own::start(binary, name, &["--nodes", &NODES.to_string(), "--virtual-nodes", "0"]);
    let audit = own.folder.join("audit.log");
    // The folder goes with the control plane; where it is, applications only have to be told.
    let there: &'static Place = Box::leak(Box::new(Place {
        kubeconfig: own.kubeconfig.clone(),
        own: Some(own.folder.clone()),
        binary: None,
    }));
    let apps = lanes.iter().flat_map(|(kind, count)| (0..*count).map(move |index| (*kind, index)));
    let lanes: Vec<Rc<Lane>> = apps
        .map(|(kind, index)| {
            let app = Rc::new(App::new(there, &format!("{name}-{}-{index}", kind.component()), ""));
            Rc::new(Lane { kind, app, version: Cell::new(0) })
        })
        .collect();
    let apps: Vec<Rc<App>> = lanes.iter().map(|lane| Rc::clone(&lane.app)).collect();
    let engine = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("an event loop");
    LocalSet::new().block_on(&engine, async {
        let client = client(&there.kubeconfig).await;
        let watcher = Watcher::default();
        watcher.start(&client);
        test(Rc::new(Stage { client, watcher, audit }), lanes).await;
    });
    drop(engine);
    // They remove their namespaces, which the control plane's end does faster.
    apps.into_iter().for_each(std::mem::forget);
    drop(own);
}

/// Applies a plan until it is released. A run may end with an error, and is given again; another end is wrong.
async fn released(operator: &Operator, plan: &compiler::plan::Plan) -> Result<(), String> {
    let mut errors = Vec::new();
    for _ in 0..5 {
        match operator.apply(plan).await {
            Ran::Ended(End::Released { .. }) => return Ok(()),
            Ran::Gave(error) => errors.push(error.to_string()),
            Ran::Crashed => {}
            Ran::Ended(end) => return Err(format!("an apply ended as {end:?} after {errors:?}")),
        }
    }
    Err(format!("an apply ends with errors: {errors:?}"))
}

/// Waits until a lane is in a state.
async fn rests(stage: &Stage, lane: &Lane, wanted: &str) -> Result<(), String> {
    let start = std::time::Instant::now();
    loop {
        let found = digest::digest(&stage.client, lane).await;
        if found == wanted {
            return Ok(());
        }
        if start.elapsed() > REST {
            return Err(format!("another state:\n{}", difference(wanted, &found)));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The state that a lane is in once it does not change any more.
async fn rest(stage: &Stage, lane: &Lane) -> String {
    let (mut found, mut same) = (digest::digest(&stage.client, lane).await, 0);
    while same < 5 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let next = digest::digest(&stage.client, lane).await;
        same = if next == found { same + 1 } else { 0 };
        found = next;
    }
    found
}

/// Lines that only one of both has.
fn difference(wanted: &str, found: &str) -> String {
    let only = |lines: &str, others: &str, sign: char| -> Vec<String> {
        let others: Vec<&str> = others.lines().collect();
        lines.lines().filter(|line| !others.contains(line)).map(|line| format!("{sign} {line}")).collect()
    };
    [only(wanted, found, '-'), only(found, wanted, '+')].concat().join("\n")
}
