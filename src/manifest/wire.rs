//! The manifest as it is written: one struct a table, nothing checked but types and key names.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde::Deserialize;
use toml::Spanned;

use crate::evidence::{Kind, Tolerance};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Manifest {
    pub project: Project,
    #[serde(default)]
    pub workload: IndexMap<Spanned<String>, Workload>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Project {
    pub name: Spanned<String>,
    pub python: Option<PathBuf>,
    #[serde(default = "project_folder")]
    pub python_path: Vec<PathBuf>,
    pub requirements: Option<Spanned<PathBuf>>,
    #[serde(default)]
    pub build: Vec<Spanned<Vec<String>>>,
    #[serde(default)]
    pub extensions: Vec<Spanned<Extension>>,
    pub reports: Option<PathBuf>,
}

/// Modules beside the manifest are found without a word, as Python finds those beside a script.
fn project_folder() -> Vec<PathBuf> {
    vec![PathBuf::from(".")]
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Extension {
    pub package: String,
    pub module: String,
    #[serde(default)]
    pub features: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Workload {
    #[serde(default)]
    pub summary: String,
    #[serde(default)]
    pub tags: Vec<String>,
    pub sizes: Option<Spanned<Vec<u64>>>,
    pub unit: Option<String>,
    pub input: Option<Spanned<String>>,
    pub input_as: Option<InputAs>,
    pub boundary: Option<Boundary>,
    #[serde(default)]
    pub tolerance: Option<Spanned<WireTolerance>>,
    #[serde(default)]
    pub exceptions: IndexMap<String, Spanned<Vec<String>>>,
    pub cases: Option<Spanned<CasesFrom>>,
    pub result: Option<Spanned<String>>,
    pub setup: Option<Spanned<String>>,
    pub inputs_are: Option<InputsAre>,
    #[serde(default)]
    pub consume: bool,
    pub timeout: Option<Spanned<String>>,
    pub memory_limit: Option<Spanned<String>>,
    #[serde(default)]
    pub env: IndexMap<String, String>,
    pub cwd: Option<PathBuf>,
    pub baseline: Spanned<Implementation>,
    #[serde(default)]
    pub candidate: IndexMap<Spanned<String>, Spanned<Implementation>>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WireTolerance {
    #[serde(default)]
    relative: Option<f64>,
    #[serde(default)]
    ulps: Option<u64>,
    #[serde(default)]
    order: crate::evidence::Order,
    #[serde(default)]
    identity: crate::evidence::Identity,
}

impl From<WireTolerance> for Tolerance {
    fn from(wire: WireTolerance) -> Tolerance {
        Tolerance { relative: wire.relative, ulps: wire.ulps, order: wire.order, identity: wire.identity }
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CasesFrom {
    Input,
    Types,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputAs {
    Value,
    Path,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Boundary {
    Function,
    Process,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputsAre {
    Shared,
    Fresh,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Implementation {
    pub kind: Option<Kind>,
    pub variant: Option<String>,
    pub python: Option<Spanned<String>>,
    pub criterion: Option<Spanned<Criterion>>,
    pub command: Option<Spanned<Vec<String>>>,
    #[serde(default)]
    pub requires: Vec<String>,
    pub kernel: Option<Spanned<String>>,
    pub assumes: Option<String>,
    #[serde(default)]
    pub source: Vec<Spanned<PathBuf>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Criterion {
    pub package: String,
    pub bench: String,
    pub id: String,
}

/// Keys that the manifest's format has and this version does not carry out.
pub const NOT_YET: &[&str] =
    &["yearly-compute-cost", "day-rate", "share-of-runtime", "effort-days", "verify", "http", "gate", "verdict"];
