//! Diagnostics for people: the source text with carets.

use std::collections::BTreeMap;
use std::sync::Arc;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan};

use super::Findings;
use super::text::{Text, visible};
use crate::diag::{Diagnostic, Label, Severity};
use crate::source::{SourceId, Sources, Span};

/// Every finding of one spec.
pub fn text(found: &Findings, colour: bool) -> String {
    let mut texts = Texts { sources: found.sources, ready: BTreeMap::new() };
    let sorted = found.diagnostics.sorted();
    sorted.into_iter().map(|diagnostic| shown(diagnostic, &mut texts, colour)).collect()
}

/// The texts as they are shown, each prepared once.
struct Texts<'a> {
    sources: &'a Sources,
    ready: BTreeMap<SourceId, Arc<Text>>,
}

impl Texts<'_> {
    fn under(&mut self, span: Span) -> Arc<Text> {
        let source = self.sources.get(span.source);
        self.ready.entry(span.source).or_insert_with(|| Arc::new(Text::new(source))).clone()
    }
}

/// One place with a word above and under it, in the style of a diagnostic's further places.
pub fn excerpt(message: &str, label: &Label, sources: &Sources, colour: bool) -> String {
    let mut texts = Texts { sources, ready: BTreeMap::new() };
    let mut text = String::new();
    draw(&elsewhere(message, label.span, &label.text, &mut texts), colour, &mut text);
    text
}

fn shown(diagnostic: &Diagnostic, texts: &mut Texts, colour: bool) -> String {
    let mut text = String::new();
    for report in reports(diagnostic, texts) {
        draw(&report, colour, &mut text);
    }
    text.push('\n');
    text
}

fn draw(report: &Shown, colour: bool, text: &mut String) {
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(110).without_syntax_highlighting();
    handler.render_report(text, report).expect("a String takes every write");
}

/// The diagnostic, and one report for each place in another file, since a report shows one source.
fn reports(diagnostic: &Diagnostic, texts: &mut Texts) -> Vec<Shown> {
    let home = diagnostic.labels.first().map(|label| label.span.source);
    let (here, others): (Vec<&Label>, Vec<&Label>) =
        diagnostic.labels.iter().partition(|label| Some(label.span.source) == home);
    let severity = diagnostic.rule.severity;
    let mut reports = vec![Shown {
        message: visible(&diagnostic.message),
        head: Some((format!("{}[{}]", super::severity(severity), diagnostic.rule.code), severity)),
        hint: diagnostic.hint.as_deref().map(visible),
        labels: here.iter().map(|label| labelled(texts, label.span, &label.text)).collect(),
        source: diagnostic.labels.first().map(|label| texts.under(label.span)),
    }];
    reports.extend(others.into_iter().map(|label| elsewhere(&label.text, label.span, "here", texts)));
    reports
}

/// A place that is shown with a message of its own.
fn elsewhere(message: &str, span: Span, under: &str, texts: &mut Texts) -> Shown {
    Shown {
        message: visible(message),
        head: None,
        hint: None,
        labels: vec![labelled(texts, span, under)],
        source: Some(texts.under(span)),
    }
}

fn labelled(texts: &mut Texts, span: Span, text: &str) -> LabeledSpan {
    let (start, length) = texts.under(span).underlined(span);
    LabeledSpan::new(Some(visible(text)), start, length)
}

/// One report in the shape that miette draws.
#[derive(Debug)]
struct Shown {
    message: String,
    head: Option<(String, Severity)>,
    hint: Option<String>,
    labels: Vec<LabeledSpan>,
    source: Option<Arc<Text>>,
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
        self.source.as_deref().map(|source| source as &dyn miette::SourceCode)
    }
}

#[cfg(test)]
mod tests {
    use crate::diag::Format;
    use crate::diag::render::testing::shown;

    #[test]
    fn nothing_that_was_written_reaches_the_terminal_as_a_command() {
        let shown = shown(Format::Human { colour: false });
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
        assert!(shown.contains("bell \\u{7}") && shown.contains("name \\u{1b}[2J"), "{shown}");
    }
}
