//! What every simulation is made of: time, the queue of events, random streams, histograms, the trace.

pub mod clock;
mod heap;
pub mod histogram;
pub mod queue;
pub mod random;
pub mod trace;
