//! The Rust half of rustworthy's own workloads: one workload a file, each the twin of the Python file of its name.
//!
//! The same functions are measured twice: natively, by criterion (`suite.rs`), and from Python, through the extension
//! (`extension.rs`).

pub mod workloads;

#[cfg(feature = "extension")]
mod buffers;
#[cfg(feature = "extension")]
mod crossings;
#[cfg(feature = "extension")]
mod extension;

use rustworthy_worker::{Registry, registry};

use workloads::{CallOverhead, NBody, SumList};
use workloads::{Callback, ImageBlur, MatrixMultiply, ParallelHash, ParallelHashParallel, Sieve};
// Text and tables.
use workloads::{
    CsvAggregate, CsvCount, CsvCountFields, EditDistance, EditDistanceBitParallel, JsonParse, JsonParseUntyped,
    LogParse, ValidateRecords, WordCount, WordCountParallel,
};

/// Every native implementation of the suite, by the name that the manifest uses.
pub fn all() -> Registry {
    registry![
        CallOverhead,
        NBody,
        SumList,
        Callback,
        ImageBlur,
        MatrixMultiply,
        ParallelHash,
        ParallelHashParallel,
        Sieve,
        // Text and tables.
        CsvAggregate,
        CsvCount,
        CsvCountFields,
        EditDistance,
        EditDistanceBitParallel,
        JsonParse,
        JsonParseUntyped,
        LogParse,
        ValidateRecords,
        WordCount,
        WordCountParallel,
    ]
}
