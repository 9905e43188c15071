//! A runner whose process is a script of answers: what the schedule does with them can be tested without time passing.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use rustworthy_worker::protocol::{OutcomeAnswer, OutcomeDocument, OutcomeKind};

use super::{Caller, Observed, Opened, Pace, Refusal, Runner, TimeRequest, Timed, slices};
use crate::evidence::{Launch, MemoryLaunch};
use crate::launch::job_failure;

/// Which launches happened, in order.
pub type Diary = Rc<RefCell<Vec<String>>>;

/// A fake implementation.
pub struct FakeRunner {
    /// Its name in the diary.
    pub name: String,
    /// What it returns, as canonical JSON.
    pub value: String,
    /// Time of a call by round, ns.
    pub call_ns: fn(u32) -> u64,
    /// From this round on its launches fail.
    pub fails_from: Option<u32>,
    /// After so many launches it computes something else.
    pub strays_after: Option<usize>,
    /// Where launches are written down.
    pub diary: Diary,
}

impl Runner for FakeRunner {
    fn outcome(&self, _expect: Option<&str>, _scratch: &Path) -> Result<Option<Observed>, Refusal> {
        let document: OutcomeDocument = serde_json::from_str(&format!(r#"{{"value":{}}}"#, self.value)).unwrap();
        let answer = OutcomeAnswer {
            kind: OutcomeKind::Value,
            digest: format!("sha256:{}", self.value),
            matches: None,
            mutated: false,
            first_call_ns: 1,
            file: None,
            again: None,
            modules: Vec::new(),
        };
        let wall = Duration::from_millis(100);
        Ok(Some(Observed {
            document: Some(document),
            second: None,
            answer,
            extensions: vec![],
            modules: vec![],
            probe: None,
            environment: Default::default(),
            output: String::new(),
            wall,
        }))
    }

    fn time(&self, request: &TimeRequest) -> Result<Timed, Refusal> {
        self.diary.borrow_mut().push(format!("{}:{}", request.round, self.name));
        if self.fails_from.is_some_and(|round| request.round >= round) {
            return Err(job_failure("sample", "RuntimeError: fake"));
        }
        let call = (self.call_ns)(request.round);
        let launch = Launch {
            round: request.round,
            slot: request.slot,
            hash_seed: request.hash_seed(),
            iterations: vec![1, 2],
            elapsed_ns: vec![call, 2 * call],
            launch_ns: 100_000_000,
            ..Launch::default()
        };
        let own = self.diary.borrow().iter().filter(|launch| launch.ends_with(&format!(":{}", self.name))).count();
        let strays = self.strays_after.is_some_and(|launches| own > launches);
        Ok(Timed { launch, unexpected: strays.then(|| serde_json::from_str(r#"{"value":"another"}"#).unwrap()) })
    }

    fn memory(&self, round: u32, _pace: Pace) -> Result<Option<MemoryLaunch>, Refusal> {
        if self.fails_from.is_some_and(|first| round >= first) {
            return Err(job_failure("memory", "MemoryError: fake"));
        }
        Ok(Some(MemoryLaunch {
            round,
            before_bytes: 0,
            peak_bytes: 4 << 20,
            resident_bytes: 1 << 20,
            latency_ns: None,
            cpu_ns: None,
        }))
    }

    fn caller(&self, _scratch: &Path) -> Option<Box<dyn Caller>> {
        None
    }

    fn open(&self, request: &TimeRequest) -> Result<Opened<'_>, Refusal> {
        slices::open_launches(self, request)
    }

    fn use_fresh_inputs(&mut self) {}
}
