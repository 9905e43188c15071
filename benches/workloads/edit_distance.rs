//! Levenshtein distances of pairs of words: the fewest insertions, deletions and replacements of a character.
//!
//! Both twins fill the table of distances between all beginnings row by row, and keep two rows. A character is a code
//! point. Outcomes: what is no list is a `TypeError`, as is a pair that is no tuple or has another type than text in
//! it; a tuple of another length is a `ValueError`, lone surrogates are a `UnicodeEncodeError`.
//!
//! What it teaches: a loop over small integers is what an interpreter does worst, and what a compiler does best; here
//! articles' "10–100×" is at home. A call for each pair adds about half of what a pair takes, part of which the batched
//! hybrid saves by its loop in Rust. Borrowed words (`PyBackedStr`) save little against copied ones
//! (`Vec<(String, String)>`): most have a letter beyond ASCII, and are turned into UTF-8 for either.
//! Python's threads (`threads`) gain nothing: the loop needs the interpreter, and they take turns at it.
//!
//! Fairness: same algorithm, and no short cuts in either (equal beginnings are not skipped). Each call gets words of
//! its own, because Python would keep their UTF-8 for the next. rapidfuzz is called for each pair; its own loop over
//! lists (`cpdist`) was tried, and with the lists that it needs is no quicker. The known faster way is another
//! algorithm, which keeps a whole column of the table in the bits of one word; rapidfuzz has it, and the variant
//! `bit-parallel` too, for words of at most 64 characters, so that the library's lead can be told from its language's.

use rustworthy_worker::{Failure, Input, Value, Workload};

/// The workload; its input is the list of pairs.
pub struct EditDistance;

impl Workload for EditDistance {
    const NAME: &'static str = "edit_distance";
    const SAMPLE_SIZE: u64 = 1_000;
    type Input = Vec<(String, String)>;
    type Output = Vec<u32>;

    fn prepare(input: Input) -> Result<Vec<(String, String)>, Failure> {
        let [pairs] = input.into_arguments()?;
        let Value::List(pairs) = pairs else {
            return Err(Failure::type_error(format!("expected list, got {}", pairs.type_name())));
        };
        pairs.into_iter().map(pair).collect()
    }

    fn sample() -> Vec<(String, String)> {
        (0..1_000).map(|number| (format!("straße {number}"), format!("strasse {}", number * 7))).collect()
    }

    fn run(pairs: &Vec<(String, String)>) -> Result<Vec<u32>, Failure> {
        Ok(edit_distance(borrowed(pairs)))
    }
}

/// The same by another algorithm.
pub struct EditDistanceBitParallel;

impl Workload for EditDistanceBitParallel {
    const NAME: &'static str = "edit_distance_bit_parallel";
    const SAMPLE_SIZE: u64 = EditDistance::SAMPLE_SIZE;
    type Input = Vec<(String, String)>;
    type Output = Vec<u32>;

    fn prepare(input: Input) -> Result<Vec<(String, String)>, Failure> {
        EditDistance::prepare(input)
    }

    fn sample() -> Vec<(String, String)> {
        EditDistance::sample()
    }

    fn run(pairs: &Vec<(String, String)>) -> Result<Vec<u32>, Failure> {
        Ok(edit_distance_bit_parallel(borrowed(pairs)))
    }
}

fn pair(value: Value) -> Result<(String, String), Failure> {
    let Value::Tuple(words) = value else {
        return Err(Failure::type_error(format!("expected tuple, got {}", value.type_name())));
    };
    match <[Value; 2]>::try_from(words) {
        Ok([left, right]) => Ok((left.into_text()?, right.into_text()?)),
        Err(words) => Err(Failure::value_error(format!("a pair has {} words", words.len()))),
    }
}

fn borrowed(pairs: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    pairs.iter().map(|(left, right)| (&**left, &**right))
}

/// The distance of each pair.
pub fn edit_distance<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<u32> {
    let mut table = Table::default();
    pairs.into_iter().map(|(left, right)| table.distance(left, right)).collect()
}

/// The memory of one pair, used again for the next.
#[derive(Default)]
struct Table {
    right: Vec<char>,
    /// The distances from the beginning of the left word that has been seen to all beginnings of the right word.
    row: Vec<u32>,
}

impl Table {
    fn distance(&mut self, left: &str, right: &str) -> u32 {
        self.right.clear();
        self.right.extend(right.chars());
        self.row.clear();
        self.row.extend((0..).take(self.right.len() + 1));
        for (deleted, letter) in (0..).zip(left.chars()) {
            // One row is enough where the number that is overwritten is kept for the next column.
            let mut diagonal = deleted;
            let mut beside = deleted + 1;
            self.row[0] = beside;
            for (above, other) in self.row[1..].iter_mut().zip(&self.right) {
                let replaced = diagonal + u32::from(letter != *other);
                diagonal = *above;
                beside = replaced.min(diagonal.min(beside) + 1);
                *above = beside;
            }
        }
        self.row[self.right.len()]
    }
}

/// As [`edit_distance`], with a column of the table in the bits of a word; pairs without a word of at most 64
/// characters are left to the table.
pub fn edit_distance_bit_parallel<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<u32> {
    let mut table = Table::default();
    let mut column = Column { ascii: [0; 128], others: Vec::new() };
    let distance = |(left, right): (&'a str, &'a str)| {
        // The shorter in bytes, which is only a guess at the shorter in characters, and good enough.
        let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
        column.distance(short, long).unwrap_or_else(|| table.distance(left, right))
    };
    pairs.into_iter().map(distance).collect()
}

/// Where in the pattern each character stands, one bit a place (Myers 1999, in the form of Hyyrö 2001).
struct Column {
    ascii: [u64; 128],
    /// The few that are beyond ASCII.
    others: Vec<(char, u64)>,
}

impl Column {
    /// The distance; none for a pattern that has more places than a word has bits.
    fn distance(&mut self, pattern: &str, text: &str) -> Option<u32> {
        let length = self.learn(pattern)?;
        let distance = if length == 0 { text.chars().map(|_| 1).sum() } else { self.walk(length, text) };
        for byte in pattern.bytes().filter(u8::is_ascii) {
            self.ascii[usize::from(byte)] = 0;
        }
        self.others.clear();
        Some(distance)
    }

    /// Takes the pattern in; its length.
    fn learn(&mut self, pattern: &str) -> Option<u32> {
        if pattern.chars().nth(64).is_some() {
            return None;
        }
        let mut length = 0;
        for letter in pattern.chars() {
            let place = 1 << length;
            length += 1;
            match self.ascii.get_mut(letter as usize) {
                Some(places) => *places |= place,
                None => match self.others.iter_mut().find(|(known, _)| *known == letter) {
                    Some((_, places)) => *places |= place,
                    None => self.others.push((letter, place)),
                },
            }
        }
        Some(length)
    }

    fn places(&self, letter: char) -> u64 {
        match self.ascii.get(letter as usize) {
            Some(places) => *places,
            None => self.others.iter().find(|(known, _)| *known == letter).map_or(0, |(_, places)| *places),
        }
    }

    fn walk(&self, length: u32, text: &str) -> u32 {
        let last = 1 << (length - 1);
        let mut distance = length;
        // Where the column grows by one from a place to the next, and where it shrinks.
        let (mut grows, mut shrinks) = (u64::MAX, 0_u64);
        for letter in text.chars() {
            let equal = self.places(letter);
            let vertical = equal | shrinks;
            let horizontal = (((equal & grows).wrapping_add(grows)) ^ grows) | equal;
            let right_grows = shrinks | !(horizontal | grows);
            let right_shrinks = grows & horizontal;
            distance += u32::from(right_grows & last != 0);
            distance -= u32::from(right_shrinks & last != 0);
            let right_grows = (right_grows << 1) | 1;
            grows = (right_shrinks << 1) | !(vertical | right_grows);
            shrinks = right_grows & vertical;
        }
        distance
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn distances_are_counted_in_code_points() {
        for (left, right, distance) in
            [("", "", 0), ("", "é😀", 2), ("kitten", "sitting", 3), ("straße", "strasse", 2), ("ab", "ba", 2)]
        {
            assert_eq!(edit_distance([(left, right), (right, left)]), [distance; 2], "{left} {right}");
        }
    }

    proptest! {
        #[test]
        fn both_algorithms_find_the_same(left in "[ab\u{e9}\u{6771}]{0,70}", right in "[ab\u{e9}\u{6771}]{0,70}") {
            let pairs = [(&*left, &*right), (&*right, "ab"), ("", &*left)];
            prop_assert_eq!(edit_distance_bit_parallel(pairs), edit_distance(pairs));
        }
    }
}
