//! plan → what happens. The only crate that knows kube and tokio, and it decides nothing: each next step is
//! what [`compiler::plan::rollout::decide`] returns for the record in the cluster and what is observed.
//!
//! ```text
//! Access::load ─connect→ Cluster ─prepare→ Ready ─apply→ Ends
//! ```
//!
//! [`prepare`] only reads: everything that would stop an apply is found before anything is written.

mod access;
mod apply;
mod base;
mod cluster;
mod command;
mod delete;
mod difference;
mod drift;
mod error;
mod event;
mod follow;
mod foreign;
mod history;
mod live;
mod members;
mod observe;
mod preview;
mod quiet;
mod rights;
mod rollout;
mod store;
mod verification;
mod waves;
mod write;

pub use access::Access;
pub use apply::{Options, Ready, apply, prepare};
pub use base::base;
pub use cluster::Cluster;
pub use command::{Command, ComponentStatus, WorkloadStatus, command, status};
pub use delete::{Removal, delete, removal};
pub use difference::{Difference, ObjectDifference, difference};
pub use drift::{Drift, drift};
pub use error::{Call, Cause, Error};
pub use event::{Change, End, Event, Interrupt};
pub use history::{History, Past, history, rollback};
pub use preview::{Preview, preview};
pub use rights::{Right, rights};
