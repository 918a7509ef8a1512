//! How the kubelet asks a container how it is.

use crate::source::{Span, Spanned};

/// One probe; times are whole seconds, which is what Kubernetes counts in.
#[derive(Clone, Debug)]
pub struct Probe {
    /// What is asked.
    pub action: ProbeAction,
    /// The time before the first, in seconds.
    pub delay_seconds: u32,
    /// The time between two, in seconds.
    pub period_seconds: u32,
    /// How long an answer may take, in seconds.
    pub timeout_seconds: u32,
    /// How many in a row must fail before it counts.
    pub failures: u32,
    /// Where it is written.
    pub span: Span,
}

/// What a probe asks.
#[derive(Clone, Debug)]
pub enum ProbeAction {
    /// An HTTP path of a port, which must answer 2xx or 3xx.
    Http {
        /// The path.
        path: String,
        /// The port's name.
        port: Spanned<String>,
    },
    /// A port, which must take a connection.
    Tcp {
        /// The port's name.
        port: Spanned<String>,
    },
    /// The gRPC health service of a port.
    Grpc {
        /// The port's name.
        port: Spanned<String>,
    },
    /// A command in the container, which must exit with 0.
    Command(Vec<String>),
}

impl Probe {
    /// The port that it asks, if it asks one.
    pub fn port(&self) -> Option<&Spanned<String>> {
        match &self.action {
            ProbeAction::Http { port, .. } | ProbeAction::Tcp { port } | ProbeAction::Grpc { port } => {
                Some(port)
            }
            ProbeAction::Command(_) => None,
        }
    }

    /// From the container's start to the moment when it gives up, in seconds.
    pub fn patience_seconds(&self) -> u64 {
        u64::from(self.delay_seconds) + u64::from(self.period_seconds) * u64::from(self.failures)
    }
}
