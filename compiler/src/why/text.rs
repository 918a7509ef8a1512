//! An answer for people: each line of the documents that has a part in a field, in order.

use serde_json::Value;

use super::answer::{Answer, Cause, Field, Role, Says};
use super::lines::manifests;
use super::pointer::Pointer;
use crate::diag::{Label, excerpt, visible};
use crate::source::Sources;

/// One field with the source text of every cause, or the manifest with the place that made each line.
pub fn text(answer: &Answer, sources: &Sources, colour: bool) -> String {
    let head = format!("{} in {}\n", answer.object, answer.place.titled(&answer.place_name));
    if let Some(missing) = &answer.missing {
        let mut text = visible(&format!("{head}{} is not there\n", missing.pointer));
        text.extend(missing.causes.iter().map(|cause| told(cause, None, sources, colour)));
        return text;
    }
    match answer.fields.as_slice() {
        [field] if field.pointer == answer.pointer => head + &one(answer, field, sources, colour),
        // Nothing of what was written may steer a terminal.
        _ => visible(&(head + &many(answer, sources))),
    }
}

fn one(answer: &Answer, field: &Field, sources: &Sources, colour: bool) -> String {
    let mut text = visible(&format!("{}: {}\n", field.pointer, shown(&field.value)));
    for hash in &field.hashes {
        let whose = if hash.object == answer.object { String::new() } else { format!(" of {}", hash.object) };
        text.push_str(&format!(
            "\n`{}` is the hash of `{}`{whose} and changes with everything in there: ask for `{} {}`\n",
            hash.text, hash.part, hash.object, hash.part
        ));
    }
    if field.is_fixed() {
        let place = answer.place.word();
        text.push_str(&format!(
            "\nfixed: nothing that can be written for this {place} makes it another value\n"
        ));
        if !answer.kind_docs.is_empty() {
            text.push_str(&format!("  {}: {}\n", kind(answer), answer.kind_docs));
        }
        // What keeps a fixed field may be what keeps the whole object.
        if field.causes.is_empty() {
            text.extend(answer.exists.iter().map(|cause| told(cause, Some(field), sources, colour)));
        }
    }
    text.extend(field.causes.iter().map(|cause| told(cause, Some(field), sources, colour)));
    text
}

fn kind(answer: &Answer) -> &str {
    answer.object.split('/').next().unwrap_or_default()
}

/// One cause: what it is about, what each layer says, what another value would do.
fn told(cause: &Cause, field: Option<&Field>, sources: &Sources, colour: bool) -> String {
    let (path, docs) = (&cause.path, cause.docs);
    let mut text = match cause.role {
        Role::Sets if cause.file => format!("\nthe content of the file that `{path}` names: {docs}\n"),
        Role::Sets => format!("\nset by `{path}`: {docs}\n"),
        Role::Default => format!("\nby default, since `{path}` is not written: {docs}\n"),
        Role::Keeps => format!("\nthere because of `{path}`: {docs}\n"),
        Role::Declares => format!("\nthe name is that of `{path}`: {docs}\n"),
        Role::Withholds if cause.absent => format!("\nsince `{path}` is not written: {docs}\n"),
        Role::Withholds => format!("\nbecause of `{path}`: {docs}\n"),
    };
    if let Some(default) = &cause.default {
        text.push_str(&format!("  default: {}, where nothing is written\n", shown(default)));
    }
    for says in &cause.says {
        let label = Label { span: says.span, text: word(cause, says).to_owned() };
        text.push_str(&excerpt(&sentence(cause, says), &label, sources, colour));
    }
    let verbatim =
        |field: &Field| cause.says.iter().any(|says| says.holds && plain(&field.value) == says.written);
    if let (false, Some(evidence)) = (field.is_some_and(verbatim) || cause.file, &cause.evidence) {
        let with = if cause.node { "without it".to_owned() } else { format!("with `{}`", evidence.with) };
        text.push_str(&visible(&match &evidence.becomes {
            Some(value) => format!("  {with} it would be {}\n", shown(value)),
            None => format!("  {with} it would not be there\n"),
        }));
    }
    text
}

fn sentence(cause: &Cause, says: &Says) -> String {
    let (speaker, written) = (&says.speaker, &says.written);
    match (cause.absent, says.holds) {
        (true, _) => format!("it would stand in {speaker}"),
        (false, false) => format!("{speaker} says `{written}`: overridden"),
        (false, true) if cause.node => format!("{speaker} has `{written}`"),
        (false, true) => format!("{speaker} says `{written}`"),
    }
}

fn word(cause: &Cause, says: &Says) -> &'static str {
    match (cause.absent, says.holds) {
        (true, _) => "here",
        (false, true) => "this holds",
        (false, false) => "overridden",
    }
}

/// The value in one line.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains('\n') => {
            let first = text.lines().next().unwrap_or_default();
            format!("{} … ({} lines)", Value::String(first.to_owned()), text.lines().count())
        }
        Value::String(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Array(_)
        | Value::Object(_) => value.to_string(),
    }
}

/// The value as it would be written.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The manifest below the asked field; before each line, who made it and where.
fn many(answer: &Answer, sources: &Sources) -> String {
    let manifest = manifests(&answer.yaml).and_then(|all| all.into_iter().next()).unwrap_or_default();
    let mut rows: Vec<(String, &str)> = Vec::new();
    let mut told: Option<&Pointer> = None;
    for (index, line) in answer.yaml.lines().enumerate() {
        let Some(pointer) = manifest.field(index + 1).filter(|at| at.is_in(&answer.pointer)) else {
            continue;
        };
        let field = answer.fields.iter().find(|field| field.pointer == *pointer);
        // A text of many lines is told once.
        let field = field.filter(|_| told != Some(pointer));
        told = Some(pointer);
        rows.push((field.map(|field| made(field, sources)).unwrap_or_default(), line));
    }
    let width = rows.iter().map(|(origin, _)| origin.chars().count()).max().unwrap_or(0);
    let indent = rows.iter().map(|(_, line)| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let mut text = String::new();
    if answer.pointer.is_whole() {
        text.extend(answer.exists.iter().map(|cause| there(cause, sources)));
    }
    text.push('\n');
    for (origin, line) in rows {
        text.push_str(format!("{origin:width$} │ {}", line.get(indent..).unwrap_or(line)).trim_end());
        text.push('\n');
    }
    text
}

/// Why there is such an object, in one line.
fn there(cause: &Cause, sources: &Sources) -> String {
    let places: Vec<String> =
        cause.says.iter().filter(|says| says.holds).map(|says| place(says, sources)).collect();
    let tried = cause.evidence.as_ref().filter(|_| !cause.node);
    let other = tried.map(|tried| format!(", not with `{}`", tried.with)).unwrap_or_default();
    format!("there because of `{}` at {}{other}\n", cause.path, places.join(" and "))
}

/// Who made a field, in a few words.
fn made(field: &Field, sources: &Sources) -> String {
    let layered = |layer: &str, place: String| format!("{layer:<11} {place}");
    if !field.hashes.is_empty() {
        return "hash".to_owned();
    }
    let holding = |cause: &Cause| cause.says.iter().find(|says| says.holds).map(|says| place(says, sources));
    let sets = field.causes.iter().filter(|cause| cause.role == Role::Sets).count();
    let more = if sets > 1 { format!(" +{}", sets - 1) } else { String::new() };
    let Some(cause) = field.causes.first() else { return "fixed".to_owned() };
    match cause.role {
        Role::Sets => {
            let says = cause.says.iter().find(|says| says.holds);
            says.map(|says| layered(says.layer.name(), place(says, sources))).unwrap_or_default() + &more
        }
        Role::Default => layered("default", cause.path.clone()),
        Role::Keeps | Role::Declares | Role::Withholds => {
            layered("fixed for", holding(cause).unwrap_or_default())
        }
    }
}

/// `app.kdl:6:15`.
fn place(says: &Says, sources: &Sources) -> String {
    let source = sources.get(says.span.source);
    let (line, column) = source.position(says.span.start);
    format!("{}:{line}:{column}", source.path)
}
