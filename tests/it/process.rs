//! Runs the binary as a user would, and makes folders for it to run in.

use std::fs;
use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use libtest_mimic::{Failed, Trial};

/// What a run of the binary left behind.
#[derive(Debug)]
pub struct Run {
    /// The exit code; `None` after a signal.
    pub code: Option<i32>,
    /// What went to stdout.
    pub stdout: String,
    /// What went to stderr.
    pub stderr: String,
}

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The binary, in the project's folder, without a terminal.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_specc"));
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    command.env_remove("KUBECONFIG").env("NO_COLOR", "1").env("COLUMNS", "100");
    command
}

/// Runs the binary to its end.
pub fn specc(arguments: &[&str]) -> Run {
    let output = command(arguments).output().expect("the binary starts");
    Run {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// An empty folder of that name below the build's own temporary folder.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // It may hold what an earlier run left.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the temporary folder is writable");
    folder
}

/// A test out of a function that panics where it fails.
pub fn trial(name: &str, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        std::panic::catch_unwind(AssertUnwindSafe(test)).map_err(|panic| said(panic.as_ref()))
    })
}

/// A line to whoever runs the tests.
pub fn note(text: &str) {
    // Tests still count where nobody reads what they say.
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn said(panic: &(dyn std::any::Any + Send)) -> Failed {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    Failed::from(text.unwrap_or_else(|| "panicked".to_owned()))
}
