//! KDL → the same document in its canonical form, with every comment.
//!
//! - Four spaces a block, one node a line, no `;`, at most one blank line, and none at the edges of a block.
//! - Arguments first, then properties in the order in which the schema lists them, then the block. Texts are
//!   quoted, names are not unless they must be; numbers stay as they are written.
//! - A field of the schema is a property or a child as [`NodeType::has_property`] says; in a block where a comment
//!   belongs to a field that would move out of it, all stay, so that comments keep their place. What the schema does
//!   not know, and what is there twice, stays as it is written.
//! - A line goes on behind `\` where it would be longer than 120 columns.
//! - Comments behind consecutive lines of a block begin in one column, two spaces behind the longest line.
//!
//! [`NodeType::has_property`]: crate::resolve::schema::NodeType::has_property

mod arrange;
mod print;
mod tree;

use crate::diag::Diagnostics;
use crate::document::{Node, Value};
use crate::parse::kdl::token;
use crate::parse::report::Report;
use crate::parse::{TEXT_BYTES_MAX, parse};
use crate::resolve::schema::ROOT;
use crate::rules;
use crate::source::{Source, Sources};

/// The canonical form of a KDL text; `None` where the text has mistakes, which are reported.
pub fn format(source: &Source, diagnostics: &mut Diagnostics) -> Option<String> {
    let mut found = Diagnostics::default();
    let document = parse(source, &mut found);
    if found.has_errors() {
        diagnostics.extend(found.sorted().into_iter().cloned());
        return None;
    }
    let tokens = token::scan(&source.text, &mut Report::new(source, &mut found));
    let mut items = tree::read(&source.text, &tokens);
    arrange::items(&mut items, Some(&ROOT));
    let formatted = Sources::default().add(source.path.clone(), print::text(&items));
    let bytes = formatted.text.len();
    if bytes > TEXT_BYTES_MAX {
        // Indentation makes a long text longer.
        diagnostics.push(rules::file_too_large::new(bytes as u64, source.span(0, 0)));
        return None;
    }
    let again = parse(&formatted, &mut found);
    assert!(same(&document.nodes, &again.nodes), "the canonical form of a document means the same");
    Some(formatted.text.to_string())
}

/// Whether nodes mean the same; the order of nodes of different names means nothing.
fn same(before: &[Node], after: &[Node]) -> bool {
    fn sorted(nodes: &[Node]) -> Vec<&Node> {
        let mut nodes: Vec<&Node> = nodes.iter().collect();
        nodes.sort_by_key(|node| &node.name);
        nodes
    }
    let value = |(before, after): (&Value, &Value)| {
        let scalar = match before.as_text() {
            Some(text) => after.as_text() == Some(text),
            None => after.written == before.written,
        };
        scalar && before.tag == after.tag
    };
    let node = |(before, after): (&&Node, &&Node)| {
        before.name == after.name
            && before.values.len() == after.values.len()
            && before.values.iter().zip(&after.values).all(value)
            && same(&before.children, &after.children)
    };
    before.len() == after.len() && sorted(before).iter().zip(&sorted(after)).all(node)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatted(text: &str) -> String {
        let mut diagnostics = Diagnostics::default();
        let formatted = format(&Sources::default().add("a.kdl", text), &mut diagnostics);
        let formatted = formatted.unwrap_or_else(|| panic!("{:?}", diagnostics.sorted()));
        let again = format(&Sources::default().add("a.kdl", formatted.as_str()), &mut diagnostics);
        assert_eq!(again.as_ref(), Some(&formatted), "what is canonical stays");
        formatted
    }

    #[test]
    fn a_field_is_a_property_or_a_child() {
        let text = r#"
            app shop {
                component "web" image="a:1" replicas=2 { kind "stateless"; resources { memory "1Gi"; cpu 1; }
                    expose "internet" { drain "5s"; port 80; }; scale { min 4; max 8; cpu "60%"; } }
            }
            other { a 1; b 2; }
        "#;
        insta::assert_snapshot!(formatted(text), @r##"
        app "shop" {
            component "web" kind="stateless" {
                image "a:1"
                replicas 2
                resources cpu=1 memory="1Gi"
                expose "internet" port=80 drain="5s"
                scale min=4 max=8 cpu="60%"
            }
        }
        other {
            a 1
            b 2
        }
        "##);
    }

    #[test]
    fn comments_keep_their_place() {
        let text = r#"

            // About the application.


            app "shop" { // opens
                // About the component.
                component "web" /* after its name */ image="a:1" /* before kind */ kind=stateless {
                    /- port "admin" 9090 // left out
                    replicas 2 // two
                    burst "never"   // no ECI

                    scale { // bounds
                        // The least.
                        min 4; max 8 /* the greatest */; /* share */ cpu "60%"
                    }
                    expose "internet" { port 80; } // at the end
                    readiness \ // how it is asked
                        http="/" \
                        /- port="http"
                    /* one
                       two */
                }
                // The last.
            } /* closes */ // really
            // The end.
        "#;
        insta::assert_snapshot!(formatted(text), @r##"
        // About the application.

        app "shop" {  // opens
            // About the component.
            component "web" /* before kind */ kind="stateless" {
                /* after its name */
                image "a:1"
                /-port "admin" 9090  // left out
                replicas 2           // two
                burst "never"        // no ECI

                scale {  // bounds
                    // The least.
                    min 4
                    max 8  /* the greatest */
                    /* share */
                    cpu "60%"
                }
                expose "internet" port=80  // at the end
                readiness \ // how it is asked
                        http="/" /-port="http"
                /* one
                               two */
            }
            // The last.
        }  /* closes */ // really
        // The end.
        "##);
    }

    #[test]
    fn odd_texts_keep_their_meaning() {
        let text = r##"
"a" "b"=("secret") "x/y" "c d"=1
n #true 0x1F 1_000 """
    two
    lines
    """ #"a "raw" text"# bare "true" -x
/-gone { x; }
block /-{ a } { b } /-{ c }
empty {}
"##;
        assert_eq!(formatted(text), formatted(&text.replace('\n', "\r\n")));
        insta::assert_snapshot!(formatted(text), @r##"
        a b=(secret)"x/y" "c d"=1
        n #true 0x1F 1_000 """
            two
            lines
            """ #"a "raw" text"# "bare" "true" "-x"
        /-gone {
            x
        }
        block /-{
            a
        } {
            b
        } /-{
            c
        }
        empty
        "##);
    }

    #[test]
    fn long_lines_go_on_and_comments_line_up() {
        let long = "x".repeat(40);
        let text = format!(
            "a \"{long}\" \"{long}\" b=\"{long}\" c=1 {{ d }}\ne 1 // one\n名称 1 // two\n\nf // three\n"
        );
        insta::assert_snapshot!(formatted(&text), @r##"
        a "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
                b="xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" c=1 {
            d
        }
        e 1     // one
        名称 1  // two

        f  // three
        "##);
    }

    #[test]
    fn a_text_with_a_mistake_has_no_canonical_form() {
        let mut diagnostics = Diagnostics::default();
        assert_eq!(format(&Sources::default().add("a.kdl", "app \"shop\" {"), &mut diagnostics), None);
        assert!(diagnostics.has_errors());
    }
}
