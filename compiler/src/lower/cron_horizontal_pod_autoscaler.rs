//! CronHorizontalPodAutoscaler: raises an autoscaler's lower bound by the clock, and brings it back.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};

use super::{Kind, labels};
use crate::app::{Autoscale, Cell, Component};
use crate::object::Object;

/// `CronHorizontalPodAutoscaler`
pub static KIND: Kind = Kind {
    name: "CronHorizontalPodAutoscaler",
    docs: "On a cluster with cronhpa, raises the lower bound of the autoscaler when a window opens, and brings it \
           back when the window closes. Its target is the autoscaler and never the Deployment, which two would \
           scale; it follows the revision once a release is done, so that it never wakes one that does not serve. \
           There are no excluded dates: the controller skips the wrong days. The controller loses a run while it \
           is down, and leaves the bound alone when so many pods run already: the next apply puts either right.",
    ready: "it exists",
};

/// The windows of a component over the autoscaler of one revision.
pub fn lower(cell: &Cell, component: &Component, auto: &Autoscale, revision: &str) -> Object {
    let name = &component.name.value;
    let jobs = auto.crons.iter().flat_map(|cron| {
        let job = |end: &str, schedule: String, target_size: u32| CronJobSpec {
            name: format!("{}-{end}", cron.name.value),
            schedule,
            target_size: target_size as i32,
        };
        [
            job("from", cron.from.value.to_string(), cron.replicas.value),
            // A target below the lower bound lowers it.
            job("until", cron.until.value.to_string(), auto.min.value),
        ]
    });
    let scaler = CronHorizontalPodAutoscaler {
        api_version: "autoscaling.alibabacloud.com/v1beta1".to_owned(),
        kind: KIND.name.to_owned(),
        metadata: labels::metadata(cell, component, name.clone()),
        spec: CronHorizontalPodAutoscalerSpec {
            scale_target_ref: ScaleTargetRef {
                // The controller splits this at the slash, and crashes without one.
                api_version: "autoscaling/v1".to_owned(),
                kind: "HorizontalPodAutoscaler".to_owned(),
                name: format!("{name}-{revision}"),
            },
            jobs: jobs.collect(),
        },
    };
    Object::of_component(scaler, name, name).after_release()
}

/// `autoscaling.alibabacloud.com/v1beta1`, as far as specc uses it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CronHorizontalPodAutoscaler {
    /// Always `autoscaling.alibabacloud.com/v1beta1`.
    pub api_version: String,
    /// Always `CronHorizontalPodAutoscaler`.
    pub kind: String,
    /// Name and namespace.
    pub metadata: ObjectMeta,
    /// What the controller is told.
    pub spec: CronHorizontalPodAutoscalerSpec,
}

/// What is scaled, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CronHorizontalPodAutoscalerSpec {
    /// The autoscaler.
    pub scale_target_ref: ScaleTargetRef,
    /// The two ends of every window.
    pub jobs: Vec<CronJobSpec>,
}

/// Names an object of the same namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScaleTargetRef {
    /// With a group, which the controller needs.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// The name.
    pub name: String,
}

/// One end of a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CronJobSpec {
    /// Unique in the object.
    pub name: String,
    /// Six fields, in the time zone of the controller's process.
    pub schedule: String,
    /// The lower bound from then on.
    pub target_size: i32,
}
