//! An answer for programs.

use serde_json::{Value, json};

use super::answer::{Answer, Cause, Field, Role, Says};
use crate::source::Sources;

/// The answer as one JSON object; lines and columns count from 1, columns count characters.
pub fn json(answer: &Answer, sources: &Sources) -> String {
    let causes = |causes: &[Cause]| causes.iter().map(|one| cause(one, sources)).collect::<Vec<_>>();
    let field = |field: &Field| {
        let hashes = field.hashes.iter();
        json!({
            "pointer": field.pointer.json(),
            "value": field.value,
            "fixed": field.is_fixed(),
            "causes": causes(&field.causes),
            "hashes": hashes.map(|hash| json!({"text": hash.text, "object": hash.object, "of": hash.part})).collect::<Vec<_>>(),
        })
    };
    let missing = answer.missing.as_ref();
    let missing = missing.map(|one| json!({"pointer": one.pointer, "causes": causes(&one.causes)}));
    let whole = json!({
        "object": answer.object,
        "name": answer.name,
        (answer.place.word()): answer.place_name,
        "pointer": answer.pointer.json(),
        "docs": answer.kind_docs,
        "missing": missing,
        "exists": causes(&answer.exists),
        "fields": answer.fields.iter().map(field).collect::<Vec<_>>(),
    });
    format!("{whole:#}\n")
}

fn cause(cause: &Cause, sources: &Sources) -> Value {
    let role = match cause.role {
        Role::Sets => "sets",
        Role::Default => "default",
        Role::Keeps => "keeps",
        Role::Declares => "declares",
        Role::Withholds => "withholds",
    };
    let evidence = cause.evidence.as_ref();
    json!({
        "role": role,
        "path": cause.path,
        "docs": cause.docs,
        "default": cause.default,
        "says": cause.says.iter().map(|one| says(one, sources)).collect::<Vec<_>>(),
        "evidence": evidence.map(|tried| json!({"with": (!cause.node).then_some(&tried.with), "becomes": tried.becomes, "alone": tried.alone})),
        "contentOfFile": cause.file,
        "node": cause.node,
        "written": !cause.absent,
    })
}

fn says(says: &Says, sources: &Sources) -> Value {
    let source = sources.get(says.span.source);
    let ((line, column), (end_line, end_column)) =
        (source.position(says.span.start), source.position(says.span.end));
    json!({
        "layer": says.layer.name(),
        "speaker": says.speaker,
        "written": says.written,
        "holds": says.holds,
        "file": source.path,
        "line": line,
        "column": column,
        "endLine": end_line,
        "endColumn": end_column,
    })
}
