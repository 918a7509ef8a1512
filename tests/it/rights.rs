//! What `specc rbac` prints, without a cluster.

use std::collections::BTreeSet;

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::process::{specc, trial};

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("rights::every_rule_names_its_kind_and_verbs", every_rule_names_its_kind_and_verbs),
        trial("rights::only_what_a_whole_cluster_holds_needs_a_cluster_role", only_what_a_cluster_holds),
        trial("rights::somebody_has_to_be_given_them", somebody_has_to_be_given_them),
    ]
}

fn documents(arguments: &[&str]) -> Vec<Value> {
    let run = specc(&[&["rbac"], arguments].concat());
    assert_eq!(run.code, Some(0), "{arguments:?}: {}", run.stderr);
    run.stdout.split("---\n").map(|text| serde_saphyr::from_str(text).expect("YAML")).collect()
}

/// Every rule of every kind of role.
fn rules(documents: &[Value]) -> Vec<&Value> {
    documents.iter().filter_map(|document| document["rules"].as_array()).flatten().collect()
}

fn every_rule_names_its_kind_and_verbs() {
    for cell in [
        &["specs/mini-program", "-e", "prod"][..],
        &["specs/order-service", "-e", "prod"],
        &["specs/flash-sale", "-e", "abroad"],
        &["specs/erp", "-e", "prod", "-t", "merchant-a"],
    ] {
        let documents = documents(&[cell, &["--as", "deployer"]].concat());
        assert_eq!(documents[0]["kind"], "Namespace", "rights need a place: {cell:?}");
        let rules = rules(&documents);
        assert!(rules.len() > 5, "{cell:?}");
        let mut seen = BTreeSet::new();
        for rule in rules {
            let text = rule.to_string();
            assert!(!text.contains('*') && !text.contains("secrets"), "{cell:?}: {text}");
            let named = rule["resourceNames"].is_array();
            for verb in rule["verbs"].as_array().expect("verbs") {
                assert!(!named || *verb != "list", "a list has no name: {text}");
                let verb = verb.as_str().unwrap_or_default();
                let known = ["get", "list", "create", "update", "patch", "delete"];
                assert!(known.contains(&verb), "{text}");
            }
            assert!(seen.insert(text), "no rule is said twice");
        }
    }
    let documents = documents(&["specs/mini-program", "-e", "prod", "--as", "deployer"]);
    let services: Vec<&Value> =
        rules(&documents).into_iter().filter(|rule| rule["resources"] == json!(["services"])).collect();
    // Neither a list nor a creation has a name.
    let unnamed = json!({ "apiGroups": [""], "resources": ["services"], "verbs": ["create", "list"] });
    let named = json!({
        "apiGroups": [""], "resources": ["services"], "resourceNames": ["api", "redis"],
        "verbs": ["delete", "get", "patch"],
    });
    assert_eq!(services, [&unnamed, &named]);
}

fn only_what_a_cluster_holds() {
    let wide = |cell: &[&str]| -> Vec<Value> {
        let documents = documents(&[cell, &["--service-account", "ci/specc"]].concat());
        documents.into_iter().filter(|document| document["metadata"]["namespace"].is_null()).collect()
    };
    let kinds = |documents: &[Value]| -> Vec<Value> {
        documents.iter().map(|document| document["kind"].clone()).collect()
    };
    assert_eq!(kinds(&wide(&["specs/mini-program", "-e", "prod"])), ["Namespace"]);
    let erp = wide(&["specs/erp", "-e", "prod", "-t", "merchant-a"]);
    assert_eq!(kinds(&erp), ["Namespace", "ClusterRole", "ClusterRoleBinding"]);
    let nodes = json!([{ "apiGroups": [""], "resources": ["nodes"], "verbs": ["list"] }]);
    assert_eq!(erp[1]["rules"], nodes, "Windows pods wait for a node of their build");
    let account = json!([{ "kind": "ServiceAccount", "namespace": "ci", "name": "specc" }]);
    assert_eq!(erp[2]["subjects"], account);
}

fn somebody_has_to_be_given_them() {
    let cell = ["rbac", "specs/mini-program", "-e", "prod"];
    let cases: [(&[&str], &str); 3] = [
        (&[], "--as <USER>"),
        (&["--as", "a", "--service-account", "b/c"], "cannot be used with"),
        (&["--service-account", "specc"], "NAMESPACE/NAME"),
    ];
    for (more, why) in cases {
        let run = specc(&[&cell[..], more].concat());
        assert_eq!(run.code, Some(2), "{more:?}: {}", run.stderr);
        assert!(run.stderr.contains(why), "{more:?}: {}", run.stderr);
    }
}
