//! Document → App: names, overrides and defaults worked out for every cell; never fails, only reports.

pub mod defaults;
pub mod form;
pub mod json_schema;
pub mod quantity;
pub mod schema;
pub mod time_zone;

mod cells;
mod component;
mod dns;
mod isolation;
mod layer;
mod merge;
mod metric;
mod platform;
mod profile;
mod quota;
mod shape;
mod verification;
mod watch;

pub use shape::check_scenario;

use std::collections::BTreeMap;

use crate::app::App;
use crate::diag::Diagnostics;
use crate::document::{Document, Node};

/// The contents of the files that specs refer to, by the path as written.
pub type Files = BTreeMap<String, String>;

/// Works out every cell. `files` holds what [`files_needed`] names; what is missing there is reported.
pub fn resolve(document: &Document, files: &Files, diagnostics: &mut Diagnostics) -> App {
    shape::check_shape(document, diagnostics);
    let platform = platform::resolve(document, diagnostics);
    cells::resolve(document, platform, files, diagnostics)
}

/// The paths of the files that the components take their configuration from, each once, sorted.
pub fn files_needed(document: &Document) -> Vec<String> {
    fn visit(node: &Node, paths: &mut Vec<String>) {
        if node.name == "config" {
            let from = node.child("from").and_then(Node::identity);
            paths.extend(from.map(str::to_owned));
        }
        node.children.iter().for_each(|child| visit(child, paths));
    }
    let mut paths = Vec::new();
    document.named("app").for_each(|app| visit(app, &mut paths));
    // A path that leaves the spec's folder is refused by its form, and must not be read before.
    paths.retain(|path| form::is_below(path));
    paths.sort();
    paths.dedup();
    paths
}
