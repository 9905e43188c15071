//! What a reader is told who points at a mark: its place, what it is a value of, and the value.
//!
//! A page keeps the values of a picture in two attributes of its element, and a script shows the one that is nearest: a
//! few bytes a mark, where elements of their own would be a hundred. Names and texts hold no line end and no tab, since
//! [`crate::text::visible`] leaves none in what is somebody else's; these part them.

use std::fmt::Write as _;

use super::drawing::Point;
use crate::evidence::{Implementation, Status};
use crate::report::speedup;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// The middle of its mark, pixels.
    pub at: Point,
    /// How far to the left and right of that it is pointed at no less well, pixels: half of a bar, or a whole row.
    pub reach: f64,
    /// What it is of. Values of one name that follow each other lie on one line.
    pub name: String,
    /// What it comes to, with its interval.
    pub text: String,
}

impl Value {
    /// A value of an implementation.
    pub fn of(cell: &Implementation, at: Point, reach: f64, text: String) -> Value {
        Value { at, reach, name: name(cell), text }
    }

    /// The same in one line.
    pub fn told(&self) -> String {
        format!("{}: {}", self.name, self.text)
    }
}

/// An implementation's name and kind, and whether anything compared its result: hatching cannot be heard.
pub fn name(cell: &Implementation) -> String {
    match cell.status {
        Status::Unverified => format!("{}, unverified", speedup::label(cell)),
        Status::Measured | Status::Differs | Status::Failed | Status::Skipped => speedup::label(cell),
    }
}

/// All of them in words, for those who cannot see the picture.
pub fn described(values: &[Value]) -> String {
    values.iter().map(Value::told).collect::<Vec<_>>().join("; ")
}

/// Their places, `x y reach` in whole pixels, with commas between, a reach like that before left out, and one of nothing
/// at first: `66 120,480 96 12`.
pub fn places(values: &[Value]) -> String {
    let mut places = String::new();
    let mut last = 0.0;
    for Value { at: (x, y), reach, .. } in values {
        let comma = if places.is_empty() { "" } else { "," };
        // A string takes every write.
        let _ = write!(places, "{comma}{x:.0} {y:.0}");
        if *reach != last {
            let _ = write!(places, " {reach:.0}");
        }
        last = *reach;
    }
    places
}

/// What stands at them: what all are of, then a line each with its name, a tab and its text. A name that the line before
/// has is left out, with its tab.
pub fn words(subject: &str, values: &[Value]) -> String {
    let mut words = subject.to_owned();
    let mut last = None;
    for Value { name, text, .. } in values {
        let _ = if last == Some(name) { write!(words, "\n{text}") } else { write!(words, "\n{name}\t{text}") };
        last = Some(name);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(at: Point, reach: f64, name: &str, text: &str) -> Value {
        Value { at, reach, name: name.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn values_are_short_and_a_name_is_told_once_a_line() {
        let values = [
            value((65.6, 120.0), 0.0, "baseline", "1.00 ms"),
            value((480.0, 96.4), 0.0, "baseline", "9.00 ms"),
            value((66.0, 99.0), 12.5, "hybrid", "1.00 µs"),
            value((70.0, 99.0), 0.0, "baseline", "2.00 ms"),
        ];
        assert_eq!(places(&values), "66 120,480 96,66 99 12,70 99 0");
        assert_eq!(
            words("sum_list", &values),
            "sum_list\nbaseline\t1.00 ms\n9.00 ms\nhybrid\t1.00 µs\nbaseline\t2.00 ms"
        );
        assert_eq!(described(&values[2..]), "hybrid: 1.00 µs; baseline: 2.00 ms");
        assert_eq!((places(&[]), words("", &[])), (String::new(), String::new()));
    }
}
