//! Filter a list with a predicate that the caller brings: how often does Rust call back into Python?
//!
//! What it teaches: moving a loop to Rust gains nothing while its body stays in Python. Each call from Rust into
//! Python costs about what a call within Python costs, so that no length of the list makes the hybrid worth its name:
//! its fixed cost and its cost per element are both fitted over the sizes. Only when the predicate moves as well
//! (`ported`) is there something to win, and then each integer that crosses is most of what remains.
//!
//! Fairness: baseline and hybrid call the very same Python function on the same objects; none is copied or converted,
//! and the lock is kept, since every step needs it. The native one and `ported` have the predicate in Rust. Their
//! integers have 64 bits, and more is an `OverflowError`, where Python and the hybrid go on. Nothing faster is known
//! for a predicate that has to stay in Python; one that takes the whole list at a time would be called once.
//!
//! Outcomes: what is no list of integers is a `TypeError`; what the predicate raises is raised.

use rustworthy_worker::{Failure, Input, Workload};

/// The workload; its input is the list.
pub struct Callback;

impl Workload for Callback {
    const NAME: &'static str = "callback";
    const SAMPLE_SIZE: u64 = 1_000;
    type Input = Vec<i64>;
    type Output = Vec<i64>;

    fn prepare(input: Input) -> Result<Vec<i64>, Failure> {
        let [values] = input.into_arguments()?;
        values.into_ints()
    }

    fn sample() -> Vec<i64> {
        (0..1_000).map(|number| number * 0x9e_3779_b97f % (1 << 40)).collect()
    }

    fn run(values: &Vec<i64>) -> Result<Vec<i64>, Failure> {
        Ok(callback(values, is_wanted))
    }
}

/// Whether the third binary digit is 1.
pub fn is_wanted(value: i64) -> bool {
    value >> 2 & 1 == 1
}

/// The values that the predicate wants.
pub fn callback(values: &[i64], predicate: impl Fn(i64) -> bool) -> Vec<i64> {
    values.iter().copied().filter(|value| predicate(*value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_digit_decides_as_in_the_twin() {
        assert_eq!(callback(&[-1, -2, -4, -8, 0, 3, 4, 7, 8], is_wanted), [-1, -2, -4, 4, 7]);
        assert_eq!(callback(&[i64::MAX, i64::MIN], is_wanted), [i64::MAX]);
        assert_eq!(callback(&[], is_wanted), [0; 0]);
    }
}
