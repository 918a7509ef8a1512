//! `specc init`: a spec to begin with.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::error::{Error, Exit};
use crate::output::Output;
use crate::paths;

/// Where the spec goes.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc init shop && specc check shop
  specc init                                       in the folder that you are in

A spec has a folder of its own: one that holds documents is left as it is.")]
pub struct Arguments {
    /// The folder, which is made where there is none
    #[arg(default_value = ".")]
    folder: PathBuf,
}

/// What is written: a small application, where it runs, and a rehearsal of it.
const STARTER: [(&str, &str); 3] = [
    ("app.kdl", include_str!("../starter/app.kdl")),
    ("platform.kdl", include_str!("../starter/platform.kdl")),
    ("scenario.kdl", include_str!("../starter/scenario.kdl")),
];

/// Writes the documents, and says how to go on.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let folder = &arguments.folder;
    let failed = |source| Error::File { doing: "cannot write into", path: folder.clone(), source };
    fs::create_dir_all(folder).map_err(failed)?;
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if paths::is_document(&path) {
            return Err(taken(&path));
        }
    }
    for (name, text) in STARTER {
        let path = folder.join(name);
        write(&path, text)?;
        output.say(&format!("wrote {}\n", path.display()));
    }
    let place = folder.display();
    output.say(&format!(
        "\nnext:\n\
         \x20 specc check {place}                        find mistakes\n\
         \x20 specc build {place} --environment prod     see the Kubernetes objects\n\
         \x20 specc simulate {place}/scenario.kdl        rehearse without a cluster\n\
         then put your image into app.kdl, your clusters into platform.kdl, and your traffic into scenario.kdl\n"
    ));
    Ok(Exit::Fine)
}

/// Writes a file that is not there yet.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|source| {
        if source.kind() == io::ErrorKind::AlreadyExists {
            return taken(path);
        }
        Error::File { doing: "cannot write", path: path.to_owned(), source }
    })
}

fn taken(path: &Path) -> Error {
    Error::Usage {
        message: format!("`{}` is there already", path.display()),
        hint: "name a folder without documents, such as `specc init shop`; nothing was overwritten"
            .to_owned(),
    }
}
