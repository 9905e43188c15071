//! Where and how a run was measured, as names and values.

use serde::Serialize;

use super::{reading, text, units};
use crate::evidence::{Effort, Run};

/// A name and a value.
#[derive(Debug, Serialize)]
pub struct Fact {
    /// What it is.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// The machine and the tools on it.
pub fn environment(run: &Run) -> Vec<Fact> {
    let machine = &run.environment;
    let mut facts = vec![
        Fact { name: "System", value: text::visible(&machine.os) },
        Fact {
            name: "Processor",
            value: format!(
                "{}, {} available",
                text::visible(&machine.cpu_model),
                units::plural(machine.cpu_count.into(), "logical processor")
            ),
        },
        Fact { name: "Memory", value: units::bytes(machine.memory_bytes as f64) },
    ];
    if let Some(python) = &machine.python {
        let on = |on: bool| if on { "on" } else { "off" };
        let mut value = format!(
            "{} {}, GIL {}, JIT {}",
            text::visible(&python.implementation),
            text::visible(&python.version),
            on(python.gil),
            on(python.jit)
        );
        if !python.build.is_empty() {
            value = format!("{value}, {}", text::visible(&python.build));
        }
        facts.push(Fact { name: "Python", value });
        if !python.packages.is_empty() {
            facts.push(Fact { name: "Packages", value: text::visible(&python.packages.join(", ")) });
        }
    }
    facts.extend(machine.rustc.iter().map(|rustc| Fact { name: "Rust", value: text::visible(rustc) }));
    facts.extend(machine.extensions.iter().map(|extension| {
        let profile = extension.profile.as_deref().unwrap_or("unknown profile");
        let pyo3 = extension.pyo3.as_deref().map(|version| format!(", PyO3 {version}")).unwrap_or_default();
        Fact { name: "Extension", value: text::visible(&format!("{}, {profile}{pyo3}", extension.name)) }
    }));
    facts.extend(machine.builds.iter().map(|build| Fact {
        name: "Build",
        value: format!(
            "{}: {}, {}",
            text::visible(&build.what),
            units::seconds(build.seconds),
            units::bytes(build.artefact_bytes as f64)
        ),
    }));
    facts.extend(machine.git.iter().map(|git| Fact {
        name: "Commit",
        value: format!("{}{}", text::visible(&git.commit), if git.dirty { ", with local changes" } else { "" }),
    }));
    facts
}

/// How it was measured: plan, policies, seeds, time spent.
pub fn method(run: &Run) -> Vec<Fact> {
    let plan = &run.plan;
    let effort = match plan.effort {
        Effort::Quick => "quick",
        Effort::Default => "default",
        Effort::Thorough => "thorough",
    };
    let mut rounds = format!(
        "{effort}: {} to {}, until every interval is within ±{:.0} %",
        plan.min_rounds,
        units::plural(plan.max_rounds.into(), "round"),
        plan.target_half_width * 100.0
    );
    if let Some(few) = plan.indicative_rounds {
        rounds =
            format!("{rounds}; {} (indicative) at other sizes than the headline's", units::plural(few.into(), "round"));
    }
    if let Some(budget) = plan.time_budget_s {
        rounds = format!("{rounds}; at most {} of measuring", units::seconds(budget));
    }
    let phases = &run.phases;
    vec![
        Fact { name: "Rounds", value: rounds },
        Fact { name: "Launches", value: "each round runs every implementation in a fresh process, in random order".to_owned() },
        Fact { name: "Time per call", value: "median over launches of the slope of time over calls".to_owned() },
        Fact {
            name: "Speed-up",
            value: "median over rounds of baseline ÷ candidate; the 95 % interval is of interpolated order statistics and allows for stopping early; under six rounds the range is given and called indicative".to_owned(),
        },
        Fact { name: "Agreement", value: "every result is compared with the baseline's before anything is timed; what differs gets no ratio".to_owned() },
        Fact { name: "Collector", value: reading::collector(run) },
        Fact { name: "Seeds", value: format!("{} for order and inputs; PYTHONHASHSEED 1, 2, 3 … by round", run.seed) },
        Fact {
            name: "Wall time",
            value: format!(
                "prepare {}, equality {}, measure {}",
                units::seconds(phases.prepare_s),
                units::seconds(phases.equality_s),
                units::seconds(phases.measure_s)
            ),
        },
    ]
}

/// A word of a command line, quoted for a shell where it must be.
pub fn shell_word(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
