//! What holds for every format at once.

use std::collections::BTreeSet;
use std::fs;

use super::chart::{self, Drawing, Room, Use};
use super::{csv, fixture, html, markdown, terminal, write};
use crate::evidence::{BreakEven, Estimate, Fit, Implementation, Launch, Outcome, Role, Run};

/// The median of the one's time ÷ the other's and the ends of its interval for so few rounds, straight from launches.
fn ratio(from: &Implementation, to: &Implementation) -> [f64; 3] {
    let slope = |launch: &Launch| {
        let pairs = launch.iterations.iter().zip(&launch.elapsed_ns);
        let (products, squares) = pairs.fold((0.0, 0.0), |(products, squares), (calls, time)| {
            (products + *calls as f64 * *time as f64, squares + *calls as f64 * *calls as f64)
        });
        products / squares
    };
    let mut logs: Vec<f64> = to
        .launches
        .iter()
        .map(|launch| {
            let twin = from.launches.iter().find(|twin| twin.round == launch.round).unwrap();
            (slope(twin) / slope(launch)).ln()
        })
        .collect();
    logs.sort_by(f64::total_cmp);
    let (last, middle) = (logs.len() - 1, f64::midpoint(logs[(logs.len() - 1) / 2], logs[logs.len() / 2]));
    let ends = match logs.len() {
        8 => [(0, 1), (7, 6)].map(|(outer, inner)| logs[outer] + 0.793_929_712_5 * (logs[inner] - logs[outer])),
        few => {
            assert!(few < 6, "for fewer than six rounds the ends are the extremes");
            [logs[0], logs[last]]
        }
    };
    [middle, ends[0], ends[1]].map(f64::exp)
}

/// The ratios of all candidates to their baselines.
fn recomputed(run: &Run) -> Vec<(String, u64, String, [f64; 3])> {
    run.cells()
        .filter(|(_, _, cell)| cell.role == Role::Candidate && !cell.launches.is_empty())
        .map(|(workload, size, cell)| {
            (workload.name.clone(), size.size, cell.name.clone(), ratio(&size.implementations[0], cell))
        })
        .collect()
}

/// Every number that stands before a `×` and is no tick of an axis.
fn printed(text: &str) -> Vec<String> {
    text.match_indices('×')
        .map(|(end, _)| {
            let number = |character: char| character.is_ascii_digit() || matches!(character, '.' | ',');
            let head = &text[..end];
            head[head.trim_end_matches(number).len()..].to_owned()
        })
        .collect()
}

#[test]
fn a_noisier_size_is_no_headline_for_its_rounds() {
    let mut run = fixture::run();
    let workload = &mut run.workloads[0];
    let largest = workload.sizes.last().unwrap().size;
    assert_eq!(workload.headline_size().unwrap().size, largest);
    for cell in &mut workload.sizes[0].implementations {
        cell.launches = cell.launches.iter().cycle().take(100).cloned().collect();
    }
    assert_eq!(workload.headline_size().unwrap().size, largest);
}

#[test]
fn every_printed_ratio_is_computed_again_from_the_launches() {
    let run = fixture::run();
    let truth = recomputed(&run);

    let table = csv(&run);
    let mut reader = ::csv::Reader::from_reader(table.as_bytes());
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    for (workload, size, name, three) in &truth {
        let row = rows
            .iter()
            .find(|row| row[2] == **workload && row[3] == size.to_string() && row[5] == **name && row[10] == *"time")
            .unwrap();
        for (column, wanted) in [15, 16, 17].into_iter().zip(three) {
            let found: f64 = row[column].parse().unwrap();
            assert!((found / wanted - 1.0).abs() < 1e-12, "{workload} {size} {name}: {found} {wanted}");
        }
    }

    let memory = run.workloads[0].sizes.iter().flat_map(|size| {
        let growth = |index: usize, round: usize| {
            let launch = size.implementations[index].memory_launches[round];
            (launch.peak_bytes - launch.before_bytes) as f64
        };
        let rounds = size.implementations[0].memory_launches.len();
        let mut ratios: Vec<f64> = (0..rounds).map(|round| growth(0, round) / growth(3, round)).collect();
        ratios.sort_by(f64::total_cmp);
        let middle = (ratios[(rounds - 1) / 2].ln() + ratios[rounds / 2].ln()) / 2.0;
        [middle.exp()]
    });
    let mut derived = Vec::new();
    let verdicts = run.workloads.iter().filter_map(|workload| workload.verdict.as_ref()).chain(&run.verdict);
    for verdict in verdicts {
        numbers(&serde_json::to_value(verdict).unwrap(), &mut derived);
    }
    numbers(&serde_json::to_value(run.thresholds).unwrap(), &mut derived);
    let steps = run.workloads.iter().flat_map(|workload| &workload.sizes).flat_map(|size| {
        let between = |name: &str| size.implementation(name).unwrap();
        let taken = size.comparisons.iter().filter(|one| one.step.is_some());
        taken.map(move |one| ratio(between(&one.against), between(&one.candidate))[0])
    });
    let allowed: BTreeSet<String> = truth
        .iter()
        .map(|(_, _, _, three)| three[0])
        .chain(memory)
        // What is derived for a verdict stands in its evidence, and is tested there.
        .chain(derived)
        .chain(steps)
        .map(|ratio| super::units::ratio(ratio).trim_end_matches('×').to_owned())
        .collect();
    // Ticks and "same speed" belong to the axis, not to the evidence.
    let page = html(&run).unwrap();
    let page = without_axis_labels(&page);
    for (format, text) in
        [("html", page), ("markdown", markdown(&run)), ("terminal", terminal::summary(&run, 100, false))]
    {
        let numbers = printed(&text);
        assert!(numbers.len() >= 13, "{format}");
        for number in numbers {
            assert!(allowed.contains(&number), "{format} prints {number}×, which no launches give");
        }
    }
}

/// Every number in a document.
fn numbers(value: &serde_json::Value, found: &mut Vec<f64>) {
    match value {
        serde_json::Value::Object(map) => map.values().for_each(|inner| numbers(inner, found)),
        serde_json::Value::Array(items) => items.iter().for_each(|item| numbers(item, found)),
        other => found.extend(other.as_f64()),
    }
}

fn without_axis_labels(page: &str) -> String {
    let mut kept = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("<text") {
        kept.push_str(before);
        let (element, after) = after.split_once("</text>").unwrap();
        if !element.contains("text-anchor=\"middle\"") {
            kept.push_str(element);
        }
        rest = after;
    }
    kept + rest
}

fn drawings(run: &Run) -> Vec<Drawing> {
    let rooms = [Room::Wide, Room::Narrow];
    rooms
        .into_iter()
        .flat_map(|room| {
            let of_workloads = run.workloads.iter().flat_map(move |workload| {
                let split = workload.headline_size().and_then(|size| chart::split(run, workload, size, room));
                [chart::scaling(run, workload, room), split]
            });
            std::iter::once(chart::speedups(run, room)).chain(of_workloads).flatten()
        })
        .collect()
}

#[test]
fn no_label_lies_on_another_or_leaves_its_picture() {
    for run in [fixture::run(), fixture::hostile(), fixture::noisy()] {
        for drawing in drawings(&run) {
            let labels = drawing.labels();
            for (index, (one, text)) in labels.iter().enumerate() {
                assert!(one[0] >= 0.0 && one[2] <= drawing.width + 1.0, "{}: {text} {one:?}", drawing.title);
                assert!(one[1] >= 0.0 && one[3] <= drawing.height, "{}: {text} {one:?}", drawing.title);
                for (other, other_text) in &labels[index + 1..] {
                    let apart = one[2] <= other[0] || other[2] <= one[0] || one[3] <= other[1] || other[3] <= one[1];
                    assert!(apart, "{}: {text:?} lies on {other_text:?}: {one:?} {other:?}", drawing.title);
                }
            }
        }
    }
}

#[test]
fn names_are_text_wherever_they_stand() {
    let run = fixture::hostile();
    let page = html(&run).unwrap();
    for markup in ["<script", "<img", "<b>", "<i>", "onload=alert(1)>", "49</", "javascript:alert(1)\""] {
        assert!(!page.contains(markup), "{markup}");
    }
    for drawing in drawings(&run) {
        let svg = drawing.svg(Use::File);
        assert!(!svg.contains("<script") && svg.matches("<svg").count() == 1, "{svg}");
    }
    for text in [page, markdown(&run), terminal::summary(&run, 100, false)] {
        assert!(!text.contains(['\u{202e}', '\u{1b}', '\u{0}', '\u{7}']));
    }
    let table = csv(&run);
    let mut reader = ::csv::Reader::from_reader(table.as_bytes());
    for row in reader.records() {
        for field in &row.unwrap() {
            assert!(!field.starts_with(['=', '+', '@', '\t', '\r']), "{field}");
        }
    }
}

#[test]
fn the_page_asks_nothing_of_the_network() {
    let page = html(&fixture::run()).unwrap();
    assert!(page.contains("default-src 'none'"));
    for outside in ["src=", "@import", "url(", "<link", "<script"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page.matches("http").count(), page.matches("http://www.w3.org/2000/svg").count() + 1);
}

#[test]
fn files_are_written_whole_and_under_safe_names() {
    let folder = tempfile::tempdir().unwrap();
    let written = write(&fixture::hostile(), folder.path()).unwrap();
    assert!(written.charts.len() >= 9, "{:?}", written.charts);
    let mut found: Vec<_> = fs::read_dir(folder.path().join("charts")).unwrap().map(|it| it.unwrap().path()).collect();
    found.sort();
    let mut told = written.charts.clone();
    told.sort();
    assert_eq!(found, told);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
    assert_eq!(fs::read_to_string(&written.csv).unwrap(), csv(&fixture::hostile()));
}

#[test]
fn a_terminal_is_never_overrun_and_colours_only_when_asked() {
    for run in [fixture::run(), fixture::hostile()] {
        for width in [80, 100, 140] {
            let summary = terminal::summary(&run, width, false);
            assert!(summary.lines().all(|line| super::text::columns(line) <= width), "{summary}");
            assert!(!summary.contains('\u{1b}'));
        }
        assert!(terminal::summary(&run, 100, true).contains("\u{1b}[1m"));
    }
}

#[test]
fn hidden_sizes_are_left_out() {
    let mut run = fixture::run();
    for workload in &mut run.workloads {
        workload.unit = None;
        workload.sizes.drain(..workload.sizes.len() - 1);
    }
    let page = html(&run).unwrap();
    assert!(!page.contains("by size") && !page.contains("100,000") && !page.contains("size 1"));
    assert!(chart::scaling(&run, &run.workloads[0], Room::Wide).is_none());
    assert!(!terminal::summary(&run, 100, false).contains("100,000"));
}

#[test]
fn an_empty_run_is_still_a_report() {
    let mut run = fixture::run();
    for workload in &mut run.workloads {
        workload.sizes.clear();
    }
    assert!(html(&run).unwrap().contains("No candidate could be compared"));
    run.workloads.clear();
    assert!(html(&run).unwrap().contains("0 workloads"));
    assert!(markdown(&run).contains("No candidate could be compared"));
    assert!(terminal::summary(&run, 80, false).contains("No candidate could be compared"));
}

#[test]
fn formats_look_as_they_were_last_approved() {
    let run = fixture::run();
    insta::assert_snapshot!("terminal", terminal::summary(&run, 80, false));
    insta::assert_snapshot!("terminal_wide_hostile", terminal::summary(&fixture::hostile(), 110, false));
    insta::assert_snapshot!("markdown", markdown(&run));
    insta::assert_snapshot!("csv", csv(&run));
}

/// Not a test: writes the fixture's report where it can be looked at.
#[test]
#[ignore = "writes target/report-preview for a person to look at"]
fn preview() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/report-preview");
    write(&fixture::run(), &folder.join("plain")).unwrap();
    write(&fixture::hostile(), &folder.join("hostile")).unwrap();
    write(&fixture::noisy(), &folder.join("noisy")).unwrap();
}

/// Every field that a run has, by its own name; the evidence of a reason is each rule's own.
fn fields(value: &serde_json::Value, found: &mut std::collections::BTreeSet<String>) {
    match value {
        serde_json::Value::Object(map) => {
            for (name, inner) in map {
                found.insert(name.clone());
                if name == "evidence" {
                    continue;
                }
                fields(inner, found);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| fields(item, found)),
        _ => {}
    }
}

#[test]
fn the_format_page_names_every_field() {
    let page = include_str!("../../docs/FORMAT.md");
    let mut found = std::collections::BTreeSet::new();
    let mut run = fixture::with_claims(fixture::run());
    // The fixture has too few sizes for lines.
    let (candidate, against) = ("hybrid".to_owned(), "baseline".to_owned());
    let nothing = Estimate { estimate: 0.0, low: 0.0, high: 0.0 };
    run.workloads[0].fits.push(Fit {
        implementation: candidate.clone(),
        fixed_ns: nothing,
        per_element_ns: nothing,
        worst_miss_share: 0.0,
        rounds: 8,
    });
    let (outcome, size, low, high) = (Outcome::From, Some(2.0), Some(1.0), None);
    let crossing = BreakEven { candidate, against, outcome, size, low, high, resolved: true, rounds: 8 };
    run.workloads[0].break_evens.push(crossing);
    fields(&serde_json::to_value(run).unwrap(), &mut found);
    let missing: Vec<_> = found.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "docs/FORMAT.md does not name {missing:?}");
}
