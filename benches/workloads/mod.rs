//! The workloads, one a file.

pub mod call_overhead;
pub mod csv_count;
pub mod json_parse;
pub mod nbody;
pub mod sum_list;

pub use call_overhead::CallOverhead;
pub use csv_count::{CsvCount, CsvCountFields};
pub use json_parse::{JsonParse, JsonParseUntyped};
pub use nbody::NBody;
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
