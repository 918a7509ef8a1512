//! Folders of recorded runs of upstream's controllers: reading them, and telling what passed.

#![allow(clippy::disallowed_methods, reason = "a test reads the folder that it is told")]
#![allow(clippy::print_stdout, reason = "what differs is the test's output")]

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder that an environment variable names, or one of the project's own.
pub fn folder(variable: &str, own: &str) -> PathBuf {
    std::env::var_os(variable)
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(own), PathBuf::from)
}

/// Compares every file of a folder with what `differs` says of it: `None`, or the first difference. Prints each
/// difference, and returns how many files passed and how many failed. A folder without files fails.
pub fn compare(folder: &Path, differs: impl Fn(&Value) -> Option<String>) -> (usize, usize) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("the folder is read").path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    assert!(!files.is_empty(), "{} has no vectors", folder.display());
    let mut failed = 0;
    for file in &files {
        let text = std::fs::read_to_string(file).expect("a vector is read");
        let difference = match serde_json::from_str(&text) {
            Ok(vector) => differs(&vector),
            Err(error) => Some(format!("it is no JSON: {error}")),
        };
        if let Some(difference) = difference {
            failed += 1;
            println!("{}: {difference}", file.file_name().unwrap_or_default().to_string_lossy());
        }
    }
    (files.len() - failed, failed)
}

/// Prints the last line of a comparison: how many passed, how many failed.
pub fn tell(passed: usize, failed: usize) {
    println!("{passed} passed, {failed} failed");
}

/// Prints how many files of a subfolder passed, and how many failed.
#[allow(dead_code, reason = "one of the two test binaries has subfolders")]
pub fn tell_of(subfolder: &str, passed: usize, failed: usize) {
    println!("{subfolder}: {passed} passed, {failed} failed");
}
