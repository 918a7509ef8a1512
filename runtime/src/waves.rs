//! Components side by side: each as soon as those that it depends on are at an end.

use std::cell::RefCell;
use std::collections::BTreeSet;

use compiler::plan::ReleasePlan;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::error::Error;
use crate::event::{End, Event};

/// How many components are rolled out at a time: each asks the API server once a second at least.
const COMPONENTS_MAX: usize = 16;

/// Runs components to their ends and gives these back in the plan's order. After a failure, an interrupt or an error
/// none is begun any more, and those that are on their way go on: each has its own record.
pub(crate) async fn in_waves<'a>(
    releases: &[&'a ReleasePlan],
    tell: &mut dyn FnMut(Event),
    run: impl AsyncFn(&'a ReleasePlan, &mut dyn FnMut(Event)) -> Result<End, Error>,
) -> Result<Vec<(String, End)>, Error> {
    let tell = RefCell::new(tell);
    let one = async |index: usize| {
        let mut say = |event| (tell.borrow_mut())(event);
        let end = run(releases[index], &mut say).await;
        if let Ok(end) = &end {
            say(Event::Ended { component: releases[index].component.clone(), end: end.clone() });
        }
        (index, end)
    };
    let mut waiting: Vec<usize> = (0..releases.len()).collect();
    let (mut running, mut ends, mut error) = (FuturesUnordered::new(), Vec::new(), None);
    let mut open: BTreeSet<&str> = releases.iter().map(|release| release.component.as_str()).collect();
    let mut stopped = false;
    loop {
        let ready = |index: &usize| {
            let mut needed = releases[*index].depends_on.iter();
            needed.all(|name| !open.contains(name.as_str()))
        };
        while !stopped && running.len() < COMPONENTS_MAX {
            let Some(place) = waiting.iter().position(ready) else { break };
            running.push(one(waiting.remove(place)));
        }
        let Some((index, end)) = running.next().await else { break };
        open.remove(releases[index].component.as_str());
        stopped |=
            !matches!(end, Ok(End::Released { .. } | End::RolledBack | End::Paused(_) | End::Blocked(_)));
        match end {
            Ok(end) => ends.push((index, end)),
            Err(found) => error = error.or(Some(found)),
        }
    }
    if let Some(error) = error {
        return Err(error);
    }
    ends.sort_by_key(|(index, _)| *index);
    Ok(ends.into_iter().map(|(index, end)| (releases[index].component.clone(), end)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use compiler::plan::{Count, Mechanism};

    fn component(name: &str, depends_on: &[&str]) -> ReleasePlan {
        ReleasePlan {
            component: name.into(),
            namespace: "shop-test".into(),
            mechanism: Mechanism::Deployments,
            revision: "a".into(),
            digest: "1".into(),
            objects: Vec::new(),
            follow_up: Vec::new(),
            count: Count::Fixed(1),
            windows: Vec::new(),
            batches: Vec::new(),
            surge_percent: 25,
            unavailable_percent: 0,
            deadline_ns: 1,
            depends_on: depends_on.iter().map(|name| (*name).to_owned()).collect(),
            needs: Vec::new(),
            verifications: Vec::new(),
        }
    }

    /// What begins and ends, in order; `failing` fails.
    async fn order(all: &[ReleasePlan], failing: &str) -> Vec<String> {
        let said = RefCell::new(Vec::new());
        let all: Vec<&ReleasePlan> = all.iter().collect();
        let run = async |release: &ReleasePlan, _: &mut dyn FnMut(Event)| {
            said.borrow_mut().push(format!("{} begins", release.component));
            // Which is woken first is not said, so `b` takes longer.
            for _ in 0..if release.component == "b" { 9 } else { 1 } {
                tokio::task::yield_now().await;
            }
            said.borrow_mut().push(format!("{} ends", release.component));
            Ok(if release.component == failing {
                End::Failed("no".into())
            } else {
                End::Released { changed: true }
            })
        };
        let ends = in_waves(&all, &mut |_| {}, run).await.expect("no error of the world");
        let mut said = said.into_inner();
        said.push(ends.into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(","));
        said
    }

    #[tokio::test]
    async fn components_go_side_by_side_after_those_they_depend_on() {
        let all = [component("a", &[]), component("b", &["elsewhere"]), component("c", &["a", "b"])];
        assert_eq!(
            order(&all, "").await,
            ["a begins", "b begins", "a ends", "b ends", "c begins", "c ends", "a,b,c"]
        );
    }

    #[tokio::test]
    async fn after_a_failure_none_is_begun_and_the_others_go_on() {
        let all = [component("a", &[]), component("b", &[]), component("c", &["a"])];
        assert_eq!(order(&all, "a").await, ["a begins", "b begins", "a ends", "b ends", "a,b"]);
    }
}
