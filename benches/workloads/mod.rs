//! The workloads, one a file.

pub mod csv_count;
pub mod sum_list;

pub use csv_count::CsvCount;
pub use sum_list::SumList;
