//! KDL text → tokens, with people's habits from other languages reported and repaired.

use super::text;
use super::word::{self, is_newline, is_space};
use crate::document::Scalar;
use crate::parse::report::Report;
use crate::rules;

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// The end of a line, which ends a node.
    Newline,
    /// `;`, which ends a node too.
    Semicolon,
    /// `{`
    Open,
    /// `}`
    Close,
    /// `(`
    TagOpen,
    /// `)`
    TagClose,
    /// `=`
    Equals,
    /// `/-`, which leaves out what follows.
    Slashdash,
    /// A value whose meaning is settled: a quoted text, or a repaired mistake.
    Value(Scalar),
    /// Bare characters: a name, a number, a keyword, or a value that somebody forgot to quote.
    Word,
}

/// One token and its place.
#[derive(Clone, Debug)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// Space stands before it.
    pub spaced: bool,
    /// It is the first of its line.
    pub leads: bool,
    /// How far its line is indented, in bytes.
    pub indent: usize,
}

impl Token {
    /// The name that the token is; a bare one is as it is `written`.
    pub fn name<'a>(&'a self, written: &'a str) -> Option<&'a str> {
        if let Kind::Value(Scalar::Text(name)) = &self.kind {
            return Some(name);
        }
        (self.kind == Kind::Word).then_some(written)
    }
}

/// The tokens of a text, and whether an unclosed text or comment may have hidden braces.
pub struct Tokens {
    /// In the order of the text.
    pub all: Vec<Token>,
    /// The comments between them, in the order of the text: first byte, and the byte after the last.
    pub comments: Vec<(usize, usize)>,
    /// Braces may be missing for a reason that is reported already.
    pub hidden: bool,
}

/// Splits a text.
pub fn scan(text: &str, report: &mut Report) -> Tokens {
    let mut scan = Scan {
        text,
        at: if text.starts_with('\u{FEFF}') { 3 } else { 0 },
        tokens: Tokens { all: Vec::new(), comments: Vec::new(), hidden: false },
        report,
        spaced: true,
        leads: true,
        indent: 0,
        brackets: 0,
        punctuated: false,
    };
    scan.indent = scan.spaces_ahead();
    while let Some(first) = scan.peek() {
        scan.token(first);
    }
    scan.tokens
}

struct Scan<'a, 'r, 'd> {
    text: &'a str,
    at: usize,
    tokens: Tokens,
    report: &'r mut Report<'d>,
    spaced: bool,
    leads: bool,
    indent: usize,
    /// Open `[`, which are mistakes; lines do not end nodes inside them.
    brackets: usize,
    /// The node has been told about commas and brackets.
    punctuated: bool,
}

impl<'a> Scan<'a, '_, '_> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn spaces_ahead(&self) -> usize {
        let rest = self.rest();
        rest.len() - rest.trim_start_matches([' ', '\t']).len()
    }

    /// The end of the line from here.
    fn line_end(&self) -> usize {
        self.at + self.rest().find(is_newline).unwrap_or(self.rest().len())
    }

    /// Where something begins on the same line; not far, so that a long line is not searched again and again.
    fn near(&self, from: usize, found: impl Fn(&str) -> bool) -> Option<usize> {
        let near = self.text[from..].char_indices().take(100).take_while(|&(_, c)| !is_newline(c));
        near.map(|(at, _)| from + at).find(|&at| found(&self.text[at..]))
    }

    fn push(&mut self, kind: Kind, start: usize) {
        let (end, spaced, leads, indent) = (self.at, self.spaced, self.leads, self.indent);
        self.tokens.all.push(Token { kind, start, end, spaced, leads, indent });
        self.spaced = false;
        self.leads = false;
    }

    fn token(&mut self, first: char) {
        let rest = self.rest();
        match first {
            '/' if rest.starts_with("//") => self.line_comment(),
            '/' if rest.starts_with("/*") => self.comment(),
            '/' if rest.starts_with("/-") => self.sign("/-", Kind::Slashdash),
            '\\' if self.continues_line() => {}
            '{' if rest.starts_with("{{") && self.placeholder("}}") => {}
            '{' => self.brace(first, Kind::Open),
            '}' => self.brace(first, Kind::Close),
            ';' => self.sign(";", Kind::Semicolon),
            '(' => self.sign("(", Kind::TagOpen),
            ')' => self.sign(")", Kind::TagClose),
            '=' => self.sign("=", Kind::Equals),
            '｛' | '｝' | '；' | '（' | '）' | '＝' => self.wide(first),
            ',' | '，' | '、' | '[' | ']' => self.punctuation(first),
            '"' => self.quoted(),
            '#' => self.hash(),
            _ if word::closing_quote(first).is_some() => self.wrong_quotes(first),
            _ if is_newline(first) => self.newline(),
            _ if is_space(first) => self.skip(first),
            _ => self.word(),
        }
    }

    fn skip(&mut self, first: char) {
        self.at += first.len_utf8();
        self.spaced = true;
    }

    fn sign(&mut self, written: &str, kind: Kind) {
        let start = self.at;
        self.at += written.len();
        self.punctuated &= kind != Kind::Semicolon;
        self.push(kind, start);
    }

    fn brace(&mut self, written: char, kind: Kind) {
        self.brackets = 0;
        self.punctuated = false;
        let start = self.at;
        self.at += written.len_utf8();
        self.push(kind, start);
    }

    fn newline(&mut self) {
        let start = self.at;
        let first = self.peek().map_or(0, char::len_utf8);
        self.at += if self.rest().starts_with("\r\n") { 2 } else { first };
        if self.brackets == 0 {
            self.punctuated = false;
            self.push(Kind::Newline, start);
        }
        self.spaced = true;
        self.leads = true;
        self.indent = self.spaces_ahead();
    }

    /// `\` before the end of a line: the node goes on.
    fn continues_line(&mut self) -> bool {
        let after = self.rest()[1..].trim_start_matches(is_space);
        let comment = after.starts_with("//");
        if !comment && !after.is_empty() && !after.starts_with(is_newline) {
            return false;
        }
        self.at = self.text.len() - after.len();
        if comment {
            self.line_comment();
        }
        self.at += match self.peek() {
            Some('\r') if self.rest().starts_with("\r\n") => 2,
            Some(newline) => newline.len_utf8(),
            None => 0,
        };
        self.spaced = true;
        true
    }

    fn line_comment(&mut self) {
        let end = self.line_end();
        self.tokens.comments.push((self.at, end));
        self.at = end;
    }

    fn comment(&mut self) {
        let start = self.at;
        let mut depth = 0;
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at..self.at + 2) {
                Some(b"/*") => (depth, self.at) = (depth + 1, self.at + 2),
                Some(b"*/") => (depth, self.at) = (depth - 1, self.at + 2),
                Some(_) => self.at += 1,
                None => break,
            }
            if depth == 0 {
                self.spaced = true;
                return self.tokens.comments.push((start, self.at));
            }
        }
        self.at = self.text.len();
        self.tokens.hidden = true;
        let span = self.report.span(start, start + 2);
        let hint = "end it with `*/`; comments nest, so each `/*` needs its own";
        self.report.push(rules::syntax::new("a comment is not closed", span, "begins here", hint));
    }

    fn wide(&mut self, written: char) {
        let start = self.at;
        let (ascii, kind) = match written {
            '｛' => ('{', Kind::Open),
            '｝' => ('}', Kind::Close),
            '；' => (';', Kind::Semicolon),
            '（' => ('(', Kind::TagOpen),
            '）' => (')', Kind::TagClose),
            _ => ('=', Kind::Equals),
        };
        let span = self.report.span(start, start + written.len_utf8());
        self.report.push(rules::wide_punctuation::new(written, ascii, span));
        self.brace(written, kind);
    }

    fn punctuation(&mut self, written: char) {
        let start = self.at;
        self.skip(written);
        match written {
            '[' => self.brackets += 1,
            ']' => self.brackets = self.brackets.saturating_sub(1),
            _ => {}
        }
        if !self.punctuated {
            self.punctuated = true;
            let span = self.report.span(start, self.at);
            self.report.push(rules::list_punctuation::new(written, span));
        }
    }

    fn quoted(&mut self) {
        let start = self.at;
        let quoted = text::quoted(self.text, start, self.report);
        self.at = quoted.end;
        self.tokens.hidden |= quoted.hides_braces;
        self.push(Kind::Value(Scalar::Text(quoted.text)), start);
    }

    fn wrong_quotes(&mut self, first: char) {
        let start = self.at;
        let inner = start + first.len_utf8();
        let closing = word::closing_quote(first).unwrap_or_default();
        let Some(end) = self.near(inner, |rest| rest.starts_with(closing)) else {
            return self.word();
        };
        self.at = end + self.text[end..].chars().next().map_or(0, char::len_utf8);
        let text = &self.text[inner..end];
        let span = self.report.span(start, self.at);
        self.report.push(rules::wrong_quotes::new(text, first, span));
        self.push(Kind::Value(Scalar::Text(text.to_owned())), start);
    }

    /// `#true`, `#"raw"#`, or a comment in the manner of YAML and shells.
    fn hash(&mut self) {
        let start = self.at;
        if self.rest().trim_start_matches('#').starts_with('"') {
            return self.quoted();
        }
        let end = word::end(self.text, start);
        let written = &self.text[start..end];
        let after_equals = self.tokens.all.last().is_some_and(|token| token.kind == Kind::Equals);
        if let Some((fixed, scalar)) = word::almost_keyword(written) {
            let span = self.report.span(start, end);
            self.report.push(rules::bare_boolean::new(written, fixed, span));
            self.at = end;
            return self.push(Kind::Value(scalar), start);
        }
        if word::keyword(written).is_some() || after_equals && written.len() > 1 {
            return self.word();
        }
        self.at = self.line_end();
        let span = self.report.span(start, self.at);
        self.report.push(rules::wrong_comment::new(&self.text[start..self.at], span));
    }

    fn word(&mut self) {
        let start = self.at;
        let end = word::end(self.text, start);
        // A sign that begins no word, such as a stray quote at the end of a line, stands for itself.
        self.at = if end > start { end } else { start + self.peek().map_or(1, char::len_utf8) };
        let written = &self.text[start..self.at];
        if self.text[self.at..].starts_with('{')
            && written.ends_with('$')
            && self.placeholder_from(start, "}")
        {
            return;
        }
        if self.text[self.at..].starts_with('(')
            && written.ends_with('$')
            && self.placeholder_from(start, ")")
        {
            return;
        }
        if written.starts_with(|first| word::closing_quote(first).is_some()) {
            let first = written.chars().next().unwrap_or('\'');
            let inner = written.trim_matches(first);
            let span = self.report.span(start, self.at);
            self.report.push(rules::wrong_quotes::new(inner, first, span));
            return self.push(Kind::Value(Scalar::Text(inner.to_owned())), start);
        }
        self.push(Kind::Word, start);
    }

    fn placeholder(&mut self, close: &str) -> bool {
        self.placeholder_from(self.at, close)
    }

    /// Takes `${x}` or `{{ x }}`, and what hangs on to it, as one value.
    fn placeholder_from(&mut self, start: usize, close: &str) -> bool {
        let Some(end) = self.near(self.at, |rest| rest.starts_with(close)) else {
            return false;
        };
        self.at = word::end(self.text, end + close.len());
        let written = &self.text[start..self.at];
        let span = self.report.span(start, self.at);
        self.report.push(rules::placeholder::new(written, span));
        self.push(Kind::Value(Scalar::Text(written.to_owned())), start);
        true
    }
}
