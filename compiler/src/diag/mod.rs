//! What is wrong with a spec: rules, diagnostics, and how they are shown.

mod render;

pub use render::{Findings, Format, excerpt, render, render_all, visible};

use std::collections::BTreeSet;

use crate::app::App;
use crate::source::Span;

/// How much a diagnostic weighs: errors fail `check`, warnings do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The spec cannot be used.
    Error,
    /// The spec works, and its author should look at this.
    Warning,
}

/// One rule of the language: what it means, and how it is found.
#[derive(Debug)]
pub struct Rule {
    /// `S` + stage + number, never used again: S01xx parse, S02xx resolve, S03xx check, S04xx scenario.
    pub code: &'static str,
    /// Reads well after "allow": `duplicate-component`.
    pub name: &'static str,
    /// Whether it fails `check`.
    pub severity: Severity,
    /// What `specc explain` prints, with a `## Wrong` and a `## Right` block that a test compiles.
    pub docs: &'static str,
    /// Looks at the resolved application; `None` for a rule that a stage finds while it works.
    pub check: Option<fn(&App, &mut Diagnostics)>,
}

/// A second place with what it has to do with the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What stands there: "first declared here".
    pub text: String,
}

/// One finding, with its place and a way out.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// What is: lower case, no full stop, names in backticks.
    pub message: String,
    /// Where, with a word about it; further places follow.
    pub labels: Vec<Label>,
    /// What to do.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// A finding at one place.
    pub fn new(
        rule: &'static Rule,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Self {
        let label = Label { span, text: label.into() };
        Self { rule, message: message.into(), labels: vec![label], hint: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }
}

/// Findings of one run that are kept; nobody reads more, and a generated text may hold a million mistakes.
const FINDINGS_MAX: usize = 5000;

/// Every finding of a run; the same finding reached over two cells is kept once.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    all: Vec<Diagnostic>,
    /// Findings beyond [`FINDINGS_MAX`], which are counted only: errors and warnings.
    left_out: [usize; 2],
    /// The first place and the code of each, so that a file full of mistakes stays quick to read.
    known: BTreeSet<(Option<Span>, &'static str)>,
}

impl Diagnostics {
    /// Adds a finding unless it is there already.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let place = diagnostic.labels.first().map(|label| label.span);
        if self.all.len() == FINDINGS_MAX {
            self.left_out[diagnostic.rule.severity as usize] += 1;
        } else if self.known.insert((place, diagnostic.rule.code)) {
            self.all.push(diagnostic);
        }
    }

    /// Whether something was found at exactly this place.
    pub fn cover(&self, span: Span) -> bool {
        self.known.range((Some(span), "")..).next().is_some_and(|(place, _)| *place == Some(span))
    }

    /// Whether anything found fails `check`.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// How many findings of a severity there are, with those that are left out.
    pub fn count(&self, severity: Severity) -> usize {
        let kept = self.all.iter().filter(|diagnostic| diagnostic.rule.severity == severity).count();
        kept + self.left_out[severity as usize]
    }

    /// How many findings were too many to be kept.
    pub fn left_out(&self) -> usize {
        self.left_out.iter().sum()
    }

    /// Every finding in the order of the text: by source, place, code.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut sorted: Vec<&Diagnostic> = self.all.iter().collect();
        sorted.sort_by_key(|diagnostic| {
            (diagnostic.labels.first().map(|label| label.span), diagnostic.rule.code)
        });
        sorted
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, found: T) {
        found.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;
    use crate::source::Sources;

    #[test]
    fn findings_beyond_the_limit_are_counted_and_an_error_among_them_still_fails() {
        let text = "x".repeat(FINDINGS_MAX + 10);
        let source = Sources::default().add("a.kdl", text);
        let mut diagnostics = Diagnostics::default();
        for at in 0..FINDINGS_MAX + 7 {
            let rule = &rules::missing_readiness::RULE;
            diagnostics.push(Diagnostic::new(rule, "no probe", source.span(at, at + 1), "here"));
        }
        assert!(!diagnostics.has_errors());
        diagnostics.push(Diagnostic::new(&rules::syntax::RULE, "wrong", source.span(0, 1), "here"));
        assert_eq!((diagnostics.len(), diagnostics.left_out()), (FINDINGS_MAX, 8));
        assert_eq!(
            (diagnostics.count(Severity::Warning), diagnostics.has_errors()),
            (FINDINGS_MAX + 7, true)
        );
    }
}
