//! Which field stands on which line of a manifest.

use std::collections::{BTreeMap, BTreeSet};

use granit_parser::{Event, Parser, options};

use super::pointer::{Pointer, Step};

/// One object of a file of manifests, as far as it can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Every scalar, by its field, without its quotes.
    pub scalars: BTreeMap<Pointer, String>,
    /// The field that begins on a line, or goes on there; lines count from 1.
    pub lines: BTreeMap<usize, Pointer>,
}

impl Manifest {
    /// The scalar that a JSON pointer names.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        let found = self.scalars.iter().find(|(known, _)| known.json() == pointer);
        found.map(|(_, text)| text.as_str())
    }

    /// The field on a line; a blank line or a comment belongs to what stands above it.
    pub fn field(&self, line: usize) -> Option<&Pointer> {
        self.lines.range(..=line).next_back().map(|(_, pointer)| pointer)
    }

    /// Whether the line is one of the object's.
    pub fn holds(&self, line: usize) -> bool {
        let (first, last) = (self.lines.keys().next(), self.lines.keys().next_back());
        first.is_some_and(|first| *first <= line) && last.is_some_and(|last| *last >= line)
    }
}

/// Every object of a text; `None` if it is not YAML.
pub fn manifests(text: &str) -> Option<Vec<Manifest>> {
    // Objects nest about ten deep; a file that says otherwise is not one of ours.
    let options = options! { emit_comments: false, flow_nesting_limit: 64, block_nesting_limit: 64 };
    let mut reading = Reading { text, manifests: Vec::new(), open: Vec::new(), shared: BTreeSet::new() };
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.ok()?;
        reading.take(event, span.byte_range().unwrap_or(0..0))?;
    }
    Some(reading.manifests)
}

/// A map or list whose end is still to come.
enum Open {
    /// The key that waits for its value.
    Map(Pointer, Option<String>),
    /// How many entries there are.
    List(Pointer, usize),
}

struct Reading<'a> {
    text: &'a str,
    manifests: Vec<Manifest>,
    open: Vec<Open>,
    /// The lines that several fields share.
    shared: BTreeSet<usize>,
}

impl Reading<'_> {
    /// Takes one event; `None` for what no manifest of ours holds.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the events are the parser's, and may become more")]
    fn take(&mut self, event: Event, bytes: std::ops::Range<usize>) -> Option<()> {
        match event {
            Event::DocumentStart(..) => self.manifests.push(Manifest::default()),
            Event::MappingStart(..) => {
                let at = self.next();
                self.mark(&at, bytes.start..bytes.start);
                self.open.push(Open::Map(at, None));
            }
            Event::SequenceStart(..) => {
                let at = self.next();
                self.open.push(Open::List(at, 0));
            }
            Event::MappingEnd | Event::SequenceEnd => {
                self.open.pop()?;
            }
            Event::Scalar(text, ..) => match self.open.last_mut() {
                Some(Open::Map(at, key @ None)) => {
                    let here = at.then(Step::Key(text.to_string()));
                    *key = Some(text.into_owned());
                    self.mark(&here, bytes.start..bytes.start);
                }
                Some(Open::Map(..) | Open::List(..)) | None => {
                    let here = self.next();
                    self.mark(&here, bytes);
                    self.manifests.last_mut()?.scalars.insert(here, text.into_owned());
                }
            },
            // What specc writes has no anchors.
            Event::Alias(_) => return None,
            _ => {}
        }
        Some(())
    }

    /// The field that the next value is.
    fn next(&mut self) -> Pointer {
        match self.open.last_mut() {
            Some(Open::Map(at, key)) => at.then(Step::Key(key.take().unwrap_or_default())),
            Some(Open::List(at, count)) => {
                *count += 1;
                at.then(Step::Index(*count - 1))
            }
            None => Pointer::default(),
        }
    }

    /// Several fields on one line are what they have in common, unless each is inside the one before.
    fn mark(&mut self, at: &Pointer, bytes: std::ops::Range<usize>) {
        let line = |byte: usize| self.text.get(..byte).unwrap_or_default().matches('\n').count() + 1;
        // The end of a block of text is the beginning of the line after it.
        let ends = self.text.get(bytes.clone()).unwrap_or_default().trim_end().len() + bytes.start;
        let lines = line(bytes.start)..=line(ends);
        let Some(manifest) = self.manifests.last_mut() else { return };
        for line in lines {
            let known = manifest.lines.entry(line).or_insert_with(|| at.clone());
            if at.is_in(known) && !self.shared.contains(&line) {
                *known = at.clone();
            } else if !at.is_in(known) {
                *known = known.common(at);
                self.shared.insert(line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
kind: Deployment
spec:
  containers:
  - env:
    - name: A
      value: \"1\"
    image: a:1
  data: |
    one
    two
  flow: {a: 1, b: 2}
---
kind: Service
";

    #[test]
    fn every_line_has_its_field() {
        let found = manifests(TEXT).expect("the text is YAML");
        let lines: Vec<String> = found
            .iter()
            .flat_map(|manifest| &manifest.lines)
            .map(|(line, at)| format!("{line} {at}"))
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        1 kind
        2 spec
        3 spec.containers
        4 spec.containers.0.env
        5 spec.containers.0.env.0.name
        6 spec.containers.0.env.0.value
        7 spec.containers.0.image
        8 spec.data
        9 spec.data
        10 spec.data
        11 spec.flow
        13 kind
        ");
        assert_eq!(found[0].text("/spec/containers/0/env/0/value"), Some("1"));
        assert!(found[0].holds(4) && !found[0].holds(13) && found[1].holds(13));
    }

    #[test]
    fn what_is_not_yaml_has_no_fields() {
        assert_eq!(manifests("a: [1\nb: }"), None);
    }
}
