//! The two sides of a comparison between commits: the working tree as it stands, and the commit that it comes from.
//!
//! Each is checked out in a folder of the cache and built there, at paths of equal length, with an environment of its own; they
//! share no file of the project. The person's repository is only read: its index, working tree, references, stash and objects
//! stay as they are, and nothing is registered in it.

mod checkout;
mod error;
mod git;
mod repository;
mod room;
mod snapshot;

use std::fmt;
use std::fs::File;
use std::path::{Component, Path, PathBuf};

pub use error::{SideError, SideFault};
pub(super) use room::{keep_out, owner, part};

use checkout::Checkout;
use git::parts;
use repository::Repository;
use room::Room;

use super::{Cache, PrepareError, find_interpreter};
use crate::evidence::Warning;
use crate::manifest::{self, Apart, ManifestError, Project};
use crate::progress::Progress;

/// Which side. The words are of equal length, as are all paths that they stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SideName {
    /// The commit that is compared with.
    Base,
    /// The working tree as it stands.
    Head,
}

impl SideName {
    /// As folders and messages have it.
    pub fn as_str(self) -> &'static str {
        match self {
            SideName::Base => "base",
            SideName::Head => "head",
        }
    }
}

impl fmt::Display for SideName {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One side, checked out.
#[derive(Clone, Debug)]
pub struct Side {
    /// Which one.
    pub name: SideName,
    /// The full id of its commit; of a snapshot, where the working tree differs from `HEAD`. The same files on the same `HEAD`
    /// have the same id each time.
    pub commit: String,
    /// The project's folder in its checkout.
    pub root: PathBuf,
    /// The project as the manifest there says it, with the interpreter that the person's own project finds, its builds and its
    /// environment in places of its own, and reports where the person's own go.
    pub project: Project,
    ground: Ground,
}

/// Both sides; while this lives, no other comparison uses their folders.
#[derive(Debug)]
pub struct Sides {
    /// The working tree as it stands.
    pub head: Side,
    /// The merge base; `None` where it has no manifest in the project's folder.
    pub base: Option<Side>,
    /// Why there is no base.
    pub base_missing: Option<String>,
    /// Where there is no base: a `rustworthy.toml` that the merge base has and the head has no longer, as seen from the
    /// project's folder. Then the project was moved and is not new, and nothing of it was compared.
    pub base_moved: Option<PathBuf>,
    /// The full id of the commit where the histories of HEAD and `against` part.
    pub merge_base: String,
    /// What is compared with, as it was given.
    pub against: String,
    /// The full id of `HEAD`.
    pub head_commit: String,
    /// The message of `HEAD`, and where that is a merge of what was merged, each with its commit. What `against` has already
    /// is left out: that was merged to follow it, and its message is about another change.
    pub head_messages: Vec<(String, String)>,
    /// Whether the working tree differs from `HEAD`.
    pub dirty: bool,
    /// The files that differ between the sides, relative to the project's folder, those outside of it with `../`.
    pub changed: Vec<PathBuf>,
    /// What of the sides is incomplete, or not apart.
    pub warnings: Vec<Warning>,
    /// Dropping it lets others in.
    _lock: File,
}

/// What a side needs to be made again.
#[derive(Clone, Debug)]
struct Ground {
    repository: Repository,
    room: Room,
    /// What the person's project finds.
    python: Option<PathBuf>,
    /// Where the person's project keeps its reports.
    reports: PathBuf,
}

/// Makes both sides. `left_out` are untracked files and folders that are no part of the working tree, such as the state of
/// former comparisons; the project's reports never are.
///
/// # Errors
/// Where there is no repository or no such commit, where its history is cut off, where the manifest of the head is missing or
/// that of either side cannot be used, or where git or the cache fail.
pub fn sides(
    project: &Project,
    against: &str,
    left_out: &[PathBuf],
    cache: &Cache,
    progress: &mut dyn Progress,
) -> Result<Sides, SideError> {
    let malformed = |reason: &str| SideError::Malformed { against: against.to_owned(), reason: reason.to_owned() };
    match against.bytes().next() {
        None => return Err(malformed("it is empty")),
        Some(b'-') => return Err(malformed("it begins with a dash")),
        Some(_) if against.contains('\0') => return Err(malformed("it has a zero byte")),
        Some(_) => {}
    }
    let repository = Repository::of(&project.root)?;
    let top = || repository.top.clone();
    let head_commit = repository.commit("HEAD")?.ok_or_else(|| SideError::NoCommit { repository: top() })?;
    let Some(commit) = repository.commit(against)? else {
        return Err(SideError::Unknown { against: against.to_owned(), mend: repository.mend(against)? });
    };
    let merge_base = repository.merge_base(against, &commit, &head_commit)?;
    let room = Room::of(cache, &repository);
    let lock = room.lock(&repository, progress)?;
    let python = match find_interpreter(project) {
        Ok(interpreter) => Some(interpreter.executable),
        // Where something needs it, it is looked for again, and said.
        Err(PrepareError::NoInterpreter { .. }) => project.python.clone(),
        Err(error) => return Err(error.into()),
    };
    let ground = Ground { room, python, reports: project.reports.clone(), repository };

    progress.step("taking a snapshot of the working tree");
    let place = ground.checkout(0, SideName::Head);
    place.settle(&ground.repository, &[])?;
    let cached = cache.root().to_owned();
    let out = left_out.iter().chain([&project.reports, &cached]);
    let out: Vec<PathBuf> = out.filter_map(|path| below(&ground.repository.top, path)).collect();
    let snapshot = snapshot::take(&ground.repository, &place.objects(), &head_commit, &out)?;
    let mut warnings = strangers(&snapshot.strangers);
    let mut head = ground.side(SideName::Head, &snapshot.commit, 0, progress)?.map_err(|source| {
        let mend = "the head is what git would commit: files that it ignores are no part of it";
        SideError::Manifest { side: SideName::Head, source, mend: mend.to_owned() }
    })?;
    let (mut base, base_moved) = match ground.side(SideName::Base, &merge_base, 0, progress)? {
        Ok(base) => (Some(base), None),
        Err(ManifestError::NotFound(_)) => (None, moved(&ground.repository, &place, &merge_base, &snapshot.commit)?),
        // Without a base everything is new, and a gate of nothing but new things passes.
        Err(source) => {
            let mend = "it may be written for another version of the tool: mend it on the base's branch and bring that into yours, \
                        or compare with a later commit that has it mended, by `--against COMMIT`";
            return Err(SideError::Manifest { side: SideName::Base, source, mend: mend.to_owned() });
        }
    };
    let base_missing = base.is_none().then(|| match base_moved.as_deref().and_then(Path::parent) {
        Some(folder) => format!("the base has its rustworthy.toml in {}, not here", folder.display()),
        None => "the base has no rustworthy.toml here".to_owned(),
    });
    if let Some(base) = &mut base {
        let is_managed =
            [&head.project, &base.project].iter().any(|it| it.requirements.is_some() || !it.build.is_empty());
        for side in [&mut head, base] {
            side.project.apart.iter_mut().for_each(|apart| apart.is_managed = is_managed);
        }
    }
    for side in base.iter().chain([&head]) {
        let found = side.place(0).absent(&ground.repository)?.into_iter().chain(side.shared());
        let new: Vec<Warning> = found.filter(|warning| !warnings.contains(warning)).collect();
        warnings.extend(new);
    }
    Ok(Sides {
        changed: differing(&ground.repository, &place, &merge_base, &snapshot.commit, &[])?,
        head_messages: ground.repository.messages(&head_commit, &commit)?,
        dirty: snapshot.commit != head_commit,
        against: against.to_owned(),
        _lock: lock,
        head,
        base,
        base_missing,
        base_moved,
        merge_base,
        head_commit,
        warnings,
    })
}

impl Ground {
    fn checkout(&self, salt: u8, name: SideName) -> Checkout {
        Checkout::new(self.room.side(salt, name))
    }

    /// Checks a commit out and reads the project there.
    fn side(
        &self,
        name: SideName,
        commit: &str,
        salt: u8,
        progress: &mut dyn Progress,
    ) -> Result<Result<Side, ManifestError>, SideError> {
        progress.step(&format!("checking out the {name}, {}", &commit[..commit.len().min(12)]));
        let place = self.checkout(salt, name);
        let plain = self.checkout(0, name);
        let lenders = if salt == 0 { Vec::new() } else { vec![plain.objects()] };
        place.settle(&self.repository, &lenders)?;
        let content = place.move_to(&self.repository, commit)?;
        let root = within(&place.tree(), &self.repository.prefix);
        // A link that leads nowhere is there, and cannot be read.
        if root.join(manifest::FILE_NAME).symlink_metadata().is_err() {
            return Ok(Err(ManifestError::NotFound(root)));
        }
        let mut project = match manifest::read(&root) {
            Ok(project) => project,
            Err(error) => return Ok(Err(error)),
        };
        project.python.clone_from(&self.python);
        project.reports.clone_from(&self.reports);
        project.apart = Some(Apart {
            tree: place.tree(),
            content,
            target: place.target(),
            // Packages are the same, however the project's own code is arranged; its own steps may install that, too.
            environments: if project.build.is_empty() { plain.environments() } else { place.environments() },
            is_managed: false,
            salt: (salt > 0).then_some(salt),
        });
        Ok(Ok(Side { name, commit: commit.to_owned(), root, project, ground: self.clone() }))
    }
}

impl Side {
    /// The same commit in another folder, where all its Rust is built with another `-C metadata`: the same instructions in
    /// another arrangement. A salt of 0 is the side itself. What is selected of the project is not carried over.
    ///
    /// # Errors
    /// As for [`sides`].
    pub fn salted(&self, salt: u8, progress: &mut dyn Progress) -> Result<Side, SideError> {
        if salt == 0 {
            return Ok(self.clone());
        }
        let side = self.ground.side(self.name, &self.commit, salt, progress)?;
        let mend = "it could be read before: was the cache changed meanwhile?".to_owned();
        let mut side = side.map_err(|source| SideError::Manifest { side: self.name, source, mend })?;
        if let (Some(apart), Some(own)) = (&mut side.project.apart, &self.project.apart) {
            apart.is_managed = own.is_managed;
        }
        Ok(side)
    }

    fn place(&self, salt: u8) -> Checkout {
        self.ground.checkout(salt, self.name)
    }

    /// Concerns about what the manifest names outside of the checkout: both sides would have it.
    fn shared(&self) -> Option<Warning> {
        let tree = self.place(0).tree();
        let named = self.project.python_path.iter().chain([&self.project.cargo]);
        let outside: Vec<String> =
            named.filter(|path| !normal(path).starts_with(&tree)).map(|path| path.display().to_string()).collect();
        (!outside.is_empty()).then(|| Warning {
            code: "shared-folder".to_owned(),
            text: format!("Both sides take code from outside of their checkouts: {}.", outside.join(", ")),
            advice: "Name folders of the repository, relative to the manifest.".to_owned(),
        })
    }
}

fn strangers(found: &[PathBuf]) -> Vec<Warning> {
    let names: Vec<String> = found.iter().map(|path| path.display().to_string()).collect();
    let text = format!("Repositories within the working tree are no part of the head: {}.", names.join(", "));
    let advice = "Add them as files or submodules if they belong to it, ignore them if not.".to_owned();
    if names.is_empty() { Vec::new() } else { vec![Warning { code: "inner-repositories".to_owned(), text, advice }] }
}

/// The manifest that was taken away between the commits, as seen from the project's folder; of several the nearest. Those of
/// other projects that are still there say nothing.
fn moved(repository: &Repository, place: &Checkout, base: &str, head: &str) -> Result<Option<PathBuf>, SideError> {
    let gone = differing(repository, place, base, head, &["--diff-filter=D"])?;
    let manifests = gone.into_iter().filter(|path| path.ends_with(manifest::FILE_NAME));
    Ok(manifests.min_by_key(|path| path.components().count()))
}

/// The files that differ, as seen from the project's folder. `options` are git's, to take some of them only.
fn differing(
    repository: &Repository,
    place: &Checkout,
    base: &str,
    head: &str,
    options: &[&str],
) -> Result<Vec<PathBuf>, SideError> {
    let git = repository.git.clone().env("GIT_OBJECT_DIRECTORY", place.objects());
    let command = ["diff-tree", "-r", "-z", "--name-only", "--no-renames"];
    let answer = git.tell(&[&command[..], options, &[base, head]].concat())?;
    Ok(parts(&answer).map(|name| relative(git::path(name), &repository.prefix)).collect())
}

/// A path as seen from a folder; both start at the same place.
fn relative(path: &Path, folder: &Path) -> PathBuf {
    let common = path.components().zip(folder.components()).take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(common).map(|_| Component::ParentDir);
    up.chain(path.components().skip(common)).collect()
}

/// A folder below another; without a trailing slash where there is nothing below.
fn within(folder: &Path, below: &Path) -> PathBuf {
    folder.components().chain(below.components()).collect()
}

/// A path without `.` and `..`, as its text says; links are not looked at.
fn normal(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut normal, part| {
        match part {
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => normal.push(part),
        }
        normal
    })
}

/// A path relative to the top of the repository, if it lies there. It need not exist; the folders above it may be links.
fn below(top: &Path, path: &Path) -> Option<PathBuf> {
    let path = normal(&std::path::absolute(path).ok()?);
    let (real, rest) =
        path.ancestors().find_map(|above| Some((above.canonicalize().ok()?, path.strip_prefix(above).ok()?)))?;
    let real = within(&real, rest);
    real.strip_prefix(top).map(Path::to_owned).ok().filter(|inner| !inner.as_os_str().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_the_projects_folder() {
        let seen = |path: &str, folder: &str| relative(Path::new(path), Path::new(folder)).display().to_string();
        assert_eq!(seen("src/a.py", ""), "src/a.py");
        assert_eq!(seen("bench/a.py", "bench"), "a.py");
        assert_eq!(seen("src/a.py", "bench/deep"), "../../src/a.py");
        assert_eq!(seen("bench/a.py", "bench/deep"), "../a.py");
    }

    #[test]
    fn what_is_left_out_is_found_below_the_top_only() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        assert_eq!(below(&top, &folder.path().join("new/../state/a.json")), Some("state/a.json".into()));
        assert_eq!(below(&top, Path::new("/elsewhere")), None);
        assert_eq!(below(&top, &top), None);
    }
}
