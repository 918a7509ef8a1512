//! What a scenario says of traffic, and what is wrong with the files of its traces.

mod fixture;

use std::io::{BufRead, BufReader, Cursor, Read};

use compiler::diag::{Diagnostics, Format, render};
use compiler::source::Sources;
use fixture::{MS, SECOND, fixture};
use simulator::scenario::{self, Arrivals, Bursts, Files, Level, Scenario, Step};

/// A scenario of an hour with some lines of traffic, whose trace has this content, and what is said of it.
fn read_from(lines: &str, trace: &mut dyn FnMut() -> Box<dyn BufRead>) -> (Option<Scenario>, String) {
    let component = "resources cpu=\"500m\" memory=\"512Mi\"\nreplicas 1";
    let fixture = fixture(component, "pool \"general\" cpu=2 memory=\"8Gi\" nodes=1");
    let text = format!(
        "scenario \"sale\" app=\"shop\" environment=\"prod\" {{
    from \"2026-11-11T00:00:00+08:00\"
    duration \"1h\"
    traffic \"api\" {{
        {lines}
    }}
    service \"api\" cpu=\"5ms\"
}}"
    );
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let document = compiler::parse::parse(&sources.add("scenario.kdl", text), &mut diagnostics);
    let mut open = |path: &str| (path == "a.csv").then(|| (path.to_owned(), trace()));
    let mut files = Files { open: &mut open, sources: &mut sources };
    let scenario = scenario::resolve_with(&document.nodes[0], &fixture.checked, &mut files, &mut diagnostics);
    (scenario, render(&diagnostics, &sources, Format::Human { colour: false }))
}

fn read(lines: &str, trace: &str) -> (Option<Scenario>, String) {
    read_from(lines, &mut || Box::new(Cursor::new(trace.to_owned())))
}

/// The rates of a trace that nothing is wrong with, in milliseconds and requests a second.
fn levels(lines: &str, trace: &str) -> Vec<(u64, f64)> {
    let (scenario, said) = read(lines, trace);
    assert_eq!(said, "", "{trace}");
    let traffic = scenario.expect("it is right").traffic.remove(0);
    traffic.shape.trace.iter().map(|level| (level.at_ns / MS, level.per_second)).collect()
}

/// The head of each thing that is said, with the place that follows it.
fn said(lines: &str, trace: &str) -> Vec<String> {
    let (_, said) = read(lines, trace);
    let mut all = said.lines();
    let mut found = Vec::new();
    while let Some(line) = all.next() {
        if line.starts_with("error[") || line.starts_with("warning[") {
            let text = all.by_ref().map(|line| line.trim_matches(|c: char| !c.is_alphanumeric() && c != '`'));
            let mut parts: Vec<&str> = Vec::new();
            for part in text {
                parts.push(part);
                if part.starts_with("a.csv:")
                    || part.starts_with("[a.csv:")
                    || part.starts_with("scenario.kdl:")
                {
                    break;
                }
            }
            found.push(format!("{line} {}", parts.join(" ")));
        }
    }
    found
}

#[test]
fn every_form_of_traffic_is_read() {
    let (scenario, said) = read(
        r#"arrivals "equidistant"
        base per-second=100
        step at="2026-11-11T00:10:00+08:00" per-second=150 over="30s"
        daily peak="20:30" low="04:30" ratio=3
        weekly saturday=1.3 sunday=1.4 time-zone="Europe/Berlin"
        bursts mean-on="20s" mean-off="60s" times=3"#,
        "",
    );
    let shape = scenario.unwrap_or_else(|| panic!("{said}")).traffic.remove(0).shape;
    assert_eq!(shape.arrivals, Arrivals::Equidistant);
    assert_eq!(shape.steps, [Step { at_ns: 600 * SECOND, per_second: 150.0, over_ns: 30 * SECOND }]);
    let bursts = Bursts { mean_on_ns: 20 * SECOND, mean_off_ns: 60 * SECOND, times: 3.0 };
    assert_eq!(shape.bursts, Some(bursts));
    let daily = shape.daily.expect("it has a daily shape");
    assert_eq!((daily.peak_minute, daily.low_minute), (1230, 270));
    assert_eq!(daily.zone, jiff::tz::TimeZone::fixed(jiff::tz::offset(8)), "that of `from`");
    let weekly = shape.weekly.expect("it has weekdays");
    assert_eq!(weekly.factors.map(|factor| (factor * 10.0) as u32), [10, 10, 10, 10, 10, 13, 14]);
    assert_eq!(weekly.zone.iana_name(), Some("Europe/Berlin"));
}

#[test]
fn each_header_says_what_its_columns_are() {
    let trace = "trace \"a.csv\"";
    let rows = |header: &str| format!("{header}\n0,60\n1800,120\n3600,0\n");
    assert_eq!(levels(trace, &rows("seconds,per-second")), [(0, 60.0), (1_800_000, 120.0)]);
    assert_eq!(levels(trace, &rows("Seconds, per_minute")), [(0, 1.0), (1_800_000, 2.0)]);
    assert_eq!(levels(trace, &rows("seconds,per-hour")), [(0, 60.0 / 3600.0), (1_800_000, 120.0 / 3600.0)]);
    let scaled = "trace \"a.csv\" unit=\"requests\" scale=3";
    assert_eq!(levels(scaled, &rows("seconds,value")), [(0, 0.1), (1_800_000, 0.2)]);
}

#[test]
fn the_run_begins_at_the_first_row_or_at_a_time_of_the_file() {
    let trace = "time,per-second\n2014-04-10T00:00:00,1\n2014-04-10T00:30:00,2\n2014-04-10T01:00:00,3\n\
                 2014-04-10T01:30:00,4\n2014-04-10T02:00:00,5\n";
    assert_eq!(levels("trace \"a.csv\"", trace), [(0, 1.0), (1_800_000, 2.0)]);
    let from = "trace \"a.csv\" from=\"2014-04-10T08:45:00+08:00\"";
    assert_eq!(levels(from, trace), [(0, 2.0), (900_000, 3.0), (2_700_000, 4.0)]);
}

#[test]
fn the_first_row_of_each_mistake_is_shown_with_its_place_and_the_others_are_counted() {
    let rows = "seconds,per-second\n0,1\n60,-2\n120,NaN\n180,x\n240,inf\n300,1,2\n300,5\n300,6\n120,7\n1m,8\n360,-3\n\
                420,9\n3600,1\n3601,-1\n";
    let wanted = [
        "the row has not two fields a.csv:7:1",
        "`1m` is no time a.csv:11:1",
        "`120` comes before the time of the row above a.csv:10:1",
        "`300` is the time of the row above too a.csv:9:1",
        "`x` is no number a.csv:5:5",
        "`NaN` is no number of requests; so it is in 1 more row a.csv:4:5",
        "`-2` requests are less than none; so it is in 1 more row a.csv:3:4",
        "rows are missing before `3600`, and the rate of the row above holds until then a.csv:14:1",
    ];
    let found = said("trace \"a.csv\"", rows);
    let all = found.join("\n");
    for wanted in wanted {
        assert!(found.iter().any(|found| found.ends_with(wanted)), "{wanted}:\n{all}");
    }
    assert_eq!(found.len(), wanted.len(), "{all}");
}

#[test]
fn what_is_no_trace_says_why() {
    let cases = [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("time,per-second\n", "there is no row below its first line"),
        ("0,1\n1,2\n", "the first column is neither `time` nor `seconds`"),
        ("time,rps\n", "the second column is no rate and no count"),
        ("time,value\n", "nothing says what `value` counts"),
        ("time;value\n", "there are not two columns"),
    ];
    for (trace, why) in cases {
        let (scenario, said) = read("trace \"a.csv\"", trace);
        assert!(scenario.is_none() && said.contains("S0431") && said.contains(why), "{trace:?}: {said}");
    }
    let (_, said) = read("trace \"a.csv\" unit=\"per-hour\"", "time,per-second\n");
    assert!(said.contains("the scenario says another unit"), "{said}");
    let wide = || Box::new(Cursor::new(b"\xFF\xFEt\0i\0m\0e\0".to_vec())) as Box<dyn BufRead>;
    let (_, said) = read_from("trace \"a.csv\"", &mut { wide });
    assert!(said.contains("its first line is not UTF-8"), "{said}");
    let (scenario, said) = read("trace \"b.csv\"", "");
    assert!(scenario.is_none() && said.contains("the trace `b.csv` cannot be read"), "{said}");
}

#[test]
fn in_a_gap_and_behind_the_end_the_last_rate_holds() {
    let rows = "seconds,requests\n0,60\n60,120\n120,60\n300,30\n";
    let (scenario, said) = read("trace \"a.csv\"", rows);
    let trace = scenario.expect("gaps are no errors").traffic.remove(0).shape.trace;
    let wanted = [(0, 1.0), (60, 2.0), (120, 1.0), (300, 0.5)];
    assert_eq!(trace, wanted.map(|(at, per_second)| Level { at_ns: at * SECOND, per_second }));
    assert!(said.contains("rows are missing before `300`"), "{said}");
    assert!(said.contains("the trace ends 3240 s before the run does"), "{said}");
}

/// A file without an end: a row a second, or all at one time.
struct Endless {
    row: u64,
    moves: bool,
    rest: Vec<u8>,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.rest.is_empty() {
            let header = if self.row == 0 { "seconds,per-second\n" } else { "" };
            let second = if self.moves { self.row } else { 0 };
            self.rest = format!("{header}{second},7\n").into_bytes();
            self.row += 1;
        }
        let length = buffer.len().min(self.rest.len());
        buffer[..length].copy_from_slice(&self.rest[..length]);
        self.rest.drain(..length);
        Ok(length)
    }
}

#[test]
fn a_file_without_an_end_is_read_to_the_end_of_the_run_or_until_it_is_no_trace() {
    let endless = |moves| {
        move || {
            let rows = Endless { row: 0, moves, rest: Vec::new() };
            Box::new(BufReader::new(rows)) as Box<dyn BufRead>
        }
    };
    let (scenario, said) = read_from("trace \"a.csv\"", &mut endless(true));
    assert_eq!(said, "");
    assert_eq!(scenario.map(|scenario| scenario.traffic[0].shape.trace.len()), Some(3600));
    let (scenario, said) = read_from("trace \"a.csv\"", &mut endless(false));
    assert!(scenario.is_none(), "{said}");
    assert!(said.contains("in at least 9999 more rows, and the rest was"), "{said}");
}

#[test]
fn a_trace_is_what_arrives() {
    let rows = "seconds,per-second\n0,100\n1200,0\n2400,200\n3600,0\n";
    let (scenario, said) = read("trace \"a.csv\" scale=0.5", rows);
    let mut fixture = fixture(
        "resources cpu=\"500m\" memory=\"512Mi\"\nreplicas 1",
        "pool \"general\" cpu=2 memory=\"8Gi\" nodes=1",
    );
    fixture.scenario = scenario.unwrap_or_else(|| panic!("{said}"));
    let samples = fixture.api().samples;
    for (seconds, wanted) in [(0..1200, 60_000.0), (1200..2400, 0.0), (2400..3600, 120_000.0)] {
        let within = samples.iter().filter(|sample| seconds.contains(&((sample.at_ns - 1) / SECOND)));
        let arrived = within.map(|sample| sample.arrived).sum::<u64>() as f64;
        assert!((arrived - wanted).abs() <= 4.0 * f64::sqrt(wanted), "{arrived} for {wanted}");
    }
}
