//! Times in which nothing is released.

use crate::source::{Span, Spanned};

/// One window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// Its name.
    pub name: Spanned<String>,
    /// When it begins, as written and in nanoseconds since 1970.
    pub from: Spanned<String>,
    /// The first nanosecond of it.
    pub from_ns: i64,
    /// When it ends, as written and in nanoseconds since 1970.
    pub to: Spanned<String>,
    /// The first nanosecond after it.
    pub to_ns: i64,
    /// What happens to a release in it.
    pub mode: FreezeMode,
    /// The whole declaration.
    pub span: Span,
}

impl Freeze {
    /// Whether a time lies in the window.
    pub fn holds(&self, time_ns: i64) -> bool {
        (self.from_ns..self.to_ns).contains(&time_ns)
    }
}

/// What happens to a release in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FreezeMode {
    /// It is refused.
    Block,
    /// It is warned about.
    Warn,
}
