//! The rules that a workload's outcomes are compared by: strict by default, never loosened by themselves.

use std::collections::BTreeMap;

use crate::evidence::{Identity, Order, Tolerance};

/// Everything that a workload declares of its equality.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// How far values may differ.
    pub tolerance: Tolerance,
    /// By the baseline's exception class, the candidates' classes that stand for it.
    pub exceptions: BTreeMap<String, Vec<String>>,
    /// The callable that results go through before they are compared.
    pub result: Option<String>,
    /// Lazy results are exhausted.
    pub consume: bool,
}

impl Rules {
    /// Whether a candidate's exception class may stand for the baseline's.
    pub(super) fn stands_for(&self, baseline: &str, candidate: &str) -> bool {
        baseline == candidate
            || self.exceptions.get(baseline).is_some_and(|classes| classes.iter().any(|class| class == candidate))
    }

    /// Whether floats may differ at all.
    pub(super) fn tolerates(&self) -> bool {
        self.tolerance.relative.is_some() || self.tolerance.ulps.is_some()
    }

    /// The rules as a report prints them.
    pub fn words(&self) -> Vec<String> {
        let Tolerance { relative, ulps, order, identity } = self.tolerance;
        let mut rules = vec!["types count; NaN equals NaN".to_owned()];
        if (relative, ulps) == (None, None) {
            rules.push("floats agree bit for bit, and -0.0 differs from 0.0".to_owned());
        }
        rules.extend(relative.map(|relative| format!("floats agree within {relative:e} of the larger one")));
        rules.extend(ulps.map(|ulps| format!("floats agree within {ulps} units in the last place")));
        rules.push(
            match order {
                Order::Keep => "the order of lists and dictionaries counts",
                Order::Ignore => "the order of lists and dictionaries does not count, at any depth",
            }
            .to_owned(),
        );
        rules.push("exceptions agree by class, and by position where both state one".to_owned());
        rules.extend(self.exceptions.iter().map(|(baseline, classes)| {
            format!("a candidate's {} stands for the baseline's {baseline}", classes.join(" or "))
        }));
        rules.push("arguments after the call count".to_owned());
        if identity == Identity::Ignore {
            rules.push("it does not count whether a result is an object of its own".to_owned());
        }
        rules.extend(self.result.iter().map(|callable| format!("results are compared as `{callable}` makes them")));
        if self.consume {
            rules.push("lazy results are exhausted".to_owned());
        }
        rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_declared_is_printed() {
        let rules = Rules {
            tolerance: Tolerance {
                relative: Some(1e-9),
                ulps: Some(4),
                order: Order::Ignore,
                identity: Identity::Ignore,
            },
            exceptions: BTreeMap::from([("ValueError".to_owned(), vec!["JSONDecodeError".to_owned()])]),
            result: Some("acme:plain".to_owned()),
            consume: true,
        };
        insta::assert_snapshot!(rules.words().join("\n"), @r"
        types count; NaN equals NaN
        floats agree within 1e-9 of the larger one
        floats agree within 4 units in the last place
        the order of lists and dictionaries does not count, at any depth
        exceptions agree by class, and by position where both state one
        a candidate's JSONDecodeError stands for the baseline's ValueError
        arguments after the call count
        it does not count whether a result is an object of its own
        results are compared as `acme:plain` makes them
        lazy results are exhausted
        ");
    }

    #[test]
    fn classes_stand_for_another_only_as_declared() {
        let mut rules = Rules::default();
        assert!(rules.stands_for("ValueError", "ValueError"));
        assert!(!rules.stands_for("ValueError", "JSONDecodeError"));
        rules.exceptions.insert("ValueError".to_owned(), vec!["JSONDecodeError".to_owned()]);
        assert!(rules.stands_for("ValueError", "JSONDecodeError"));
        assert!(!rules.stands_for("JSONDecodeError", "ValueError"));
    }
}
