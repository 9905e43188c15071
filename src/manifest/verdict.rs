//! What verdicts are held against: the table `[verdict]`, and the limits of a workload in `[workload.NAME.verdict]`.

use serde::Deserialize;

use super::check::{Checked, duration, memory};
use super::error::Source;
use super::wire::Placed;
use crate::evidence::{Limits, Thresholds};

/// Thresholds as they are written; what is left out keeps its default.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WireVerdict {
    /// A task whose ceiling is lower stays, however fast it becomes. The ceiling is the application's speed-up if the
    /// task took no time (Amdahl's law): 1.25 belongs to a fifth of the runtime.
    #[cfg_attr(test, schemars(range(min = 1), extend("default" = 1.25)))]
    min_ceiling: Option<Placed<f64>>,
    /// The application's least speed-up that is worth any change.
    #[cfg_attr(test, schemars(range(min = 1), extend("default" = 1.2)))]
    min_gain: Option<Placed<f64>>,
    /// The task's own least speed-up, over the best Python, that is worth Rust of your own.
    #[cfg_attr(test, schemars(range(min = 1), extend("default" = 1.5)))]
    min_port_gain: Option<Placed<f64>>,
    /// A library within this factor of the best Rust is preferred to it.
    #[cfg_attr(test, schemars(range(min = 1), extend("default" = 1.5)))]
    library_reach: Option<Placed<f64>>,
    /// Better Python or a library with this share of the best gain, on a log scale, is enough.
    #[cfg_attr(test, schemars(range(min = 0, max = 1), extend("default" = 0.7)))]
    enough_gain_share: Option<Placed<f64>>,
    /// The largest share of a hybrid's call that may be spent at the boundary.
    #[cfg_attr(test, schemars(range(min = 0, max = 1), extend("default" = 0.5)))]
    max_crossing_share: Option<Placed<f64>>,
    /// The least speed-up of a hybrid that spends more there, and would in larger calls too.
    #[cfg_attr(test, schemars(range(min = 1), extend("default" = 3)))]
    min_crossing_gain: Option<Placed<f64>>,
    /// For whole processes: a hybrid that reaches this share of the native's speed is preferred to it.
    #[cfg_attr(test, schemars(range(min = 0, max = 1), extend("default" = 0.8)))]
    hybrid_share_of_native: Option<Placed<f64>>,
    /// How many times the baseline's memory a candidate may need.
    #[cfg_attr(test, schemars(range(min = 1), extend("default" = 2)))]
    max_memory_growth: Option<Placed<f64>>,
    /// What a call may need in any case, such as `64MiB`: below it, no growth of memory counts.
    #[cfg_attr(test, schemars(extend("default" = "64MiB")))]
    harmless_memory: Option<Placed<String>>,
    /// A port has to pay for itself within so many years.
    #[cfg_attr(test, schemars(extend("exclusiveMinimum" = 0), extend("default" = 2)))]
    horizon_years: Option<Placed<f64>>,
    /// What keeping up a port costs each year, as a share of what making it cost.
    #[cfg_attr(test, schemars(range(min = 0, max = 1), extend("default" = 0.2)))]
    upkeep_share: Option<Placed<f64>>,
    /// Confidence in timing is high up to this half-width of the interval.
    #[cfg_attr(test, schemars(range(min = 0, max = 1), extend("default" = 0.03)))]
    sure_half_width: Option<Placed<f64>>,
    /// And medium up to this one.
    #[cfg_attr(test, schemars(range(min = 0, max = 1), extend("default" = 0.1)))]
    fair_half_width: Option<Placed<f64>>,
    /// Confidence in agreement is high from so many agreeing inputs.
    #[cfg_attr(test, schemars(extend("default" = 1000)))]
    sure_cases: Option<Placed<u64>>,
    /// And medium from so many.
    #[cfg_attr(test, schemars(extend("default" = 100)))]
    fair_cases: Option<Placed<u64>>,
    /// Confidence in the sizes is high from so many sizes, measured in full, that say the same.
    #[cfg_attr(test, schemars(extend("default" = 3)))]
    sure_sizes: Option<Placed<u32>>,
}

/// What a workload's implementations may need at most.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WireLimits {
    /// Growth of peak memory during one call, such as `512MiB`.
    max_memory: Option<Placed<String>>,
    /// The 99th percentile of the latency of a call, such as `5ms`.
    max_latency: Option<Placed<String>>,
}

/// What a number may be.
#[derive(Clone, Copy)]
enum Bounds {
    /// A ratio of at least 1.
    Ratio,
    /// From 0 to 1.
    Share,
    /// More than 0.
    Positive,
}

impl Bounds {
    fn holds(self, value: f64) -> bool {
        match self {
            Bounds::Ratio => value.is_finite() && value >= 1.0,
            Bounds::Share => (0.0..=1.0).contains(&value),
            Bounds::Positive => value.is_finite() && value > 0.0,
        }
    }

    fn told(self) -> (&'static str, &'static str) {
        match self {
            Bounds::Ratio => ("this is a ratio of at least 1", "such as 1.5"),
            Bounds::Share => ("this is a share from 0 to 1", "such as 0.5"),
            Bounds::Positive => ("this is more than 0", "such as 2.0"),
        }
    }
}

/// The thresholds of a manifest.
pub(super) fn thresholds(source: Source, wire: &WireVerdict) -> Checked<Thresholds> {
    let default = Thresholds::default();
    let number = |written: &Option<Placed<f64>>, default: f64, bounds: Bounds| match written {
        None => Ok(default),
        Some(written) if bounds.holds(*written.get_ref()) => Ok(*written.get_ref()),
        Some(written) => {
            let (message, mend) = bounds.told();
            Err(source.fault(written.span(), message, mend))
        }
    };
    let whole = |written: &Option<Placed<u64>>, default: u64| written.as_ref().map_or(default, |it| *it.get_ref());
    let thresholds = Thresholds {
        min_ceiling: number(&wire.min_ceiling, default.min_ceiling, Bounds::Ratio)?,
        min_gain: number(&wire.min_gain, default.min_gain, Bounds::Ratio)?,
        min_port_gain: number(&wire.min_port_gain, default.min_port_gain, Bounds::Ratio)?,
        library_reach: number(&wire.library_reach, default.library_reach, Bounds::Ratio)?,
        enough_gain_share: number(&wire.enough_gain_share, default.enough_gain_share, Bounds::Share)?,
        max_crossing_share: number(&wire.max_crossing_share, default.max_crossing_share, Bounds::Share)?,
        min_crossing_gain: number(&wire.min_crossing_gain, default.min_crossing_gain, Bounds::Ratio)?,
        hybrid_share_of_native: number(&wire.hybrid_share_of_native, default.hybrid_share_of_native, Bounds::Share)?,
        max_memory_growth: number(&wire.max_memory_growth, default.max_memory_growth, Bounds::Ratio)?,
        harmless_memory_bytes: match &wire.harmless_memory {
            Some(written) => memory(source, written)?,
            None => default.harmless_memory_bytes,
        },
        horizon_years: number(&wire.horizon_years, default.horizon_years, Bounds::Positive)?,
        upkeep_share: number(&wire.upkeep_share, default.upkeep_share, Bounds::Share)?,
        sure_half_width: number(&wire.sure_half_width, default.sure_half_width, Bounds::Share)?,
        fair_half_width: number(&wire.fair_half_width, default.fair_half_width, Bounds::Share)?,
        sure_cases: whole(&wire.sure_cases, default.sure_cases),
        fair_cases: whole(&wire.fair_cases, default.fair_cases),
        sure_sizes: wire.sure_sizes.as_ref().map_or(default.sure_sizes, |it| *it.get_ref()),
    };
    if thresholds.sure_half_width > thresholds.fair_half_width
        && let Some(written) = wire.sure_half_width.as_ref().or(wire.fair_half_width.as_ref())
    {
        let mend = "sure-half-width is at most fair-half-width";
        return Err(source.fault(written.span(), "what is sure would be wider than what is fairly sure", mend));
    }
    if thresholds.sure_cases < thresholds.fair_cases
        && let Some(written) = wire.sure_cases.as_ref().or(wire.fair_cases.as_ref())
    {
        let mend = "sure-cases is at least fair-cases";
        return Err(source.fault(written.span(), "what is sure would take fewer cases than what is fairly sure", mend));
    }
    Ok(thresholds)
}

/// The limits of a workload.
pub(super) fn limits(source: Source, wire: &WireLimits) -> Checked<Limits> {
    Ok(Limits {
        peak_memory_bytes: wire.max_memory.as_ref().map(|text| memory(source, text)).transpose()?,
        latency_p99_ns: wire
            .max_latency
            .as_ref()
            .map(|text| Ok(duration(source, text)?.as_nanos() as f64))
            .transpose()?,
    })
}
