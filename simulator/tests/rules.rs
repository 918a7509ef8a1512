//! The examples in the docs of every rule: the wrong one gives its code and no other, the right one none.

use std::collections::BTreeMap;
use std::io::{BufRead, Cursor};

use compiler::diag::Diagnostics;
use compiler::source::Sources;
use simulator::scenario::Files;
use simulator::{rules, scenario};

/// The codes that a spec with a scenario gives; its trace is called `traffic.csv`.
fn codes(text: &str, trace: Option<&str>) -> Vec<&'static str> {
    let mut sources = Sources::default();
    let source = sources.add("spec.kdl", text);
    let mut diagnostics = Diagnostics::default();
    let document = compiler::parse::parse(&source, &mut diagnostics);
    let checked = compiler::compile(&document, &BTreeMap::new(), &mut diagnostics);
    if let (Some(checked), Some(node)) = (checked, document.named("scenario").next()) {
        let mut open = |path: &str| {
            let content = trace.filter(|_| path == "traffic.csv")?.to_owned();
            Some((path.to_owned(), Box::new(Cursor::new(content)) as Box<dyn BufRead>))
        };
        let mut files = Files { open: &mut open, sources: &mut sources };
        scenario::resolve_with(node, &checked, &mut files, &mut diagnostics);
    }
    diagnostics.sorted().iter().map(|diagnostic| diagnostic.rule.code).collect()
}

/// The spec below a heading, and the trace that may follow it.
fn example<'a>(docs: &'a str, heading: &str) -> (&'a str, Option<&'a str>) {
    let after = docs.split(&format!("## {heading}\n```kdl\n")).nth(1);
    let mut parts = after.unwrap_or_else(|| panic!("`## {heading}` has a block")).split("```");
    let block = parts.next().unwrap_or_default();
    (block, parts.next().and_then(|_| parts.next()?.strip_prefix("csv\n")))
}

fn codes_of(docs: &str, heading: &str) -> Vec<&'static str> {
    let (spec, trace) = example(docs, heading);
    codes(spec, trace)
}

#[test]
fn every_example_gives_what_it_says() {
    for rule in rules::ALL {
        assert_eq!(codes_of(rule.docs, "Wrong"), [rule.code], "wrong example of {}", rule.name);
        assert!(codes_of(rule.docs, "Right").is_empty(), "right example of {}", rule.name);
    }
}

#[test]
fn codes_are_sorted_and_used_once() {
    assert!(rules::ALL.windows(2).all(|pair| pair[0].code < pair[1].code));
}
