//! Numbers as the gate says them, where the units of a report do not do.

use super::document::Change;
use crate::units;

/// A change as a share, with its sign: `+6.9 %`.
pub fn percent(change: f64) -> String {
    let percent = 100.0 * change;
    let digits = usize::from(percent.abs() < 99.5);
    let text = format!("{percent:+.digits$} %");
    if text.trim_start_matches(['+', '-']) == "0.0 %" { "±0.0 %".to_owned() } else { text }
}

/// A change with its interval: `+6.9 % [+4.8 %, open]`.
pub fn change(change: &Change) -> String {
    let end = |end: Option<f64>| end.map_or_else(|| "open".to_owned(), percent);
    match (change.low, change.high) {
        (None, None) => percent(change.estimate),
        (low, high) => format!("{} [{}, {}]", percent(change.estimate), end(low), end(high)),
    }
}

/// A change of instructions: exact ones are told to the last, `unchanged` or `+0.0031 %`; others with their range.
pub fn instructions(change: &Change) -> String {
    match (change.low, change.high) {
        (None, None) if change.estimate == 0.0 => "unchanged".to_owned(),
        (None, None) if change.estimate.abs() < 0.001 => {
            let percent = 100.0 * change.estimate;
            let digits = (1.0 - percent.abs().log10().floor()).clamp(1.0, 12.0) as usize;
            format!("{percent:+.digits$} %")
        }
        _ => self::change(change),
    }
}

/// A ratio with its interval: `5.02× [4.90, 5.11]`.
pub fn ratio(change: &Change) -> String {
    let plain = units::ratio(change.estimate);
    let bare = |end: f64| units::ratio(end).trim_end_matches('×').to_owned();
    match (change.low, change.high) {
        (Some(low), Some(high)) => format!("{plain} [{}, {}]", bare(low), bare(high)),
        _ => plain,
    }
}

/// Evidence: `3.1e4`, or plain where it is small.
pub fn evidence(e: f64) -> String {
    if e < 1000.0 {
        format!("{e:.2}").trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{e:.1e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0.0691, -0.02, 1.5, 0.0, -0.0004].map(percent), ["+6.9 %", "-2.0 %", "+150 %", "±0.0 %", "±0.0 %"]);
        assert_eq!([1.0, 12.5, 31_234.0].map(evidence), ["1", "12.5", "3.1e4"]);
        let of = |low, high| Change { estimate: 0.069, low, high, limit: None };
        assert_eq!(change(&of(Some(0.048), Some(0.091))), "+6.9 % [+4.8 %, +9.1 %]");
        assert_eq!(change(&of(Some(0.048), None)), "+6.9 % [+4.8 %, open]");
        assert_eq!(change(&of(None, None)), "+6.9 %");
        let exact = |estimate| instructions(&Change { estimate, low: None, high: None, limit: None });
        assert_eq!([0.0, 0.25, 0.00021, -3.1e-8].map(exact), ["unchanged", "+25.0 %", "+0.021 %", "-0.0000031 %"]);
        assert_eq!(instructions(&of(Some(0.0), Some(0.1))), "+6.9 % [±0.0 %, +10.0 %]");
        assert_eq!(
            ratio(&Change { estimate: 5.016, low: Some(4.9), high: Some(5.11), limit: None }),
            "5.02× [4.90, 5.11]"
        );
    }
}
