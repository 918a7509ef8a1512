//! The requests on the CPU of a pod, in the order in which they will be done.

use std::collections::VecDeque;

/// Requests that share a CPU, each with how much everybody will have been served when it is done.
///
/// All get the same from a time on, so this order never changes: a newcomer takes its place, and none overtakes another.
#[derive(Clone, Debug, Default)]
pub(super) struct Running(VecDeque<(f64, u32)>);

impl Running {
    /// How many there are.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a request, behind those that are done at the same time; whether it is the next to be done.
    #[inline]
    pub(super) fn add(&mut self, done: f64, job: u32) -> bool {
        // Where all need equally long, each newcomer is the last.
        if self.0.back().is_none_or(|(last, _)| *last <= done) {
            self.0.push_back((done, job));
            return self.0.len() == 1;
        }
        let place = self.0.partition_point(|(other, _)| *other <= done);
        self.0.insert(place, (done, job));
        place == 0
    }

    /// The next to be done.
    #[inline]
    pub(super) fn first(&self) -> Option<(f64, u32)> {
        self.0.front().copied()
    }

    /// Takes it away.
    #[inline]
    pub(super) fn take_first(&mut self) {
        self.0.pop_front();
    }

    /// All of them, as they will be done.
    pub(super) fn all(&self) -> impl Iterator<Item = (f64, u32)> {
        self.0.iter().copied()
    }

    /// The same without when.
    pub(super) fn jobs(&self) -> impl Iterator<Item = u32> {
        self.all().map(|(_, job)| job)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_needs_less_is_done_first_and_equals_in_the_order_in_which_they_came() {
        let mut running = Running::default();
        let next = [5.0, 3.0, 5.0, 3.0, 1.0, 4.0].map(|done| running.add(done, running.len() as u32));
        assert_eq!(next, [true, true, false, false, true, false]);
        assert_eq!(running.jobs().collect::<Vec<_>>(), [4, 1, 3, 5, 0, 2]);
        running.take_first();
        assert_eq!(running.first(), Some((3.0, 1)));
    }
}
