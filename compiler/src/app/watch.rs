//! What is watched: alerts, who is told, and where logs go.

use crate::source::Spanned;

/// One alert of a component.
#[derive(Clone, Debug)]
pub struct Alert {
    /// What is watched.
    pub signal: Spanned<Signal>,
    /// Above which value; what it counts depends on the signal.
    pub above: Option<Spanned<Threshold>>,
    /// How long it must last, in nanoseconds.
    pub for_ns: u64,
    /// How much it weighs.
    pub severity: AlertSeverity,
}

/// What an alert of a component watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Mean CPU use over the pods, in per cent of the request, as the autoscaler sees it.
    Cpu,
    /// Memory use of one pod, in per cent of its limit.
    Memory,
    /// Restarts of one pod within ten minutes.
    Restarts,
    /// A container that ran out of memory.
    Oom,
    /// Pods that run and are not ready, in per cent of all.
    NotReady,
    /// The autoscaler has as many pods as it may have.
    AtMax,
    /// Pods of the wanted revision that do not come up.
    Stuck,
}

impl Signal {
    /// The words of the language, in the order of [`Signal::ALL`].
    pub const WORDS: &'static [&'static str] =
        &["cpu", "memory", "restarts", "oom", "not-ready", "hpa-at-max", "rollout-stuck"];

    /// Every one, in the order of [`Signal::WORDS`].
    pub const ALL: &'static [Signal] = &[
        Signal::Cpu,
        Signal::Memory,
        Signal::Restarts,
        Signal::Oom,
        Signal::NotReady,
        Signal::AtMax,
        Signal::Stuck,
    ];

    /// The one of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        let index = Self::WORDS.iter().position(|known| *known == word)?;
        Self::ALL.get(index).copied()
    }

    /// The word in the language.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().position(|known| *known == self).map_or("", |index| Self::WORDS[index])
    }
}

/// Above which value an alert is raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// A count.
    Count(u32),
    /// A share, in per cent.
    Percent(u32),
}

/// How much an alert weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertSeverity {
    /// Somebody looks at it in working hours.
    Warning,
    /// Somebody is woken.
    Critical,
}

/// One file or stream of a component whose lines are collected.
#[derive(Clone, Debug)]
pub struct Logs {
    /// Which.
    pub source: Spanned<LogSource>,
}

/// What lines are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogSource {
    /// What the container prints.
    Stdout,
    /// Files in the container, by a path that may hold `*`.
    File(String),
}

/// Where a cluster's logs are kept: a project of Alibaba Cloud's log service.
#[derive(Clone, Debug)]
pub struct LogStore {
    /// The project.
    pub project: String,
    /// The logstore in it.
    pub logstore: String,
    /// The region it is in.
    pub region: String,
    /// The host that takes the lines.
    pub endpoint: String,
}

/// Somebody who is told.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// Its name.
    pub name: Spanned<String>,
    /// How it is told.
    pub kind: Spanned<ReceiverKind>,
    /// The Secret and the key in it that hold the address.
    pub address: Option<Spanned<(String, String)>>,
    /// The web address that translates for it.
    pub adapter: Option<Spanned<String>>,
    /// What it is told of.
    pub events: Vec<Spanned<WatchedEvent>>,
}

/// How somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiverKind {
    /// A robot in a group of DingTalk.
    Dingtalk,
    /// A web address that takes what Alertmanager posts.
    Webhook,
}

/// What somebody may be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WatchedEvent {
    /// A node that is not ready.
    NodeNotReady,
    /// A node that is short of something, or whose problem detector sees something.
    NodePressure,
    /// Names that are not resolved, late or wrongly.
    Dns,
    /// A container that ran out of memory.
    Oom,
    /// A pod that its node has thrown out.
    Evicted,
    /// A pod for which there is no node.
    FailedScheduling,
    /// A pod that runs and is not ready.
    Unhealthy,
    /// A container that is started again and again, or whose image cannot be had.
    BackOff,
}

impl WatchedEvent {
    /// The words of the language, in the order of [`WatchedEvent::ALL`].
    pub const WORDS: &'static [&'static str] = &[
        "node-not-ready",
        "node-pressure",
        "dns",
        "oom",
        "evicted",
        "failed-scheduling",
        "unhealthy",
        "back-off",
    ];

    /// Every one, in the order of [`WatchedEvent::WORDS`].
    pub const ALL: &'static [WatchedEvent] = &[
        WatchedEvent::NodeNotReady,
        WatchedEvent::NodePressure,
        WatchedEvent::Dns,
        WatchedEvent::Oom,
        WatchedEvent::Evicted,
        WatchedEvent::FailedScheduling,
        WatchedEvent::Unhealthy,
        WatchedEvent::BackOff,
    ];

    /// The one of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        let index = Self::WORDS.iter().position(|known| *known == word)?;
        Self::ALL.get(index).copied()
    }

    /// The word in the language, which is the value of the alert's `event` label.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().position(|known| *known == self).map_or("", |index| Self::WORDS[index])
    }

    /// Whether it happens to the cluster and not to one pod.
    pub fn is_of_cluster(self) -> bool {
        match self {
            Self::NodeNotReady | Self::NodePressure | Self::Dns => true,
            Self::Oom | Self::Evicted | Self::FailedScheduling | Self::Unhealthy | Self::BackOff => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signal_and_event_has_a_word() {
        assert_eq!(Signal::WORDS.len(), Signal::ALL.len());
        assert_eq!(WatchedEvent::WORDS.len(), WatchedEvent::ALL.len());
        assert!(Signal::ALL.iter().all(|signal| Signal::from_word(signal.word()) == Some(*signal)));
        assert!(WatchedEvent::ALL.iter().all(|event| WatchedEvent::from_word(event.word()) == Some(*event)));
        assert_eq!(Signal::AtMax.word(), "hpa-at-max");
        assert_eq!(WatchedEvent::BackOff.word(), "back-off");
    }
}
