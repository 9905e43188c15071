//! The memory of Python's buffers (`array.array`, `memoryview`, arrays of numpy), read where it lies.

use std::borrow::Cow;

use pyo3::buffer::{Element, PyBuffer};
use pyo3::exceptions::PyBufferError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyBytes;

/// The elements of a buffer without gaps: where they lie, as long as nobody can write to them meanwhile; else copied.
///
/// The caller must not run Python code, nor give up the interpreter's lock unless [`never_changes`] says that it may,
/// before it is done with them.
///
/// # Errors
/// `BufferError` for a buffer with gaps, such as every second element of an array.
pub fn elements<'a, T: Element>(py: Python<'_>, buffer: &'a PyBuffer<T>) -> PyResult<Cow<'a, [T]>> {
    if buffer.item_count() == 0 {
        return Ok(Cow::Borrowed(&[]));
    }
    if !never_changes(py, buffer) && !lock_is_held(py) {
        return buffer.to_vec(py).map(Cow::Owned);
    }
    let place =
        buffer.as_slice_ptr().ok_or_else(|| PyBufferError::new_err("the buffer has gaps between its elements"))?;
    // SAFETY: PyO3 has checked type and alignment, `buffer` keeps the memory alive, and nobody writes to it: it belongs to
    // an object that never changes, or whoever would write needs the lock that the caller holds.
    #[expect(unsafe_code, reason = "what a buffer holds cannot be seen in place otherwise")]
    Ok(Cow::Borrowed(unsafe { place.as_ref() }))
}

/// Whether the buffer is that of a `bytes` object, which may be read without the lock.
pub fn never_changes<T: Element>(py: Python<'_>, buffer: &PyBuffer<T>) -> bool {
    buffer.obj(py).is_some_and(|owner| owner.is_exact_instance_of::<PyBytes>())
}

/// Whether this interpreter has a lock: one that was built without it lets other threads write at any time.
fn lock_is_held(py: Python<'_>) -> bool {
    static IS_HELD: PyOnceLock<bool> = PyOnceLock::new();
    let ask = || py.import("sys")?.call_method0("_is_gil_enabled")?.is_truthy();
    // Before 3.13 there is nothing to ask, and always a lock.
    *IS_HELD.get_or_init(py, || ask().unwrap_or(true))
}
