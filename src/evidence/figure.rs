//! How figures are written down: with the digits that say something.
//!
//! What was counted, such as nanoseconds of a batch and bytes, is a whole number and stays as it is. What was computed from
//! counts has some seventeen digits as a float. No ratio is known to the fourth, and seven are kept, so that whatever
//! is computed from a figure later is rounded once, and not twice.

use serde::Serializer;
use serde_json::{Map, Number, Value};

/// Digits that are kept after the first.
const DIGITS: usize = 6;

/// Up to here a float is every whole number exactly: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A figure to seven significant digits; whole numbers stay exact, and what is no number stays what it is.
pub fn figure(value: f64) -> f64 {
    if !value.is_finite() || is_whole(value) {
        return value;
    }
    // By way of text: scaling by a power of ten would leave digits of its own behind.
    format!("{value:.DIGITS$e}").parse().unwrap_or(value)
}

fn is_whole(value: f64) -> bool {
    value.fract() == 0.0 && value.abs() < EXACT
}

/// Serialises a figure, whole numbers without `.0`.
pub(super) fn number<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    let value = figure(*value);
    if is_whole(value) { serializer.serialize_i64(value as i64) } else { serializer.serialize_f64(value) }
}

/// Serialises a figure that may be missing.
pub(super) fn optional<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => number(value, serializer),
        None => serializer.serialize_none(),
    }
}

/// Serialises the figures in a document; what is null in its objects is left out.
pub(super) fn within<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(&shortened(value), serializer)
}

fn shortened(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => number.as_f64().map_or(Value::Null, shortened_number),
        Value::Array(items) => items.iter().map(shortened).collect(),
        Value::Object(fields) => {
            let told = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Object(told.map(|(name, value)| (name.clone(), shortened(value))).collect::<Map<_, _>>())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn shortened_number(value: f64) -> Value {
    let value = figure(value);
    if is_whole(value) { Value::from(value as i64) } else { Number::from_f64(value).map_or(Value::Null, Value::Number) }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    struct Figures {
        #[serde(serialize_with = "number")]
        one: f64,
        #[serde(serialize_with = "optional")]
        other: Option<f64>,
        #[serde(serialize_with = "within")]
        evidence: Value,
    }

    fn written(one: f64, other: Option<f64>, evidence: Value) -> String {
        serde_json::to_string(&Figures { one, other, evidence }).unwrap()
    }

    #[test]
    fn seven_digits_are_kept_of_what_was_computed() {
        let known = [
            (2.0 / 3.0, 0.666_666_7),
            (-1_234_567.89, -1_234_568.0),
            (1.000_000_04, 1.0),
            (9.999_999_96e-12, 1e-11),
            (5e-324, 5e-324),
            (f64::MAX, f64::MAX),
        ];
        for (value, kept) in known {
            let change = figure(value) / kept - 1.0;
            assert!(change.abs() < 1e-7 || figure(value) == kept, "{value}: {}", figure(value));
            assert_eq!(figure(figure(value)), figure(value), "{value}");
        }
        assert_eq!(figure(2.0 / 3.0).to_string(), "0.6666667");
    }

    #[test]
    fn counts_stay_exact() {
        for count in [0.0, 1.0, 105_444_528.0, -34_451_456.0, EXACT - 1.0] {
            assert_eq!(figure(count), count);
        }
        assert_eq!(written(105_444_528.0, None, json!(null)), r#"{"one":105444528,"other":null,"evidence":null}"#);
    }

    #[test]
    fn evidence_says_what_is_known() {
        let evidence = json!({"a": 1.0 / 3.0, "b": null, "c": [2.0, null, {"d": null, "e": "1.23456789"}], "f": true});
        assert_eq!(
            written(1e-9, Some(f64::NAN), evidence),
            r#"{"one":1e-9,"other":null,"evidence":{"a":0.3333333,"c":[2,null,{"e":"1.23456789"}],"f":true}}"#
        );
    }
}
