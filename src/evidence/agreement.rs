//! How implementations are held against each other: the declared rules, and what came of it.

use serde::{Deserialize, Serialize};

use super::figure;

/// How far results may differ, as a workload declares it; strict where it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tolerance {
    /// Floats agree within this fraction of the larger one.
    #[serde(default)]
    pub relative: Option<f64>,
    /// Floats agree within this many units in the last place.
    #[serde(default)]
    pub ulps: Option<u64>,
    /// Whether the order of lists and dictionaries counts.
    #[serde(default)]
    pub order: Order,
    /// Whether it counts that a result is an object of its own.
    #[serde(default)]
    pub identity: Identity,
}

/// Whether order counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// It does.
    #[default]
    Keep,
    /// Lists are compared as multisets, dictionaries as mappings.
    Ignore,
}

/// Whether it counts that a result is an object of its own, where the baseline's is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Identity {
    /// It does: a candidate must not hand out its argument, or one object twice, where the baseline makes a new one.
    #[default]
    Keep,
    /// Only values count.
    Ignore,
}

/// How many calls agreed, and what that is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Inputs on which it agreed with the baseline, each counted once: declared, kept and drawn ones.
    pub cases: u64,
    /// Those among them that were drawn at random.
    pub drawn: u64,
    /// With 95 % confidence, a smaller share than this of such inputs differs: 3 ÷ `drawn` (the rule of three).
    /// `None` where that says nothing: too few were drawn, or one differed.
    #[serde(serialize_with = "figure::optional", skip_serializing_if = "Option::is_none")]
    pub differ_below: Option<f64>,
}

impl Agreement {
    /// Of so many inputs that agreed, so many of them drawn; `differs`: one did not.
    pub fn of(cases: u64, drawn: u64, differs: bool) -> Agreement {
        // Fewer than four draws would bound a share by more than three quarters: nobody is helped.
        let differ_below = (drawn > 3 && !differs).then(|| figure(3.0 / drawn as f64));
        Agreement { cases, drawn, differ_below }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_of_three_bounds_what_was_not_seen() {
        assert_eq!(Agreement::of(1001, 1000, false).differ_below, Some(0.003));
        assert_eq!(Agreement::of(1001, 1000, true).differ_below, None);
        assert_eq!(Agreement::of(3, 2, false).differ_below, None);
        // It is an upper bound of the exact one, 1 − 0.05^(1/n).
        for drawn in 4..2000_u32 {
            let exact = 1.0 - 0.05_f64.powf(1.0 / f64::from(drawn));
            let stated = Agreement::of(0, drawn.into(), false).differ_below.unwrap();
            assert!(exact < stated, "{drawn}");
        }
    }
}
