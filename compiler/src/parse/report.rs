//! Where the parsers report to: the diagnostics of one text.

use crate::diag::{Diagnostic, Diagnostics};
use crate::source::{Source, Span};

/// Nobody reads more, and each is compared with all before it.
const FINDINGS_MAX: usize = 1000;

/// The findings in one text.
pub struct Report<'a> {
    source: &'a Source,
    diagnostics: &'a mut Diagnostics,
    left: usize,
}

impl<'a> Report<'a> {
    /// No findings so far.
    pub fn new(source: &'a Source, diagnostics: &'a mut Diagnostics) -> Self {
        Self { source, diagnostics, left: FINDINGS_MAX }
    }

    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.left > 0 {
            self.left -= 1;
            self.diagnostics.push(diagnostic);
        }
    }

    /// A place in the text.
    pub fn span(&self, start: usize, end: usize) -> Span {
        self.source.span(start, end)
    }
}
