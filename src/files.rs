//! Reads files that anybody may have written: regular ones only, of a bounded size, and inside their root. Puts others in
//! their places whole.

use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use simulator::scenario::Opened;

use crate::error::Error;

/// What a file holds.
pub enum Content {
    /// All of it.
    Whole(Vec<u8>),
    /// More bytes than asked for: this many, as far as known.
    TooLarge(u64),
}

/// Opens a file of any size that lies below a folder, and says how people name it; `None` if there is none.
pub fn open_below(folder: &Path, path: &str) -> Option<Opened> {
    let file = inside(&folder.join(path), &[folder])?;
    // To open a pipe would wait for its other end.
    if !fs::metadata(&file).ok()?.is_file() {
        return None;
    }
    let name = shown(&folder.join(path)).to_string_lossy().into_owned();
    Some((name, Box::new(BufReader::new(File::open(&file).ok()?))))
}

/// Reads a file of at most so many bytes.
pub fn read(path: &Path, bytes_max: usize) -> Result<Content, Error> {
    let failed = |source| Error::File { doing: "cannot read", path: path.to_owned(), source };
    let about = fs::metadata(path).map_err(failed)?;
    // To open a pipe would wait for its other end.
    if !about.is_file() {
        return Err(Error::NotAFile { path: path.to_owned(), what: what(about.file_type()) });
    }
    if about.len() > bytes_max as u64 {
        return Ok(Content::TooLarge(about.len()));
    }
    bounded(&mut File::open(path).map_err(failed)?, bytes_max).map_err(failed)
}

/// Reads at most so many bytes of something that does not say how many it has.
pub fn bounded(from: &mut impl Read, bytes_max: usize) -> std::io::Result<Content> {
    let mut bytes = Vec::new();
    from.take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
    Ok(if bytes.len() > bytes_max { Content::TooLarge(bytes.len() as u64) } else { Content::Whole(bytes) })
}

/// Where a path leads to, if that is inside one of some folders.
pub fn inside(path: &Path, roots: &[&Path]) -> Option<PathBuf> {
    let target = path.canonicalize().ok()?;
    let below = |root: &&Path| root.canonicalize().is_ok_and(|root| target.starts_with(root));
    roots.iter().any(below).then_some(target)
}

/// A path as people name it: from the folder that specc runs in, where it is below that.
pub fn shown(path: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(&here).unwrap_or(path);
    let short: PathBuf =
        path.components().filter(|part| !matches!(part, std::path::Component::CurDir)).collect();
    if short.as_os_str().is_empty() { PathBuf::from(".") } else { short }
}

fn what(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

/// Puts the text in the place of a file at once, with the same permissions, or makes the file: whoever reads it sees the
/// one or the other whole. A link stays, and leads to the text.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let there = match path.canonicalize() {
        Ok(path) => Some((fs::metadata(&path)?.permissions(), path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let path = there.as_ref().map_or(path, |(_, path)| path);
    let permissions = there.as_ref().map(|(permissions, _)| permissions.clone());
    if permissions.as_ref().is_some_and(fs::Permissions::readonly) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it may only be read"));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    drop(file);
    let replaced = written
        .and_then(|()| permissions.map_or(Ok(()), |permissions| fs::set_permissions(&beside, permissions)))
        .and_then(|()| fs::rename(&beside, path));
    if replaced.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    replaced
}
