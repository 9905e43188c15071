//! Agreement before timing, whole: kept counterexamples first, then the declared inputs, then drawn cases. What parts two
//! implementations is looked at closely, made small and kept.

use std::path::{Path, PathBuf};

use rustworthy_worker::Value;

use super::cells::Prepared;
use super::deck::{Deck, takes_arguments};
use super::examine::{Finding, Verdict};
use super::hunt::{Found, Hunt, Judged, MOST_HANGS, in_words};
use super::{Group, Interrupted, verify};
use crate::equality::{CASE_SCHEMA, CaseError, Counterexample, Kept};
use crate::evidence::{Agreement, Failure, Run, Status};
use crate::launch::Refusal;
use crate::manifest;
use crate::prepare::NoCase;
use crate::progress::Progress;
use crate::runner::CaseInput;

/// What is to be proved.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'a> {
    /// Kept counterexamples, a list for each workload of the project.
    pub kept: &'a [Vec<Kept>],
    /// Cases to draw for each workload.
    pub cases: u64,
}

/// What the cases of a workload came to, beyond the statuses of its cells.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// Whether cases were asked for, and it takes arguments that can be drawn.
    pub wanted: bool,
    /// Cases that were drawn and called.
    pub drawn: u64,
    /// Draws that made no case: the input callable raised, or died.
    pub not_made: u64,
    /// The first reason of those.
    pub not_made_why: Option<String>,
    /// Cases to which the baseline gave no answer.
    pub unanswered: u64,
    /// The first reason of those.
    pub unanswered_why: Option<String>,
    /// What else a person should know, a sentence each.
    pub notes: Vec<String>,
    /// Kept counterexamples that were tried.
    pub kept: Vec<KeptProof>,
    /// A candidate's tally each.
    pub sides: Vec<SideProof>,
}

/// A kept counterexample that was tried.
#[derive(Clone, Debug)]
pub struct KeptProof {
    /// Its file, in the project.
    pub file: PathBuf,
    /// Candidates that differ on it still.
    pub differing: Vec<String>,
    /// Candidates on which it could not be tried.
    pub untried: Vec<String>,
}

impl KeptProof {
    /// Whether it parts nobody from the baseline any more.
    pub fn is_mended(&self) -> bool {
        self.differing.is_empty() && self.untried.is_empty()
    }
}

/// A candidate's tally of drawn cases.
#[derive(Clone, Debug)]
pub struct SideProof {
    /// Index of the implementation.
    pub implementation: usize,
    /// Cases on which it agreed.
    pub agreed: u64,
    /// Cases on which it differed.
    pub differed: u64,
    /// Cases that it could not be shown, or was not called on any more.
    pub not_called: u64,
    /// Where its smallest counterexample is kept.
    pub counterexample: Option<PathBuf>,
}

impl SideProof {
    /// Cases on which it was compared.
    pub fn called(&self) -> u64 {
        self.agreed + self.differed
    }
}

/// Why nothing is proved.
#[derive(Debug)]
pub enum Unproved {
    /// A person or the system asked to end.
    Interrupted,
    /// A counterexample cannot be kept.
    Case(CaseError),
    /// The tool cannot write what calls are to read, in words.
    Failed(String),
}

impl From<Interrupted> for Unproved {
    fn from(_: Interrupted) -> Unproved {
        Unproved::Interrupted
    }
}

impl From<CaseError> for Unproved {
    fn from(error: CaseError) -> Unproved {
        Unproved::Case(error)
    }
}

/// Sets the status of every cell, and says what the cases came to, by workload. Cells that differ or fail leave their
/// groups.
///
/// # Errors
/// When interrupted, or a counterexample cannot be kept.
pub fn prove(
    prepared: &Prepared,
    run: &mut Run,
    groups: &mut [Group],
    demand: Demand,
    scratch: &Path,
    progress: &mut dyn Progress,
) -> Result<Vec<Proof>, Unproved> {
    let mut works = Vec::new();
    for (index, workload) in prepared.project.workloads.iter().enumerate() {
        let names: Vec<String> =
            workload.implementations.iter().map(|implementation| implementation.name.clone()).collect();
        let of_workload: Vec<&Group> = groups.iter().filter(|group| group.workload == index).collect();
        let folder = scratch.join(format!("cases-{index}"));
        let hunt = match Hunt::new(&of_workload, &names, &folder) {
            Ok(hunt) => hunt,
            Err(refusal) => return Err(Stop::Refusal(refusal).into()),
        };
        let mut work = Work { index, workload, prepared, hunt, proof: Proof::default(), findings: Vec::new() };
        let kept = demand.kept.get(index).map_or(&[][..], Vec::as_slice);
        if !kept.is_empty() {
            progress.item(&format!("{}: counterexamples kept", workload.name));
            work.replay(kept)?;
        }
        works.push(work);
    }
    verify(run, groups, scratch, progress)?;
    let mut proofs = Vec::new();
    for mut work in works {
        work.look_at_declared(run, groups)?;
        if demand.cases > 0 && work.has_baseline(run) {
            work.draw(run, demand.cases, progress)?;
        }
        work.settle(run, groups);
        proofs.push(work.proof);
    }
    Ok(proofs)
}

/// One workload under proof.
struct Work<'a> {
    index: usize,
    workload: &'a manifest::Workload,
    prepared: &'a Prepared<'a>,
    hunt: Option<Hunt>,
    proof: Proof,
    findings: Vec<Blame>,
}

/// What is wrong, and with whom.
enum Blame {
    Baseline(String),
    Candidate { implementation: usize, detail: String, file: Option<PathBuf>, was_kept: bool },
}

/// What stopped the proof: nothing that a process of the project did, which is a row in the data.
enum Stop {
    Refusal(Refusal),
    Case(CaseError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Refusal(refusal)
    }
}

impl From<CaseError> for Stop {
    fn from(error: CaseError) -> Stop {
        Stop::Case(error)
    }
}

impl From<Interrupted> for Stop {
    fn from(_: Interrupted) -> Stop {
        Stop::Refusal(Refusal::Interrupted)
    }
}

impl From<Stop> for Unproved {
    fn from(stop: Stop) -> Unproved {
        match stop {
            Stop::Case(error) => Unproved::Case(error),
            Stop::Refusal(refusal) => in_words(refusal).map_or_else(Unproved::from, Unproved::Failed),
        }
    }
}

impl Work<'_> {
    fn has_baseline(&self, run: &Run) -> bool {
        let sizes = &run.workloads[self.index].sizes;
        sizes.iter().any(|size| size.baseline().is_some_and(|baseline| baseline.status.is_timed()))
            && self.has_no_blame_of_baseline()
            && self.hunt.as_ref().is_some_and(|hunt| hunt.baseline_lost.is_none())
    }

    fn is_blamed(&self, implementation: usize) -> bool {
        self.findings.iter().any(|blame| match blame {
            Blame::Baseline(_) => true,
            Blame::Candidate { implementation: blamed, .. } => *blamed == implementation,
        })
    }

    /// Tries every kept counterexample on every candidate.
    fn replay(&mut self, kept: &[Kept]) -> Result<(), Stop> {
        let Some(mut hunt) = self.hunt.take() else { return Ok(()) };
        let result = self.replay_with(&mut hunt, kept);
        self.hunt = Some(hunt);
        result
    }

    fn replay_with(&mut self, hunt: &mut Hunt, kept: &[Kept]) -> Result<(), Stop> {
        for Kept { path, case } in kept {
            let file = path.strip_prefix(&self.prepared.project.root).unwrap_or(path).to_owned();
            let (mut differing, mut untried) = (Vec::new(), Vec::new());
            let mut silence = None;
            for side in 0..hunt.sides.len() {
                let input = hunt.write(&case.arguments, case.size, case.seed)?;
                let judged = match &case.before {
                    Some(before) => {
                        let found = Found::at(input, case_difference(case), false);
                        hunt.after(side, before, &case.arguments, &found)?
                    }
                    None => match hunt.answer(&input, true)? {
                        Ok(answer) => hunt.judge(side, &input, &answer, true)?,
                        Err(why) => {
                            silence.get_or_insert(why);
                            Judged::unseen()
                        }
                    },
                };
                let (name, implementation) = (hunt.sides[side].name.clone(), hunt.sides[side].implementation);
                match judged.difference {
                    None if !judged.seen => untried.push(name),
                    None => hunt.sides[side].kept += 1,
                    Some(difference) => {
                        differing.push(name);
                        if !self.is_blamed(implementation) {
                            let (size, seed) = (case.size, case.seed);
                            let finding = Finding {
                                difference,
                                arguments: Some(case.arguments.clone()),
                                before: case.before.clone(),
                                size,
                                seed,
                            };
                            let detail = format!(
                                "{}; {}, kept in {}{}",
                                finding.difference,
                                finding.input(),
                                file.display(),
                                mend(&finding)
                            );
                            let file = Some(file.clone());
                            self.findings.push(Blame::Candidate { implementation, detail, file, was_kept: true });
                        }
                    }
                }
            }
            if let Some(why) = silence {
                self.proof.notes.push(format!("the baseline gives no answer to {}: {why}", file.display()));
            }
            self.proof.kept.push(KeptProof { file, differing, untried });
        }
        Ok(())
    }

    /// Looks closely at candidates that differ on a declared input, at the smallest size where they do.
    fn look_at_declared(&mut self, run: &Run, groups: &[Group]) -> Result<(), Stop> {
        let Some(mut hunt) = self.hunt.take() else { return Ok(()) };
        let result = self.look_with(&mut hunt, run, groups);
        self.hunt = Some(hunt);
        result
    }

    fn look_with(&mut self, hunt: &mut Hunt, run: &Run, groups: &[Group]) -> Result<(), Stop> {
        for side in 0..hunt.sides.len() {
            let implementation = hunt.sides[side].implementation;
            if self.is_blamed(implementation) {
                continue;
            }
            let sizes = &run.workloads[self.index].sizes;
            let differs = sizes.iter().position(|size| size.implementations[implementation].status == Status::Differs);
            let Some(size) = differs else { continue };
            let group = groups.iter().find(|group| group.workload == self.index && group.size == size);
            let input = CaseInput {
                size: sizes[size].size,
                seed: self.prepared.seed,
                source: group.and_then(|group| group.source.clone()),
            };
            let Ok(answer) = hunt.answer(&input, true)? else { continue };
            let Some(difference) = hunt.judge(side, &input, &answer, true)?.difference else { continue };
            let found = Found::at(input, difference, true);
            let declared = sizes[size].implementations[implementation].detail.clone().unwrap_or_default();
            self.examine(hunt, side, &found, Some(declared), &mut |_| None)?;
        }
        Ok(())
    }

    fn examine(
        &mut self,
        hunt: &mut Hunt,
        side: usize,
        found: &Found,
        declared: Option<String>,
        remake: &mut dyn FnMut(usize) -> Option<Value>,
    ) -> Result<(), Stop> {
        let finding = match hunt.examine(side, found, remake)? {
            Verdict::Baseline(difference) => {
                let message = format!("is not deterministic: called again, it gave another result: {difference}");
                self.findings.push(Blame::Baseline(message));
                return Ok(());
            }
            Verdict::Candidate(finding) => finding,
        };
        let (name, implementation) = (hunt.sides[side].name.clone(), hunt.sides[side].implementation);
        let file = self.keep(&finding, &name)?;
        let kept = file.as_ref().map(|file| format!("; kept in {}", file.display())).unwrap_or_default();
        let detail = match declared {
            Some(declared) => {
                format!(
                    "{declared}; smallest input found: {}, {}{kept}{}",
                    finding.difference,
                    finding.input(),
                    mend(&finding)
                )
            }
            None => format!(
                "{}; {}, from a case at size {}, seed {}{kept}{}",
                finding.difference,
                finding.input(),
                finding.size,
                finding.seed,
                mend(&finding)
            ),
        };
        self.findings.push(Blame::Candidate { implementation, detail, file, was_kept: false });
        Ok(())
    }

    fn keep(&self, finding: &Finding, candidate: &str) -> Result<Option<PathBuf>, CaseError> {
        // A checkout of the gate's is not where a person would look for it.
        let is_checkout = self.prepared.project.apart.is_some();
        let Some(arguments) = finding.arguments.as_ref().filter(|_| !is_checkout) else { return Ok(None) };
        let case = Counterexample {
            schema: CASE_SCHEMA.to_owned(),
            workload: self.workload.name.clone(),
            candidate: candidate.to_owned(),
            size: finding.size,
            seed: finding.seed,
            nature: finding.difference.nature,
            difference: finding.difference.to_string(),
            before: finding.before.clone(),
            arguments: arguments.clone(),
        };
        case.keep(&self.prepared.project.root).map(Some)
    }

    /// Draws cases, and calls every candidate that has agreed so far on each.
    fn draw(&mut self, run: &Run, count: u64, progress: &mut dyn Progress) -> Result<(), Stop> {
        let Some(mut hunt) = self.hunt.take() else { return Ok(()) };
        self.proof.wanted = takes_arguments(self.workload);
        let sizes = &run.workloads[self.index].sizes;
        for side in &mut hunt.sides {
            let agrees = sizes.iter().any(|size| size.implementations[side.implementation].status == Status::Measured);
            if !agrees || self.is_blamed(side.implementation) {
                side.gone = Some("it differs already".to_owned());
            }
        }
        let result = if hunt.sides.iter().all(|side| side.gone.is_some()) {
            Ok(())
        } else {
            self.draw_with(&mut hunt, count, progress)
        };
        self.hunt = Some(hunt);
        result
    }

    fn draw_with(&mut self, hunt: &mut Hunt, count: u64, progress: &mut dyn Progress) -> Result<(), Stop> {
        let mut deck = Deck::new(self.prepared, self.workload, count, &hunt.folder)?;
        self.proof.notes.append(&mut deck.notes);
        for index in 0..deck.len() {
            if index % 16 == 0 {
                progress.item(&format!("{}: case {} of {}", self.workload.name, index + 1, deck.len()));
            }
            if index == deck.first_typed {
                hunt.be_careful();
            }
            let input = match deck.input(index, hunt) {
                Ok(input) => input,
                Err(NoCase::NotMade(why)) => {
                    self.proof.not_made += 1;
                    self.proof.not_made_why.get_or_insert(why);
                    continue;
                }
                Err(NoCase::Refused(refusal)) => return Err(refusal.into()),
            };
            self.proof.drawn += 1;
            // A cached result shows in a second call on the same input: a few such looks are enough.
            if let Some(difference) = hunt.try_drawn(index, &input, index < 8)? {
                let message = format!("is not deterministic: called again, it gave another result: {difference}");
                self.findings.push(Blame::Baseline(message));
                break;
            }
            let ends = if hunt.baseline_lost.is_some() {
                Some("the baseline did not get ready")
            } else if hunt.baseline_hangs > MOST_HANGS {
                Some("the baseline hung too often")
            } else {
                hunt.sides.iter().all(|side| side.gone.is_some()).then_some("no candidate is left")
            };
            if let Some(why) = ends {
                match deck.len() - index - 1 {
                    0 => {}
                    1 => self.proof.notes.push(format!("1 case was not tried: {why}")),
                    left => self.proof.notes.push(format!("{left} cases were not tried: {why}")),
                }
                break;
            }
        }
        self.proof.unanswered = hunt.unanswered;
        self.proof.unanswered_why.clone_from(&hunt.unanswered_why);
        for side in 0..hunt.sides.len() {
            let Some(found) = hunt.sides[side].found.take() else { continue };
            if !self.has_no_blame_of_baseline() {
                break;
            }
            let mut remake = |index: usize| deck.arguments(index);
            self.examine(hunt, side, &found, None, &mut remake)?;
        }
        Ok(())
    }

    fn has_no_blame_of_baseline(&self) -> bool {
        !self.findings.iter().any(|blame| matches!(blame, Blame::Baseline(_)))
    }

    /// Writes what was found into the run.
    fn settle(&mut self, run: &mut Run, groups: &mut [Group]) {
        let workload = &mut run.workloads[self.index];
        let blames_baseline = self.findings.iter().find_map(|blame| match blame {
            Blame::Baseline(message) => Some(message.clone()),
            Blame::Candidate { .. } => None,
        });
        for size in &mut workload.sizes {
            if let Some(message) = &blames_baseline {
                for entry in size.implementations.iter_mut().filter(|entry| entry.status == Status::Differs) {
                    entry.detail = None;
                    entry.status = Status::Measured;
                }
                if let Some(baseline) = size.implementations.first_mut().filter(|entry| entry.status.is_timed()) {
                    baseline.status = Status::Failed;
                    baseline.detail = Some(message.clone());
                    let (step, output) = ("outcome".to_owned(), String::new());
                    baseline.failures.push(Failure { round: None, step, message: message.clone(), output });
                }
                size.skip_without_baseline();
                continue;
            }
            for blame in &self.findings {
                let Blame::Candidate { implementation, detail, was_kept, .. } = blame else { continue };
                let entry = &mut size.implementations[*implementation];
                if matches!(entry.status, Status::Measured | Status::Differs) {
                    // What a declared input shows was looked at without the kept cases in mind.
                    let declared =
                        entry.detail.take().filter(|_| *was_kept).map(|declared| format!("{declared}; also "));
                    entry.status = Status::Differs;
                    entry.detail = Some(declared.unwrap_or_default() + detail);
                }
            }
        }
        let Some(hunt) = &self.hunt else { return };
        for size in &mut workload.sizes {
            hunt.fail_the_lost(size);
        }
        for side in &hunt.sides {
            let found = self.findings.iter().find_map(|blame| match blame {
                Blame::Candidate { implementation, file, .. } if *implementation == side.implementation => Some(file),
                Blame::Candidate { .. } | Blame::Baseline(_) => None,
            });
            let called = side.agreed + side.differed;
            self.proof.sides.push(SideProof {
                implementation: side.implementation,
                agreed: side.agreed,
                differed: side.differed,
                not_called: self.proof.drawn.saturating_sub(called + self.proof.unanswered),
                counterexample: found.cloned().flatten(),
            });
            for size in &mut workload.sizes {
                let entry = &mut size.implementations[side.implementation];
                let declared = u64::from(entry.status == Status::Measured);
                entry.agreement = match entry.status {
                    Status::Measured | Status::Differs => Some(Agreement::of(
                        declared + side.kept + side.agreed,
                        side.agreed,
                        entry.status == Status::Differs,
                    )),
                    Status::Unverified | Status::Failed | Status::Skipped => None,
                };
            }
        }
        for group in groups.iter_mut().filter(|group| group.workload == self.index) {
            let size = &workload.sizes[group.size];
            group.cells.retain(|cell| size.implementations[cell.implementation].status.is_timed());
        }
    }
}

fn mend(finding: &Finding) -> String {
    let sentence = |mend: &str| {
        let mut letters = mend.chars();
        letters.next().map_or_else(String::new, |first| format!(". {}{}", first.to_uppercase(), letters.as_str()))
    };
    finding.difference.nature.mend().map(sentence).unwrap_or_default()
}

fn case_difference(case: &Counterexample) -> crate::equality::Difference {
    crate::equality::Difference {
        path: case.difference.clone(),
        baseline: String::new(),
        candidate: String::new(),
        note: None,
        nature: case.nature,
    }
}
