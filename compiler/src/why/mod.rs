//! Which lines of the documents made a field of an object, and what they overrode.
//!
//! Nothing keeps book while an object is made. Instead each value that was written for a cell or a cluster is changed
//! to another one that the rules accept, and the object is made again: a field that moves depends on that value. So
//! every kind and every field can be explained, also those that are yet to come, and no claim is made that was not
//! tried. What nothing moves is fixed by the kind, whose docs say what it is for.

mod answer;
mod compare;
mod json;
mod lines;
pub mod other;
mod place;
mod pointer;
mod probe;
mod search;
mod slice;
mod text;
mod written;

pub use answer::{Answer, Cause, Evidence, Field, Missing, Role, Says};
pub use compare::Hash;
pub use json::json;
pub use lines::{Manifest, manifests};
pub use place::Place;
pub use pointer::{NoField, Pointer, Step, fields};
pub use text::text;
pub use written::Layer;

use crate::check::Checked;
use crate::document::Document;
use crate::object::{Bundle, Object};
use crate::resolve::Files;
use crate::resolve::form::nearest;

/// What is asked about: one object of one cell, or of a cluster itself.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// What was written.
    pub document: &'a Document,
    /// The files that the documents refer to.
    pub files: &'a Files,
    /// What the documents mean.
    pub checked: &'a Checked,
    /// The cell or the cluster.
    pub place: Place,
    /// One of its objects.
    pub object: &'a Object,
}

/// Finds where a field, or everything below it, comes from. The object must be of the place,
/// and the place of the application.
pub fn why(question: &Question, pointer: &Pointer) -> Answer {
    let probe = probe::Probe::new(question);
    let written = written::written(&probe.document);
    let hits = search::search(&probe, &written);
    answer::answer(question, pointer, &written, &hits, &probe.hashes())
}

/// Finds why a field is not there: what could be written, or left out, so that it would be. `None` if nothing was
/// found, as for a field that no object of the kind has.
pub fn why_not(question: &Question, pointer: &str) -> Option<Answer> {
    let probe = probe::Probe::new(question);
    let written = written::written(&probe.document);
    let hits = search::search(&probe, &written);
    answer::missing(question, pointer, &written, &hits)
}

/// The object that people call `Deployment/api`, by its logical name or the one it has in the cluster; otherwise
/// what they may have meant.
pub fn find<'a>(bundle: &'a Bundle, name: &str) -> Result<&'a Object, String> {
    let logical = |object: &Object| format!("{}/{}", object.kind(), object.logical_name);
    let same = |object: &&Object| {
        let (wanted_kind, wanted) = name.split_once('/').unwrap_or(("", name));
        let kind = object.kind().eq_ignore_ascii_case(wanted_kind);
        kind && (object.logical_name == wanted || object.key().name == wanted)
    };
    bundle.objects.iter().find(same).ok_or_else(|| {
        let all: Vec<String> = bundle.objects.iter().map(logical).collect();
        match nearest(name, all.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has {}", all.join(", ")),
        }
    })
}
