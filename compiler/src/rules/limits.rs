//! The known limits of the platforms that specc makes objects for, and what keeps each.

use super::{drain_out_of_range, readiness_gates_without_terway};
use crate::diag::Rule;

/// One limit.
#[derive(Debug)]
pub struct Limit {
    /// Its number.
    pub number: u8,
    /// What does not work.
    pub says: &'static str,
    /// What keeps specs and objects off it; each part of it has a keeper of its own.
    pub kept: &'static [Kept],
}

/// What keeps a limit.
#[derive(Debug)]
pub enum Kept {
    /// A rule refuses what goes against it.
    Rule(&'static Rule),
    /// Nothing that goes against it can be said, or made.
    Construction {
        /// Why not.
        how: &'static str,
        /// The test that shows it.
        test: &'static str,
    },
}

/// Every limit that is kept, by number.
pub static LIMITS: &[Limit] = &[
    Limit {
        number: 22,
        says: "a load balancer of ACK is public unless it is told otherwise",
        kept: &[Kept::Construction {
            how: "every one is told who may reach it",
            test: "every_load_balancer_of_ack_says_who_may_reach_it",
        }],
    },
    Limit {
        number: 23,
        says: "weights under the traffic policy Local count only with the scheduler wrr",
        kept: &[Kept::Construction {
            how: "both are always written together",
            test: "every_load_balancer_of_ack_weighs_pods_and_never_nodes",
        }],
    },
    Limit {
        number: 24,
        says: "under the traffic policy Cluster a node full of pods weighs as much as one pod on ECI",
        kept: &[Kept::Construction {
            how: "the policy is always Local",
            test: "every_load_balancer_of_ack_weighs_pods_and_never_nodes",
        }],
    },
    Limit {
        number: 25,
        says: "a weight below the number of backends leaves pods on ECI without traffic",
        kept: &[Kept::Construction {
            how: "no weight is ever written",
            test: "every_load_balancer_of_ack_weighs_pods_and_never_nodes",
        }],
    },
    Limit {
        number: 26,
        says: "readiness gates never open without Terway and a cloud controller of version 2.10",
        kept: &[
            Kept::Rule(&readiness_gates_without_terway::RULE),
            Kept::Construction {
                how: "they are set only where operators declare both",
                test: "readiness_gates_are_set_only_where_something_opens_them",
            },
        ],
    },
    Limit {
        number: 27,
        says: "connections drain for 10 to 900 s, and only on listeners of TCP and UDP",
        kept: &[
            Kept::Rule(&drain_out_of_range::RULE),
            Kept::Construction {
                how: "listeners of load balancers are always TCP",
                test: "every_listener_of_a_load_balancer_is_tcp",
            },
        ],
    },
    Limit {
        number: 28,
        says: "of canary Ingresses ALB sees only the first, and only its first path",
        kept: &[Kept::Construction {
            how: "a canary is pods behind the one Service, and no Ingress",
            test: "alb_gets_one_ingress_without_a_canary",
        }],
    },
    Limit {
        number: 29,
        says: "the project ingress-nginx is archived",
        kept: &[Kept::Construction {
            how: "there is no word for it",
            test: "nothing_can_be_exposed_through_an_archived_project",
        }],
    },
];

/// The numbers of limits that nothing keeps yet.
pub static MISSING: &[u8] = &[
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 30, 31, 32, 33, 34, 35, 36, 37,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::ALL;

    #[test]
    fn every_limit_is_kept_or_said_to_be_missing() {
        let mut numbers: Vec<u8> =
            LIMITS.iter().map(|limit| limit.number).chain(MISSING.iter().copied()).collect();
        assert!(LIMITS.is_sorted_by_key(|limit| limit.number), "they stand in order");
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=37).collect::<Vec<u8>>());
    }

    #[test]
    fn every_limit_has_a_keeper_and_every_rule_is_one_that_runs() {
        for limit in LIMITS {
            assert!(!limit.kept.is_empty(), "L{:02}", limit.number);
            for kept in limit.kept {
                if let Kept::Rule(rule) = kept {
                    assert!(
                        ALL.iter().any(|known| known.code == rule.code),
                        "L{:02}: {}",
                        limit.number,
                        rule.name
                    );
                }
            }
        }
    }
}
