//! The working tree against a commit: two sides, proved, timed in blocks.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

use sha2::{Digest, Sha256};

use super::{GateArgs, acknowledged, apart, control, counts};
use crate::analysis::analyse;
use crate::cli::Shared;
use crate::cli::console::Console;
use crate::cli::error::CliError;
use crate::cli::session::{self, Ask, Ready};
use crate::evidence::{Between, Block, Contest, Effort, GateState, Kind, Peaks, Role, Status};
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
    pub head_root: PathBuf,
    pub base_root: PathBuf,
    /// Workloads whose baseline both manifests have called in the same way.
    pub called_alike: Vec<String>,
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
    let (mut state, mut notes) = known(args.state.as_deref(), between(&sides, &arena), &head_project)?;
    let messages = if sides.dirty { Vec::new() } else { sides.head_messages.clone() };
    let (trailers, unread) = acknowledged::read(&messages);
    let gated = arena.base.as_ref().map_or_else(Vec::new, |base| gate::gated(&arena.head.run, &base.run));
    // One result that differs fails the gate, whatever the times are.
    let base_run = arena.base.as_ref().map(|base| &base.run);
    let differs = gate::breaks_equality(&arena.head.run, base_run, &across, &trailers);
    if !differs {
        refuse_others(&state, &gated, args.state.as_deref())?;
    }
    enter(&mut state, &gated);
    let untouched = control::untouched(&arena);
    let mut second_looks = Vec::new();
    if differs {
        notes.push("A result differs: no time was measured.".to_owned());
    } else {
        console.phase("measuring");
        let file = args.state.as_deref();
        fight(&mut state, &arena, &head_project, &control::controls(&arena), Look::First, file, &mut console)?;
        weigh_memory(&mut state, &arena, &head_project, file, &mut console)?;
        let asked_for = head_project.gate.instructions;
        notes.extend(counts::all(asked_for, &mut state, &arena, file, &mut console)?);
        let failing = gate::failing(&head_project, &state);
        if !failing.is_empty() {
            console.phase("looking again");
            second_looks = look_again(&failing, &mut state, &arena, &sides, &head_project, asked, &mut console)?;
        }
        measure_floors(&mut arena.head, &head_project, &mut console)?;
    }
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
        untouched: &untouched,
        acknowledged: &trailers,
        moved_from: sides.base_moved.as_deref(),
        trees: Trees {
            against: sides.against.clone(),
            base: sides.merge_base.clone(),
            head: sides.head_commit.clone(),
            dirty: sides.dirty,
        },
    };
    let mut gate = gate::against(&facts);
    gate.notes.extend(notes);
    gate.notes.extend(sides.base.as_ref().and_then(|base| gone(&base.project, &sides.head.project)));
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
    let ask = Ask { plan, seed: SEED, cases: 0, inputs: &nothing, watched: &watched, probed: false, command };
    console.note("  the head, as the working tree stands");
    let head = session::prove(head_project, ask, console)?;
    let base = match base_side {
        None => None,
        Some(side) => {
            console.note(&format!("  the base, {}", short(&side.commit)));
            let project = like(side.project.clone(), head_project);
            let inputs = head.inputs();
            let ready = session::prove(&project, Ask { inputs: &inputs, ..ask }, console);
            Some(ready.map_err(|error| of_base(error, &side.commit))?)
        }
    };
    if let Some(base) = &base {
        apart::refuse_shared(&head.run, &base.run, head_project, &original.root)?;
    }
    let base_root = base_side.map_or_else(|| head_side.root.clone(), |side| side.root.clone());
    let is_called_alike =
        |name: &&String| base_side.is_some_and(|side| apart::is_called_alike(&side.project, head_project, name));
    let names = head_project.workloads.iter().map(|workload| &workload.name);
    let called_alike = names.filter(is_called_alike).cloned().collect();
    Ok(Arena { head, base, head_root: head_side.root.clone(), base_root, called_alike })
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

/// What the evidence of a gate is about.
fn between(sides: &Sides, arena: &Arena) -> Between {
    let environment = &arena.head.run.environment;
    let python = environment.python.iter().map(|it| format!("{} {} ({})", it.implementation, it.version, it.build));
    let flags = environment.rust.iter().map(|rust| rust.flags.join(" ")).filter(|flags| !flags.is_empty());
    let installed = arena.base.iter().chain([&arena.head]).map(|side| &side.run.environment.python);
    let mut digest = Sha256::new();
    for package in installed.flatten().flat_map(|python| &python.packages) {
        digest.update(package);
        digest.update([0]);
    }
    let Side { root, project, .. } = &sides.head;
    let folder = project.apart.as_ref().and_then(|apart| root.strip_prefix(&apart.tree).ok()).unwrap_or(root);
    let packages = digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>();
    let tools = [format!("rustworthy {}", env!("CARGO_PKG_VERSION"))].into_iter();
    let tools =
        tools.chain(python).chain(environment.rustc.clone()).chain(flags).chain([format!("packages {packages}")]);
    Between {
        base: sides.merge_base.clone(),
        head: sides.head.commit.clone(),
        seed: SEED,
        project: format!("{} in {}", sides.head.project.name, folder.display()),
        tools: tools.collect::<Vec<_>>().join("; "),
    }
}

/// What the head's manifest has no longer: nothing judges it.
fn gone(base: &Project, head: &Project) -> Option<String> {
    let mut gone = Vec::new();
    for workload in &base.workloads {
        let Some(other) = head.workloads.iter().find(|other| other.name == workload.name) else {
            gone.push(workload.name.clone());
            continue;
        };
        let is_there = |name: &str| other.implementations.iter().any(|entry| entry.name == name);
        let entries = workload.implementations.iter().filter(|entry| entry.role == Role::Candidate);
        let lost = entries.filter(|entry| !is_there(&entry.name));
        gone.extend(lost.map(|entry| format!("{}/{}", workload.name, entry.name)));
    }
    (!gone.is_empty()).then(|| format!("The head has no longer, and nothing judges: {}.", gone.join(", ")))
}

/// The evidence so far. Evidence about other builds is put aside, and so is that of a machine that moved: it decided
/// nothing, and would decide nothing for ever.
fn known(path: Option<&Path>, between: Between, project: &Project) -> Result<(GateState, Vec<String>), CliError> {
    let found = path.map(GateState::load).transpose()?.flatten();
    Ok(match found {
        Some(state) if state.between == between && gate::has_control_moved(project, &state) => (
            GateState::new(between),
            vec!["The machine had moved while the saved evidence was measured: it was put aside.".to_owned()],
        ),
        Some(state) if state.between == between => {
            let blocks: usize = state.contests.iter().map(|contest| contest.blocks.len()).sum();
            (state, vec![format!("Went on with {blocks} blocks that were measured before.")])
        }
        Some(_) => (
            GateState::new(between),
            vec![
                "The saved evidence is about other trees, or about builds by other tools: it was put aside.".to_owned(),
            ],
        ),
        None => (GateState::new(between), Vec::new()),
    })
}

/// Refuses to go on with evidence of other comparisons: how many there are is fixed before the first block, else what a
/// gate that fails by chance is held to would follow from what was seen.
fn refuse_others(state: &GateState, gated: &[(String, String, u64)], file: Option<&Path>) -> Result<(), CliError> {
    if state.contests.iter().all(|contest| contest.blocks.is_empty()) {
        return Ok(());
    }
    let name = |workload: &str, implementation: &str, size: u64| format!("{workload}/{implementation} at {size}");
    let theirs: Vec<String> =
        state.contests.iter().map(|one| name(&one.workload, &one.implementation, one.size)).collect();
    let ours: Vec<String> = gated.iter().map(|(workload, one, size)| name(workload, one, *size)).collect();
    let beyond = |some: &[String], others: &[String]| {
        let beyond: Vec<&str> = some.iter().filter(|one| !others.contains(one)).map(String::as_str).collect();
        if beyond.is_empty() { "none".to_owned() } else { beyond.join(", ") }
    };
    let (left_out, new) = (beyond(&theirs, &ours), beyond(&ours, &theirs));
    if (left_out.as_str(), new.as_str()) == ("none", "none") {
        return Ok(());
    }
    Err(CliError::Usage(format!(
        "the evidence in {} is of other comparisons than are asked for\n  only there: {left_out}; only here: {new}\n  \
         their number decides how much evidence it takes, and is fixed before the first block: give the filters of then, or \
         another file by `--state`",
        file.map_or_else(String::new, |file| file.display().to_string()),
    )))
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

/// Which look at the comparisons it is.
#[derive(Clone, Copy)]
enum Look<'a> {
    First,
    /// At those that would fail, in their order, by what these blocks show.
    Again(&'a [Contest]),
}

/// The comparisons, bound to what launches them.
fn matches<'a>(state: &GateState, arena: &'a Arena, project: &Project, look: Look) -> Vec<Match<'a>> {
    let bound = |(contest, named): (usize, &Contest)| {
        let workload = project.workloads.iter().find(|workload| workload.name == named.workload)?;
        let of = |ready| contestant(ready, &named.workload, &named.implementation);
        let (base, head) = (of(arena.base.as_ref()?)?, of(&arena.head)?);
        let own = gate::margins(workload);
        let margins = match look {
            Look::First => own,
            Look::Again(first) => gate::margins_again(own, &first.get(contest)?.blocks),
        };
        Some(Match { contest, margins, base, head })
    };
    state.contests.iter().enumerate().filter_map(bound).collect()
}

/// Times every comparison in blocks.
fn fight(
    state: &mut GateState,
    arena: &Arena,
    project: &Project,
    controls: &[Control],
    look: Look,
    file: Option<&Path>,
    console: &mut Console,
) -> Result<(), CliError> {
    let matches = matches(state, arena, project, look);
    let limits = limits(project, matches.len());
    in_session(arena, file, console, |session| schedule::fight(state, &matches, controls, limits, session))
}

/// Measures what every comparison needs of memory, where no result has differed.
fn weigh_memory(
    state: &mut GateState,
    arena: &Arena,
    project: &Project,
    file: Option<&Path>,
    console: &mut Console,
) -> Result<(), CliError> {
    if state.contests.iter().any(|contest| contest.diverged.is_some()) {
        return Ok(());
    }
    console.phase("measuring memory");
    let (matches, comparisons) = (matches(state, arena, project, Look::First), state.contests.len());
    let settled = |peaks: &Peaks| gate::is_memory_settled(project, peaks, comparisons);
    in_session(arena, file, console, |session| schedule::peaks(state, &matches, &settled, session))
}

/// Measures, with the evidence kept in the file, if there is one.
fn in_session(
    arena: &Arena,
    file: Option<&Path>,
    console: &mut Console,
    measure: impl FnOnce(&mut BlockSession) -> Fought,
) -> Result<(), CliError> {
    let fought = measure(&mut BlockSession {
        random: &mut schedule::coins(),
        save: &mut |state: &GateState| file.map_or(Ok(()), |file| state.save(file)),
        scratch: arena.head.scratch.path(),
        progress: console,
    });
    match fought {
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

/// An implementation on one side; `None` where it may not be timed there.
pub(super) fn contestant<'a>(ready: &'a Ready, workload: &str, implementation: &str) -> Option<Contestant<'a>> {
    ready.groups.iter().find_map(|group| {
        let entry = &ready.run.workloads[group.workload];
        let size = &entry.sizes[group.size];
        let cell = group.cells.iter().find(|cell| size.implementations[cell.implementation].name == implementation)?;
        (entry.name == workload).then_some(Contestant { group, cell })
    })
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
    let mut doubtful: Vec<Contest> =
        failing.iter().map(|index| &state.contests[*index]).filter(|one| is_rust(one)).cloned().collect();
    if !doubtful.is_empty() && project.gate.instructions != Instructions::None {
        console.step("counting instructions");
        counts::of(&names(&doubtful), state, first, None, console)?;
        // What has as many instructions as before is a matter of layout already.
        doubtful.retain(|one| !gate::has_as_many_instructions(state, one));
    }
    if doubtful.is_empty() {
        return Ok(Vec::new());
    }
    console.note("  Rust got slower: measuring a second pair of builds, arranged otherwise in memory");
    let again = match repeat(&doubtful, base, sides, asked, console) {
        Ok(again) => again,
        Err(CliError::Interrupted(text)) => return Err(CliError::Interrupted(text)),
        // What was measured stands, whatever keeps the second pair from being built: it is a block that does not count.
        Err(error) => {
            let reason: Vec<String> = error.to_string().lines().take(4).map(|line| line.trim().to_owned()).collect();
            let void = Block { void: Some(reason.join("; ")), ..Block::default() };
            let unmeasured = |one: &Contest| Contest { blocks: vec![void.clone()], ..one.clone() };
            doubtful.iter().map(unmeasured).collect()
        }
    };
    let looks = failing.iter().filter_map(|index| {
        let contest = &state.contests[*index];
        let repeated = again
            .iter()
            .find(|one| one.workload == contest.workload && one.implementation == contest.implementation)?;
        Some((*index, repeated.clone()))
    });
    Ok(looks.collect())
}

fn names(contests: &[Contest]) -> Vec<counts::Name> {
    contests.iter().map(|one| (one.workload.clone(), one.implementation.clone(), one.size)).collect()
}

/// Times comparisons in a second pair of builds.
fn repeat(
    doubtful: &[Contest],
    base: &Side,
    sides: &Sides,
    asked: Asked,
    console: &mut Console,
) -> Result<Vec<Contest>, CliError> {
    let wanted: Vec<(&str, &str)> =
        doubtful.iter().map(|one| (one.workload.as_str(), one.implementation.as_str())).collect();
    let salted_head = sides.head.salted(1, console)?;
    let salted_base = base.salted(1, console)?;
    let selected = at_gated_sizes(salted_head.project.clone().only(&wanted));
    let arena = prove(&salted_head, Some(&salted_base), &selected, asked, console)?;
    let mut again = GateState::new(Between::default());
    enter(&mut again, &names(doubtful));
    // Another arrangement in memory is no reason to give another result.
    for (workload, _, entry) in arena.head.run.cells().filter(|(_, _, entry)| entry.status == Status::Differs) {
        let contest = again
            .contests
            .iter_mut()
            .find(|contest| contest.workload == workload.name && contest.implementation == entry.name);
        if let Some(contest) = contest {
            contest.diverged = Some(entry.detail.clone().unwrap_or_default());
        }
    }
    if again.contests.iter().all(|contest| contest.diverged.is_none()) {
        fight(&mut again, &arena, &selected, &[], Look::Again(doubtful), None, console)?;
    }
    Ok(again.contests)
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
    for group in &mut floored {
        let measured = &run.workloads[group.workload];
        let gate = project.workloads.iter().find(|workload| workload.name == measured.name).map(|one| &one.gate);
        let is_held = |name: &str| {
            gate.is_some_and(|gate| gate.min_speedup.contains_key(name) || gate.min_memory_saving.contains_key(name))
        };
        let cells = &measured.sizes[group.size].implementations;
        group.cells.retain(|cell| {
            let entry = &cells[cell.implementation];
            entry.role == Role::Baseline || is_held(&entry.name)
        });
    }
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
