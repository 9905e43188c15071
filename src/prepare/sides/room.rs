//! The part of the cache that holds the sides of one repository, and the lock on it.
//!
//! `gate/<repository>/NNN/{base,head}/{tree,target,environments}`: `NNN` is the salt, `000` for builds as they are. Every path of
//! one side is as long as that of the other, because the length of a path in a process's memory moves everything behind it.

use std::fs::{self, File, TryLockError};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::SideName;
use super::error::{SideError, unusable};
use super::repository::Repository;
use crate::launch::interrupt::interrupted;
use crate::prepare::Cache;
use crate::prepare::cache::write_whole;
use crate::progress::Progress;

const PART: &str = "gate";
const LOCK: &str = "lock";
const OWNER: &str = "repository";
/// How often a wait looks whether the other gate has ended.
const PATIENCE: Duration = Duration::from_millis(100);

/// The sides of one repository.
#[derive(Clone, Debug)]
pub(super) struct Room {
    folder: PathBuf,
}

impl Room {
    pub fn of(cache: &Cache, repository: &Repository) -> Room {
        Room { folder: cache.part(PART).join(repository.key()) }
    }

    /// Waits until no other gate works here, and keeps others out until the file is dropped.
    pub fn lock(&self, repository: &Repository, progress: &mut dyn Progress) -> Result<File, SideError> {
        let path = self.folder.join(LOCK);
        let mut is_told = false;
        let lock = loop {
            fs::create_dir_all(&self.folder).map_err(unusable(&self.folder))?;
            let file = File::options().create(true).append(true).open(&path).map_err(unusable(&path))?;
            match file.try_lock() {
                // The one that it waited for may have been removed meanwhile, with all that was here.
                Ok(()) if is_still(&file, &path) => break file,
                Ok(()) => {}
                Err(TryLockError::WouldBlock) if interrupted() => return Err(SideError::Interrupted),
                Err(TryLockError::WouldBlock) => {
                    if !is_told {
                        progress.step("waiting for another gate on this repository to end");
                        is_told = true;
                    }
                    thread::sleep(PATIENCE);
                }
                Err(TryLockError::Error(source)) => return Err(unusable(path)(source)),
            }
        };
        let owner = self.folder.join(OWNER);
        write_whole(&owner, repository.top.as_os_str().as_bytes()).map_err(unusable(owner))?;
        Ok(lock)
    }

    /// Where a side's things are, with this salt.
    pub fn side(&self, salt: u8, name: SideName) -> PathBuf {
        self.folder.join(format!("{salt:03}")).join(name.as_str())
    }
}

/// Whether a file is the one that its path names now.
fn is_still(file: &File, path: &Path) -> bool {
    let id = |data: &fs::Metadata| (data.dev(), data.ino());
    matches!((file.metadata(), fs::metadata(path)), (Ok(open), Ok(named)) if id(&open) == id(&named))
}

/// The folders of all repositories in the cache's part of the sides.
pub(in crate::prepare) fn part(cache: &Cache) -> PathBuf {
    cache.part(PART)
}

/// The top folder of the repository whose sides a folder holds.
pub(in crate::prepare) fn owner(folder: &Path) -> Option<PathBuf> {
    Some(std::ffi::OsString::from_vec(fs::read(folder.join(OWNER)).ok()?).into())
}

/// Keeps gates out of a folder of sides until the file is dropped; `None` while one works there.
pub(in crate::prepare) fn keep_out(folder: &Path) -> Option<File> {
    let file = File::options().create(true).append(true).open(folder.join(LOCK)).ok()?;
    file.try_lock().is_ok().then_some(file)
}
