//! Records the compiler and the build profile, which a worker states in its `prepared` answer.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=RUSTWORTHY_PROFILE={}", env::var("PROFILE").unwrap_or_default());
    println!("cargo::rustc-env=RUSTWORTHY_RUSTC={}", rustc_version().unwrap_or_default());
}

/// Such as `rustc 1.90.0 (1159e78c4 2025-09-14)`.
fn rustc_version() -> Option<String> {
    let output = Command::new(env::var_os("RUSTC")?).arg("--version").output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
