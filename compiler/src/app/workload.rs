//! What kind of workload a component is, and which operating system it needs.

use crate::source::Spanned;

/// How the pods of a component are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComponentKind {
    /// Not at all: any pod does for any other.
    Stateless,
    /// By number, with a name and disks of its own.
    Stateful,
    /// By node: one on each.
    Daemon,
}

/// In which order the members of a stateful component start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartOrder {
    /// Each once the one before it is ready.
    Ordered,
    /// All at once, for members that become ready only together.
    Parallel,
}

/// The operating system of a component or a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Os {
    /// Linux.
    Linux,
    /// Windows of one build.
    Windows(Spanned<WindowsBuild>),
}

impl Os {
    /// The build, on Windows.
    pub fn build(self) -> Option<Spanned<WindowsBuild>> {
        match self {
            Os::Linux => None,
            Os::Windows(build) => Some(build),
        }
    }

    /// Whether pods of this system run on nodes of the other: the same system, and on Windows the same build.
    pub fn runs_on(self, node: Os) -> bool {
        match (self, node) {
            (Os::Linux, Os::Linux) => true,
            (Os::Windows(mine), Os::Windows(its)) => mine.value.is(its.value),
            (Os::Linux, Os::Windows(_)) | (Os::Windows(_), Os::Linux) => false,
        }
    }
}

/// A build of Windows: a container without Hyper-V needs a node of its own build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowsBuild {
    /// The word in the language, which is the tag of Microsoft's base images.
    pub name: &'static str,
    /// The value of the node label `node.kubernetes.io/windows-build`.
    pub number: &'static str,
    /// Whether Kubernetes supports nodes of it.
    pub supported: bool,
}

/// The words of [`BUILDS`].
pub static BUILD_NAMES: &[&str] =
    &["ltsc2025", "ltsc2022", "ltsc2019", "20H2", "2004", "1909", "1903", "1809"];

/// Builds by name. Numbers: Microsoft's base image tags; supported: Kubernetes documentation of 1.36, which
/// names Windows Server 2022 and 2025.
pub static BUILDS: &[WindowsBuild] = &[
    WindowsBuild { name: "ltsc2025", number: "10.0.26100", supported: true },
    WindowsBuild { name: "ltsc2022", number: "10.0.20348", supported: true },
    WindowsBuild { name: "ltsc2019", number: "10.0.17763", supported: false },
    WindowsBuild { name: "20H2", number: "10.0.19042", supported: false },
    WindowsBuild { name: "2004", number: "10.0.19041", supported: false },
    WindowsBuild { name: "1909", number: "10.0.18363", supported: false },
    WindowsBuild { name: "1903", number: "10.0.18362", supported: false },
    WindowsBuild { name: "1809", number: "10.0.17763", supported: false },
];

impl WindowsBuild {
    /// Whether containers of the one run on nodes of the other: some builds have two words.
    pub fn is(self, other: WindowsBuild) -> bool {
        self.number == other.number
    }

    /// The build of a word.
    pub fn named(word: &str) -> Option<Self> {
        BUILDS.iter().copied().find(|build| build.name == word)
    }
}

/// A label or an annotation that a component's pods carry besides specc's own.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its key, with a prefix or without.
    pub key: Spanned<String>,
    /// Its value.
    pub value: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_for_a_build_has_its_number() {
        let names: Vec<&str> = BUILDS.iter().map(|build| build.name).collect();
        assert_eq!(names, BUILD_NAMES);
        assert!(BUILDS.iter().all(|build| build.number.starts_with("10.0.")));
    }
}
