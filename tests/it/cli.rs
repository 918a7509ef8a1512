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
        trial("cli::the_readme_shows_specs_that_pass", the_readme_shows_specs_that_pass),
        trial("cli::the_readme_shows_commands_that_there_are", the_readme_shows_commands_that_there_are),
        trial(
            "cli::bad_input_is_refused_with_a_place_or_a_path",
            bad_input_is_refused_with_a_place_or_a_path,
        ),
        trial(
            "cli::a_hostile_document_neither_floods_nor_steers_the_terminal",
            a_hostile_document_neither_floods_nor_steers_the_terminal,
        ),
        trial("cli::a_spec_that_is_not_there_exits_3", a_spec_that_is_not_there_exits_3),
        trial(
            "cli::what_is_no_regular_file_is_never_waited_for",
            what_is_no_regular_file_is_never_waited_for,
        ),
        trial("cli::what_the_command_line_misnames_exits_2", what_the_command_line_misnames_exits_2),
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
        trial("cli::every_name_explains_one_thing", every_name_explains_one_thing),
        trial("cli::every_mechanism_can_be_explained", every_mechanism_can_be_explained),
        trial("cli::every_shell_gets_completions", every_shell_gets_completions),
        trial("cli::a_file_outside_the_spec_is_never_read", a_file_outside_the_spec_is_never_read),
    ]
}

fn a_clean_spec_passes() {
    let run = specc(&["check", SPEC]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
    assert_eq!(run.stderr, "no mistakes in test@hangzhou-1, prod@hangzhou-1\n");
}

/// The README's blocks in one language.
fn readme(language: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("README.md")).expect("readable");
    let opening = format!("\n```{language}\n");
    let blocks = text.split(&opening).skip(1);
    blocks.filter_map(|block| Some(block.split("\n```").next()?.to_owned() + "\n")).collect()
}

fn the_readme_shows_specs_that_pass() {
    let (kdl, yaml) = (readme("kdl"), readme("yaml"));
    let [app, platform] = kdl.as_slice() else { panic!("an app and a platform: {kdl:?}") };
    for (name, file, text) in [("kdl", "app.kdl", app), ("yaml", "app.yaml", &yaml[0])] {
        let files: [(&str, &[u8]); 2] = [(file, text.as_bytes()), ("platform.kdl", platform.as_bytes())];
        let run = check(&format!("cli-readme-{name}"), &files);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), "no mistakes in prod@hangzhou-1\n"));
    }
}

/// Every line is taken by the command line, without a cluster to go to.
fn the_readme_shows_commands_that_there_are() {
    let blocks = readme("sh");
    let lines = blocks.iter().flat_map(|block| block.lines()).filter_map(|line| line.strip_prefix("specc "));
    let mut count = 0;
    for line in lines {
        let words: Vec<&str> = line.split(['#', '>']).next().unwrap_or_default().split_whitespace().collect();
        // The golden simulation runs the one, and the test of the starter the other, in a folder of its own.
        if ["simulate", "init"].contains(&words[0]) {
            continue;
        }
        let run = command(&words).env("KUBECONFIG", "/dev/null").output().expect("the binary starts");
        let cluster = ["apply", "diff", "rollout", "delete"].contains(&words[0]);
        assert_eq!(run.status.code(), Some(if cluster { 3 } else { 0 }), "specc {line}: {run:?}");
        count += 1;
    }
    assert!(count >= 8, "the lines were found");
    let exits = "0 fine, 1 the spec, a rollout or an objective failed, 2 wrong command line, 3 a file, a cluster or the \
                 network failed, 4 no answer within the limits, 130 interrupted";
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = fs::read_to_string(root().join("README.md")).expect("readable");
    assert!(plain(&text).contains(exits) && plain(&specc(&["--help"]).stdout).contains(exits));
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

fn a_hostile_document_neither_floods_nor_steers_the_terminal() {
    let escape = "app \"shop\u{1b}[31m\u{7}\" {\n    component \"\u{202e}web\" { }\n}\n";
    let run = check("cli-escape", &[("app.kdl", escape.as_bytes())]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("not the text `shop\\u{1b}[31m\\u{7}`"), "{}", run.stderr);
    let steers = |character: char| character.is_control() && character != '\n' || character == '\u{202e}';
    assert!(!run.stderr.contains(steers), "{:?}", run.stderr);
    let component = "component \"x\" { imge \"a:1\"; }; ";
    let line = format!("app \"a\" {{ {}}}\n", component.repeat(1000));
    let run = check("cli-one-line", &[("app.kdl", line.as_bytes())]);
    assert!(
        run.stderr.contains("app.kdl:1:27]") && run.stderr.ends_with("\n3000 errors\n"),
        "{} bytes",
        run.stderr.len()
    );
    assert!(run.stderr.len() < 3000 * 2000, "{} bytes about {}", run.stderr.len(), line.len());
    let far = format!("app \"a\" {{\n{component}\n{}{component}\n}}\n", "// a comment\n".repeat(500));
    let run = check("cli-far", &[("app.kdl", far.as_bytes())]);
    assert!(
        run.stderr.contains("app.kdl:503:1]")
            && run.stderr.contains("app.kdl:2:1]")
            && run.stderr.contains("first declared here"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.lines().count() < 150, "what stands between is left out:\n{}", run.stderr);
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

fn what_is_no_regular_file_is_never_waited_for() {
    let place = folder("cli-special");
    let spec = place.join("spec");
    fs::create_dir_all(spec.join("conf")).expect("writable");
    for file in ["app.kdl", "platform.kdl", "conf/php.ini"] {
        fs::copy(root().join(SPEC).join(file), spec.join(file)).expect("readable");
    }
    let check = |path: &Path| specc(&["check", &path.display().to_string()]);
    // Emacs marks an edited file by a link that leads nowhere.
    std::os::unix::fs::symlink("nowhere", spec.join(".#app.kdl")).expect("links work");
    assert_eq!(check(&spec).code, Some(0), "hidden files are no documents: {}", check(&spec).stderr);
    let other = check(&spec.join("conf/php.ini"));
    assert_eq!(other.code, Some(3));
    assert!(
        other.stderr.contains("is not a document") && other.stderr.contains("php.ini"),
        "{}",
        other.stderr
    );
    let pipe = |path: &Path| {
        assert!(std::process::Command::new("mkfifo").arg(path).status().expect("mkfifo starts").success());
    };
    fs::remove_file(spec.join("conf/php.ini")).expect("removable");
    pipe(&spec.join("conf/php.ini"));
    let config = check(&spec);
    assert_eq!(config.code, Some(1));
    assert!(config.stderr.contains("`conf/php.ini` cannot be read"), "{}", config.stderr);
    pipe(&spec.join("more.kdl"));
    let document = check(&spec);
    assert_eq!(document.code, Some(3), "{}", document.stderr);
    assert!(document.stderr.contains("more.kdl` is a pipe, not a file"), "{}", document.stderr);
    fs::remove_file(spec.join("more.kdl")).expect("removable");
    std::os::unix::fs::symlink("nowhere", spec.join("more.kdl")).expect("links work");
    let link = check(&spec);
    assert_eq!(link.code, Some(3), "{}", link.stderr);
    assert!(link.stderr.contains("more.kdl`\ncaused by: No such file"), "{}", link.stderr);
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
    assert!(line.starts_with("::error title=S0201 unknown-key,file="), "{line}");
    assert!(line.contains(",line=3,endLine=3,col=23,endColumn=30::"), "{line}");
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
    for taken in ["Deployment.api.yaml", "Deployment.api.yaml/below"] {
        let taken = Path::new(&target).join(taken).display().to_string();
        let refused = specc(&["build", SPEC, "-e", "prod", "-o", &taken]);
        assert_eq!(refused.code, Some(3), "{}", refused.stderr);
        assert!(refused.stderr.contains("hint: name a folder"), "{}", refused.stderr);
    }
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

/// Rules live in two crates, and none of them sees the other's names.
fn every_name_explains_one_thing() {
    let list = specc(&["explain"]).stdout;
    let mut names: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert!(names.len() > 50, "the list was read");
    names.sort_unstable();
    let twice: Vec<&&str> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
    assert!(twice.is_empty(), "a name is used once: {twice:?}");
}

/// One is called as a kind of object is, in smaller letters.
fn every_mechanism_can_be_explained() {
    for mechanism in simulator::model::MECHANISMS {
        let explained = specc(&["explain", mechanism.name]).stdout;
        let title = format!("# mechanism {}\n", mechanism.name);
        assert!(explained.starts_with(&title), "{}: {explained}", mechanism.name);
    }
    let hint = "hint: `specc explain Service` and `specc explain service` differ\n";
    for (word, title) in
        [("Service", "# Service\n"), ("service", "# mechanism service\n"), ("SERVICE", "# Service\n")]
    {
        let run = specc(&["explain", word]);
        assert!(run.stdout.starts_with(title) && run.stderr == hint, "{word}: {}{}", run.stdout, run.stderr);
    }
    assert_eq!(specc(&["explain", "deployment"]).stderr, "");
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
