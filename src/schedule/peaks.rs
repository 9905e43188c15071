//! Peak memory of the gate's comparisons: launches of their own, a base and a head in turns, as many as a decision needs.

use rand::RngExt;

use super::blocks::{BlockSession, Fought, Match};
use super::{Cell, Contestant};
use crate::evidence::{GateState, Peaks};
use crate::runner::Refusal;

/// So many launches of a comparison that fail end it: its workers do not live.
const MOST_FAILED: usize = 3;

/// Measures every comparison until it is `settled`. What is known already is gone on with.
pub fn peaks(
    state: &mut GateState,
    matches: &[Match],
    settled: &dyn Fn(&Peaks) -> bool,
    session: &mut BlockSession,
) -> Fought {
    for one in matches {
        let contest = &state.contests[one.contest];
        let is_same = |peaks: &Peaks| {
            (&peaks.workload, &peaks.implementation, peaks.size)
                == (&contest.workload, &contest.implementation, contest.size)
        };
        let at = state.memory.iter().position(is_same).unwrap_or_else(|| {
            let (workload, implementation) = (contest.workload.clone(), contest.implementation.clone());
            state.memory.push(Peaks { workload, implementation, size: contest.size, ..Peaks::default() });
            state.memory.len() - 1
        });
        let is_open = |peaks: &Peaks| peaks.missing.is_none() && peaks.failed.len() < MOST_FAILED && !settled(peaks);
        while is_open(&state.memory[at]) {
            let peaks = &state.memory[at];
            session.progress.item(&format!("{}/{}, memory", peaks.workload, peaks.implementation));
            let measured = pair(one.base, one.head, peaks.base_bytes.len(), session.random.random());
            let peaks = &mut state.memory[at];
            match measured {
                Ok(Some((base, head))) => {
                    peaks.base_bytes.push(base);
                    peaks.head_bytes.push(head);
                }
                Ok(None) => {
                    peaks.missing = Some("neither the system nor its worker tells how much a call needs".to_owned());
                }
                Err((is_base, Refusal::Failed(failure))) => {
                    peaks.failed.push(format!("{}: {}", if is_base { "base" } else { "head" }, failure.message));
                }
                Err((_, Refusal::Interrupted)) => return Fought::Interrupted,
            }
            if let Err(error) = (session.save)(state) {
                return Fought::Unsaved(error);
            }
        }
    }
    Fought::Complete
}

/// A launch of each side; a coin says whose is first. A refusal comes with whether it is the base's.
fn pair(
    base: Contestant,
    head: Contestant,
    number: usize,
    base_first: bool,
) -> Result<Option<(u64, u64)>, (bool, Refusal)> {
    let round = u32::try_from(number).unwrap_or(u32::MAX - 1);
    let growth = |cell: &Cell, is_base: bool| -> Result<Option<u64>, (bool, Refusal)> {
        let memory = cell.runner.peak(round).map_err(|refusal| (is_base, refusal))?;
        Ok(memory.map(|memory| memory.peak_bytes.saturating_sub(memory.before_bytes)))
    };
    let (first, second) = if base_first { (base, head) } else { (head, base) };
    let Some(first) = growth(first.cell, base_first)? else { return Ok(None) };
    let Some(second) = growth(second.cell, !base_first)? else { return Ok(None) };
    Ok(Some(if base_first { (first, second) } else { (second, first) }))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::analysis::sequential::Margins;
    use crate::equality::{Rules, Wire};
    use crate::evidence::{Between, Contest};
    use crate::progress::Silent;
    use crate::runner::fake::FakeRunner;
    use crate::schedule::Group;

    fn group(name: &str, fails_from: Option<u32>) -> Group {
        let diary = Rc::new(RefCell::new(Vec::new()));
        let (name, value) = (name.to_owned(), "1".to_owned());
        let runner = FakeRunner { name, value, call_ns: |_| 1, fails_from, strays_after: None, diary };
        Group {
            workload: 0,
            size: 0,
            cells: vec![Cell::new(1, Box::new(runner), Wire::Typed)],
            rules: Rules::default(),
            source: None,
            agreed: None,
            in_full: true,
        }
    }

    #[test]
    fn each_comparison_is_measured_until_it_is_settled_and_gone_on_with() {
        let (base, head) = (group("b", None), group("h", None));
        let contestant = |group| Contestant { group, cell: &group.cells[0] };
        let mut state = GateState::new(Between::default());
        state.contests = ["native", "hybrid"]
            .map(|name| Contest { workload: "parse".into(), implementation: name.into(), ..Contest::default() })
            .to_vec();
        let margins = Margins { harmless: 0.01, must_catch: 0.05 };
        let matches =
            [0, 1].map(|contest| Match { contest, margins, base: contestant(&base), head: contestant(&head) });
        let mut saved = 0;
        let folder = tempfile::tempdir().unwrap();
        for (enough, saves) in [(2, 4), (3, 6), (3, 6)] {
            let mut session = BlockSession {
                random: &mut ChaCha8Rng::seed_from_u64(5),
                save: &mut |_| {
                    saved += 1;
                    Ok(())
                },
                scratch: folder.path(),
                progress: &mut Silent,
            };
            let settled = |peaks: &Peaks| peaks.base_bytes.len() >= enough;
            assert!(matches!(peaks(&mut state, &matches, &settled, &mut session), Fought::Complete));
            assert_eq!(saved, saves);
        }
        let names: Vec<&str> = state.memory.iter().map(|peaks| peaks.implementation.as_str()).collect();
        assert_eq!(names, ["native", "hybrid"]);
        assert_eq!(state.memory[0].base_bytes, [4 << 20; 3]);
        assert_eq!(state.memory[0].head_bytes, state.memory[0].base_bytes);
    }

    #[test]
    fn launches_that_do_not_live_end_it_and_are_tried_again_by_the_next_job() {
        let (base, head) = (group("b", None), group("h", Some(1)));
        let contestant = |group| Contestant { group, cell: &group.cells[0] };
        let mut state = GateState::new(Between::default());
        state.contests = vec![Contest { workload: "parse".into(), ..Contest::default() }];
        let margins = Margins { harmless: 0.01, must_catch: 0.05 };
        let one = Match { contest: 0, margins, base: contestant(&base), head: contestant(&head) };
        let folder = tempfile::tempdir().unwrap();
        let mut session = BlockSession {
            random: &mut ChaCha8Rng::seed_from_u64(5),
            save: &mut |_| Ok(()),
            scratch: folder.path(),
            progress: &mut Silent,
        };
        peaks(&mut state, &[one], &|_| false, &mut session);
        let found = &state.memory[0];
        assert_eq!((found.base_bytes.len(), found.failed.len(), &found.missing), (1, MOST_FAILED, &None));
        assert!(found.failed[0].starts_with("head: "));
        let file = folder.path().join("state.json");
        state.save(&file).unwrap();
        assert!(GateState::load(&file).unwrap().unwrap().memory[0].failed.is_empty());
    }
}
