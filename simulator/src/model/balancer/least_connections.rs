//! The backend with the fewest open requests for its weight; of equal ones, the one with the fewest turns for its
//! weight.
//!
//! A tournament: each inner place holds the better of the two below it, the root the best of all, and a backend that
//! changed plays again on its way up.

use super::backends::Backends;

/// A turn of a backend of weight 1.
const TURN: u64 = 1 << 28;

/// No backend.
const NOBODY: u32 = u32::MAX;

/// Who has the least to do.
#[derive(Clone, Debug, Default)]
pub struct LeastConnections {
    /// The root is at 1, the places below `i` are `2i` and `2i + 1`; slots are the lower half.
    best: Vec<u32>,
    /// The turns of whoever was chosen last: nobody makes up for those that open requests kept from them.
    turns: u64,
}

impl LeastConnections {
    /// The next backend's slot.
    #[inline]
    pub fn choose(&self) -> Option<u32> {
        self.best.get(1).copied().filter(|slot| *slot != NOBODY)
    }

    /// A backend has another weight; with 0 it does not play.
    pub fn weigh(&mut self, slot: u32, backends: &mut Backends) {
        let backend = &mut backends.all[slot as usize];
        backend.turns = backend.turns.max(self.turns);
        if slot as usize >= self.best.len() / 2 {
            let half = (slot as usize + 1).next_power_of_two();
            self.best = vec![NOBODY; half * 2];
            for other in backends.active.iter().filter(|other| **other != slot) {
                self.changed(*other, backends);
            }
        }
        self.changed(slot, backends);
    }

    /// A backend was chosen.
    #[inline]
    pub fn took(&mut self, slot: u32, backends: &mut Backends) {
        let backend = &mut backends.all[slot as usize];
        self.turns = self.turns.max(backend.turns);
        backend.turns = self.turns + TURN / u64::from(backend.weight.max(1));
        self.changed(slot, backends);
    }

    /// A backend has another count of open requests.
    #[inline]
    pub fn changed(&mut self, slot: u32, backends: &Backends) {
        let mut place = self.best.len() / 2 + slot as usize;
        self.best[place] = if backends.all[slot as usize].weight > 0 { slot } else { NOBODY };
        while place > 1 {
            place /= 2;
            self.best[place] = better(self.best[2 * place], self.best[2 * place + 1], backends);
        }
    }
}

#[inline]
fn better(one: u32, other: u32, backends: &Backends) -> u32 {
    if one == NOBODY || other == NOBODY {
        return one.min(other);
    }
    let key = |slot: u32, against: u32| (backends.load(slot, against), backends.all[slot as usize].turns);
    if key(other, one) < key(one, other) { other } else { one }
}
