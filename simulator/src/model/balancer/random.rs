//! Any backend, each with the same chance: what kube-proxy does in iptables mode.

use super::backends::Backends;
use crate::engine::random::Stream;

/// The next backend's slot.
#[inline]
pub fn choose(backends: &Backends, stream: &mut Stream) -> Option<u32> {
    let place = stream.below(backends.active.len() as u64);
    backends.active.get(place as usize).copied()
}
