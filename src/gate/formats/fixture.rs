//! Gates made up for tests: every outcome, and names that try to be more than text.

use crate::evidence::Tool;
use crate::gate::document::{
    Acknowledged, BlockEvidence, Change, Check, ControlSummary, CountEvidence, GATE_SCHEMA, Gate, Mode, Outcome, Rules,
    Topic, Trees,
};

fn check(place: (&str, &str, u64), topic: Topic, outcome: Outcome, text: &str) -> Check {
    Check {
        workload: place.0.to_owned(),
        implementation: place.1.to_owned(),
        size: place.2,
        topic,
        outcome,
        text: text.to_owned(),
        line: Some(12),
        change: None,
        blocks: None,
        counts: None,
        label: None,
        acknowledged: None,
    }
}

fn time(place: (&str, &str, u64), outcome: Outcome, estimate: f64, text: &str) -> Check {
    let change = Change { estimate, low: Some(estimate - 0.021), high: Some(estimate + 0.022), limit: Some(0.05) };
    let blocks = BlockEvidence {
        counted: 19,
        void: 1,
        harmless: 0.01,
        must_catch: 0.05,
        fail_e: 31_234.0,
        pass_e: 0.2,
        spread: Some(0.012),
        power: Some(0.998),
        visible: Some(0.027),
        seconds: 4.3,
    };
    Check { change: Some(change), blocks: Some(blocks), ..check(place, Topic::Time, outcome, text) }
}

fn floor(place: (&str, &str, u64), topic: Topic, outcome: Outcome, estimate: f64, text: &str) -> Check {
    let change = Change { estimate, low: Some(estimate * 0.98), high: Some(estimate * 1.02), limit: Some(5.0) };
    Check { change: Some(change), ..check(place, topic, outcome, text) }
}

fn memory(place: (&str, &str, u64), outcome: Outcome, estimate: f64, text: &str) -> Check {
    let change = Change { estimate, low: Some(estimate - 0.002), high: Some(estimate + 0.001), limit: Some(0.05) };
    Check { change: Some(change), ..check(place, Topic::Memory, outcome, text) }
}

fn counted(place: (&str, &str, u64), counts: [u64; 2], text: &str) -> Check {
    let [base, head] = counts;
    let evidence = CountEvidence { by: "valgrind".to_owned(), calls: 4, base: vec![base; 2], head: vec![head; 2] };
    let change = Change { estimate: head as f64 / base as f64 - 1.0, low: None, high: None, limit: None };
    let check = check(place, Topic::Instructions, Outcome::Pass, text);
    Check { change: Some(change), counts: Some(evidence), ..check }
}

/// A gate against a commit with every outcome.
pub fn gate() -> Gate {
    let parse = ("parse_log", "native", 100_000);
    let accepted = Check {
        acknowledged: Some("exact decimals cost that, see the ledger".to_owned()),
        ..time(
            ("totals", "hybrid", 1),
            Outcome::Fail,
            0.12,
            "slower by +12.0 % [+9.9 %, +14.2 %]: more than the 1 % that is harmless (E = 3.1e4 of 400)",
        )
    };
    let differs = "differs from the baseline: $[3]: 17 and 18, of the input (\"a;b\", 3)";
    Gate {
        schema: GATE_SCHEMA.to_owned(),
        created: "2026-03-14T09:26:53Z".to_owned(),
        tool: Tool { version: "0.1.0".to_owned() },
        project: "acme-etl".to_owned(),
        manifest: "etl/rustworthy.toml".to_owned(),
        mode: Mode::Against,
        verdict: Outcome::Fail,
        inconclusive: "pass".to_owned(),
        between: Some(Trees {
            against: "origin/main".to_owned(),
            base: "0123456789abcdef0123456789abcdef01234567".to_owned(),
            head: "89abcdef0123456789abcdef0123456789abcdef".to_owned(),
            dirty: true,
        }),
        runs: Vec::new(),
        rules: Rules {
            alpha: 0.01,
            beta: 0.01,
            comparisons: 4,
            fail_at: 400.0,
            pass_at: 100.0,
            max_blocks: 60,
            max_seconds: 20.0,
        },
        checks: vec![
            check(("sort", "hybrid", 1_000), Topic::Equality, Outcome::Fail, differs),
            check(("parse_log", "baseline", 100_000), Topic::Equality, Outcome::Pass, "gives the result that candidates are held to"),
            check(parse, Topic::Equality, Outcome::Pass, "agrees with the baseline"),
            check(("sum", "hybrid", 1_000), Topic::Equality, Outcome::Pass, "agrees with the baseline"),
            time(parse, Outcome::Fail, 0.069, "slower by +6.9 % [+4.8 %, +9.1 %]: more than the 1 % that is harmless (E = 3.1e4 of 400)"),
            Check {
                label: Some("layout".to_owned()),
                ..time(("scan", "native", 1), Outcome::Inconclusive, 0.031, "layout? +3.1 % [+1.0 %, +5.3 %], but a call has as many instructions as before (±0.0 %)")
            },
            accepted,
            time(("sum", "hybrid", 1_000), Outcome::Pass, 0.002, "+0.2 % [-1.9 %, +2.4 %]: not slower by 5 %"),
            memory(("sum", "hybrid", 1_000), Outcome::Pass, 0.003, "+0.3 % [+0.1 %, +0.4 %] (24.1 MiB, was 24.0 MiB): not beyond the 5 % that is harmless"),
            Check {
                acknowledged: Some("exact decimals cost that, see the ledger".to_owned()),
                ..memory(("totals", "hybrid", 1), Outcome::Fail, 0.31, "needs more memory: +31.0 % [+30.8 %, +31.1 %] (47.2 MiB, was 36.0 MiB), beyond the 5 % that is harmless in all 9 pairs of launches")
            },
            counted(("parse_log", "baseline", 100_000), [40_000_000; 2], "unchanged: 10,000,000 a call, 2 repeats agree"),
            counted(("sum", "hybrid", 1_000), [40_000, 40_008], "+0.020 %: 10,000 a call on the base, 10,002 on the head, 2 repeats agree"),
            floor(("sum", "hybrid", 1_000), Topic::Speedup, Outcome::Pass, 6.02, "speed-up 6.02× [5.90, 6.14] clears the floor of 5.00×"),
            floor(("scan", "native", 1), Topic::MemorySaving, Outcome::Inconclusive, 5.01, "memory saving 5.01× [4.91, 5.11] straddles the floor of 5.00×: measure more rounds"),
            check(("new", "native", 1), Topic::Time, Outcome::Skipped, "new: the base does not have it"),
        ],
        control: Some(ControlSummary {
            workloads: vec!["parse_log".to_owned(), "sum".to_owned()],
            blocks: 18,
            moved_e: 1.25,
            moved_at: 200.0,
            moved: false,
            estimate: Some(0.001),
        }),
        acknowledged: vec![
            Acknowledged {
                what: "totals/hybrid".to_owned(),
                reason: "exact decimals cost that, see the ledger".to_owned(),
                commit: "89abcdef0123456789abcdef0123456789abcdef".to_owned(),
                used: true,
            },
            Acknowledged {
                what: "gone".to_owned(),
                reason: "was slow once".to_owned(),
                commit: "89abcdef0123456789abcdef0123456789abcdef".to_owned(),
                used: false,
            },
        ],
        notes: vec!["This machine is noisy: blocks of a/b scatter by up to 4 %, at which only slow-downs of 8.1 % or more are caught with 95 %.".to_owned()],
        measure_s: 61.2,
    }
}

/// One in which everything passes, on a saved run.
pub fn passing() -> Gate {
    let mut gate = gate();
    gate.checks.retain(|check| check.outcome == Outcome::Pass);
    gate.mode = Mode::Floors;
    gate.verdict = Outcome::Pass;
    gate.between = None;
    gate.runs = vec!["20260314-092653-pie".to_owned()];
    gate.control = None;
    gate.acknowledged.clear();
    gate.notes.clear();
    gate
}

/// One with so many failures, each worse than the one before.
pub fn failures(count: u32) -> Gate {
    let mut gate = gate();
    gate.checks = (1..=count)
        .map(|number| {
            let name = format!("workload_{number}");
            let text = format!("slower by +{number} %");
            time((&name, "native", 1), Outcome::Fail, f64::from(number) / 100.0, &text)
        })
        .collect();
    gate
}

/// The same gate with names and texts of somebody who means ill.
pub fn hostile() -> Gate {
    let mut gate = gate();
    let names = [
        "<script>alert('x')</script>".to_owned(),
        "a | b `code` \\| ]]> -->".to_owned(),
        "x,line=1::error::y%0A::error::z".to_owned(),
        "\u{202e}txt.exe \u{5e9}\u{5dc} @everyone".to_owned(),
        "w".repeat(200),
    ];
    let text =
        "</details>\r\n::error file=a::b\n# heading | [link](javascript:alert(1)) \u{1b}[31m <img src=x> 100%0A]]>";
    for (check, name) in gate.checks.iter_mut().zip(names.iter().cycle()) {
        check.workload.clone_from(name);
        check.implementation = format!("{name}\u{7}");
        check.text = text.to_owned();
        if check.acknowledged.is_some() {
            check.acknowledged = Some(text.to_owned());
        }
    }
    gate.project = names[0].clone();
    gate.manifest = "a,b:c%/rustworthy.toml".to_owned();
    for trailer in &mut gate.acknowledged {
        trailer.what.clone_from(&names[1]);
        trailer.reason = text.to_owned();
    }
    if let Some(trees) = &mut gate.between {
        trees.against = names[2].clone();
    }
    if let Some(control) = &mut gate.control {
        control.workloads = names.to_vec();
    }
    gate.notes = vec![text.to_owned()];
    gate
}
