//! The cluster that tests use: a control plane of their own, or one that somebody offers.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
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
    /// What starts another control plane; `None` for a cluster of the user's.
    pub binary: Option<PathBuf>,
}

/// A control plane of one test, which ends with it.
pub struct Own {
    /// Reaches it with every right.
    pub kubeconfig: PathBuf,
    /// Its folder.
    pub folder: PathBuf,
    child: Child,
}

impl Own {
    /// Starts one with more arguments.
    pub fn start(binary: &Path, name: &str, arguments: &[&str]) -> Self {
        let folder = folder(&format!("controlplane-{name}-{}", std::process::id()));
        let mut command = Command::new(binary);
        command.arg("up").arg("--dir").arg(&folder).args(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the control plane's binary starts");
        let stdout = child.stdout.take().expect("its output is piped");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let line =
            lines.find(|line| line.starts_with("ready ")).expect("the control plane says that it is ready");
        Self { kubeconfig: PathBuf::from(line.trim_start_matches("ready ")), folder, child }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // Its end of the pipe closes: that is its sign to stop everything it started.
        drop(self.child.stdin.take());
        let _status = self.child.wait();
        let _left = fs::remove_dir_all(&self.folder);
    }
}

static PLACE: OnceLock<Place> = OnceLock::new();
static OWN: Mutex<Option<Own>> = Mutex::new(None);

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
        Source::Offered(kubeconfig) => Place { kubeconfig: kubeconfig.clone(), own: None, binary: None },
        Source::Binary(binary) => started(binary),
        Source::None(why) => panic!("no cluster: {why}"),
    })
}

/// Ends what [`place`] started.
pub fn stop() {
    drop(OWN.lock().ok().and_then(|mut own| own.take()));
}

fn started(binary: &Path) -> Place {
    let own = Own::start(binary, "shared", &[]);
    let place = Place {
        kubeconfig: own.kubeconfig.clone(),
        own: Some(own.folder.clone()),
        binary: Some(binary.to_owned()),
    };
    *OWN.lock().expect("nobody panics with the lock") = Some(own);
    place
}
