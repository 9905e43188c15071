//! Many calls of one implementation on many inputs: a worker that is kept, or a process a call where there is none.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustworthy_worker::protocol::{
    Answer, CaseAnswer, CaseKind, CaseStep, InputJob, InputSource, Job, OutcomeDocument, Step,
};

use super::{Refusal, read_document};
use crate::evidence::Failure;
use crate::launch::{Launch, Silence, Talk, failure};

/// The arguments of one call.
#[derive(Clone, Debug)]
pub struct CaseInput {
    /// The size that they were made at.
    pub size: u64,
    /// The seed that they were made with.
    pub seed: u64,
    /// Where they are; `None`: there are none.
    pub source: Option<InputSource>,
}

/// What a call on an input of its own came to.
#[derive(Clone, Debug)]
pub enum Called {
    /// It returned or raised.
    Outcome(Outcome),
    /// It returned something lazy.
    Lazy(String),
    /// What it did cannot be seen: its result has no canonical form, or it cannot read this input.
    Unseen(String),
    /// The process died.
    Died(Failure),
    /// It did not end in time, and was killed.
    Hung(Failure),
    /// There was no call: its process cannot be started or prepared, or does not speak the protocol.
    Unready(Failure),
}

/// A call that returned or raised.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Tells it from others of the same runner.
    pub digest: String,
    /// Whether the digest was the expected one.
    pub matches: bool,
    /// What it did.
    pub document: Document,
    /// Whether a second call returned the very object of the first, where it was looked at.
    pub shared: bool,
    /// Another outcome of a second call on the same input, where one was made and there is one.
    pub second: Option<Document>,
    /// Whether that second call changed the result of the first.
    pub first_changed: bool,
}

/// An outcome document that is read when it is needed: nearly all of them agree by their digest.
#[derive(Clone, Debug)]
pub enum Document {
    /// In the worker's file, until its next call.
    File(PathBuf),
    /// In memory.
    Ready(Box<OutcomeDocument>),
    /// Not written: its digest was the expected one.
    Expected,
}

impl Document {
    /// The document; `None` where it was not written.
    ///
    /// # Errors
    /// When the file is none.
    pub fn read(&self) -> Result<Option<OutcomeDocument>, Refusal> {
        match self {
            Document::File(path) => read_document(path).map(Some),
            Document::Ready(document) => Ok(Some((**document).clone())),
            Document::Expected => Ok(None),
        }
    }
}

/// How a call is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ask<'a> {
    /// The digest of the baseline's outcome: one that is the same need not be written.
    pub expect: Option<&'a str>,
    /// Call twice.
    pub again: bool,
}

/// One implementation, called again and again.
pub trait Caller {
    /// Calls on an input. A worker that died before is started again.
    ///
    /// # Errors
    /// When the tool is interrupted, or cannot say what it asks for.
    fn call(&mut self, input: &CaseInput, ask: Ask) -> Result<Called, Refusal>;

    /// Has the next call made in a fresh process with this hash seed.
    fn restart(&mut self, hash_seed: u32);

    /// Has calls take no longer and no more memory than this from now on. Getting ready may take as long as before.
    fn be_careful(&mut self, longest: Duration, most_bytes: u64);
}

/// A worker of either language.
pub(super) struct WorkerCaller {
    launch: Launch,
    job: Job,
    file: PathBuf,
    talk: Option<Talk>,
    /// A call may take so long; `None`: as long as the launch may.
    longest: Option<Duration>,
}

impl WorkerCaller {
    /// The worker of `launch`, with the implementation of `job`; its outcomes go to a file in `scratch`.
    pub(super) fn new(launch: &Launch, job: &Job, scratch: &Path) -> WorkerCaller {
        let mut job = Job { steps: Vec::new(), ..job.clone() };
        job.input.source = None;
        // Each case has arguments of its own.
        job.implementation.fresh = false;
        let launch = launch.clone().env("PYTHONHASHSEED", "1");
        WorkerCaller { launch, job, file: scratch.join("outcome.json"), talk: None, longest: None }
    }

    fn outcome(&self, answer: CaseAnswer) -> Called {
        if let (CaseKind::Refused, Some(refused)) = (answer.kind, &answer.refused) {
            let message = refused.message.clone();
            return if refused.class == "LazyResult" { Called::Lazy(message) } else { Called::Unseen(message) };
        }
        let again = answer.again.as_ref();
        Called::Outcome(Outcome {
            digest: answer.digest.unwrap_or_default(),
            matches: answer.matches == Some(true),
            document: answer.file.map_or(Document::Expected, Document::File),
            shared: again.is_some_and(|again| again.shared),
            second: again.and_then(|again| again.file.clone()).map(Document::File),
            first_changed: again.is_some_and(|again| again.first_changed),
        })
    }
}

impl Caller for WorkerCaller {
    fn call(&mut self, input: &CaseInput, ask: Ask) -> Result<Called, Refusal> {
        let mut talk = match self.talk.take() {
            Some(talk) => talk,
            None => match Talk::start(&self.launch, &self.job) {
                Ok(talk) => talk.patient_for(self.longest),
                Err(Refusal::Failed(failure)) => return Ok(Called::Unready(failure)),
                Err(Refusal::Interrupted) => return Err(Refusal::Interrupted),
            },
        };
        let step = Step::Case(CaseStep {
            input: InputJob {
                size: input.size,
                seed: input.seed,
                pass: self.job.input.pass,
                source: input.source.clone(),
            },
            file: self.file.clone(),
            expect: ask.expect.map(str::to_owned),
            again: ask.again,
        });
        match talk.ask(&step) {
            Ok(Answer::Case(answer)) => {
                self.talk = Some(talk);
                Ok(self.outcome(answer))
            }
            Ok(_) => Ok(Called::Unready(failure("protocol", "the worker did not answer `case`"))),
            Err(Silence::Interrupted) => Err(Refusal::Interrupted),
            Err(Silence::Died(failure)) if failure.step == "job" => Err(Refusal::Failed(failure)),
            Err(Silence::Died(failure)) => Ok(Called::Died(failure)),
            Err(Silence::Hung(failure)) => Ok(Called::Hung(failure)),
        }
    }

    fn restart(&mut self, hash_seed: u32) {
        self.talk = None;
        self.launch = self.launch.clone().env("PYTHONHASHSEED", hash_seed.to_string());
    }

    fn be_careful(&mut self, longest: Duration, most_bytes: u64) {
        self.talk = None;
        self.longest = Some(longest);
        self.launch.memory_limit = Some(self.launch.memory_limit.unwrap_or(most_bytes));
    }
}
