//! What one call did, as a document and its digest.

use std::any::Any;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::protocol::{Again, InputJob, OutcomeDocument, OutcomeKind, Raised};
use crate::serve::nanoseconds;
use crate::{Failure, Input, Task, Value};

/// A panic is a failure like any other, under the name that Python sees it by.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Failure::panic(panic_message(&*panic))))
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without a message".to_owned())
}

/// What one call did.
pub(crate) struct Seen {
    pub(crate) kind: OutcomeKind,
    document: Vec<u8>,
    pub(crate) digest: String,
    pub(crate) call_ns: u64,
}

impl Seen {
    /// Whether the digest is the expected one, and the file that the document was written to where it is not.
    pub(crate) fn keep(&self, file: &Path, expect: Option<&str>) -> Result<(Option<bool>, Option<PathBuf>), Failure> {
        let matches = expect.map(|expect| expect == self.digest);
        if matches == Some(true) {
            return Ok((matches, None));
        }
        fs::write(file, &self.document)?;
        Ok((matches, Some(file.to_owned())))
    }
}

/// Calls once.
pub(crate) fn observe(task: Result<&dyn Task, Failure>, input: &InputJob) -> Result<Seen, Failure> {
    let start = Instant::now();
    let (call_ns, result) = match guarded(|| Ok(task?.call())) {
        Ok(call) => (nanoseconds(call.elapsed), call.result),
        Err(failure) => (nanoseconds(start.elapsed()), Err(failure)),
    };
    let kind = if result.is_ok() { OutcomeKind::Value } else { OutcomeKind::Raised };
    let document =
        serde_json::to_vec(&document(result, input)?).map_err(|error| Failure::value_error(error.to_string()))?;
    Ok(Seen { kind, digest: digest(&document), document, call_ns })
}

/// A second call on the same input. Rust's results are its caller's own: none is handed out twice.
pub(crate) fn second(
    first: &Seen,
    task: Result<&dyn Task, Failure>,
    input: &InputJob,
    file: &Path,
) -> Result<Again, Failure> {
    let second = observe(task, input)?;
    let mut place = file.as_os_str().to_owned();
    place.push(".again");
    let (_, file) = second.keep(Path::new(&place), Some(&first.digest))?;
    Ok(Again { digest: second.digest, file, shared: false, first_changed: false })
}

fn document(result: Result<Value, Failure>, input: &InputJob) -> Result<OutcomeDocument, Failure> {
    Ok(match result {
        Ok(Value::None) => {
            let arguments = Input::from_job(input)?.arguments().to_vec();
            OutcomeDocument { value: Some(Value::None), arguments: Some(arguments), ..OutcomeDocument::default() }
        }
        Ok(value) => OutcomeDocument { value: Some(value), ..OutcomeDocument::default() },
        Err(failure) => {
            let raised = Raised {
                class: failure.class.into_owned(),
                bases: Vec::new(),
                message: failure.message,
                position: failure.position,
            };
            OutcomeDocument { raised: Some(raised), ..OutcomeDocument::default() }
        }
    })
}

/// Only ever compared with an earlier digest of the same build, so that 64 bits of the standard library's hash do.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    format!("sip:{:016x}", hasher.finish())
}
