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
pub mod schedule;
pub mod zone;
