//! The examples in the docs of every rule: the wrong one gives its code and no other, the right one none.

use std::collections::BTreeMap;

use compiler::diag::Diagnostics;
use compiler::source::Sources;
use simulator::{rules, scenario};

/// The codes that a spec with a scenario gives.
fn codes(text: &str) -> Vec<&'static str> {
    let mut sources = Sources::default();
    let source = sources.add("spec.kdl", text);
    let mut diagnostics = Diagnostics::default();
    let document = compiler::parse::parse(&source, &mut diagnostics);
    let checked = compiler::compile(&document, &BTreeMap::new(), &mut diagnostics);
    if let (Some(checked), Some(node)) = (checked, document.named("scenario").next()) {
        scenario::resolve(node, &checked, &mut diagnostics);
    }
    diagnostics.sorted().iter().map(|diagnostic| diagnostic.rule.code).collect()
}

fn example<'a>(docs: &'a str, heading: &str) -> &'a str {
    let after = docs.split(&format!("## {heading}\n```kdl\n")).nth(1);
    let block = after.and_then(|text| text.split("```").next());
    block.unwrap_or_else(|| panic!("`## {heading}` has a block"))
}

#[test]
fn every_example_gives_what_it_says() {
    for rule in rules::ALL {
        assert_eq!(codes(example(rule.docs, "Wrong")), [rule.code], "wrong example of {}", rule.name);
        assert!(codes(example(rule.docs, "Right")).is_empty(), "right example of {}", rule.name);
    }
}

#[test]
fn codes_are_sorted_and_used_once() {
    assert!(rules::ALL.windows(2).all(|pair| pair[0].code < pair[1].code));
}
