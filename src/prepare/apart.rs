//! What keeps the builds of one side of a comparison from the other side's, and from the project's own.
//!
//! Cargo takes its target folder and its flags from many places, any of which may be a person's own setting that holds for
//! both sides. Nothing of theirs is dropped here: folders that both sides would write into are replaced, flags are added to.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::PrepareError;
use super::build::metadata;
use super::package::cargo_packages;
use super::toolchain::configurations;
use crate::manifest::{Apart, Project};

type Variables = BTreeMap<String, Option<OsString>>;

/// Options for the tool's own cargo commands in `folder`.
pub(super) fn options(apart: &Apart, folder: &Path) -> Vec<String> {
    let Some(salt) = apart.salt else { return Vec::new() };
    let keys = flagged_targets(&configurations(folder));
    let places = std::iter::once("build".to_owned()).chain(keys.iter().map(|key| format!("target.{}", quoted(key))));
    // Cargo takes flags from the first kind of place that has any, and joins all of that kind. So each place that has some
    // gets one more, and no kind of place gets its first.
    places.flat_map(|place| ["--config".to_owned(), format!("{place}.rustflags=[\"{}\"]", flag(salt))]).collect()
}

/// Variables for one of the tool's own cargo commands, which builds into the folder `target`.
pub(super) fn variables(apart: &Apart, target: &Path) -> Variables {
    let mut variables = salted(apart.salt, std::env::vars_os());
    // Since 1.91 what is between sources and artefacts can lie elsewhere, and a person may have one place for all.
    variables.insert("CARGO_BUILD_BUILD_DIR".to_owned(), Some(target.into()));
    variables
}

/// Variables for the project's own build steps. Where cargo would build within the side's checkout it is left to: commands of
/// the manifest may name programs there. Elsewhere both sides would meet.
///
/// # Errors
/// When the tool is interrupted.
pub(super) fn step_variables(project: &Project) -> Result<Variables, PrepareError> {
    let Some(apart) = &project.apart else { return Ok(Variables::new()) };
    let mut variables = salted(apart.salt, std::env::vars_os());
    let first = || cargo_packages(&project.cargo).into_iter().next().map(|package| package.folder);
    let has_workspace = project.cargo.ancestors().any(|folder| folder.join("Cargo.toml").is_file());
    let Some(folder) = has_workspace.then(|| project.cargo.clone()).or_else(first) else { return Ok(variables) };
    let known = match metadata(&folder) {
        Ok(known) => known,
        Err(PrepareError::Interrupted) => return Err(PrepareError::Interrupted),
        // A step that needs cargo says better what is wrong with it.
        Err(_) => return Ok(variables),
    };
    let is_shared = |key: &str| known[key].as_str().is_some_and(|place| !Path::new(place).starts_with(&apart.tree));
    if is_shared("target_directory") {
        variables.insert("CARGO_TARGET_DIR".to_owned(), Some(apart.target.join("steps").into()));
    }
    if is_shared("build_directory") {
        variables.insert("CARGO_BUILD_BUILD_DIR".to_owned(), Some(apart.target.join("steps").into()));
    }
    Ok(variables)
}

/// The folder of a side's managed environments, which holds the one of this key and no other: a side has one at a time.
///
/// # Errors
/// When it cannot be written.
pub(super) fn environments(apart: &Apart, key: &str) -> Result<PathBuf, PrepareError> {
    let folder = &apart.environments;
    let failed = |source| PrepareError::Cache { path: folder.clone(), source };
    fs::create_dir_all(folder).map_err(failed)?;
    for entry in fs::read_dir(folder).map_err(failed)?.flatten() {
        if entry.file_name() != key {
            fs::remove_dir_all(entry.path()).map_err(failed)?;
        }
    }
    Ok(folder.clone())
}

fn flag(salt: u8) -> String {
    format!("-Cmetadata=rustworthy-{salt:03}")
}

/// The person's flags in the environment with one more.
fn salted(salt: Option<u8>, environment: impl Iterator<Item = (OsString, OsString)>) -> Variables {
    let Some(salt) = salt else { return Variables::new() };
    let flag = flag(salt);
    let set: BTreeMap<String, OsString> =
        environment.filter_map(|(name, value)| Some((name.into_string().ok()?, value))).collect();
    let joined = |name: &str, separator: &str| {
        let mut value = set.get(name).cloned().unwrap_or_default();
        if !value.is_empty() {
            value.push(separator);
        }
        value.push(&flag);
        (name.to_owned(), Some(value))
    };
    // Whichever of these two is set outweighs all other places, even if it is empty.
    for (name, separator) in [("CARGO_ENCODED_RUSTFLAGS", "\u{1f}"), ("RUSTFLAGS", " ")] {
        if set.contains_key(name) {
            return Variables::from([joined(name, separator)]);
        }
    }
    let is_target = |name: &&String| name.starts_with("CARGO_TARGET_") && name.ends_with("_RUSTFLAGS");
    let targets: Vec<String> = set.keys().filter(is_target).cloned().collect();
    let names = targets.iter().map(String::as_str).chain(["CARGO_BUILD_RUSTFLAGS"]);
    names.map(|name| joined(name, " ")).collect()
}

/// The keys of `[target.…]` that have flags.
fn flagged_targets(configurations: &[toml::Table]) -> BTreeSet<String> {
    let targets = configurations.iter().filter_map(|config| config.get("target")?.as_table());
    let flagged = targets.flatten().filter(|(_, target)| target.get("rustflags").is_some());
    flagged.map(|(key, _)| key.clone()).collect()
}

/// A key as TOML has it in quotes.
fn quoted(key: &str) -> String {
    toml::Value::String(key.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn salt_of(variables: &[(&str, &str)]) -> Vec<(String, String)> {
        let given = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let salted = salted(Some(3), given);
        salted.into_iter().map(|(name, value)| (name, value.unwrap().into_string().unwrap())).collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_salt_is_added_where_cargo_takes_the_flags_from() {
        let salt = "-Cmetadata=rustworthy-003";
        assert_eq!(salt_of(&[]), [pair("CARGO_BUILD_RUSTFLAGS", salt)]);
        let both = [("RUSTFLAGS", "-g"), ("CARGO_ENCODED_RUSTFLAGS", "-g\u{1f}-Clto")];
        assert_eq!(salt_of(&both), [pair("CARGO_ENCODED_RUSTFLAGS", &format!("-g\u{1f}-Clto\u{1f}{salt}"))]);
        assert_eq!(salt_of(&both[..1]), [pair("RUSTFLAGS", &format!("-g {salt}"))]);
        assert_eq!(salt_of(&[("RUSTFLAGS", "")]), [pair("RUSTFLAGS", salt)]);
        let target = [("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS", "-g"), ("CARGO_TARGET_DIR", "/t")];
        let expected = [pair("CARGO_BUILD_RUSTFLAGS", salt), pair(target[0].0, &format!("-g {salt}"))];
        assert_eq!(salt_of(&target), expected);
        assert!(super::salted(None, std::iter::empty()).is_empty());
    }

    #[test]
    fn every_configured_place_of_flags_is_found() {
        let config = "[build]\nrustflags = [\"-g\"]\n[target.'cfg(target_os = \"linux\")']\nrustflags = \"-g\"\n\
                      [target.wasm32-wasip1]\nrunner = \"wasmtime\"\n";
        let found = flagged_targets(&[config.parse().unwrap(), toml::Table::new()]);
        assert_eq!(Vec::from_iter(&found), ["cfg(target_os = \"linux\")"]);
        let written = format!("target.{}.rustflags = []", quoted(found.first().unwrap()));
        assert!(written.parse::<toml::Table>().unwrap()["target"].get(found.first().unwrap()).is_some(), "{written}");
    }
}
