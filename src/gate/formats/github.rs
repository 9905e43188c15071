//! Workflow commands of GitHub Actions: annotations at the lines of the manifest.
//!
//! A command is one line, `::error file=…,line=…,title=…::message`. What would end a line or a property is written with a
//! percent sign, as GitHub's own toolkit does. GitHub shows ten annotations of a kind from one step and drops the rest
//! without a word; so the worst nine are written, and the tenth counts the others.

use std::fmt::Write as _;

use super::page::{self, Standing};
use crate::gate::document::{Check, Gate};
use crate::text::cut;

/// Annotations of a kind that one step may have.
const MOST: usize = 10;
/// Columns of a message and of a title: annotations are read beside code.
const LONGEST_MESSAGE: usize = 600;
const LONGEST_TITLE: usize = 120;

/// The annotations of a gate, one a line, and a notice that sums up.
pub fn github(gate: &Gate) -> String {
    let mut out = String::new();
    annotate(&mut out, gate, "error", &page::checks_of(gate, Standing::Fails));
    let mut warned = page::checks_of(gate, Standing::Open);
    warned.extend(page::checks_of(gate, Standing::Accepted));
    annotate(&mut out, gate, "warning", &warned);
    let mut sentences =
        vec![format!("{}: {}.", page::verdict(gate), page::counts(gate)), format!("{}.", page::subject(gate))];
    sentences.extend(page::notes(gate));
    sentences.extend(page::acknowledged(gate));
    sentences.push(page::rules(gate));
    sentences.extend(page::control(gate));
    let title = format!("rustworthy gate: {}", gate.verdict.as_str());
    command(&mut out, "notice", &[("title", &title)], &sentences.join("\n"));
    out
}

fn annotate(out: &mut String, gate: &Gate, kind: &str, checks: &[&Check]) {
    let shown = if checks.len() > MOST { MOST - 1 } else { checks.len() };
    for check in &checks[..shown] {
        let word = page::standing(check).as_str();
        let title = cut(&format!("{}: {} {word}", page::place(check), page::topic(check.topic)), LONGEST_TITLE);
        let line = check.line.map(|line| line.to_string());
        let mut properties = vec![("file", gate.manifest.as_str())];
        properties.extend(line.as_deref().map(|line| ("line", line)));
        properties.push(("title", &title));
        command(out, kind, &properties, &cut(&page::found(check), LONGEST_MESSAGE));
    }
    if shown < checks.len() {
        let names: Vec<String> = checks[shown..].iter().take(MOST).map(|check| page::place(check)).collect();
        let text = format!("{} more, among them {}", checks.len() - shown, names.join(", "));
        command(out, kind, &[("title", "…and more")], &cut(&format!("…and {text}"), LONGEST_MESSAGE));
    }
}

fn command(out: &mut String, kind: &str, properties: &[(&str, &str)], message: &str) {
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    // Never fails: a string takes every write.
    let _ = writeln!(out, "::{kind} {}::{}", properties.join(","), data(message));
}

/// A message: line ends and percent signs are encoded.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property: what parts properties, too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::formats::fixture;

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(data("100% a\r\n::error::b"), "100%25 a%0D%0A::error::b");
        assert_eq!(property("a,b:c%0A"), "a%2Cb%3Ac%250A");
    }

    #[test]
    fn a_step_never_has_more_than_ten_of_a_kind() {
        for (count, shown) in [(1, 1), (10, 10), (11, 10), (40, 10)] {
            let out = github(&fixture::failures(count));
            let errors: Vec<&str> = out.lines().filter(|line| line.starts_with("::error ")).collect();
            assert_eq!(errors.len(), shown, "{out}");
            assert!(errors[0].contains("+40") || count < 40, "the worst comes first: {}", errors[0]);
            assert_eq!(out.contains("…and more"), count > 10);
            assert_eq!(out.matches("::notice ").count(), 1);
        }
        let eleven = github(&fixture::failures(11));
        assert!(eleven.contains("::…and 2 more, among them"), "{eleven}");
    }
}
