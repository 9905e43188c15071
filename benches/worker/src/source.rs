//! This crate's own source, for the tool to write beside a port that it scaffolds: the crate then needs no registry.

/// The files of a package that builds alone, by their paths, the manifest among them. Unit tests are left out: they
/// need more crates than the rest.
pub fn files() -> Vec<(&'static str, String)> {
    let manifest = MANIFEST.replace("VERSION", env!("CARGO_PKG_VERSION"));
    let sources = SOURCES.iter().map(|(path, text)| (*path, without_tests(text)));
    [("Cargo.toml", manifest)].into_iter().chain(sources).collect()
}

/// Without what the workspace here adds to it; a test holds the two together.
const MANIFEST: &str = r#"# Written by `rustworthy new`: the job protocol of rustworthy for Rust code. Nothing here is to be edited.
[package]
name = "rustworthy-worker"
description = "Answers rustworthy's job protocol for Rust code"
version = "VERSION"
edition = "2024"
rust-version = "1.90"
license = "MIT OR Apache-2.0"
publish = false

[lib]
bench = false

[features]
# For the tool alone.
source = []

[dependencies]
serde = { version = "1.0.228", features = ["derive"] }
serde_json = { version = "1.0.145", features = ["float_roundtrip", "unbounded_depth"] }
sha2 = { version = "0.11", default-features = false }
"#;

macro_rules! sources {
    ($($file:literal),* $(,)?) => {
        &[("build.rs", include_str!("../build.rs")), $((concat!("src/", $file), include_str!($file))),*]
    };
}

const SOURCES: &[(&str, &str)] = sources![
    "convert.rs",
    "environment.rs",
    "failure.rs",
    "input.rs",
    "lib.rs",
    "outcome.rs",
    "protocol.rs",
    "registry.rs",
    "sampling.rs",
    "serve.rs",
    "shapes.rs",
    "source.rs",
    "system.rs",
    "value.rs",
    "workload.rs",
];

/// A source up to its module of tests, which stands last in every file of this crate.
fn without_tests(text: &str) -> String {
    let end = text.find("\n#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    format!("{}\n", text[..end].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_file_is_carried() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut there: Vec<String> = names.map(|name| format!("src/{name}")).collect();
        there.sort();
        let carried: Vec<&str> =
            SOURCES.iter().map(|(path, _)| *path).filter(|path| path.starts_with("src/")).collect();
        assert_eq!(there, carried);
    }

    #[test]
    fn the_manifest_says_what_the_workspace_says() {
        let workspace = include_str!("../../../Cargo.toml");
        let dependencies = MANIFEST.lines().filter(|line| line.starts_with("serde"));
        let facts = MANIFEST.lines().filter(|line| line.starts_with("edition") || line.starts_with("rust-version"));
        for line in dependencies.chain(facts) {
            assert!(workspace.contains(line), "{line}");
        }
        let own = include_str!("../Cargo.toml");
        assert!(own.contains("[features]\n# For the tool alone.\nsource = []\n"));
        let dependencies = own.split("[dependencies]\n").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
        for name in dependencies.lines().filter_map(|line| line.split(['.', ' ']).next()) {
            assert!(MANIFEST.contains(&format!("\n{name} = ")), "{name}");
        }
    }

    #[test]
    fn tests_are_cut_off() {
        for (path, text) in files() {
            assert!(!text.contains("proptest"), "{path}");
            assert!(text.ends_with('\n') && text.len() > 200, "{path}");
        }
    }
}
