//! How an implementation says no: the Rust counterpart of a raised exception.
//!
//! Baseline and candidate must fail alike, so a failure names the Python exception class that it corresponds to; an
//! extension raises that class, and a worker reports it.

use std::borrow::Cow;
use std::fmt;
use std::io;

/// An error as the Python exception it corresponds to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The exception's class, such as `ValueError`.
    pub class: Cow<'static, str>,
    /// Its message.
    pub message: String,
    /// Where in the input the error lies, where it can be said.
    pub position: Option<u64>,
}

macro_rules! classes {
    ($($constructor:ident $class:literal $meaning:literal),* $(,)?) => {$(
        #[doc = concat!("`", $class, "`: ", $meaning, ".")]
        pub fn $constructor(message: impl Into<String>) -> Failure {
            Failure::new($class, message)
        }
    )*};
}

impl Failure {
    /// A failure of any class.
    pub fn new(class: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Failure {
        Failure { class: class.into(), message: message.into(), position: None }
    }

    classes! {
        value_error "ValueError" "the right type, but not an acceptable value",
        type_error "TypeError" "an argument of the wrong type, or the wrong number of them",
        overflow_error "OverflowError" "a number beyond what its type holds",
        file_not_found "FileNotFoundError" "no such file",
        unicode_decode_error "UnicodeDecodeError" "bytes that are not text",
        unicode_encode_error "UnicodeEncodeError" "text with lone surrogates, where UTF-8 is needed",
        lookup_error "LookupError" "a name that is not known",
        panic "PanicException" "a Rust panic, under the name that PyO3 gives it",
    }

    /// The same failure, placed in the input.
    #[must_use]
    pub fn at(mut self, position: u64) -> Failure {
        self.position = Some(position);
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "{}: {}", self.class, self.message)
    }
}

impl std::error::Error for Failure {}

/// The class that Python's `open` and `read` raise for the same error.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        let class = match error.kind() {
            io::ErrorKind::NotFound => "FileNotFoundError",
            io::ErrorKind::PermissionDenied => "PermissionError",
            io::ErrorKind::IsADirectory => "IsADirectoryError",
            io::ErrorKind::NotADirectory => "NotADirectoryError",
            io::ErrorKind::InvalidInput => "ValueError",
            _ => "OSError",
        };
        Failure::new(class, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_shows_class_and_message() {
        let failure = Failure::value_error("steps must not be negative").at(3);
        assert_eq!(failure.to_string(), "ValueError: steps must not be negative");
        assert_eq!(failure.position, Some(3));
    }

    #[test]
    fn input_and_output_errors_have_the_classes_of_python() {
        let class = |kind| Failure::from(io::Error::from(kind)).class;
        assert_eq!(class(io::ErrorKind::NotFound), "FileNotFoundError");
        assert_eq!(class(io::ErrorKind::IsADirectory), "IsADirectoryError");
        assert_eq!(class(io::ErrorKind::TimedOut), "OSError");
    }
}
