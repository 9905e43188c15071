//! Programs of the project's cargo workspace, which commands name as `{bin:NAME}`.

use super::check::Checked;
use super::error::Source;
use super::wire::Placed;
use super::{Argv, Binary, Target, Workload, wire};

/// How a command names a program.
const OPEN: &str = "{bin:";

/// The programs as they are declared.
pub(super) fn binaries(source: Source, written: Vec<Placed<wire::Binary>>) -> Checked<Vec<Binary>> {
    let mut all: Vec<Binary> = Vec::new();
    for wire in written {
        let span = wire.span();
        let wire::Binary { package, name, features } = wire.into_inner();
        let is_name = |text: &str| !text.is_empty() && !text.starts_with('-') && !text.contains(['{', '}']);
        if !is_name(&package) || !is_name(&name) {
            return Err(source.fault(span, "package and name are names", ""));
        }
        if all.iter().any(|other| other.name == name) {
            let message = format!("two programs are called `{name}`");
            return Err(source.fault(span, message, "commands know them by name alone: rename one of them"));
        }
        all.push(Binary { package, name, features });
    }
    Ok(all)
}

/// Refuses commands that name a program which is not declared.
pub(super) fn are_declared(source: Source, workloads: &[Workload], declared: &[Binary]) -> Checked<()> {
    let implementations = workloads.iter().flat_map(|workload| &workload.implementations);
    let commands = implementations.filter_map(|implementation| match &implementation.target {
        Target::Command(argv) => Some(argv),
        Target::Python(_) | Target::Criterion(_) => None,
    });
    for name in commands.flat_map(Argv::binaries) {
        if declared.iter().all(|binary| binary.name != name) {
            let text = placeholder(name);
            let start = source.text.find(&text).unwrap_or(0);
            let mend = format!(
                "say whose program it is under [project]: `binaries = [{{ package = \"…\", name = \"{name}\" }}]`"
            );
            return Err(source.fault(start..start + text.len(), format!("no program is called `{name}` here"), mend));
        }
    }
    Ok(())
}

/// What stands for a program in a command.
pub(super) fn placeholder(name: &str) -> String {
    format!("{OPEN}{name}}}")
}

/// The programs that a word names.
pub(super) fn named(word: &str) -> impl Iterator<Item = &str> {
    word.split(OPEN).skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}
