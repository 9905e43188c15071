//! SHA-256 of each block of 1 MiB, on one core and on all: does the lock of the interpreter prevent parallelism?
//!
//! What it teaches: it does not, where the work is done in C or Rust that gives the lock up. `hashlib` does so for
//! data of more than 2047 bytes. Nor is Rust faster at the hash itself: both sides have the processor's own
//! instructions for it, OpenSSL's assembly there and `sha2`'s intrinsics here. On one core a port gains nothing; a pool
//! of threads does, and it stays in Python. Had the blocks 2 KiB or less, or were the work a loop in Python (see
//! `edit_distance`), the threads would take turns, and processes or Rust would be what helps.
//!
//! rayon keeps both of two cores busy. Python's threads keep 1.6 to 1.8 busy, whether they call `hashlib` or Rust: a
//! pool is started for each call, and between two blocks a thread needs the lock to hand in a digest and to fetch the
//! next. Larger shares, several blocks each, were tried and are no quicker.
//!
//! Fairness: the same hash, the same blocks, as many workers as cores. Pools of threads are started inside the clock.
//! rayon keeps its threads from the first call on, which the warm-up makes. Processes are measured twice: with their
//! start inside the clock, and with a pool that the first call has started. Their processor time is not in the
//! measured process, so that their `cpu` shows the sending alone. They do not keep two cores busy: with the
//! processor's own instructions a block is hashed in less time than one process needs to copy it and write it to a
//! pipe, and the others wait. Processes pay where the work is long and what is sent is short. With one block no
//! parallel variant can win, and each shows what its start costs.
//!
//! Outcomes: no bytes have no digests; what is not bytes is a `TypeError`.

use rayon::prelude::*;
use rustworthy_worker::{Failure, Input, Workload};
use sha2::{Digest, Sha256};

/// The workload on one core; its input is the data.
pub struct ParallelHash;

impl Workload for ParallelHash {
    const NAME: &'static str = "parallel_hash";
    const SAMPLE_SIZE: u64 = 4;
    type Input = Vec<u8>;
    type Output = Vec<String>;

    fn prepare(input: Input) -> Result<Vec<u8>, Failure> {
        input.into_bytes()
    }

    fn sample() -> Vec<u8> {
        (0..=250).cycle().take(4 * BLOCK).collect()
    }

    fn run(data: &Vec<u8>) -> Result<Vec<String>, Failure> {
        Ok(parallel_hash(data))
    }
}

/// The same on all cores.
pub struct ParallelHashParallel;

impl Workload for ParallelHashParallel {
    const NAME: &'static str = "parallel_hash_parallel";
    const SAMPLE_SIZE: u64 = ParallelHash::SAMPLE_SIZE;
    type Input = Vec<u8>;
    type Output = Vec<String>;

    fn prepare(input: Input) -> Result<Vec<u8>, Failure> {
        ParallelHash::prepare(input)
    }

    fn sample() -> Vec<u8> {
        ParallelHash::sample()
    }

    fn run(data: &Vec<u8>) -> Result<Vec<String>, Failure> {
        Ok(parallel_hash_parallel(data))
    }
}

/// Bytes a block.
const BLOCK: usize = 1 << 20;

/// The digest of each block in hexadecimal, one after the other; the last block may be short.
pub fn parallel_hash(data: &[u8]) -> Vec<String> {
    blocks(data).map(digest).collect()
}

/// The blocks; the last may be short.
pub fn blocks(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.chunks(BLOCK)
}

/// The same, shared out over all cores.
pub fn parallel_hash_parallel(data: &[u8]) -> Vec<String> {
    data.par_chunks(BLOCK).map(digest).collect()
}

/// The digest of one block in hexadecimal.
pub fn digest(block: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digest = Sha256::digest(block);
    let nibbles = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standard() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(parallel_hash(b"abc"), [abc]);
        assert_eq!(parallel_hash(b""), [""; 0]);
    }

    #[test]
    fn the_order_of_the_blocks_is_kept() {
        let data: Vec<u8> = (0..=250).cycle().take(7 * BLOCK + 3).collect();
        let digests = parallel_hash(&data);
        assert_eq!(digests.len(), 8);
        assert_eq!(digests[7], digest(&data[7 * BLOCK..]));
        assert_eq!(parallel_hash_parallel(&data), digests);
    }
}
