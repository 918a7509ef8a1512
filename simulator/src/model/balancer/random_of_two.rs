//! Two backends at random, and of these the one with fewer open requests for its weight.

use super::backends::Backends;
use crate::engine::random::Stream;

/// The next backend's slot.
#[inline]
pub fn choose(backends: &Backends, stream: &mut Stream) -> Option<u32> {
    let count = backends.active.len() as u64;
    if count < 2 {
        return backends.active.first().copied();
    }
    let first = stream.below(count);
    let second = stream.below(count - 1);
    // Two different ones: those from the first on move up by one.
    let second = second + u64::from(second >= first);
    let [first, second] = [first, second].map(|place| backends.active[place as usize]);
    let fuller = backends.load(first, second) > backends.load(second, first);
    Some(if fuller { second } else { first })
}
