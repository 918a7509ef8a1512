//! AlertmanagerConfig: who is told of which alerts.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};

use super::prometheus_rule::{EVENT, HELD, OWN};
use super::{Kind, labels};
use crate::app::{Addon, Cell, Cluster, Platform, Receiver, ReceiverKind};
use crate::object::Object;

/// `AlertmanagerConfig`
pub static KIND: Kind = Kind {
    name: "AlertmanagerConfig",
    docs: "Tells Alertmanager whom to tell, one for each receiver. It holds for the alerts of its own namespace, so \
           every cell has its own, and so must the Secret with the address. It also silences the usual alerts about \
           stuck rollouts while one is held at a batch.",
    ready: "it exists",
};

/// The alerts about rollouts that a held one sets off, of the mixin that most clusters have.
const STUCK: &str = "KubeStatefulSetUpdateNotRolledOut|KubeDaemonSetRolloutStuck";

/// One object a receiver, for the cell's alerts.
pub fn lower(platform: &Platform, cluster: &Cluster, cell: &Cell) -> Vec<Object> {
    if cluster.installed(Addon::PrometheusOperator).is_none() {
        return Vec::new();
    }
    let one = |receiver: &Receiver| {
        let metadata = ObjectMeta {
            name: Some(receiver.name.value.clone()),
            namespace: Some(cell.namespace.clone()),
            labels: Some(labels::of_cell(cell)),
            ..ObjectMeta::default()
        };
        let config = config(cluster, receiver, metadata, false)?;
        Some(Object::of_cell(config, &receiver.name.value))
    };
    platform.receivers.iter().filter_map(one).collect()
}

/// What a receiver is told; `None` if that is nothing. `of_cluster` chooses between the cluster's alerts and a cell's.
pub(super) fn config(
    cluster: &Cluster,
    receiver: &Receiver,
    mut metadata: ObjectMeta,
    of_cluster: bool,
) -> Option<AlertmanagerConfig> {
    let mut events: Vec<&str> = if of_cluster { Vec::new() } else { vec![OWN] };
    let told = receiver.events.iter().filter(|event| event.value.is_of_cluster() == of_cluster);
    events.extend(told.map(|event| event.value.word()));
    if events.is_empty() {
        return None;
    }
    metadata.labels.get_or_insert_default().extend(cluster.rule_labels.iter().cloned());
    let name = &receiver.name.value;
    Some(AlertmanagerConfig {
        api_version: "monitoring.coreos.com/v1alpha1".to_owned(),
        kind: KIND.name.to_owned(),
        metadata,
        spec: AlertmanagerConfigSpec {
            route: Route {
                receiver: name.clone(),
                matchers: vec![matcher(EVENT, "=~", &events.join("|"))],
                // DingTalk takes 20 messages a minute and then none for ten: alerts of one name come as one.
                group_by: vec!["alertname".to_owned()],
                group_wait: "30s".to_owned(),
                group_interval: "5m".to_owned(),
                repeat_interval: "4h".to_owned(),
            },
            receivers: vec![AlertmanagerReceiver {
                name: name.clone(),
                webhook_configs: vec![webhook(receiver)],
            }],
            inhibit_rules: if of_cluster { Vec::new() } else { vec![silence()] },
        },
    })
}

/// Alertmanager cannot put a message into DingTalk's form, so an adapter stands between them.
fn webhook(receiver: &Receiver) -> Webhook {
    let url = match receiver.kind.value {
        ReceiverKind::Dingtalk => receiver.adapter.as_ref().map(|adapter| adapter.value.clone()),
        ReceiverKind::Webhook => None,
    };
    let secret = receiver
        .address
        .as_ref()
        .filter(|_| url.is_none())
        .map(|address| SecretKey { name: address.value.0.clone(), key: address.value.1.clone() });
    Webhook { url, url_secret: secret, send_resolved: true }
}

fn silence() -> InhibitRule {
    InhibitRule {
        source_match: vec![matcher(EVENT, "=", HELD)],
        target_match: vec![matcher("alertname", "=~", STUCK)],
        equal: ["namespace", "statefulset", "daemonset"].map(str::to_owned).to_vec(),
    }
}

fn matcher(name: &str, match_type: &str, value: &str) -> Matcher {
    Matcher { name: name.to_owned(), value: value.to_owned(), match_type: match_type.to_owned() }
}

/// `monitoring.coreos.com/v1alpha1`, as far as specc uses it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertmanagerConfig {
    /// Always `monitoring.coreos.com/v1alpha1`.
    pub api_version: String,
    /// Always `AlertmanagerConfig`.
    pub kind: String,
    /// Name and namespace.
    pub metadata: ObjectMeta,
    /// Who is told of what.
    pub spec: AlertmanagerConfigSpec,
}

/// Who is told of what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertmanagerConfigSpec {
    /// Which alerts go where.
    pub route: Route,
    /// Where that is.
    pub receivers: Vec<AlertmanagerReceiver>,
    /// Which alerts silence which.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inhibit_rules: Vec<InhibitRule>,
}

/// Which alerts go where, and how they are put together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    /// The name of a receiver of the object.
    pub receiver: String,
    /// What the alert's labels must be.
    pub matchers: Vec<Matcher>,
    /// Alerts with the same values of these labels are one message.
    pub group_by: Vec<String>,
    /// How long a first message waits for more.
    pub group_wait: String,
    /// How long the next message of a group waits.
    pub group_interval: String,
    /// When it is said again.
    pub repeat_interval: String,
}

/// One receiver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertmanagerReceiver {
    /// Its name.
    pub name: String,
    /// Where alerts are posted to.
    pub webhook_configs: Vec<Webhook>,
}

/// A web address that takes alerts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// The address in the open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where the address is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_secret: Option<SecretKey>,
    /// Also says when it is over.
    pub send_resolved: bool,
}

/// A key of a Secret in the object's namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretKey {
    /// The Secret.
    pub name: String,
    /// The key in it.
    pub key: String,
}

/// One condition on a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Matcher {
    /// The label.
    pub name: String,
    /// Its value, or a pattern of it.
    pub value: String,
    /// `=` or `=~`.
    pub match_type: String,
}

/// While an alert of the source is there, those of the target are not sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InhibitRule {
    /// What silences.
    pub source_match: Vec<Matcher>,
    /// What is silenced.
    pub target_match: Vec<Matcher>,
    /// Labels that both must have alike.
    pub equal: Vec<String>,
}
