//! The workloads over text and tables.

use std::borrow::Cow;
use std::path::PathBuf;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyInt, PyList, PyString};

use super::exception;
use crate::workloads;
use crate::workloads::csv_aggregate::Group;
use crate::workloads::validate_records::{Dynamic, Field, Flaw, Whole};

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
