//! Where things stand in the manifest, by line: what an annotation on a pull request points at.

use toml_edit::{Document, Item, Key, TableLike};

/// The lines of a manifest, from 1.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// `None` where the text is no TOML: then nothing has a line.
    document: Option<Document<String>>,
}

impl Lines {
    /// The lines of a manifest's text.
    pub fn of(text: &str) -> Lines {
        Lines { document: Document::parse(text.to_owned()).ok() }
    }

    /// Where a workload begins.
    pub fn workload(&self, name: &str) -> Option<u64> {
        self.line(&["workload", name])
    }

    /// Where an implementation of it begins; else the workload.
    pub fn implementation(&self, workload: &str, name: &str) -> Option<u64> {
        let found = match name {
            "baseline" => self.line(&["workload", workload, "baseline"]),
            candidate => self.line(&["workload", workload, "candidate", candidate]),
        };
        found.or_else(|| self.workload(workload))
    }

    /// Where a floor of the workload's gate stands, such as `min-speedup` of `hybrid`; else the implementation.
    pub fn floor(&self, workload: &str, key: &str, name: &str) -> Option<u64> {
        let found = self.line(&["workload", workload, "gate", key, name]);
        found.or_else(|| self.implementation(workload, name))
    }

    fn line(&self, path: &[&str]) -> Option<u64> {
        let document = self.document.as_ref()?;
        let mut table: &dyn TableLike = document.as_table();
        let (last, above) = path.split_last()?;
        for part in above {
            table = table.get(part)?.as_table_like()?;
        }
        let (key, item) = table.get_key_value(last)?;
        let start = start(key, item)?;
        let before = document.raw().as_bytes().get(..start)?;
        Some(before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1)
    }
}

/// The byte at which an entry begins: the header of a table that has one, else where its key is first named.
fn start(key: &Key, item: &Item) -> Option<usize> {
    let header = item.as_table().filter(|table| !table.is_implicit() && !table.is_dotted()).and_then(|it| it.span());
    header.or_else(|| key.span()).map(|span| span.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"# one
[project]
name = "acme"

[workload.parse]
sizes = [1]
gate.size = 1
gate.min-speedup.hybrid = 2.0
gate.min-memory-saving = { hybrid = 1.4, native = 2 }
baseline = { python = "a:b" }
[workload.parse.candidate]
native = { kind = "native" }
[workload.parse.candidate."a.b"]
kind = "python"
[workload.parse.candidate.hybrid]
kind = "hybrid"

[workload.late.candidate.native]
kind = "native"

[workload.late]
baseline.python = "a:b"

[workload.inline]
candidate.one = { kind = "python" }
[workload.inline.gate]
min-speedup = { one = 3 }

[workload.implied.baseline]
python = "a:b"
"#;

    #[test]
    fn every_way_of_writing_has_its_line() {
        let lines = Lines::of(MANIFEST);
        assert_eq!(
            [lines.workload("parse"), lines.workload("late"), lines.workload("none")],
            [Some(5), Some(21), None]
        );
        let of = |workload, name| lines.implementation(workload, name);
        assert_eq!(
            ["baseline", "native", "a.b", "hybrid"].map(|name| of("parse", name)),
            [Some(10), Some(12), Some(13), Some(15)]
        );
        assert_eq!([of("late", "native"), of("late", "baseline"), of("inline", "one")], [Some(18), Some(22), Some(25)]);
        assert_eq!(of("implied", "baseline"), Some(29));
        assert_eq!(lines.floor("parse", "min-speedup", "hybrid"), Some(8));
        assert_eq!(lines.floor("parse", "min-memory-saving", "native"), Some(9));
        assert_eq!(lines.floor("inline", "min-speedup", "one"), Some(27));
    }

    #[test]
    fn what_has_no_line_of_its_own_stands_where_its_workload_does() {
        let lines = Lines::of(MANIFEST);
        assert_eq!(lines.implementation("parse", "gone"), Some(5));
        assert_eq!(lines.floor("parse", "min-speedup", "native"), Some(12));
        assert_eq!(lines.workload("implied"), Some(29));
        assert_eq!(Lines::of("[workload").workload("parse"), None);
        assert_eq!(Lines::of("workload = 3").workload("parse"), None);
    }

    #[test]
    fn line_ends_of_other_systems_count_once() {
        let lines = Lines::of(&MANIFEST.replace('\n', "\r\n"));
        assert_eq!(lines.workload("parse"), Some(5));
    }
}
