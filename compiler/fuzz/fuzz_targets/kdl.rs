//! Any bytes as a KDL document: read, never a panic.
#![no_main]

use compiler::diag::Diagnostics;
use compiler::parse::{parse, read};
use compiler::source::Sources;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let source = read(&mut sources, "app.kdl", bytes, &mut diagnostics);
    parse(&source, &mut diagnostics);
});
