//! Sum a list of floats: a builtin is native code already, so that a port has little to win and a conversion to lose.
//!
//! Outcomes: an empty list is `0.0`; NaN and infinities propagate; anything but a list of numbers is a `TypeError`.
//!
//! From 3.12 Python's `sum` compensates for rounding, before it did not, and this sum never does. The inputs hold
//! whole numbers, small enough that every partial sum is exact: the results agree to the last bit whoever adds.
//!
//! What it teaches: the signature that comes to mind first, `Vec<f64>`, copies the list and takes about twice as long
//! as the builtin. Walking the list where it lies (`iterate`) is about as quick as the builtin, which does just that.
//! Only numbers that lie side by side, in a buffer that the caller holds already, leave the builtin far behind; and
//! the builtin, given such a buffer (`array`), has to make an object of each number first.
//!
//! Fairness: both add from first to last. Known to be faster: to add in several lanes at once, which here would give
//! the same sum and of other floats another one; each addition waits for the one before, and that is all of the
//! native's time.

use rustworthy_worker::{Failure, Input, Workload};

/// The workload; its input is the list.
pub struct SumList;

impl Workload for SumList {
    const NAME: &'static str = "sum_list";
    const SAMPLE_SIZE: u64 = 1_000;
    type Input = Vec<f64>;
    type Output = f64;

    fn prepare(input: Input) -> Result<Vec<f64>, Failure> {
        let [values] = input.into_arguments()?;
        values.into_floats()
    }

    fn sample() -> Vec<f64> {
        (0..1_000_u32).map(f64::from).collect()
    }

    fn run(values: &Vec<f64>) -> Result<f64, Failure> {
        Ok(sum_list(values))
    }
}

/// The sum, left to right.
pub fn sum_list(values: &[f64]) -> f64 {
    // `Iterator::sum` of nothing is -0.0, Python's is 0.0.
    values.iter().fold(0.0, |total, value| total + value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustworthy_worker::Value;

    #[test]
    fn whole_numbers_add_up_exactly() {
        assert_eq!(SumList::run(&SumList::sample()), Ok(499_500.0));
    }

    #[test]
    fn an_empty_list_is_positive_zero() {
        assert!(sum_list(&[]).is_sign_positive());
        assert!(sum_list(&[-0.0]).is_sign_positive());
    }

    #[test]
    fn what_is_not_finite_propagates() {
        assert!(sum_list(&[1.0, f64::NAN]).is_nan());
        assert!(sum_list(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan());
        assert_eq!(sum_list(&[f64::INFINITY, 1.0]).to_bits(), f64::INFINITY.to_bits());
    }

    #[test]
    fn only_a_list_of_numbers_is_accepted() {
        let class = |value: Value| SumList::prepare(Input::from_arguments(1, vec![value])).unwrap_err().class;
        assert_eq!(class(Value::None), "TypeError");
        assert_eq!(class(Value::Str("12".into())), "TypeError");
        assert_eq!(class(Value::List(vec![Value::Float(1.0), Value::Str("2".into())])), "TypeError");
        assert_eq!(class(Value::List(vec![Value::BigInt("9".repeat(400))])), "OverflowError");
    }
}
