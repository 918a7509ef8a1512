//! Where an object belongs: to a cell, or to a cluster itself.

use super::slice::CellName;
use crate::app::{Cell, Cluster};
use crate::check::Checked;
use crate::lower;
use crate::object::Bundle;

/// A cell or a cluster, by what stays the same while names change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A cell, by its index among the application's.
    Cell(usize),
    /// A cluster itself, by its index among the platform's.
    Cluster(usize),
}

impl Place {
    /// One of the application's cells.
    pub fn of_cell(checked: &Checked, cell: &Cell) -> Self {
        let index = checked.cells().iter().position(|known| std::ptr::eq(known, cell));
        Place::Cell(index.expect("the cell is one of the application's"))
    }

    /// One of the platform's clusters.
    pub fn of_cluster(checked: &Checked, cluster: &Cluster) -> Self {
        let index = checked.platform().clusters.iter().position(|known| std::ptr::eq(known, cluster));
        Place::Cluster(index.expect("the cluster is one of the platform's"))
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Place::Cell(_) => "cell",
            Place::Cluster(_) => "cluster",
        }
    }

    /// What it is called: `prod/merchant-a@hangzhou-1` or `hangzhou-1`. It must be a place of the application.
    pub fn name(self, checked: &Checked) -> String {
        match self {
            Place::Cell(index) => checked.cells()[index].title(Some(checked.platform())),
            Place::Cluster(index) => checked.platform().clusters[index].name.value.clone(),
        }
    }

    /// What it is called where both may stand: `prod@hangzhou-1` or `cluster hangzhou-1`.
    pub fn titled(self, name: &str) -> String {
        match self {
            Place::Cell(_) => name.to_owned(),
            Place::Cluster(_) => format!("cluster {name}"),
        }
    }

    /// Its objects; `None` if there is no such place.
    pub fn bundle(self, checked: &Checked) -> Option<Bundle> {
        Some(match self {
            Place::Cell(index) => lower::lower(checked, checked.cells().get(index)?),
            Place::Cluster(index) => {
                let platform = checked.platform();
                lower::platform::lower(platform, platform.clusters.get(index)?).bundle
            }
        })
    }

    /// The cell that it is, or the first one on the cluster, whose objects no cell has a part in.
    pub(super) fn cell_name(self, checked: &Checked) -> Option<CellName> {
        let mut cells = checked.cells().iter();
        let cell = match self {
            Place::Cell(index) => cells.nth(index),
            Place::Cluster(index) => cells.find(|cell| cell.cluster == index),
        };
        cell.map(|cell| CellName::of(checked, cell))
    }

    /// The same place in a part of the documents.
    pub(super) fn in_part(self, whole: &Checked, part: &Checked) -> Option<Self> {
        match self {
            Place::Cell(index) => {
                let wanted = CellName::of(whole, whole.cells().get(index)?);
                let same = part.cells().iter().position(|cell| CellName::of(part, cell) == wanted);
                same.map(Place::Cell)
            }
            Place::Cluster(_) => {
                let wanted = self.name(whole);
                let clusters = &part.platform().clusters;
                clusters.iter().position(|cluster| cluster.name.value == wanted).map(Place::Cluster)
            }
        }
    }
}
