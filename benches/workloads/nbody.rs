//! Move the sun and four giant planets for a number of steps; returns the energy of the system afterwards.
//!
//! Both twins do the same operations in the same order, with the square root as the only function (IEEE 754 rounds it
//! correctly, which it does not ask of `pow`): the results are equal to the last bit. Outcomes: a negative number of
//! steps is a `ValueError`, one beyond 64 bits an `OverflowError`, a float or text a `TypeError`.
//!
//! What it teaches: arithmetic on a few floats is where the language decides alone. One number crosses each way, so
//! that the hybrid is the native; and numpy, whose calls cost more than the ten pairs that each has to do, takes three
//! times as long as the loop that it was to replace.
//!
//! Fairness: no step is left out or reordered in either. Known to be faster: two or four pairs at a time in one vector,
//! with the roots and quotients that take most of the time here done together. Five bodies with ten pairs ask for code
//! that is written around them.

use std::f64::consts::PI;

use rustworthy_worker::{Failure, Input, Workload};

/// The workload; its input is the number of steps.
pub struct NBody;

impl Workload for NBody {
    const NAME: &'static str = "nbody";
    const SAMPLE_SIZE: u64 = 1_000;
    type Input = i64;
    type Output = f64;

    fn prepare(input: Input) -> Result<i64, Failure> {
        let [steps] = input.into_arguments()?;
        steps.into_int()
    }

    fn sample() -> i64 {
        1_000
    }

    fn run(steps: &i64) -> Result<f64, Failure> {
        nbody(*steps)
    }
}

/// Days in a year: velocities are given per day, and used per year.
const YEAR: f64 = 365.24;
/// In units where the gravitational constant is 1, lengths are astronomical units and times are years.
const SUN: f64 = 4.0 * PI * PI;
/// The length of a step in years.
const STEP: f64 = 0.01;

#[derive(Clone, Copy)]
struct Body {
    position: [f64; 3],
    velocity: [f64; 3],
    mass: f64,
}

/// Position, velocity per day, mass in suns.
const PLANETS: [([f64; 3], [f64; 3], f64); 4] = [
    // Jupiter
    (
        [4.841_431_442_464_721, -1.160_320_044_027_428_4, -0.103_622_044_471_123_11],
        [0.001_660_076_642_744_037, 0.007_699_011_184_197_404, -0.000_069_046_001_697_206_3],
        0.000_954_791_938_424_326_6,
    ),
    // Saturn
    (
        [8.343_366_718_244_58, 4.124_798_564_124_305, -0.403_523_417_114_321],
        [-0.002_767_425_107_268_624, 0.004_998_528_012_349_172, 0.000_023_041_729_757_376_393],
        0.000_285_885_980_666_130_8,
    ),
    // Uranus
    (
        [12.894_369_562_139_13, -15.111_151_401_698_631, -0.223_307_578_892_655_74],
        [0.002_964_601_375_647_616, 0.002_378_471_739_594_809_5, -0.000_029_658_956_854_023_756],
        0.000_043_662_440_433_515_63,
    ),
    // Neptune
    (
        [15.379_697_114_850_917, -25.919_314_609_987_964, 0.179_258_772_950_371_18],
        [0.002_680_677_724_903_893_3, 0.001_628_241_700_382_423, -0.000_095_159_225_451_971_59],
        0.000_051_513_890_204_661_146,
    ),
];

/// The energy after this many steps.
///
/// # Errors
/// `ValueError` for a negative number of steps.
pub fn nbody(steps: i64) -> Result<f64, Failure> {
    if steps < 0 {
        return Err(Failure::value_error("steps must not be negative"));
    }
    let mut bodies = solar_system();
    for _ in 0..steps {
        advance(&mut bodies);
    }
    Ok(energy(&bodies))
}

fn solar_system() -> [Body; 5] {
    let mut bodies = [Body { position: [0.0; 3], velocity: [0.0; 3], mass: SUN }; 5];
    for (body, (position, velocity, mass)) in bodies[1..].iter_mut().zip(PLANETS) {
        *body = Body { position, velocity: velocity.map(|speed| speed * YEAR), mass: mass * SUN };
    }
    // The sun moves against the planets, so that the whole stays where it is.
    for axis in 0..3 {
        let mut momentum = 0.0;
        for body in &bodies {
            momentum += body.velocity[axis] * body.mass;
        }
        bodies[0].velocity[axis] = -momentum / SUN;
    }
    bodies
}

fn advance(bodies: &mut [Body; 5]) {
    for first in 0..bodies.len() {
        let (before, after) = bodies.split_at_mut(first + 1);
        let one = &mut before[first];
        for other in after {
            let dx = one.position[0] - other.position[0];
            let dy = one.position[1] - other.position[1];
            let dz = one.position[2] - other.position[2];
            let square = dx * dx + dy * dy + dz * dz;
            let pull = STEP / (square * square.sqrt());
            let by_other = other.mass * pull;
            let by_one = one.mass * pull;
            one.velocity[0] -= dx * by_other;
            one.velocity[1] -= dy * by_other;
            one.velocity[2] -= dz * by_other;
            other.velocity[0] += dx * by_one;
            other.velocity[1] += dy * by_one;
            other.velocity[2] += dz * by_one;
        }
    }
    for body in bodies {
        body.position[0] += STEP * body.velocity[0];
        body.position[1] += STEP * body.velocity[1];
        body.position[2] += STEP * body.velocity[2];
    }
}

fn energy(bodies: &[Body; 5]) -> f64 {
    let mut energy = 0.0;
    for (index, one) in bodies.iter().enumerate() {
        let [vx, vy, vz] = one.velocity;
        energy += 0.5 * one.mass * (vx * vx + vy * vy + vz * vz);
        for other in &bodies[index + 1..] {
            let dx = one.position[0] - other.position[0];
            let dy = one.position[1] - other.position[1];
            let dz = one.position[2] - other.position[2];
            energy -= one.mass * other.mass / (dx * dx + dy * dy + dz * dz).sqrt();
        }
    }
    energy
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustworthy_worker::Value;

    #[test]
    fn the_energies_are_those_of_the_baseline_to_the_last_bit() {
        // The test of the Python twin holds it to the same numbers.
        for (steps, energy) in [(0, -0.16907516382852447), (1, -0.16907495402506745), (1_000, -0.16908760523460614)] {
            assert_eq!(nbody(steps).unwrap().to_bits(), f64::to_bits(energy), "{steps} steps");
        }
    }

    #[test]
    fn the_energy_is_kept() {
        let (before, after) = (nbody(0).unwrap(), nbody(10_000).unwrap());
        assert!((before - after).abs() < 1e-4, "{before} became {after}");
    }

    #[test]
    fn only_a_number_of_steps_is_accepted() {
        assert_eq!(nbody(-1).unwrap_err().class, "ValueError");
        let class = |value: Value| NBody::prepare(Input::from_arguments(1, vec![value])).unwrap_err().class;
        assert_eq!(class(Value::Float(1.0)), "TypeError");
        assert_eq!(class(Value::Str("1".into())), "TypeError");
        assert_eq!(class(Value::BigInt("1".repeat(30))), "OverflowError");
    }
}
