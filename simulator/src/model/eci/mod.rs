//! ECI: how fast pods are created, how long they take to start, which size is billed.

pub mod options;
mod spot;

use std::collections::BTreeMap;

use compiler::app::eci::{self, Size};

use super::rate::Bucket;
use super::template::Template;
use crate::cluster::Phase;
use crate::engine::queue::Event;
use crate::mechanism::{Mechanism, Number, seconds, yuan_an_hour};
use crate::run::Run;
use crate::scenario::FaultKind;
use crate::world::Figures;

/// `eci`
pub static MECHANISM: Mechanism = Mechanism {
    name: "eci",
    docs: "Elastic container instances behind the virtual node: created at the API's rate, started after one time with an image cache and another without, billed by the second from their creation, when they begin to pull, in the next larger size. What runs at the beginning has its caches; what is new gets one some minutes after its first pull, unless `eci-auto-imc` is off. The quota of the platform is the number of pods that the virtual node takes. While ECI is sold out, as a fault of the scenario, pods wait on the virtual node, unbilled, and are created as soon as it sells again. A spot pod has at least 2 vCPU, costs less, and may be taken back after its protection, at a check every few minutes, with a notice: it ends without being drained, and its controller makes another.",
    defaults: &[
        Number {
            name: "creations a minute",
            value: |figures| figures.eci_per_minute.to_string(),
            source: "Alibaba Cloud, ECI limits: CreateContainerGroup, 20 a second; the vendor's batch figure is 10,000",
        },
        Number {
            name: "creations at once",
            value: |figures| figures.eci_burst.to_string(),
            source: "Alibaba Cloud, ECI limits: CreateContainerGroup",
        },
        Number {
            name: "start with an image cache",
            value: |figures| seconds(figures.eci_start_cached_ns),
            source: "Alibaba Cloud, elasticity of ACK",
        },
        Number {
            name: "start without",
            value: |figures| seconds(figures.eci_start_ns),
            source: "Alibaba Cloud, elasticity of ACK",
        },
        Number {
            name: "from the first pull to the cache",
            value: |figures| seconds(figures.eci_cache_delay_ns),
            source: "assumption: a cache is a snapshot of a disk",
        },
        Number {
            name: "vCPU",
            value: |figures| yuan_an_hour(figures.eci_nano_per_vcpu_second),
            source: "Alibaba Cloud, ECI list price, mainland China",
        },
        Number {
            name: "GiB",
            value: |figures| yuan_an_hour(figures.eci_nano_per_gib_second),
            source: "Alibaba Cloud, ECI list price, mainland China",
        },
        Number {
            name: "price of a spot pod",
            value: |figures| format!("{} %", figures.eci_spot_price_percent),
            source: "Alibaba Cloud, ECI: 30 to 90 % cheaper; the smallest discount",
        },
        Number {
            name: "chance that a check takes a spot pod back",
            value: |figures| format!("{} %", figures.eci_spot_reclaim_percent),
            source: "nobody can know it; the platform says",
        },
        Number {
            name: "between two checks, and from the notice to the end",
            value: |_| format!("{} and {}", seconds(spot::CHECK_NS), seconds(spot::NOTICE_NS)),
            source: "Alibaba Cloud, ECI spot instances (document 165053)",
        },
    ],
};

const GIB: u64 = 1 << 30;

/// The least CPU of a spot pod. Source: Alibaba Cloud, ECI spot instances (document 165053).
const SPOT_CPU_MILLI_MIN: u64 = 2_000;

/// What ECI remembers over a run.
#[derive(Clone, Debug)]
pub struct Eci {
    creations: Bucket,
    /// When each image has a cache.
    cached_ns: BTreeMap<String, u64>,
    /// Pods that it could not create.
    refused: Vec<u32>,
}

impl Eci {
    /// Nothing is created or cached yet.
    pub fn new(figures: &Figures) -> Self {
        let creations = Bucket::per_minute(figures.eci_per_minute, figures.eci_burst);
        Self { creations, cached_ns: BTreeMap::new(), refused: Vec::new() }
    }

    /// Images that have run for long have their caches.
    pub fn know(&mut self, images: &[String]) {
        self.cached_ns.extend(images.iter().map(|image| (image.clone(), 0)));
    }

    /// Whether a pod of a template that is created at a time finds all its images cached. Those that are not will be.
    fn finds(&mut self, template: &Template, created_ns: u64, delay_ns: u64) -> bool {
        let cached = |image: &String| self.cached_ns.get(image).is_some_and(|since| *since <= created_ns);
        let found = template.images.iter().all(cached);
        if template.eci.caches_images {
            for image in &template.images {
                self.cached_ns.entry(image.clone()).or_insert(created_ns + delay_ns);
            }
        }
        template.eci.names_cache || template.eci.caches_images && found
    }
}

/// The smallest size that holds a pod. Limits count, where there are any, else requests; a pod with neither
/// gets 2 vCPU and 4 GiB, and a spot pod at least 2 vCPU.
pub fn size(template: &Template) -> Size {
    let (cpu_milli, memory_bytes) = (template.eci_cpu_milli, template.eci_memory_bytes);
    let says_nothing = cpu_milli == 0 && memory_bytes == 0;
    let is_spot = template.eci.spot_protection_ns.is_some();
    let least = if is_spot && !says_nothing { SPOT_CPU_MILLI_MIN } else { 0 };
    eci::size(cpu_milli.max(least), memory_bytes)
}

/// What a pod costs, in nano-yuan a second.
pub fn price_nano_per_second(template: &Template, figures: &Figures) -> u64 {
    let size = size(template);
    let memory =
        u128::from(size.memory_bytes) * u128::from(figures.eci_nano_per_gib_second) / u128::from(GIB);
    let full = size.cpu_milli * figures.eci_nano_per_vcpu_second / 1000 + memory as u64;
    match template.eci.spot_protection_ns {
        Some(_) => full * figures.eci_spot_price_percent / 100,
        None => full,
    }
}

impl Run<'_> {
    /// Creates a pod on ECI as soon as the API's rate allows, or when there is something to buy again.
    pub(crate) fn create_eci(&mut self, pod: u32) {
        if self.is_broken(FaultKind::Eci) {
            self.eci.refused.push(pod);
            return;
        }
        let figures = &self.world.figures;
        let created_ns = self.eci.creations.reserve(self.clock.now_ns());
        let state = &mut self.pods[pod as usize];
        state.eci_from_ns = Some(created_ns);
        let template = self.workloads[state.workload].template(state);
        let cached = self.eci.finds(template, created_ns, figures.eci_cache_delay_ns);
        let start_ns = if cached { figures.eci_start_cached_ns } else { figures.eci_start_ns };
        self.watch_spot(pod, Some(created_ns));
        self.queue.push(created_ns + start_ns, Event::Started(pod));
    }

    /// ECI is sold out, or sells again: then every pod that it refused is created.
    pub(crate) fn eci_fault(&mut self) {
        if self.is_broken(FaultKind::Eci) {
            self.tell_fault("eci", "sold out");
            return;
        }
        self.tell_fault("eci", "sells again");
        for pod in std::mem::take(&mut self.eci.refused) {
            if self.pods[pod as usize].phase == Phase::Starting {
                self.create_eci(pod);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::options::Options;
    use super::*;
    use crate::world::ACK_DOCS;

    #[test]
    fn a_pod_gets_the_next_larger_size() {
        let template = Template { eci_cpu_milli: 500, eci_memory_bytes: GIB + 1, ..Template::default() };
        assert_eq!(size(&template), Size { cpu_milli: 500, memory_bytes: 2 * GIB });
        assert_eq!(size(&Template::default()), Size { cpu_milli: 2_000, memory_bytes: 4 * GIB });
        let eci = Options { spot_protection_ns: Some(0), ..Options::default() };
        assert_eq!(size(&Template { eci, ..template }).cpu_milli, 2_000, "a spot pod has at least two cores");
    }

    #[test]
    fn an_hour_of_two_cores_and_four_gibibytes_costs_what_the_vendor_says() {
        let template = Template::default();
        let hour = |template: &Template| price_nano_per_second(template, &ACK_DOCS) as f64 * 3_600.0 / 1e9;
        assert!((hour(&template) * 1_000.0 - 441.07).abs() < 0.01, "{}", hour(&template));
        let eci = Options { spot_protection_ns: Some(0), ..Options::default() };
        let spot = Template { eci, ..Template::default() };
        assert!((hour(&spot) / hour(&template) - 0.7).abs() < 1e-6);
    }

    #[test]
    fn an_image_has_a_cache_some_time_after_its_first_pull() {
        let mut eci = Eci::new(&ACK_DOCS);
        let eci_options = Options::read(None);
        let template = Template { images: vec!["web:2".to_owned()], eci: eci_options, ..Template::default() };
        let found = [0, 200, 299, 300].map(|at_ns| eci.finds(&template, at_ns, 300));
        assert_eq!(found, [false, false, false, true]);
        let never =
            Options::read(Some(&[("k8s.aliyun.com/eci-auto-imc".to_owned(), "false".to_owned())].into()));
        assert!(!eci.finds(&Template { eci: never, ..template }, 400, 300));
    }
}
