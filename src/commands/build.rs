//! `specc build`: the Kubernetes objects of one cell.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use compiler::object::Bundle;

use crate::cli::CellArguments;
use crate::error::{Error, Exit};
use crate::output::Output;
use crate::spec;

/// Which cell, and where the objects go.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc build specs/mini-program --environment prod
  specc build specs/mini-program --environment prod -o manifests")]
pub struct Arguments {
    #[command(flatten)]
    cell: CellArguments,
    /// Write one file an object into this folder instead of printing them
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Lowers the cell, and prints or writes its objects.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let spec = spec::load(&arguments.cell.spec)?;
    let Some(checked) = spec.passed(output) else { return Ok(Exit::Failed) };
    let bundle = compiler::lower::lower(checked, spec::cell(checked, &arguments.cell)?);
    match &arguments.output {
        None => output.data(&bundle.yaml())?,
        Some(folder) => {
            let count = write(&bundle, folder)?;
            output.say(&format!("wrote {count} files into {}\n", folder.display()));
        }
    }
    Ok(Exit::Fine)
}

fn write(bundle: &Bundle, folder: &Path) -> Result<usize, Error> {
    let files: BTreeMap<String, String> =
        bundle.objects.iter().map(|object| (object.file_name(), object.yaml())).collect();
    assert_eq!(files.len(), bundle.objects.len(), "logical names tell objects of one kind apart");
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::File { doing: "cannot write", path, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let file = entry.map_err(failed(folder))?.file_name().to_string_lossy().into_owned();
        if Path::new(&file).extension().is_some_and(|ending| ending == "yaml") && !files.contains_key(&file) {
            return Err(Error::Stale { path: folder.to_owned(), file });
        }
    }
    for (name, text) in &files {
        let path = folder.join(name);
        fs::write(&path, text).map_err(failed(&path))?;
    }
    Ok(files.len())
}
