//! The files that a worker says it loaded, as evidence.

use rustworthy_worker::protocol::LoadedFile;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::evidence::{Extension, MAX_MODULES, Module};

/// The first modules of a worker's list, native ones before others.
pub(super) fn modules(files: &[LoadedFile]) -> Vec<Module> {
    let is_native = |file: &&LoadedFile| file.path.extension().is_none_or(|extension| extension != "py");
    let (native, others): (Vec<_>, Vec<_>) = files.iter().partition(is_native);
    native.into_iter().chain(others).take(MAX_MODULES).map(module).collect()
}

fn module(file: &LoadedFile) -> Module {
    Module {
        name: file.name.clone(),
        path: file.path.clone(),
        sha256: file.sha256.clone(),
        modified: file.modified_ns.and_then(moment),
    }
}

/// `2026-03-14T09:26:53Z`, of nanoseconds since 1970.
fn moment(since: u64) -> Option<String> {
    let seconds = i64::try_from(since / 1_000_000_000).ok()?;
    let time = jiff::Timestamp::from_second(seconds).ok()?;
    Some(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// A native module as the timing script reports it.
#[derive(Deserialize)]
struct Native {
    #[serde(flatten)]
    file: LoadedFile,
    profile: Option<String>,
    pyo3: Option<String>,
}

/// The native modules in a worker's environment.
pub(super) fn extensions(environment: &Map<String, Json>) -> Vec<Extension> {
    let listed = environment.get("extensions").and_then(Json::as_array);
    let natives = listed.into_iter().flatten().filter_map(|item| serde_json::from_value::<Native>(item.clone()).ok());
    natives
        .map(|Native { file, profile, pyo3 }| {
            let Module { name, path, sha256, modified } = module(&file);
            Extension { name, path, profile, pyo3, sha256, modified }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> LoadedFile {
        LoadedFile {
            name: name.to_owned(),
            path: format!("src/{name}").into(),
            sha256: Some("ab".to_owned()),
            modified_ns: Some(1_773_480_413_999_999_999),
        }
    }

    #[test]
    fn native_modules_come_first_and_the_list_is_bounded() {
        let mut files: Vec<LoadedFile> = (0..MAX_MODULES).map(|index| file(&format!("m{index}.py"))).collect();
        files.push(file("native.so"));
        let kept = modules(&files);
        assert_eq!((kept.len(), kept[0].name.as_str(), kept[1].name.as_str()), (MAX_MODULES, "native.so", "m0.py"));
        assert_eq!(kept[0].modified.as_deref(), Some("2026-03-14T09:26:53Z"));
    }

    #[test]
    fn a_native_module_brings_its_file_and_its_build() {
        let text = r#"{"extensions":[{"name":"a","path":"a.so","profile":null,"pyo3":"0.30","sha256":"ab","modified_ns":0},
            {"name":"b","path":"b.so","profile":"debug","pyo3":null}]}"#;
        let environment: Map<String, Json> = serde_json::from_str(text).unwrap();
        let [a, b] = &extensions(&environment)[..] else { panic!("both are read") };
        assert_eq!((a.pyo3.as_deref(), a.modified.as_deref()), (Some("0.30"), Some("1970-01-01T00:00:00Z")));
        assert_eq!((b.profile.as_deref(), b.sha256.as_deref(), b.modified.as_deref()), (Some("debug"), None, None));
    }
}
