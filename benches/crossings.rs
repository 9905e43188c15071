//! What it costs to take a value from Python into Rust, or to hand one back, type by type.
//!
//! `rustworthy doctor` calls these functions with ever larger values and fits a line: a fixed cost, and one for each
//! element. Each takes its argument as most signatures would, and does nothing with it; each result is made from
//! values that Rust has ready, so that what is timed is the crossing and not the making.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::LazyLock;

use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};

/// The most elements that a result can be asked for.
const MOST: usize = 1 << 16;

static LETTERS: LazyLock<String> = LazyLock::new(|| "x".repeat(MOST));
static ITEMS: LazyLock<Vec<(String, i64)>> =
    LazyLock::new(|| (0_i64..).take(MOST).map(|number| (format!("item {number:05}"), (1 << 40) + number)).collect());

/// The crossings by the names that the doctor knows.
pub fn all(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let all = PyDict::new(py);
    all.set_item("int", wrap_pyfunction!(take_int, py)?)?;
    all.set_item("float", wrap_pyfunction!(take_float, py)?)?;
    all.set_item("str", wrap_pyfunction!(take_str, py)?)?;
    all.set_item("bytes", wrap_pyfunction!(take_bytes, py)?)?;
    all.set_item("list[int]", wrap_pyfunction!(take_ints, py)?)?;
    all.set_item("list[float]", wrap_pyfunction!(take_floats, py)?)?;
    all.set_item("list[str]", wrap_pyfunction!(take_strings, py)?)?;
    all.set_item("dict[str, int]", wrap_pyfunction!(take_map, py)?)?;
    all.set_item("buffer", wrap_pyfunction!(take_buffer, py)?)?;
    all.set_item("callback", wrap_pyfunction!(call_back, py)?)?;
    all.set_item("-> int", wrap_pyfunction!(give_int, py)?)?;
    all.set_item("-> float", wrap_pyfunction!(give_float, py)?)?;
    all.set_item("-> str", wrap_pyfunction!(give_str, py)?)?;
    all.set_item("-> bytes", wrap_pyfunction!(give_bytes, py)?)?;
    all.set_item("-> list[int]", wrap_pyfunction!(give_ints, py)?)?;
    all.set_item("-> list[float]", wrap_pyfunction!(give_floats, py)?)?;
    all.set_item("-> list[str]", wrap_pyfunction!(give_strings, py)?)?;
    all.set_item("-> dict[str, int]", wrap_pyfunction!(give_map, py)?)?;
    Ok(all)
}

#[pyfunction]
fn take_int(value: i64) {
    black_box(value);
}

#[pyfunction]
fn take_float(value: f64) {
    black_box(value);
}

#[pyfunction]
fn take_str(value: &str) {
    black_box(value);
}

#[pyfunction]
fn take_bytes(value: &[u8]) {
    black_box(value);
}

#[pyfunction]
fn take_ints(value: Vec<i64>) {
    black_box(value);
}

#[pyfunction]
fn take_floats(value: Vec<f64>) {
    black_box(value);
}

#[pyfunction]
fn take_strings(value: Vec<String>) {
    black_box(value);
}

#[pyfunction]
fn take_map(value: HashMap<String, i64>) {
    black_box(value);
}

/// A view of memory that stays where it is.
#[pyfunction]
fn take_buffer(value: PyBuffer<f64>) {
    black_box(value.buf_ptr());
}

/// Calls back into Python so many times.
#[pyfunction]
fn call_back(function: &Bound<'_, PyAny>, count: usize) -> PyResult<()> {
    for _ in 0..count {
        function.call0()?;
    }
    Ok(())
}

#[pyfunction]
fn give_int(_size: usize) -> i64 {
    black_box(1 << 40)
}

#[pyfunction]
fn give_float(_size: usize) -> f64 {
    black_box(1.5)
}

#[pyfunction]
fn give_str(py: Python<'_>, size: usize) -> Bound<'_, PyString> {
    PyString::new(py, &LETTERS[..size.min(MOST)])
}

#[pyfunction]
fn give_bytes(py: Python<'_>, size: usize) -> Bound<'_, PyBytes> {
    PyBytes::new(py, &LETTERS.as_bytes()[..size.min(MOST)])
}

#[pyfunction]
fn give_ints(py: Python<'_>, size: usize) -> PyResult<Bound<'_, PyList>> {
    PyList::new(py, ITEMS[..size.min(MOST)].iter().map(|(_, number)| *number))
}

#[pyfunction]
fn give_floats(py: Python<'_>, size: usize) -> PyResult<Bound<'_, PyList>> {
    PyList::new(py, ITEMS[..size.min(MOST)].iter().map(|(_, number)| *number as f64))
}

#[pyfunction]
fn give_strings(py: Python<'_>, size: usize) -> PyResult<Bound<'_, PyList>> {
    PyList::new(py, ITEMS[..size.min(MOST)].iter().map(|(text, _)| text.as_str()))
}

#[pyfunction]
fn give_map(py: Python<'_>, size: usize) -> PyResult<Bound<'_, PyDict>> {
    let map = PyDict::new(py);
    for (text, number) in &ITEMS[..size.min(MOST)] {
        map.set_item(text.as_str(), number)?;
    }
    Ok(map)
}
