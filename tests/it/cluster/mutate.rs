//! Random changes of a document that keep to its schema.

use std::collections::BTreeMap;

use compiler::document::{Document, Node, Scalar, Value};
use compiler::resolve::form::Form;
use compiler::resolve::schema::{Argument, ArgumentCount, NodeType, ROOT};
use compiler::source::Span;
use compiler::why::other::{example, others, with};
use simulator::engine::random::Stream;

/// Texts at the edges of what some form takes; each is asked of the form, so that a new form needs nothing here.
const EDGES: &[&str] = &[
    "",
    "a",
    "A",
    "0",
    "1",
    "7",
    "a1",
    "a.b",
    "a-b",
    "a--b",
    "A_b",
    "a/b",
    "a.b/c",
    "a.b.c",
    ".a",
    "-a",
    "a b",
    "名",
    "a\nb",
    "a\u{7}b",
    "a\\b",
    "$(A)",
    "{{x}}",
    "'",
    "\"",
    "#",
    "true",
    "no",
    "null",
    "kubernetes.io/a",
    "app.kubernetes.io/name",
    "app",
    "kubernetes",
    "default",
    "kube-system",
    "http",
    "dns",
    "tmp",
    "web:1",
    "REGISTRY.example.com/A:1",
    "/",
    "//",
    "/a/",
    "/a b",
    "/名",
    "/a,b",
    "/tmp",
    "/a/*.log",
    "*.example.com",
    "a.example.com",
    "localhost",
    "fd00::1",
    "0.0.0.0",
    "127.0.0.1",
    "10.0.0.0/8",
    "0.0.0.0/0",
    "10.1.2.3/32",
    "http://a",
    "https://a.example.com:65535/x",
    "1.30",
    "1.36",
    "UTC",
    "Asia/Tokyo",
    "1ns",
    "1ms",
    "999ms",
    "1s",
    "1.5s",
    "61s",
    "1h30m",
    "30d",
    "400d",
    "30000d",
    "0s",
    "1m",
    "999m",
    "1000000",
    "0.001",
    "1Ki",
    "1.5Gi",
    "4Mi",
    "1Ti",
    "900Pi",
    "1%",
    "99%",
    "100%",
    "101%",
    "1000%",
    "Pod/x",
    "Service/api",
    "Ingress/web",
    "apps/v1/Deployment/x",
    "2026-11-11T00:00:00Z",
    "0 0 0 * * *",
    "0 30 3 1 1 *",
    "0 0 12 * * 1-5",
    "name/key",
    "a.b/k.ey",
    "A-B.c/.k",
    ">=99.9%",
    "a:b|c",
    "_",
    "__",
    "a_",
    "PATH",
    "a.ini",
    "x.",
    "x-",
    "stdout",
    "disk",
    "deployment",
];

/// Counts at the edges.
const COUNTS: &[i128] = &[0, 1, 2, 3, 53, 80, 1000, 9253, 32_767, 65_535, 100_000, 1_000_000, 2_147_483_647];

/// A node of a document, by the index of it and of those it stands in.
struct Place {
    path: Vec<usize>,
    node_type: &'static NodeType,
    called: String,
    /// The names of the types it stands in, and its own.
    types: String,
}

/// Changes one thing, and says what.
pub fn mutate(document: &mut Document, random: &mut Stream) -> String {
    let (places, names) = (places(document), names(document));
    let mut types: BTreeMap<&str, Vec<&Place>> = BTreeMap::new();
    for place in &places {
        types.entry(&place.types).or_default().push(place);
    }
    loop {
        // A type of node first, or what there is much of would hide what there is little of.
        let (_, alike) = types.iter().nth(index(types.len(), random)).expect("a document has nodes");
        let place = alike[index(alike.len(), random)];
        let changed = match random.below(8) {
            0..=2 => change(document, place, &names, random),
            3 => remove(document, place),
            4 => duplicate(document, place, &names, random),
            _ => add(document, place, &names, random),
        };
        // Not every node has what could be changed.
        if let Some(changed) = changed {
            return changed;
        }
    }
}

fn change(document: &mut Document, place: &Place, names: &[String], random: &mut Stream) -> Option<String> {
    let node = node_at(document, &place.path)?;
    let index = index(node.values.len(), random);
    let value = node.values.get(index)?;
    let form = form_of(place.node_type, index)?;
    let new = other(form, value, names, random)?;
    let text = format!("{}: {} becomes {}", place.called, shown(value), shown(&new));
    node.values[index] = new;
    Some(text)
}

fn remove(document: &mut Document, place: &Place) -> Option<String> {
    let (last, before) = place.path.split_last()?;
    node_at(document, before)?.children.remove(*last);
    Some(format!("{}: is taken away", place.called))
}

fn duplicate(
    document: &mut Document,
    place: &Place,
    names: &[String],
    random: &mut Stream,
) -> Option<String> {
    let (last, before) = place.path.split_last()?;
    let mut twin = node_at(document, &place.path)?.clone();
    if !place.node_type.many || twin.values.is_empty() {
        return None;
    }
    twin.values[0] = other(form_of(place.node_type, 0)?, &twin.values[0], names, random)?;
    let text = format!("{}: has a twin {}", place.called, shown(&twin.values[0]));
    node_at(document, before)?.children.insert(last + 1, twin);
    Some(text)
}

fn add(document: &mut Document, place: &Place, names: &[String], random: &mut Stream) -> Option<String> {
    let node = node_at(document, &place.path)?;
    let free =
        |child: &&&NodeType| child.name != "remove" && (child.many || node.child(child.name).is_none());
    let absent: Vec<&'static NodeType> = place.node_type.children.iter().filter(free).copied().collect();
    let new = fresh(pick(&absent, random)?, 0, names, node.span, random);
    let text = format!("{}: gets {}", place.called, written(&new));
    node.children.push(new);
    Some(text)
}

/// A new node, with some of what it may hold.
fn fresh(
    node_type: &'static NodeType,
    depth: usize,
    names: &[String],
    span: Span,
    random: &mut Stream,
) -> Node {
    let mut values = Vec::new();
    for argument in node_type.arguments {
        let count = match argument.count {
            ArgumentCount::One => 1,
            ArgumentCount::Optional => random.below(2),
            ArgumentCount::Several => 1 + random.below(2),
        };
        for _ in 0..count {
            let plain = Value { span, ..example(argument.form) };
            let told = if random.below(2) == 0 { other(argument.form, &plain, names, random) } else { None };
            values.push(told.unwrap_or(plain));
        }
    }
    let mut children = Vec::new();
    for child in node_type.children {
        let chosen = child.name != "remove" && depth < 3 && random.below(3) == 0;
        if chosen {
            children.push(fresh(child, depth + 1, names, span, random));
        }
    }
    let name = node_type.name.to_owned();
    Node { name, name_span: span, values, children, span, is_property: false }
}

/// Another value of a form: near to this one, one of the document's names, or one at an edge.
fn other(form: Form, value: &Value, names: &[String], random: &mut Stream) -> Option<Value> {
    let text = |text: &str| with(value, Scalar::Text(text.to_owned()));
    let made: Vec<Value> = match random.below(3) {
        0 => others(form, value, &[]),
        1 => names.iter().map(|name| text(name)).collect(),
        _ => edges(form).into_iter().map(|scalar| with(value, scalar)).collect(),
    };
    let tagged = |value: Value| {
        let other = if value.tag.is_some() { None } else { Some("secret".to_owned()) };
        [value.clone(), Value { tag: other, ..value }]
    };
    let fits = |other: &Value| {
        form.check(other).is_ok() && (&other.scalar, &other.tag) != (&value.scalar, &value.tag)
    };
    let made: Vec<Value> = made.into_iter().flat_map(tagged).filter(fits).collect();
    pick(&made, random).cloned()
}

fn edges(form: Form) -> Vec<Scalar> {
    let text = |text: &str| Scalar::Text(text.to_owned());
    let mut edges: Vec<Scalar> = EDGES.iter().map(|edge| text(edge)).collect();
    edges.extend([15, 39, 40, 63, 180, 253, 300, 1200].map(|length| Scalar::Text("a".repeat(length))));
    edges.extend(COUNTS.iter().copied().map(Scalar::Integer));
    edges.extend([true, false].map(Scalar::Boolean));
    if let Form::Word(words) = form {
        edges.extend(words.iter().map(|word| text(word)));
    }
    if let Form::Integer { min, max } = form {
        edges.extend([min, max].map(Scalar::Integer));
    }
    if let Form::Seconds { min, max } = form {
        edges.extend([min, max].map(|seconds| Scalar::Text(format!("{seconds}s"))));
    }
    edges
}

fn form_of(node_type: &NodeType, index: usize) -> Option<Form> {
    let argument: &Argument = node_type.arguments.get(index).or(node_type.arguments.last())?;
    Some(argument.form)
}

/// Every node but those of scenarios, which make no objects.
fn places(document: &Document) -> Vec<Place> {
    let mut found = Vec::new();
    for (index, node) in document.nodes.iter().enumerate().filter(|(_, node)| node.name != "scenario") {
        visit(node, &ROOT, &mut vec![index], ("", ""), &mut found);
    }
    found
}

fn visit(
    node: &Node,
    parent: &'static NodeType,
    path: &mut Vec<usize>,
    above: (&str, &str),
    found: &mut Vec<Place>,
) {
    let Some(node_type) = parent.child_or_removal(&node.name) else { return };
    let identity = node.values.first().map(|value| format!(" {}", shown(value))).unwrap_or_default();
    let called = format!("{}{}{identity}", above.0, node.name);
    let types = format!("{}.{}", above.1, node.name);
    for (index, child) in node.children.iter().enumerate() {
        path.push(index);
        visit(child, node_type, path, (&format!("{called} > "), &types), found);
        path.pop();
    }
    found.push(Place { path: path.clone(), node_type, called, types });
}

fn node_at<'a>(document: &'a mut Document, path: &[usize]) -> Option<&'a mut Node> {
    let (first, rest) = path.split_first()?;
    let mut node = document.nodes.get_mut(*first)?;
    for index in rest {
        node = node.children.get_mut(*index)?;
    }
    Some(node)
}

/// Every first value: what others may refer to.
fn names(document: &Document) -> Vec<String> {
    fn collect(nodes: &[Node], names: &mut Vec<String>) {
        for node in nodes {
            names.extend(node.identity().map(str::to_owned));
            collect(&node.children, names);
        }
    }
    let mut names = Vec::new();
    collect(&document.nodes, &mut names);
    names.sort();
    names.dedup();
    names
}

fn pick<'a, T>(from: &'a [T], random: &mut Stream) -> Option<&'a T> {
    from.get(index(from.len(), random))
}

fn index(length: usize, random: &mut Stream) -> usize {
    usize::try_from(random.below(length as u64)).unwrap_or_default()
}

fn shown(value: &Value) -> String {
    let tag = value.tag.as_ref().map(|tag| format!("({tag})")).unwrap_or_default();
    match &value.scalar {
        Scalar::Text(text) => format!("{tag}{text:?}"),
        Scalar::Boolean(yes) => format!("#{yes}"),
        Scalar::Integer(_) | Scalar::Number(_) | Scalar::Null => value.written.clone(),
    }
}

/// A node as KDL on one line.
fn written(node: &Node) -> String {
    let mut words = vec![node.name.clone()];
    words.extend(node.values.iter().map(shown));
    if !node.children.is_empty() {
        let children: Vec<String> = node.children.iter().map(written).collect();
        words.push(format!("{{ {} }}", children.join("; ")));
    }
    words.join(" ")
}
