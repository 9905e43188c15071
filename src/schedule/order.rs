//! The order of launches: random, and balanced over a block of rounds.

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Orders of `count` cells, drawn as random Latin squares: within each block of `count` rounds every cell stands once
/// in every place. A fixed order is itself a bias: identical code was seen to differ by tens of percent by its place.
#[derive(Clone, Debug, Default)]
pub struct Orders {
    block: Vec<Vec<usize>>,
}

impl Orders {
    /// The order of the next round of `count` cells, as their indices. A block of another count is given up.
    pub fn next(&mut self, count: usize, random: &mut ChaCha8Rng) -> Vec<usize> {
        match self.block.pop() {
            Some(order) if order.len() == count => order,
            _ => {
                self.block = latin_square(count, random);
                self.block.pop().unwrap_or_default()
            }
        }
    }
}

/// A cyclic Latin square with its rows, columns and symbols shuffled.
fn latin_square(count: usize, random: &mut ChaCha8Rng) -> Vec<Vec<usize>> {
    let mut shuffled = || {
        let mut indices: Vec<usize> = (0..count).collect();
        indices.shuffle(random);
        indices
    };
    let (rows, columns, symbols) = (shuffled(), shuffled(), shuffled());
    rows.iter().map(|row| columns.iter().map(|column| symbols[(row + column) % count]).collect()).collect()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn each_cell_stands_once_in_each_place_of_a_block() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let mut orders = Orders::default();
        for _ in 0..4 {
            let block: Vec<Vec<usize>> = (0..5).map(|_| orders.next(5, &mut random)).collect();
            for place in 0..5 {
                let mut cells: Vec<usize> = block.iter().map(|order| order[place]).collect();
                cells.sort_unstable();
                assert_eq!(cells, [0, 1, 2, 3, 4]);
            }
        }
    }

    #[test]
    fn blocks_differ_and_a_seed_repeats_them() {
        let draw = |seed| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let mut orders = Orders::default();
            (0..12).map(|_| orders.next(4, &mut random)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert_ne!(draw(1)[..4], draw(1)[4..8]);
    }
}
