//! Selectors over labels: of pods, and of nodes by label and name.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{NodeSelectorRequirement, NodeSelectorTerm};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

/// Labels of a pod or a node.
pub type Labels = BTreeMap<String, String>;

/// What one requirement compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Exists,
    Absent,
    Above,
    Below,
}

impl Operator {
    fn read(written: &str) -> Option<Self> {
        match written {
            "In" => Some(Self::In),
            "NotIn" => Some(Self::NotIn),
            "Exists" => Some(Self::Exists),
            "DoesNotExist" => Some(Self::Absent),
            "Gt" => Some(Self::Above),
            "Lt" => Some(Self::Below),
            _ => None,
        }
    }
}

/// One requirement of one label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

impl Requirement {
    /// A label that has one of these values.
    pub fn is_in(key: &str, values: &[&str]) -> Self {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Self { key: key.to_owned(), operator: Operator::In, values }
    }

    /// A label that has none of these values, or is absent.
    pub fn is_not_in(key: &str, values: &[&str]) -> Self {
        Self { operator: Operator::NotIn, ..Self::is_in(key, values) }
    }

    fn read(key: &str, operator: &str, values: Option<&Vec<String>>) -> Option<Self> {
        let values = values.cloned().unwrap_or_default();
        Some(Self { key: key.to_owned(), operator: Operator::read(operator)?, values })
    }

    fn meets(&self, label: Option<&String>) -> bool {
        let number = |text: Option<&String>| text.and_then(|text| text.parse::<i64>().ok());
        let bound = || number(self.values.first().filter(|_| self.values.len() == 1));
        match self.operator {
            Operator::In => label.is_some_and(|label| self.values.contains(label)),
            Operator::NotIn => label.is_none_or(|label| !self.values.contains(label)),
            Operator::Exists => label.is_some(),
            Operator::Absent => label.is_none(),
            Operator::Above => number(label).zip(bound()).is_some_and(|(have, bound)| have > bound),
            Operator::Below => number(label).zip(bound()).is_some_and(|(have, bound)| have < bound),
        }
    }
}

/// Which labels are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// None at all: a selector that is absent.
    Nothing,
    /// Those that meet every requirement; without a requirement, all.
    All(Vec<Requirement>),
}

impl Selector {
    /// Reads a selector. One that the API server would not take selects nothing.
    pub fn read(written: Option<&LabelSelector>) -> Self {
        let Some(written) = written else { return Self::Nothing };
        let labels = written.match_labels.iter().flatten();
        let labels = labels.map(|(key, value)| Some(Requirement::is_in(key, &[value])));
        let expressions = written.match_expressions.iter().flatten();
        let expressions =
            expressions.map(|one| Requirement::read(&one.key, &one.operator, one.values.as_ref()));
        labels.chain(expressions).collect::<Option<Vec<_>>>().map_or(Self::Nothing, Self::All)
    }

    /// Those that have all of these labels.
    pub fn of(labels: &Labels) -> Self {
        Self::All(labels.iter().map(|(key, value)| Requirement::is_in(key, &[value])).collect())
    }

    /// The same with further requirements; nothing stays nothing.
    #[must_use]
    pub fn and(self, more: impl IntoIterator<Item = Requirement>) -> Self {
        match self {
            Self::Nothing => Self::Nothing,
            Self::All(mut requirements) => {
                requirements.extend(more);
                Self::All(requirements)
            }
        }
    }

    /// Whether the labels are meant.
    pub fn matches(&self, labels: &Labels) -> bool {
        match self {
            Self::Nothing => false,
            Self::All(requirements) => requirements.iter().all(|one| one.meets(labels.get(&one.key))),
        }
    }

    /// Labels that it needs, each with its one value.
    pub fn needs(&self) -> impl Iterator<Item = (&str, &str)> {
        let requirements = match self {
            Self::Nothing => &[],
            Self::All(requirements) => requirements.as_slice(),
        };
        requirements.iter().filter_map(|one| match (one.operator, one.values.as_slice()) {
            (Operator::In, [value]) => Some((one.key.as_str(), value.as_str())),
            (_, _) => None,
        })
    }

    /// Its requirements; none for nothing.
    pub fn requirements(self) -> Vec<Requirement> {
        match self {
            Self::Nothing => Vec::new(),
            Self::All(requirements) => requirements,
        }
    }

    /// Whether it has no requirement.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::All(requirements) if requirements.is_empty())
    }
}

/// One term of a node affinity: labels and names, all of which a node must meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeTerm {
    labels: Vec<Requirement>,
    names: Vec<Requirement>,
}

impl NodeTerm {
    /// Reads a term; `None` for one without requirements, which selects no node, and for one that the API server
    /// would not take.
    pub fn read(written: &NodeSelectorTerm) -> Option<Self> {
        let read = |list: &Option<Vec<NodeSelectorRequirement>>| {
            let list = list.iter().flatten();
            list.map(|one| Requirement::read(&one.key, &one.operator, one.values.as_ref()))
                .collect::<Option<Vec<_>>>()
        };
        let (labels, names) = (read(&written.match_expressions)?, read(&written.match_fields)?);
        let one_name = |one: &Requirement| {
            matches!(one.operator, Operator::In | Operator::NotIn)
                && one.values.len() == 1
                && one.key == "metadata.name"
        };
        let is_meant = !(labels.is_empty() && names.is_empty()) && names.iter().all(one_name);
        is_meant.then_some(Self { labels, names })
    }

    /// Whether a node meets it.
    pub fn matches(&self, labels: &Labels, name: &String) -> bool {
        self.labels.iter().all(|one| one.meets(labels.get(&one.key)))
            && self.names.iter().all(|one| one.meets(Some(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(selector: serde_json::Value, labels: &[(&str, &str)]) -> bool {
        let selector: LabelSelector = serde_json::from_value(selector).unwrap();
        let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Selector::read(Some(&selector)).matches(&labels)
    }

    #[test]
    fn a_label_that_is_absent_is_not_in_any_list() {
        let not_in =
            serde_json::json!({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]});
        assert!(matches(not_in.clone(), &[]));
        assert!(!matches(not_in, &[("a", "1")]));
    }

    #[test]
    fn an_empty_selector_means_all_and_an_absent_one_nothing() {
        assert!(matches(serde_json::json!({}), &[("a", "1")]));
        assert!(!Selector::read(None).matches(&Labels::new()));
        assert!(Selector::read(Some(&LabelSelector::default())).is_empty() && !Selector::Nothing.is_empty());
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        let term =
            serde_json::json!({"matchExpressions": [{"key": "gen", "operator": "Gt", "values": ["9"]}]});
        let term = NodeTerm::read(&serde_json::from_value(term).unwrap()).unwrap();
        let labels = |value: &str| Labels::from([("gen".to_owned(), value.to_owned())]);
        let name = "n".to_owned();
        assert!(term.matches(&labels("10"), &name));
        assert!(!term.matches(&labels("9"), &name) && !term.matches(&labels("new"), &name));
    }
}
