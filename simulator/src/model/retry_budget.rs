//! How many retries a caller may add to what it sends: a share of its first attempts, over a sliding window.

use crate::engine::clock::SECOND_NS;

/// The window, in slots of a second.
pub(super) const WINDOW_SECONDS: usize = 10;
/// Retries a second that are always allowed, for callers that send little.
pub(super) const RETRIES_ALWAYS: u64 = 10;

/// What one caller has sent lately.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    percent: u64,
    slots: [Slot; WINDOW_SECONDS],
    /// The second that the newest slot is about.
    second: u64,
}

/// What was sent in one second.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    firsts: u64,
    retries: u64,
}

impl Budget {
    /// A budget of nothing sent yet.
    pub fn new(percent: u32) -> Self {
        Self { percent: percent.into(), slots: [Slot::default(); WINDOW_SECONDS], second: 0 }
    }

    /// A first attempt is sent.
    pub fn first(&mut self, now_ns: u64) {
        self.slot(now_ns).firsts += 1;
    }

    /// A retry is wanted; `false` if there are too many already.
    pub fn retry(&mut self, now_ns: u64) -> bool {
        let slot = *self.slot(now_ns);
        let sum = |count: fn(&Slot) -> u64| self.slots.iter().map(count).sum::<u64>();
        let always = RETRIES_ALWAYS * WINDOW_SECONDS as u64;
        let allowed = sum(|slot| slot.firsts) * self.percent / 100 + always;
        if sum(|slot| slot.retries) >= allowed {
            return false;
        }
        self.slot(now_ns).retries = slot.retries + 1;
        true
    }

    /// The slot of the present second, after those that are too old are emptied.
    fn slot(&mut self, now_ns: u64) -> &mut Slot {
        let second = now_ns / SECOND_NS;
        for passed in (self.second + 1..=second).take(WINDOW_SECONDS) {
            self.slots[passed as usize % WINDOW_SECONDS] = Slot::default();
        }
        self.second = second;
        &mut self.slots[second as usize % WINDOW_SECONDS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of a thousand retries are allowed at once.
    fn allowed(budget: &mut Budget, second: u64) -> usize {
        (0..1_000).filter(|_| budget.retry(second * SECOND_NS)).count()
    }

    #[test]
    fn a_share_of_the_first_attempts_of_ten_seconds_is_allowed_besides_ten_a_second() {
        let mut budget = Budget::new(20);
        assert_eq!(allowed(&mut budget, 0), 100, "a hundred are always allowed");
        (0..1_000).for_each(|_| budget.first(3 * SECOND_NS));
        assert_eq!(allowed(&mut budget, 9), 200, "a fifth of what is sent");
        assert_eq!(allowed(&mut budget, 10), 100, "those of second 0 are forgotten");
        assert_eq!(allowed(&mut budget, 12), 0);
        assert_eq!(allowed(&mut budget, 13), 0, "what was sent in second 3 is forgotten, and nothing else");
        assert_eq!(allowed(&mut budget, 500), 100);
    }
}
