//! A run event by event, one line each, for people and for `awk`.

use super::counted;
use crate::engine::trace::{Trace, What};

/// The columns, which the first line names.
const COLUMNS: &str = "seconds\tevent\tobject\tdetail\n";

/// The events of a run, in order, with tabs between four columns: seconds since the run began, the event, the object it
/// happened to (a pod by its number in the run), and what there is to say of it.
pub fn events(trace: &Trace) -> String {
    let mut text = COLUMNS.to_owned();
    for happening in &trace.happenings {
        let ms = happening.at_ns / 1_000_000;
        let (event, object, detail) = described(&happening.what);
        text.push_str(&format!("{}.{:03}\t{event}\t{object}\t{detail}\n", ms / 1000, ms % 1000));
    }
    text
}

fn described(what: &What) -> (&'static str, String, String) {
    match what {
        What::Scaled { deployment, from, to } => {
            ("scaled", deployment.clone(), format!("{from} to {to} pods"))
        }
        What::Unschedulable { deployment, reason } => ("unschedulable", deployment.clone(), reason.clone()),
        What::Scheduled { pod, node } => ("scheduled", format!("pod {pod}"), node.clone()),
        What::PodReady { pod } => ("ready", format!("pod {pod}"), String::new()),
        What::PodGone { pod } => ("gone", format!("pod {pod}"), String::new()),
        What::NodesOrdered { pool, nodes, pods } => {
            ("ordered", pool.clone(), format!("{} for {}", counted(*nodes, "node"), counted(*pods, "pod")))
        }
        What::NodeJoined { node } => ("joined", node.clone(), String::new()),
        What::NodeClosed { node, pods } => {
            ("closed", node.clone(), format!("{} evicted", counted(*pods, "pod")))
        }
        What::NodeLeft { node } => ("left", node.clone(), String::new()),
        What::SpotReclaimed { pod } => ("reclaimed", format!("pod {pod}"), String::new()),
        What::OutOfMemory { pod, workload } => ("out-of-memory", format!("pod {pod}"), workload.clone()),
        What::Fault { object, step } => ("fault", object.clone(), step.clone()),
        What::Clock { object, step } => ("clock", object.clone(), step.clone()),
        What::Rollout { component, step, write } => {
            (if *write { "write" } else { "rollout" }, component.clone(), step.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::trace::Happening;

    #[test]
    fn an_event_is_a_line_of_four_columns() {
        let at = |at_ns, what| Happening { at_ns, what };
        let happenings = vec![
            at(1_500_000_000, What::Scaled { deployment: "web".to_owned(), from: 4, to: 8 }),
            at(1_510_400_000, What::Scheduled { pod: 4, node: "general-0".to_owned() }),
            at(9_000_000_000, What::PodReady { pod: 4 }),
        ];
        let text = events(&Trace { happenings, ..Trace::default() });
        assert_eq!(
            text,
            "seconds\tevent\tobject\tdetail\n1.500\tscaled\tweb\t4 to 8 pods\n1.510\tscheduled\tpod 4\tgeneral-0\n\
             9.000\tready\tpod 4\t\n"
        );
    }
}
