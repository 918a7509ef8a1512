//! What pods keep in memory.

use crate::scenario::Memory;

impl Memory {
    /// What a process keeps with so many requests inside.
    pub fn with(&self, requests: u32) -> u64 {
        self.base_bytes.saturating_add(self.per_request_bytes.saturating_mul(requests.into()))
    }
}
