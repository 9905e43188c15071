//! What holds for every format at once, and pictures of each.

use super::{Format, fixture, render};
use crate::gate::document::{Gate, Outcome, Topic};
use crate::text;

const ALL: [(Format, &str); 7] = [
    (Format::Text, "text"),
    (Format::Markdown, "markdown"),
    (Format::Github, "github"),
    (Format::Json, "json"),
    (Format::Junit, "junit"),
    (Format::Bencher, "bencher"),
    (Format::BenchmarkAction, "benchmark_action"),
];

fn rendered(gate: &Gate, format: Format) -> String {
    render(gate, format, 100, false)
}

#[test]
fn every_format_of_a_gate_and_of_a_hostile_one() {
    for (format, name) in ALL {
        insta::assert_snapshot!(format!("gate_{name}"), rendered(&fixture::gate(), format));
        if format != Format::Json {
            insta::assert_snapshot!(format!("hostile_{name}"), rendered(&fixture::hostile(), format));
        }
    }
    insta::assert_snapshot!("passing_text", rendered(&fixture::passing(), Format::Text));
    insta::assert_snapshot!("passing_markdown", rendered(&fixture::passing(), Format::Markdown));
}

#[test]
fn the_document_comes_back_from_json() {
    for gate in [fixture::gate(), fixture::hostile()] {
        let back: Gate = serde_json::from_str(&rendered(&gate, Format::Json)).unwrap();
        assert_eq!(back, gate);
    }
}

#[test]
fn no_name_ends_a_line_or_hides_what_follows() {
    for (format, name) in ALL {
        // JSON writes them as escapes of its own.
        if format == Format::Json {
            continue;
        }
        let out = rendered(&fixture::hostile(), format);
        assert!(!out.contains(['\u{202e}', '\u{1b}', '\u{7}', '\r']), "{name}: {out}");
        assert!(out.ends_with('\n'), "{name}");
    }
    let calm = rendered(&fixture::gate(), Format::Github).lines().count();
    let hostile = rendered(&fixture::hostile(), Format::Github);
    assert_eq!(hostile.lines().count(), calm, "{hostile}");
    assert!(
        hostile.lines().all(|line| ["::error ", "::warning ", "::notice "].iter().any(|kind| line.starts_with(kind)))
    );
    let markdown = rendered(&fixture::hostile(), Format::Markdown);
    assert_eq!(markdown.matches("</details>").count(), markdown.matches("<details>").count());
    for row in markdown.lines().filter(|line| line.starts_with("| ")) {
        let bars = row.replace("\\|", "").matches('|').count();
        assert!(bars == 3 || bars == 6, "{row}");
    }
}

#[test]
fn xml_holds_together() {
    for gate in [fixture::gate(), fixture::hostile()] {
        let report = quick_junit::Report::deserialize_from_str(&rendered(&gate, Format::Junit)).unwrap();
        assert_eq!((report.tests, report.failures), (gate.checks.len() + 1, 2));
    }
    let mut strict = fixture::gate();
    strict.inconclusive = "fail".to_owned();
    let report = quick_junit::Report::deserialize_from_str(&rendered(&strict, Format::Junit)).unwrap();
    assert_eq!(report.failures, 2 + 2);
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for gate in [fixture::gate(), fixture::hostile(), fixture::passing()] {
        for width in [60, 80, 100, 160] {
            let out = render(&gate, Format::Text, width, false);
            assert!(out.lines().all(|line| text::columns(line) <= width), "{out}");
        }
    }
}

#[test]
fn the_verdict_is_the_last_thing_on_a_terminal_and_what_fails_the_first() {
    let out = rendered(&fixture::gate(), Format::Text);
    let (_, checks) = out.split_once("\n\n").unwrap();
    assert!(checks.starts_with("FAIL  sort/hybrid at 1k: equality\n"), "{out}");
    assert!(out.lines().last().unwrap().starts_with("Gate: FAIL. Checks: 2 failed"), "{out}");
    let coloured = render(&fixture::gate(), Format::Text, 100, true);
    assert!(coloured.contains("\u{1b}[31mFAIL") && coloured.contains("\u{1b}[32mpass"), "{coloured}");
}

#[test]
fn an_endless_gate_stays_below_what_a_comment_may_hold() {
    let mut gate = fixture::hostile();
    let one = gate.checks.clone();
    gate.checks = std::iter::repeat_n(one, 300).flatten().collect();
    for check in &mut gate.checks {
        check.text = "<&|`\u{202e}".repeat(2000);
    }
    gate.notes = vec!["<".repeat(5000); 200];
    gate.acknowledged = vec![gate.acknowledged[0].clone(); 500];
    let out = rendered(&gate, Format::Markdown);
    assert!(out.len() < 60_000, "{}", out.len());
    assert!(out.contains("…and ") && out.ends_with("</details>\n"));
}

#[test]
fn histories_get_ratios_that_are_above_zero() {
    let bencher: serde_json::Value = serde_json::from_str(&rendered(&fixture::gate(), Format::Bencher)).unwrap();
    let parse = &bencher["parse_log/native/100000"]["time-ratio"];
    assert!((parse["value"].as_f64().unwrap() - 1.069).abs() < 1e-12);
    assert!((parse["lower_value"].as_f64().unwrap() - 1.048).abs() < 1e-12);
    assert!((bencher["sum/hybrid/1000"]["memory-ratio"]["value"].as_f64().unwrap() - 1.003).abs() < 1e-12);
    assert!((bencher["sum/hybrid/1000"]["speed-up"]["value"].as_f64().unwrap() - 6.02).abs() < 1e-12);
    let action: serde_json::Value = serde_json::from_str(&rendered(&fixture::gate(), Format::BenchmarkAction)).unwrap();
    let speedup = action.as_array().unwrap().iter().find(|entry| entry["name"] == "sum/hybrid/1000: speed-up").unwrap();
    assert!((speedup["value"].as_f64().unwrap() - 1.0 / 6.02).abs() < 1e-12, "less is better in this format");
    assert_eq!(speedup["unit"], "candidate ÷ baseline");
    let time = &action[0];
    assert_eq!((&time["name"], &time["range"]), (&"parse_log/native/100000: time".into(), &"± 0.0220".into()));
}

#[test]
fn an_open_interval_or_no_number_leaves_its_place_empty() {
    let mut gate = fixture::gate();
    gate.checks.retain(|check| check.topic == Topic::Time && check.outcome == Outcome::Pass);
    gate.checks[0].change.as_mut().unwrap().high = None;
    let bencher: serde_json::Value = serde_json::from_str(&rendered(&gate, Format::Bencher)).unwrap();
    assert!(bencher["sum/hybrid/1000"]["time-ratio"].get("upper_value").is_none());
    let action: serde_json::Value = serde_json::from_str(&rendered(&gate, Format::BenchmarkAction)).unwrap();
    assert!(action[0].get("range").is_none());
    gate.checks[0].change = None;
    assert_eq!(rendered(&gate, Format::Bencher), "{}\n");
    assert_eq!(rendered(&gate, Format::BenchmarkAction), "[]\n");
}
