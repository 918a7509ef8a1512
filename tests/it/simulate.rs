//! Runs of the simulator that end before their time.

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use libtest_mimic::Trial;

use crate::process::{command, folder, specc, trial};

const SALE: &str = "specs/mini-program/scenario.kdl";

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("simulate::an_interrupt_prints_what_is_known", an_interrupt_prints_what_is_known),
        trial(
            "simulate::a_run_ends_after_as_many_events_as_it_may",
            a_run_ends_after_as_many_events_as_it_may,
        ),
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
