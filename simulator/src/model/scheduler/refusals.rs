//! Why nodes do not take a pod, counted.

/// The first rule that a node fails, in the order in which they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It takes no new pods.
    Cordon,
    /// It has a taint that the pod does not bear.
    Taint,
    /// It is not what the pod selects.
    Affinity,
    /// It has no room.
    Full,
    /// The pods alike would be spread unevenly.
    Spread,
    /// Pods that must be near are not, or others are.
    Neighbours,
}

/// How many nodes refuse a pod, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refusals {
    counts: [u32; 6],
}

const ALL: [(Refusal, &str); 6] = [
    (Refusal::Cordon, "closed for new pods"),
    (Refusal::Taint, "with a taint that the pod does not tolerate"),
    (Refusal::Affinity, "that its selector or affinity does not match"),
    (Refusal::Full, "without room"),
    (Refusal::Spread, "where its like would stand unevenly"),
    (Refusal::Neighbours, "whose pods it must not be near, or must be near and is not"),
];

impl Refusals {
    /// Counts one.
    pub fn add(&mut self, refusal: Refusal) {
        self.counts[refusal as usize] += 1;
    }

    /// Whether any node refuses the pod for this.
    pub fn has(&self, refusal: Refusal) -> bool {
        self.counts[refusal as usize] > 0
    }

    /// How many nodes refuse the pod.
    pub fn number(&self) -> usize {
        self.counts.iter().map(|count| *count as usize).sum()
    }

    /// All of it in words.
    pub fn said(&self) -> String {
        let reasons = ALL.iter().filter(|(refusal, _)| self.has(*refusal));
        let reasons = reasons.map(|(refusal, why)| format!("{} {why}", self.counts[*refusal as usize]));
        format!("0 of {} nodes: {}", self.number(), reasons.collect::<Vec<_>>().join(", "))
    }
}
