//! A pair for one Python function: every file of it, decided before the first is written.

use std::fs;
use std::path::{Path, PathBuf};

use super::draw::{self, TestOf, relative};
use super::krate::Crate;
use super::manifest::{Addition, Entry, with_pair};
use super::port::{Port, one_line};
use super::signature::Signature;
use super::{Changes, ScaffoldError, names};
use crate::manifest::{FILE_NAME, Project};

/// The oldest Python that the binding's PyO3 builds for.
const OLDEST: [u32; 2] = [3, 9];

/// What a pair is made from.
pub struct PairRequest<'a> {
    /// The project.
    pub project: &'a Project,
    /// The pair's name.
    pub name: &'a str,
    /// `module:function`.
    pub target: &'a str,
    /// The function's signature.
    pub signature: &'a Signature,
    /// The interpreter's version.
    pub python: [u32; 3],
    /// Whether files that are there are replaced.
    pub force: bool,
}

/// A pair, ready to be written.
pub struct Pair {
    /// Its files.
    pub changes: Changes,
    /// The crate's folder, from the project's.
    pub folder: String,
    /// Whether the crate is made with it.
    pub is_new_crate: bool,
    /// The Rust file to be worked on, from the project's folder.
    pub port: String,
    /// The file of its inputs.
    pub inputs: String,
    /// The file of its test.
    pub test: String,
    /// Parameters whose inputs could not be drawn.
    pub missing: Vec<String>,
    /// What a person should know of it, a sentence each.
    pub notes: Vec<String>,
}

impl Pair {
    /// Writes its files, unless the manifest would not hold with them.
    ///
    /// # Errors
    /// When files are in the way, cannot be written, or do not fit together.
    pub fn write(&self, root: &Path, force: bool) -> Result<(), ScaffoldError> {
        let hold = || match crate::manifest::read(root) {
            Ok(_) => Ok(()),
            Err(error) => Err(ScaffoldError::Changed {
                path: root.join(FILE_NAME),
                reason: format!("the pair does not fit into it, and was taken back\n{error}"),
            }),
        };
        self.changes.write(force, hold)
    }
}

impl PairRequest<'_> {
    /// Checks what can be checked before Python is asked.
    ///
    /// # Errors
    /// When a name will not do.
    pub fn check(name: &str, target: &str) -> Result<(), ScaffoldError> {
        names::check(name)?;
        names::check_target(target)
    }
}

/// Puts a pair together; nothing is written.
///
/// # Errors
/// When the manifest or the crate cannot be added to.
pub fn pair(request: &PairRequest) -> Result<Pair, ScaffoldError> {
    let PairRequest { project, name, target, signature, python, force } = *request;
    if python[..2] < OLDEST[..] {
        return Err(ScaffoldError::Function {
            target: target.to_owned(),
            reason: format!(
                "a port is called through PyO3, which needs Python 3.9; this project's is {}.{}.{}\n  name a newer one: `python = \"…\"` in [project]",
                python[0], python[1], python[2]
            ),
        });
    }
    let root = &project.root;
    let krate = Crate::of(root, &project.name)?;
    let folder = krate.shown(root).to_string();
    let port_file = format!("{folder}/src/ports/{name}.rs");
    let port = Port { name, target, signature, file: &port_file };
    let is_plain = port.is_plain();
    let drawn = draw::inputs(name, target, signature);
    let mut changes = Changes::default();

    let path = root.join(FILE_NAME);
    let text = fs::read_to_string(&path).map_err(|source| ScaffoldError::Write { path: path.clone(), source })?;
    let unknown = port.unknown();
    let entry = Entry {
        name,
        summary: &title(&signature.doc),
        sizes: drawn.sizes,
        meaning: &drawn.meaning,
        unit: drawn.unit,
        is_lazy: signature.is_lazy,
        baseline: (target, source_of(root, signature.file.as_deref())),
        port: (&krate.package, &krate.module, port_file.clone()),
        no_native: (!is_plain).then(|| unknown.join(", ")),
    };
    let needs_root = !project.python_path.iter().any(|path| path.components().eq(root.components()));
    let text = with_pair(&path, &text, &Addition { entry: &entry, needs_root }, force)?;
    changes.edit(path, text);

    krate.add(&mut changes, root, &project.name, (name, &port.text(), is_plain))?;
    let mut notes = notes(request, &port, needs_root);
    if krate.has_other_worker() {
        if force {
            krate.renew_worker(&mut changes);
        } else {
            notes.push(format!(
                "{folder}/rustworthy-worker is of another version of this tool; `rustworthy new … --force` renews it."
            ));
        }
    }
    let inputs = format!("rustworthy_inputs/{name}.py");
    changes.create(root.join(&inputs), drawn.text);
    let test = format!("tests/test_{name}_port.py");
    let mut paths: Vec<String> = project.python_path.iter().map(|path| relative(root, path)).collect();
    if needs_root {
        paths.push(".".to_owned());
    }
    let test_of = TestOf { name, target, is_lazy: signature.is_lazy, module: &krate.module, folder: &folder, paths };
    changes.create(root.join(&test), test_of.text());
    Ok(Pair {
        changes,
        folder,
        is_new_crate: !krate.is_old,
        port: port_file,
        inputs,
        test,
        missing: drawn.missing,
        notes,
    })
}

/// A docstring's first sentence as a summary, which has no full stop of its own.
fn title(doc: &str) -> String {
    let line = one_line(doc);
    match line.strip_suffix('.') {
        Some(sentence) if !sentence.ends_with('.') => sentence.to_owned(),
        Some(_) | None => line,
    }
}

/// The file of the baseline, where it is the project's own.
fn source_of(root: &Path, file: Option<&Path>) -> Option<String> {
    let file: PathBuf = file?.canonicalize().ok()?;
    let inner = file.strip_prefix(root).ok()?.to_owned();
    inner.to_str().map(str::to_owned)
}

fn notes(request: &PairRequest, port: &Port, needs_root: bool) -> Vec<String> {
    let signature = request.signature;
    let mut notes = Vec::new();
    let unknown = port.unknown();
    if !unknown.is_empty() {
        notes.push(format!(
            "Rust has no plain type for {}: the port gets Python objects (`Bound<PyAny>`), and there is no native candidate. Annotate the function and run this again with --force for one.",
            unknown.join(", ")
        ));
    }
    let guessed: Vec<String> =
        signature.parameters.iter().filter(|it| it.guessed).map(|it| format!("`{}`", it.name)).collect();
    if !guessed.is_empty() {
        notes.push(format!("No annotation, so the type is the default's: {}.", guessed.join(", ")));
    }
    if signature.is_cached {
        notes.push(format!(
            "The function keeps its results (`lru_cache` or the like): what is measured is a look-up. `--from {}.__wrapped__` names the function itself.",
            request.target
        ));
    }
    if signature.is_lazy {
        notes.push("It gives its items one by one; the port returns them all as a list, and `consume = true` compares the two.".to_owned());
    }
    if needs_root {
        notes.push("`python-path` now has \".\", where rustworthy_inputs is.".to_owned());
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_has_no_full_stop() {
        assert_eq!(title("Count words.\n"), "Count words");
        assert_eq!(title("Count words, and so on..."), "Count words, and so on...");
        assert_eq!(title(""), "");
    }
}
