//! The one gate: runs every rule, and lets through what has no errors.

use crate::app::{App, Cell, Cluster, Platform};
use crate::diag::Diagnostics;
use crate::lower::lower;
use crate::rules;

/// An application that every rule has passed; only [`check`] makes one.
///
/// ```compile_fail,E0451
/// # use compiler::{app::App, check::Checked};
/// # fn platform() -> compiler::app::Platform { unimplemented!() }
/// let forged = Checked { app: App::default(), platform: platform() };
/// ```
#[derive(Clone, Debug)]
pub struct Checked {
    app: App,
    platform: Platform,
}

impl Checked {
    /// The application's name.
    pub fn name(&self) -> &str {
        &self.app.name
    }

    /// Every cell, in the order environments and clusters were declared.
    pub fn cells(&self) -> &[Cell] {
        &self.app.cells
    }

    /// The operators' side.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// A cell with another image in one component: what a release brings. `None` if there is no such
    /// component. No rule looks into an image's name, so the cell stays one that every rule has passed.
    pub fn with_image(&self, cell: &Cell, component: &str, image: &str) -> Option<Cell> {
        let mut cell = cell.clone();
        let component = cell.components.iter_mut().find(|known| known.name.value == component)?;
        image.clone_into(&mut component.main.image.value);
        Some(cell)
    }

    /// The cluster a cell runs on.
    pub fn cluster(&self, cell: &Cell) -> &Cluster {
        &self.platform.clusters[cell.cluster]
    }
}

/// Runs the rules over a resolved application, and if it passes those that look at the objects made of it; `None` if anything is wrong with it.
pub fn check(app: App, diagnostics: &mut Diagnostics) -> Option<Checked> {
    for rule in rules::ALL {
        if let Some(check) = rule.check {
            check(&app, diagnostics);
        }
    }
    if diagnostics.has_errors() {
        return None;
    }
    let platform = app.platform.clone()?;
    let checked = Checked { app, platform };
    for cell in checked.cells() {
        let wanted: Vec<_> =
            rules::OF_OBJECTS.iter().filter(|rule| (rule.concerns)(&checked, cell)).collect();
        if wanted.is_empty() {
            continue;
        }
        let bundle = lower(&checked, cell);
        for (rule, object) in
            wanted.iter().flat_map(|rule| bundle.objects.iter().map(move |object| (rule, object)))
        {
            (rule.check)(&checked, cell, object, diagnostics);
        }
    }
    (!diagnostics.has_errors()).then_some(checked)
}
