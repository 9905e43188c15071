//! Do two implementations agree? Canonical values compared by declared rules; the first difference, with its path.
//!
//! Strict by default and never loosened by itself: types count, the order of dictionaries counts, `NaN` equals `NaN`,
//! `-0.0` and `0.0` differ. A tolerance applies to floats only, and only as declared. What differs is made small, and
//! kept as a counterexample. `docs/EQUALITY.md` says all of it in a user's words.

mod compare;
mod counterexample;
mod difference;
mod order;
mod partners;
mod rules;
mod show;
mod shrink;

pub use compare::{Wire, outcomes, values};
pub use counterexample::{CASE_SCHEMA, CaseError, Counterexample, FOLDER, Kept, encode_arguments, folder_name, kept};
pub use difference::{Difference, Nature};
pub use rules::Rules;
pub use show::short;
pub use shrink::shrink;
