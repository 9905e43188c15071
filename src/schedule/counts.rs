//! Instructions of calls: which launches are counted, and how often, so that a count that is not the same every time is
//! known for one.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::{Cell, Interrupted};
use crate::runner::{Countable, Counter, Refusal, Survey, Tally};
use crate::units;

/// How many calls are counted, the most of these whose time together is [`ENOUGH_NS`]. Each of them and its double have
/// equally many digits: a job that is a byte longer is a few instructions more.
const CALLS: [u64; 6] = [400, 100, 40, 10, 4, 1];
/// Calls of so much processor time are enough; counting makes them some fifty times as long.
const ENOUGH_NS: f64 = 40e6;
/// A longer call is not counted: a launch makes three of them, which would take minutes.
const LONGEST_NS: f64 = 600e6;

/// What counting an implementation came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Instructions of so many calls, by side and repeat.
    Calls(u64, Vec<Vec<u64>>),
    /// There is no count, for this reason.
    Nothing(String),
}

/// Counts the calls of one implementation so many times, on one side or on several that are compared.
///
/// # Errors
/// When interrupted.
pub fn count(counter: &Counter, sides: &[&Cell], repeats: u32) -> Result<Counted, Interrupted> {
    let countable: Option<Vec<Box<dyn Countable>>> = sides.iter().map(|cell| cell.runner.countable()).collect();
    match countable {
        Some(countable) => count_each(counter, &countable, repeats),
        None => Ok(Counted::Nothing("its bench has no worker that would make a given number of calls".to_owned())),
    }
}

fn count_each(counter: &Counter, sides: &[Box<dyn Countable>], repeats: u32) -> Result<Counted, Interrupted> {
    let mut surveys = Vec::new();
    for side in sides {
        match side.survey() {
            Ok(survey) => surveys.push(survey),
            Err(refusal) => return nothing(refusal),
        }
    }
    let calls = match planned(&surveys) {
        Ok(calls) => calls,
        Err(reason) => return Ok(Counted::Nothing(reason)),
    };
    let is_whole = surveys.iter().any(|survey| survey.is_whole);
    // A process is one call; of a worker's launches the longer is taken first, as the one that takes longest.
    let sizes: &[u64] = if is_whole { &[1] } else { &[2, 1] };
    let launches: Vec<(usize, u64)> = (0..repeats)
        .flat_map(|_| (0..sides.len()).flat_map(|side| sizes.iter().map(move |size| (side, *size))))
        .collect();
    let one = |(side, size): (usize, u64)| sides[side].count(counter, size * calls, 2 * calls);
    let at_once = if sides.iter().any(|side| side.is_alone()) {
        1
    } else {
        // Instructions do not depend on who else computes.
        thread::available_parallelism().map_or(1, usize::from)
    };
    let counts = match each(&launches, at_once, &one) {
        Ok(counts) => counts,
        Err(refusal) => return nothing(refusal),
    };
    let mut by_side = vec![Vec::new(); sides.len()];
    for (launch, count) in launches.chunks(sizes.len()).zip(counts.chunks(sizes.len())) {
        if count.iter().any(|tally| tally.processes != count[0].processes) {
            return Ok(Counted::Nothing("its calls start processes, whose turns are the system's".to_owned()));
        }
        by_side[launch[0].0].push(match count {
            [longer, shorter] => longer.instructions.saturating_sub(shorter.instructions),
            _ => count[0].instructions,
        });
    }
    if by_side.iter().flatten().any(|count| *count == 0) {
        return Ok(Counted::Nothing("a launch of more calls had no more instructions".to_owned()));
    }
    Ok(Counted::Calls(calls, by_side))
}

fn nothing(refusal: Refusal) -> Result<Counted, Interrupted> {
    match refusal {
        Refusal::Failed(failure) => Ok(Counted::Nothing(failure.message)),
        Refusal::Interrupted => Err(Interrupted),
    }
}

/// How many calls are counted, or why none.
fn planned(surveys: &[Survey]) -> Result<u64, String> {
    if surveys.iter().any(|survey| survey.others) {
        return Err("it works in more than one thread or process, whose turns are the system's".to_owned());
    }
    let longest = surveys.iter().map(|survey| survey.call_ns).fold(1.0, f64::max);
    if longest > LONGEST_NS {
        return Err(format!(
            "a call takes {}, and counting would make that some fifty times as long: take a smaller size",
            units::time(longest)
        ));
    }
    if surveys.iter().any(|survey| survey.is_whole) {
        return Ok(1);
    }
    Ok(CALLS.into_iter().find(|calls| *calls as f64 * longest <= ENOUGH_NS).unwrap_or(1))
}

/// The results of every launch in their order, so many launches at a time; or the first refusal.
fn each(
    launches: &[(usize, u64)],
    at_once: usize,
    one: &(dyn Fn((usize, u64)) -> Result<Tally, Refusal> + Sync),
) -> Result<Vec<Tally>, Refusal> {
    let next = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    let results = Mutex::new(vec![None; launches.len()]);
    thread::scope(|scope| {
        for _ in 0..at_once.min(launches.len()) {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(launch) = launches.get(at) else { return };
                    let result = one(*launch);
                    is_over.fetch_or(result.is_err(), Ordering::Relaxed);
                    if let Ok(mut results) = results.lock() {
                        results[at] = Some(result);
                    }
                }
            });
        }
    });
    // A panic of a thread is one of the scope, so nothing is left poisoned; what is missing stands behind a refusal.
    let results = results.into_inner().unwrap_or_default();
    results.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::job_failure;

    /// A process that needs 1,000 instructions, and `call` for each call, with another one for each launch before.
    struct Fake {
        call: u64,
        wobbles: bool,
        survey: Survey,
        launches: AtomicUsize,
        fails: bool,
        forks: bool,
    }

    impl Countable for Fake {
        fn survey(&self) -> Result<Survey, Refusal> {
            Ok(self.survey)
        }

        fn count(&self, _counter: &Counter, calls: u64, most: u64) -> Result<Tally, Refusal> {
            assert!(calls <= most);
            let before = self.launches.fetch_add(1, Ordering::Relaxed) as u64;
            if self.fails {
                return Err(job_failure("launch", "the worker was killed by SIGILL (4)"));
            }
            let wobble = if self.wobbles { before * before } else { 0 };
            let processes = if self.forks { calls as usize } else { 1 };
            Ok(Tally { instructions: 1000 + calls * self.call + wobble, processes })
        }

        fn is_alone(&self) -> bool {
            true
        }
    }

    fn fake(call: u64, call_ns: f64) -> Fake {
        let survey = Survey { call_ns, others: false, is_whole: false };
        Fake { call, wobbles: false, survey, launches: AtomicUsize::new(0), fails: false, forks: false }
    }

    fn counted(sides: Vec<Fake>, repeats: u32) -> Counted {
        let sides: Vec<Box<dyn Countable>> = sides.into_iter().map(|side| Box::new(side) as _).collect();
        count_each(&Counter::fake(), &sides, repeats).unwrap()
    }

    fn reason(side: Fake) -> String {
        match counted(vec![side], 2) {
            Counted::Nothing(reason) => reason,
            Counted::Calls(..) => panic!("it was counted"),
        }
    }

    #[test]
    fn what_all_launches_share_cancels_out_and_each_repeat_stands_for_itself() {
        let both = vec![fake(7, 1e6), fake(8, 1e6)];
        assert_eq!(counted(both, 3), Counted::Calls(40, vec![vec![280; 3], vec![320; 3]]));
        let wobbling = Fake { wobbles: true, ..fake(1000, 1e6) };
        let Counted::Calls(40, sides) = counted(vec![wobbling], 2) else { panic!("it was counted") };
        assert_ne!(sides[0][0], sides[0][1]);
    }

    #[test]
    fn short_calls_are_counted_many_times_and_long_ones_once_or_not_at_all() {
        let calls = |call_ns| match counted(vec![fake(9, 1.0), fake(9, call_ns)], 1) {
            Counted::Calls(calls, _) => calls,
            Counted::Nothing(_) => 0,
        };
        assert_eq!([10.0, 1e5, 1.1e5, 9e6, 4.1e7, 5e8].map(calls), [400, 400, 100, 4, 1, 1]);
        assert!(CALLS.iter().all(|calls| calls.to_string().len() == (2 * calls).to_string().len()));
        let reason = reason(fake(9, 7e8));
        assert!(reason.contains("700 ms") && reason.contains("smaller size"), "{reason}");
    }

    #[test]
    fn a_process_is_one_call_with_nothing_to_subtract() {
        let survey = Survey { call_ns: 1e6, others: false, is_whole: true };
        assert_eq!(counted(vec![Fake { survey, ..fake(7, 1e6) }], 2), Counted::Calls(1, vec![vec![1007; 2]]));
    }

    #[test]
    fn threads_and_failures_are_named() {
        let survey = Survey { call_ns: 1e6, others: true, is_whole: false };
        assert!(reason(Fake { survey, ..fake(7, 1e6) }).contains("more than one thread"));
        assert!(reason(Fake { forks: true, ..fake(7, 1e6) }).contains("start processes"));
        assert!(reason(Fake { fails: true, ..fake(7, 1e6) }).contains("SIGILL"));
        assert!(reason(fake(0, 1e6)).contains("no more instructions"));
    }

    #[test]
    fn launches_keep_their_order_however_many_run_at_once() {
        let launches: Vec<(usize, u64)> = (0..50).map(|number| (number, 1)).collect();
        let tally = |instructions| Tally { instructions, processes: 1 };
        let double = |(number, _): (usize, u64)| Ok(tally(2 * number as u64));
        let expected: Vec<Tally> = (0..50).map(|number| tally(2 * number)).collect();
        assert_eq!(each(&launches, 4, &double), Ok(expected));
        let failing = |(number, _): (usize, u64)| match number {
            20.. => Err(job_failure("launch", "no")),
            _ => Ok(tally(1)),
        };
        assert!(each(&launches, 4, &failing).is_err());
    }
}
