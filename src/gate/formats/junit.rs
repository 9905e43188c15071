//! Test results as JUnit writes them, which Jenkins, GitLab, Azure and most others show.
//!
//! A check is a test case. What is inconclusive is *skipped* with its reason, and a failure of the kind `inconclusive`
//! where the gate counts it as one: a red job without a red test would be a riddle.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::page::{self, Standing};
use crate::gate::document::{Check, Gate, Topic};
use crate::text::visible;

/// The gate as one test suite.
pub fn junit(gate: &Gate) -> String {
    let mut suite = TestSuite::new(visible(&gate.project));
    suite.set_time(seconds(gate.measure_s));
    suite.add_test_cases(gate.checks.iter().map(|check| case(gate, check)));
    if let Some(control) = gate.control.as_ref() {
        let mut status = TestCaseStatus::success();
        if control.moved {
            status = open(gate);
            status.set_message(page::control(gate).unwrap_or_default());
        }
        let mut case = TestCase::new("python that does not change", status);
        case.set_classname("control");
        suite.add_test_case(case);
    }
    let mut said = vec![format!("{}: {}", page::verdict(gate), page::counts(gate)), page::subject(gate)];
    said.extend(page::notes(gate));
    said.extend(page::acknowledged(gate));
    said.push(page::rules(gate));
    said.extend(page::control(gate));
    suite.set_system_out(said.join("\n"));
    let mut report = Report::new("rustworthy gate");
    report.set_time(seconds(gate.measure_s));
    report.add_test_suite(suite);
    // Never fails: a string takes every write, and its characters are those that XML knows.
    report.to_string().unwrap_or_default()
}

fn case(gate: &Gate, check: &Check) -> TestCase {
    let found = page::found(check);
    let standing = page::standing(check);
    let mut status = match standing {
        Standing::Passes => TestCaseStatus::success(),
        Standing::Fails => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Standing::Open => open(gate),
        Standing::Accepted | Standing::Skipped => TestCaseStatus::skipped(),
    };
    match standing {
        Standing::Passes => {}
        Standing::Fails => {
            status.set_type(check.topic.as_str());
            status.set_message(found.clone());
            status.set_description(format!("{}: {found}", page::place(check)));
        }
        Standing::Open | Standing::Accepted | Standing::Skipped => {
            status.set_message(format!("{}: {found}", standing.as_str()));
        }
    }
    let at = if check.size == 1 { String::new() } else { format!(" at {}", check.size) };
    let name = format!("{}{at}: {}", visible(&check.implementation), page::topic(check.topic));
    let mut case = TestCase::new(name, status);
    case.set_classname(visible(&check.workload));
    if let Some(blocks) = check.blocks.filter(|_| check.topic == Topic::Time) {
        case.set_time(seconds(blocks.seconds));
    }
    if let Some(line) = check.line {
        case.extra.insert("file".into(), visible(&gate.manifest).into());
        case.extra.insert("line".into(), line.to_string().into());
    }
    if standing == Standing::Passes {
        case.set_system_out(found);
    }
    case
}

/// What is left open, as this gate counts it.
fn open(gate: &Gate) -> TestCaseStatus {
    if gate.inconclusive == "fail" {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type("inconclusive");
        status
    } else {
        TestCaseStatus::skipped()
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
