//! A run on disk: a whole `run.json` header, rounds appended beside it while measuring, folded at the end.
//!
//! A crash loses at most the round under way: each finished round is one line of `rounds.jsonl`, synced before the
//! next begins, and a last line that is cut off is dropped on load.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Failure, Launch, MemoryLaunch, Run, SCHEMA, Stopped};

const RUN_FILE: &str = "run.json";
const ROUNDS_FILE: &str = "rounds.jsonl";
const LATEST: &str = "latest";

/// Why a saved run could not be read.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The file is not there, or not readable.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no run of that name.
    #[error("no saved run at {}: name a run.json, its folder, or measure one with `rustworthy run`", .0.display())]
    Missing(PathBuf),
    /// It is not a run.
    #[error("{} is damaged: {reason}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// It is a run of another version.
    #[error("{} has the schema `{found}`; this version reads `{SCHEMA}`", path.display())]
    OtherSchema {
        /// Which file.
        path: PathBuf,
        /// The schema it names.
        found: String,
    },
}

/// One finished round of one workload and size, or a pass that measured memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoundRecord {
    /// The workload.
    pub workload: String,
    /// The size.
    pub size: u64,
    /// The round, from 0.
    pub round: u32,
    /// What each launch brought, in the order of launch.
    pub results: Vec<(String, RoundResult)>,
    /// Set by the last round of a size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stopped>,
}

/// What one launch of a round brought.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoundResult {
    /// Timed batches.
    Launch(Launch),
    /// The memory of a call.
    Memory(MemoryLaunch),
    /// It failed, and the implementation is out of the rotation.
    Failure(Failure),
}

/// The folder of one run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Makes the folder of a new run under `reports` and writes its header.
    ///
    /// # Errors
    /// When the folder cannot be made or written.
    pub fn create(reports: &Path, run: &Run) -> io::Result<RunFolder> {
        let folder = RunFolder { path: reports.join(&run.id) };
        fs::create_dir_all(folder.path.join("charts"))?;
        folder.save(run)?;
        Ok(folder)
    }

    /// The folder that holds a loaded run.
    pub fn of(path: &Path) -> RunFolder {
        RunFolder { path: path.to_owned() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces `run.json` as a whole.
    ///
    /// # Errors
    /// When the folder cannot be written; the old file is then still whole.
    pub fn save(&self, run: &Run) -> io::Result<()> {
        write_whole(&self.path.join(RUN_FILE), |file| Ok(serde_json::to_writer(file, run)?))
    }

    /// Opens the log that rounds are appended to.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn log(&self) -> io::Result<RoundLog> {
        let file = OpenOptions::new().create(true).append(true).open(self.path.join(ROUNDS_FILE))?;
        Ok(RoundLog { file })
    }

    /// Saves the folded run and removes the log, in this order: a crash between leaves both, which load alike.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn fold(&self, run: &Run) -> io::Result<()> {
        self.save(run)?;
        match fs::remove_file(self.path.join(ROUNDS_FILE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Points `latest` beside the folder at it: a symbolic link, or a text file where links fail.
    ///
    /// # Errors
    /// When neither can be written.
    pub fn point_latest(&self) -> io::Result<()> {
        let (Some(reports), Some(name)) = (self.path.parent(), self.path.file_name()) else { return Ok(()) };
        let latest = reports.join(LATEST);
        let fresh = reports.join(format!(".{LATEST}.{}", std::process::id()));
        let _ = fs::remove_file(&fresh);
        if link(Path::new(name), &fresh).is_err() {
            fs::write(&fresh, name.as_encoded_bytes())?;
        }
        fs::rename(&fresh, &latest)
    }
}

#[cfg(unix)]
fn link(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn link(_target: &Path, _link: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Writes a file as a whole: another takes its place when it is complete and synced.
pub(super) fn write_whole(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    {
        let mut buffered = io::BufWriter::new(file.as_file_mut());
        write(&mut buffered)?;
        buffered.write_all(b"\n")?;
        buffered.flush()?;
    }
    file.as_file().sync_all()?;
    make_readable(file.as_file())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Temporary files are private to their owner; a report is not.
fn make_readable(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

/// The rounds measured so far, one JSON line each.
#[derive(Debug)]
pub struct RoundLog {
    file: File,
}

impl RoundLog {
    /// Appends one round and syncs it to disk.
    ///
    /// # Errors
    /// When the disk is full or the folder is gone.
    pub fn append(&mut self, record: &RoundRecord) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.file.sync_data()
    }
}

/// Loads a run from its `run.json`, its folder, a `latest` file, folding in rounds that a crash left unfolded.
///
/// # Errors
/// See [`LoadError`].
pub fn load(path: &Path) -> Result<(RunFolder, Run), LoadError> {
    let folder = find_folder(path)?;
    let file = folder.join(RUN_FILE);
    let text = fs::read(&file).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => LoadError::Missing(path.to_owned()),
        _ => LoadError::Unreadable { path: file.clone(), source },
    })?;
    let damaged = |reason: String| LoadError::Damaged { path: file.clone(), reason };
    #[derive(Deserialize)]
    struct Header {
        schema: String,
    }
    let header: Header = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
    if header.schema != SCHEMA {
        return Err(LoadError::OtherSchema { path: file, found: header.schema });
    }
    let mut run: Run = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
    if !run.knows_its_modules() {
        return Err(damaged("a cell names a module that it does not hold".to_owned()));
    }
    run.gather_modules();
    fold_rounds(&mut run, &folder.join(ROUNDS_FILE))?;
    Ok((RunFolder { path: folder }, run))
}

fn find_folder(path: &Path) -> Result<PathBuf, LoadError> {
    if path.is_dir() {
        // `latest` is a link: the folder's own name is wanted, which `latest` may be pointed at again.
        return path.canonicalize().map_err(|source| LoadError::Unreadable { path: path.to_owned(), source });
    }
    let parent = path.parent().unwrap_or(Path::new("."));
    match path.file_name().and_then(|name| name.to_str()) {
        Some(LATEST) if path.is_file() => {
            let name =
                fs::read_to_string(path).map_err(|source| LoadError::Unreadable { path: path.to_owned(), source })?;
            Ok(parent.join(name.trim()))
        }
        Some(_) if path.is_file() => Ok(parent.to_owned()),
        _ => Err(LoadError::Missing(path.to_owned())),
    }
}

fn fold_rounds(run: &mut Run, path: &Path) -> Result<(), LoadError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(LoadError::Unreadable { path: path.to_owned(), source }),
    };
    let mut lines = BufReader::new(file).split(b'\n').peekable();
    while let Some(line) = lines.next() {
        let line = line.map_err(|source| LoadError::Unreadable { path: path.to_owned(), source })?;
        match serde_json::from_slice::<RoundRecord>(&line) {
            Ok(record) => run.add_round(&record),
            // The round under way when the process died.
            Err(_) if lines.peek().is_none() => break,
            Err(error) => return Err(LoadError::Damaged { path: path.to_owned(), reason: error.to_string() }),
        }
    }
    Ok(())
}

impl Run {
    /// Adds what a round brought to the cells it speaks of. Adding the same round again changes nothing, so that a
    /// log left beside a folded run is harmless.
    pub fn add_round(&mut self, record: &RoundRecord) {
        let size = self
            .workloads
            .iter_mut()
            .filter(|workload| workload.name == record.workload)
            .flat_map(|workload| &mut workload.sizes)
            .find(|size| size.size == record.size);
        let Some(size) = size else { return };
        size.stopped = record.stopped.or(size.stopped);
        for (name, result) in &record.results {
            let Some(cell) = size.implementations.iter_mut().find(|cell| &cell.name == name) else { continue };
            match result {
                RoundResult::Launch(launch) => push_new(&mut cell.launches, launch, |launch| launch.round),
                RoundResult::Memory(launch) => push_new(&mut cell.memory_launches, launch, |launch| launch.round),
                RoundResult::Failure(failure) => {
                    if !cell.failures.contains(failure) {
                        cell.failures.push(failure.clone());
                    }
                    cell.status = super::Status::Failed;
                    cell.detail.get_or_insert_with(|| failure.message.clone());
                }
            }
        }
        size.skip_without_baseline();
    }
}

impl super::Size {
    /// Skips what was timed beside a baseline that has failed since: nothing is left to hold it against.
    pub fn skip_without_baseline(&mut self) {
        if self.baseline().is_some_and(|baseline| baseline.status == super::Status::Failed) {
            for cell in self.implementations.iter_mut().filter(|cell| cell.status.is_timed()) {
                cell.status = super::Status::Skipped;
                cell.detail = Some("no baseline to compare with: it failed while it was measured".to_owned());
            }
        }
    }
}

fn push_new<T: Clone>(launches: &mut Vec<T>, launch: &T, round: impl Fn(&T) -> u32) {
    if !launches.iter().any(|known| round(known) == round(launch)) {
        launches.push(launch.clone());
    }
}
