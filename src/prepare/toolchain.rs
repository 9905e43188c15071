//! How Rust is built here, as far as it can be told without building.

use std::fs;
use std::path::{Path, PathBuf};

use super::machine::{output, without_home};
use crate::evidence::{Profile, Rust};

/// Describes the tool chain that builds the project at `root`; `None` without `rustc`.
pub(super) fn describe(root: &Path) -> Option<Rust> {
    let version = output(root, "rustc", &["-vV"])?;
    let line = |name: &str| {
        let value = version.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        value.map(|value| value.trim().to_owned())
    };
    let flags = flags(root);
    let target_cpu = flags.iter().rev().find_map(|flag| flag.strip_prefix("target-cpu=")).map(str::to_owned);
    let release = workspace(root).and_then(|path| toml_file(&path)).map(|manifest| profile(&manifest));
    Some(Rust {
        host: line("host"),
        llvm: line("LLVM version"),
        flags,
        target_cpu,
        release: release.unwrap_or_default(),
    })
}

/// Flags for every rustc, `-C` and the like taken off: cargo takes them from the first of these places that has any.
fn flags(root: &Path) -> Vec<String> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let words = if let Some(encoded) = variable("CARGO_ENCODED_RUSTFLAGS") {
        encoded.split('\u{1f}').map(str::to_owned).collect()
    } else if let Some(plain) = variable("RUSTFLAGS").or_else(|| variable("CARGO_BUILD_RUSTFLAGS")) {
        plain.split_whitespace().map(str::to_owned).collect()
    } else {
        configured(root)
    };
    codegen_options(words.iter().map(String::as_str)).iter().map(|flag| without_home(flag)).collect()
}

/// `["-C", "target-cpu=native", "-Cdebuginfo=1"]` as `["target-cpu=native", "debuginfo=1"]`; other flags stay whole.
fn codegen_options<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut options = Vec::new();
    let mut words = words.filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let option = match word {
            "-C" | "-Z" | "--codegen" => words.next(),
            _ => {
                word.strip_prefix("-C").or_else(|| word.strip_prefix("-Z")).or_else(|| word.strip_prefix("--codegen="))
            }
        };
        options.push(option.unwrap_or(word).to_owned());
    }
    options
}

/// Cargo's configurations for a folder, the nearest first.
pub(super) fn configurations(root: &Path) -> Vec<toml::Table> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let folders = root.ancestors().map(|folder| folder.join(".cargo")).chain(home);
    let files = folders.flat_map(|folder| [folder.join("config.toml"), folder.join("config")]);
    files.filter_map(|file| toml_file(&file)).collect()
}

/// `build.rustflags` of the nearest configuration that has it.
fn configured(root: &Path) -> Vec<String> {
    let found = configurations(root).iter().find_map(|config| {
        let flags = config.get("build")?.get("rustflags")?;
        let list =
            flags.as_array().map(|words| words.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect());
        list.or_else(|| Some(flags.as_str()?.split_whitespace().map(str::to_owned).collect()))
    });
    found.unwrap_or_default()
}

/// The manifest that holds the profiles: the outermost one with a workspace, else the nearest.
fn workspace(root: &Path) -> Option<PathBuf> {
    let manifests = || root.ancestors().map(|folder| folder.join("Cargo.toml")).filter(|file| file.is_file());
    let outer = manifests().find(|file| toml_file(file).is_some_and(|manifest| manifest.contains_key("workspace")));
    outer.or_else(|| manifests().next())
}

/// `[profile.release]`.
fn profile(manifest: &toml::Table) -> Profile {
    let release = manifest.get("profile").and_then(|profiles| profiles.get("release"));
    let get = |key: &str| release.and_then(|release| release.get(key));
    let word = |key: &str| get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    Profile {
        opt_level: word("opt-level"),
        lto: word("lto"),
        codegen_units: get("codegen-units")
            .and_then(toml::Value::as_integer)
            .and_then(|count| u32::try_from(count).ok()),
        panic: word("panic"),
        debug_assertions: get("debug-assertions").and_then(toml::Value::as_bool),
    }
}

fn toml_file(path: &Path) -> Option<toml::Table> {
    fs::read_to_string(path).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_lose_their_dashes() {
        let words = ["-C", "target-cpu=native", "-Cdebug-assertions", "--cfg", "fast", "-Zsanitizer=address"];
        let options = codegen_options(words.into_iter());
        assert_eq!(options, ["target-cpu=native", "debug-assertions", "--cfg", "fast", "sanitizer=address"]);
    }

    #[test]
    fn a_profile_is_read_as_it_is_written() {
        let manifest =
            "[profile.release]\nlto = true\nopt-level = 2\ncodegen-units = 1\npanic = \"abort\"".parse().unwrap();
        let expected = Profile {
            opt_level: Some("2".to_owned()),
            lto: Some("true".to_owned()),
            codegen_units: Some(1),
            panic: Some("abort".to_owned()),
            debug_assertions: None,
        };
        assert_eq!(profile(&manifest), expected);
        assert_eq!(profile(&toml::Table::new()), Profile::default());
    }
}
