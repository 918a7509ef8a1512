//! What the controller sees at a sync: the scale subresource, the pods, and what the metrics APIs answer.

/// `scale` of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// `spec.replicas`.
    pub spec: i32,
    /// `status.replicas`: pods that are not being deleted.
    pub status: i32,
}

/// One pod in the controller's eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodSeen {
    /// Where it stands.
    pub phase: PodPhase,
    /// It has a deletion time.
    pub terminating: bool,
    /// The Ready condition.
    pub ready: bool,
    /// When that changed last.
    pub transition_ns: i64,
    /// `status.startTime`; `None` before a node took it.
    pub start_time_ns: Option<i64>,
}

/// `status.phase` of a pod that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodPhase {
    /// Not all its containers have started.
    Pending,
    /// They have.
    Running,
    /// It will not run again.
    Failed,
}

/// One sample of a metrics API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When it was taken.
    pub at_ns: i64,
    /// Over how long.
    pub window_ns: i64,
    /// The value in thousandths: of a core, of a byte, of a custom metric's unit.
    pub milli: i64,
}

/// What a sync asks. `metric` is an index into the metrics of the spec, `pod` one into [`Look::pods`].
pub trait Look {
    /// The scale subresource; `None` if it cannot be read.
    fn scale(&self) -> Option<Scale>;
    /// Every pod that the selector finds, those that are being deleted included.
    fn pods(&self) -> &[PodSeen];
    /// How many pods are like one of these, itself included.
    fn times(&self, _pod: usize) -> i64 {
        1
    }
    /// The sample of a pod, for a metric of pods; `None` if there is none, or the API fails.
    fn sample(&self, metric: usize, pod: usize) -> Option<Sample>;
    /// What a pod requests of a metric's resource, in thousandths; `None` if a container requests nothing.
    fn request_milli(&self, metric: usize, pod: usize) -> Option<i64>;
    /// The value of an object's metric, in thousandths; `None` if it cannot be had.
    fn object(&self, metric: usize) -> Option<i64>;
    /// The values of an external metric's series, in thousandths; `None` if they cannot be had.
    fn external(&self, metric: usize) -> Option<&[i64]>;
    /// Writes `spec.replicas`; `false` if that fails.
    fn write(&mut self, replicas: i32) -> bool;
}
