//! How diagnostics are shown: to people, and to the programs that read for them.

use std::collections::BTreeMap;
use std::sync::Arc;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource};
use serde_json::{Value, json};

use super::{Diagnostic, Diagnostics, Label, Rule, Severity};
use crate::rules;
use crate::source::{Source, Sources, Span};

/// Who reads the diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// People: source text with carets, in colour if `colour`.
    Human {
        /// Use ANSI colours; meaning never depends on them.
        colour: bool,
    },
    /// Programs: one JSON array.
    Json,
    /// Code scanning: SARIF 2.1.0.
    Sarif,
    /// GitHub Actions: one workflow command a line.
    Github,
}

/// Every diagnostic in the order of the text.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, format: Format) -> String {
    let sorted = diagnostics.sorted();
    match format {
        Format::Human { colour } => {
            sorted.iter().map(|diagnostic| human(diagnostic, sources, colour)).collect()
        }
        Format::Json => pretty(&sorted.iter().map(|diagnostic| json(diagnostic, sources)).collect()),
        Format::Sarif => pretty(&sarif(&sorted, sources)),
        Format::Github => sorted.iter().map(|diagnostic| github(diagnostic, sources)).collect(),
    }
}

/// One place with a word above and under its text, in the style of a diagnostic's further places.
pub fn excerpt(message: &str, label: &Label, sources: &Sources, colour: bool) -> String {
    let (message, labels) = (message.to_owned(), vec![labelled(label.span, &label.text)]);
    drawn(
        [Shown { message, head: None, hint: None, labels, source: Some(named(sources, label.span)) }],
        colour,
    )
}

/// The line and column of a byte, from 1; columns count characters.
pub fn position(source: &Source, byte: u32) -> (usize, usize) {
    let before = source.text.get(..byte as usize).unwrap_or(&source.text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn json(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let place = |label: &Label| {
        let source = sources.get(label.span.source);
        let ((line, column), (end_line, end_column)) =
            (position(source, label.span.start), position(source, label.span.end));
        json!({
            "file": source.path, "line": line, "column": column, "endLine": end_line, "endColumn": end_column,
            "text": label.text,
        })
    };
    json!({
        "code": diagnostic.rule.code,
        "rule": diagnostic.rule.name,
        "severity": severity(diagnostic.rule.severity),
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "places": diagnostic.labels.iter().map(place).collect::<Vec<_>>(),
    })
}

fn sarif(sorted: &[&Diagnostic], sources: &Sources) -> Value {
    let location = |label: &Label| {
        let source = sources.get(label.span.source);
        let ((line, column), (end_line, end_column)) =
            (position(source, label.span.start), position(source, label.span.end));
        json!({
            "physicalLocation": {
                "artifactLocation": { "uri": source.path },
                "region": {
                    "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column,
                },
            },
            "message": { "text": label.text },
        })
    };
    let result = |diagnostic: &&Diagnostic| {
        let hint = diagnostic.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        json!({
            "ruleId": diagnostic.rule.code,
            "level": severity(diagnostic.rule.severity),
            "message": { "text": format!("{}{hint}", diagnostic.message) },
            "locations": diagnostic.labels.first().map(location).into_iter().collect::<Vec<_>>(),
            "relatedLocations": diagnostic.labels.iter().skip(1).map(location).collect::<Vec<_>>(),
        })
    };
    // Scenarios have rules of their own, in another crate.
    let used = rules::ALL.iter().copied().chain(sorted.iter().map(|found| found.rule));
    let used: BTreeMap<&str, &Rule> = used.map(|rule| (rule.code, rule)).collect();
    let known = used
        .values()
        .map(|rule| json!({ "id": rule.code, "name": rule.name, "fullDescription": { "text": rule.docs } }));
    json!({
        "version": "2.1.0",
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "runs": [{
            "tool": { "driver": { "name": "specc", "rules": known.collect::<Vec<_>>() } },
            // SARIF's own default counts UTF-16 units.
            "columnKind": "unicodeCodePoints",
            "results": sorted.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn github(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let escape = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| escape(text).replace(':', "%3A").replace(',', "%2C");
    let mut line =
        format!("::{} title={}", severity(diagnostic.rule.severity), property(diagnostic.rule.code));
    if let Some(label) = diagnostic.labels.first() {
        let source = sources.get(label.span.source);
        let (row, column) = position(source, label.span.start);
        line.push_str(&format!(",file={},line={row},col={column}", property(&source.path)));
    }
    let hint = diagnostic.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("{line}::{}{}\n", escape(&diagnostic.message), escape(&hint))
}

fn human(diagnostic: &Diagnostic, sources: &Sources, colour: bool) -> String {
    drawn(reports(diagnostic, sources), colour) + "\n"
}

fn drawn(reports: impl IntoIterator<Item = Shown>, colour: bool) -> String {
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(110).without_syntax_highlighting();
    let mut text = String::new();
    for report in reports {
        handler.render_report(&mut text, &report).expect("a String takes every write");
    }
    text
}

/// The diagnostic, and one report for each place in another file, since a report shows one source.
fn reports(diagnostic: &Diagnostic, sources: &Sources) -> Vec<Shown> {
    let home = diagnostic.labels.first().map(|label| label.span.source);
    let (here, elsewhere): (Vec<&Label>, Vec<&Label>) =
        diagnostic.labels.iter().partition(|label| Some(label.span.source) == home);
    let severity = diagnostic.rule.severity;
    let mut reports = vec![Shown {
        message: diagnostic.message.clone(),
        head: Some((format!("{}[{}]", self::severity(severity), diagnostic.rule.code), severity)),
        hint: diagnostic.hint.clone(),
        labels: here.iter().map(|label| labelled(label.span, &label.text)).collect(),
        source: diagnostic.labels.first().map(|label| named(sources, label.span)),
    }];
    reports.extend(elsewhere.into_iter().map(|label| Shown {
        message: label.text.clone(),
        head: None,
        hint: None,
        labels: vec![labelled(label.span, "here")],
        source: Some(named(sources, label.span)),
    }));
    reports
}

fn labelled(span: Span, text: &str) -> LabeledSpan {
    let (start, end) = (span.start as usize, span.end as usize);
    LabeledSpan::new(Some(text.to_owned()), start, end - start)
}

fn named(sources: &Sources, span: Span) -> NamedSource<Arc<str>> {
    let source = sources.get(span.source);
    NamedSource::new(&source.path, source.text.clone())
}

/// One report in the shape that miette draws.
#[derive(Debug)]
struct Shown {
    message: String,
    head: Option<(String, Severity)>,
    hint: Option<String>,
    labels: Vec<LabeledSpan>,
    source: Option<NamedSource<Arc<str>>>,
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl miette::Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.head.as_ref().map(|(head, _)| Box::new(head) as Box<dyn std::fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.head {
            Some((_, Severity::Error)) => miette::Severity::Error,
            Some((_, Severity::Warning)) => miette::Severity::Warning,
            None => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn std::fmt::Display>)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_ref().map(|source| source as &dyn miette::SourceCode)
    }
}
