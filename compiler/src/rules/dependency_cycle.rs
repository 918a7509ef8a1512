//! Components that wait for each other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::app::{App, Component};
use crate::diag::{Diagnostic, Diagnostics, Rule, Severity};

/// `dependency-cycle`
pub static RULE: Rule = Rule {
    code: "S0301",
    name: "dependency-cycle",
    severity: Severity::Error,
    docs: DOCS,
    check: Some(check),
};

const DOCS: &str = r#"A component starts when everything in its `depends-on` is up. In a circle nobody would ever start.

## Wrong
```kdl
app "shop" {
    component "a" {
        image "registry.example.com/a:1"
        resources cpu="500m" memory="512Mi"
        depends-on "b"
    }
    component "b" {
        image "registry.example.com/b:1"
        resources cpu="500m" memory="512Mi"
        depends-on "a"
    }
}
```

## Right
```kdl
app "shop" {
    component "a" {
        image "registry.example.com/a:1"
        resources cpu="500m" memory="512Mi"
        depends-on "b"
    }
    component "b" {
        image "registry.example.com/b:1"
        resources cpu="500m" memory="512Mi"
    }
}
```
"#;

fn check(app: &App, diagnostics: &mut Diagnostics) {
    for cell in &app.cells {
        let components: BTreeMap<&str, &Component> =
            cell.components.iter().map(|component| (component.name.value.as_str(), component)).collect();
        let mut graph = DiGraphMap::<&str, ()>::new();
        for (name, component) in &components {
            for dependency in
                component.depends_on.iter().filter(|d| components.contains_key(d.value.as_str()))
            {
                graph.add_edge(name, dependency.value.as_str(), ());
            }
        }
        for mut cycle in tarjan_scc(&graph) {
            cycle.sort_unstable();
            let alone = cycle.len() == 1 && !graph.contains_edge(cycle[0], cycle[0]);
            if !alone {
                diagnostics.push(found(&path(&graph, &cycle), &components));
            }
        }
    }
}

/// A shortest way round from the first of `cycle`, by name, to itself.
fn path<'a>(graph: &DiGraphMap<&'a str, ()>, cycle: &[&'a str]) -> Vec<&'a str> {
    let start = cycle[0];
    let mut ways = VecDeque::from([vec![start]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        let mut next: Vec<&str> =
            graph.neighbors(way[way.len() - 1]).filter(|name| cycle.contains(name)).collect();
        next.sort_unstable();
        for name in next {
            if name == start {
                return way;
            }
            if seen.insert(name) {
                ways.push_back(way.iter().copied().chain([name]).collect());
            }
        }
    }
    unreachable!("a strongly connected component has a way round")
}

fn found(cycle: &[&str], components: &BTreeMap<&str, &Component>) -> Diagnostic {
    let round: Vec<String> = cycle.iter().chain(&cycle[..1]).map(|name| format!("`{name}`")).collect();
    let message = format!("components wait for each other: {}", round.join(" → "));
    let edges = cycle.iter().zip(cycle.iter().cycle().skip(1)).filter_map(|(from, to)| {
        let edge = components[from].depends_on.iter().find(|dependency| dependency.value == *to)?;
        Some((edge.span, format!("`{from}` waits for `{to}`")))
    });
    let mut edges = edges.collect::<Vec<_>>().into_iter();
    let (span, label) =
        edges.next().unwrap_or((components[cycle[0]].name.span, "waits for itself".to_owned()));
    let diagnostic = Diagnostic::new(&RULE, message, span, label).hint("remove one of these dependencies");
    edges.fold(diagnostic, |diagnostic, (span, label)| diagnostic.also(span, label))
}
