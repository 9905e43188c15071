//! A check-up in the terminal: a verdict, the machine, its noise, what calls and crossings cost; half a minute to read.

use super::facts::{self, Fact};
use super::{text, units};
use crate::evidence::{Checkup, Clock, Crossing, Direction, Effort, Estimate, Floors, Noise};

/// No line is wider.
const WIDTH: usize = 100;
/// From this miss on a line does not describe the times.
const POOR_FIT: f64 = 0.2;

const BOLD: &str = "1";
const YELLOW: &str = "33";
const RED: &str = "31";
const DIM: &str = "2";

/// The check-up as text.
pub fn text(checkup: &Checkup, colour: bool) -> String {
    let mut page = Page { out: String::new(), colour };
    page.sentence("", &opening(checkup), BOLD);
    page.heading("Machine", "");
    page.facts(&facts::environment(&checkup.environment));
    warnings(&mut page, checkup);
    if let Some(noise) = &checkup.noise {
        self::noise(&mut page, noise);
    }
    if let (Some(clock), Some(floors)) = (&checkup.clock, &checkup.floors) {
        calls(&mut page, clock, floors, checkup.launches);
    }
    crossings(&mut page, checkup);
    if !checkup.problems.is_empty() {
        page.heading("Not measured", "");
        for problem in &checkup.problems {
            for line in text::visible_lines(problem).lines() {
                page.sentence("  ", line, RED);
            }
        }
    }
    let (measured, all) = (units::seconds(checkup.measure_s), units::seconds(checkup.wall_s));
    page.line("", "");
    page.sentence("", &format!("measured in {measured}; {all} with the builds"), DIM);
    page.out
}

struct Page {
    out: String,
    colour: bool,
}

impl Page {
    fn line(&mut self, line: &str, code: &str) {
        if self.colour && !code.is_empty() && !line.is_empty() {
            self.out += &format!("\u{1b}[{code}m{line}\u{1b}[0m\n");
        } else {
            self.out += line.trim_end();
            self.out.push('\n');
        }
    }

    /// A section's name, and what it rests on.
    fn heading(&mut self, name: &str, basis: &str) {
        self.line("", "");
        let basis = if basis.is_empty() { String::new() } else { format!(": {basis}") };
        self.line(&text::cut(&format!("{name}{basis}"), WIDTH), BOLD);
    }

    /// A sentence, each line with this indent.
    fn sentence(&mut self, indent: &str, sentence: &str, code: &str) {
        for line in text::wrapped(sentence, WIDTH - indent.len()) {
            self.line(&text::cut(&format!("{indent}{line}"), WIDTH), code);
        }
    }

    /// Names and values in two columns, long values wrapped.
    fn facts(&mut self, facts: &[Fact]) {
        let room = facts.iter().map(|fact| fact.name.len()).max().unwrap_or(0);
        for fact in facts {
            for (index, line) in text::wrapped(&fact.value, WIDTH - room - 4).iter().enumerate() {
                let name = if index == 0 { fact.name } else { "" };
                self.line(&text::cut(&format!("  {name:room$}  {line}"), WIDTH), "");
            }
        }
    }

    /// Rows in columns: the first and the last to the left, those between to the right, where numbers align.
    fn table(&mut self, rows: &[(Vec<String>, &str)]) {
        let columns = rows.iter().map(|(cells, _)| cells.len()).max().unwrap_or(0);
        let width = |column: usize| {
            rows.iter().filter_map(|(cells, _)| cells.get(column)).map(|cell| text::columns(cell)).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for (cells, code) in rows {
            let mut line = String::new();
            for (column, cell) in cells.iter().enumerate() {
                let gap = " ".repeat(widths[column] - text::columns(cell));
                let is_left = column == 0 || column + 1 == columns;
                line += "  ";
                line += &if is_left { format!("{cell}{gap}") } else { format!("{gap}{cell}") };
            }
            let line = line.trim_end();
            self.line(&text::cut(line, WIDTH), code);
        }
    }
}

/// The check-up in a sentence.
fn opening(checkup: &Checkup) -> String {
    let subject = checkup.project.as_deref().map_or_else(|| "Outside a project".to_owned(), text::visible);
    let warnings = match checkup.environment.warnings.len() {
        0 => "nothing to warn of".to_owned(),
        count => units::plural(count as u64, "warning"),
    };
    let quick = checkup.noise.as_ref().and_then(|noise| noise.resolves.first());
    match quick {
        Some(quick) => {
            let width = share(quick.half_width_share);
            format!("{subject}: a quick run here loses differences under about {width} in the noise; {warnings}.")
        }
        None => format!("{subject}: nothing could be measured here; {warnings}."),
    }
}

fn warnings(page: &mut Page, checkup: &Checkup) {
    if checkup.environment.warnings.is_empty() {
        return;
    }
    page.heading("Warnings", "");
    for warning in &checkup.environment.warnings {
        page.sentence("  ", &text::visible(&warning.text), YELLOW);
        page.sentence("    ", &text::visible(&warning.advice), "");
    }
}

fn noise(page: &mut Page, noise: &Noise) {
    page.heading("Noise", &format!("the same work against itself, {}", units::plural(noise.rounds.into(), "round")));
    let Estimate { estimate, low, high } = noise.ratio;
    let ratio = if noise.indicative {
        format!("{estimate:.3} ({low:.3} to {high:.3})")
    } else {
        format!("{estimate:.3} [{low:.3}, {high:.3}]")
    };
    let holds = noise.ratio.low <= 1.0 && 1.0 <= noise.ratio.high;
    let verdict = if holds { "holds 1, as it should" } else { "misses 1, which chance does rarely: look again" };
    let spread = &noise.spread;
    page.facts(&[
        Fact { name: "Ratio", value: format!("{ratio}: {verdict}") },
        Fact {
            name: "Spread",
            value: format!(
                "{} within a launch, {} between launches (intra-class correlation {:.2})",
                share(spread.within),
                share(spread.between),
                spread.intra_class_correlation
            ),
        },
    ]);
    page.line("", "");
    let mut rows = vec![(["preset", "aims at", "tells apart", "after"].map(str::to_owned).to_vec(), DIM)];
    for found in &noise.resolves {
        let reaches = found.half_width_share <= found.target_half_width_share;
        rows.push((
            vec![
                preset(found.preset).to_owned(),
                format!("±{}", share(found.target_half_width_share)),
                format!("±{}", share(found.half_width_share)),
                format!(
                    "{}{}",
                    units::plural(found.rounds.into(), "round"),
                    if reaches { "" } else { ", the most it takes" }
                ),
            ],
            if reaches { "" } else { YELLOW },
        ));
    }
    page.table(&rows);
}

fn preset(effort: Effort) -> &'static str {
    match effort {
        Effort::Quick => "run --quick",
        Effort::Default => "run",
        Effort::Thorough => "run --thorough",
    }
}

fn calls(page: &mut Page, clock: &Clock, floors: &Floors, launches: u32) {
    page.heading(
        "Clock and calls",
        &format!("ns, medians over {}", units::plural(launches.into(), "launch").replace("launchs", "launches")),
    );
    let row = |name: &str, time: &Estimate, note: String| {
        (vec![name.to_owned(), tenths(time.estimate), interval(time), note], "")
    };
    let step = clock.smallest_step_ns.map(|step| format!(", steps of {step:.0} ns seen")).unwrap_or_default();
    let mut rows = vec![row("reading the clock", &clock.reading_ns, format!("{}{step}", text::visible(&clock.source)))];
    let floor = |name: &str, time: &Option<Estimate>, note: String| time.as_ref().map(|time| row(name, time, note));
    rows.extend(floor("empty Python call", &floors.empty_call_ns, String::new()));
    rows.extend(floor("C builtin", &floors.builtin_call_ns, String::new()));
    let extension = floors.extension.as_deref().map(text::visible).unwrap_or_default();
    rows.extend(floor("empty extension call", &floors.extension_call_ns, extension));
    page.table(&rows);
}

fn crossings(page: &mut Page, checkup: &Checkup) {
    let Some(crossings) = &checkup.crossings else {
        if checkup.clock.is_some() {
            page.heading("Crossings", "none measured");
            let why = if checkup.project.is_some() {
                "No extension of this project exports `__crossings__`, functions that take or return one type each; \
                 docs/PROTOCOL.md says how to."
            } else {
                "What it costs to cross into Rust is measured with a project's own extension: run this inside a project."
            };
            page.sentence("  ", why, "");
        }
        return;
    };
    page.heading("Crossings", &format!("into {} and back, ns a call", text::visible(&crossings.extension)));
    let head = ["type", "fixed", "95 %", "each", "95 %", "off the line", "element"].map(str::to_owned).to_vec();
    let mut rows = vec![(head, DIM)];
    for direction in [Direction::Argument, Direction::Result] {
        let types: Vec<&Crossing> = crossings.types.iter().filter(|it| it.direction == direction).collect();
        if types.is_empty() {
            continue;
        }
        let name = match direction {
            Direction::Argument => "Python to Rust",
            Direction::Result => "Rust to Python",
        };
        rows.push((vec![name.to_owned()], BOLD));
        rows.extend(types.into_iter().map(crossing));
    }
    page.table(&rows);
    page.line("", "");
    page.sentence(
        "  ",
        "A call with n elements takes fixed + n × each; the fixed cost holds the empty call. The worst of the sizes \
         lies so far off that line: over 20 %, take the numbers as a guide only.",
        DIM,
    );
}

fn crossing(crossing: &Crossing) -> (Vec<String>, &'static str) {
    let mut cells = vec![
        format!("  {}", text::visible(&crossing.kind)),
        tenths(crossing.fixed_ns.estimate),
        interval(&crossing.fixed_ns),
    ];
    let Some(each) = &crossing.per_element_ns else { return (cells, "") };
    let miss = crossing.worst_miss_share.unwrap_or(0.0);
    cells.extend([
        hundredths(each.estimate),
        format!("[{}, {}]", hundredths(each.low), hundredths(each.high)),
        format!("{:.0} %", miss * 100.0),
        crossing.element.as_deref().map(text::visible).unwrap_or_default(),
    ]);
    (cells, if miss > POOR_FIT { YELLOW } else { "" })
}

fn interval(time: &Estimate) -> String {
    format!("[{}, {}]", tenths(time.low), tenths(time.high))
}

fn tenths(value: f64) -> String {
    trimmed(format!("{value:.1}"))
}

fn hundredths(value: f64) -> String {
    trimmed(format!("{value:.2}"))
}

/// No minus before nothing.
fn trimmed(number: String) -> String {
    match number.strip_prefix('-') {
        Some(rest) if rest.chars().all(|digit| matches!(digit, '0' | '.')) => rest.to_owned(),
        _ => number,
    }
}

/// A share in percent, with two digits that count.
fn share(share: f64) -> String {
    let percent = share * 100.0;
    match () {
        () if !percent.is_finite() => "any size".to_owned(),
        () if percent >= 10.0 => format!("{percent:.0} %"),
        () if percent >= 0.1 => format!("{percent:.1} %"),
        () => format!("{percent:.2} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{
        CrossingPoint, Crossings, DOCTOR_SCHEMA, Environment, Machine, Python, Resolution, Rust, Spread, Tool, Warning,
    };

    fn about(estimate: f64) -> Estimate {
        Estimate { estimate, low: estimate * 0.97, high: estimate * 1.04 }
    }

    fn line(kind: &str, direction: Direction, element: Option<&str>, fixed: f64, each: f64, miss: f64) -> Crossing {
        Crossing {
            kind: kind.to_owned(),
            direction,
            element: element.map(str::to_owned),
            fixed_ns: about(fixed),
            per_element_ns: element.map(|_| about(each)),
            worst_miss_share: element.map(|_| miss),
            points: vec![CrossingPoint { size: 1, launches_ns: vec![fixed + each; 8] }],
        }
    }

    fn checkup() -> Checkup {
        let resolves = [(Effort::Quick, 0.05, 6, 0.021), (Effort::Default, 0.02, 9, 0.0192)]
            .into_iter()
            .chain([(Effort::Thorough, 0.01, 120, 0.0123)])
            .map(|(preset, target_half_width_share, rounds, half_width_share)| Resolution {
                preset,
                target_half_width_share,
                rounds,
                half_width_share,
            });
        Checkup {
            schema: DOCTOR_SCHEMA.to_owned(),
            created: "2026-01-02T03:04:05Z".to_owned(),
            project: Some("acme-etl".to_owned()),
            tool: Tool { version: "0.1.0".to_owned() },
            seed: 42,
            environment: Environment {
                host_id: "5f0c".to_owned(),
                os: "Debian GNU/Linux 13, Linux 6.12".to_owned(),
                cpu_model: "Example Processor 7700 at 3.80GHz".to_owned(),
                cpu_count: 8,
                memory_bytes: 16 << 30,
                machine: Machine {
                    governor: Some("powersave".to_owned()),
                    turbo: Some(true),
                    smt: Some(true),
                    busy_share: Some(0.03),
                    virtualisation: Some("KVM".to_owned()),
                    aslr: Some("full".to_owned()),
                    ..Machine::default()
                },
                python: Some(Python {
                    version: "3.13.1".to_owned(),
                    implementation: "CPython".to_owned(),
                    gil: true,
                    build: "optimised with a profile, link-time optimised, compiled with -O3".to_owned(),
                    compiler: Some("GCC 14.2.0".to_owned()),
                    packages: (0..30).map(|number| format!("package-{number}==1.{number}")).collect(),
                    ..Python::default()
                }),
                rustc: Some("rustc 1.90.0".to_owned()),
                rust: Some(Rust { target_cpu: Some("native".to_owned()), ..Rust::default() }),
                warnings: vec![Warning {
                    code: "governor".to_owned(),
                    text: "The frequency governor is `powersave`, so the clock follows the load.".to_owned(),
                    advice: "Switch to `performance` while measuring.".to_owned(),
                }],
                ..Environment::default()
            },
            launches: 8,
            clock: Some(Clock {
                source: "clock_gettime(CLOCK_MONOTONIC)".to_owned(),
                stated_resolution_ns: 1.0,
                smallest_step_ns: Some(29.0),
                reading_ns: about(38.4),
            }),
            noise: Some(Noise {
                rounds: 8,
                call_ns: about(98_000.0),
                spread: Spread {
                    within: 0.008,
                    between: 0.011,
                    intra_class_correlation: 0.65,
                    outliers: 3,
                    unsteady_launches: 0,
                },
                ratio: Estimate { estimate: 1.002, low: 0.981, high: 1.023 },
                indicative: false,
                resolves: resolves.collect(),
            }),
            floors: Some(Floors {
                empty_call_ns: Some(about(24.1)),
                builtin_call_ns: Some(about(17.9)),
                extension_call_ns: Some(about(26.3)),
                extension: Some("acme._native".to_owned()),
            }),
            crossings: Some(Crossings {
                extension: "acme._native".to_owned(),
                types: vec![
                    line("int", Direction::Argument, None, 31.2, 0.0, 0.0),
                    line("str", Direction::Argument, Some("letter"), 32.0, 0.0001, 0.02),
                    line("dict[str, int]", Direction::Argument, Some("entry"), 61.4, 71.23, 0.34),
                    line("list[float]", Direction::Result, Some("number"), 44.0, 9.81, 0.04),
                ],
            }),
            problems: vec!["The crossing `-> bytes` failed: ValueError: no.".to_owned()],
            wall_s: 61.2,
            measure_s: 24.0,
        }
    }

    #[test]
    fn a_checkup_reads_at_a_glance() {
        insta::assert_snapshot!(text(&checkup(), false));
    }

    #[test]
    fn outside_a_project_it_says_what_a_project_would_add() {
        let bare = Checkup { project: None, crossings: None, problems: vec![], ..checkup() };
        let shown = text(&bare, false);
        assert!(shown.contains("with a project's own extension"), "{shown}");
        assert!(shown.starts_with("Outside a project"), "{shown}");
    }

    #[test]
    fn nothing_is_wider_than_the_page() {
        let mut wide = checkup();
        wide.environment.cpu_model = "word ".repeat(80);
        wide.problems = vec!["x".repeat(300)];
        wide.crossings.as_mut().unwrap().types[0].kind = "long".repeat(40);
        for line in text(&wide, false).lines() {
            assert!(text::columns(line) <= WIDTH, "{line}");
        }
    }

    #[test]
    fn the_document_reads_back() {
        let written = serde_json::to_string(&checkup()).unwrap();
        let read: Checkup = serde_json::from_str(&written).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), written);
        assert_eq!((read.clock.is_some(), read.problems), (true, checkup().problems));
    }
}
