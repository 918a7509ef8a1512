//! Quoted texts of KDL: one line, several lines, raw, and their escapes.

use super::word::{is_newline, is_space};
use crate::parse::report::Report;
use crate::rules;

/// A quoted text that was read.
pub struct Quoted {
    /// What it says.
    pub text: String,
    /// The byte after its closing quotes.
    pub end: usize,
    /// It is not closed, and what it swallowed may have held braces.
    pub hides_braces: bool,
}

/// Reads the quoted text that begins at `start`, with `"` or with the `#` of a raw text.
pub fn quoted(text: &str, start: usize, report: &mut Report) -> Quoted {
    let rest = &text[start..];
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    let inner = start + hashes;
    let quotes = if text[inner..].starts_with("\"\"\"") { 3 } else { 1 };
    let body = inner + quotes;
    let close = format!("{}{}", &"\"\"\""[..quotes], "#".repeat(hashes));
    let several_lines = quotes == 3;
    let Some(length) = length(&text[body..], &close, hashes > 0, several_lines) else {
        return unclosed(text, start, body, &close, report);
    };
    let written = &text[body..body + length];
    let text = match (several_lines, hashes > 0) {
        (false, true) => written.to_owned(),
        (false, false) => unescape(written, |at| (body + at, body + at + 2), report),
        (true, raw) => lines(written, start, body, raw, report),
    };
    Quoted { text, end: body + length + close.len(), hides_braces: false }
}

/// How many bytes stand before the closing quotes.
fn length(body: &str, close: &str, raw: bool, several_lines: bool) -> Option<usize> {
    let mut at = 0;
    while let Some(c) = body[at..].chars().next() {
        if c == '"' && body[at..].starts_with(close) {
            return Some(at);
        }
        at += c.len_utf8();
        if c == '\\' && !raw {
            // `\` and any space, over lines, stand for nothing; otherwise one character is escaped.
            let after = without_space(&body[at..]);
            let escaped = body[at..].chars().next()?.len_utf8();
            at = (body.len() - after.len()).max(at + escaped);
        } else if is_newline(c) && !several_lines {
            return None;
        }
    }
    None
}

fn without_space(text: &str) -> &str {
    text.trim_start_matches(|c| is_newline(c) || is_space(c))
}

fn unclosed(text: &str, start: usize, body: usize, close: &str, report: &mut Report) -> Quoted {
    let line = text[body..].find(is_newline).unwrap_or(text.len() - body);
    let span = report.span(start, body + line);
    report.push(rules::unclosed_string::new(&text[start..body + line], close, span));
    // Several lines run to the end of the file; one line ends at its end.
    let end = if close.starts_with("\"\"\"") { text.len() } else { body + line };
    Quoted {
        text: text[body..body + line].to_owned(),
        end,
        hides_braces: text[body..end].contains(['{', '}']),
    }
}

/// Takes away the indentation that the closing quotes have.
fn lines(written: &str, start: usize, body: usize, raw: bool, report: &mut Report) -> String {
    let unified = written.replace("\r\n", "\n").replace(is_newline, "\n");
    let joined = if raw { unified } else { join_escaped_lines(&unified) };
    let Some(content) = joined.strip_prefix('\n') else {
        let span = report.span(start, body);
        let hint = "begin a new line after `\"\"\"`, or use `\"` for a text of one line";
        report.push(rules::syntax::new(
            "a text of several lines begins in the middle of a line",
            span,
            "here",
            hint,
        ));
        return written.to_owned();
    };
    let (content, indent) = content.rsplit_once('\n').unwrap_or(("", content));
    if !indent.chars().all(is_space) {
        let span = report.span(start, body);
        let hint = "put the closing `\"\"\"` on a line of its own";
        report.push(rules::syntax::new(
            "the closing quotes of a text follow its last line",
            span,
            "this text",
            hint,
        ));
        return written.to_owned();
    }
    let mut all = Vec::new();
    for line in content.split('\n') {
        match line.strip_prefix(indent) {
            _ if line.chars().all(is_space) => all.push(""),
            Some(line) => all.push(line),
            None => {
                let span = report.span(start, body);
                let hint = "indent every line by exactly the space before the closing `\"\"\"`";
                let message = format!("the line `{}` is indented less than the closing quotes", line.trim());
                report.push(rules::syntax::new(message, span, "in this text", hint));
                all.push(line);
            }
        }
    }
    let text = all.join("\n");
    if raw { text } else { unescape(&text, |_| (start, body), report) }
}

/// Drops `\` with the space and lines after it, and leaves other escapes as they are.
fn join_escaped_lines(written: &str) -> String {
    let mut joined = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        joined.push_str(before);
        let after = without_space(&escape[1..]);
        if after.len() < escape.len() - 1 {
            rest = after;
        } else {
            let taken = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
            joined.push_str(&escape[..taken]);
            rest = &escape[taken..];
        }
    }
    joined + rest
}

/// Replaces escapes; an unknown one is reported at its `place` and kept as it is written.
fn unescape(written: &str, place: impl Fn(usize) -> (usize, usize), report: &mut Report) -> String {
    let mut text = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        text.push_str(before);
        let (meaning, length) = match escape[1..].chars().next() {
            Some('n') => (Some('\n'), 2),
            Some('r') => (Some('\r'), 2),
            Some('t') => (Some('\t'), 2),
            Some('b') => (Some('\u{8}'), 2),
            Some('f') => (Some('\u{C}'), 2),
            Some('s') => (Some(' '), 2),
            Some(same @ ('\\' | '"')) => (Some(same), 2),
            Some('u') => unicode(escape),
            Some(c) if is_newline(c) || is_space(c) => {
                rest = without_space(&escape[1..]);
                continue;
            }
            Some(c) => (None, 1 + c.len_utf8()),
            None => (None, 1),
        };
        if let Some(c) = meaning {
            text.push(c);
        } else {
            let (start, end) = place(written.len() - escape.len());
            let span = report.span(start, end);
            let message = format!("`{}` is not an escape", &escape[..length]);
            let hint = "write `\\\\` for a backslash, or a raw text such as `#\"C:\\data\"#`";
            report.push(rules::syntax::new(message, span, "here", hint));
            text.push_str(&escape[..length]);
        }
        rest = &escape[length..];
    }
    text + rest
}

/// The character of `\u{…}` and the length of the escape.
fn unicode(escape: &str) -> (Option<char>, usize) {
    let digits = escape.strip_prefix("\\u{").and_then(|rest| rest.split_once('}')).map(|(digits, _)| digits);
    let valid = digits
        .filter(|digits| (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit()));
    match valid {
        Some(digits) => {
            let character = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
            (character, digits.len() + 4)
        }
        None => (None, 2),
    }
}
