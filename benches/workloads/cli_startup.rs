//! A small command line program, started anew for each call: `--version`, `--help`, and reading a configuration.
//!
//! What it teaches: a process that lives for a moment is mostly its start. An interpreter sets itself up, finds its
//! modules and compiles or reads them before the first line runs; a Rust program is there. `python -I -S` is as little
//! as Python can start with, and shows how much of the start is the environment's (`site`, `.pth` files). The larger
//! the configuration, the less of this is left: then two JSON parsers are compared, one of them in C.
//!
//! Fairness: both programs are asked by a path, print the same bytes, parse the command line by a library and look at
//! every setting. Times are from the start of the process to its end, everything in the page cache after the first.
//! Python's byte code is not cached for the script itself, as it never is for the file that is run; it is short. A
//! static link or a smaller binary would gain little more: what remains is the kernel's work.
//!
//! Outcomes: 0 and the answer; 1 and a message for a configuration that is missing, no UTF-8, no JSON or mistyped; 2
//! for a command line that says nothing, or what is not known. Two departures: a field that stands twice in one
//! setting is refused here, and the last one counts there; names with lone surrogates likewise.

use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use lexopt::prelude::*;
use serde::Deserialize;

const VERSION: &str = "settings 1.0.0\n";
const HELP: &str = "\
Tells how many settings a configuration has

Usage: settings [OPTIONS]

Options:
      --config <FILE>  Read this configuration
  -h, --help           Print help
      --version        Print version
";

fn main() -> ExitCode {
    let answer = match request(env::args_os()) {
        Ok(Request::Version) => VERSION.to_owned(),
        Ok(Request::Help) => HELP.to_owned(),
        Ok(Request::Summary(path)) => match summary(Path::new(&path)) {
            Ok(summary) => summary,
            Err(error) => {
                eprintln!("settings: {}: {error}", path.display());
                return ExitCode::from(1);
            }
        },
        Err(error) => {
            eprintln!("settings: error: {error}");
            return ExitCode::from(2);
        }
    };
    match io::stdout().write_all(answer.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("settings: {error}");
            ExitCode::from(1)
        }
    }
}

/// What the command line asks for.
enum Request {
    Version,
    Help,
    Summary(OsString),
}

/// Reads the command line. What is not known is told at the end: like its twin, the program first answers a question for
/// help or its version.
fn request(arguments: impl IntoIterator<Item = OsString>) -> Result<Request, lexopt::Error> {
    let mut parser = lexopt::Parser::from_iter(arguments);
    let (mut config, mut unknown) = (None, None);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("version") => return Ok(Request::Version),
            Short('h') | Long("help") => return Ok(Request::Help),
            Long("config") => config = Some(parser.value()?),
            other => unknown = unknown.or(Some(other.unexpected())),
        }
    }
    match (unknown, config) {
        (Some(error), _) => Err(error),
        (None, Some(path)) => Ok(Request::Summary(path)),
        (None, None) => Err("there is nothing to do".into()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Setting {
    enabled: bool,
    level: i64,
}

/// How many settings there are, how many of them are enabled, and the sum of their levels, as JSON.
fn summary(path: &Path) -> Result<String, io::Error> {
    let settings: HashMap<String, Setting> = serde_json::from_slice(&fs::read(path)?)?;
    let enabled = settings.values().filter(|setting| setting.enabled).count();
    let level: i128 = settings.values().map(|setting| i128::from(setting.level)).sum();
    let count = settings.len();
    Ok(format!("{{\"settings\": {count}, \"enabled\": {enabled}, \"level\": {level}}}\n"))
}
