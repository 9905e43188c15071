//! The tool's cache: `$XDG_CACHE_HOME/rustworthy`, content-addressed, safe to delete.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::PrepareError;

/// The Python timing script, carried in the binary so that it works with whatever interpreter a project has.
const TIMING_SCRIPT: &str = include_str!("../../python_baseline/harness/timing.py");
/// Says what an interpreter is.
const ABOUT_SCRIPT: &str = include_str!("../../python_baseline/harness/about.py");
/// Reads a function's signature.
const SIGNATURE_SCRIPT: &str = include_str!("../../python_baseline/harness/signature.py");
/// Times the smallest things.
const PROBES_SCRIPT: &str = include_str!("../../python_baseline/harness/probes.py");
/// Draws arguments from annotations.
const CASES_SCRIPT: &str = include_str!("../../python_baseline/harness/cases.py");
/// A piece of work that is timed against itself.
const NOISE_MODULE: &str = include_str!("../../python_baseline/harness/noise.py");

/// The cache folder.
#[derive(Clone, Debug)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// Opens the cache, making its folder.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open() -> Result<Cache, PrepareError> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let base = variable("XDG_CACHE_HOME")
            .or_else(|| Some(variable("HOME")?.join(".cache")))
            .unwrap_or_else(std::env::temp_dir);
        Cache::at(base.join("rustworthy"))
    }

    /// The cache in this folder, which is made if need be.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn at(root: PathBuf) -> Result<Cache, PrepareError> {
        let cache = Cache { root };
        cache.folder("")?;
        Ok(cache)
    }

    /// The folder of all parts.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Where a part of the cache lies, whether it is there or not.
    pub(super) fn part(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// What of the harness belongs to this version, written to disk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn harness(&self) -> Result<[PathBuf; 4], PrepareError> {
        Ok([self.timing_script()?, self.about_script()?, self.probes_script()?, self.noise_folder()?])
    }

    /// A folder of the cache, made if need be.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn folder(&self, name: &str) -> Result<PathBuf, PrepareError> {
        let path = self.root.join(name);
        fs::create_dir_all(&path).map_err(|source| PrepareError::Cache { path: path.clone(), source })?;
        Ok(path)
    }

    /// The timing script on disk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn timing_script(&self) -> Result<PathBuf, PrepareError> {
        self.script("timing", TIMING_SCRIPT)
    }

    /// The script that says what an interpreter is.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn about_script(&self) -> Result<PathBuf, PrepareError> {
        self.script("about", ABOUT_SCRIPT)
    }

    /// The script that reads a function's signature.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn signature_script(&self) -> Result<PathBuf, PrepareError> {
        self.script("signature", SIGNATURE_SCRIPT)
    }

    /// The script that times the smallest things.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn probes_script(&self) -> Result<PathBuf, PrepareError> {
        self.script("probes", PROBES_SCRIPT)
    }

    /// The script that draws arguments from annotations.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn cases_script(&self) -> Result<PathBuf, PrepareError> {
        self.script("cases", CASES_SCRIPT)
    }

    /// A folder for `sys.path` that holds nothing but the module `rustworthy_noise`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn noise_folder(&self) -> Result<PathBuf, PrepareError> {
        let folder = self.folder(&format!("harness/noise-{}", &digest([NOISE_MODULE.as_bytes()])[..16]))?;
        keep(&folder.join("rustworthy_noise.py"), NOISE_MODULE)?;
        Ok(folder)
    }

    /// A script under its own digest: two versions of the tool never share a file.
    fn script(&self, name: &str, text: &str) -> Result<PathBuf, PrepareError> {
        let path = self.folder("harness")?.join(format!("{name}-{}.py", &digest([text.as_bytes()])[..16]));
        keep(&path, text)?;
        Ok(path)
    }
}

/// Writes a file unless it is there, whole.
fn keep(path: &Path, text: &str) -> Result<(), PrepareError> {
    if fs::read(path).is_ok_and(|kept| kept == text.as_bytes()) {
        return Ok(());
    }
    write_whole(path, text.as_bytes()).map_err(|source| PrepareError::Cache { path: path.to_owned(), source })
}

/// Writes a file so that a reader sees the old or the new one, whole.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut file, bytes)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Hexadecimal SHA-256 of parts, each separated from the next.
pub(super) fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
