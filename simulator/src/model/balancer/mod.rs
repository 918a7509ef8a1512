//! Which ready pod takes a request: a balancer chooses a backend, and a node hands on to one of its pods.
//!
//! [`services`] reads what Services say; [`backends`] keeps the backends with their weights; policies are a file each:
//! [`random`], [`round_robin`], [`least_connections`] and [`random_of_two`].

pub mod backends;
pub mod least_connections;
pub mod random;
pub mod random_of_two;
pub mod round_robin;
pub mod services;

use crate::engine::queue::Event;
use crate::engine::random::Stream;
use crate::mechanism::{Mechanism, Number, seconds_between};
use crate::run::Run;
use backends::{Backends, Id};
use least_connections::LeastConnections;
use round_robin::Rounds;

/// `balancer`
pub static MECHANISM: Mechanism = Mechanism {
    name: "balancer",
    docs: "Which ready pod takes a request. Behind a Service of type LoadBalancer it is chosen twice, as ACK's cloud controller sets it up: the balancer chooses a backend, and a node hands on to a pod at random, as kube-proxy does with iptables. Under the traffic policy Cluster every ECS node is a backend, and hands on to any pod; under Local every node with pods is, and hands on to those. Under both each pod on ECI is a backend by itself, and with the backend type `eni` each pod is. Under Local a node weighs as much as it has pods and a pod on ECI 1; else all weigh the same, so under Cluster one node full of pods is sent as many requests as one pod on ECI. The annotation `weight` of a virtual server group that is used again divides that weight among the pods; where it is below their number, pods on ECI get 0 and so no request. The scheduler `rr` gives every backend its turn, whatever it weighs. `wrr` gives a backend of weight w a turn every w-th part of a round: the one that is due first is next (as in Envoy; evenly as in nginx, where LVS gives heavy ones several turns in a row). `wlc` takes the backend with the fewest open requests for its weight, open / weight, as LVS does with its active connections; of equal ones the one with the fewest turns for its weight, where LVS looks at connections that were closed lately. Every kube-proxy hears of a pod soon; a load balancer takes pods in and out that it sends requests to itself some seconds later, and what it still sends to one that has ended is refused. The weight of a node is taken to follow at once. Every attempt is a connection of its own. Any other Service is kube-proxy alone: each pod with the same chance. What a scenario says of `balancer` replaces the scheduler: `round-robin`, `weighted` and `least-connections` are the three above; `random` takes any backend; `random-of-two` takes two at random, and of these the one with fewer open requests for its weight. Left out: sessions that stay, hashes, health checks of the balancer's own, and IPVS.",
    defaults: &[
        Number {
            name: "scheduler",
            value: |_| "rr".to_owned(),
            source: "ACK's cloud controller, pkg/controller/service/reconcile/annotation/annotations.go",
        },
        Number {
            name: "traffic policy",
            value: |_| "Cluster".to_owned(),
            source: "API server, pkg/apis/core/v1/defaults.go: externalTrafficPolicy",
        },
        Number {
            name: "until a load balancer has taken a pod in or out that it sends requests to itself",
            value: |figures| {
                let times = seconds_between(figures.balancer_delay_ns, figures.balancer_delay_spread_ns);
                format!("{times}, drawn each time")
            },
            source: "Alibaba Cloud, ACK, graceful exit: 5 to 15 s until a CLB has removed a pod",
        },
    ],
};

/// How a backend is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// Each with the same chance, as kube-proxy does in iptables mode.
    #[default]
    Random,
    /// One after the other.
    RoundRobin,
    /// One after the other, in proportion to their weights.
    Weighted,
    /// The one with the fewest open requests for its weight.
    LeastConnections,
    /// The same of two that are taken at random.
    RandomOfTwo,
}

impl Policy {
    /// The one of a word of the language.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "random" => Some(Self::Random),
            "round-robin" => Some(Self::RoundRobin),
            "weighted" => Some(Self::Weighted),
            "least-connections" => Some(Self::LeastConnections),
            "random-of-two" => Some(Self::RandomOfTwo),
            _ => None,
        }
    }

    /// Whether it looks at open requests, which are counted for nobody else.
    fn counts(self) -> bool {
        match self {
            Self::LeastConnections | Self::RandomOfTwo => true,
            Self::Random | Self::RoundRobin | Self::Weighted => false,
        }
    }
}

/// What a balancer chooses among.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behind {
    /// Pods, each by itself.
    #[default]
    Pods,
    /// ECS nodes that have pods, and pods on ECI: `externalTrafficPolicy: Local`.
    NodesWithPods,
    /// Every ECS node, and pods on ECI: `externalTrafficPolicy: Cluster`.
    EveryNode,
}

/// What is said of the balancer of a component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// How it chooses.
    pub policy: Policy,
    /// Among what.
    pub behind: Behind,
    /// The weight that all pods share; `None` for 1 each.
    pub weight: Option<u32>,
    /// Whether it is a load balancer outside the cluster, and not kube-proxy alone.
    pub is_outside: bool,
}

/// The balancer of a component.
#[derive(Clone, Debug, Default)]
pub struct Balancer {
    rules: Rules,
    backends: Backends,
    rounds: Rounds,
    least: LeastConnections,
}

/// Where an attempt goes.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// The pod.
    pub pod: u32,
    /// On which way, as far as its balancer counts what is open.
    pub via: Via,
}

/// The share of a component's requests that goes to one pod.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Share {
    /// What the balancer gives to it as a backend of its own.
    of_its_own: f64,
    /// What nodes hand on to it at random.
    handed_on: f64,
}

impl Share {
    /// Both together.
    pub fn all(self) -> f64 {
        self.of_its_own + self.handed_on
    }

    /// Whether most of it comes in the rhythm in which the balancer chooses, and not at random.
    pub fn is_chosen(self) -> bool {
        self.of_its_own > self.handed_on
    }
}

/// The backend that an open request is counted for, as one number: a job keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Via(u32);

impl Via {
    fn new(id: Id) -> Self {
        match id {
            Id::Pod(_) => Self(1),
            Id::Node(node) => Self(node + 2),
        }
    }

    /// Whether somebody counts.
    #[inline]
    pub fn counts(self) -> bool {
        self.0 > 0
    }

    fn id(self, pod: u32) -> Id {
        if self.0 == 1 { Id::Pod(pod) } else { Id::Node(self.0 - 2) }
    }
}

impl Balancer {
    /// A balancer that knows no pod yet. Nodes have the numbers below `nodes`.
    fn new(rules: Rules, nodes: impl Iterator<Item = u32>) -> Self {
        let mut balancer = Self { rules, ..Self::default() };
        if rules.behind == Behind::EveryNode {
            for node in nodes {
                let slot = balancer.backends.add(Id::Node(node));
                balancer.weigh(slot);
            }
        }
        balancer
    }

    /// A node joins the cluster or leaves it.
    fn change_node(&mut self, node: u32, is_there: bool) {
        if self.rules.behind != Behind::EveryNode {
            return;
        }
        let slot = self.backends.add(Id::Node(node));
        self.backends.all[slot as usize].has_left = !is_there;
        self.weigh(slot);
    }

    /// A pod is ready; `node` is its ECS node.
    fn take_in(&mut self, pod: u32, node: Option<u32>) {
        let Some(id) = self.backend_of(pod, node) else { return };
        let slot = self.backends.take_in(id, pod);
        self.weigh(slot);
    }

    /// A pod ends.
    fn take_out(&mut self, pod: u32, node: Option<u32>) {
        let Some(id) = self.backend_of(pod, node) else { return };
        if let Some(slot) = self.backends.take_out(id, pod) {
            self.weigh(slot);
        }
    }

    /// The backend that leads to a pod alone or to its neighbours too; `None` if every node leads to it.
    fn backend_of(&self, pod: u32, node: Option<u32>) -> Option<Id> {
        match (self.rules.behind, node) {
            (Behind::Pods, _) | (Behind::NodesWithPods | Behind::EveryNode, None) => Some(Id::Pod(pod)),
            (Behind::NodesWithPods, Some(node)) => Some(Id::Node(node)),
            (Behind::EveryNode, Some(_)) => None,
        }
    }

    /// Weighs a backend again; all of them where they share a weight.
    fn weigh(&mut self, slot: u32) {
        let shares = self.rules.weight.is_some();
        let slots = if shares { 0..self.backends.slots() } else { slot..slot + 1 };
        for slot in slots {
            let weight = self.backends.weight(slot, self.rules);
            if self.backends.set_weight(slot, weight) {
                match self.rules.policy {
                    Policy::RoundRobin | Policy::Weighted => self.rounds.weigh(slot, weight),
                    Policy::LeastConnections => self.least.weigh(slot, &mut self.backends),
                    Policy::Random | Policy::RandomOfTwo => {}
                }
            }
            self.backends.forget(slot);
        }
    }

    /// The next backend's slot.
    #[inline]
    fn choose(&mut self, stream: &mut Stream) -> Option<u32> {
        match self.rules.policy {
            Policy::Random => random::choose(&self.backends, stream),
            Policy::RoundRobin | Policy::Weighted => self.rounds.choose(),
            Policy::LeastConnections => self.least.choose(),
            Policy::RandomOfTwo => random_of_two::choose(&self.backends, stream),
        }
    }

    /// The share of the requests that goes to each pod, in the order of their numbers. Balancers that look at what is
    /// open even it out over time.
    pub(crate) fn shares(&self, endpoints: &[u32]) -> Vec<(u32, Share)> {
        let weight = |slot: &u32| match self.rules.policy {
            Policy::Random | Policy::RandomOfTwo => 1.0,
            Policy::RoundRobin | Policy::Weighted | Policy::LeastConnections => {
                f64::from(self.backends.all[*slot as usize].weight)
            }
        };
        let whole: f64 = self.backends.active.iter().map(weight).sum();
        let mut shares: Vec<(u32, Share)> = Vec::with_capacity(self.backends.active.len());
        let own = |of_its_own: f64| Share { of_its_own, ..Share::default() };
        let passed = |handed_on: f64| Share { handed_on, ..Share::default() };
        let mut to_any = 0.0;
        for slot in &self.backends.active {
            let (backend, share) = (&self.backends.all[*slot as usize], weight(slot) / whole);
            match backend.id {
                Id::Pod(pod) => shares.push((pod, own(share))),
                Id::Node(_) if self.rules.behind == Behind::EveryNode => to_any += share,
                Id::Node(_) => {
                    let each = share / backend.pods.len() as f64;
                    let is_alone = backend.pods.len() == 1;
                    let each = if is_alone { own(each) } else { passed(each) };
                    shares.extend(backend.pods.iter().map(|pod| (*pod, each)));
                }
            }
        }
        if to_any > 0.0 {
            let each = passed(to_any / endpoints.len() as f64);
            shares.extend(endpoints.iter().map(|pod| (*pod, each)));
        }
        shares.sort_by_key(|(pod, _)| *pod);
        shares.dedup_by(|(pod, more), (before, share)| {
            let is_same = pod == before;
            if is_same {
                share.of_its_own += more.of_its_own;
                share.handed_on += more.handed_on;
            }
            is_same
        });
        shares
    }

    /// How it chooses, and among how many backends.
    pub(crate) fn policy(&self) -> (Policy, u32) {
        (self.rules.policy, self.backends.active.len() as u32)
    }

    /// How many requests are open, if it counts them.
    pub(crate) fn open_count(&self) -> Option<u64> {
        let open = self.backends.all.iter().map(|backend| u64::from(backend.open));
        self.rules.policy.counts().then(|| open.sum())
    }

    /// A backend has one open request more.
    fn opened(&mut self, slot: u32) -> Via {
        self.backends.all[slot as usize].open += 1;
        if self.rules.policy == Policy::LeastConnections {
            self.least.took(slot, &mut self.backends);
        }
        Via::new(self.backends.all[slot as usize].id)
    }

    /// One of its open requests is over.
    fn closed(&mut self, id: Id) {
        let Some(slot) = self.backends.slot(id) else { return };
        let open = &mut self.backends.all[slot as usize].open;
        // A balancer that was put in place meanwhile does not know what was open before.
        *open = open.saturating_sub(1);
        if self.rules.policy == Policy::LeastConnections {
            self.least.changed(slot, &self.backends);
        }
        self.backends.forget(slot);
    }
}

impl Run<'_> {
    /// Where the next request of a component goes; `None` if no pod is ready.
    #[inline]
    pub(crate) fn choose(&mut self, component: usize) -> Option<Choice> {
        let target = &mut self.components[component];
        let slot = target.balancer.choose(&mut self.streams.balancer)?;
        let backend = &target.balancer.backends.all[slot as usize];
        let pod = match backend.id {
            Id::Pod(pod) => pod,
            Id::Node(_) => {
                let every = target.balancer.rules.behind == Behind::EveryNode;
                let pods = if every { &target.endpoints } else { &backend.pods };
                *pods.get(self.streams.balancer.below(pods.len() as u64) as usize)?
            }
        };
        let counts = target.balancer.rules.policy.counts();
        let via = if counts { target.balancer.opened(slot) } else { Via::default() };
        Some(Choice { pod, via })
    }

    /// An attempt that somebody counts is over, or was refused.
    pub(crate) fn closed(&mut self, choice: Choice) {
        let component = self.workloads[self.pods[choice.pod as usize].workload].component;
        self.components[component].balancer.closed(choice.via.id(choice.pod));
    }

    /// Every kube-proxy hears that a pod became ready or ends, or a balancer that it was waited for.
    pub(crate) fn endpoint(&mut self, pod: u32) {
        let at_once = self.open_gate(pod);
        self.tell_proxies(pod, at_once);
    }

    /// Every kube-proxy knows what a pod is; a load balancer that sends requests to it itself does so later, unless it
    /// knows already.
    pub(crate) fn tell_proxies(&mut self, pod: u32, at_once: bool) {
        let state = &self.pods[pod as usize];
        let node = self.ecs_node(pod);
        let workload = &self.workloads[state.workload];
        let wanted = state.ready && !state.terminating && workload.revisions[state.revision as usize].served;
        let owner = workload.component;
        // Kept in the order of pod numbers, so that a choice does not depend on who was ready first.
        let place = self.components[owner].endpoints.binary_search(&pod);
        if place.is_ok() == wanted {
            return;
        }
        self.disturb(owner);
        let component = &mut self.components[owner];
        match place {
            Err(place) => component.endpoints.insert(place, pod),
            Ok(place) => {
                component.endpoints.remove(place);
            }
        }
        let balancer = &mut component.balancer;
        let is_outside =
            balancer.rules.is_outside && matches!(balancer.backend_of(pod, node), Some(Id::Pod(_)));
        if is_outside && !at_once {
            let delay_ns = self.balancer_delay_ns();
            self.queue.push(self.clock.now_ns() + delay_ns, Event::Backend(pod));
        } else if wanted {
            balancer.take_in(pod, node);
        } else {
            balancer.take_out(pod, node);
        }
    }

    /// A load balancer takes a pod in or out that it sends requests to itself.
    pub(crate) fn backend(&mut self, pod: u32) {
        let component = self.workloads[self.pods[pod as usize].workload].component;
        self.disturb(component);
        let component = &mut self.components[component];
        if component.endpoints.binary_search(&pod).is_ok() {
            component.balancer.take_in(pod, None);
        } else {
            component.balancer.take_out(pod, None);
        }
    }

    /// How long a load balancer takes for a change.
    pub(crate) fn balancer_delay_ns(&mut self) -> u64 {
        let figures = &self.world.figures;
        figures.balancer_delay_ns + self.streams.balancer_delay.below(figures.balancer_delay_spread_ns + 1)
    }

    /// The balancers hear of a node that joined or left.
    pub(crate) fn tell_balancers(&mut self, node: usize, is_there: bool) {
        for component in 0..self.components.len() {
            self.disturb(component);
        }
        for component in &mut self.components {
            component.balancer.change_node(node as u32, is_there);
        }
    }

    /// The node that a pod stands on, if it is not ECI.
    fn ecs_node(&self, pod: u32) -> Option<u32> {
        let node = self.pods[pod as usize].node.filter(|node| !self.nodes[*node].is_virtual);
        node.map(|node| node as u32)
    }
}
