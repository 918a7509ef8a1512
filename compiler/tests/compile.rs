//! What holds for every application that passes.

#![allow(clippy::format_collect, reason = "short test texts")]

mod cases;

use cases::cases;
use compiler::check::Checked;
use compiler::diag::{Diagnostics, Format, render};
use compiler::object::Bundle;
use compiler::plan::{Plan, plan, print};
use compiler::resolve::Files;
use compiler::source::Sources;
use compiler::{compile, lower, parse};
use proptest::prelude::*;

/// One component as the test imagines it, to be written in either syntax.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is one independent choice")]
struct Sketch {
    name: String,
    cpu: u64,
    memory: u64,
    scale: Option<(u32, u32)>,
    burst: bool,
    env: Vec<(String, String)>,
    exposed: bool,
    config: bool,
    canary: bool,
    depends_on: Vec<String>,
}

const PLATFORM: &str = r#"
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        virtual-node "eci" quota=100
    }
    environment "prod" cluster="c" eci="allow"
}
"#;

impl Sketch {
    fn kdl(&self) -> String {
        let Self { name, cpu, memory, .. } = self;
        let mut text = format!("component \"{name}\" {{\n  image \"registry.example.com/{name}:1\"\n");
        text += &format!("  resources cpu=\"{cpu}m\" memory=\"{memory}Mi\"\n  port \"http\" 8080\n");
        text += "  readiness http=\"/healthz\"\n";
        match self.scale {
            Some((min, max)) => text += &format!("  scale min={min} max={max} {{ cpu \"70%\"; }}\n"),
            None => text += "  replicas 3\n",
        }
        text += if self.burst { "  burst \"when-short\"\n" } else { "" };
        text += if self.exposed { "  expose \"intranet\" port=80\n" } else { "" };
        text += if self.config { "  config \"a.ini\" mount=\"/etc/app\" from=\"app.ini\"\n" } else { "" };
        text += if self.canary { "  release { batch 1 pause=#true; batch \"100%\"; }\n" } else { "" };
        text.extend(self.env.iter().map(|(key, value)| format!("  env {key:?} {value:?}\n")));
        if !self.depends_on.is_empty() {
            let names: Vec<String> = self.depends_on.iter().map(|name| format!("\"{name}\"")).collect();
            text += &format!("  depends-on {}\n", names.join(" "));
        }
        text + "}\n"
    }

    fn yaml(&self) -> String {
        let Self { name, cpu, memory, .. } = self;
        let mut text = format!("  - name: {name}\n    image: registry.example.com/{name}:1\n");
        text += &format!("    resources: {{cpu: {cpu}m, memory: {memory}Mi}}\n");
        text += "    port: {name: http, number: 8080}\n    readiness: {http: /healthz}\n";
        match self.scale {
            Some((min, max)) => text += &format!("    scale: {{min: {min}, max: {max}, cpu: 70%}}\n"),
            None => text += "    replicas: 3\n",
        }
        text += if self.burst { "    burst: when-short\n" } else { "" };
        text += if self.exposed { "    expose: {scope: intranet, port: 80}\n" } else { "" };
        text += if self.config { "    config: {name: a.ini, mount: /etc/app, from: app.ini}\n" } else { "" };
        text += if self.canary { "    release: {batch: [{size: 1, pause: true}, 100%]}\n" } else { "" };
        if !self.env.is_empty() {
            text += "    env:\n";
            let one =
                |(key, value): &(String, String)| format!("    - {{name: {key:?}, value: {value:?}}}\n");
            text.extend(self.env.iter().map(one));
        }
        if !self.depends_on.is_empty() {
            text += &format!("    depends-on: [{}]\n", self.depends_on.join(", "));
        }
        text
    }
}

fn sketch(index: usize) -> impl Strategy<Value = Sketch> {
    let numbers = (1_u64..16_000, 1_u64..60_000, proptest::option::of((1_u32..50, 0_u32..500)));
    let env = proptest::collection::btree_map("[A-Z][A-Z0-9_]{0,6}", "[ -!#-\\[\\]-~名]{0,8}", 0..3);
    let edges = proptest::collection::btree_set(0..index.max(1), 0..3);
    (numbers, env, any::<[bool; 4]>(), edges).prop_map(move |((cpu, memory, scale), env, flags, edges)| {
        Sketch {
            name: format!("c-{index}"),
            cpu,
            memory,
            scale: scale.map(|(min, more)| (min, min + more)),
            burst: flags[0],
            env: env.into_iter().collect(),
            exposed: flags[1],
            config: flags[2],
            canary: flags[3],
            // Only earlier ones, so that there is no cycle.
            depends_on: edges
                .into_iter()
                .filter(|edge| *edge < index)
                .map(|edge| format!("c-{edge}"))
                .collect(),
        }
    })
}

fn application() -> impl Strategy<Value = Vec<Sketch>> {
    (sketch(0), sketch(1), sketch(2), sketch(3)).prop_map(|(a, b, c, d)| vec![a, b, c, d])
}

fn as_kdl(sketches: &[Sketch]) -> String {
    format!("app \"shop\" {{\n{}}}\n", sketches.iter().map(Sketch::kdl).collect::<String>())
}

fn as_yaml(sketches: &[Sketch]) -> String {
    format!("app:\n  name: shop\n  component:\n{}", sketches.iter().map(Sketch::yaml).collect::<String>())
}

fn checked(path: &str, text: &str) -> Checked {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let app = sources.add(path, text);
    let platform = sources.add("platform.kdl", PLATFORM);
    let mut document = parse::parse(&app, &mut diagnostics);
    document.append(parse::parse(&platform, &mut diagnostics));
    let files = Files::from([("app.ini".to_owned(), "on = no\n".to_owned())]);
    let checked = compile(&document, &files, &mut diagnostics);
    checked.unwrap_or_else(|| panic!("{}", render(&diagnostics, &sources, Format::Human { colour: false })))
}

fn bundle(path: &str, text: &str) -> Bundle {
    let checked = checked(path, text);
    lower::lower(&checked, &checked.cells()[0])
}

fn planned(path: &str, text: &str) -> Plan {
    let checked = checked(path, text);
    let cell = &checked.cells()[0];
    plan(&checked, cell, &lower::lower(&checked, cell))
}

/// What a YAML reader of the field sees is what was meant.
fn reads_back(bundle: &Bundle) {
    for object in &bundle.objects {
        assert_eq!(object.manifest.read_back().ok().as_ref(), Some(&object.manifest));
        let name = object.key().name;
        let label = |part: &str| {
            part.len() <= 63
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        assert!(label(&name), "{name} is a name that Kubernetes takes");
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn the_same_text_gives_the_same_bytes(sketches in application()) {
        let text = as_kdl(&sketches);
        prop_assert_eq!(bundle("app.kdl", &text).yaml(), bundle("app.kdl", &text).yaml());
        prop_assert_eq!(print::json(&planned("app.kdl", &text)).to_string(), print::json(&planned("app.kdl", &text)).to_string());
    }

    #[test]
    fn kdl_and_yaml_give_one_bundle(sketches in application()) {
        let (kdl, yaml) = (planned("app.kdl", &as_kdl(&sketches)), planned("app.yaml", &as_yaml(&sketches)));
        prop_assert_eq!(kdl.bundle.yaml(), yaml.bundle.yaml());
        // The plan also says what no object does: batches and pauses.
        prop_assert_eq!(print::json(&kdl).to_string(), print::json(&yaml).to_string());
    }

    #[test]
    fn the_order_of_components_changes_nothing(sketches in application(), by in 1_usize..4) {
        let mut turned = sketches.clone();
        turned.rotate_left(by);
        let (here, there) = (planned("app.kdl", &as_kdl(&sketches)), planned("app.kdl", &as_kdl(&turned)));
        prop_assert_eq!(here.bundle.yaml(), there.bundle.yaml());
        prop_assert_eq!(print::text(&here), print::text(&there));
    }

    #[test]
    fn every_checked_application_lowers_to_objects_that_read_back(sketches in application()) {
        reads_back(&bundle("app.kdl", &as_kdl(&sketches)));
    }

    #[test]
    fn components_come_after_those_they_depend_on(sketches in application()) {
        let plan = planned("app.kdl", &as_kdl(&sketches));
        for (index, release) in plan.releases.iter().enumerate() {
            let before: Vec<&str> = plan.releases[..index].iter().map(|earlier| earlier.component.as_str()).collect();
            prop_assert!(release.depends_on.iter().all(|name| before.contains(&name.as_str())));
        }
    }
}

#[test]
fn strings_that_yaml_1_1_would_retype_are_quoted() {
    let env =
        ["no", "on", "y", "012", "1e3", "12:30", "null", "~", "0x1f", "1_000", ".inf", "2026-11-11", ""];
    let lines: String = env.iter().enumerate().map(|(i, v)| format!("env \"V{i}\" {v:?}\n")).collect();
    let text = format!(
        "app \"shop\" {{ component \"web\" {{\nimage \"a:1\"\nresources cpu=\"1\" memory=\"1Gi\"\n{lines}}}\n}}\n"
    );
    let yaml = bundle("app.kdl", &text).yaml();
    for value in env {
        let quoted =
            yaml.contains(&format!("value: \"{value}\"")) || yaml.contains(&format!("value: '{value}'"));
        assert!(quoted, "{value} is quoted in\n{yaml}");
    }
}

#[test]
fn a_change_of_the_template_is_a_new_revision_and_nothing_else_is() {
    let spec = |image: &str, max: u32| {
        format!(
            "app \"shop\" {{ component \"web\" {{ image \"{image}\"; resources cpu=\"1\" memory=\"1Gi\"; \
             scale max={max}; }}; }}"
        )
    };
    let revision = |text: &str| planned("app.kdl", text).releases[0].revision.clone();
    assert_eq!(revision(&spec("a:1", 4)), revision(&spec("a:1", 8)));
    assert_ne!(revision(&spec("a:1", 4)), revision(&spec("a:2", 4)));
    assert_ne!(
        planned("app.kdl", &spec("a:1", 4)).releases[0].digest,
        planned("app.kdl", &spec("a:1", 8)).releases[0].digest
    );
}
