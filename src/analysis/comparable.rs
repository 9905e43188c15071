//! Whether two saved runs may be held against each other: every reason why not.

use crate::evidence::{Environment, Run, Size};
use crate::units;

/// Workloads at sizes that both runs have, by the workload's name, the base's and the head's.
pub fn common_sizes<'r>(base: &'r Run, head: &'r Run) -> impl Iterator<Item = (&'r str, &'r Size, &'r Size)> {
    base.workloads.iter().flat_map(move |workload| {
        let other = head.workload(&workload.name);
        workload.sizes.iter().filter_map(move |size| {
            let theirs = other?.sizes.iter().find(|theirs| theirs.size == size.size)?;
            Some((workload.name.as_str(), size, theirs))
        })
    })
}

/// Every reason why the runs must not be compared, in whole sentences.
pub fn refusals(base: &Run, head: &Run) -> Vec<String> {
    let mut refused = Vec::new();
    let (one, other) = (&base.environment, &head.environment);
    if base.schema != head.schema {
        refused.push(format!("their schemas are `{}` and `{}`", base.schema, head.schema));
    }
    if base.project != head.project {
        refused.push(format!("they belong to the projects `{}` and `{}`", base.project, head.project));
    }
    let machine =
        |it: &Environment| (it.host_id.clone(), it.cpu_model.clone(), it.cpu_count, it.machine.architecture.clone());
    if machine(one) != machine(other) {
        refused.push(format!("they were measured on different hosts ({} and {})", host(one), host(other)));
    }
    if one.os != other.os {
        refused.push(format!("one ran under {}, the other under {}", one.os, other.os));
    }
    refused.extend(interpreters(one, other));
    for (workload, ours, theirs) in common_sizes(base, head) {
        let (ours, theirs, size) = (ours.input.as_ref(), theirs.input.as_ref(), ours.size);
        if ours.map(|input| &input.sha256) != theirs.map(|input| &input.sha256) {
            refused.push(format!("the input of `{workload}` at {} is another", units::count(size)));
        }
    }
    for workload in &base.workloads {
        if let Some(theirs) = head.workload(&workload.name)
            && workload.boundary != theirs.boundary
        {
            refused.push(format!(
                "`{}` is a {} in one and a {} in the other",
                workload.name, workload.boundary, theirs.boundary
            ));
        }
    }
    refused
}

fn host(environment: &Environment) -> String {
    format!("{}, {}", environment.cpu_model, units::plural(u64::from(environment.cpu_count), "processor"))
}

/// How the interpreters differ, where they do: the baseline runs in them.
fn interpreters(base: &Environment, head: &Environment) -> Option<String> {
    let (one, other) = match (&base.python, &head.python) {
        (None, None) => return None,
        (Some(_), None) | (None, Some(_)) => return Some("only one of them ran a Python".to_owned()),
        (Some(one), Some(other)) => (one, other),
    };
    let told = |what: &str, one: &str, other: &str| Some(format!("their {what} differs: {one} and {other}"));
    let version = |it: &crate::evidence::Python| format!("{} {}", it.implementation, it.version);
    match () {
        () if version(one) != version(other) => told("Python", &version(one), &version(other)),
        () if one.executable != other.executable => {
            told("interpreter", &one.executable.display().to_string(), &other.executable.display().to_string())
        }
        () if one.build != other.build || one.debug != other.debug => told("build of Python", &one.build, &other.build),
        () if (one.gil, one.jit, one.free_threaded, &one.gc, &one.flags)
            != (other.gil, other.jit, other.free_threaded, &other.gc, &other.flags) =>
        {
            Some("their Pythons run with other settings (lock, just-in-time compiler, collector or flags)".to_owned())
        }
        () => None,
    }
}
