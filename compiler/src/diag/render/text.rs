//! A text as it is shown: nothing in it moves the cursor or hides what stands there, and its lines are found fast.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::source::{Source, Span};

/// A line is cut this far before and behind a place; people do not write longer ones.
const AROUND_BYTES_MAX: usize = 200;

/// What is underlined at most, in bytes of the first line.
const LABEL_BYTES_MAX: usize = 200;

/// Two places of one line are drawn together if they are not further apart.
const TOGETHER_BYTES_MAX: usize = 1000;

/// One text, ready for people to look at.
#[derive(Debug)]
pub struct Text {
    path: String,
    shown: String,
    /// The lines of the file before the text.
    lines_before: usize,
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
        let lines_before = source.first_line - 1;
        Self { path: visible(&source.path), shown, lines_before, line_starts: line_starts(&source.text) }
    }

    /// The part of a span that is underlined: it may hold a whole block, and its first line says which.
    pub fn underlined(&self, span: Span) -> (usize, usize) {
        let (start, end) = (span.start as usize, span.end as usize);
        let line_end = self.shown[start..end].find(['\r', '\n']).map_or(end, |at| start + at);
        (start, self.shown.floor_char_boundary(line_end.min(start + LABEL_BYTES_MAX)) - start)
    }

    /// The line of a byte, from 0.
    fn line(&self, byte: usize) -> usize {
        line_of(&self.line_starts, byte) - 1
    }

    /// Where a line begins; the end of the text behind the last one.
    fn start_of(&self, line: usize) -> usize {
        self.line_starts.get(line).copied().unwrap_or(self.shown.len())
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
        let first = self.line(start);
        let far = lines_before > 0 && span.len() > TOGETHER_BYTES_MAX && first == self.line(end);
        if end > self.shown.len() || far {
            return Err(MietteError::OutOfBounds);
        }
        let last = self.line(end.saturating_sub(1).max(start));
        let mut from =
            if lines_before == 0 { start } else { self.start_of(first.saturating_sub(lines_before)) };
        let mut until = if lines_after == 0 { end } else { self.start_of(last + lines_after + 1) };
        if start - from > 2 * AROUND_BYTES_MAX {
            let near = start.saturating_sub(AROUND_BYTES_MAX).max(self.start_of(first));
            from = self.shown.floor_char_boundary(near);
        }
        if until - end > 2 * AROUND_BYTES_MAX {
            let near = (end + AROUND_BYTES_MAX).min(self.start_of(last + 1));
            until = self.shown.floor_char_boundary(near);
        }
        let line = self.line(from);
        let column = self.shown[self.line_starts[line]..from].chars().count();
        let contents = MietteSpanContents::new_named(
            self.path.clone(),
            &self.shown.as_bytes()[from..until],
            (from, until - from).into(),
            self.lines_before + line,
            column,
            self.lines_before + self.line(until),
        );
        Ok(Box::new(contents))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn a_place_in_a_long_line_is_shown_with_what_stands_around_it() {
        let mut sources = Sources::default();
        let written = format!("{}\n{}X{}\nlast", "a".repeat(5000), "名".repeat(3000), "b".repeat(9000));
        let source = sources.add("a.kdl", written);
        let text = Text::new(&source);
        let (start, length) = text.underlined(source.span(5001 + 9000, 5001 + 9001));
        let contents = text.read_span(&(start, length).into(), 1, 1).expect("it is in the text");
        let shown = std::str::from_utf8(contents.data()).expect("no character is split");
        assert!(shown.contains('X') && shown.len() < 500, "{shown}");
        assert_eq!((contents.line(), contents.span().len()), (1, shown.len()));
    }

    #[test]
    fn an_excerpt_is_shown_with_the_number_of_its_line() {
        let source = Sources::default().add_excerpt("a.csv", "0,x", 40);
        let contents = Text::new(&source).read_span(&(2, 1).into(), 1, 1).map(|contents| contents.line());
        assert_eq!(contents.expect("it is in the text"), 39, "miette counts from 0");
    }

    #[test]
    fn lines_end_as_in_kdl_and_yaml() {
        assert_eq!(line_starts("a\nb\r\nc\rd"), [0, 2, 5, 7]);
        assert_eq!([0, 1, 2, 6, 7, 8].map(|byte| line_of(&[0, 2, 5, 7], byte)), [1, 1, 2, 3, 4, 4]);
    }
}
