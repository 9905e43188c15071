//! macOS refuses a library that leaves symbols to whoever loads it, unless told: the interpreter has Python's.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_extension = env::var_os("CARGO_FEATURE_EXTENSION").is_some();
    if is_extension && env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "macos") {
        println!("cargo::rustc-cdylib-link-arg=-undefined");
        println!("cargo::rustc-cdylib-link-arg=dynamic_lookup");
    }
}
