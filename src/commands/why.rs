//! `specc why`: which lines of the documents made a field of an object.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use compiler::app::Cell;
use compiler::check::Checked;
use compiler::lower::platform::FRAGMENT;
use compiler::lower::{ENVIRONMENT, TENANT};
use compiler::object::Object;
use compiler::why::{self, Answer, Manifest, Place, Pointer, Question};

use crate::cli::CellArguments;
use crate::error::{Error, Exit};
use crate::manifests::PLATFORM;
use crate::output::Output;
use crate::spec::{self, Spec};

/// Which field of what.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc why golden/mini-program/prod/Deployment.api.yaml:29
  specc why golden/mini-program/prod/Deployment.api.yaml       every line with its place
  specc why manifests/Service.api.yaml:12 --spec specs/mini-program
  specc why specs/mini-program -e prod HorizontalPodAutoscaler/api spec.minReplicas
  specc why specs/mini-program -e prod Deployment/api spec.template.spec.containers.api.env
  specc why specs/portable -e prod -t merchant-a HorizontalPodAutoscaler/web
  specc why specs/order-service --platform edge-1 DaemonSet/node-local-dns

Every value that was written for the cell or the cluster is changed to another one that the rules
accept, and the object is made again: what moves depends on that value. What nothing moves is fixed
by the kind. With --platform the object is the cluster's own, as `specc build --platform` makes it.")]
pub struct Arguments {
    /// A line of a generated file as `FILE:LINE`, such a file, or the folder of a spec
    #[arg(value_name = "FILE:LINE|SPEC")]
    place: String,
    /// With a spec: the object, such as Deployment/api
    object: Option<String>,
    /// With an object: its field, such as spec.replicas; the whole object without one
    field: Option<String>,
    /// The environment
    #[arg(short, long)]
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
    /// With a file: the spec that makes it, instead of the one that the file's place tells
    #[arg(long, value_name = "PATH")]
    spec: Option<PathBuf>,
    /// Who reads the answer
    #[arg(long, value_enum, default_value_t = Reader::Text)]
    format: Reader,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Reader {
    Text,
    Json,
}

/// Explains, and prints.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    match (&arguments.object, generated(&arguments.place)) {
        (None, Some((file, line))) => of_file(arguments, &file, line, output),
        (Some(_) | None, _) => of_spec(arguments, output),
    }
}

/// The file and its line, if the place is one: `FILE:LINE`, or a manifest that is no document of a spec.
fn generated(place: &str) -> Option<(PathBuf, Option<usize>)> {
    if let Some((file, line)) = place.rsplit_once(':')
        && let Ok(line) = line.parse()
    {
        return Some((PathBuf::from(file), Some(line)));
    }
    let path = PathBuf::from(place);
    let text = fs::read_to_string(&path).ok()?;
    let found = why::manifests(&text)?;
    found.iter().any(|one| one.text("/apiVersion").is_some()).then_some((path, None))
}

fn of_spec(arguments: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    let loaded = spec::load(Path::new(&arguments.place))?;
    let Some(checked) = loaded.passed(output) else { return Ok(Exit::Failed) };
    let place = place_asked(arguments, checked)?;
    let title = place.titled(&place.name(checked));
    let bundle = place.bundle(checked).expect("the place is one of the application's");
    if bundle.objects.is_empty() {
        let hint = "the platform asks for nothing that is made for it: see `specc build --platform`";
        return Err(usage(format!("{title} has no objects"), hint.to_owned()));
    }
    let Some(name) = &arguments.object else {
        let all: Vec<String> = bundle.objects.iter().map(called).collect();
        return Err(usage("which object?".to_owned(), format!("name one of {}", all.join(", "))));
    };
    let object = why::find(&bundle, name)
        .map_err(|hint| usage(format!("there is no object `{name}` in {title}"), hint))?;
    let question = Question { document: &loaded.document, files: &loaded.files, checked, place, object };
    let field = arguments.field.as_deref().unwrap_or_default();
    let answer = match Pointer::read(&object.value(), field) {
        Ok(pointer) => why::why(&question, &pointer),
        Err(no) => why::why_not(&question, field)
            .ok_or_else(|| usage(format!("`{}` has no field `{}`", called(object), no.written), no.hint))?,
    };
    print(arguments, &answer, &loaded, output)
}

/// The one cell or the cluster that the command line names.
fn place_asked(arguments: &Arguments, checked: &Checked) -> Result<Place, Error> {
    if let Some(cluster) = &arguments.platform {
        return Ok(Place::of_cluster(checked, spec::cluster(checked, cluster)?));
    }
    let Some(environment) = arguments.environment.clone() else {
        let cells = checked.cells().iter();
        let titles: Vec<String> = cells.map(|cell| cell.title(Some(checked.platform()))).collect();
        return Err(usage(
            "an object belongs to one cell, or to a cluster itself".to_owned(),
            format!("add --environment: there is {}; or --platform with a cluster", titles.join(", ")),
        ));
    };
    let (tenant, cluster) = (arguments.tenant.clone(), arguments.cluster.clone());
    let wanted = CellArguments { spec: PathBuf::from(&arguments.place), environment, tenant, cluster };
    Ok(Place::of_cell(checked, spec::cell(checked, &wanted)?))
}

fn of_file(
    arguments: &Arguments,
    file: &Path,
    line: Option<usize>,
    output: &mut Output,
) -> Result<Exit, Error> {
    let text = fs::read_to_string(file).map_err(|source| Error::File {
        doing: "cannot read",
        path: file.to_owned(),
        source,
    })?;
    let manifest = manifest_of(file, &text, line)?;
    let pointer = match line {
        None => Pointer::default(),
        Some(line) => manifest.field(line).cloned().unwrap_or_default(),
    };
    let loaded = spec::load(&spec_of(arguments, file)?)?;
    let Some(checked) = loaded.passed(output) else { return Ok(Exit::Failed) };
    let places = places_of(arguments, file, &manifest, checked)?;
    let mut made: Vec<(Place, Object)> = Vec::new();
    for place in &places {
        let objects = place.bundle(checked).into_iter().flat_map(|bundle| bundle.objects);
        made.extend(objects.filter(|object| is_same(file, &manifest, object)).map(|object| (*place, object)));
    }
    let fresh = |object: &Object| read(object).scalars == manifest.scalars;
    let best = made.iter().find(|(_, object)| fresh(object)).or(made.first());
    let Some((place, object)) = best else {
        let hint = if places.is_empty() {
            "the file's labels, namespace and folder name no place of it: add --environment, --platform or --spec"
        } else {
            "it was made from another state of the spec: make it again with `specc build`"
        };
        return Err(usage(
            format!("`{}` makes no object that is `{}`", checked.name(), file.display()),
            hint.to_owned(),
        ));
    };
    if !fresh(object) {
        output.say(&stale(file, &manifest, object, &pointer));
    }
    if pointer.value(&object.value()).is_none() {
        return Err(usage(
            format!("the spec makes no `{pointer}` in `{}`", called(object)),
            "make the file again with `specc build`".to_owned(),
        ));
    }
    let place = *place;
    let question = Question { document: &loaded.document, files: &loaded.files, checked, place, object };
    print(arguments, &why::why(&question, &pointer), &loaded, output)
}

fn print(arguments: &Arguments, answer: &Answer, spec: &Spec, output: &mut Output) -> Result<Exit, Error> {
    output.data(&match arguments.format {
        Reader::Text => why::text(answer, &spec.sources, output.colourful()),
        Reader::Json => why::json(answer, &spec.sources),
    })?;
    Ok(Exit::Fine)
}

/// The object of the file that the line is in.
fn manifest_of(file: &Path, text: &str, line: Option<usize>) -> Result<Manifest, Error> {
    let shown = file.display();
    if text.starts_with(FRAGMENT) {
        let hint =
            "its first lines say which object it is for; name a file or an object that specc makes whole";
        return Err(usage(format!("`{shown}` is a part of an object that others share"), hint.to_owned()));
    }
    let all = why::manifests(text).unwrap_or_default();
    let all: Vec<Manifest> = all.into_iter().filter(|one| one.text("/kind").is_some()).collect();
    if all.is_empty() {
        let hint = "name a file that `specc build -o` wrote, or a spec with --environment and an object";
        return Err(usage(format!("`{shown}` holds no Kubernetes object"), hint.to_owned()));
    }
    let count = text.lines().count();
    match line {
        Some(line) if line == 0 || line > count => {
            Err(usage(format!("`{shown}` has no line {line}"), format!("it has {count} lines")))
        }
        Some(line) => all.into_iter().find(|one| one.holds(line)).ok_or_else(|| {
            usage(
                format!("line {line} of `{shown}` belongs to no object"),
                "name a line with a field".to_owned(),
            )
        }),
        None if all.len() > 1 => Err(usage(
            format!("`{shown}` holds {} objects", all.len()),
            format!("name a line of one of them: `{shown}:1`"),
        )),
        None => Ok(all.into_iter().next().unwrap_or_default()),
    }
}

/// The spec that the command line names; else the nearest folder above with an `app` document; else
/// `specs/<name>` for a file below `golden/<name>`.
fn spec_of(arguments: &Arguments, file: &Path) -> Result<PathBuf, Error> {
    if let Some(spec) = &arguments.spec {
        return Ok(spec.clone());
    }
    let mut below: Vec<&Path> = Vec::new();
    for folder in file.ancestors().skip(1) {
        let is_spec = ["app.kdl", "app.yaml", "app.yml"].iter().any(|name| folder.join(name).is_file());
        if is_spec {
            return Ok(if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() });
        }
        if folder.file_name().is_some_and(|name| name == "golden")
            && let (Some(root), Some(name)) =
                (folder.parent(), below.last().and_then(|below| below.file_name()))
        {
            let mirrored = root.join("specs").join(name);
            if mirrored.is_dir() {
                return Ok(mirrored);
            }
        }
        below.push(folder);
    }
    let hint = "add --spec with the folder of the documents that make it".to_owned();
    Err(usage(format!("no spec is above `{}` or beside its `golden`", file.display()), hint))
}

/// The cells that the file can be of, by its labels, its namespace, or its folder; or the cluster, by its folder.
fn places_of(
    arguments: &Arguments,
    file: &Path,
    manifest: &Manifest,
    checked: &Checked,
) -> Result<Vec<Place>, Error> {
    if arguments.platform.is_some() {
        return Ok(vec![place_asked(arguments, checked)?]);
    }
    let asked = |cell: &&Cell| {
        let tenant = arguments.tenant.as_ref();
        let cluster = &checked.cluster(cell).name.value;
        arguments.environment.as_ref().is_none_or(|wanted| *wanted == cell.environment)
            && tenant.is_none_or(|wanted| Some(wanted) == cell.tenant.as_ref())
            && arguments.cluster.as_ref().is_none_or(|wanted| wanted == cluster)
    };
    let asked: Vec<&Cell> = checked.cells().iter().filter(asked).collect();
    let label = |name: &str| manifest.text(&format!("/metadata/labels/{}", name.replace('/', "~1")));
    let folder = file.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let by_label = |cell: &Cell| {
        label(ENVIRONMENT) == Some(cell.environment.as_str()) && label(TENANT) == cell.tenant.as_deref()
    };
    let by_namespace = |cell: &Cell| manifest.text("/metadata/namespace") == Some(cell.namespace.as_str());
    let by_folder = |cell: &Cell| {
        let tenant = cell.tenant.as_ref().map(|tenant| format!("-{tenant}")).unwrap_or_default();
        folder.as_deref() == Some(format!("{}{tenant}", cell.environment).as_str())
    };
    let ways: [&dyn Fn(&Cell) -> bool; 3] = [&by_label, &by_namespace, &by_folder];
    let told = ways.iter().map(|way| asked.iter().copied().filter(|cell| way(cell)).collect::<Vec<_>>());
    let found = told.into_iter().find(|cells| !cells.is_empty());
    // Whoever names an environment knows better than the file.
    let found = found.or_else(|| arguments.environment.is_some().then_some(asked));
    if let Some(cells) = found {
        return Ok(cells.into_iter().map(|cell| Place::of_cell(checked, cell)).collect());
    }
    let cluster = folder.as_deref().and_then(|folder| folder.strip_prefix(PLATFORM));
    let cluster = cluster.and_then(|name| spec::cluster(checked, name).ok());
    Ok(cluster.map(|cluster| Place::of_cluster(checked, cluster)).into_iter().collect())
}

/// Whether the file is of that object, in this state of the spec or another one.
fn is_same(file: &Path, manifest: &Manifest, object: &Object) -> bool {
    let name = manifest.text("/metadata/name").unwrap_or_default();
    let of_kind = manifest.text("/kind") == Some(object.kind());
    let called = file.file_name().is_some_and(|known| *known == *object.file_name());
    // Only the hash after the last dash is another one in another state.
    let revised = name.rsplit_once('-').is_some_and(|(logical, _)| logical == object.logical_name);
    of_kind && (called || name == object.key().name || revised && object.key().name != object.logical_name)
}

fn read(object: &Object) -> Manifest {
    why::manifests(&object.yaml()).and_then(|all| all.into_iter().next()).unwrap_or_default()
}

/// What a file says that the spec says differently.
fn stale(file: &Path, manifest: &Manifest, object: &Object, pointer: &Pointer) -> String {
    let made = read(object);
    let differs = |at: &&Pointer| made.scalars.get(*at) != manifest.scalars.get(*at);
    let all = manifest.scalars.keys().chain(made.scalars.keys());
    let first = all.clone().filter(|at| at.is_in(pointer)).find(differs).or(all.clone().find(differs));
    let mut text = format!("warning: `{}` is not what the spec makes", file.display());
    if let Some(at) = first {
        let said = |manifest: &Manifest| {
            manifest.scalars.get(at).map_or("nothing".to_owned(), |text| format!("`{text}`"))
        };
        text.push_str(&format!(": `{at}` is {} there, and {} by the spec", said(manifest), said(&made)));
    }
    text + "\nhint: the answer is about the spec; make the file again with `specc build`\n"
}

fn called(object: &Object) -> String {
    format!("{}/{}", object.kind(), object.logical_name)
}

fn usage(message: String, hint: String) -> Error {
    Error::Usage { message, hint }
}
