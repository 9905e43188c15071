//! The workloads, one a file.

pub mod call_overhead;
pub mod callback;
pub mod csv_count;
pub mod image_blur;
pub mod json_parse;
pub mod matrix_multiply;
pub mod nbody;
pub mod parallel_hash;
pub mod sieve;
pub mod sum_list;

pub use call_overhead::CallOverhead;
pub use callback::Callback;
pub use csv_count::{CsvCount, CsvCountFields};
pub use image_blur::ImageBlur;
pub use json_parse::{JsonParse, JsonParseUntyped};
pub use matrix_multiply::MatrixMultiply;
pub use nbody::NBody;
pub use parallel_hash::{ParallelHash, ParallelHashParallel};
pub use sieve::Sieve;
pub use sum_list::SumList;

// Text and tables.
pub mod csv_aggregate;
pub mod edit_distance;
pub mod log_parse;
mod utf8;
pub mod validate_records;
pub mod word_count;

pub use csv_aggregate::CsvAggregate;
pub use edit_distance::{EditDistance, EditDistanceBitParallel};
pub use log_parse::LogParse;
pub use validate_records::ValidateRecords;
pub use word_count::{WordCount, WordCountParallel};
