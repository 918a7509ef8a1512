//! The tree as text: indentation, long lines, and the column of comments.

use unicode_width::UnicodeWidthStr;

use super::tree::{Block, Comment, Content, Entry, Item, Node};

/// One block in another.
const INDENT: usize = 4;
/// How much further than its node a line stands that goes on with it; a block's lines stand at half of that.
const INDENT_CONTINUED: usize = 8;
/// Longer lines go on behind `\`.
const COLUMNS_MAX: usize = 120;
/// Comments behind longer lines than this follow them, and pull no others to the right.
const ALIGNED_COLUMNS_MAX: usize = 80;

/// The whole text.
pub fn text(items: &[Item]) -> String {
    let mut lines = Vec::new();
    print(items, 0, &mut lines);
    joined(&lines)
}

/// What ends with a line break; a text or comment of several lines is one of these too.
#[derive(Default)]
struct Line {
    indent: usize,
    text: String,
    behind: String,
    /// A node without a block, whose comment is aligned with those above and below.
    whole: bool,
}

fn print(items: &[Item], indent: usize, lines: &mut Vec<Line>) {
    for item in items {
        if item.blank_before {
            lines.push(Line::default());
        }
        match &item.content {
            Content::Comment(comment) => {
                lines.push(Line { indent, text: comment.text.clone(), ..Line::default() });
            }
            Content::Node(node) => print_node(node, indent, lines),
        }
    }
}

fn print_node(node: &Node, indent: usize, lines: &mut Vec<Line>) {
    let mut head = Head::new(indent, &format!("{}{}", slashdash(node.left_out), node.name.written));
    for Entry { comments, left_out, name, value } in &node.entries {
        head.comments(comments);
        let name = name.as_ref().map(|name| format!("{}=", name.written)).unwrap_or_default();
        head.add(&format!("{}{name}{value}", slashdash(*left_out)));
    }
    for block in &node.blocks {
        print_block(block, &mut head, lines);
    }
    lines.push(Line { indent, text: head.text, behind: behind(&node.behind), whole: node.blocks.is_empty() });
}

/// Ends the line behind `{`, and begins another with `}`.
fn print_block(block: &Block, head: &mut Head, lines: &mut Vec<Line>) {
    head.comments(&block.before);
    head.append(&format!("{}{{", slashdash(block.left_out)));
    if block.items.is_empty() && block.opening.is_empty() {
        head.text.push('}');
        return;
    }
    let indent = head.indent;
    let head = std::mem::replace(head, Head::new(indent, "}"));
    lines.push(Line { indent, text: head.text, behind: behind(&block.opening), whole: false });
    print(&block.items, indent + INDENT, lines);
}

fn slashdash(left_out: bool) -> &'static str {
    if left_out { "/-" } else { "" }
}

fn behind(comments: &[Comment]) -> String {
    let texts: Vec<&str> = comments.iter().map(|comment| comment.text.as_str()).collect();
    texts.join(" ")
}

/// A node up to its block, or up to its end.
struct Head {
    text: String,
    indent: usize,
    /// Where the last line ends.
    column: usize,
    /// The last line ends in a comment.
    ended: bool,
}

impl Head {
    fn new(indent: usize, first: &str) -> Self {
        Self { text: first.to_owned(), indent, column: end(first, indent), ended: false }
    }

    fn comments(&mut self, comments: &[Comment]) {
        for comment in comments {
            if comment.ends_line {
                self.append(&format!("\\ {}", comment.text));
                self.ended = true;
            } else {
                self.add(&comment.text);
            }
        }
    }

    /// Adds what may go on a line of its own.
    fn add(&mut self, piece: &str) {
        let first_line = piece.split('\n').next().unwrap_or_default();
        // Two more columns are needed for what ends the line: ` {` or ` \`.
        let too_long = self.column + 1 + first_line.width() + 2 > COLUMNS_MAX;
        if too_long && !self.ended && self.column > self.indent + INDENT_CONTINUED {
            self.text.push_str(" \\");
            self.ended = true;
        }
        self.append(piece);
    }

    fn append(&mut self, piece: &str) {
        if std::mem::take(&mut self.ended) {
            self.column = self.indent + INDENT_CONTINUED;
            self.text.push_str(&format!("\n{:1$}", "", self.column));
        } else {
            self.column += 1;
            self.text.push(' ');
        }
        self.text.push_str(piece);
        self.column = end(piece, self.column);
    }
}

/// The column behind a text that begins in a column.
fn end(text: &str, column: usize) -> usize {
    match text.rsplit_once('\n') {
        Some((_, last)) => last.width(),
        None => column + text.width(),
    }
}

fn joined(lines: &[Line]) -> String {
    let mut text = String::new();
    let mut rest = lines;
    while let Some(first) = rest.first() {
        let run = rest.iter().take_while(|line| is_aligned(line) && line.indent == first.indent).count();
        let (these, others) = rest.split_at(run.max(1));
        let column = these.iter().map(|line| line.text.width()).max().unwrap_or_default();
        for line in these {
            let text_indent = if line.text.is_empty() { 0 } else { line.indent };
            text.push_str(&format!("{:text_indent$}{}", "", line.text));
            if !line.behind.is_empty() {
                let missing = if run > 0 { column - line.text.width() } else { 0 };
                text.push_str(&format!("{:1$}{2}", "", missing + 2, line.behind));
            }
            text.push('\n');
        }
        rest = others;
    }
    text
}

fn is_aligned(line: &Line) -> bool {
    let one_line = !line.text.contains('\n') && line.indent + line.text.width() <= ALIGNED_COLUMNS_MAX;
    line.whole && !line.behind.is_empty() && one_line
}
