//! Taints and tolerations (`TaintToleration`, `NodeUnschedulable`).

use k8s_openapi::api::core::v1::{Taint, Toleration};

use super::node::Node;
use super::shape::Shape;

/// Whether a pod may go to a node that takes no new pods.
pub fn enters(shape: &Shape, node: &Node) -> bool {
    let cordon = || Taint {
        key: "node.kubernetes.io/unschedulable".to_owned(),
        effect: "NoSchedule".to_owned(),
        ..Taint::default()
    };
    !node.is_cordoned || bears(&shape.tolerations, &cordon())
}

/// Whether a pod bears every taint of a node that keeps pods off it.
pub fn bears_all(shape: &Shape, node: &Node) -> bool {
    let mut taints =
        node.taints.iter().filter(|taint| matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute"));
    taints.all(|taint| bears(&shape.tolerations, taint))
}

/// How many taints of a node a pod had better avoid.
pub fn avoided(shape: &Shape, node: &Node) -> i64 {
    let soft = node.taints.iter().filter(|taint| taint.effect == "PreferNoSchedule");
    soft.filter(|taint| !bears(&shape.tolerations, taint)).count() as i64
}

fn bears(tolerations: &[Toleration], taint: &Taint) -> bool {
    tolerations.iter().any(|toleration| tolerates(toleration, taint))
}

/// Whether a toleration bears a taint.
pub fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let any_or = |written: Option<&String>, meant: &str| {
        written.is_none_or(|written| written.is_empty() || written == meant)
    };
    let value = || toleration.value.as_deref().unwrap_or("") == taint.value.as_deref().unwrap_or("");
    any_or(toleration.effect.as_ref(), &taint.effect)
        && any_or(toleration.key.as_ref(), &taint.key)
        && match toleration.operator.as_deref().unwrap_or("") {
            "Exists" => true,
            "" | "Equal" => value(),
            // `Lt` and `Gt` stand behind a feature gate that is off.
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toleration(value: serde_json::Value) -> bool {
        let taint = Taint {
            key: "virtual-kubelet.io/provider".to_owned(),
            value: Some("alibabacloud".to_owned()),
            effect: "NoSchedule".to_owned(),
            ..Taint::default()
        };
        tolerates(&serde_json::from_value(value).unwrap(), &taint)
    }

    #[test]
    fn tolerations_match_as_in_kubernetes() {
        let key = "virtual-kubelet.io/provider";
        assert!(toleration(serde_json::json!({"operator": "Exists"})));
        assert!(toleration(serde_json::json!({"key": key, "value": "alibabacloud", "effect": "NoSchedule"})));
        assert!(toleration(serde_json::json!({"key": key, "operator": "Exists"})));
        assert!(!toleration(serde_json::json!({"key": key, "value": "other"})));
        assert!(!toleration(serde_json::json!({"key": key, "operator": "Exists", "effect": "NoExecute"})));
        assert!(!toleration(serde_json::json!({})));
    }
}
