//! What the tool keeps on disk between its runs, and how it goes again: the parts of its cache, and a project's builds.
//!
//! Only what the tool is known to have made is ever found here, by the names that it gives and the marks that cargo leaves.
//! A symbolic link is nothing of the tool's: it is neither followed nor taken for what it points at.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::build::{needs_cargo, target_folders};
use super::sides::{self, keep_out};
use super::{Cache, PrepareError};
use crate::manifest::Project;

/// Something that is kept, and can be made again.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The file or folder.
    pub path: PathBuf,
    /// What it is.
    pub what: Keeping,
    /// What it takes up on disk.
    pub bytes: u64,
}

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// Builds of this project's benches and extensions.
    Builds,
    /// Checkouts and builds of both sides of a comparison, of this project's repository.
    Sides,
    /// The same of another repository.
    OtherSides,
    /// The same of a repository that is gone.
    DeadSides,
    /// A managed environment.
    Environment,
    /// A managed environment whose interpreter is gone.
    DeadEnvironment,
    /// Inputs of all projects.
    Inputs,
    /// The harness in Python, as this version of the tool brings it.
    Harness,
    /// The harness of another version.
    OldHarness,
}

impl Keeping {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Keeping::Builds => "builds of this project",
            Keeping::Sides => "base and head of this repository for `gate --against`",
            Keeping::OtherSides => "base and head of another repository",
            Keeping::DeadSides => "base and head of a repository that is gone",
            Keeping::Environment => "a managed environment",
            Keeping::DeadEnvironment => "a managed environment whose interpreter is gone",
            Keeping::Inputs => "inputs",
            Keeping::Harness => "the Python harness",
            Keeping::OldHarness => "the Python harness of another version",
        }
    }

    /// Whether it goes without `--all`: it is this project's, or of no use to anybody.
    pub fn is_first_to_go(self) -> bool {
        match self {
            Keeping::Builds | Keeping::Sides | Keeping::DeadSides | Keeping::DeadEnvironment | Keeping::OldHarness => {
                true
            }
            Keeping::OtherSides | Keeping::Environment | Keeping::Inputs | Keeping::Harness => false,
        }
    }
}

impl Kept {
    fn new(path: PathBuf, what: Keeping) -> Option<Kept> {
        let metadata = fs::symlink_metadata(&path).ok()?;
        (metadata.is_dir() || metadata.is_file()).then(|| Kept { bytes: size(&path), path, what })
    }

    /// Removes it. Links within it go as links.
    ///
    /// # Errors
    /// What the system says; for sides, that somebody works with them.
    pub fn remove(&self) -> io::Result<()> {
        let _lock = match self.what {
            Keeping::Sides | Keeping::OtherSides | Keeping::DeadSides => {
                let busy = || io::Error::new(io::ErrorKind::ResourceBusy, "a gate is at work there");
                Some(keep_out(&self.path).ok_or_else(busy)?)
            }
            Keeping::Builds
            | Keeping::Environment
            | Keeping::DeadEnvironment
            | Keeping::Inputs
            | Keeping::Harness
            | Keeping::OldHarness => None,
        };
        let metadata = fs::symlink_metadata(&self.path)?;
        if metadata.is_dir() { fs::remove_dir_all(&self.path) } else { fs::remove_file(&self.path) }
    }
}

/// What the cache holds, of all projects. `root` is the folder of the project whose own parts are told from others'.
///
/// # Errors
/// When the cache cannot be used.
pub fn in_cache(cache: &Cache, root: Option<&Path>) -> Result<Vec<Kept>, PrepareError> {
    let mut kept = Vec::new();
    if !is_real_folder(cache.root()) {
        return Ok(kept);
    }
    let repository = root.and_then(|root| root.canonicalize().ok()).and_then(|root| repository_of(&root));
    for path in entries(&sides::part(cache)) {
        let owner = sides::owner(&path);
        let what = match &owner {
            Some(owner) if Some(owner) == repository.as_ref() => Keeping::Sides,
            Some(owner) if owner.join(".git").exists() => Keeping::OtherSides,
            Some(_) | None => Keeping::DeadSides,
        };
        kept.extend(Kept::new(path, what));
    }
    for path in entries(&cache.part("environments")) {
        // The interpreter is a link, and the link of an environment whose interpreter went leads nowhere.
        let lives = path.join("bin/python").exists();
        kept.extend(Kept::new(path, if lives { Keeping::Environment } else { Keeping::DeadEnvironment }));
    }
    kept.extend(Kept::new(cache.part("inputs"), Keeping::Inputs).filter(|kept| is_real_folder(&kept.path)));
    let current = cache.harness()?;
    for path in entries(&cache.part("harness")) {
        let what = if current.contains(&path) { Keeping::Harness } else { Keeping::OldHarness };
        kept.extend(Kept::new(path, what));
    }
    Ok(kept)
}

/// What was built for a project, in the target folder that cargo names.
///
/// # Errors
/// When cargo cannot be asked.
pub fn builds(project: &Project) -> Result<Vec<Kept>, PrepareError> {
    if !needs_cargo(project) {
        return Ok(Vec::new());
    }
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // Somebody may keep other things in a folder of that name: cargo's own mark tells its target folders.
        let is_target = fs::symlink_metadata(path.join("CACHEDIR.TAG")).is_ok_and(|metadata| metadata.is_file());
        (is_target && (name == "native" || name.starts_with("extension-"))) || name.starts_with("modules-")
    };
    let folders = target_folders(project)?;
    let ours = folders.iter().flat_map(|folder| entries(folder)).filter(is_ours);
    Ok(ours.filter_map(|path| Kept::new(path, Keeping::Builds)).collect())
}

/// The folders and files of a folder, in order; none where the folder is a link or is not there.
fn entries(folder: &Path) -> Vec<PathBuf> {
    if !is_real_folder(folder) {
        return Vec::new();
    }
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// The top folder of the repository that a folder lies in.
fn repository_of(root: &Path) -> Option<PathBuf> {
    root.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned)
}

fn is_real_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// What a file or folder takes up, links not followed and files with several names counted once.
fn size(path: &Path) -> u64 {
    let mut seen = HashSet::new();
    let mut open = vec![path.to_owned()];
    let mut bytes = 0;
    while let Some(path) = open.pop() {
        let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
        if metadata.is_dir() {
            open.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
        }
        if metadata.nlink() < 2 || metadata.is_dir() || seen.insert((metadata.dev(), metadata.ino())) {
            bytes += metadata.blocks() * 512;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A cache with a bit of everything, and a folder that a link in it leads to.
    fn cache() -> (tempfile::TempDir, Cache) {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::at(home.path().join("rustworthy")).unwrap();
        for folder in ["environments/live/bin", "environments/dead/bin", "inputs", "harness"] {
            fs::create_dir_all(cache.part(folder)).unwrap();
        }
        fs::create_dir(home.path().join("precious")).unwrap();
        fs::write(home.path().join("precious/file"), "mine").unwrap();
        fs::write(home.path().join("python"), "").unwrap();
        symlink(home.path().join("python"), cache.part("environments/live/bin/python")).unwrap();
        symlink("/nowhere/python", cache.part("environments/dead/bin/python")).unwrap();
        symlink(home.path().join("precious"), cache.part("environments/live/link")).unwrap();
        symlink(home.path().join("precious"), cache.part("environments/linked")).unwrap();
        fs::write(cache.part("harness/timing-0000.py"), "").unwrap();
        cache.timing_script().unwrap();
        (home, cache)
    }

    #[test]
    fn each_part_is_known_for_what_it_is() {
        let (_home, cache) = cache();
        let kept: Vec<Keeping> = in_cache(&cache, None).unwrap().into_iter().map(|kept| kept.what).collect();
        for what in [Keeping::DeadEnvironment, Keeping::Environment, Keeping::Inputs, Keeping::OldHarness] {
            assert_eq!(kept.iter().filter(|kept| **kept == what).count(), 1, "{what:?} in {kept:?}");
        }
        assert!(kept.contains(&Keeping::Harness));
    }

    #[test]
    fn what_a_link_leads_to_is_neither_counted_nor_removed() {
        let (home, cache) = cache();
        for kept in in_cache(&cache, None).unwrap() {
            kept.remove().unwrap();
        }
        assert_eq!(fs::read_to_string(home.path().join("precious/file")).unwrap(), "mine");
        assert!(cache.part("environments/linked").is_symlink(), "a link in the tool's place is left alone");
        assert!(!cache.part("environments/live").exists());
    }

    #[test]
    fn sides_are_known_by_their_repository_and_kept_while_a_gate_works() {
        let (home, cache) = cache();
        let home = home.path().canonicalize().unwrap();
        for (name, repository) in [("aa", "mine"), ("bb", "theirs"), ("cc", "gone")] {
            fs::create_dir_all(cache.part("gate").join(name)).unwrap();
            fs::write(cache.part("gate").join(name).join("repository"), home.join(repository).to_str().unwrap())
                .unwrap();
        }
        fs::create_dir_all(home.join("mine/.git")).unwrap();
        fs::create_dir_all(home.join("mine/bench")).unwrap();
        fs::create_dir_all(home.join("theirs/.git")).unwrap();
        let found = |root: Option<&Path>| {
            let kept = in_cache(&cache, root).unwrap().into_iter();
            kept.filter(|kept| kept.path.starts_with(cache.part("gate"))).collect::<Vec<_>>()
        };
        let whats = |root: Option<&Path>| found(root).into_iter().map(|kept| kept.what).collect::<Vec<_>>();
        assert_eq!(whats(Some(&home.join("mine/bench"))), [Keeping::Sides, Keeping::OtherSides, Keeping::DeadSides]);
        assert_eq!(whats(None), [Keeping::OtherSides, Keeping::OtherSides, Keeping::DeadSides]);
        let mine = &found(None)[0];
        let lock = keep_out(&mine.path).unwrap();
        assert!(mine.remove().unwrap_err().to_string().contains("at work"));
        drop(lock);
        mine.remove().unwrap();
        assert!(!mine.path.exists());
    }

    #[test]
    fn a_cache_that_is_a_link_is_left_alone() {
        let (home, cache) = cache();
        let link = home.path().join("elsewhere/rustworthy");
        fs::create_dir(home.path().join("elsewhere")).unwrap();
        symlink(cache.part(""), &link).unwrap();
        let found = in_cache(&Cache::at(link).unwrap(), None).unwrap();
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn a_file_with_two_names_is_counted_once() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("one"), vec![1; 1 << 20]).unwrap();
        let once = size(folder.path());
        fs::hard_link(folder.path().join("one"), folder.path().join("two")).unwrap();
        assert!(once >= 1 << 20);
        assert!(size(folder.path()) < once + (1 << 20));
    }
}
