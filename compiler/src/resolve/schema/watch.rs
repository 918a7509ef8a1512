//! The nodes of what is watched: alerts, receivers, logs, and what a cluster has for them.

use super::{Argument, ArgumentCount, NodeType, field, one};
use crate::app::{Signal, WatchedEvent};
use crate::resolve::form::Form;

pub(super) static ALERT: NodeType = NodeType {
    name: "alert",
    docs: "Tells the platform's receivers when the component is in trouble. `cpu` is the mean use in per cent of the \
           request and `memory` one pod's in per cent of its limit; `restarts` counts those of a pod within ten \
           minutes; `not-ready` is a share of all pods; `oom`, `hpa-at-max` and `rollout-stuck` need no value.",
    arguments: &[one("signal", Form::Word(Signal::WORDS))],
    children: &[&ABOVE, &FOR, &SEVERITY],
    many: true,
};

static ABOVE: NodeType = field(
    "above",
    "The value that is too much: a share such as \"80%\", or for `restarts` a count.",
    &[one("value", Form::Threshold)],
);

static FOR: NodeType =
    field("for", "How long it must last; 5m unless told.", &[one("duration", Form::Duration)]);

static SEVERITY: NodeType = field(
    "severity",
    "How much it weighs; `warning` unless told.",
    &[one("level", Form::Word(&["warning", "critical"]))],
);

pub(super) static LOGS: NodeType = NodeType {
    name: "logs",
    docs: "Collects what the container prints (`logs \"stdout\"`), or files in it (`logs file=\"/var/log/app/*.log\"`), \
           into the cluster's log store.",
    arguments: &[Argument { name: "stream", form: Form::Word(&["stdout"]), count: ArgumentCount::Optional }],
    children: &[&FILE],
    many: true,
};

static FILE: NodeType =
    field("file", "The files in the container; `*` stands for anything.", &[one("path", Form::AbsolutePath)]);

pub(super) static RECEIVER: NodeType = NodeType {
    name: "receiver",
    docs: "Somebody who is told of alerts: of every component's own, and of the events listed here.",
    arguments: &[one("name", Form::Name)],
    children: &[&KIND, &ADDRESS, &ADAPTER, &EVENT],
    many: true,
};

static KIND: NodeType = field(
    "kind",
    "How it is told: a robot of `dingtalk`, or a `webhook` that takes what Alertmanager posts.",
    &[one("name", Form::Word(&["dingtalk", "webhook"]))],
);

static ADDRESS: NodeType = field(
    "address",
    "The Secret that holds its address, which must be in every namespace that alerts come from. For `dingtalk` it is \
     the adapter that reads it.",
    &[one("secret", Form::Secret)],
);

static ADAPTER: NodeType = field(
    "adapter",
    "The web address of what turns Alertmanager's messages into DingTalk's.",
    &[one("url", Form::Url)],
);

static EVENT: NodeType = NodeType {
    name: "event",
    docs: "What it is told of.",
    arguments: &[Argument {
        name: "names",
        form: Form::Word(WatchedEvent::WORDS),
        count: ArgumentCount::Several,
    }],
    children: &[],
    many: true,
};

pub(super) static CLUSTER_LOGS: NodeType = NodeType {
    name: "logs",
    docs: "Where the cluster's logs are kept: a logstore of Alibaba Cloud's log service.",
    arguments: &[],
    children: &[&PROJECT, &LOGSTORE, &REGION, &ENDPOINT],
    many: false,
};

static PROJECT: NodeType = field("project", "The project.", &[one("name", Form::LogName)]);

static LOGSTORE: NodeType = field("logstore", "The logstore in it.", &[one("name", Form::LogName)]);

static REGION: NodeType = field("region", "The region it is in.", &[one("name", Form::Name)]);

static ENDPOINT: NodeType = field(
    "endpoint",
    "The host that takes the lines; the region's public one unless told.",
    &[one("host", Form::Domain)],
);

pub(super) static MONITORING: NodeType = NodeType {
    name: "monitoring",
    docs: "What the Prometheus operator of the cluster looks for, and what its Prometheus can be asked.",
    arguments: &[],
    children: &[&RULE_LABEL, &PROMETHEUS, &QUERY],
    many: false,
};

static PROMETHEUS: NodeType = field(
    "prometheus",
    "The web address of its Prometheus, or of what answers like it, as it is reached from where `specc apply` runs.",
    &[one("url", Form::Url)],
);

static QUERY: NodeType = NodeType {
    name: "query",
    docs: "A question in PromQL that releases may be verified by under this name, of one value. `{namespace}`, \
           `{component}` and `{revision}` stand for what is being released; its pods are called \
           `{component}-{revision}-…`. Shares are of 1 and durations in seconds, as Prometheus has them; no \
           value is no answer, so write `(… or vector(0))` around what is good when there is none of it.",
    arguments: &[one("name", Form::Name), one("promql", Form::Text)],
    children: &[],
    many: true,
};

static RULE_LABEL: NodeType = NodeType {
    name: "rule-label",
    docs: "A label that rules and receivers must carry to be read: the operator's `ruleSelector`.",
    arguments: &[one("name", Form::Name), one("value", Form::Name)],
    children: &[],
    many: true,
};

pub(super) static NODE_PROBLEM_DETECTOR: NodeType = NodeType {
    name: "node-problem-detector",
    docs: "Watches the kernel, the file systems and the kubelet of every Linux node; `specc build --platform` makes it. \
           It reports and repairs nothing. Behind a virtual node it cannot run.",
    arguments: &[],
    children: &[&DETECTOR_IMAGE],
    many: false,
};

static DETECTOR_IMAGE: NodeType = field("image", "Its image.", &[one("reference", Form::Text)]);
