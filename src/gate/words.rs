//! Numbers as the gate says them.

/// A ratio, three digits: `5.02×`.
pub fn times(ratio: f64) -> String {
    let digits = if ratio >= 99.5 { 0 } else if ratio >= 9.995 { 1 } else { 2 };
    format!("{ratio:.digits$}×")
}

/// A change as a share, with its sign: `+6.9 %`.
pub fn percent(change: f64) -> String {
    let percent = 100.0 * change;
    let digits = if percent.abs() >= 99.5 { 0 } else { 1 };
    let text = format!("{percent:+.digits$} %");
    if text.trim_start_matches(['+', '-']).starts_with("0.0 ") { "±0.0 %".to_owned() } else { text }
}

/// A share without a sign: `1 %`, `2.5 %`.
pub fn share(share: f64) -> String {
    let percent = (share * 1e3).round() / 10.0;
    format!("{percent} %")
}

/// An interval in brackets, by the words of its ends.
pub fn interval(low: f64, high: f64, words: impl Fn(f64) -> String) -> String {
    format!("[{}, {}]", words(low), words(high))
}

/// Evidence: `3.1e4`, or plain where it is small.
pub fn evidence(e: f64) -> String {
    if e < 1000.0 { format!("{e:.3}").trim_end_matches('0').trim_end_matches('.').to_owned() } else { format!("{e:.1e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0.8, 5.016, 17.23, 250.4].map(times), ["0.80×", "5.02×", "17.2×", "250×"]);
        assert_eq!([0.0691, -0.02, 1.5, 0.0, -0.0004].map(percent), ["+6.9 %", "-2.0 %", "+150 %", "±0.0 %", "±0.0 %"]);
        assert_eq!([0.01, 0.025, 0.2].map(share), ["1 %", "2.5 %", "20 %"]);
        assert_eq!([1.0, 12.5, 31_234.0].map(evidence), ["1", "12.5", "3.1e4"]);
    }
}
