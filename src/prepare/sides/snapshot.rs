//! The working tree as it stands, as a commit that nobody's repository holds.
//!
//! A copy of the index is brought up to date, and what it takes is written beside the head's checkout: the person's index,
//! objects, references and stash stay as they are.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::error::{SideError, unusable};
use super::git::{Git, listed, parts, path};
use super::repository::Repository;

/// Folders with one of these are made by tools and can be made again: builds and environments.
const MARKS: [&str; 2] = ["CACHEDIR.TAG", "pyvenv.cfg"];

/// The working tree as a commit.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// Its commit: the given one where nothing differs from it.
    pub commit: String,
    /// Repositories within the working tree that are not part of it.
    pub strangers: Vec<PathBuf>,
}

/// Takes a snapshot on top of the commit `head`. `objects` gets what is new, `left_out` names untracked files or folders that
/// do not belong to it, relative to the top.
pub(super) fn take(
    repository: &Repository,
    objects: &Path,
    head: &str,
    left_out: &[PathBuf],
) -> Result<Snapshot, SideError> {
    let index = objects.with_file_name("index-of-the-working-tree");
    copy_index(repository, &index)?;
    let git = repository.git.clone().env("GIT_INDEX_FILE", &index).env("GIT_OBJECT_DIRECTORY", objects);
    let taken = written(repository, &git, head, left_out);
    // What could not be removed is overwritten by the next one.
    let _ = fs::remove_file(&index);
    taken
}

/// A copy keeps the times of files, which spare reading those that have not changed, and its own: what was written since then
/// is looked at.
fn copy_index(repository: &Repository, copy: &Path) -> Result<(), SideError> {
    let index = repository.git.path(&["rev-parse", "--git-path", "index"])?;
    let _ = fs::remove_file(copy.with_extension("lock"));
    let Ok(modified) = fs::metadata(&index).and_then(|data| data.modified()) else {
        // A repository whose every file was just removed may have none.
        let _ = fs::remove_file(copy);
        return Ok(());
    };
    let copied = || {
        fs::copy(&index, copy)?;
        File::options().append(true).open(copy)?.set_modified(modified)
    };
    copied().map_err(unusable(copy))
}

fn written(repository: &Repository, git: &Git, head: &str, left_out: &[PathBuf]) -> Result<Snapshot, SideError> {
    unhide(repository, git)?;
    git.tell(&["add", "--update"])?;
    let answer = git.tell(&["ls-files", "--others", "--exclude-standard", "-z"])?;
    let mut made = Made { top: &repository.top, known: HashMap::new() };
    let untracked = parts(&answer).map(path);
    let (strangers, files): (Vec<&Path>, Vec<&Path>) = untracked
        .filter(|file| !left_out.iter().any(|out| file.starts_with(out)) && !made.holds(file))
        // Git gives a folder only where that is a repository.
        .partition(|file| file.as_os_str().as_encoded_bytes().ends_with(b"/"));
    git.feed(&["update-index", "--add", "--remove", "-z", "--stdin"], listed(files))?;
    let tree = git.word(&["write-tree"])?;
    let strangers = strangers.into_iter().map(Path::to_owned).collect();
    let commit = if tree == repository.tree_of(git, head)? { head.to_owned() } else { commit(git, &tree, head)? };
    Ok(Snapshot { commit, strangers })
}

/// Takes back marks by which a person has told git not to look at a file that is there.
fn unhide(repository: &Repository, git: &Git) -> Result<(), SideError> {
    let answer = git.tell(&["ls-files", "-v", "-z"])?;
    let marked = |is_it: fn(u8) -> bool| {
        let entries = parts(&answer).filter(move |entry| is_it(entry[0]));
        entries.filter_map(|entry| entry.get(2..)).map(path)
    };
    let unchanged: Vec<&Path> = marked(|tag| tag.is_ascii_lowercase()).collect();
    if !unchanged.is_empty() {
        git.feed(&["update-index", "--no-assume-unchanged", "-z", "--stdin"], listed(unchanged))?;
    }
    let is_there = |file: &&Path| repository.top.join(file).symlink_metadata().is_ok();
    let skipped: Vec<&Path> = marked(|tag| tag.eq_ignore_ascii_case(&b'S')).filter(is_there).collect();
    if !skipped.is_empty() {
        git.feed(&["update-index", "--no-skip-worktree", "-z", "--stdin"], listed(skipped))?;
    }
    Ok(())
}

/// The same tree on the same commit is the same commit, whenever and by whomever it is made: evidence is kept by it.
fn commit(git: &Git, tree: &str, head: &str) -> Result<String, SideError> {
    let dated = git.word(&["rev-list", "--max-count=1", "--timestamp", head])?;
    let date = format!("@{} +0000", dated.split(' ').next().unwrap_or("0"));
    let mut git = git.clone();
    for role in ["AUTHOR", "COMMITTER"] {
        git = git
            .env(&format!("GIT_{role}_NAME"), "rustworthy")
            .env(&format!("GIT_{role}_EMAIL"), "rustworthy@localhost")
            .env(&format!("GIT_{role}_DATE"), &date);
    }
    git.word(&["commit-tree", tree, "-p", head, "-m", "The working tree as it stands"])
}

/// Which folders of the working tree tools have made.
struct Made<'a> {
    top: &'a Path,
    known: HashMap<PathBuf, bool>,
}

impl Made<'_> {
    /// Whether a file lies in such a folder.
    fn holds(&mut self, file: &Path) -> bool {
        file.parent().is_some_and(|folder| self.is(folder))
    }

    fn is(&mut self, folder: &Path) -> bool {
        // The top itself is the person's, whatever lies in it.
        let Some(parent) = folder.parent() else { return false };
        if let Some(known) = self.known.get(folder) {
            return *known;
        }
        let is_made = self.is(parent) || MARKS.iter().any(|mark| self.top.join(folder).join(mark).is_file());
        self.known.insert(folder.to_owned(), is_made);
        is_made
    }
}
