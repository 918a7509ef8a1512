//! What can go wrong outside a spec, and what the exit code says about it.

use std::io;
use std::path::PathBuf;

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything asked for was done.
    Fine = 0,
    /// The spec, a rollout or an objective failed.
    Failed = 1,
    /// The command line asks for what there is not.
    Usage = 2,
    /// A file, a cluster or the network failed.
    Outside = 3,
    /// Somebody stopped it.
    Interrupted = 130,
}

/// An error of the world or of the command line.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something on the command line names what does not exist.
    #[error("{message}")]
    Usage {
        /// What is.
        message: String,
        /// What to do.
        hint: String,
    },
    /// A file or folder could not be read or written.
    #[error("{doing} `{}`", path.display())]
    File {
        /// Such as "cannot read".
        doing: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder without a single document.
    #[error("there is no document in `{}`", path.display())]
    NoDocuments {
        /// The folder.
        path: PathBuf,
    },
    /// A folder to write into holds what a build would not replace.
    #[error("`{}` holds `{file}`, which this build does not make", path.display())]
    Stale {
        /// The folder.
        path: PathBuf,
        /// The first such file.
        file: String,
    },
    /// The cluster, or the way to it.
    #[error(transparent)]
    Cluster(#[from] runtime::Error),
    /// The machine gives no event loop.
    #[error("cannot start the event loop")]
    Engine(#[source] io::Error),
    /// The reader of stdout is gone, which is no one's mistake.
    #[error("nobody reads the output")]
    Closed,
    /// stdout or stderr could not be written.
    #[error("cannot write the output")]
    Output(#[source] io::Error),
}

impl Error {
    /// The exit code that goes with it.
    pub fn exit(&self) -> Exit {
        match self {
            Error::Usage { .. } => Exit::Usage,
            Error::Cluster(runtime::Error::Frozen { .. }) => Exit::Failed,
            Error::File { .. }
            | Error::NoDocuments { .. }
            | Error::Stale { .. }
            | Error::Cluster(_)
            | Error::Engine(_)
            | Error::Output(_) => Exit::Outside,
            Error::Closed => Exit::Fine,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Usage { hint, .. } => Some(hint.clone()),
            Error::NoDocuments { .. } => {
                Some("a spec is a folder with files that end in .kdl, .yaml or .yml, such as app.kdl and platform.kdl".to_owned())
            }
            Error::Stale { .. } => Some("remove it, or choose another folder: what is left over would be applied too".to_owned()),
            Error::File { source, .. } if source.kind() == io::ErrorKind::NotFound => Some("check the path".to_owned()),
            Error::Cluster(error) => error.hint(),
            Error::File { .. } | Error::Engine(_) | Error::Closed | Error::Output(_) => None,
        }
    }
}
