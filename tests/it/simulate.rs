//! Runs of the simulator that end before their time.

use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use libtest_mimic::Trial;

use crate::process::{command, folder, note, specc, trial};

const SALE: &str = "specs/mini-program/scenario.kdl";

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("simulate::an_interrupt_prints_what_is_known", an_interrupt_prints_what_is_known),
        trial(
            "simulate::a_run_ends_after_as_many_events_as_it_may",
            a_run_ends_after_as_many_events_as_it_may,
        ),
        trial("simulate::a_trace_is_never_in_memory_as_a_whole", a_trace_is_never_in_memory_as_a_whole),
    ]
}

fn an_interrupt_prints_what_is_known() {
    let mut child = command(&["simulate", SALE]);
    let child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    // Long enough to begin; the whole takes seconds even with optimisation.
    sleep(Duration::from_millis(700));
    let sent = Command::new("kill").arg("-INT").arg(child.id().to_string()).status();
    assert!(sent.is_ok_and(|status| status.success()), "the signal is sent");
    let output = child.wait_with_output().expect("the process ends");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(130), "{printed}");
    let line = printed.lines().nth(1).unwrap_or_default();
    assert!(
        line.starts_with("stopped at ") && line.ends_with(": what follows is what was known by then"),
        "{printed}"
    );
    assert!(printed.contains("requests"), "{printed}");
}

fn a_run_ends_after_as_many_events_as_it_may() {
    let trace = folder("simulate-trace").join("events.tsv");
    let trace_argument = trace.display().to_string();
    let run = specc(&["simulate", SALE, "--events-max", "3000000", "--trace", &trace_argument]);
    assert_eq!(run.code, Some(4), "{}", run.stderr);
    assert!(run.stdout.contains("out of events at "), "{}", run.stdout);
    let events = std::fs::read_to_string(&trace).expect("the trace is there");
    assert!(events.starts_with("seconds\tevent\tobject\tdetail\n"), "{events}");
    assert!(events.lines().any(|line| line.contains("\tscaled\tapi-")), "{events}");
    assert!(events.lines().all(|line| line.split('\t').count() == 4), "{events}");
    let explained = specc(&["explain", "trace"]).stdout;
    for line in events.lines() {
        let event = line.split('\t').nth(1).unwrap_or_default();
        assert!(explained.contains(&format!("`{event}`")), "`{event}` is not explained");
    }
    assert!(run.stderr.contains("the run ended after 3000000 events"), "{}", run.stderr);
}

const SPEC: &str = r#"app "shop" {
    component "web" {
        image "registry.example.com/web:1"
        resources cpu="500m" memory="512Mi"
        replicas 2
    }
    environment "prod"
}
platform "shop" {
    cluster "one" kubernetes="1.34" provider="kubernetes" {
        pool "general" cpu=4 memory="16Gi" nodes=2
    }
    environment "prod" cluster="one"
}
scenario "recorded" app="shop" environment="prod" {
    from "2026-11-11T00:00:00+08:00"
    duration "100s"
    traffic "web" {
        trace "traffic.csv"
    }
    service "web" {
        cpu "5ms"
    }
}
"#;

/// Half a million rows over five of the hundred seconds, in 100 MB.
fn a_trace_is_never_in_memory_as_a_whole() {
    let folder = folder("simulate-long-trace");
    std::fs::write(folder.join("app.kdl"), SPEC).expect("the spec is written");
    let trace = folder.join("traffic.csv");
    let bytes = write_trace(&trace, 500_000, 200).expect("the trace is written");
    let path = folder.join("app.kdl").display().to_string();
    let mut child = command(&["simulate", &path]);
    let mut child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let peak = peak_memory(&mut child);
    let output = child.wait_with_output().expect("the process ends");
    std::fs::remove_file(&trace).expect("the trace was there");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("attempts  "), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    match peak {
        Some(peak) => assert!(peak < bytes / 4, "{peak} bytes of memory for a file of {bytes}"),
        None => note("simulate: the memory of a process is in /proc/PID/status, which is not here"),
    }
}

/// Rows of so many bytes each, ten microseconds from each other; returns how many bytes that are.
fn write_trace(path: &Path, rows: u64, width: usize) -> std::io::Result<u64> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    file.write_all(b"seconds,per-second\n")?;
    let mut line = String::new();
    for row in 0..rows {
        line.clear();
        // An empty string never fails to take more.
        let _ = write!(line, "{}.{:05},{}.", row / 100_000, row % 100_000, row % 7);
        line.extend(std::iter::repeat_n('0', width - 1 - line.len()));
        line.push('\n');
        file.write_all(line.as_bytes())?;
    }
    file.flush()?;
    Ok(std::fs::metadata(path)?.len())
}

/// The most memory that a process had in its life, in bytes; `None` where nobody tells.
fn peak_memory(child: &mut Child) -> Option<u64> {
    let mut peak = None;
    let status = format!("/proc/{}/status", child.id());
    // It only grows, so the last look that finds it is near enough.
    while child.try_wait().is_ok_and(|ended| ended.is_none()) {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        peak = kib.map(|kib| kib * 1024).or(peak);
        sleep(Duration::from_millis(2));
    }
    peak
}
