//! The Rust halves that Python calls. Each is what one writes who reads the Python and has not met the difference yet;
//! those named `…_mended` have, and agree.

#[cfg(feature = "extension")]
mod extension;
