//! Diagnostics for code scanning: SARIF 2.1.0, with all that GitHub asks of it.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Findings, Places, severity};
use crate::diag::{Diagnostic, Label, Rule};
use crate::rules;

/// Characters of a description that GitHub keeps.
const DESCRIPTION_MAX: usize = 1024;

/// One run over every spec.
pub fn value(specs: &[Findings]) -> Value {
    // Scenarios have rules of their own, in another crate.
    let used = specs.iter().flat_map(|found| found.diagnostics.sorted()).map(|found| found.rule);
    let used: BTreeMap<&str, &Rule> =
        rules::ALL.iter().copied().chain(used).map(|rule| (rule.code, rule)).collect();
    let index: BTreeMap<&str, usize> = used.keys().enumerate().map(|(at, code)| (*code, at)).collect();
    let mut known = BTreeMap::new();
    let mut results = Vec::new();
    for found in specs {
        let mut places = Places::new(found.sources);
        for diagnostic in found.diagnostics.sorted() {
            let mut result = result(diagnostic, &mut places);
            result["ruleIndex"] = json!(index[diagnostic.rule.code]);
            result["partialFingerprints"] = fingerprints(diagnostic, &mut places, &mut known);
            results.push(result);
        }
    }
    json!({
        "version": "2.1.0",
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "runs": [{
            "tool": { "driver": {
                "name": "specc",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": used.values().map(|rule| described(rule)).collect::<Vec<_>>(),
            } },
            // SARIF's own default counts UTF-16 units.
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn described(rule: &Rule) -> Value {
    let prose = rule.docs.split("\n## ").next().unwrap_or_default().trim();
    let first = prose.split_inclusive(['.', '\n']).next().unwrap_or_default().trim().trim_end_matches('.');
    let full: String = prose.chars().take(DESCRIPTION_MAX).collect();
    let level = severity(rule.severity);
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": { "text": format!("{}: {first}", rule.name) },
        "fullDescription": { "text": full },
        "help": { "text": rule.docs, "markdown": rule.docs },
        "defaultConfiguration": { "level": level },
        "properties": { "problem.severity": level, "precision": "very-high", "tags": ["kubernetes"] },
    })
}

fn result(diagnostic: &Diagnostic, places: &mut Places) -> Value {
    let mut text = diagnostic.message.clone();
    let mut related = Vec::new();
    for (index, label) in diagnostic.labels.iter().enumerate().skip(1) {
        let mut location = location(label, places);
        location["id"] = json!(index);
        related.push(location);
        // GitHub shows a related place only where the message links to it.
        let link = label.text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]");
        text.push_str(&format!("\n[{link}]({index})"));
    }
    text.extend(diagnostic.hint.iter().map(|hint| format!("\nhint: {hint}")));
    json!({
        "ruleId": diagnostic.rule.code,
        "level": severity(diagnostic.rule.severity),
        "message": { "text": text },
        "locations": diagnostic.labels.first().map(|label| location(label, places)).into_iter().collect::<Vec<_>>(),
        "relatedLocations": related,
    })
}

fn location(label: &Label, places: &mut Places) -> Value {
    let region = places.region(label);
    json!({
        "physicalLocation": {
            "artifactLocation": artifact(places.path(label)),
            "region": {
                "startLine": region.line,
                "startColumn": region.column,
                "endLine": region.end_line,
                "endColumn": region.end_column,
            },
        },
        "message": { "text": label.text },
    })
}

/// A path below the folder that specc runs in is relative to the root of the repository.
fn artifact(path: &str) -> Value {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            (byte as char).to_string()
        }
        other => format!("%{other:02X}"),
    };
    let uri: String = path.bytes().map(encode).collect();
    if path.starts_with('/') {
        json!({ "uri": format!("file://{uri}") })
    } else {
        json!({ "uri": uri, "uriBaseId": "%SRCROOT%" })
    }
}

/// Tells that two runs found the same thing, although lines moved: the rule, the file, the text of the line, and
/// which of several such it is.
fn fingerprints<'a>(
    diagnostic: &Diagnostic,
    places: &mut Places<'a>,
    known: &mut BTreeMap<(&'static str, &'a str, &'a str), usize>,
) -> Value {
    let Some(label) = diagnostic.labels.first() else { return json!({}) };
    let key = (diagnostic.rule.code, places.path(label), places.line(label).trim());
    let count = known.entry(key).or_default();
    *count += 1;
    let digest = Sha256::digest(format!("{}\n{}", key.0, key.2));
    json!({ "primaryLocationLineHash": format!("{}:{count}", &HEXLOWER.encode(&digest)[..16]) })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::diag::Format;
    use crate::diag::render::testing::shown;

    fn sarif() -> Value {
        serde_json::from_str(&shown(Format::Sarif)).expect("SARIF is JSON")
    }

    fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
        let text = value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        assert!(!text.is_empty(), "{pointer} is a text in {value:#}");
        text
    }

    fn elements<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
        value.pointer(pointer).and_then(Value::as_array).unwrap_or_else(|| panic!("{pointer} is a list"))
    }

    /// What GitHub's page "SARIF support for code scanning" calls required, and its limits.
    #[test]
    fn everything_that_code_scanning_requires_is_there() {
        let sarif = sarif();
        assert_eq!((text(&sarif, "/version"), elements(&sarif, "/runs").len()), ("2.1.0", 1));
        assert!(text(&sarif, "/$schema").contains("sarif-2.1.0"));
        let run = &sarif["runs"][0];
        assert_eq!(text(run, "/tool/driver/name"), "specc");
        let rules = elements(run, "/tool/driver/rules");
        assert!(rules.len() > 50, "every rule is described");
        for rule in rules {
            text(rule, "/id");
            text(rule, "/name");
            assert!(!text(rule, "/shortDescription/text").contains('\n'), "{rule:#}");
            assert!(text(rule, "/fullDescription/text").chars().count() <= 1024, "{rule:#}");
            assert!(text(rule, "/help/text").contains("## Wrong"), "{rule:#}");
            text(rule, "/help/markdown");
            assert!(["error", "warning"].contains(&text(rule, "/defaultConfiguration/level")));
        }
        for result in elements(run, "/results") {
            let index = result["ruleIndex"].as_u64().expect("an index") as usize;
            assert_eq!(text(result, "/ruleId"), text(&rules[index], "/id"));
            assert_eq!(text(result, "/level"), text(&rules[index], "/defaultConfiguration/level"));
            text(result, "/message/text");
            assert!(text(result, "/partialFingerprints/primaryLocationLineHash").contains(':'));
            assert_eq!(elements(result, "/locations").len(), 1);
            for location in elements(result, "/locations").iter().chain(elements(result, "/relatedLocations"))
            {
                located(location);
            }
        }
    }

    fn located(location: &Value) {
        let uri = text(location, "/physicalLocation/artifactLocation/uri");
        assert!(uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b)), "{uri}");
        assert_eq!(text(location, "/physicalLocation/artifactLocation/uriBaseId"), "%SRCROOT%");
        let region = &location["physicalLocation"]["region"];
        let number = |key: &str| region[key].as_u64().filter(|number| *number > 0).expect("counts from 1");
        let (start, end) =
            ((number("startLine"), number("startColumn")), (number("endLine"), number("endColumn")));
        assert!(start <= end, "{region}");
    }

    #[test]
    fn places_are_percent_encoded_and_further_ones_linked() {
        let result = &sarif()["runs"][0]["results"][2];
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "shop%2C%201%3A2/%E5%90%8D%20%25.kdl");
        let region = json!({ "startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 14 });
        assert_eq!(place["region"], region);
        let message = "`a, b: 100%` is\r\nno <key> \"&\" ]]>\n[the \\[platform\\]](1)\nhint: 50% off";
        assert_eq!(result["message"]["text"], message);
        assert_eq!(result["relatedLocations"][0]["id"], 1);
        assert_eq!(super::artifact("/a b.kdl"), json!({ "uri": "file:///a%20b.kdl" }));
    }

    #[test]
    fn a_fingerprint_outlives_a_move_to_another_line() {
        use super::super::{Findings, Format, render_all};
        use crate::diag::{Diagnostic, Diagnostics};
        use crate::source::Sources;
        let fingerprints = |text: &str| {
            let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
            let source = sources.add("a.kdl", text);
            for (at, _) in text.match_indices("5m") {
                let rule = &crate::rules::unquoted_value::RULE;
                diagnostics.push(Diagnostic::new(rule, "unquoted", source.span(at, at + 2), "here"));
            }
            let specs = [Findings { spec: "", diagnostics: &diagnostics, sources: &sources }];
            let sarif: Value = serde_json::from_str(&render_all(&specs, Format::Sarif)).expect("JSON");
            let results = elements(&sarif, "/runs/0/results").to_vec();
            results.iter().map(|result| result["partialFingerprints"].to_string()).collect::<Vec<_>>()
        };
        let (here, moved) = (fingerprints("a 5m\nb\na 5m\n"), fingerprints("b\n\n  a 5m\na 5m\n"));
        assert_eq!((here.len(), &here), (2, &moved));
        assert_ne!(here[0], here[1], "the same line twice is two findings");
    }
}
