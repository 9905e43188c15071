//! The same 10 000 bytes in calls of m bytes each: what crossing between Python and Rust costs.
//!
//! The work is a checksum, one multiplication and addition a byte, each step needing the one before: small and real.
//! Outcomes: no chunks, or empty ones, are 0; a chunk that is not bytes is a `TypeError`.
//!
//! What it teaches: a call of Rust costs about what a call of Python costs, or less. So the overhead does add up, with
//! one byte a call it is nearly all there is; and yet the hybrid pays at every size, because the Python that it
//! replaces has a call for each chunk as well. All chunks in one call (`batched`) are as good as native from a hundred
//! bytes a chunk on.
//!
//! Fairness: the loop over the chunks is in Python for baseline and hybrid alike. Known to be faster: a checksum that
//! is linear, as this one is, can be added up in several lanes; each step here waits for the one before.

use rustworthy_worker::{Failure, Input, Value, Workload};

/// The workload; its input is the list of chunks.
pub struct CallOverhead;

impl Workload for CallOverhead {
    const NAME: &'static str = "call_overhead";
    const SAMPLE_SIZE: u64 = 100;
    type Input = Vec<Vec<u8>>;
    type Output = u32;

    fn prepare(input: Input) -> Result<Vec<Vec<u8>>, Failure> {
        let [chunks] = input.into_arguments()?;
        chunks.into_list()?.into_iter().map(Value::into_bytes).collect()
    }

    fn sample() -> Vec<Vec<u8>> {
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(10_000).collect();
        bytes.chunks(100).map(<[u8]>::to_vec).collect()
    }

    fn run(chunks: &Vec<Vec<u8>>) -> Result<u32, Failure> {
        Ok(combine(chunks.iter().map(|chunk| checksum(chunk))))
    }
}

/// Below 2^31: a small integer in Python, too.
const MASK: u32 = 0x7fff_ffff;

/// The checksum of one chunk.
pub fn checksum(chunk: &[u8]) -> u32 {
    // Wrapping at 2^32 leaves the lower 31 bits right; Python's integers have to be masked to stay small.
    chunk.iter().fold(0, |value: u32, byte| value.wrapping_mul(31).wrapping_add(u32::from(*byte)) & MASK)
}

/// The checksums of all chunks, added up.
pub fn combine(checksums: impl Iterator<Item = u32>) -> u32 {
    checksums.fold(0, |total, value| total.wrapping_add(value) & MASK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_baseline() {
        // The test of the Python twin holds it to the same numbers.
        assert_eq!(checksum(b""), 0);
        assert_eq!(checksum(b"rust"), 3_512_292);
        assert_eq!(checksum(&[255; 100]), 1_960_837_568);
        assert_eq!(combine([MASK, 1, 5].into_iter()), 5);
    }

    #[test]
    fn only_bytes_are_accepted() {
        let class = |value: Value| CallOverhead::prepare(Input::from_arguments(1, vec![value])).unwrap_err().class;
        assert_eq!(class(Value::None), "TypeError");
        assert_eq!(class(Value::List(vec![Value::Str("a".into())])), "TypeError");
    }
}
