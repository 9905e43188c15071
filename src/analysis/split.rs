//! Where the time of a hybrid's call goes.

use super::compare::{ByRound, by_round};
use super::interval::median;
use crate::evidence::{Implementation, Metric, Split};

/// A hybrid's time less that of the native it wraps, by rounds. `None` without a common round.
///
/// The boundary is *resolved* when its 95 % interval keeps clear of zero; otherwise it is lost in the noise, and so is
/// every share of it.
pub fn split(hybrid: &Implementation, kernel: &Implementation) -> Option<Split> {
    let (total, compute) = (by_round(hybrid, Metric::Time), by_round(kernel, Metric::Time));
    let common: Vec<(f64, f64)> =
        total.iter().filter_map(|(round, total)| Some((*total, *compute.get(round)?))).collect();
    let boundary: Vec<f64> = common.iter().map(|(total, compute)| total - compute).collect();
    let share: Vec<f64> = common.iter().map(|(total, compute)| (total - compute) / total).collect();
    let boundary = median(&boundary)?;
    let floors: Vec<f64> = hybrid.launches.iter().filter_map(|launch| launch.floor?.extension_call_ns).collect();
    Some(Split {
        hybrid: hybrid.name.clone(),
        kernel: kernel.name.clone(),
        total_ns: median(&values(&total))?.into(),
        compute_ns: median(&values(&compute))?.into(),
        boundary_share: median(&share)?.into(),
        call_floor_ns: median(&floors).map(|floor| floor.estimate),
        resolved: !boundary.indicative && (boundary.low > 0.0 || boundary.high < 0.0),
        boundary_ns: boundary.into(),
    })
}

fn values(by_round: &ByRound) -> Vec<f64> {
    by_round.values().copied().collect()
}
