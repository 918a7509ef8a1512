//! How diagnostics are shown: to people, and to the programs that read for them.

mod github;
mod human;
mod json;
mod junit;
mod sarif;
mod text;

use std::collections::BTreeMap;

use super::{Diagnostics, Label, Severity};
use crate::source::{Source, SourceId, Sources};
pub use human::excerpt;
pub use text::visible;
use text::{line_of, line_starts};

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
    /// Test reports: the XML of `JUnit`, a suite for each spec and a case for each rule that found something.
    Junit {
        /// Warnings are failures too.
        warnings_fail: bool,
    },
}

/// What was found in one spec.
#[derive(Clone, Copy, Debug)]
pub struct Findings<'a> {
    /// The spec as the user named it.
    pub spec: &'a str,
    /// What is wrong with it.
    pub diagnostics: &'a Diagnostics,
    /// The texts that the diagnostics point into.
    pub sources: &'a Sources,
}

/// Every diagnostic of one spec in the order of the text.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, format: Format) -> String {
    render_all(&[Findings { spec: "", diagnostics, sources }], format)
}

/// Every diagnostic of several specs: spec by spec, each in the order of the text.
pub fn render_all(specs: &[Findings], format: Format) -> String {
    match format {
        Format::Human { colour } => specs.iter().map(|found| human::text(found, colour)).collect(),
        Format::Json => format!("{:#}\n", json::value(specs)),
        Format::Sarif => format!("{:#}\n", sarif::value(specs)),
        Format::Github => specs.iter().map(github::text).collect(),
        Format::Junit { warnings_fail } => junit::text(specs, warnings_fail),
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Lines and columns, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Region {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

/// Finds the lines of places, and counts those of each text once, however many places there are.
struct Places<'a> {
    sources: &'a Sources,
    line_starts: BTreeMap<SourceId, Vec<usize>>,
}

impl<'a> Places<'a> {
    fn new(sources: &'a Sources) -> Self {
        Self { sources, line_starts: BTreeMap::new() }
    }

    fn path(&self, label: &Label) -> &'a str {
        &self.sources.get(label.span.source).path
    }

    fn region(&mut self, label: &Label) -> Region {
        let source = self.sources.get(label.span.source);
        let starts = self.line_starts.entry(source.id()).or_insert_with(|| line_starts(&source.text));
        let (line, column) = position(source, starts, label.span.start as usize);
        let (end_line, end_column) = position(source, starts, label.span.end as usize);
        let before = source.first_line - 1;
        Region { line: line + before, column, end_line: end_line + before, end_column }
    }

    /// The whole line that a place begins in.
    fn line(&mut self, label: &Label) -> &'a str {
        let source = self.sources.get(label.span.source);
        let line = self.region(label).line + 1 - source.first_line;
        let starts = &self.line_starts[&label.span.source];
        let text = &source.text;
        &text[starts[line - 1]..starts.get(line).copied().unwrap_or(text.len())]
    }
}

fn position(source: &Source, starts: &[usize], byte: usize) -> (usize, usize) {
    let line = line_of(starts, byte);
    (line, source.text.get(starts[line - 1]..byte).unwrap_or_default().chars().count() + 1)
}

#[cfg(test)]
mod testing {
    //! Two specs with findings that every format must carry without breaking.

    use super::{Findings, Format, render_all};
    use crate::diag::{Diagnostic, Diagnostics};
    use crate::rules;
    use crate::source::Sources;

    /// A finding over two files, and texts that mean something to every format.
    pub fn shown(format: Format) -> String {
        let mut sources = Sources::default();
        let app =
            sources.add("shop, 1:2/名 %.kdl", "app \"名\" {\n  web <a & b>\u{1b}[2J\u{9b}\u{202e}\n}\n");
        let platform = sources.add("shop, 1:2/platform.kdl", "platform \"p\"\n");
        let mut diagnostics = Diagnostics::default();
        let found = Diagnostic::new(
            &rules::unknown_key::RULE,
            "`a, b: 100%` is\r\nno <key> \"&\" ]]>",
            app.span(14, 25),
            "here",
        );
        diagnostics.push(found.also(platform.span(0, 8), "the [platform]").hint("50% off"));
        diagnostics.push(Diagnostic::new(
            &rules::unknown_key::RULE,
            "bell \u{7}",
            app.span(4, 9),
            "name \u{1b}[2J",
        ));
        diagnostics.push(Diagnostic::new(
            &rules::missing_readiness::RULE,
            "no probe",
            app.span(14, 17),
            "this",
        ));
        let (clean, none) = (Diagnostics::default(), Sources::default());
        let specs = [
            Findings { spec: "shop, 1:2", diagnostics: &diagnostics, sources: &sources },
            Findings { spec: "clean & <fine>", diagnostics: &clean, sources: &none },
        ];
        render_all(&specs, format)
    }
}
