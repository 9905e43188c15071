//! The working tree against a commit: two sides, proved, timed in blocks.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::{GateArgs, acknowledged, apart, counts};
use crate::analysis::analyse;
use crate::cli::Shared;
use crate::cli::console::Console;
use crate::cli::error::CliError;
use crate::cli::session::{self, Ask, Ready};
use crate::evidence::{Between, Contest, Effort, GateState, Kind, Role, RunnerKind, Status};
use crate::gate::{self, Facts, Gate, Trees};
use crate::manifest::{Instructions, Project};
use crate::prepare::{Cache, Side, Sides, sides};
use crate::progress::Progress;
use crate::schedule::{self, BlockSession, Contestant, Control, Fought, Inputs, Limits, Match, Measured, Session};

/// Seed of the inputs.
const SEED: u64 = 42;
/// Rounds that a floor is held against.
const FLOOR_ROUNDS: u32 = 10;

/// Both sides, ready to be timed.
pub(super) struct Arena {
    /// The working tree.
    pub head: Ready,
    /// The commit; `None` where it has no project.
    pub base: Option<Ready>,
    head_root: PathBuf,
    base_root: PathBuf,
}

/// What every preparation of the two sides needs beside them.
#[derive(Clone, Copy)]
struct Asked<'a> {
    /// The project as the person has it: neither side may load its files.
    original: &'a Project,
    /// The command line.
    command: &'a [OsString],
}

/// Measures and decides.
pub(super) fn measure(
    project: &Project,
    against: &str,
    args: &GateArgs,
    shared: &Shared,
    command: &[OsString],
) -> Result<Gate, CliError> {
    let cache = Cache::open()?;
    let mut console = shared.console();
    console.phase("preparing");
    let left_out: Vec<PathBuf> = args.state.iter().cloned().collect();
    let sides = sides(project, against, &left_out, &cache, &mut console)?;
    let mut head_project = at_gated_sizes(sides.head.project.clone().select(&args.filters)?);
    head_project.gate.inconclusive = project.gate.inconclusive;
    head_project.gate.instructions = project.gate.instructions;
    let asked = Asked { original: project, command };
    let mut arena = prove(&sides.head, sides.base.as_ref(), &head_project, asked, &mut console)?;
    let across = match &arena.base {
        Some(base) => schedule::across((&base.run, &base.groups), (&arena.head.run, &arena.head.groups))
            .map_err(|_| CliError::Interrupted("interrupted before measuring: nothing is lost".to_owned()))?,
        None => Vec::new(),
    };
    let between = Between { base: sides.merge_base.clone(), head: sides.head.commit.clone(), seed: SEED };
    let (mut state, mut notes) = known(args.state.as_deref(), between)?;
    let gated = arena.base.as_ref().map_or_else(Vec::new, |base| gate::gated(&arena.head.run, &base.run));
    enter(&mut state, &gated);
    // One result that differs fails the gate, whatever the times are.
    let differs = gate::breaks_equality(&arena.head.run, arena.base.as_ref().map(|base| &base.run), &across);
    let mut second_looks = Vec::new();
    if differs {
        notes.push("A result differs: no time was measured.".to_owned());
    } else {
        console.phase("measuring");
        fight(&mut state, &arena, &head_project, args.state.as_deref(), &mut console)?;
        let asked_for = head_project.gate.instructions;
        notes.extend(counts::all(asked_for, &mut state, &arena, args.state.as_deref(), &mut console)?);
        let failing = gate::failing(&head_project, &state);
        if !failing.is_empty() {
            console.phase("looking again");
            second_looks = look_again(&failing, &mut state, &arena, &sides, &head_project, asked, &mut console)?;
        }
        measure_floors(&mut arena.head, &head_project, &mut console)?;
    }
    let messages = if sides.dirty { Vec::new() } else { sides.head_messages.clone() };
    let (trailers, unread) = acknowledged::read(&messages);
    notes.extend(unread);
    if sides.dirty && !acknowledged::read(&sides.head_messages).0.is_empty() {
        notes.push(
            "The commit acknowledges a regression, but the working tree has changes since: it does not count.".into(),
        );
    }
    drop(console);
    let head_root = arena.head_root.clone();
    arena.head.shorten_paths(&head_root);
    let facts = Facts {
        project: &head_project,
        head: &arena.head.run,
        base: arena.base.as_ref().map(|base| &base.run),
        across: &across,
        state: &state,
        second_looks: &second_looks,
        acknowledged: &trailers,
        trees: Trees {
            against: sides.against.clone(),
            base: sides.merge_base.clone(),
            head: sides.head_commit.clone(),
            dirty: sides.dirty,
        },
    };
    let mut gate = gate::against(&facts);
    gate.notes.extend(notes);
    gate.notes.extend(sides.base_missing.iter().map(|reason| format!("Nothing to compare with: {reason}.")));
    gate.notes.extend(sides.warnings.iter().map(|warning| format!("{} {}", warning.text, warning.advice)));
    Ok(gate)
}

/// Every workload at the size that its gate names.
fn at_gated_sizes(mut project: Project) -> Project {
    for workload in &mut project.workloads {
        workload.sizes = vec![workload.gate.size];
    }
    project
}

/// The base's project with what the head gates, at the head's sizes.
fn like(mut project: Project, head: &Project) -> Project {
    project.workloads.retain_mut(|workload| {
        let Some(wanted) = head.workloads.iter().find(|wanted| wanted.name == workload.name) else { return false };
        workload.sizes.clone_from(&wanted.sizes);
        workload.implementations.retain(|entry| {
            entry.role == Role::Baseline || wanted.implementations.iter().any(|other| other.name == entry.name)
        });
        true
    });
    project
}

/// Builds both sides and proves each, the base on the head's inputs.
fn prove(
    head_side: &Side,
    base_side: Option<&Side>,
    head_project: &Project,
    Asked { original, command }: Asked,
    console: &mut Console,
) -> Result<Arena, CliError> {
    let plan = schedule::plan(Effort::Quick, None, None);
    let mut watched = vec![original.root.clone(), head_side.root.clone()];
    watched.extend(base_side.map(|side| side.root.clone()));
    let nothing = Inputs::new();
    let ask = Ask { plan, seed: SEED, cases: 0, kept: true, inputs: &nothing, watched: &watched, command };
    console.note("  the head, as the working tree stands");
    let head = session::prove(head_project, ask, console)?;
    let base = match base_side {
        None => None,
        Some(side) => {
            console.note(&format!("  the base, {}", short(&side.commit)));
            let project = like(side.project.clone(), head_project);
            let inputs = head.inputs();
            let ready = session::prove(&project, Ask { kept: false, inputs: &inputs, ..ask }, console);
            Some(ready.map_err(|error| of_base(error, &side.commit))?)
        }
    };
    if let Some(base) = &base {
        apart::refuse_shared(&head.run, &base.run, head_project)?;
    }
    let base_root = base_side.map_or_else(|| head_side.root.clone(), |side| side.root.clone());
    Ok(Arena { head, base, head_root: head_side.root.clone(), base_root })
}

/// An error of the base says that it is one.
fn of_base(error: CliError, commit: &str) -> CliError {
    match error {
        CliError::Interrupted(_) => error,
        other => CliError::CannotMeasure(format!("the base, {}: {other}", short(commit))),
    }
}

fn short(commit: &str) -> &str {
    &commit[..commit.len().min(12)]
}

/// The evidence so far. Evidence about other trees is put aside.
fn known(path: Option<&Path>, between: Between) -> Result<(GateState, Vec<String>), CliError> {
    let found = path.map(GateState::load).transpose()?.flatten();
    Ok(match found {
        Some(state) if state.between == between => {
            let blocks: usize = state.contests.iter().map(|contest| contest.blocks.len()).sum();
            (state, vec![format!("Went on with {blocks} blocks that were measured before.")])
        }
        Some(_) => {
            (GateState::new(between), vec!["The saved evidence is about other trees: it was put aside.".to_owned()])
        }
        None => (GateState::new(between), Vec::new()),
    })
}

/// Gives every gated comparison its place, and keeps the others out.
fn enter(state: &mut GateState, gated: &[(String, String, u64)]) {
    let mut known = std::mem::take(&mut state.contests);
    for (workload, implementation, size) in gated {
        let same = |contest: &Contest| {
            contest.workload == *workload && contest.implementation == *implementation && contest.size == *size
        };
        let at = known.iter().position(same);
        state.contests.push(at.map_or_else(
            || Contest {
                workload: workload.clone(),
                implementation: implementation.clone(),
                size: *size,
                ..Contest::default()
            },
            |at| known.swap_remove(at),
        ));
    }
}

fn limits(project: &Project, comparisons: usize) -> Limits {
    Limits {
        bars: gate::bars(&project.gate, comparisons),
        max_blocks: project.gate.max_blocks,
        max_seconds: project.gate.max_seconds,
    }
}

/// Times every comparison in blocks.
fn fight(
    state: &mut GateState,
    arena: &Arena,
    project: &Project,
    file: Option<&Path>,
    console: &mut Console,
) -> Result<(), CliError> {
    let Some(base) = &arena.base else { return Ok(()) };
    let matches: Vec<Match> = state
        .contests
        .iter()
        .enumerate()
        .filter_map(|(contest, named)| {
            let workload = project.workloads.iter().find(|workload| workload.name == named.workload)?;
            let of = |ready| contestant(ready, &named.workload, &named.implementation);
            Some(Match { contest, margins: gate::margins(workload), base: of(base)?, head: of(&arena.head)? })
        })
        .collect();
    let controls = if packages(base) == packages(&arena.head) { controls(arena, base) } else { Vec::new() };
    let mut random = schedule::coins();
    let mut session = BlockSession {
        random: &mut random,
        save: &mut |state: &GateState| file.map_or(Ok(()), |file| state.save(file)),
        scratch: arena.head.scratch.path(),
        progress: console,
    };
    match schedule::fight(state, &matches, &controls, limits(project, matches.len()), &mut session) {
        Fought::Complete => Ok(()),
        Fought::Interrupted => Err(CliError::Interrupted(match file {
            Some(file) => format!("interrupted; the evidence so far is in {}", file.display()),
            None => "interrupted; with `--state FILE` the evidence would have been kept".to_owned(),
        })),
        Fought::Unsaved(error) => {
            let file = file.map_or_else(String::new, |file| file.display().to_string());
            Err(CliError::Usage(format!("cannot write the evidence to {file}: {error}")))
        }
    }
}

/// An implementation of a side that may be launched.
pub(super) fn contestant<'a>(ready: &'a Ready, workload: &str, implementation: &str) -> Option<Contestant<'a>> {
    ready.groups.iter().find_map(|group| {
        let entry = &ready.run.workloads[group.workload];
        let size = &entry.sizes[group.size];
        let cell = group.cells.iter().find(|cell| size.implementations[cell.implementation].name == implementation)?;
        (entry.name == workload).then_some(Contestant { group, cell })
    })
}

/// The packages that a side's Python has.
fn packages(ready: &Ready) -> Option<(&str, &[String])> {
    ready.run.environment.python.as_ref().map(|python| (python.version.as_str(), python.packages.as_slice()))
}

/// Python baselines that the change does not touch.
fn controls<'a>(arena: &'a Arena, base: &'a Ready) -> Vec<Control<'a>> {
    let mut controls = Vec::new();
    for workload in &arena.head.run.workloads {
        let baseline = |ready: &'a Ready| {
            let entry = ready.run.workloads.iter().find(|entry| entry.name == workload.name)?;
            entry
                .sizes
                .first()?
                .baseline()
                .filter(|cell| cell.runner == RunnerKind::Python && cell.status == Status::Measured)
        };
        let (Some(before), Some(after)) = (baseline(base), baseline(&arena.head)) else { continue };
        let untouched = apart::is_untouched(before, after, &arena.base_root, &arena.head_root);
        let sides =
            (contestant(base, &workload.name, &before.name), contestant(&arena.head, &workload.name, &after.name));
        if let (true, (Some(base), Some(head))) = (untouched, sides) {
            controls.push(Control { workload: workload.name.clone(), base, head });
        }
    }
    controls
}

/// Looks at comparisons of Rust that would fail once more: in a second pair of builds, arranged otherwise in memory.
fn look_again(
    failing: &[usize],
    state: &mut GateState,
    first: &Arena,
    sides: &Sides,
    project: &Project,
    asked: Asked,
    console: &mut Console,
) -> Result<Vec<(usize, Contest)>, CliError> {
    let Some(base) = &sides.base else { return Ok(Vec::new()) };
    let is_rust = |contest: &Contest| {
        let workload = project.workloads.iter().find(|workload| workload.name == contest.workload);
        let entry =
            workload.and_then(|one| one.implementations.iter().find(|entry| entry.name == contest.implementation));
        entry.is_some_and(|entry| matches!(entry.kind, Kind::Hybrid | Kind::Native))
    };
    let doubtful: Vec<counts::Name> = failing
        .iter()
        .map(|index| &state.contests[*index])
        .filter(|one| is_rust(one))
        .map(|one| (one.workload.clone(), one.implementation.clone(), one.size))
        .collect();
    if doubtful.is_empty() {
        return Ok(Vec::new());
    }
    if project.gate.instructions != Instructions::None {
        console.step("counting instructions");
        counts::of(&doubtful, state, first, None, console)?;
    }
    console.note("  Rust got slower: measuring a second pair of builds, arranged otherwise in memory");
    let filters: Vec<String> =
        doubtful.iter().map(|(workload, implementation, _)| format!("{workload}/{implementation}")).collect();
    let salted_head = sides.head.salted(1, console)?;
    let salted_base = base.salted(1, console)?;
    let selected = at_gated_sizes(salted_head.project.clone().select(&filters)?);
    let arena = prove(&salted_head, Some(&salted_base), &selected, asked, console)?;
    let mut again = GateState::new(state.between.clone());
    enter(&mut again, &doubtful);
    fight(&mut again, &arena, &selected, None, console)?;
    let looks = failing.iter().filter_map(|index| {
        let contest = &state.contests[*index];
        let repeated = again
            .contests
            .iter()
            .find(|one| one.workload == contest.workload && one.implementation == contest.implementation)?;
        Some((*index, repeated.clone()))
    });
    Ok(looks.collect())
}

/// Measures the head's workloads that have floors, in rounds.
fn measure_floors(head: &mut Ready, project: &Project, console: &mut Console) -> Result<(), CliError> {
    let has_floors = |name: &str| {
        let workload = project.workloads.iter().find(|workload| workload.name == name);
        workload.is_some_and(|one| !one.gate.min_speedup.is_empty() || !one.gate.min_memory_saving.is_empty())
    };
    let (run, scratch) = (&mut head.run, head.scratch.path());
    let (mut floored, rest): (Vec<_>, Vec<_>) =
        std::mem::take(&mut head.groups).into_iter().partition(|group| has_floors(&run.workloads[group.workload].name));
    head.groups = rest;
    if floored.is_empty() {
        return Ok(());
    }
    console.phase("measuring floors");
    run.plan = schedule::plan(Effort::Quick, Some(FLOOR_ROUNDS), None);
    let started = Instant::now();
    let mut session =
        Session { clock: &|| started.elapsed().as_secs_f64(), save: &mut |_| Ok(()), scratch, progress: console };
    let measured = schedule::measure(run, &mut floored, &mut session);
    analyse(run);
    match measured {
        Measured::Interrupted => Err(CliError::Interrupted("interrupted while floors were measured".to_owned())),
        Measured::Complete | Measured::Unsaved(_) => Ok(()),
    }
}
