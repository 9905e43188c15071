//! The document itself, as JSON.

use crate::gate::document::Gate;

/// The document, indented.
pub fn json(gate: &Gate) -> String {
    // Never fails: the document is of strings, numbers and lists, and numbers that are not finite become null.
    serde_json::to_string_pretty(gate).unwrap_or_default() + "\n"
}
