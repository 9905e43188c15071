//! Where the time of a hybrid's call goes.

use super::compare::{ByRound, by_round};
use super::interval::median;
use crate::evidence::{Floor, Implementation, Metric, Split};

/// The share of the raw figure from which what calling costs forbids a net one.
pub(super) const FLOOR_SHARE: f64 = 0.2;

/// A hybrid's time less that of the native it wraps, by rounds. `None` without a common round.
///
/// The boundary is *resolved* when its 95 % interval keeps clear of zero; otherwise it is lost in the noise, and so is
/// every share of it. It is *refused* where an empty call is over a fifth of the whole one: what is left after taking
/// a kernel and a call off so small a figure tells of the call.
pub fn split(hybrid: &Implementation, kernel: &Implementation) -> Option<Split> {
    let (total, compute) = (by_round(hybrid, Metric::Time), by_round(kernel, Metric::Time));
    let common: Vec<(f64, f64)> =
        total.iter().filter_map(|(round, total)| Some((*total, *compute.get(round)?))).collect();
    let boundary: Vec<f64> = common.iter().map(|(total, compute)| total - compute).collect();
    let share: Vec<f64> = common.iter().map(|(total, compute)| (total - compute) / total).collect();
    let boundary = median(&boundary)?;
    let total_ns = median(&values(&total))?;
    let call_floor_ns = floor(hybrid, |floor| floor.extension_call_ns);
    let cheapest = call_floor_ns.or_else(|| floor(hybrid, |floor| floor.builtin_call_ns));
    let floor_share = cheapest.map(|floor| floor / total_ns.estimate);
    Some(Split {
        hybrid: hybrid.name.clone(),
        kernel: kernel.name.clone(),
        total_ns: total_ns.into(),
        compute_ns: median(&values(&compute))?.into(),
        boundary_share: median(&share)?.into(),
        call_floor_ns,
        floor_share,
        refused: floor_share.is_some_and(|share| share > FLOOR_SHARE),
        resolved: !boundary.indicative && (boundary.low > 0.0 || boundary.high < 0.0),
        boundary_ns: boundary.into(),
    })
}

/// The median over launches of one of the empty calls, ns.
pub(super) fn floor(cell: &Implementation, which: fn(&Floor) -> Option<f64>) -> Option<f64> {
    let floors: Vec<f64> = cell.launches.iter().filter_map(|launch| which(launch.floor.as_ref()?)).collect();
    median(&floors).map(|floor| floor.estimate)
}

fn values(by_round: &ByRound) -> Vec<f64> {
    by_round.values().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Kind, Launch, Role, RunnerKind};

    fn cell(kind: Kind, call_ns: u64, floor: Floor) -> Implementation {
        let launch = |round| Launch {
            round,
            iterations: vec![1000, 2000],
            elapsed_ns: vec![1000 * call_ns, 2000 * call_ns],
            floor: Some(floor),
            ..Launch::default()
        };
        Implementation {
            launches: (0..8).map(launch).collect(),
            ..Implementation::new("cell", Role::Candidate, kind, RunnerKind::Python)
        }
    }

    fn of(hybrid_ns: u64, floor: Floor) -> Split {
        split(&cell(Kind::Hybrid, hybrid_ns, floor), &cell(Kind::Native, 20, Floor::default())).unwrap()
    }

    #[test]
    fn a_share_is_refused_where_calling_is_over_a_fifth_of_the_call() {
        let floor = Floor { extension_call_ns: Some(30.0), builtin_call_ns: Some(20.0), ..Floor::default() };
        let small = of(120, floor);
        assert!(small.refused && small.resolved && !small.is_quotable());
        assert_eq!((small.call_floor_ns, small.floor_share), (Some(30.0), Some(0.25)));
        assert!(of(160, floor).is_quotable());
    }

    #[test]
    fn a_c_builtin_stands_for_an_extension_that_exports_no_empty_call() {
        let floor = Floor { builtin_call_ns: Some(30.0), ..Floor::default() };
        let small = of(120, floor);
        assert_eq!((small.call_floor_ns, small.refused), (None, true));
        assert!(!of(1000, floor).refused && !of(120, Floor::default()).refused);
    }
}
