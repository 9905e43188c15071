//! Markdown for a step summary or a comment on a pull request: the verdict, what is not passed, the rest folded.
//!
//! GitHub refuses a comment of more than 65,536 characters and drops a step summary of more than 1 MiB, so the page never
//! comes near the first: rows that have no room are counted instead.

use super::page::{self, Passed, Standing};
use crate::gate::document::{Check, Gate};
use crate::markup::{code, plain};
use crate::text::{cut, visible};

/// Bytes that a table may take: three tables and the sentences around them stay below 60,000.
const ROOM: usize = 20_000;
/// Bytes of notes, of trailers, and of what was skipped.
const SMALL_ROOM: usize = 5_000;
/// Columns of one of those.
const LONGEST_SENTENCE: usize = 300;

/// The page of a gate.
pub fn markdown(gate: &Gate) -> String {
    let mut out = format!("## Performance gate: {}\n\n", plain(&page::verdict(gate)));
    out.push_str(&format!("{}. {}.\n\n", plain(&page::subject(gate)), plain(&page::capital(&page::counts(gate)))));
    let note = |note: &String| format!("> {}\n\n", plain(&cut(note, LONGEST_SENTENCE)));
    bounded(SMALL_ROOM, &mut out, page::notes(gate).iter().map(note), |left| format!("> …and {left} more\n\n"));
    let open = page::not_passed(gate);
    if !open.is_empty() {
        out.push_str("| | what | looks at | found | where |\n|---|---|---|---|---|\n");
        bounded(ROOM, &mut out, open.iter().map(|check| row(gate, check)), |left| {
            format!("| | …and {left} more | | | |\n")
        });
        out.push('\n');
    }
    let trailer = |trailer: &String| format!("- {}\n", plain(&cut(trailer, LONGEST_SENTENCE)));
    let trailers = page::acknowledged(gate);
    bounded(SMALL_ROOM, &mut out, trailers.iter().map(trailer), |left| format!("- …and {left} more\n"));
    folded(&mut out, gate);
    out.push_str("<details>\n<summary>Rules in force</summary>\n\n");
    for sentence in std::iter::once(page::rules(gate)).chain(page::control(gate)) {
        out.push_str(&format!("- {}\n", plain(&sentence)));
    }
    out.push_str(&format!(
        "\nDecided {} by rustworthy {}.\n\n</details>\n",
        plain(&visible(&gate.created)),
        plain(&visible(&gate.tool.version))
    ));
    out
}

fn row(gate: &Gate, check: &Check) -> String {
    let standing = page::standing(check);
    let word = if standing == Standing::Fails { "**fail**" } else { standing.as_str() };
    let source = page::source(gate, check).map_or_else(String::new, |source| code(&source));
    let (place, topic, found) = (page::place(check), page::topic(check.topic), page::found(check));
    format!("| {word} | {} | {topic} | {} | {source} |\n", code(&place), plain(&found))
}

/// What passed, and what could not be compared, for whoever wants to know.
fn folded(out: &mut String, gate: &Gate) {
    let passed = page::passed(gate);
    if !passed.is_empty() {
        out.push_str(&format!("\n<details>\n<summary>{} passed</summary>\n\n", passed.len()));
        out.push_str("| what | found |\n|---|---|\n");
        let row = |one: &Passed| format!("| {} | {} |\n", code(&one.place), plain(&one.parts.join(", ")));
        bounded(ROOM, out, passed.iter().map(row), |left| format!("| …and {left} more | |\n"));
        out.push_str("\n</details>\n");
    }
    let skipped = page::checks_of(gate, Standing::Skipped);
    if !skipped.is_empty() {
        out.push_str(&format!("\n<details>\n<summary>{} skipped</summary>\n\n", skipped.len()));
        let line = |check: &&Check| {
            let found = plain(&cut(&page::found(check), LONGEST_SENTENCE));
            format!("- {}, {}: {found}\n", code(&page::place(check)), page::topic(check.topic))
        };
        bounded(SMALL_ROOM, out, skipped.iter().map(line), |left| format!("- …and {left} more\n"));
        out.push_str("\n</details>\n");
    }
    out.push('\n');
}

/// As many rows as there is room for, and the number of the others.
fn bounded(room: usize, out: &mut String, rows: impl ExactSizeIterator<Item = String>, rest: impl Fn(usize) -> String) {
    let end = out.len() + room;
    let mut left = rows.len();
    for row in rows {
        if out.len() + row.len() > end {
            break;
        }
        out.push_str(&row);
        left -= 1;
    }
    if left > 0 {
        out.push_str(&rest(left));
    }
}
