//! The smallest things, in fresh processes of the project's Python: the clock, empty calls, crossings of the boundary.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::analysis::{fit, median};
use crate::evidence::{Clock, Crossing, CrossingPoint, Crossings, Direction, Estimate, Extension, Floors};
use crate::launch::{End, Launch, LaunchError, job_failure, run};

/// A batch is long against a reading of the clock and short against a scheduler's turn.
const BATCH_NS: u64 = 1_000_000;
const BATCHES: u32 = 7;

/// What to probe.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The interpreter with the probes' script.
    pub launch: Launch,
    /// Folders put first on `sys.path`.
    pub sys_path: Vec<PathBuf>,
    /// Modules that may state a call floor or crossings.
    pub modules: Vec<String>,
}

#[derive(Serialize)]
struct Job<'a> {
    sys_path: &'a [PathBuf],
    modules: &'a [String],
    seed: u64,
    batch_ns: u64,
    batches: u32,
}

/// What one launch brought.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Probed {
    clock: ClockProbe,
    floors: FloorProbe,
    floor_module: Option<String>,
    crossings_module: Option<String>,
    crossings: Option<CrossingsProbe>,
    extensions: Vec<Extension>,
    failures: Vec<ModuleFailure>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct ClockProbe {
    source: String,
    stated_resolution_ns: f64,
    smallest_step_ns: Option<f64>,
    reading_ns: f64,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct FloorProbe {
    empty_call_ns: Option<f64>,
    builtin_call_ns: Option<f64>,
    extension_call_ns: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct CrossingsProbe {
    points: Vec<PointProbe>,
    failures: Vec<CrossingFailure>,
    unknown: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct PointProbe {
    name: String,
    size: u64,
    time_ns: f64,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct CrossingFailure {
    name: String,
    message: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct ModuleFailure {
    module: String,
    message: String,
}

impl Probe {
    /// Launches once.
    ///
    /// # Errors
    /// When the launch fails or is interrupted.
    pub fn measure(&self, round: u32, seed: u64) -> Result<Probed, Refusal> {
        let job = Job {
            sys_path: &self.sys_path,
            modules: &self.modules,
            seed: seed.wrapping_add(u64::from(round)),
            batch_ns: BATCH_NS,
            batches: BATCHES,
        };
        let mut launch = self.launch.clone().env("PYTHONHASHSEED", (round + 1).to_string());
        launch.stdin = serde_json::to_vec(&job).map_err(|error| job_failure("job", &error.to_string()))?;
        launch.stdin.push(b'\n');
        let finished = run(&launch).map_err(|error| match error {
            LaunchError::Interrupted => Refusal::Interrupted,
            LaunchError::Spawn { .. } => job_failure("start", &error.to_string()),
        })?;
        if finished.end != End::Exited(0) {
            let message = format!("the process {}: {}", finished.end, finished.tail(1));
            return Err(job_failure("probe", &message));
        }
        serde_json::from_slice(&finished.stdout)
            .map_err(|error| job_failure("probe", &format!("the answer cannot be read: {error}")))
    }
}

/// What the launches say together.
#[derive(Clone, Debug, PartialEq)]
pub struct Probes {
    /// The clock.
    pub clock: Clock,
    /// The empty calls.
    pub floors: Floors,
    /// The crossings, where an extension has any.
    pub crossings: Option<Crossings>,
    /// The native modules that were asked.
    pub extensions: Vec<Extension>,
    /// What could not be measured, a sentence each.
    pub problems: Vec<String>,
}

/// Medians over launches, and lines through them. `None` without launches.
pub fn summarise(launches: &[Probed], seed: u64) -> Option<Probes> {
    let first = launches.first()?;
    let over = |value: fn(&Probed) -> Option<f64>| -> Option<Estimate> {
        let values: Vec<f64> = launches.iter().filter_map(value).collect();
        median(&values).map(Into::into)
    };
    let steps = launches.iter().filter_map(|launch| launch.clock.smallest_step_ns);
    Some(Probes {
        clock: Clock {
            source: first.clock.source.clone(),
            stated_resolution_ns: first.clock.stated_resolution_ns,
            smallest_step_ns: steps.min_by(f64::total_cmp),
            reading_ns: over(|launch| Some(launch.clock.reading_ns))?,
        },
        floors: Floors {
            empty_call_ns: over(|launch| launch.floors.empty_call_ns),
            builtin_call_ns: over(|launch| launch.floors.builtin_call_ns),
            extension_call_ns: over(|launch| launch.floors.extension_call_ns),
            extension: first.floor_module.clone(),
        },
        crossings: first
            .crossings_module
            .clone()
            .map(|extension| Crossings { extension, types: crossings(launches, seed) })
            .filter(|crossings| !crossings.types.is_empty()),
        extensions: first.extensions.clone(),
        problems: problems(first),
    })
}

fn problems(launch: &Probed) -> Vec<String> {
    let modules = launch.failures.iter().map(|failure| {
        format!("The module {} cannot be asked: {}.", failure.module, failure.message.trim_end_matches('.'))
    });
    let crossings = launch.crossings.iter().flat_map(|crossings| {
        let failed = crossings.failures.iter().map(|failure| {
            format!("The crossing `{}` failed: {}.", failure.name, failure.message.trim_end_matches('.'))
        });
        let unknown = crossings
            .unknown
            .iter()
            .map(|name| format!("The extension's `__crossings__` names `{name}`, which is not known here."));
        failed.chain(unknown)
    });
    modules.chain(crossings).collect()
}

/// Every crossing that all launches measured, in the order of the first.
fn crossings(launches: &[Probed], seed: u64) -> Vec<Crossing> {
    let mut names: Vec<&str> = Vec::new();
    let mut times: BTreeMap<(&str, u64), Vec<f64>> = BTreeMap::new();
    for point in launches.iter().filter_map(|launch| launch.crossings.as_ref()).flat_map(|all| &all.points) {
        if !names.contains(&point.name.as_str()) {
            names.push(&point.name);
        }
        times.entry((&point.name, point.size)).or_default().push(point.time_ns);
    }
    names
        .into_iter()
        .filter_map(|name| {
            let points: Vec<CrossingPoint> = times
                .iter()
                .filter(|((of, _), _)| *of == name)
                .map(|((_, size), times)| CrossingPoint { size: *size, launches_ns: times.clone() })
                .collect();
            crossing(name, points, launches.len(), seed)
        })
        .collect()
}

fn crossing(name: &str, points: Vec<CrossingPoint>, launches: usize, seed: u64) -> Option<Crossing> {
    if points.iter().any(|point| point.launches_ns.len() != launches) {
        return None;
    }
    let (kind, direction) = match name.strip_prefix("-> ") {
        Some(kind) => (kind, Direction::Result),
        None => (name, Direction::Argument),
    };
    let plain = |points: Vec<CrossingPoint>, fixed| Crossing {
        kind: kind.to_owned(),
        direction,
        element: None,
        fixed_ns: fixed,
        per_element_ns: None,
        worst_miss_share: None,
        points,
    };
    if let [point] = points.as_slice() {
        let fixed = median(&point.launches_ns)?.into();
        return Some(plain(points, fixed));
    }
    let sizes: Vec<f64> = points.iter().map(|point| point.size as f64).collect();
    let by_launch: Vec<Vec<f64>> =
        (0..launches).map(|launch| points.iter().map(|point| point.launches_ns[launch]).collect()).collect();
    let found = fit(&sizes, &by_launch, seed)?;
    Some(Crossing {
        element: Some(element(kind).to_owned()),
        per_element_ns: Some(found.per_element),
        worst_miss_share: Some(found.worst_miss),
        ..plain(points, found.fixed)
    })
}

/// What the size of a value counts.
fn element(kind: &str) -> &'static str {
    match kind {
        "str" => "letter",
        "bytes" => "byte",
        "list[str]" => "10-letter text",
        "dict[str, int]" => "entry",
        "callback" => "call",
        _ => "number",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch(factor: f64) -> Probed {
        let point =
            |name: &str, size: u64, time: f64| PointProbe { name: name.to_owned(), size, time_ns: time * factor };
        let sizes = [1_u64, 8, 64, 512, 4096];
        let points = [point("int", 1, 30.0)]
            .into_iter()
            .chain(sizes.map(|size| point("list[int]", size, 50.0 + 8.0 * size as f64)))
            .chain(sizes.map(|size| point("-> bytes", size, 40.0 + 0.05 * size as f64)));
        Probed {
            clock: ClockProbe {
                source: "clock".to_owned(),
                stated_resolution_ns: 1.0,
                smallest_step_ns: Some(30.0 * factor),
                reading_ns: 40.0 * factor,
            },
            floors: FloorProbe { empty_call_ns: Some(20.0), builtin_call_ns: Some(15.0), extension_call_ns: None },
            floor_module: None,
            crossings_module: Some("acme".to_owned()),
            crossings: Some(CrossingsProbe {
                points: points.collect(),
                failures: vec![],
                unknown: vec!["tuple".to_owned()],
            }),
            extensions: vec![],
            failures: vec![ModuleFailure {
                module: "gone".to_owned(),
                message: "ModuleNotFoundError: gone".to_owned(),
            }],
        }
    }

    #[test]
    fn launches_become_lines_and_floors() {
        let launches: Vec<Probed> = [1.0, 1.02, 0.99, 1.01, 0.98, 1.0].map(launch).to_vec();
        let probes = summarise(&launches, 1).unwrap();
        let crossings = probes.crossings.unwrap().types;
        let names: Vec<(&str, Direction)> = crossings.iter().map(|it| (it.kind.as_str(), it.direction)).collect();
        let expected = [("int", Direction::Argument), ("list[int]", Direction::Argument), ("bytes", Direction::Result)];
        assert_eq!(names, expected);
        assert_eq!(crossings[0].per_element_ns, None);
        assert!((crossings[1].per_element_ns.unwrap().estimate - 8.0).abs() < 1e-6);
        assert!((crossings[2].fixed_ns.estimate - 40.0).abs() < 1e-6);
        assert!((probes.clock.smallest_step_ns.unwrap() - 29.4).abs() < 1e-9);
        assert_eq!(probes.floors.extension_call_ns, None);
        assert_eq!(probes.problems.len(), 2);
        assert_eq!(summarise(&[], 1), None);
    }

    #[test]
    fn a_crossing_that_a_launch_lacks_is_left_out() {
        let mut launches = vec![launch(1.0); 4];
        launches[2].crossings.as_mut().unwrap().points.retain(|point| point.size != 64);
        let kinds: Vec<String> =
            summarise(&launches, 1).unwrap().crossings.unwrap().types.into_iter().map(|it| it.kind).collect();
        assert_eq!(kinds, ["int"]);
    }
}
