//! Python's types that a plain Rust type does not name: a `dict` in its order, `bytes` rather than a list of numbers.

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, Hash};

use crate::{Canonical, Failure, Value};

/// A `dict` as its entries, in the order in which Python has them.
///
/// A `HashMap` has an order of its own in every process, and a Python dictionary that is compared has one that counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs<K, V>(pub Vec<(K, V)>);

/// `bytes`; a `Vec<u8>` alone is a list of small integers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl<K: Canonical, V: Canonical> Canonical for Pairs<K, V> {
    fn canonical(&self) -> Value {
        Value::Dict(self.0.iter().map(|(key, value)| (key.canonical(), value.canonical())).collect())
    }
}

impl Canonical for Bytes {
    fn canonical(&self) -> Value {
        Value::Bytes(self.0.clone())
    }
}

impl<T: Canonical, S> Canonical for HashSet<T, S> {
    fn canonical(&self) -> Value {
        set_of(self.iter())
    }
}

impl<T: Canonical> Canonical for BTreeSet<T> {
    fn canonical(&self) -> Value {
        set_of(self.iter())
    }
}

/// In the order of the members' encodings: neither language's set has one to compare.
fn set_of<'a, T: Canonical + 'a>(members: impl Iterator<Item = &'a T>) -> Value {
    let mut members: Vec<Value> = members.map(Canonical::canonical).collect();
    members.sort_by_cached_key(Value::to_json);
    Value::Set(members)
}

/// A Rust type that an argument from Python converts to, refusing what PyO3 refuses and with the same class.
pub trait FromValue: Sized {
    /// The value in that type.
    ///
    /// # Errors
    /// `TypeError` for a value of another type, `OverflowError` for a number beyond it.
    fn from_value(value: Value) -> Result<Self, Failure>;
}

impl FromValue for Value {
    fn from_value(value: Value) -> Result<Value, Failure> {
        Ok(value)
    }
}

impl FromValue for bool {
    fn from_value(value: Value) -> Result<bool, Failure> {
        match value {
            Value::Bool(value) => Ok(value),
            other => Err(is_not("bool", &other)),
        }
    }
}

impl FromValue for i64 {
    fn from_value(value: Value) -> Result<i64, Failure> {
        value.into_int()
    }
}

impl FromValue for f64 {
    fn from_value(value: Value) -> Result<f64, Failure> {
        value.into_float()
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Result<String, Failure> {
        value.into_text()
    }
}

impl FromValue for Bytes {
    fn from_value(value: Value) -> Result<Bytes, Failure> {
        value.into_bytes().map(Bytes)
    }
}

/// `bytes`, as PyO3 takes it: `u8` alone is no argument's type here.
impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Result<Vec<u8>, Failure> {
        value.into_bytes()
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(value: Value) -> Result<Vec<T>, Failure> {
        value.into_list()?.into_iter().map(T::from_value).collect()
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Result<Option<T>, Failure> {
        match value {
            Value::None => Ok(None),
            other => T::from_value(other).map(Some),
        }
    }
}

impl<T: FromValue + Eq + Hash, S: BuildHasher + Default> FromValue for HashSet<T, S> {
    fn from_value(value: Value) -> Result<HashSet<T, S>, Failure> {
        match value {
            Value::Set(members) => members.into_iter().map(T::from_value).collect(),
            other => Err(is_not("set", &other)),
        }
    }
}

impl<K: FromValue, V: FromValue> FromValue for Pairs<K, V> {
    fn from_value(value: Value) -> Result<Pairs<K, V>, Failure> {
        let Value::Dict(entries) = value else { return Err(is_not("dict", &value)) };
        let pair = |(key, value)| Ok((K::from_value(key)?, V::from_value(value)?));
        entries.into_iter().map(pair).collect::<Result<_, _>>().map(Pairs)
    }
}

macro_rules! tuples_from_values {
    ($(($count:literal: $($part:ident $name:ident),+)),+) => {$(
        impl<$($part: FromValue),+> FromValue for ($($part,)+) {
            fn from_value(value: Value) -> Result<Self, Failure> {
                let Value::Tuple(items) = value else { return Err(is_not("tuple", &value)) };
                match <[Value; $count]>::try_from(items) {
                    Ok([$($name),+]) => Ok(($($part::from_value($name)?,)+)),
                    Err(items) => Err(Failure::value_error(format!(
                        "expected tuple of length {}, but got tuple of length {}", $count, items.len()
                    ))),
                }
            }
        }
    )+};
}
tuples_from_values!(
    (1: A a), (2: A a, B b), (3: A a, B b, C c), (4: A a, B b, C c, D d), (5: A a, B b, C c, D d, E e),
    (6: A a, B b, C c, D d, E e, F f)
);

fn is_not(wanted: &str, value: &Value) -> Failure {
    Failure::type_error(format!("expected {wanted}, got {}", value.type_name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class<T: std::fmt::Debug>(result: Result<T, Failure>) -> String {
        result.unwrap_err().class.into_owned()
    }

    fn text(text: &str) -> Value {
        Value::Str(text.to_owned())
    }

    #[test]
    fn a_dictionary_keeps_its_order_both_ways() {
        let entries = vec![(text("b"), Value::Int(1)), (text("a"), Value::Int(2))];
        let pairs: Pairs<String, i64> = FromValue::from_value(Value::Dict(entries)).unwrap();
        assert_eq!(pairs.0, [("b".to_owned(), 1), ("a".to_owned(), 2)]);
        assert_eq!(pairs.canonical().to_json(), br#"{"b":1,"a":2}"#);
    }

    #[test]
    fn a_set_has_one_form_whatever_its_hashes() {
        let members: HashSet<i64> = FromValue::from_value(Value::Set(vec![Value::Int(3), Value::Int(1)])).unwrap();
        assert_eq!(members.canonical().to_json(), br#"{"$":"set","v":[1,3]}"#);
        assert_eq!(BTreeSet::from([3, 1]).canonical().to_json(), members.canonical().to_json());
    }

    #[test]
    fn bytes_are_no_list_of_numbers() {
        assert_eq!(Bytes(vec![1]).canonical().to_json(), br#"{"$":"bytes","v":"01"}"#);
        assert_eq!(<Vec<u8>>::from_value(Value::Bytes(vec![7])), Ok(vec![7]));
        assert_eq!(class(<Vec<u8>>::from_value(Value::List(vec![Value::Int(7)]))), "TypeError");
    }

    #[test]
    fn nested_values_convert_and_mistyped_ones_are_refused() {
        let rows = Value::List(vec![Value::Tuple(vec![text("a"), Value::None])]);
        assert_eq!(<Vec<(String, Option<f64>)>>::from_value(rows), Ok(vec![("a".to_owned(), None)]));
        assert_eq!(class(bool::from_value(Value::Int(1))), "TypeError");
        assert_eq!(class(<(i64, i64)>::from_value(Value::Tuple(vec![Value::Int(1)]))), "ValueError");
        assert_eq!(class(<(i64,)>::from_value(Value::List(vec![Value::Int(1)]))), "TypeError");
        assert_eq!(class(<Pairs<String, i64>>::from_value(Value::None)), "TypeError");
    }
}
