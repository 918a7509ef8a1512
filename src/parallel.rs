//! Work on all cores, with the results in the order of the input.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What `work` makes of each item; `done` is called after each.
pub fn map<T: Sync, R: Send>(items: &[T], done: impl Fn() + Sync, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let share = || {
        let mut made = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return made };
            made.push((at, work(item)));
            done();
        }
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let mut made: Vec<(usize, R)> = thread::scope(|scope| {
        let others: Vec<_> = (1..cores.min(items.len())).map(|_| scope.spawn(share)).collect();
        let mut made = share();
        for other in others {
            made.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        made
    });
    made.sort_by_key(|(at, _)| *at);
    made.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_input() {
        let items: Vec<u64> = (0..500).collect();
        let done = AtomicUsize::new(0);
        let count = || {
            done.fetch_add(1, Ordering::Relaxed);
        };
        let slow_first = |item: &u64| {
            thread::sleep(std::time::Duration::from_micros(if *item < 4 { 2000 } else { 1 }));
            item * 2
        };
        assert_eq!(map(&items, count, slow_first), (0..500).map(|item| item * 2).collect::<Vec<u64>>());
        assert_eq!(done.into_inner(), 500);
        assert!(map(&[], || {}, |item: &u64| *item).is_empty());
    }
}
