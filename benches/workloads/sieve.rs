//! The primes up to a number, by the sieve of Eratosthenes: an integer loop.
//!
//! The twins keep one byte a number and strike out the same multiples. What it teaches: the factor of the articles is
//! measured against a loop over a list (`naive`), and most of it is a better sieve in Python, whose slice assignment
//! runs in C. What Rust adds is the loop without an interpreter; what the boundary takes is one Python integer a
//! prime.
//!
//! Fairness: all return the primes as a list, numpy too. A faster sieve is known: one that keeps odd numbers only, as
//! bits, and works through the numbers in pieces that stay in the first-level cache (as `primesieve` does) leaves this
//! one far behind where the flags outgrow the caches. It is another algorithm, and Python could have it too.
//!
//! Outcomes: below 2 there are no primes; over a thousand million is a `ValueError`, beyond 64 bits an
//! `OverflowError`, anything but an integer a `TypeError`.

use rustworthy_worker::{Failure, Input, Workload};

/// The workload; its input is the limit.
pub struct Sieve;

impl Workload for Sieve {
    const NAME: &'static str = "sieve";
    const SAMPLE_SIZE: u64 = 10_000;
    type Input = i64;
    type Output = Vec<u32>;

    fn prepare(input: Input) -> Result<i64, Failure> {
        let [limit] = input.into_arguments()?;
        limit.into_int()
    }

    fn sample() -> i64 {
        10_000
    }

    fn run(limit: &i64) -> Result<Vec<u32>, Failure> {
        sieve(*limit)
    }
}

/// One byte a number; without a bound, a mistyped limit would take the memory of the machine.
const MOST: u32 = 1_000_000_000;

/// The primes up to and including the limit, ascending.
///
/// # Errors
/// `ValueError` for a limit of more than a thousand million.
pub fn sieve(limit: i64) -> Result<Vec<u32>, Failure> {
    if limit < 2 {
        return Ok(Vec::new());
    }
    let last = match u32::try_from(limit) {
        Ok(last) if last <= MOST => last,
        _ => return Err(Failure::value_error(format!("a limit over {MOST} would need more than a gigabyte"))),
    };
    let mut is_prime = vec![true; last as usize + 1];
    is_prime[..2].fill(false);
    for number in 2..=last.isqrt() as usize {
        if is_prime[number] {
            for flag in is_prime[number * number..].iter_mut().step_by(number) {
                *flag = false;
            }
        }
    }
    let count = is_prime.iter().filter(|is_prime| **is_prime).count();
    let mut primes = vec![0; count + 1];
    let mut found = 0;
    // Each number is written to the next free place, and stays there if it is prime: of branches on something as
    // irregular as this, the processor would guess many wrong.
    for (number, is_prime) in (0..=last).zip(is_prime) {
        primes[found] = number;
        found += usize::from(is_prime);
    }
    primes.truncate(count);
    Ok(primes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_are_counted_as_in_the_tables() {
        for (limit, count) in [(10, 4), (100, 25), (10_000, 1_229), (1_000_000, 78_498)] {
            assert_eq!(sieve(limit).unwrap().len(), count, "{limit}");
        }
    }

    #[test]
    fn the_limit_is_within() {
        assert_eq!(sieve(1), Ok(vec![]));
        assert_eq!(sieve(2), Ok(vec![2]));
        assert_eq!(sieve(25).unwrap().last(), Some(&23));
        assert_eq!(sieve(29).unwrap().last(), Some(&29));
    }

    #[test]
    fn what_memory_does_not_hold_is_refused() {
        assert_eq!(sieve(i64::MIN), Ok(vec![]));
        assert_eq!(sieve(i64::from(MOST) + 1).unwrap_err().class, "ValueError");
        assert_eq!(sieve(i64::MAX).unwrap_err().class, "ValueError");
    }
}
