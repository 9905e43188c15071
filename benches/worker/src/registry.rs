//! The workloads of one bench, by name.

use std::fmt;

use crate::workload::Prepared;
use crate::{Failure, Input, Task, Workload};

/// One workload, its types forgotten.
#[derive(Clone, Copy)]
pub struct Entry {
    /// What the manifest and criterion's ids call it.
    pub name: &'static str,
    /// The size of its sample.
    pub sample_size: u64,
    prepare: fn(Input) -> Result<Box<dyn Task>, Failure>,
    sample: fn() -> Box<dyn Task>,
}

impl Entry {
    /// The entry of a workload.
    pub fn of<W: Workload>() -> Entry {
        Entry {
            name: W::NAME,
            sample_size: W::SAMPLE_SIZE,
            prepare: |input| Ok(Box::new(Prepared::<W>::new(W::prepare(input)?))),
            sample: || Box::new(Prepared::<W>::new(W::sample())),
        }
    }

    /// The workload, made ready to run on an input.
    ///
    /// # Errors
    /// As [`Workload::prepare`].
    pub fn prepare(&self, input: Input) -> Result<Box<dyn Task>, Failure> {
        (self.prepare)(input)
    }

    /// The workload, made ready to run on its sample.
    pub fn sample(&self) -> Box<dyn Task> {
        (self.sample)()
    }

    /// The workload, made ready to run on the input that the environment names, else on its sample.
    ///
    /// # Errors
    /// As [`Input::from_env`] and [`Workload::prepare`].
    pub fn from_env(&self) -> Result<Box<dyn Task>, Failure> {
        match Input::from_env()? {
            Some(input) => self.prepare(input),
            None => Ok(self.sample()),
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.debug_tuple("Entry").field(&self.name).finish()
    }
}

/// The workloads of one bench; [`registry!`](crate::registry!) lists them.
#[derive(Debug)]
pub struct Registry {
    entries: Vec<Entry>,
}

impl Registry {
    /// A registry of these entries.
    ///
    /// # Panics
    /// When two have one name: the second could never be run.
    pub fn new(entries: Vec<Entry>) -> Registry {
        for (index, entry) in entries.iter().enumerate() {
            let is_taken = entries[..index].iter().any(|earlier| earlier.name == entry.name);
            assert!(!is_taken, "two workloads are called `{}`", entry.name);
        }
        Registry { entries }
    }

    /// All entries, in the order of the list.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of this name.
    ///
    /// # Errors
    /// `LookupError`, whose message lists the names there are.
    pub fn find(&self, name: &str) -> Result<&Entry, Failure> {
        self.entries.iter().find(|entry| entry.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.entries.iter().map(|entry| entry.name).collect();
            Failure::lookup_error(format!("this bench has no workload `{name}`; it has {}", names.join(", ")))
        })
    }
}

/// The registry of these workloads: `registry![CsvCount, SumList]`.
#[macro_export]
macro_rules! registry {
    ($($workload:ty),* $(,)?) => {
        $crate::Registry::new(::std::vec![$($crate::Entry::of::<$workload>()),*])
    };
}
