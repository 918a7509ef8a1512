//! One backend after the other: each is due again after a round divided by its weight, and who is due first is next.
//!
//! Backends of one weight take turns, so they stand in a ring; a choice compares the rings alone, of which there are as
//! many as there are different weights. With equal weights that is plain round robin.

use std::collections::VecDeque;

/// How long a round is: how often a backend of weight 1 is due. Shares are right to a part in so many.
const ROUND: u64 = 1 << 28;

/// The golden section of 2³²: phases that are so far apart fill a round evenly, however many there are.
const PHASE_STEP: u32 = 0x9e37_79b9;

/// Who is next.
#[derive(Clone, Debug, Default)]
pub struct Rounds {
    /// By weight, heaviest first; none is empty.
    rings: Vec<Ring>,
    /// When the backend was due that was chosen last.
    now: u64,
    phase: u32,
}

/// Backends of one weight, in the order in which they are due.
#[derive(Clone, Debug)]
struct Ring {
    weight: u32,
    gap: u64,
    due: VecDeque<(u64, u32)>,
}

impl Ring {
    fn new(weight: u32) -> Self {
        Self { weight, gap: ROUND / u64::from(weight), due: VecDeque::new() }
    }

    fn first(&self) -> u64 {
        self.due.front().map_or(u64::MAX, |(due, _)| *due)
    }
}

impl Rounds {
    /// The next backend's slot.
    #[inline]
    pub fn choose(&mut self) -> Option<u32> {
        let ring = self.rings.iter_mut().min_by_key(|ring| ring.first())?;
        let (due, slot) = ring.due.pop_front()?;
        ring.due.push_back((due + ring.gap, slot));
        self.now = due;
        Some(slot)
    }

    /// A backend has another weight; 0 takes it out. It keeps its place in the round, so that frequent changes favour
    /// nobody.
    pub fn weigh(&mut self, slot: u32, weight: u32) {
        let phase = self.take_out(slot).unwrap_or_else(|| {
            self.phase = self.phase.wrapping_add(PHASE_STEP);
            self.phase
        });
        if weight == 0 {
            return;
        }
        let place = self.rings.binary_search_by(|ring| weight.cmp(&ring.weight)).unwrap_or_else(|place| {
            self.rings.insert(place, Ring::new(weight));
            place
        });
        let ring = &mut self.rings[place];
        let due = self.now + ((ring.gap * u64::from(phase)) >> 32);
        let place = ring.due.partition_point(|(other, _)| *other <= due);
        ring.due.insert(place, (due, slot));
    }

    /// Takes a backend out; says how much of its way to its turn was left, in parts of 2³².
    fn take_out(&mut self, slot: u32) -> Option<u32> {
        let find = |ring: &Ring| ring.due.iter().position(|(_, known)| *known == slot);
        let (index, place) =
            self.rings.iter().enumerate().find_map(|(index, ring)| Some((index, find(ring)?)))?;
        let ring = &mut self.rings[index];
        let (due, _) = ring.due.remove(place)?;
        let phase = (due.saturating_sub(self.now) << 32) / ring.gap;
        if ring.due.is_empty() {
            self.rings.remove(index);
        }
        Some(u32::try_from(phase).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(weights: &[u32]) -> Rounds {
        let mut rounds = Rounds::default();
        for (slot, weight) in weights.iter().enumerate() {
            rounds.weigh(slot as u32, *weight);
        }
        rounds
    }

    fn counts(rounds: &mut Rounds, choices: usize) -> Vec<u32> {
        let mut counts = vec![0; 16];
        for _ in 0..choices {
            counts[rounds.choose().unwrap() as usize] += 1;
        }
        counts
    }

    #[test]
    fn equal_backends_take_turns() {
        let mut rounds = rounds(&[1, 1, 1]);
        let first: Vec<u32> = (0..3).filter_map(|_| rounds.choose()).collect();
        let second: Vec<u32> = (0..3).filter_map(|_| rounds.choose()).collect();
        assert_eq!(first, second);
        assert_eq!(counts(&mut rounds, 3)[..3], [1, 1, 1]);
    }

    #[test]
    fn weights_are_shares_of_every_stretch_and_not_of_the_whole_alone() {
        let weights = [5, 1, 1, 0, 7];
        let mut rounds = rounds(&weights);
        for _ in 0..100 {
            let counts = counts(&mut rounds, 14);
            for (count, weight) in counts.iter().zip(weights) {
                assert!(count.abs_diff(weight) <= 1, "{counts:?}");
            }
        }
        // A heavy one is spread over the round, and not served in one go.
        let row: Vec<u32> = (0..14).filter_map(|_| rounds.choose()).collect();
        assert!(row.windows(3).all(|three| !(three[0] == three[1] && three[1] == three[2])), "{row:?}");
    }

    #[test]
    fn who_comes_and_goes_costs_nobody_a_turn() {
        let mut rounds = rounds(&[1, 1, 1, 1]);
        let mut all = vec![0; 16];
        for round in 0..1_000 {
            // One comes or goes before each choice, so nobody sees a whole round.
            rounds.weigh(4, round % 2);
            all[rounds.choose().unwrap() as usize] += 1;
        }
        let (least, most) = (all[..4].iter().min(), all[..4].iter().max());
        assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 1), "{all:?}");
    }

    #[test]
    fn nobody_is_next_where_all_weigh_nothing() {
        assert_eq!(rounds(&[0, 0]).choose(), None);
        let mut rounds = rounds(&[3]);
        rounds.weigh(0, 0);
        assert_eq!(rounds.choose(), None);
    }
}
