//! The sizes of ECI: what a pod gets and pays for.

const GIB: u64 = 1 << 30;

/// The sizes on sale everywhere: thousandths of a vCPU, and the GiB that go with it. Some regions sell more.
/// Source: Alibaba Cloud, ECI instance specifications (document 114662).
static SIZES: &[(u64, &[u64])] = &[
    (500, &[1, 2]),
    (1_000, &[2, 4, 8]),
    (2_000, &[1, 2, 4, 8, 16]),
    (4_000, &[2, 4, 8, 16, 32]),
    (8_000, &[4, 8, 16, 32, 64]),
    (12_000, &[12, 24, 48, 96]),
    (16_000, &[16, 32, 64, 128]),
    (24_000, &[24, 48, 96, 192]),
    (32_000, &[32, 64, 128, 256]),
    (52_000, &[96, 192, 384]),
    (64_000, &[128, 256, 512]),
];

/// The smallest size, in bytes since its memory is half a GiB: a quarter of a vCPU.
static QUARTER: (u64, &[u64]) = (250, &[GIB / 2, GIB]);

/// Alibaba Cloud, ECI pay-as-you-go: 0.000049 CNY for a vCPU and a second, in nano-yuan.
pub const NANO_PER_VCPU_SECOND: u64 = 49_000;

/// The same, 0.00000613 CNY for a GiB and a second.
pub const NANO_PER_GIB_SECOND: u64 = 6_130;

/// A size that ECI runs and bills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Thousandths of a vCPU.
    pub cpu_milli: u64,
    /// Bytes.
    pub memory_bytes: u64,
}

/// The largest size: 64 vCPU, 512 GiB.
pub const LARGEST: Size = Size { cpu_milli: 64_000, memory_bytes: 512 * GIB };

/// The smallest size that holds so much; a pod that asks for nothing gets 2 vCPU and 4 GiB.
pub fn size(cpu_milli: u64, memory_bytes: u64) -> Size {
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

impl Size {
    /// What it costs at the list price, in nano-yuan a second.
    pub fn list_price(self) -> u64 {
        let memory = u128::from(self.memory_bytes) * u128::from(NANO_PER_GIB_SECOND) / u128::from(GIB);
        self.cpu_milli * NANO_PER_VCPU_SECOND / 1000 + memory as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_up() {
        let sized = |cpu_milli, memory_mib: u64| {
            let size = size(cpu_milli, memory_mib << 20);
            (size.cpu_milli, size.memory_bytes >> 20)
        };
        assert_eq!(sized(0, 0), (2_000, 4_096));
        assert_eq!(sized(500, 512), (500, 1_024));
        assert_eq!(sized(250, 512), (250, 512));
        assert_eq!(sized(2_000, 3_072), (2_000, 4_096));
        assert_eq!(sized(600, 16_384), (2_000, 16_384));
    }
}
