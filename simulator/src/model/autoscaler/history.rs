//! What an autoscaler remembers: recommendations and changes, in slots that are used again.

/// The recommendations of a stabilization window, before stabilization. Nothing is purged: a slot that is too old is
/// used again, so that a window which is made longer finds old ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recommendations(Vec<(i32, i64)>);

/// The changes of the count that an autoscaler made, by direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    up: Vec<Change>,
    down: Vec<Change>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Change {
    replicas: i32,
    at_ns: i64,
    /// Older than every policy of its direction, once a change of that direction came after it. Until its slot is
    /// used again it still counts for a policy of the other direction that looks back further.
    outdated: bool,
}

impl Recommendations {
    /// The first sync remembers the count that was there.
    pub fn begin(&mut self, current: i32, now_ns: i64) {
        if self.0.is_empty() {
            self.0.push((current, now_ns));
        }
    }

    /// Without `spec.behavior`: the greatest of the window. One that is exactly as old as the window still counts.
    pub fn greatest(&mut self, wanted: i32, window_ns: i64, now_ns: i64) -> i32 {
        let cutoff = now_ns - window_ns;
        let (mut greatest, mut old) = (wanted, None);
        for (slot, (count, at_ns)) in self.0.iter().enumerate() {
            if *at_ns < cutoff {
                old = Some(slot);
            } else {
                greatest = greatest.max(*count);
            }
        }
        self.remember(old, (wanted, now_ns));
        greatest
    }

    /// With `spec.behavior`: the present count, brought between the least of the window up and the greatest of the
    /// window down. One that is exactly as old as a window does not count for it.
    pub fn between(
        &mut self,
        current: i32,
        wanted: i32,
        up_window_ns: i64,
        down_window_ns: i64,
        now_ns: i64,
    ) -> i32 {
        let (up_cutoff, down_cutoff) = (now_ns - up_window_ns, now_ns - down_window_ns);
        let (mut least, mut greatest, mut old) = (wanted, wanted, None);
        for (slot, (count, at_ns)) in self.0.iter().enumerate() {
            if *at_ns > up_cutoff {
                least = least.min(*count);
            }
            if *at_ns > down_cutoff {
                greatest = greatest.max(*count);
            }
            if *at_ns < up_cutoff && *at_ns < down_cutoff {
                old = Some(slot);
            }
        }
        self.remember(old, (wanted, now_ns));
        current.max(least).min(greatest)
    }

    fn remember(&mut self, slot: Option<usize>, recommendation: (i32, i64)) {
        match slot {
            Some(slot) => self.0[slot] = recommendation,
            None => self.0.push(recommendation),
        }
    }
}

impl Changes {
    /// The count before the changes of the last period.
    pub fn before(&self, current: i32, period_ns: i64, now_ns: i64) -> i32 {
        let cutoff = now_ns - period_ns;
        let sum = |changes: &[Change]| {
            let recent = changes.iter().filter(|change| change.at_ns > cutoff);
            recent.fold(0_i32, |sum, change| sum.wrapping_add(change.replicas))
        };
        current.wrapping_sub(sum(&self.up)).wrapping_add(sum(&self.down))
    }

    /// Remembers a rise, for as long as the longest policy upwards looks back.
    pub fn rose(&mut self, by: i32, longest_period_ns: i64, now_ns: i64) {
        store(&mut self.up, by, longest_period_ns, now_ns);
    }

    /// Remembers a fall, for as long as the longest policy downwards looks back.
    pub fn fell(&mut self, by: i32, longest_period_ns: i64, now_ns: i64) {
        store(&mut self.down, by, longest_period_ns, now_ns);
    }
}

fn store(changes: &mut Vec<Change>, replicas: i32, longest_period_ns: i64, now_ns: i64) {
    let cutoff = now_ns - longest_period_ns;
    for change in changes.iter_mut() {
        change.outdated |= change.at_ns < cutoff;
    }
    let change = Change { replicas, at_ns: now_ns, outdated: false };
    match changes.iter().rposition(|change| change.outdated) {
        Some(slot) => changes[slot] = change,
        None => changes.push(change),
    }
}
