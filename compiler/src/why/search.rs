//! Which written values an object depends on: each is changed, and the object made again.

use std::collections::BTreeSet;

use super::answer::is_twin;
use super::compare::{Effect, compare};
use super::other::{example, others};
use super::pointer::Pointer;
use super::probe::{Edit, Made, Probe};
use super::written::Written;
use crate::document::{Node, Scalar, Value};
use crate::resolve::form::Form;
use crate::resolve::schema::{ArgumentCount, NodeType};

/// What was changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A value: the index of its node in the list of what is written, and its own.
    Value(usize, usize),
    /// A name, with all that refer to it.
    Name(usize),
    /// A node, which was taken away in every layer: its path.
    Node(String),
    /// A field that is not written, below a node that is.
    Absent(usize, Vec<&'static str>),
}

/// One field that one change moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// What was changed.
    pub subject: Subject,
    /// What was written instead.
    pub with: String,
    /// The field; the whole object if it vanished.
    pub field: Pointer,
    /// What became of it.
    pub effect: Effect,
    /// Whether that one change was all, without others that the rules ask for.
    pub alone: bool,
}

/// How deep absent nodes are put into absent nodes.
const ABSENT_MAX: usize = 3;

/// How many nodes are taken away so that one value can change.
const REPAIRS_MAX: usize = 4;

/// Tries everything that is written, and what is not.
pub fn search(probe: &Probe, written: &[Written]) -> Vec<Hit> {
    let base = probe.make(&[], None, false).expect("a probe's own documents compile");
    let mut search = Search { probe, written, base, hits: Vec::new() };
    for (index, item) in written.iter().enumerate() {
        // An order to take away has no field of its own.
        if item.node.name == "remove" {
            continue;
        }
        let first = written.iter().position(|known| known.path == item.path) == Some(index);
        for (value_index, value, form) in item.values() {
            // A name is changed wherever it is declared at once.
            let named = item.is_identity(value_index);
            let known = named && written[..index].iter().any(|other| is_twin(item, other));
            if known || named && search.rename(index, value, form) {
                continue;
            }
            search.write(index, value_index, value, form);
        }
        if first && item.depth > 0 {
            search.remove(item);
        }
        if first {
            search.absent(index);
        }
    }
    search.hits
}

/// One change that was tried.
struct Change<'a> {
    subject: &'a Subject,
    with: &'a str,
    /// Whether something has another name after it.
    renamed: bool,
    alone: bool,
}

struct Search<'p, 'w> {
    probe: &'p Probe<'p>,
    written: &'w [Written<'w>],
    base: Made,
    hits: Vec<Hit>,
}

impl Search<'_, '_> {
    /// Records what an edit does; `false` if a rule refuses it.
    fn attempt(&mut self, subject: &Subject, with: &str, edits: &[Edit], renamed: bool) -> bool {
        let made = self.probe.make(edits, None, renamed);
        let change = Change { subject, with, renamed, alone: edits.len() == 1 && self.is_complete(subject) };
        self.record(&change, None, made)
    }

    /// Whether all that a change can ask for is in the part of the documents that was read: what refers to a
    /// component or an environment may be elsewhere.
    fn is_complete(&self, subject: &Subject) -> bool {
        match subject {
            Subject::Name(index) => self.written[*index].depth > 0,
            Subject::Value(..) | Subject::Node(_) | Subject::Absent(..) => true,
        }
    }

    /// Records what differs from the object that `base`, or the documents as they are, makes.
    fn record(&mut self, change: &Change, base: Option<&Made>, made: Option<Made>) -> bool {
        let (Made::Object(old), Some(made)) = (base.unwrap_or(&self.base), made) else { return false };
        let found = match &made {
            Made::Object(new) => {
                let mut found = compare(old, new, change.renamed);
                let came = compare(new, old, change.renamed).into_iter();
                let came = came.filter(|(_, effect)| *effect == Effect::Vanishes);
                found.extend(came.filter_map(|(field, _)| {
                    let value = field.value(new)?.clone();
                    Some((field, Effect::Appears(value)))
                }));
                found
            }
            Made::Nothing => vec![(Pointer::default(), Effect::Vanishes)],
        };
        let hit = |(field, effect)| Hit {
            subject: change.subject.clone(),
            with: change.with.to_owned(),
            field,
            effect,
            alone: change.alone,
        };
        self.hits.extend(found.into_iter().map(hit));
        true
    }

    /// Changes a name in every place that means it.
    fn rename(&mut self, index: usize, value: &Value, form: Form) -> bool {
        // A container mounts a volume by its name, which a form cannot tell from a name of its own.
        [false, true].into_iter().any(|every_kind| {
            let mut passed = false;
            for other in others(form, value, &[]).iter().take(2) {
                let meant = self.meant(index, value, form, every_kind);
                let edits: Vec<Edit> = meant.map(|(place, at)| write(place, at, other)).collect();
                passed |= self.attempt(&Subject::Name(index), &other.written, &edits, true);
            }
            passed
        })
    }

    /// The places of a name: where it is declared in any layer, and where it is referred to; with `every_kind` also
    /// where nodes of other kinds have that name.
    fn meant<'s>(
        &'s self,
        index: usize,
        value: &'s Value,
        form: Form,
        every_kind: bool,
    ) -> impl Iterator<Item = (&'s Written<'s>, usize)> {
        let declared = &self.written[index];
        // A component's name means something everywhere, the name of its port only inside.
        let local = declared.depth > 0 && declared.component().is_some();
        let inside = move |item: &&Written| !local || item.component() == declared.component();
        self.written.iter().filter(inside).flat_map(move |item| {
            let same = move |(_, other, other_form): &(usize, &Value, Form)| {
                let refers = *other_form == Form::Reference
                    || *other_form == form && (form != Form::Name || every_kind && local);
                let of_kind = item.node.name == declared.node.name;
                other.scalar == value.scalar && (refers || of_kind || item.node.name == "remove")
            };
            item.values().filter(same).map(move |(at, _, _)| (item, at))
        })
    }

    /// Changes one value; if no change alone passes the rules, the name it refers to or all equal values with it.
    fn write(&mut self, index: usize, at: usize, value: &Value, form: Form) {
        let item = &self.written[index];
        let subject = Subject::Value(index, at);
        let mut passed = false;
        let tried = others(form, value, &self.names(index, at, form));
        for other in &tried {
            if form == Form::RelativePath {
                passed |= self.read_elsewhere(&subject, item, at, other, value);
            } else {
                passed |= self.attempt(&subject, &other.written, &[write(item, at, other)], false);
            }
        }
        if passed || self.refer(index, at, value, form) {
            return;
        }
        for other in &tried {
            let equal = self.written.iter().flat_map(|item| {
                let same = |(_, known, form): &(usize, &Value, Form)| {
                    known.scalar == value.scalar && known.tag == value.tag && form.check(other).is_ok()
                };
                item.values().filter(same).map(move |(at, _, _)| write(item, at, other))
            });
            let edits: Vec<Edit> = equal.collect();
            passed |= self.attempt(&subject, &other.written, &edits, false);
        }
        // What operators allow is not what makes a field: only components are taken apart.
        if !passed && matches!(form, Form::Word(_)) && item.component().is_some() {
            tried.iter().any(|other| self.repair(&subject, item, at, other));
        }
    }

    /// Changes one value and takes away what the rules then refuse, as a build of Windows is on Linux.
    fn repair(&mut self, subject: &Subject, item: &Written, at: usize, other: &Value) -> bool {
        let mut edits = vec![write(item, at, other)];
        for _ in 0..REPAIRS_MAX {
            let refused = self.probe.refusal(&edits);
            let inside = |known: &&Written| {
                let around = item.place.starts_with(&known.place);
                // What was taken away already would be found again.
                let gone = edits
                    .iter()
                    .any(|edit| matches!(edit, Edit::Remove(place) if known.place.starts_with(place)));
                !around && !gone && refused.iter().any(|span| known.node.span.contains(*span))
            };
            let deepest = self.written.iter().filter(inside).max_by_key(|known| known.place.len());
            let Some(remove) = deepest.map(|known| Edit::Remove(known.place.clone())) else { break };
            edits.push(remove);
        }
        self.attempt(subject, &other.written, &edits, false)
    }

    /// The names that could stand where this one stands.
    fn names(&self, index: usize, at: usize, form: Form) -> Vec<String> {
        let item = &self.written[index];
        if item.is_identity(at) || form == Form::Text || form == Form::TextOrSecret {
            return Vec::new();
        }
        let near = |known: &&Written| {
            let declares = known.node_type.has_identity();
            let fits =
                form == Form::Reference && known.form(0) == Some(Form::Name) || known.form(0) == Some(form);
            declares && fits && (form == Form::Reference || known.component() == item.component())
        };
        let names: BTreeSet<String> = self
            .written
            .iter()
            .filter(near)
            .filter_map(|known| known.node.identity())
            .map(str::to_owned)
            .collect();
        names.into_iter().take(4).collect()
    }

    /// The content of a file is what its path stands for.
    fn read_elsewhere(
        &mut self,
        subject: &Subject,
        item: &Written,
        at: usize,
        other: &Value,
        value: &Value,
    ) -> bool {
        let content = value.as_text().and_then(|path| self.probe.file(path));
        let Some(content) = content else { return false };
        let file = Some((other.written.clone(), format!("{content}another line\n")));
        let made = self.probe.make(&[write(item, at, other)], file, false);
        self.record(&Change { subject, with: &other.written, renamed: false, alone: false }, None, made)
    }

    /// Declares the same thing under another name too, and refers to that.
    fn refer(&mut self, index: usize, at: usize, value: &Value, form: Form) -> bool {
        let item = &self.written[index];
        let is_meant = |known: &&Written| {
            let fits = form == Form::Reference || known.form(0) == Some(form);
            let near = form == Form::Reference || known.component() == item.component();
            known.node_type.has_identity() && fits && near && known.node.identity() == value.as_text()
        };
        let Some(declared) = self.written.iter().find(is_meant) else { return false };
        let (Some(name), Some(form)) = (declared.node.values.first(), declared.form(0)) else { return false };
        for other in others(form, name, &[]).iter().take(2) {
            let mut twin = declared.node.clone();
            for value in twin.values.iter_mut().skip(1) {
                if let Scalar::Integer(number) = value.scalar {
                    *value = super::other::with(value, Scalar::Integer(number + 1));
                }
            }
            twin.values[0] = other.clone();
            let parent = declared.place[..declared.place.len() - 1].to_vec();
            let twin = Edit::Insert(parent, twin);
            let Some(base) = self.probe.make(std::slice::from_ref(&twin), None, false) else { continue };
            let made = self.probe.make(&[twin, write(item, at, other)], None, false);
            let subject = &Subject::Value(index, at);
            let change = Change { subject, with: &other.written, renamed: false, alone: false };
            if self.record(&change, Some(&base), made) {
                return true;
            }
        }
        false
    }

    /// Takes a node away in every layer.
    fn remove(&mut self, item: &Written) {
        let same = self.written.iter().filter(|known| known.path == item.path);
        let edits: Vec<Edit> = same.map(|known| Edit::Remove(known.place.clone())).collect();
        self.attempt(&Subject::Node(item.path.clone()), "", &edits, false);
    }

    /// Writes each field that the node could have and does not, in the first layer that has the node.
    fn absent(&mut self, index: usize) {
        let item = &self.written[index];
        let mut fields = Vec::new();
        let written = |path: &str| self.written.iter().any(|known| known.path == path);
        for child in item.node_type.children {
            if !written(&format!("{}.{}", item.path, child.name)) {
                below(child, &mut vec![*child], &mut fields);
            }
        }
        for chain in fields {
            let Some(field) = chain.last() else { continue };
            let form = field.arguments[0].form;
            let example = example(form);
            let mut values = others(form, &example, &self.names(index, usize::MAX, form));
            values.insert(0, example);
            let subject = Subject::Absent(index, chain.iter().map(|step| step.name).collect());
            for value in values.into_iter().take(4) {
                let with = value.written.clone();
                let edit = Edit::Insert(item.place.clone(), nested(&chain, value, item.node));
                self.attempt(&subject, &with, &[edit], false);
            }
        }
    }
}

/// The fields of an absent node, each with the way to it.
fn below(
    node: &'static NodeType,
    chain: &mut Vec<&'static NodeType>,
    fields: &mut Vec<Vec<&'static NodeType>>,
) {
    if node.many || chain.len() > ABSENT_MAX {
        return;
    }
    if node.is_field() {
        fields.push(chain.clone());
    }
    // A node with a value of its own is a decision, not a place for defaults.
    if node.arguments.iter().any(|argument| argument.count == ArgumentCount::One) {
        return;
    }
    for child in node.children {
        chain.push(child);
        below(child, chain, fields);
        chain.pop();
    }
}

/// The last of the chain with its value, inside the others.
fn nested(chain: &[&'static NodeType], value: Value, near: &Node) -> Node {
    let node = |name: &str, values: Vec<Value>, children: Vec<Node>| Node {
        name: name.to_owned(),
        name_span: near.name_span,
        values,
        children,
        span: near.span,
        is_property: false,
    };
    let (last, outer) = chain.split_last().expect("a field has a name");
    let value = Value { span: near.span, ..value };
    outer.iter().rev().fold(node(last.name, vec![value], Vec::new()), |inner, step| {
        node(step.name, Vec::new(), vec![inner])
    })
}

fn write(item: &Written, at: usize, other: &Value) -> Edit {
    // The place keeps its own span and tag.
    let mut value = item.node.values[at].clone();
    value.scalar = other.scalar.clone();
    value.written.clone_from(&other.written);
    Edit::Write(item.place.clone(), at, value)
}
