//! For a terminal: what fails first, the verdict last, where the eye is when the command ends.

use super::page::{self, Standing};
use crate::gate::document::{Check, Gate, Outcome};
use crate::text::{columns, cut, wrapped};

/// Below this width lines are not squeezed any further.
const NARROWEST: usize = 60;
/// Lines of a sentence that are shown.
const LONGEST: usize = 6;
/// Entries of what matters less, before the rest is only counted.
const MOST_SKIPPED: usize = 8;

const BOLD: &str = "1";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const QUIET: &str = "2";

struct Page {
    out: String,
    width: usize,
    colour: bool,
}

impl Page {
    fn line(&mut self, text: &str, code: &str) {
        let text = cut(text.trim_end(), self.width);
        if self.colour && !code.is_empty() && !text.is_empty() {
            self.out.push_str(&format!("\u{1b}[{code}m{text}\u{1b}[0m"));
        } else {
            self.out.push_str(&text);
        }
        self.out.push('\n');
    }

    /// A sentence in lines under each other, no more of them than [`LONGEST`].
    fn sentence(&mut self, indent: usize, text: &str, code: &str) {
        let room = self.width - indent;
        for line in wrapped(&cut(text, LONGEST * room), room) {
            self.line(&format!("{:indent$}{line}", ""), code);
        }
    }
}

/// The gate for a terminal of that width.
pub fn text(gate: &Gate, width: usize, colour: bool) -> String {
    let mut page = Page { out: String::new(), width: width.max(NARROWEST), colour };
    page.sentence(0, &page::subject(gate), BOLD);
    for (standing, code) in [(Standing::Fails, RED), (Standing::Open, YELLOW), (Standing::Accepted, YELLOW)] {
        for check in page::checks_of(gate, standing) {
            page.line("", "");
            told(&mut page, gate, check, standing, code);
        }
    }
    passed(&mut page, gate);
    skipped(&mut page, gate);
    page.line("", "");
    for note in page::notes(gate) {
        page.sentence(0, &note, YELLOW);
    }
    for trailer in page::acknowledged(gate) {
        page.sentence(0, &trailer, YELLOW);
    }
    page.sentence(0, &page::rules(gate), QUIET);
    if let Some(control) = page::control(gate) {
        page.sentence(0, &control, QUIET);
    }
    let code = match gate.verdict {
        Outcome::Pass => GREEN,
        Outcome::Fail => RED,
        Outcome::Inconclusive | Outcome::Skipped => YELLOW,
    };
    let verdict = format!("Gate: {}. {}.", page::verdict(gate), page::capital(&page::counts(gate)));
    page.sentence(0, &verdict, &format!("{BOLD};{code}"));
    page.out
}

fn told(page: &mut Page, gate: &Gate, check: &Check, standing: Standing, code: &str) {
    let (word, topic) = (standing.as_str().to_uppercase(), page::topic(check.topic));
    // A long name gives way: the line says what it is about at any width.
    let room = page.width.saturating_sub(columns(&word) + columns(topic) + 4);
    page.line(&format!("{word}  {}: {topic}", cut(&page::place(check), room)), code);
    page.sentence(2, &page::found(check), "");
    if let Some(source) = page::source(gate, check) {
        page.line(&format!("  {source}"), QUIET);
    }
}

fn passed(page: &mut Page, gate: &Gate) {
    let passed = page::passed(gate);
    let (measured, equal): (Vec<_>, Vec<_>) = passed.iter().partition(|one| !one.only_equality);
    if !passed.is_empty() {
        page.line("", "");
    }
    let names = measured.iter().map(|one| columns(&one.place)).max().unwrap_or(0).min(page.width * 2 / 5);
    for one in measured {
        let name = cut(&one.place, names);
        let gap = " ".repeat(names - columns(&name));
        let indent = names + 8;
        let found = wrapped(&one.parts.join(", "), page.width - indent);
        for (number, line) in found.iter().enumerate() {
            let head = if number == 0 { format!("pass  {name}{gap}  ") } else { " ".repeat(indent) };
            page.line(&format!("{head}{line}"), GREEN);
        }
    }
    if !equal.is_empty() {
        let names: Vec<&str> = equal.iter().map(|one| one.place.as_str()).collect();
        page.sentence(0, &format!("equal: {}", names.join(", ")), GREEN);
    }
}

fn skipped(page: &mut Page, gate: &Gate) {
    let skipped = page::checks_of(gate, Standing::Skipped);
    for check in skipped.iter().take(MOST_SKIPPED) {
        let line = format!("skip  {}: {}: {}", page::place(check), page::topic(check.topic), page::found(check));
        page.line(&line, QUIET);
    }
    if skipped.len() > MOST_SKIPPED {
        page.line(&format!("skip  and {} more", skipped.len() - MOST_SKIPPED), QUIET);
    }
}
