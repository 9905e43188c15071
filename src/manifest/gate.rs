//! What `rustworthy gate` holds a project to: how sure it must be, and the margins and floors of each workload.

use indexmap::IndexMap;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use super::ManifestError;
use super::check::{Checked, nearest};
use super::error::Source;
use super::wire::Placed;

/// How surely and how long the gate judges: the table `[gate]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GateRules {
    /// Probability that a gate of harmless changes fails, all comparisons together.
    pub alpha: f64,
    /// Probability that a comparison passes a change that must be caught.
    pub beta: f64,
    /// Blocks after which a comparison is inconclusive.
    pub max_blocks: u32,
    /// Seconds after which a comparison is inconclusive.
    pub max_seconds: f64,
    /// What an inconclusive gate counts as.
    pub inconclusive: Inconclusive,
    /// Whose instructions are counted.
    pub instructions: Instructions,
}

/// Whose instructions `gate --against` counts, where something counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Instructions {
    /// Those of every baseline, hybrid and native.
    All,
    /// Those of Rust whose time would fail.
    #[default]
    Failing,
    /// Nobody's.
    None,
}

/// What an inconclusive gate counts as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Inconclusive {
    /// As passed.
    #[default]
    Pass,
    /// As failed.
    Fail,
}

impl Default for GateRules {
    fn default() -> GateRules {
        GateRules {
            alpha: 0.01,
            beta: 0.01,
            max_blocks: 60,
            max_seconds: 20.0,
            inconclusive: Inconclusive::default(),
            instructions: Instructions::default(),
        }
    }
}

/// What the gate holds one workload to: the table `[workload.NAME.gate]`.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkloadGate {
    /// The size that it is judged at.
    pub size: u64,
    /// A change of time up to this share is harmless; 0.01 is 1 %.
    pub harmless: f64,
    /// A change of time from this share on must be caught.
    pub must_catch: f64,
    /// A growth of peak memory up to this share is harmless, as is one up to 1 MiB.
    pub memory: f64,
    /// The least speed-up over the baseline, by candidate.
    pub min_speedup: IndexMap<String, f64>,
    /// The least ratio of memory, baseline ÷ candidate, by candidate.
    pub min_memory_saving: IndexMap<String, f64>,
}

const HARMLESS: f64 = 0.01;
const MUST_CATCH: f64 = 0.05;
const MEMORY: f64 = 0.05;

impl WorkloadGate {
    /// The defaults, at this size.
    pub fn at(size: u64) -> WorkloadGate {
        WorkloadGate {
            size,
            harmless: HARMLESS,
            must_catch: MUST_CATCH,
            memory: MEMORY,
            min_speedup: IndexMap::new(),
            min_memory_saving: IndexMap::new(),
        }
    }
}

/// How surely and how long `rustworthy gate` judges.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Gate"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WireGate {
    /// Probability that a gate of harmless changes fails, all comparisons together.
    #[cfg_attr(test, schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 0.5, "default" = 0.01)))]
    alpha: Option<Placed<f64>>,
    /// Probability that a comparison passes a change that must be caught.
    #[cfg_attr(test, schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 0.5, "default" = 0.01)))]
    beta: Option<Placed<f64>>,
    /// Blocks after which a comparison is inconclusive.
    #[cfg_attr(test, schemars(range(min = 5), extend("default" = 60)))]
    max_blocks: Option<Placed<u32>>,
    /// Seconds after which a comparison is inconclusive.
    #[cfg_attr(test, schemars(extend("exclusiveMinimum" = 0, "default" = 20)))]
    max_seconds: Option<Placed<f64>>,
    /// What an inconclusive gate counts as.
    #[serde(default)]
    inconclusive: Inconclusive,
    /// Whose instructions are counted: of every baseline, hybrid and native, of Rust whose time would fail, or nobody's.
    #[serde(default)]
    instructions: Instructions,
}

/// What `rustworthy gate` holds a workload to.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "WorkloadGate"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WireWorkloadGate {
    /// The size that it is judged at, one of `sizes`. Default: the largest.
    size: Option<Placed<u64>>,
    /// A change of time up to this is harmless, such as `1%`.
    #[cfg_attr(test, schemars(extend("default" = "1%")))]
    harmless: Option<Placed<Percent>>,
    /// A change of time from this on must be caught, such as `5%`; more than `harmless`.
    #[cfg_attr(test, schemars(extend("default" = "5%")))]
    must_catch: Option<Placed<Percent>>,
    /// A growth of peak memory up to this is harmless, such as `5%`; and, whatever the share, one of up to 1 MiB.
    #[cfg_attr(test, schemars(extend("default" = "5%")))]
    memory: Option<Placed<Percent>>,
    /// The least speed-up over the baseline, by candidate.
    #[serde(default)]
    #[cfg_attr(test, schemars(schema_with = "super::schema::floors"))]
    min_speedup: IndexMap<Placed<String>, Placed<f64>>,
    /// The least ratio of memory, baseline ÷ candidate, by candidate.
    #[serde(default)]
    #[cfg_attr(test, schemars(schema_with = "super::schema::floors"))]
    min_memory_saving: IndexMap<Placed<String>, Placed<f64>>,
}

/// A share, written as a percentage.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(transparent))]
pub struct Percent(#[cfg_attr(test, schemars(regex(pattern = r"^\s*[0-9]+(\.[0-9]+)?\s*%\s*$")))] String);

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Percent, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Percent;

            fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
                formatter.write_str("a percentage in quotes, such as \"5%\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Percent, E> {
                Ok(Percent(text.to_owned()))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl Percent {
    /// The share, 0.05 for `5%`.
    fn share(&self) -> Option<f64> {
        let digits = self.0.trim().strip_suffix('%')?.trim_end();
        let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        digits.parse::<f64>().ok().filter(|percent| is_plain && percent.is_finite()).map(|percent| percent / 100.0)
    }
}

/// Checks the table `[gate]`.
pub fn rules(source: Source, wire: WireGate) -> Checked<GateRules> {
    let usual = GateRules::default();
    let probability = |written: &Option<Placed<f64>>, usual: f64| match written {
        None => Ok(usual),
        Some(value) if *value.get_ref() > 0.0 && *value.get_ref() < 0.5 => Ok(*value.get_ref()),
        Some(value) => Err(source.fault(
            value.span(),
            "a probability of error lies between 0 and 0.5",
            "0.01 is wrong once in a hundred times",
        )),
    };
    let rules = GateRules {
        alpha: probability(&wire.alpha, usual.alpha)?,
        beta: probability(&wire.beta, usual.beta)?,
        max_blocks: wire.max_blocks.as_ref().map_or(usual.max_blocks, |blocks| *blocks.get_ref()),
        max_seconds: match &wire.max_seconds {
            None => usual.max_seconds,
            Some(seconds) if seconds.get_ref().is_finite() && *seconds.get_ref() > 0.0 => *seconds.get_ref(),
            Some(seconds) => return Err(source.fault(seconds.span(), "a gate takes some seconds", "such as 20")),
        },
        inconclusive: wire.inconclusive,
        instructions: wire.instructions,
    };
    let fewest = fewest_blocks(rules.alpha.min(rules.beta));
    if rules.max_blocks >= fewest {
        return Ok(rules);
    }
    let blamed = [
        wire.max_blocks.as_ref().map(|blocks| blocks.span()),
        wire.alpha.as_ref().filter(|alpha| *alpha.get_ref() <= rules.beta).map(|alpha| alpha.span()),
        wire.beta.as_ref().map(|beta| beta.span()),
    ];
    let span = blamed.into_iter().flatten().next().unwrap_or(0..0);
    let message = format!("{} blocks can never be enough to pass and to fail", rules.max_blocks);
    let mend = format!("with alpha = {} and beta = {} it takes {fewest} or more", rules.alpha, rules.beta);
    Err(source.fault(span, message, mend))
}

/// The fewest blocks that can carry evidence of 1/`error`: all of `t` blocks on one side give (2^(t+1) − 1)/(t + 1), and
/// the gate never decides before five.
fn fewest_blocks(error: f64) -> u32 {
    let reaches = |blocks: &u32| (f64::from(*blocks + 1).exp2() - 1.0) / f64::from(*blocks + 1) >= 1.0 / error;
    (5..u32::MAX).find(reaches).unwrap_or(u32::MAX)
}

/// Checks the table `[workload.NAME.gate]` against the workload's sizes and candidates.
pub fn workload(
    source: Source,
    wire: Option<Placed<WireWorkloadGate>>,
    sizes: &[u64],
    candidates: &[&str],
) -> Checked<WorkloadGate> {
    let usual = WorkloadGate::at(sizes.last().copied().unwrap_or(1));
    let Some(wire) = wire else { return Ok(usual) };
    let wire = wire.into_inner();
    if let Some(size) = wire.size.as_ref().filter(|size| !sizes.contains(size.get_ref())) {
        let known: Vec<String> = sizes.iter().map(u64::to_string).collect();
        let message = format!("the workload has no size {}", size.get_ref());
        return Err(source.fault(size.span(), message, format!("its sizes are {}", known.join(", "))));
    }
    let harmless = share(source, wire.harmless.as_ref(), usual.harmless)?;
    let must_catch = share(source, wire.must_catch.as_ref(), usual.must_catch)?;
    if harmless >= must_catch {
        let written = wire.must_catch.as_ref().or(wire.harmless.as_ref());
        let message = format!(
            "what must be caught ({}) is not more than what is harmless ({})",
            in_percent(must_catch, wire.must_catch.is_none()),
            in_percent(harmless, wire.harmless.is_none()),
        );
        let mend = "what lies between the two may go either way: leave a gap, such as 1% and 5%";
        return Err(source.fault(written.map_or(0..0, |written| written.span()), message, mend));
    }
    Ok(WorkloadGate {
        size: wire.size.map_or(usual.size, Placed::into_inner),
        harmless,
        must_catch,
        memory: share(source, wire.memory.as_ref(), usual.memory)?,
        min_speedup: floors(source, wire.min_speedup, candidates)?,
        min_memory_saving: floors(source, wire.min_memory_saving, candidates)?,
    })
}

fn in_percent(share: f64, is_default: bool) -> String {
    // Shares come from percentages; this takes the binary fraction's tail off again.
    let percent = (share * 1e8).round() / 1e6;
    format!("{percent}%{}", if is_default { " by default" } else { "" })
}

fn share(source: Source, written: Option<&Placed<Percent>>, usual: f64) -> Checked<f64> {
    let Some(written) = written else { return Ok(usual) };
    written
        .get_ref()
        .share()
        .ok_or_else(|| source.fault(written.span(), "not a percentage", "such as \"1%\" or \"2.5%\""))
}

fn floors(
    source: Source,
    wire: IndexMap<Placed<String>, Placed<f64>>,
    candidates: &[&str],
) -> Result<IndexMap<String, f64>, ManifestError> {
    let mut floors = IndexMap::new();
    for (name, ratio) in wire {
        if !candidates.contains(&name.get_ref().as_str()) {
            let mend = match nearest(name.get_ref(), candidates.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if candidates.is_empty() => "add it, or drop the floor".to_owned(),
                None => format!("its candidates are {}", candidates.join(", ")),
            };
            let message = format!("the workload has no candidate `{}`", name.get_ref());
            return Err(source.fault(name.span(), message, mend));
        }
        if !ratio.get_ref().is_finite() || *ratio.get_ref() <= 0.0 {
            let mend = "ratios are baseline ÷ candidate: 5.0 asks for a fifth of the baseline";
            return Err(source.fault(ratio.span(), "a floor is a ratio above 0", mend));
        }
        floors.insert(name.into_inner(), ratio.into_inner());
    }
    Ok(floors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_shares() {
        let share = |text: &str| Percent(text.to_owned()).share();
        assert_eq!(share("5%"), Some(0.05));
        assert_eq!(share(" 2.5 % "), Some(0.025));
        assert_eq!(share("0%"), Some(0.0));
        for text in ["", "%", "5", "-1%", "+1%", "nan%", "inf%", "1e3%", "1..2%", ".%", "5%%", "a%"] {
            assert_eq!(share(text), None, "{text}");
        }
        assert_eq!(in_percent(0.07, false), "7%");
    }

    #[test]
    fn no_decision_is_possible_below_some_blocks() {
        assert_eq!(fewest_blocks(0.01), 9);
        assert_eq!(fewest_blocks(0.4), 5);
        assert_eq!(fewest_blocks(0.0005), 14);
    }
}
