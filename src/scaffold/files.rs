//! Files to be written: all of them or none.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::ScaffoldError;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where.
    pub path: PathBuf,
    /// Its whole new text.
    pub text: String,
    /// Whether it is a change to a file that is there; else one that is there is in the way.
    pub is_edit: bool,
}

/// Files that belong together.
#[derive(Clone, Debug, Default)]
pub struct Changes(Vec<Change>);

impl Changes {
    /// Adds a file that should not be there yet.
    pub fn create(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) {
        self.0.push(Change { path: path.into(), text: text.into(), is_edit: false });
    }

    /// Adds a file whose text was read and changed.
    pub fn edit(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) {
        self.0.push(Change { path: path.into(), text: text.into(), is_edit: true });
    }

    /// The files, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Change> {
        self.0.iter()
    }

    /// Writes them, then looks whether they `hold`. On a failure, what was there gets its old text back, and what is new goes.
    ///
    /// # Errors
    /// When files are in the way and `force` is off, one cannot be written, or they do not hold.
    pub fn write(&self, force: bool, hold: impl FnOnce() -> Result<(), ScaffoldError>) -> Result<(), ScaffoldError> {
        let in_the_way: Vec<PathBuf> = self
            .0
            .iter()
            .filter(|change| !change.is_edit && !force && is_there(&change.path))
            .map(|change| change.path.clone())
            .collect();
        if !in_the_way.is_empty() {
            return Err(ScaffoldError::Exists(in_the_way));
        }
        let mut undo = Undo::default();
        for change in &self.0 {
            if let Err(source) = undo.write(change) {
                undo.back();
                return Err(ScaffoldError::Write { path: change.path.clone(), source });
            }
        }
        hold().inspect_err(|_| undo.back())
    }
}

/// Also where it is a link to nothing: writing there would make a file elsewhere.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// What has been done, latest last.
#[derive(Default)]
struct Undo {
    folders: Vec<PathBuf>,
    files: Vec<(PathBuf, Option<Vec<u8>>)>,
}

impl Undo {
    fn write(&mut self, change: &Change) -> io::Result<()> {
        let folder = change.path.parent().unwrap_or(Path::new("."));
        let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
        for folder in missing.into_iter().rev().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir(folder)?;
            self.folders.push(folder.to_owned());
        }
        let old = match fs::read(&change.path) {
            Ok(old) => Some(old),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        io::Write::write_all(&mut file, change.text.as_bytes())?;
        let permissions = match fs::metadata(&change.path) {
            Ok(metadata) => metadata.permissions(),
            Err(_) => plain_permissions(),
        };
        fs::set_permissions(file.path(), permissions)?;
        // A link stays one: what it points at is what a person would edit.
        let place = if is_there(&change.path) { change.path.canonicalize()? } else { change.path.clone() };
        file.persist(&place).map_err(|error| error.error)?;
        self.files.push((place, old));
        Ok(())
    }

    fn back(&mut self) {
        // What cannot be undone either is left: the error that is told names the file.
        for (path, old) in self.files.drain(..).rev() {
            let _ = match old {
                Some(old) => fs::write(path, old),
                None => fs::remove_file(path),
            };
        }
        for folder in self.folders.drain(..).rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Those of a file made by an editor: a temporary one can be read by its owner alone.
fn plain_permissions() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o644)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_in_the_way_are_all_named_and_stay() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second, third] = ["a", "b", "c/d"].map(|name| folder.path().join(name));
        fs::write(&first, "mine").unwrap();
        std::os::unix::fs::symlink("nowhere", &second).unwrap();
        let mut changes = Changes::default();
        for path in [&first, &second, &third] {
            changes.create(path, "new");
        }
        let Err(ScaffoldError::Exists(named)) = changes.write(false, || Ok(())) else { panic!("it is refused") };
        assert_eq!(named, [first.clone(), second]);
        assert_eq!(fs::read_to_string(&first).unwrap(), "mine");
        assert!(!third.exists() && !folder.path().join("c").exists());
    }

    #[test]
    fn a_failure_leaves_everything_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let edited = folder.path().join("edited");
        fs::write(&edited, "old").unwrap();
        let mut changes = Changes::default();
        changes.edit(&edited, "new");
        changes.create(folder.path().join("deep/er/file"), "new");
        changes.create(edited.join("below a file"), "new");
        assert!(matches!(changes.write(true, || Ok(())), Err(ScaffoldError::Write { .. })));
        assert_eq!(fs::read_to_string(&edited).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_does_not_hold_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut changes = Changes::default();
        changes.create(folder.path().join("deep/file"), "new");
        let refused = changes.write(false, || Err(ScaffoldError::Name("no".to_owned())));
        assert!(matches!(refused, Err(ScaffoldError::Name(_))));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn force_replaces_and_keeps_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("script");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let mut changes = Changes::default();
        changes.create(&path, "new");
        changes.write(true, || Ok(())).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o755);
    }
}
