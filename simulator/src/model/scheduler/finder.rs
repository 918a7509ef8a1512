//! Finding what has to do with labels without a look at everything else.

use std::collections::BTreeMap;

use super::labels::{Labels, Selector};

/// Things by a label of theirs.
#[derive(Clone, Debug, Default)]
struct ByLabel(BTreeMap<String, BTreeMap<String, Vec<usize>>>);

impl ByLabel {
    fn add(&mut self, (key, value): (&str, &str), index: usize) {
        self.0.entry(key.to_owned()).or_default().entry(value.to_owned()).or_default().push(index);
    }

    fn get(&self, (key, value): (&str, &str)) -> &[usize] {
        self.0.get(key).and_then(|values| values.get(value)).map_or(&[], Vec::as_slice)
    }

    /// The label that the fewest have; the first among equals.
    fn rarest<'a>(&self, labels: impl Iterator<Item = (&'a str, &'a str)>) -> Option<(&'a str, &'a str)> {
        labels.min_by_key(|label| self.get(*label).len())
    }
}

/// Selectors by one of the labels that they need.
#[derive(Clone, Debug, Default)]
pub struct Selectors {
    by_need: ByLabel,
    /// Those that need no label.
    others: Vec<usize>,
}

impl Selectors {
    /// Adds a selector of the thing of an index.
    pub fn add(&mut self, selector: &Selector, index: usize) {
        match self.by_need.rarest(selector.needs()) {
            Some(label) => self.by_need.add(label, index),
            None if *selector == Selector::Nothing => {}
            None => self.others.push(index),
        }
    }

    /// Whatever may mean these labels, sorted; the selectors themselves say whether they do.
    pub fn candidates(&self, labels: &Labels) -> Vec<usize> {
        let needing = labels.iter().flat_map(|(key, value)| self.by_need.get((key, value)));
        let mut found: Vec<usize> = needing.chain(&self.others).copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Things by all of their labels.
#[derive(Clone, Debug, Default)]
pub struct Labelled {
    by_label: ByLabel,
    number: usize,
}

impl Labelled {
    /// Adds the thing of the next index.
    pub fn add(&mut self, labels: &Labels) {
        for label in labels {
            self.by_label.add((label.0, label.1), self.number);
        }
        self.number += 1;
    }

    /// Whatever a selector may mean, sorted; the selector itself says whether it does.
    pub fn candidates(&self, selector: &Selector) -> Vec<usize> {
        match self.by_label.rarest(selector.needs()) {
            Some(label) => self.by_label.get(label).to_vec(),
            None if *selector == Selector::Nothing => Vec::new(),
            None => (0..self.number).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::labels::Requirement;
    use super::*;

    /// Two labels, each of which may be absent or have one of two values.
    fn every_labels() -> Vec<Labels> {
        let each = |key: &str| {
            let some = ["0", "1"].map(|value| Some((key.to_owned(), value.to_owned())));
            some.into_iter().chain([None]).collect::<Vec<_>>()
        };
        let pairs =
            each("a").into_iter().flat_map(|one| each("b").into_iter().map(move |two| [one.clone(), two]));
        pairs.map(|pair| pair.into_iter().flatten().collect()).collect()
    }

    #[test]
    fn nothing_that_is_meant_is_overlooked() {
        let things = every_labels();
        let without = || Requirement::is_not_in("a", &["0"]);
        let either = || Requirement::is_in("b", &["0", "1"]);
        let mut all: Vec<Selector> = things.iter().map(Selector::of).collect();
        all.extend(things.iter().map(|labels| Selector::of(labels).and([without()])));
        all.extend(things.iter().map(|labels| Selector::of(labels).and([either()])));
        all.push(Selector::Nothing);
        let (mut labelled, mut selectors) = (Labelled::default(), Selectors::default());
        for labels in &things {
            labelled.add(labels);
        }
        all.iter().enumerate().for_each(|(index, selector)| selectors.add(selector, index));
        let mut met = 0;
        for (thing, labels) in things.iter().enumerate() {
            for (index, selector) in all.iter().enumerate().filter(|(_, selector)| selector.matches(labels)) {
                assert!(labelled.candidates(selector).contains(&thing), "{labels:?} by {selector:?}");
                assert!(selectors.candidates(labels).contains(&index), "{selector:?} by {labels:?}");
                met += 1;
            }
        }
        assert_eq!(met, 25 + 15 + 20);
    }

    #[test]
    fn what_shares_no_rare_label_is_not_looked_at() {
        let labels = |name: &str| {
            let pairs = [("app", name), ("part-of", "shop")];
            pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
        };
        let (mut labelled, mut selectors) = (Labelled::default(), Selectors::default());
        for index in 0..100 {
            labelled.add(&labels(&index.to_string()));
            selectors.add(&Selector::of(&labels(&index.to_string())), index);
        }
        assert_eq!(labelled.candidates(&Selector::of(&labels("7"))), [7]);
        assert_eq!(selectors.candidates(&labels("7")), [7]);
    }
}
