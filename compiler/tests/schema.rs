//! The JSON Schema takes what specc takes, and refuses what the shape of a document refuses.

mod cases;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cases::cases;
use compiler::diag::Diagnostics;
use compiler::document::{Document, Node, Scalar, Value};
use compiler::parse::parse;
use compiler::resolve::form::Form;
use compiler::resolve::json_schema::json_schema;
use compiler::resolve::schema::{Argument, ArgumentCount, NodeType, ROOT};
use compiler::resolve::{Files, check_scenario, resolve};
use compiler::source::Sources;
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

fn validator() -> Validator {
    jsonschema::draft202012::new(&json_schema()).expect("what specc prints is a schema")
}

fn read(path: &str, text: &str) -> Document {
    parse(&Sources::default().add(path, text), &mut Diagnostics::default())
}

/// The mistakes in the shape of a document that a JSON Schema can see: all but those in tagged values.
fn mistakes(document: &Document, text: &str) -> Vec<String> {
    let mut diagnostics = Diagnostics::default();
    resolve(document, &Files::default(), &mut diagnostics);
    for node in document.named("scenario") {
        check_scenario(node, &mut diagnostics);
    }
    let of_shape = [
        "unknown-key",
        "missing-value",
        "unexpected-value",
        "wrong-type",
        "repeated-field",
        "unknown-removal",
        "remove-outside-override",
    ];
    let sorted = diagnostics.sorted();
    let found = sorted.iter().filter(|found| of_shape.contains(&found.rule.name)).filter(|found| {
        let tagged = |at: u32| text[at as usize..].starts_with(['(', '!']);
        !found.labels.first().is_some_and(|label| tagged(label.span.start))
    });
    found.map(|found| format!("{}: {}", found.rule.name, found.message)).collect()
}

/// How a document is written in YAML: with every key, or as short as it can be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Style {
    Keys,
    Short,
}

fn written(nodes: &[Node], parent: Option<&NodeType>, style: Style) -> Json {
    let mut groups: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    for node in nodes {
        groups.entry(&node.name).or_default().push(node);
    }
    let group = |(name, nodes): (&str, Vec<&Node>)| {
        let node_type = parent.and_then(|parent| parent.child_or_removal(name));
        let listed = nodes.len() > 1 || style == Style::Keys && node_type.is_some_and(|known| known.many);
        let mut all: Vec<Json> =
            nodes.into_iter().map(|node| written_node(node, node_type, style, listed)).collect();
        (name.to_owned(), if listed { Json::Array(all) } else { all.remove(0) })
    };
    Json::Object(groups.into_iter().map(group).collect())
}

fn written_node(node: &Node, node_type: Option<&NodeType>, style: Style, listed: bool) -> Json {
    let arguments = node_type.map_or(&[][..], |node_type| node_type.arguments);
    let mut values: Vec<Json> = node.values.iter().map(written_value).collect();
    let is_field = node_type.is_none_or(NodeType::is_field);
    if node.children.is_empty() && values.len() == 1 && (style == Style::Short || is_field) {
        return values.remove(0);
    }
    // A list under the key of what may stand several times is a list of nodes.
    let nodes = !listed && node_type.is_some_and(|known| known.many) && !takes_several(arguments);
    if node.children.is_empty() && !values.is_empty() && style == Style::Short {
        return if nodes { json!([values]) } else { Json::Array(values) };
    }
    let Json::Object(mut mapping) = written(&node.children, node_type, style) else { unreachable!() };
    let mut rest = values.into_iter();
    for argument in arguments {
        if argument.count == ArgumentCount::Several && rest.len() > 0 {
            mapping.insert(argument.name.to_owned(), rest.by_ref().collect());
        } else if let Some(value) = rest.next() {
            mapping.insert(argument.name.to_owned(), value);
        }
    }
    mapping.extend(rest.next().map(|value| ("one value too many".to_owned(), value)));
    Json::Object(mapping)
}

fn takes_several(arguments: &[Argument]) -> bool {
    arguments.last().is_some_and(|last| last.count == ArgumentCount::Several)
}

/// A number that is written oddly is a text here, since specc looks at how it is written and JSON does not.
fn written_value(value: &Value) -> Json {
    let plain =
        || serde_json::from_str(&value.written).unwrap_or_else(|_| Json::from(value.written.as_str()));
    match &value.scalar {
        Scalar::Text(text) => Json::from(text.as_str()),
        Scalar::Integer(_) | Scalar::Number(_) => plain(),
        Scalar::Boolean(value) => Json::from(*value),
        Scalar::Null => Json::Null,
    }
}

/// Every document in the folders of a folder, with its text.
#[expect(clippy::disallowed_methods, reason = "tests read the project's own specs")]
fn documents(folder: &Path) -> Vec<(PathBuf, String)> {
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).expect("specs/ is there");
        entries.map(|entry| entry.expect("specs/ can be read").path()).collect()
    };
    let folders = entries(folder).into_iter().filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| entries(&folder)).filter(|path| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        matches!(ending, Some("kdl" | "yaml" | "yml"))
    });
    files.filter_map(|path| std::fs::read_to_string(&path).ok().map(|text| (path, text))).collect()
}

#[test]
fn every_spec_is_taken_or_refused_as_specc_does() {
    let (schema, mut refused) = (validator(), 0);
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let found = [documents(&specs), documents(&specs.join("broken"))].concat();
    for (path, text) in &found {
        let document = read(&path.to_string_lossy(), text);
        let mistakes = mistakes(&document, text);
        assert!(mistakes.is_empty() || path.to_string_lossy().contains("broken"), "{}", path.display());
        for style in [Style::Keys, Style::Short] {
            let json = written(&document.nodes, Some(&ROOT), style);
            let errors: Vec<String> = schema
                .iter_errors(&json)
                .map(|error| format!("{} at {}", error, error.instance_path()))
                .collect();
            assert_eq!(
                errors.is_empty(),
                mistakes.is_empty(),
                "{}, {style:?}\nthe schema: {errors:?}\nspecc: {mistakes:?}\n{json:#}",
                path.display()
            );
        }
        refused += usize::from(!mistakes.is_empty());
    }
    assert!(
        found.len() > refused && refused > 1,
        "there are good and broken specs: {} {refused}",
        found.len()
    );
}

/// JSON is YAML, so that one text is judged by both.
#[test]
fn short_forms_and_mistakes_are_judged_alike() {
    let component = |inside: &str| format!(r#"{{"app": {{"name": "a", "component": {inside}}}}}"#);
    let layer = |inside: &str| {
        format!(r#"{{"app": {{"name": "a", "environment": {{"name": "prod", "component": {inside}}}}}}}"#)
    };
    let cases = [
        (component(r#""web""#), true),
        (component(r#"["web", {"name": "api"}]"#), true),
        (component(r#"[["web"], "api"]"#), true),
        (component(r#"{"name": "web", "port": [["http", 80], {"name": "admin", "number": 90}]}"#), true),
        (component(r#"{"name": "web", "port": ["http", 80]}"#), false),
        (component(r#"{"name": "web", "port": [["http", 80, 81]]}"#), false),
        (component(r#"{"name": "web", "port": {"name": "http"}}"#), false),
        (component(r#"{"name": "web", "depends-on": "db"}"#), true),
        (component(r#"{"name": "web", "depends-on": ["db", "cache"]}"#), true),
        (component(r#"{"name": "web", "depends-on": [["db", "cache"], ["queue"]]}"#), true),
        (component(r#"{"name": "web", "depends-on": {"components": ["db", "cache"]}}"#), true),
        (component(r#"{"name": "web", "depends-on": ["db", 3]}"#), false),
        (component(r#"{"name": "web", "release": {"batch": [{"size": 1, "pause": true}, "100%"]}}"#), true),
        (component(r#"{"name": "web", "release": {"batch": "101%"}}"#), false),
        (component(r#"{"name": "web", "release": {"batch": 0}}"#), false),
        (component(r#"{"name": "web", "expose": "internet"}"#), true),
        (component(r#"{"name": "web", "expose": ["internet"]}"#), true),
        (component(r#"{"name": "web", "expose": "everywhere"}"#), false),
        (component(r#"{"name": "web", "expose": {"port": 80}}"#), false),
        (component(r#"{"name": "web", "remove": "expose"}"#), false),
        (layer(r#"{"name": "web", "remove": [["env", "A"], "expose"]}"#), true),
        (layer(r#"{"name": "web", "remove": [["envs", "A"]]}"#), false),
        (layer(r#"{"name": "web", "release": {"remove": "batch"}}"#), true),
        (component(r#"{"name": "web", "imgae": "web:1"}"#), false),
        (component(r#"{"name": "web", "image": ""}"#), false),
        (component(r#"{"name": "web", "image": ["a", "b"]}"#), false),
        (component(r#"{"name": "web", "replicas": "two"}"#), false),
        (component(r#"{"name": "Web"}"#), false),
        (component(r#"{"replicas": 2}"#), false),
        (r#"{"application": {"name": "a"}}"#.to_owned(), false),
    ];
    let schema = validator();
    for (text, good) in cases {
        let json: Json = serde_json::from_str(&text).expect("JSON");
        assert_eq!(schema.is_valid(&json), good, "the schema of {text}");
        let mistakes = mistakes(&read("a.json", &text), &text);
        assert_eq!(mistakes.is_empty(), good, "specc of {text}: {mistakes:?}");
    }
}

/// Every form that the tables use, by how it is printed.
fn forms() -> BTreeMap<String, Form> {
    fn visit(node_type: &NodeType, forms: &mut BTreeMap<String, Form>) {
        let used = node_type.arguments.iter().map(|argument| (format!("{:?}", argument.form), argument.form));
        forms.extend(used);
        node_type.children.iter().for_each(|child| visit(child, forms));
    }
    let mut forms = BTreeMap::new();
    visit(&ROOT, &mut forms);
    forms
}

/// The schema of each form, as the document's schema has it for a field or an argument of that form.
fn form_schemas() -> Vec<(Form, Validator)> {
    let whole = json_schema();
    let mut schemas = Vec::new();
    for form in forms().into_values() {
        let (definition, key) = place(form).unwrap_or_else(|| panic!("{form:?} is used and has no place"));
        let definition = &whole["$defs"][definition];
        let forms = definition["anyOf"].as_array().cloned().unwrap_or_else(|| vec![definition.clone()]);
        let mapping = forms.iter().find(|form| form["type"] == "object").expect("a node is a mapping");
        let schema = jsonschema::draft202012::new(&mapping["properties"][key]).expect("a schema");
        schemas.push((form, schema));
    }
    schemas
}

/// A definition, and a key in it whose value has that form, perhaps in a list too.
fn place(form: Form) -> Option<(String, &'static str)> {
    fn visit(node_type: &'static NodeType, path: &str, form: Form) -> Option<(String, &'static str)> {
        let one = |argument: &&Argument| argument.form == form;
        let fields = node_type.children.iter().filter(|child| child.is_field());
        let field = fields.into_iter().find(|child| child.arguments.iter().any(|argument| one(&argument)));
        let own = node_type.arguments.iter().find(one).map(|argument| argument.name);
        if let Some(key) = own.or(field.map(|field| field.name)).filter(|_| !path.is_empty()) {
            return Some((path.to_owned(), key));
        }
        let dot = if path.is_empty() { "" } else { "." };
        let below = node_type.children.iter().filter(|child| !child.is_field() && child.name != "remove");
        below.into_iter().find_map(|child| visit(child, &format!("{path}{dot}{}", child.name), form))
    }
    visit(&ROOT, "", form)
}

/// Texts that come near to the forms.
fn texts() -> impl Strategy<Value = Json> {
    prop_oneof![
        "[0-9]{1,3}(\\.[0-9]{1,4})?(m|Mi|Gi|k|MB|%|s|ms|CNY|d)?",
        "([1-9][0-9]{0,1}(\\.5)?(d|h|m|s|ms|us|ns)){0,3}",
        "(>=|<=|<|=)? ?[0-9]{1,2}(\\.[0-9])?(%|ms|s|CNY)?",
        "-?[a-z]{0,2}[-a-zA-Z0-9_.]{0,20}",
        "[a-z][a-z0-9-]{30,42}",
        "/?(a|b\\.c|\\.|\\.\\.|\\.\\.\\.|:|/|\\\\| ){0,5}",
        "1\\.[0-9]{1,2}|2026-11-1[01]T0[0-9]:00:00(Z|\\+08:00|)",
        "[A-Z_][A-Z0-9_-]{0,4}|http|internet|when-short|stateless|",
    ]
    .prop_map(Json::from)
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn a_form_and_its_schema_agree(value in prop_oneof![
        4 => texts(),
        1 => (-2_i64..2000).prop_map(Json::from),
        1 => any::<bool>().prop_map(Json::from),
    ]) {
        for (form, schema) in &*SCHEMAS {
            let document = read("a.json", &json!({ "x": value }).to_string());
            let taken = document.nodes[0].values.iter().all(|value| form.check(value).is_ok());
            // No pattern adds up the parts of a duration, and JSON has no tag for a secret.
            let beyond = matches!(form, Form::Seconds { .. } | Form::Secret) && !taken;
            prop_assert!(beyond || schema.is_valid(&value) == taken, "{:?} as {:?}", value, form);
        }
    }
}

static SCHEMAS: std::sync::LazyLock<Vec<(Form, Validator)>> = std::sync::LazyLock::new(form_schemas);

#[test]
fn editors_find_words_and_descriptions() {
    let schema = json_schema();
    let definitions: &Map<String, Json> = schema["$defs"].as_object().expect("definitions");
    let component = &definitions["app.component"]["anyOf"][1];
    assert_eq!(component["properties"]["burst"]["enum"], json!(["never", "when-short", "only"]));
    assert_eq!(
        component["properties"]["image"]["description"],
        "The container image; on Windows there may be one for each build of the nodes, with its base."
    );
    assert_eq!(component["additionalProperties"], false);
    let references = schema.to_string();
    for name in definitions.keys() {
        assert!(references.contains(&format!("\"#/$defs/{name}\"")), "{name} is used");
    }
}
