//! What a machine does to the times of launches: models of noise with a clock of their own.

use std::f64::consts::PI;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The shape of heavy tails: Pareto's exponent, with a mean and without a variance.
const TAIL: f64 = 1.5;

/// A model of noise. Fractions are of the logarithm of a launch's time: 0.01 is 1 %.
#[derive(Clone, Copy, Debug, Default)]
pub struct Noise {
    /// Standard deviation of a launch of its own.
    pub spread: f64,
    /// That deviation has Student's t distribution with two degrees of freedom, which has no variance.
    pub heavy: bool,
    /// Slower from launch to launch by this.
    pub drift: f64,
    /// Standard deviation of a random walk's step from launch to launch.
    pub walk: f64,
    /// The machine turns slower and back, whoever is running.
    pub regimes: Option<Regimes>,
    /// Some launches are disturbed.
    pub spikes: Option<Spikes>,
    /// The second launch of a round is slower by this.
    pub second_slot: f64,
}

/// A machine with two speeds.
#[derive(Clone, Copy, Debug)]
pub struct Regimes {
    /// How much slower the slow one is.
    pub slower: f64,
    /// Mean stay in each, seconds.
    pub stay_s: f64,
    /// Only the candidate feels it: the ratio itself then has two values.
    pub candidate_only: bool,
}

/// Launches that something else disturbs.
#[derive(Clone, Copy, Debug)]
pub struct Spikes {
    /// How often.
    pub share: f64,
    /// The smallest of them.
    pub least: f64,
    /// Only the candidate's launches are hit.
    pub candidate_only: bool,
}

/// Who is launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Baseline,
    Candidate,
}

/// A machine under a model of noise, from its first launch on.
pub struct Machine {
    noise: Noise,
    random: ChaCha8Rng,
    /// Seconds since the first launch.
    pub clock_s: f64,
    shared: f64,
    is_slow: bool,
    changes_at_s: f64,
}

impl Machine {
    pub fn new(noise: Noise, seed: u64) -> Machine {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let is_slow = random.random();
        let changes_at_s = noise.regimes.map_or(f64::INFINITY, |regimes| regimes.stay_s * exponential(&mut random));
        Machine { noise, random, clock_s: 0.0, shared: 0.0, is_slow, changes_at_s }
    }

    /// One launch of so many seconds: the logarithm of what its time is multiplied by.
    pub fn launch(&mut self, side: Side, slot: u32, seconds: f64) -> f64 {
        let noise = self.noise;
        let own = if noise.heavy {
            normal(&mut self.random) / exponential(&mut self.random).sqrt()
        } else {
            normal(&mut self.random)
        };
        self.shared += noise.drift + noise.walk * normal(&mut self.random);
        let slow_share = self.pass(seconds);
        let mut log = noise.spread * own + self.shared + if slot == 1 { noise.second_slot } else { 0.0 };
        if let Some(regimes) = noise.regimes.filter(|regimes| side == Side::Candidate || !regimes.candidate_only) {
            log += (slow_share * regimes.slower.exp_m1()).ln_1p();
        }
        if let Some(spikes) = noise.spikes.filter(|spikes| side == Side::Candidate || !spikes.candidate_only)
            && self.random.random::<f64>() < spikes.share
        {
            log += spikes.least * (1.0 - self.random.random::<f64>()).powf(-1.0 / TAIL);
        }
        log
    }

    /// Lets time pass; the share of it that was slow. A launch can see both speeds.
    fn pass(&mut self, seconds: f64) -> f64 {
        let end = self.clock_s + seconds;
        let mut slow_s = 0.0;
        while self.clock_s < end {
            let next = self.changes_at_s.min(end);
            if self.is_slow {
                slow_s += next - self.clock_s;
            }
            self.clock_s = next;
            if let Some(regimes) = self.noise.regimes.filter(|_| self.changes_at_s <= end) {
                self.is_slow = !self.is_slow;
                self.changes_at_s += regimes.stay_s * exponential(&mut self.random);
            }
        }
        slow_s / seconds
    }
}

impl Noise {
    /// What the noise alone makes of the median over rounds of ln(baseline ÷ candidate): what the interval claims to
    /// cover, beside the logarithm of the true ratio.
    ///
    /// Where both sides have the same noise and the order of launch is a fair draw, a round's log-ratio is as likely
    /// to be too large as too small by any amount, and the answer is 0. Noise that hits one side moves the median; it
    /// has no closed form and is found by drawing two million rounds.
    pub fn median_log_ratio(&self) -> f64 {
        let one_sided = self.regimes.is_some_and(|regimes| regimes.candidate_only)
            || self.spikes.is_some_and(|spikes| spikes.candidate_only);
        if !one_sided {
            return 0.0;
        }
        let mut machine = Machine::new(*self, 1);
        let mut rounds: Vec<f64> = (0..2_000_001)
            .map(|_| {
                let baseline_first: bool = machine.random.random();
                let mut log_of = |side, slot| machine.launch(side, slot, 1.0);
                if baseline_first {
                    let baseline = log_of(Side::Baseline, 0);
                    baseline - log_of(Side::Candidate, 1)
                } else {
                    let candidate = log_of(Side::Candidate, 0);
                    log_of(Side::Baseline, 1) - candidate
                }
            })
            .collect();
        let middle = rounds.len() / 2;
        *rounds.select_nth_unstable_by(middle, f64::total_cmp).1
    }
}

/// A draw from the exponential distribution of mean 1.
fn exponential(random: &mut ChaCha8Rng) -> f64 {
    -(1.0 - random.random::<f64>()).ln()
}

/// A draw from the standard normal distribution (Box and Muller, 1958).
fn normal(random: &mut ChaCha8Rng) -> f64 {
    (2.0 * exponential(random)).sqrt() * (2.0 * PI * random.random::<f64>()).cos()
}
