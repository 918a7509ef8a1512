//! How diagnostics are shown: to people, and to the programs that read for them.

use std::collections::BTreeMap;
use std::sync::Arc;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan};
use serde_json::{Value, json};

use super::page::{Page, printable};
use super::{Diagnostic, Diagnostics, Label, Rule, Severity};
use crate::rules;
use crate::source::{SourceId, Sources, Span};

/// Every source, ready to be shown.
type Pages = BTreeMap<SourceId, Arc<Page>>;

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
    if sorted.is_empty() && matches!(format, Format::Human { .. }) {
        return String::new();
    }
    let pages: Pages = sources.iter().map(|source| (source.id(), Arc::new(Page::new(source)))).collect();
    match format {
        Format::Human { colour } => {
            sorted.iter().map(|diagnostic| human(diagnostic, &pages, colour)).collect()
        }
        Format::Json => pretty(&sorted.iter().map(|diagnostic| json(diagnostic, sources, &pages)).collect()),
        Format::Sarif => pretty(&sarif(&sorted, sources, &pages)),
        Format::Github => sorted.iter().map(|diagnostic| github(diagnostic, sources, &pages)).collect(),
    }
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

fn json(diagnostic: &Diagnostic, sources: &Sources, pages: &Pages) -> Value {
    let place = |label: &Label| {
        let (source, page) = (sources.get(label.span.source), &pages[&label.span.source]);
        let ((line, column), (end_line, end_column)) =
            (page.position(label.span.start), page.position(label.span.end));
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

fn sarif(sorted: &[&Diagnostic], sources: &Sources, pages: &Pages) -> Value {
    let location = |label: &Label| {
        let (source, page) = (sources.get(label.span.source), &pages[&label.span.source]);
        let ((line, column), (end_line, end_column)) =
            (page.position(label.span.start), page.position(label.span.end));
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

fn github(diagnostic: &Diagnostic, sources: &Sources, pages: &Pages) -> String {
    let escape = |text: &str| printable(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| escape(text).replace(':', "%3A").replace(',', "%2C");
    let mut line =
        format!("::{} title={}", severity(diagnostic.rule.severity), property(diagnostic.rule.code));
    if let Some(label) = diagnostic.labels.first() {
        let source = sources.get(label.span.source);
        let (row, column) = pages[&label.span.source].position(label.span.start);
        line.push_str(&format!(",file={},line={row},col={column}", property(&source.path)));
    }
    let hint = diagnostic.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("{line}::{}{}\n", escape(&diagnostic.message), escape(&hint))
}

fn human(diagnostic: &Diagnostic, pages: &Pages, colour: bool) -> String {
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(110).without_syntax_highlighting();
    let mut text = String::new();
    for report in reports(diagnostic, pages) {
        handler.render_report(&mut text, &report).expect("a String takes every write");
    }
    text.push('\n');
    text
}

/// The diagnostic, and one report for each place in another file, since a report shows one source.
fn reports(diagnostic: &Diagnostic, pages: &Pages) -> Vec<Shown> {
    let home = diagnostic.labels.first().map(|label| label.span.source);
    let (here, elsewhere): (Vec<&Label>, Vec<&Label>) =
        diagnostic.labels.iter().partition(|label| Some(label.span.source) == home);
    let severity = diagnostic.rule.severity;
    let mut reports = vec![Shown {
        message: printable(&diagnostic.message),
        head: Some((format!("{}[{}]", self::severity(severity), diagnostic.rule.code), severity)),
        hint: diagnostic.hint.as_deref().map(printable),
        labels: here.iter().map(|label| labelled(pages, label.span, &label.text)).collect(),
        source: home.map(|source| pages[&source].clone()),
    }];
    reports.extend(elsewhere.into_iter().map(|label| Shown {
        message: printable(&label.text),
        head: None,
        hint: None,
        labels: vec![labelled(pages, label.span, "here")],
        source: Some(pages[&label.span.source].clone()),
    }));
    reports
}

fn labelled(pages: &Pages, span: Span, text: &str) -> LabeledSpan {
    let (start, length) = pages[&span.source].underlined(span);
    LabeledSpan::new(Some(printable(text)), start, length)
}

/// One report in the shape that miette draws.
#[derive(Debug)]
struct Shown {
    message: String,
    head: Option<(String, Severity)>,
    hint: Option<String>,
    labels: Vec<LabeledSpan>,
    source: Option<Arc<Page>>,
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
        self.source.as_deref().map(|page| page as &dyn miette::SourceCode)
    }
}
