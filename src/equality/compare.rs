//! The comparison itself: two outcomes walked together until they part.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use rustworthy_worker::Value;
use rustworthy_worker::protocol::OutcomeDocument;

use super::show::short;
use crate::evidence::{Order, Tolerance};

const SHOWN: usize = 80;

/// How a candidate's outcome reached the tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// From a Python worker, types kept.
    Typed,
    /// From outside Python: a tuple and a list are the same array.
    Json,
}

/// Where two outcomes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Path to the value, such as `result[3]["name"]`.
    pub path: String,
    /// What the baseline has there.
    pub baseline: String,
    /// What the candidate has there.
    pub candidate: String,
    /// What kind of difference it is, where that is not plain.
    pub note: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "{}: baseline {}, candidate {}", self.path, self.baseline, self.candidate)?;
        self.note.as_ref().map_or(Ok(()), |note| write!(formatter, " ({note})"))
    }
}

/// Compares what two calls did: the value or the exception's class and position, and the arguments after the call.
///
/// # Errors
/// The first difference.
pub fn outcomes(
    baseline: &OutcomeDocument,
    candidate: &OutcomeDocument,
    tolerance: &Tolerance,
    wire: Wire,
) -> Result<(), Difference> {
    let walk = Walk { tolerance, wire };
    match (&baseline.raised, &candidate.raised) {
        (None, None) => {}
        (Some(left), Some(right)) => {
            if left.class != right.class {
                return Err(part("exception", left.class.clone(), right.class.clone(), None));
            }
            match (left.position, right.position) {
                (Some(at), Some(other)) if at != other => {
                    return Err(part("exception's position", at.to_string(), other.to_string(), None));
                }
                _ => {}
            }
        }
        (Some(left), None) => {
            return Err(part("result", format!("raises {}", left.class), returned(candidate), None));
        }
        (None, Some(right)) => {
            let raised = format!("raises {}: {}", right.class, right.message);
            return Err(part("result", returned(baseline), raised, None));
        }
    }
    if let (Some(left), Some(right)) = (&baseline.value, &candidate.value) {
        walk.values("result", left, right)?;
    }
    match (&baseline.arguments, &candidate.arguments) {
        (Some(left), Some(right)) => walk.sequences("arguments", left, right),
        // Rust that is measured natively borrows its input and cannot change it.
        (Some(_), None) if wire == Wire::Typed => {
            Err(part("arguments", "changed by the call".into(), "left as they were".into(), None))
        }
        (None, Some(_)) => Err(part("arguments", "left as they were".into(), "changed by the call".into(), None)),
        (Some(_) | None, None) => Ok(()),
    }
}

/// Compares two values.
///
/// # Errors
/// The first difference.
pub fn values(baseline: &Value, candidate: &Value, tolerance: &Tolerance, wire: Wire) -> Result<(), Difference> {
    Walk { tolerance, wire }.values("result", baseline, candidate)
}

fn returned(document: &OutcomeDocument) -> String {
    document.value.as_ref().map_or_else(|| "returns".to_owned(), |value| format!("returns {}", short(value, SHOWN)))
}

fn part(path: &str, baseline: String, candidate: String, note: Option<String>) -> Difference {
    Difference { path: path.to_owned(), baseline, candidate, note }
}

struct Walk<'a> {
    tolerance: &'a Tolerance,
    wire: Wire,
}

impl Walk<'_> {
    fn values(&self, path: &str, left: &Value, right: &Value) -> Result<(), Difference> {
        match (left, right) {
            (Value::Float(left), Value::Float(right)) => self.floats(path, *left, *right),
            (Value::List(left), Value::List(right))
            | (Value::Tuple(left), Value::Tuple(right))
            | (Value::Set(left), Value::Set(right)) => self.sequences(path, left, right),
            (Value::List(left), Value::Tuple(right)) | (Value::Tuple(left), Value::List(right))
                if self.wire == Wire::Json =>
            {
                self.sequences(path, left, right)
            }
            (Value::Dict(left), Value::Dict(right)) => self.dictionaries(path, left, right),
            (Value::Tagged(left_name, left), Value::Tagged(right_name, right)) if left_name == right_name => {
                self.values(path, left, right)
            }
            _ if exactly(left, right) => Ok(()),
            _ => Err(different(path, left, right)),
        }
    }

    fn floats(&self, path: &str, left: f64, right: f64) -> Result<(), Difference> {
        if left.to_bits() == right.to_bits() || (left.is_nan() && right.is_nan()) {
            return Ok(());
        }
        let apart = ulps_apart(left, right);
        let relative = (left - right).abs() / left.abs().max(right.abs());
        let agrees = left.is_finite()
            && right.is_finite()
            && (self.tolerance.ulps.is_some_and(|ulps| apart <= ulps)
                || self.tolerance.relative.is_some_and(|limit| left == right || relative <= limit));
        if agrees {
            return Ok(());
        }
        let note = (left.is_finite() && right.is_finite() && left != right)
            .then(|| format!("relative difference {relative:.1e}, {apart} units in the last place"));
        Err(part(path, format!("{left:?}"), format!("{right:?}"), note))
    }

    fn sequences(&self, path: &str, left: &[Value], right: &[Value]) -> Result<(), Difference> {
        if left.len() != right.len() {
            let first = left.iter().zip(right).position(|(left, right)| self.values(path, left, right).is_err());
            let note = first.map(|index| format!("they part at [{index}]"));
            let length = |items: &[Value]| format!("{} items", items.len());
            return Err(part(path, length(left), length(right), note));
        }
        let (left, right) = (self.arranged(left), self.arranged(right));
        for (index, (left, right)) in left.iter().zip(right.iter()).enumerate() {
            // A path is only worth its text once there is a difference to name.
            if self.values("", left, right).is_err() {
                return self.values(&format!("{path}[{index}]"), left, right);
            }
        }
        Ok(())
    }

    fn arranged<'v>(&self, items: &'v [Value]) -> Cow<'v, [Value]> {
        match self.tolerance.order {
            Order::Keep => Cow::Borrowed(items),
            Order::Ignore => {
                let mut sorted = items.to_vec();
                sorted.sort_by(order);
                Cow::Owned(sorted)
            }
        }
    }

    fn dictionaries(&self, path: &str, left: &[(Value, Value)], right: &[(Value, Value)]) -> Result<(), Difference> {
        let same_order =
            left.len() == right.len() && left.iter().zip(right).all(|((key, _), (other, _))| exactly(key, other));
        if same_order {
            return self.entries(path, left.iter().zip(right));
        }
        let (by_key, others) = (sorted_by_key(left), sorted_by_key(right));
        if let Some((key, in_baseline)) = first_unshared(&by_key, &others) {
            let word = |present: bool| if present { "present" } else { "missing" }.to_owned();
            return Err(part(&at_key(path, key), word(in_baseline), word(!in_baseline), None));
        }
        match self.tolerance.order {
            Order::Ignore => self.entries(path, by_key.into_iter().zip(others)),
            Order::Keep => {
                let keys = |pairs: &[(Value, Value)]| {
                    short(&Value::List(pairs.iter().map(|(key, _)| key.clone()).collect()), SHOWN)
                };
                Err(part(path, keys(left), keys(right), Some("same keys in another order".to_owned())))
            }
        }
    }

    fn entries<'v>(
        &self,
        path: &str,
        mut entries: impl Iterator<Item = (&'v (Value, Value), &'v (Value, Value))>,
    ) -> Result<(), Difference> {
        let parted = entries.find(|((_, value), (_, other))| self.values("", value, other).is_err());
        parted.map_or(Ok(()), |((key, value), (_, other))| self.values(&at_key(path, key), value, other))
    }
}

fn sorted_by_key(pairs: &[(Value, Value)]) -> Vec<&(Value, Value)> {
    let mut sorted: Vec<_> = pairs.iter().collect();
    sorted.sort_by(|left, right| order(&left.0, &right.0));
    sorted
}

/// The first key that only one side has, and whether that side is the baseline. Both sides sorted by key.
fn first_unshared<'v>(left: &[&'v (Value, Value)], right: &[&'v (Value, Value)]) -> Option<(&'v Value, bool)> {
    let parted = left.iter().zip(right).find(|(pair, other)| !exactly(&pair.0, &other.0));
    match parted {
        Some((pair, other)) if order(&pair.0, &other.0) == Ordering::Less => Some((&pair.0, true)),
        Some((_, other)) => Some((&other.0, false)),
        None => match left.len().cmp(&right.len()) {
            Ordering::Equal => None,
            Ordering::Greater => left.get(right.len()).map(|pair| (&pair.0, true)),
            Ordering::Less => right.get(left.len()).map(|pair| (&pair.0, false)),
        },
    }
}

fn at_key(path: &str, key: &Value) -> String {
    format!("{path}[{}]", short(key, SHOWN))
}

fn different(path: &str, left: &Value, right: &Value) -> Difference {
    let (mut baseline, mut candidate) = (short(left, SHOWN), short(right, SHOWN));
    let note = (left.type_name() != right.type_name())
        .then(|| format!("of type {} and {}", left.type_name(), right.type_name()));
    if let (Value::Str(left), Value::Str(right)) = (left, right) {
        let at = left.chars().zip(right.chars()).take_while(|(left, right)| left == right).count();
        if at > SHOWN / 2 {
            let from = |text: &str| short(&Value::Str(text.chars().skip(at).take(SHOWN / 2).collect()), SHOWN);
            (baseline, candidate) = (from(left), from(right));
            return part(path, baseline, candidate, Some(format!("from character {at} on")));
        }
    }
    part(path, baseline, candidate, note)
}

/// Equality without tolerance, order and wire: for scalars and for keys.
fn exactly(left: &Value, right: &Value) -> bool {
    order(left, right) == Ordering::Equal
}

/// A total order over values: by type, then by content; only used to arrange and to find.
fn order(left: &Value, right: &Value) -> Ordering {
    let lists = |left: &[Value], right: &[Value]| {
        let parts = left.iter().zip(right).map(|(left, right)| order(left, right));
        parts.fold(Ordering::Equal, Ordering::then).then(left.len().cmp(&right.len()))
    };
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Int(left), Value::Int(right)) => left.cmp(right),
        (Value::BigInt(left), Value::BigInt(right)) | (Value::Str(left), Value::Str(right)) => left.cmp(right),
        (Value::Float(left), Value::Float(right)) if left.is_nan() && right.is_nan() => Ordering::Equal,
        (Value::Float(left), Value::Float(right)) => left.total_cmp(right),
        (Value::SurrogateStr(left), Value::SurrogateStr(right)) | (Value::Bytes(left), Value::Bytes(right)) => {
            left.cmp(right)
        }
        (Value::List(left), Value::List(right))
        | (Value::Tuple(left), Value::Tuple(right))
        | (Value::Set(left), Value::Set(right)) => lists(left, right),
        (Value::Dict(left), Value::Dict(right)) => {
            let parts = left.iter().zip(right);
            parts
                .map(|((key, value), (other, second))| order(key, other).then_with(|| order(value, second)))
                .fold(Ordering::Equal, Ordering::then)
                .then(left.len().cmp(&right.len()))
        }
        (Value::Tagged(name, left), Value::Tagged(other, right)) => name.cmp(other).then_with(|| order(left, right)),
        _ => rank(left).cmp(&rank(right)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::None => 0,
        Value::Bool(_) => 1,
        Value::Int(_) => 2,
        Value::BigInt(_) => 3,
        Value::Float(_) => 4,
        Value::Str(_) => 5,
        Value::SurrogateStr(_) => 6,
        Value::Bytes(_) => 7,
        Value::List(_) => 8,
        Value::Tuple(_) => 9,
        Value::Set(_) => 10,
        Value::Dict(_) => 11,
        Value::Tagged(..) => 12,
    }
}

/// Units in the last place between two floats: how many representable numbers lie from one to the other.
fn ulps_apart(left: f64, right: f64) -> u64 {
    // Maps the bits of a float to an integer in the float's own order.
    let ordered = |value: f64| {
        let bits = value.to_bits().cast_signed();
        if bits < 0 { i64::MIN - bits } else { bits }
    };
    ordered(left).abs_diff(ordered(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Value {
        Value::from_json(json.as_bytes()).unwrap()
    }

    fn compare(left: &str, right: &str) -> Result<(), String> {
        with(left, right, Tolerance::default(), Wire::Typed)
    }

    fn with(left: &str, right: &str, tolerance: Tolerance, wire: Wire) -> Result<(), String> {
        values(&value(left), &value(right), &tolerance, wire).map_err(|difference| difference.to_string())
    }

    fn relative(relative: f64) -> Tolerance {
        Tolerance { relative: Some(relative), ..Tolerance::default() }
    }

    const NAN: &str = r#"{"$":"float","v":"nan"}"#;
    const INF: &str = r#"{"$":"float","v":"inf"}"#;

    #[test]
    fn equal_values_agree() {
        for json in
            ["null", "1", "1.0", "\"a\"", "[1,[2.5]]", r#"{"a":1,"b":[]}"#, NAN, INF, r#"{"$":"set","v":[1,2]}"#]
        {
            assert_eq!(compare(json, json), Ok(()));
        }
    }

    #[test]
    fn types_count() {
        let pairs = [
            ("1", "1.0"),
            ("1", "true"),
            ("0", "false"),
            ("null", "0"),
            ("\"1\"", "1"),
            ("[]", r#"{"$":"tuple","v":[]}"#),
        ];
        for (left, right) in pairs {
            assert!(compare(left, right).is_err(), "{left} {right}");
        }
        assert_eq!(
            compare("[1]", "[1.0]").unwrap_err(),
            "result[0]: baseline 1, candidate 1.0 (of type int and float)"
        );
    }

    #[test]
    fn a_tuple_is_a_list_only_through_json() {
        let tuple = r#"{"$":"tuple","v":[1]}"#;
        assert_eq!(with(tuple, "[1]", Tolerance::default(), Wire::Json), Ok(()));
        assert!(compare(tuple, "[1]").is_err());
    }

    #[test]
    fn floats_agree_bit_for_bit_unless_a_tolerance_is_declared() {
        assert!(compare("0.30000000000000004", "0.3").is_err());
        assert!(compare("0.0", "-0.0").is_err());
        assert_eq!(with("0.0", "-0.0", relative(1e-9), Wire::Typed), Ok(()));
        assert_eq!(with("0.30000000000000004", "0.3", relative(1e-9), Wire::Typed), Ok(()));
        let one_ulp = Tolerance { ulps: Some(1), ..Tolerance::default() };
        assert_eq!(with("0.30000000000000004", "0.3", one_ulp, Wire::Typed), Ok(()));
        assert!(with("0.30000000000000004", "0.2999999999999999", one_ulp, Wire::Typed).is_err());
        assert!(with(NAN, "1.0", relative(0.9), Wire::Typed).is_err());
        assert!(with(INF, "1e308", relative(0.9), Wire::Typed).is_err());
    }

    #[test]
    fn no_default_tolerance_hides_a_short_pi() {
        let note = compare("3.14159", "3.141592653589793").unwrap_err();
        assert!(note.contains("8.4e-7"), "{note}");
    }

    #[test]
    fn the_first_difference_has_its_path() {
        assert_eq!(
            compare(r#"{"rows":[{"name":"a"},{"name":"b"}]}"#, r#"{"rows":[{"name":"a"},{"name":"c"}]}"#).unwrap_err(),
            r#"result["rows"][1]["name"]: baseline "b", candidate "c""#
        );
        assert_eq!(
            compare("[1,2,3]", "[1,3]").unwrap_err(),
            "result: baseline 3 items, candidate 2 items (they part at [1])"
        );
        assert_eq!(compare(r#"{"a":1}"#, "{}").unwrap_err(), r#"result["a"]: baseline present, candidate missing"#);
    }

    #[test]
    fn the_order_of_a_dictionary_counts_unless_it_is_ignored() {
        let (left, right) = (r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#);
        assert!(compare(left, right).unwrap_err().contains("another order"));
        let ignore = Tolerance { order: Order::Ignore, ..Tolerance::default() };
        assert_eq!(with(left, right, ignore, Wire::Typed), Ok(()));
        assert_eq!(with("[3,1,2,1]", "[1,1,2,3]", ignore, Wire::Typed), Ok(()));
        assert!(with("[3,1,2,1]", "[1,2,2,3]", ignore, Wire::Typed).is_err());
    }

    fn document(json: &str) -> OutcomeDocument {
        serde_json::from_str(json).unwrap()
    }

    fn compare_outcomes(left: &str, right: &str, wire: Wire) -> Result<(), String> {
        outcomes(&document(left), &document(right), &Tolerance::default(), wire)
            .map_err(|difference| difference.to_string())
    }

    #[test]
    fn exceptions_agree_by_class_and_position() {
        let raised = |class: &str, position: &str| {
            format!(r#"{{"raised":{{"class":"{class}","bases":[],"message":"{position}","position":{position}}}}}"#)
        };
        let typed = |left: &str, right: &str| compare_outcomes(left, right, Wire::Typed);
        assert_eq!(typed(&raised("ValueError", "3"), &raised("ValueError", "3")), Ok(()));
        assert_eq!(typed(&raised("ValueError", "3"), &raised("ValueError", "null")), Ok(()));
        assert!(typed(&raised("ValueError", "3"), &raised("ValueError", "4")).is_err());
        assert!(typed(&raised("ValueError", "3"), &raised("TypeError", "3")).is_err());
        assert!(typed(&raised("ValueError", "3"), r#"{"value":null}"#).is_err());
        assert!(typed(r#"{"value":1}"#, &raised("PanicException", "null")).is_err());
    }

    #[test]
    fn arguments_after_the_call_count() {
        let (changed, plain) = (r#"{"value":null,"arguments":[[1,2]]}"#, r#"{"value":null}"#);
        assert!(compare_outcomes(changed, plain, Wire::Typed).unwrap_err().contains("changed by the call"));
        assert!(compare_outcomes(plain, changed, Wire::Typed).is_err());
        assert_eq!(compare_outcomes(changed, changed, Wire::Typed), Ok(()));
        assert!(compare_outcomes(changed, r#"{"value":null,"arguments":[[1]]}"#, Wire::Typed).is_err());
    }
}
