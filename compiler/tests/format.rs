//! What holds for the canonical form of every KDL text.

mod cases;

use cases::cases;
use compiler::diag::Diagnostics;
use compiler::document::{Node, Scalar, Value};
use compiler::format::format;
use compiler::parse::parse;
use compiler::source::Sources;
use proptest::prelude::*;

/// The canonical form, and whether the text had no mistake.
fn formatted(text: &str) -> Option<String> {
    let mut diagnostics = Diagnostics::default();
    let formatted = format(&Sources::default().add("a.kdl", text), &mut diagnostics);
    assert_eq!(formatted.is_none(), diagnostics.has_errors(), "a text has a form, or a mistake: {text:?}");
    formatted
}

/// What a text means: everything in its document but places and the spelling of properties and texts. Nodes of one
/// name keep their order; that of different names means nothing.
fn meaning(text: &str) -> Vec<String> {
    fn outline(nodes: &[Node]) -> Vec<String> {
        let mut nodes: Vec<&Node> = nodes.iter().collect();
        nodes.sort_by_key(|node| &node.name);
        let line = |node: &&Node| {
            let value = |value: &Value| match &value.scalar {
                Scalar::Text(text) => format!("{:?} {text:?}", value.tag),
                Scalar::Integer(_) | Scalar::Number(_) | Scalar::Boolean(_) | Scalar::Null => {
                    format!("{:?} {}", value.tag, value.written)
                }
            };
            let values: Vec<String> = node.values.iter().map(value).collect();
            format!("{:?} {values:?} {:?}", node.name, outline(&node.children))
        };
        nodes.iter().map(line).collect()
    }
    outline(&parse(&Sources::default().add("a.kdl", text), &mut Diagnostics::default()).nodes)
}

/// Text of one of the pieces; every `§` is to become another comment.
fn one_of(pieces: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    proptest::sample::select(pieces).prop_map(str::to_owned)
}

/// The schema knows these in many places.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "app", "component", "kind", "image", "replicas", "scale", "min", "max", "cpu", "expose", "port", "drain",
    "scenario", "service", "other", "\"min\"",
];
#[rustfmt::skip]
const GAPS: &[&str] =
    &[" ", " ", " ", "  \\\n", " /* § */ ", " \\ // §\n ", " /* §\n § */ ", " \\ // §\n /* § */"];
#[rustfmt::skip]
const VALUES: &[&str] = &[
    "\"x\"", "bare", "1_0", "0x1F", "#true", "#nan", "(secret)\"a/b\"", "( \"secret\" /* § */) a",
    "\"\"\"\n  a\n   b\n  \"\"\"", "#\"a\"b\"#", "\"a long text, and the next one may go on another line\"",
];
const LEFT_OUT: &[&str] = &["", "", "", "/-", "/- /* § */ ", "/-\n// §\n"];
const EQUALS: &[&str] = &["=", " = ", " /* § */="];
const OPEN: &[&str] = &["{", "{\n", "{ // §\n", "{ /* § */\n\n", "{ /* § */ ", "{\n\n// §\n\n"];
#[rustfmt::skip]
const ENDS: &[&str] = &[
    "\n", "\n", ";", "; ", "\n\n\n", " // §\n", " /* § */\n", "; // §\n", "; /* § */ ", "\n// §\n\n",
    "\n/* §\n§ */ ", " \\ // §\n // §\n", " /* § */ \\ // §\n\n",
];

/// A node up to its block.
fn head() -> impl Strategy<Value = String> + Clone {
    let argument = (one_of(GAPS), one_of(LEFT_OUT), one_of(VALUES));
    let argument = argument.prop_map(|(gap, out, value)| gap + &out + &value);
    let arguments = proptest::collection::vec(argument, 0..2).prop_map(|all| all.concat());
    let property = (one_of(GAPS), one_of(LEFT_OUT), one_of(NAMES), one_of(EQUALS), one_of(VALUES));
    // One name is a property once, whatever quotes it has.
    let properties = proptest::collection::vec(property, 0..4).prop_map(|all| {
        let mut seen = Vec::new();
        let fresh = |(gap, out, name, equals, value): (String, String, String, String, String)| {
            let plain = name.replace('"', "");
            let known = seen.contains(&plain);
            seen.push(plain);
            (!known).then(|| gap + &out + &name + &equals + &value)
        };
        all.into_iter().filter_map(fresh).collect::<String>()
    });
    (one_of(LEFT_OUT), one_of(NAMES), arguments.clone(), properties, arguments)
        .prop_map(|(out, name, before, properties, after)| out + &name + &before + &properties + &after)
}

/// KDL without a mistake.
fn commented() -> impl Strategy<Value = String> {
    let leaf = (head(), one_of(ENDS)).prop_map(|(head, end)| head + &end);
    leaf.prop_recursive(4, 24, 4, |inner| {
        let block = (one_of(GAPS), one_of(OPEN), proptest::collection::vec(inner, 0..4))
            .prop_map(|(gap, open, inner)| format!("{gap}{open}{}}}", inner.concat()));
        let out = block.clone().prop_map(|block| block.replacen('{', "/-{", 1));
        let out = || proptest::option::weighted(0.1, out.clone()).prop_map(Option::unwrap_or_default);
        (head(), out(), block, out(), one_of(ENDS))
            .prop_map(|(head, before, block, after, end)| head + &before + &block + &after + &end)
    })
}

/// Gives every comment a text of its own, and counts them.
fn numbered(text: &str) -> (String, usize) {
    let mut numbered = String::new();
    let mut count = 0;
    for c in text.chars() {
        if c == '§' {
            numbered.push_str(&format!("<{count}>"));
            count += 1;
        } else {
            numbered.push(c);
        }
    }
    (numbered, count)
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn the_canonical_form_keeps_meaning_and_comments(text in proptest::collection::vec(commented(), 1..4)) {
        let (text, comments) = numbered(&text.concat());
        let Some(canonical) = formatted(&text) else {
            // A text in which everything is left out is empty, which is the one mistake there may be.
            prop_assert!(meaning(&text).is_empty(), "{text}");
            return Ok(());
        };
        prop_assert_eq!(meaning(&text), meaning(&canonical), "{}\n{}", text, canonical);
        prop_assert_eq!(formatted(&canonical), Some(canonical.clone()), "{}", text);
        for comment in (0..comments).map(|n| format!("<{n}>")) {
            prop_assert_eq!(canonical.matches(&comment).count(), 1, "{} in\n{}\n{}", comment, text, canonical);
        }
        let left_out = |text: &str| text.matches("/-").count();
        prop_assert_eq!(left_out(&text), left_out(&canonical), "{}\n{}", text, canonical);
        prop_assert!(!canonical.contains("\n\n\n") && !canonical.starts_with('\n') && !canonical.ends_with("\n\n"));
        prop_assert!(canonical.ends_with('\n'));
    }

    #[test]
    fn the_oracle_reads_the_canonical_form(text in proptest::collection::vec(commented(), 1..4)) {
        let text = text.concat();
        if let (Some(canonical), Ok(_)) = (formatted(&text), kdl::KdlDocument::parse_v2(&text)) {
            let read = kdl::KdlDocument::parse_v2(&canonical);
            prop_assert!(read.is_ok(), "{:?}\n{}", read.err().map(|error| error.diagnostics), canonical);
        }
    }

    #[test]
    fn any_text_has_a_canonical_form_or_a_mistake(text in "\\PC{0,80}|[ -~\n\t“”，名]{0,80}|([a-c1/*\\-\\\\;{}=\" \n]|//|/-){0,40}") {
        if let Some(canonical) = formatted(&text) {
            prop_assert_eq!(formatted(&canonical), Some(canonical.clone()), "{}", text);
        }
    }
}
