//! `specc build`: the Kubernetes objects of one cell, or of a cluster itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use compiler::check::Checked;
use compiler::object::Object;

use crate::cli::CellArguments;
use crate::error::{Error, Exit};
use crate::output::Output;
use crate::spec;

/// Which cell or cluster, and where the objects go.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc build specs/mini-program --environment prod
  specc build specs/mini-program --environment prod -o manifests
  specc build specs/order-service --platform edge-1

With --platform the objects are the cluster's own: caches of names, watchers of nodes, alerts.
It is for operators to apply them. A file fragment.*.yaml, which only -o writes, is a part of an
object that others share, to be merged by hand.")]
pub struct Arguments {
    /// The folder with the spec's documents, or one file in it
    #[arg(default_value = ".")]
    spec: PathBuf,
    /// The environment
    #[arg(short, long, required_unless_present = "platform")]
    environment: Option<String>,
    /// The tenant, where the environment has tenants
    #[arg(short, long)]
    tenant: Option<String>,
    /// The cluster, where the environment has several
    #[arg(short, long)]
    cluster: Option<String>,
    /// The cluster whose own objects are meant, instead of an environment's
    #[arg(long, value_name = "CLUSTER", conflicts_with_all = ["environment", "tenant", "cluster"])]
    platform: Option<String>,
    /// Write one file an object into this folder instead of printing them
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Lowers the cell or the cluster, and prints or writes its objects.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let spec = spec::load(&arguments.spec)?;
    let Some(checked) = spec.passed(output) else { return Ok(Exit::Failed) };
    let (objects, fragments) = match &arguments.platform {
        Some(cluster) => of_cluster(checked, cluster)?,
        None => (of_cell(checked, arguments)?, Files::new()),
    };
    let Some(folder) = &arguments.output else {
        let documents: Vec<String> = objects.iter().map(Object::yaml).collect();
        output.data(&documents.join("---\n"))?;
        for name in fragments.keys() {
            output.say(&format!("{name} is to be merged by hand: -o writes it\n"));
        }
        return Ok(Exit::Fine);
    };
    let mut files: Files = objects.iter().map(|object| (object.file_name(), object.yaml())).collect();
    assert_eq!(files.len(), objects.len(), "logical names tell objects of one kind apart");
    files.extend(fragments);
    write(&files, folder)?;
    output.say(&format!("wrote {} files into {}\n", files.len(), folder.display()));
    Ok(Exit::Fine)
}

/// Texts by the name of their file.
type Files = BTreeMap<String, String>;

fn of_cell(checked: &Checked, arguments: &Arguments) -> Result<Vec<Object>, Error> {
    let wanted = CellArguments {
        spec: arguments.spec.clone(),
        environment: arguments.environment.clone().unwrap_or_default(),
        tenant: arguments.tenant.clone(),
        cluster: arguments.cluster.clone(),
    };
    Ok(compiler::lower::lower(checked, spec::cell(checked, &wanted)?).objects)
}

/// The objects of a cluster, and what is to be merged into objects that others share.
fn of_cluster(checked: &Checked, wanted: &str) -> Result<(Vec<Object>, Files), Error> {
    let cluster = spec::cluster(checked, wanted)?;
    let made = compiler::lower::platform::lower(checked.platform(), cluster);
    let fragments = made.fragments.into_iter().map(|fragment| (fragment.file_name, fragment.yaml));
    Ok((made.bundle.objects, fragments.collect()))
}

fn write(files: &Files, folder: &Path) -> Result<(), Error> {
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
    for (name, text) in files {
        let path = folder.join(name);
        fs::write(&path, text).map_err(failed(&path))?;
    }
    Ok(())
}
