//! The command line as a stranger meets it: right input, wrong input, pipes.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::process::{Run, command, folder, root, specc, trial};

const SPEC: &str = "specs/mini-program";

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("cli::a_clean_spec_passes", a_clean_spec_passes),
        trial(
            "cli::bad_input_is_refused_with_a_place_or_a_path",
            bad_input_is_refused_with_a_place_or_a_path,
        ),
        trial("cli::a_spec_that_is_not_there_exits_3", a_spec_that_is_not_there_exits_3),
        trial("cli::what_the_command_line_misnames_exits_2", what_the_command_line_misnames_exits_2),
        trial(
            "cli::what_cannot_be_rolled_out_yet_is_refused_before_anything_is_written",
            what_cannot_be_rolled_out_yet_is_refused_before_anything_is_written,
        ),
        trial("cli::a_runtime_is_explained_with_its_sources", a_runtime_is_explained_with_its_sources),
        trial("cli::programs_get_json_sarif_and_github", programs_get_json_sarif_and_github),
        trial(
            "cli::the_same_input_gives_the_same_bytes_anywhere",
            the_same_input_gives_the_same_bytes_anywhere,
        ),
        trial(
            "cli::build_writes_files_and_leaves_strangers_alone",
            build_writes_files_and_leaves_strangers_alone,
        ),
        trial("cli::a_reader_that_leaves_is_no_error", a_reader_that_leaves_is_no_error),
        trial("cli::every_shell_gets_completions", every_shell_gets_completions),
        trial("cli::a_file_outside_the_spec_is_never_read", a_file_outside_the_spec_is_never_read),
    ]
}

fn a_clean_spec_passes() {
    let run = specc(&["check", SPEC]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
    assert_eq!(run.stderr, "no mistakes in test@hangzhou-1, prod@hangzhou-1\n");
}

fn check(name: &str, files: &[(&str, &[u8])]) -> Run {
    let place = folder(name);
    for (file, bytes) in files {
        fs::write(place.join(file), bytes).expect("the temporary folder is writable");
    }
    specc(&["check", &place.display().to_string()])
}

fn bad_input_is_refused_with_a_place_or_a_path() {
    let nested = format!("app \"a\" {}{}", "{ b ".repeat(400), "}".repeat(400));
    let deep_yaml = format!("app: {}", "[".repeat(400));
    let large = format!("// {}\n", "x".repeat(5 << 20));
    let cases: [(&str, &str, &[u8], &str); 7] = [
        ("nested", "app.kdl", nested.as_bytes(), "nesting-too-deep"),
        ("nested-yaml", "app.yaml", deep_yaml.as_bytes(), "nesting-too-deep"),
        ("large", "app.kdl", large.as_bytes(), "file-too-large"),
        ("empty", "app.kdl", b"", "empty-document"),
        ("comment", "app.kdl", b"// nothing yet\n", "empty-document"),
        ("bytes", "app.kdl", b"app \"sh\xffp\" {\n}\n", "invalid-utf-8"),
        ("open", "app.kdl", b"app \"shop\" {\n", "unclosed-block"),
    ];
    for (name, file, bytes, rule) in cases {
        let run = check(&format!("cli-{name}"), &[(file, bytes)]);
        assert_eq!(run.code, Some(1), "{name}: {}", run.stderr);
        let code = code_of(rule);
        assert!(run.stderr.contains(&format!("error[{code}]")), "{name} is {rule}:\n{}", run.stderr);
        assert!(run.stderr.contains(file), "{name} names its file:\n{}", run.stderr);
        assert!(run.stderr.contains("help: "), "{name} says what to do:\n{}", run.stderr);
    }
}

fn code_of(rule: &str) -> String {
    let list = specc(&["explain"]).stdout;
    let line = list.lines().find(|line| line.ends_with(&format!("  {rule}")));
    line.unwrap_or_else(|| panic!("there is a rule {rule}")).split(' ').next().unwrap_or_default().to_owned()
}

fn a_spec_that_is_not_there_exits_3() {
    let missing = specc(&["check", "specs/no-such-spec"]);
    assert_eq!(missing.code, Some(3));
    assert_eq!(
        missing.stderr,
        "error: cannot read `specs/no-such-spec`\n\
         caused by: No such file or directory (os error 2)\n\
         hint: check the path\n"
    );
    let empty = check("cli-no-documents", &[("readme.txt", b"nothing")]);
    assert_eq!(empty.code, Some(3));
    assert!(
        empty.stderr.contains("there is no document in") && empty.stderr.contains("hint: "),
        "{}",
        empty.stderr
    );
}

fn what_the_command_line_misnames_exits_2() {
    let cases: [(&[&str], &str); 5] = [
        (&["build", SPEC, "--environment", "production"], "hint: it has test@hangzhou-1, prod@hangzhou-1"),
        (&["build", SPEC, "--environment", "prod", "--tenant", "x"], "tenant `x`"),
        (&["build", SPEC], "--environment"),
        (&["explain", "S9999"], "hint: "),
        (&["chek"], "similar"),
    ];
    for (arguments, said) in cases {
        let run = specc(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{arguments:?} says {said}:\n{}", run.stderr);
    }
}

fn programs_get_json_sarif_and_github() {
    let place = folder("cli-formats");
    fs::write(place.join("app.kdl"), "app \"shop\" {\n    // 名\n    component \"web\" { replcas 2; }\n}\n")
        .expect("writable");
    let place = place.display().to_string();
    let run = |format: &str| {
        let run = specc(&["check", &place, "--format", format]);
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        run.stdout
    };
    let json: Value = serde_json::from_str(&run("json")).expect("JSON");
    let found = json
        .as_array()
        .expect("an array")
        .iter()
        .find(|found| found["rule"] == "unknown-key")
        .expect("found");
    assert_eq!(
        (&found["places"][0]["line"], &found["places"][0]["column"]),
        (&Value::from(3), &Value::from(23))
    );
    assert_eq!(found["hint"], "did you mean `replicas`?");
    let sarif: Value = serde_json::from_str(&run("sarif")).expect("JSON");
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), json.as_array().map(Vec::len));
    let github = run("github");
    let line = github.lines().find(|line| line.contains("replcas")).expect("one line a finding");
    assert!(line.starts_with("::error title=S0201,file=") && line.contains(",line=3,col=23::"), "{line}");
}

fn the_same_input_gives_the_same_bytes_anywhere() {
    for arguments in [&["build", SPEC, "-e", "prod"][..], &["plan", SPEC, "-e", "prod", "--format", "json"]] {
        let here = specc(arguments).stdout;
        assert!(here.len() > 1000, "there is something to compare");
        let elsewhere = command(arguments)
            .env("LANG", "zh_CN.UTF-8")
            .env("LC_ALL", "tr_TR.UTF-8")
            .env("TZ", "Asia/Shanghai")
            .output()
            .expect("the binary starts");
        assert_eq!(here.as_bytes(), elsewhere.stdout, "{arguments:?}");
    }
}

/// No kubeconfig is read: the refusal comes before the cluster.
fn what_cannot_be_rolled_out_yet_is_refused_before_anything_is_written() {
    for (spec, name) in [("specs/zookeeper", "`zookeeper`"), ("specs/log-agent", "`log-agent`")] {
        for more in [&["--dry-run"][..], &[]] {
            let arguments = ["apply", spec, "--environment", "prod", "--kubeconfig", "/nowhere"];
            let run = specc(&[&arguments[..], more].concat());
            assert_eq!(run.code, Some(2), "{run:?}");
            assert!(
                run.stderr.contains(name) && run.stderr.contains("nothing was written"),
                "{}",
                run.stderr
            );
            assert!(run.stdout.is_empty(), "{}", run.stdout);
        }
    }
}

fn a_runtime_is_explained_with_its_sources() {
    let java = specc(&["explain", "java"]).stdout;
    assert!(java.contains("180 s") && java.contains("source: "), "{java}");
    let all = specc(&["explain", "app.component.runtime"]).stdout;
    assert!(all.contains(java.trim()) && all.contains("runtime php"), "{all}");
}

fn build_writes_files_and_leaves_strangers_alone() {
    let place = folder("cli-build");
    let target = place.join("out").display().to_string();
    let arguments = ["build", SPEC, "-e", "prod", "-o", &target];
    assert_eq!(specc(&arguments).code, Some(0));
    let first = fs::read_to_string(Path::new(&target).join("Deployment.api.yaml")).expect("written");
    assert!(first.starts_with("apiVersion: apps/v1\n"), "{first}");
    assert_eq!(specc(&arguments).code, Some(0), "writing again is fine");
    fs::write(Path::new(&target).join("Deployment.old.yaml"), "mine").expect("writable");
    let refused = specc(&arguments);
    assert_eq!(refused.code, Some(3));
    assert!(
        refused.stderr.contains("Deployment.old.yaml") && refused.stderr.contains("hint: "),
        "{}",
        refused.stderr
    );
}

fn a_reader_that_leaves_is_no_error() {
    let mut child = command(&["build", SPEC, "-e", "prod"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the binary ends");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

fn every_shell_gets_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = specc(&["completions", shell]);
        assert_eq!(run.code, Some(0), "{shell}");
        assert!(run.stdout.contains("explain") && run.stdout.contains("environment"), "{shell}");
    }
}

fn a_file_outside_the_spec_is_never_read() {
    let place = folder("cli-outside");
    let spec = place.join("spec");
    fs::create_dir_all(&spec).expect("writable");
    fs::write(place.join("outside.txt"), "not yours").expect("writable");
    std::os::unix::fs::symlink(place.join("outside.txt"), spec.join("link.txt")).expect("links work");
    let platform = fs::read_to_string(root().join(SPEC).join("platform.kdl")).expect("readable");
    fs::write(spec.join("platform.kdl"), platform).expect("writable");
    for from in ["../outside.txt", "link.txt", "/etc/hostname"] {
        let app = format!(
            "app \"shop\" {{ component \"web\" {{ image \"a:1\"; resources cpu=\"1\" memory=\"1Gi\"; \
             config \"a\" mount=\"/etc/app\" from=\"{from}\"; }}; }}"
        );
        fs::write(spec.join("app.kdl"), app).expect("writable");
        let run = specc(&["check", &spec.display().to_string()]);
        assert_eq!(run.code, Some(1), "{from}: {}", run.stderr);
        assert!(!run.stderr.contains("not yours"), "{}", run.stderr);
    }
}
