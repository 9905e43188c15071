//! Where two outcomes part, and what sort of parting it is: each sort is told in its own words, with its own mend.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where two outcomes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Path to the value, such as `result[3]["name"]`.
    pub path: String,
    /// What the baseline has there.
    pub baseline: String,
    /// What the candidate has there.
    pub candidate: String,
    /// What is to be seen in them, where that is not plain.
    pub note: Option<String>,
    /// Which sort it is.
    pub nature: Nature,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(&self.between("baseline", "candidate"))
    }
}

impl Difference {
    /// The difference in words, the two sides called so.
    pub fn between(&self, before: &str, after: &str) -> String {
        let note = self.note.as_ref().map_or_else(String::new, |note| format!(" ({note})"));
        format!("{}: {before} {}, {after} {}{note}", self.path, self.baseline, self.candidate)
    }
}

/// The sorts of differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nature {
    /// Another value of the same type.
    Value,
    /// Another type.
    Type,
    /// More or fewer items, keys or members.
    Length,
    /// The same in another order.
    Order,
    /// One side raises, the other returns.
    Raises,
    /// Another exception class.
    Exception,
    /// Another position of the error.
    Position,
    /// A Rust panic.
    Panic,
    /// The arguments after the call.
    Mutation,
    /// The result is an argument itself.
    Alias,
    /// The same object is handed out by every call.
    Shared,
    /// Nothing has been computed yet.
    Lazy,
    /// The answer depends on earlier calls.
    Stale,
    /// The candidate differs from itself.
    Unsteady,
    /// The result cannot be seen.
    Unseen,
    /// The process died.
    Died,
    /// The call did not end.
    Hung,
}

impl Nature {
    /// What to do about it, where that is not plain.
    pub fn mend(self) -> Option<&'static str> {
        match self {
            Nature::Value | Nature::Type | Nature::Length | Nature::Raises | Nature::Position | Nature::Unseen => None,
            Nature::Order => Some("keep the order, or declare `tolerance = { order = \"ignore\" }`"),
            Nature::Exception => Some("raise the same class, or declare in `exceptions` which stands for which"),
            Nature::Panic => Some("return an error from Rust instead of panicking"),
            Nature::Mutation => Some(
                "callers see what a call does to its arguments: change them alike (a `Vec` is a copy, a `&Bound<PyList>` \
                 is not)",
            ),
            Nature::Alias => Some(
                "a caller that changes the result changes its own argument: return an object of its own, or declare \
                 `tolerance = { identity = \"ignore\" }`",
            ),
            Nature::Shared => Some(
                "a cached result: a caller that changes it changes every later one, and what is timed is the look-up. \
                 Return a copy, or declare `tolerance = { identity = \"ignore\" }`",
            ),
            Nature::Lazy => Some("declare `consume = true`, or let it return a list"),
            Nature::Stale => {
                Some("its answer rests on an earlier call: a cache whose key leaves out part of the input?")
            }
            Nature::Unsteady => Some("fix its seed, or sort what has no order of its own"),
            Nature::Died => Some("a crash takes the whole process along: find it before anything else"),
            Nature::Hung => Some("raise the workload's `timeout` if the call is merely slow"),
        }
    }
}
