//! The module `articles_rust`.

use std::collections::{BTreeMap, HashMap};
use std::f64::consts::PI;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use serde::Deserialize;

#[pymodule]
mod articles_rust {
    #[pymodule_export]
    use super::{area, area_mended, dump, halves, halves_mended, largest, largest_mended, process_items};
    #[pymodule_export]
    use super::{counts_hashed, counts_mended, counts_sorted, level, level_mended, process_items_mended};
    #[pymodule_export]
    use super::{initials, initials_lossy, quotients, quotients_mended, remainders, remainders_mended};
    #[pymodule_export]
    use super::{plain_sum, plain_sum_mended, total, total_mended, total_saturating};
}

/// Pi to the last bit, where the Python has five decimals of it.
#[pyfunction]
fn area(radius: f64) -> f64 {
    PI * radius * radius
}

#[pyfunction]
#[expect(clippy::approx_constant, reason = "the Python has this one")]
fn area_mended(radius: f64) -> f64 {
    3.14159 * radius * radius
}

/// Takes a vector: a copy, to which the caller's list is nothing.
#[pyfunction]
fn process_items(mut items: Vec<String>) -> Vec<String> {
    items.push("end".to_owned());
    items.iter().map(|item| item.to_uppercase()).collect()
}

#[pyfunction]
fn process_items_mended(items: &Bound<'_, PyList>) -> PyResult<Vec<String>> {
    items.append("end")?;
    items.iter().map(|item| Ok(item.extract::<String>()?.to_uppercase())).collect()
}

/// Wraps around: a release build checks no overflow.
#[pyfunction]
fn total(values: Vec<i64>) -> i64 {
    values.iter().sum()
}

#[pyfunction]
fn total_saturating(values: Vec<i64>) -> i64 {
    values.iter().fold(0, |total: i64, value| total.saturating_add(*value))
}

/// Wide enough for any list that memory holds.
#[pyfunction]
fn total_mended(values: Vec<i64>) -> i128 {
    values.into_iter().map(i128::from).sum()
}

/// Rounds towards zero.
#[pyfunction]
fn quotients(values: Vec<i64>) -> Vec<i64> {
    values.iter().map(|value| value / 2).collect()
}

#[pyfunction]
fn quotients_mended(values: Vec<i64>) -> Vec<i64> {
    values.iter().map(|value| value.div_euclid(2)).collect()
}

/// With the sign of the dividend, where Python's has that of the divisor.
#[pyfunction]
fn remainders(values: Vec<i64>) -> Vec<i64> {
    values.iter().map(|value| value % 3).collect()
}

#[pyfunction]
fn remainders_mended(values: Vec<i64>) -> Vec<i64> {
    values.iter().map(|value| value.rem_euclid(3)).collect()
}

/// Halves away from zero.
#[pyfunction]
fn halves(values: Vec<f64>) -> Vec<i64> {
    values.iter().map(|value| value.round() as i64).collect()
}

#[pyfunction]
fn halves_mended(values: Vec<f64>) -> Vec<i64> {
    values.iter().map(|value| value.round_ties_even() as i64).collect()
}

/// One rounding an addition; Python's `sum` carries what they lose, from 3.12 on.
#[pyfunction]
fn plain_sum(values: Vec<f64>) -> f64 {
    values.iter().sum()
}

/// Neumaier's sum, as Python has it.
#[pyfunction]
fn plain_sum_mended(values: Vec<f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = total + value;
        lost += if total.abs() >= value.abs() { (total - next) + value } else { (value - next) + total };
        total = next;
    }
    total + lost
}

/// Text of Rust is UTF-8: PyO3 raises for half a surrogate pair.
#[pyfunction]
fn initials(words: Vec<String>) -> String {
    words.iter().filter_map(|word| word.chars().next()).collect()
}

/// The same, from text in which another character stands for what cannot be.
#[pyfunction]
fn initials_lossy(words: Vec<Bound<'_, pyo3::types::PyString>>) -> String {
    words.iter().filter_map(|word| word.to_string_lossy().chars().next()).collect()
}

/// In an order that is another one in each process, and each map.
#[pyfunction]
fn counts_hashed(words: Vec<String>) -> HashMap<String, i64> {
    let mut counts = HashMap::new();
    for word in words {
        *counts.entry(word).or_insert(0) += 1;
    }
    counts
}

#[pyfunction]
fn counts_sorted(words: Vec<String>) -> BTreeMap<String, i64> {
    counts_hashed(words).into_iter().collect()
}

#[pyfunction]
fn counts_mended<'py>(py: Python<'py>, words: Vec<String>) -> PyResult<Bound<'py, PyDict>> {
    let counts = PyDict::new(py);
    for word in words {
        let before = counts.get_item(&word)?.map_or(Ok(0), |count| count.extract::<i64>())?;
        counts.set_item(word, before + 1)?;
    }
    Ok(counts)
}

#[derive(Deserialize)]
struct Settings {
    level: i64,
}

/// A struct's field may stand once; a second one is an error.
#[pyfunction]
fn level(document: &str) -> PyResult<i64> {
    let settings: Settings =
        serde_json::from_str(document).map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(settings.level)
}

/// In a map the last one stays, as in Python.
#[pyfunction]
fn level_mended(document: &str) -> PyResult<i64> {
    let settings: HashMap<String, i64> =
        serde_json::from_str(document).map_err(|error| PyValueError::new_err(error.to_string()))?;
    settings.get("level").copied().ok_or_else(|| PyValueError::new_err("no level"))
}

/// `f64::max` passes over NaN.
#[pyfunction]
fn largest(values: Vec<f64>) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// As Python's `max`: NaN is not greater than anything, and nothing than NaN. So the first one counts.
#[pyfunction]
fn largest_mended(values: Vec<f64>) -> f64 {
    values.into_iter().reduce(|most, value| if value > most { value } else { most }).unwrap_or(f64::NEG_INFINITY)
}

/// JSON has no NaN: serde writes null, and Python a word that JSON does not know.
#[pyfunction]
fn dump(values: Vec<f64>) -> PyResult<String> {
    serde_json::to_string(&values).map_err(|error| PyValueError::new_err(error.to_string()))
}
