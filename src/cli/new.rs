//! `new`: the scaffold of a pair.

use clap::Args;

use super::error::{CliError, ExitStatus};
use super::{Shared, print};
use crate::prepare::{Cache, find_interpreter, ready_environment};
use crate::progress::Progress;
use crate::scaffold::{Pair, PairRequest, pair, read_signature};

/// Write the scaffold of a pair for a Python function: inputs, Rust port with binding, bench, test.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The pair's name: the workload's, and the Rust function's.
    #[arg(value_name = "NAME")]
    name: String,
    /// The Python function to port.
    #[arg(long, value_name = "MODULE:FUNCTION")]
    from: String,
    /// Replace files and a workload of that name.
    #[arg(long)]
    force: bool,
}

/// Runs the command.
pub(super) fn run(args: NewArgs, shared: &Shared) -> Result<ExitStatus, CliError> {
    PairRequest::check(&args.name, &args.from)?;
    let project = shared.project(&[])?;
    let mut console = shared.console();
    console.phase("reading the function");
    let interpreter = find_interpreter(&project)?;
    let cache = Cache::open()?;
    let (home, warnings) = ready_environment(&project, interpreter, &cache, &mut console)?;
    for warning in &warnings {
        console.note(&format!("  warning: {} {}", warning.text, warning.advice));
    }
    let signature = read_signature(&home, &cache, &project.root, &project.python_path, &args.from, &[])?;
    drop(console);
    let request = PairRequest {
        project: &project,
        name: &args.name,
        target: &args.from,
        signature: &signature,
        python: home.base.version_info,
        force: args.force,
    };
    let pair = pair(&request)?;
    pair.write(&project.root, args.force)?;
    print(&text(&args, &pair))?;
    Ok(ExitStatus::Success)
}

fn text(args: &NewArgs, pair: &Pair) -> String {
    let name = &args.name;
    let mut text = format!("{name}: a pair for {}\n", args.from);
    let folder = &pair.folder;
    let krate = if pair.is_new_crate {
        format!("{folder}/ is a new crate: the port, its binding, a bench and the worker that answers for it")
    } else {
        format!("{folder}/ is the crate of your earlier ports")
    };
    let lines = [
        ("rustworthy.toml", format!("has the workload {name}")),
        (pair.inputs.as_str(), "draws its inputs".to_owned()),
        (pair.port.as_str(), "is the port: its body is yours to write".to_owned()),
        (pair.test.as_str(), "compares the two, for unittest or pytest".to_owned()),
    ];
    let width = lines.iter().map(|(file, _)| file.len()).max().unwrap_or(0);
    for (file, what) in lines {
        text += &format!("  {file:width$}  {what}\n");
    }
    text += &format!("  {krate}\n");
    for note in &pair.notes {
        text += &format!("note: {note}\n");
    }
    text += "\nnext:\n";
    let mut steps = Vec::new();
    if pair.missing.is_empty() {
        steps.push(format!("look at {}: are these inputs like yours?", pair.inputs));
    } else {
        let missing: Vec<String> = pair.missing.iter().map(|name| format!("`{name}`")).collect();
        steps.push(format!("{}: give a value for {}", pair.inputs, missing.join(", ")));
    }
    steps.push(format!("rustworthy check {name}    builds everything, and fails: the port is not written yet"));
    steps.push(format!("write the body in {}, until `rustworthy check {name}` agrees", pair.port));
    steps.push(format!("rustworthy check --cases 1000 {name}    on a thousand inputs more, do they agree?"));
    steps.push(format!("rustworthy run --quick {name}    what is gained?"));
    for (index, step) in steps.iter().enumerate() {
        text += &format!("  {}. {step}\n", index + 1);
    }
    text
}
