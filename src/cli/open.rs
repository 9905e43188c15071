//! `--open`: shows a report in the system's browser. A favour only: nothing that goes wrong here changes the exit code.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// An opener that is still there by then shows the page itself, and is left to it.
const PATIENCE: Duration = Duration::from_secs(3);
const STEP: Duration = Duration::from_millis(20);

/// Opens a page, or says on standard error why not and where it is.
pub(super) fn open(page: &Path) {
    let page = page.canonicalize().unwrap_or_else(|_| page.to_owned());
    let why = match unwanted(|name| std::env::var_os(name)) {
        Some(why) => why.to_owned(),
        None => match show(&page) {
            Ok(()) => return,
            Err(why) => why,
        },
    };
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr(), "not opened: {why}\n  the report is {}", page.display());
}

/// Why nobody would see a page that was opened here.
fn unwanted(variable: impl Fn(&str) -> Option<OsString>) -> Option<&'static str> {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let off = |value: OsString| value.eq_ignore_ascii_case("false") || value == "0";
    if is_set("CI") && !variable("CI").is_some_and(off) {
        return Some("this is a CI job (`CI` is set)");
    }
    if cfg!(target_os = "macos") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") {
        return None;
    }
    Some("there is no display (neither `DISPLAY` nor `WAYLAND_DISPLAY` is set)")
}

/// Hands the page to the system's opener, as one argument and through no shell.
fn show(page: &Path) -> Result<(), String> {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let mut command = Command::new(opener);
    command.arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A browser that it starts outlives this process, and an interrupt meant for this one.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|error| format!("cannot start `{opener}`: {error}"))?;
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("`{opener}` failed ({status})")),
            Ok(None) => std::thread::sleep(STEP),
            Err(error) => return Err(format!("cannot wait for `{opener}`: {error}")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_opened_where_nobody_would_see_it() {
        let with = |set: &[(&str, &str)]| {
            unwanted(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into()))
        };
        assert!(with(&[("CI", "true"), ("DISPLAY", ":0")]).is_some_and(|why| why.contains("CI job")));
        for set in [[("CI", "false"), ("DISPLAY", ":0")], [("CI", ""), ("WAYLAND_DISPLAY", "wayland-0")]] {
            assert_eq!(with(&set), None);
        }
        let headless = with(&[("DISPLAY", "")]);
        assert_eq!(headless.is_none(), cfg!(target_os = "macos"));
    }
}
