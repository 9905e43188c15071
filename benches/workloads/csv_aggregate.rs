//! Group the records of a CSV file by region, add up an integer and a float: the heart of many an ETL job.
//!
//! The header names the columns; `region`, `amount` and `weight` must be among them, in any order. Of each region the
//! result has the number of records, the sum of the amounts and the mean of the weights, in the order of the names.
//! Outcomes: a record that does not have the header's length, an amount that is no integer within 64 bits and a weight
//! that is no finite number are a `ValueError` at the record's number; a file without a column is one, too. The rest of
//! the format is that of `csv_count`.
//!
//! What it teaches: a port has to read numbers as the Python did. `int` and `float` take spaces around a number and
//! underscores between digits, and data in production has them; here that is a second, slow attempt, made when the
//! quick one has failed, and costs nothing on data that is in order.
//!
//! Fairness: every implementation opens and reads the file inside the clock. Both twins parse whole records and add
//! from first to last, so that their floats are equal to the last bit; the weights are multiples of 1/8 with exact
//! sums, so that libraries that add in another order agree too. polars and pandas parse the three columns alone, and
//! polars uses all cores, hence its variant with one thread. A known faster way is theirs: find the fields with SIMD,
//! in parts of the file on several cores. The csv crate's state machine goes byte by byte, and has most of the time
//! here; each reader also builds it anew, which takes as long as Python needs for all of ten records.

use std::fs::File;
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder};
use hashbrown::HashMap;
use rustworthy_worker::{Failure, Input, Workload};

use super::csv_count::csv_failure;
use super::utf8::Utf8Reader;

/// Of one region: its name, the number of records, the sum of amounts and the mean of weights.
pub type Group = (String, u64, i128, f64);

/// The workload; its input is the file's path.
pub struct CsvAggregate;

impl Workload for CsvAggregate {
    const NAME: &'static str = "csv_aggregate";
    const SAMPLE_SIZE: u64 = 10;
    type Input = PathBuf;
    type Output = Vec<Group>;

    fn prepare(input: Input) -> Result<PathBuf, Failure> {
        input.into_path()
    }

    fn sample() -> PathBuf {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/csv_aggregate.csv"))
    }

    fn run(path: &PathBuf) -> Result<Vec<Group>, Failure> {
        csv_aggregate(path)
    }
}

/// The running totals of a region.
struct Totals {
    count: u64,
    /// 2^64 amounts of 64 bits cannot overflow it.
    amounts: i128,
    weights: f64,
}

/// Number of records, sum of amounts and mean of weights of every region, in the order of the names.
///
/// # Errors
/// The classes that Python's `open` and decoder raise; `ValueError` for what is not such a file.
pub fn csv_aggregate(path: &Path) -> Result<Vec<Group>, Failure> {
    let text = Utf8Reader::new(File::open(path)?);
    let mut reader =
        ReaderBuilder::new().flexible(true).has_headers(false).buffer_capacity(64 * 1024).from_reader(text);
    let mut record = ByteRecord::new();
    if !reader.read_byte_record(&mut record).map_err(csv_failure)? {
        return Ok(Vec::new());
    }
    let width = record.len();
    let [region_at, amount_at, weight_at] = columns(&record, ["region", "amount", "weight"])?;

    let mut groups: HashMap<Vec<u8>, Totals> = HashMap::new();
    let mut number = 0;
    while reader.read_byte_record(&mut record).map_err(csv_failure)? {
        number += 1;
        if record.len() != width {
            let message = format!("record {number} has {} fields, not {width}", record.len());
            return Err(Failure::value_error(message).at(number));
        }
        let (Some(amount), Some(weight)) = (integer(&record[amount_at]), finite(&record[weight_at])) else {
            return Err(Failure::value_error(format!("record {number} has a field that is no number")).at(number));
        };
        // The name is copied only when it is new.
        let totals =
            groups.entry_ref(&record[region_at]).or_insert_with(|| Totals { count: 0, amounts: 0, weights: 0.0 });
        totals.count += 1;
        totals.amounts += i128::from(amount);
        totals.weights += weight;
    }
    let mut groups: Vec<Group> = groups.into_iter().map(|(name, totals)| totals.group(&name)).collect();
    // The order of UTF-8 is that of the code points, which is Python's.
    groups.sort_unstable_by(|left, right| left.0.cmp(&right.0));
    Ok(groups)
}

impl Totals {
    fn group(self, name: &[u8]) -> Group {
        #[expect(clippy::cast_precision_loss, reason = "a file of 2^53 records does not exist")]
        let mean = self.weights / self.count as f64;
        // The whole file was seen to be UTF-8, and fields begin and end at ASCII: nothing is replaced.
        (String::from_utf8_lossy(name).into_owned(), self.count, self.amounts, mean)
    }
}

/// Where the columns of these names stand.
fn columns<const COUNT: usize>(header: &ByteRecord, names: [&str; COUNT]) -> Result<[usize; COUNT], Failure> {
    let mut found = [0; COUNT];
    for (found, name) in found.iter_mut().zip(names) {
        let position = header.iter().position(|field| field == name.as_bytes());
        *found = position.ok_or_else(|| Failure::value_error(format!("there is no column {name:?}")))?;
    }
    Ok(found)
}

/// The integer that Python's `int` reads, if it is within 64 bits.
fn integer(field: &[u8]) -> Option<i64> {
    let text = str::from_utf8(field).ok()?;
    text.parse().ok().or_else(|| python_number(text)?.parse().ok())
}

/// The number that Python's `float` reads, if it is finite.
fn finite(field: &[u8]) -> Option<f64> {
    let text = str::from_utf8(field).ok()?;
    let number: f64 = text.parse().ok().or_else(|| python_number(text)?.parse().ok())?;
    number.is_finite().then_some(number)
}

/// What Python leaves out before it reads a number: white space around it, an underscore between two digits.
#[cold]
fn python_number(text: &str) -> Option<String> {
    let is_space = |letter: char| matches!(letter, '\t'..='\r' | ' ');
    let text = text.trim_matches(is_space);
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let mut number = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        match letter {
            '_' if is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)) => {}
            '_' => return None,
            letter => number.push(letter),
        }
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_has_its_groups() {
        let groups = csv_aggregate(&CsvAggregate::sample()).unwrap();
        assert_eq!(
            groups,
            [
                ("A, B".to_owned(), 3, 60, 1.5),
                ("EU".to_owned(), 4, -5, 0.25),
                ("Ö".to_owned(), 3, 9_000_000_000_000_000_000, 2.0)
            ]
        );
    }

    #[test]
    fn numbers_are_read_as_python_reads_them() {
        for (text, number) in
            [("7", Some(7)), (" -7\x0b", Some(-7)), ("7\x1f", None), ("1_0", Some(10)), ("1__0", None), ("", None)]
        {
            assert_eq!(integer(text.as_bytes()), number, "{text:?}");
        }
        for (text, number) in [(".5", Some(0.5)), ("1_0.5", Some(10.5)), ("_1", None), ("inf", None), ("1\u{a0}", None)]
        {
            assert_eq!(finite(text.as_bytes()), number, "{text:?}");
        }
    }
}
