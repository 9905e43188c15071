//! The comparison itself: two outcomes walked together until they part.

use std::cell::Cell;
use std::cmp::Ordering;

use rustworthy_worker::Value;
use rustworthy_worker::protocol::{OutcomeDocument, Raised};

use super::difference::{Difference, Nature};
use super::order::order;
use super::partners::unmatched;
use super::rules::Rules;
use super::show::short;
use crate::evidence::{Identity, Order};

const SHOWN: usize = 80;
/// Above this, items within a tolerance are paired in their order: the search for partners takes the square of their number.
const MOST_PARTNERS: usize = 400;

/// How a candidate's outcome reached the tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// From a Python worker, types kept.
    Typed,
    /// From outside Python: a tuple and a list are the same array.
    Json,
}

/// Compares what two calls did: the value or the exception's class and position, and the arguments after the call.
///
/// # Errors
/// The first difference.
pub fn outcomes(
    baseline: &OutcomeDocument,
    candidate: &OutcomeDocument,
    rules: &Rules,
    wire: Wire,
) -> Result<(), Difference> {
    let walk = Walk::new(rules, wire);
    match (&baseline.raised, &candidate.raised) {
        (None, None) => {}
        (Some(left), Some(right)) => raised(left, right, rules)?,
        (Some(left), None) => {
            let says = format!("raises {}", left.class);
            return Err(part("result", says, returned(candidate), None).of(Nature::Raises));
        }
        (None, Some(right)) => {
            let says = format!("raises {}: {}", right.class, right.message);
            return Err(
                part("result", returned(baseline), says, panic_note(right)).of(nature_of(right, Nature::Raises))
            );
        }
    }
    if let (Some(left), Some(right)) = (&baseline.value, &candidate.value) {
        walk.values(left, right).map_err(under(|| "result".to_owned()))?;
    }
    if let (Identity::Keep, Wire::Typed) = (rules.tolerance.identity, wire)
        && let Some(argument) = candidate.aliases.iter().find(|argument| !baseline.aliases.contains(argument))
    {
        let (own, shared) = ("an object of its own".to_owned(), format!("argument {argument} itself"));
        return Err(part("result", own, shared, None).of(Nature::Alias));
    }
    let mutation = match (&baseline.arguments, &candidate.arguments) {
        (Some(left), Some(right)) => walk.sequences(left, right).map_err(under(|| "arguments".to_owned())),
        // Rust that is measured natively borrows its input and cannot change it.
        (Some(_), None) if wire == Wire::Typed => {
            Err(part("arguments", "changed by the call".into(), "left as they were".into(), None))
        }
        (None, Some(_)) => Err(part("arguments", "left as they were".into(), "changed by the call".into(), None)),
        (Some(_) | None, None) => Ok(()),
    };
    mutation.map_err(|difference| difference.of(Nature::Mutation))
}

fn raised(left: &Raised, right: &Raised, rules: &Rules) -> Result<(), Difference> {
    if !rules.stands_for(&left.class, &right.class) {
        let difference = part("exception", left.class.clone(), right.class.clone(), panic_note(right));
        return Err(difference.of(nature_of(right, Nature::Exception)));
    }
    match (left.position, right.position) {
        (Some(at), Some(other)) if at != other => {
            Err(part("exception's position", at.to_string(), other.to_string(), None).of(Nature::Position))
        }
        _ => Ok(()),
    }
}

/// The name that PyO3 gives a panic.
const PANIC: &str = "PanicException";

fn nature_of(raised: &Raised, otherwise: Nature) -> Nature {
    if raised.class == PANIC { Nature::Panic } else { otherwise }
}

fn panic_note(raised: &Raised) -> Option<String> {
    (raised.class == PANIC)
        .then(|| format!("a Rust panic, which `except Exception` does not catch: {}", raised.message))
}

/// Compares two values.
///
/// # Errors
/// The first difference.
pub fn values(baseline: &Value, candidate: &Value, rules: &Rules, wire: Wire) -> Result<(), Difference> {
    Walk::new(rules, wire).values(baseline, candidate).map_err(under(|| "result".to_owned()))
}

fn returned(document: &OutcomeDocument) -> String {
    document.value.as_ref().map_or_else(|| "returns".to_owned(), |value| format!("returns {}", short(value, SHOWN)))
}

fn part(path: &str, baseline: String, candidate: String, note: Option<String>) -> Difference {
    Difference { path: path.to_owned(), baseline, candidate, note, nature: Nature::Value }
}

impl Difference {
    fn of(self, nature: Nature) -> Difference {
        Difference { nature, ..self }
    }
}

struct Walk<'a> {
    rules: &'a Rules,
    wire: Wire,
    /// Comparisons that may still be spent on finding partners: nested multisets within tolerance could take for ever.
    partners: Cell<usize>,
}

/// The difference, its path lengthened at the front on the way out: a path is only worth its text where something parts.
fn under(step: impl FnOnce() -> String) -> impl FnOnce(Difference) -> Difference {
    |difference| Difference { path: format!("{}{}", step(), difference.path), ..difference }
}

impl<'a> Walk<'a> {
    fn new(rules: &'a Rules, wire: Wire) -> Walk<'a> {
        Walk { rules, wire, partners: Cell::new(400_000) }
    }

    fn values(&self, left: &Value, right: &Value) -> Result<(), Difference> {
        match (left, right) {
            (Value::Float(left), Value::Float(right)) => self.floats(*left, *right),
            (Value::List(left), Value::List(right)) => self.lists(left, right),
            (Value::Tuple(left), Value::Tuple(right)) if self.wire == Wire::Typed => self.sequences(left, right),
            (Value::List(left) | Value::Tuple(left), Value::List(right) | Value::Tuple(right))
                if self.wire == Wire::Json =>
            {
                self.lists(left, right)
            }
            (Value::Set(left), Value::Set(right)) => self.multisets(left, right),
            (Value::Dict(left), Value::Dict(right)) => self.dictionaries(left, right),
            (Value::Tagged(left_name, left), Value::Tagged(right_name, right)) if left_name == right_name => {
                match (left_name.as_str(), &**left, &**right) {
                    ("frozenset", Value::List(left), Value::List(right)) => self.multisets(left, right),
                    _ => self.values(left, right),
                }
            }
            _ if exactly(left, right) => Ok(()),
            _ => Err(different(left, right)),
        }
    }

    fn floats(&self, left: f64, right: f64) -> Result<(), Difference> {
        if left.to_bits() == right.to_bits() || (left.is_nan() && right.is_nan()) {
            return Ok(());
        }
        let tolerance = &self.rules.tolerance;
        let apart = ulps_apart(left, right);
        let relative = (left - right).abs() / left.abs().max(right.abs());
        let agrees = left.is_finite()
            && right.is_finite()
            && (tolerance.ulps.is_some_and(|ulps| apart <= ulps)
                || tolerance.relative.is_some_and(|limit| left == right || relative <= limit));
        if agrees {
            return Ok(());
        }
        let note = if left == right {
            Some("they differ in the sign of zero".to_owned())
        } else {
            (left.is_finite() && right.is_finite())
                .then(|| format!("relative difference {relative:.1e}, {apart} units in the last place"))
        };
        Err(part("", format!("{left:?}"), format!("{right:?}"), note))
    }

    fn lists(&self, left: &[Value], right: &[Value]) -> Result<(), Difference> {
        match self.rules.tolerance.order {
            Order::Keep => self.sequences(left, right),
            Order::Ignore => self.multisets(left, right),
        }
    }

    fn sequences(&self, left: &[Value], right: &[Value]) -> Result<(), Difference> {
        let mut pairs = left.iter().zip(right).enumerate();
        let found = pairs.find_map(|(index, (left, right))| Some((index, self.values(left, right).err()?)));
        if left.len() != right.len() {
            return Err(lengths(left, right, found.map(|(index, _)| format!("they part at [{index}]"))));
        }
        let Some((index, difference)) = found else { return Ok(()) };
        if are_rearranged(left, right) {
            let note = format!("the same items in another order, from [{index}] on");
            return Err(part("", shown(left), shown(right), Some(note)).of(Nature::Order));
        }
        Err(under(|| format!("[{index}]"))(difference))
    }

    /// The same items in whatever order, at any depth.
    fn multisets(&self, left: &[Value], right: &[Value]) -> Result<(), Difference> {
        let (mut own, mut others) = self.left_over(left, right);
        if left.len() != right.len() {
            let only = |who: &str, index: Option<&usize>, items: &[Value]| {
                index.map(|index| format!("only the {who} has {}", short(&items[*index], SHOWN)))
            };
            let more = left.len() > right.len();
            let note =
                if more { only("baseline", own.first(), left) } else { only("candidate", others.first(), right) };
            return Err(lengths(left, right, note));
        }
        if own.len() > 1 && self.rules.tolerates() {
            let left_agrees = |one: usize, two: usize| {
                let budget = self.partners.get();
                self.partners.set(budget.saturating_sub(1));
                budget > 0 && self.values(&left[own[one]], &right[others[two]]).is_ok()
            };
            let alone = if own.len() <= MOST_PARTNERS {
                unmatched(own.len(), left_agrees)
            } else {
                // Both sides are sorted: within a tolerance, neighbours are nearly always each other's partners.
                let apart: Vec<usize> = (0..own.len()).filter(|index| !left_agrees(*index, *index)).collect();
                (apart.clone(), apart)
            };
            (own, others) = (
                alone.0.into_iter().map(|index| own[index]).collect(),
                alone.1.into_iter().map(|index| others[index]).collect(),
            );
        }
        let (Some(own), Some(other)) = (own.first(), others.first()) else { return Ok(()) };
        self.values(&left[*own], &right[*other]).map_err(|difference| {
            let note = difference.note.clone().unwrap_or_else(|| "in whatever order".to_owned());
            under(|| format!("[{own}]"))(Difference { note: Some(note), ..difference })
        })
    }

    /// Indexes of the items of either side that have no exact equal on the other.
    fn left_over(&self, left: &[Value], right: &[Value]) -> (Vec<usize>, Vec<usize>) {
        let arranged = |items: &[Value]| {
            let mut items: Vec<(usize, Value)> = items.iter().map(|item| self.settled(item)).enumerate().collect();
            items.sort_by(|(_, left), (_, right)| order(left, right));
            items
        };
        let (left, right) = (arranged(left), arranged(right));
        let (mut own, mut others) = (Vec::new(), Vec::new());
        let (mut ours, mut theirs) = (left.iter().peekable(), right.iter().peekable());
        loop {
            match (ours.peek(), theirs.peek()) {
                (Some((index, item)), Some((other_index, other))) => match order(item, other) {
                    Ordering::Equal => {
                        ours.next();
                        theirs.next();
                    }
                    Ordering::Less => {
                        own.push(*index);
                        ours.next();
                    }
                    Ordering::Greater => {
                        others.push(*other_index);
                        theirs.next();
                    }
                },
                (Some((index, _)), None) => {
                    own.push(*index);
                    ours.next();
                }
                (None, Some((index, _))) => {
                    others.push(*index);
                    theirs.next();
                }
                (None, None) => return (own, others),
            }
        }
    }

    /// A copy in which everything whose order does not count has one, at any depth.
    fn settled(&self, value: &Value) -> Value {
        let each = |items: &[Value]| items.iter().map(|item| self.settled(item)).collect::<Vec<_>>();
        let sorted = |items: &[Value]| {
            let mut items = each(items);
            items.sort_by(order);
            items
        };
        let free = self.rules.tolerance.order == Order::Ignore;
        match value {
            Value::List(items) if free => Value::List(sorted(items)),
            Value::Tuple(items) if free && self.wire == Wire::Json => Value::List(sorted(items)),
            Value::List(items) => Value::List(each(items)),
            Value::Tuple(items) if self.wire == Wire::Json => Value::List(each(items)),
            Value::Tuple(items) => Value::Tuple(each(items)),
            Value::Set(items) => Value::Set(sorted(items)),
            Value::Dict(pairs) => {
                let mut pairs: Vec<(Value, Value)> =
                    pairs.iter().map(|(key, value)| (key.clone(), self.settled(value))).collect();
                if free {
                    pairs.sort_by(|(left, _), (right, _)| order(left, right));
                }
                Value::Dict(pairs)
            }
            Value::Tagged(name, content) => Value::Tagged(name.clone(), Box::new(self.settled(content))),
            Value::None
            | Value::Bool(_)
            | Value::Int(_)
            | Value::BigInt(_)
            | Value::Float(_)
            | Value::Str(_)
            | Value::SurrogateStr(_)
            | Value::Bytes(_) => value.clone(),
        }
    }

    fn dictionaries(&self, left: &[(Value, Value)], right: &[(Value, Value)]) -> Result<(), Difference> {
        let same_order =
            left.len() == right.len() && left.iter().zip(right).all(|((key, _), (other, _))| exactly(key, other));
        if same_order {
            return self.entries(left.iter().zip(right));
        }
        let (by_key, others) = (sorted_by_key(left), sorted_by_key(right));
        if let Some((key, in_baseline)) = first_unshared(&by_key, &others) {
            let word = |present: bool| if present { "present" } else { "missing" }.to_owned();
            return Err(part(&at_key(key), word(in_baseline), word(!in_baseline), None).of(Nature::Length));
        }
        match self.rules.tolerance.order {
            Order::Ignore => self.entries(by_key.into_iter().zip(others)),
            Order::Keep => {
                let keys =
                    |pairs: &[(Value, Value)]| shown(&pairs.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>());
                let note = Some("same keys in another order".to_owned());
                Err(part("", keys(left), keys(right), note).of(Nature::Order))
            }
        }
    }

    fn entries<'v>(
        &self,
        mut entries: impl Iterator<Item = (&'v (Value, Value), &'v (Value, Value))>,
    ) -> Result<(), Difference> {
        entries.try_for_each(|((key, value), (_, other))| self.values(value, other).map_err(under(|| at_key(key))))
    }
}

/// Whether the same items stand in another order.
fn are_rearranged(left: &[Value], right: &[Value]) -> bool {
    let sorted = |items: &[Value]| {
        let mut indexes: Vec<usize> = (0..items.len()).collect();
        indexes.sort_by(|one, two| order(&items[*one], &items[*two]));
        indexes
    };
    sorted(left).into_iter().zip(sorted(right)).all(|(one, two)| exactly(&left[one], &right[two]))
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

fn at_key(key: &Value) -> String {
    format!("[{}]", short(key, SHOWN))
}

fn lengths(left: &[Value], right: &[Value], note: Option<String>) -> Difference {
    let length = |items: &[Value]| format!("{} items", items.len());
    part("", length(left), length(right), note).of(Nature::Length)
}

fn shown(items: &[Value]) -> String {
    // Only as many as can be shown are worth a copy.
    short(&Value::List(items[..items.len().min(SHOWN)].to_vec()), SHOWN)
}

fn different(left: &Value, right: &Value) -> Difference {
    let (baseline, candidate) = (short(left, SHOWN), short(right, SHOWN));
    if left.type_name() != right.type_name() {
        let note = format!("of type {} and {}", left.type_name(), right.type_name());
        return part("", baseline, candidate, Some(note)).of(Nature::Type);
    }
    if let (Value::Str(left), Value::Str(right)) = (left, right) {
        let at = left.chars().zip(right.chars()).take_while(|(left, right)| left == right).count();
        if at > SHOWN / 2 {
            let from = |text: &str| short(&Value::Str(text.chars().skip(at).take(SHOWN / 2).collect()), SHOWN);
            return part("", from(left), from(right), Some(format!("from character {at} on")));
        }
    }
    part("", baseline, candidate, overflow(left, right))
}

/// What an integer too small for its value makes of it.
fn overflow(left: &Value, right: &Value) -> Option<String> {
    let integer = |value: &Value| match value {
        Value::Int(value) => Some(i128::from(*value)),
        Value::BigInt(digits) => digits.parse::<i128>().ok(),
        _ => None,
    };
    let (exact, other) = (integer(left)?, integer(right)?);
    let widths = [(32, "32"), (64, "64")];
    widths.iter().find_map(|(bits, name)| {
        let modulus = 1_i128 << bits;
        let limits = [modulus / 2 - 1, -(modulus / 2), modulus - 1];
        if limits.contains(&other) && (exact > other) == (other > 0) {
            return Some(format!("it stops at the limit of {name} bits"));
        }
        let fits = (-modulus / 2..modulus).contains(&other);
        let wraps = fits && (exact - other) % modulus == 0 && !(-modulus / 2..modulus / 2).contains(&exact);
        wraps.then(|| format!("it wraps at {name} bits"))
    })
}

/// Equality without tolerance, order and wire: for scalars and for keys.
fn exactly(left: &Value, right: &Value) -> bool {
    order(left, right) == Ordering::Equal
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
mod tests;
