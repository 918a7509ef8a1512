//! How the kubelet asks a container how it is.

use super::container::{first_port, words};
use super::{field, is_set, text_field, whole_field};
use crate::app::{Port, Probe, ProbeAction, RuntimeDefaults, UNKNOWN_RUNTIME};
use crate::diag::Diagnostics;
use crate::document::Node;
use crate::resolve::{defaults, form};
use crate::rules::{missing_field, several_questions};

pub(super) fn probe(
    node: &Node,
    ports: &[Port],
    runtime: Option<&RuntimeDefaults>,
    diagnostics: &mut Diagnostics,
) -> Option<Probe> {
    let action = action(node, ports, diagnostics)?;
    let seconds = |key| {
        let seconds = field(node, key).and_then(form::duration_ns)?.div_ceil(1_000_000_000);
        // Kubernetes counts in 32 bits with a sign.
        Some(seconds.min(i32::MAX as u64) as u32)
    };
    let (period, timeout, failures) = match node.name.as_str() {
        "liveness" => defaults::LIVENESS,
        "startup" => startup(runtime),
        _ => defaults::READINESS,
    };
    Some(Probe {
        action,
        delay_seconds: seconds("delay").unwrap_or(0),
        // The API server takes no period and no timeout of nothing.
        period_seconds: seconds("period").unwrap_or(period).max(1),
        timeout_seconds: seconds("timeout").unwrap_or(timeout).max(1),
        failures: whole_field(node, "failures").map_or(failures, |count| count.value),
        span: node.span,
    })
}

/// What a container with a liveness probe gets instead of a startup probe of its own: it must not be killed while it
/// starts.
pub(super) fn startup_of(liveness: &Probe, runtime: Option<&RuntimeDefaults>) -> Probe {
    let (period_seconds, timeout_seconds, failures) = startup(runtime);
    Probe { delay_seconds: 0, period_seconds, timeout_seconds, failures, ..liveness.clone() }
}

/// Period, timeout and failures that leave a process of the language its time to start.
fn startup(runtime: Option<&RuntimeDefaults>) -> (u32, u32, u32) {
    let start_ns = runtime.map_or(UNKNOWN_RUNTIME.0, |runtime| runtime.start_ns);
    let period = defaults::STARTUP_PERIOD_SECONDS;
    (period, 1, (start_ns / 1_000_000_000).div_ceil(u64::from(period)) as u32)
}

fn action(node: &Node, ports: &[Port], diagnostics: &mut Diagnostics) -> Option<ProbeAction> {
    let ways: Vec<&Node> = ["http", "grpc", "command"].iter().filter_map(|key| node.child(key)).collect();
    if let [first, second, ..] = ways.as_slice() {
        diagnostics.push(several_questions::found(node, first, second));
    }
    let command = words(node, "command");
    if !command.is_empty() {
        return Some(ProbeAction::Command(command));
    }
    let port = text_field(node, "port").or_else(|| first_port(node, ports));
    if port.is_none() {
        diagnostics.push(missing_field::found(node, "port", "\"http\""));
    }
    let port = port?;
    if let Some(path) = text_field(node, "http") {
        return Some(ProbeAction::Http { path: path.value, port });
    }
    Some(if is_set(node, "grpc") { ProbeAction::Grpc { port } } else { ProbeAction::Tcp { port } })
}
