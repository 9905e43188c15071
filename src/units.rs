//! Numbers as a person reads them: three significant digits, one unit for a number and its interval.
//!
//! Every format goes through here, so that a number looks the same in the terminal, on a page and in a chart.

use crate::evidence::Estimate;

/// A number with its interval, in text: `12.3 ms` and `[12.1, 12.6]`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Quoted {
    /// The estimate with its unit.
    pub value: String,
    /// The interval in the same unit: in brackets where it is a 95 % interval, `low to high` where it is a range.
    pub interval: String,
}

impl Quoted {
    /// Both in one phrase.
    pub fn phrase(&self) -> String {
        if self.interval.starts_with('[') {
            format!("{} {}", self.value, self.interval)
        } else {
            format!("{} ({})", self.value, self.interval)
        }
    }
}

/// A time in nanoseconds.
pub fn time(nanoseconds: f64) -> String {
    let (unit, scale) = unit_of(nanoseconds, &TIME);
    format!("{} {unit}", digits(nanoseconds / scale, decimals(nanoseconds / scale)))
}

/// A round time, without the zeros that say nothing: `2 ms`.
pub fn time_tick(nanoseconds: f64) -> String {
    let label = time(nanoseconds);
    let Some((number, unit)) = label.split_once(' ') else { return label };
    let number = if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number };
    format!("{number} {unit}")
}

/// A time with its interval; `indicative` where that is only a range.
pub fn time_quoted(time: &Estimate, indicative: bool) -> Quoted {
    quoted(time, indicative, &TIME)
}

/// A number of bytes.
pub fn bytes(bytes: f64) -> String {
    let (unit, scale) = unit_of(bytes, &MEMORY);
    format!("{} {unit}", digits(bytes / scale, decimals(bytes / scale)))
}

/// A number of bytes with its interval.
pub fn bytes_quoted(bytes: &Estimate, indicative: bool) -> Quoted {
    quoted(bytes, indicative, &MEMORY)
}

/// A ratio: `4.92×`.
pub fn ratio(ratio: f64) -> String {
    format!("{}×", digits(ratio, decimals(ratio)))
}

/// A ratio with its interval.
pub fn ratio_quoted(estimate: f64, low: f64, high: f64, indicative: bool) -> Quoted {
    let places = decimals(estimate);
    let interval = interval(&digits(low, places), &digits(high, places), indicative);
    Quoted { value: ratio(estimate), interval }
}

/// A share in percent: `32 %`.
pub fn share(share: f64) -> String {
    let percent = share * 100.0;
    format!("{} %", digits(percent, usize::from(percent.abs() < 10.0 && percent.fract().abs() > 1e-9)))
}

/// A share with its interval, in percent.
pub fn share_quoted(share: &Estimate, indicative: bool) -> Quoted {
    let percent = |value: f64| value * 100.0;
    let places = usize::from(percent(share.estimate).abs() < 10.0);
    let interval = interval(&digits(percent(share.low), places), &digits(percent(share.high), places), indicative);
    Quoted { value: format!("{} %", digits(percent(share.estimate), places)), interval }
}

/// A count with its thousands apart: `100,000`.
pub fn count(count: u64) -> String {
    group(&count.to_string())
}

/// A count as short as it can be said exactly: `100k`, `1.5M`, `1,234`.
pub fn count_short(count: u64) -> String {
    for (suffix, scale) in [("G", 1_000_000_000), ("M", 1_000_000), ("k", 1_000)] {
        if count >= scale && count.is_multiple_of(scale / 10) {
            let (whole, tenth) = (count / scale, count % scale / (scale / 10));
            return if tenth == 0 {
                format!("{}{suffix}", group(&whole.to_string()))
            } else {
                format!("{whole}.{tenth}{suffix}")
            };
        }
    }
    group(&count.to_string())
}

/// A quantity in three digits: `7.05 million`, `820`.
pub fn amount(amount: f64) -> String {
    let (scale, word) = match amount {
        _ if amount >= 1e9 => (1e9, " billion"),
        _ if amount >= 1e6 => (1e6, " million"),
        _ if amount >= 1e4 => (1e3, " thousand"),
        _ => (1.0, ""),
    };
    format!("{}{word}", digits(amount / scale, decimals(amount / scale)))
}

/// `1 round`, `2 rounds`.
pub fn plural(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// The same for a number that need not be whole: `1 year`, `2.5 years`.
pub fn plural_amount(number: f64, noun: &str) -> String {
    let text = format!("{number:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} {noun}{}", if text == "1" { "" } else { "s" })
}

/// `a is`, `a and b are`, `a, b and c are`: names with the verb that suits their number.
pub fn listed(names: &[String], one: &str, more: &str) -> String {
    match names {
        [] => String::new(),
        [_] => format!("{} {one}", joined(names, "and")),
        [_, ..] => format!("{} {more}", joined(names, "and")),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn joined(names: &[String], and: &str) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [rest @ .., last] => format!("{} {and} {last}", rest.join(", ")),
    }
}

/// Seconds of wall time, for phases and builds.
pub fn seconds(seconds: f64) -> String {
    if seconds < 60.0 {
        return time(seconds * 1e9);
    }
    let whole = seconds.round() as u64;
    format!("{} min {:02} s", count(whole / 60), whole % 60)
}

const TIME: [(&str, f64); 4] = [("ns", 1.0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)];
const MEMORY: [(&str, f64); 4] =
    [("B", 1.0), ("KiB", 1024.0), ("MiB", 1024.0 * 1024.0), ("GiB", 1024.0 * 1024.0 * 1024.0)];

fn quoted(estimate: &Estimate, indicative: bool, units: &[(&'static str, f64); 4]) -> Quoted {
    let (unit, scale) = unit_of(estimate.estimate, units);
    let places = decimals(estimate.estimate / scale);
    let number = |value: f64| digits(value / scale, places);
    Quoted {
        value: format!("{} {unit}", number(estimate.estimate)),
        interval: interval(&number(estimate.low), &number(estimate.high), indicative),
    }
}

fn interval(low: &str, high: &str, indicative: bool) -> String {
    // Commas part the two ends, so that none may stand within them.
    let (low, high) = (low.replace(',', ""), high.replace(',', ""));
    if indicative { format!("{low} to {high}") } else { format!("[{low}, {high}]") }
}

/// The largest unit in which the number, rounded to three digits, is at least one.
fn unit_of(value: f64, units: &[(&'static str, f64); 4]) -> (&'static str, f64) {
    units.iter().rev().copied().find(|(_, scale)| value.abs() >= scale * 0.9995).unwrap_or(units[0])
}

/// Decimals that give three significant digits; at most four.
fn decimals(value: f64) -> usize {
    let value = value.abs();
    match () {
        () if !value.is_finite() || value >= 99.95 || value == 0.0 => 0,
        () if value >= 9.995 => 1,
        () if value >= 0.9995 => 2,
        () if value >= 0.09995 => 3,
        () => 4,
    }
}

fn digits(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    let text = if text.trim_start_matches('-').chars().all(|digit| matches!(digit, '0' | '.')) {
        text.trim_start_matches('-').to_owned()
    } else {
        text
    };
    group(&text)
}

/// Commas between the thousands of a decimal number.
fn group(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(whole, rest)| (whole, Some(rest)));
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return number.to_owned();
    }
    let mut grouped = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if let Some(fraction) = fraction {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_the_unit_that_suits_them() {
        let known = [
            (0.0, "0 ns"),
            (0.25, "0.250 ns"),
            (38.42, "38.4 ns"),
            (999.4, "999 ns"),
            (999.9, "1.00 µs"),
            (12_345.0, "12.3 µs"),
            (1e6, "1.00 ms"),
            (5.4e9, "5.40 s"),
            (1.234e12, "1,234 s"),
        ];
        for (nanoseconds, text) in known {
            assert_eq!(time(nanoseconds), text);
        }
    }

    #[test]
    fn an_interval_shares_unit_and_decimals_with_its_estimate() {
        let estimate = Estimate { estimate: 1.2345e6, low: 0.98e6, high: 1.4e6 };
        assert_eq!(time_quoted(&estimate, false).phrase(), "1.23 ms [0.98, 1.40]");
        assert_eq!(time_quoted(&estimate, true).phrase(), "1.23 ms (0.98 to 1.40)");
        assert_eq!(ratio_quoted(4.916, 4.85, 5.01, false).phrase(), "4.92× [4.85, 5.01]");
    }

    #[test]
    fn ratios_keep_three_digits_below_one() {
        assert_eq!(["0.0421×", "0.421×", "1.00×", "12,345×"], [0.0421, 0.4213, 0.9999, 12345.0].map(ratio));
    }

    #[test]
    fn counts_are_short_only_where_that_is_exact() {
        assert_eq!(["7", "1,234", "1.5k", "100k", "1M"], [7, 1_234, 1_500, 100_000, 1_000_000].map(count_short));
        assert_eq!(count(1_234_567), "1,234,567");
    }

    #[test]
    fn nothing_is_minus_zero() {
        let share = Estimate { estimate: -0.0001, low: -0.02, high: 0.02 };
        assert_eq!(share_quoted(&share, false).phrase(), "0.0 % [-2.0, 2.0]");
    }
}
