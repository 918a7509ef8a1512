//! An answer for people: each line of the documents that has a part in a field, in order.

use serde_json::Value;

use super::answer::{Answer, Cause, Field, Role, Says};
use super::lines::manifests;
use super::pointer::Pointer;
use crate::diag::{Label, excerpt, position};
use crate::source::Sources;

/// One field with the source text of every cause, or the manifest with the place that made each line.
pub fn text(answer: &Answer, sources: &Sources, colour: bool) -> String {
    let head = format!("{} in {}\n", answer.object, answer.cell);
    match answer.fields.as_slice() {
        [field] if field.pointer == answer.pointer => head + &one(answer, field, sources, colour),
        _ => head + &many(answer, sources),
    }
}

fn one(answer: &Answer, field: &Field, sources: &Sources, colour: bool) -> String {
    let mut text = format!("{}: {}\n", field.pointer, shown(&field.value));
    for hash in &field.hashes {
        let whose = if hash.object == answer.object { String::new() } else { format!(" of {}", hash.object) };
        text.push_str(&format!(
            "\n`{}` is the hash of `{}`{whose}: it changes with everything that is in there\n",
            hash.text, hash.part
        ));
    }
    for cause in &field.causes {
        text.push_str(&told(cause, field, sources, colour));
    }
    if field.is_fixed() {
        text.push_str("\nfixed: nothing that can be written makes it another value\n");
        text.push_str(&format!("{}: {}\n", kind(answer), answer.kind_docs));
        // What keeps a fixed field may be what keeps the whole object.
        if field.causes.is_empty() {
            text.extend(answer.exists.iter().map(|cause| told(cause, field, sources, colour)));
        }
    }
    text
}

fn kind(answer: &Answer) -> &str {
    answer.object.split('/').next().unwrap_or_default()
}

/// One cause: what it is about, what each layer says, what another value would do.
fn told(cause: &Cause, field: &Field, sources: &Sources, colour: bool) -> String {
    let (path, docs) = (&cause.path, cause.docs);
    let mut text = match cause.role {
        Role::Sets if cause.file => format!("\nthe content of the file that `{path}` names: {docs}\n"),
        Role::Sets => format!("\nset by `{path}`: {docs}\n"),
        Role::Default => format!("\nby default, since `{path}` is not written: {docs}\n"),
        Role::Keeps => format!("\nthere because of `{path}`: {docs}\n"),
        Role::Declares => format!("\nthe name is that of `{path}`: {docs}\n"),
    };
    if let Some(default) = &cause.default {
        text.push_str(&format!("  default: {}, where nothing is written\n", shown(default)));
    }
    for says in &cause.says {
        let label = Label { span: says.span, text: word(cause, says).to_owned() };
        text.push_str(&excerpt(&sentence(cause, says), &label, sources, colour));
    }
    let verbatim = cause.says.iter().any(|says| says.holds && plain(&field.value) == says.written);
    if let (false, Some(evidence)) = (verbatim || cause.file, &cause.evidence) {
        let with = &evidence.with;
        text.push_str(&match &evidence.becomes {
            Some(value) => format!("  with `{with}` it would be {}\n", shown(value)),
            None => format!("  with `{with}` it would not be there\n"),
        });
    }
    text
}

fn sentence(cause: &Cause, says: &Says) -> String {
    let (speaker, written) = (&says.speaker, &says.written);
    match cause.role {
        Role::Default => format!("it would stand in {speaker}"),
        Role::Sets | Role::Keeps | Role::Declares if !says.holds => {
            format!("{speaker} says `{written}`: overridden")
        }
        Role::Sets | Role::Keeps | Role::Declares => format!("{speaker} says `{written}`"),
    }
}

fn word(cause: &Cause, says: &Says) -> &'static str {
    match cause.role {
        Role::Default => "here",
        Role::Sets | Role::Keeps | Role::Declares if !says.holds => "overridden",
        Role::Sets | Role::Keeps | Role::Declares => "this holds",
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
        let again = told == Some(pointer);
        told = Some(pointer);
        rows.push((field.filter(|_| !again).map(|field| made(field, sources)).unwrap_or_default(), line));
    }
    let width = rows.iter().map(|(origin, _)| origin.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    if answer.pointer.is_whole() {
        for says in answer.exists.iter().flat_map(|cause| &cause.says).filter(|says| says.holds) {
            text.push_str(&format!(
                "there because {} says `{}` at {}\n",
                says.speaker,
                says.written,
                place(says, sources)
            ));
        }
    }
    let indent = rows.iter().map(|(_, line)| line.len() - line.trim_start().len()).min().unwrap_or(0);
    text.push('\n');
    for (origin, line) in rows {
        text.push_str(&format!("{origin:width$} │ {}\n", line.get(indent..).unwrap_or(line)));
    }
    text
}

/// Who made a field, in one line.
fn made(field: &Field, sources: &Sources) -> String {
    let first = field.causes.iter().find(|cause| matches!(cause.role, Role::Sets | Role::Default));
    let others = field.causes.iter().filter(|cause| cause.role == Role::Sets).count();
    let more = if others > 1 { format!(" +{}", others - 1) } else { String::new() };
    match first {
        _ if !field.hashes.is_empty() => "hash".to_owned(),
        None => "fixed".to_owned(),
        Some(cause) if cause.role == Role::Default => {
            format!("default {}{more}", cause.path.rsplit('.').next().unwrap_or_default())
        }
        Some(cause) => {
            let says = cause.says.iter().find(|says| says.holds);
            let origin = says.map(|says| format!("{} {}", says.layer.name(), place(says, sources)));
            origin.unwrap_or_default() + &more
        }
    }
}

/// `app.kdl:6:15`.
fn place(says: &Says, sources: &Sources) -> String {
    let source = sources.get(says.span.source);
    let (line, column) = position(source, says.span.start);
    format!("{}:{line}:{column}", source.path)
}
