//! spec → objects → plan. Pure: no files, no clock, no network.
//!
//! ```text
//! Source ─parse→ Document ─resolve→ App ─check→ Checked ─lower→ Bundle ─plan→ Plan
//! ```
//!
//! - [`parse::parse`] turns one text into a [`document::Document`] and never fails, it only reports.
//! - [`resolve::resolve`] works out every cell of the [`app::App`] and never fails either.
//! - [`check::check`] runs the rules; it is the one gate. A [`check::Checked`] cannot be made otherwise.
//! - [`lower::lower`] and [`plan::plan`] cannot fail: a failure there would be a bug of specc.
//! - [`why::why`] finds which lines of the documents made a field of an object.
//! - [`plan::rollout::decide`] is what a plan means: record, observation and time in, next step out.
//!
//! [`compile`] is all of it up to the gate. [`format::format`] writes a text in its canonical form.

pub mod app;
pub mod check;
pub mod diag;
pub mod difference;
pub mod document;
pub mod format;
pub mod lower;
pub mod object;
pub mod parse;
pub mod plan;
pub mod resolve;
pub mod rules;
pub mod source;
pub mod why;

use check::Checked;
use diag::Diagnostics;
use document::Document;
use resolve::Files;

/// Resolves and checks the documents of one spec. `files` holds the contents of the files that
/// [`resolve::files_needed`] names, by the path as written; `None` if anything is wrong.
pub fn compile(document: &Document, files: &Files, diagnostics: &mut Diagnostics) -> Option<Checked> {
    let app = resolve::resolve(document, files, diagnostics);
    check::check(app, diagnostics)
}
