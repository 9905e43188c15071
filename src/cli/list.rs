//! `list`: workloads, implementations, sizes.

use clap::Args;
use serde::Serialize;

use super::error::{CliError, ExitStatus};
use super::{Format, Shared, print, print_json};
use crate::manifest::{Project, Workload};
use crate::report::visible;

/// List workloads, implementations and sizes.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Workloads to list: globs on `workload`, `workload/implementation`, or `tag:GLOB`.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// How the result is written to standard output.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// Runs the command.
pub(super) fn run(args: ListArgs, shared: &Shared) -> Result<ExitStatus, CliError> {
    let project = shared.project(&args.filters)?;
    match args.format {
        Format::Json => print_json(&document(&project))?,
        Format::Text => print(&project.workloads.iter().map(text).collect::<Vec<_>>().join("\n"))?,
    }
    Ok(ExitStatus::Success)
}

/// `rustworthy.list/1`.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    project: &'a str,
    workloads: Vec<Listed<'a>>,
}

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    summary: &'a str,
    tags: &'a [String],
    unit: Option<&'a str>,
    sizes: &'a [u64],
    implementations: Vec<ListedImplementation<'a>>,
}

#[derive(Serialize)]
struct ListedImplementation<'a> {
    name: &'a str,
    role: crate::evidence::Role,
    kind: crate::evidence::Kind,
    variant: Option<&'a str>,
    runner: crate::evidence::RunnerKind,
    target: String,
}

fn document(project: &Project) -> Document<'_> {
    let workloads = project.workloads.iter().map(|workload| Listed {
        name: &workload.name,
        summary: &workload.summary,
        tags: &workload.tags,
        unit: workload.unit.as_deref(),
        sizes: &workload.sizes,
        implementations: workload
            .implementations
            .iter()
            .map(|cell| ListedImplementation {
                name: &cell.name,
                role: cell.role,
                kind: cell.kind,
                variant: cell.variant.as_deref(),
                runner: cell.target.runner(),
                target: cell.target.text(),
            })
            .collect(),
    });
    Document { schema: "rustworthy.list/1", project: &project.name, workloads: workloads.collect() }
}

fn text(workload: &Workload) -> String {
    let mut text = workload.name.clone();
    if !workload.tags.is_empty() {
        text += &format!("  [{}]", workload.tags.join(", "));
    }
    text.push('\n');
    if !workload.summary.is_empty() {
        text += &format!("  {}\n", visible(&workload.summary));
    }
    if workload.sizes != [1] || workload.unit.is_some() {
        let sizes: Vec<String> = workload.sizes.iter().map(u64::to_string).collect();
        let unit = workload.unit.as_ref().map(|unit| format!(" {}", visible(unit))).unwrap_or_default();
        text += &format!("  sizes: {}{unit}\n", sizes.join(", "));
    }
    for cell in &workload.implementations {
        let variant = cell.variant.as_ref().map(|variant| format!(", {variant}")).unwrap_or_default();
        text +=
            &format!("  {:14} {:18} {}\n", cell.name, format!("{}{variant}", cell.kind.as_str()), cell.target.text());
    }
    text
}
