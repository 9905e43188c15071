//! Lines of code: what a port costs to read, beside what it gains.

use std::fs;
use std::path::PathBuf;

/// Lines of code in these files together: not blank, not only a comment, and not after the mark of Rust's unit tests.
/// Docstrings count, as no parser of Python is at hand. `None` without files, or where one cannot be read.
pub fn lines_of_code(files: &[PathBuf]) -> Option<u64> {
    let counts: Option<Vec<u64>> = files.iter().map(|file| Some(count(&fs::read_to_string(file).ok()?))).collect();
    counts.filter(|counts| !counts.is_empty()).map(|counts| counts.iter().sum())
}

fn count(text: &str) -> u64 {
    let lines = text.lines().map(str::trim).take_while(|line| *line != "#[cfg(test)]");
    let is_code =
        |line: &&str| !line.is_empty() && !line.starts_with("//") && (!line.starts_with('#') || line.starts_with("#["));
    lines.filter(is_code).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_blank_lines_and_tests_are_no_code() {
        assert_eq!(count("//! a\n\n#[derive(Debug)]\nstruct A;\n// b\n#[cfg(test)]\nmod tests {}\n"), 2);
        assert_eq!(count("# a\nimport b\n\n\ndef f():\n    return 1  # c\n"), 3);
        assert_eq!(lines_of_code(&[]), None);
    }
}
