//! ECI: how fast pods are created, how long they take to start, which size is billed.

use compiler::app::eci::{self, Size};

use super::template::Template;
use crate::mechanism::{Mechanism, Number, seconds, yuan_an_hour};
use crate::run::Run;
use crate::world::Figures;

/// `eci`
pub static MECHANISM: Mechanism = Mechanism {
    name: "eci",
    docs: "Elastic container instances behind the virtual node: created at the API's rate, started after a random time, billed by the second from their creation in the next larger size.",
    defaults: &[
        Number {
            name: "creations a second",
            value: |figures| figures.eci_rate_per_second.to_string(),
            source: "Alibaba Cloud, ECI limits: CreateContainerGroup",
        },
        Number {
            name: "creations at once",
            value: |figures| figures.eci_burst.to_string(),
            source: "Alibaba Cloud, ECI limits: CreateContainerGroup",
        },
        Number {
            name: "mean start",
            value: |figures| seconds(figures.eci_start_mean_ns),
            source: "Alibaba Cloud, elasticity of ACK: 15 s with an image cache",
        },
        Number {
            name: "99 of 100 start within",
            value: |figures| seconds(figures.eci_start_p99_ns),
            source: "Alibaba Cloud, elasticity of ACK: 30 s without an image cache",
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
    ],
};

const GIB: u64 = 1 << 30;

/// The smallest size that holds a pod. Limits count, where there are any, else requests; a pod with neither
/// gets 2 vCPU and 4 GiB.
pub fn size(template: &Template) -> Size {
    eci::size(template.eci_cpu_milli, template.eci_memory_bytes)
}

/// What a size costs, in nano-yuan a second.
pub fn price_nano_per_second(size: Size, figures: &Figures) -> u64 {
    let memory =
        u128::from(size.memory_bytes) * u128::from(figures.eci_nano_per_gib_second) / u128::from(GIB);
    size.cpu_milli * figures.eci_nano_per_vcpu_second / 1000 + memory as u64
}

impl Run<'_> {
    /// Creates a pod on ECI as soon as the API's rate allows; says when its container runs.
    pub(crate) fn create_eci(&mut self, pod: u32) -> u64 {
        let created_ns = self.eci_creations.reserve(self.clock.now_ns());
        self.pods[pod as usize].billed_from_ns = created_ns;
        created_ns + self.eci_start.draw_ns(&mut self.streams.eci)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::ACK_DOCS;

    #[test]
    fn a_pod_gets_the_next_larger_size() {
        let template = Template { eci_cpu_milli: 500, eci_memory_bytes: GIB + 1, ..Template::default() };
        assert_eq!(size(&template), Size { cpu_milli: 500, memory_bytes: 2 * GIB });
        assert_eq!(size(&Template::default()), Size { cpu_milli: 2_000, memory_bytes: 4 * GIB });
    }

    #[test]
    fn an_hour_of_two_cores_and_four_gibibytes_costs_what_the_vendor_says() {
        let size = Size { cpu_milli: 2_000, memory_bytes: 4 * GIB };
        let thousand_pods = price_nano_per_second(size, &ACK_DOCS) as f64 * 3_600.0 * 1_000.0 / 1e9;
        assert!((thousand_pods - 441.07).abs() < 0.01, "{thousand_pods}");
    }
}
