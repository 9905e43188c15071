//! Where and how a run was measured, as names and values.

use serde::Serialize;

use super::{reading, text, units};
use crate::evidence::{Effort, Environment, Machine, Python, Run, Rust};

/// A name and a value.
#[derive(Debug, Serialize)]
pub struct Fact {
    /// What it is.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// Packages that are listed by name; a bare interpreter may see hundreds.
const PACKAGES_SHOWN: usize = 12;

/// The machine and the tools on it.
pub fn environment(machine: &Environment) -> Vec<Fact> {
    let mut facts = vec![
        Fact { name: "System", value: text::visible(&machine.os) },
        Fact { name: "Processor", value: processor(machine) },
        Fact { name: "Memory", value: units::bytes(machine.memory_bytes as f64) },
    ];
    facts.extend(host(&machine.machine).map(|value| Fact { name: "Host", value }));
    if let Some(python) = &machine.python {
        facts.push(Fact { name: "Python", value: interpreter(python) });
        if !python.packages.is_empty() {
            let shown = &python.packages[..python.packages.len().min(PACKAGES_SHOWN)];
            let more = python.packages.len() - shown.len();
            let more = if more == 0 { String::new() } else { format!(" and {} more", units::count(more as u64)) };
            facts.push(Fact { name: "Packages", value: text::visible(&format!("{}{more}", shown.join(", "))) });
        }
    }
    facts.extend(machine.rustc.iter().map(|rustc| Fact { name: "Rust", value: text::visible(rustc) }));
    facts.extend(machine.rust.as_ref().map(|rust| Fact { name: "Release profile", value: release(rust) }));
    facts.extend(machine.extensions.iter().map(|extension| {
        let profile = extension.profile.as_deref().unwrap_or("unknown profile");
        let pyo3 = extension.pyo3.as_deref().map(|version| format!(", PyO3 {version}")).unwrap_or_default();
        Fact { name: "Extension", value: text::visible(&format!("{}, {profile}{pyo3}", extension.name)) }
    }));
    facts.extend(machine.builds.iter().map(|build| {
        let level = build.opt_level.as_deref().map(|level| format!(", opt-level {level}")).unwrap_or_default();
        let allocator = build.allocator.as_deref().map(|name| format!(", allocator {name}")).unwrap_or_default();
        let (seconds, bytes) = (units::seconds(build.seconds), units::bytes(build.artefact_bytes as f64));
        Fact { name: "Build", value: format!("{}: {seconds}, {bytes}{level}{allocator}", text::visible(&build.what)) }
    }));
    let variables = machine.variables.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    facts.extend(
        (!variables.is_empty()).then(|| Fact { name: "Variables", value: text::visible(&variables.join(" ")) }),
    );
    facts.extend(machine.git.iter().map(|git| Fact {
        name: "Commit",
        value: format!("{}{}", text::visible(&git.commit), if git.dirty { ", with local changes" } else { "" }),
    }));
    facts
}

fn on(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn processor(machine: &Environment) -> String {
    let mut parts = vec![
        text::visible(&machine.cpu_model),
        format!("{} available", units::plural(machine.cpu_count.into(), "logical processor")),
    ];
    let state = &machine.machine;
    parts.extend(state.governor.as_deref().map(|governor| format!("governor {}", text::visible(governor))));
    parts.extend(state.turbo.map(|turbo| format!("turbo {}", on(turbo))));
    parts.extend(state.smt.map(|smt| format!("SMT {}", on(smt))));
    parts.extend(state.busy_share.map(|share| format!("{:.0} % at work", share * 100.0)));
    parts.join(", ")
}

/// What lies between the system and the metal.
fn host(machine: &Machine) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(machine.virtualisation.as_deref().map(|name| match name {
        "unnamed" => "virtual machine".to_owned(),
        name => format!("virtual machine ({})", text::visible(name)),
    }));
    parts.extend(machine.container.as_deref().map(|engine| format!("container ({})", text::visible(engine))));
    parts.extend(machine.cpu_quota.map(|quota| format!("quota of {quota:.2} processors")));
    parts.extend(machine.aslr.as_deref().map(|level| format!("address randomisation {}", text::visible(level))));
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn interpreter(python: &Python) -> String {
    let mut value = format!(
        "{} {}, GIL {}, JIT {}",
        text::visible(&python.implementation),
        text::visible(&python.version),
        on(python.gil),
        on(python.jit)
    );
    let compiler = python.compiler.as_deref();
    let optimize =
        python.flags.get("optimize").map(|level| format!("started with -{}", "O".repeat(*level as usize % 8)));
    let more = [Some(python.build.as_str()).filter(|build| !build.is_empty()), compiler, optimize.as_deref()];
    for part in more.into_iter().flatten() {
        value = format!("{value}, {}", text::visible(part));
    }
    value
}

fn release(rust: &Rust) -> String {
    let profile = &rust.release;
    let units = profile.codegen_units.map(|units| units.to_string());
    let asserts = profile.debug_assertions.map(|there| there.to_string());
    let set = [
        ("opt-level", profile.opt_level.as_deref()),
        ("lto", profile.lto.as_deref()),
        ("codegen-units", units.as_deref()),
        ("panic", profile.panic.as_deref()),
        ("debug-assertions", asserts.as_deref()),
    ];
    let mut parts: Vec<String> =
        set.iter().filter_map(|(key, value)| Some(format!("{key} {}", text::visible((*value)?)))).collect();
    parts.push(if parts.is_empty() { "cargo's defaults" } else { "else cargo's defaults" }.to_owned());
    parts.push(match rust.target_cpu.as_deref() {
        Some(cpu) => format!("target-cpu {}", text::visible(cpu)),
        None => "for any processor of its kind".to_owned(),
    });
    if !rust.flags.is_empty() {
        parts.push(format!("flags {}", text::visible(&rust.flags.join(" "))));
    }
    parts.join(", ")
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
        rounds = format!(
            "{rounds}; {} (indicative) at sizes that are neither the largest nor a claim's",
            units::plural(few.into(), "round")
        );
    }
    if let Some(budget) = plan.time_budget_s {
        rounds = format!("{rounds}; at most {} of measuring", units::seconds(budget));
    }
    let phases = &run.phases;
    let precision = reading::precision(run).map(|value| Fact { name: "Precision", value });
    let mut facts = vec![Fact { name: "Rounds", value: rounds }];
    facts.extend(precision);
    facts.extend([
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
    ]);
    facts
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
