//! YAML 1.2 → nodes: events → a tree of mappings, lists and scalars → nodes, by the schema.

mod scalar;
mod shape;

use std::collections::BTreeMap;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Tag, options};

use super::NESTING_MAX;
use super::report::Report;
use crate::document::{Node, Scalar, Value};
use crate::rules;
use crate::source::{Source, Span};

/// Values that aliases may repeat in one text.
const ALIASED_MAX: usize = 10_000;

/// Something of YAML and its place.
#[derive(Clone, Debug)]
struct Item {
    content: Content,
    span: Span,
    /// How many lists and mappings it is deep.
    depth: usize,
    /// How many items it is, with all inside.
    size: usize,
}

#[derive(Clone, Debug)]
enum Content {
    /// Nothing is written: `release:`.
    Nothing,
    Scalar(Value),
    List(Vec<Item>),
    Mapping(Vec<(Value, Item)>),
}

/// Reads one text.
pub fn parse(source: &Source, report: &mut Report) -> Vec<Node> {
    let options = options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        disallow_directives: true,
        flow_nesting_limit: NESTING_MAX,
        block_nesting_limit: NESTING_MAX,
    };
    let mut events = Events {
        text: &source.text,
        report,
        open: Vec::new(),
        anchors: BTreeMap::new(),
        aliased: 0,
        documents: Vec::new(),
    };
    let mut count = 0;
    for event in Parser::new_from_str_with_options(&source.text, options) {
        let (event, span) = match event {
            Ok((event, span)) => (event, span),
            Err(error) => {
                events.error(&error);
                break;
            }
        };
        let span_bytes = span.byte_range().unwrap_or(0..0);
        let place = events.report.span(span_bytes.start, span_bytes.end);
        if matches!(event, Event::DocumentStart(..)) {
            count += 1;
            if count == 2 {
                events.report.push(rules::yaml_several_documents::new(place));
            }
        }
        let tag = span.tag_span().and_then(|tag| tag.byte_range());
        let tag = tag.map(|bytes| events.report.span(bytes.start, bytes.end));
        if !events.take(event, place, tag) {
            break;
        }
    }
    while let Some(open) = events.open.pop() {
        events.close(open);
    }
    let documents = std::mem::take(&mut events.documents);
    documents.into_iter().flat_map(|document| shape::document(document, report)).collect()
}

/// A list or mapping whose end is still to come.
struct Open {
    items: Vec<Item>,
    mapping: bool,
    span: Span,
    anchor: usize,
}

struct Events<'a, 'r, 'd> {
    text: &'a str,
    report: &'r mut Report<'d>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Item>,
    aliased: usize,
    documents: Vec<Item>,
}

impl Events<'_, '_, '_> {
    /// Takes one event; `false` where reading cannot go on.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the events are the parser's, and may become more")]
    fn take(&mut self, event: Event, span: Span, tag_span: Option<Span>) -> bool {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let content = self.scalar(&text, style, tag.as_deref(), span, tag_span);
                self.add(Item { content, span, depth: 0, size: 1 }, anchor);
            }
            Event::SequenceStart(_, anchor, tag) => {
                return self.begin(false, anchor, tag.as_deref(), span, tag_span);
            }
            Event::MappingStart(_, anchor, tag) => {
                return self.begin(true, anchor, tag.as_deref(), span, tag_span);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(mut open) = self.open.pop() {
                    open.span.end = open.span.end.max(span.end);
                    self.close(open);
                }
            }
            Event::Alias(anchor) => return self.alias(anchor, span),
            Event::UnresolvedAlias(name) => {
                self.report.push(rules::yaml_alias_limit::unknown(&name, span));
                self.add(Item { content: Content::Nothing, span, depth: 0, size: 1 }, 0);
            }
            _ => {}
        }
        true
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
        tag_span: Option<Span>,
    ) -> Content {
        let written = self.text[span.start as usize..span.end as usize].to_owned();
        let tag = tag.and_then(|tag| self.tag(tag, tag_span.unwrap_or(span)));
        let scalar = match style {
            ScalarStyle::Plain if written.is_empty() && tag.is_none() => return Content::Nothing,
            ScalarStyle::Plain => scalar::plain(text),
            ScalarStyle::SingleQuoted
            | ScalarStyle::DoubleQuoted
            | ScalarStyle::Literal
            | ScalarStyle::Folded => Scalar::Text(text.to_owned()),
        };
        let start = tag_span.map_or(span.start, |tag| tag.start.min(span.start));
        Content::Scalar(Value { scalar, tag, written, span: Span { start, ..span } })
    }

    /// The name of a tag of ours; any other is reported.
    fn tag(&mut self, tag: &Tag, span: Span) -> Option<String> {
        let ours = tag.handle() == "!" && !tag.suffix().is_empty();
        if ours {
            return Some(tag.suffix().to_owned());
        }
        self.report.push(rules::yaml_tag::new(&tag.original(), span));
        None
    }

    fn begin(
        &mut self,
        mapping: bool,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
        tag_span: Option<Span>,
    ) -> bool {
        if let Some(tag) = tag {
            self.report.push(rules::yaml_tag::new(&tag.original(), tag_span.unwrap_or(span)));
        }
        if self.open.len() == NESTING_MAX {
            self.report.push(rules::nesting_too_deep::new(NESTING_MAX, span));
            return false;
        }
        self.open.push(Open { items: Vec::new(), mapping, span, anchor });
        true
    }

    fn alias(&mut self, anchor: usize, span: Span) -> bool {
        let Some(known) = self.anchors.get(&anchor) else {
            // Only an alias inside its own anchor comes here.
            let name = self.text[span.start as usize..span.end as usize].trim_start_matches('*');
            self.report.push(rules::yaml_alias_limit::unknown(name, span));
            self.add(Item { content: Content::Nothing, span, depth: 0, size: 1 }, 0);
            return true;
        };
        self.aliased += known.size;
        if self.aliased > ALIASED_MAX {
            self.report.push(rules::yaml_alias_limit::new(ALIASED_MAX, span));
            return false;
        }
        if self.open.len() + known.depth > NESTING_MAX {
            self.report.push(rules::nesting_too_deep::new(NESTING_MAX, span));
            return false;
        }
        let item = known.clone();
        self.add(item, 0);
        true
    }

    fn close(&mut self, open: Open) {
        let depth = 1 + open.items.iter().map(|item| item.depth).max().unwrap_or(0);
        let size = 1 + open.items.iter().map(|item| item.size).sum::<usize>();
        let content = if open.mapping { self.mapping(open.items) } else { Content::List(open.items) };
        self.add(Item { content, span: open.span, depth, size }, open.anchor);
    }

    /// Keys and values in turn → entries; keys that are none, or come again, are reported and dropped.
    fn mapping(&mut self, items: Vec<Item>) -> Content {
        let mut entries: Vec<(Value, Item)> = Vec::new();
        let mut places: BTreeMap<String, Span> = BTreeMap::new();
        let mut items = items.into_iter();
        while let Some(key) = items.next() {
            let nothing = Item { content: Content::Nothing, span: key.span, depth: 0, size: 1 };
            let value = items.next().unwrap_or(nothing);
            let Content::Scalar(mut name) = key.content else {
                self.report.push(rules::yaml_key::new(key.span));
                continue;
            };
            let text = name.as_text().unwrap_or(&name.written).to_owned();
            if let Some(&first) = places.get(&text) {
                self.report.push(rules::duplicate_property::new(&text, key.span, first));
            } else if name.written == "<<" {
                self.report.push(rules::yaml_merge_key::new(key.span));
            } else {
                places.insert(text.clone(), key.span);
                name.scalar = Scalar::Text(text);
                entries.push((name, value));
            }
        }
        Content::Mapping(entries)
    }

    fn add(&mut self, item: Item, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, item.clone());
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(item),
            None => self.documents.push(item),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the kinds are the parser's, and may become more")]
    fn error(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().unwrap_or(0);
        let span = self.report.span(at, at + 1);
        let line = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let tab = line + self.text[line..].find('\t').unwrap_or(at - line);
        self.report.push(match error.kind() {
            ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar => rules::yaml_tab::new(self.report.span(tab, tab + 1)),
            ErrorKind::RecursionLimitExceeded => rules::nesting_too_deep::new(NESTING_MAX, span),
            _ => {
                let message = format!("this is not YAML: {}", error.info());
                rules::syntax::new(
                    message,
                    span,
                    "here",
                    "see whether quotes, a bracket or spaces are missing before",
                )
            }
        });
    }
}
