//! Git, asked without a shell, without hooks, and without leave to change what is a person's.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::error::SideError;
use crate::launch::{Finished, Launch, LaunchError, run};

/// Settings of no use here, or of a person's own that would have side effects.
const SETTINGS: [&str; 9] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.splitIndex=false",
    "core.safecrlf=false",
    "core.logAllRefUpdates=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "init.defaultBranch=side",
    "advice.graftFileDeprecated=false",
];

/// Where a surrounding git, such as one whose hook called us, says that its repository is, and of what kind.
const PLACES: [&str; 13] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_SHALLOW_FILE",
    "GIT_DEFAULT_HASH",
];

/// Git in a folder, with its variables.
#[derive(Clone, Debug)]
pub(super) struct Git {
    folder: PathBuf,
    variables: BTreeMap<String, Option<OsString>>,
}

impl Git {
    pub fn new(folder: &Path) -> Git {
        let mut variables: BTreeMap<String, Option<OsString>> =
            PLACES.iter().map(|name| ((*name).to_owned(), None)).collect();
        let quiet = [("GIT_OPTIONAL_LOCKS", "0"), ("GIT_TERMINAL_PROMPT", "0"), ("GIT_ASKPASS", "true")];
        variables.extend(quiet.map(|(name, value)| (name.to_owned(), Some(value.into()))));
        variables.insert("SSH_ASKPASS".to_owned(), Some("true".into()));
        Git { folder: folder.to_owned(), variables }
    }

    /// With this variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Git {
        self.variables.insert(name.to_owned(), Some(value.into()));
        self
    }

    /// What git says, however it ends.
    pub fn ask<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Finished, SideError> {
        self.launch(arguments, Vec::new())
    }

    /// What git says on standard output, once it has done what it was told to.
    pub fn tell<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Vec<u8>, SideError> {
        self.feed(arguments, Vec::new())
    }

    /// The same with a standard input.
    pub fn feed<A: AsRef<OsStr>>(&self, arguments: &[A], input: Vec<u8>) -> Result<Vec<u8>, SideError> {
        let finished = self.launch(arguments, input)?;
        if finished.succeeded() {
            return Ok(finished.stdout);
        }
        Err(SideError::Git {
            command: shown(arguments),
            folder: self.folder.clone(),
            reason: finished.end.to_string(),
            output: finished.tail(10),
        })
    }

    /// The first line of its answer, which is an id or a word.
    pub fn word<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<String, SideError> {
        let answer = self.tell(arguments)?;
        Ok(String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().trim().to_owned())
    }

    /// A path, which may hold anything; a relative one starts at the folder.
    pub fn path<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<PathBuf, SideError> {
        let mut answer = self.tell(arguments)?;
        if answer.last() == Some(&b'\n') {
            answer.pop();
        }
        Ok(self.folder.join(OsString::from_vec(answer)))
    }

    fn launch<A: AsRef<OsStr>>(&self, arguments: &[A], input: Vec<u8>) -> Result<Finished, SideError> {
        let settings = SETTINGS.iter().flat_map(|setting| ["-c", setting]);
        let mut launch = Launch::new("git", &self.folder).args(["--no-pager"]).args(settings);
        launch.arguments.extend(arguments.iter().map(|argument| argument.as_ref().to_owned()));
        launch.env.clone_from(&self.variables);
        launch.stdin = input;
        run(&launch).map_err(|error| match error {
            LaunchError::Interrupted => SideError::Interrupted,
            LaunchError::Spawn { source, .. } if source.kind() == io::ErrorKind::NotFound => SideError::NoGit,
            LaunchError::Spawn { .. } => SideError::Git {
                command: shown(arguments),
                folder: self.folder.clone(),
                reason: error.to_string(),
                output: String::new(),
            },
        })
    }
}

/// A command as it would be typed, for messages only.
fn shown<A: AsRef<OsStr>>(arguments: &[A]) -> String {
    let words = arguments.iter().map(|argument| argument.as_ref().to_string_lossy().into_owned());
    std::iter::once("git".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// The parts of an answer that ends each with a zero byte.
pub(super) fn parts(answer: &[u8]) -> impl Iterator<Item = &[u8]> {
    answer.split(|byte| *byte == 0).filter(|part| !part.is_empty())
}

/// The bytes of a path, as git has them.
pub(super) fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// Paths for git to read, each with a zero byte behind it.
pub(super) fn listed<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Vec<u8> {
    let mut list = Vec::new();
    for path in paths {
        list.extend_from_slice(path.as_os_str().as_bytes());
        list.push(0);
    }
    list
}
