//! `claims.toml`: sentences that people say, each with what it would have to mean to be measured.
//!
//! It is read against the manifest beside it, so that a claim cannot name what the project does not have.

use std::path::Path;

use indexmap::IndexMap;
use serde::Deserialize;

use super::check::{Checked, name, nearest, toml_fault};
use super::error::Source;
use super::wire::Placed;
use super::{Project, Workload};
use crate::evidence::{Claim, ClaimMetric, Kind, PLAIN};

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WireClaims {
    #[serde(default)]
    claim: IndexMap<Placed<String>, WireClaim>,
}

/// One table `[claim.NAME]`; what the keys mean stands at [`Claim`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WireClaim {
    sentence: Placed<String>,
    source: Placed<String>,
    note: Option<String>,
    workloads: Placed<Vec<Placed<String>>>,
    #[serde(default)]
    implementations: Vec<Placed<String>>,
    #[serde(default)]
    kinds: Vec<Placed<Kind>>,
    #[serde(default)]
    variants: Vec<Placed<String>>,
    #[serde(default)]
    sizes: Vec<Placed<u64>>,
    against: Option<Placed<String>>,
    metric: Placed<ClaimMetric>,
    low: Option<Placed<f64>>,
    high: Option<Placed<f64>>,
}

/// Parses the text of a file of claims; `path` only names it in errors.
///
/// # Errors
/// When it says what cannot be, or names what `project` does not have.
pub fn parse(project: &Project, path: &Path, text: &str) -> Checked<Vec<Claim>> {
    let source = Source { path, text };
    let wire: WireClaims = toml::from_str(text).map_err(|error| toml_fault(source, &error))?;
    wire.claim.into_iter().map(|(key, wire)| claim(project, source, &key, wire)).collect()
}

fn claim(project: &Project, source: Source, key: &Placed<String>, wire: WireClaim) -> Checked<Claim> {
    name("claim", source, key)?;
    is_said(source, &wire.sentence, "a claim without a sentence", "write what is said, as it is said")?;
    is_said(source, &wire.source, "nobody says it", "name the article by its title, or what kind of source it is")?;
    let workloads = workloads(project, source, &wire.workloads)?;
    range(source, key, &wire)?;
    suits_the_metric(source, &wire)?;
    for size in &wire.sizes {
        if let Some(without) = workloads.iter().find(|workload| !workload.sizes.contains(size.get_ref())) {
            let known: Vec<String> = without.sizes.iter().map(u64::to_string).collect();
            let message = format!("the workload `{}` has no size {}", without.name, size.get_ref());
            return Err(source.fault(size.span(), message, format!("its sizes are {}", known.join(", "))));
        }
    }
    let named = |workload: &Workload, wanted: &str| workload.implementations.iter().any(|it| it.name == wanted);
    for wanted in &wire.implementations {
        if !workloads.iter().any(|workload| named(workload, wanted.get_ref())) {
            let whose = if workloads.len() == 1 { "the workload has" } else { "these workloads have" };
            return Err(unknown(source, wanted, &format!("{whose} no implementation"), &implementations(&workloads)));
        }
    }
    if let Some(wanted) = &wire.against
        && let Some(without) = workloads.iter().find(|workload| !named(workload, wanted.get_ref()))
    {
        let whose = format!("the workload `{}` has no implementation", without.name);
        return Err(unknown(source, wanted, &whose, &implementations(&[without])));
    }
    let has_variant = |wanted: &str| {
        let all = workloads.iter().flat_map(|workload| &workload.implementations);
        all.into_iter().any(|it| it.variant.as_deref().unwrap_or(PLAIN) == wanted)
    };
    if let Some(wanted) = wire.variants.iter().find(|wanted| !has_variant(wanted.get_ref())) {
        let all = workloads.iter().flat_map(|workload| &workload.implementations);
        let known: Vec<&str> = all.map(|it| it.variant.as_deref().unwrap_or(PLAIN)).collect();
        return Err(unknown(source, wanted, "these workloads have no variant", &known));
    }
    let places: Vec<_> = wire.workloads.get_ref().iter().map(|written| written.span()).collect();
    let claim = Claim {
        name: key.get_ref().clone(),
        sentence: wire.sentence.into_inner(),
        source: wire.source.into_inner(),
        note: wire.note,
        workloads: workloads.iter().map(|workload| workload.name.clone()).collect(),
        implementations: wire.implementations.into_iter().map(Placed::into_inner).collect(),
        kinds: wire.kinds.into_iter().map(Placed::into_inner).collect(),
        variants: wire.variants.into_iter().map(Placed::into_inner).collect(),
        sizes: wire.sizes.into_iter().map(Placed::into_inner).collect(),
        against: wire.against.map(Placed::into_inner).filter(|name| name != "baseline"),
        metric: wire.metric.into_inner(),
        low: wire.low.map(Placed::into_inner),
        high: wire.high.map(Placed::into_inner),
        standing: None,
        cells: Vec::new(),
    };
    for (workload, place) in workloads.iter().zip(places) {
        let taken = |it: &super::Implementation| claim.takes(&it.name, it.role, it.kind, it.variant.as_deref());
        if !workload.implementations.iter().any(taken) {
            let message = format!("no implementation of `{}` is what this claim speaks of", workload.name);
            return Err(source.fault(place, message, speaks_of(claim.metric)));
        }
    }
    Ok(claim)
}

fn is_said(source: Source, text: &Placed<String>, message: &str, mend: &str) -> Checked<()> {
    if text.get_ref().trim().is_empty() { Err(source.fault(text.span(), message, mend)) } else { Ok(()) }
}

fn workloads<'p>(
    project: &'p Project,
    source: Source,
    written: &Placed<Vec<Placed<String>>>,
) -> Checked<Vec<&'p Workload>> {
    if written.get_ref().is_empty() {
        let mend = "name at least one workload of the manifest";
        return Err(source.fault(written.span(), "a claim about no workload", mend));
    }
    let mut found: Vec<&Workload> = Vec::new();
    for wanted in written.get_ref() {
        let Some(workload) = project.workloads.iter().find(|workload| &workload.name == wanted.get_ref()) else {
            let known: Vec<&str> = project.workloads.iter().map(|workload| workload.name.as_str()).collect();
            return Err(unknown(source, wanted, "the manifest has no workload", &known));
        };
        if found.iter().any(|other| other.name == workload.name) {
            return Err(source.fault(wanted.span(), "the workload is named twice", "once is enough"));
        }
        found.push(workload);
    }
    Ok(found)
}

/// A name that does not exist, with the nearest that does.
fn unknown(source: Source, wanted: &Placed<String>, whose: &str, known: &[&str]) -> super::ManifestError {
    let mend = match nearest(wanted.get_ref(), known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let mut known = known.to_vec();
            known.sort_unstable();
            known.dedup();
            format!("known here: {}", known.join(", "))
        }
    };
    source.fault(wanted.span(), format!("{whose} `{}`", wanted.get_ref()), mend)
}

fn implementations<'p>(workloads: &[&'p Workload]) -> Vec<&'p str> {
    workloads.iter().flat_map(|workload| &workload.implementations).map(|it| it.name.as_str()).collect()
}

fn range(source: Source, key: &Placed<String>, wire: &WireClaim) -> Checked<()> {
    for end in [&wire.low, &wire.high].into_iter().flatten() {
        if !end.get_ref().is_finite() || *end.get_ref() < 0.0 {
            let mend = "ratios are baseline ÷ candidate: 2 is twice as fast, 0.5 half as fast; leave an open end out";
            return Err(source.fault(end.span(), "an end of a range is a number from 0 on", mend));
        }
    }
    match (&wire.low, &wire.high) {
        (None, None) => {
            let mend = "add `low`, `high` or both, such as low = 10";
            Err(source.fault(key.span(), "the claim has no range, so that anything would do", mend))
        }
        (Some(low), Some(high)) if low.get_ref() > high.get_ref() => {
            let message = format!("the range ends at {} before it begins at {}", high.get_ref(), low.get_ref());
            Err(source.fault(high.span(), message, "exchange `low` and `high`"))
        }
        (Some(_), _) | (None, Some(_)) => Ok(()),
    }
}

/// Refuses keys that the metric has no use for, which would be passed over in silence.
fn suits_the_metric(source: Source, wire: &WireClaim) -> Checked<()> {
    let metric = *wire.metric.get_ref();
    let has_pair = match metric {
        ClaimMetric::Time | ClaimMetric::Cpu | ClaimMetric::Memory | ClaimMetric::LatencyP99 => true,
        ClaimMetric::MemoryOfInput
        | ClaimMetric::Python
        | ClaimMetric::Language
        | ClaimMetric::Boundary
        | ClaimMetric::Cores
        | ClaimMetric::BreakEven => false,
    };
    if let Some(against) = wire.against.as_ref().filter(|_| !has_pair) {
        let mend = "leave it out: what this metric is held against is given";
        return Err(source.fault(against.span(), "`against` does not go with this metric", mend));
    }
    if let Some(size) = wire.sizes.first().filter(|_| metric == ClaimMetric::BreakEven) {
        let mend = "leave `sizes` out: the point comes from a line through all of them";
        return Err(source.fault(size.span(), "a break-even point belongs to no single size", mend));
    }
    Ok(())
}

/// What a metric can be about.
fn speaks_of(metric: ClaimMetric) -> &'static str {
    match metric {
        ClaimMetric::Time | ClaimMetric::Cpu | ClaimMetric::Memory | ClaimMetric::LatencyP99 => {
            "check `implementations`, `kinds` and `variants`: all that are given must fit one candidate, other than `against`"
        }
        ClaimMetric::MemoryOfInput => {
            "check `implementations`, `kinds` and `variants`; the baseline counts where it is named"
        }
        ClaimMetric::Python => "the step `python` begins at a `python` candidate of variant `naive`",
        ClaimMetric::Language => "the step `language` ends at the `native` candidate without a variant",
        ClaimMetric::Boundary => "the step `boundary` ends at a `hybrid` candidate with a `kernel`",
        ClaimMetric::Cores => "the step `cores` ends at a `native` candidate of variant `parallel`",
        ClaimMetric::BreakEven => "only a candidate that is called from Python has a break-even point",
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::evidence::Role;
    use crate::manifest;

    pub const MANIFEST: &str = r#"
[project]
name = "acme"
[workload.parse]
summary = "Parse lines"
sizes = [10, 1_000]
[workload.parse.baseline]
python = "acme.logs:parse"
[workload.parse.candidate.native]
kind = "native"
criterion = { package = "acme-core", bench = "logs", id = "parse/{size}" }
[workload.parse.candidate.hybrid]
kind = "hybrid"
python = "acme._native:parse"
[workload.parse.candidate.batched]
kind = "hybrid"
variant = "batched"
python = "acme._native:parse_all"
"#;

    pub const GOOD: &str = r#"
[claim.fast]
sentence = "Ten to a hundred times faster"
source = "Some article"
note = "the largest input"
workloads = ["parse"]
kinds = ["hybrid"]
variants = ["plain"]
sizes = [1_000]
metric = "time"
low = 10
high = 100
"#;

    fn read(text: &str) -> Result<Vec<Claim>, String> {
        let project = manifest::parse(Path::new("/acme"), Path::new("rustworthy.toml"), MANIFEST).unwrap();
        parse(&project, Path::new("claims.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn claims_are_read_in_their_order() {
        let second =
            "[claim.next]\nsentence = \"a\"\nsource = \"b\"\nworkloads = [\"parse\"]\nmetric = \"language\"\nlow = 2\n";
        let claims = read(&format!("{GOOD}{second}")).unwrap();
        assert_eq!([&claims[0].name, &claims[1].name], ["fast", "next"]);
        assert_eq!((claims[0].low, claims[0].high, claims[1].high), (Some(10.0), Some(100.0), None));
        let takes = |name: &str, kind, variant| claims[0].takes(name, Role::Candidate, kind, variant);
        assert!(takes("hybrid", Kind::Hybrid, None));
        assert!(!takes("batched", Kind::Hybrid, Some("batched")) && !takes("native", Kind::Native, None));
        assert!(read("").unwrap().is_empty());
    }

    #[test]
    fn quick_needs_what_claims_ask_about() {
        let mut project = manifest::parse(Path::new("/acme"), Path::new("rustworthy.toml"), MANIFEST).unwrap();
        let needed = |project: &Project| [10, 1_000].map(|size| project.needs_in_full(&project.workloads[0], size));
        assert_eq!(needed(&project), [false, true], "the largest size decides");
        project.claims = read(&GOOD.replace("sizes = [1_000]", "sizes = [10]")).unwrap();
        assert_eq!(needed(&project), [true, true]);
        let batch = GOOD.replace("sizes = [1_000]\nmetric = \"time\"", "metric = \"break-even\"");
        project.claims = read(&batch.replace("low = 10\nhigh = 100", "low = 2")).unwrap();
        assert_eq!(needed(&project), [true, true], "a line needs an interval at each of its points");
    }

    #[test]
    fn faults_name_the_line_and_the_mend() {
        let changed = |from: &str, to: &str| {
            assert!(GOOD.contains(from), "{from}");
            read(&GOOD.replace(from, to)).unwrap_err()
        };
        let faults = [
            changed("workloads = [\"parse\"]", "workloads = [\"prase\"]"),
            changed("workloads = [\"parse\"]", "workloads = []"),
            changed("workloads = [\"parse\"]", "workloads = [\"parse\", \"parse\"]"),
            changed("low = 10\nhigh = 100\n", ""),
            changed("low = 10", "low = 1000"),
            changed("low = 10\n", "low = -1\n"),
            changed("high = 100", "high = inf"),
            changed("metric = \"time\"", "metric = \"speed\""),
            changed("metric = \"time\"", "metric = \"cores\""),
            changed("metric = \"time\"", "metric = \"break-even\""),
            changed("metric = \"time\"", "metric = \"boundary\"\nagainst = \"native\""),
            changed("metric = \"time\"", "metric = \"time\"\nagainst = \"natife\""),
            changed("kinds = [\"hybrid\"]", "kinds = [\"hybird\"]"),
            changed("kinds = [\"hybrid\"]", "implementations = [\"rust\"]"),
            changed("variants = [\"plain\"]", "variants = [\"batch\"]"),
            changed("sizes = [1_000]", "sizes = [1_000, 7]"),
            changed("sentence = \"Ten to a hundred times faster\"", "sentence = \" \""),
            changed("source = \"Some article\"", "source = \"\""),
            changed("source = \"Some article\"", "sources = \"Some article\""),
            changed("note =", "notes ="),
        ];
        insta::assert_snapshot!(faults.join("\n\n"));
    }

    #[test]
    fn the_suites_claims_name_what_the_suite_has() {
        let project = manifest::read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert!(project.claims.len() >= 12);
        // Each workload of the suite is there to test a sentence.
        for workload in &project.workloads {
            let tested = project.claims.iter().any(|claim| claim.workloads.contains(&workload.name));
            assert!(tested, "no claim names {}", workload.name);
        }
    }
}
