//! What is timed. Each kernel makes so many equal passes, all with one result, and returns that of the last: 105 passes
//! instead of 100 are 5 % more of the same. The count is hidden from the compiler, so that another count is another number in
//! the same machine code.

use std::hint::black_box;

use crate::planted;

include!("padding.rs");

/// Times that a pass goes over its numbers.
const TRAVERSALS: u32 = 20;
/// Times that a pass copies its numbers.
const COPIES: u32 = 8;

/// Arithmetic: each step waits for the one before.
#[inline(never)]
fn hash(numbers: &[i64], passes: u32) -> i64 {
    let mut state = 0;
    for _ in 0..passes {
        state = black_box(0x9e37_79b9_7f4a_7c15_u64);
        for _ in 0..TRAVERSALS {
            for number in numbers {
                state = (state ^ number.cast_unsigned()).wrapping_mul(0xff51_afd7_ed55_8ccd).rotate_left(23);
            }
        }
        black_box(state);
    }
    (state >> 1).cast_signed()
}

/// Arithmetic alone.
pub fn mix(numbers: &[i64]) -> i64 {
    hash(numbers, black_box(planted::MIX))
}

/// The same, for Python to call.
pub fn fold(numbers: &[i64]) -> i64 {
    hash(numbers, black_box(planted::FOLD))
}

/// Allocations: a vector for every eight numbers.
pub fn pieces(numbers: &[i64]) -> i64 {
    let mut total = 0;
    for _ in 0..black_box(planted::PIECES) {
        let held: Vec<Vec<i64>> = numbers.chunks(8).map(<[i64]>::to_vec).collect();
        total = black_box(&held).iter().filter_map(|piece| piece.first()).sum();
    }
    total
}

/// Copies of a buffer that a core's first cache does not hold.
pub fn tape(numbers: &[i64]) -> i64 {
    let mut tape = numbers.to_vec();
    for _ in 0..black_box(planted::TAPE) {
        for _ in 0..COPIES {
            tape.copy_from_slice(black_box(numbers));
            black_box(&mut tape);
        }
    }
    tape.iter().sum()
}
