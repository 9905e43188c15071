//! A function's signature, read by the project's interpreter.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::ScaffoldError;
use super::types::Type;
use crate::launch::{Launch, run};
use crate::prepare::{Cache, PrepareError, PythonHome};

/// Importing a module may load a lot, and may hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// What Python says of a function.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Signature {
    /// Its own name.
    pub name: String,
    /// In order.
    pub parameters: Vec<Parameter>,
    /// What it returns.
    pub returns: Type,
    /// Whether it returns an iterator that has computed nothing yet.
    pub is_lazy: bool,
    /// Whether it keeps its results.
    pub is_cached: bool,
    /// The file that it is written in.
    pub file: Option<PathBuf>,
    /// The first line of its documentation.
    pub doc: String,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What it takes.
    #[serde(rename = "type")]
    pub kind: Type,
    /// What it is when it is not given.
    pub default: Option<DefaultValue>,
    /// Whether it can be given by name only.
    pub keyword: bool,
    /// Whether its type is its default's, for want of an annotation.
    pub guessed: bool,
    /// The object whose method this is.
    pub instance: Option<Instance>,
}

/// A parameter's default.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct DefaultValue {
    /// Whether Rust can repeat it.
    pub literal: bool,
    /// Its value, where it can.
    #[serde(default)]
    pub value: serde_json::Value,
    /// As Python shows it.
    pub text: String,
}

/// `self`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Instance {
    /// The class's name.
    pub of: String,
    /// `module:Class`, where it can be made without arguments.
    pub make: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Signature(Signature),
    Refused(String),
    Missing(String),
}

/// Reads the signature of `module:callable` in the project's Python; something stands in for `unbuilt` modules, which the
/// callable's package may import.
///
/// # Errors
/// When it cannot be imported, or is nothing that a pair can be made for.
pub fn read(
    home: &PythonHome,
    cache: &Cache,
    cwd: &std::path::Path,
    sys_path: &[PathBuf],
    target: &str,
    unbuilt: &[String],
) -> Result<Signature, ScaffoldError> {
    let script = cache.signature_script()?;
    let mut launch = Launch::new(&home.interpreter.executable, cwd).args([script]).timeout(PATIENCE);
    launch.env = home.variables();
    launch.stdin = json!({"sys_path": sys_path, "target": target, "unbuilt": unbuilt}).to_string().into_bytes();
    let finished = run(&launch).map_err(PrepareError::from)?;
    let refuse = |reason: String| ScaffoldError::Function { target: target.to_owned(), reason };
    match serde_json::from_slice(&finished.stdout) {
        Ok(Answer::Signature(signature)) => Ok(signature),
        Ok(Answer::Refused(reason)) => Err(refuse(reason)),
        Ok(Answer::Missing(reason)) => {
            let paths: Vec<String> = sys_path.iter().map(|path| path.display().to_string()).collect();
            let output = finished.stderr.trim_end().lines().map(|line| format!("\n  | {line}")).collect::<String>();
            Err(refuse(format!(
                "{reason}{output}\n  imported by {} from {}\n  `python-path` and `python` in [project] say where from and by what",
                home.interpreter.executable.display(),
                paths.join(", ")
            )))
        }
        Err(_) => Err(refuse(format!("importing it {}\n{}", finished.end, finished.tail(10)))),
    }
}
