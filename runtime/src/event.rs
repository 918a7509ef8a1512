//! What a run tells whoever watches it, and how it ends.

use std::time::{SystemTime, UNIX_EPOCH};

use compiler::object::ObjectKey;
use compiler::plan::TimeNs;
use tokio::sync::watch;

/// One line of progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// One of the cell's own objects is what the plan says.
    Object {
        /// The object.
        object: ObjectKey,
        /// What was done about it.
        change: Change,
    },
    /// A component's rollout begins.
    Started {
        /// The component.
        component: String,
        /// The revision to reach.
        revision: String,
        /// The revision that serves meanwhile.
        previous: Option<String>,
    },
    /// Something was written.
    Wrote {
        /// The component.
        component: String,
        /// What, in words.
        what: String,
    },
    /// Nothing to do until something changes; sent when the reason changes.
    Waiting {
        /// The component.
        component: String,
        /// What is waited for.
        reason: String,
        /// What the pods say about it.
        detail: Option<String>,
    },
    /// A call failed and is tried again.
    Retrying {
        /// The component.
        component: String,
        /// The error.
        error: String,
    },
    /// A component is at an end.
    Ended {
        /// The component.
        component: String,
        /// Which.
        end: End,
    },
    /// An object is gone.
    Removed(ObjectKey),
    /// An object stays, for a reason.
    Kept(ObjectKey, String),
}

/// What is done about an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is what the plan says.
    Same,
}

/// How one component's run ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The plan's revision has every pod.
    Released {
        /// Whether anything had to be written for it.
        changed: bool,
    },
    /// The previous revision has every pod again.
    RolledBack,
    /// It stands until somebody resumes; the batch, from 0, or `None` for a pause by command.
    Paused(Option<usize>),
    /// It waits for a component that this run does not move.
    Blocked(String),
    /// Nothing new is started; the reason.
    Failed(String),
    /// The run was told to stop; the record says how to go on.
    Interrupted,
}

/// Tells a run to stop between two writes.
#[derive(Clone)]
pub struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Stops when the channel says so. Its sender must live as long as what may be stopped: a closed channel ends every
    /// wait.
    pub fn on(told: watch::Receiver<bool>) -> Self {
        Self(told)
    }

    /// Stops at Ctrl-C and, where there is one, at SIGTERM.
    pub fn on_signals() -> Self {
        let (sender, receiver) = watch::channel(false);
        tokio::spawn(async move {
            signalled().await;
            let _nobody_listens = sender.send(true);
            // The receivers would see a closed channel as an end of waiting.
            std::future::pending::<()>().await;
        });
        Self(receiver)
    }

    /// Whether somebody has.
    pub fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    /// Sleeps, but not beyond the interrupt.
    pub async fn sleep(&self, duration: std::time::Duration) {
        let mut told = self.0.clone();
        tokio::select! {
            () = tokio::time::sleep(duration) => {}
            _ = told.wait_for(|set| *set) => {}
        }
    }
}

#[cfg(unix)]
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn signalled() {
    drop(tokio::signal::ctrl_c().await);
}

/// Nanoseconds since 1970.
pub(crate) fn now() -> TimeNs {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
}
