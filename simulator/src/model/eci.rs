//! ECI: how fast pods are created, how long they take to start, which size is billed.

use super::template::Template;
use crate::run::Run;
use crate::world::Figures;

const GIB: u64 = 1 << 30;

/// The sizes on sale everywhere: thousandths of a vCPU, and the GiB that go with it.
/// Source: Alibaba Cloud, ECI instance specifications (document 114662).
static SIZES: &[(u64, &[u64])] = &[
    (500, &[1, 2]),
    (1_000, &[2, 4, 8]),
    (2_000, &[2, 4, 8, 16]),
    (4_000, &[4, 8, 16, 32]),
    (8_000, &[8, 16, 32, 64]),
    (12_000, &[12, 24, 48, 96]),
    (16_000, &[16, 32, 64, 128]),
    (24_000, &[24, 48, 96, 192]),
    (32_000, &[32, 64, 128, 256]),
    (52_000, &[96, 192, 384]),
    (64_000, &[128, 256, 512]),
];

/// The smallest size, in bytes since its memory is half a GiB: a quarter of a vCPU.
static QUARTER: (u64, &[u64]) = (250, &[GIB / 2, GIB]);

/// A size that ECI runs and bills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Thousandths of a vCPU.
    pub cpu_milli: u64,
    /// Bytes.
    pub memory_bytes: u64,
}

/// The smallest size that holds a pod. Limits count, where there are any, else requests; a pod with neither
/// gets 2 vCPU and 4 GiB.
pub fn size(template: &Template) -> Size {
    let (cpu_milli, memory_bytes) = (template.eci_cpu_milli, template.eci_memory_bytes);
    if cpu_milli == 0 && memory_bytes == 0 {
        return Size { cpu_milli: 2_000, memory_bytes: 4 * GIB };
    }
    let quarter = QUARTER.1.iter().map(|bytes| (QUARTER.0, *bytes));
    let others = SIZES.iter().flat_map(|(cpu, memories)| memories.iter().map(|gib| (*cpu, *gib * GIB)));
    let mut on_sale = quarter.chain(others);
    // Above the largest there is nothing on sale; the sum itself is then the least wrong bill.
    on_sale.find(|(cpu, memory)| *cpu >= cpu_milli && *memory >= memory_bytes).map_or(
        Size { cpu_milli, memory_bytes },
        |(cpu_milli, memory_bytes)| Size { cpu_milli, memory_bytes },
    )
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

    fn sized(cpu_milli: u64, memory_mib: u64) -> (u64, u64) {
        let (eci_cpu_milli, eci_memory_bytes) = (cpu_milli, memory_mib << 20);
        let size = size(&Template { eci_cpu_milli, eci_memory_bytes, ..Template::default() });
        (size.cpu_milli, size.memory_bytes >> 20)
    }

    #[test]
    fn sizes_are_rounded_up() {
        assert_eq!(sized(0, 0), (2_000, 4_096));
        assert_eq!(sized(500, 512), (500, 1_024));
        assert_eq!(sized(250, 512), (250, 512));
        assert_eq!(sized(2_000, 3_072), (2_000, 4_096));
        assert_eq!(sized(600, 16_384), (2_000, 16_384));
    }

    #[test]
    fn an_hour_of_two_cores_and_four_gibibytes_costs_what_the_vendor_says() {
        let size = Size { cpu_milli: 2_000, memory_bytes: 4 * GIB };
        let thousand_pods = price_nano_per_second(size, &ACK_DOCS) as f64 * 3_600.0 * 1_000.0 / 1e9;
        assert!((thousand_pods - 441.07).abs() < 0.01, "{thousand_pods}");
    }
}
