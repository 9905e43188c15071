//! Instructions of calls, counted by valgrind: a second key beside time, for machines without counters of their own.
//!
//! What is frozen: the hash seed (0), the user's own packages, the layout (valgrind's own). Never `-I` or `-E`, which
//! have the interpreter ignore the seed and bring its noise back.

use rustworthy_worker::protocol::{Job, Step};

use super::Refusal;
use crate::launch::{Launch, converse};

/// The program that counts.
const VALGRIND: &str = "valgrind";

/// Instructions of a whole launch that makes so many calls in one slice; `None` where nothing counts them.
///
/// # Errors
/// When the worker fails, or the tool is interrupted.
pub(super) fn of_launch(launch: &Launch, job: &Job, calls: u64) -> Result<Option<u64>, Refusal> {
    let Some(valgrind) = found() else { return Ok(None) };
    let mut counted = launch.clone();
    counted.arguments = ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
        .map(Into::into)
        .into_iter()
        .chain([launch.program.clone().into_os_string()])
        .chain(launch.arguments.clone())
        .collect();
    counted.program = valgrind;
    // What valgrind keeps for itself is not the implementation's.
    counted.memory_limit = None;
    let counted =
        counted.env("PYTHONHASHSEED", "0").env("PYTHONNOUSERSITE", "1").env("PYTHONSAFEPATH", "1").env("LC_ALL", "C");
    let (_, finished) = converse(&counted, &Job { steps: vec![Step::Slice { calls }], ..job.clone() })?;
    Ok(read(&finished.stderr))
}

fn found() -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(VALGRIND)).find(|program| program.is_file())
}

/// The count in what valgrind writes, such as `==7== I   refs:      207,603,296`; older and newer versions differ in blanks.
fn read(stderr: &str) -> Option<u64> {
    let line = stderr.lines().rev().find(|line| line.starts_with("==") && line.contains("refs:"))?;
    let (before, digits) = line.split_once("refs:")?;
    let is_instructions = before.trim_end().ends_with("== I") || before.trim_end().ends_with(" I");
    let digits: String = digits.chars().filter(|character| *character != ',').collect();
    digits.trim().parse().ok().filter(|_| is_instructions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_read_from_either_form() {
        assert_eq!(read("hello\n==7== \n==7== I   refs:      207,603,296\n"), Some(207_603_296));
        assert_eq!(read("==123== I refs:        1,234"), Some(1234));
        assert_eq!(read("==123== D refs:        1,234"), None);
        assert_eq!(read("refs: 12"), None);
        assert_eq!(read(""), None);
    }
}
