//! One workload's implementations called on one input after another, each answer held against the baseline's.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustworthy_worker::Value;
use rustworthy_worker::protocol::{Encoding, InputSource, OutcomeDocument};

use super::verify::{describe, fail};
use super::{Group, Interrupted};
use crate::equality::{Difference, Nature, Rules, Wire, encode_arguments, outcomes};
use crate::evidence::{Failure, Identity, Size, Status};
use crate::launch::{failure, job_failure};
use crate::runner::{Ask, Called, Caller, CaseInput, Document, Outcome, Refusal};

/// An implementation that hangs this often is not called on further cases.
pub(super) const MOST_HANGS: u32 = 2;
/// One that dies this often neither.
const MOST_DEATHS: u32 = 20;

/// The implementations of a workload, the baseline first.
pub(super) struct Hunt {
    pub rules: Rules,
    pub baseline: Box<dyn Caller>,
    pub sides: Vec<Side>,
    pub folder: PathBuf,
    /// Cases that the baseline gave no answer to, and the first reason.
    pub unanswered: u64,
    pub unanswered_why: Option<String>,
    pub baseline_hangs: u32,
    /// Why the baseline cannot be called any more: it does not get ready.
    pub baseline_lost: Option<Failure>,
}

/// What calls an implementation, and how its outcomes arrive.
type Callable = (Box<dyn Caller>, Wire);

/// A candidate.
pub(super) struct Side {
    /// Index of the implementation.
    pub implementation: usize,
    pub name: String,
    pub wire: Wire,
    pub caller: Box<dyn Caller>,
    /// Drawn cases on which it agreed.
    pub agreed: u64,
    /// Drawn cases on which it differed.
    pub differed: u64,
    /// Drawn cases that it could not be shown.
    pub unseen: u64,
    /// Kept cases on which it agreed.
    pub kept: u64,
    /// The smallest input that parted it from the baseline.
    pub found: Option<Found>,
    /// It is not called any more, and why.
    pub gone: Option<String>,
    /// Why it cannot be called any more: it does not get ready.
    pub lost: Option<Failure>,
    /// By the digest of an answer, the case that was answered so first: a stale cache repeats one.
    pub answers: HashMap<String, usize>,
    hangs: u32,
    deaths: u32,
}

/// A case that parted two implementations.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub difference: Difference,
    pub input: CaseInput,
    /// Its place among the drawn ones.
    pub index: Option<usize>,
    /// Whether it took a second call.
    pub again: bool,
    /// Which earlier case had this answer.
    pub answer_of: Option<usize>,
    bytes: u64,
}

impl Found {
    /// One that was not drawn.
    pub fn at(input: CaseInput, difference: Difference, again: bool) -> Found {
        Found { difference, input, index: None, again, answer_of: None, bytes: 0 }
    }
}

/// What the baseline did.
pub(super) struct Answer {
    digest: String,
    pub document: OutcomeDocument,
    shared: bool,
    first_changed: bool,
    second: Option<OutcomeDocument>,
}

impl Hunt {
    /// The implementations of the groups, which are of one workload. `None` without a baseline that can be called.
    pub fn new(groups: &[&Group], names: &[String], folder: &Path) -> Result<Option<Hunt>, Refusal> {
        let unwritable = |error: std::io::Error| job_failure("start", &error.to_string());
        let cell =
            |index: usize| groups.iter().flat_map(|group| &group.cells).find(|cell| cell.implementation == index);
        let caller = |index: usize| -> Result<Option<Callable>, Refusal> {
            let Some(cell) = cell(index) else { return Ok(None) };
            let scratch = folder.join(index.to_string());
            fs::create_dir_all(&scratch).map_err(unwritable)?;
            Ok(cell.runner.caller(&scratch).map(|caller| (caller, cell.wire)))
        };
        let (Some(first), Some((baseline, _))) = (groups.first(), caller(0)?) else { return Ok(None) };
        let mut sides = Vec::new();
        for (implementation, name) in names.iter().enumerate().skip(1) {
            let Some((caller, wire)) = caller(implementation)? else { continue };
            sides.push(Side {
                implementation,
                name: name.clone(),
                wire,
                caller,
                agreed: 0,
                differed: 0,
                unseen: 0,
                kept: 0,
                found: None,
                gone: None,
                lost: None,
                answers: HashMap::new(),
                hangs: 0,
                deaths: 0,
            });
        }
        Ok(Some(Hunt {
            rules: first.rules.clone(),
            baseline,
            sides,
            folder: folder.to_owned(),
            unanswered: 0,
            unanswered_why: None,
            baseline_hangs: 0,
            baseline_lost: None,
        }))
    }

    /// Calls the baseline; `Err` in words where it gives no answer.
    pub fn answer(&mut self, input: &CaseInput, again: bool) -> Result<Result<Answer, String>, Refusal> {
        if let Some(failure) = &self.baseline_lost {
            return Ok(Err(failure.message.clone()));
        }
        let called = self.baseline.call(input, Ask { expect: None, again })?;
        let seen = match called {
            Called::Outcome(outcome) => read(outcome, Answer::of)?,
            Called::Lazy(why) | Called::Unseen(why) => return Ok(Err(why)),
            Called::Unready(failure) => Err(failure),
            Called::Died(failure) => return Ok(Err(failure.message)),
            Called::Hung(failure) => {
                self.baseline_hangs += 1;
                return Ok(Err(failure.message));
            }
        };
        Ok(seen.map_err(|failure| self.baseline_lost.insert(failure).message.clone()))
    }

    /// Where the baseline differs from itself, called twice in one process.
    pub fn baseline_unsteady(&self, answer: &Answer) -> Option<Difference> {
        let second = answer.second.as_ref()?;
        outcomes(&answer.document, second, &self.rules, Wire::Typed).err()
    }

    /// Calls a candidate, and says where it parts from the baseline's answer.
    pub fn judge(&mut self, side: usize, input: &CaseInput, answer: &Answer, again: bool) -> Result<Judged, Refusal> {
        let side = &mut self.sides[side];
        let Some(called) = side.call(input, Ask { expect: Some(&answer.digest), again })? else {
            return Ok(Judged::unseen());
        };
        let outcome = match called {
            Called::Outcome(outcome) => outcome,
            Called::Unready(failure) => return Ok(side.lose(failure)),
            Called::Lazy(why) => {
                return Ok(apart(answer, "something lazy, which has computed nothing yet", why, Nature::Lazy));
            }
            Called::Unseen(why) => {
                let is_native = side.wire == Wire::Json && matches!(input.source, Some(InputSource::Callable { .. }));
                return Ok(if is_native {
                    Judged::unseen()
                } else {
                    apart(answer, "something that cannot be compared", why, Nature::Unseen)
                });
            }
            Called::Died(failure) => {
                side.deaths += 1;
                return Ok(apart(answer, "its process dies", failure.message, Nature::Died));
            }
            Called::Hung(failure) => {
                side.hangs += 1;
                return Ok(apart(answer, "no answer", failure.message, Nature::Hung));
            }
        };
        let (outcome, document, second) = match read(outcome, Ok)? {
            Ok(seen) => seen,
            Err(failure) => return Ok(side.lose(failure)),
        };
        let parted = document.as_ref().map(|document| outcomes(&answer.document, document, &self.rules, side.wire));
        let mut difference = parted.and_then(Result::err);
        if difference.is_none()
            && let Some(second) = second
        {
            difference = outcomes(&answer.document, &second, &self.rules, side.wire).err().map(second_call);
        }
        let keeps = self.rules.tolerance.identity == Identity::Keep && side.wire == Wire::Typed;
        let shares = (outcome.shared && !answer.shared) || (outcome.first_changed && !answer.first_changed);
        if difference.is_none() && keeps && shares {
            difference = Some(shared());
        }
        Ok(Judged { difference, seen: true, digest: Some(outcome.digest), document })
    }

    /// Calls everybody on a drawn case.
    ///
    /// Where the baseline differs from itself, how it does.
    pub fn try_drawn(&mut self, index: usize, input: &CaseInput, again: bool) -> Result<Option<Difference>, Refusal> {
        let answer = match self.answer(input, again)? {
            Ok(answer) => answer,
            Err(why) => {
                self.unanswered += 1;
                self.unanswered_why.get_or_insert(why);
                return Ok(None);
            }
        };
        if let Some(difference) = self.baseline_unsteady(&answer) {
            return Ok(Some(difference));
        }
        for at in 0..self.sides.len() {
            if self.sides[at].gone.is_some() {
                continue;
            }
            let judged = self.judge(at, input, &answer, again)?;
            let folder = self.folder.join(format!("found-{at}"));
            self.sides[at].count(index, input, judged, again, &folder)?;
        }
        Ok(None)
    }

    /// Those that did not get ready have failed, each alone; without a baseline there is nothing to agree with.
    pub fn fail_the_lost(&self, size: &mut Size) {
        let lost = |failure: &Failure| Failure {
            message: format!("did not get ready to be called on further inputs: {}", failure.message),
            ..failure.clone()
        };
        for side in &self.sides {
            let (Some(failure), entry) = (&side.lost, &mut size.implementations[side.implementation]) else { continue };
            match entry.status {
                Status::Measured | Status::Unverified => fail(entry, lost(failure)),
                // What was found before stands.
                Status::Differs => {
                    let then = format!("; then it {}", lost(failure).message);
                    entry.detail = entry.detail.take().map(|detail| detail + &then);
                    entry.failures.push(lost(failure));
                }
                Status::Failed | Status::Skipped => {}
            }
        }
        let Some(failure) = &self.baseline_lost else { return };
        if let Some(baseline) = size.implementations.first_mut().filter(|entry| entry.status.is_timed()) {
            fail(baseline, lost(failure));
            for entry in size.implementations.iter_mut().filter(|entry| entry.status.is_timed()) {
                entry.status = Status::Skipped;
                entry.detail = Some("no baseline to compare with: it failed".to_owned());
            }
        }
    }

    /// Writes arguments where a call can read them.
    pub fn write(&self, arguments: &Value, size: u64, seed: u64) -> Result<CaseInput, Refusal> {
        let (encoding, bytes) = encode_arguments(arguments);
        let path = self.folder.join(format!("case.{}", encoding.extension()));
        fs::write(&path, bytes).map_err(|error| job_failure("case", &error.to_string()))?;
        Ok(CaseInput { size, seed, source: Some(InputSource::File { path, encoding }) })
    }

    /// Allows calls on drawn types no more than their due: an integer may be a size that no memory holds.
    pub fn be_careful(&mut self) {
        let (longest, most_bytes) = (Duration::from_secs(5), 8 << 30);
        self.baseline.be_careful(longest, most_bytes);
        self.sides.iter_mut().for_each(|side| side.caller.be_careful(longest, most_bytes));
    }
}

/// What came of one call of a candidate.
pub(super) struct Judged {
    /// Where it parted from the baseline.
    pub difference: Option<Difference>,
    /// Whether it could be compared at all.
    pub seen: bool,
    /// Of what it did.
    pub digest: Option<String>,
    /// What it did, where that is not byte for byte what the baseline did.
    pub document: Option<OutcomeDocument>,
}

impl Judged {
    /// A call that was not made, or whose outcome nobody can see.
    pub fn unseen() -> Judged {
        Judged { difference: None, seen: false, digest: None, document: None }
    }
}

/// An outcome with its documents, where there are any.
type Read = (Outcome, Option<OutcomeDocument>, Option<OutcomeDocument>);

/// Reads what a call left behind; documents that cannot be read are the failure of who wrote them.
fn read<T>(outcome: Outcome, of: fn(Read) -> Result<T, Failure>) -> Result<Result<T, Failure>, Refusal> {
    let documents = || {
        let second = outcome.second.as_ref().map(Document::read).transpose()?.flatten();
        Ok((outcome.document.read()?, second))
    };
    match documents() {
        Ok((document, second)) => Ok(of((outcome, document, second))),
        Err(Refusal::Failed(failure)) => Ok(Err(failure)),
        Err(Refusal::Interrupted) => Err(Refusal::Interrupted),
    }
}

impl Answer {
    fn of((outcome, document, second): Read) -> Result<Answer, Failure> {
        let Outcome { digest, shared, first_changed, .. } = outcome;
        let document = document.ok_or_else(|| failure("protocol", "the worker showed no outcome"))?;
        Ok(Answer { digest, document, shared, first_changed, second })
    }
}

fn apart(answer: &Answer, candidate: &str, note: String, nature: Nature) -> Judged {
    let difference = Difference {
        path: "result".to_owned(),
        baseline: describe(&answer.document),
        candidate: candidate.to_owned(),
        note: Some(note),
        nature,
    };
    Judged { difference: Some(difference), seen: true, digest: None, document: None }
}

/// A difference that only a second call on the same input shows.
pub(super) fn second_call(difference: Difference) -> Difference {
    let rest = difference.path.strip_prefix("result").unwrap_or(&difference.path).to_owned();
    Difference { path: format!("result of a second call on the same input{rest}"), nature: Nature::Stale, ..difference }
}

/// A candidate that hands out one object again and again.
pub(super) fn shared() -> Difference {
    Difference {
        path: "result".to_owned(),
        baseline: "a new object in each call".to_owned(),
        candidate: "the same object in each call".to_owned(),
        note: None,
        nature: Nature::Shared,
    }
}

impl Side {
    /// Calls it; `None` where it cannot be called any more.
    pub fn call(&mut self, input: &CaseInput, ask: Ask) -> Result<Option<Called>, Refusal> {
        if self.lost.is_some() {
            return Ok(None);
        }
        self.caller.call(input, ask).map(Some)
    }

    /// It does not get ready: that is its failure, and nobody else's.
    pub fn lose(&mut self, failure: Failure) -> Judged {
        self.gone = Some("it does not get ready".to_owned());
        self.lost = Some(failure);
        Judged::unseen()
    }

    fn count(
        &mut self,
        index: usize,
        input: &CaseInput,
        judged: Judged,
        again: bool,
        place: &Path,
    ) -> Result<(), Refusal> {
        if !judged.seen {
            self.unseen += 1;
            return Ok(());
        }
        let answer_of = judged.digest.and_then(|digest| {
            let first = *self.answers.entry(digest).or_insert(index);
            (first != index).then_some(first)
        });
        match judged.difference {
            None => self.agreed += 1,
            Some(difference) => {
                self.differed += 1;
                self.keep_smallest(
                    Found { difference, input: input.clone(), index: Some(index), again, answer_of, bytes: 0 },
                    place,
                )?;
            }
        }
        if self.hangs >= MOST_HANGS {
            self.gone = Some(format!("it hung {} times", self.hangs));
        } else if self.deaths >= MOST_DEATHS {
            self.gone = Some(format!("its process died {} times", self.deaths));
        }
        Ok(())
    }

    fn keep_smallest(&mut self, mut found: Found, place: &Path) -> Result<(), Refusal> {
        let failed = |error: std::io::Error| job_failure("case", &error.to_string());
        found.bytes = match &found.input.source {
            Some(InputSource::File { path, .. }) => fs::metadata(path).map_err(failed)?.len(),
            Some(InputSource::Callable { .. }) => found.input.size,
            None => 0,
        };
        if self.found.as_ref().is_some_and(|best| best.bytes <= found.bytes) {
            return Ok(());
        }
        if let Some(InputSource::File { path, encoding }) = &mut found.input.source {
            let copy = place.with_extension(encoding.extension());
            fs::copy(&*path, &copy).map_err(failed)?;
            *path = copy;
        }
        self.found = Some(found);
        Ok(())
    }
}

/// The arguments that a file holds; `None` where there is no file, or no canonical form.
pub(super) fn arguments_of(input: &CaseInput) -> Option<Value> {
    let Some(InputSource::File { path, encoding }) = &input.source else { return None };
    let bytes = fs::read(path).ok()?;
    Some(match encoding {
        Encoding::Tagged => Value::from_json(&bytes).ok()?,
        Encoding::Text => Value::Tuple(vec![Value::Str(String::from_utf8(bytes).ok()?)]),
        Encoding::Bytes => Value::Tuple(vec![Value::Bytes(bytes)]),
    })
}

/// A refusal that is only ever the end of the tool's work, or a failure in words.
pub(super) fn in_words(refusal: Refusal) -> Result<String, Interrupted> {
    match refusal {
        Refusal::Interrupted => Err(Interrupted),
        Refusal::Failed(failure) => Ok(failure.message),
    }
}
