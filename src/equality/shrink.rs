//! Makes a counterexample small: arguments that still part two implementations, with less and less in them.
//!
//! Two moves, tried in turn until neither helps or the calls are spent: leave out runs of items (halves, quarters, … single
//! ones, after Zeller's delta debugging), and put something simpler in the place of a scalar. Types stay: a list remains a
//! list, a float a float; a tuple keeps its length, since it is a record. The moves are the same for the same input.

use rustworthy_worker::Value;

/// The smallest arguments found for which `still` holds, given some for which it does, within so many calls of it.
///
/// The tuple at the top is the list of arguments: none is left out.
pub fn shrink(arguments: &Value, calls: usize, still: &mut dyn FnMut(&Value) -> bool) -> Value {
    let mut search = Search { best: arguments.clone(), calls, still };
    loop {
        let before = search.calls;
        let shorter = search.shorten();
        let simpler = search.simplify();
        if !(shorter || simpler) || search.calls == 0 || search.calls == before {
            return search.best;
        }
    }
}

/// Where a value lies: the index of a child at each level.
type Place = Vec<usize>;

struct Search<'a> {
    best: Value,
    calls: usize,
    still: &'a mut dyn FnMut(&Value) -> bool,
}

impl Search<'_> {
    /// Takes what `edit` makes of the value at a place, if the difference is still there.
    fn try_edit(&mut self, place: &[usize], edit: impl FnOnce(&mut Value)) -> bool {
        if self.calls == 0 {
            return false;
        }
        let mut proposal = self.best.clone();
        let Some(value) = at_mut(&mut proposal, place) else { return false };
        edit(value);
        self.calls -= 1;
        let holds = (self.still)(&proposal);
        if holds {
            self.best = proposal;
        }
        holds
    }

    fn at(&self, place: &[usize]) -> Option<&Value> {
        place.iter().try_fold(&self.best, |value, index| child(value, *index))
    }

    /// Leaves out items wherever there are any, from the outside in.
    fn shorten(&mut self) -> bool {
        let mut any = false;
        let mut queue = std::collections::VecDeque::from([Place::new()]);
        while let Some(place) = queue.pop_front() {
            any |= self.shorten_at(&place);
            let Some(value) = self.at(&place) else { continue };
            // Of a long list only its first members are worth a look of their own.
            for index in 0..children(value).min(MOST_CHILDREN) {
                let mut inner = place.clone();
                inner.push(index);
                queue.push_back(inner);
            }
            if self.calls == 0 {
                break;
            }
        }
        any
    }

    fn shorten_at(&mut self, place: &[usize]) -> bool {
        let mut any = false;
        // Text has lines before it has characters.
        for unit in [Unit::Line, Unit::Item] {
            let length = |search: &Self| search.at(place).map_or(0, |value| items(value, unit));
            let mut run = length(self);
            while run > 0 {
                let mut start = 0;
                while start < length(self) {
                    let removed = self.try_edit(place, |value| remove(value, unit, start, run));
                    any |= removed;
                    if !removed {
                        start += run;
                    }
                    if self.calls == 0 {
                        return any;
                    }
                }
                run = if run > length(self) { length(self) / 2 } else { run / 2 };
            }
        }
        any
    }

    /// Puts something simpler in the place of every scalar.
    fn simplify(&mut self) -> bool {
        let mut any = false;
        for place in scalars(&self.best) {
            while let Some(value) = self.at(&place) {
                let proposals = simpler(value);
                let taken = proposals.into_iter().any(|proposal| self.try_edit(&place, |value| *value = proposal));
                any |= taken;
                if !taken || self.calls == 0 {
                    break;
                }
            }
        }
        any
    }
}

const MOST_CHILDREN: usize = 64;
const MOST_SCALARS: usize = 256;

#[derive(Clone, Copy, PartialEq)]
enum Unit {
    Line,
    Item,
}

/// The places of scalars, in order; keys of dictionaries too.
fn scalars(value: &Value) -> Vec<Place> {
    let mut found = Vec::new();
    let mut stack = vec![Place::new()];
    while let Some(place) = stack.pop() {
        let Some(inner) = place.iter().try_fold(value, |value, index| child(value, *index)) else { continue };
        let count = children(inner);
        if count == 0 {
            found.push(place);
        } else {
            stack.extend((0..count).rev().map(|index| [place.as_slice(), &[index]].concat()));
        }
        if found.len() >= MOST_SCALARS {
            break;
        }
    }
    found
}

/// How many values lie directly in a value; a dictionary's keys and values alternate.
fn children(value: &Value) -> usize {
    match value {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => items.len(),
        Value::Dict(pairs) => 2 * pairs.len(),
        Value::Tagged(name, content) if name == "frozenset" => children(content),
        _ => 0,
    }
}

fn child(value: &Value, index: usize) -> Option<&Value> {
    match value {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => items.get(index),
        Value::Dict(pairs) => {
            pairs.get(index / 2).map(|(key, value)| if index.is_multiple_of(2) { key } else { value })
        }
        Value::Tagged(name, content) if name == "frozenset" => child(content, index),
        _ => None,
    }
}

fn at_mut<'v>(value: &'v mut Value, place: &[usize]) -> Option<&'v mut Value> {
    let Some((index, rest)) = place.split_first() else { return Some(value) };
    let inner = match value {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => items.get_mut(*index),
        Value::Dict(pairs) => {
            pairs.get_mut(index / 2).map(|(key, value)| if index.is_multiple_of(2) { key } else { value })
        }
        Value::Tagged(name, content) if name == "frozenset" => return at_mut(content, place),
        _ => None,
    };
    at_mut(inner?, rest)
}

/// How many items could be left out; a tuple's could not.
fn items(value: &Value, unit: Unit) -> usize {
    match (unit, value) {
        (Unit::Line, Value::Str(text)) => text.split_inclusive('\n').count(),
        (Unit::Line, Value::Bytes(bytes)) => bytes.split_inclusive(|byte| *byte == b'\n').count(),
        (Unit::Line, _) => 0,
        (Unit::Item, Value::List(items) | Value::Set(items)) => items.len(),
        (Unit::Item, Value::Dict(pairs)) => pairs.len(),
        (Unit::Item, Value::Str(text)) => text.chars().count(),
        (Unit::Item, Value::SurrogateStr(bytes)) => code_points(bytes).len(),
        (Unit::Item, Value::Bytes(bytes)) => bytes.len(),
        (Unit::Item, Value::Tagged(name, content)) if name == "frozenset" => items(content, unit),
        (Unit::Item, _) => 0,
    }
}

fn remove(value: &mut Value, unit: Unit, start: usize, count: usize) {
    let kept = |index: usize| index < start || index >= start + count;
    let end = |length: usize| (start + count).min(length);
    match (unit, value) {
        (Unit::Line, Value::Str(text)) => {
            *text = text
                .split_inclusive('\n')
                .enumerate()
                .filter(|(index, _)| kept(*index))
                .map(|(_, line)| line)
                .collect();
        }
        (Unit::Line, Value::Bytes(bytes)) => {
            let lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
            *bytes = lines.filter(|(index, _)| kept(*index)).flat_map(|(_, line)| line.to_vec()).collect();
        }
        (Unit::Item, Value::List(items) | Value::Set(items)) => drop(items.drain(start..end(items.len()))),
        (Unit::Item, Value::Dict(pairs)) => drop(pairs.drain(start..end(pairs.len()))),
        (Unit::Item, Value::Bytes(bytes)) => drop(bytes.drain(start..end(bytes.len()))),
        (Unit::Item, Value::Str(text)) => {
            *text = text.chars().enumerate().filter(|(index, _)| kept(*index)).map(|(_, next)| next).collect();
        }
        (Unit::Item, value @ Value::SurrogateStr(_)) => {
            let Value::SurrogateStr(bytes) = &*value else { return };
            let points = code_points(bytes);
            let left: Vec<&[u8]> =
                points.iter().enumerate().filter(|(index, _)| kept(*index)).map(|(_, point)| *point).collect();
            *value = text(left.concat());
        }
        (Unit::Item, Value::Tagged(name, content)) if name == "frozenset" => remove(content, unit, start, count),
        _ => {}
    }
}

/// The code points of text that encodes surrogates as UTF-8 would.
fn code_points(bytes: &[u8]) -> Vec<&[u8]> {
    let mut points = Vec::new();
    let mut start = 0;
    for end in 1..=bytes.len() {
        // A byte that continues a code point is 10xxxxxx.
        if end == bytes.len() || bytes[end] & 0xc0 != 0x80 {
            points.push(&bytes[start..end]);
            start = end;
        }
    }
    points
}

/// Text, with surrogates left in it or not.
fn text(bytes: Vec<u8>) -> Value {
    String::from_utf8(bytes).map_or_else(|error| Value::SurrogateStr(error.into_bytes()), Value::Str)
}

/// Simpler values of the same type, the simplest first; each is nearer to an end, so that no search goes in circles.
fn simpler(value: &Value) -> Vec<Value> {
    match value {
        Value::Bool(true) => vec![Value::Bool(false)],
        Value::Int(number) => integers(i128::from(*number)),
        Value::BigInt(digits) => digits.parse::<i128>().map_or_else(|_| big(digits), integers),
        Value::Float(number) => floats(*number),
        Value::Str(text) => letters(text),
        Value::Bytes(bytes) => octets(bytes),
        Value::None
        | Value::Bool(false)
        | Value::SurrogateStr(_)
        | Value::List(_)
        | Value::Tuple(_)
        | Value::Set(_)
        | Value::Dict(_)
        | Value::Tagged(..) => Vec::new(),
    }
}

fn integer(number: i128) -> Value {
    i64::try_from(number).map_or_else(|_| Value::BigInt(number.to_string()), Value::Int)
}

/// Powers of two at which types of machines end.
const LANDMARKS: [i128; 5] = [1 << 31, 1 << 32, 1 << 53, 1 << 63, 1 << 64];

/// The positive one, then nothing, the ends of types, then half the way to nothing, a quarter of it, … one step.
fn integers(number: i128) -> Vec<Value> {
    if number == 0 {
        return Vec::new();
    }
    let positive = (number < 0).then(|| number.checked_neg()).flatten();
    let steps = (0..127).map(|halvings| number / (1 << halvings)).take_while(|step| *step != 0);
    let landmarks = LANDMARKS.map(|landmark| landmark * number.signum()).into_iter();
    let landmarks = landmarks.filter(|landmark| landmark.unsigned_abs() < number.unsigned_abs());
    let nought = std::iter::once(0);
    positive.into_iter().chain(nought).chain(landmarks).chain(steps.map(|step| number - step)).map(integer).collect()
}

/// An integer of more than 127 bits: powers of two that hold a meaning, then its leading half.
fn big(digits: &str) -> Vec<Value> {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let landmarks = [0, 1 << 63, 1 << 64, 10_i128.pow(30)].map(integer);
    let half = format!("{sign}{}", &digits[..digits.len() / 2]);
    landmarks.into_iter().chain([half.parse().map_or(Value::BigInt(half), integer)]).collect()
}

/// Shorter ones: whole, then with fewer digits.
fn floats(number: f64) -> Vec<Value> {
    let length = |number: f64| (format!("{number:?}").len(), number.is_sign_negative(), number.abs().to_bits());
    let digits = (0..6).map(|digits| 10_f64.powi(digits)).map(|scale| (number * scale).round() / scale);
    let all = [0.0, 1.0, 0.5, 2.5, -number, number.trunc(), (number / 2.0).trunc()].into_iter().chain(digits);
    let mut found: Vec<f64> = Vec::new();
    for next in all.filter(|next| next.is_finite() && length(*next) < length(number)) {
        if !found.contains(&next) {
            found.push(next);
        }
    }
    found.into_iter().map(Value::Float).collect()
}

/// The first few letters that are not the plainest, each made plain.
fn letters(text: &str) -> Vec<Value> {
    let plain = |letter: char| match letter {
        'a' | '0' | ' ' | '\n' => None,
        '1'..='9' => Some('0'),
        letter if letter.is_whitespace() => Some(' '),
        _ => Some('a'),
    };
    let whole: String = text.chars().map(|letter| plain(letter).unwrap_or(letter)).collect();
    let single = text.char_indices().filter_map(|(at, letter)| {
        let mut copy = text.to_owned();
        copy.replace_range(at..at + letter.len_utf8(), plain(letter)?.encode_utf8(&mut [0; 4]));
        Some(copy)
    });
    let changed = (whole != text).then_some(whole);
    changed.into_iter().chain(single.take(32)).map(Value::Str).collect()
}

fn octets(bytes: &[u8]) -> Vec<Value> {
    let single = bytes.iter().enumerate().filter(|(_, byte)| **byte != b'a').map(|(at, _)| {
        let mut copy = bytes.to_vec();
        copy[at] = b'a';
        copy
    });
    single.take(32).map(Value::Bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn small(json: &str, calls: usize, still: impl Fn(&Value) -> bool) -> String {
        let value = Value::from_json(format!(r#"{{"$":"tuple","v":{json}}}"#).as_bytes()).unwrap();
        assert!(still(&value));
        let shown = shrink(&value, calls, &mut |value| still(value)).to_json();
        String::from_utf8(shown).unwrap().replace(r#"{"$":"tuple","v":"#, "")
    }

    fn holds(value: &Value, test: &dyn Fn(&Value) -> bool) -> bool {
        test(value) || (0..children(value)).any(|index| holds(child(value, index).unwrap(), test))
    }

    #[test]
    fn a_long_list_shrinks_to_the_item_that_matters() {
        let list: Vec<String> = (0..10_000).map(|number| number.to_string()).collect();
        let json = format!("[[{}]]", list.join(","));
        let found = small(&json, 600, |value| holds(value, &|item| matches!(item, Value::Int(7777))));
        assert_eq!(found, "[[7777]]}");
        // The number itself may be anything from there on: the least one is found.
        let found = small(&json, 600, |value| holds(value, &|item| matches!(item, Value::Int(4321..))));
        assert_eq!(found, "[[4321]]}");
    }

    #[test]
    fn numbers_become_round() {
        let below = |value: &Value| holds(value, &|item| matches!(item, Value::Float(number) if *number > 2.0));
        assert_eq!(small("[1234.5678]", 200, below), "[2.5]}");
        let big = |value: &Value| {
            holds(value, &|item| matches!(item, Value::BigInt(digits) if digits.len() > 18 && !digits.starts_with('-')))
        };
        assert_eq!(
            small(r#"[{"$":"int","v":"123456789012345678901234567890"}]"#, 400, big),
            r#"[{"$":"int","v":"9223372036854775808"}]}"#
        );
        let negative = |value: &Value| holds(value, &|item| matches!(item, Value::Int(..-4)));
        assert_eq!(small("[-1000000]", 200, negative), "[-5]}");
    }

    #[test]
    fn text_loses_lines_then_letters() {
        let text = "a,b\\n1,2\\n3,\\u00e9\\n5,6\\n".repeat(40);
        let found = small(&format!("[\"{text}\"]"), 600, |value| {
            holds(value, &|item| matches!(item, Value::Str(text) if text.contains('é')))
        });
        assert_eq!(found, "[\"é\"]}");
        let surrogate = small(r#"[{"$":"str","v":"6162eda08063"}]"#, 100, |value| {
            holds(value, &|item| matches!(item, Value::SurrogateStr(_)))
        });
        assert_eq!(surrogate, r#"[{"$":"str","v":"eda080"}]}"#);
    }

    #[test]
    fn tuples_keep_their_length_and_types_stay() {
        let json = r#"[[{"$":"tuple","v":[5,"name",2.75]},{"$":"tuple","v":[6,"name",2.75]}],{"b":1,"a":[2]}]"#;
        let found =
            small(json, 400, |value| holds(value, &|item| matches!(item, Value::Tuple(items) if items.len() == 3)));
        assert_eq!(found, r#"[[[0,"",0.0]}],{}]}"#);
    }

    fn arguments() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_map(Value::Float),
            ".{0,8}".prop_map(Value::Str),
            any::<bool>().prop_map(Value::Bool),
        ];
        let value = leaf.prop_recursive(3, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::Tuple),
                proptest::collection::vec((".{0,3}".prop_map(Value::Str), inner), 0..4).prop_map(Value::Dict),
            ]
        });
        proptest::collection::vec(value, 1..4).prop_map(Value::Tuple)
    }

    proptest! {
        /// What is left still parts the two, has as many arguments, is no larger, and is found in as many calls as allowed.
        #[test]
        fn what_is_left_is_small_and_still_holds(value in arguments(), calls in 0..300_usize) {
            let weight = |value: &Value| holds_count(value);
            let goal = |other: &Value| weight(other) % 3 == weight(&value) % 3;
            let mut asked = 0;
            let found = shrink(&value, calls, &mut |other| { asked += 1; goal(other) });
            prop_assert!(goal(&found));
            prop_assert!(asked <= calls);
            prop_assert!(weight(&found) <= weight(&value));
            prop_assert_eq!(children(&found), children(&value));
            let again = shrink(&value, calls, &mut |other| goal(other));
            prop_assert_eq!(found.to_json(), again.to_json());
        }
    }

    fn holds_count(value: &Value) -> usize {
        1 + (0..children(value)).map(|index| holds_count(child(value, index).unwrap())).sum::<usize>()
    }
}
