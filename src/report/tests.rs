//! What holds for every format at once.

use std::collections::BTreeSet;
use std::fs;

use super::chart::{self, Drawing, Picture, Room, Use};
use super::{Charts, csv, fixture, html, markdown, terminal, write};
use crate::evidence::{
    BreakEven, Estimate, Fit, Floor, Implementation, Latency, Launch, MemoryLaunch, Outcome, Probe, Role, Run,
};

mod large;
mod saved;

/// The logarithms of the one's time ÷ the other's, round by round, straight from launches.
fn logs(from: &Implementation, to: &Implementation) -> Vec<f64> {
    let slope = |launch: &Launch| {
        let pairs = launch.iterations.iter().zip(&launch.elapsed_ns);
        let (products, squares) = pairs.fold((0.0, 0.0), |(products, squares), (calls, time)| {
            (products + *calls as f64 * *time as f64, squares + *calls as f64 * *calls as f64)
        });
        products / squares
    };
    to.launches
        .iter()
        .map(|launch| {
            let twin = from.launches.iter().find(|twin| twin.round == launch.round).unwrap();
            (slope(twin) / slope(launch)).ln()
        })
        .collect()
}

/// The median of those ratios and the ends of its interval for so few rounds.
fn ratio(from: &Implementation, to: &Implementation) -> [f64; 3] {
    let mut logs = logs(from, to);
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
            assert!((found / wanted - 1.0).abs() < 1e-6, "{workload} {size} {name}: {found} {wanted}");
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
    // What a page tells of single marks: ratios of rounds, and what an application gains by Amdahl's law.
    let rounds = run.workloads.iter().flat_map(|workload| &workload.sizes).flat_map(|size| {
        let candidates = size.implementations.iter().filter(|cell| cell.role == Role::Candidate);
        candidates.flat_map(move |cell| logs(&size.implementations[0], cell)).map(f64::exp)
    });
    let gains = truth
        .iter()
        .flat_map(|(_, _, _, three)| [0.1, 0.25, 0.5, 0.75, 0.9].map(|share| 1.0 / (1.0 - share + share / three[0])));
    let allowed: BTreeSet<String> = truth
        .iter()
        .map(|(_, _, _, three)| three[0])
        .chain(rounds)
        .chain(gains)
        .chain(memory)
        // What is derived for a verdict stands in its evidence, and is tested there.
        .chain(derived)
        .chain(steps)
        .map(|ratio| super::units::ratio(ratio).trim_end_matches('×').to_owned())
        .collect();
    // Ticks and "same speed" belong to the axis, not to the evidence.
    let page = html(&run).unwrap();
    let page = without_axis_labels(&page);
    let (before, after) = page.split_once("<span class=\"ends\"").unwrap();
    let page = format!("{before}{}", after.split_once("</th>").unwrap().1);
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

/// The page without the texts that are centred on their places: those of axes.
fn without_axis_labels(page: &str) -> String {
    let mut kept = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("<g ") {
        kept.push_str(before);
        let (group, after) = after.split_once("</g>").unwrap();
        let classes = group.split('"').nth(1).unwrap();
        if !classes.split(' ').any(|class| class == "c") {
            kept.push_str(group);
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
            let of_workloads = run
                .workloads
                .iter()
                .flat_map(move |workload| Picture::ALL.map(|picture| picture.draw(run, workload, room)));
            std::iter::once(chart::speedups(run, room)).chain(of_workloads).flatten()
        })
        .collect()
}

#[test]
fn no_label_lies_on_another_or_leaves_its_picture() {
    for run in [fixture::run(), fixture::hostile(), fixture::noisy(), rich(fixture::run()), rich(fixture::hostile())] {
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

/// The run with what charts can show beyond the rest: shares, limits, tails, all cores.
fn rich(mut run: Run) -> Run {
    for (index, workload) in run.workloads.iter_mut().enumerate() {
        workload.share_of_runtime = [Some(0.32), None, Some(0.001), Some(1.0)].get(index).copied().flatten();
        workload.limits.peak_memory_bytes = [Some(16 << 20), None, Some(1 << 40)].get(index).copied().flatten();
        for size in &mut workload.sizes {
            let mut parallel = size.implementations.last().unwrap().clone();
            parallel.name = format!("{}_on_all_cores", parallel.name);
            parallel.variant = Some("parallel".to_owned());
            for elapsed in parallel.launches.iter_mut().flat_map(|launch| &mut launch.elapsed_ns) {
                *elapsed /= 7;
            }
            size.implementations.push(parallel);
            for cell in &mut size.implementations {
                let rounds = cell.launches.iter().map(|launch| (launch.round, launch.elapsed_ns[0] as f64));
                let memory = rounds.enumerate().map(|(at, (round, call))| MemoryLaunch {
                    round,
                    before_bytes: 30 << 20,
                    peak_bytes: (31 << 20) + (call as u64 % (64 << 20)),
                    resident_bytes: 31 << 20,
                    latency_ns: Some(Latency {
                        calls: 40 * (1 + at as u64 % 3),
                        p50: call,
                        p90: Some((1.2 * call).round()),
                        p99: (at > 0).then_some((1.9 * call).round()),
                        max: 5.0 * call,
                    }),
                    cpu_ns: None,
                });
                cell.memory_launches = memory.collect();
            }
        }
    }
    crate::analysis::analyse(&mut run);
    crate::verdict::decide(&mut run);
    run
}

#[test]
fn every_picture_is_there_where_its_data_is() {
    let names = |run: &Run, index: usize| -> Vec<&'static str> {
        let workload = &run.workloads[index];
        let drawn = Picture::ALL.into_iter().filter(|picture| picture.draw(run, workload, Room::Wide).is_some());
        drawn.map(Picture::as_str).collect()
    };
    let all = Picture::ALL.map(Picture::as_str);
    assert_eq!(names(&rich(fixture::run()), 0), all);
    assert_eq!(names(&fixture::run(), 0), ["scaling", "split", "steps", "amdahl", "memory", "rounds"]);
    // Its hybrid differs: no boundary, no step but the language; nobody watched its memory.
    assert_eq!(names(&fixture::run(), 1), ["scaling", "amdahl", "rounds"]);
    let mut failed = fixture::run();
    for size in &mut failed.workloads[0].sizes {
        size.implementations.iter_mut().for_each(|cell| cell.launches.clear());
        size.implementations.iter_mut().for_each(|cell| cell.memory_launches.clear());
    }
    crate::analysis::analyse(&mut failed);
    assert!(names(&failed, 0).is_empty());
}

#[test]
fn a_picture_tells_its_policy_and_what_it_shows() {
    let run = rich(fixture::run());
    let pictures = Picture::ALL.map(|picture| {
        let drawing = picture.draw(&run, &run.workloads[0], Room::Narrow).unwrap();
        assert!(drawing.caption.contains("garbage collector: on, frozen after start"), "{}", drawing.caption);
        assert!(drawing.caption.contains("100,000 rows: 8 rounds"), "{}", drawing.caption);
        format!("{}\n{}\n{}", drawing.title, drawing.description, drawing.caption)
    });
    insta::assert_snapshot!("pictures", pictures.join("\n\n"));
}

#[test]
fn every_mark_tells_what_it_stands_for() {
    let run = rich(fixture::run());
    let of_workload = Picture::ALL.map(|picture| picture.draw(&run, &run.workloads[0], Room::Narrow).unwrap());
    let told = std::iter::once(chart::speedups(&run, Room::Narrow).unwrap()).chain(of_workload).map(|drawing| {
        let values: Vec<String> = drawing.values.iter().map(|value| format!("  {}", value.told())).collect();
        format!("{} ({})\n{}", drawing.title, drawing.subject, values.join("\n"))
    });
    insta::assert_snapshot!("values", told.collect::<Vec<_>>().join("\n\n"));
}

#[test]
fn values_lie_on_their_pictures_and_are_text() {
    for run in [fixture::run(), fixture::hostile(), fixture::noisy(), rich(fixture::run()), rich(fixture::hostile())] {
        for drawing in drawings(&run) {
            assert!(!drawing.values.is_empty(), "{} tells nothing", drawing.title);
            for value in &drawing.values {
                let within =
                    (0.0..=drawing.width).contains(&value.at.0) && (0.0..=drawing.height).contains(&value.at.1);
                assert!(within && value.reach.is_finite(), "{}: {value:?}", drawing.title);
            }
            let [page, twin, file] = [Use::Page, Use::Twin, Use::File].map(|purpose| drawing.svg(purpose));
            let attribute = |svg: &str, name: &str| {
                let (_, rest) = svg.split_once(&format!(" {name}=\""))?;
                let text = rest.split('"').next()?.to_owned();
                let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/")];
                let plain = entities.iter().fold(text, |text, (entity, plain)| text.replace(entity, plain));
                Some(plain.replace("&amp;", "&"))
            };
            // Names hold neither of what parts them, whatever they try.
            let words = attribute(&page, "data-words").unwrap();
            let (subject, lines) = words.split_once('\n').unwrap();
            assert_eq!(subject, drawing.subject);
            let texts: Vec<&str> = lines.split('\n').map(|line| line.split('\t').next_back().unwrap()).collect();
            assert_eq!(texts, drawing.values.iter().map(|value| value.text.as_str()).collect::<Vec<_>>());
            let marks = attribute(&page, "data-marks").unwrap();
            assert_eq!(marks.split(',').count(), texts.len());
            assert_eq!((attribute(&twin, "data-marks"), attribute(&twin, "data-words")), (Some(marks), None));
            assert!(!file.contains("data-"), "{file}");
        }
    }
}

#[test]
fn both_forms_of_a_picture_tell_the_same() {
    let all = drawings(&rich(fixture::run()));
    let (wide, narrow) = all.split_at(all.len() / 2);
    for (one, other) in wide.iter().zip(narrow) {
        let said = |drawing: &Drawing| drawing.values.iter().map(|value| value.told()).collect::<Vec<_>>();
        assert_eq!((&one.title, &one.subject, said(one)), (&other.title, &other.subject, said(other)));
    }
}

#[test]
fn every_picture_has_a_file_in_each_form() {
    let folder = tempfile::tempdir().unwrap();
    let run = rich(fixture::hostile());
    let written = write(&run, folder.path(), Charts::SvgAndPng).unwrap();
    let with_ending = |ending: &str| {
        written.charts.iter().filter(|path| path.extension().is_some_and(|found| found == ending)).count()
    };
    assert_eq!((with_ending("svg"), with_ending("png")), (written.charts.len() / 2, written.charts.len() / 2));
    for path in written.charts.iter().filter(|path| path.extension().is_some_and(|ending| ending == "png")) {
        assert!(fs::read(path).unwrap().starts_with(b"\x89PNG\r\n"));
    }
}

#[test]
fn names_are_text_wherever_they_stand() {
    let run = rich(fixture::hostile());
    let page = html(&run).unwrap();
    let (before, script) = page.rsplit_once("<script>").unwrap();
    assert!(script.starts_with("// Filters") && script.ends_with("</script>\n</body>\n</html>"), "{script}");
    let page = before.to_owned();
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
    // A name with a backtick keeps it: nothing of such a run's sentences is taken for code.
    assert!(html(&run).unwrap().contains("`code`") && !html(&run).unwrap().contains("<code>code</code>"));
    assert!(terminal::summary(&run, 200, false).contains("`code`"));
    let table = csv(&run);
    let mut reader = ::csv::Reader::from_reader(table.as_bytes());
    for row in reader.records() {
        for field in &row.unwrap() {
            assert!(!field.starts_with(['=', '+', '@', '\t', '\r']), "{field}");
        }
    }
}

#[test]
fn no_name_is_markup_in_markdown() {
    let document = markdown(&fixture::with_claims(fixture::hostile()));
    let mut fence = None;
    let mut columns = 0;
    for line in document.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        if ticks >= 3 {
            fence = if fence == Some(ticks) { None } else { fence.or(Some(ticks)) };
        }
        if fence.is_some() || ticks >= 3 {
            continue;
        }
        // What is left of a line without its code, escapes and own tags.
        let mut rest = String::new();
        for (index, part) in line.replace("\\`", "").split('`').enumerate() {
            rest.push_str(if index % 2 == 0 { part } else { "" });
        }
        for own in ["<details>", "</details>", "<summary>", "</summary>", "<b>", "</b>", "<br>", "<code>", "</code>"] {
            rest = rest.replace(own, "");
        }
        // Within the block that a summary begins, nothing but HTML is read.
        let all = ["<", "[link](", "@everyone", "@SUM"];
        let active = if line.starts_with("<summary>") { &all[..1] } else { &all[..] };
        for markup in active {
            assert!(!rest.contains(markup), "{markup}: {line}");
        }
        // A row of a table has as many cells as its head.
        if line.starts_with('|') {
            let cells = line.replace("\\|", "").matches('|').count();
            assert!(columns == 0 || cells == columns, "{cells} and not {columns}: {line}");
            columns = cells;
        } else {
            columns = 0;
        }
    }
    assert_eq!(fence, None);
    assert!(document.contains(&"w".repeat(200)));
}

#[test]
fn the_page_asks_nothing_of_the_network() {
    let page = html(&fixture::run()).unwrap();
    assert!(page.contains("default-src 'none'"));
    for outside in ["src=", "@import", "url(", "<link", "<script "] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains("script-src 'sha256-") && !page.contains("script-src 'unsafe"));
    assert_eq!(page.matches("http").count(), page.matches("http://www.w3.org/2000/svg").count() + 1);
}

#[test]
fn files_are_written_whole_and_under_safe_names() {
    let folder = tempfile::tempdir().unwrap();
    let written = write(&fixture::hostile(), folder.path(), Charts::Svg).unwrap();
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
    write(&fixture::run(), &folder.join("plain"), Charts::SvgAndPng).unwrap();
    write(&fixture::with_claims(fixture::hostile()), &folder.join("hostile"), Charts::SvgAndPng).unwrap();
    write(&fixture::with_claims(fixture::noisy()), &folder.join("noisy"), Charts::SvgAndPng).unwrap();
    write(&rich(fixture::run()), &folder.join("rich"), Charts::SvgAndPng).unwrap();
    write(&rich(fixture::hostile()), &folder.join("rich-hostile"), Charts::SvgAndPng).unwrap();
    let mut alone = fixture::run();
    alone.workloads.truncate(1);
    crate::verdict::decide(&mut alone);
    write(&alone, &folder.join("alone"), Charts::SvgAndPng).unwrap();
    write(&large::thousand(), &folder.join("large"), Charts::Svg).unwrap();
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
    // Nor has it all that a launch may tell.
    let cell = &mut run.workloads[0].sizes[0].implementations[0];
    let floor = Floor { empty_call_ns: Some(1.0), builtin_call_ns: Some(1.0), extension_call_ns: Some(1.0) };
    let (gc_collections, import_ns, first_call_ns) = (Some(1), Some(1), Some(1));
    cell.launches.push(Launch {
        gc_collections,
        import_ns,
        first_call_ns,
        floor: Some(floor),
        ..cell.launches[0].clone()
    });
    let latency = Latency { calls: 100, p50: 1.0, p90: Some(1.0), p99: Some(1.0), max: 1.0 };
    let watched = MemoryLaunch { latency_ns: Some(latency), cpu_ns: Some(1.0), ..cell.memory_launches[0] };
    cell.memory_launches.push(watched);
    let probe = Probe { locked_share: Some(1.0), unlocks: Some(true), ..Probe::default() };
    cell.probe = Some(probe);
    fields(&serde_json::to_value(run).unwrap(), &mut found);
    let missing: Vec<_> = found.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "docs/FORMAT.md does not name {missing:?}");
}
