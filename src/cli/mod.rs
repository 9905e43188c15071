//! The command line: arguments in, exit code out. One file a command, all of one shape.

mod check;
mod clean;
mod compare;
mod completions;
mod console;
mod count;
mod doctor;
mod dry;
mod error;
mod gate;
mod init;
mod list;
mod man;
mod new;
mod open;
mod report;
mod resume;
mod run;
mod session;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use error::{CliError, ExitStatus};

use crate::launch::{interrupt, shim};
use crate::manifest::{self, Project};
use console::Console;

/// Is this Python worth its weight in Rust? Proves that paired implementations agree, measures them, says what is
/// gained.
#[derive(Debug, Parser)]
#[command(name = "rustworthy", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    shared: Shared,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::RunArgs),
    Check(check::CheckArgs),
    List(list::ListArgs),
    Report(report::ReportArgs),
    Compare(compare::CompareArgs),
    Gate(gate::GateArgs),
    Count(count::CountArgs),
    Init(init::InitArgs),
    New(new::NewArgs),
    Doctor(doctor::DoctorArgs),
    Clean(clean::CleanArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// Flags that every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Shared {
    /// The project's folder, instead of looking from here upwards.
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "DIR")]
    project: Option<PathBuf>,
    /// Whether the output is coloured.
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "WHEN", default_value = "auto")]
    color: Color,
    /// Say more of what is done.
    #[arg(short, long, global = true, help_heading = "Everywhere")]
    verbose: bool,
    /// Say only results and errors.
    #[arg(short, long, global = true, help_heading = "Everywhere", conflicts_with = "verbose")]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless NO_COLOR says otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How a result is written to standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON document and nothing else.
    Json,
}

impl Shared {
    /// The project, as its manifest says it, reduced to what the filters name.
    fn project(&self, filters: &[String]) -> Result<Project, CliError> {
        let project = match &self.project {
            Some(folder) if !folder.is_dir() => {
                return Err(CliError::Usage(format!("--project {}: there is no such folder", folder.display())));
            }
            Some(folder) => manifest::find(&absolute(folder)?)?,
            None => manifest::find(&absolute(&PathBuf::from("."))?)?,
        };
        Ok(project.select(filters)?)
    }

    fn console(&self) -> Console {
        Console::new(self.quiet, self.verbose)
    }

    /// Whether standard output is coloured.
    fn colour(&self) -> bool {
        match self.color {
            Color::Auto => anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never,
            Color::Always => true,
            Color::Never => false,
        }
    }
}

fn absolute(path: &std::path::Path) -> Result<PathBuf, CliError> {
    std::path::absolute(path)
        .and_then(|path| path.canonicalize())
        .map_err(|error| CliError::Usage(format!("{}: {error}", path.display())))
}

/// Runs the tool with the process's arguments.
pub fn main(arguments: Vec<OsString>) -> ExitStatus {
    if arguments.get(1).is_some_and(|first| first == shim::NAME) {
        return ExitStatus::from_shim(shim::main(&arguments[2..]));
    }
    let cli = match Cli::try_parse_from(arguments.clone()) {
        Ok(cli) => cli,
        Err(error) => {
            if let Some(word) = not_yet(&error, &arguments) {
                error::tell(&format!(
                    "`{word}` does not work yet in this version\n  see `rustworthy --help` for what does"
                ));
                return ExitStatus::Usage;
            }
            let is_help = !error.use_stderr();
            // Nobody is left to tell when the output is closed.
            let _ = error.print();
            return if is_help { ExitStatus::Success } else { ExitStatus::Usage };
        }
    };
    if let Err(error) = interrupt::listen() {
        error::tell(&format!("cannot listen to signals: {error}"));
        return ExitStatus::CannotMeasure;
    }
    let result = match cli.command {
        Command::Run(args) => run::run(args, &cli.shared, &arguments),
        Command::Check(args) => check::run(args, &cli.shared),
        Command::List(args) => list::run(args, &cli.shared),
        Command::Report(args) => report::run(args, &cli.shared),
        Command::Compare(args) => compare::run(args, &cli.shared),
        Command::Gate(args) => gate::run(args, &cli.shared, &arguments),
        Command::Count(args) => count::run(args, &cli.shared),
        Command::Doctor(args) => doctor::run(args, &cli.shared),
        Command::Clean(args) => clean::run(args, &cli.shared),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
        Command::Init(args) => init::run(args, &cli.shared),
        Command::New(args) => new::run(args, &cli.shared),
    };
    result.unwrap_or_else(|error| {
        error::tell(&error.to_string());
        error.status()
    })
}

/// Commands and flags that the interface names and this version does not carry out.
const NOT_YET: [&str; 6] = ["scan", "capture", "merge", "import", "export", "history"];

/// The word that was refused, where it is one of those.
fn not_yet<'a>(error: &clap::Error, arguments: &'a [OsString]) -> Option<&'a str> {
    use clap::error::ErrorKind;
    let is_unknown = matches!(error.kind(), ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument);
    let mut words = arguments.iter().skip(1).filter_map(|word| word.to_str());
    is_unknown.then(|| words.find(|word| NOT_YET.contains(word)))?
}

/// Writes to standard output; a reader that has gone is no error.
fn print(text: &str) -> Result<(), CliError> {
    use std::io::Write;
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CliError::Usage(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes one JSON document to standard output.
fn print_json(value: &impl serde::Serialize) -> Result<(), CliError> {
    let text = serde_json::to_string_pretty(value).map_err(|error| CliError::Usage(error.to_string()))?;
    print(&(text + "\n"))
}
