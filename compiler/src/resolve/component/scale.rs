//! How many pods a component has, and where they may run.

use super::{field, whole_field};
use crate::app::{Autoscale, Burst, Scale};
use crate::diag::Diagnostics;
use crate::document::Node;
use crate::resolve::{defaults, form};
use crate::rules::{missing_field, replicas_and_scale};
use crate::source::Spanned;

pub(super) fn scale(node: &Node, diagnostics: &mut Diagnostics) -> Option<Scale> {
    let (scale, replicas) = (node.child("scale"), node.child("replicas"));
    if let (Some(scale), Some(replicas)) = (scale, replicas) {
        diagnostics.push(replicas_and_scale::found(replicas, scale));
    }
    let Some(scale) = scale else {
        let fallback = Spanned::new(defaults::REPLICAS, node.name_span);
        let written = replicas.map(|_| whole_field(node, "replicas"));
        return Some(Scale::Fixed(written.unwrap_or(Some(fallback))?));
    };
    if scale.child("max").is_none() {
        diagnostics.push(missing_field::found(scale, "max", "10"));
    }
    let cpu = field(scale, "cpu").map(|value| Some(Spanned::new(form::percent(value)?, value.span)));
    let min = scale.child("min").map(|_| whole_field(scale, "min"));
    Some(Scale::Auto(Autoscale {
        min: min.unwrap_or(Some(Spanned::new(defaults::SCALE_MIN, scale.span)))?,
        max: whole_field(scale, "max")?,
        cpu_percent: cpu.unwrap_or(Some(Spanned::new(defaults::CPU_PERCENT, scale.span)))?,
    }))
}

pub(super) fn burst(node: &Node) -> Option<Spanned<Burst>> {
    let value = field(node, "burst")?;
    let burst = match value.as_text()? {
        "when-short" => Burst::WhenShort,
        "only" => Burst::Only,
        _ => Burst::Never,
    };
    Some(Spanned::new(burst, value.span))
}
