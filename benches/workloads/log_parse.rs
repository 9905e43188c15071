//! Parse the lines of a web server's access log into records, with a regular expression.
//!
//! The result is the records and the numbers of the lines, counted from 0, that are none; the twin shows the form of a
//! line. Outcomes: a line that does not match, a path that is not UTF-8, a date that no calendar has make a line one of
//! those; only an argument that is no bytes is an error, a `TypeError`.
//!
//! What it teaches: Python's engine is written in C, backtracks, and is quick on a pattern like this, where every part
//! ends at a character that cannot be in it. So the language buys less than in a loop, and the boundary decides: the
//! hybrid that is called for each line makes one tuple a call, the batched one parses all lines without the lock and
//! then makes the tuples, and either must make as many Python objects as the baseline. The native implementation
//! makes strings, because its records outlive the document as the baseline's do.
//!
//! Fairness: one pattern, in ASCII classes, because `\d` and `\S` mean other characters to other engines; both engines
//! match whole lines. A known faster way is not to use an expression: a parser by hand, that goes from one delimiter to
//! the next with SIMD searches, has no captures to keep.

use std::sync::LazyLock;

use regex::bytes::{CaptureLocations, Regex, RegexBuilder};
use rustworthy_worker::{Failure, Input, Workload};

/// Host, seconds since 1970, method, path, status and, where the log has one, size.
pub type Record<T> = (T, i64, T, T, u16, Option<u64>);

/// The records, and the numbers of the lines that are none.
pub type Parsed<T> = (Vec<Record<T>>, Vec<usize>);

/// The workload; its input is the document.
pub struct LogParse;

impl Workload for LogParse {
    const NAME: &'static str = "log_parse";
    const SAMPLE_SIZE: u64 = 1_000;
    type Input = Vec<u8>;
    /// Its text is copied: the baseline's records outlive the document, too.
    type Output = Parsed<String>;

    fn prepare(input: Input) -> Result<Vec<u8>, Failure> {
        input.into_bytes()
    }

    fn sample() -> Vec<u8> {
        let line = |number: u32| {
            let when = format!("{:02}/Nov/2026:09:43:{:02} +0000", number % 30 + 1, number % 60);
            format!("10.0.0.1 - - [{when}] \"GET /caf\u{e9}/{number} HTTP/1.1\" 200 {number} \"-\" \"curl/8.5.0\"\n")
        };
        (0..1_000).map(line).collect::<String>().into_bytes()
    }

    fn run(document: &Vec<u8>) -> Result<Parsed<String>, Failure> {
        let (records, rejected) = log_parse(document);
        let own = |(host, when, method, path, status, size): Record<&str>| {
            (host.to_owned(), when, method.to_owned(), path.to_owned(), status, size)
        };
        Ok((records.into_iter().map(own).collect(), rejected))
    }
}

/// The twin's expression; anchored, it needs no search, and no part of it can match in two ways.
static LINE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = concat!(
        r"\A([!-~]+) [!-~]+ [!-~]+ ",
        r"\[([0-9]{2})/([A-Z][a-z]{2})/([0-9]{4}):([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})\] ",
        r#""([A-Z]+) ([^ "]+) HTTP/[0-9.]+" ([0-9]{3}) (-|[0-9]{1,15}) "[^"]*" "[^"]*"\z"#,
    );
    // Bytes, not characters: only the path is asked to be UTF-8.
    RegexBuilder::new(pattern).unicode(false).build().expect("the pattern is a constant, and tests use it")
});

/// The records of a document, their text borrowed from it, and the numbers of the lines that are none.
pub fn log_parse(document: &[u8]) -> Parsed<&str> {
    let mut parser = Parser::new();
    let mut records = Vec::new();
    let mut rejected = Vec::new();
    for (number, line) in document.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !line.is_empty() {
            match parser.line(line) {
                Some(record) => records.push(record),
                None => rejected.push(number),
            }
        }
    }
    (records, rejected)
}

/// Parses lines, and keeps the memory for captures from one to the next.
#[derive(Debug)]
pub struct Parser {
    groups: CaptureLocations,
}

impl Parser {
    /// A parser of lines.
    #[expect(clippy::new_without_default, reason = "there is nothing default about compiling an expression")]
    pub fn new() -> Parser {
        Parser { groups: LINE.capture_locations() }
    }

    /// The record of a line, if it is one.
    pub fn line<'a>(&mut self, line: &'a [u8]) -> Option<Record<&'a str>> {
        LINE.captures_read(&mut self.groups, line)?;
        let group = |index: usize| self.groups.get(index).map(|(start, end)| &line[start..end]);
        let count = |index: usize| group(index).map(number);
        let days = days_since_1970(count(4)?, month(group(3)?)?, count(2)?)?;
        let (hours, minutes, seconds) = (count(5)?, count(6)?, count(7)?);
        if hours > 23 || minutes > 59 || seconds > 59 {
            return None;
        }
        let offset = count(9)? * 3600 + count(10)? * 60;
        let local = days * 86_400 + hours * 3600 + minutes * 60 + seconds;
        let when = if group(8)? == b"+" { local - offset } else { local + offset };
        let text = |index: usize| str::from_utf8(group(index)?).ok();
        let size = match group(14)? {
            b"-" => None,
            digits => u64::try_from(number(digits)).ok(),
        };
        Some((text(1)?, when, text(11)?, text(12)?, u16::try_from(count(13)?).ok()?, size))
    }
}

/// The value of at most 15 digits.
fn number(digits: &[u8]) -> i64 {
    digits.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'))
}

fn month(name: &[u8]) -> Option<i64> {
    const NAMES: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    NAMES.chunks(3).zip(1..).find(|(known, _)| *known == name).map(|(_, month)| month)
}

/// The day's number in the Gregorian calendar, which starts with the year 1; none where it has no such day.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if year < 1 || day < 1 || day > length {
        return None;
    }
    // Days before the month in a year whose February has 28.
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let before = BEFORE[usize::try_from(month - 1).ok()?] + i64::from(is_leap && month > 2);
    let past = year - 1;
    Some(past * 365 + past / 4 - past / 100 + past / 400 + before + day - 1 - 719_162)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_sample_is_a_record() {
        let document = LogParse::sample();
        let (records, rejected) = log_parse(&document);
        assert_eq!((records.len(), rejected.len()), (1_000, 0));
        assert_eq!(records[7], ("10.0.0.1", 1_794_130_987, "GET", "/café/7", 200, Some(7)));
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (date, days) in
            [((1970, 1, 1), 0), ((1, 1, 1), -719_162), ((2024, 2, 29), 19_782), ((9999, 12, 31), 2_932_896)]
        {
            assert_eq!(days_since_1970(date.0, date.1, date.2), Some(days), "{date:?}");
        }
        for date in [(0, 1, 1), (1900, 2, 29), (2026, 4, 31), (2026, 1, 0)] {
            assert_eq!(days_since_1970(date.0, date.1, date.2), None, "{date:?}");
        }
    }
}
