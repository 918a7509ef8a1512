//! A text as it is shown: nothing in it moves the cursor or hides what stands there, and its lines are found fast.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::source::Source;

/// One text, ready for people to look at.
#[derive(Debug)]
pub struct Text {
    path: String,
    shown: String,
    line_starts: Vec<usize>,
}

impl Text {
    /// Replaces what a terminal would obey by characters of the same length, so that every place stays right.
    pub fn new(source: &Source) -> Self {
        let stand_in = |c: char| match (is_hidden(c), c.len_utf8()) {
            (false, _) => c,
            (true, 1) => '?',
            (true, 2) => '¿',
            (true, _) => '\u{fffd}',
        };
        let shown = source.text.chars().map(stand_in).collect();
        Self { path: visible(&source.path), shown, line_starts: line_starts(&source.text) }
    }

    /// The line of a byte, from 0.
    fn line(&self, byte: usize) -> usize {
        line_of(&self.line_starts, byte) - 1
    }
}

/// Where each line begins; a line ends with LF, CR LF or CR, as in KDL and YAML.
pub fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = |&at: &usize| match bytes[at] {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    std::iter::once(0).chain((0..bytes.len()).filter(ends).map(|at| at + 1)).collect()
}

/// The line of a byte, from 1.
pub fn line_of(line_starts: &[usize], byte: usize) -> usize {
    line_starts.partition_point(|start| *start <= byte).max(1)
}

/// A text of one or more lines in which control characters are written out.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) || c == '\r' {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Controls, and marks that turn the direction of a text or take no room.
fn is_hidden(c: char) -> bool {
    let control = c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let turning = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    control || turning || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}')
}

impl SourceCode for Text {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        if end > self.shown.len() {
            return Err(MietteError::OutOfBounds);
        }
        let first = self.line(start);
        let last = self.line(end.saturating_sub(1).max(start));
        let (from, line, column) = if lines_before == 0 {
            (start, first, self.shown[self.line_starts[first]..start].chars().count())
        } else {
            let line = first.saturating_sub(lines_before);
            (self.line_starts[line], line, 0)
        };
        let after = self.line_starts.get(last + lines_after + 1).copied().unwrap_or(self.shown.len());
        let until = if lines_after == 0 { end } else { after };
        let contents = MietteSpanContents::new_named(
            self.path.clone(),
            &self.shown.as_bytes()[from..until],
            (from, until - from).into(),
            line,
            column,
            self.line(until),
        );
        Ok(Box::new(contents))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_in_kdl_and_yaml() {
        assert_eq!(line_starts("a\nb\r\nc\rd"), [0, 2, 5, 7]);
        assert_eq!([0, 1, 2, 6, 7, 8].map(|byte| line_of(&[0, 2, 5, 7], byte)), [1, 1, 2, 3, 4, 4]);
    }
}
