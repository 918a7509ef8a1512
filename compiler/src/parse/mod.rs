//! Text → [`Document`]: never fails, only reports.

pub(crate) mod kdl;
pub(crate) mod report;
mod yaml;

#[cfg(test)]
pub(crate) mod testing;

use crate::diag::Diagnostics;
use crate::document::Document;
use crate::rules;
use crate::source::{Source, Sources};
use report::Report;

/// A spec is written by people; what is longer was written by accident.
pub const TEXT_BYTES_MAX: usize = 4 << 20;

/// Blocks in blocks. The deepest sensible document has six; the limit keeps recursion off the stack's end.
pub const NESTING_MAX: usize = 64;

/// Takes a file's bytes in as UTF-8, without a byte order mark. Bytes that are not UTF-8 are reported and
/// replaced, so that everything after them is still read; of UTF-16 and UTF-32 the report is all there is.
pub fn read(sources: &mut Sources, path: &str, bytes: &[u8], diagnostics: &mut Diagnostics) -> Source {
    if let Some(encoding) = wide_encoding(bytes) {
        let source = sources.add(path, "");
        diagnostics.push(rules::invalid_utf_8::wide(encoding, source.span(0, 0)));
        return source;
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let source = sources.add(path, String::from_utf8_lossy(bytes));
    if let Err(error) = std::str::from_utf8(bytes) {
        let at = error.valid_up_to();
        let line = bytes[..at].split(|&byte| byte == b'\n').count();
        diagnostics.push(rules::invalid_utf_8::new(bytes[at], line, source.span(at, at + 1)));
    }
    source
}

/// Reports a file that has too many bytes to be taken in at all.
pub fn refuse(sources: &mut Sources, path: &str, bytes: u64, diagnostics: &mut Diagnostics) {
    let source = sources.add(path, "");
    diagnostics.push(rules::file_too_large::new(bytes, source.span(0, 0)));
}

/// The encoding of a text whose characters take two or four bytes, by its mark, or by the zero in its first
/// character, since specs begin with ASCII.
fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => Some("UTF-32"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, 1..=255, 0, 1..=255, ..] | [1..=255, 0, 1..=255, 0, ..] => {
            Some("UTF-16")
        }
        _ => None,
    }
}

/// Whether a path's ending is YAML's, or JSON's, which is YAML; every other text is KDL.
pub fn is_yaml(path: &str) -> bool {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    matches!(ending.as_deref(), Some("yaml" | "yml" | "json"))
}

/// Reads one text; the path's ending says which syntax it is in.
pub fn parse(source: &Source, diagnostics: &mut Diagnostics) -> Document {
    let bytes = source.text.len();
    if bytes > TEXT_BYTES_MAX {
        diagnostics.push(rules::file_too_large::new(bytes as u64, source.span(0, 0)));
        return Document::default();
    }
    // What was not taken in is reported already.
    let refused = source.text.is_empty() && diagnostics.cover(source.span(0, 0));
    if refused {
        return Document::default();
    }
    let known = diagnostics.len();
    let mut report = Report::new(source, diagnostics);
    let nodes = if is_yaml(&source.path) {
        yaml::parse(source, &mut report)
    } else {
        kdl::parse(source, &mut report)
    };
    if nodes.is_empty() && diagnostics.len() == known {
        diagnostics.push(rules::empty_document::new(source.span(0, 0)));
    }
    Document { nodes }
}

#[cfg(test)]
mod tests {
    use super::testing::{document, outline};

    const KDL: &str = r#"
        app "order-hub" {
            component "订单" kind="stateless" {
                image "registry.example.com/api:1.20"
                port "http" 8080
                port "admin" 9090
                resources cpu="500m" memory="512Mi"
                env "A" "no"
                env "TOKEN" (secret)"order-token/value"
                depends-on "db" "cache"
                scale min=4 max=400 { cpu "60%" }
                release {
                    batch 1 pause=#true
                    batch "30%" wait="5m"
                    batch "100%"
                }
                expose "internet" port=443 { drain "30s" }
            }
            component "db" { replicas 1 }
            environment "test" {
                component "订单" {
                    remove "env" "A"
                    remove "expose"
                }
                tenant "a" { component "订单" { replicas 2 } }
                tenant "b"
            }
        }
        platform "p" { environment "test" cluster="c1" { cluster "c2" "c3" } }
    "#;

    const YAML: &str = r#"
app:
  name: order-hub
  component:
    - name: 订单
      kind: stateless
      image: registry.example.com/api:1.20
      port:
        - {name: http, number: 8080}
        - [admin, 9090]
      resources: {cpu: 500m, memory: 512Mi}
      env:
        - {name: A, value: no}
        - name: TOKEN
          value: !secret order-token/value
      depends-on: [db, cache]
      scale: {min: 4, max: 400, cpu: "60%"}
      release:
        batch:
          - {size: 1, pause: true}
          - {size: 30%, wait: 5m}
          - "100%"
      expose:
        drain: 30s
        port: 443
        scope: internet
    - {name: db, replicas: 1}
  environment:
    name: test
    component:
      name: 订单
      remove: [[env, A], expose]
    tenant:
      - {name: a, component: {name: 订单, replicas: 2}}
      - b
platform:
  name: p
  environment: {name: test, cluster: [[c1], [c2, c3]]}
"#;

    #[test]
    fn one_document_in_two_syntaxes_is_one_document() {
        assert_eq!(outline(&document("a.kdl", KDL).nodes), outline(&document("a.yaml", YAML).nodes));
    }

    #[test]
    fn what_the_schema_does_not_know_is_kept() {
        insta::assert_snapshot!(outline(&document("a.kdl", "other 1.5 x=#null { y \"z\"; y \"w\"; }").nodes), @r#"
        other Number(1.5)
            x Null
            y Text("z")
            y Text("w")
        "#);
        insta::assert_snapshot!(outline(&document("a.yaml", "other: {x: null, y: [z, w], v: [{a: 1}], u: }").nodes), @r#"
        other
            u
            v
                a Integer(1)
            x Null
            y Text("z") Text("w")
        "#);
    }

    #[test]
    fn the_written_text_decides() {
        let text = "a 1.20 080 1_000 0x1F \"x\\n\" (secret)\"y\"";
        insta::assert_snapshot!(outline(&document("a.kdl", text).nodes), @r#"
        a Number(1.2) Integer(80) Integer(1000) Integer(31) Text("x\n") (secret)Text("y")
        "#);
        let text = "a: [1.20, 080, 1_000, 0x1F, 'x', !secret y, 12:30, no, on, 0o17]";
        insta::assert_snapshot!(outline(&document("a.yaml", text).nodes), @r#"
        a Number(1.2) Integer(80) Text("1_000") Integer(31) Text("x") (secret)Text("y") Text("12:30") Text("no") Text("on") Integer(15)
        "#);
    }

    #[test]
    fn a_gap_before_a_value_keeps_the_value_in_its_place() {
        let port = "app: {component: {port: {number: 80}}}";
        insta::assert_snapshot!(outline(&document("a.yaml", port).nodes), @r#"
        app
            component
                port Null Integer(80)
        "#);
    }

    #[test]
    fn spans_are_right_after_chinese_text() {
        let kdl = "应用 \"订单\" 名=(secret)\"值/值\" {\n  // 注释\n  子 \"乙\" 3\n}";
        let yaml = "# 注释\n应用:\n  名: !secret \"值/值\"\n  子: [\"乙\", 3]\n  文: |\n    一\n    二\n";
        insta::assert_snapshot!(super::testing::places("a.kdl", kdl), @r#"
        "应用 \"订单\" 名=(secret)\"值/值\"" "应用" [("\"订单\"", "\"订单\"")]
        "名=(secret)\"值/值\"" "名" [("(secret)\"值/值\"", "\"值/值\"")]
        "子 \"乙\" 3" "子" [("\"乙\"", "\"乙\""), ("3", "3")]
        "#);
        insta::assert_snapshot!(super::testing::places("a.yaml", yaml), @r#"
        "应用" "应用" []
        "名: !secret \"值/值\"" "名" [("!secret \"值/值\"", "\"值/值\"")]
        "文: |\n    一\n    二\n" "文" [("一\n    二\n", "一\n    二\n")]
        "子: [\"乙\", 3]" "子" [("\"乙\"", "\"乙\""), ("3", "3")]
        "#);
    }
}
