//! Manifests, and claims beside them, as nobody would write them: whatever they say, they are read or refused, and every
//! refusal can be shown.
//!
//! A few thousand in every run of the tests, from a fixed seed. For a long run, in release:
//!
//! ```text
//! PROPTEST_CASES=1000000 cargo test --release --lib manifest::fuzz
//! ```

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;

use super::schema::{keys, shown};
use super::{ManifestError, claims, parse};

/// Values that parsers stumble over, and every form that a value of a manifest has.
const VALUES: &[&str] = &[
    "0",
    "1",
    "-1",
    "9223372036854775807",
    "9223372036854775808",
    "-0.0",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "1e-400",
    "0x7f",
    "0.32",
    "true",
    "\"\"",
    "\"a:b\"",
    "\":\"",
    "\"a:\"",
    "\"5%\"",
    "\"%\"",
    "\"1e3%\"",
    "\"60s\"",
    "\"P1Y\"",
    "\"-5s\"",
    "\"4GiB\"",
    "\"18446744073709551616EiB\"",
    "\"{size}\"",
    "\"{\"",
    "\"{nobody}\"",
    "\"path\"",
    "\"types\"",
    "\"json\"",
    "\"native\"",
    "\"hybrid\"",
    "\"baseline\"",
    "\"\\u0000\"",
    "\"\\U0001F600\"",
    "'''\n'''",
    "[]",
    "[[]]",
    "[[\"\"]]",
    "[\"{python}\", \"{input}\"]",
    "[1, 1]",
    "[0, 18446744073709551615]",
    "{}",
    "{ a = 1 }",
    "{ hybrid = 5 }",
    "{ KeyError = [\"LookupError\"] }",
    "{ KeyError = [] }",
    "{ \"\" = [\"PanicException\"] }",
    "{ package = \"p\", name = \"n\" }",
    "[{ package = \"p\", name = \"n\", features = [\"f\"] }]",
    "\"5ms\"",
    "{ relative = 1 }",
    "{ ulps = -1 }",
    "{ package = \"p\", bench = \"b\", id = \"{size}\" }",
    "1979-05-27T07:32:00Z",
];

/// Every key, and some that are none.
const KEYS: &[&str] = &[
    "name",
    "python",
    "python-path",
    "requirements",
    "build",
    "extensions",
    "cargo",
    "reports",
    "yearly-compute-cost",
    "day-rate",
    "summary",
    "tags",
    "sizes",
    "unit",
    "input",
    "input-as",
    "boundary",
    "share-of-runtime",
    "effort-days",
    "tolerance",
    "output",
    "cases",
    "result",
    "setup",
    "inputs-are",
    "consume",
    "timeout",
    "memory-limit",
    "env",
    "cwd",
    "gate",
    "kind",
    "variant",
    "criterion",
    "command",
    "verify",
    "requires",
    "kernel",
    "assumes",
    "source",
    "size",
    "harmless",
    "must-catch",
    "memory",
    "min-speedup",
    "min-memory-saving",
    "alpha",
    "beta",
    "max-blocks",
    "max-seconds",
    "inconclusive",
    "instructions",
    "http",
    "verdict",
    "project",
    "workload",
    "baseline",
    "candidate",
    "binaries",
    "package",
    "module",
    "features",
    "total-items",
    "exceptions",
    "adapt",
    "bench",
    "id",
    "relative",
    "ulps",
    "order",
    "identity",
    "max-memory",
    "harmless-memory",
    "max-latency",
    "min-ceiling",
    "min-gain",
    "min-port-gain",
    "library-reach",
    "enough-gain-share",
    "max-crossing-share",
    "min-crossing-gain",
    "hybrid-share-of-native",
    "max-memory-growth",
    "horizon-years",
    "upkeep-share",
    "sure-half-width",
    "fair-half-width",
    "sure-cases",
    "fair-cases",
    "sure-sizes",
    "\"\"",
    "\"größe\"",
    "a.b.c",
    "__proto__",
];

/// Headers of tables.
const TABLES: &[&str] = &[
    "[project]",
    "[gate]",
    "[workload.w]",
    "[workload.w.gate]",
    "[workload.w.baseline]",
    "[workload.w.candidate.c]",
    "[workload.w.candidate.hybrid]",
    "[workload.w.tolerance]",
    "[workload.w.env]",
    "[workload.w.exceptions]",
    "[workload.w.verdict]",
    "[[project.binaries]]",
    "[[workload]]",
    "[workload.\"\"]",
    "[workload.\"a/b\"]",
    "[[project.extensions]]",
    "[verdict]",
    "[a]",
];

/// Keys of a claim, its values, and some that are none.
const CLAIM_KEYS: &[&str] = &[
    "sentence",
    "source",
    "note",
    "workloads",
    "implementations",
    "kinds",
    "variants",
    "sizes",
    "against",
    "metric",
    "low",
    "high",
    "\"größe\"",
];
const CLAIM_VALUES: &[&str] = &[
    "\"time\"",
    "\"memory-of-input\"",
    "\"language\"",
    "\"boundary\"",
    "\"break-even\"",
    "[\"parse\"]",
    "[\"parse\", \"parse\"]",
    "[\"native\"]",
    "[\"plain\", \"batched\"]",
    "[10, 1000]",
    "\"native\"",
    "\"baseline\"",
];

/// One way to damage a text.
#[derive(Clone, Debug)]
enum Damage {
    /// Text put in at a place.
    Insert(Index, String),
    /// Characters taken out at a place.
    Remove(Index, usize),
    /// A line taken out.
    RemoveLine(Index),
    /// A line put in again elsewhere.
    CopyLine(Index, Index),
    /// The value of a line made another.
    SetValue(Index, &'static str),
    /// The key of a line made another.
    SetKey(Index, &'static str),
    /// Cut off at a place.
    CutOff(Index),
    /// One bracket or quote many times.
    Nest(Index, &'static str, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let index = any::<Index>;
    prop_oneof![
        (index(), ".{0,4}").prop_map(|(at, text)| Damage::Insert(at, text)),
        (index(), 1..20_usize).prop_map(|(at, count)| Damage::Remove(at, count)),
        index().prop_map(Damage::RemoveLine),
        (index(), index()).prop_map(|(from, to)| Damage::CopyLine(from, to)),
        (index(), select(VALUES)).prop_map(|(at, value)| Damage::SetValue(at, value)),
        (index(), select(KEYS)).prop_map(|(at, key)| Damage::SetKey(at, key)),
        index().prop_map(Damage::CutOff),
        (index(), select(&["[", "{a=", "\"", "[[", "a."][..]), 1..300_usize)
            .prop_map(|(at, text, times)| Damage::Nest(at, text, times)),
    ]
}

fn damaged(text: &str, damage: &Damage) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let splice = |at: &Index, count: usize, text: &str| {
        let start = at.index(characters.len() + 1);
        let end = (start + count).min(characters.len());
        characters[..start].iter().copied().chain(text.chars()).chain(characters[end..].iter().copied()).collect()
    };
    let side = |line: &str, of_key: bool, text: &str| match line.split_once('=') {
        Some((_, value)) if of_key => format!("{text} ={value}"),
        Some((key, _)) => format!("{key}= {text}"),
        None => text.to_owned(),
    };
    match damage {
        Damage::Insert(at, text) => splice(at, 0, text),
        Damage::Remove(at, count) => splice(at, *count, ""),
        Damage::Nest(at, text, times) => splice(at, 0, &text.repeat(*times)),
        Damage::CutOff(at) => characters[..at.index(characters.len() + 1)].iter().collect(),
        Damage::RemoveLine(at) => {
            lines.remove(at.index(lines.len()));
            lines.join("\n")
        }
        Damage::CopyLine(from, to) => {
            lines.insert(to.index(lines.len()), lines[from.index(lines.len())].clone());
            lines.join("\n")
        }
        Damage::SetValue(at, value) => {
            let at = at.index(lines.len());
            lines[at] = side(&lines[at], false, value);
            lines.join("\n")
        }
        Damage::SetKey(at, key) => {
            let at = at.index(lines.len());
            lines[at] = side(&lines[at], true, key);
            lines.join("\n")
        }
    }
}

/// Tables and keys of manifests in any order, with any values.
fn made_up() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        8 => select(VALUES).prop_map(str::to_owned),
        1 => any::<f64>().prop_map(|value| format!("{value:?}")),
        1 => any::<i64>().prop_map(|value| value.to_string()),
        1 => ".{0,20}".prop_map(|text| format!("{text:?}")),
    ];
    let line = prop_oneof![
        1 => select(TABLES).prop_map(str::to_owned),
        4 => (select(KEYS), value).prop_map(|(key, value)| format!("{key} = {value}")),
    ];
    proptest::collection::vec(line, 0..40).prop_map(|lines| lines.join("\n"))
}

/// Claims with any keys and values.
fn made_up_claims() -> impl Strategy<Value = String> {
    let value = prop_oneof![select(CLAIM_VALUES), select(VALUES)];
    let line = prop_oneof![
        1 => select(&["[claim.fast]", "[claim.\"a/b\"]", "[[claim]]", "[claim.w.x]"][..]).prop_map(str::to_owned),
        6 => (select(CLAIM_KEYS), value).prop_map(|(key, value)| format!("{key} = {value}")),
    ];
    proptest::collection::vec(line, 0..20).prop_map(|lines| lines.join("\n"))
}

/// A refusal names a line of the file and can be shown.
fn is_read_or_refused(text: &str) {
    match parse(Path::new("/acme"), Path::new("rustworthy.toml"), text) {
        Ok(project) => {
            assert!(project.workloads.iter().all(|workload| workload.sizes.contains(&workload.gate.size)));
            assert!(project.workloads.iter().all(|workload| workload.gate.harmless < workload.gate.must_catch));
        }
        Err(ManifestError::Invalid(fault)) => {
            assert!(fault.line() <= text.split('\n').count());
            assert!(!fault.to_string().is_empty());
        }
        Err(error) => panic!("{error}"),
    }
}

fn claims_are_read_or_refused(text: &str) {
    let manifest = claims::tests::MANIFEST;
    let project = parse(Path::new("/acme"), Path::new("rustworthy.toml"), manifest).unwrap();
    match claims::parse(&project, Path::new("claims.toml"), text) {
        Ok(claims) => assert!(claims.iter().all(|claim| claim.low.is_some() || claim.high.is_some())),
        Err(ManifestError::Invalid(fault)) => {
            assert!(fault.line() <= text.split('\n').count());
            assert!(!fault.to_string().is_empty());
        }
        Err(error) => panic!("{error}"),
    }
}

/// What the generators do not know they do not try.
#[test]
fn the_generators_know_every_key() {
    let unknown: Vec<String> = keys().into_iter().filter(|key| !KEYS.contains(&key.as_str())).collect();
    assert_eq!(unknown, Vec::<String>::new());
}

fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { usual.cases } else { 1000 };
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(20_260_314), failure_persistence: None, ..usual }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn damaged_manifests_are_read_or_refused(
        text in select(shown()),
        damages in proptest::collection::vec(damage(), 1..6),
    ) {
        is_read_or_refused(&damages.iter().fold(text, |text, damage| damaged(&text, damage)));
    }

    #[test]
    fn damaged_claims_are_read_or_refused(
        damages in proptest::collection::vec(damage(), 1..6),
    ) {
        let text = claims::tests::GOOD.to_owned();
        claims_are_read_or_refused(&damages.iter().fold(text, |text, damage| damaged(&text, damage)));
    }

    #[test]
    fn made_up_claims_are_read_or_refused(text in made_up_claims()) {
        claims_are_read_or_refused(&text);
    }

    #[test]
    fn made_up_manifests_are_read_or_refused(text in made_up()) {
        is_read_or_refused(&text);
    }
}
