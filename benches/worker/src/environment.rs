//! What a worker knows of the build it is part of: a debug build's times are worth nothing, so a worker says which it is.

use serde_json::{Map, Value as Json, json};

/// `release` or `debug`: whether this build may be timed.
///
/// A release profile with debug assertions counts as `debug`.
pub const BUILD_PROFILE: &str = if cfg!(debug_assertions) { "debug" } else { env!("RUSTWORTHY_PROFILE") };

/// The compiler's name and version, `None` where the build could not ask it.
pub const RUSTC: Option<&str> = match env!("RUSTWORTHY_RUSTC") {
    version if version.is_empty() => None,
    version => Some(version),
};

/// The `environment` of a `prepared` answer.
pub(crate) fn describe() -> Map<String, Json> {
    let facts = [
        ("rustc", json!(RUSTC)),
        ("profile", json!(BUILD_PROFILE)),
        ("debug_assertions", json!(cfg!(debug_assertions))),
    ];
    facts.into_iter().map(|(name, fact)| (name.to_owned(), fact)).collect()
}
