//! Every native implementation, held to the table of outcomes that its Python twin declares (`OUTCOMES` in
//! `python_baseline/workloads/NAME.py`): the same value, or the same class of failure at the same place, and no panic.
//!
//! The tables are written in Python, once for both languages; `python_baseline/tests/bad_input.py` hands them over.

use std::collections::HashSet;
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use rustworthy_worker::{Entry, Failure, Input, Value};

#[test]
fn native_implementations_have_the_declared_outcomes() {
    let rows = tables();
    let registry = rustworthy_suite::all();
    let mut differences = Vec::new();
    let mut checked = HashSet::new();
    for entry in registry.entries() {
        for row in rows.iter().filter(|row| row.is_for(entry.name)) {
            checked.insert(entry.name);
            if row.departs.iter().any(|name| name == entry.name) {
                continue;
            }
            let outcome = call(entry, row.arguments.clone());
            if !row.expected.is_met_by(&outcome) {
                let (label, expected) = (&row.label, &row.expected);
                differences.push(format!("{} on {label:?}: {outcome:.300?}, not {expected:.300?}", entry.name));
            }
        }
    }
    let unchecked: Vec<&str> =
        registry.entries().iter().map(|entry| entry.name).filter(|name| !checked.contains(name)).collect();
    assert!(unchecked.is_empty(), "no table is for {unchecked:?}");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    for name in rows.iter().flat_map(|row| &row.departs).filter(|name| !name.contains(':')) {
        assert!(registry.find(name).is_ok(), "{name} departs from a table, and is no implementation");
    }
}

/// The outcome, with a value in its canonical form. A panic fails the test.
fn call(entry: &Entry, arguments: Vec<Value>) -> Result<String, Failure> {
    let value = entry.prepare(Input::from_arguments(1, arguments))?.call().result?;
    Ok(text(&value))
}

fn text(value: &Value) -> String {
    String::from_utf8(value.to_json()).unwrap()
}

/// One awkward input, and what must come of it.
struct Row {
    workload: String,
    label: String,
    arguments: Vec<Value>,
    /// The implementations that need not meet it.
    departs: Vec<String>,
    expected: Expected,
}

#[derive(Debug)]
enum Expected {
    Value(String),
    Raised { class: String, position: Option<u64> },
}

impl Row {
    /// Variants are called after their workload: `json_parse_untyped`.
    fn is_for(&self, implementation: &str) -> bool {
        implementation.strip_prefix(&*self.workload).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    }

    fn read(row: Value) -> Row {
        let Value::Dict(fields) = row else { panic!("a row is a {}", row.type_name()) };
        let field = |name: &str| {
            let is_named = |key: &Value| matches!(key, Value::Str(key) if key == name);
            fields.iter().find(|(key, _)| is_named(key)).map(|(_, value)| value.clone())
        };
        let needed = |name: &str| field(name).unwrap_or_else(|| panic!("a row has no {name}"));
        let expected = match field("value") {
            Some(value) => Expected::Value(text(&value)),
            None => Expected::Raised {
                class: needed("raised").into_text().unwrap(),
                position: match needed("position") {
                    Value::Int(position) => Some(u64::try_from(position).unwrap()),
                    _ => None,
                },
            },
        };
        Row {
            workload: needed("workload").into_text().unwrap(),
            label: needed("label").into_text().unwrap(),
            arguments: needed("arguments").into_list().unwrap(),
            departs: needed("departs").into_list().unwrap().into_iter().map(|name| name.into_text().unwrap()).collect(),
            expected,
        }
    }
}

impl Expected {
    fn is_met_by(&self, outcome: &Result<String, Failure>) -> bool {
        match (self, outcome) {
            (Expected::Value(value), Ok(actual)) => value == actual,
            (Expected::Raised { class, position }, Err(failure)) => {
                *class == failure.class && (position.is_none() || *position == failure.position)
            }
            (Expected::Value(_), Err(_)) | (Expected::Raised { .. }, Ok(_)) => false,
        }
    }
}

/// All rows of all tables, as Python declares them; files that they name exist while the test runs.
fn tables() -> Vec<Row> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("outcomes");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let python = env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let output =
        Command::new(&python).arg(root.join("python_baseline/tests/bad_input.py")).arg(&folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Value::from_json(&output.stdout).unwrap().into_list().unwrap().into_iter().map(Row::read).collect()
}
