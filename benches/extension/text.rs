//! The workloads over text and tables.

use std::borrow::Cow;
use std::cell::RefCell;
use std::path::PathBuf;

use pyo3::exceptions::PyOverflowError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use super::exception;
use crate::workloads;
use crate::workloads::csv_aggregate::Group;
use crate::workloads::log_parse::{Parsed, Parser, Record};
use crate::workloads::validate_records::{Dynamic, Field, Flaw, Whole};
use crate::workloads::word_count::{Ranking, checked};

/// Groups the records of a CSV file by region.
#[pyfunction]
pub fn csv_aggregate(py: Python<'_>, path: PathBuf) -> PyResult<Vec<Group>> {
    py.detach(|| workloads::csv_aggregate::csv_aggregate(&path)).map_err(|failure| exception(py, &failure))
}

/// Validates rows; how many are good, and what is wrong with the others.
#[pyfunction]
pub fn validate_records(rows: &Bound<'_, PyList>) -> (usize, Vec<Flaw>) {
    let validated = workloads::validate_records::validate_records(rows.iter());
    (validated.customers.len(), validated.flaws)
}

/// Python's objects, as the schema looks at them.
impl Dynamic for Bound<'_, PyAny> {
    fn whole(&self) -> Option<Whole> {
        let number = self.cast_exact::<PyInt>().ok()?;
        Some(number.extract().map_or(Whole::Large, Whole::Small))
    }

    fn real(&self) -> Option<f64> {
        self.cast_exact::<PyFloat>().ok().map(PyFloatMethods::value)
    }

    fn text(&self) -> Option<Cow<'_, str>> {
        self.cast::<PyString>().ok()?.to_str().ok().map(Cow::Borrowed)
    }

    fn is_none(&self) -> bool {
        PyAnyMethods::is_none(self)
    }

    fn list(&self) -> Option<impl ExactSizeIterator<Item = Self>> {
        self.cast::<PyList>().ok().map(PyListMethods::iter)
    }

    fn is_dict(&self) -> bool {
        self.is_instance_of::<PyDict>()
    }

    fn field(&self, field: Field) -> Option<Self> {
        let py = self.py();
        // Made once for the process: a key made for every look-up would cost more than the look-up.
        let name = match field {
            Field::Id => intern!(py, "id"),
            Field::Name => intern!(py, "name"),
            Field::Plan => intern!(py, "plan"),
            Field::Score => intern!(py, "score"),
            Field::Tags => intern!(py, "tags"),
            Field::Parent => intern!(py, "parent"),
        };
        self.cast::<PyDict>().ok()?.get_item(name).ok()?
    }

    fn entries(&self) -> usize {
        self.cast::<PyDict>().map_or(0, PyDictMethods::len)
    }

    fn keys(&self) -> impl Iterator<Item = Self> {
        self.cast::<PyDict>().ok().into_iter().flat_map(|row| row.iter().map(|(key, _)| key))
    }
}

/// Parses a log; the records, and the numbers of the lines that are none.
#[pyfunction]
pub fn log_parse<'a>(py: Python<'_>, document: &'a [u8]) -> Parsed<&'a str> {
    py.detach(|| workloads::log_parse::log_parse(document))
}

/// Parses one line of it.
#[pyfunction]
pub fn log_parse_line(line: &[u8]) -> Option<Record<&str>> {
    // What a call needs is made once for the thread: the batched function makes it once for all lines.
    thread_local!(static PARSER: RefCell<Parser> = RefCell::new(Parser::new()));
    PARSER.with_borrow_mut(|parser| parser.line(line))
}

/// Ranks the most frequent words of a text, which is borrowed from Python.
#[pyfunction]
pub fn word_count(py: Python<'_>, text: &str, limit: &Bound<'_, PyAny>) -> PyResult<Ranking> {
    let limit = limit_of(limit)?;
    Ok(py.detach(|| workloads::word_count::word_count(text, limit)))
}

/// The same on all cores.
#[pyfunction]
pub fn word_count_parallel(py: Python<'_>, text: &str, limit: &Bound<'_, PyAny>) -> PyResult<Ranking> {
    let limit = limit_of(limit)?;
    Ok(py.detach(|| workloads::word_count::word_count_parallel(text, limit)))
}

/// The same of a list of words, which are copied.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 hands over what it converted")]
pub fn word_count_list(py: Python<'_>, words: Vec<String>, limit: &Bound<'_, PyAny>) -> PyResult<Ranking> {
    let limit = limit_of(limit)?;
    Ok(py.detach(|| workloads::word_count::word_count_list(&words, limit)))
}

/// How many words are asked for: of an integer beyond 64 bits its sign is enough.
fn limit_of(limit: &Bound<'_, PyAny>) -> PyResult<usize> {
    let number = match limit.extract::<i64>() {
        Err(error) if error.is_instance_of::<PyOverflowError>(limit.py()) => {
            if limit.lt(0)? {
                -1
            } else {
                i64::MAX
            }
        }
        other => other?,
    };
    checked(number).map_err(|failure| exception(limit.py(), &failure))
}

/// The distance of two words.
#[pyfunction]
pub fn edit_distance_pair(left: &str, right: &str) -> u32 {
    workloads::edit_distance::edit_distance([(left, right)])[0]
}

/// The distances of all pairs, their words borrowed from Python.
#[pyfunction]
pub fn edit_distance(pairs: &Bound<'_, PyList>) -> PyResult<Vec<u32>> {
    let borrowed = pairs.iter().map(|pair| pair.cast::<PyTuple>()?.extract());
    let borrowed: Vec<(PyBackedStr, PyBackedStr)> = borrowed.collect::<PyResult<_>>()?;
    let words = || borrowed.iter().map(|(left, right)| (&**left, &**right));
    Ok(pairs.py().detach(|| workloads::edit_distance::edit_distance(words())))
}

/// The distances of all pairs, their words copied: the signature that comes to mind first.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 hands over what it converted")]
pub fn edit_distance_copied(py: Python<'_>, pairs: Vec<(String, String)>) -> Vec<u32> {
    let words = || pairs.iter().map(|(left, right)| (&**left, &**right));
    py.detach(|| workloads::edit_distance::edit_distance(words()))
}
