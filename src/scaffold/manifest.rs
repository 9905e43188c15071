//! Changes to a manifest that somebody has written: what they wrote stays as it is.

use std::path::Path;

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use super::ScaffoldError;

/// The table of a pair.
pub struct Entry<'a> {
    /// Its name.
    pub name: &'a str,
    /// The function's documentation, one line.
    pub summary: &'a str,
    /// Its sizes, as the manifest writes them.
    pub sizes: &'a str,
    /// What a size means.
    pub meaning: &'a str,
    /// What a size counts.
    pub unit: Option<&'a str>,
    /// Whether a lazy result is exhausted.
    pub is_lazy: bool,
    /// The baseline, `module:function`, and its file.
    pub baseline: (&'a str, Option<String>),
    /// The cargo package of the port, its Python module, its file.
    pub port: (&'a str, &'a str, String),
    /// Why there is no native half; `None` where there is one.
    pub no_native: Option<String>,
}

impl Entry<'_> {
    /// The tables as text.
    pub fn text(&self) -> String {
        let quoted = |text: &str| Value::from(text).to_string();
        let name = self.name;
        let (package, module, file) = &self.port;
        let mut text = format!("\n[workload.{name}]\n");
        if !self.summary.is_empty() {
            text += &format!("summary = {}\n", quoted(self.summary));
        }
        text += &format!("sizes = {}  # {}\n", self.sizes, self.meaning);
        if let Some(unit) = self.unit {
            text += &format!("unit = {}\n", quoted(unit));
        }
        text += &format!("input = \"rustworthy_inputs.{name}:make\"\n");
        if self.is_lazy {
            text += "consume = true  # the Python gives its items one by one: all are taken, inside the clock\n";
        }
        let (baseline, baseline_file) = &self.baseline;
        text += &format!("\n[workload.{name}.baseline]\npython = {}\n", quoted(baseline));
        if let Some(file) = baseline_file {
            text += &format!("source = [{}]\n", quoted(file));
        }
        text += &format!(
            "\n[workload.{name}.candidate.hybrid]\nkind = \"hybrid\"\npython = {}\n",
            quoted(&format!("{module}:{name}"))
        );
        match &self.no_native {
            Some(why) => text += &format!("# no native candidate: Python objects cross here ({why})\n"),
            None => {
                text += "kernel = \"native\"  # hybrid less native is what the boundary costs\n";
                text += &format!(
                    "\n[workload.{name}.candidate.native]\nkind = \"native\"\ncriterion = {{ package = {}, bench = \"ports\", id = \"{name}/{{size}}\" }}\n",
                    quoted(package)
                );
                text += &format!("source = [{}]\n", quoted(file));
            }
        }
        text
    }
}

/// What a pair adds to a manifest.
pub struct Addition<'a> {
    /// The workload's tables.
    pub entry: &'a Entry<'a>,
    /// Whether `.` is to be added to `python-path`, which does not have it.
    pub needs_root: bool,
}

/// The manifest's text with the pair added.
///
/// # Errors
/// When it has a workload of that name and `force` is off, or is of a form that cannot be added to.
pub fn with_pair(path: &Path, text: &str, addition: &Addition, force: bool) -> Result<String, ScaffoldError> {
    let cannot = |reason: String| ScaffoldError::Changed { path: path.to_owned(), reason };
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| cannot(error.to_string()))?;
    let name = addition.entry.name;
    if let Some(workloads) = document.get_mut("workload").and_then(Item::as_table_like_mut)
        && workloads.contains_key(name)
    {
        if !force {
            return Err(cannot(format!(
                "there is a workload `{name}` already\n  choose another name; `--force` replaces the workload and its files"
            )));
        }
        workloads.remove(name);
    }
    let project = document
        .get_mut("project")
        .and_then(Item::as_table_like_mut)
        .ok_or_else(|| cannot("there is no table [project]".to_owned()))?;
    let (package, module, _) = &addition.entry.port;
    let extension = || {
        let mut table = InlineTable::new();
        table.insert("package", (*package).into());
        table.insert("module", (*module).into());
        table.insert("features", Value::Array(Array::from_iter(["python"])));
        table
    };
    match project.get_mut("extensions") {
        None => {
            project.insert("extensions", value(Array::from_iter([Value::InlineTable(extension())])));
        }
        Some(Item::Value(Value::Array(list))) => {
            let is_there = list.iter().filter_map(Value::as_inline_table).any(|it| names(it.get("package"), package));
            if !is_there {
                list.push(Value::InlineTable(extension()));
            }
        }
        Some(Item::ArrayOfTables(tables)) => add_table(tables, package, extension()),
        Some(_) => return Err(cannot("`extensions` in [project] is no list".to_owned())),
    }
    if addition.needs_root {
        match project.get_mut("python-path").and_then(Item::as_array_mut) {
            Some(paths) => paths.push("."),
            None => return Err(cannot("`python-path` in [project] is no list".to_owned())),
        }
    }
    let mut text = document.to_string();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text + &addition.entry.text())
}

fn names(item: Option<&Value>, package: &str) -> bool {
    item.and_then(Value::as_str) == Some(package)
}

fn add_table(tables: &mut ArrayOfTables, package: &str, extension: InlineTable) {
    let is_there = tables.iter().any(|table| table.get("package").and_then(Item::as_str) == Some(package));
    if !is_there {
        let table: Table = extension.into_table();
        tables.push(table);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str) -> Entry<'_> {
        Entry {
            name,
            summary: "Count \"words\"",
            sizes: "[10, 100]",
            meaning: "how long `text` is",
            unit: Some("letters"),
            is_lazy: false,
            baseline: ("words:count", Some("words.py".to_owned())),
            port: ("acme-rust", "acme_rust", "rust/src/ports/count.rs".to_owned()),
            no_native: None,
        }
    }

    fn added(text: &str, name: &str, force: bool) -> Result<String, ScaffoldError> {
        with_pair(Path::new("rustworthy.toml"), text, &Addition { entry: &entry(name), needs_root: false }, force)
    }

    /// The project that a manifest describes, with the files that it names.
    fn read(text: &str) -> crate::manifest::Project {
        let folder = tempfile::tempdir().unwrap();
        for file in ["words.py", "rust/src/ports/count.rs", "rustworthy.toml"] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        crate::manifest::read(folder.path()).unwrap()
    }

    const WRITTEN: &str = "# mine\n[project]   # and mine\nname = 'acme' # quoted my way\n\n[workload.old]\nbaseline = {python='a:b'} # tight\n";

    #[test]
    fn what_somebody_wrote_stays() {
        let text = added(WRITTEN, "count", false).unwrap();
        for line in WRITTEN.lines() {
            assert!(text.contains(line), "{line} is gone from\n{text}");
        }
        let project = read(&text);
        assert_eq!(project.workloads.len(), 2);
        assert_eq!(project.extensions[0].module, "acme_rust");
        let twice = added(&text, "other", false).unwrap();
        assert_eq!(twice.matches("module = \"acme_rust\"").count(), 1, "{twice}");
    }

    #[test]
    fn extensions_in_tables_are_added_to() {
        let tables = format!("{WRITTEN}\n[[project.extensions]]\npackage = \"x\"\nmodule = \"x\"\n");
        let text = added(&tables, "count", false).unwrap();
        let project = read(&text);
        assert_eq!(project.extensions.len(), 2);
    }

    #[test]
    fn a_workload_is_replaced_only_when_forced() {
        assert!(added(WRITTEN, "old", false).unwrap_err().to_string().contains("--force"));
        let text = added(WRITTEN, "old", true).unwrap();
        assert!(!text.contains("tight") && text.contains("[workload.old.candidate.hybrid]"), "{text}");
        assert!(added("[project]\nname = 'a'\nextensions = 3\n", "count", false).is_err());
        assert!(added("[workload]\n", "count", false).is_err());
    }
}
