//! The cluster that tests use: a control plane of their own, or one that somebody offers.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use crate::process::{folder, root};

/// How tests come by a cluster.
#[derive(Clone, Debug)]
pub enum Source {
    /// A kubeconfig of the user's: tests touch only namespaces that they create.
    Offered(PathBuf),
    /// A control plane's binary.
    Binary(PathBuf),
    /// There is none, and why.
    None(String),
}

/// A running cluster.
#[derive(Debug)]
pub struct Place {
    /// Reaches it with every right.
    pub kubeconfig: PathBuf,
    /// The control plane's own folder; `None` for a cluster of the user's.
    pub own: Option<PathBuf>,
}

static PLACE: OnceLock<Place> = OnceLock::new();
static CHILD: Mutex<Option<Child>> = Mutex::new(None);

/// Where a cluster comes from; builds the control plane if it has to.
pub fn source() -> Source {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(kubeconfig) = variable("SPECC_TEST_KUBECONFIG") {
        return Source::Offered(kubeconfig);
    }
    if let Some(binary) = variable("SPECC_TEST_CONTROLPLANE") {
        return Source::Binary(binary);
    }
    let build = root().join("tests/controlplane/build");
    let output = match Command::new(&build).stderr(Stdio::inherit()).output() {
        Ok(output) => output,
        Err(error) => return Source::None(format!("{}: {error}", build.display())),
    };
    let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match output.status.code() {
        Some(0) => Source::Binary(PathBuf::from(path)),
        Some(3) => Source::None("they need Go, which builds their control plane".to_owned()),
        code => Source::None(format!("tests/controlplane/build ended with {code:?}")),
    }
}

/// The cluster, started by the first test that asks.
pub fn place(source: &Source) -> &'static Place {
    PLACE.get_or_init(|| match source {
        Source::Offered(kubeconfig) => Place { kubeconfig: kubeconfig.clone(), own: None },
        Source::Binary(binary) => started(binary),
        Source::None(why) => panic!("no cluster: {why}"),
    })
}

/// Ends what [`place`] started.
pub fn stop() {
    let child = CHILD.lock().ok().and_then(|mut child| child.take());
    let Some(mut child) = child else { return };
    // Its end of the pipe closes: that is its sign to stop everything it started.
    drop(child.stdin.take());
    let _status = child.wait();
    if let Some(own) = PLACE.get().and_then(|place| place.own.as_ref()) {
        let _left = fs::remove_dir_all(own);
    }
}

fn started(binary: &PathBuf) -> Place {
    let own = folder(&format!("controlplane-{}", std::process::id()));
    let mut command = Command::new(binary);
    command.arg("up").arg("--dir").arg(&own).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the control plane's binary starts");
    let stdout = child.stdout.take().expect("its output is piped");
    let line = BufReader::new(stdout).lines().map_while(Result::ok).find(|line| line.starts_with("ready "));
    let line = line.expect("the control plane says that it is ready");
    *CHILD.lock().expect("nobody panics with the lock") = Some(child);
    Place { kubeconfig: PathBuf::from(line.trim_start_matches("ready ")), own: Some(own) }
}
