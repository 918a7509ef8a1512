//! `specc fmt`: what it rewrites, and what it leaves alone.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;
use std::time::SystemTime;

use libtest_mimic::Trial;

use crate::process::{Run, command, folder, root, specc, trial};

const CANONICAL: &str = "platform \"p\" {\n    environment \"test\"  // 名\n}\n";
const OTHER: &str = "platform p { environment \"test\"; // 名\n}";
const MISTAKEN: &str = "platform p { environment \"test\" ";

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("format::every_spec_is_canonical", every_spec_is_canonical),
        trial("format::a_file_is_replaced_and_keeps_what_it_is", a_file_is_replaced_and_keeps_what_it_is),
        trial("format::what_is_canonical_is_not_touched", what_is_canonical_is_not_touched),
        trial("format::check_shows_and_changes_nothing", check_shows_and_changes_nothing),
        trial("format::a_mistaken_file_stays_and_others_do_not", a_mistaken_file_stays_and_others_do_not),
        trial("format::stdin_goes_to_stdout", stdin_goes_to_stdout),
        trial(
            "format::folders_are_searched_and_hidden_ones_are_not",
            folders_are_searched_and_hidden_ones_are_not,
        ),
        trial("format::what_cannot_be_read_or_written_exits_3", what_cannot_be_read_or_written_exits_3),
    ]
}

fn every_spec_is_canonical() {
    let specs = fs::read_dir(root().join("specs")).expect("specs/ is there");
    let specs = specs.map(|entry| entry.expect("specs/ can be read").path());
    let mut places: Vec<String> =
        specs.filter(|path| !path.ends_with("broken")).map(|path| path.display().to_string()).collect();
    places.push("src/starter".to_owned());
    places.sort();
    let arguments: Vec<&str> =
        ["fmt", "--check"].into_iter().chain(places.iter().map(String::as_str)).collect();
    assert!(arguments.len() > 4, "the specs were found");
    let run = specc(&arguments);
    // YAML is left alone.
    let complaints: Vec<&str> = run.stderr.lines().filter(|line| !line.starts_with("left ")).collect();
    assert_eq!((run.code, complaints), (Some(0), Vec::new()), "run `specc fmt` on them:\n{}", run.stderr);
}

fn fmt(place: &Path, further: &[&str]) -> Run {
    specc(&[&["fmt", &place.display().to_string()], further].concat())
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("it is there")
}

fn a_file_is_replaced_and_keeps_what_it_is() {
    let place = folder("format-replaced");
    let (file, link) = (place.join("text.txt"), place.join("link.kdl"));
    fs::write(&file, OTHER).expect("writable");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("ours");
    symlink("text.txt", &link).expect("links work");
    let run = fmt(&link, &[]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
    assert_eq!(run.stderr, format!("formatted {}\n", link.display()));
    assert_eq!(read(&file), CANONICAL);
    assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink(), "a link stays one");
    assert_eq!(fs::read_dir(&place).expect("readable").count(), 2, "nothing is left beside it");
}

fn what_is_canonical_is_not_touched() {
    let place = folder("format-canonical");
    let file = place.join("platform.kdl");
    fs::write(&file, CANONICAL).expect("writable");
    let long_ago = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    fs::File::options().write(true).open(&file).expect("ours").set_modified(long_ago).expect("ours");
    let run = fmt(&place, &[]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""));
    assert_eq!(fs::metadata(&file).expect("it is there").modified().expect("known"), long_ago);
}

fn check_shows_and_changes_nothing() {
    let place = folder("format-check");
    let file = place.join("platform.kdl");
    fs::write(&file, OTHER).expect("writable");
    let run = fmt(&place, &["--check"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stdout.starts_with(&format!("--- {}\n", file.display())), "{}", run.stdout);
    assert!(run.stdout.contains("\n+    environment \"test\"  // 名\n"), "{}", run.stdout);
    assert_eq!(run.stderr, "1 document is not canonical; `specc fmt` rewrites what is not\n");
    assert_eq!(read(&file), OTHER);
    fs::write(&file, CANONICAL.replace('\n', "\r\n")).expect("writable");
    assert_eq!(fmt(&place, &["--check"]).code, Some(1), "lines end in one way");
    fs::write(&file, CANONICAL).expect("writable");
    assert_eq!(fmt(&place, &["--check"]).code, Some(0));
}

fn a_mistaken_file_stays_and_others_do_not() {
    let place = folder("format-mistaken");
    let (mistaken, other, yaml) = (place.join("a.kdl"), place.join("b.kdl"), place.join("c.yaml"));
    fs::write(&mistaken, MISTAKEN).expect("writable");
    fs::write(&other, OTHER).expect("writable");
    fs::write(&yaml, "platform:   {name: p}\n").expect("writable");
    let run = fmt(&place, &[]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{}", run.stderr);
    assert!(run.stderr.contains("error[") && run.stderr.contains("a.kdl:1"), "{}", run.stderr);
    assert!(run.stderr.contains(&format!("left {} alone: it is YAML\n", yaml.display())), "{}", run.stderr);
    assert_eq!((read(&mistaken), read(&other)), (MISTAKEN.to_owned(), CANONICAL.to_owned()));
    assert_eq!(read(&yaml), "platform:   {name: p}\n");
}

fn piped(arguments: &[&str], text: &str) -> (Option<i32>, String, String) {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(text.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("the binary ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn stdin_goes_to_stdout() {
    for text in [OTHER, CANONICAL] {
        assert_eq!(piped(&["fmt", "-"], text), (Some(0), CANONICAL.to_owned(), String::new()));
    }
    let (code, stdout, stderr) = piped(&["fmt", "-"], MISTAKEN);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.contains("<stdin>:1"), "{stderr}");
    let (code, stdout, _) = piped(&["fmt", "--check", "-"], OTHER);
    assert_eq!((code, stdout.starts_with("--- <stdin>\n")), (Some(1), true), "{stdout}");
}

fn folders_are_searched_and_hidden_ones_are_not() {
    let place = folder("format-folders");
    let places =
        ["a/b/app.kdl", "platform.kdl", ".hidden/app.kdl", "a/readme.md"].map(|name| place.join(name));
    for path in &places {
        fs::create_dir_all(path.parent().expect("below the folder")).expect("writable");
        fs::write(path, OTHER).expect("writable");
    }
    symlink("..", place.join("a/around")).expect("links work");
    assert_eq!(fmt(&place, &[]).code, Some(0));
    assert_eq!(places.map(|path| read(&path)), [CANONICAL, CANONICAL, OTHER, OTHER].map(str::to_owned));
}

fn what_cannot_be_read_or_written_exits_3() {
    let place = folder("format-outside");
    let empty = fmt(&place, &[]);
    assert_eq!(empty.code, Some(3));
    assert!(empty.stderr.contains("there is no document in"), "{}", empty.stderr);
    let missing = fmt(&place.join("app.kdl"), &[]);
    assert_eq!((missing.code, missing.stderr.contains("hint: check the path")), (Some(3), true));
    let file = place.join("locked.kdl");
    fs::write(&file, OTHER).expect("writable");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o440)).expect("ours");
    let locked = fmt(&file, &[]);
    assert_eq!(locked.code, Some(3), "{}", locked.stderr);
    assert!(
        locked.stderr.contains("cannot write") && locked.stderr.contains("only be read"),
        "{}",
        locked.stderr
    );
    assert_eq!(read(&file), OTHER);
}
