//! The languages that components are written in, and what specc takes for granted of each.

/// The languages whose defaults specc documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// PHP under FPM.
    Php,
    /// Java.
    Java,
    /// .NET.
    Dotnet,
    /// Node.js.
    Node,
    /// Go.
    Go,
    /// Python under a process manager such as gunicorn.
    Python,
}

/// What holds of a language unless a component says otherwise.
#[derive(Debug)]
pub struct RuntimeDefaults {
    /// Whose.
    pub runtime: Runtime,
    /// How long a resolved name is kept in the process.
    pub name_cache: &'static str,
    /// Whether connections are kept for the next request.
    pub pooling: &'static str,
    /// How long a process may take to its first answer before a startup probe gives it up, in nanoseconds.
    pub start_ns: u64,
    /// How long a process has to end after SIGTERM, in nanoseconds: the `stop` of a component that names none.
    pub stop_ns: u64,
    /// What happens on SIGTERM.
    pub stop: &'static str,
    /// Where it is written, or `general knowledge` where specc's authors know of no page that says so.
    pub source: &'static str,
}

const SECOND_NS: u64 = 1_000_000_000;

/// The start and stop of a component that names no language: a minute, and what Kubernetes gives.
pub static UNKNOWN: (u64, u64) = (60 * SECOND_NS, 30 * SECOND_NS);

/// One entry a language, in the order of the schema.
pub static RUNTIMES: &[RuntimeDefaults] = &[
    RuntimeDefaults {
        runtime: Runtime::Php,
        name_cache: "none: every new connection asks the resolver",
        pooling: "none: a worker closes its connections with the request, unless the code asks for persistent ones",
        start_ns: 20 * SECOND_NS,
        stop_ns: 30 * SECOND_NS,
        stop: "FPM ends at once on SIGTERM and gracefully on SIGQUIT, which official images set as their stop signal",
        source: "PHP manual, install.fpm.configuration (process_control_timeout); the start is general knowledge",
    },
    RuntimeDefaults {
        runtime: Runtime::Java,
        name_cache: "30 s, and 10 s for names that do not resolve",
        pooling: "by library: HikariCP keeps 10 connections, java.net.http keeps idle ones",
        start_ns: 180 * SECOND_NS,
        stop_ns: 45 * SECOND_NS,
        stop: "shutdown hooks run; Spring Boot gives each phase 30 s for requests in flight",
        source: "java.security (networkaddress.cache.ttl), Spring Boot reference (spring.lifecycle.timeout-per-shutdown-phase); the start is general knowledge",
    },
    RuntimeDefaults {
        runtime: Runtime::Dotnet,
        name_cache: "none in the resolver; a pooled connection keeps its address for as long as it lives",
        pooling: "HttpClient and SqlClient pool by default, without an end to a connection's life",
        start_ns: 60 * SECOND_NS,
        stop_ns: 35 * SECOND_NS,
        stop: "the host waits 30 s for its services, so that a little more than that is needed",
        source: ".NET documentation (HostOptions.ShutdownTimeout, SocketsHttpHandler.PooledConnectionLifetime); the start is general knowledge",
    },
    RuntimeDefaults {
        runtime: Runtime::Node,
        name_cache: "none: every lookup takes one of four threads of libuv",
        pooling: "the global agent keeps connections alive since Node.js 19",
        start_ns: 30 * SECOND_NS,
        stop_ns: 30 * SECOND_NS,
        stop: "as process 1 it ignores SIGTERM unless the code listens for it",
        source: "Node.js documentation (dns.lookup, http.globalAgent); start and stop are general knowledge",
    },
    RuntimeDefaults {
        runtime: Runtime::Go,
        name_cache: "none",
        pooling: "net/http keeps two idle connections a host, database/sql two idle connections",
        start_ns: 20 * SECOND_NS,
        stop_ns: 30 * SECOND_NS,
        stop: "ends at once on SIGTERM unless the code calls Server.Shutdown",
        source: "Go package documentation (net/http Transport, database/sql DB); start and stop are general knowledge",
    },
    RuntimeDefaults {
        runtime: Runtime::Python,
        name_cache: "none",
        pooling: "none outside a session or an engine that the code keeps",
        start_ns: 60 * SECOND_NS,
        stop_ns: 35 * SECOND_NS,
        stop: "gunicorn gives its workers 30 s, so that a little more than that is needed",
        source: "gunicorn settings (graceful_timeout); name cache, pooling and start are general knowledge",
    },
];

impl Runtime {
    /// The word in the language.
    pub fn name(self) -> &'static str {
        match self {
            Runtime::Php => "php",
            Runtime::Java => "java",
            Runtime::Dotnet => "dotnet",
            Runtime::Node => "node",
            Runtime::Go => "go",
            Runtime::Python => "python",
        }
    }

    /// The language of a word.
    pub fn named(word: &str) -> Option<Self> {
        RUNTIMES.iter().map(|defaults| defaults.runtime).find(|runtime| runtime.name() == word)
    }

    /// What holds of it.
    pub fn defaults(self) -> &'static RuntimeDefaults {
        let own = RUNTIMES.iter().find(|defaults| defaults.runtime == self);
        own.expect("every runtime has its defaults")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_its_defaults_and_its_word() {
        let all = [Runtime::Php, Runtime::Java, Runtime::Dotnet, Runtime::Node, Runtime::Go, Runtime::Python];
        for runtime in all {
            assert_eq!(runtime.defaults().runtime, runtime);
            assert_eq!(Runtime::named(runtime.name()), Some(runtime));
        }
        assert_eq!(RUNTIMES.len(), all.len());
    }
}
