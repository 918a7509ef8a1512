//! KDL 2 → nodes.
//!
//! The grammar is read here and not by the `kdl` crate, because a spec with a mistake must still give a
//! document and every other mistake; the crate gives up the document, and aborts the process on deep nesting,
//! also of comments. It is the oracle instead: what it reads, this reads alike (`tests/properties.rs`).

mod text;
pub(crate) mod token;
pub(crate) mod word;

use std::collections::BTreeMap;

use super::NESTING_MAX;
use super::report::Report;
use crate::document::{Node, Scalar, Value};
use crate::rules;
use crate::source::{Source, Span};
use token::{Kind, Token};

/// Reads one text.
pub fn parse(source: &Source, report: &mut Report) -> Vec<Node> {
    for (at, c) in source.text.char_indices().skip_while(|&(at, c)| at == 0 && c == '\u{FEFF}') {
        if word::is_forbidden(c) {
            let span = report.span(at, at + 1);
            let message = format!("the character U+{:04X} is not allowed in KDL", c as u32);
            report.push(rules::syntax::new(message, span, "it cannot be seen here", "delete it"));
        }
    }
    let tokens = token::scan(&source.text, report);
    let (text, all, balanced) = (&source.text, &tokens.all, tokens.hidden);
    let mut tree = Tree { text, tokens: all, at: 0, report, misplaced: None, balanced };
    let mut nodes = Vec::new();
    tree.nodes(None, 0, &mut nodes);
    nodes
}

struct Tree<'a, 'r, 'd> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    report: &'r mut Report<'d>,
    /// The block whose closing brace stands at another indentation, and that brace.
    misplaced: Option<(Span, Span)>,
    /// Nothing more is to be said about missing braces.
    balanced: bool,
}

/// What stands after a node's name.
#[derive(Default)]
struct Entries {
    values: Vec<Value>,
    properties: Vec<Node>,
    children: Vec<Node>,
    places: BTreeMap<String, Span>,
    end: usize,
}

impl<'a> Tree<'a, '_, '_> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn peek_kind(&self) -> Option<&'a Kind> {
        self.peek().map(|token| &token.kind)
    }

    fn span(&self, token: &Token) -> Span {
        self.report.span(token.start, token.end)
    }

    fn written(&self, token: &Token) -> &'a str {
        &self.text[token.start..token.end]
    }

    fn syntax(&mut self, token: &Token, message: impl Into<String>, hint: &str) {
        let span = self.span(token);
        self.report.push(rules::syntax::new(message, span, "here", hint));
    }

    /// Takes `/-`, which may stand on a line before what it leaves out.
    fn slashdash(&mut self, token: &Token) {
        self.at += 1;
        while matches!(self.peek_kind(), Some(Kind::Newline)) {
            self.at += 1;
        }
        if self.peek().is_none() {
            self.syntax(token, "nothing follows `/-`", "delete it");
        }
    }

    /// The nodes up to the brace that closes `open`, or up to the end.
    fn nodes(&mut self, open: Option<&Token>, depth: usize, nodes: &mut Vec<Node>) {
        while let Some(token) = self.peek() {
            match token.kind {
                Kind::Newline => self.at += 1,
                Kind::Semicolon => {
                    let before = self.at.checked_sub(1).map(|at| &self.tokens[at].kind);
                    self.at += 1;
                    if matches!(before, None | Some(Kind::Newline | Kind::Semicolon | Kind::Open)) {
                        self.syntax(token, "`;` ends no node", "delete it");
                    }
                }
                Kind::Close => {
                    self.at += 1;
                    if let Some(open) = open {
                        return self.closed(open, token);
                    }
                    self.stray(token);
                }
                Kind::Slashdash => {
                    self.slashdash(token);
                    self.node(depth, &mut Vec::new());
                }
                Kind::Open | Kind::TagOpen | Kind::TagClose | Kind::Equals | Kind::Value(_) | Kind::Word => {
                    self.node(depth, nodes);
                }
            }
        }
        if let Some(open) = open {
            self.unclosed(open);
        }
    }

    fn closed(&mut self, open: &Token, close: &Token) {
        if close.leads && close.indent < open.indent && self.misplaced.is_none() {
            self.misplaced = Some((self.span(open), self.span(close)));
        }
    }

    fn stray(&mut self, close: &Token) {
        if !self.balanced {
            self.balanced = true;
            self.report.push(rules::stray_brace::new(self.span(close)));
        }
    }

    fn unclosed(&mut self, open: &Token) {
        if !self.balanced {
            self.balanced = true;
            let (open, close) = match self.misplaced {
                Some((open, close)) => (open, Some(close)),
                None => (self.span(open), None),
            };
            self.report.push(rules::unclosed_block::new(open, close));
        }
    }

    /// One node; always takes at least one token.
    fn node(&mut self, depth: usize, nodes: &mut Vec<Node>) {
        let Some(first) = self.peek() else { return };
        if first.kind == Kind::TagOpen {
            let _tag = self.tag();
            self.syntax(
                first,
                "a node's name has a tag",
                "write the tag before a value: `(secret)\"name/key\"`",
            );
        }
        let Some(name_token) = self.peek() else { return };
        let mut entries = Entries { end: name_token.end, ..Entries::default() };
        let Some(name) = self.name(name_token, &mut entries) else {
            return self.nameless(name_token, depth, nodes);
        };
        let name_span = self.span(name_token);
        self.entries(depth, &mut entries);
        let span = self.report.span(name_token.start, entries.end);
        let Entries { values, properties, mut children, .. } = entries;
        children.splice(0..0, properties);
        nodes.push(Node { name, name_span, values, children, span, is_property: false });
    }

    fn nameless(&mut self, token: &Token, depth: usize, nodes: &mut Vec<Node>) {
        match token.kind {
            Kind::Open => {
                self.syntax(token, "a block has no name", "write a name before `{`, on the same line");
                self.block(depth, nodes);
            }
            // After `/-` or a tag there was nothing.
            Kind::Newline | Kind::Semicolon | Kind::Close => {
                self.syntax(token, "a node is missing here", "write a node, or delete what stands before");
            }
            Kind::Value(_) | Kind::Word | Kind::TagOpen | Kind::TagClose | Kind::Equals | Kind::Slashdash => {
                self.at += 1;
                let message = format!("`{}` is not a name", self.written(token));
                self.syntax(token, message, "begin a node with its name, such as `component`");
            }
        }
    }

    /// A node's name; a colon after it is reported and dropped.
    fn name(&mut self, token: &Token, entries: &mut Entries) -> Option<String> {
        let written = self.written(token);
        let name = token.name(written)?;
        self.at += 1;
        if token.kind == Kind::Word && !word::is_identifier(written) {
            // Not a name, but the best there is: what follows belongs to it.
            let message = format!("`{written}` is not a name");
            self.syntax(token, message, "begin a node with its name, such as `component`; quote an odd one");
        }
        let Some(colon) = name.find([':', '：']).filter(|_| token.kind == Kind::Word) else {
            self.colon_after(name, token);
            return Some(name.to_owned());
        };
        let (name, rest) = name.split_at(colon);
        let rest = rest.trim_start_matches([':', '：']);
        let span = self.report.span(token.start + colon, token.end - rest.len());
        self.report.push(rules::colon_name::new(name, span));
        if !rest.is_empty() {
            let start = token.end - rest.len();
            entries.values.push(self.value_of(rest, None, start, token.end));
        }
        Some(name.to_owned())
    }

    /// `"name": x` and `name : x`.
    fn colon_after(&mut self, name: &str, before: &Token) {
        let Some(token) = self.peek().filter(|token| token.kind == Kind::Word) else { return };
        let attached = !token.spaced && matches!(before.kind, Kind::Value(_));
        if matches!(self.written(token), ":" | "：")
            || attached && self.written(token).starts_with([':', '：'])
        {
            self.at += 1;
            let span = self.span(token);
            self.report.push(rules::colon_name::new(name, span));
        }
    }

    fn entries(&mut self, depth: usize, entries: &mut Entries) {
        while let Some(token) = self.peek() {
            match &token.kind {
                Kind::Newline | Kind::Semicolon | Kind::Close => return,
                Kind::Slashdash => {
                    self.slashdash(token);
                    if self.peek_kind() == Some(&Kind::Open) {
                        self.block(depth, &mut Vec::new());
                    } else {
                        self.entry(&mut Entries::default());
                    }
                }
                Kind::Open => {
                    self.block(depth, &mut entries.children);
                    return self.after_block(depth, entries);
                }
                Kind::Equals | Kind::TagClose => {
                    let after_name = self.tokens[self.at - 1].end == entries.end && entries.values.is_empty();
                    self.at += 1;
                    if after_name && entries.properties.is_empty() && token.kind == Kind::Equals {
                        self.syntax(token, "`=` follows the name of a node", "write a space instead");
                    } else {
                        let hint = "write `name=value`, and quote a value that contains such a sign";
                        self.syntax(token, format!("`{}` stands alone", self.written(token)), hint);
                    }
                }
                Kind::TagOpen | Kind::Value(_) | Kind::Word => self.entry(entries),
            }
        }
    }

    /// After its block a node is at its end.
    fn after_block(&mut self, depth: usize, entries: &mut Entries) {
        while let Some(token) = self.peek() {
            match token.kind {
                Kind::Newline | Kind::Semicolon | Kind::Close => return,
                Kind::Slashdash => {
                    self.slashdash(token);
                    if self.peek_kind() != Some(&Kind::Open) {
                        return self.syntax(
                            token,
                            "only a block may follow a block",
                            "begin a new line before `/-`",
                        );
                    }
                    self.block(depth, &mut Vec::new());
                }
                Kind::Open => {
                    self.syntax(token, "a node has two blocks", "join them");
                    self.block(depth, &mut entries.children);
                }
                Kind::TagOpen | Kind::TagClose | Kind::Equals | Kind::Value(_) | Kind::Word => {
                    let hint = "begin a new line after `}`, or write `;` there";
                    return self.syntax(token, "a node begins behind the block of another", hint);
                }
            }
        }
    }

    fn block(&mut self, depth: usize, children: &mut Vec<Node>) {
        let Some(open) = self.peek() else { return };
        self.at += 1;
        if depth < NESTING_MAX {
            return self.nodes(Some(open), depth + 1, children);
        }
        self.report.push(rules::nesting_too_deep::new(NESTING_MAX, self.span(open)));
        let mut open_blocks = 1;
        while let Some(token) = self.peek().filter(|_| open_blocks > 0) {
            self.at += 1;
            open_blocks += i32::from(token.kind == Kind::Open) - i32::from(token.kind == Kind::Close);
        }
        self.balanced |= open_blocks > 0;
    }

    /// One value or property.
    fn entry(&mut self, entries: &mut Entries) {
        let Some(token) = self.peek() else { return };
        let before = &self.tokens[self.at - 1];
        if !token.spaced && !matches!(before.kind, Kind::Slashdash | Kind::Equals) {
            let message = format!("nothing separates `{}` from what stands before it", self.written(token));
            self.syntax(token, message, "write a space between values");
        }
        let written = self.written(token);
        let bare_colon = token.kind == Kind::Word && written.ends_with([':', '：']);
        let named = bare_colon || self.tokens.get(self.at + 1).is_some_and(|next| next.kind == Kind::Equals);
        if !named || !matches!(token.kind, Kind::Word | Kind::Value(_)) {
            if let Some(value) = self.value() {
                entries.end = self.tokens[self.at - 1].end;
                entries.values.push(value);
            }
            return;
        }
        self.at += 1;
        let bare = if bare_colon { written.trim_end_matches([':', '：']) } else { written };
        let name = token.name(bare).unwrap_or(bare);
        if bare_colon {
            let span = self.report.span(token.start + name.len(), token.end);
            self.report.push(rules::colon_name::as_property(name, span));
        } else if token.kind == Kind::Word && !word::is_identifier(name) {
            self.syntax(token, format!("`{name}` is not a name"), "quote an odd name");
        }
        if self.peek_kind() == Some(&Kind::Equals) {
            self.at += 1;
        }
        if let Some(value) = self.value() {
            entries.end = self.tokens[self.at - 1].end;
            self.property(name, token, value, entries);
        }
    }

    fn property(&mut self, name: &str, token: &Token, value: Value, entries: &mut Entries) {
        let name_span = self.span(token);
        let span = self.report.span(token.start, entries.end);
        if let Some(&first) = entries.places.get(name) {
            return self.report.push(rules::duplicate_property::new(name, span, first));
        }
        entries.places.insert(name.to_owned(), span);
        let (name, values, children) = (name.to_owned(), vec![value], Vec::new());
        entries.properties.push(Node { name, name_span, values, children, span, is_property: true });
    }

    /// `(tag)`; at its opening parenthesis.
    fn tag(&mut self) -> Option<String> {
        let open = self.peek()?;
        self.at += 1;
        let inside = self.peek().and_then(|token| token.name(self.written(token)));
        let closed = self.tokens.get(self.at + 1).is_some_and(|token| token.kind == Kind::TagClose);
        let Some(tag) = inside.filter(|_| closed) else {
            self.syntax(
                open,
                "a tag is not closed",
                "write `(secret)\"name/key\"`, or quote the parenthesis",
            );
            return None;
        };
        self.at += 2;
        Some(tag.to_owned())
    }

    /// One value with its tag.
    fn value(&mut self) -> Option<Value> {
        let first = self.peek();
        let tag = if self.peek_kind() == Some(&Kind::TagOpen) { self.tag() } else { None };
        let start = first.map_or(self.text.len(), |token| token.start);
        match self.peek() {
            Some(token) if token.kind == Kind::Word => {
                self.at += 1;
                Some(self.value_of(self.written(token), tag, start, token.end))
            }
            Some(Token { kind: Kind::Value(scalar), start: written, end, .. }) => {
                self.at += 1;
                let span = self.report.span(start, *end);
                let written = self.text[*written..*end].to_owned();
                Some(Value { scalar: scalar.clone(), tag, written, span })
            }
            _ => {
                let before = &self.tokens[self.at - 1];
                self.syntax(
                    before,
                    "a value is missing",
                    "write a value here, such as `\"500m\"`, `80` or `#true`",
                );
                None
            }
        }
    }

    /// What a bare word means as a value.
    fn value_of(&mut self, written: &str, tag: Option<String>, start: usize, end: usize) -> Value {
        let span = self.report.span(start, end);
        let place = self.report.span(end - written.len(), end);
        let known = word::keyword(written).or_else(|| word::number(written));
        let scalar = if let Some(scalar) = known {
            scalar
        } else if let Some((fixed, scalar)) = word::almost_keyword(written) {
            self.report.push(rules::bare_boolean::new(written, fixed, place));
            scalar
        } else {
            if !word::is_identifier(written) {
                self.report.push(rules::unquoted_value::new(written, place));
            }
            Scalar::Text(written.to_owned())
        };
        Value { scalar, tag, written: written.to_owned(), span }
    }
}
