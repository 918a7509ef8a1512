//! AckAlertRule: ACK's own alerting, which is one object that everybody shares.

use serde_json::{Value, json};

use super::Fragment;
use crate::app::{Cluster, Platform, Provider, WatchedEvent};
use crate::lower::events;

/// What people read at the top of the file.
const ABOUT: &str = "\
# A fragment: AckAlertRule/default in kube-system is one object that ACK and others write. Merge these rules into its
# groups; applying this file would overwrite theirs.
";

/// The group that the events of the platform's receivers need; `None` on other clusters and if nobody is told.
pub(super) fn lower(platform: &Platform, cluster: &Cluster) -> Option<Fragment> {
    let told = |event: &&WatchedEvent| {
        platform.receivers.iter().flat_map(|receiver| &receiver.events).any(|told| told.value == **event)
    };
    let mut rules: Vec<Value> = Vec::new();
    for (name, kind, expression) in
        WatchedEvent::ALL.iter().filter(told).flat_map(|event| events::ack_rules(*event))
    {
        let rule = rule(name, kind, expression);
        // Two events may stand behind one rule of ACK.
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    if rules.is_empty() || cluster.provider != Provider::Ack {
        return None;
    }
    let object = json!({
        "apiVersion": "alert.alibabacloud.com/v1beta1",
        "kind": "AckAlertRule",
        "metadata": { "name": "default", "namespace": "kube-system" },
        "spec": { "groups": [{ "name": "specc", "rules": rules }] },
    });
    let yaml = serde_saphyr::to_string(&object).expect("JSON values serialise as YAML");
    Some(Fragment {
        file_name: "fragment.AckAlertRule.default.yaml".to_owned(),
        yaml: format!("{ABOUT}{yaml}"),
    })
}

/// The thresholds of host metrics are ACK's own: 85 per cent, three times in a row, silent for 15 minutes after.
fn rule(name: &str, kind: &str, expression: &str) -> Value {
    let mut rule = json!({ "name": name, "type": kind, "expression": expression, "enable": "enable" });
    if kind == "metric-cms" {
        rule["thresholds"] = json!([
            { "key": "CMS_ESCALATIONS_CRITICAL_Threshold", "unit": "percent", "value": "85" },
            { "key": "CMS_ESCALATIONS_CRITICAL_Times", "value": "3" },
            { "key": "CMS_RULE_SILENCE_SEC", "value": "900" },
        ]);
    }
    rule
}
