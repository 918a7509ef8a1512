//! What is wrong with a trace: the first row of each kind of mistake is shown, and the others are counted.

use std::collections::BTreeMap;
use std::ops::Range;

use compiler::diag::{Diagnostic, Diagnostics};
use compiler::source::{Source, Sources, Span};

use super::super::table::{Line, Unreadable, Why};
use crate::rules::{trace_gap, trace_header, trace_row};

/// After so many mistakes the rest of a file is not read: it is no trace.
const MISTAKES_MAX: u64 = 10_000;

/// What can be wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// There are not two fields.
    Fields,
    /// It is not UTF-8.
    Encoding,
    /// It is too long.
    Length,
    /// The first field is no time.
    Time,
    /// It comes before the row above.
    Unsorted,
    /// It has the time of the row above.
    Duplicate,
    /// The second field is no number.
    Number,
    /// It is infinite or `NaN`.
    NotFinite,
    /// It is below 0.
    Negative,
    /// The file gives no more.
    Broken,
    /// Rows before it are missing.
    Gap,
}

/// The first row with a mistake.
#[derive(Clone, Debug)]
struct First {
    number: usize,
    text: String,
    at: Range<usize>,
    /// What the world says of it.
    cause: String,
    more: u64,
}

/// Every mistake of one trace.
pub struct Mistakes {
    path: String,
    trace: Span,
    found: BTreeMap<Kind, First>,
    count: u64,
    has_no_rows: bool,
    /// By how much the file is shorter than the run.
    short_ns: Option<i64>,
}

impl Mistakes {
    /// None yet, of the file that a `trace` node names.
    pub fn new(path: String, trace: Span) -> Self {
        Self { path, trace, found: BTreeMap::new(), count: 0, has_no_rows: false, short_ns: None }
    }

    /// A mistake in a row.
    pub fn add(&mut self, kind: Kind, line: &Line, at: Range<usize>) {
        self.count += u64::from(kind != Kind::Gap);
        let first =
            || First { number: line.number, text: line.text.to_owned(), at, cause: String::new(), more: 0 };
        self.found.entry(kind).and_modify(|first| first.more += 1).or_insert_with(first);
    }

    /// A row that is none.
    pub fn unreadable(&mut self, wrong: Unreadable) {
        let kind = match wrong.why {
            Why::Encoding => Kind::Encoding,
            Why::Length => Kind::Length,
            Why::Broken(_) => Kind::Broken,
        };
        let line = Line { number: wrong.number, text: &wrong.text };
        self.add(kind, &line, wrong.at);
        if let (Why::Broken(cause), Some(first)) = (wrong.why, self.found.get_mut(&kind)) {
            first.cause = cause;
        }
    }

    /// There is nothing below the header.
    pub fn no_rows(&mut self) {
        // Rows that are wrong have been told.
        self.has_no_rows = self.count == 0;
    }

    /// The file ends so long before the run.
    pub fn short(&mut self, short_ns: i64) {
        self.short_ns = Some(short_ns);
    }

    /// Whether there is no use in looking for more.
    pub fn are_enough(&self) -> bool {
        self.count >= MISTAKES_MAX
    }

    /// A file of no line.
    pub fn empty(&self, sources: &mut Sources) -> Diagnostic {
        let source = sources.add(self.path.clone(), "");
        trace_header::found("the file is empty", source.span(0, 0), self.trace)
    }

    /// A header that cannot be read.
    pub fn no_header(&self, wrong: Unreadable, sources: &mut Sources) -> Diagnostic {
        let why = match &wrong.why {
            Why::Encoding => "its first line is not UTF-8".to_owned(),
            Why::Length => "its first line is too long".to_owned(),
            Why::Broken(cause) => format!("it cannot be read: {cause}"),
        };
        let source = sources.add_excerpt(self.path.clone(), wrong.text, wrong.number);
        trace_header::found(&why, source.span(wrong.at.start, wrong.at.end), self.trace)
    }

    /// A header that says nothing that is known.
    pub fn header(&self, line: &Line, at: Range<usize>, why: &str, sources: &mut Sources) -> Diagnostic {
        let source = sources.add_excerpt(self.path.clone(), line.text, line.number);
        trace_header::found(why, source.span(at.start, at.end), self.trace)
    }

    /// Says everything that was found.
    pub fn tell(&self, sources: &mut Sources, diagnostics: &mut Diagnostics) {
        for (kind, first) in &self.found {
            let source = sources.add_excerpt(self.path.clone(), first.text.as_str(), first.number);
            diagnostics.push(self.told(*kind, first, &source));
        }
        if self.has_no_rows {
            let source = sources.add(self.path.clone(), "");
            let why = "there is no row below its first line";
            diagnostics.push(trace_header::found(why, source.span(0, 0), self.trace));
        }
        if let Some(short_ns) = self.short_ns {
            diagnostics.push(trace_gap::short(short_ns, self.trace));
        }
    }

    fn told(&self, kind: Kind, first: &First, source: &Source) -> Diagnostic {
        let span = source.span(first.at.start, first.at.end);
        let field = &source.text[first.at.clone()];
        let what = match kind {
            Kind::Gap => return trace_gap::found(field, span, first.more),
            Kind::Fields => "the row has not two fields".to_owned(),
            Kind::Encoding => "the row is not UTF-8".to_owned(),
            Kind::Length => "the row is longer than 4 KiB".to_owned(),
            Kind::Time => format!("`{field}` is no time"),
            Kind::Unsorted => format!("`{field}` comes before the time of the row above"),
            Kind::Duplicate => format!("`{field}` is the time of the row above too"),
            Kind::Number => format!("`{field}` is no number"),
            Kind::NotFinite => format!("`{field}` is no number of requests"),
            Kind::Negative => format!("`{field}` requests are less than none"),
            Kind::Broken => format!("the file cannot be read further: {}", first.cause),
        };
        trace_row::found(&what, hint(kind), span, (first.more, self.are_enough()))
    }
}

fn hint(kind: Kind) -> &'static str {
    match kind {
        Kind::Fields => "write a time and a number with one comma between them",
        Kind::Encoding => "save the file as UTF-8",
        Kind::Length => "write one row a line",
        Kind::Time => {
            "write times such as `2026-11-10T22:00:00+08:00`, or call the column `seconds` and write seconds from 0"
        }
        Kind::Unsorted => "sort the rows by time",
        Kind::Duplicate => "keep one of the two rows, or add them up",
        Kind::Number | Kind::NotFinite => {
            "write a plain number, or leave the row out: the rate above it then holds"
        }
        Kind::Negative => "write 0 where nothing arrives",
        Kind::Broken => "see whether the disk is well, and whether somebody writes the file",
        Kind::Gap => "",
    }
}
