//! What may spoil numbers, or a port: each piece of advice once, with all that calls for it.

use serde::Serialize;

use super::{reading, text};
use crate::evidence::{Environment, Run, Workload};

/// What was seen, and what to do about it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Warned {
    /// What was seen, one sentence a place.
    pub seen: Vec<String>,
    /// What to do.
    pub advice: String,
}

/// Those of the machine and its tools.
pub fn of_environment(environment: &Environment) -> Vec<Warned> {
    let warnings = environment.warnings.iter();
    folded(warnings.map(|warning| (text::visible(&warning.text), text::visible(&warning.advice))))
}

/// The traps that a workload shows signs of.
pub fn of_workload(workload: &Workload) -> Vec<Warned> {
    let traps = workload.traps.iter();
    folded(traps.map(|trap| (reading::trap(workload, trap), text::visible(&trap.advice))))
}

/// The traps of a whole run in a sentence each: the first in full, of the others only where they are.
pub fn in_short(run: &Run) -> Vec<String> {
    let all = || run.workloads.iter().flat_map(|workload| workload.traps.iter().map(move |trap| (workload, trap)));
    let mut codes: Vec<&str> = Vec::new();
    all().for_each(|(_, trap)| {
        if !codes.contains(&trap.code.as_str()) {
            codes.push(&trap.code);
        }
    });
    codes
        .into_iter()
        .filter_map(|code| {
            let mut those = all().filter(|(_, trap)| trap.code == code);
            let (workload, first) = those.next()?;
            let seen = reading::trap(workload, first);
            let others: Vec<String> = those
                .map(|(workload, trap)| text::visible(&format!("{}/{}", workload.name, trap.implementation)))
                .collect();
            let others =
                if others.is_empty() { String::new() } else { format!(" So it is with {}.", others.join(", ")) };
            Some(format!("{}: {seen}{others} {}", text::visible(&workload.name), text::visible(&first.advice)))
        })
        .collect()
}

fn folded(warnings: impl Iterator<Item = (String, String)>) -> Vec<Warned> {
    let mut folded: Vec<Warned> = Vec::new();
    for (seen, advice) in warnings {
        match folded.iter_mut().find(|known| known.advice == advice) {
            Some(known) if known.seen.contains(&seen) => {}
            Some(known) => known.seen.push(seen),
            None => folded.push(Warned { seen: vec![seen], advice }),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_same_advice_is_given_once() {
        let run = fixture::run();
        let traps: usize = run.workloads.iter().map(|workload| workload.traps.len()).sum();
        let folded: Vec<Warned> = run.workloads.iter().flat_map(of_workload).collect();
        assert_eq!(folded.iter().map(|warned| warned.seen.len()).sum::<usize>(), traps);
        assert!(folded.len() < traps, "{folded:?}");
        let short = in_short(&run);
        assert_eq!(short.len(), 2, "{short:?}");
        assert!(short[0].starts_with("sum_list: At 100,000 numbers: hybrid spends 97 %"), "{short:?}");
        assert!(short[0].contains("So it is with call_overhead/hybrid, call_overhead/hybrid_batched."), "{short:?}");
    }
}
