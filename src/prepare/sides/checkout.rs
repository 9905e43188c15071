//! A commit's files in a folder of the cache, which is moved from commit to commit: what does not differ keeps its time, so
//! that cargo builds little.
//!
//! The folder is a small repository of its own that borrows the person's objects: whatever asks git for a version there gets
//! an answer, and the person's repository knows nothing of it.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::{SideError, unusable};
use super::git::{Git, parts, path};
use super::repository::Repository;
use crate::evidence::Warning;

/// What git-lfs leaves in the place of a file that it has not fetched.
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// The folder of one side.
#[derive(Clone, Debug)]
pub(super) struct Checkout {
    /// The side's folder.
    folder: PathBuf,
}

impl Checkout {
    pub fn new(folder: PathBuf) -> Checkout {
        Checkout { folder }
    }

    /// The working tree.
    pub fn tree(&self) -> PathBuf {
        self.folder.join("tree")
    }

    /// Cargo's target folder for what the tool builds.
    pub fn target(&self) -> PathBuf {
        self.folder.join("target")
    }

    /// The folder of managed environments.
    pub fn environments(&self) -> PathBuf {
        self.folder.join("environments")
    }

    /// The objects that are not the person's.
    pub fn objects(&self) -> PathBuf {
        self.tree().join(".git/objects")
    }

    /// Makes the folder a repository that borrows from the person's, and from others of the sides.
    pub fn settle(&self, repository: &Repository, lenders: &[PathBuf]) -> Result<(), SideError> {
        let tree = self.tree();
        if !tree.join(".git/HEAD").is_file() {
            fs::create_dir_all(&tree).map_err(unusable(&tree))?;
            let format = repository.object_format();
            let default = format!("init.defaultObjectFormat={format}");
            let option = format!("--object-format={format}");
            // Old versions of git know neither, and one kind only.
            let option = (format != "sha1").then_some(option.as_str());
            let init = ["-c", &default, "init", "--quiet", "--template="];
            let init: Vec<&str> = init.into_iter().chain(option).collect();
            Git::new(&tree).tell(&init)?;
        }
        let mut alternates = repository.alternates()?;
        for lender in lenders {
            alternates.extend_from_slice(lender.as_os_str().as_encoded_bytes());
            alternates.push(b'\n');
        }
        let info = self.objects().join("info");
        let write = || {
            fs::create_dir_all(&info)?;
            fs::write(info.join("alternates"), &alternates)?;
            match repository.shallow_mark() {
                Some(mark) => fs::write(tree.join(".git/shallow"), mark),
                None => gone(fs::remove_file(tree.join(".git/shallow"))),
            }
        };
        write().map_err(unusable(&tree))
    }

    /// Git with the person's repository and settings, but the files, index and new objects of this folder.
    fn git(&self, repository: &Repository) -> Git {
        let tree = self.tree();
        // Filters, objects that are fetched when needed and sparse checkouts work by the settings of the person's repository.
        Git::new(&tree)
            .env("GIT_DIR", &repository.folder)
            .env("GIT_WORK_TREE", &tree)
            .env("GIT_INDEX_FILE", tree.join(".git/index"))
            .env("GIT_OBJECT_DIRECTORY", self.objects())
    }

    /// Makes the folder hold this commit's files, and nothing else that could be taken for them. The id of its tree.
    pub fn move_to(&self, repository: &Repository, commit: &str) -> Result<String, SideError> {
        let git = self.git(repository);
        let content = repository.tree_of(&git, commit)?;
        let mark = self.folder.join("content");
        let is_there = fs::read_to_string(&mark).is_ok_and(|kept| kept == content);
        let tree = self.tree();
        // Nobody else works here: it is left from one that was killed.
        gone(fs::remove_file(tree.join(".git/index.lock"))).map_err(unusable(&tree))?;
        if !is_there {
            gone(fs::remove_file(&mark)).map_err(unusable(&mark))?;
        }
        // Files that were copied with the whole cache, as between jobs, are new to git until it has read them; without this they
        // would be written again, and built again. That some differ is no news: the next step mends that.
        git.ask(&["update-index", "-q", "--refresh"])?;
        git.tell(&["read-tree", "--reset", "-u", &content])?;
        Git::new(&tree).tell(&["update-ref", "--no-deref", "HEAD", commit])?;
        if is_there {
            Git::new(&tree).tell(&["clean", "-ffd", "--quiet"])?;
        } else {
            // Modules and compiled files of another commit would be found by an import. What cargo has between sources and
            // artefacts it checks itself.
            Git::new(&tree).tell(&["clean", "-ffdx", "--quiet", "--exclude=target"])?;
            for target in [tree.join("target"), self.target(), self.target().join("steps")] {
                sweep(&target).map_err(unusable(&target))?;
            }
            fs::write(&mark, &content).map_err(unusable(&mark))?;
        }
        Ok(content)
    }

    /// What of the commit's files is not here, and why.
    pub fn absent(&self, repository: &Repository) -> Result<Vec<Warning>, SideError> {
        let git = self.git(repository);
        let mut warnings = Vec::new();
        let answer = git.tell(&["ls-files", "--stage", "-z"])?;
        let links = parts(&answer).filter(|entry| entry.starts_with(b"160000 "));
        let modules = links.filter_map(|entry| entry.splitn(2, |byte| *byte == b'\t').nth(1)).map(path);
        if let Some(names) = named(modules) {
            let text = format!("Submodules are not checked out for the comparison: {names}.");
            let advice =
                "What needs their files cannot be compared; copy them into the repository, or compare saved runs.";
            warnings.push(Warning { code: "submodules".to_owned(), text, advice: advice.to_owned() });
        }
        let answer = git.tell(&["ls-files", "-z", "--", ":(top,attr:filter=lfs)"])?;
        let tree = self.tree();
        let pointers = parts(&answer).map(path).filter(|file| is_pointer(&tree.join(file)));
        if let Some(names) = named(pointers) {
            let text = format!("Files of git-lfs are not here, only what points at them: {names}.");
            let advice = "Install git-lfs and fetch them: `git lfs install --local`, then `git lfs fetch --all`.";
            warnings.push(Warning { code: "lfs".to_owned(), text, advice: advice.to_owned() });
        }
        Ok(warnings)
    }
}

/// Removes artefacts of a build, which cargo puts back where they are up to date, and modules that were copied from them.
fn sweep(target: &Path) -> io::Result<()> {
    let folders = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()).collect()
    };
    for folder in folders(target) {
        if folder.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"modules-")) {
            fs::remove_dir_all(&folder)?;
            continue;
        }
        // `release`, or `x86_64-unknown-linux-gnu/release`.
        for profile in std::iter::once(folder.clone()).chain(folders(&folder)) {
            if profile.join(".fingerprint").is_dir() {
                for file in
                    fs::read_dir(&profile)?.flatten().filter(|entry| entry.file_type().is_ok_and(|it| it.is_file()))
                {
                    fs::remove_file(file.path())?;
                }
            }
        }
    }
    Ok(())
}

/// Removing what is not there is no error.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// The first few of some names; `None` where there are none.
fn named<'a>(paths: impl Iterator<Item = &'a Path>) -> Option<String> {
    const SHOWN: usize = 3;
    let paths: Vec<String> = paths.map(Path::as_os_str).map(OsStr::to_string_lossy).map(Into::into).collect();
    let shown = paths.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match paths.len() {
        0 => None,
        count if count > SHOWN => Some(format!("{shown} and {} more", count - SHOWN)),
        _ => Some(shown),
    }
}

fn is_pointer(file: &Path) -> bool {
    use std::io::Read;
    let mut start = [0; POINTER.len()];
    fs::File::open(file).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == POINTER
}
