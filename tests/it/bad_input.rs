//! Files that no person meant: each gives a diagnostic or an error, soon and in little memory, and never a panic.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::Trial;

use crate::process::{Run, command, folder, root, trial};

/// What the address space of a run may come to. A few threads reserve 64 MiB each without using them.
const MEMORY_KIB: u64 = 1_200_000;
/// Far above what any of these takes, and far below a hang.
const PATIENCE: Duration = Duration::from_mins(1);

const PLATFORM: &str = r#"
platform "p" {
    cluster "c" kubernetes="1.34" { pool "general" cpu=16 memory="64Gi" nodes=10; }
    environment "prod" cluster="c"
}
"#;

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("bad_input::files_of_a_gigabyte_are_not_read", files_of_a_gigabyte_are_not_read),
        trial("bad_input::what_is_no_file_is_named", what_is_no_file_is_named),
        trial("bad_input::links_in_circles_end", links_in_circles_end),
        trial("bad_input::links_and_paths_stay_inside", links_and_paths_stay_inside),
        trial("bad_input::other_encodings_are_named", other_encodings_are_named),
        trial("bad_input::control_characters_are_found_and_never_printed", control_characters),
        trial("bad_input::every_kind_of_line_end_means_the_same", every_kind_of_line_end_means_the_same),
        trial("bad_input::yaml_repeats_and_bombs_are_refused", yaml_repeats_and_bombs_are_refused),
        trial("bad_input::thousands_of_mistakes_are_shown_in_time", thousands_of_mistakes_are_shown_in_time),
    ]
}

/// A run with little memory, which must end by itself without a panic.
fn limited(arguments: &[&str], stdin: Option<&str>) -> Run {
    let bare = command(arguments);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {MEMORY_KIB} && exec \"$@\""), "sh"]);
    command.arg(bare.get_program()).args(bare.get_args()).current_dir(root());
    command.env_remove("KUBECONFIG").env("NO_COLOR", "1");
    command
        .stdin(stdin.map_or_else(Stdio::null, |path| Stdio::from(fs::File::open(path).expect("readable"))));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("sh starts");
    let read = |mut from: Box<dyn Read + Send>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes).expect("a pipe is readable");
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let stdout = read(Box::new(child.stdout.take().expect("piped")));
    let stderr = read(Box::new(child.stderr.take().expect("piped")));
    let begin = Instant::now();
    let status = loop {
        match child.try_wait().expect("the child is ours") {
            Some(status) => break status,
            None if begin.elapsed() > PATIENCE => {
                child.kill().expect("the child is ours");
                panic!("{arguments:?} hangs");
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let (stdout, stderr) = (stdout.join().expect("read"), stderr.join().expect("read"));
    let run = Run { code: status.code(), stdout, stderr };
    assert!(matches!(run.code, Some(0 | 1 | 3)), "{arguments:?}: {:?}\n{}", run.code, tail(&run.stderr));
    run
}

fn tail(text: &str) -> &str {
    text.get(text.len().saturating_sub(2000)..).unwrap_or(text)
}

fn check(place: &Path) -> Run {
    limited(&["check", &place.display().to_string()], None)
}

/// A folder with a platform, and an application with some lines in its one component.
fn spec(name: &str, lines: &str) -> PathBuf {
    let place = folder(&format!("bad-input-{name}"));
    fs::write(place.join("platform.kdl"), PLATFORM).expect("writable");
    fs::write(place.join("app.kdl"), app(lines)).expect("writable");
    place
}

fn app(lines: &str) -> String {
    format!(
        "app \"shop\" {{\n    component \"web\" {{\n        image \"a:1\"\n        \
         resources cpu=\"1\" memory=\"1Gi\"\n        {lines}\n    }}\n}}\n"
    )
}

fn says(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, Some(code), "{}", tail(&run.stderr));
    for word in words {
        assert!(run.stderr.contains(word), "says {word:?}:\n{}", tail(&run.stderr));
    }
}

/// A file that takes no room on the disk.
fn huge(path: &Path) {
    fs::File::create(path).and_then(|file| file.set_len(1 << 30)).expect("the disk takes files with holes");
}

fn files_of_a_gigabyte_are_not_read() {
    for file in ["large.kdl", "large.yaml"] {
        let place = spec(&format!("huge-{file}"), "");
        huge(&place.join(file));
        says(&check(&place), 1, &["error[S0115]", "the file has 1073741824 bytes", file, "help: "]);
    }
    let place = spec("huge-config", "config \"a\" mount=\"/etc/a\" from=\"large.ini\"");
    huge(&place.join("large.ini"));
    says(&check(&place), 1, &["error[S0214]", "`large.ini`", "4 MiB"]);
    let stdin = place.join("large.ini").display().to_string();
    says(&limited(&["check", "-"], Some(&stdin)), 1, &["error[S0115]", "stdin.kdl"]);
}

fn what_is_no_file_is_named() {
    let place = spec("folder", "");
    fs::create_dir(place.join("x.kdl")).expect("writable");
    says(&check(&place), 3, &["x.kdl` is a folder, not a file", "hint: "]);

    let place = spec("pipe", "");
    let made = Command::new("mkfifo").arg(place.join("x.yaml")).status().expect("mkfifo starts");
    assert!(made.success());
    says(&check(&place), 3, &["x.yaml` is a pipe, not a file", "hint: "]);
    says(&check(&place.join("x.yaml")), 3, &["is a pipe"]);

    let place = spec("pipe-config", "config \"a\" mount=\"/etc/a\" from=\"x.ini\"");
    let made = Command::new("mkfifo").arg(place.join("x.ini")).status().expect("mkfifo starts");
    assert!(made.success());
    says(&check(&place), 1, &["error[S0214]", "the file `x.ini` cannot be read"]);

    let place = spec("device", "");
    symlink("/dev/zero", place.join("x.kdl")).expect("links work");
    says(&check(&place), 3, &["x.kdl", "hint: "]);
    says(&limited(&["check", "/dev/zero"], None), 3, &["`/dev/zero` is not a document", "hint: "]);
    says(&limited(&["check", "-"], Some("/dev/zero")), 1, &["error[S0115]"]);
}

fn links_in_circles_end() {
    let place = spec("self-link", "");
    symlink("x.kdl", place.join("x.kdl")).expect("links work");
    says(&check(&place), 3, &["cannot read `", "x.kdl`", "caused by: "]);

    let tree = folder("bad-input-tree");
    for name in ["a", "b", "c"] {
        fs::create_dir(tree.join(name)).expect("writable");
        symlink("../a", tree.join(name).join("up")).expect("links work");
        symlink("../../bad-input-tree", tree.join(name).join("top")).expect("links work");
    }
    says(&check(&tree), 3, &["there is no document in"]);
    says(&check(&tree.join("**/app.kdl")), 3, &["no spec matches"]);
    fs::write(tree.join("b/app.kdl"), app("") + PLATFORM).expect("writable");
    says(&check(&tree), 0, &["no mistakes in prod@c"]);
    says(&check(&tree.join("**/app.kdl")), 0, &["no mistakes in prod@c"]);
}

fn links_and_paths_stay_inside() {
    let outside = std::env::temp_dir().join(format!("specc-outside-{}.kdl", std::process::id()));
    fs::write(&outside, "secret-of-the-machine 5m\n").expect("writable");
    let place = spec("leads-out", "");
    symlink(&outside, place.join("x.kdl")).expect("links work");
    let run = check(&place);
    fs::remove_file(&outside).expect("it is ours");
    says(&run, 3, &["the link `", "x.kdl` leads out of the spec", "hint: "]);
    assert!(!run.stderr.contains("secret-of-the-machine"), "{}", run.stderr);

    let place = spec("shared", "");
    let shared = folder("bad-input-shared-platform").join("platform.kdl");
    fs::rename(place.join("platform.kdl"), &shared).expect("writable");
    symlink(&shared, place.join("platform.kdl")).expect("links work");
    says(&check(&place), 0, &["no mistakes in prod@c"]);

    for from in ["../x", "/etc/hostname", "a/../../x", "./x", "a//x", "~/x:y", "a\\\\..\\\\x"] {
        let place = spec("from", &format!("config \"a\" mount=\"/etc/a\" from=\"{from}\""));
        says(&check(&place), 1, &["error[S0202]", "app.kdl:5:"]);
    }
    let place = spec("from-link", "config \"a\" mount=\"/etc/a\" from=\"conf/x\"");
    symlink("/etc", place.join("conf")).expect("links work");
    fs::write(place.join("hostname"), "").expect("writable");
    says(&check(&place), 1, &["error[S0214]", "the file `conf/x` cannot be read"]);
}

fn other_encodings_are_named() {
    let text = app("") + PLATFORM;
    let wide = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        [mark, &text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()].concat()
    };
    let cases = [
        wide(b"\xFF\xFE", u16::to_le_bytes),
        wide(b"\xFE\xFF", u16::to_be_bytes),
        wide(b"", u16::to_le_bytes),
        wide(b"", u16::to_be_bytes),
    ];
    for (bytes, ending) in cases.iter().zip(["kdl", "yaml", "kdl", "yml"]) {
        let place = folder("bad-input-utf-16");
        fs::write(place.join(format!("app.{ending}")), bytes).expect("writable");
        let run = check(&place);
        says(&run, 1, &["error[S0117]", "the file is UTF-16, not UTF-8", "help: save the file as UTF-8"]);
        assert!(run.stderr.ends_with("\n1 error\n"), "nothing else is said:\n{}", run.stderr);
    }
    // GBK in the middle of UTF-8.
    let place = spec("gbk", "env \"A\" \"名\"");
    let mut bytes = fs::read(place.join("app.kdl")).expect("readable");
    bytes.extend(b"// \xB6\xA9\xB5\xA5\n");
    fs::write(place.join("app.kdl"), bytes).expect("writable");
    says(&check(&place), 1, &["error[S0117]", "the byte 0xB6 in line 8 is not UTF-8"]);
}

fn control_characters() {
    let cases = [
        ("kdl", app("env \"A\" \"\u{1b}[2J\u{0}\u{7f}\u{202e}\"")),
        ("yaml", "app:\n  name: \"\u{1b}]0;x\u{7}\"\n  na\u{0}me: 1\n".to_owned()),
    ];
    for (ending, text) in cases {
        let place = folder("bad-input-control");
        fs::write(place.join(format!("app.{ending}")), text).expect("writable");
        let run = check(&place);
        says(&run, 1, &["error[S01", "help: "]);
        assert!(!run.stderr.contains(|c: char| c.is_control() && c != '\n'), "{:?}", tail(&run.stderr));
    }
    // Written as an escape it is no control character in the file, but one in the message.
    let place = spec("escape", "burst \"\\u{1b}[2J\"");
    let run = check(&place);
    says(&run, 1, &["error[S0202]", "\\u{1b}[2J"]);
    assert!(!run.stderr.contains('\u{1b}'), "{:?}", run.stderr);
}

fn every_kind_of_line_end_means_the_same() {
    let text = app("port \"http\" 8080") + PLATFORM;
    let yaml = fs::read_to_string(root().join("specs/portable/app.yaml")).expect("readable")
        + &fs::read_to_string(root().join("specs/portable/platform.yaml")).expect("readable");
    let build = |name: &str, text: String, cell: &[&str]| {
        let place = folder("bad-input-lines");
        fs::write(place.join(name), text).expect("writable");
        let place = place.display().to_string();
        let run = limited(&[&["build", &place], cell].concat(), None);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run.stdout
    };
    for (name, text, cell) in
        [("a.kdl", text, &["-e", "prod"][..]), ("a.yaml", yaml, &["-e", "prod", "-t", "merchant-a"])]
    {
        let plain = build(name, text.clone(), cell);
        let ends = ["\n", "\r\n", "\r"].into_iter().cycle();
        let mixed: String = text.lines().zip(ends).flat_map(|(line, end)| [line, end]).collect();
        assert_eq!(build(name, text.replace('\n', "\r\n"), cell), plain, "{name} with CR LF");
        assert_eq!(build(name, mixed, cell), plain, "{name} with all three");
    }
}

fn yaml_repeats_and_bombs_are_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{before}]\n"));
    }
    let cases = [
        (bomb, "error[S0120]"),
        ("app: {name: a, name: b}\n".to_owned(), "error[S0113]"),
        ("app:\n  name: a\napp:\n  name: b\n".to_owned(), "error[S0113]"),
        ("a: &a [*a]\n".to_owned(), "error[S0120]"),
        (format!("app: {}", "[".repeat(1_000_000)), "error[S0114]"),
        (format!("app:\n{}", "- ".repeat(1_000_000)), "error[S0114]"),
        ("%YAML 1.1\n---\napp: {name: a}\n".to_owned(), "error[S01"),
        ("app: {name: a}\n---\nplatform: {name: b}\n".to_owned(), "error[S01"),
    ];
    for (text, code) in cases {
        let place = folder("bad-input-yaml");
        fs::write(place.join("app.yaml"), &text).expect("writable");
        says(&check(&place), 1, &[code, "app.yaml", "help: "]);
    }
}

fn thousands_of_mistakes_are_shown_in_time() {
    let place = folder("bad-input-mistakes");
    let mut file = fs::File::create(place.join("app.kdl")).expect("writable");
    file.write_all(b"app \"shop\" {\n").expect("writable");
    let line = "    component “web” { resources cpu=500m, memory=512Mi; }\n";
    file.write_all(line.repeat((1 << 20) / line.len()).as_bytes()).expect("writable");
    for format in ["human", "json", "sarif", "github", "junit"] {
        let run = limited(&["check", &place.display().to_string(), "--format", format], None);
        says(&run, 1, &["errors"]);
    }
}
