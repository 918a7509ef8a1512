//! Splits an environment's quota into one share a namespace.

use crate::app::{Cell, Demand, Platform, QuotaShare};

/// Memory is shared out in whole mebibytes, so that people can read it.
const MEBIBYTE: u128 = 1 << 20;

/// Gives every cell its share: what its greatest need is of the need of all cells of its environment. Shares are
/// rounded down, so that they add up to at most the whole; where the whole is enough, each covers its own need.
pub fn split(cells: &mut [Cell], platform: &Platform) {
    for environment in &platform.environments {
        let Some(quota) = &environment.quota else { continue };
        let own = |cell: &&mut Cell| cell.environment == environment.name.value;
        let needs = cells.iter().filter(|cell| cell.environment == environment.name.value);
        let all = needs.map(|cell| platform.demand_most(cell)).fold(Demand::default(), Demand::plus);
        for cell in cells.iter_mut().filter(own) {
            let need = platform.demand_most(cell);
            let cpu = quota.cpu_milli.map(|cpu| share(cpu.value.into(), need.cpu_milli, all.cpu_milli));
            let memory = quota.memory_bytes.map(|memory| {
                let exact = share(memory.value.into(), need.memory_bytes, all.memory_bytes);
                let whole = exact / MEBIBYTE * MEBIBYTE;
                if whole >= need.memory_bytes { whole } else { exact }
            });
            let pods = quota.pods.map(|pods| share(pods.value.into(), need.pods, all.pods));
            let narrow = |amount: u128| amount as u64;
            cell.quota = Some(QuotaShare {
                cpu_milli: cpu.map(narrow),
                memory_bytes: memory.map(narrow),
                pods: pods.map(narrow),
            });
        }
    }
}

/// `whole × need / all`, rounded down. A whole that is not enough is refused by a rule, and not shared out.
fn share(whole: u128, need: u128, all: u128) -> u128 {
    if all > whole {
        return 0;
    }
    (whole * need).checked_div(all).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_cover_the_needs_and_add_up_to_at_most_the_whole() {
        for whole in [10_u128, 11, 97, 1_200_000] {
            let needs = [1_u128, 2, 7];
            let shares = needs.map(|need| share(whole, need, 10));
            assert!(shares.iter().sum::<u128>() <= whole, "{shares:?} of {whole}");
            assert!(shares.iter().zip(needs).all(|(share, need)| *share >= need), "{shares:?} of {whole}");
        }
    }

    #[test]
    fn a_cell_without_components_gets_nothing() {
        assert_eq!(share(10, 0, 0), 0);
    }
}
