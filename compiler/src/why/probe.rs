//! One object of a cell or a cluster, made again from documents that say something else.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use super::compare::{Hash, hashes, masked};
use super::slice::{first, neighbours, slice};
use super::{Place, Question};
use crate::diag::{Diagnostics, Severity};
use crate::document::{self, Document, Node};
use crate::object::{Bundle, Object};
use crate::resolve::Files;
use crate::source::Span;

/// The smallest part of the documents that makes the object as all of them make it.
pub struct Probe<'a> {
    /// That part.
    pub document: Document,
    files: &'a Files,
    /// Where the object belongs in that part.
    place: Place,
    /// What the object is called, and how many of its kind come before it.
    object: (&'static str, String, usize),
}

/// A change of a document.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Another value of a node.
    Write(Vec<usize>, usize, document::Value),
    /// One more child of a node, after the others.
    Insert(Vec<usize>, Node),
    /// A node less.
    Remove(Vec<usize>),
}

/// The object that a changed document makes.
#[derive(Clone, Debug, PartialEq)]
pub enum Made {
    /// The object, with its hashes masked.
    Object(Value),
    /// The documents are right, and there is no such object.
    Nothing,
}

impl<'a> Probe<'a> {
    /// Looks for the part: the component alone, it and its neighbours, both in every cell, the cell, everything.
    pub fn new(question: &Question<'a>) -> Self {
        let cell = question.place.cell_name(question.checked);
        let whole = question.document;
        let some: [BTreeSet<String>; 2] = match &question.object.component {
            Some(name) => [BTreeSet::from([name.clone()]), neighbours(whole, name)],
            None => [BTreeSet::new(), first(whole)],
        };
        let parts = [cell.as_ref(), None].into_iter().flat_map(|cell| {
            let kept = [Some(&some[0]), Some(&some[1])];
            kept.map(|kept| slice(whole, cell, kept))
        });
        let parts = parts.chain(std::iter::once_with(|| slice(whole, cell.as_ref(), None)));
        let wanted = question.object.value();
        let probes = parts.filter_map(|part| Self::of(part, question));
        let mut fitting = probes.filter(|probe| {
            let bundle = probe.bundle(&probe.document, probe.files);
            let object = bundle.as_ref().and_then(|bundle| probe.find(bundle, false));
            object.is_some_and(|object| object.value() == wanted)
        });
        fitting
            .next()
            .or_else(|| Self::of(whole.clone(), question))
            .expect("a checked application compiles again")
    }

    fn of(document: Document, question: &Question<'a>) -> Option<Self> {
        let mut diagnostics = Diagnostics::default();
        let checked = crate::compile(&document, question.files, &mut diagnostics)?;
        let place = question.place.in_part(question.checked, &checked)?;
        let bundle = place.bundle(&checked)?;
        let (kind, name) = (question.object.kind(), question.object.logical_name.clone());
        let same_kind = || bundle.objects.iter().filter(|object| object.kind() == kind);
        let nth = same_kind().position(|object| object.logical_name == name)?;
        let files = question.files;
        Some(Self { document, files, place, object: (kind, name, nth) })
    }

    /// The hashes in the names of the objects.
    pub fn hashes(&self) -> Vec<Hash> {
        self.bundle(&self.document, self.files).map(|bundle| hashes(&bundle)).unwrap_or_default()
    }

    /// The object that the edited documents make; `None` if a rule refuses them. A renamed object is found where
    /// the old one stood.
    pub fn make(&self, edits: &[Edit], file: Option<(String, String)>, renamed: bool) -> Option<Made> {
        let document = self.edited(edits);
        let mut files = Cow::Borrowed(self.files);
        if let Some((path, content)) = file {
            files.to_mut().insert(path, content);
        }
        let bundle = self.bundle(&document, &files)?;
        let Some(object) = self.find(&bundle, renamed) else { return Some(Made::Nothing) };
        Some(Made::Object(masked(&object.value(), &hashes(&bundle))))
    }

    /// Where the first error of the edited documents lies, all its places; empty if they are right.
    pub fn refusal(&self, edits: &[Edit]) -> Vec<Span> {
        let document = self.edited(edits);
        let mut diagnostics = Diagnostics::default();
        if crate::compile(&document, self.files, &mut diagnostics).is_some() {
            return Vec::new();
        }
        let error = diagnostics.sorted().into_iter().find(|found| found.rule.severity == Severity::Error);
        error.map(|error| error.labels.iter().map(|label| label.span).collect()).unwrap_or_default()
    }

    fn edited(&self, edits: &[Edit]) -> Cow<'_, Document> {
        let mut document = Cow::Borrowed(&self.document);
        if !edits.is_empty() {
            apply(document.to_mut(), edits);
        }
        document
    }

    /// The content of a file that the documents refer to.
    pub fn file(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    fn bundle(&self, document: &Document, files: &Files) -> Option<Bundle> {
        let checked = crate::compile(document, files, &mut Diagnostics::default())?;
        self.place.bundle(&checked)
    }

    fn find<'b>(&self, bundle: &'b Bundle, renamed: bool) -> Option<&'b Object> {
        let (kind, name, nth) = &self.object;
        let of_kind = || bundle.objects.iter().filter(|object| object.kind() == *kind);
        let stands = || of_kind().nth(*nth).filter(|_| renamed);
        of_kind().find(|object| object.logical_name == *name).or_else(stands)
    }
}

/// The node at a place.
fn node_at<'d>(document: &'d mut Document, place: &[usize]) -> Option<&'d mut Node> {
    let (first, rest) = place.split_first()?;
    rest.iter().try_fold(document.nodes.get_mut(*first)?, |node, index| node.children.get_mut(*index))
}

fn apply(document: &mut Document, edits: &[Edit]) {
    let mut removed: Vec<&Vec<usize>> = Vec::new();
    for edit in edits {
        match edit {
            Edit::Write(place, index, value) => {
                let slot = node_at(document, place).and_then(|node| node.values.get_mut(*index));
                *slot.expect("edits name values that are there") = value.clone();
            }
            Edit::Insert(place, node) => {
                let parent = node_at(document, place).expect("edits name nodes that are there");
                parent.children.push(node.clone());
            }
            Edit::Remove(place) => removed.push(place),
        }
    }
    // The last ones first, so that places stay true.
    removed.sort_unstable_by(|a, b| b.cmp(a));
    for place in removed {
        let (last, parent) = place.split_last().expect("a place is never empty");
        match node_at(document, parent) {
            Some(parent) => drop(parent.children.remove(*last)),
            None => drop(document.nodes.remove(*last)),
        }
    }
}
