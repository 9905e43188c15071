//! Whether a port pays for itself, where the manifest says what things cost. Nothing is guessed.

use serde::Serialize;

use super::gain;
use super::question::{Contender, Question};
use super::range::{Range, Tri};
use crate::units;

/// What a port costs and brings, in the manifest's currency.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Payback {
    /// Years until it has paid for itself; infinite where upkeep eats what it saves.
    pub years: Range,
    /// Made once.
    pub cost: f64,
    /// Saved each year over what the best Python costs, upkeep not taken off.
    pub saved_yearly: Range,
    /// Spent each year to keep it up.
    pub upkeep_yearly: f64,
}

/// When a candidate that this project would have to write pays for itself; `None` where something is not known.
pub fn payback(question: &Question, contender: &Contender) -> Option<Payback> {
    scaled(question, contender, 1.0, 1.0)
}

/// The same with the effort and the cost of computing so many times what the manifest says.
fn scaled(question: &Question, contender: &Contender, effort: f64, compute: f64) -> Option<Payback> {
    let facts = question.facts;
    let share = facts.share?;
    let cost = facts.effort_days? * effort * facts.day_rate?;
    let yearly = facts.yearly_compute_cost? * compute;
    // Machines are paid by their processors' time: what is faster by using more of them saves less.
    let saving = contender.cpu.or(contender.gain())?;
    let now = gain::application(Some(share), gain::best_python(question)).map(|total| yearly / total);
    let then = gain::application(Some(share), saving).map(|total| yearly / total);
    let saved_yearly = Range::new(now.low - then.high, now.high - then.low);
    let upkeep_yearly = cost * question.thresholds.upkeep_share;
    let years = saved_yearly.map(|saved| {
        let net = saved - upkeep_yearly;
        match () {
            () if cost <= 0.0 => 0.0,
            () if net > 0.0 => cost / net,
            () => f64::INFINITY,
        }
    });
    Some(Payback { years, cost, saved_yearly, upkeep_yearly })
}

/// Whether it pays within the horizon; where costs are not known, they do not speak against it.
pub fn pays_back(question: &Question, contender: &Contender) -> Tri {
    payback(question, contender).map_or(Tri::Yes, |payback| payback.years.at_most(question.thresholds.horizon_years))
}

/// The payback with its sensitivities, in a sentence.
pub fn sentence(question: &Question, contender: &Contender) -> Option<String> {
    let base = payback(question, contender)?;
    let at = |effort, compute| {
        scaled(question, contender, effort, compute).map_or_else(String::new, |payback| span(payback.years))
    };
    let amount = |value: f64| units::count(value.round().max(0.0) as u64);
    let saved = if base.saved_yearly.high <= 0.0 {
        "nothing is saved".to_owned()
    } else {
        format!("{} to {} a year are saved", amount(base.saved_yearly.low), amount(base.saved_yearly.high))
    };
    Some(format!(
        "The port costs {} once and {} a year; {saved}: payback {}. With half or one and a half times the effort: {} or {}; \
         with half or twice the cost of computing: {} or {}.",
        amount(base.cost),
        amount(base.upkeep_yearly),
        span(base.years),
        at(0.5, 1.0),
        at(1.5, 1.0),
        at(1.0, 0.5),
        at(1.0, 2.0)
    ))
}

/// `7 to 9 months`, `never`.
fn span(years: Range) -> String {
    let months = |years: f64| {
        let months = years * 12.0;
        if months < 10.0 { format!("{months:.1}") } else { units::count(months.round() as u64) }
    };
    match (years.low.is_finite(), years.high.is_finite()) {
        (false, _) => "never".to_owned(),
        (true, false) => format!("{} months, or never", months(years.low)),
        (true, true) if months(years.low) == months(years.high) => format!("{} months", months(years.low)),
        (true, true) => format!("{} to {} months", months(years.low), months(years.high)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_in_months() {
        assert_eq!(span(Range::new(0.5, 0.75)), "6.0 to 9.0 months");
        assert_eq!(span(Range::point(2.0)), "24 months");
        assert_eq!(span(Range::new(4.0, f64::INFINITY)), "48 months, or never");
        assert_eq!(span(Range::point(f64::INFINITY)), "never");
    }
}
