//! Canonical values: what an implementation was given and what it returned, in one type-preserving form.
//!
//! Python and Rust exchange inputs and results in this form, and equality compares it. It is JSON, so that any
//! program can read it; whatever JSON cannot hold is an object with the key `"$"`, its tag, and `"v"`, its content
//! (`docs/PROTOCOL.md` lists the tags). Plain values cost nothing: a list of floats is a JSON array of numbers.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The key that marks a tagged object.
pub const TAG_KEY: &str = "$";
const CONTENT_KEY: &str = "v";

/// A value with its Python type kept: `1`, `1.0`, `True` and `"1"` are four different values.
///
/// `PartialEq` is deliberately absent: equality of floats, order and wire form is a rule of the workload, and lives
/// in the tool.
#[derive(Clone, Debug)]
pub enum Value {
    /// `None`, `()` in Rust.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An integer within 64 bits.
    Int(i64),
    /// An integer beyond 64 bits, in decimal digits with an optional minus.
    BigInt(String),
    /// A float, NaN, infinities and the sign of zero included.
    Float(f64),
    /// Text without lone surrogates.
    Str(String),
    /// Text with lone surrogates, as UTF-8 that encodes them (Python's `surrogatepass`).
    SurrogateStr(Vec<u8>),
    /// `bytes`.
    Bytes(Vec<u8>),
    /// `list`, `Vec`.
    List(Vec<Value>),
    /// `tuple`.
    Tuple(Vec<Value>),
    /// `set`, its members in the order of their encodings.
    Set(Vec<Value>),
    /// `dict`, in insertion order.
    Dict(Vec<(Value, Value)>),
    /// Any other type that has a canonical form, such as `frozenset`, `complex` or `record:Point`: its name, its content.
    Tagged(String, Box<Value>),
}

impl Value {
    /// The Python name of the value's type, for messages.
    pub fn type_name(&self) -> &str {
        match self {
            Value::None => "None",
            Value::Bool(_) => "bool",
            Value::Int(_) | Value::BigInt(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) | Value::SurrogateStr(_) => "str",
            Value::Bytes(_) => "bytes",
            Value::List(_) => "list",
            Value::Tuple(_) => "tuple",
            Value::Set(_) => "set",
            Value::Dict(_) => "dict",
            Value::Tagged(name, _) => name,
        }
    }

    /// Parses a canonical JSON document.
    ///
    /// # Errors
    /// When the text is not JSON, or a tagged object is malformed.
    pub fn from_json(text: &[u8]) -> Result<Value, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(text);
        deserializer.disable_recursion_limit();
        let value = Value::deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(value)
    }

    /// The canonical JSON document of this value, without spaces.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a value has only string keys and finite numbers once tagged")
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::None => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::BigInt(digits) => tagged(serializer, "int", digits),
            Value::Float(value) if value.is_finite() => serializer.serialize_f64(*value),
            Value::Float(value) => tagged(serializer, "float", float_name(*value)),
            Value::Str(text) => serializer.serialize_str(text),
            Value::SurrogateStr(bytes) => tagged(serializer, "str", &to_hex(bytes)),
            Value::Bytes(bytes) => tagged(serializer, "bytes", &to_hex(bytes)),
            Value::List(items) => serializer.collect_seq(items),
            Value::Tuple(items) => tagged(serializer, "tuple", items),
            Value::Set(items) => tagged(serializer, "set", items),
            Value::Dict(pairs) => match plain_keys(pairs) {
                Some(keys) => serializer.collect_map(keys.zip(pairs.iter().map(|(_, value)| value))),
                None => tagged(serializer, "dict", pairs),
            },
            Value::Tagged(name, content) => tagged(serializer, name, content),
        }
    }
}

fn tagged<S: Serializer, T: Serialize + ?Sized>(serializer: S, tag: &str, content: &T) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(2))?;
    map.serialize_entry(TAG_KEY, tag)?;
    map.serialize_entry(CONTENT_KEY, content)?;
    map.end()
}

/// The keys as text when the dictionary can stand as a plain JSON object: every key text, none taken for a tag.
fn plain_keys(pairs: &[(Value, Value)]) -> Option<impl Iterator<Item = &str>> {
    let is_plain = |key: &Value| matches!(key, Value::Str(text) if text != TAG_KEY);
    pairs.iter().all(|(key, _)| is_plain(key)).then(|| {
        pairs.iter().filter_map(|(key, _)| match key {
            Value::Str(text) => Some(text.as_str()),
            _ => None,
        })
    })
}

fn float_name(value: f64) -> &'static str {
    match (value.is_nan(), value.is_sign_negative()) {
        (true, _) => "nan",
        (false, true) => "-inf",
        (false, false) => "inf",
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a canonical value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| Value::BigInt(value.to_string()), Value::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Str(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Str(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::with_capacity(items.size_hint().unwrap_or(0));
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            if key == TAG_KEY && pairs.is_empty() {
                return untag(entries);
            }
            pairs.push((Value::Str(key), entries.next_value()?));
        }
        Ok(Value::Dict(pairs))
    }
}

fn untag<'de, A: MapAccess<'de>>(mut entries: A) -> Result<Value, A::Error> {
    let tag: String = entries.next_value()?;
    match entries.next_key::<String>()? {
        Some(key) if key == CONTENT_KEY => {}
        _ => return Err(de::Error::custom(format!("the tag `{tag}` has no content `{CONTENT_KEY}`"))),
    }
    let content: Value = entries.next_value()?;
    if entries.next_key::<String>()?.is_some() {
        return Err(de::Error::custom(format!("the tag `{tag}` has more than one content")));
    }
    from_tag(&tag, content).map_err(de::Error::custom)
}

fn from_tag(tag: &str, content: Value) -> Result<Value, String> {
    let malformed = |content: &Value| format!("the tag `{tag}` cannot hold a {}", content.type_name());
    Ok(match (tag, content) {
        ("int", Value::Str(digits)) if is_integer(&digits) => {
            digits.parse().map_or_else(|_| Value::BigInt(digits), Value::Int)
        }
        ("float", Value::Str(name)) => match name.as_str() {
            "nan" => Value::Float(f64::NAN),
            "inf" => Value::Float(f64::INFINITY),
            "-inf" => Value::Float(f64::NEG_INFINITY),
            _ => return Err(format!("`{name}` is not a float")),
        },
        ("str", Value::Str(hex)) => Value::SurrogateStr(from_hex(&hex)?),
        ("bytes", Value::Str(hex)) => Value::Bytes(from_hex(&hex)?),
        ("tuple", Value::List(items)) => Value::Tuple(items),
        ("set", Value::List(items)) => Value::Set(items),
        ("dict", Value::List(items)) => Value::Dict(items.into_iter().map(pair).collect::<Result<_, _>>()?),
        ("int" | "float" | "str" | "bytes" | "tuple" | "set" | "dict", other) => return Err(malformed(&other)),
        (_, content) => Value::Tagged(tag.to_owned(), Box::new(content)),
    })
}

fn pair(item: Value) -> Result<(Value, Value), String> {
    match item {
        Value::List(items) => <[Value; 2]>::try_from(items)
            .map(|[key, value]| (key, value))
            .map_err(|items| format!("a dictionary entry has {} parts", items.len())),
        other => Err(format!("a dictionary entry is a {}", other.type_name())),
    }
}

fn is_integer(digits: &str) -> bool {
    let digits = digits.strip_prefix('-').unwrap_or(digits);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect()
}

fn from_hex(text: &str) -> Result<Vec<u8>, String> {
    let nibble = |byte: u8| char::from(byte).to_digit(16);
    let digits: Option<Vec<u32>> = text.bytes().map(nibble).collect();
    match digits {
        Some(digits) if digits.len() % 2 == 0 => {
            Ok(digits.chunks(2).filter_map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect())
        }
        _ => Err("bytes are written as pairs of hexadecimal digits".to_owned()),
    }
}

/// What a Rust workload returns, turned into a canonical value off the clock.
///
/// Implemented for the standard types that have a Python twin; implement it for your own result type by building a
/// [`Value`] by hand.
pub trait Canonical {
    /// The canonical value; called outside every timed region.
    fn canonical(&self) -> Value;
}

impl Canonical for Value {
    fn canonical(&self) -> Value {
        self.clone()
    }
}

impl Canonical for () {
    fn canonical(&self) -> Value {
        Value::None
    }
}

impl Canonical for bool {
    fn canonical(&self) -> Value {
        Value::Bool(*self)
    }
}

macro_rules! canonical_integers {
    ($($integer:ty),*) => {$(
        impl Canonical for $integer {
            fn canonical(&self) -> Value {
                i64::try_from(*self).map_or_else(|_| Value::BigInt(self.to_string()), Value::Int)
            }
        }
    )*};
}
canonical_integers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

impl Canonical for f64 {
    fn canonical(&self) -> Value {
        Value::Float(*self)
    }
}

impl Canonical for str {
    fn canonical(&self) -> Value {
        Value::Str(self.to_owned())
    }
}

impl Canonical for String {
    fn canonical(&self) -> Value {
        Value::Str(self.clone())
    }
}

impl<T: Canonical + ?Sized> Canonical for &T {
    fn canonical(&self) -> Value {
        (**self).canonical()
    }
}

impl<T: Canonical> Canonical for Option<T> {
    fn canonical(&self) -> Value {
        self.as_ref().map_or(Value::None, Canonical::canonical)
    }
}

impl<T: Canonical> Canonical for [T] {
    fn canonical(&self) -> Value {
        Value::List(self.iter().map(Canonical::canonical).collect())
    }
}

impl<T: Canonical> Canonical for Vec<T> {
    fn canonical(&self) -> Value {
        self.as_slice().canonical()
    }
}

macro_rules! canonical_tuples {
    ($(($($part:ident $index:tt),+)),+) => {$(
        impl<$($part: Canonical),+> Canonical for ($($part,)+) {
            fn canonical(&self) -> Value {
                Value::Tuple(vec![$(self.$index.canonical()),+])
            }
        }
    )+};
}
canonical_tuples!((A 0), (A 0, B 1), (A 0, B 1, C 2), (A 0, B 1, C 2, D 3), (A 0, B 1, C 2, D 3, E 4), (A 0, B 1, C 2, D 3, E 4, F 5));

/// In the order of the keys' encodings: a hash map has none of its own, and its iteration differs in every process.
impl<K: Canonical, V: Canonical, S> Canonical for HashMap<K, V, S> {
    fn canonical(&self) -> Value {
        let mut pairs: Vec<(Value, Value)> =
            self.iter().map(|(key, value)| (key.canonical(), value.canonical())).collect();
        pairs.sort_by_cached_key(|(key, _)| key.to_json());
        Value::Dict(pairs)
    }
}

impl<K: Canonical, V: Canonical> Canonical for BTreeMap<K, V> {
    fn canonical(&self) -> Value {
        Value::Dict(self.iter().map(|(key, value)| (key.canonical(), value.canonical())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(json: &str) -> Value {
        Value::from_json(json.as_bytes()).unwrap()
    }

    fn written(json: &str) -> String {
        String::from_utf8(read(json).to_json()).unwrap()
    }

    #[test]
    fn plain_json_is_its_own_canonical_form() {
        for json in ["null", "true", "-7", "0.5", "-0.0", "\"é\"", "[1,1.0,\"1\"]", r#"{"b":1,"a":[]}"#] {
            assert_eq!(written(json), json);
        }
    }

    #[test]
    fn integers_and_floats_of_the_same_value_stay_apart() {
        assert!(matches!(read("1"), Value::Int(1)));
        assert!(matches!(read("1.0"), Value::Float(1.0)));
        assert!(matches!(read("1e16"), Value::Float(1e16)));
        assert!(matches!(read("18446744073709551615"), Value::BigInt(digits) if digits == "18446744073709551615"));
        assert!(matches!(read("-0.0"), Value::Float(zero) if zero.is_sign_negative()));
    }

    #[test]
    fn a_hash_map_has_one_form_whatever_its_hashes() {
        let map: HashMap<String, i64> =
            [("b", 2), ("a", 1), ("c", 3)].map(|(key, value)| (key.to_owned(), value)).into();
        assert_eq!(map.canonical().to_json(), br#"{"a":1,"b":2,"c":3}"#);
    }

    #[test]
    fn what_json_cannot_hold_is_tagged() {
        for json in [
            r#"{"$":"int","v":"1000000000000000000000000000000"}"#,
            r#"{"$":"float","v":"nan"}"#,
            r#"{"$":"float","v":"-inf"}"#,
            r#"{"$":"str","v":"eda080"}"#,
            r#"{"$":"bytes","v":"00ff"}"#,
            r#"{"$":"tuple","v":[1,{"$":"set","v":[2]}]}"#,
            r#"{"$":"dict","v":[[1,"a"],["$","b"]]}"#,
            r#"{"$":"record:Point","v":{"x":1}}"#,
        ] {
            assert_eq!(written(json), json);
        }
    }

    #[test]
    fn a_malformed_tag_is_refused() {
        for json in [
            r#"{"$":"tuple"}"#,
            r#"{"$":"tuple","v":1}"#,
            r#"{"$":"bytes","v":"0"}"#,
            r#"{"$":"bytes","v":"zz"}"#,
            r#"{"$":"dict","v":[[1]]}"#,
            r#"{"$":"tuple","v":[],"w":1}"#,
            "[1] 2",
        ] {
            assert!(Value::from_json(json.as_bytes()).is_err(), "{json}");
        }
    }

    #[test]
    fn a_deeply_nested_list_is_read() {
        let depth = 900;
        assert!(Value::from_json(format!("{}{}", "[".repeat(depth), "]".repeat(depth)).as_bytes()).is_ok());
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::None),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_map(Value::Float),
            ".*".prop_map(Value::Str),
            proptest::collection::vec(any::<u8>(), 0..8).prop_map(Value::Bytes),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            let items = proptest::collection::vec(inner.clone(), 0..4);
            prop_oneof![
                items.clone().prop_map(Value::List),
                items.clone().prop_map(Value::Tuple),
                items.prop_map(Value::Set),
                proptest::collection::vec((inner.clone(), inner), 0..4).prop_map(Value::Dict),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(value in any_value()) {
            let json = value.to_json();
            prop_assert_eq!(Value::from_json(&json).unwrap().to_json(), json);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Value::from_json(&bytes);
        }
    }
}
