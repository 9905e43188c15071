//! The workloads over text and tables.

use std::path::PathBuf;

use pyo3::prelude::*;

use super::exception;
use crate::workloads;
use crate::workloads::csv_aggregate::Group;

/// Groups the records of a CSV file by region.
#[pyfunction]
pub fn csv_aggregate(py: Python<'_>, path: PathBuf) -> PyResult<Vec<Group>> {
    py.detach(|| workloads::csv_aggregate::csv_aggregate(&path)).map_err(|failure| exception(py, &failure))
}
