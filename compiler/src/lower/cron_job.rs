//! CronJob: scales by the clock where no cronhpa is installed.

use std::collections::BTreeMap;

use k8s_openapi::api::batch::v1::{CronJob, CronJobSpec, JobSpec, JobTemplateSpec};
use k8s_openapi::api::core::v1::{
    Capabilities, Container, PodSecurityContext, PodSpec, PodTemplateSpec, ResourceRequirements,
    SeccompProfile, SecurityContext,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{Kind, labels};
use crate::app::{Autoscale, Cell, Component, Cron, Schedule, cron};
use crate::object::Object;

/// `CronJob`
pub static KIND: Kind = Kind {
    name: "CronJob",
    docs: "Where no cronhpa is installed, one when a window opens and one when it closes: each sets the lower bound \
           of the component's autoscaler, which is all that its account may do. It follows the revision once a \
           release is done.",
    ready: "it exists",
};

/// How late a run may start: a controller that was away for longer must not open a window that has closed since.
const START_WITHIN_SECONDS: i64 = 300;
/// How long one patch may take, its retries included.
const ACTIVE_SECONDS: i64 = 240;
/// How often a patch that fails is tried again.
const RETRIES: i32 = 3;
/// How long a finished run can be looked at.
const KEPT_SECONDS: i32 = 86_400;

/// One window of a component over the autoscaler of one revision: its opening and its closing.
pub fn lower(
    cell: &Cell,
    component: &Component,
    (auto, cron): (&Autoscale, &Cron),
    revision: &str,
    image: &str,
) -> [Object; 2] {
    let autoscaler = format!("{}-{revision}", component.name.value);
    let end = |end: &str, schedule: &Schedule, min: u32| {
        let name = format!("{}-{}-{end}", component.name.value, cron.name.value);
        let pod = pod(cell, component, &autoscaler, min, image);
        let job = CronJob {
            metadata: labels::metadata(cell, component, name.clone()),
            spec: spec(schedule, &cron.time_zone.value, pod),
            ..CronJob::default()
        };
        Object::of_component(job, &name, &component.name.value).after_release()
    };
    [end("from", &cron.from.value, cron.replicas.value), end("until", &cron.until.value, auto.min.value)]
}

fn spec(schedule: &Schedule, time_zone: &str, pod: PodTemplateSpec) -> CronJobSpec {
    let job = JobSpec {
        active_deadline_seconds: Some(ACTIVE_SECONDS),
        backoff_limit: Some(RETRIES),
        ttl_seconds_after_finished: Some(KEPT_SECONDS),
        template: pod,
        ..JobSpec::default()
    };
    CronJobSpec {
        schedule: schedule.without_second().to_owned(),
        time_zone: Some(time_zone.to_owned()),
        concurrency_policy: Some("Forbid".to_owned()),
        starting_deadline_seconds: Some(START_WITHIN_SECONDS),
        successful_jobs_history_limit: Some(1),
        failed_jobs_history_limit: Some(3),
        job_template: JobTemplateSpec { metadata: None, spec: Some(job) },
        ..CronJobSpec::default()
    }
}

fn pod(cell: &Cell, component: &Component, autoscaler: &str, min: u32, image: &str) -> PodTemplateSpec {
    let patch = serde_json::json!({ "spec": { "minReplicas": min } }).to_string();
    let cpu = ("cpu".to_owned(), Quantity(format!("{}m", cron::JOB_CPU_MILLI)));
    let memory = ("memory".to_owned(), Quantity(format!("{}Mi", cron::JOB_MEMORY_BYTES >> 20)));
    let container = Container {
        name: "kubectl".to_owned(),
        image: Some(image.to_owned()),
        command: Some(vec!["kubectl".to_owned()]),
        args: Some(vec![
            "patch".to_owned(),
            format!("horizontalpodautoscaler/{autoscaler}"),
            "--type=merge".to_owned(),
            format!("--patch={patch}"),
        ]),
        resources: Some(ResourceRequirements {
            requests: Some(BTreeMap::from([cpu, memory.clone()])),
            limits: Some(BTreeMap::from([memory])),
            ..ResourceRequirements::default()
        }),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            read_only_root_filesystem: Some(true),
            capabilities: Some(Capabilities { drop: Some(vec!["ALL".to_owned()]), add: None }),
            ..SecurityContext::default()
        }),
        ..Container::default()
    };
    // What the strictest Pod Security level asks for.
    let security = PodSecurityContext {
        run_as_non_root: Some(true),
        run_as_user: Some(65_532),
        seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), localhost_profile: None }),
        ..PodSecurityContext::default()
    };
    let spec = PodSpec {
        containers: vec![container],
        service_account_name: Some(super::service_account::name(component)),
        restart_policy: Some("Never".to_owned()),
        node_selector: Some(BTreeMap::from([("kubernetes.io/os".to_owned(), "linux".to_owned())])),
        security_context: Some(security),
        ..PodSpec::default()
    };
    // Without the component's label: its Service and its disruption budget must not select these pods.
    let metadata = ObjectMeta { labels: Some(labels::of_cell(cell)), ..ObjectMeta::default() };
    PodTemplateSpec { metadata: Some(metadata), spec: Some(spec) }
}
