//! The PyO3 module `gate_study`.

use pyo3::prelude::*;

use crate::kernels;

#[pymodule(name = "gate_study")]
mod module {
    use super::{Bound, PyModule, PyResult, kernels};
    #[pymodule_export]
    use super::{fold, touch};
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__build_profile__", if cfg!(debug_assertions) { "debug" } else { "release" })?;
        module.add("__padding__", kernels::padding(1))
    }
}

/// All work in one call.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 hands over what it converted")]
fn fold(numbers: Vec<i64>) -> i64 {
    kernels::fold(&numbers)
}

/// Next to nothing: what it costs is the way there and back.
#[pyfunction]
fn touch(number: i64) -> i64 {
    number ^ 1
}
