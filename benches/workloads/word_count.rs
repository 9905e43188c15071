//! Count the words of a text; the most frequent ones, with their numbers.
//!
//! A word is what white space parts, as Python's `str.split` has it: Unicode's, and the four separators from U+001C on,
//! which Rust's `split_whitespace` leaves in words. Words of the same number stand in the order of their code points.
//! Outcomes: text with lone surrogates is a `UnicodeEncodeError`, a negative limit a `ValueError`.
//!
//! What it teaches: Python's dictionaries and `Counter` are C already, and quick; Rust gains by words that are
//! borrowed from the text and never made, and by a table that holds its numbers in place. The signature decides what
//! of that reaches Python. A list of words is made by Python, word by word, and then copied (`list`): as slow as the
//! baseline. Text crosses whole (`&str`), and where it lies if it is ASCII. This one is not: Python turns it into
//! UTF-8 first, which takes more than half as long as the counting. Because the text is borrowed and nothing of Python
//! is touched, the counting runs without the lock, on as many cores as there are (`parallel`): each counts a part of
//! the text that ends at white space, and the tables are merged. The merging, and the choice of the most frequent
//! words, are what one core does alone: of two, the native one keeps about 1.8 busy at a million words. The hybrid
//! keeps far fewer busy, because the text becomes UTF-8 on one core, and under the lock. A text too small to be shared
//! is counted by one.
//!
//! Fairness: Python keeps the UTF-8 with the text, so that calls with the same object again would find it ready: the
//! hybrid then takes as long as the native. A program counts a text once; each call gets one of its own
//! (`inputs-are = "fresh"`). The table's hash is foldhash, quick and not proof against chosen words; Python's own is
//! SipHash, for text. Two faster ways are known: to compare and hash words of up to 16 bytes as numbers, in registers,
//! and to count in the form that Python's text has in memory, of one, two or four bytes a character, without UTF-8.

use std::cmp::Reverse;

use hashbrown::HashMap;
use rayon::prelude::*;
use rustworthy_worker::{Failure, Input, Value, Workload};

/// Words and their numbers, the most frequent first.
pub type Ranking = Vec<(String, u64)>;

/// The workload; its input is the text and how many words are asked for.
pub struct WordCount;

impl Workload for WordCount {
    const NAME: &'static str = "word_count";
    const SAMPLE_SIZE: u64 = 10_000;
    type Input = (String, usize);
    type Output = Ranking;

    fn prepare(input: Input) -> Result<(String, usize), Failure> {
        let [text, limit] = input.into_arguments()?;
        let text = text.into_text()?;
        let limit = match limit {
            // There are never so many words.
            Value::BigInt(digits) => Ok(if digits.starts_with('-') { -1 } else { i64::MAX }),
            other => other.into_int(),
        }?;
        Ok((text, checked(limit)?))
    }

    fn sample() -> (String, usize) {
        let words: Vec<String> = (0..10_000_u32).map(|number| format!("mot{}", number * number % 977)).collect();
        (words.join(" "), 10)
    }

    fn run((text, limit): &(String, usize)) -> Result<Ranking, Failure> {
        Ok(word_count(text, *limit))
    }
}

/// The same on all cores.
pub struct WordCountParallel;

impl Workload for WordCountParallel {
    const NAME: &'static str = "word_count_parallel";
    const SAMPLE_SIZE: u64 = WordCount::SAMPLE_SIZE;
    type Input = (String, usize);
    type Output = Ranking;

    fn prepare(input: Input) -> Result<(String, usize), Failure> {
        WordCount::prepare(input)
    }

    fn sample() -> (String, usize) {
        WordCount::sample()
    }

    fn run((text, limit): &(String, usize)) -> Result<Ranking, Failure> {
        Ok(word_count_parallel(text, *limit))
    }
}

/// The limit, if it is one.
///
/// # Errors
/// `ValueError` below zero.
pub fn checked(limit: i64) -> Result<usize, Failure> {
    usize::try_from(limit).map_err(|_| Failure::value_error("limit must not be negative"))
}

/// The most frequent words, at most `limit` of them.
pub fn word_count(text: &str, limit: usize) -> Ranking {
    ranking(count(words(text)), limit)
}

/// As [`word_count`], on all cores.
pub fn word_count_parallel(text: &str, limit: usize) -> Ranking {
    let counts = parts(text).into_par_iter().map(|part| count(words(part))).reduce(HashMap::new, |one, other| {
        let (mut large, small) = if one.len() < other.len() { (other, one) } else { (one, other) };
        for (word, number) in small {
            *large.entry(word).or_insert(0) += number;
        }
        large
    });
    ranking(counts, limit)
}

/// As [`word_count`], of words that somebody else has found.
pub fn word_count_list(words: &[String], limit: usize) -> Ranking {
    ranking(count(words.iter().map(String::as_str)), limit)
}

/// What `str.split` takes for white space.
fn is_space(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\x1c'..='\x1f')
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}

fn count<'a>(words: impl Iterator<Item = &'a str>) -> HashMap<&'a str, u64> {
    let mut counts = HashMap::new();
    for word in words {
        *counts.entry(word).or_insert(0) += 1;
    }
    counts
}

fn ranking(counts: HashMap<&str, u64>, limit: usize) -> Ranking {
    let mut ranking: Vec<(&str, u64)> = counts.into_iter().collect();
    let rank = |&(word, number): &(_, u64)| (Reverse(number), word);
    // The few that are asked for are parted from the many before they are put in order.
    if (1..ranking.len()).contains(&limit) {
        ranking.select_nth_unstable_by(limit - 1, |one, other| rank(one).cmp(&rank(other)));
    }
    ranking.truncate(limit);
    ranking.sort_unstable_by(|one, other| rank(one).cmp(&rank(other)));
    ranking.into_iter().map(|(word, number)| (word.to_owned(), number)).collect()
}

/// Below this a part is counted before another thread has woken up.
const SMALLEST_PART: usize = 16 * 1024;

/// Parts of about the same length, one for each thread, that begin and end at white space.
fn parts(mut text: &str) -> Vec<&str> {
    let count = (text.len() / SMALLEST_PART).clamp(1, rayon::current_num_threads());
    let length = text.len() / count;
    let mut parts = Vec::with_capacity(count);
    for _ in 1..count {
        let length = length.min(text.len());
        let middle = (length..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        let end = text[middle..].find(is_space).map_or(text.len(), |space| middle + space);
        let (part, rest) = text.split_at(end);
        parts.push(part);
        text = rest;
    }
    parts.push(text);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_words_come_first_and_ties_by_code_point() {
        let ranking = word_count("b a b\u{1c}c é\u{a0}c b", 3);
        assert_eq!(ranking, [("b".to_owned(), 3), ("c".to_owned(), 2), ("a".to_owned(), 1)]);
    }

    #[test]
    fn parts_lose_no_word() {
        let (text, _) = WordCount::sample();
        let text = text.repeat(3).replace("mot1", "mot\u{6771}\u{3000}");
        assert!(text.len() > 4 * SMALLEST_PART);
        rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap().install(|| {
            let parts = parts(&text);
            assert_eq!(parts.len(), 3);
            assert_eq!(parts.concat(), text);
            assert_eq!(word_count_parallel(&text, 2_000), word_count(&text, 2_000));
        });
        for text in ["", "a", &"x".repeat(100_000)] {
            assert_eq!(word_count_parallel(text, 9), word_count(text, 9));
        }
    }
}
