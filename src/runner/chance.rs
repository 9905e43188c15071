//! Chance that is the same in every launch, for launches whose instructions are counted.
//!
//! Rust's `HashMap` draws a seed in every process, and with another seed a look-up takes other steps: by itself that moves
//! counts by some hundredths of a percent. Python has `PYTHONHASHSEED` against that, Rust has nothing. But it asks the
//! C library's `getrandom` for the seed, as do most who want chance, and a library that is loaded first may answer in its
//! place. It is compiled by the `rustc` that builds the project's Rust; without one there is no Rust to freeze.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Splitmix64 from a fixed start. Not one number for ever: who draws until numbers differ would never end.
const SOURCE: &str = r#"
use std::sync::atomic::{AtomicU64, Ordering};

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
static STATE: AtomicU64 = AtomicU64::new(0);

#[unsafe(no_mangle)]
pub unsafe extern "C" fn getrandom(buffer: *mut u8, length: usize, _flags: u32) -> isize {
    for index in 0..length {
        let mut mixed = STATE.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        unsafe { buffer.add(index).write((mixed ^ (mixed >> 31)) as u8) };
    }
    length as isize
}
"#;

/// A library whose `getrandom` says the same in every process; gone when this is.
#[derive(Debug)]
pub(super) struct Chance {
    folder: TempDir,
}

/// The library's file.
const LIBRARY: &str = "libchance.so";

impl Chance {
    /// Compiles the library; `None` where that, or loading it first, does not work.
    pub(super) fn frozen() -> Option<Chance> {
        if !cfg!(target_os = "linux") {
            return None;
        }
        let folder = tempfile::tempdir().ok()?;
        let source = folder.path().join("chance.rs");
        fs::write(&source, SOURCE).ok()?;
        let mut rustc = Command::new("rustc");
        rustc
            .args(["--edition", "2024", "--crate-type", "cdylib", "-O", "-C", "panic=abort", "-o"])
            .args([&folder.path().join(LIBRARY), &source]);
        // Flags for the project are none for this.
        rustc.env_remove("RUSTFLAGS").current_dir(folder.path());
        let compiled = rustc.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        compiled.is_ok_and(|status| status.success()).then_some(Chance { folder })
    }

    /// The library before others that are loaded first.
    pub(super) fn before(&self, others: Option<&OsStr>) -> OsString {
        preloaded(&self.folder.path().join(LIBRARY), others)
    }
}

fn preloaded(library: &Path, others: Option<&OsStr>) -> OsString {
    let mut list = library.as_os_str().to_owned();
    if let Some(others) = others.filter(|others| !others.is_empty()) {
        list.push(":");
        list.push(others);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_preloads_stays() {
        let library = Path::new("/tmp/libchance.so");
        assert_eq!(preloaded(library, None), "/tmp/libchance.so");
        assert_eq!(preloaded(library, Some(OsStr::new(""))), "/tmp/libchance.so");
        assert_eq!(preloaded(library, Some(OsStr::new("a.so:b.so"))), "/tmp/libchance.so:a.so:b.so");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn every_process_draws_the_same_and_each_number_is_another() {
        let Some(chance) = Chance::frozen() else { return eprintln!("skipped: rustc links no library here") };
        let draw = || {
            // Bash seeds nothing by it, and Python may not be here: a program of the same compiler is.
            let program = chance.folder.path().join("draw");
            if !program.exists() {
                let source = chance.folder.path().join("draw.rs");
                let hash = "std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 1)";
                fs::write(&source, format!("fn main() {{ println!(\"{{}} {{}}\", {hash}, {hash}) }}")).unwrap();
                let status = Command::new("rustc").arg("-o").args([&program, &source]).status().unwrap();
                assert!(status.success());
            }
            let output = Command::new(&program).env("LD_PRELOAD", chance.before(None)).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        let first = draw();
        assert_eq!(first, draw());
        let numbers: Vec<&str> = first.split_whitespace().collect();
        assert!(numbers.len() == 2 && numbers[0] != numbers[1], "{first}");
    }
}
