//! What a Deployment is told, with the API server's defaults.

use k8s_openapi::api::apps::v1::DeploymentSpec;

use crate::model::workloads::share::Share;

/// A Deployment's spec, read once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The number of the pod template.
    pub template: u32,
    /// `replicas`; 1 unless told.
    pub replicas: i32,
    /// `strategy`; a rolling update with 25 % each way unless told.
    pub strategy: Strategy,
    /// `minReadySeconds`.
    pub min_ready_s: i32,
    /// `paused`.
    pub paused: bool,
    /// `progressDeadlineSeconds`; 600 unless told, `None` for the largest number, which upstream takes for none.
    pub deadline_s: Option<i32>,
    /// `revisionHistoryLimit`; 10 unless told, `None` for the largest number.
    pub history_limit: Option<i32>,
}

/// How pods of an old template give way to those of a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// All old pods end before the first new one begins.
    Recreate,
    /// Some at a time.
    RollingUpdate {
        /// How many pods there may be beyond the count.
        max_surge: Share,
        /// How many pods of the count may be missing.
        max_unavailable: Share,
    },
}

impl Spec {
    /// Reads a spec as it is written; `template` is the number of its pod template.
    pub fn new(spec: &DeploymentSpec, template: u32) -> Self {
        let strategy = spec.strategy.as_ref();
        let quarter = Share::Percent(25);
        let strategy = if strategy.and_then(|it| it.type_.as_deref()) == Some("Recreate") {
            Strategy::Recreate
        } else {
            let rolling = strategy.and_then(|strategy| strategy.rolling_update.as_ref());
            let surge = rolling.and_then(|rolling| rolling.max_surge.as_ref());
            let unavailable = rolling.and_then(|rolling| rolling.max_unavailable.as_ref());
            Strategy::RollingUpdate {
                max_surge: surge.map_or(quarter, Share::new),
                max_unavailable: unavailable.map_or(quarter, Share::new),
            }
        };
        let unless_endless = |number: i32| (number != i32::MAX).then_some(number);
        Self {
            template,
            replicas: spec.replicas.unwrap_or(1),
            strategy,
            min_ready_s: spec.min_ready_seconds.unwrap_or(0),
            paused: spec.paused.unwrap_or(false),
            deadline_s: unless_endless(spec.progress_deadline_seconds.unwrap_or(600)),
            history_limit: unless_endless(spec.revision_history_limit.unwrap_or(10)),
        }
    }

    /// Surplus and missing pods that a rolling update may have; where both come out as none, one may be missing
    /// (`ResolveFenceposts`).
    fn fenceposts(&self) -> (i32, i32) {
        let Strategy::RollingUpdate { max_surge, max_unavailable } = self.strategy else { return (0, 0) };
        let surge = max_surge.rounded_up(self.replicas);
        let unavailable = max_unavailable.rounded_down(self.replicas);
        if (surge, unavailable) == (0, 0) { (0, 1) } else { (surge, unavailable) }
    }

    /// How many pods there may be beyond the count.
    pub fn max_surge(&self) -> i32 {
        self.fenceposts().0
    }

    /// How many pods of the count may be missing.
    pub fn max_unavailable(&self) -> i32 {
        self.fenceposts().1.min(self.replicas)
    }
}
