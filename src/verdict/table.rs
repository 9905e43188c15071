//! Cases that an expert has decided: what was measured, what to do, and why.
//!
//! Each line is one question. A speed-up is written as its ends; where only one number stands, the interval is 2 % on
//! either side.

use super::question::{Batching, Contender, Facts, Needs, Outcome, Question, Speedup, Standing, Surroundings, Told};
use super::range::{Range, Tri};
use super::rules::decide;
use crate::evidence::Recommendation::{self, Batch, Blocked, Hybrid, Inconclusive, Library, Native, Stay};
use crate::evidence::{Kind, Limits, Thresholds};

/// One expert's decision.
struct Case {
    name: &'static str,
    question: Question,
    verdict: Recommendation,
    /// The candidate that it speaks of; empty: none.
    candidate: &'static str,
    because: &'static str,
}

pub fn question(contenders: Vec<Contender>) -> Question {
    Question {
        process: false,
        facts: Facts::default(),
        limits: Limits::default(),
        thresholds: Thresholds::default(),
        distrust: Vec::new(),
        surroundings: Surroundings { complete: true, disturbed: Vec::new(), warned: Vec::new() },
        baseline: Needs::default(),
        has_baseline: true,
        contenders,
    }
}

fn candidate(name: &str, kind: Kind, low: f64, high: f64) -> Contender {
    let measured = Range::new(low, high);
    Contender {
        time: Some(Speedup::new((low * high).sqrt(), measured, 12, false)),
        cases: 5000,
        ..Contender::new(name, kind)
    }
}

pub fn python(low: f64, high: f64) -> Contender {
    candidate("numpy_free", Kind::Python, low, high)
}

pub fn library(low: f64, high: f64) -> Contender {
    candidate("orjson", Kind::Library, low, high)
}

pub fn hybrid(low: f64, high: f64) -> Contender {
    candidate("hybrid", Kind::Hybrid, low, high)
}

pub fn native(low: f64, high: f64) -> Contender {
    candidate("native", Kind::Native, low, high)
}

fn about(ratio: f64) -> (f64, f64) {
    (ratio * 0.98, ratio * 1.02)
}

impl Contender {
    fn crossing(mut self, low: f64, high: f64) -> Contender {
        self.crossing = Some(Range::new(low, high));
        self
    }

    fn batched(mut self) -> Contender {
        self.batched = true;
        self.name = "batched".to_owned();
        self
    }

    fn larger(mut self, pays: Tri, minimal: f64) -> Contender {
        self.batching = Batching {
            pays_when_larger: pays,
            minimal: Some(minimal),
            share_in_the_limit: Some(0.1),
            levels_off: false,
        };
        self
    }

    fn never_by_batching(mut self) -> Contender {
        self.batching =
            Batching { pays_when_larger: Tri::No, minimal: None, share_in_the_limit: Some(0.77), levels_off: false };
        self
    }

    fn standing(mut self, standing: Standing) -> Contender {
        self.standing = standing;
        self
    }

    fn untimed(mut self, standing: Standing) -> Contender {
        self.time = None;
        self.standing(standing)
    }

    fn few_rounds(mut self) -> Contender {
        self.time = self.time.map(|time| Speedup::new(time.ratio, time.measured, 2, true));
        self
    }

    fn one_round(mut self) -> Contender {
        self.time = self.time.map(|time| Speedup::new(time.ratio, time.measured, 1, true));
        self
    }

    fn levels_off(mut self) -> Contender {
        self.batching.levels_off = true;
        self
    }

    fn moved_gain(mut self, low: f64, high: f64) -> Contender {
        self.moved_gain = Some(Range::new(low, high));
        self
    }

    fn told(mut self, told: Told) -> Contender {
        self.crossing_told = told;
        self
    }

    fn memory(mut self, low: f64, high: f64) -> Contender {
        self.memory = Some(Range::new(low, high));
        self
    }

    fn cpu(mut self, low: f64, high: f64) -> Contender {
        self.cpu = Some(Range::new(low, high));
        self
    }

    fn needs_memory(mut self, mebibytes: f64) -> Contender {
        self.needs.peak_memory_bytes = Some(Range::point(mebibytes * 1048576.0));
        self
    }

    fn needs_latency(mut self, milliseconds: f64) -> Contender {
        self.needs.latency_p99_ns = Some(Range::point(milliseconds * 1e6));
        self
    }
}

impl Question {
    /// The same with the task at this share of the runtime.
    pub fn share(mut self, share: f64) -> Question {
        self.facts.share = Some(share);
        self
    }

    fn process(mut self) -> Question {
        self.process = true;
        self
    }

    fn costs(mut self, days: f64, rate: f64, yearly: f64) -> Question {
        self.facts.effort_days = Some(days);
        self.facts.day_rate = Some(rate);
        self.facts.yearly_compute_cost = Some(yearly);
        self
    }

    fn memory_limit(mut self, mebibytes: f64, baseline: f64) -> Question {
        self.limits.peak_memory_bytes = Some((mebibytes * 1048576.0) as u64);
        self.baseline.peak_memory_bytes = Some(Range::point(baseline * 1048576.0));
        self
    }

    fn latency_limit(mut self, milliseconds: f64, baseline: f64) -> Question {
        self.limits.latency_p99_ns = Some(milliseconds * 1e6);
        self.baseline.latency_p99_ns = Some(Range::point(baseline * 1e6));
        self
    }

    fn distrusted(mut self, why: &str) -> Question {
        self.distrust.push(why.to_owned());
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Thresholds)) -> Question {
        change(&mut self.thresholds);
        self
    }
}

#[rustfmt::skip]
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut case = |name, question: Question, verdict, candidate, because| {
        cases.push(Case { name, question, verdict, candidate, because });
    };
    let q = question;
    let (x40l, x40h) = about(40.0);

    // Amdahl's ceiling
    case("small share", q(vec![hybrid(x40l, x40h)]).share(0.05), Stay, "",
        "the application could gain 5 % at most, however fast the task becomes");
    case("small share, enormous gain", q(vec![native(9e3, 1.1e4)]).process().share(0.05), Stay, "",
        "ten thousand times as fast changes nothing about a twentieth");
    case("small share, noisy", q(vec![hybrid(0.5, 900.0)]).share(0.05), Stay, "",
        "no measurement is needed where the ceiling decides");
    case("small share, wrong result", q(vec![hybrid(9.0, 10.0).standing(Standing::Differs)]).share(0.05), Stay, "",
        "mending a port that cannot matter is wasted");
    case("ceiling just reached", q(vec![hybrid(x40l, x40h)]).share(0.2), Hybrid, "hybrid",
        "a fifth may be worth 1.25×, and 40× of it brings 1.24×, above 1.2×");
    case("share eats the gain", q(vec![hybrid(1.9, 2.1)]).share(0.25), Stay, "",
        "twice as fast a quarter is 1.14× for the application");
    case("large share", q(vec![hybrid(1.9, 2.1)]).share(0.95), Hybrid, "hybrid", "twice as fast nearly all of it is 1.9×");
    case("no share given", q(vec![hybrid(1.9, 2.1)]), Hybrid, "hybrid", "the task stands for itself, and the verdict says so");
    case("the whole application", q(vec![hybrid(1.9, 2.1)]).share(1.0), Hybrid, "hybrid", "there is no ceiling");

    // Nothing to gain
    case("builtin sum", q(vec![hybrid(0.43, 0.75).crossing(0.9, 0.94), hybrid_named("iterate", 1.13, 1.55).crossing(0.76, 0.82).never_by_batching(), native(5.9, 7.5)]), Stay, "",
        "the builtin is native already: every element pays its way across the boundary");
    case("builtin sum, short call", q(vec![hybrid_named("iterate", 2.1, 2.2).crossing(0.94, 0.97).never_by_batching(), native(34.0, 70.0)]), Stay, "",
        "twice as fast at ten numbers, nearly all of it crossing, and no larger call will change that");
    case("slower", q(vec![hybrid(0.4, 0.6)]), Stay, "", "a port that loses is no port");
    case("no difference", q(vec![hybrid(0.97, 1.04)]), Stay, "", "nothing gained");
    case("a little", q(vec![hybrid(1.05, 1.15)]), Stay, "", "under 1.2× nothing is worth a change");
    case("not enough for own code", q(vec![hybrid(1.25, 1.4)]), Stay, "", "Rust of one's own has to bring 1.5×");
    case("only Rust callers would gain", q(vec![hybrid(0.9, 1.1), native(x40l, x40h)]), Stay, "",
        "a function is called from Python, whatever Rust alone would do");

    // Better Python
    case("better Python suffices", q(vec![python(5.5, 8.6), hybrid(9.0, 10.0)]), Stay, "numpy_free",
        "most of the factor was the algorithm, not the language");
    case("better Python alone", q(vec![python(2.0, 2.1)]), Stay, "numpy_free", "twice as fast without leaving Python");
    case("better Python, and Rust far beyond", q(vec![python(1.9, 2.0), hybrid(38.0, 40.0)]), Hybrid, "hybrid",
        "Rust is still twenty times the best Python");
    case("Rust counts from the best Python", q(vec![python(1.9, 2.0), hybrid(2.7, 2.8)]), Stay, "numpy_free",
        "1.4× over better Python is too little for own Rust");
    case("naive Python changes nothing", q(vec![python(0.4, 0.5), hybrid(5.0, 6.0)]), Hybrid, "hybrid",
        "the baseline is the best Python there is");

    // Libraries
    case("library alone", q(vec![library(4.0, 4.2)]), Library, "orjson", "a gain with nothing to keep up");
    case("library within reach", q(vec![library(4.0, 4.2), hybrid(5.0, 5.5)]), Library, "orjson", "within 1.5× of own Rust");
    case("library with most of the gain", q(vec![library(10.0, 10.5), hybrid(20.0, 21.0)]), Library, "orjson",
        "75 % of the gain on a log scale, for none of the work");
    case("library beats Rust", q(vec![library(10.0, 11.0), hybrid(5.0, 6.0)]), Library, "orjson", "it is faster, too");
    case("library out of reach", q(vec![library(1.7, 1.9), hybrid(9.0, 9.5)]), Hybrid, "hybrid", "own Rust is five times the library");
    case("library too slow", q(vec![library(0.5, 0.6), hybrid(1.0, 1.1)]), Stay, "", "neither gains");
    case("library of little gain", q(vec![library(1.05, 1.15)]), Stay, "", "under 1.2×, not even a package");
    case("small gain, library", q(vec![library(1.25, 1.3)]), Library, "orjson", "a package need not bring as much as own code");
    case("library on both sides of reach", q(vec![library(4.1, 6.7), hybrid(4.9, 7.8)]), Inconclusive, "",
        "it may or may not be within 1.5×");
    case("library and a port that does not pay", q(vec![library(2.0, 2.1), hybrid(30.0, 31.0)]).share(0.6).costs(2000.0, 800.0, 1000.0), Library, "orjson",
        "the port would never pay for itself");
    case("library needs much memory", q(vec![library(4.0, 4.2).memory(0.2, 0.25)]), Stay, "", "five times the memory is too much");
    case("library differs", q(vec![library(4.0, 4.2).untimed(Standing::Differs)]), Blocked, "orjson", "a wrong answer sooner is no answer");
    case("library differs, hybrid agrees", q(vec![library(4.0, 4.2).untimed(Standing::Differs), hybrid(5.0, 6.0)]), Hybrid, "hybrid",
        "what agrees may be recommended");
    case("library not installed", q(vec![library(4.0, 4.2).untimed(Standing::Skipped("not installed".to_owned()))]), Inconclusive, "",
        "nothing was tried");

    // Hybrids and the boundary
    case("clear hybrid", q(vec![hybrid(89.0, 97.0).crossing(0.0, 0.02), native(90.0, 98.0)]), Hybrid, "hybrid", "nearly all of the native speed from Python");
    case("request of 120 ms, cheap crossing", q(vec![hybrid(16.2, 17.0).crossing(0.43, 0.47)]).share(0.62), Hybrid, "hybrid",
        "2.4× for the request, under half of the call at the boundary");
    case("request of 120 ms, dear crossing", q(vec![hybrid(3.2, 3.4).crossing(0.87, 0.91)]).share(0.62), Batch, "hybrid",
        "1.76×, and nearly all of the call is conversion: move the boundary first");
    case("many small calls", q(vec![hybrid(0.7, 0.8).crossing(0.95, 0.98).larger(Tri::Yes, 120.0)]), Batch, "hybrid",
        "it loses here and pays from 120 items a call");
    case("many small calls, no kernel", q(vec![hybrid(0.7, 0.8).larger(Tri::Yes, 120.0)]), Batch, "hybrid",
        "it loses here and pays when larger: a fixed cost");
    case("batched variant needed", q(vec![hybrid(2.1, 2.9).crossing(0.97, 0.98), hybrid(70.0, 90.0).batched()]), Batch, "batched",
        "calls of one item are nearly all crossing, and one call for all is not");
    case("dear crossing for every element, and still worth it", q(vec![hybrid(8.0, 9.0).crossing(0.6, 0.7).never_by_batching()]), Hybrid, "hybrid",
        "most of the call builds Python objects, and it is eight times as fast all the same");
    case("batched, and its conversion is what is left", q(vec![hybrid(0.99, 1.02).crossing(0.97, 0.98), hybrid(15.0, 15.5).batched().crossing(0.64, 0.65)]), Batch, "batched",
        "the boundary has been moved already, and 15× is what that brings");
    case("only a batched one", q(vec![hybrid(15.0, 15.5).batched()]), Hybrid, "batched", "there is no other boundary to move it from");
    case("boundary on both sides", q(vec![hybrid(2.0, 2.2).crossing(0.3, 0.7).never_by_batching()]), Inconclusive, "", "the boundary's share is not resolved");
    case("boundary on both sides, and either way it is Rust", q(vec![hybrid(6.0, 7.0).crossing(0.3, 0.6)]), Inconclusive, "", "whether to move the boundary is open, and nothing else");
    case("dear crossing, as dear in larger calls", q(vec![hybrid(4.4, 4.6).crossing(0.84, 0.87).levels_off()]), Hybrid, "hybrid",
        "ten times as much in a call spent as much of it there: carrying more is no mend, and 4.5× is worth it");
    case("dear crossing, as dear in larger calls, little gain", q(vec![hybrid(2.0, 2.1).crossing(0.84, 0.87).levels_off()]), Stay, "", "nothing is left to try but another form of the data");
    case("small crossing, and a moved boundary brings much more", q(vec![hybrid(2.1, 2.3).crossing(0.38, 0.45).moved_gain(1.5, 1.6), hybrid(3.2, 3.5).batched().crossing(0.04, 0.17)]), Batch, "batched",
        "half as fast again for the same work");
    case("small crossing, and a moved boundary brings little more", q(vec![hybrid(80.0, 90.0).crossing(0.05, 0.1).moved_gain(1.05, 1.12), hybrid(85.0, 95.0).batched()]), Hybrid, "hybrid",
        "a tenth is not worth another interface");
    case("straddles own Rust's threshold", q(vec![hybrid(1.3, 1.8)]), Inconclusive, "", "1.5× lies within the interval");
    case("straddles, but any way out is to stay", q(vec![hybrid(1.1, 1.3)]), Stay, "", "1.2× lies within, but 1.5× is out of reach");
    case("few rounds, clear", q(vec![hybrid(x40l, x40h).few_rounds()]), Hybrid, "hybrid", "a short run lowers confidence, not the recommendation");
    case("few rounds, near", q(vec![hybrid(1.6, 1.7).few_rounds()]), Inconclusive, "", "the range of two rounds is no interval");
    case("one round, enormous", q(vec![hybrid(x40l, x40h).one_round()]), Inconclusive, "", "a single round has no spread, and so no interval at any level");
    case("one round, and the rest in full", q(vec![library(4.0, 4.2), hybrid(x40l, x40h).one_round()]), Inconclusive, "",
        "nobody knows whether own Rust gains much more than the library");
    case("one round, small share", q(vec![hybrid(x40l, x40h).one_round()]).share(0.05), Stay, "", "the ceiling needs no interval");
    case("four rounds, and a library", q(vec![library(4.0, 4.2).few_rounds(), hybrid(2.0, 2.1).few_rounds()]), Library, "orjson", "what is clear after a short run is recommended with low confidence");
    case("calls too short for a share", q(vec![hybrid(0.9, 1.1).crossing(0.95, 0.98).told(Told::Floor(0.45)), hybrid(70.0, 90.0).batched()]), Batch, "batched",
        "over half of the call is calling, whatever the figure: one call for all of them");
    case("boundary lost in the noise", q(vec![hybrid(8.0, 9.0).crossing(0.0, 0.04).told(Told::Unresolved)]), Hybrid, "hybrid", "it is surely little, though nobody can say how little");
    case("assumes a buffer", q(vec![hybrid(x40l, x40h).standing(Standing::Assumes("a buffer".to_owned())), hybrid_named("plain", 0.5, 0.6)]), Stay, "",
        "what takes something for granted is shown and kept out");
    case("only an assumption", q(vec![hybrid(x40l, x40h).standing(Standing::Assumes("a buffer".to_owned()))]), Inconclusive, "", "nothing that may be recommended was measured");
    case("faster by two processors", q(vec![hybrid(1.8, 1.9).cpu(0.9, 0.95)]).share(0.9).costs(5.0, 800.0, 120_000.0), Stay, "",
        "it saves no processor time, so it never pays back");

    // Whole processes
    case("cold start", q(vec![native(30.0, 35.0)]).process(), Native, "native", "a process may leave Python");
    case("hybrid nearly as good", q(vec![hybrid(28.0, 29.0), native(30.0, 31.0)]).process(), Hybrid, "hybrid", "over 80 % of the native speed, within Python");
    case("hybrid held back by start-up", q(vec![hybrid(1.6, 1.7), native(30.0, 31.0)]).process(), Native, "native", "the interpreter's start is the cost");
    case("function boundary", q(vec![native(30.0, 35.0)]), Inconclusive, "", "nothing says what a call from Python would cost");

    // Trust and proof
    case("debug extension", q(vec![hybrid(2.0, 2.1).standing(Standing::Debug)]), Inconclusive, "", "a debug build reverses verdicts: refused");
    case("debug extension beside a library", q(vec![hybrid(2.0, 2.1).standing(Standing::Debug), library(4.0, 4.1)]), Library, "orjson", "the library was not built here");
    case("debug Python", q(vec![hybrid(8.0, 9.0)]).distrusted("debug build of Python"), Inconclusive, "", "it flatters Rust severalfold");
    case("unverified", q(vec![hybrid(8.0, 9.0).standing(Standing::Unverified)]), Inconclusive, "", "nothing compared its result");
    case("unverified but no faster", q(vec![hybrid(0.8, 0.9).standing(Standing::Unverified), library(0.5, 0.6)]), Stay, "", "proof would not make it faster");
    case("unverified beside what pays", q(vec![native(50.0, 60.0).standing(Standing::Unverified), hybrid(8.0, 9.0)]).process(), Hybrid, "hybrid", "the unverified is never held against it");
    case("differs", q(vec![hybrid(8.0, 9.0).untimed(Standing::Differs)]), Blocked, "hybrid", "mend it first");
    case("differs, the rest is slow", q(vec![hybrid(8.0, 9.0).untimed(Standing::Differs), library(0.8, 0.9)]), Blocked, "hybrid", "the mended port might be worth it");
    case("failed", q(vec![hybrid(8.0, 9.0).untimed(Standing::Failed), library(0.8, 0.9)]), Inconclusive, "", "nobody knows what it would gain");
    case("no candidate", q(Vec::new()), Inconclusive, "", "nothing to recommend");

    // Memory and latency
    case("memory regresses", q(vec![hybrid(8.0, 9.0).memory(0.3, 0.35)]), Stay, "", "three times the memory is too much");
    case("memory grows, and is little", q(vec![library(13.0, 14.0).memory(0.3, 0.35).needs_memory(11.0), hybrid(9.0, 10.0)]), Library, "orjson", "three times as much of next to nothing is no reason to write Rust");
    case("memory unclear", q(vec![hybrid(8.0, 9.0).memory(0.4, 0.6)]), Inconclusive, "", "twice the memory lies within the interval");
    case("memory limit that only Rust keeps", q(vec![hybrid(1.0, 1.1).needs_memory(50.0)]).memory_limit(256.0, 900.0), Hybrid, "hybrid", "the limit outranks speed");
    case("memory limit kept by a library", q(vec![library(1.0, 1.1).needs_memory(50.0), hybrid(9.0, 9.5).needs_memory(40.0)]).memory_limit(256.0, 900.0), Library, "orjson", "a package is the smaller change");
    case("memory limit broken by the port alone", q(vec![hybrid(9.0, 9.5).needs_memory(300.0)]).memory_limit(256.0, 200.0), Stay, "", "the baseline keeps the limit, the port would not");
    case("memory limit broken by all", q(vec![hybrid(9.0, 9.5).needs_memory(300.0)]).memory_limit(256.0, 400.0), Hybrid, "hybrid", "it is no worse there, and faster");
    case("latency limit", q(vec![native(1.0, 1.3).needs_latency(4.0)]).process().latency_limit(5.0, 9.0), Native, "native", "the tail is what is asked for");
    case("limit not measured", q(vec![hybrid(9.0, 9.5)]).latency_limit(5.0, 1.0), Inconclusive, "", "nobody knows whether it keeps the limit");

    // Money
    case("pays within months", q(vec![hybrid(9.0, 9.5)]).share(0.32).costs(5.0, 800.0, 120_000.0), Hybrid, "hybrid", "4,000 once saves over 30,000 a year");
    case("pays too late", q(vec![hybrid(9.0, 9.5)]).share(0.32).costs(200.0, 800.0, 120_000.0), Stay, "", "160,000 for 34,000 a year, less upkeep");
    case("payback straddles the horizon", q(vec![hybrid(1.6, 9.0)]).share(0.5).costs(45.0, 800.0, 70_000.0), Inconclusive, "", "at one end of the interval it pays, at the other not");
    case("a longer horizon", q(vec![hybrid(9.0, 9.5)]).share(0.32).costs(50.0, 800.0, 60_000.0).with(|it| it.horizon_years = 5.0), Hybrid, "hybrid", "the threshold is the project's own");
    case("costs without a share", q(vec![hybrid(9.0, 9.5)]).costs(200.0, 800.0, 1.0), Hybrid, "hybrid", "no money is invented where the share is not known");
    cases
}

fn hybrid_named(name: &str, low: f64, high: f64) -> Contender {
    Contender { name: name.to_owned(), ..hybrid(low, high) }
}

#[test]
fn an_expert_would_agree() {
    let cases = cases();
    assert!(cases.len() >= 40, "{}", cases.len());
    let mut wrong = Vec::new();
    for Case { name, question, verdict, candidate, because } in &cases {
        let (Outcome { recommendation, candidate: found }, rule) = decide(question);
        if recommendation != *verdict || found.as_deref().unwrap_or_default() != *candidate {
            let rule = rule.map_or("none", |rule| rule.name);
            wrong.push(format!(
                "{name}: {recommendation:?} {found:?} by {rule}, not {verdict:?} {candidate:?}: {because}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_case_is_told_in_whole_sentences() {
    for case in cases() {
        let verdict = super::answer(&case.question);
        assert_eq!(verdict.confidence.is_none(), case.verdict == Inconclusive, "{}", case.name);
        assert!(
            !verdict.next.is_empty() || !matches!(case.verdict, Inconclusive | Blocked),
            "{}: what next?",
            case.name
        );
        for reason in &verdict.reasons {
            let text = &reason.text;
            assert!(text.ends_with('.') && !text.contains("..") && !text.contains("  "), "{}: {text}", case.name);
            assert!(!text.contains("NaN") && !text.contains("inf"), "{}: {text}", case.name);
        }
    }
}

#[test]
fn the_reasons_of_some_cases() {
    let told = |name: &str| {
        let case = cases().into_iter().find(|case| case.name == name).unwrap();
        serde_json::to_string_pretty(&super::answer(&case.question)).unwrap()
    };
    insta::assert_snapshot!("pays_within_months", told("pays within months"));
    insta::assert_snapshot!("straddles", told("straddles own Rust's threshold"));
    insta::assert_snapshot!("debug_extension", told("debug extension beside a library"));
}
