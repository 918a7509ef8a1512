//! A run event by event, one line each, for people and for `awk`.

use super::counted;
use crate::engine::trace::{KillReason, Trace, What};

/// The columns, which the first line names.
const COLUMNS: &str = "seconds\tevent\tobject\tdetail\n";

/// Every event: its word, what it happens to, what the detail says, and when it comes.
static EVENTS: &[[&str; 4]] = &[
    [
        "scaled",
        "a workload",
        "its count before and after",
        "an autoscaler or the clock wrote `spec.replicas`",
    ],
    ["created", "a pod", "", "a controller made the pod"],
    ["unschedulable", "a workload", "why no node took its pods", "the reason is new, or came again"],
    ["scheduled", "a pod", "its node", "the scheduler gave it the node, which begins to pull and start"],
    ["started", "a pod", "", "its container runs, for the first time or again; probes ask from here on"],
    ["ready", "a pod", "", "its probe succeeded; balancers hear of it after their delay"],
    ["killed", "a pod", "why", "its container was killed, and is started again after a back-off"],
    ["ending", "a pod", "", "it was deleted: balancers forget it, it finishes what it has"],
    ["gone", "a pod", "", "it exists no more"],
    ["reclaimed", "a pod", "", "ECI takes the spot pod back after a notice"],
    ["ordered", "a pool", "how many nodes, for how many pods", "the cluster autoscaler asks for nodes"],
    ["joined", "a node", "", "it takes pods"],
    ["closed", "a node", "how many pods are evicted", "nobody needs it; it takes no pods any more"],
    ["left", "a node", "", "it exists no more"],
    ["clock", "an object that scales by the clock", "what it did", "a job of it ran"],
    ["write", "a component", "what was written", "its release wrote an object"],
    ["rollout", "a component", "the stage", "its release entered a stage, waits or ended"],
    ["fault", "what fails", "that it fails, or works again", "as the scenario says"],
];

/// The events of a run, in order, with tabs between four columns: seconds since the run began, the event, the object it
/// happened to, and what there is to say of it.
pub fn events(trace: &Trace) -> String {
    let mut text = COLUMNS.to_owned();
    for happening in &trace.happenings {
        let ms = happening.at_ns / 1_000_000;
        let (event, object, detail) = described(trace, &happening.what);
        text.push_str(&format!("{}.{:03}\t{event}\t{object}\t{detail}\n", ms / 1000, ms % 1000));
    }
    text
}

/// What each column and each event means.
pub fn docs() -> String {
    let mut text = "# trace\n\nWhat `specc simulate --trace FILE` writes: the first line names the columns, every other is \
                    one event, in order, with tabs between the columns.\n\n\
                    - `seconds`: simulated time since the run began, to the millisecond\n\
                    - `event`: one of the words below\n\
                    - `object`: what it happened to; a pod is its workload and its number in the run, such as `api-1/12`\n\
                    - `detail`: what there is to say of it\n\n\
                    | event | object | detail | when |\n|---|---|---|---|\n"
        .to_owned();
    for [event, object, detail, when] in EVENTS {
        text.push_str(&format!("| `{event}` | {object} | {detail} | {when} |\n"));
    }
    text
}

fn described(trace: &Trace, what: &What) -> (&'static str, String, String) {
    let of_pod = |event, pod: &u32| (event, trace.pod(*pod), String::new());
    match what {
        What::Scaled { deployment, from, to } => {
            ("scaled", deployment.clone(), format!("{from} to {to} pods"))
        }
        What::Unschedulable { deployment, reason } => ("unschedulable", deployment.clone(), reason.clone()),
        What::PodCreated { pod } => of_pod("created", pod),
        What::Scheduled { pod, node } => ("scheduled", trace.pod(*pod), node.clone()),
        What::Started { pod } => of_pod("started", pod),
        What::PodReady { pod } => of_pod("ready", pod),
        What::Killed { pod, reason } => {
            let reason = match reason {
                KillReason::OutOfMemory => "out of memory",
                KillReason::TooSlow => "not up in time",
            };
            ("killed", trace.pod(*pod), reason.to_owned())
        }
        What::PodEnding { pod } => of_pod("ending", pod),
        What::PodGone { pod } => of_pod("gone", pod),
        What::SpotReclaimed { pod } => of_pod("reclaimed", pod),
        What::NodesOrdered { pool, nodes, pods } => {
            ("ordered", pool.clone(), format!("{} for {}", counted(*nodes, "node"), counted(*pods, "pod")))
        }
        What::NodeJoined { node } => ("joined", node.clone(), String::new()),
        What::NodeClosed { node, pods } => {
            ("closed", node.clone(), format!("{} evicted", counted(*pods, "pod")))
        }
        What::NodeLeft { node } => ("left", node.clone(), String::new()),
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
            at(1_500_000_000, What::Scaled { deployment: "web".to_owned(), from: 0, to: 1 }),
            at(1_510_400_000, What::Scheduled { pod: 0, node: "general-0".to_owned() }),
            at(9_000_000_000, What::PodReady { pod: 0 }),
        ];
        let (workloads, pods) = (vec!["web".to_owned()], vec![0]);
        let text = events(&Trace { happenings, workloads, pods, ..Trace::default() });
        assert_eq!(
            text,
            "seconds\tevent\tobject\tdetail\n1.500\tscaled\tweb\t0 to 1 pods\n1.510\tscheduled\tweb/0\tgeneral-0\n\
             9.000\tready\tweb/0\t\n"
        );
    }
}
