//! Rounds: one fresh launch of every cell of a group, groups taking turns, until precise or out of time.

use std::path::Path;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rustworthy_worker::protocol::OutcomeDocument;

use super::order::Orders;
use super::verify::{compare, describe};
use super::{Cell, Group};
use crate::analysis::{Median, analyse_size, best_measuring_s, half_width};
use crate::evidence::{Effort, Failure, Implementation, Metric, Plan, RoundRecord, RoundResult, Run, Size, Stopped};
use crate::progress::Progress;
use crate::runner::{Pace, Refusal, TimeRequest, Timed, read_document};

/// Memory is steady: this many launches of it are enough for an interval.
const MEMORY_ROUNDS: u32 = 6;

/// What measuring needs from outside.
pub struct Session<'a> {
    /// Seconds since measuring began.
    pub clock: &'a dyn Fn() -> f64,
    /// Keeps a finished round safe.
    pub save: &'a mut dyn FnMut(&RoundRecord) -> std::io::Result<()>,
    /// A folder for files of launches.
    pub scratch: &'a Path,
    /// Who is told.
    pub progress: &'a mut dyn Progress,
}

/// How measuring ended.
#[derive(Debug)]
pub enum Measured {
    /// Every group stopped for a reason of its own.
    Complete,
    /// A person or the system asked to end; finished rounds are saved.
    Interrupted,
    /// A finished round could not be saved.
    Unsaved(std::io::Error),
}

struct Turn {
    orders: Orders,
    rounds: u32,
    spent_s: f64,
}

/// Measures until every group has stopped. Derived numbers of `run` are up to date after each round.
pub fn measure(run: &mut Run, groups: &mut [Group], session: &mut Session) -> Measured {
    let mut random = ChaCha8Rng::seed_from_u64(run.seed);
    let mut turns: Vec<Turn> = groups
        .iter()
        .map(|group| Turn { orders: Orders::default(), rounds: rounds_so_far(run, group), spent_s: 0.0 })
        .collect();
    for group in groups.iter() {
        let size = size_of(run, group);
        if group.cells.is_empty() {
            size.stopped.get_or_insert(Stopped::Nothing);
        }
    }
    loop {
        let mut pass: Vec<usize> =
            (0..groups.len()).filter(|index| size_of(run, &groups[*index]).stopped.is_none()).collect();
        if pass.is_empty() {
            return Measured::Complete;
        }
        // Groups take turns within a pass, so that drift of the machine is shared among them.
        pass.shuffle(&mut random);
        for index in pass {
            let plan = run.plan;
            let elapsed = (session.clock)();
            let expected = expected_s(&turns, index, groups, &plan);
            let budget_left = plan.time_budget_s.map_or(f64::INFINITY, |budget| budget - elapsed);
            let left = left_s(run, &turns, groups).min(budget_left);
            session.progress.left(left, elapsed / (elapsed + left).max(f64::MIN_POSITIVE));
            if expected > budget_left {
                size_of(run, &groups[index]).stopped = Some(Stopped::Time);
                let record = RoundRecord {
                    stopped: Some(Stopped::Time),
                    ..empty_record(run, &groups[index], turns[index].rounds)
                };
                if let Err(error) = (session.save)(&record) {
                    return Measured::Unsaved(error);
                }
                continue;
            }
            let order = turns[index].orders.next(groups[index].cells.len(), &mut random);
            let outcome = round(run, &mut groups[index], turns[index].rounds, &order, session);
            let Some(mut record) = outcome else { return Measured::Interrupted };
            turns[index].rounds += 1;
            turns[index].spent_s += (session.clock)() - elapsed;
            run.add_round(&record);
            let size = size_of(run, &groups[index]);
            analyse_size(size);
            record.stopped = after_round(size, &mut groups[index], turns[index].rounds, &plan);
            size.stopped = record.stopped;
            if let Err(error) = (session.save)(&record) {
                return Measured::Unsaved(error);
            }
        }
    }
}

fn size_of<'r>(run: &'r mut Run, group: &Group) -> &'r mut Size {
    &mut run.workloads[group.workload].sizes[group.size]
}

fn rounds_so_far(run: &Run, group: &Group) -> u32 {
    let size = &run.workloads[group.workload].sizes[group.size];
    size.implementations.iter().flat_map(|cell| &cell.launches).map(|launch| launch.round + 1).max().unwrap_or(0)
}

fn empty_record(run: &Run, group: &Group, round: u32) -> RoundRecord {
    let workload = &run.workloads[group.workload];
    RoundRecord {
        workload: workload.name.clone(),
        size: workload.sizes[group.size].size,
        round,
        results: Vec::new(),
        stopped: None,
    }
}

/// One round. `None` when it was interrupted: a round under way is lost.
fn round(run: &Run, group: &mut Group, round: u32, order: &[usize], session: &mut Session) -> Option<RoundRecord> {
    let mut record = empty_record(run, group, round);
    let size = &run.workloads[group.workload].sizes[group.size];
    session.progress.item(&format!("{} at {}, round {}", record.workload, record.size, round + 1));
    let measures_memory = round < if group.in_full { MEMORY_ROUNDS } else { 1 };
    for (slot, cell) in (0_u32..).zip(order.iter().filter_map(|index| group.cells.get(*index))) {
        let name = size.implementations[cell.implementation].name.clone();
        let request = TimeRequest {
            round,
            slot,
            pace: pace(&size.implementations[cell.implementation], run.plan.effort),
            expect: cell.expect.clone(),
            scratch: session.scratch.to_owned(),
        };
        let timed = cell.runner.time(&request).and_then(|timed| still_agrees(timed, cell, group));
        let result = match timed {
            Ok(timed) => RoundResult::Launch(timed.launch),
            Err(Refusal::Failed(failure)) => RoundResult::Failure(Failure { round: Some(round), ..failure }),
            Err(Refusal::Interrupted) => return None,
        };
        let goes_on = matches!(result, RoundResult::Launch(_));
        record.results.push((name.clone(), result));
        if goes_on && measures_memory {
            match cell.runner.memory(round, request.pace) {
                Ok(Some(memory)) => record.results.push((name, RoundResult::Memory(memory))),
                // A call that is fine when timed and fails when watched is told, but not held against it.
                Ok(None) | Err(Refusal::Failed(_)) => {}
                Err(Refusal::Interrupted) => return None,
            }
        }
    }
    Some(record)
}

/// Launches before the spread is known well enough to plan by it.
const LAUNCHES_TO_PLAN_BY: usize = 4;

/// How long the next launch of a cell measures: where launches differ more than batches do, the time is better spent on
/// more launches.
fn pace(cell: &Implementation, effort: Effort) -> Pace {
    let usual = Pace::of(effort);
    let Some(spread) = cell.spread.filter(|_| cell.launches.len() >= LAUNCHES_TO_PLAN_BY) else { return usual };
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / cell.launches.len() as f64;
    let batches = mean(&mut cell.launches.iter().map(|launch| launch.iterations.len() as f64));
    let measured_s = mean(&mut cell.launches.iter().map(|launch| launch.elapsed_ns.iter().sum::<u64>() as f64 / 1e9));
    let launch_s = mean(&mut cell.launches.iter().map(|launch| launch.launch_ns as f64 / 1e9));
    best_measuring_s(&spread, batches, measured_s, launch_s).map_or(usual, |best| usual.measuring(best))
}

/// A launch whose digest is not the checked one must still agree by the workload's rules.
fn still_agrees(timed: Timed, cell: &Cell, group: &Group) -> Result<Timed, Refusal> {
    let Some(document) = &timed.unexpected else { return Ok(timed) };
    let agreed: Option<OutcomeDocument> = group.agreed.as_ref().and_then(|path| read_document(path).ok());
    let difference = match &agreed {
        Some(agreed) => compare(agreed, document, &group.rules, cell.wire).err().map(|found| found.to_string()),
        None => Some(format!("now {}", describe(document))),
    };
    match difference {
        None => Ok(timed),
        Some(difference) => Err(crate::launch::job_failure(
            "outcome",
            &format!("is not deterministic: a later launch gave another result: {difference}"),
        )),
    }
}

/// Takes failed and precise cells out of the rotation, and says whether the group is done.
fn after_round(size: &Size, group: &mut Group, rounds: u32, plan: &Plan) -> Option<Stopped> {
    group.cells.retain(|cell| size.implementations[cell.implementation].status.is_timed());
    if !group.cells.iter().any(Cell::is_baseline) {
        group.cells.clear();
        return Some(Stopped::Nothing);
    }
    let has_candidates = group.cells.len() > 1;
    if rounds >= plan.min_rounds {
        let open: Vec<&str> = group
            .cells
            .iter()
            .map(|cell| &size.implementations[cell.implementation])
            .filter(|cell| !is_precise(size, &cell.name, plan.target_half_width))
            .flat_map(|cell| [Some(cell.name.as_str()), cell.kernel.as_deref()])
            .flatten()
            .collect();
        // A kernel stays as long as the hybrid that wraps it, the baseline as long as any candidate.
        group.cells.retain(|cell| {
            cell.is_baseline() || open.contains(&size.implementations[cell.implementation].name.as_str())
        });
        if group.cells.len() == 1 {
            return Some(if has_candidates { Stopped::Precise } else { Stopped::Rounds });
        }
    }
    (rounds >= round_limit(group, plan)).then_some(Stopped::Rounds)
}

fn round_limit(group: &Group, plan: &Plan) -> u32 {
    plan.indicative_rounds.filter(|_| !group.in_full).unwrap_or(plan.max_rounds)
}

/// Whether a candidate's speed-up is known to within the target.
fn is_precise(size: &Size, candidate: &str, target: f64) -> bool {
    let Some(found) = size.comparison(candidate, Metric::Time) else { return false };
    let interval = Median { estimate: found.ratio, low: found.low, high: found.high, indicative: found.indicative };
    half_width(&interval) <= target
}

/// Expected cost of a group's next round: the mean of its earlier ones, else a guess from the pace.
fn expected_s(turns: &[Turn], index: usize, groups: &[Group], plan: &Plan) -> f64 {
    let turn = &turns[index];
    if turn.spent_s > 0.0 && turn.rounds > 0 {
        return turn.spent_s / f64::from(turn.rounds);
    }
    let pace = Pace::of(plan.effort);
    let launch = pace.warm_up.as_secs_f64() + pace.measure.as_secs_f64() + 0.3;
    groups[index].cells.len() as f64 * launch
}

/// Expected cost of all that may still come, within the budget.
fn left_s(run: &Run, turns: &[Turn], groups: &[Group]) -> f64 {
    let plan = &run.plan;
    let each = groups.iter().enumerate().map(|(index, group)| {
        let size = &run.workloads[group.workload].sizes[group.size];
        let open =
            if size.stopped.is_some() { 0 } else { round_limit(group, plan).saturating_sub(turns[index].rounds) };
        f64::from(open) * expected_s(turns, index, groups, plan)
    });
    each.sum()
}
