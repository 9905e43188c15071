//! The step summary of GitHub Actions: a file that every command of a step appends its Markdown to.
//!
//! It is appended to and never overwritten, for others write there too. GitHub drops the whole summary of a step that is
//! larger than 1 MiB, so what would make it so is left out.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use super::document::Gate;
use super::formats::markdown;

/// The variable that names the file.
pub const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";
/// Bytes that the summary of a step may have.
const LARGEST: u64 = 1024 * 1024;

/// What to append to a summary that holds so many bytes already; `None` where there is no room left.
fn addition(gate: &Gate, already: u64) -> Option<String> {
    // A heading only is one at the beginning of a line.
    let page = format!("{}{}", if already > 0 { "\n" } else { "" }, markdown(gate));
    (already + page.len() as u64 <= LARGEST).then_some(page)
}

/// Appends the gate's page to the summary at `path`, and makes the file where there is none. `false`: there was no room.
///
/// # Errors
/// When the file cannot be read or written.
pub fn append(path: &Path, gate: &Gate) -> io::Result<bool> {
    let already = match fs::metadata(path) {
        Ok(file) => file.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    let Some(page) = addition(gate, already) else { return Ok(false) };
    OpenOptions::new().create(true).append(true).open(path)?.write_all(page.as_bytes())?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::formats::fixture;

    #[test]
    fn what_others_wrote_stays_and_the_limit_holds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.md");
        assert!(append(&path, &fixture::gate()).unwrap());
        fs::write(&path, "# Tests\n\nAll green.").unwrap();
        assert!(append(&path, &fixture::gate()).unwrap());
        let written = fs::read_to_string(&path).unwrap();
        assert!(written.starts_with("# Tests\n\nAll green.\n## Performance gate: FAIL\n"), "{written}");
        assert!(append(folder.path(), &fixture::gate()).is_err());
        assert!(addition(&fixture::gate(), LARGEST - 60_000).is_some());
        assert_eq!(addition(&fixture::gate(), LARGEST - 100), None);
    }
}
