//! Every rule's own examples: the wrong one gives exactly its code, the right one gives nothing.

use compiler::diag::{Diagnostics, Format, Rule, Severity, render};
use compiler::document::Document;
use compiler::resolve::Files;
use compiler::rules;
use compiler::source::Sources;
use compiler::{compile, parse};

/// Completes an example that says nothing about where it runs.
const PLATFORM: &str = r#"
platform "p" {
    cluster "c" kubernetes="1.34" {
        pool "general" cpu=16 memory="64Gi" nodes=10
    }
    environment "test" cluster="c"
    environment "prod" cluster="c"
}
"#;

/// The blocks under a heading: the language after the fence, and the text.
fn blocks<'a>(docs: &'a str, heading: &str) -> Vec<(&'a str, &'a str)> {
    let section = docs.split(&format!("## {heading}\n")).nth(1).unwrap_or("");
    let section = section.split("\n## ").next().unwrap_or("");
    let fenced = section.split("```").skip(1).step_by(2);
    fenced.filter_map(|block| block.split_once('\n')).collect()
}

fn check(language: &str, text: &str) -> (Diagnostics, Sources) {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = sources.add(format!("example.{language}"), text);
    let mut document: Document = parse::parse(&source, &mut diagnostics);
    let broken = diagnostics.has_errors();
    // Whether there is a platform is what `missing-document` is about, and nothing else.
    if document.named("app").next().is_some() && document.named("platform").next().is_none() && !broken {
        let platform = sources.add("platform.kdl", PLATFORM);
        document.append(parse::parse(&platform, &mut diagnostics));
    }
    if !broken {
        let files = Files::from([("app.ini".to_owned(), "debug = 0\n".to_owned())]);
        compile(&document, &files, &mut diagnostics);
    }
    (diagnostics, sources)
}

fn codes(diagnostics: &Diagnostics) -> Vec<&'static str> {
    let mut codes: Vec<&str> = diagnostics.sorted().iter().map(|found| found.rule.code).collect();
    codes.dedup();
    codes
}

fn example(rule: &Rule) {
    let wrong = blocks(rule.docs, "Wrong");
    assert!(!wrong.is_empty() && !blocks(rule.docs, "Right").is_empty(), "{} has both examples", rule.name);
    for (language, text) in wrong {
        if language.ends_with("no-run") {
            continue;
        }
        let (found, sources) = check(language, text);
        let shown = render(&found, &sources, Format::Human { colour: false });
        assert_eq!(codes(&found), [rule.code], "{}, wrong:\n{shown}", rule.name);
        for diagnostic in found.sorted() {
            assert!(diagnostic.hint.is_some(), "{} has a hint", rule.name);
            let message = &diagnostic.message;
            assert!(!message.ends_with('.') && !message.starts_with(char::is_uppercase), "{message}");
        }
    }
    for (language, text) in blocks(rule.docs, "Right") {
        if !language.ends_with("no-run") {
            let (found, sources) = check(language, text);
            let shown = render(&found, &sources, Format::Human { colour: false });
            assert!(found.is_empty(), "{}, right:\n{shown}", rule.name);
        }
    }
}

#[test]
fn every_rule_is_what_its_examples_say() {
    let mut run = 0;
    for rule in rules::ALL {
        example(rule);
        run +=
            usize::from(!blocks(rule.docs, "Wrong").iter().all(|(language, _)| language.ends_with("no-run")));
    }
    assert!(run >= 30, "{run} rules have examples that run");
}

#[test]
fn codes_and_names_are_used_once() {
    for (index, rule) in rules::ALL.iter().enumerate() {
        let later = &rules::ALL[index + 1..];
        assert!(
            later.iter().all(|other| other.code != rule.code && other.name != rule.name),
            "{}",
            rule.name
        );
        assert!(matches!(rule.severity, Severity::Error | Severity::Warning));
    }
}
