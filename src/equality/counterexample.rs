//! Counterexamples on disk: inputs that were seen to part two implementations, kept to be tried first ever after.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustworthy_worker::Value;
use rustworthy_worker::protocol::Encoding;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::difference::Nature;

/// The schema of a counterexample's file.
pub const CASE_SCHEMA: &str = "rustworthy.case/1";
/// The folder of counterexamples in a project.
pub const FOLDER: &str = "rustworthy-cases";

/// An input that parted a candidate from the baseline.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counterexample {
    /// [`CASE_SCHEMA`].
    pub schema: String,
    /// The workload.
    pub workload: String,
    /// The candidate that it was found with; every other is tried on it too.
    pub candidate: String,
    /// The size that it was drawn at, before it was made small.
    pub size: u64,
    /// The seed that it was drawn with.
    pub seed: u64,
    /// What sort of difference it showed.
    pub nature: Nature,
    /// The difference, in words.
    pub difference: String,
    /// Arguments of a call that has to come first: the answer depends on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The arguments, a tuple.
    pub arguments: Value,
}

/// A counterexample with its file.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The file.
    pub path: PathBuf,
    /// What it holds.
    pub case: Counterexample,
}

/// Why kept cases cannot be tried.
#[derive(Debug, Error)]
pub enum CaseError {
    /// It cannot be read or written.
    #[error("cannot use {}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not a kept case.
    #[error("{} is no counterexample that this version reads: {reason}\n  restore it, or delete it if it is not wanted", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The folder is a link to another place.
    #[error("{} is a link: counterexamples are only kept in the project itself\n  make it a folder", .0.display())]
    Link(PathBuf),
}

impl Counterexample {
    /// Writes it under `root`, under a name of its content's; the path relative to `root`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, root: &Path) -> Result<PathBuf, CaseError> {
        let inner = Path::new(FOLDER).join(folder_name(&self.workload));
        let folder = root.join(&inner);
        no_link(&root.join(FOLDER))?;
        no_link(&folder)?;
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| CaseError::File { path, source }
        };
        fs::create_dir_all(&folder).map_err(failed(&folder))?;
        let mut text = serde_json::to_vec_pretty(self).map_err(|error| failed(&folder)(error.into()))?;
        text.push(b'\n');
        let name = format!("{}.json", self.digest());
        let mut file = tempfile::NamedTempFile::new_in(&folder).map_err(failed(&folder))?;
        io::Write::write_all(&mut file, &text).map_err(failed(&folder))?;
        readable(file.as_file()).map_err(failed(&folder))?;
        file.persist(folder.join(&name)).map_err(|error| failed(&folder)(error.error))?;
        Ok(inner.join(name))
    }

    /// Of its input alone: the same input is kept once, whoever differs on it.
    fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.arguments.to_json());
        if let Some(before) = &self.before {
            hasher.update(before.to_json());
        }
        hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A temporary file is its owner's alone; what is to be committed is not.
fn readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

fn no_link(path: &Path) -> Result<(), CaseError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => Err(CaseError::Link(path.to_owned())),
        _ => Ok(()),
    }
}

/// The kept cases of a workload, by name.
///
/// # Errors
/// When one cannot be read, or is damaged: an agreement without it would be worth less than it seems.
pub fn kept(root: &Path, workload: &str) -> Result<Vec<Kept>, CaseError> {
    let folder = root.join(FOLDER).join(folder_name(workload));
    no_link(&root.join(FOLDER))?;
    no_link(&folder)?;
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|source| CaseError::File { path: folder.clone(), source })?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| CaseError::File { path: folder.clone(), source })?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.into_iter().map(|path| read(&path).map(|case| Kept { path, case })).collect()
}

fn read(path: &Path) -> Result<Counterexample, CaseError> {
    let text = fs::read(path).map_err(|source| CaseError::File { path: path.to_owned(), source })?;
    let damaged = |reason: String| CaseError::Damaged { path: path.to_owned(), reason };
    let mut deserializer = serde_json::Deserializer::from_slice(&text);
    deserializer.disable_recursion_limit();
    let case = Counterexample::deserialize(&mut deserializer).map_err(|error| damaged(error.to_string()))?;
    deserializer.end().map_err(|error| damaged(error.to_string()))?;
    if case.schema != CASE_SCHEMA {
        return Err(damaged(format!("its schema is `{}`, not `{CASE_SCHEMA}`", case.schema)));
    }
    let tuples = [Some(&case.arguments), case.before.as_ref()];
    if tuples.into_iter().flatten().any(|arguments| !matches!(arguments, Value::Tuple(_))) {
        return Err(damaged("its arguments are no tuple".to_owned()));
    }
    Ok(case)
}

/// A workload's name as the name of a folder: nothing in it leads anywhere else, and no two names share one.
pub fn folder_name(workload: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let mut name = String::new();
    for (index, byte) in workload.bytes().enumerate() {
        if plain(byte) || (byte == b'.' && index > 0) {
            name.push(char::from(byte));
        } else {
            name += &format!("%{byte:02x}");
        }
    }
    // File systems end names at 255 bytes.
    if name.len() <= 200 {
        return name;
    }
    let digest: String = Sha256::digest(workload).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{}%{digest}", &name[..100])
}

/// Arguments as the file of an input, a lone text or bytes raw.
pub fn encode_arguments(arguments: &Value) -> (Encoding, Vec<u8>) {
    if let Value::Tuple(items) = arguments {
        match items.as_slice() {
            [Value::Str(text)] => return (Encoding::Text, text.clone().into_bytes()),
            [Value::Bytes(bytes)] => return (Encoding::Bytes, bytes.clone()),
            _ => {}
        }
    }
    (Encoding::Tagged, arguments.to_json())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(workload: &str) -> Counterexample {
        Counterexample {
            schema: CASE_SCHEMA.to_owned(),
            workload: workload.to_owned(),
            candidate: "port".to_owned(),
            size: 10,
            seed: 42,
            nature: Nature::Value,
            difference: "result: baseline 1, candidate 2".to_owned(),
            before: None,
            arguments: Value::Tuple(vec![Value::Float(f64::NAN), Value::Str("é".to_owned())]),
        }
    }

    #[test]
    fn a_case_is_read_as_it_was_kept() {
        let root = tempfile::tempdir().unwrap();
        assert!(kept(root.path(), "parse").unwrap().is_empty());
        let path = case("parse").keep(root.path()).unwrap();
        assert_eq!(path.parent().unwrap(), Path::new("rustworthy-cases/parse"));
        case("parse").keep(root.path()).unwrap();
        let found = kept(root.path(), "parse").unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, root.path().join(path));
        assert_eq!(found[0].case.arguments.to_json(), case("parse").arguments.to_json());
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        for name in ["..", ".", "../../etc", "a\\..\\b", "~", "-rf", "con:", "ä/ö", "%2e", &"x".repeat(300)] {
            let folder = folder_name(name);
            assert!(!folder.starts_with('.') && !folder.contains(['/', '\\', ':', '~']), "{folder}");
            assert!(folder.len() <= 255);
            let root = tempfile::tempdir().unwrap();
            let path = root.path().join(case(name).keep(root.path()).unwrap()).canonicalize().unwrap();
            assert!(path.starts_with(root.path().canonicalize().unwrap().join(FOLDER)));
        }
        assert_eq!(folder_name("parse_log-2.0"), "parse_log-2.0");
        assert_ne!(folder_name("%2e"), folder_name("."));
    }

    #[test]
    fn a_damaged_case_is_named() {
        let good = serde_json::to_string(&case("parse")).unwrap();
        for text in [
            "".to_owned(),
            "{}".to_owned(),
            good[..good.len() / 2].to_owned(),
            good.replace("case/1", "case/9"),
            good.replace("\"size\"", "\"sise\""),
            good.replace("tuple", "set"),
            format!("{good}x"),
        ] {
            let root = tempfile::tempdir().unwrap();
            let path = root.path().join("rustworthy-cases/parse/ab.json");
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
            let said = kept(root.path(), "parse").unwrap_err().to_string();
            assert!(said.contains("ab.json"), "{said}");
        }
    }

    #[test]
    fn a_folder_elsewhere_is_refused() {
        let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(elsewhere.path(), root.path().join(FOLDER)).unwrap();
        assert!(matches!(case("parse").keep(root.path()), Err(CaseError::Link(_))));
        assert!(matches!(kept(root.path(), "parse"), Err(CaseError::Link(_))));
    }

    #[test]
    fn a_lone_text_is_kept_raw() {
        let text = Value::Tuple(vec![Value::Str("a\n".to_owned())]);
        assert_eq!(encode_arguments(&text), (Encoding::Text, b"a\n".to_vec()));
        let two = Value::Tuple(vec![Value::Int(1), Value::Int(2)]);
        assert_eq!(encode_arguments(&two), (Encoding::Tagged, br#"{"$":"tuple","v":[1,2]}"#.to_vec()));
    }
}
