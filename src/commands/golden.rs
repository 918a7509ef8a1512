//! `specc golden`: a folder with everything that specs become, for the eyes of whoever reviews a change.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use compiler::app::Cell;
use compiler::check::Checked;
use compiler::diag::{Format, render};
use compiler::lower;
use compiler::plan::{plan, print};

use crate::error::{Error, Exit};
use crate::manifests::{self, Change, Comparison, Files};
use crate::output::Output;
use crate::{files, parallel, paths, spec};

/// Which specs, and where the files are.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc golden specs                                 every spec below specs/, into golden/
  specc golden specs --check                         in continuous integration
  specc golden specs/mini-program --plan text -o review

Each object is a file, and each cell a folder below DIR: the spec's path, then
<environment>[-<tenant>][-<cluster>], in it Kind.name.yaml. What belongs to a cluster itself is
in platform-<cluster>. Files that specc made once and does
not make any more are removed. It knows them by name and content: an object that is labelled as
specc's, in a file of its kind, in a folder of its environment. Other files are left alone. If
any spec has errors, nothing is written.")]
pub struct Arguments {
    /// Folders of specs, files in them, folders that hold specs, or quoted patterns
    #[arg(default_value = ".", value_name = "PATH")]
    specs: Vec<PathBuf>,
    /// The folder with the files
    #[arg(short, long, value_name = "DIR", default_value = "golden")]
    output: PathBuf,
    /// Write nothing; print what differs as a patch, and exit with 1 if anything does
    #[arg(long)]
    check: bool,
    /// Also write changes that no server takes while the object exists, such as a StatefulSet's disks
    #[arg(long)]
    recreate: bool,
    /// Also the plan of each cell, in these forms
    #[arg(long, value_enum, value_delimiter = ',', value_name = "FORM")]
    plan: Vec<Form>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Text,
    Json,
    Dot,
    Mermaid,
}

/// One spec, and the folder below the output that it has.
struct Place {
    spec: PathBuf,
    name: PathBuf,
}

/// Writes or compares the files of every spec.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let (places, scopes) = places(&arguments.specs)?;
    let (colour, bar) = (output.colour(), output.bar("building {wide_bar} {pos}/{len}", places.len() as u64));
    let results = parallel::map(&places, || bar.inc(1), |place| generated(place, &arguments.plan, colour));
    bar.finish_and_clear();
    let (mut made, mut broken) = (Files::new(), 0);
    for result in results {
        let (said, files) = result?;
        output.say(&said);
        match files {
            Some(files) => made.extend(files),
            None => broken += 1,
        }
    }
    if broken > 0 {
        output.say(&format!("{} with errors, so no files are made of any\n", spec::plural(broken, "spec")));
        return Ok(Exit::Failed);
    }
    let comparison = manifests::compare(&arguments.output, &scopes, &made)?;
    for stranger in &comparison.strangers {
        let path = files::shown(&arguments.output.join(stranger));
        output.say(&format!("left alone: {}, which specc did not make\n", path.display()));
    }
    let impossible = manifests::impossible(&comparison);
    for (name, fields) in &impossible {
        let path = files::shown(&arguments.output.join(name));
        output.say(&format!(
            "{}: {} cannot change while the object exists\n",
            path.display(),
            fields.join(", ")
        ));
    }
    if arguments.check {
        return checked(arguments, &comparison, output);
    }
    if !impossible.is_empty() && !arguments.recreate {
        output.say(
            "nothing is written: take the change back, give the component another name, or say --recreate \
             and delete the old objects from the cluster before the next apply\n",
        );
        return Ok(Exit::Failed);
    }
    manifests::write(&arguments.output, &comparison)?;
    let counts = counts(&comparison);
    let folder = arguments.output.display();
    output.say(&format!(
        "{} written, {} removed, {} unchanged in {folder}\n",
        counts.0 + counts.1,
        counts.2,
        comparison.same
    ));
    Ok(Exit::Fine)
}

fn checked(arguments: &Arguments, comparison: &Comparison, output: &mut Output) -> Result<Exit, Error> {
    let folder = arguments.output.display();
    if comparison.changes.is_empty() {
        output.say(&format!("{} in {folder}, all as the specs say\n", spec::plural(comparison.same, "file")));
        return Ok(Exit::Fine);
    }
    output.data(&manifests::patch(&arguments.output, comparison))?;
    let (missing, different, left_over) = counts(comparison);
    output.say(&format!(
        "{missing} missing, {different} different, {left_over} left over in {folder}: \
         `specc golden` without --check makes it so\n"
    ));
    Ok(Exit::Failed)
}

/// How many are missing, different, left over.
fn counts(comparison: &Comparison) -> (usize, usize, usize) {
    let count =
        |wanted: fn(&Change) -> bool| comparison.changes.values().filter(|change| wanted(change)).count();
    (
        count(|change| matches!(change, Change::Create(_))),
        count(|change| matches!(change, Change::Update(..))),
        count(|change| matches!(change, Change::Remove(_))),
    )
}

/// The specs with their folders, and the folders in which they may have left something behind: a tree of specs has
/// the whole output, so that the files of a spec that is gone go too; a spec has its own folder.
fn places(named: &[PathBuf]) -> Result<(Vec<Place>, Vec<PathBuf>), Error> {
    let mut by_name: BTreeMap<PathBuf, (PathBuf, PathBuf)> = BTreeMap::new();
    let mut scopes = Vec::new();
    for named in paths::find(named)? {
        for spec in &named.specs {
            let place = spec.canonicalize().map_err(|source| Error::File {
                doing: "cannot read",
                path: spec.clone(),
                source,
            })?;
            let below = spec.strip_prefix(&named.path).ok().filter(|_| named.tree).map(Path::to_owned);
            let own = || place.file_name().map_or_else(|| PathBuf::from("root"), PathBuf::from);
            let name = below.unwrap_or_else(own);
            if !named.tree {
                scopes.push(name.clone());
            }
            if let Some((other, first)) = by_name.insert(name.clone(), (place.clone(), spec.clone()))
                && other != place
            {
                return Err(Error::Usage {
                    message: format!(
                        "`{}` and `{}` would both be written into `{}`",
                        first.display(),
                        spec.display(),
                        name.display()
                    ),
                    hint: "name the folder that holds both, or write them into folders of their own with -o"
                        .to_owned(),
                });
            }
        }
        if named.tree {
            scopes.push(PathBuf::new());
        }
    }
    let places = by_name.into_iter().map(|(name, (_, spec))| Place { spec, name }).collect();
    Ok((places, scopes))
}

/// What is said about a spec, and its files unless it has errors.
fn generated(place: &Place, plans: &[Form], colour: bool) -> Result<(String, Option<Files>), Error> {
    let spec = spec::load(&place.spec)?;
    let said = render(&spec.diagnostics, &spec.sources, Format::Human { colour });
    let Some(checked) = &spec.checked else { return Ok((said, None)) };
    let mut files = Files::new();
    let mut folders: BTreeMap<String, &Cell> = BTreeMap::new();
    for cell in checked.cells() {
        let folder = cell_folder(checked, cell);
        if let Some(other) = folders.insert(folder.clone(), cell) {
            let title = |cell: &Cell| cell.title(Some(checked.platform()));
            return Err(Error::Usage {
                message: format!(
                    "{} and {} would both be written into `{folder}`",
                    title(other),
                    title(cell)
                ),
                hint: "rename an environment, a tenant or a cluster".to_owned(),
            });
        }
        files.insert(place.name.join(folder), cell_files(checked, cell, plans));
    }
    for (index, cluster) in checked.platform().clusters.iter().enumerate() {
        let made = lower::platform::lower(checked.platform(), cluster);
        let used = checked.cells().iter().any(|cell| cell.cluster == index);
        let folder = format!("{}{}", manifests::PLATFORM, cluster.name.value);
        if !used || made.is_empty() {
            continue;
        }
        if let Some(cell) = folders.get(&folder) {
            let title = cell.title(Some(checked.platform()));
            return Err(Error::Usage {
                message: format!(
                    "{title} and the objects of cluster `{}` would both be written into `{folder}`",
                    cluster.name.value
                ),
                hint: "rename an environment or a cluster".to_owned(),
            });
        }
        files.insert(place.name.join(folder), made.files().collect());
    }
    Ok((said, Some(files)))
}

/// `<environment>[-<tenant>]`, and the cluster where the environment has several.
fn cell_folder(checked: &Checked, cell: &Cell) -> String {
    let elsewhere = |other: &&Cell| other.environment == cell.environment && other.cluster != cell.cluster;
    let several = checked.cells().iter().find(elsewhere).is_some();
    let mut name = cell.environment.clone();
    name.extend(cell.tenant.iter().map(|tenant| format!("-{tenant}")));
    name.extend(several.then(|| format!("-{}", checked.cluster(cell).name.value)));
    name
}

fn cell_files(checked: &Checked, cell: &Cell, plans: &[Form]) -> BTreeMap<String, String> {
    let bundle = lower::lower(checked, cell);
    let mut files: BTreeMap<String, String> =
        bundle.objects.iter().map(|object| (object.file_name(), object.yaml())).collect();
    if !plans.is_empty() {
        let plan = plan(checked, cell, &bundle);
        files.extend(plans.iter().map(|form| match form {
            Form::Text => ("plan.txt".to_owned(), print::text(&plan)),
            Form::Json => ("plan.json".to_owned(), format!("{:#}\n", print::json(&plan))),
            Form::Dot => ("plan.dot".to_owned(), print::dot(&plan)),
            Form::Mermaid => ("plan.mmd".to_owned(), print::mermaid(&plan)),
        }));
    }
    files
}
