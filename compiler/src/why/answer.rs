//! What was found out about a field, put in order.

use std::collections::BTreeMap;

use serde_json::Value;

use super::compare::{Effect, Hash};
use super::pointer::{Pointer, fields};
use super::search::{Hit, Subject};
use super::written::{Layer, Written};
use super::{Place, Question};
use crate::lower::KINDS;
use crate::resolve::form::Form;
use crate::source::Span;

/// Where everything below the asked field comes from.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The object as people call it: `Deployment/api`.
    pub object: String,
    /// Its name in the cluster.
    pub name: String,
    /// Where it belongs.
    pub place: Place,
    /// What that is called: `prod/merchant-a@hangzhou-1`, or `hangzhou-1` for a cluster.
    pub place_name: String,
    /// What was asked.
    pub pointer: Pointer,
    /// What was asked, if the object has no such field.
    pub missing: Option<Missing>,
    /// The object as YAML.
    pub yaml: String,
    /// Why there is such an object at all, as far as something decides that.
    pub exists: Vec<Cause>,
    /// Every single value at or below the asked field.
    pub fields: Vec<Field>,
    /// What the kind is for; empty for an object of a cluster itself.
    pub kind_docs: &'static str,
}

/// A field that the object does not have, and could.
#[derive(Clone, Debug)]
pub struct Missing {
    /// As it was asked.
    pub pointer: String,
    /// What would bring it.
    pub causes: Vec<Cause>,
}

/// One value of the object and its causes: those that set it, defaults, those that keep it there, declarations. If
/// none sets it and it has no default, it is fixed by the kind.
#[derive(Clone, Debug)]
pub struct Field {
    /// Where it is.
    pub pointer: Pointer,
    /// What it is.
    pub value: Value,
    /// What it comes from.
    pub causes: Vec<Cause>,
    /// The hashes that it holds.
    pub hashes: Vec<Hash>,
}

/// What a cause does to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Another value makes the field another one.
    Sets,
    /// Nothing is written, and what could be written would make the field another one.
    Default,
    /// Without it, or with another value, the field would not be there.
    Keeps,
    /// It declares the name that another cause refers to.
    Declares,
    /// Without it, or with another value, the field would be there.
    Withholds,
}

/// One thing that can be written, and what each layer says of it.
#[derive(Clone, Debug)]
pub struct Cause {
    /// What it does.
    pub role: Role,
    /// What it is about: `component.api.scale.min`.
    pub path: String,
    /// What the language says of it.
    pub docs: &'static str,
    /// What the field is where no layer says anything, if that is allowed.
    pub default: Option<Value>,
    /// What was written, in the order of the layers; for a default the place where it would be written.
    pub says: Vec<Says>,
    /// What another value does.
    pub evidence: Option<Evidence>,
    /// Whether the field is the content of the file that is named.
    pub file: bool,
    /// Whether it is that the node stands there at all; the change that was tried is then to take it away.
    pub node: bool,
    /// Whether nothing of it is written.
    pub absent: bool,
}

/// What one layer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Says {
    /// The layer.
    pub layer: Layer,
    /// Who that is: "environment `prod`".
    pub speaker: String,
    /// What is written.
    pub written: String,
    /// Where.
    pub span: Span,
    /// Whether it holds; otherwise a later layer overrode it.
    pub holds: bool,
}

/// A change that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// What was written instead.
    pub with: String,
    /// What the field was then; absent if it was not there.
    pub becomes: Option<Value>,
    /// Whether that one change was all; names are changed together with what refers to them.
    pub alone: bool,
}

impl Field {
    /// Whether nothing that can be written changes it.
    pub fn is_fixed(&self) -> bool {
        self.hashes.is_empty()
            && !self.causes.iter().any(|cause| matches!(cause.role, Role::Sets | Role::Default))
    }
}

/// Puts the hits in order.
pub fn answer(
    question: &Question,
    pointer: &Pointer,
    written: &[Written],
    hits: &[Hit],
    hashes: &[Hash],
) -> Answer {
    let value = question.object.value();
    let sorting = Sorting { written, hits };
    let field = |(pointer, value): (Pointer, &Value)| Field {
        causes: sorting.causes(|hit| hit.field == pointer && !appears(hit)),
        hashes: held(value, hashes),
        value: value.clone(),
        pointer,
    };
    let asked = fields(&value).into_iter().filter(|(at, _)| at.is_in(pointer));
    Answer {
        pointer: pointer.clone(),
        exists: sorting.causes(|hit| hit.field.is_whole()),
        fields: asked.map(field).collect(),
        ..empty(question)
    }
}

/// What would bring a field that is not there; `None` if nothing was found that does.
pub fn missing(question: &Question, pointer: &str, written: &[Written], hits: &[Hit]) -> Option<Answer> {
    let inside = format!("{pointer}.");
    let asked = |hit: &Hit| {
        let field = hit.field.to_string();
        appears(hit) && (field == pointer || field.starts_with(&inside) || hit.field.json() == pointer)
    };
    let causes = Sorting { written, hits }.causes(asked);
    let missing = Missing { pointer: pointer.to_owned(), causes };
    (!missing.causes.is_empty()).then(|| Answer { missing: Some(missing), ..empty(question) })
}

fn empty(question: &Question) -> Answer {
    let (kind, name) = (question.object.kind(), &question.object.logical_name);
    // The kinds say how a cell's objects are made, which does not hold for a cluster's own.
    let known = match question.place {
        Place::Cell(_) => KINDS.iter().find(|known| known.name == kind),
        Place::Cluster(_) => None,
    };
    Answer {
        object: format!("{kind}/{name}"),
        name: question.object.key().name,
        place: question.place,
        place_name: question.place.name(question.checked),
        pointer: Pointer::default(),
        missing: None,
        yaml: question.object.yaml(),
        exists: Vec::new(),
        fields: Vec::new(),
        kind_docs: known.map_or("", |known| known.docs),
    }
}

fn held(value: &Value, hashes: &[Hash]) -> Vec<Hash> {
    let text = value.as_str().unwrap_or_default();
    hashes.iter().filter(|hash| text.contains(&hash.text)).cloned().collect()
}

struct Sorting<'a> {
    written: &'a [Written<'a>],
    hits: &'a [Hit],
}

impl Sorting<'_> {
    /// The causes that some hits show, in the order in which they are told.
    fn causes(&self, asked: impl Fn(&Hit) -> bool) -> Vec<Cause> {
        let mut subjects: BTreeMap<&Subject, Vec<&Hit>> = BTreeMap::new();
        for hit in self.hits.iter().filter(|hit| asked(hit)) {
            subjects.entry(&hit.subject).or_default().push(hit);
        }
        let set_alone = subjects
            .iter()
            .any(|(subject, hits)| matches!(subject, Subject::Value(..)) && becomes(hits).is_some());
        let mut causes: Vec<Cause> =
            subjects.iter().filter_map(|(subject, hits)| self.cause(subject, hits, set_alone)).collect();
        for (subject, hits) in &subjects {
            let (Subject::Node(path), Some(default)) = (subject, becomes(hits)) else { continue };
            let own = causes.iter_mut().find(|cause| cause.path == *path && cause.role == Role::Sets);
            if let (Some(cause), Effect::Becomes(value)) = (own, &default.effect) {
                cause.default = Some(value.clone());
            }
        }
        // A node that holds another cause does what it does only through it.
        let paths: Vec<(String, bool)> =
            causes.iter().map(|cause| (cause.path.clone(), cause.node)).collect();
        causes.retain(|cause| {
            let inside = |(path, node): &(String, bool)| match path.strip_prefix(&cause.path) {
                Some("") => !node,
                Some(rest) => rest.starts_with('.'),
                None => false,
            };
            !cause.node || !paths.iter().any(inside)
        });
        causes.sort_by_key(|cause| {
            let first = cause.says.iter().find(|says| says.holds).or(cause.says.first());
            (cause.role, first.map(|says| (says.layer, says.span)))
        });
        causes.dedup_by(|a, b| a.path == b.path && a.role == b.role && a.says == b.says);
        causes
    }

    fn cause(&self, subject: &Subject, hits: &[&Hit], set_alone: bool) -> Option<Cause> {
        let changed = becomes(hits);
        let hit = changed.or(hits.first().copied())?;
        let (role, becomes) = match &hit.effect {
            Effect::Becomes(value) => (Role::Sets, Some(value.clone())),
            Effect::Vanishes => (Role::Keeps, None),
            Effect::Appears(value) => (Role::Withholds, Some(value.clone())),
        };
        let whole = |item: &Written, says| Cause {
            role,
            path: item.path.clone(),
            docs: item.node_type.docs,
            default: None,
            says,
            evidence: Some(Evidence { with: hit.with.clone(), becomes: becomes.clone(), alone: hit.alone }),
            file: false,
            node: false,
            absent: false,
        };
        Some(match subject {
            Subject::Value(index, at) => {
                let item = &self.written[*index];
                let file = role == Role::Sets && item.form(*at) == Some(Form::RelativePath);
                Cause { file, ..whole(item, self.values(*index, *at)) }
            }
            Subject::Name(index) => {
                let item = &self.written[*index];
                let role = if set_alone && role == Role::Sets { Role::Declares } else { role };
                Cause { role, ..whole(item, self.declared(*index)) }
            }
            Subject::Node(path) => {
                let same: Vec<&Written> = self.written.iter().filter(|item| item.path == *path).collect();
                let says = same.iter().map(|item| whole_node(item)).collect();
                Cause { node: true, ..whole(same.first()?, says) }
            }
            Subject::Absent(index, chain) => {
                let role = match role {
                    Role::Sets => Role::Default,
                    // That more could be written is no reason why a field is there.
                    Role::Keeps => return None,
                    Role::Default | Role::Declares | Role::Withholds => role,
                };
                let item = &self.written[*index];
                let docs = chain.iter().try_fold(item.node_type, |node, name| node.child(name))?.docs;
                let path = format!("{}.{}", item.path, chain.join("."));
                Cause { role, path, docs, absent: true, ..whole(item, vec![whole_node(item)]) }
            }
        })
    }

    /// Every declaration of one name: an environment's is in the application and in the platform.
    fn declared(&self, index: usize) -> Vec<Says> {
        let item = &self.written[index];
        let mut paths: Vec<&str> = Vec::new();
        let mut all = Vec::new();
        for other in self.written.iter().filter(|other| is_twin(item, other)) {
            if !paths.contains(&other.path.as_str()) {
                paths.push(&other.path);
                all.push(says(other, 0, true));
            }
        }
        all
    }

    /// What every layer says in the place of one value.
    fn values(&self, index: usize, at: usize) -> Vec<Says> {
        let item = &self.written[index];
        let same = |known: &(usize, &Written)| known.1.path == item.path && known.1.node.values.len() > at;
        let all = self.written.iter().enumerate().filter(same);
        all.map(|(known, other)| says(other, at, known == index)).collect()
    }
}

/// Whether two nodes declare one and the same thing.
pub fn is_twin(item: &Written, other: &Written) -> bool {
    let same = other.node.name == item.node.name && other.node.identity() == item.node.identity();
    other.is_identity(0) && same && (other.path == item.path || item.depth == 0 && other.depth == 0)
}

fn appears(hit: &Hit) -> bool {
    matches!(hit.effect, Effect::Appears(_))
}

/// The first hit that makes the field another one.
fn becomes<'h>(hits: &[&'h Hit]) -> Option<&'h Hit> {
    hits.iter().find(|hit| matches!(hit.effect, Effect::Becomes(_))).copied()
}

fn says(item: &Written, at: usize, holds: bool) -> Says {
    let value = &item.node.values[at];
    let written = value.as_text().map_or_else(|| value.written.clone(), str::to_owned);
    Says { layer: item.layer, speaker: item.speaker.clone(), written, span: value.span, holds }
}

fn whole_node(item: &Written) -> Says {
    let (layer, speaker) = (item.layer, item.speaker.clone());
    Says { layer, speaker, written: item.node.name.clone(), span: item.node.span, holds: true }
}
