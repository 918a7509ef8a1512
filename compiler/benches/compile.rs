//! How long it takes from text to plan, at 10, 100 and 1000 components.

use compiler::diag::Diagnostics;
use compiler::resolve::Files;
use compiler::source::Sources;
use compiler::{compile, lower, parse, plan};

const PLATFORM: &str = r#"
platform "p" {
    cluster "c" kubernetes="1.34" provider="ack" {
        pool "general" cpu=16 memory="64Gi" nodes=10
        virtual-node "eci" quota=100
    }
    environment "prod" cluster="c" eci="allow"
}
"#;

fn main() {
    divan::main();
}

/// An application whose components each depend on the one before.
fn application(components: usize) -> String {
    let component = |index: usize| {
        let before =
            index.checked_sub(1).map(|before| format!("depends-on \"c-{before}\"")).unwrap_or_default();
        format!(
            "component \"c-{index}\" {{\n  image \"registry.example.com/c:{index}\"\n  port \"http\" 8080\n  \
             resources cpu=\"500m\" memory=\"512Mi\"\n  readiness http=\"/healthz\"\n  \
             scale min=4 max=400 {{ cpu \"60%\"; }}\n  burst \"when-short\"\n  expose \"cluster\"\n  {before}\n}}\n"
        )
    };
    format!("app \"shop\" {{\n{}}}\n", (0..components).map(component).collect::<String>())
}

#[divan::bench(args = [10, 100, 1000])]
fn text_to_plan(bencher: divan::Bencher, components: usize) {
    let text = application(components);
    bencher.counter(divan::counter::BytesCount::of_str(&text)).bench(|| {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let app = sources.add("app.kdl", text.as_str());
        let mut document = parse::parse(&app, &mut diagnostics);
        document.append(parse::parse(&sources.add("platform.kdl", PLATFORM), &mut diagnostics));
        let checked = compile(&document, &Files::new(), &mut diagnostics).expect("the application is right");
        let cell = &checked.cells()[0];
        plan::plan(&checked, cell, &lower::lower(&checked, cell))
    });
}

#[divan::bench(args = [10, 100, 1000])]
fn text_to_document(bencher: divan::Bencher, components: usize) {
    let text = application(components);
    bencher.counter(divan::counter::BytesCount::of_str(&text)).bench(|| {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let app = sources.add("app.kdl", text.as_str());
        parse::parse(&app, &mut diagnostics)
    });
}
