//! Do two implementations agree? Canonical values compared by declared rules; the first difference, with its path.
//!
//! Strict by default and never loosened by itself: types count, the order of dictionaries counts, `NaN` equals `NaN`,
//! `-0.0` and `0.0` differ. A tolerance applies to floats only, and only as declared.

mod compare;
mod show;

pub use compare::{Difference, Wire, outcomes, values};
pub use show::short;

use crate::evidence::{Order, Tolerance};

/// The rules in force, as a report prints them.
pub fn rules(tolerance: &Tolerance) -> Vec<String> {
    let mut rules = vec!["types count; NaN equals NaN".to_owned()];
    match (tolerance.relative, tolerance.ulps) {
        (None, None) => rules.push("floats agree bit for bit, and -0.0 differs from 0.0".to_owned()),
        (relative, ulps) => {
            rules.extend(relative.map(|relative| format!("floats agree within {relative:e} of the larger one")));
            rules.extend(ulps.map(|ulps| format!("floats agree within {ulps} units in the last place")));
        }
    }
    rules.push(
        match tolerance.order {
            Order::Keep => "the order of lists and dictionaries counts",
            Order::Ignore => "the order of lists and dictionaries does not count",
        }
        .to_owned(),
    );
    rules
}
