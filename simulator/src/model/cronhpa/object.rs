//! The object `CronHorizontalPodAutoscaler`: what it asks and what its controller has written into it.

use serde::Deserialize;

use super::engine::JobId;

/// What is scaled, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spec {
    /// What is scaled: an autoscaler, or a workload.
    pub scale_target_ref: Target,
    /// Days on which nothing is scaled, as schedules.
    #[serde(default)]
    pub exclude_dates: Vec<String>,
    /// When, and to what.
    #[serde(default)]
    pub jobs: Vec<JobSpec>,
}

/// Names an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Group and version.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// The name.
    pub name: String,
}

/// One time and one size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobSpec {
    /// Unique in the object.
    pub name: String,
    /// When.
    pub schedule: String,
    /// To how many pods.
    pub target_size: i32,
    /// Whether it runs the first time only.
    #[serde(default)]
    pub run_once: bool,
}

impl JobSpec {
    /// Whether it is over after its first run.
    pub fn is_once(&self) -> bool {
        self.run_once || self.schedule.contains("@date ")
    }
}

/// One object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CronHpa {
    /// Its name.
    pub name: String,
    /// What it asks.
    pub spec: Spec,
    /// The target that the controller knows.
    pub seen_target: Target,
    /// The excluded days that the controller knows.
    pub seen_exclude_dates: Vec<String>,
    /// How each job stands, by name.
    pub conditions: Vec<Condition>,
}

/// How a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The job's name.
    pub name: String,
    /// Its number; `None` if it could not be made.
    pub id: Option<JobId>,
    /// Its schedule.
    pub schedule: String,
    /// Its size.
    pub target_size: i32,
    /// Whether it runs once.
    pub run_once: bool,
    /// The second in which this was written, since 1970.
    pub probed_seconds: i64,
    /// What became of it.
    pub state: State,
    /// In words.
    pub message: String,
}

/// What became of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits for its time.
    Submitted,
    /// It ran, or was skipped on an excluded day.
    Succeed,
    /// It cannot run, or its run failed.
    Failed,
}

impl State {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Submitted => "Submitted",
            Self::Succeed => "Succeed",
            Self::Failed => "Failed",
        }
    }
}

impl CronHpa {
    /// Writes how a job stands.
    pub fn set(&mut self, condition: Condition) {
        let same = |other: &Condition| {
            other.name == condition.name || condition.id.is_some() && other.id == condition.id
        };
        match self.conditions.iter_mut().find(|other| same(other)) {
            Some(other) => *other = condition,
            None => self.conditions.push(condition),
        }
    }
}
