//! Traps that ports fall into, where the evidence shows signs of them: one variant a trap, each with what was seen and
//! what to do about it.

use super::compare::by_round;
use super::fit::exponent;
use super::interval::median;
use super::may_be_compared;
use super::split::{FLOOR_SHARE, floor};
use crate::evidence::{Estimate, Implementation, Kind, Metric, Probe, Role, Size, Split, Trap, Workload};

/// Two threads that each need the lock for this share of their time are together under 1.3 times as fast as one.
const LOCKED_SHARE: f64 = 1.0 / 1.3;
/// Calls from here on are worth letting other threads run beside, ns.
const LONG_CALL_NS: f64 = 1e6;
/// Calls up to here are so short that giving the lock away and taking it back is a good part of them, ns.
const TINY_CALL_NS: f64 = 1e4;
/// The boundary dominates from this share on.
const MOST: f64 = 0.5;
/// Exponents this far apart are of two algorithms; caches alone move one by up to 0.3 between sizes ten times apart.
const EXPONENTS_APART: f64 = 0.5;
/// And the interval of their difference keeps this clear of zero.
const SURELY_APART: f64 = 0.3;
/// Sizes other than the headline's may have two rounds alone; one could be chance.
const FEWEST_ROUNDS: usize = 2;
/// Reads below this many are too few to matter.
const MANY_READS: u64 = 64;
/// Buffered readers ask for 4 KiB and more at a time; an eighth of that is far off.
const FEW_BYTES: u64 = 512;
/// Objects below this many are no bulk.
const MANY_OBJECTS: u64 = 100;
/// What taking one object across costs at least, ns (an integer or float of a list: 3 to 11).
const CHEAP_CROSSING_NS: f64 = 2.0;
/// A call that is shorter than this for each object does little besides taking them across.
const NEAR_CROSSING_NS: f64 = 12.0;
/// The boundary's share from which crossing objects are worth a word.
const NOTABLE: f64 = 0.25;

/// A trap, with the numbers that show it.
#[derive(Clone, Debug, PartialEq)]
enum Sign {
    /// A long call keeps the interpreter's lock.
    LockHeld { call_ns: f64, share: f64 },
    /// A tiny call gives the lock away and takes it back.
    LockReleased { call_ns: f64 },
    /// Most of the call is spent at the boundary.
    ConversionDominates { share: Estimate },
    /// Baseline and candidate grow with different exponents.
    OtherAlgorithm { baseline: f64, candidate: f64 },
    /// A reader asks the system for a few bytes at a time.
    UnbufferedReader { reads: u64, bytes: u64 },
    /// Python objects cross one by one.
    ObjectsCross { objects: u64, each_ns: f64 },
    /// The baseline's call is hardly longer than an empty call into an extension.
    UnderCallFloor { call_ns: f64, floor_ns: f64 },
}

impl Sign {
    fn code(&self) -> &'static str {
        match self {
            Sign::LockHeld { .. } => "lock-held",
            Sign::LockReleased { .. } => "lock-released",
            Sign::ConversionDominates { .. } => "conversion-dominates",
            Sign::OtherAlgorithm { .. } => "other-algorithm",
            Sign::UnbufferedReader { .. } => "unbuffered-reader",
            Sign::ObjectsCross { .. } => "objects-cross",
            Sign::UnderCallFloor { .. } => "under-call-floor",
        }
    }

    /// What was seen, in a sentence that begins with the implementation's name.
    fn text(&self, name: &str) -> String {
        match self {
            Sign::LockHeld { call_ns, share } => format!(
                "{name} keeps the interpreter's lock for {} of a call of {}: no other Python thread runs meanwhile.",
                percent(*share),
                time(*call_ns)
            ),
            Sign::LockReleased { call_ns } => format!(
                "{name} lets go of the interpreter's lock in a call of {}, and has to take it back.",
                time(*call_ns)
            ),
            Sign::ConversionDominates { share } => format!(
                "{name} spends {} [{:.0}, {:.0}] of its call at the boundary, not in Rust.",
                percent(share.estimate),
                share.low * 100.0,
                share.high * 100.0
            ),
            Sign::OtherAlgorithm { baseline, candidate } => format!(
                "{name} is another algorithm: its time grows with the size to the power of {candidate:.1}, the \
                 baseline's of {baseline:.1}."
            ),
            Sign::UnbufferedReader { reads, bytes } => format!(
                "{name} reads {} by {} system calls, {} at a time.",
                plural(*bytes, "byte"),
                count(*reads),
                plural(bytes / (*reads).max(1), "byte")
            ),
            Sign::ObjectsCross { objects, each_ns } => format!(
                "{} Python objects go into or come out of each call of {name}, at about {} each.",
                count(*objects),
                time(*each_ns)
            ),
            Sign::UnderCallFloor { call_ns, floor_ns } => format!(
                "A call of {name} takes {}, and an empty call into an extension {} already: a port that is called as \
                 often can be at most {:.1}× as fast, less what crosses.",
                time(*call_ns),
                time(*floor_ns),
                call_ns / floor_ns
            ),
        }
    }

    /// What to do about it, in a sentence.
    fn advice(&self) -> &'static str {
        match self {
            Sign::LockHeld { .. } => {
                "Where threads call it, put the work that touches no Python object into `Python::detach`."
            }
            Sign::LockReleased { .. } => {
                "Keep the lock in calls this short: take `Python::detach` out, or do more in one call."
            }
            Sign::ConversionDominates { .. } => {
                "Let less cross: a buffer or bytes for a list, a handle that stays in Rust, or more steps in one call."
            }
            Sign::OtherAlgorithm { .. } => {
                "Quote no single speed-up, and try the better algorithm in the slower language before deciding."
            }
            Sign::UnbufferedReader { .. } => "Wrap the file in a `BufReader`, or read it whole.",
            Sign::ObjectsCross { .. } => {
                "Hand over one buffer, bytes or array, and return one: objects are converted one by one."
            }
            Sign::UnderCallFloor { .. } => {
                "Move the loop around it into Rust as well, so that one call does the work of many."
            }
        }
    }
}

/// The traps that a workload shows signs of: each once an implementation, at the largest size that shows it.
pub fn traps(workload: &Workload) -> Vec<Trap> {
    let mut found: Vec<Trap> = Vec::new();
    let mut tell = |cell: &Implementation, size: Option<u64>, sign: Sign| {
        let known = |trap: &Trap| trap.code == sign.code() && trap.implementation == cell.name;
        if !found.iter().any(known) {
            found.push(Trap {
                code: sign.code().to_owned(),
                implementation: cell.name.clone(),
                size,
                text: sign.text(&cell.name),
                advice: sign.advice().to_owned(),
            });
        }
    };
    let headline = workload.headline_size().map(|size| size.size);
    let mut sizes: Vec<&Size> = workload.sizes.iter().collect();
    sizes.sort_by_key(|size| std::cmp::Reverse(size.size));
    for size in &sizes {
        for cell in size.implementations.iter().filter(|cell| may_be_compared(cell)) {
            let split = size.splits.iter().find(|split| split.hybrid == cell.name);
            let here = headline == Some(size.size);
            let signs = [
                lock(cell),
                reader(cell),
                split.filter(|_| here).and_then(conversion),
                here.then(|| objects(cell, split)).flatten(),
                call_floor(size, cell),
            ];
            signs.into_iter().flatten().for_each(|sign| tell(cell, Some(size.size), sign));
        }
    }
    for (cell, sign) in exponents(&sizes) {
        tell(cell, None, sign);
    }
    found
}

/// The call's time where it was measured; else as the probe saw it.
fn call_ns(cell: &Implementation, probe: &Probe) -> Option<f64> {
    cell.time_ns.map(|time| time.estimate).or(probe.call_ns.map(|call| call as f64))
}

fn lock(cell: &Implementation) -> Option<Sign> {
    let probe = cell.probe.as_ref().filter(|_| cell.kind == Kind::Hybrid)?;
    let call_ns = call_ns(cell, probe)?;
    match (probe.locked_share, probe.unlocks) {
        (Some(share), _) if share >= LOCKED_SHARE && call_ns >= LONG_CALL_NS => Some(Sign::LockHeld { call_ns, share }),
        (_, Some(true)) if call_ns <= TINY_CALL_NS => Some(Sign::LockReleased { call_ns }),
        _ => None,
    }
}

fn reader(cell: &Implementation) -> Option<Sign> {
    let probe = cell.probe?;
    let (reads, bytes) = (probe.reads?, probe.read_bytes?);
    // Reads that bring nothing are of something else than a file, such as a runtime that waits.
    let is_trap = reads >= MANY_READS && bytes / reads < FEW_BYTES && 2 * bytes >= reads;
    is_trap.then_some(Sign::UnbufferedReader { reads, bytes })
}

fn conversion(split: &Split) -> Option<Sign> {
    let dominates = split.is_quotable() && split.boundary_share.low > MOST;
    dominates.then_some(Sign::ConversionDominates { share: split.boundary_share })
}

fn objects(cell: &Implementation, split: Option<&Split>) -> Option<Sign> {
    let probe = cell.probe.as_ref().filter(|_| cell.kind == Kind::Hybrid)?;
    let objects = probe.objects_in.unwrap_or(0) + probe.objects_out.unwrap_or(0);
    if objects < MANY_OBJECTS {
        return None;
    }
    let each_ns = match split {
        Some(split) if !split.is_quotable() || split.boundary_share.low < NOTABLE => return None,
        Some(split) => split.boundary_ns.estimate / objects as f64,
        // Without a kernel to take off, only a call that does little else can be told.
        None => Some(cell.time_ns?.estimate / objects as f64).filter(|each| *each <= NEAR_CROSSING_NS)?,
    };
    (each_ns >= CHEAP_CROSSING_NS).then_some(Sign::ObjectsCross { objects, each_ns })
}

/// Of a baseline beside hybrids, none of which is faster.
fn call_floor(size: &Size, cell: &Implementation) -> Option<Sign> {
    let call = cell.time_ns.filter(|_| cell.role == Role::Baseline)?;
    let is_hybrid = |cell: &&Implementation| cell.kind == Kind::Hybrid && may_be_compared(cell);
    let hybrids: Vec<&Implementation> = size.implementations.iter().filter(is_hybrid).collect();
    let of = |which| hybrids.iter().filter_map(|cell| floor(cell, which)).reduce(f64::min);
    let floor_ns = of(|floor| floor.extension_call_ns).or_else(|| of(|floor| floor.builtin_call_ns))?;
    let faster = |cell: &&Implementation| size.comparison(&cell.name, Metric::Time).is_some_and(|time| time.low > 1.0);
    let is_trap = call.high * FLOOR_SHARE < floor_ns && !hybrids.iter().any(faster);
    is_trap.then_some(Sign::UnderCallFloor { call_ns: call.estimate, floor_ns })
}

/// Candidates whose exponent differs from the baseline's, over the three largest sizes that are twice apart or more.
fn exponents<'w>(sizes: &[&'w Size]) -> Vec<(&'w Implementation, Sign)> {
    let mut chosen: Vec<&Size> = Vec::new();
    for size in sizes.iter().filter(|size| size.baseline().is_some_and(may_be_compared)) {
        if chosen.len() < 3 && chosen.last().is_none_or(|larger| size.size * 2 <= larger.size) {
            chosen.push(size);
        }
    }
    let [large, middle, small] = chosen.as_slice() else { return Vec::new() };
    let candidates = large.implementations.iter().filter(|cell| cell.role == Role::Candidate && may_be_compared(cell));
    candidates
        .filter_map(|cell| {
            let ours = over_sizes([small, middle, large], |size| size.baseline())?;
            let theirs = over_sizes([small, middle, large], |size| {
                size.implementation(&cell.name).filter(|cell| may_be_compared(cell))
            })?;
            let pairs = ours
                .iter()
                .filter_map(|(round, ours)| Some((*ours, theirs.iter().find(|(other, _)| other == round)?.1)));
            let (ours, theirs): (Vec<f64>, Vec<f64>) = pairs.unzip();
            let gaps: Vec<f64> = ours.iter().zip(&theirs).map(|(ours, theirs)| ours - theirs).collect();
            let gap = median(&gaps)?;
            let surely = gap.low > SURELY_APART || gap.high < -SURELY_APART;
            let enough = gaps.len() >= FEWEST_ROUNDS;
            (enough && surely && gap.estimate.abs() >= EXPONENTS_APART).then_some(())?;
            let sign = Sign::OtherAlgorithm { baseline: median(&ours)?.estimate, candidate: median(&theirs)?.estimate };
            Some((cell, sign))
        })
        .collect()
}

/// The exponent by round, of the rounds that all three sizes have.
fn over_sizes<'w>(
    sizes: [&'w Size; 3],
    pick: impl Fn(&'w Size) -> Option<&'w Implementation>,
) -> Option<Vec<(u32, f64)>> {
    let mut times = Vec::new();
    for size in sizes {
        times.push((size.size as f64, by_round(pick(size)?, Metric::Time)));
    }
    let [(s1, t1), (s2, t2), (s3, t3)] = times.try_into().ok()?;
    let found = t1.iter().filter_map(|(round, first)| {
        let points = [(s1, *first), (s2, *t2.get(round)?), (s3, *t3.get(round)?)];
        Some((*round, exponent(points)?))
    });
    Some(found.collect())
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn plural(number: u64, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{} {word}s", count(number)) }
}

/// `100,000`.
fn count(number: u64) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", count(number / 1000), number % 1000) }
}

/// A time to two digits or more, for a sentence.
fn time(ns: f64) -> String {
    let units = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")];
    let (value, unit) =
        units.into_iter().find(|(scale, _)| ns >= *scale).map_or((ns, "ns"), |(scale, unit)| (ns / scale, unit));
    if value >= 10.0 { format!("{value:.0} {unit}") } else { format!("{value:.1} {unit}") }
}

#[cfg(test)]
mod tests;
