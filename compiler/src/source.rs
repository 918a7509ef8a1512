//! The texts that were read, and places in them.

use std::sync::Arc;

/// Which of the texts of one run a [`Span`] points into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// One text as the user wrote it: a spec file or a file that a spec refers to.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as the user named it; it is what diagnostics print.
    pub path: String,
    /// The whole text; byte offsets of spans count in it.
    pub text: Arc<str>,
    /// The number of its first line: above 1 where it is a part of a file that is too long to be kept.
    pub first_line: usize,
    id: SourceId,
}

impl Source {
    /// Identifies the source in spans.
    pub fn id(&self) -> SourceId {
        self.id
    }

    /// The span of bytes `start..end`, widened to character boundaries and clipped to the text.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let floor = |mut at: usize| {
            at = at.min(self.text.len());
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = floor(start);
        let mut end = end.clamp(start, self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        Span { source: self.id, start: start as u32, end: end as u32 }
    }

    /// The line and column of a byte, from 1; columns count characters.
    pub fn position(&self, byte: u32) -> (usize, usize) {
        let before = self.text.get(..byte as usize).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + self.first_line, before[line_start..].chars().count() + 1)
    }

    /// The text under a span of this source.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}

/// A range of bytes in one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The source it points into.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// Whether all of `other` lies in it.
    pub fn contains(self, other: Span) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }
}

/// A value with the place it was written at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Pairs a value with its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// Every text of one run, in the order in which it was read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    all: Vec<Source>,
}

impl Sources {
    /// Adds a text and returns it with its identity.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> Source {
        self.add_excerpt(path, text, 1)
    }

    /// Adds some lines of a file, of which the first has this number.
    pub fn add_excerpt(
        &mut self,
        path: impl Into<String>,
        text: impl Into<Arc<str>>,
        first_line: usize,
    ) -> Source {
        let id = SourceId(u32::try_from(self.all.len()).expect("fewer than 2^32 sources"));
        let source = Source { path: path.into(), text: text.into(), first_line, id };
        self.all.push(source.clone());
        source
    }

    /// The source that a span points into.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.all[id.0 as usize]
    }

    /// Every source, in the order of reading.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.all.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_never_splits_a_character() {
        let mut sources = Sources::default();
        let source = sources.add("a.kdl", "名称 x");
        let span = source.span(1, 4);
        assert_eq!(source.slice(span), "名称");
        assert_eq!(source.slice(source.span(7, 900)), "x");
        assert_eq!(source.slice(source.span(900, 901)), "");
    }

    #[test]
    fn columns_count_characters() {
        let source = Sources::default().add("a.kdl", "名称 x\n值 y");
        assert_eq!((source.position(7), source.position(13)), ((1, 4), (2, 3)));
    }

    #[test]
    fn lines_of_an_excerpt_count_from_its_first() {
        let source = Sources::default().add_excerpt("a.csv", "0,x\n1,y", 40);
        assert_eq!((source.position(2), source.position(6)), ((40, 3), (41, 3)));
    }
}
