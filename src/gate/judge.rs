//! From evidence to a decision: pure functions over blocks, statuses and the manifest's policy.

use std::path::Path;

use super::document::{
    Acknowledged, BlockEvidence, Change, Check, ControlSummary, GATE_SCHEMA, Gate, Mode, Outcome, Rules, Topic, Trees,
};
use super::floors::{beside_the_base, floors};
use super::instructions::{instructions, unchanged};
use super::memory::memory;
use super::words;
use crate::analysis::sequential::{
    Bars, Margins, Standing, Weighed, holm, middle, power, two_sided_log_e_of, visible, weigh,
};
use crate::evidence::{Block, Contest, Counts, GateState, Implementation, Kind, Role, Run, Status, Tool};
use crate::manifest::{self, GateRules, Inconclusive, Instructions, Project};
use crate::units;

/// The probability that the control moves on a machine that does not.
const CONTROL_ALPHA: f64 = 0.01;

/// What was seen of a comparison besides its blocks.
#[derive(Clone, Copy)]
struct Look<'a> {
    /// Instructions of its calls.
    counts: Option<&'a Counts>,
    /// Blocks of a second pair of builds.
    repeated: Option<&'a Contest>,
}

/// Everything that a gate against a commit rests on.
pub struct Facts<'a> {
    /// The head's project: its policy counts.
    pub project: &'a Project,
    /// The head, checked and, where floors ask for it, measured.
    pub head: &'a Run,
    /// The base, checked; `None` where the base has no project.
    pub base: Option<&'a Run>,
    /// By workload, how the base's result differs from the head's.
    pub across: &'a [(String, String)],
    /// The blocks, and the instructions that were counted.
    pub state: &'a GateState,
    /// A second look at comparisons that would fail: by contest, what blocks of a second pair of builds, with another salt,
    /// came to.
    pub second_looks: &'a [(usize, Contest)],
    /// Workloads whose baseline the change does not touch.
    pub untouched: &'a [String],
    /// Trailers of the head's commit.
    pub acknowledged: &'a [Acknowledged],
    /// Where the base's manifest lies, if the change moved it: then there was a project to compare with.
    pub moved_from: Option<&'a Path>,
    /// The trees.
    pub trees: Trees,
}

/// The comparisons of time that a gate makes: every candidate that was called with success on both sides.
pub fn gated(head: &Run, base: &Run) -> Vec<(String, String, u64)> {
    let mut found = Vec::new();
    for (workload, size, entry) in head.cells() {
        let other = find(base, &workload.name, size.size, &entry.name);
        // What nothing could compare is never gated: its speed may be that of something else.
        let agrees = |entry: &Implementation| entry.status == Status::Measured;
        if entry.role == Role::Candidate && agrees(entry) && other.is_some_and(agrees) {
            found.push((workload.name.clone(), entry.name.clone(), size.size));
        }
    }
    found
}

/// The implementations whose instructions are told where all are: baselines, hybrids and natives that were called with success
/// on both sides.
pub fn counted(head: &Run, base: &Run) -> Vec<(String, String, u64)> {
    let mut found = Vec::new();
    for (workload, size, entry) in head.cells() {
        let other = find(base, &workload.name, size.size, &entry.name);
        let agrees = |entry: &Implementation| entry.status == Status::Measured;
        let is_told = entry.role == Role::Baseline || matches!(entry.kind, Kind::Hybrid | Kind::Native);
        if is_told && agrees(entry) && other.is_some_and(agrees) {
            found.push((workload.name.clone(), entry.name.clone(), size.size));
        }
    }
    found
}

fn find<'r>(run: &'r Run, workload: &str, size: u64, name: &str) -> Option<&'r Implementation> {
    let sizes = run.workloads.iter().filter(|entry| entry.name == workload).flat_map(|entry| &entry.sizes);
    sizes.filter(|entry| entry.size == size).flat_map(|entry| &entry.implementations).find(|entry| entry.name == name)
}

/// The bars of a gate with so many comparisons.
pub fn bars(rules: &GateRules, comparisons: usize) -> Bars {
    Bars { fail: comparisons.max(1) as f64 / rules.alpha, pass: 1.0 / rules.beta }
}

/// The margins of a workload.
pub fn margins(workload: &manifest::Workload) -> Margins {
    Margins { harmless: workload.gate.harmless, must_catch: workload.gate.must_catch }
}

/// What a second pair of builds is held to: it shows the slow-down where it lies beyond what is harmless, too, and does not
/// where it is less than half of what the first pair shows. What takes 4 % more in both is no matter of layout.
pub fn margins_again(own: Margins, first: &[Block]) -> Margins {
    let shown = middle(first.iter().filter_map(|block| block.log_ratio).collect()).map_or(0.0, f64::exp_m1);
    Margins { must_catch: (shown / 2.0).clamp(1.5 * own.harmless, own.must_catch.max(1.5 * own.harmless)), ..own }
}

/// Which comparisons would fail by their blocks: at the bar, or at the end by Holm's rule.
pub fn failing(project: &Project, state: &GateState) -> Vec<usize> {
    let bars = bars(&project.gate, state.contests.len());
    let weighed: Vec<Weighed> = state.contests.iter().map(|contest| weigh_contest(project, contest, bars)).collect();
    failing_of(&weighed, project.gate.alpha)
}

fn failing_of(weighed: &[Weighed], alpha: f64) -> Vec<usize> {
    let open: Vec<usize> = (0..weighed.len()).filter(|index| weighed[*index].standing != Standing::Passed).collect();
    let log_es: Vec<f64> = open.iter().map(|index| weighed[*index].fail_log_e).collect();
    let fails = holm(&log_es, weighed.len(), alpha);
    open.into_iter().zip(fails).filter_map(|(index, fails)| fails.then_some(index)).collect()
}

fn weigh_contest(project: &Project, contest: &Contest, bars: Bars) -> Weighed {
    let margins = workload_of(project, &contest.workload).map_or(Margins { harmless: 0.01, must_catch: 0.05 }, margins);
    weigh(&contest.blocks, margins, bars)
}

fn workload_of<'p>(project: &'p Project, name: &str) -> Option<&'p manifest::Workload> {
    project.workloads.iter().find(|workload| workload.name == name)
}

/// Whether a result differs that did not before, and that nobody accepted: then no time is worth measuring.
pub fn breaks_equality(
    head: &Run,
    base: Option<&Run>,
    across: &[(String, String)],
    acknowledged: &[Acknowledged],
) -> bool {
    across.iter().any(|(workload, _)| !accepts_result(acknowledged, head, workload))
        || equality(head, base).iter().any(|check| check.outcome == Outcome::Fail)
}

/// Decides a gate against a commit.
pub fn against(facts: &Facts) -> Gate {
    let Facts { project, state, .. } = facts;
    let bars = bars(&project.gate, state.contests.len());
    let control = control(project, state);
    let moved = control.as_ref().is_some_and(|control| control.moved);
    let weighed: Vec<Weighed> = state.contests.iter().map(|contest| weigh_contest(project, contest, bars)).collect();
    let failing = failing_of(&weighed, project.gate.alpha);
    let mut checks = equality(facts.head, facts.base);
    changed_results(&mut checks, facts);
    strayed(&mut checks, facts);
    let counts = wanted_counts(facts);
    for (index, (contest, weighed)) in state.contests.iter().zip(&weighed).enumerate() {
        let look = Look {
            counts: counts
                .iter()
                .find(|counts| counts.are_of(&contest.workload, &contest.implementation, contest.size)),
            repeated: facts.second_looks.iter().find(|(at, _)| *at == index).map(|(_, repeated)| repeated),
        };
        checks.push(time_check(project, contest, weighed, failing.contains(&index), moved, look, bars));
    }
    checks.extend(state.memory.iter().map(|peaks| memory(project, peaks, state.contests.len())));
    checks.extend(counts.iter().map(instructions));
    checks.extend(without_base(facts));
    for workload in &project.workloads {
        let held = floors(facts.head, workload).into_iter();
        checks.extend(held.map(|check| beside_the_base(check, facts, &weighed)));
    }
    let mut acknowledged = facts.acknowledged.to_vec();
    acknowledge(&mut checks, &mut acknowledged);
    let mut notes = Vec::new();
    if let Some(control) = control.as_ref().filter(|control| control.moved) {
        notes.push(format!(
            "The machine moved: Python that this change does not touch differs by {} between base and head. No \
             comparison of time is decided; run the gate again.",
            words::percent(control.estimate.unwrap_or(0.0)),
        ));
    }
    notes.extend(blind(&checks));
    let known = checks.iter().filter(|check| check.label.as_deref() == Some("known")).count();
    if known > 0 {
        let what = if known == 1 {
            "One implementation differs or fails".to_owned()
        } else {
            format!("{known} implementations differ or fail")
        };
        notes.push(format!(
            "{what} as on the base, which this change is not to blame for: `rustworthy check` shows it."
        ));
    }
    let measure_s = state.contests.iter().flat_map(|contest| &contest.blocks).map(|block| block.seconds).sum::<f64>()
        + state.control.iter().map(|one| one.block.seconds).sum::<f64>();
    let mut gate = blank(project, Mode::Against, state.contests.len());
    gate.between = Some(facts.trees.clone());
    gate.control = control;
    gate.acknowledged = acknowledged;
    gate.notes = notes;
    gate.measure_s = measure_s;
    settle_heard(gate, checks, project)
}

/// The document with its checks and its decision. Where no candidate could be held against anything, that is no pass: what
/// was skipped is open then.
fn settle_heard(mut gate: Gate, mut checks: Vec<Check>, project: &Project) -> Gate {
    let is_candidate = |check: &Check| {
        let mut entries = workload_of(project, &check.workload).into_iter().flat_map(|one| &one.implementations);
        entries.any(|entry| entry.role == Role::Candidate && entry.name == check.implementation)
    };
    let has_candidates =
        project.workloads.iter().any(|one| one.implementations.iter().any(|entry| entry.role == Role::Candidate));
    let is_heard = checks.iter().any(|check| check.outcome != Outcome::Skipped && is_candidate(check));
    if is_heard || !has_candidates {
        return settle(gate, checks);
    }
    for check in checks.iter_mut().filter(|check| check.topic == Topic::Equality && is_candidate(check)) {
        check.outcome = Outcome::Inconclusive;
    }
    let why =
        "Nothing was judged: no candidate could be held against anything, each for its own reason. That is no pass.";
    gate.notes.insert(0, why.to_owned());
    let settled = settle(gate, checks);
    let verdict = if settled.verdict == Outcome::Pass { Outcome::Inconclusive } else { settled.verdict };
    Gate { verdict, ..settled }
}

/// The counts that are asked for now: an earlier job may have counted more.
fn wanted_counts(facts: &Facts) -> Vec<Counts> {
    let is_wanted = |counts: &&Counts| {
        let entry = find(facts.head, &counts.workload, counts.size, &counts.implementation);
        facts.project.gate.instructions != Instructions::None && entry.is_some()
    };
    facts.state.counts.iter().filter(is_wanted).cloned().collect()
}

/// Decides a gate of a saved run: equality and floors.
pub fn saved(project: &Project, run: &Run) -> Gate {
    let known = |check: &Check| {
        workload_of(project, &check.workload).is_some_and(|workload| {
            check.size == workload.gate.size
                && workload.implementations.iter().any(|entry| entry.name == check.implementation)
        })
    };
    let mut checks: Vec<Check> = equality(run, None).into_iter().filter(known).collect();
    for workload in &project.workloads {
        if run.workloads.iter().all(|entry| entry.name != workload.name) {
            let text = format!("run {} did not measure it", run.id);
            checks.push(check(&workload.name, "baseline", workload.gate.size, Topic::Equality, Outcome::Skipped, text));
        } else {
            let size = workload.gate.size;
            let is_there = |name: &str| find(run, &workload.name, size, name).is_some();
            for entry in workload.implementations.iter().filter(|entry| !is_there(&entry.name)) {
                let text = format!("run {} did not measure it at size {}", run.id, units::count(size));
                checks.push(check(&workload.name, &entry.name, size, Topic::Equality, Outcome::Skipped, text));
            }
        }
        checks.extend(floors(run, workload));
    }
    let mut gate = blank(project, Mode::Floors, 0);
    gate.runs = vec![run.id.clone()];
    if !run.complete {
        gate.notes.push("The run was cut off: what it did not measure is not judged.".to_owned());
    }
    settle_heard(gate, checks, project)
}

/// A document without checks.
pub(super) fn blank(project: &Project, mode: Mode, comparisons: usize) -> Gate {
    let rules = &project.gate;
    let bars = bars(rules, comparisons);
    Gate {
        schema: GATE_SCHEMA.to_owned(),
        created: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        tool: Tool { version: env!("CARGO_PKG_VERSION").to_owned() },
        project: project.name.clone(),
        manifest: manifest::FILE_NAME.to_owned(),
        mode,
        verdict: Outcome::Pass,
        inconclusive: match rules.inconclusive {
            Inconclusive::Pass => "pass",
            Inconclusive::Fail => "fail",
        }
        .to_owned(),
        between: None,
        runs: Vec::new(),
        rules: Rules {
            alpha: rules.alpha,
            beta: rules.beta,
            comparisons: comparisons as u64,
            fail_at: bars.fail,
            pass_at: bars.pass,
            max_blocks: rules.max_blocks,
            max_seconds: rules.max_seconds,
        },
        checks: Vec::new(),
        control: None,
        acknowledged: Vec::new(),
        notes: Vec::new(),
        measure_s: 0.0,
    }
}

/// The document with its checks and its decision: equality outranks everything, then failures, then doubt.
pub(super) fn settle(mut gate: Gate, mut checks: Vec<Check>) -> Gate {
    checks.sort_by_key(|check| (check.topic != Topic::Equality, severity(check.outcome)));
    gate.checks = checks;
    let fails = gate.with(Outcome::Fail).any(|check| check.acknowledged.is_none());
    let open = gate.with(Outcome::Inconclusive).next().is_some();
    let moved = gate.control.as_ref().is_some_and(|control| control.moved);
    gate.verdict = match (fails, open || moved) {
        (true, _) => Outcome::Fail,
        (false, true) => Outcome::Inconclusive,
        (false, false) => Outcome::Pass,
    };
    gate
}

fn severity(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Fail => 0,
        Outcome::Inconclusive => 1,
        Outcome::Pass => 2,
        Outcome::Skipped => 3,
    }
}

pub(super) fn check(
    workload: &str,
    implementation: &str,
    size: u64,
    topic: Topic,
    outcome: Outcome,
    text: impl Into<String>,
) -> Check {
    Check {
        workload: workload.to_owned(),
        implementation: implementation.to_owned(),
        size,
        topic,
        outcome,
        text: text.into(),
        line: None,
        change: None,
        blocks: None,
        counts: None,
        label: None,
        acknowledged: None,
    }
}

/// Whether each candidate agrees with its baseline. What differs or fails on the base in the very same way is known: a
/// change is not to blame for what it found.
pub(super) fn equality(run: &Run, base: Option<&Run>) -> Vec<Check> {
    let each = run.cells().map(|(workload, size, entry)| {
        let before = base.and_then(|base| find(base, &workload.name, size.size, &entry.name));
        let is_known = before.is_some_and(|before| before.status == entry.status && before.detail == entry.detail);
        let detail = entry.detail.clone().unwrap_or_default();
        let (outcome, text) = match (entry.status, entry.role) {
            (Status::Measured, Role::Baseline) => {
                (Outcome::Pass, "gives the result that candidates are held to".to_owned())
            }
            (Status::Measured, Role::Candidate) => (Outcome::Pass, "agrees with the baseline".to_owned()),
            (Status::Unverified, _) => (Outcome::Skipped, format!("unverified: {detail}")),
            (Status::Skipped, _) => (Outcome::Skipped, detail),
            (Status::Differs, _) if is_known => {
                (Outcome::Skipped, format!("differs from the baseline, as on the base: {detail}"))
            }
            (Status::Failed, _) if is_known => (Outcome::Skipped, format!("failed, as on the base: {detail}")),
            (Status::Differs, _) => (Outcome::Fail, format!("differs from the baseline: {detail}")),
            (Status::Failed, _) => (Outcome::Fail, format!("failed: {detail}")),
        };
        let is_fault = matches!(entry.status, Status::Differs | Status::Failed);
        let label = (is_known && is_fault).then(|| "known".to_owned());
        Check { label, ..check(&workload.name, &entry.name, size.size, Topic::Equality, outcome, text) }
    });
    each.collect()
}

/// A head whose baseline gives another result than the base's did.
fn changed_results(checks: &mut [Check], facts: &Facts) {
    for (workload, difference) in facts.across {
        let baseline = facts.head.workloads.iter().find(|entry| entry.name == *workload);
        let name = baseline.and_then(|entry| entry.sizes.first()?.baseline()).map(|entry| entry.name.clone());
        let found =
            checks.iter_mut().find(|check| check.workload == *workload && Some(&check.implementation) == name.as_ref());
        if let Some(check) = found.filter(|check| check.outcome == Outcome::Pass) {
            check.outcome = Outcome::Fail;
            check.text = format!("the result changed between base and head: {difference}");
            check.label = Some("changed".to_owned());
        }
    }
}

/// Heads whose result differed while they were timed, or in a second pair of builds.
fn strayed(checks: &mut Vec<Check>, facts: &Facts) {
    let second = facts.second_looks.iter().map(|(_, repeated)| (repeated, "in a second pair of builds"));
    for (contest, when) in facts.state.contests.iter().map(|contest| (contest, "while it was timed")).chain(second) {
        let Contest { workload, implementation, size, diverged: Some(difference), .. } = contest else { continue };
        let text = format!("its result differed {when}: {difference}");
        let name = (workload, implementation, size);
        let found = checks.iter_mut().find(|check| name == (&check.workload, &check.implementation, &check.size));
        match found {
            Some(found) => (found.outcome, found.text, found.label) = (Outcome::Fail, text, None),
            None => checks.push(check(workload, implementation, *size, Topic::Equality, Outcome::Fail, text)),
        }
    }
}

fn time_check(
    project: &Project,
    contest: &Contest,
    weighed: &Weighed,
    fails: bool,
    moved: bool,
    look: Look,
    bars: Bars,
) -> Check {
    let rules = &project.gate;
    let margins = workload_of(project, &contest.workload).map_or(Margins { harmless: 0.01, must_catch: 0.05 }, margins);
    let change = weighed.ratio.map(|ratio| Change {
        estimate: ratio - 1.0,
        low: weighed.low.map(|low| low - 1.0),
        high: weighed.high.map(|high| high - 1.0),
        limit: Some(margins.must_catch),
    });
    let shown = change.as_ref().map_or_else(|| "not measured".to_owned(), words::change);
    let void = contest.blocks.iter().filter(|block| block.void.is_some()).count();
    let mut label = None;
    let (outcome, text) = if contest.diverged.is_some() {
        (Outcome::Skipped, "not timed to its end: a result differs, which outranks every time".to_owned())
    } else if contest.blocks.is_empty() {
        (Outcome::Skipped, "not measured: a result differs, which outranks every time".to_owned())
    } else if moved {
        (Outcome::Inconclusive, format!("{shown}, but the control moved, too"))
    } else if fails {
        match layout(look, margins_again(margins, &contest.blocks), Bars { fail: 1.0 / rules.alpha, ..bars }) {
            Some(reason) => {
                label = Some("layout".to_owned());
                (Outcome::Inconclusive, format!("layout? {shown}, but {reason}"))
            }
            None => (
                Outcome::Fail,
                format!(
                    "slower by {shown}: more than the {} that is harmless (E = {} of {})",
                    units::share(margins.harmless),
                    words::evidence(of_log(weighed.fail_log_e)),
                    words::evidence(bars.fail),
                ),
            ),
        }
    } else if weighed.standing == Standing::Passed {
        (Outcome::Pass, format!("{shown}: not slower by {}", units::share(margins.must_catch)))
    } else {
        (Outcome::Inconclusive, format!("{shown}: {}", why_open(contest, weighed, rules)))
    };
    let seen = weighed.spread.filter(|_| weighed.blocks >= 5);
    let blocks = BlockEvidence {
        counted: weighed.blocks,
        void: u32::try_from(void).unwrap_or(u32::MAX),
        harmless: margins.harmless,
        must_catch: margins.must_catch,
        fail_e: of_log(weighed.fail_log_e),
        pass_e: of_log(weighed.pass_log_e),
        spread: weighed.spread,
        power: seen.map(|spread| power(margins.must_catch, spread, margins, bars, rules.max_blocks)),
        visible: seen.and_then(|spread| visible(spread, margins, bars, rules.max_blocks)),
        seconds: contest.blocks.iter().map(|block| block.seconds).sum(),
    };
    let outcome_text = check(&contest.workload, &contest.implementation, contest.size, Topic::Time, outcome, text);
    Check { change, blocks: Some(blocks), label, ..outcome_text }
}

/// Evidence from its logarithm; what is too large to be written is the largest number.
fn of_log(log_e: f64) -> f64 {
    log_e.exp().min(f64::MAX)
}

/// Why a failure of wall time is of the machine code's place in memory, as far as can be told (rule: instructions that
/// did not change, or a second pair of builds that does not show it).
///
/// By then it is a single comparison: `alone` needs no correction for the others.
fn layout(look: Look, margins: Margins, alone: Bars) -> Option<String> {
    if let Some(change) = look.counts.and_then(unchanged) {
        return Some(format!("a call has as many instructions as before ({})", words::percent(change)));
    }
    let repeated = look.repeated?;
    let again = weigh(&repeated.blocks, margins, alone);
    if again.blocks == 0 {
        let why = repeated.blocks.iter().rev().find_map(|block| block.void.as_deref());
        let why = why.unwrap_or("it may not be timed there");
        return Some(format!("a second pair of builds with another layout could not be measured: {why}"));
    }
    let shown = words::percent(again.ratio.unwrap_or(1.0) - 1.0);
    match again.standing {
        Standing::Failed => None,
        Standing::Passed => Some(format!("a second pair of builds with another layout does not show it ({shown})")),
        Standing::Open => Some(format!(
            "{} of a second pair of builds with another layout do not decide whether it shows there, too ({shown})",
            units::plural(u64::from(again.blocks), "block"),
        )),
    }
}

fn why_open(contest: &Contest, weighed: &Weighed, rules: &GateRules) -> String {
    let spread =
        weighed.spread.map_or_else(String::new, |spread| format!("; blocks scatter by {}", units::share(spread)));
    let last_void = contest.blocks.last().and_then(|block| block.void.as_deref());
    let spent: f64 = contest.blocks.iter().map(|block| block.seconds).sum();
    match last_void {
        Some(reason) => format!("its workers do not live: {reason}"),
        None if contest.blocks.len() >= rules.max_blocks as usize => {
            format!("undecided after {} blocks{spread}", contest.blocks.len())
        }
        None if spent >= rules.max_seconds => {
            format!(
                "undecided after {spent:.0} s and {} blocks{spread}: `max-seconds` in [gate] allows more",
                weighed.blocks
            )
        }
        None => format!("undecided after {} blocks{spread}", weighed.blocks),
    }
}

/// Candidates whose time cannot be compared, each with the reason. What the base was measured by and the head no longer is
/// may have become slower by any amount: that is open.
fn without_base(facts: &Facts) -> Vec<Check> {
    let mut checks = Vec::new();
    for (workload, size, entry) in facts.head.cells().filter(|(_, _, entry)| entry.role == Role::Candidate) {
        let other = facts.base.map(|base| find(base, &workload.name, size.size, &entry.name));
        let (outcome, reason) = match (entry.status, other) {
            // Its equality fails, or is known to: that says enough.
            (Status::Differs | Status::Failed, _) => continue,
            (Status::Skipped | Status::Unverified, Some(Some(other))) if other.status == Status::Measured => {
                let detail = entry.detail.as_deref().unwrap_or("no reason given");
                let reason = format!("the head can no longer be compared: {} ({detail})", entry.status.as_str());
                (Outcome::Inconclusive, reason)
            }
            (Status::Skipped, _) => continue,
            (_, None) => match facts.moved_from {
                Some(path) => {
                    (Outcome::Inconclusive, format!("nothing to compare with: the base has it in {}", path.display()))
                }
                None => (Outcome::Skipped, "the base has no such project".to_owned()),
            },
            (_, Some(None)) => (Outcome::Skipped, "new: the base does not have it".to_owned()),
            (status, Some(Some(other))) if [status, other.status].contains(&Status::Unverified) => {
                let detail = entry.detail.as_ref().or(other.detail.as_ref()).map_or("", String::as_str);
                (Outcome::Skipped, format!("unverified, and so never gated: {detail}"))
            }
            (_, Some(Some(other))) if !other.status.is_timed() => {
                let detail = other.detail.as_deref().unwrap_or("no reason given");
                let reason = format!("nothing to compare with: on the base it {} ({detail})", other.status.as_str());
                (Outcome::Skipped, reason)
            }
            (_, Some(Some(_))) => continue,
        };
        checks.push(check(&workload.name, &entry.name, size.size, Topic::Time, outcome, reason));
    }
    checks
}

/// Python that the change does not touch: whether it moved.
fn control(project: &Project, state: &GateState) -> Option<ControlSummary> {
    let logs: Vec<f64> = state.control.iter().filter_map(|one| one.block.log_ratio).collect();
    let margin = |name: &str| workload_of(project, name).map_or(0.01, |workload| workload.gate.harmless);
    let moved_e = of_log(two_sided_log_e_of(state.control.iter().map(|one| (&one.block, margin(&one.workload)))));
    let moved_at = 2.0 / CONTROL_ALPHA;
    let mut workloads: Vec<String> = state.control.iter().map(|one| one.workload.clone()).collect();
    workloads.sort();
    workloads.dedup();
    (!logs.is_empty()).then(|| ControlSummary {
        workloads,
        blocks: u32::try_from(logs.len()).unwrap_or(u32::MAX),
        moved_e,
        moved_at,
        moved: moved_e >= moved_at,
        estimate: middle(logs).map(f64::exp_m1),
    })
}

/// Whether Python that the change does not touch moved between base and head.
pub fn has_control_moved(project: &Project, state: &GateState) -> bool {
    control(project, state).is_some_and(|control| control.moved)
}

/// Whether a trailer accepts what befalls that implementation.
fn accepts(trailer: &Acknowledged, workload: &str, implementation: &str) -> bool {
    trailer.what == workload || trailer.what.split_once('/') == Some((workload, implementation))
}

/// Whether a trailer accepts that the baseline of this workload gives another result than on the base.
fn accepts_result(acknowledged: &[Acknowledged], head: &Run, workload: &str) -> bool {
    let entry = head.workloads.iter().find(|entry| entry.name == workload);
    let baseline = entry.and_then(|entry| entry.sizes.first()?.baseline()).map_or("", |cell| cell.name.as_str());
    acknowledged.iter().any(|trailer| accepts(trailer, workload, baseline))
}

/// Sets failures beside the trailers that accept them. A Rust half that differs from its Python half cannot be accepted.
fn acknowledge(checks: &mut [Check], acknowledged: &mut [Acknowledged]) {
    for check in checks.iter_mut().filter(|check| check.outcome == Outcome::Fail) {
        let may_be = check.topic != Topic::Equality || check.label.as_deref() == Some("changed");
        let fits = |trailer: &&mut Acknowledged| accepts(trailer, &check.workload, &check.implementation);
        if let Some(trailer) = acknowledged.iter_mut().find(fits).filter(|_| may_be) {
            trailer.used = true;
            check.acknowledged = Some(trailer.reason.clone());
        }
    }
}

/// What the gate could not have seen on this machine.
fn blind(checks: &[Check]) -> Option<String> {
    let noisy: Vec<&Check> = checks
        .iter()
        .filter(|check| check.blocks.is_some_and(|blocks| blocks.spread.is_some_and(|spread| spread > 0.03)))
        .collect();
    let worst = noisy
        .iter()
        .filter_map(|check| check.blocks)
        .max_by(|a, b| a.spread.unwrap_or(0.0).total_cmp(&b.spread.unwrap_or(0.0)))?;
    let sees = match worst.visible {
        Some(visible) => format!("only slow-downs of {} or more are caught with 95 %", units::share(visible)),
        None => "even a doubled time is not caught with 95 %".to_owned(),
    };
    Some(format!(
        "This machine is noisy: blocks of {} scatter by up to {}, at which {sees}.",
        match noisy.as_slice() {
            [one] => one.name(),
            more => format!("{} comparisons", more.len()),
        },
        units::share(worst.spread.unwrap_or(0.0)),
    ))
}
