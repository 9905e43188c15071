//! A case that parts two implementations, looked at closely: whose fault is it, does it rest on earlier calls, how small
//! can it be made?

use std::time::{Duration, Instant};

use rustworthy_worker::Value;

use super::hunt::{Answer, Found, Hunt, Judged, arguments_of};
use crate::equality::{Difference, Nature, outcomes, short, shrink};
use crate::launch::Refusal;
use crate::runner::{Ask, Called};

/// Calls that are spent on making one counterexample small.
const SHRINKING_CALLS: usize = 600;
/// The same where each call takes a fresh process.
const SHRINKING_LAUNCHES: usize = 60;
/// And never longer than this, whatever a call takes.
const SHRINKING_TIME: Duration = Duration::from_secs(20);

/// What a close look brought.
pub(super) enum Verdict {
    /// The baseline differs from itself: nothing can agree with it.
    Baseline(Difference),
    /// The candidate differs.
    Candidate(Box<Finding>),
}

/// A difference, as small as it could be made.
pub(super) struct Finding {
    pub difference: Difference,
    /// The arguments; `None` where they have no canonical form.
    pub arguments: Option<Value>,
    /// Those of a call that has to come first.
    pub before: Option<Value>,
    pub size: u64,
    pub seed: u64,
}

impl Finding {
    /// What it takes to see the difference, in words.
    pub fn input(&self) -> String {
        let shown = |arguments: &Value| short(arguments, 160);
        match (&self.arguments, &self.before) {
            (Some(arguments), Some(before)) => format!("with {} after a call with {}", shown(arguments), shown(before)),
            (Some(arguments), None) => format!("with {}", shown(arguments)),
            (None, _) => format!("at size {}, seed {}", self.size, self.seed),
        }
    }
}

/// Makes the input of an earlier case again.
pub(super) type Remake<'a> = &'a mut dyn FnMut(usize) -> Option<Value>;

impl Hunt {
    /// Looks closely at what parted a candidate from the baseline.
    pub fn examine(&mut self, side: usize, found: &Found, remake: Remake) -> Result<Verdict, Refusal> {
        if let Some(difference) = self.differs_from_itself(found)? {
            return Ok(Verdict::Baseline(difference));
        }
        let arguments = arguments_of(&found.input);
        let finding = |difference: Difference, arguments: Option<Value>, before: Option<Value>| {
            let (size, seed) = (found.input.size, found.input.seed);
            Verdict::Candidate(Box::new(Finding { difference, arguments, before, size, seed }))
        };
        if matches!(found.difference.nature, Nature::Hung) {
            return Ok(finding(found.difference.clone(), arguments, None));
        }
        let Ok(answer) = self.answer(&found.input, found.again)? else {
            return Ok(finding(found.difference.clone(), arguments, None));
        };
        let one = self.alone(side, found, &answer, 2)?;
        let other = self.alone(side, found, &answer, 3)?;
        let wire = self.sides[side].wire;
        let agree = match (&one.document, &other.document) {
            (Some(one), Some(other)) => outcomes(one, other, &self.rules, wire).is_ok(),
            _ => true,
        };
        if self.sides[side].lost.is_some() {
            return Ok(finding(found.difference.clone(), arguments, None));
        }
        match (one.difference, other.difference) {
            (None, None) => {
                let (difference, before) = self.stale(side, found, remake)?;
                Ok(finding(difference, arguments, before))
            }
            (Some(difference), None) | (None, Some(difference)) => Ok(finding(unsteady(difference), arguments, None)),
            (Some(difference), Some(_)) if !agree => Ok(finding(unsteady(difference), arguments, None)),
            (Some(difference), Some(_)) => {
                let Some(arguments) = arguments else { return Ok(finding(difference, None, None)) };
                let (difference, arguments) = self.make_small(side, found, &answer, difference, arguments)?;
                Ok(finding(difference, Some(arguments), None))
            }
        }
    }

    /// Where the baseline, in another process with another hash seed, differs from itself.
    fn differs_from_itself(&mut self, found: &Found) -> Result<Option<Difference>, Refusal> {
        let Ok(first) = self.answer(&found.input, true)? else { return Ok(None) };
        let in_process = self.baseline_unsteady(&first);
        self.baseline.restart(2);
        let Ok(second) = self.answer(&found.input, true)? else { return Ok(in_process) };
        let between = || outcomes(&first.document, &second.document, &self.rules, crate::equality::Wire::Typed).err();
        Ok(in_process.or_else(between).or_else(|| self.baseline_unsteady(&second)))
    }

    /// What the candidate does in a process in which nothing else was called.
    fn alone(&mut self, side: usize, found: &Found, answer: &Answer, hash_seed: u32) -> Result<Judged, Refusal> {
        self.sides[side].caller.restart(hash_seed);
        self.judge(side, &found.input, answer, found.again)
    }

    /// A difference that is gone when nothing was called before: which call does it take?
    fn stale(&mut self, side: usize, found: &Found, remake: Remake) -> Result<(Difference, Option<Value>), Refusal> {
        let stale =
            |difference: Difference, note: String| Difference { nature: Nature::Stale, note: Some(note), ..difference };
        let Some(arguments) = arguments_of(&found.input) else {
            return Ok((stale(found.difference.clone(), "not in a fresh process".to_owned()), None));
        };
        let nearest = found.index.and_then(|index| index.checked_sub(1));
        for earlier in [found.answer_of, nearest, Some(0)].into_iter().flatten() {
            let Some(before) = remake(earlier) else { continue };
            if self.after(side, &before, &arguments, found)?.difference.is_none() {
                continue;
            }
            let pair = Value::Tuple(vec![before, arguments.clone()]);
            let deadline = Instant::now() + SHRINKING_TIME;
            let mut failed = None;
            let small = shrink(&pair, SHRINKING_LAUNCHES, &mut |pair| {
                let Value::Tuple(calls) = pair else { return false };
                let [before, arguments] = calls.as_slice() else { return false };
                failed.is_none()
                    && Instant::now() < deadline
                    && self
                        .after(side, before, arguments, found)
                        .unwrap_or_else(|refusal| {
                            failed = Some(refusal);
                            Judged::unseen()
                        })
                        .difference
                        .is_some()
            });
            if let Some(refusal) = failed {
                return Err(refusal);
            }
            let Value::Tuple(calls) = small else { continue };
            let Ok([before, arguments]) = <[Value; 2]>::try_from(calls) else { continue };
            let difference = self.after(side, &before, &arguments, found)?;
            let difference = difference.difference.unwrap_or_else(|| found.difference.clone());
            let note = format!("in a fresh process it agrees; after a call with {} it does not", short(&before, 80));
            return Ok((stale(difference, note), Some(before)));
        }
        let note = match found.index {
            Some(index) => format!("in a fresh process it agrees; after {index} other calls it did not"),
            None => "not every time".to_owned(),
        };
        Ok((stale(found.difference.clone(), note), None))
    }

    /// Whether a fresh candidate parts from the baseline on its second input; on its first, nobody looks.
    pub fn after(&mut self, side: usize, before: &Value, arguments: &Value, found: &Found) -> Result<Judged, Refusal> {
        self.sides[side].caller.restart(1);
        let first = self.write(before, found.input.size, found.input.seed)?;
        if let Some(Called::Unready(failure)) = self.sides[side].call(&first, Ask::default())? {
            return Ok(self.sides[side].lose(failure));
        }
        let second = self.write(arguments, found.input.size, found.input.seed)?;
        let Ok(answer) = self.answer(&second, false)? else { return Ok(Judged::unseen()) };
        self.judge(side, &second, &answer, false)
    }

    /// Leaves out what the difference does not need: both sides must go on doing the same sort of thing.
    fn make_small(
        &mut self,
        side: usize,
        found: &Found,
        answer: &Answer,
        difference: Difference,
        arguments: Value,
    ) -> Result<(Difference, Value), Refusal> {
        let (size, seed, again) = (found.input.size, found.input.seed, found.again);
        let raises = |answer: &Answer| answer.document.raised.as_ref().map(|raised| raised.class.clone());
        let (nature, class) = (difference.nature, raises(answer));
        let calls = if nature == Nature::Died { SHRINKING_LAUNCHES } else { SHRINKING_CALLS };
        let deadline = Instant::now() + SHRINKING_TIME;
        let (mut last, mut failed) = (difference, None);
        let small = shrink(&arguments, calls, &mut |proposal| {
            if failed.is_some() || Instant::now() >= deadline {
                return false;
            }
            let mut parts = || -> Result<Option<Difference>, Refusal> {
                let input = self.write(proposal, size, seed)?;
                let Ok(answer) = self.answer(&input, again)? else { return Ok(None) };
                if raises(&answer) != class {
                    return Ok(None);
                }
                let judged = self.judge(side, &input, &answer, again)?;
                Ok(judged.difference.filter(|difference| difference.nature == nature))
            };
            match parts() {
                Ok(Some(difference)) => {
                    last = difference;
                    true
                }
                Ok(None) => false,
                Err(refusal) => {
                    failed = Some(refusal);
                    false
                }
            }
        });
        match failed {
            Some(refusal) => Err(refusal),
            None => Ok((last, small)),
        }
    }
}

fn unsteady(difference: Difference) -> Difference {
    let note = "called again in another process with the same input, it gives another result".to_owned();
    Difference { note: Some(note), nature: Nature::Unsteady, ..difference }
}
