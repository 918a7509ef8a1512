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
    /// There is no answer: it would have taken too long.
    Inconclusive = 4,
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
    /// Nobody could be listened to who stops the command.
    #[error("cannot listen for signals")]
    Signals {
        /// Why.
        source: io::Error,
    },
    /// A folder without a single document, or a file that is none.
    #[error("there is no document in `{}`", path.display())]
    NoDocuments {
        /// The folder or file.
        path: PathBuf,
    },
    /// What is called like a document is something else.
    #[error("`{}` is {what}, not a file", path.display())]
    NotAFile {
        /// Which.
        path: PathBuf,
        /// Such as "a pipe".
        what: &'static str,
    },
    /// A file that is named for a spec, and no document.
    #[error("`{}` is not a document", path.display())]
    NotADocument {
        /// Which.
        path: PathBuf,
    },
    /// A link to a file that a spec must not read.
    #[error("the link `{}` leads out of the spec and of the folder that specc runs in", path.display())]
    LeadsOut {
        /// The link.
        path: PathBuf,
    },
    /// A pattern without a single spec.
    #[error("no spec matches `{pattern}`")]
    NoMatch {
        /// As it was given.
        pattern: String,
    },
    /// A file that a person wrote stands where a generated one belongs.
    #[error("`{}` is in the way: specc did not make it", path.display())]
    Stranger {
        /// The file.
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
    /// A file is not the plan that somebody made.
    #[error("cannot use the plan `{}`: {why}", path.display())]
    Plan {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
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
            | Error::NotAFile { .. }
            | Error::NotADocument { .. }
            | Error::LeadsOut { .. }
            | Error::NoMatch { .. }
            | Error::Stale { .. }
            | Error::Stranger { .. }
            | Error::Plan { .. }
            | Error::Cluster(_)
            | Error::Signals { .. }
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
            Error::NotAFile { .. } => Some("rename or remove it: what ends in .kdl, .yaml or .yml in a spec's folder is a document".to_owned()),
            Error::NotADocument { .. } => {
                Some("name a folder, or a file that ends in .kdl, .yaml or .yml; `-` reads stdin".to_owned())
            }
            Error::LeadsOut { .. } => Some("copy the file, or run specc in a folder above both".to_owned()),
            Error::NoMatch { .. } => {
                Some("a spec is a folder with documents; `**` looks into folders of folders".to_owned())
            }
            Error::Stranger { .. } => Some("move it away, or choose another folder with -o".to_owned()),
            Error::Stale { .. } => Some("remove it, or choose another folder: what is left over would be applied too".to_owned()),
            Error::File { source, .. } if source.kind() == io::ErrorKind::NotFound => Some("check the path".to_owned()),
            Error::File { source, .. }
                if matches!(source.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory) =>
            {
                Some("name a folder: there is a file of that name".to_owned())
            }
            Error::Plan { .. } => Some("make it again with `specc plan -o`".to_owned()),
            Error::Cluster(error) => error.hint(),
            Error::File { .. }
            | Error::Signals { .. }
            | Error::Engine(_)
            | Error::Closed
            | Error::Output(_) => None,
        }
    }
}
