//! Blocks: a fresh process of the base and one of the head, timed in turns; comparisons take turns until each is decided.
//!
//! One coin orders a block: who is launched first, who warms up first, and who leads the first pair of slices; then the
//! lead alternates (ABBA or BAAB). So whatever favours a place, favours base and head alike, and the sign of the block's
//! statistic is a fair coin where the two take equally long. Both get ready at once, which nothing times; calls are made by
//! one of them at a time.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rustworthy_worker::protocol::OutcomeDocument;

use super::verify::{compare, describe};
use super::{Cell, Group};
use crate::analysis::sequential::{Bars, Margins, Standing, middle, standing};
use crate::evidence::{Block, ControlBlock, Effort, GateState};
use crate::progress::Progress;
use crate::runner::{Pace, Refusal, TimeRequest, read_document};

/// About how long a slice takes, where a call is shorter.
const SLICE: Duration = Duration::from_millis(20);
/// Pairs of slices in a block. Long calls make do with fewer: what counts is the number of blocks.
const PAIRS: u32 = 8;
/// Pairs that agree to within this, on the log scale, are worth no more of them: the error of their median is well below
/// both margins. It looks at how far they lie apart and not at who is slower, so that the sign stays a fair coin.
const AGREEMENT: f64 = 0.025;
/// What a block spends on warming up each side, at least and, one call excepted, at most. What a call specialises and fills
/// it has by then: the first call was made before, and what is left moves the first of the pairs alone.
const WARM_UP: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(40));
/// So many void blocks in a row end a comparison: its workers do not live.
const MOST_VOID: usize = 3;
/// While nothing looks slower, the control is looked at once in so many passes.
const CALM: usize = 3;
/// Blocks of the control where a comparison looks slower. It takes 11 of one sign to say that it moved.
const CONTROL_BLOCKS: usize = 14;

/// One side of a comparison.
#[derive(Clone, Copy)]
pub struct Contestant<'a> {
    /// The workload at its size, on this side.
    pub group: &'a Group,
    /// The implementation.
    pub cell: &'a Cell,
}

/// One gated comparison, bound to what launches it.
#[derive(Clone, Copy)]
pub struct Match<'a> {
    /// Its place among the state's contests.
    pub contest: usize,
    /// What it is held to.
    pub margins: Margins,
    /// Before the change.
    pub base: Contestant<'a>,
    /// After the change.
    pub head: Contestant<'a>,
}

/// A Python baseline that the change does not touch: it moves only if the machine does.
#[derive(Clone)]
pub struct Control<'a> {
    /// The workload's name.
    pub workload: String,
    /// Before the change.
    pub base: Contestant<'a>,
    /// After the change.
    pub head: Contestant<'a>,
}

/// How long is measured.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How much evidence decides.
    pub bars: Bars,
    /// Blocks after which a comparison is left open.
    pub max_blocks: u32,
    /// Seconds of blocks after which a comparison is left open.
    pub max_seconds: f64,
}

/// What measuring needs from outside.
pub struct BlockSession<'s> {
    /// Where the coins come from.
    pub random: &'s mut ChaCha8Rng,
    /// Keeps the evidence safe after every block.
    pub save: &'s mut dyn FnMut(&GateState) -> io::Result<()>,
    /// A folder for files of launches.
    pub scratch: &'s Path,
    /// Who is told.
    pub progress: &'s mut dyn Progress,
}

/// How measuring ended.
#[derive(Debug)]
pub enum Fought {
    /// Every comparison was decided or given up, or a result differed.
    Complete,
    /// A person or the system asked to end; finished blocks are in the state.
    Interrupted,
    /// The state could not be saved.
    Unsaved(io::Error),
}

/// Coins that nobody can foresee.
pub fn coins() -> ChaCha8Rng {
    rand::make_rng()
}

/// Measures blocks until every comparison is decided, given up or has diverged.
///
/// The control matters where something would fail: it gets a block in each pass in which a comparison looks slower, else in
/// one of `CALM`, and what is missing of `CONTROL_BLOCKS` at the end. When it is looked at follows from blocks that are
/// measured already, so that its coins stay fair.
pub fn fight(
    state: &mut GateState,
    matches: &[Match],
    controls: &[Control],
    limits: Limits,
    session: &mut BlockSession,
) -> Fought {
    // What an earlier job spent is not taken from this one's time: it goes on with the evidence.
    let begun: Vec<usize> = state.contests.iter().map(|contest| contest.blocks.len()).collect();
    for passes in 0_usize.. {
        let mut pass: Vec<&Match> = matches.iter().filter(|one| is_open(state, &begun, one, &limits)).collect();
        if pass.is_empty() {
            break;
        }
        let is_calm = !pass.iter().any(|one| looks_slower(&state.contests[one.contest].blocks, one.margins));
        pass.shuffle(session.random);
        for one in pass {
            tell(state, &begun, matches, &limits, one, session.progress);
            let number = state.contests[one.contest].blocks.len();
            match block(one.base, one.head, number, session) {
                Ok(Tried::Block(block)) => state.contests[one.contest].blocks.push(block),
                Ok(Tried::Diverged(difference)) => state.contests[one.contest].diverged = Some(difference),
                Err(Interrupted) => return Fought::Interrupted,
            }
            if let Err(error) = (session.save)(state) {
                return Fought::Unsaved(error);
            }
            if state.contests[one.contest].diverged.is_some() {
                return Fought::Complete;
            }
        }
        if (!is_calm || passes.is_multiple_of(CALM))
            && let Err(ended) = look_at_control(state, controls, session)
        {
            return ended;
        }
    }
    let suspicious = |one: &Match| {
        let blocks = &state.contests[one.contest].blocks;
        looks_slower(blocks, one.margins) && standing(blocks, one.margins, limits.bars) != Standing::Passed
    };
    if matches.iter().any(suspicious) {
        while !controls.is_empty() && state.control.len() < CONTROL_BLOCKS {
            if let Err(ended) = look_at_control(state, controls, session) {
                return ended;
            }
        }
    }
    Fought::Complete
}

/// Whether most of a comparison's blocks, and a few at least, lie beyond what is harmless.
fn looks_slower(blocks: &[Block], margins: Margins) -> bool {
    let logs = || blocks.iter().filter_map(|block| block.log_ratio);
    let beyond = logs().filter(|log| *log > margins.harmless.ln_1p()).count();
    beyond >= 3 && 2 * beyond > logs().count()
}

/// One block of the control, if there is one.
fn look_at_control(state: &mut GateState, controls: &[Control], session: &mut BlockSession) -> Result<(), Fought> {
    let turn = state.control.len();
    let Some(control) = controls.get(turn % controls.len().max(1)) else { return Ok(()) };
    session.progress.item(&format!("control: the baseline of {}", control.workload));
    let workload = control.workload.clone();
    match block(control.base, control.head, turn, session) {
        Ok(Tried::Block(block)) => state.control.push(ControlBlock { workload, block }),
        Ok(Tried::Diverged(difference)) => {
            let void = Some(format!("head: its result is another now: {difference}"));
            state.control.push(ControlBlock { workload, block: Block { void, ..Block::default() } });
        }
        Err(Interrupted) => return Err(Fought::Interrupted),
    }
    (session.save)(state).map_err(Fought::Unsaved)
}

/// Whether a comparison wants another block. Limits count from where this job began.
fn is_open(state: &GateState, begun: &[usize], one: &Match, limits: &Limits) -> bool {
    let contest = &state.contests[one.contest];
    let now = &contest.blocks[begun[one.contest]..];
    let spent: f64 = now.iter().map(|block| block.seconds).sum();
    let last_void = now.iter().rev().take_while(|block| block.void.is_some()).count();
    contest.diverged.is_none()
        && last_void < MOST_VOID
        && now.len() < limits.max_blocks as usize
        && spent < limits.max_seconds
        && standing(&contest.blocks, one.margins, limits.bars) == Standing::Open
}

/// Says what is measured, and how long the rest may take.
fn tell(
    state: &GateState,
    begun: &[usize],
    matches: &[Match],
    limits: &Limits,
    now: &Match,
    progress: &mut dyn Progress,
) {
    let blocks = |one: &Match| &state.contests[one.contest].blocks;
    let done: usize = matches.iter().map(|one| blocks(one).len()).sum();
    let spent: f64 = matches.iter().flat_map(&blocks).map(|block| block.seconds).sum();
    let each = if done == 0 { 0.7 } else { spent / done as f64 };
    // Most comparisons pass after a few blocks more than the fewest that can.
    let wanted = |one: &&Match| (blocks(one).len() + 1).max(11).saturating_sub(blocks(one).len());
    let left: usize = matches.iter().filter(|one| is_open(state, begun, one, limits)).map(|one| wanted(&one)).sum();
    progress.left(left as f64 * each, done as f64 / (done + left).max(1) as f64);
    let contest = &state.contests[now.contest];
    progress.item(&format!("{}/{}, block {}", contest.workload, contest.implementation, contest.blocks.len() + 1));
}

/// Ended before the end.
struct Interrupted;

enum Tried {
    Block(Block),
    Diverged(String),
}

/// A block, or the head's difference.
fn block(base: Contestant, head: Contestant, number: usize, session: &mut BlockSession) -> Result<Tried, Interrupted> {
    let started = Instant::now();
    let number = u32::try_from(number).unwrap_or(u32::MAX - 1);
    let mut block = Block {
        base_first: session.random.random(),
        tie_counts: session.random.random(),
        hash_seed: number + 1,
        ..Block::default()
    };
    let outcome = turns(base, head, number, &mut block, session.scratch);
    block.seconds = started.elapsed().as_secs_f64();
    match outcome {
        Ok(()) => block.log_ratio = middle(log_ratios(&block)),
        Err(Spoilt::Interrupted) => return Err(Interrupted),
        Err(Spoilt::Void(reason)) => block.void = Some(reason),
        Err(Spoilt::Diverged(difference)) => return Ok(Tried::Diverged(difference)),
    }
    Ok(Tried::Block(block))
}

/// What ends a block early.
enum Spoilt {
    Interrupted,
    Void(String),
    Diverged(String),
}

fn turns(base: Contestant, head: Contestant, number: u32, block: &mut Block, scratch: &Path) -> Result<(), Spoilt> {
    let sides = if block.base_first { [(true, base), (false, head)] } else { [(false, head), (true, base)] };
    let mut begun = Vec::new();
    for (slot, (is_base, contestant)) in (0_u32..).zip(sides) {
        let request = TimeRequest {
            round: number,
            slot,
            pace: Pace::of(Effort::Quick),
            expect: contestant.cell.expect.clone(),
            scratch: scratch.to_owned(),
        };
        let opening = contestant.cell.runner.begin(&request).map_err(|refusal| spoilt(is_base, refusal))?;
        begun.push((is_base, contestant, opening));
    }
    let mut opened = Vec::new();
    for (is_base, contestant, opening) in begun {
        let side = opening().map_err(|refusal| spoilt(is_base, refusal))?;
        opened.push((is_base, contestant, side));
    }
    // A head is not to blame for what the base does, too: the base is looked at first.
    for wanted in [true, false] {
        for (is_base, contestant, side) in opened.iter().filter(|(is_base, ..)| *is_base == wanted) {
            still_agrees(*contestant, *is_base, side.unexpected.as_ref())?;
        }
    }
    let mut longest = 0.0_f64;
    for (is_base, _, side) in &mut opened {
        let call_ns = side.slices.warm_up(WARM_UP.0, WARM_UP.1).map_err(|refusal| spoilt(*is_base, refusal))?;
        longest = longest.max(call_ns);
    }
    block.calls = ((SLICE.as_nanos() as f64 / longest.max(1.0)) as u64).max(1);
    let slice_ns =
        longest * block.calls as f64 + opened.iter().map(|(.., side)| side.slices.overhead_ns()).fold(0.0, f64::max);
    for pair in 0..pairs(slice_ns) {
        if pair == PAIRS / 2 && they_agree(block) {
            break;
        }
        let order = if pair % 2 == 0 { [0, 1] } else { [1, 0] };
        for index in order {
            let (is_base, _, side) = &mut opened[index];
            let elapsed = side.slices.slice(block.calls).map_err(|refusal| spoilt(*is_base, refusal))?;
            if *is_base { &mut block.base_ns } else { &mut block.head_ns }.push(elapsed);
        }
    }
    // What was timed last must be what was checked, too.
    for wanted in [true, false] {
        for (is_base, contestant, side) in opened.iter_mut().filter(|(is_base, ..)| *is_base == wanted) {
            let unexpected = side.slices.look_again().map_err(|refusal| spoilt(*is_base, refusal))?;
            still_agrees(*contestant, *is_base, unexpected.as_ref())?;
        }
    }
    Ok(())
}

/// The logarithm of head ÷ base of each pair of slices.
fn log_ratios(block: &Block) -> Vec<f64> {
    block.base_ns.iter().zip(&block.head_ns).map(|(base, head)| (*head as f64 / *base as f64).ln()).collect()
}

/// Whether the pairs so far lie so close together that others would not move their median by anything of weight.
fn they_agree(block: &Block) -> bool {
    let logs = log_ratios(block);
    let (low, high) =
        logs.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), log| (low.min(*log), high.max(*log)));
    high - low <= AGREEMENT
}

/// How many pairs of slices of this length a block has.
fn pairs(slice_ns: f64) -> u32 {
    match slice_ns / SLICE.as_nanos() as f64 {
        slices if slices <= 2.0 => PAIRS,
        slices if slices <= 8.0 => PAIRS / 2,
        _ => PAIRS / 4,
    }
}

/// A result whose digest is not the checked one must still agree by the workload's rules.
fn still_agrees(
    Contestant { group, cell }: Contestant,
    is_base: bool,
    unexpected: Option<&OutcomeDocument>,
) -> Result<(), Spoilt> {
    let Some(document) = unexpected else { return Ok(()) };
    let agreed: Option<OutcomeDocument> = group.agreed.as_ref().and_then(|path| read_document(path).ok());
    let difference = match &agreed {
        Some(agreed) => compare(agreed, document, &group.rules, cell.wire).err().map(|found| found.to_string()),
        None => Some(format!("now {}", describe(document))),
    };
    match difference {
        None => Ok(()),
        Some(difference) if is_base => Err(Spoilt::Void(format!("base: its result is another now: {difference}"))),
        Some(difference) => Err(Spoilt::Diverged(difference)),
    }
}

fn spoilt(is_base: bool, refusal: Refusal) -> Spoilt {
    let side = if is_base { "base" } else { "head" };
    match refusal {
        Refusal::Interrupted => Spoilt::Interrupted,
        Refusal::Failed(failure) => Spoilt::Void(format!("{side}: {}", failure.message)),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use rand::SeedableRng;

    use super::*;
    use crate::analysis::sequential::weigh;
    use crate::equality::{Rules, Wire};
    use crate::evidence::{Between, Contest};
    use crate::progress::Silent;
    use crate::runner::fake::{Diary, FakeRunner};

    const MARGINS: Margins = Margins { harmless: 0.01, must_catch: 0.05 };

    fn group(name: &str, call_ns: fn(u32) -> u64, fails_from: Option<u32>, diary: &Diary) -> Group {
        straying(name, call_ns, fails_from, None, diary)
    }

    fn straying(
        name: &str,
        call_ns: fn(u32) -> u64,
        fails_from: Option<u32>,
        strays_after: Option<usize>,
        diary: &Diary,
    ) -> Group {
        let (name, value, diary) = (name.into(), "1".into(), diary.clone());
        let runner = FakeRunner { name, value, call_ns, fails_from, strays_after, diary };
        let cell = Cell::new(1, Box::new(runner), Wire::Typed);
        Group {
            workload: 0,
            size: 0,
            cells: vec![cell],
            rules: Rules::default(),
            source: None,
            agreed: None,
            in_full: true,
        }
    }

    fn fought(base: &Group, head: &Group, max_blocks: u32, controls: bool) -> GateState {
        let mut state = GateState::new(Between::default());
        state.contests.push(Contest {
            workload: "parse".into(),
            implementation: "hybrid".into(),
            ..Contest::default()
        });
        gone_on(state, base, head, max_blocks, controls)
    }

    fn gone_on(mut state: GateState, base: &Group, head: &Group, max_blocks: u32, controls: bool) -> GateState {
        let contestant = |group| Contestant { group, cell: &group.cells[0] };
        let before = state.contests[0].blocks.len() + state.control.len();
        let one = Match { contest: 0, margins: MARGINS, base: contestant(base), head: contestant(head) };
        let control = Control { workload: "parse".into(), base: contestant(base), head: contestant(base) };
        let limits = Limits { bars: Bars { fail: 100.0, pass: 100.0 }, max_blocks, max_seconds: 1e9 };
        let (folder, mut saved) = (tempfile::tempdir().unwrap(), 0);
        let mut session = BlockSession {
            random: &mut ChaCha8Rng::seed_from_u64(5),
            save: &mut |_| {
                saved += 1;
                Ok(())
            },
            scratch: folder.path(),
            progress: &mut Silent,
        };
        let controls = if controls { vec![control] } else { vec![] };
        assert!(matches!(fight(&mut state, &[one], &controls, limits, &mut session), Fought::Complete));
        let told = state.contests[0].blocks.len() + usize::from(state.contests[0].diverged.is_some());
        assert_eq!(before + saved, told + state.control.len());
        state
    }

    fn diary() -> Diary {
        Rc::new(RefCell::new(Vec::new()))
    }

    #[test]
    fn equal_sides_pass_after_nine_blocks_and_slow_heads_fail() {
        let (notes, steady) = (diary(), |_| 30_000_000);
        let (base, head) = (group("base", steady, None, &notes), group("head", steady, None, &notes));
        let state = fought(&base, &head, 60, true);
        assert_eq!((state.contests[0].blocks.len(), state.control.len()), (9, 3));
        let slower = group("head", |_| 33_000_000, None, &notes);
        let state = fought(&base, &slower, 60, false);
        let weighed = weigh(&state.contests[0].blocks, MARGINS, Bars { fail: 100.0, pass: 100.0 });
        assert_eq!((weighed.standing, weighed.blocks), (Standing::Failed, 9));
        assert!((weighed.ratio.unwrap() - 1.1).abs() < 1e-6);
    }

    #[test]
    fn the_control_is_asked_in_full_before_something_fails() {
        let notes = diary();
        let base = group("base", |_| 30_000_000, None, &notes);
        let slower = group("head", |_| 33_000_000, None, &notes);
        let state = fought(&base, &slower, 60, true);
        assert_eq!((state.contests[0].blocks.len(), state.control.len()), (9, CONTROL_BLOCKS));
        // Another job that goes on with this evidence has nothing to ask any more.
        assert_eq!(gone_on(state.clone(), &base, &slower, 60, true), state);
    }

    #[test]
    fn a_head_that_strays_while_it_is_timed_has_diverged_and_a_base_that_does_is_void() {
        let (notes, steady) = (diary(), |_| 30_000_000);
        let (base, head) = (group("b", steady, None, &notes), straying("h", steady, None, Some(4), &notes));
        let state = fought(&base, &head, 60, false);
        assert!(state.contests[0].blocks.is_empty());
        assert!(state.contests[0].diverged.as_ref().is_some_and(|found| found.contains("another")));
        let notes = diary();
        let (base, head) = (straying("b", steady, None, Some(4), &notes), group("h", steady, None, &notes));
        let state = fought(&base, &head, 60, false);
        assert!(state.contests[0].blocks.iter().all(|block| block.void.is_some() && block.log_ratio.is_none()));
    }

    #[test]
    fn pairs_that_agree_are_enough_whoever_is_slower() {
        let block = |head_ns: &[u64]| Block { base_ns: vec![1000; 4], head_ns: head_ns.to_vec(), ..Block::default() };
        assert!(they_agree(&block(&[1100, 1105, 1110, 1120])) && they_agree(&block(&[890, 895, 900, 905])));
        assert!(!they_agree(&block(&[1000, 1000, 1000, 1030])) && !they_agree(&block(&[1000, 1000, 970, 1000])));
    }

    #[test]
    fn the_coin_orders_launches_and_slices_and_the_lead_alternates() {
        let notes = diary();
        let steady = |_| 30_000_000;
        let (base, head) = (group("b", steady, None, &notes), group("h", steady, None, &notes));
        let state = fought(&base, &head, 9, false);
        // A fake launches anew for its check, its warm-up and each slice: two, two, and pairs.
        let notes = notes.borrow();
        let mut rest = notes.as_slice();
        let mut leads = Vec::new();
        for (number, block) in state.contests[0].blocks.iter().enumerate() {
            let launches = 4 + 2 * block.base_ns.len();
            let (of_block, others) = rest.split_at(launches);
            rest = others;
            let (first, second) = if block.base_first { ("b", "h") } else { ("h", "b") };
            let lead = |index: usize| [first, second, second, first][index % 4];
            let expected: Vec<String> = [first, second, first, second]
                .into_iter()
                .chain((0..launches - 4).map(lead))
                .map(|name| format!("{number}:{name}"))
                .collect();
            assert_eq!(of_block, expected);
            leads.push(block.base_first);
        }
        assert!(rest.is_empty() && leads.contains(&true) && leads.contains(&false));
    }

    #[test]
    fn workers_that_die_void_their_blocks_which_are_kept_and_end_it_when_nothing_else_comes() {
        let (notes, steady) = (diary(), |_| 30_000_000);
        let (base, head) = (group("b", steady, None, &notes), group("h", steady, Some(2), &notes));
        let state = fought(&base, &head, 60, false);
        let blocks = &state.contests[0].blocks;
        let void: Vec<bool> = blocks.iter().map(|block| block.void.is_some()).collect();
        assert_eq!(void, [false, false, true, true, true]);
        assert_eq!(blocks[2].void.as_deref(), Some("head: RuntimeError: fake"));
    }

    #[test]
    fn what_cannot_be_decided_ends_at_the_limit() {
        let (notes, steady) = (diary(), |_| 30_000_000);
        let between = group("h", |_| 30_900_000, None, &notes);
        let base = group("b", steady, None, &notes);
        // 3 % is beyond harmless and below must-catch: whichever is first, and with few blocks neither.
        assert_eq!(fought(&base, &between, 7, false).contests[0].blocks.len(), 7);
    }

    #[test]
    fn a_repeated_job_goes_on_where_the_last_one_had_to_stop() {
        let (notes, steady) = (diary(), |_| 30_000_000);
        let (base, head) = (group("b", steady, None, &notes), group("h", steady, None, &notes));
        let first = fought(&base, &head, 7, false);
        assert_eq!(first.contests[0].blocks.len(), 7);
        let second = gone_on(first.clone(), &base, &head, 7, false);
        // Seven and two are the nine that pass: the second job has limits of its own and needs no more.
        assert_eq!(second.contests[0].blocks.len(), 9);
        assert_eq!(second.contests[0].blocks[..7], first.contests[0].blocks);
        assert_eq!(gone_on(second.clone(), &base, &head, 7, false), second);
    }

    #[test]
    fn long_calls_have_fewer_pairs() {
        assert_eq!([1e6, 4e7, 5e7, 2e8, 1e9].map(pairs), [8, 8, 4, 2, 2]);
    }
}
