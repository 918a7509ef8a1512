//! What specc makes fits the published schemas of Kubernetes, version by version, unknown fields refused.
//!
//! They come with the Python package `kubernetes-validate`; `tests/run` installs it and names its program in
//! `SPECC_TEST_KUBERNETES_VALIDATE`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Failed, Trial};

use crate::process::{note, root};

const VERSIONS: [&str; 5] = ["1.33", "1.34", "1.35", "1.36", "1.37"];

/// One test a version of Kubernetes, and one that the program refuses what it should.
pub fn trials() -> Vec<Trial> {
    let program = std::env::var_os("SPECC_TEST_KUBERNETES_VALIDATE").filter(|value| !value.is_empty());
    let Some(program) = program.map(PathBuf::from) else {
        let why = "schema tests: they need SPECC_TEST_KUBERNETES_VALIDATE, which tests/run sets";
        if std::env::var("CI").is_ok_and(|ci| ci == "true") {
            return vec![Trial::test("schemas::there_are_schemas", move || Err(Failed::from(why)))];
        }
        note(&format!("{why} (skipped)"));
        return Vec::new();
    };
    let strict = program.clone();
    let refusal = Trial::test("schemas::a_misspelt_field_is_refused", move || misspelt(&strict));
    let one = |version: &'static str| {
        let program = program.clone();
        Trial::test(format!("schemas::{version}_accepts_every_golden"), move || {
            let files = built_in(&root().join("golden"));
            assert!(files.len() > 20, "the goldens were found");
            let (passed, said) = validate(&program, version, &files)?;
            if passed { Ok(()) } else { Err(said.into()) }
        })
    };
    VERSIONS.into_iter().map(one).chain([refusal]).collect()
}

fn misspelt(program: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(root().join("golden/mini-program/prod/Service.api.yaml"))?;
    let file = crate::process::folder("schemas").join("Service.yaml");
    fs::write(&file, text.replace("targetPort:", "targetPrt:"))?;
    let (passed, said) = validate(program, VERSIONS[0], &[file])?;
    if passed || !said.contains("targetPrt") { Err(format!("it passes: {said}").into()) } else { Ok(()) }
}

fn validate(program: &Path, version: &str, files: &[PathBuf]) -> Result<(bool, String), Failed> {
    let mut command = Command::new(program);
    let output = command.args(["--strict", "--quiet", "-k", version]).args(files).output()?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}

/// The golden files of kinds that Kubernetes itself brings.
fn built_in(folder: &Path) -> Vec<PathBuf> {
    let is_built_in = |file: &PathBuf| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let version = text.lines().find_map(|line| line.strip_prefix("apiVersion: ")).unwrap_or_default();
        let group = version.split_once('/').map_or("", |(group, _)| group);
        !group.contains('.') || group.ends_with(".k8s.io") && group != "gateway.networking.k8s.io"
    };
    crate::cluster::objects(folder).into_iter().filter(is_built_in).collect()
}
