//! What an annotation means in Rust: how a value crosses, how the port takes it, how a bench holds it.

use serde::Deserialize;

/// A type that an annotation names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Type {
    /// `int`.
    Int,
    /// `float`.
    Float,
    /// `bool`.
    Bool,
    /// `str`.
    Str,
    /// `bytes`.
    Bytes,
    /// `None`.
    None,
    /// `list[T]`, and the sequences that a list stands in for.
    List {
        /// Of what.
        item: Box<Type>,
    },
    /// `set[T]`.
    Set {
        /// Of what.
        item: Box<Type>,
    },
    /// `dict[K, V]`.
    Dict {
        /// Its keys.
        key: Box<Type>,
        /// Its values.
        value: Box<Type>,
    },
    /// `tuple[A, B]`.
    Tuple {
        /// Its parts.
        items: Vec<Type>,
    },
    /// `T | None`.
    Optional {
        /// What it is when it is not `None`.
        item: Box<Type>,
    },
    /// Anything else.
    Any {
        /// The annotation as it is written; `None` where there is none.
        text: Option<String>,
    },
}

/// The most parts of a tuple that the worker's conversions know.
const LONGEST_TUPLE: usize = 6;

impl Type {
    /// Whether it has a Rust type of its own, as a parameter: then the port needs nothing of Python.
    pub fn is_plain_parameter(&self) -> bool {
        match self {
            Type::Dict { key, value } => key.is_plain_inside() && value.is_plain_inside(),
            Type::Optional { item } => !matches!(**item, Type::Dict { .. }) && item.is_plain_parameter(),
            Type::Any { .. } | Type::None => false,
            other => other.is_plain_inside(),
        }
    }

    /// Whether it has one as a result, which a bench can show.
    pub fn is_plain_result(&self) -> bool {
        let holds_bytes = |inner: &Type| inner.holds(&|part| *part == Type::Bytes);
        match self {
            Type::None | Type::Bytes => true,
            Type::Any { .. } => false,
            Type::Dict { key, value } => {
                key.is_plain_inside() && value.is_plain_inside() && !holds_bytes(key) && !holds_bytes(value)
            }
            other => other.is_plain_inside() && !holds_bytes(other),
        }
    }

    fn is_plain_inside(&self) -> bool {
        match self {
            Type::Int | Type::Float | Type::Bool | Type::Str | Type::Bytes => true,
            Type::List { item } | Type::Optional { item } => item.is_plain_inside(),
            Type::Set { item } => item.is_hashable(),
            Type::Tuple { items } => items.len() <= LONGEST_TUPLE && items.iter().all(Type::is_plain_inside),
            Type::Dict { .. } | Type::None | Type::Any { .. } => false,
        }
    }

    fn is_hashable(&self) -> bool {
        match self {
            Type::Int | Type::Bool | Type::Str | Type::Bytes => true,
            Type::Tuple { items } => items.len() <= LONGEST_TUPLE && items.iter().all(Type::is_hashable),
            Type::Optional { item } => item.is_hashable(),
            Type::Float | Type::None | Type::List { .. } | Type::Set { .. } | Type::Dict { .. } | Type::Any { .. } => {
                false
            }
        }
    }

    /// Whether it, or a part of it, is so.
    pub fn holds(&self, is_so: &dyn Fn(&Type) -> bool) -> bool {
        is_so(self)
            || match self {
                Type::List { item } | Type::Set { item } | Type::Optional { item } => item.holds(is_so),
                Type::Dict { key, value } => key.holds(is_so) || value.holds(is_so),
                Type::Tuple { items } => items.iter().any(|item| item.holds(is_so)),
                Type::Int | Type::Float | Type::Bool | Type::Str | Type::Bytes | Type::None | Type::Any { .. } => false,
            }
    }

    /// What a bench holds, and what a result is.
    pub fn owned(&self) -> String {
        match self {
            Type::Int => "i64".to_owned(),
            Type::Float => "f64".to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::Str => "String".to_owned(),
            Type::Bytes => "Vec<u8>".to_owned(),
            Type::None => "()".to_owned(),
            Type::List { item } => format!("Vec<{}>", item.owned()),
            Type::Set { item } => format!("HashSet<{}>", item.owned()),
            Type::Dict { key, value } => format!("Vec<({}, {})>", key.owned(), value.owned()),
            Type::Tuple { items } => tuple(items.iter().map(Type::owned)),
            Type::Optional { item } => format!("Option<{}>", item.owned()),
            Type::Any { .. } => "Bound<'py, PyAny>".to_owned(),
        }
    }

    /// The bench's input: as [`Type::owned`], a dictionary told from a list of pairs.
    pub fn held(&self) -> String {
        match self {
            Type::Dict { key, value } => format!("Pairs<{}, {}>", key.owned(), value.owned()),
            other => other.owned(),
        }
    }

    /// How the port takes it: borrowed wherever that costs nothing.
    pub fn borrowed(&self) -> String {
        match self {
            Type::Int | Type::Float | Type::Bool => self.owned(),
            Type::Str => "&str".to_owned(),
            Type::Bytes => "&[u8]".to_owned(),
            Type::List { item } => match **item {
                Type::Str => "&[impl AsRef<str>]".to_owned(),
                Type::Bytes => "&[impl AsRef<[u8]>]".to_owned(),
                ref other => format!("&[{}]", other.owned()),
            },
            Type::Dict { key, value } => format!("&[({}, {})]", key.owned(), value.owned()),
            Type::Optional { item } => format!("Option<{}>", item.borrowed()),
            Type::Set { .. } | Type::Tuple { .. } | Type::None | Type::Any { .. } => format!("&{}", self.owned()),
        }
    }

    /// How PyO3 is asked for it.
    pub fn crossing(&self) -> String {
        match self {
            Type::Int | Type::Float | Type::Bool | Type::Set { .. } | Type::Tuple { .. } | Type::None => self.owned(),
            Type::Str => "&str".to_owned(),
            Type::Bytes => "&[u8]".to_owned(),
            Type::List { item } => match **item {
                Type::Str => "Vec<PyBackedStr>".to_owned(),
                Type::Bytes => "Vec<PyBackedBytes>".to_owned(),
                ref other => format!("Vec<{}>", other.owned()),
            },
            Type::Dict { .. } => "&Bound<'py, PyDict>".to_owned(),
            Type::Optional { item } => format!("Option<{}>", item.crossing()),
            Type::Any { .. } => "&Bound<'py, PyAny>".to_owned(),
        }
    }

    /// What crossed, handed on to the port.
    pub fn hand_on(&self, name: &str) -> String {
        match self {
            Type::Int | Type::Float | Type::Bool | Type::Str | Type::Bytes | Type::Any { .. } => name.to_owned(),
            Type::List { .. } | Type::Set { .. } | Type::Dict { .. } | Type::Tuple { .. } | Type::None => {
                format!("&{name}")
            }
            Type::Optional { item } => match **item {
                Type::List { .. } => format!("{name}.as_deref()"),
                Type::Set { .. } | Type::Tuple { .. } => format!("{name}.as_ref()"),
                _ => name.to_owned(),
            },
        }
    }

    /// What a bench holds, lent to the port; `name` is a reference to it.
    pub fn lend(&self, name: &str) -> String {
        match self {
            Type::Int | Type::Float | Type::Bool => format!("*{name}"),
            Type::Dict { .. } => format!("&{name}.0"),
            Type::Optional { item } => match **item {
                Type::Int | Type::Float | Type::Bool => format!("*{name}"),
                Type::Set { .. } | Type::Tuple { .. } => format!("{name}.as_ref()"),
                _ => format!("{name}.as_deref()"),
            },
            Type::Str
            | Type::Bytes
            | Type::List { .. }
            | Type::Set { .. }
            | Type::Tuple { .. }
            | Type::None
            | Type::Any { .. } => name.to_owned(),
        }
    }

    /// A small value of [`Type::held`], for a bench without Python.
    pub fn sample(&self) -> String {
        match self {
            Type::Int => "3".to_owned(),
            Type::Float => "1.5".to_owned(),
            Type::Bool => "true".to_owned(),
            Type::Str => "\"the quick brown fox\".to_owned()".to_owned(),
            Type::Bytes => "b\"the quick brown fox\".to_vec()".to_owned(),
            Type::None | Type::Any { .. } => "()".to_owned(),
            Type::List { item } => format!("vec![{}]", item.sample()),
            Type::Set { item } => format!("HashSet::from([{}])", item.sample()),
            Type::Dict { key, value } => format!("Pairs(vec![({}, {})])", key.sample(), value.sample()),
            Type::Tuple { items } => tuple(items.iter().map(Type::sample)),
            Type::Optional { item } => format!("Some({})", item.sample()),
        }
    }

    /// Why it crosses as it does, and what else there is: said once above the binding.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Type::Int => Some(
                "`i64` is the cheapest integer. Python's has no limit: beyond 64 bits PyO3 raises OverflowError, and `+` in a release build wraps without a word; use `checked_add` and the like, or num-bigint (PyO3's feature of that name) if yours grow so large.",
            ),
            Type::Str => Some(
                "`&str` borrows Python's own text; `String` would copy it in every call. (A module for the stable ABI of 3.9, `abi3-py39`, copies either way.) Lone surrogates raise UnicodeEncodeError.",
            ),
            Type::Bytes => Some("`&[u8]` borrows Python's own bytes; `Vec<u8>` would copy them in every call."),
            Type::List { item } => Some(match **item {
                Type::Str => {
                    "`Vec<PyBackedStr>` borrows each text, at about a third of what `Vec<String>` costs. Walking `&Bound<'py, PyList>` with `to_str` is cheaper still, and ties the port to Python."
                }
                Type::Bytes => "`Vec<PyBackedBytes>` borrows each item; `Vec<Vec<u8>>` would copy them all.",
                Type::Int | Type::Float => {
                    "`Vec` copies the numbers out of their Python objects, several ns each. If the caller can hold an `array.array` or a NumPy array, take `PyBuffer` instead: one block, read at about 1 ns a number. A list that is read once may be walked as `&Bound<'py, PyList>`, without the vector."
                }
                _ => {
                    "Every part of every item is converted, before the port begins. If most of it is not looked at, take `&Bound<'py, PyList>` and extract what is."
                }
            }),
            Type::Set { .. } => Some("A set is copied member by member, and hashed again."),
            Type::Dict { .. } => Some(
                "The dictionary is walked where it lies, in its order; a `HashMap` would lose that order, and cost about ten times as much to fill as the walk.",
            ),
            Type::Any { .. } => Some(
                "`Bound<'py, PyAny>` is a Python object, and every use of it a call back into Python. Annotate the function, or extract what you need once: `values.extract::<Vec<f64>>()?`.",
            ),
            Type::Optional { item } => item.advice(),
            Type::Float | Type::Bool | Type::Tuple { .. } | Type::None => None,
        }
    }
}

/// `(A, B)`; one part keeps its comma.
pub fn tuple(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    match parts.as_slice() {
        [one] => format!("({one},)"),
        _ => format!("({})", parts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(item: Type) -> Type {
        Type::List { item: Box::new(item) }
    }

    fn dict(key: Type, value: Type) -> Type {
        Type::Dict { key: Box::new(key), value: Box::new(value) }
    }

    #[test]
    fn text_and_bytes_are_borrowed_on_the_way() {
        assert_eq!([Type::Str.crossing(), Type::Str.borrowed(), Type::Str.owned()], ["&str", "&str", "String"]);
        assert_eq!(list(Type::Str).crossing(), "Vec<PyBackedStr>");
        assert_eq!(list(Type::Str).borrowed(), "&[impl AsRef<str>]");
        assert_eq!(list(list(Type::Float)).borrowed(), "&[Vec<f64>]");
    }

    #[test]
    fn a_dictionary_keeps_its_order() {
        let counts = dict(Type::Str, Type::Int);
        assert_eq!(counts.crossing(), "&Bound<'py, PyDict>");
        assert_eq!([counts.held(), counts.owned()], ["Pairs<String, i64>", "Vec<(String, i64)>"]);
    }

    #[test]
    fn what_rust_has_no_type_for_stays_python() {
        let any = Type::Any { text: None };
        assert!(!any.is_plain_parameter() && !any.is_plain_result());
        assert!(!list(any).is_plain_parameter());
        assert!(!list(dict(Type::Str, Type::Int)).is_plain_parameter());
        assert!(!Type::Set { item: Box::new(Type::Float) }.is_plain_parameter());
        assert!(dict(Type::Str, list(Type::Float)).is_plain_parameter());
        assert!(list(Type::Bytes).is_plain_parameter() && !list(Type::Bytes).is_plain_result());
        assert!(Type::Bytes.is_plain_result() && Type::None.is_plain_result());
    }
}
