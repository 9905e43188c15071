//! The CSV halves, as whole programs: `articles HOW FILE` prints a number of records as JSON.
//!
//! The first four are what one writes at first; the others agree with their Python.

use std::error::Error;
use std::fs;

use csv::{Reader, ReaderBuilder};

/// A name and an amount.
const FIELDS: usize = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(how), Some(path)) = (arguments.next(), arguments.next()) else {
        return Err("usage: articles HOW FILE".into());
    };
    let headless = || {
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false);
        builder
    };
    let count = match how.as_str() {
        "count" => Reader::from_path(path)?.records().count(),
        "count_headless" => headless().from_path(path)?.records().count(),
        "count_flexible" => headless().flexible(true).from_path(path)?.records().count(),
        "count_valid" => headless().from_path(path)?.records().flatten().count(),
        "mended_all" => Rows::of(&fs::read_to_string(path)?).all,
        "mended_filled" => headless().flexible(true).from_path(path)?.records().collect::<Result<Vec<_>, _>>()?.len(),
        "mended_pairs" => pairs(&path)?,
        "mended_closed" => closed(&path)?,
        _ => return Err(format!("there is no way `{how}`").into()),
    };
    println!("{count}");
    Ok(())
}

/// Refuses a row of another length.
fn pairs(path: &str) -> Result<usize, Box<dyn Error>> {
    let mut count = 0;
    for record in ReaderBuilder::new().has_headers(false).from_path(path)?.records() {
        if record?.len() != FIELDS {
            return Err("a row that is no pair".into());
        }
        count += 1;
    }
    Ok(count)
}

/// Refuses a quote that is left open, of which the csv crate says nothing.
fn closed(path: &str) -> Result<usize, Box<dyn Error>> {
    let rows = Rows::of(&fs::read_to_string(path)?);
    if rows.ends_in_quotes {
        return Err("unexpected end of data".into());
    }
    Ok(rows.all - rows.blank)
}

/// The rows of a text as Python's reader gives them, blank lines among them.
#[derive(Default)]
struct Rows {
    all: usize,
    blank: usize,
    ends_in_quotes: bool,
}

impl Rows {
    fn of(text: &str) -> Rows {
        let mut rows = Rows::default();
        let mut length = 0;
        // A doubled quote ends the quotes and opens them again at once, which comes to the same.
        let mut is_quoted = false;
        for character in text.chars() {
            is_quoted ^= character == '"';
            if character == '\n' && !is_quoted {
                rows.all += 1;
                rows.blank += usize::from(length == 0);
                length = 0;
            } else {
                length += 1;
            }
        }
        rows.all += usize::from(length > 0);
        rows.ends_in_quotes = is_quoted;
        rows
    }
}
