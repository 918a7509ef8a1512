//! One place of a text with a word above and under it, in the style of a diagnostic's further places.

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan};

use super::text::{Text, visible};
use crate::diag::Label;
use crate::source::Sources;

/// The lines around the place, drawn for a terminal.
pub fn excerpt(message: &str, label: &Label, sources: &Sources, colour: bool) -> String {
    let page = Text::new(sources.get(label.span.source));
    let (start, length) = page.underlined(label.span);
    let label = LabeledSpan::new(Some(visible(&label.text)), start, length);
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(110).without_syntax_highlighting();
    let mut text = String::new();
    let shown = Shown { message: visible(message), label, page };
    handler.render_report(&mut text, &shown).expect("a String takes every write");
    text
}

/// The place in the shape that miette draws.
#[derive(Debug)]
struct Shown {
    message: String,
    label: LabeledSpan,
    page: Text,
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl miette::Diagnostic for Shown {
    fn severity(&self) -> Option<miette::Severity> {
        Some(miette::Severity::Advice)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.label.clone())))
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.page)
    }
}
