//! A workload's `setup` where the implementation is no Python worker: called in one of its own before the launch.

use rustworthy_worker::protocol::Job;

use super::Refusal;
use crate::launch::{Launch, converse};

/// The setup callable of a workload, for runners that cannot call it themselves.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The timing script in the workload's folder, environment and limits.
    pub launch: Launch,
    /// A job without steps: preparing is all that is asked.
    pub job: Job,
}

impl Setup {
    /// Calls it, off the clock. What it leaves in memory is gone; files and services stay.
    ///
    /// # Errors
    /// When it raises.
    pub fn call(&self) -> Result<(), Refusal> {
        converse(&self.launch, &self.job).map(|_| ())
    }
}
