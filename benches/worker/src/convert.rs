//! From canonical values to Rust arguments, refusing what PyO3 refuses: a native implementation then fails on a
//! mistyped argument with the exception class that a hybrid raises.

use crate::{Failure, Value};

impl Value {
    /// An integer within 64 bits; a bool counts, as it does in Python.
    ///
    /// # Errors
    /// `OverflowError` beyond 64 bits, `TypeError` for every other type, floats included.
    pub fn into_int(self) -> Result<i64, Failure> {
        match self {
            Value::Int(value) => Ok(value),
            Value::Bool(value) => Ok(i64::from(value)),
            Value::BigInt(_) => Err(Failure::overflow_error("an integer is beyond 64 bits")),
            other => Err(other.is_not("int")),
        }
    }

    /// A float; integers count, as they do in Python.
    ///
    /// # Errors
    /// `OverflowError` for an integer beyond the floats, `TypeError` for every other type.
    pub fn into_float(self) -> Result<f64, Failure> {
        match self {
            Value::Float(value) => Ok(value),
            #[expect(clippy::cast_precision_loss, reason = "Python rounds to the nearest float too")]
            Value::Int(value) => Ok(value as f64),
            Value::Bool(value) => Ok(f64::from(value)),
            Value::BigInt(digits) => match digits.parse::<f64>() {
                Ok(value) if value.is_finite() => Ok(value),
                _ => Err(Failure::overflow_error("an integer is beyond the floats")),
            },
            other => Err(other.is_not("float")),
        }
    }

    /// The floats of a list or tuple.
    ///
    /// # Errors
    /// As [`Value::into_float`] for the first member that is none; `TypeError` when it is no list or tuple.
    pub fn into_floats(self) -> Result<Vec<f64>, Failure> {
        self.into_list()?.into_iter().map(Value::into_float).collect()
    }

    /// The integers of a list or tuple.
    ///
    /// # Errors
    /// As [`Value::into_int`] for the first member that is none; `TypeError` when it is no list or tuple.
    pub fn into_ints(self) -> Result<Vec<i64>, Failure> {
        self.into_list()?.into_iter().map(Value::into_int).collect()
    }

    /// The members of a list or tuple.
    ///
    /// # Errors
    /// `TypeError` when it is neither.
    pub fn into_list(self) -> Result<Vec<Value>, Failure> {
        match self {
            Value::List(items) | Value::Tuple(items) => Ok(items),
            other => Err(other.is_not("list")),
        }
    }

    /// Text.
    ///
    /// # Errors
    /// `UnicodeEncodeError` for text with lone surrogates, `TypeError` for every other type.
    pub fn into_text(self) -> Result<String, Failure> {
        match self {
            Value::Str(text) => Ok(text),
            Value::SurrogateStr(_) => Err(Failure::unicode_encode_error("the text has lone surrogates")),
            other => Err(other.is_not("str")),
        }
    }

    /// Bytes.
    ///
    /// # Errors
    /// `TypeError` for every other type, `bytearray` included.
    pub fn into_bytes(self) -> Result<Vec<u8>, Failure> {
        match self {
            Value::Bytes(bytes) => Ok(bytes),
            other => Err(other.is_not("bytes")),
        }
    }

    fn is_not(&self, wanted: &str) -> Failure {
        Failure::type_error(format!("expected {wanted}, got {}", self.type_name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class<T: std::fmt::Debug>(result: Result<T, Failure>) -> String {
        result.unwrap_err().class.into_owned()
    }

    #[test]
    fn numbers_convert_as_pyo3_converts_them() {
        assert_eq!(Value::Bool(true).into_int(), Ok(1));
        assert_eq!(Value::Int(3).into_float(), Ok(3.0));
        assert_eq!(Value::BigInt("18446744073709551616".into()).into_float(), Ok(18_446_744_073_709_551_616.0));
        assert_eq!(class(Value::Float(1.0).into_int()), "TypeError");
        assert_eq!(class(Value::BigInt("18446744073709551616".into()).into_int()), "OverflowError");
        assert_eq!(class(Value::BigInt("9".repeat(400)).into_float()), "OverflowError");
        assert_eq!(class(Value::Str("1".into()).into_float()), "TypeError");
    }

    #[test]
    fn lists_and_tuples_are_sequences_and_text_is_not() {
        assert_eq!(Value::Tuple(vec![Value::Float(0.5), Value::Int(1)]).into_floats(), Ok(vec![0.5, 1.0]));
        assert_eq!(class(Value::List(vec![Value::None]).into_floats()), "TypeError");
        assert_eq!(class(Value::Str("ab".into()).into_list()), "TypeError");
    }

    #[test]
    fn text_and_bytes_stay_apart() {
        assert_eq!(class(Value::Bytes(vec![65]).into_text()), "TypeError");
        assert_eq!(class(Value::Str("A".into()).into_bytes()), "TypeError");
        assert_eq!(class(Value::SurrogateStr(vec![0xed, 0xa0, 0x80]).into_text()), "UnicodeEncodeError");
    }
}
