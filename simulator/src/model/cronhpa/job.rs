//! One run of a job: up to four attempts to scale an autoscaler or a workload.

use super::api::{Api, Bounds};
use super::exclude;
use super::object::{JobSpec, Target};
use super::zone::Zone;
use crate::engine::clock::SIGNED_SECOND_NS;

/// From one attempt to the next: `updateRetryInterval`.
const RETRY_NS: i64 = 3 * SIGNED_SECOND_NS;
/// After so long no attempt begins: `maxRetryTimeout`.
const RETRIES_NS: i64 = 10 * SIGNED_SECOND_NS;

/// A job as it was when it was submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The name of its object.
    pub owner: String,
    /// The namespace of its object.
    pub namespace: String,
    /// What it scales.
    pub target: Target,
    /// Days on which it is skipped.
    pub exclude_dates: Vec<String>,
    /// When, and to what.
    pub spec: JobSpec,
}

/// A run that goes on.
#[derive(Clone, Debug)]
pub struct Attempts {
    began_ns: i64,
    failed: u32,
    error: String,
    /// When the next attempt is made.
    pub at_ns: i64,
}

impl Attempts {
    /// A run that begins.
    pub fn new(now_ns: i64) -> Self {
        Self { began_ns: now_ns, failed: 0, error: String::new(), at_ns: now_ns }
    }

    /// The next attempt: how the run ended, if it did.
    pub fn go(&mut self, job: &Job, zone: &Zone, api: &mut dyn Api) -> Option<Result<String, String>> {
        let now_ns = self.at_ns;
        if self.failed == 0
            && let Some(skipped) = exclude::skipped(&job.exclude_dates, zone, now_ns)
        {
            return Some(Ok(skipped));
        }
        let Target { kind, name, .. } = &job.target;
        if self.began_ns + RETRIES_NS < now_ns {
            return Some(Err(format!(
                "failed to scale {kind} {name} in {} namespace to {} after retrying {} times and exit,because of {}",
                job.namespace, job.spec.target_size, self.failed, self.error
            )));
        }
        let scaled = if kind == "HorizontalPodAutoscaler" {
            job.scale_autoscaler(api)
        } else {
            job.scale_workload(api)
        };
        match scaled {
            Ok(message) => return Some(Ok(message)),
            Err(error) => self.error = error,
        }
        self.failed += 1;
        self.at_ns += RETRY_NS;
        None
    }
}

impl Job {
    /// Raises the upper bound where it is too low, moves the lower bound, and scales what has fewer pods.
    ///
    /// Nobody brings the upper bound back; and the lower bound stays where enough pods run already, so that the
    /// autoscaler may take them away the moment after.
    fn scale_autoscaler(&self, api: &mut dyn Api) -> Result<String, String> {
        let (name, desired) = (&self.target.name, self.spec.target_size);
        let autoscaler = api
            .autoscaler(name)
            .map_err(|error| format!("Failed to get HorizontalPodAutoscaler Ref,because of {error}"))?;
        let group = autoscaler.target.api_version.rsplit_once('/').map_or("", |(group, _)| group);
        let kind = &autoscaler.target.kind;
        if !api.has_kind(group, kind) {
            return Err(unknown("Failed to create mapping", group, kind));
        }
        let replicas = api.replicas(kind, &autoscaler.target.name).map_err(|error| {
            let Target { kind, name, .. } = &self.target;
            format!(
                "failed to found source target {kind} {name} in {} namespace, err is {error}",
                self.namespace
            )
        })?;
        let (before, current) = (autoscaler.bounds, autoscaler.current);
        let Bounds { mut min, max } = before;
        let is_low = desired < min;
        if is_low {
            min = desired;
        }
        let follows = current == min && desired < current;
        let rises = current < desired;
        if follows || rises {
            min = desired;
        }
        if desired > max || is_low || follows || rises {
            api.set_bounds(name, Bounds { min, max: max.max(desired) })?;
        }
        if current >= desired {
            return Ok(format!(
                "Skip scale replicas because HPA {name} in namespace {} current replicas:{replicas} >= desired \
                 replicas:{desired}.",
                self.namespace
            ));
        }
        self.write(api, &autoscaler.target, replicas)
    }

    /// Scales a workload, up or down, whatever it has.
    fn scale_workload(&self, api: &mut dyn Api) -> Result<String, String> {
        let Target { api_version, kind, name } = &self.target;
        let group = api_version.split('/').next().unwrap_or_default();
        if !api.has_kind(group, kind) {
            return Err(unknown("Failed to create create mapping", group, kind));
        }
        let replicas = api.replicas(kind, name).map_err(|_| {
            format!("failed to find source target {kind} {name} in {} namespace", self.namespace)
        })?;
        self.write(api, &self.target, replicas)
    }

    fn write(&self, api: &mut dyn Api, workload: &Target, replicas: i32) -> Result<String, String> {
        let desired = self.spec.target_size;
        api.set_replicas(&workload.kind, &workload.name, desired).map_err(|error| {
            let Target { kind, name, .. } = &self.target;
            format!(
                "failed to scale {kind} {name} in {} namespace to {desired}, because of {error}",
                self.namespace
            )
        })?;
        Ok(format!("current replicas:{replicas}, desired replicas:{desired}."))
    }
}

fn unknown(failed: &str, group: &str, kind: &str) -> String {
    format!("{failed},because of no matches for kind {kind:?} in group {group:?}")
}
