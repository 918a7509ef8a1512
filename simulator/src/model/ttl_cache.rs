//! Answers that are kept for a time, so that whoever asks again meanwhile asks nobody else.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::mechanism::Mechanism;
use crate::run::Run;

/// `ttl-cache`
pub static MECHANISM: Mechanism = Mechanism {
    name: "ttl-cache",
    docs: "A call with a cache is answered by the last answer to it, in no time, until that is too old; then it is made. Each calling pod has its own cache with one answer in it, empty when its process starts. The answer is kept from when it comes, and those that come meanwhile to calls that were made before it neither replace nor renew it. What fails is not kept. Left out: what is asked for, since all calls count as asking for the same; a bound on what is kept; and waiting for a call that is under way already, so all that find the cache empty call.",
    defaults: &[],
};

/// What is kept, by what it answers, and until when.
#[derive(Clone, Debug)]
pub struct TtlCache<Key> {
    until_ns: BTreeMap<Key, u64>,
}

impl<Key> Default for TtlCache<Key> {
    fn default() -> Self {
        Self { until_ns: BTreeMap::new() }
    }
}

impl<Key: Ord> TtlCache<Key> {
    /// Whether something that is kept answers.
    pub fn answers(&self, key: &Key, now_ns: u64) -> bool {
        self.until_ns.get(key).is_some_and(|until| now_ns < *until)
    }

    /// Keeps an answer for a time, unless another is kept that is not too old yet.
    pub fn keep(&mut self, key: Key, now_ns: u64, ttl_ns: u64) {
        let until = self.until_ns.entry(key).or_insert(0);
        if *until <= now_ns {
            *until = now_ns.saturating_add(ttl_ns);
        }
    }

    /// Forgets what answers any of these.
    pub fn forget(&mut self, keys: RangeInclusive<Key>) {
        let (first, last) = keys.into_inner();
        self.until_ns.retain(|key, _| *key < first || *key > last);
    }
}

impl Run<'_> {
    /// The process of a pod has ended, and what it kept in memory with it.
    pub(super) fn forget_answers(&mut self, pod: u32) {
        self.answers.forget((pod, 0)..=(pod, u32::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::random::Duration;
    use crate::run::fixture::{self, SECOND};

    #[test]
    fn an_answer_is_kept_from_when_it_comes_and_renewed_only_when_it_is_too_old() {
        let mut cache = TtlCache::default();
        assert!(!cache.answers(&"a", 0));
        cache.keep("a", 10, 30);
        cache.keep("a", 20, 30);
        assert!(cache.answers(&"a", 10) && cache.answers(&"a", 39) && !cache.answers(&"a", 40));
        assert!(!cache.answers(&"b", 20));
        cache.keep("a", 40, 30);
        assert!(cache.answers(&"a", 69));
    }

    #[test]
    fn a_process_that_ends_has_kept_nothing() {
        let (world, objects) = (fixture::world(1), fixture::web(1));
        let scenario = fixture::asked(Duration::Constant(0));
        let mut run = Run::new(&objects, &world, &scenario, &[]);
        run.answers.keep((0, 1), 0, 3_600 * SECOND);
        run.run_to(10 * SECOND);
        assert!(run.answers.answers(&(0, 1), run.clock.now_ns()));
        run.restart(0);
        assert!(!run.answers.answers(&(0, 1), run.clock.now_ns()));
    }

    #[test]
    fn what_is_forgotten_does_not_answer() {
        let mut cache = TtlCache::default();
        for key in [(1, 0), (2, 0), (2, 5), (3, 0)] {
            cache.keep(key, 0, 10);
        }
        cache.forget((2, 0)..=(2, u32::MAX));
        let kept = [(1, 0), (2, 0), (2, 5), (3, 0)].map(|key| cache.answers(&key, 1));
        assert_eq!(kept, [true, false, false, true]);
    }
}
