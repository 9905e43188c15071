//! The person's repository, which is read and never written.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::SideError;
use super::git::{Git, parts};
use crate::launch::End;
use crate::prepare::cache::digest;

/// What is known of the repository that a project lies in.
#[derive(Clone, Debug)]
pub(super) struct Repository {
    /// The top folder of its working tree.
    pub top: PathBuf,
    /// The project's folder below the top; empty where it is the top.
    pub prefix: PathBuf,
    /// The folder of its `HEAD` and index.
    pub folder: PathBuf,
    /// Its objects.
    pub objects: PathBuf,
    /// Whether its ids are SHA-256.
    is_sha256: bool,
    /// Git in the top folder.
    pub git: Git,
}

impl Repository {
    /// The repository that a folder lies in.
    pub fn of(root: &Path) -> Result<Repository, SideError> {
        let git = Git::new(root);
        let asked = git.ask(&["rev-parse", "--show-toplevel"])?;
        if !asked.succeeded() {
            return Err(SideError::NoRepository { root: root.to_owned(), reason: asked.tail(3) });
        }
        let top = git.path(&["rev-parse", "--show-toplevel"])?;
        let prefix = git.path(&["rev-parse", "--show-prefix"])?;
        let prefix = prefix.strip_prefix(root).map(Path::to_owned).unwrap_or(prefix);
        Ok(Repository {
            prefix,
            folder: git.path(&["rev-parse", "--absolute-git-dir"])?,
            objects: git.path(&["rev-parse", "--git-path", "objects"])?,
            is_sha256: git.word(&["rev-parse", "--show-object-format"])? == "sha256",
            git: Git::new(&top),
            top,
        })
    }

    /// Tells this working tree from any other on the machine.
    pub fn key(&self) -> String {
        digest([self.top.as_os_str().as_encoded_bytes()])[..16].to_owned()
    }

    /// The name of its kind of ids.
    pub fn object_format(&self) -> &'static str {
        if self.is_sha256 { "sha256" } else { "sha1" }
    }

    /// The lines of an `objects/info/alternates` that give another repository all objects of this one.
    pub fn alternates(&self) -> Result<Vec<u8>, SideError> {
        // Its own alternates are named as well: git follows relative ones of a second repository no further.
        let counted = self.git.tell(&["count-objects", "-v"])?;
        let further = counted.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"alternate: "));
        let mut lines = quoted(self.objects.canonicalize().as_deref().unwrap_or(&self.objects));
        for line in further {
            lines.push(b'\n');
            lines.extend_from_slice(line);
        }
        lines.push(b'\n');
        Ok(lines)
    }

    /// The commit that a name stands for; `None` where there is no such commit.
    pub fn commit(&self, name: &str) -> Result<Option<String>, SideError> {
        let arguments = ["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")];
        let finished = self.git.ask(&arguments)?;
        let id = String::from_utf8_lossy(&finished.stdout).trim().to_owned();
        Ok(Some(id).filter(|id| finished.succeeded() && !id.is_empty()))
    }

    /// The id of a commit's tree.
    pub fn tree_of(&self, git: &Git, commit: &str) -> Result<String, SideError> {
        git.word(&["rev-parse", "--verify", &format!("{commit}^{{tree}}")])
    }

    /// Whether its history is cut off somewhere.
    pub fn is_shallow(&self) -> Result<bool, SideError> {
        Ok(self.git.word(&["rev-parse", "--is-shallow-repository"])? == "true")
    }

    /// The message of `head`; of a merge the message of what was merged, too: a pull request is often checked out as its
    /// merge. Where `against` has what was merged, it is the other way round: that message is about a change of the base's.
    pub fn messages(&self, head: &str, against: &str) -> Result<Vec<(String, String)>, SideError> {
        let merged = match self.commit(&format!("{head}^2"))? {
            Some(merged) if self.is_outside(&merged, against)? => Some(merged),
            Some(_) | None => None,
        };
        let mut messages = Vec::new();
        for id in std::iter::once(head.to_owned()).chain(merged) {
            let text = self.git.tell(&["log", "--no-walk", "--format=%B", &id])?;
            messages.push((id, String::from_utf8_lossy(&text).into_owned()));
        }
        Ok(messages)
    }

    /// Whether git is sure that a commit is neither in the history of another nor that one.
    fn is_outside(&self, commit: &str, history: &str) -> Result<bool, SideError> {
        let asked = self.git.ask(&["merge-base", "--is-ancestor", commit, history])?;
        Ok(asked.end == End::Exited(1))
    }

    /// The commit where the histories of two commits part.
    pub fn merge_base(&self, against: &str, commit: &str, head: &str) -> Result<String, SideError> {
        let finished = self.git.ask(&["merge-base", commit, head])?;
        let id = String::from_utf8_lossy(&finished.stdout).lines().next().unwrap_or_default().to_owned();
        if finished.succeeded() && !id.is_empty() {
            return Ok(id);
        }
        let against = against.to_owned();
        if self.is_shallow()? { Err(SideError::Shallow { against }) } else { Err(SideError::Unrelated { against }) }
    }

    /// What to do about a name that stands for no commit.
    pub fn mend(&self, against: &str) -> Result<String, SideError> {
        let answer = self.git.tell(&[
            "for-each-ref",
            "--format=%(refname:short)%00",
            "refs/heads",
            "refs/remotes",
            "refs/tags",
        ])?;
        let names: Vec<String> = parts(&answer)
            .map(|name| String::from_utf8_lossy(name).trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        let remote = names.iter().find(|name| name.split_once('/').is_some_and(|(_, branch)| branch == against));
        let near = remote.or_else(|| near(against, &names)).map(|near| format!("did you mean `{near}`?"));
        let is_branch =
            against != "HEAD" && against.chars().all(|part| part.is_alphanumeric() || "-_./".contains(part));
        let branch = if is_branch { against.rsplit('/').next().unwrap_or_default() } else { "" };
        let branch = format!("origin {branch}").trim_end().to_owned();
        if self.is_shallow()? {
            let fetch = format!(
                "this clone is shallow: `git fetch --unshallow {branch}` fetches the rest, in GitHub Actions `fetch-depth: 0`"
            );
            return Ok(near.map_or(fetch.clone(), |near| format!("{near} If not, {fetch}")));
        }
        if let Some(near) = near {
            return Ok(near);
        }
        let mut shown: Vec<&str> = names.iter().map(String::as_str).take(10).collect();
        if names.len() > shown.len() {
            shown.push("…");
        }
        Ok(match shown.is_empty() {
            true => format!("there are no branches here: fetch it with `git fetch {branch}`"),
            false => format!("there are: {}", shown.join(", ")),
        })
    }

    /// The clone's mark of where its history is cut off, where it has one.
    pub fn shallow_mark(&self) -> Option<Vec<u8>> {
        fs::read(self.objects.parent()?.join("shallow")).ok()
    }
}

/// The name that a mistyped one probably stands for.
fn near<'a>(name: &str, known: &'a [String]) -> Option<&'a String> {
    let likeness = |known: &&'a String| strsim::jaro_winkler(name, known);
    known.iter().filter(|known| likeness(known) > 0.8).max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
}

/// A path as a line of git's: in quotes where it would not be understood without.
fn quoted(path: &Path) -> Vec<u8> {
    let bytes = path.as_os_str().as_encoded_bytes();
    if !bytes.contains(&b'\n') && !bytes.starts_with(b"\"") && !bytes.starts_with(b"#") {
        return bytes.to_vec();
    }
    let escaped = bytes.iter().flat_map(|byte| match byte {
        b'\n' => b"\\n".to_vec(),
        b'"' | b'\\' => vec![b'\\', *byte],
        byte => vec![*byte],
    });
    std::iter::once(b'"').chain(escaped).chain(std::iter::once(b'"')).collect()
}
