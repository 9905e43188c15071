//! Evidence that may be looked at after every block: a one-sided sign e-process.
//!
//! A block's statistic is the logarithm of head ÷ base. Where the head is not slower than the margin allows, one fair coin
//! that orders base and head makes each sign beyond the margin at most as likely as the other, whatever the drift, the
//! tails or the correlation of the machine's noise. So after `t` blocks of which `k` lie beyond the margin,
//!
//! ```text
//! E = 2^t · 2 ∫_{1/2}^{1} p^k (1 − p)^{t−k} dp = 2^{t+1} · B(k+1, t−k+1) · P[Bin(t+1, ½) ≤ k]
//! ```
//!
//! is a non-negative supermartingale that starts at 1, a uniform mixture over the chance `p` of a sign. By Ville's
//! inequality (J. Ville, *Étude critique de la notion de collectif*, 1939) it ever reaches `1/a` with probability `a` at
//! most, however often it is looked at, and whenever measuring stops or goes on (A. Ramdas, P. Grünwald, V. Vovk and
//! G. Shafer, *Game-theoretic statistics and safe anytime-valid inference*, Statistical Science 38, 2023). With
//! B(k+1, t−k+1) = 1 / ((t+1) C(t, k)) it is the sum over i ≤ k of C(t+1, i), divided by (t+1) C(t, k).

use super::interval;
use crate::evidence::Block;

/// The gate never decides on fewer blocks.
pub const FEWEST_BLOCKS: u32 = 5;

/// The changes of time between which a comparison may end either way, as shares: 0.01 is 1 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margins {
    /// A change up to this is harmless.
    pub harmless: f64,
    /// A change from this on must be caught.
    pub must_catch: f64,
}

/// How much evidence decides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bars {
    /// Against harmlessness: comparisons ÷ α.
    pub fail: f64,
    /// Against a change that must be caught: 1 ÷ β.
    pub pass: f64,
}

/// Where a comparison stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The evidence is not enough for either.
    Open,
    /// The head is slower than is harmless.
    Failed,
    /// The head is not slower by what must be caught.
    Passed,
}

/// What the blocks of a comparison say together.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighed {
    /// Blocks that count; void ones do not.
    pub blocks: u32,
    /// Where the comparison stood when it first left [`Standing::Open`], else there.
    pub standing: Standing,
    /// The most evidence that there ever was against harmlessness, natural logarithm.
    pub fail_log_e: f64,
    /// The most evidence that there ever was against a change that must be caught, natural logarithm.
    pub pass_log_e: f64,
    /// Head ÷ base, the Hodges–Lehmann estimate over blocks; `None` without blocks.
    pub ratio: Option<f64>,
    /// An interval that holds at 95 % whenever one looks; an end is open until there are blocks enough.
    pub low: Option<f64>,
    /// See `low`.
    pub high: Option<f64>,
    /// How the blocks' statistics scatter, on the log scale: 1.4826 × the median absolute deviation.
    pub spread: Option<f64>,
}

/// Natural logarithm of E after `blocks` blocks of which `beyond` lie beyond the margin.
pub fn log_e(beyond: u32, blocks: u32) -> f64 {
    let beyond = beyond.min(blocks);
    // ln C(t+1, i), and of it the running sum over i ≤ k, by ln(a + b) = ln a + ln(1 + b/a).
    let (mut term, mut sum) = (0.0_f64, 0.0_f64);
    for i in 1..=beyond {
        term += (f64::from(blocks + 2 - i) / f64::from(i)).ln();
        sum = term.max(sum) + (-(term - sum).abs()).exp().ln_1p();
    }
    sum - f64::from(blocks + 1).ln() - log_choose(blocks, beyond)
}

fn log_choose(n: u32, k: u32) -> f64 {
    (1..=k.min(n - k)).map(|i| (f64::from(n + 1 - i) / f64::from(i)).ln()).sum()
}

/// What the signs of the blocks say.
struct Signs {
    blocks: u32,
    standing: Standing,
    fail_log_e: f64,
    pass_log_e: f64,
}

fn signs(blocks: &[Block], margins: Margins, bars: Bars) -> Signs {
    let (worst, best) = (margins.harmless.ln_1p(), margins.must_catch.ln_1p());
    let (mut slower, mut faster) = (0, 0);
    let mut signs = Signs { blocks: 0, standing: Standing::Open, fail_log_e: 0.0, pass_log_e: 0.0 };
    for block in blocks {
        let Some(log_ratio) = block.log_ratio else { continue };
        signs.blocks += 1;
        slower += u32::from(log_ratio > worst || (log_ratio == worst && block.tie_counts));
        faster += u32::from(log_ratio < best || (log_ratio == best && block.tie_counts));
        signs.fail_log_e = signs.fail_log_e.max(log_e(slower, signs.blocks));
        signs.pass_log_e = signs.pass_log_e.max(log_e(faster, signs.blocks));
        if signs.standing == Standing::Open && signs.blocks >= FEWEST_BLOCKS {
            signs.standing = if signs.fail_log_e >= bars.fail.ln() {
                Standing::Failed
            } else if signs.pass_log_e >= bars.pass.ln() {
                Standing::Passed
            } else {
                Standing::Open
            };
        }
    }
    signs
}

/// Where a comparison stands after these blocks, in the order in which they were measured.
pub fn standing(blocks: &[Block], margins: Margins, bars: Bars) -> Standing {
    signs(blocks, margins, bars).standing
}

/// Weighs the blocks of a comparison, in the order in which they were measured.
pub fn weigh(blocks: &[Block], margins: Margins, bars: Bars) -> Weighed {
    let Signs { blocks: counted, standing, fail_log_e, pass_log_e } = signs(blocks, margins, bars);
    let logs: Vec<f64> = blocks.iter().filter_map(|block| block.log_ratio).collect();
    let (low, high) = anytime_interval(&logs, 0.05);
    Weighed {
        blocks: counted,
        standing,
        fail_log_e,
        pass_log_e,
        ratio: hodges_lehmann(&logs).map(f64::exp),
        low: low.map(f64::exp),
        high: high.map(f64::exp),
        spread: spread(&logs),
    }
}

/// How much evidence there ever was that the blocks lie on one side of ±`margin`, natural logarithm: the larger of both
/// sides. Against the bar 2 ÷ α it is a two-sided test.
pub fn two_sided_log_e(blocks: &[Block], margin: f64) -> f64 {
    two_sided_log_e_of(blocks.iter().map(|block| (block, margin)))
}

/// The same of blocks that have a margin each: blocks of several workloads are one test, for whatever the workload a block
/// lies beyond its own margin on either side with a probability of ½ at most.
pub fn two_sided_log_e_of<'b>(blocks: impl Iterator<Item = (&'b Block, f64)>) -> f64 {
    let (mut above, mut below, mut looked, mut most) = (0, 0, 0, 0.0_f64);
    for (log_ratio, margin) in blocks.filter_map(|(block, margin)| Some((block.log_ratio?, margin))) {
        let beyond = margin.ln_1p();
        looked += 1;
        above += u32::from(log_ratio > beyond);
        below += u32::from(log_ratio < -beyond);
        most = most.max(log_e(above, looked)).max(log_e(below, looked));
    }
    most
}

/// Which of several tests that are still open fail together at `alpha`, by Holm's step-down rule over anytime p-values
/// 1 ÷ max E (S. Holm, Scandinavian Journal of Statistics 6, 1979). `family` counts every test that was planned.
pub fn holm(log_es: &[f64], family: usize, alpha: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..log_es.len()).collect();
    order.sort_by(|a, b| log_es[*b].total_cmp(&log_es[*a]));
    let mut fails = vec![false; log_es.len()];
    for (step, index) in order.into_iter().enumerate() {
        let left = family.saturating_sub(step).max(1) as f64;
        if log_es[index] < (left / alpha).ln() {
            break;
        }
        fails[index] = true;
    }
    fails
}

/// The interval of the blocks' median by inverting the e-process: two order statistics, or open ends.
fn anytime_interval(logs: &[f64], error: f64) -> (Option<f64>, Option<f64>) {
    let bar = (2.0 / error).ln();
    let mut sorted = logs.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Ok(blocks) = u32::try_from(sorted.len()) else { return (None, None) };
    // The fewest blocks on one side of a value that speak against it.
    let Some(enough) = (0..=blocks).find(|beyond| 2 * beyond > blocks && log_e(*beyond, blocks) >= bar) else {
        return (None, None);
    };
    let skipped = (blocks - enough) as usize;
    (sorted.get(skipped).copied(), sorted.len().checked_sub(skipped + 1).and_then(|index| sorted.get(index)).copied())
}

/// The median of the means of all pairs, each value with itself too (J. L. Hodges and E. L. Lehmann, Annals of
/// Mathematical Statistics 34, 1963).
fn hodges_lehmann(values: &[f64]) -> Option<f64> {
    let pairs =
        values.iter().enumerate().flat_map(|(index, a)| values[index..].iter().map(move |b| f64::midpoint(*a, *b)));
    middle(pairs.collect())
}

/// 1.4826 × the median absolute deviation: the standard deviation where the scatter is normal, and little moved by spikes.
pub fn spread(values: &[f64]) -> Option<f64> {
    let centre = middle(values.to_vec())?;
    middle(values.iter().map(|value| (value - centre).abs()).collect()).map(|deviation| 1.4826 * deviation)
}

/// The median; the mean of the two middle values where there is no single one.
pub fn middle(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    interval::middle(&values)
}

/// The fewest blocks beyond a margin that decide, by the number of blocks; more than all of them where none do.
fn deciding(bar: f64, max_blocks: u32) -> Vec<usize> {
    let decides = |beyond: &u32, blocks: u32| blocks >= FEWEST_BLOCKS && log_e(*beyond, blocks) >= bar.ln();
    let mut fewest = 0;
    let each = (0..=max_blocks).map(|blocks| {
        // With more blocks it takes no fewer of them.
        fewest = (fewest..=blocks).find(|beyond| decides(beyond, blocks)).unwrap_or(blocks + 1);
        let found = fewest as usize;
        fewest = if fewest > blocks { 0 } else { fewest };
        found
    });
    each.collect()
}

/// What decides at each number of blocks: `fail`, then `pass`.
type Deciding = [Vec<usize>; 2];

/// The probability that a change of exactly `change` fails within `max_blocks` blocks whose statistics scatter normally by
/// `spread`: what the gate can see on this machine. Counted exactly over every course that the signs may take.
pub fn power(change: f64, spread: f64, margins: Margins, bars: Bars, max_blocks: u32) -> f64 {
    power_of(change, spread, margins, &[deciding(bars.fail, max_blocks), deciding(bars.pass, max_blocks)])
}

fn power_of(change: f64, spread: f64, margins: Margins, [fails, passes]: &Deciding) -> f64 {
    let beyond = |margin: f64, above: bool| {
        let distance = (change.ln_1p() - margin.ln_1p()) / spread.max(1e-9);
        normal_cdf(if above { distance } else { -distance })
    };
    let slower = beyond(margins.harmless, true);
    // A block is beyond `harmless`, or below `must-catch`, or both: three outcomes.
    let faster = beyond(margins.must_catch, false);
    let both = (slower + faster - 1.0).clamp(0.0, 1.0);
    let (only_slower, only_faster) = (slower - both, faster - both);
    let mut alive = vec![vec![1.0]];
    let mut failed = 0.0;
    for (blocks, (fails, passes)) in fails.iter().zip(passes).enumerate().skip(1) {
        let mut next = vec![vec![0.0; blocks + 1]; blocks + 1];
        for (slow, row) in alive.iter().enumerate() {
            for (fast, weight) in row.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
                for (chance, slow, fast) in
                    [(only_slower, slow + 1, fast), (only_faster, slow, fast + 1), (both, slow + 1, fast + 1)]
                {
                    let arriving = weight * chance;
                    if slow >= *fails {
                        failed += arriving;
                    } else if fast < *passes {
                        next[slow][fast] += arriving;
                    }
                }
            }
        }
        alive = next;
    }
    failed
}

/// The smallest slow-down that fails with a probability of 95 %, as a share; `None` where none up to a doubling does.
pub fn visible(spread: f64, margins: Margins, bars: Bars, max_blocks: u32) -> Option<f64> {
    let deciding = [deciding(bars.fail, max_blocks), deciding(bars.pass, max_blocks)];
    let sees = |change: f64| power_of(change, spread, margins, &deciding) >= 0.95;
    let (mut low, mut high) = (margins.harmless, 1.0);
    if !sees(high) {
        return None;
    }
    while high - low > 0.001 {
        let middle = f64::midpoint(low, high);
        if sees(middle) { high = middle } else { low = middle }
    }
    Some(high)
}

/// The normal distribution function (M. Abramowitz and I. A. Stegun, *Handbook of Mathematical Functions*, 7.1.26:
/// error under 1.5 × 10⁻⁷).
fn normal_cdf(x: f64) -> f64 {
    let z = x.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let series = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    let tail = series.iter().fold(0.0, |sum, factor| (sum + factor) * t) * (-z * z).exp() / 2.0;
    if x < 0.0 { tail } else { 1.0 - tail }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    const MARGINS: Margins = Margins { harmless: 0.01, must_catch: 0.05 };

    fn bars(comparisons: f64) -> Bars {
        Bars { fail: comparisons / 0.01, pass: 100.0 }
    }

    fn blocks(logs: &[f64]) -> Vec<Block> {
        logs.iter().map(|log_ratio| Block { log_ratio: Some(*log_ratio), ..Block::default() }).collect()
    }

    fn choose(n: u32, k: u32) -> f64 {
        (1..=k).map(|i| f64::from(n + 1 - i) / f64::from(i)).product()
    }

    #[test]
    fn under_the_null_its_mean_is_one() {
        for blocks in [1, 5, 20, 40, 200] {
            let mean: f64 = (0..=blocks)
                .map(|k| choose(blocks, k) * (log_e(k, blocks) - f64::from(blocks) * 2_f64.ln()).exp())
                .sum();
            assert!((mean - 1.0).abs() < 1e-9, "{blocks}: {mean}");
        }
    }

    #[test]
    fn it_grows_with_every_sign_beyond_and_falls_with_every_other() {
        for blocks in 1..60 {
            for beyond in 0..blocks {
                assert!(log_e(beyond, blocks) < log_e(beyond + 1, blocks));
                assert!(log_e(beyond, blocks + 1) < log_e(beyond, blocks));
            }
        }
        assert!((log_e(9, 9) - (1023.0_f64 / 10.0).ln()).abs() < 1e-12);
        assert!(log_e(2000, 4000).is_finite());
    }

    #[test]
    fn nine_blocks_pass_and_fourteen_fail_one_of_twenty() {
        let after =
            |log_ratio: f64, count: usize| weigh(&blocks(&vec![log_ratio; count]), MARGINS, bars(20.0)).standing;
        assert_eq!((after(0.0, 8), after(0.0, 9)), (Standing::Open, Standing::Passed));
        assert_eq!((after(0.1, 13), after(0.1, 14)), (Standing::Open, Standing::Failed));
    }

    #[test]
    fn between_the_margins_both_sides_gather_evidence() {
        let weighed = weigh(&blocks(&[0.03; 8]), MARGINS, bars(1.0));
        assert!(weighed.fail_log_e > 0.0 && (weighed.fail_log_e - weighed.pass_log_e).abs() < 1e-12);
    }

    #[test]
    fn void_blocks_do_not_count_and_ties_follow_their_coin() {
        let mut some = blocks(&[0.0; 9]);
        some.insert(3, Block { void: Some("died".into()), ..Block::default() });
        assert_eq!(
            (weigh(&some, MARGINS, bars(1.0)).blocks, weigh(&some, MARGINS, bars(1.0)).standing),
            (9, Standing::Passed)
        );
        let tie = |tie_counts| Block { log_ratio: Some(0.01_f64.ln_1p()), tie_counts, ..Block::default() };
        let of = |blocks: &[Block]| weigh(blocks, MARGINS, bars(1.0)).fail_log_e;
        assert!(of(&[tie(true), tie(true)]) > of(&[tie(true), tie(false)]));
    }

    #[test]
    fn holm_is_stricter_the_more_tests_are_left() {
        let log = |e: f64| e.ln();
        // 20 planned at 1 %: the first needs 2,000, the next 1,900.
        assert_eq!(holm(&[log(2100.0), log(1950.0), log(10.0)], 20, 0.01), [true, true, false]);
        assert_eq!(holm(&[log(1999.0), log(1950.0)], 20, 0.01), [false, false]);
        assert_eq!(holm(&[], 20, 0.01), Vec::<bool>::new());
    }

    #[test]
    fn a_control_that_stands_still_never_moves() {
        assert!(two_sided_log_e(&blocks(&[0.004; 60]), 0.01) < 1.0);
        assert!(two_sided_log_e(&blocks(&[-0.02; 11]), 0.01) > 200_f64.ln());
    }

    /// Noise of a bad machine: drift, regimes, spikes, and a slot that is slower by 1.5 %; the effect stays in force.
    fn stream(effect: f64, random: &mut ChaCha8Rng) -> impl FnMut() -> Block {
        let mut drift = 0.0;
        let mut seeds = ChaCha8Rng::from_rng(random);
        move || {
            drift = 0.95 * drift + 0.01 * (seeds.random::<f64>() - 0.5);
            let heads_first: bool = seeds.random();
            let slot = if heads_first { 0.015 } else { -0.015 };
            let spike = if seeds.random_bool(0.1) { 0.3 * (seeds.random::<f64>() - 0.5) } else { 0.0 };
            // Whatever has nothing to do with the sides keeps its sign when they change places.
            let machine = if heads_first { drift } else { -drift };
            let log_ratio = effect + slot + machine + spike + 0.02 * (seeds.random::<f64>() - 0.5);
            Block { log_ratio: Some(log_ratio), ..Block::default() }
        }
    }

    fn failures(effect: f64, gates: usize) -> usize {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let fails = |_: &usize| {
            let mut next = stream(effect, &mut random);
            let mut seen = Vec::new();
            while seen.len() < 60 {
                seen.push(next());
                match weigh(&seen, MARGINS, Bars { fail: 100.0, pass: f64::INFINITY }).standing {
                    Standing::Failed => return true,
                    Standing::Open | Standing::Passed => {}
                }
            }
            false
        };
        (0..gates).filter(fails).count()
    }

    #[test]
    fn at_the_edge_of_harmless_it_fails_as_rarely_as_it_says() {
        // Expected at most 4 of 400; 12 or more would have a probability under 1 in 1,000.
        assert!(failures(0.01_f64.ln_1p(), 400) < 12);
        assert_eq!(failures(0.10_f64.ln_1p(), 50), 50);
    }

    #[test]
    fn the_interval_covers_and_narrows() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let mut missed = 0;
        for _ in 0..200 {
            let logs: Vec<f64> = (0..30).map(|_| 0.02 + 0.05 * (random.random::<f64>() - 0.5)).collect();
            let weighed = weigh(&blocks(&logs), MARGINS, bars(1.0));
            let (Some(low), Some(high)) = (weighed.low, weighed.high) else { panic!("30 blocks are enough") };
            missed += usize::from(!(low..=high).contains(&0.02_f64.exp()));
        }
        assert!(missed <= 10, "{missed}");
        assert_eq!(weigh(&blocks(&[0.0; 4]), MARGINS, bars(1.0)).low, None);
    }

    #[test]
    fn power_is_what_a_simulation_finds() {
        let (spread, change) = (0.03, 0.05);
        let counted = power(change, spread, MARGINS, bars(20.0), 60);
        let mut random = ChaCha8Rng::seed_from_u64(11);
        let mut normal = || {
            let (u, v): (f64, f64) = (random.random(), random.random());
            (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
        };
        let trials = 300;
        let mut failed = 0;
        for _ in 0..trials {
            let mut seen = Vec::new();
            while seen.len() < 60 {
                seen.push(Block { log_ratio: Some(change.ln_1p() + spread * normal()), ..Block::default() });
                match weigh(&seen, MARGINS, bars(20.0)).standing {
                    Standing::Open => {}
                    Standing::Failed => {
                        failed += 1;
                        break;
                    }
                    Standing::Passed => break,
                }
            }
        }
        let found = f64::from(failed) / f64::from(trials);
        assert!((found - counted).abs() < 0.06, "counted {counted}, found {found}");
        assert!(power(0.10, 0.01, MARGINS, bars(20.0), 60) > 0.999);
        let (quiet, noisy) = (visible(0.01, MARGINS, bars(20.0), 30), visible(0.05, MARGINS, bars(20.0), 30));
        assert!(quiet.unwrap() < 0.05 && noisy.unwrap() > 0.05 && visible(5.0, MARGINS, bars(20.0), 30).is_none());
    }

    #[test]
    fn the_normal_distribution_is_itself() {
        assert!((normal_cdf(0.0) - 0.5).abs() < 1e-7);
        assert!((normal_cdf(1.96) - 0.975_002).abs() < 1e-5);
        assert!((normal_cdf(-1.0) - 0.158_655).abs() < 1e-5);
    }
}
