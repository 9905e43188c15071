//! Parse a JSON array of events into typed records, and add up a field.
//!
//! An event is an object with exactly the fields `id` and `amount` (integers within 64 bits), `name` (text) and
//! `score` (a finite number), each once. Whatever else the bytes hold is a `ValueError`, as it is in the twin:
//! malformed JSON, `NaN`, text that is not UTF-8 or has lone surrogates, a missing, repeated, unknown or mistyped
//! field, nesting. The sum is over `amount`, an integer: from 3.12 Python's `sum` of floats compensates for rounding,
//! and results would depend on the version.
//!
//! Two departures are known. `-0` where an integer belongs is 0 to Python and a float to serde_json, hence refused.
//! The untyped variant takes the last of two fields of one name, as every reader does that builds a dictionary.
//!
//! What it teaches: declared types, not the language, are most of the gain. The untyped variant is a port that kept
//! Python's habits: it allocates a tree with a map for every event, and looks the fields up in it. The library
//! candidate parses quickly and makes Python objects as it goes; most of its time are the records and their checks, in
//! Python.
//!
//! Fairness: both twins hold all records at once, make every string, and check the same things. serde_json reads a
//! typed document of this shape in less than half the time that orjson takes to make dictionaries of it; a parser with
//! SIMD (sonic-rs was tried, with owned and with borrowed names) gained nothing here, where most of the time goes into
//! short strings and into floats, which `float_roundtrip` reads to the last bit as Python does.

use std::fmt;
use std::marker::PhantomData;

use rustworthy_worker::{Failure, Input, Workload};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value as Json;
use simdutf8::basic::from_utf8;

/// Number of events, sum of their amounts: 64-bit amounts cannot overflow it.
pub type Total = (usize, i128);

/// The workload; its input is the document.
pub struct JsonParse;

impl Workload for JsonParse {
    const NAME: &'static str = "json_parse";
    const SAMPLE_SIZE: u64 = 1_000;
    type Input = Vec<u8>;
    type Output = Total;

    fn prepare(input: Input) -> Result<Vec<u8>, Failure> {
        input.into_bytes()
    }

    fn sample() -> Vec<u8> {
        sample(1_000)
    }

    fn run(document: &Vec<u8>) -> Result<Total, Failure> {
        json_parse(document)
    }
}

/// The same through serde_json's dynamic value: what a port gains before it declares its types.
pub struct JsonParseUntyped;

impl Workload for JsonParseUntyped {
    const NAME: &'static str = "json_parse_untyped";
    const SAMPLE_SIZE: u64 = JsonParse::SAMPLE_SIZE;
    type Input = Vec<u8>;
    type Output = Total;

    fn prepare(input: Input) -> Result<Vec<u8>, Failure> {
        JsonParse::prepare(input)
    }

    fn sample() -> Vec<u8> {
        JsonParse::sample()
    }

    fn run(document: &Vec<u8>) -> Result<Total, Failure> {
        json_parse_untyped(document)
    }
}

fn sample(size: u32) -> Vec<u8> {
    let events: Vec<String> = (0..size)
        .map(|id| {
            let score = f64::from(id % 7) / 8.0;
            format!(r#"{{"id": {id}, "name": "event {id} \u00e9", "amount": {}, "score": {score:?}}}"#, id * 3)
        })
        .collect();
    format!("[{}]", events.join(", ")).into_bytes()
}

/// One record.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the records are parsed whole, as an application would want them, and one field is read")]
struct Event {
    id: i64,
    name: String,
    amount: i64,
    score: f64,
}

/// A record that is written as an object: serde alone would take an array of the fields, too.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object<T>, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
            type Value = Object<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(fields)).map(Object)
            }
        }

        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

/// Number of events and sum of their amounts.
///
/// # Errors
/// `ValueError` for whatever is not an array of events.
pub fn json_parse(document: &[u8]) -> Result<Total, Failure> {
    // Seen to be UTF-8 once and as a whole, which is quicker than text by text.
    let document = from_utf8(document).map_err(|error| Failure::value_error(error.to_string()))?;
    let events: Vec<Object<Event>> =
        serde_json::from_str(document).map_err(|error| Failure::value_error(error.to_string()))?;
    let mut total = 0;
    for Object(event) in &events {
        total += i128::from(event.amount);
    }
    Ok((events.len(), total))
}

/// As [`json_parse`], with the fields looked up and checked in a tree of dynamic values.
///
/// # Errors
/// As [`json_parse`], but for fields of one name.
pub fn json_parse_untyped(document: &[u8]) -> Result<Total, Failure> {
    let document: Json = serde_json::from_slice(document).map_err(|error| Failure::value_error(error.to_string()))?;
    let Json::Array(events) = document else { return Err(Failure::value_error("not an array")) };
    let mut total = 0;
    for event in &events {
        total += i128::from(amount(event).ok_or_else(|| Failure::value_error(format!("not an event: {event}")))?);
    }
    Ok((events.len(), total))
}

/// The amount of an event; `None` for what is no event.
fn amount(event: &Json) -> Option<i64> {
    let fields = event.as_object().filter(|fields| fields.len() == 4)?;
    fields.get("id")?.as_i64()?;
    fields.get("name")?.as_str()?;
    fields.get("score")?.as_f64()?;
    fields.get("amount")?.as_i64()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"id": 1, "name": "a", "amount": 2, "score": 0.5}"#;

    fn both(document: &[u8]) -> [Result<Total, String>; 2] {
        [json_parse(document), json_parse_untyped(document)]
            .map(|result| result.map_err(|failure| failure.class.into()))
    }

    #[test]
    fn amounts_add_up() {
        assert_eq!(both(&sample(10)), [Ok((10, 135)), Ok((10, 135))]);
        assert_eq!(both(b" [ ] "), [Ok((0, 0)), Ok((0, 0))]);
        let largest = GOOD.replace('2', &i64::MAX.to_string());
        assert_eq!(json_parse(format!("[{largest},{largest}]").as_bytes()), Ok((2, 2 * i128::from(i64::MAX))));
    }

    #[test]
    fn a_whole_number_is_a_score() {
        assert_eq!(
            both(format!("[{}]", GOOD.replace("0.5", "18446744073709551616")).as_bytes()),
            [Ok((1, 2)), Ok((1, 2))]
        );
    }

    #[test]
    fn what_is_no_array_of_events_is_a_value_error() {
        let document = |from: &str, to: &str| format!("[{}]", GOOD.replace(from, to)).into_bytes();
        let deep = "[".repeat(100_000);
        let documents = [
            Vec::new(),
            b"{}".to_vec(),
            b"[1]".to_vec(),
            b"[] []".to_vec(),
            b"[".to_vec(),
            b"\xef\xbb\xbf[]".to_vec(),
            br#"[[1, "a", 2, 0.5]]"#.to_vec(),
            deep.into_bytes(),
            document("\"a\"", "\"\\ud800\""),
            document("\"a\"", "1"),
            document("0.5", "NaN"),
            document("0.5", "1e400"),
            document("0.5", "true"),
            document("0.5", "null"),
            document("2", "2.0"),
            document("2", "\"2\""),
            document("2", "9223372036854775808"),
            document("\"score\"", "\"extra\""),
            document(", \"score\": 0.5", ""),
            document("0.5", "0.5, \"more\": 1"),
            [b"[\"", &[0xff][..], b"\"]"].concat(),
        ];
        for bytes in documents {
            let refused = Err("ValueError".to_owned());
            let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(100)]);
            assert_eq!(both(&bytes), [refused.clone(), refused], "{shown}");
        }
    }

    #[test]
    fn a_repeated_field_is_a_value_error_to_the_typed_reader() {
        let document = format!("[{}]", GOOD.replace("\"amount\": 2", "\"amount\": 2, \"amount\": 3"));
        assert_eq!(both(document.as_bytes()), [Err("ValueError".to_owned()), Ok((1, 3))]);
    }
}
