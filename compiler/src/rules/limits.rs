//! The known limits of the platforms that specc makes objects for, and what keeps each.

use super::{
    beyond_eci, cron_above_max, cron_time_zone, daemon_on_eci, drain_out_of_range, eci_rounding,
    no_windows_pool, node_access, node_local_on_eci, not_on_windows, preference_is_no_promise,
    readiness_gates_without_terway, receiver_adapter, reserved_label, resolver_loop, retired_windows_build,
    schedule_descriptor, schedule_fields, windows_build_mismatch, windows_on_eci,
};
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

/// Every limit, by number: L01 and so on in the collection of facts that specc was built from.
pub static LIMITS: &[Limit] = &[
    Limit {
        number: 1,
        says: "ECI takes no folder, network or port of a node, no DaemonSet, no NodePort Service and no privileged pod",
        kept: &[
            Kept::Rule(&daemon_on_eci::RULE),
            Kept::Rule(&node_access::RULE),
            Kept::Construction {
                how: "nothing asks for a privileged container or a port of every node",
                test: "no_pod_is_privileged_and_no_service_is_a_node_port",
            },
        ],
    },
    Limit {
        number: 2,
        says: "a pod on ECI has at most 20 containers, 20 volumes and 64 vCPU, and not the ports 111, 10250 and 10255",
        kept: &[Kept::Rule(&beyond_eci::RULE)],
    },
    Limit {
        number: 3,
        says: "ECI sizes are rounded up, and billed as rounded",
        kept: &[Kept::Rule(&eci_rounding::RULE)],
    },
    Limit {
        number: 4,
        says: "ECI spot instances below 2 vCPU are rounded up",
        kept: &[Kept::Construction {
            how: "there is no word for spot instances",
            test: "nothing_asks_eci_for_spot_or_economy",
        }],
    },
    Limit {
        number: 5,
        says: "ECI refuses spot and ARM instances together with the economy class",
        kept: &[Kept::Construction {
            how: "there is no word for either",
            test: "nothing_asks_eci_for_spot_or_economy",
        }],
    },
    Limit {
        number: 6,
        says: "the pod label alibabacloud.com/eci overrides a ResourcePolicy, affinity and spreading",
        kept: &[Kept::Rule(&reserved_label::RULE)],
    },
    Limit {
        number: 7,
        says: "a ResourcePolicy goes with neither deletion costs nor burst-resource, an empty selector takes the whole namespace, and only managed Pro clusters have it",
        kept: &[Kept::Construction {
            how: "its selector is one component, its units have no max, and `provider \"ack\"` means a managed Pro cluster",
            test: "a_resource_policy_selects_one_component_and_limits_no_pool",
        }],
    },
    Limit {
        number: 8,
        says: "nodes first by preferred affinity is no promise",
        kept: &[Kept::Rule(&preference_is_no_promise::RULE)],
    },
    Limit {
        number: 9,
        says: "a selector with alibabacloud.com/compute-class or compute-qos lets pods come and go without end",
        kept: &[Kept::Rule(&reserved_label::RULE)],
    },
    Limit {
        number: 10,
        says: "the injection of a node's cache breaks names on ECI",
        kept: &[
            Kept::Rule(&node_local_on_eci::RULE),
            Kept::Construction {
                how: "the template of every pod refuses the injection",
                test: "no_webhook_gives_a_pod_another_cache_than_it_asks_for",
            },
        ],
    },
    Limit {
        number: 11,
        says: "a sidecar that forwards to /etc/resolv.conf asks itself",
        kept: &[
            Kept::Rule(&resolver_loop::RULE),
            Kept::Construction {
                how: "caches forward to a literal address",
                test: "caches_forward_to_a_literal_address",
            },
            Kept::Construction {
                how: "and are up before what asks them",
                test: "on_nodes_a_sidecar_is_up_before_the_component_starts",
            },
        ],
    },
    Limit {
        number: 12,
        says: "with kube-proxy on IPVS a node's cache needs the pod's own settings",
        kept: &[Kept::Construction {
            how: "pods name their cache themselves, whatever kube-proxy does",
            test: "the_mode_of_kube_proxy_changes_nothing",
        }],
    },
    Limit {
        number: 13,
        says: "cronhpa misreads a schedule of five fields",
        kept: &[Kept::Rule(&schedule_fields::RULE)],
    },
    Limit {
        number: 14,
        says: "a @date in the past becomes the next year's day",
        kept: &[Kept::Rule(&schedule_descriptor::RULE)],
    },
    Limit {
        number: 15,
        says: "cronhpa skips wrong days for other excluded dates than whole ones",
        kept: &[Kept::Construction {
            how: "no date is excluded",
            test: "every_window_ends_and_no_date_is_excluded",
        }],
    },
    Limit {
        number: 16,
        says: "of cron scaling and an autoscaler on one Deployment the last writer wins",
        kept: &[Kept::Construction {
            how: "the clock moves the autoscaler's lower bound, never the Deployment",
            test: "cronhpa_scales_the_autoscaler_of_the_revision_and_never_its_deployment",
        }],
    },
    Limit {
        number: 17,
        says: "cronhpa raises the upper bound of an autoscaler and never lowers it",
        kept: &[Kept::Rule(&cron_above_max::RULE)],
    },
    Limit {
        number: 18,
        says: "cronhpa crashes on an apiVersion without a slash",
        kept: &[Kept::Construction {
            how: "its target is always autoscaling/v2",
            test: "cronhpa_scales_the_autoscaler_of_the_revision_and_never_its_deployment",
        }],
    },
    Limit {
        number: 19,
        says: "cronhpa has the time zone of its process",
        kept: &[Kept::Rule(&cron_time_zone::RULE)],
    },
    Limit {
        number: 20,
        says: "two Deployments in batches do not go with one autoscaler, or with what is keyed on a Deployment's name",
        kept: &[Kept::Construction {
            how: "every revision has an autoscaler of its own",
            test: "every_revision_has_an_autoscaler_of_its_own",
        }],
    },
    Limit {
        number: 21,
        says: "Kruise Rollouts has at most 50 steps, and canaries of native Deployments alone",
        kept: &[Kept::Construction {
            how: "batches are the rollout's own, and no object of Kruise is made",
            test: "batches_are_the_rollouts_own_and_no_kruise_object_is_made",
        }],
    },
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
    Limit {
        number: 30,
        says: "the API server refuses fields of Linux in pods of Windows, even when they say no",
        kept: &[Kept::Construction {
            how: "none of them is written",
            test: "a_windows_pod_has_no_field_that_the_api_server_refuses",
        }],
    },
    Limit {
        number: 31,
        says: "Windows nodes are found by selector and build, and have no limit above the request, no volume in memory and no NFS",
        kept: &[
            Kept::Rule(&no_windows_pool::RULE),
            Kept::Rule(&windows_build_mismatch::RULE),
            Kept::Rule(&not_on_windows::RULE),
            Kept::Construction {
                how: "no defaultMode and no subPath is written",
                test: "a_windows_pod_has_no_field_that_the_api_server_refuses",
            },
        ],
    },
    Limit {
        number: 32,
        says: "HostProcess is for all containers of a pod or none, and needs the host's network",
        kept: &[
            Kept::Rule(&not_on_windows::RULE),
            Kept::Construction {
                how: "there is no word for it",
                test: "a_windows_pod_has_no_field_that_the_api_server_refuses",
            },
        ],
    },
    Limit {
        number: 33,
        says: "nobody has shown that ECI runs Windows",
        kept: &[Kept::Rule(&windows_on_eci::RULE)],
    },
    Limit {
        number: 34,
        says: "the builds 1809, 1903, 1909, 2004 and 20H2 are not supported any more",
        kept: &[Kept::Rule(&retired_windows_build::RULE)],
    },
    Limit {
        number: 35,
        says: "rules over metrics of nodes never fire for pods on ECI",
        kept: &[Kept::Construction {
            how: "alerts of components ask none",
            test: "alerts_of_components_ask_no_metric_of_nodes",
        }],
    },
    Limit {
        number: 36,
        says: "a StatefulSet held at a partition and a DaemonSet on OnDelete set off alerts about stuck rollouts",
        kept: &[Kept::Construction {
            how: "they are silenced for what specc holds",
            test: "a_held_rollout_silences_the_alerts_about_stuck_ones",
        }],
    },
    Limit {
        number: 37,
        says: "DingTalk takes nothing that Alertmanager posts",
        kept: &[
            Kept::Rule(&receiver_adapter::RULE),
            Kept::Construction {
                how: "an adapter is told, and its address is a receiver's own",
                test: "dingtalk_is_told_by_its_adapter_and_a_webhook_by_its_secret",
            },
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::ALL;

    #[test]
    fn no_limit_is_missing() {
        let numbers: Vec<u8> = LIMITS.iter().map(|limit| limit.number).collect();
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
