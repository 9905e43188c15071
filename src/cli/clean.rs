//! `clean`: what the tool keeps on disk, and how much of it can go.

use clap::Args;

use super::error::{CliError, ExitStatus};
use super::{Shared, print};
use crate::manifest::ManifestError;
use crate::prepare::{Cache, Kept, PrepareError, kept_builds, kept_in_cache};
use crate::progress::Progress;
use crate::report::{bytes, visible};

/// Remove this project's builds and what nothing uses any more; say what is kept, and how large it is.
#[derive(Debug, Args)]
pub(crate) struct CleanArgs {
    /// Remove the whole cache, too: inputs and managed environments of all projects.
    #[arg(long)]
    all: bool,
    /// Only say what would go and what that would free.
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command.
pub(super) fn run(args: CleanArgs, shared: &Shared) -> Result<ExitStatus, CliError> {
    let project = match shared.project(&[]) {
        Ok(project) => Some(project),
        Err(CliError::Manifest(ManifestError::NotFound(_))) if shared.project.is_none() => None,
        Err(error) => return Err(error),
    };
    let mut console = shared.console();
    let mut kept = match project.as_ref().map(kept_builds) {
        Some(Err(PrepareError::Interrupted)) => return Err(PrepareError::Interrupted.into()),
        // Without cargo the cache can be cleaned all the same.
        Some(Err(error)) => {
            console.note(&format!("  warning: the project's builds are left alone: {error}"));
            Vec::new()
        }
        Some(Ok(builds)) => builds,
        None => Vec::new(),
    };
    kept.extend(kept_in_cache(&Cache::open()?, project.as_ref().map(|project| project.root.as_path()))?);
    drop(console);
    let (going, staying): (Vec<Kept>, Vec<Kept>) =
        kept.into_iter().partition(|kept| args.all || kept.what.is_first_to_go());
    if !args.dry_run {
        for kept in &going {
            kept.remove()
                .map_err(|error| CliError::CannotMeasure(format!("cannot remove {}: {error}", kept.path.display())))?;
        }
    }
    print(&text(&going, &staying, args.dry_run))?;
    Ok(ExitStatus::Success)
}

fn text(going: &[Kept], staying: &[Kept], is_dry: bool) -> String {
    let total = |kept: &[Kept]| bytes(kept.iter().map(|kept| kept.bytes).sum::<u64>() as f64);
    let line = |word: &str, kept: &Kept| {
        let path = visible(&kept.path.display().to_string());
        format!("{word:12}  {:>9}  {}: {path}\n", bytes(kept.bytes as f64), kept.what.as_str())
    };
    let word = if is_dry { "would remove" } else { "removed" };
    let mut text: String = going.iter().map(|kept| line(word, kept)).collect();
    text += &staying.iter().map(|kept| line("kept", kept)).collect::<String>();
    text += &match (going.is_empty(), is_dry) {
        (true, _) => "nothing to remove".to_owned(),
        (false, true) => format!("would free {}", total(going)),
        (false, false) => format!("freed {}", total(going)),
    };
    if !staying.is_empty() {
        text += &format!("; `rustworthy clean --all` would free {} more", total(staying));
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::Keeping;

    fn kept(path: &str, what: Keeping, bytes: u64) -> Kept {
        Kept { path: path.into(), what, bytes }
    }

    #[test]
    fn it_says_what_goes_what_stays_and_what_that_frees() {
        let going =
            [kept("/a/target/rustworthy/native", Keeping::Builds, 3 << 30), kept("/c/x", Keeping::OldHarness, 8192)];
        let staying = [kept("/c/rustworthy/inputs", Keeping::Inputs, 5 << 20)];
        let all = [text(&going, &staying, false), text(&going, &[], true), text(&[], &staying, false)];
        insta::assert_snapshot!(all.join("\n"));
        assert_eq!(text(&[], &[], true), "nothing to remove\n");
    }
}
