//! Count the records of a CSV file, given its path: opening and reading it is part of the work.
//!
//! Both twins count the same thing. The first record is the header and is not counted; blank lines are no records;
//! a quoted field may hold line ends; records need not have the header's length; a quote left open ends with the
//! file; a byte order mark is skipped. An empty file has 0 records. Outcomes: a missing file is a
//! `FileNotFoundError`, a folder an `IsADirectoryError`, and a byte that is not UTF-8, wherever it stands, a
//! `UnicodeDecodeError`.
//!
//! What it teaches. Most of the factor between `naive` and the baseline is streaming, not a language; and the factor
//! after that depends on how much of the task is done. Counting needs no fields, so this twin follows quotes and line
//! ends from one to the next with SIMD searches (`memchr`) and copies nothing, where Python's reader makes every field
//! a string. The same work by the csv crate, which splits the fields into a buffer that it uses again, is the native
//! variant `fields`: it is the fairer port of the Python, and the difference between the two is what knowing the task
//! buys. It also pays a fixed cost: each reader builds its state machine anew, which takes longer than Python takes
//! for ten records.
//!
//! Fairness: every implementation opens and reads the file inside the clock, from the page cache, and checks that all
//! of it is UTF-8. On one thread, polars takes about four times as long for the task as it is measured here, all
//! columns as text, and the csv crate twice as long. Two faster ways are known. One is to split the file among cores.
//! The other is what polars does when it is asked lazily for the number of rows: it maps the file and counts line ends
//! outside quotes in wide vectors, in about a fifth of the time. It does less: it reads no character, so that bytes
//! that are no UTF-8 go unseen, and takes every quote for one that opens or closes a field, and every blank line for a
//! record.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ErrorKind, ReaderBuilder};
use memchr::{memchr, memchr3};
use rustworthy_worker::{Failure, Input, Workload};

use super::utf8::Utf8Reader;

/// The workload; its input is the file's path.
pub struct CsvCount;

impl Workload for CsvCount {
    const NAME: &'static str = "csv_count";
    const SAMPLE_SIZE: u64 = 10;
    type Input = PathBuf;
    type Output = u64;

    fn prepare(input: Input) -> Result<PathBuf, Failure> {
        input.into_path()
    }

    fn sample() -> PathBuf {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/csv_count.csv"))
    }

    fn run(path: &PathBuf) -> Result<u64, Failure> {
        csv_count(path)
    }
}

/// The same by the csv crate: every field of every record is found.
pub struct CsvCountFields;

impl Workload for CsvCountFields {
    const NAME: &'static str = "csv_count_fields";
    const SAMPLE_SIZE: u64 = CsvCount::SAMPLE_SIZE;
    type Input = PathBuf;
    type Output = u64;

    fn prepare(input: Input) -> Result<PathBuf, Failure> {
        CsvCount::prepare(input)
    }

    fn sample() -> PathBuf {
        CsvCount::sample()
    }

    fn run(path: &PathBuf) -> Result<u64, Failure> {
        csv_count_fields(path)
    }
}

/// Large enough that system calls do not count, small enough to stay in the cache.
const CHUNK: usize = 64 * 1024;

/// The number of records under the header.
///
/// # Errors
/// The classes that Python's `open` and decoder raise.
pub fn csv_count(path: &Path) -> Result<u64, Failure> {
    let file = File::open(path)?;
    // A small file needs no buffer that takes longer to clear than the file to read; one byte more sees its end.
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(CHUNK);
    let mut buffer = vec![0; length.saturating_add(1).min(CHUNK)];
    let mut text = Utf8Reader::new(file);
    let mut counter = Counter::default();
    loop {
        let read = match text.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failure(error)),
        };
        counter.feed(&buffer[..read]);
    }
    // The header is a record, too.
    Ok(counter.finish().saturating_sub(1))
}

/// Counts the records of a text that arrives in parts.
#[derive(Default)]
struct Counter {
    records: u64,
    state: State,
    /// Whether this is not the first part: a byte order mark stands at the start, and is no field.
    has_begun: bool,
}

/// Where the last part ended.
#[derive(Clone, Copy, Default, PartialEq)]
enum State {
    /// Before the first byte of a record; a line end here is a blank line.
    #[default]
    Record,
    /// Before the first byte of a later field.
    Field,
    /// In a field, where a quote is a character like any other.
    Plain,
    /// In a field that began with a quote.
    Quoted,
    /// After a quote in such a field: another one makes it a character, anything else ends the quoted part.
    Closed,
}

impl Counter {
    fn feed(&mut self, part: &[u8]) {
        let mut at = 0;
        if !self.has_begun {
            self.has_begun = true;
            // A mark that is split between two reads is taken for text: no file is read three bytes at a time.
            at = if part.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        }
        while let Some(byte) = part.get(at) {
            match self.state {
                State::Quoted => match memchr(b'"', &part[at..]) {
                    Some(quote) => {
                        self.state = State::Closed;
                        at += quote + 1;
                    }
                    None => return,
                },
                State::Closed if *byte == b'"' => {
                    self.state = State::Quoted;
                    at += 1;
                }
                State::Record | State::Field if *byte == b'"' => {
                    self.state = State::Quoted;
                    at += 1;
                }
                State::Record if matches!(byte, b'\r' | b'\n') => at += 1,
                State::Record | State::Field | State::Plain | State::Closed => at = self.plain(part, at),
            }
        }
    }

    /// Goes on to the next quoted field or the end of the record; where it has come to.
    fn plain(&mut self, part: &[u8], mut at: usize) -> usize {
        let start = at;
        while let Some(found) = memchr3(b'"', b'\n', b'\r', &part[at..]) {
            at += found;
            if part[at] != b'"' {
                self.records += 1;
                self.state = State::Record;
                return at + 1;
            }
            // A quote opens a field only where the field begins.
            if at > start && part[at - 1] == b',' {
                self.state = State::Quoted;
                return at + 1;
            }
            at += 1;
        }
        self.state = if part[part.len() - 1] == b',' { State::Field } else { State::Plain };
        part.len()
    }

    /// The records, the one included that the text ended in.
    fn finish(self) -> u64 {
        self.records + u64::from(self.state != State::Record)
    }
}

/// As [`csv_count`], by the csv crate.
///
/// # Errors
/// As [`csv_count`].
pub fn csv_count_fields(path: &Path) -> Result<u64, Failure> {
    let text = Utf8Reader::new(File::open(path)?);
    // The reader takes the header off and skips blank lines; Python's leaves both to its caller.
    let mut reader = ReaderBuilder::new().flexible(true).buffer_capacity(CHUNK).from_reader(text);
    let mut record = ByteRecord::new();
    let mut count = 0;
    while reader.read_byte_record(&mut record).map_err(csv_failure)? {
        count += 1;
    }
    Ok(count)
}

/// The failure of a read: what is no UTF-8 is the decoder's.
fn failure(error: io::Error) -> Failure {
    if error.kind() == io::ErrorKind::InvalidData {
        Failure::unicode_decode_error(error.to_string())
    } else {
        Failure::from(error)
    }
}

/// The same, out of the csv crate.
pub(super) fn csv_failure(error: csv::Error) -> Failure {
    match error.into_kind() {
        ErrorKind::Io(error) => failure(error),
        // `flexible` and byte records leave input and output as the only source of errors.
        other => Failure::value_error(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::fs;

    /// The outcome on a file of this content: a count, or the class of the failure.
    fn outcome(name: &str, content: &[u8]) -> Result<u64, String> {
        let path = std::env::temp_dir().join(format!("rustworthy-csv-{}-{name}", std::process::id()));
        fs::write(&path, content).unwrap();
        let [outcome, fields] = [csv_count(&path), csv_count_fields(&path)]
            .map(|outcome| outcome.map_err(|failure| failure.class.into_owned()));
        fs::remove_file(path).unwrap();
        assert_eq!(outcome, fields, "{name}");
        outcome
    }

    #[test]
    fn the_sample_has_as_many_records_as_its_size() {
        assert_eq!(csv_count(&CsvCount::sample()), Ok(CsvCount::SAMPLE_SIZE));
    }

    #[test]
    fn records_are_counted_not_lines() {
        for (name, content, count) in [
            ("empty", "", 0),
            ("header", "a,b\n", 0),
            ("open-end", "a,b\n1,2", 1),
            ("blank", "\na,b\n\n1,2\n\n\n3,4\n\n", 2),
            ("quoted", "a,b\n\"1\n\n2\",3\n4,\"5\"\"\n\"\n", 2),
            ("ragged", "a,b\n1\n1,2,3\n", 2),
            ("open-quote", "a,b\n1,\"2\n3,4\n", 1),
            ("returns", "a\r1\r\n2\n", 2),
            ("mark", "\u{feff}\na\n1\n", 1),
            ("empty-field", "a\n\"\"\n", 1),
            ("nul", "a\n\0\n", 1),
        ] {
            assert_eq!(outcome(name, content.as_bytes()), Ok(count), "{name}");
        }
    }

    #[test]
    fn a_field_may_be_huge() {
        assert_eq!(outcome("huge", format!("a\n\"{}\"\n", "x".repeat(200_000)).as_bytes()), Ok(1));
    }

    #[test]
    fn what_is_not_text_is_refused_wherever_it_stands() {
        let split_by_quote = b"a\n\"\xc3\"\xa9\n";
        for content in [&b"\xff"[..], b"a\n\xe9\n", b"a\n\xc3", b"a\n\"\xed\xa0\x80\"\n", split_by_quote] {
            assert_eq!(outcome("invalid", content), Err("UnicodeDecodeError".to_owned()), "{content:?}");
        }
    }

    #[test]
    fn what_is_no_file_fails_as_open_does() {
        assert_eq!(csv_count(Path::new("/nowhere/at-all.csv")).unwrap_err().class, "FileNotFoundError");
        assert_eq!(csv_count(&std::env::temp_dir()).unwrap_err().class, "IsADirectoryError");
    }

    proptest! {
        /// Whatever the quotes and line ends, and wherever the text is cut between two reads.
        #[test]
        fn the_count_is_that_of_the_csv_crate(text in "[a,\"\n\ré]{0,40}", cuts in vec(0..40_usize, 0..4)) {
            let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut < text.len()).collect();
            cuts.sort_unstable();
            let mut counter = Counter::default();
            let mut start = 0;
            for cut in cuts.into_iter().chain([text.len()]) {
                counter.feed(&text.as_bytes()[start..cut]);
                start = cut;
            }
            let mut reader = ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_bytes());
            let fields = reader.byte_records().count();
            prop_assert_eq!(counter.finish(), fields as u64);
        }
    }
}
