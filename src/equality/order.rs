//! A total order over values, to arrange and to find by; it says nothing of agreement.

use std::cmp::Ordering;

use rustworthy_worker::Value;

/// A total order over values: by type, then by content; only used to arrange and to find.
pub(super) fn order(left: &Value, right: &Value) -> Ordering {
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
