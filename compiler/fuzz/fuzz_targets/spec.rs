//! Any bytes as a whole spec, in KDL or, after a byte of `y`, in YAML: diagnostics, or objects and a plan of
//! every cell, never a panic.
#![no_main]

use std::collections::BTreeMap;

use compiler::diag::{Diagnostics, Format, render};
use compiler::document::Document;
use compiler::parse::{parse, read};
use compiler::source::Sources;
use compiler::{compile, lower, plan, resolve};
use libfuzzer_sys::fuzz_target;

const PLATFORM: &[u8] = include_bytes!("platform.kdl");

fuzz_target!(|bytes: &[u8]| {
    let (path, bytes) = bytes.strip_prefix(b"y").map_or(("app.kdl", bytes), |bytes| ("app.yaml", bytes));
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let mut document = Document::default();
    for (path, bytes) in [(path, bytes), ("platform.kdl", PLATFORM)] {
        let source = read(&mut sources, path, bytes, &mut diagnostics);
        document.append(parse(&source, &mut diagnostics));
    }
    let paths = resolve::files_needed(&document);
    let files: BTreeMap<String, String> = paths.into_iter().map(|path| (path, "on = no\n".to_owned())).collect();
    let Some(checked) = compile(&document, &files, &mut diagnostics) else {
        assert!(!diagnostics.is_empty(), "a spec that does not pass says why");
        render(&diagnostics, &sources, Format::Human { colour: false });
        return;
    };
    for cell in checked.cells().iter().take(4) {
        let plan = plan::plan(&checked, cell, &lower::lower(&checked, cell));
        plan.bundle.yaml();
        plan::print::text(&plan);
        plan::print::json(&plan);
        plan::print::dot(&plan);
        plan::print::mermaid(&plan);
    }
});
