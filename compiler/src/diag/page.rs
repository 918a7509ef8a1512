//! What a terminal is shown of a source: a few lines around a place, and nothing that steers the terminal.

use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::source::{Source, Span};

/// A line is cut this far before and behind a place; people do not write longer ones.
const AROUND_BYTES_MAX: usize = 200;

/// What is underlined at most, in bytes of the first line.
const LABEL_BYTES_MAX: usize = 200;

/// Two places of one line are drawn together if they are not further apart.
const TOGETHER_BYTES_MAX: usize = 1000;

/// How many lines between two places are shown rather than left out.
const GAP_LINES_MAX: usize = 2;

/// A source whose lines are found without reading all that stands before them.
#[derive(Debug)]
pub(super) struct Page {
    name: String,
    text: Arc<str>,
    /// The first byte of every line.
    lines: Vec<usize>,
    /// Every byte that begins no character, so that characters are counted without reading them.
    inner: Vec<u32>,
}

impl Page {
    pub(super) fn new(source: &Source) -> Self {
        let bytes = || source.text.bytes().enumerate();
        let starts = bytes().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        let inner = bytes().filter(|(at, _)| !source.text.is_char_boundary(*at)).map(|(at, _)| at as u32);
        let inner = inner.collect();
        Self { name: printable(&source.path), text: printable(&source.text).into(), lines, inner }
    }

    /// The line and column of a byte, from 1; columns count characters.
    pub(super) fn position(&self, byte: u32) -> (usize, usize) {
        let byte = self.floor(byte as usize);
        let line = self.line(byte);
        (line + 1, self.characters(self.lines[line], byte) + 1)
    }

    /// The part of a span that is underlined: it may hold a whole block, and its first line says which.
    pub(super) fn underlined(&self, span: Span) -> (usize, usize) {
        let (start, end) = (span.start as usize, span.end as usize);
        let line_end = self.text[start..end].find(['\r', '\n']).map_or(end, |at| start + at);
        (start, self.floor(line_end.min(start + LABEL_BYTES_MAX)) - start)
    }

    /// How many characters stand between two bytes.
    fn characters(&self, from: usize, to: usize) -> usize {
        let before = |byte: usize| self.inner.partition_point(|inner| (*inner as usize) < byte);
        (to - from) - (before(to) - before(from))
    }

    /// Which line a byte is in, from 0.
    fn line(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start <= byte) - 1
    }

    /// The byte after the last of a line, its end included.
    fn end(&self, line: usize) -> usize {
        self.lines.get(line + 1).copied().unwrap_or(self.text.len())
    }

    fn floor(&self, byte: usize) -> usize {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        byte
    }
}

impl SourceCode for Page {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        if end > self.text.len()
            || (before > 0 && span.len() > TOGETHER_BYTES_MAX && self.line(start) == self.line(end))
        {
            return Err(MietteError::OutOfBounds);
        }
        let (first, last) = (self.line(start), self.line(end.saturating_sub(1).max(start)));
        let mut from = if before == 0 { start } else { self.lines[first.saturating_sub(before)] };
        let mut to = if after == 0 { end } else { self.end((last + after).min(self.lines.len() - 1)) };
        if start - from > 2 * AROUND_BYTES_MAX {
            from = self.floor(start - AROUND_BYTES_MAX.min(start - self.lines[first]));
        }
        if to - end > 2 * AROUND_BYTES_MAX {
            to = self.floor((end + AROUND_BYTES_MAX).min(self.end(last)));
        }
        let line = self.line(from);
        let column = self.characters(self.lines[line], from);
        let part = (from, to - from).into();
        let text = self.text[from..to].as_bytes();
        let lines = self.line(to) - line + GAP_LINES_MAX;
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), text, part, line, column, lines)))
    }
}

/// The text with every character replaced that a terminal would obey instead of showing it; each by one of as
/// many bytes, so that places stay where they are.
pub fn printable(text: &str) -> String {
    let mut characters = text.chars().peekable();
    let mut shown = String::with_capacity(text.len());
    while let Some(character) = characters.next() {
        shown.push(match character {
            '\t' | '\n' => character,
            '\r' if characters.peek() == Some(&'\n') => character,
            '\0'..='\u{1f}' | '\u{7f}' => '?',
            '\u{80}'..='\u{9f}' | '\u{61c}' => '¿',
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {
                '\u{fffd}'
            }
            _ => character,
        });
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn page(text: &str) -> (Page, Source) {
        let source = Sources::default().add("a.kdl", text);
        (Page::new(&source), source)
    }

    #[test]
    fn what_steers_a_terminal_is_shown_as_something_of_its_length() {
        let text = "\u{1b}[31m\u{7}\u{85}\u{202e}\u{feff}\rx\t名\r\n";
        let shown = printable(text);
        assert_eq!(shown, "?[31m?¿\u{fffd}\u{fffd}?x\t名\r\n");
        assert_eq!(shown.len(), text.len());
    }

    #[test]
    fn a_position_counts_lines_and_characters_from_1() {
        let (page, _) = page("名 a\r\n\nb");
        let places: Vec<(usize, usize)> = [0, 4, 5, 6, 7, 8, 9].map(|byte| page.position(byte)).into();
        assert_eq!(places, [(1, 1), (1, 3), (1, 4), (1, 5), (2, 1), (3, 1), (3, 2)]);
    }

    #[test]
    fn a_place_in_a_long_line_is_shown_with_what_stands_around_it() {
        let (page, source) =
            page(&format!("{}\n{}X{}\nlast", "a".repeat(5000), "名".repeat(3000), "b".repeat(9000)));
        let span = source.span(5001 + 9000, 5001 + 9001);
        let (start, length) = page.underlined(span);
        let contents = page.read_span(&(start, length).into(), 1, 1).expect("it is in the text");
        let text = std::str::from_utf8(contents.data()).expect("no character is split");
        assert!(text.contains('X') && text.len() < 500, "{text}");
        assert_eq!((contents.line(), page.position(span.start)), (1, (2, 3001)));
    }
}
