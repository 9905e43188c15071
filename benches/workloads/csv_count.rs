//! Count the records of a CSV file, given its path: opening and reading it is part of the work.
//!
//! Both twins count the same thing. The first record is the header and is not counted; blank lines are no records;
//! a quoted field may hold line ends; records need not have the header's length; a quote left open ends with the
//! file; a byte order mark is skipped. An empty file has 0 records. Outcomes: a missing file is a
//! `FileNotFoundError`, a folder an `IsADirectoryError`, and a byte that is not UTF-8, wherever it stands, a
//! `UnicodeDecodeError`.
//!
//! The smallest size shows a fixed cost: the csv crate builds its state machine anew for each reader, which takes longer
//! than Python takes for ten records.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str;

use csv::{ByteRecord, ErrorKind, ReaderBuilder};
use rustworthy_worker::{Failure, Input, Workload};

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

/// The number of records under the header.
///
/// # Errors
/// The classes that Python's `open` and decoder raise.
pub fn csv_count(path: &Path) -> Result<u64, Failure> {
    let text = Utf8Reader::new(File::open(path)?);
    // The reader takes the header off and skips blank lines; Python's leaves both to its caller.
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(text);
    let mut record = ByteRecord::new();
    let mut count = 0;
    while reader.read_byte_record(&mut record).map_err(failure)? {
        count += 1;
    }
    Ok(count)
}

fn failure(error: csv::Error) -> Failure {
    match error.into_kind() {
        ErrorKind::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            Failure::unicode_decode_error(error.to_string())
        }
        ErrorKind::Io(error) => Failure::from(error),
        // `flexible` and byte records leave input and output as the only source of errors.
        other => Failure::value_error(format!("{other:?}")),
    }
}

/// Passes bytes on after it has seen that they are UTF-8.
///
/// Python decodes the file before it looks for quotes. Decoding each field instead would let through a character that
/// a quote splits.
struct Utf8Reader<R> {
    bytes: R,
    /// The start of a character whose end has not been read yet.
    pending: [u8; 4],
    pending_length: usize,
}

impl<R: Read> Utf8Reader<R> {
    fn new(bytes: R) -> Utf8Reader<R> {
        Utf8Reader { bytes, pending: [0; 4], pending_length: 0 }
    }

    /// Takes as many bytes as complete the pending character; how many those were.
    fn complete_pending(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for (taken, byte) in bytes.iter().enumerate() {
            if self.pending_length == 0 {
                return Ok(taken);
            }
            self.pending[self.pending_length] = *byte;
            self.pending_length += 1;
            match str::from_utf8(&self.pending[..self.pending_length]) {
                Ok(_) => self.pending_length = 0,
                // At four bytes a character is either whole or wrong, so that `pending` never overflows.
                Err(error) if error.error_len().is_none() => {}
                Err(error) => return Err(invalid(error)),
            }
        }
        Ok(bytes.len())
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.bytes.read(buffer)?;
        if length == 0 && self.pending_length > 0 && !buffer.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the file ends inside a character"));
        }
        let taken = self.complete_pending(&buffer[..length])?;
        if let Err(error) = str::from_utf8(&buffer[taken..length]) {
            if error.error_len().is_some() {
                return Err(invalid(error));
            }
            let rest = &buffer[taken + error.valid_up_to()..length];
            self.pending[..rest.len()].copy_from_slice(rest);
            self.pending_length = rest.len();
        }
        Ok(length)
    }
}

fn invalid(error: str::Utf8Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// The outcome on a file of this content: a count, or the class of the failure.
    fn outcome(name: &str, content: &[u8]) -> Result<u64, String> {
        let path = std::env::temp_dir().join(format!("rustworthy-csv-{}-{name}", std::process::id()));
        fs::write(&path, content).unwrap();
        let outcome = csv_count(&path).map_err(|failure| failure.class.into_owned());
        fs::remove_file(path).unwrap();
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

    /// One byte at a time, so that every character is split at every place.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(1);
            self.0.read(&mut buffer[..length])
        }
    }

    #[test]
    fn a_character_may_be_split_between_reads() {
        let text = "aé€😀\n".repeat(3);
        let mut read = String::new();
        Utf8Reader::new(Drip(text.as_bytes())).read_to_string(&mut read).unwrap();
        assert_eq!(read, text);
        for invalid in [&b"a\xc3("[..], b"\xf0\x9f\x98", b"\xf5\x80\x80\x80", b"\xe2\x82\xff"] {
            let error = Utf8Reader::new(Drip(invalid)).read_to_end(&mut Vec::new()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{invalid:?}");
        }
    }
}
