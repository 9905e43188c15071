//! The PyO3 module `rustworthy_suite`: the same functions, called from Python.
//!
//! Arguments arrive in the types that PyO3 converts to, failures leave as the exception class that the Python twin
//! raises. Work that can be long lets other Python threads run meanwhile (`py.detach`); short work does not, because
//! giving the lock up and taking it again would cost more than the work.

mod text;

use std::path::PathBuf;

use pyo3::buffer::{PyBuffer, PyUntypedBuffer};
use pyo3::exceptions::{PyIndexError, PyRuntimeError, PyUnicodeDecodeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};
use rustworthy_worker::{Failure, environment};

use crate::buffers::{elements, never_changes};
use crate::workloads::image_blur::Sides;
use crate::workloads::json_parse::Total;
use crate::workloads::matrix_multiply::Matrix;
use crate::{crossings, workloads};

/// The PyO3 that this module is built with; a test holds it to `Cargo.lock`.
const PYO3_VERSION: &str = "0.30.1";

/// The Rust half of rustworthy's own workloads.
#[pymodule(name = "rustworthy_suite")]
mod module {
    #[pymodule_export]
    use super::text::{
        csv_aggregate, edit_distance, edit_distance_copied, edit_distance_pair, log_parse, log_parse_line,
        validate_records, word_count, word_count_list, word_count_parallel,
    };
    use super::{Bound, PYO3_VERSION, PyModule, PyResult, crossings, environment};
    #[pymodule_export]
    use super::{
        block_digest, callback, callback_ported, image_blur, image_blur_buffer, matrix_multiply, parallel_hash,
        parallel_hash_parallel, sieve, sum_list_buffer,
    };
    #[pymodule_export]
    use super::{call_floor, call_overhead, checksum, csv_count, json_parse, nbody, sum_list, sum_list_iterate};
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__build_profile__", environment::BUILD_PROFILE)?;
        module.add("__pyo3_version__", PYO3_VERSION)?;
        module.add("__crossings__", crossings::all(module.py())?)
    }
}

/// Does nothing: what remains is the cost of a call.
#[pyfunction(name = "__call_floor__")]
fn call_floor() {}

/// Counts the records of a CSV file.
#[pyfunction]
fn csv_count(py: Python<'_>, path: PathBuf) -> PyResult<u64> {
    py.detach(|| workloads::csv_count::csv_count(&path)).map_err(|failure| exception(py, &failure))
}

/// Sums a list of floats, copied into a vector first.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 hands over what it converted")]
fn sum_list(values: Vec<f64>) -> f64 {
    workloads::sum_list::sum_list(&values)
}

/// Sums a list of floats where it lies, one Python object after the other.
#[pyfunction]
fn sum_list_iterate(values: &Bound<'_, PyList>) -> PyResult<f64> {
    values.iter().try_fold(0.0, |total, value| Ok(total + value.extract::<f64>()?))
}

/// Parses a JSON array of events and adds up their amounts.
#[pyfunction]
fn json_parse(py: Python<'_>, document: &[u8]) -> PyResult<Total> {
    py.detach(|| workloads::json_parse::json_parse(document)).map_err(|failure| exception(py, &failure))
}

/// Moves the planets.
#[pyfunction]
fn nbody(py: Python<'_>, steps: i64) -> PyResult<f64> {
    py.detach(|| workloads::nbody::nbody(steps)).map_err(|failure| exception(py, &failure))
}

/// The checksum of one chunk.
#[pyfunction]
fn checksum(chunk: &[u8]) -> u32 {
    workloads::call_overhead::checksum(chunk)
}

/// The checksums of all chunks, added up in one call.
#[pyfunction]
fn call_overhead(chunks: &Bound<'_, PyList>) -> PyResult<u32> {
    let mut total = 0;
    for chunk in chunks {
        let value = checksum(chunk.cast::<PyBytes>()?.as_bytes());
        total = workloads::call_overhead::combine([total, value].into_iter());
    }
    Ok(total)
}

/// Sums the floats of a buffer, read where they lie.
#[pyfunction]
fn sum_list_buffer(py: Python<'_>, values: &Bound<'_, PyAny>) -> PyResult<f64> {
    let values = PyUntypedBuffer::get(values)?;
    if values.item_count() == 0 {
        return Ok(workloads::sum_list::sum_list(&[])); // nothing need not lie where floats may lie
    }
    Ok(workloads::sum_list::sum_list(&elements(py, values.as_typed()?)?))
}

/// The primes up to a limit.
#[pyfunction]
fn sieve(py: Python<'_>, limit: i64) -> PyResult<Vec<u32>> {
    py.detach(|| workloads::sieve::sieve(limit)).map_err(|failure| exception(py, &failure))
}

/// A picture in grey, blurred: copied on its way in and out. Takes a list of numbers as well, one by one.
#[pyfunction]
fn image_blur<'py>(py: Python<'py>, width: i64, height: i64, pixels: Vec<u8>) -> PyResult<Bound<'py, PyBytes>> {
    let blurred = py.detach(|| workloads::image_blur::image_blur(width, height, &pixels));
    Ok(PyBytes::new(py, &blurred.map_err(|failure| exception(py, &failure))?))
}

/// The same from any buffer of bytes, read where it lies, and written into the object that is returned.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 hands over the view that it took")]
fn image_blur_buffer<'py>(
    py: Python<'py>,
    width: i64,
    height: i64,
    pixels: PyBuffer<u8>,
) -> PyResult<Bound<'py, PyBytes>> {
    let can_detach = never_changes(py, &pixels);
    let pixels = elements(py, &pixels)?;
    let sides = Sides::of(width, height, &pixels).map_err(|failure| exception(py, &failure))?;
    PyBytes::new_with(py, sides.width * sides.height, |blurred| {
        if can_detach {
            py.detach(|| workloads::image_blur::blur_into(&sides, &pixels, blurred));
        } else {
            workloads::image_blur::blur_into(&sides, &pixels, blurred);
        }
        Ok(())
    })
}

/// The product of two matrices.
#[pyfunction]
fn matrix_multiply(py: Python<'_>, left: Matrix, right: Matrix) -> PyResult<Matrix> {
    let product = py.detach(|| workloads::matrix_multiply::matrix_multiply(&left, &right));
    product.map_err(|failure| exception(py, &failure))
}

/// The values that a Python predicate wants: the same objects, one call of Python each.
#[pyfunction]
fn callback<'py>(values: &Bound<'py, PyList>, predicate: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
    let wanted = PyList::empty(values.py());
    for value in values {
        if predicate.call1((&value,))?.is_truthy()? {
            wanted.append(value)?;
        }
    }
    Ok(wanted)
}

/// The same with the predicate in Rust.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 hands over what it converted")]
fn callback_ported(values: Vec<i64>) -> Vec<i64> {
    workloads::callback::callback(&values, workloads::callback::is_wanted)
}

/// The digest of each block, one after the other.
#[pyfunction]
fn parallel_hash(py: Python<'_>, data: &[u8]) -> Vec<String> {
    py.detach(|| workloads::parallel_hash::parallel_hash(data))
}

/// The digest of each block, shared out over all cores.
#[pyfunction]
fn parallel_hash_parallel(py: Python<'_>, data: &[u8]) -> Vec<String> {
    py.detach(|| workloads::parallel_hash::parallel_hash_parallel(data))
}

/// The digest of the block of this number; other Python threads run meanwhile.
#[pyfunction]
fn block_digest(py: Python<'_>, data: &[u8], number: usize) -> PyResult<String> {
    let digest = py.detach(|| workloads::parallel_hash::blocks(data).nth(number).map(workloads::parallel_hash::digest));
    digest.ok_or_else(|| PyIndexError::new_err(format!("there is no block {number}")))
}

/// The Python exception that a failure names, with the place in the input that it knows.
fn exception(py: Python<'_>, failure: &Failure) -> PyErr {
    let exception = exception_of_class(py, failure);
    match failure.position.map(|position| exception.value(py).setattr("position", position)) {
        None | Some(Ok(())) => exception,
        // No builtin exception refuses an attribute; were one to, that would be the news.
        Some(Err(refusal)) => refusal,
    }
}

fn exception_of_class(py: Python<'_>, failure: &Failure) -> PyErr {
    let message = failure.message.clone();
    // The one builtin exception here that cannot be made from a message alone.
    if failure.class == "UnicodeDecodeError" {
        return PyUnicodeDecodeError::new_err(("utf-8", &b"\0"[..], 0, 1, message));
    }
    let class = py.import("builtins").and_then(|builtins| builtins.getattr(&*failure.class));
    match class.and_then(|class| class.call1((message,))) {
        Ok(exception) => PyErr::from_value(exception),
        Err(_) => PyRuntimeError::new_err(failure.to_string()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_stated_pyo3_is_the_locked_one() {
        let lock = include_str!("../Cargo.lock");
        let locked = format!("name = \"pyo3\"\nversion = \"{}\"", super::PYO3_VERSION);
        assert!(lock.contains(&locked), "PYO3_VERSION is not what Cargo.lock says");
    }
}
