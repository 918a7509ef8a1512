//! ResourceQuota: a cell's share of its environment's quota.

use k8s_openapi::api::core::v1::{ResourceQuota, ResourceQuotaSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::{Kind, labels};
use crate::app::Cell;
use crate::object::Object;

/// `ResourceQuota`
pub static KIND: Kind = Kind {
    name: "ResourceQuota",
    docs: "What the pods of a namespace may request together: its share of the environment's quota.",
    ready: "it exists",
};

/// The cell's share, where its environment has a quota.
pub fn lower(cell: &Cell) -> Option<Object> {
    let share = cell.quota.as_ref()?;
    let all = [
        ("requests.cpu", share.cpu_milli.map(cpu)),
        ("requests.memory", share.memory_bytes.map(memory)),
        ("pods", share.pods.map(|pods| pods.to_string())),
    ];
    let hard = all.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Quantity(value?))));
    let spec = ResourceQuotaSpec { hard: Some(hard.collect()), ..ResourceQuotaSpec::default() };
    let metadata = labels::cell_metadata(cell, "quota");
    let quota = ResourceQuota { metadata, spec: Some(spec), ..ResourceQuota::default() };
    Some(Object::of_cell(quota, "quota"))
}

fn cpu(milli: u64) -> String {
    if milli.is_multiple_of(1000) { (milli / 1000).to_string() } else { format!("{milli}m") }
}

/// In the largest unit that says it exactly.
fn memory(bytes: u64) -> String {
    let units = [("Ti", 40), ("Gi", 30), ("Mi", 20)];
    let unit = units.iter().find(|(_, bits)| bytes > 0 && bytes.is_multiple_of(1 << bits));
    unit.map_or_else(|| bytes.to_string(), |(suffix, bits)| format!("{}{suffix}", bytes >> bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_exactly_and_short() {
        assert_eq!((cpu(1500), cpu(2000)), ("1500m".to_owned(), "2".to_owned()));
        assert_eq!((memory(3 << 30), memory(1537 << 20)), ("3Gi".to_owned(), "1537Mi".to_owned()));
        assert_eq!((memory(1001), memory(0)), ("1001".to_owned(), "0".to_owned()));
    }
}
