//! Tokens and comments → a tree that keeps what a document leaves out: comments, blank lines, and what `/-` takes away.

use crate::document::Scalar;
use crate::parse::kdl::token::{Kind, Token, Tokens};
use crate::parse::kdl::word;

/// One comment with its signs.
#[derive(Clone, Debug)]
pub struct Comment {
    /// `// …` or `/* … */`.
    pub text: String,
    /// It is of the first kind, and nothing can follow it on its line.
    pub ends_line: bool,
}

/// Something in a block.
#[derive(Debug)]
pub struct Item {
    /// A blank line stands before it.
    pub blank_before: bool,
    /// What it is.
    pub content: Content,
}

/// What stands in a block.
#[derive(Debug)]
pub enum Content {
    /// A comment on lines of its own.
    Comment(Comment),
    /// A node.
    Node(Node),
}

/// A name: what it means and how it is to be written.
#[derive(Clone, Debug)]
pub struct Name {
    /// Without quotes and escapes.
    pub meaning: String,
    /// Bare where that is possible.
    pub written: String,
}

/// A node with its comments.
#[derive(Debug)]
pub struct Node {
    /// `/-` stands before it.
    pub left_out: bool,
    /// What it is called.
    pub name: Name,
    /// Arguments and properties.
    pub entries: Vec<Entry>,
    /// At most one that is not left out.
    pub blocks: Vec<Block>,
    /// The comments behind it, on its last line; only the last of them may end the line.
    pub behind: Vec<Comment>,
}

/// An argument or a property.
#[derive(Debug)]
pub struct Entry {
    /// The comments before it.
    pub comments: Vec<Comment>,
    /// `/-` stands before it.
    pub left_out: bool,
    /// The name of a property.
    pub name: Option<Name>,
    /// The value as it is to be written, with its tag.
    pub value: String,
}

/// `{ … }` of a node.
#[derive(Debug, Default)]
pub struct Block {
    /// The comments before `{`.
    pub before: Vec<Comment>,
    /// `/-` stands before it.
    pub left_out: bool,
    /// The comments behind `{`, on its line.
    pub opening: Vec<Comment>,
    /// What it holds.
    pub items: Vec<Item>,
}

/// The top of a text in which no mistake was found.
pub fn read(text: &str, tokens: &Tokens) -> Vec<Item> {
    let mut parts: Vec<(usize, Part)> = Vec::with_capacity(tokens.all.len() + tokens.comments.len());
    parts.extend(tokens.all.iter().map(|token| (token.start, Part::Token(token))));
    parts.extend(tokens.comments.iter().map(|&(start, end)| (start, Part::Comment(&text[start..end]))));
    parts.sort_by_key(|&(start, _)| start);
    let parts = parts.into_iter().map(|(_, part)| part).collect();
    Reader { text, parts, at: 0 }.items()
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Token(&'a Token),
    Comment(&'a str),
}

struct Reader<'a> {
    text: &'a str,
    parts: Vec<Part<'a>>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn kind(&self) -> Option<&'a Kind> {
        match self.parts.get(self.at) {
            Some(Part::Token(token)) => Some(&token.kind),
            Some(Part::Comment(_)) | None => None,
        }
    }

    /// Takes the comment that is next.
    fn comment(&mut self) -> Option<Comment> {
        let Some(Part::Comment(text)) = self.parts.get(self.at).copied() else { return None };
        self.at += 1;
        let text = text.trim_end().replace("\r\n", "\n");
        let ends_line = text.starts_with("//");
        Some(Comment { text, ends_line })
    }

    /// Takes the comments up to the next token.
    fn comments(&mut self, all: &mut Vec<Comment>) {
        while let Some(comment) = self.comment() {
            all.push(comment);
        }
    }

    /// Takes the comments up to the end of the line, if nothing else stands there.
    fn rest_of_line(&mut self) -> Vec<Comment> {
        let (start, mut all) = (self.at, Vec::new());
        while let Some(comment) = self.comment() {
            all.push(comment);
            if all.last().is_some_and(|last| last.ends_line) {
                return all;
            }
        }
        if self.kind() == Some(&Kind::Newline) {
            return all;
        }
        self.at = start;
        Vec::new()
    }

    /// Up to the end of the block, or of the text.
    fn items(&mut self) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        let mut newlines = 0;
        while self.at < self.parts.len() && self.kind() != Some(&Kind::Close) {
            if matches!(self.kind(), Some(Kind::Newline | Kind::Semicolon)) {
                newlines += usize::from(self.kind() == Some(&Kind::Newline));
                self.at += 1;
                continue;
            }
            let (first, blank_before) = (items.len(), newlines > 1 && !items.is_empty());
            newlines = 0;
            self.item(&mut items);
            items[first].blank_before = blank_before;
        }
        items
    }

    /// One comment, or a node behind the comments that have no place in it.
    fn item(&mut self, items: &mut Vec<Item>) {
        let item = |content| Item { blank_before: false, content };
        if let Some(comment) = self.comment() {
            return items.push(item(Content::Comment(comment)));
        }
        let mut above = Vec::new();
        let left_out = self.slashdash(&mut above);
        let mut node = self.node(left_out);
        if self.kind() == Some(&Kind::Semicolon) {
            self.at += 1;
            node.behind.extend(self.rest_of_line());
        }
        let kept = node.behind.len().saturating_sub(1);
        if let Some(last) = node.behind[..kept].iter().rposition(|comment| comment.ends_line) {
            above.extend(node.behind.drain(..=last));
        }
        items.extend(above.into_iter().map(Content::Comment).map(item));
        items.push(item(Content::Node(node)));
    }

    /// Takes `/-` with what may stand between it and what it leaves out.
    fn slashdash(&mut self, comments: &mut Vec<Comment>) -> bool {
        if self.kind() != Some(&Kind::Slashdash) {
            return false;
        }
        self.at += 1;
        self.comments(comments);
        while self.kind() == Some(&Kind::Newline) {
            self.at += 1;
            self.comments(comments);
        }
        true
    }

    fn node(&mut self, left_out: bool) -> Node {
        let name = self.name();
        let mut node = Node { left_out, name, entries: Vec::new(), blocks: Vec::new(), behind: Vec::new() };
        let mut comments = Vec::new();
        loop {
            self.comments(&mut comments);
            if matches!(self.kind(), None | Some(Kind::Newline | Kind::Semicolon | Kind::Close)) {
                node.behind = comments;
                return node;
            }
            let left_out = self.slashdash(&mut comments);
            let before = std::mem::take(&mut comments);
            if self.kind() == Some(&Kind::Open) {
                node.blocks.push(self.block(before, left_out));
            } else {
                node.entries.push(self.entry(before, left_out));
            }
        }
    }

    fn block(&mut self, before: Vec<Comment>, left_out: bool) -> Block {
        self.at += 1;
        let opening = self.rest_of_line();
        let items = self.items();
        self.at += 1;
        Block { before, left_out, opening, items }
    }

    /// One value or property; comments inside it come before it.
    fn entry(&mut self, mut comments: Vec<Comment>, left_out: bool) -> Entry {
        let next = self.parts[self.at + 1..].iter().find_map(|part| match part {
            Part::Token(token) => Some(&token.kind),
            Part::Comment(_) => None,
        });
        let mut name = None;
        if self.kind() != Some(&Kind::TagOpen) && next == Some(&Kind::Equals) {
            name = Some(self.name());
            self.comments(&mut comments);
            self.at += 1;
            self.comments(&mut comments);
        }
        let value = self.value(&mut comments);
        Entry { comments, left_out, name, value }
    }

    fn value(&mut self, comments: &mut Vec<Comment>) -> String {
        let mut value = String::new();
        if self.kind() == Some(&Kind::TagOpen) {
            self.at += 1;
            self.comments(comments);
            value = format!("({})", self.name().written);
            self.comments(comments);
            self.at += 1;
            self.comments(comments);
        }
        let token = self.token();
        let written = self.text[token.start..token.end].replace("\r\n", "\n");
        let bare_text = token.kind == Kind::Word && word::is_identifier(&written);
        value + &if bare_text { format!("\"{written}\"") } else { written }
    }

    fn name(&mut self) -> Name {
        let token = self.token();
        let written = &self.text[token.start..token.end];
        let meaning = token.name(written).expect("a text without mistakes has names").to_owned();
        let bare = matches!(&token.kind, Kind::Value(Scalar::Text(text)) if is_plain(text));
        Name { written: if bare { meaning.clone() } else { written.replace("\r\n", "\n") }, meaning }
    }

    fn token(&mut self) -> &'a Token {
        let Some(Part::Token(token)) = self.parts.get(self.at).copied() else {
            unreachable!("a text without mistakes has a name or a value here");
        };
        self.at += 1;
        token
    }
}

/// Whether a name that is quoted need not be.
fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    name.chars().all(plain) && name.starts_with(char::is_alphabetic) && word::is_identifier(name)
}
