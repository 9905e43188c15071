//! `run --resume`: what was measured before goes on being evidence, where it was measured in the same way.

use super::error::CliError;
use super::session::Ready;
use crate::evidence::{Build, Environment, Implementation, Run, Status, Stopped};
use crate::manifest::Project;

/// The project reduced to what the saved run measures.
pub(super) fn select(mut project: Project, run: &Run) -> Result<Project, CliError> {
    let gone = |what: String| CliError::Usage(format!("cannot resume {}: the manifest has no {what} any more", run.id));
    for saved in &run.workloads {
        let workload = project.workloads.iter().find(|workload| workload.name == saved.name);
        let workload = workload.ok_or_else(|| gone(format!("workload `{}`", saved.name)))?;
        for size in &saved.sizes {
            if !workload.sizes.contains(&size.size) {
                return Err(gone(format!("size {} of `{}`", size.size, saved.name)));
            }
            for cell in &size.implementations {
                let known = workload.implementations.iter().find(|known| known.name == cell.name);
                if known.is_none_or(|known| known.target.text() != cell.target) {
                    return Err(gone(format!("`{}/{}` that calls {}", saved.name, cell.name, cell.target)));
                }
            }
        }
    }
    project.workloads.retain(|workload| run.workload(&workload.name).is_some());
    for workload in &mut project.workloads {
        let Some(saved) = run.workload(&workload.name) else { continue };
        workload.sizes.retain(|size| saved.sizes.iter().any(|saved| saved.size == *size));
        workload
            .implementations
            .retain(|known| saved.sizes.first().is_some_and(|size| size.implementation(&known.name).is_some()));
    }
    Ok(project)
}

/// Moves the launches of `old` into the fresh run, which takes its place. The error says why it must not.
pub(super) fn adopt(ready: &mut Ready, old: Run) -> Result<(), String> {
    let refused = |why: String| format!("cannot resume {}: {why}\n  start a new run", old.id);
    if let Some(why) = other_environment(&old.environment, &ready.run.environment) {
        return Err(refused(why));
    }
    let fresh = &mut ready.run;
    for workload in &mut fresh.workloads {
        for size in &mut workload.sizes {
            let saved =
                old.workload(&workload.name).and_then(|saved| saved.sizes.iter().find(|saved| saved.size == size.size));
            let Some(saved) = saved else { continue };
            let (was, is) = (saved.input.as_ref(), size.input.as_ref());
            if was.is_some() && is.is_some() && was.map(|input| &input.sha256) != is.map(|input| &input.sha256) {
                return Err(refused(format!("the input of `{}` at {} is another now", workload.name, size.size)));
            }
            size.stopped =
                saved.stopped.filter(|stopped| *stopped != Stopped::Interrupted && *stopped != Stopped::Time);
            for cell in &mut size.implementations {
                if let Some(saved) = saved.implementation(&cell.name) {
                    take_over(cell, saved);
                }
            }
            size.skip_without_baseline();
        }
    }
    for group in &mut ready.groups {
        let size = &fresh.workloads[group.workload].sizes[group.size];
        group.cells.retain(|cell| size.implementations[cell.implementation].status.is_timed());
    }
    fresh.id = old.id;
    fresh.created = old.created;
    fresh.command = old.command;
    fresh.phases.prepare_s += old.phases.prepare_s;
    fresh.phases.equality_s += old.phases.equality_s;
    fresh.phases.measure_s = old.phases.measure_s;
    Ok(())
}

fn take_over(cell: &mut Implementation, saved: &Implementation) {
    cell.launches.clone_from(&saved.launches);
    cell.memory_launches.clone_from(&saved.memory_launches);
    // A launch that failed while measuring took the cell out of the rotation, and it stays out.
    let failed: Vec<_> = saved.failures.iter().filter(|failure| failure.round.is_some()).cloned().collect();
    if let (Some(first), true) = (failed.first(), cell.status.is_timed()) {
        cell.status = Status::Failed;
        cell.detail = Some(first.message.clone());
        cell.failures.extend(failed);
    }
}

/// What differs between two environments so that their launches must not stand in one interval.
fn other_environment(old: &Environment, new: &Environment) -> Option<String> {
    let python = |environment: &Environment| {
        environment.python.as_ref().map(|python| {
            (python.version.clone(), python.executable.clone(), python.build.clone(), python.packages.clone())
        })
    };
    let built = |environment: &Environment| -> Vec<Option<String>> {
        environment.builds.iter().map(|Build { sha256, .. }| sha256.clone()).collect()
    };
    if (&old.host_id, &old.cpu_model, old.cpu_count) != (&new.host_id, &new.cpu_model, new.cpu_count) {
        return Some("it was measured on another machine".to_owned());
    }
    if old.os != new.os {
        return Some(format!("it was measured under {}, this is {}", old.os, new.os));
    }
    if python(old) != python(new) {
        return Some("its Python, or a package in it, is another now".to_owned());
    }
    if built(old) != built(new) {
        return Some("the Rust code was built anew since, and is another".to_owned());
    }
    match (&old.git, &new.git) {
        (Some(old), Some(new)) if old.commit != new.commit => {
            Some(format!("the checkout was at {} and is at {}", old.commit, new.commit))
        }
        _ => None,
    }
}
