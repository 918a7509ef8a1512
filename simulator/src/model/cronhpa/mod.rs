//! cronhpa, Alibaba Cloud's controller that scales by the clock, step for step.
//!
//! [`object`] is what it is told and what it answers, [`schedule`] says when a job is due, [`engine`] waits for it,
//! [`job`] scales, [`controller`] ties them, [`api`] is all that it asks of a cluster. Nothing of it knows the
//! simulation: the same code replays recorded runs. Its faults are upstream's: five fields are not those of a crontab,
//! dates have no year, excluded days are compared by month and hour, a removal makes other jobs late.

pub mod api;
pub mod controller;
pub mod date;
pub mod duration;
pub mod engine;
pub mod exclude;
pub mod job;
pub mod object;
mod run;
pub mod schedule;
pub mod zone;

use crate::mechanism::{Mechanism, Number};

pub use run::Cronhpa;

/// `cronhpa`
pub static MECHANISM: Mechanism = Mechanism {
    name: "cronhpa",
    docs: "Alibaba Cloud's controller that scales by the clock (kubernetes-cronhpa-controller of November 2023), step for step: its schedules, its one timer, its jobs and their states, retries, excluded days, and the look after lost jobs. It is checked against recorded runs of the controller itself, and has its faults: a schedule of five fields is not that of a crontab; a date comes back every year; excluded days are compared by month and hour; on an autoscaler the upper bound is raised and never lowered, and the lower bound stays where enough pods run already; taking a job away makes the next one late; a schedule that never fires is run every ten minutes. In a run the process lives from beginning to end.",
    defaults: &[
        Number {
            name: "time zone",
            value: |_| "that of `installed \"cronhpa\"`, or UTC".to_owned(),
            source: "the zone of its process: time.Local",
        },
        Number {
            name: "between two attempts",
            value: |_| "3 s".to_owned(),
            source: "pkg/controller/cronjob.go: updateRetryInterval",
        },
        Number {
            name: "no attempt after",
            value: |_| "10 s".to_owned(),
            source: "pkg/controller/cronjob.go: maxRetryTimeout",
        },
        Number {
            name: "between two looks after lost jobs",
            value: |_| "600 s".to_owned(),
            source: "pkg/controller/cronmanager.go: GCInterval",
        },
    ],
};
