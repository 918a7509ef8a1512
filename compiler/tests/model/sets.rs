//! A StatefulSet or a DaemonSet small enough for thousands of rollouts: its controller, its pods, and conditions on writes.

use compiler::object::ObjectKey;
use compiler::plan::rollout::{Member, MemberState, ObjectState, Observation, Shared, Workload, Write};
use compiler::plan::{Count, Mechanism, ReleasePlan, TimeNs};
use serde_json::{Value, json};

/// The cluster.
#[derive(Clone, Debug)]
pub struct Sets {
    /// Its clock.
    pub now: TimeNs,
    /// The set, once it is made.
    set: Option<Workload>,
    /// Whether pods of the new revision ever become available.
    ready: bool,
    /// The revision of members below the partition.
    current: String,
    /// Nodes of a daemon that are not ready.
    unready: Vec<String>,
    nodes: u32,
    uids: u32,
}

/// The key of the set, or of one of its pods.
fn key(kind: &str, name: &str) -> ObjectKey {
    super::key(kind, name)
}

/// The kind that a mechanism works on.
pub fn kind(mechanism: Mechanism) -> &'static str {
    match mechanism {
        Mechanism::Deployments => "Deployment",
        Mechanism::Partition => "StatefulSet",
        Mechanism::Nodes => "DaemonSet",
    }
}

fn template(revision: &str) -> Value {
    json!({ "metadata": { "labels": { "specc.io/revision": revision } } })
}

impl Sets {
    /// A cluster in which the revision `old` serves on every member, unless it is the `first` release.
    pub fn new(plan: &ReleasePlan, first: bool, ready: bool, unready: u32) -> Self {
        let Count::Fixed(nodes) = plan.count else { panic!("only fixed counts here") };
        let unready = (0..unready).map(|node| format!("node-{node}")).collect();
        let mut sets = Self { now: 1, set: None, ready, current: "old".into(), unready, nodes, uids: 0 };
        if !first {
            sets.make(plan, "old", nodes, None);
            sets.advance();
            while sets.available() < sets.reachable() {
                sets.advance();
            }
        }
        sets
    }

    /// What a driver sees.
    pub fn observation(&self, plan: &ReleasePlan) -> Observation {
        let state = |key: &ObjectKey| match (key.kind.as_str(), &self.set) {
            ("Service", _) => ObjectState::Same { waiting: None },
            (_, None) => ObjectState::Absent,
            (_, Some(set)) if set.revision == plan.revision => ObjectState::Same { waiting: None },
            (_, Some(_)) => ObjectState::Differs,
        };
        Observation {
            objects: plan.objects.iter().map(state).collect(),
            workloads: self.set.iter().cloned().collect(),
            ..Observation::default()
        }
    }

    /// Makes a write if its conditions hold.
    #[allow(clippy::too_many_lines, reason = "one arm a write")]
    pub fn perform(&mut self, plan: &ReleasePlan, previous: Option<&Value>, write: &Write) -> bool {
        if let Write::Birth { epoch, .. } = write {
            assert!(self.set.is_none(), "what is there is not born");
            let revision = if plan.mechanism == Mechanism::Nodes { "none" } else { &plan.revision };
            self.make(plan, revision, 0, Some(*epoch));
            return true;
        }
        let Some(set) = &mut self.set else { return false };
        let Some(shared) = &mut set.shared else { panic!("it is a set") };
        match write {
            Write::Stamp { object, from, to } => {
                let pods = shared.members.iter_mut().map(|member| (&member.pod, &mut member.epoch));
                let mut stamps = [(&set.object, &mut set.epoch)].into_iter().chain(pods);
                let found = stamps.find(|(key, epoch)| *key == object && *epoch == from);
                found.map(|(_, epoch)| *epoch = Some(*to)).is_some()
            }
            Write::Scale { epoch, from, to, .. } => {
                let holds = set.epoch == Some(*epoch) && set.replicas == *from;
                if holds {
                    (set.replicas, set.observed) = (*to, false);
                }
                holds
            }
            Write::Partition { epoch, from, to, .. } => {
                let holds = set.epoch == Some(*epoch) && shared.partition == *from;
                if holds {
                    (shared.partition, set.observed) = (*to, false);
                }
                holds
            }
            Write::Template { epoch, revision, .. } => {
                let holds = set.epoch == Some(*epoch);
                if holds {
                    if *revision != plan.revision {
                        assert_eq!(previous, Some(&template(revision)), "what was kept is put back");
                    }
                    shared.template = template(revision);
                    (set.revision, set.observed) = (revision.clone(), false);
                }
                holds
            }
            Write::Replace { pod, uid, epoch } => {
                let there = |member: &Member| {
                    member.pod == *pod && member.uid == *uid && member.epoch == Some(*epoch)
                };
                let before = shared.members.len();
                shared.members.retain(|member| !there(member));
                shared.members.len() < before
            }
            Write::Remove { epoch, .. } => {
                let holds = set.epoch == Some(*epoch);
                if holds {
                    self.set = None;
                }
                holds
            }
            Write::Own { .. }
            | Write::Apply { .. }
            | Write::Bound { .. }
            | Write::Birth { .. }
            | Write::Record(_) => {
                panic!("nothing asks for it here: {write:?}")
            }
        }
    }

    fn make(&mut self, plan: &ReleasePlan, revision: &str, replicas: u32, epoch: Option<u64>) {
        revision.clone_into(&mut self.current);
        self.set = Some(Workload {
            revision: revision.to_owned(),
            object: key(kind(plan.mechanism), "web"),
            epoch,
            replicas,
            live: 0,
            available: 0,
            observed: false,
            count_owned: true,
            autoscaler: None,
            failure: None,
            shared: Some(Shared { template: template(revision), partition: 0, members: Vec::new() }),
        });
    }

    /// The controller and the pods move by one step.
    pub fn advance(&mut self) {
        self.now += 1;
        let (ready, unready, current) = (self.ready, &self.unready, &mut self.current);
        let Some(set) = &mut self.set else { return };
        let Some(shared) = &mut set.shared else { return };
        set.observed = true;
        let daemon = set.object.kind == "DaemonSet";
        if daemon {
            // No node takes what has just been born.
            set.replicas = if set.revision == "none" { 0 } else { self.nodes };
            if set.revision == "none" {
                shared.members.clear();
            }
        }
        // One pod a step, as slow as one can be.
        let becomes = |member: &&mut Member| {
            !member.is_available() && member.reachable && (member.revision == "old" || ready)
        };
        if let Some(member) = shared.members.iter_mut().find(becomes) {
            member.state = MemberState::Available;
        }
        shared.members.retain(|member| daemon || member.ordinal < set.replicas);
        let there = |ordinal: u32| {
            let node = format!("node-{ordinal}");
            shared.members.iter().any(|m| if daemon { m.node == node } else { m.ordinal == ordinal })
        };
        if let Some(ordinal) = (0..set.replicas).find(|ordinal| !there(*ordinal)) {
            let updated = daemon || ordinal >= shared.partition;
            let revision = if updated { set.revision.clone() } else { current.clone() };
            self.uids += 1;
            let node = format!("node-{ordinal}");
            let reachable = !daemon || !unready.contains(&node);
            let (uid, ordinal) = (self.uids.to_string(), if daemon { 0 } else { ordinal });
            let pod = key("Pod", &format!("web-{node}"));
            let state = if reachable { MemberState::Running } else { MemberState::Starting };
            shared.members.push(Member { pod, uid, epoch: None, revision, ordinal, node, reachable, state });
            shared.members.sort_by(|a, b| (a.ordinal, &a.node).cmp(&(b.ordinal, &b.node)));
        } else if !daemon && shared.members.iter().all(Member::is_available) {
            // A pod that is not available blocks the update, as upstream has it.
            let old = |member: &Member| member.ordinal >= shared.partition && member.revision != set.revision;
            if let Some(index) = shared.members.iter().rposition(old) {
                shared.members.remove(index);
            }
        }
        let follows = |member: &Member| member.revision == set.revision && member.is_available();
        if shared.members.len() == set.replicas as usize && shared.members.iter().all(follows) {
            current.clone_from(&set.revision);
        }
        set.live = shared.members.len() as u32;
        set.available = shared.members.iter().filter(|member| member.is_available()).count() as u32;
    }

    /// Members of a revision.
    pub fn of(&self, revision: &str) -> u32 {
        self.members().filter(|member| member.revision == revision).count() as u32
    }

    /// Members that are available.
    pub fn available(&self) -> u32 {
        self.members().filter(|member| member.is_available()).count() as u32
    }

    /// Members that can become available.
    pub fn reachable(&self) -> u32 {
        let Some(set) = &self.set else { return 0 };
        let unready = if set.object.kind == "DaemonSet" { self.unready.len() as u32 } else { 0 };
        set.replicas.saturating_sub(unready)
    }

    /// Whether every child carries the epoch, so that no older write can land.
    pub fn all_stamped(&self, record: &compiler::plan::Release) -> bool {
        let pods = self.members().filter(|member| record.replacing.contains(&member.uid));
        let mut stamps = self.set.iter().map(|set| set.epoch).chain(pods.map(|member| member.epoch));
        stamps.all(|epoch| epoch == Some(record.epoch))
    }

    /// A member dies by itself, and its controller makes it again.
    pub fn die(&mut self, index: u8) {
        let Some(shared) = self.set.as_mut().and_then(|set| set.shared.as_mut()) else { return };
        if !shared.members.is_empty() {
            shared.members.remove(usize::from(index) % shared.members.len());
        }
    }

    fn members(&self) -> impl Iterator<Item = &Member> {
        self.set.iter().filter_map(|set| set.shared.as_ref()).flat_map(|shared| &shared.members)
    }
}
