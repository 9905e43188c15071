//! Every number that a run states can be computed again from its raw samples. The arithmetic here is independent of
//! the tool's: a few lines on the JSON alone.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::project::{Project, cell, workload};

const CODE: &str = "
def loop(values):
    result = 0
    for value in values:
        result += value
    return result

def formula(values):
    return len(values) * (len(values) - 1) // 2

def built(values):
    return [str(value) * 20 for value in values] and sum(values)
";

fn project() -> Project {
    let settings = "sizes = [100, 100000]\nunit = \"numbers\"";
    Project::new(&workload("sum", settings, "loop", &["total", "formula", "built"]), CODE)
}

/// Time of a call in each round: the slope through the origin.
fn times(cell: &Json) -> BTreeMap<u64, f64> {
    let numbers = |list: &Json| list.as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect::<Vec<_>>();
    let slope = |launch: &Json| {
        let (calls, ns) = (numbers(&launch["iterations"]), numbers(&launch["elapsed_ns"]));
        assert_eq!(calls.len(), ns.len());
        let products: f64 = calls.iter().zip(&ns).map(|(calls, ns)| calls * ns).sum();
        products / calls.iter().map(|calls| calls * calls).sum::<f64>()
    };
    by_round(&cell["launches"], slope)
}

fn processor_times(cell: &Json) -> BTreeMap<u64, f64> {
    by_round(&cell["launches"], |launch| {
        let calls: u64 = launch["iterations"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum();
        launch["cpu_ns"].as_f64().unwrap() / calls as f64
    })
}

fn memory(cell: &Json) -> BTreeMap<u64, f64> {
    by_round(&cell["memory_launches"], |launch| {
        launch["peak_bytes"].as_f64().unwrap() - launch["before_bytes"].as_f64().unwrap()
    })
}

/// The time that one call in a hundred exceeds; none where too few calls were watched.
fn slowest_calls(cell: &Json) -> BTreeMap<u64, f64> {
    let all = by_round(&cell["memory_launches"], |launch| launch["latency_ns"]["p99"].as_f64().unwrap_or(f64::NAN));
    all.into_iter().filter(|(_, ns)| !ns.is_nan()).collect()
}

fn by_round(launches: &Json, value: impl Fn(&Json) -> f64) -> BTreeMap<u64, f64> {
    launches.as_array().unwrap().iter().map(|launch| (launch["round"].as_u64().unwrap(), value(launch))).collect()
}

/// The median, taken on logarithms, and the extremes, which are the interval of up to eight rounds.
fn summary(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut logs: Vec<f64> = values.map(f64::ln).collect();
    logs.sort_by(f64::total_cmp);
    let (low, high) = (logs[(logs.len() - 1) / 2], logs[logs.len() / 2]);
    [logs[0], (low + high) / 2.0, logs[logs.len() - 1]].map(f64::exp)
}

#[track_caller]
fn assert_close(stated: &Json, computed: f64) {
    // The file has seven digits of it.
    let stated = stated.as_f64().unwrap();
    assert!((stated / computed - 1.0).abs() < 1e-6, "stated {stated}, computed {computed}");
}

#[test]
fn every_ratio_follows_from_the_launches() {
    let project = project();
    let said = project.run(&["--rounds", "3"]).exits(0);
    let run = project.saved();
    let mut compared = Vec::new();
    for size in run["workloads"][0]["sizes"].as_array().unwrap() {
        let find = |name: &Json| {
            size["implementations"].as_array().unwrap().iter().find(|cell| &cell["name"] == name).unwrap()
        };
        for comparison in size["comparisons"].as_array().unwrap() {
            let metric = comparison["metric"].as_str().unwrap();
            let of: fn(&Json) -> BTreeMap<u64, f64> = match metric {
                "time" => times,
                "cpu" => processor_times,
                "memory" => memory,
                "latency_p99" => slowest_calls,
                other => panic!("an unknown metric: {other}"),
            };
            let (baseline, candidate) = (of(find(&comparison["against"])), of(find(&comparison["candidate"])));
            let ratios = baseline.iter().filter_map(|(round, base)| Some(base / candidate.get(round)?));
            let ratios: Vec<f64> = ratios.collect();
            assert_eq!(comparison["rounds"].as_u64().unwrap() as usize, ratios.len());
            assert_eq!(comparison["indicative"].as_bool().unwrap(), ratios.len() < 6);
            let [low, median, high] = summary(ratios.into_iter());
            assert_close(&comparison["ratio"], median);
            assert_close(&comparison["low"], low);
            assert_close(&comparison["high"], high);
            compared.push((size["size"].as_u64().unwrap(), metric, comparison["candidate"].as_str().unwrap(), median));
        }
    }
    let times: Vec<_> = compared.iter().filter(|(_, metric, ..)| *metric == "time").collect();
    assert_eq!(times.len(), 6, "three candidates at two sizes");

    // What the terminal shows, at the larger size, is the same to its three digits.
    for (_, _, name, ratio) in times.iter().filter(|(size, ..)| *size == 100_000) {
        let row = said.stdout.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        let shown: Vec<f64> =
            row.split_whitespace().filter_map(|word| word.strip_suffix('×')?.replace(',', "").parse().ok()).collect();
        assert!((shown[0] / ratio - 1.0).abs() < 0.006, "{row}: {ratio}");
    }
}

#[test]
fn every_raw_sample_is_in_the_file() {
    let project = project();
    let said = project.run(&["sum/total", "--size", "100", "--rounds", "2", "--format", "json"]).exits(0);
    let run = said.json();
    assert_eq!(run, project.saved(), "standard output is the saved file");
    assert_eq!((run["schema"].as_str(), run["complete"].as_bool()), (Some("rustworthy.run/1"), Some(true)));
    for name in ["baseline", "total"] {
        let launches = cell(&run, "sum", name)["launches"].as_array().unwrap();
        let rounds: Vec<_> = launches.iter().map(|launch| launch["round"].as_u64().unwrap()).collect();
        assert_eq!(rounds, [0, 1]);
        for launch in launches {
            assert_eq!(launch["hash_seed"].as_u64().unwrap(), launch["round"].as_u64().unwrap() + 1);
            let samples = launch["iterations"].as_array().unwrap().len();
            assert!(samples >= 5, "{launch:#}");
            assert_eq!(launch["elapsed_ns"].as_array().unwrap().len(), samples);
        }
    }
    let names: Vec<_> = run["workloads"][0]["sizes"][0]["implementations"].as_array().unwrap().to_vec();
    assert_eq!(names.len(), 2, "the filter named one candidate, whose baseline comes along");
}

#[test]
fn the_seed_decides_the_order_of_launches() {
    let manifest = workload("sum", "", "loop", &["total", "formula"]);
    let project = Project::new(&manifest, CODE);
    let order = |seed: &str| {
        let run = project.run(&["--rounds", "3", "--seed", seed, "--format", "json"]).exits(0).json();
        let cells = run["workloads"][0]["sizes"][0]["implementations"].as_array().unwrap().clone();
        let mut launches = Vec::new();
        for cell in &cells {
            for launch in cell["launches"].as_array().unwrap() {
                let place = (launch["round"].as_u64().unwrap(), launch["slot"].as_u64().unwrap());
                launches.push((place, cell["name"].as_str().unwrap().to_owned()));
            }
        }
        launches.sort();
        launches
    };
    let first = order("1");
    assert_eq!(first.len(), 9);
    assert_eq!(first, order("1"));
    assert_ne!(first, order("2"));
}
