//! What a worker knows of the build it is part of: a debug build's times are worth nothing, so a worker says which it is.

use std::fs::File;
use std::io::{self, Read};
use std::time::UNIX_EPOCH;

use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use crate::protocol::LoadedFile;

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

/// The file that this process runs; `None` where the platform does not say.
pub(crate) fn executable() -> Option<LoadedFile> {
    let path = std::env::current_exe().ok()?;
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let modified = path.metadata().and_then(|data| data.modified()).ok();
    let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Some(LoadedFile {
        name,
        sha256: File::open(&path).and_then(digest).ok(),
        modified_ns: since.and_then(|since| u64::try_from(since.as_nanos()).ok()),
        path,
    })
}

fn digest(mut content: impl Read) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut part = vec![0; 1 << 16];
    loop {
        match content.read(&mut part)? {
            0 => break,
            read => hasher.update(&part[..read]),
        }
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_the_whole_content() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest(&b"abc"[..]).unwrap(), abc);
        let long = vec![b'a'; 1_000_000];
        let known = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
        assert_eq!(digest(&long[..]).unwrap(), known);
    }
}
