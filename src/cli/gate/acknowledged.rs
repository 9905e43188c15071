//! Trailers of the head's commit that acknowledge a regression.

use crate::gate::Acknowledged;

/// The trailer's name.
pub(super) const TRAILER: &str = "Rustworthy-Ack";

/// The trailers in the messages of commits, each with its commit. What names nothing or gives no reason is told.
pub(super) fn read(messages: &[(String, String)]) -> (Vec<Acknowledged>, Vec<String>) {
    let (mut found, mut notes) = (Vec::new(), Vec::new());
    for (commit, message) in messages {
        for line in message.lines() {
            let Some((name, value)) = line.split_once(':') else { continue };
            if !name.trim().eq_ignore_ascii_case(TRAILER) {
                continue;
            }
            match value.trim().split_once(char::is_whitespace) {
                Some((what, reason)) if !reason.trim().is_empty() => found.push(Acknowledged {
                    what: what.to_owned(),
                    reason: reason.trim().to_owned(),
                    commit: commit.clone(),
                    used: false,
                }),
                _ => notes.push(format!(
                    "The trailer `{}` acknowledges nothing: it needs a workload and a reason, `{TRAILER}: WORKLOAD REASON`.",
                    line.trim(),
                )),
            }
        }
    }
    (found, notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailer_names_a_workload_and_a_reason() {
        let message =
            "parse: check every row\n\nRustworthy-Ack: parse/hybrid checksums are worth 6 %\nrustworthy-ack: sort\n";
        let (found, notes) = read(&[("abc".to_owned(), message.to_owned())]);
        assert_eq!((found.len(), found[0].what.as_str()), (1, "parse/hybrid"));
        assert_eq!((found[0].reason.as_str(), found[0].commit.as_str()), ("checksums are worth 6 %", "abc"));
        assert!(notes[0].contains("rustworthy-ack: sort"));
    }
}
