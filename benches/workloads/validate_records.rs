//! Validate rows against a schema: make records of the good ones, collect every error of the others with its place.
//!
//! A row is a dictionary with the fields of [`Customer`], `parent` optional, and no others. Types are strict: no text
//! is taken for a number, no truth for an integer; an integer is taken for a float. The result is the number of good
//! rows and the list of errors as (row, place, kind), in the order of rows, then of the schema's fields, then of the
//! row's unknown ones; the twin lists the kinds. Outcomes: what is given must be a list, else it is a `TypeError`;
//! what the rows hold never is.
//!
//! What it teaches: validation looks at every Python object once and does little with it, so that a hybrid pays for the
//! boundary at each step, and the native implementation, whose rows are Rust values already, shows what is left
//! without one. That gap closes only where the rows never become Python objects, as when they are parsed and validated
//! in one go. pydantic 2 is such a hybrid, made by others.
//!
//! And a library has to be general: pydantic 2 sets out faster than the baseline at ten rows and falls behind it at
//! 30 000. Python's collector has up to a third of its time there, as it goes through models of several objects each
//! again and again while they become more; the baseline's records have fewer.
//!
//! Fairness: each call gets rows of its own, because Python keeps the UTF-8 of text that is not ASCII once it was
//! asked for, and the baseline makes it anew each time. The one schema below is checked against Python's objects and
//! against Rust's values ([`Dynamic`]); records are made by all, and live until the end of the call. A struct that
//! serde fills would be faster than dynamic values, and would stop at the first error of a row. The hybrid does not
//! release the lock: it works on Python's objects.

use std::borrow::Cow;

use rustworthy_worker::{Canonical, Failure, Input, Value, Workload};

/// The workload; its input is the list of rows.
pub struct ValidateRecords;

impl Workload for ValidateRecords {
    const NAME: &'static str = "validate_records";
    const SAMPLE_SIZE: u64 = 1_000;
    type Input = Vec<Value>;
    type Output = Validated;

    fn prepare(input: Input) -> Result<Vec<Value>, Failure> {
        let [rows] = input.into_arguments()?;
        match rows {
            Value::List(rows) => Ok(rows),
            other => Err(Failure::type_error(format!("expected list, got {}", other.type_name()))),
        }
    }

    fn sample() -> Vec<Value> {
        (1..=1_000).map(sample_row).collect()
    }

    fn run(rows: &Vec<Value>) -> Result<Validated, Failure> {
        Ok(validate_records(rows.iter()))
    }
}

/// Every tenth has an empty name.
fn sample_row(id: i64) -> Value {
    let text = |text: &str| Value::Str(text.to_owned());
    let name = if id % 10 == 0 { String::new() } else { format!("Jürgen {id}") };
    let fields = [
        ("id", Value::Int(id)),
        ("name", Value::Str(name)),
        ("plan", text("plus")),
        ("score", Value::Float(12.5)),
        ("tags", Value::List(vec![text("new"), text("münchen")])),
    ];
    Value::Dict(fields.into_iter().map(|(name, value)| (text(name), value)).collect())
}

/// A row that is in order.
#[derive(Debug)]
#[expect(dead_code, reason = "the records are made whole, as an application would want them, and are counted")]
pub struct Customer {
    id: i64,
    name: String,
    plan: Plan,
    score: f64,
    tags: Vec<String>,
    parent: Option<i64>,
}

/// What a customer pays for.
#[derive(Clone, Copy, Debug)]
enum Plan {
    Basic,
    Plus,
    Pro,
}

/// One thing that is wrong: the row, the place in it, the kind.
pub type Flaw = (usize, String, &'static str);

/// The records of the good rows, and the flaws of the others.
#[derive(Debug)]
pub struct Validated {
    /// One for each good row.
    pub customers: Vec<Customer>,
    /// In the order of the rows.
    pub flaws: Vec<Flaw>,
}

impl Canonical for Validated {
    fn canonical(&self) -> Value {
        Value::Tuple(vec![self.customers.len().canonical(), self.flaws.canonical()])
    }
}

/// The fields of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Field {
    /// An identity.
    Id,
    /// Text.
    Name,
    /// One of three.
    Plan,
    /// A number.
    Score,
    /// A list of text.
    Tags,
    /// An identity, optional.
    Parent,
}

impl Field {
    const ALL: [Field; 6] = [Field::Id, Field::Name, Field::Plan, Field::Score, Field::Tags, Field::Parent];

    /// What rows call it.
    pub fn name(self) -> &'static str {
        match self {
            Field::Id => "id",
            Field::Name => "name",
            Field::Plan => "plan",
            Field::Score => "score",
            Field::Tags => "tags",
            Field::Parent => "parent",
        }
    }
}

/// An integer of any size.
#[derive(Clone, Copy, Debug)]
pub enum Whole {
    /// Within 64 bits.
    Small(i64),
    /// Beyond.
    Large,
}

/// A value whose type is known only when it is looked at: Python's objects, or Rust's canonical values.
pub trait Dynamic: Sized {
    /// An integer, and no truth.
    fn whole(&self) -> Option<Whole>;
    /// A float, and no integer.
    fn real(&self) -> Option<f64>;
    /// Text without lone surrogates.
    fn text(&self) -> Option<Cow<'_, str>>;
    /// Whether it is `None`.
    fn is_none(&self) -> bool;
    /// The members of a list, and of nothing else.
    fn list(&self) -> Option<impl ExactSizeIterator<Item = Self>>;
    /// Whether it is a dictionary.
    fn is_dict(&self) -> bool;
    /// A field of a dictionary.
    fn field(&self, field: Field) -> Option<Self>;
    /// The number of a dictionary's entries.
    fn entries(&self) -> usize;
    /// A dictionary's keys.
    fn keys(&self) -> impl Iterator<Item = Self>;
}

/// Records of the good rows, flaws of the others.
pub fn validate_records<D: Dynamic>(rows: impl ExactSizeIterator<Item = D>) -> Validated {
    let mut validated = Validated { customers: Vec::with_capacity(rows.len()), flaws: Vec::new() };
    for (number, row) in rows.enumerate() {
        let mut flaws = Flaws { row: number, all: &mut validated.flaws };
        if row.is_dict() {
            validated.customers.extend(customer(&row, &mut flaws));
        } else {
            flaws.add("", "type");
        }
    }
    validated
}

/// Where the flaws of one row go.
struct Flaws<'a> {
    row: usize,
    all: &'a mut Vec<Flaw>,
}

impl Flaws<'_> {
    fn add(&mut self, place: impl Into<String>, kind: &'static str) {
        self.all.push((self.row, place.into(), kind));
    }

    /// What a check found good; else its flaw is kept.
    fn keep<T>(&mut self, field: Field, checked: Result<T, &'static str>) -> Option<T> {
        checked.map_err(|kind| self.add(field.name(), kind)).ok()
    }
}

/// The record of a row, if it has no flaw.
fn customer<D: Dynamic>(row: &D, flaws: &mut Flaws) -> Option<Customer> {
    let before = flaws.all.len();
    // Each is looked up once: in Python's dictionaries, that is most of the work.
    let given = Field::ALL.map(|field| row.field(field));
    let known = given.iter().flatten().count();
    let [id, name, plan, score, tags, parent] = &given;
    let id = flaws.keep(Field::Id, id.as_ref().ok_or("missing").and_then(identity));
    let name = flaws.keep(Field::Name, name.as_ref().ok_or("missing").and_then(|value| text(value, 50)));
    let plan = flaws.keep(Field::Plan, plan.as_ref().ok_or("missing").and_then(plan_of));
    let score = flaws.keep(Field::Score, score.as_ref().ok_or("missing").and_then(score_of));
    let tags = flaws.keep(Field::Tags, tags.as_ref().ok_or("missing")).and_then(|value| tags_of(value, flaws));
    let parent = parent.as_ref().filter(|value| !value.is_none());
    let parent = flaws.keep(Field::Parent, parent.map(identity).transpose());
    if known < row.entries() {
        unknown(row, flaws);
    }
    if flaws.all.len() > before {
        return None;
    }
    Some(Customer { id: id?, name: name?, plan: plan?, score: score?, tags: tags?, parent: parent? })
}

fn unknown<D: Dynamic>(row: &D, flaws: &mut Flaws) {
    for key in row.keys() {
        match key.text() {
            None => flaws.add("", "key"),
            Some(name) if Field::ALL.iter().any(|field| field.name() == name) => {}
            Some(name) => flaws.add(name, "extra"),
        }
    }
}

fn identity<D: Dynamic>(value: &D) -> Result<i64, &'static str> {
    match value.whole().ok_or("type")? {
        Whole::Small(number) if number >= 1 => Ok(number),
        Whole::Small(_) | Whole::Large => Err("range"),
    }
}

/// Text of 1 to so many characters.
fn text<D: Dynamic>(value: &D, longest: usize) -> Result<String, &'static str> {
    let text = value.text().ok_or("type")?;
    // A character has at most four bytes: what is far too long need not be counted.
    let is_good = !text.is_empty() && text.len() <= 4 * longest && text.chars().count() <= longest;
    if is_good { Ok(text.into_owned()) } else { Err("length") }
}

fn plan_of<D: Dynamic>(value: &D) -> Result<Plan, &'static str> {
    match value.text().as_deref() {
        Some("basic") => Ok(Plan::Basic),
        Some("plus") => Ok(Plan::Plus),
        Some("pro") => Ok(Plan::Pro),
        _ => Err("choice"),
    }
}

fn score_of<D: Dynamic>(value: &D) -> Result<f64, &'static str> {
    let number = match (value.real(), value.whole()) {
        (Some(number), _) => number,
        (None, Some(Whole::Small(number))) => {
            // Rounding does not carry a number across the limits, which are small.
            #[expect(clippy::cast_precision_loss, reason = "what is in range is exact")]
            let number = number as f64;
            number
        }
        (None, Some(Whole::Large)) => return Err("range"),
        (None, None) => return Err("type"),
    };
    if (0.0..=100.0).contains(&number) { Ok(number) } else { Err("range") }
}

/// The tags, if all are good.
fn tags_of<D: Dynamic>(value: &D, flaws: &mut Flaws) -> Option<Vec<String>> {
    let Some(members) = value.list() else {
        flaws.add(Field::Tags.name(), "type");
        return None;
    };
    if members.len() > 5 {
        flaws.add(Field::Tags.name(), "length");
        return None;
    }
    let mut tags = Vec::with_capacity(members.len());
    for (index, member) in members.enumerate() {
        match text(&member, 20) {
            Ok(tag) => tags.push(tag),
            Err(kind) => flaws.add(format!("tags.{index}"), kind),
        }
    }
    Some(tags)
}

impl Dynamic for &Value {
    fn whole(&self) -> Option<Whole> {
        match self {
            Value::Int(number) => Some(Whole::Small(*number)),
            Value::BigInt(_) => Some(Whole::Large),
            _ => None,
        }
    }

    fn real(&self) -> Option<f64> {
        if let Value::Float(number) = self { Some(*number) } else { None }
    }

    fn text(&self) -> Option<Cow<'_, str>> {
        if let Value::Str(text) = self { Some(Cow::Borrowed(text)) } else { None }
    }

    fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }

    fn list(&self) -> Option<impl ExactSizeIterator<Item = Self>> {
        if let Value::List(members) = *self { Some(members.iter()) } else { None }
    }

    fn is_dict(&self) -> bool {
        matches!(self, Value::Dict(_))
    }

    fn field(&self, field: Field) -> Option<Self> {
        let is_it = |key: &Value| matches!(key, Value::Str(name) if name == field.name());
        self.pairs().iter().find(|(key, _)| is_it(key)).map(|(_, value)| value)
    }

    fn entries(&self) -> usize {
        self.pairs().len()
    }

    fn keys(&self) -> impl Iterator<Item = Self> {
        self.pairs().iter().map(|(key, _)| key)
    }
}

trait Pairs<'a> {
    /// The entries of a dictionary, and none of anything else.
    fn pairs(self) -> &'a [(Value, Value)];
}

impl<'a> Pairs<'a> for &'a Value {
    fn pairs(self) -> &'a [(Value, Value)] {
        if let Value::Dict(pairs) = self { pairs } else { &[] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_good_rows_of_the_sample_become_records() {
        let rows = ValidateRecords::sample();
        let validated = validate_records(rows.iter());
        assert_eq!(validated.customers.len(), 900);
        assert_eq!(validated.flaws.len(), 100);
        assert_eq!(validated.flaws[0], (9, "name".to_owned(), "length"));
    }
}
