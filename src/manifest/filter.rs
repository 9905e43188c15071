//! FILTER on the command line: which workloads and implementations are meant.

use globset::{Glob, GlobMatcher};
use thiserror::Error;

use super::check::nearest;
use super::{Implementation, Project, Workload};
use crate::evidence::Role;

/// A filter that cannot be carried out.
#[derive(Debug, Error)]
pub enum FilterError {
    /// It is not a glob.
    #[error("`{filter}` is not a pattern: {reason}")]
    Malformed {
        /// As written.
        filter: String,
        /// Why.
        reason: String,
    },
    /// No workload or implementation has such a name.
    #[error("`{filter}` matches nothing here\n  {mend}")]
    NoMatch {
        /// As written.
        filter: String,
        /// Near names, or all.
        mend: String,
    },
}

enum Filter {
    Workload(GlobMatcher),
    Implementation(GlobMatcher, GlobMatcher),
    Tag(GlobMatcher),
}

impl Filter {
    fn parse(text: &str) -> Result<Filter, FilterError> {
        let glob = |pattern: &str| match Glob::new(pattern) {
            Ok(glob) => Ok(glob.compile_matcher()),
            Err(error) => Err(FilterError::Malformed { filter: text.to_owned(), reason: error.kind().to_string() }),
        };
        if let Some(tag) = text.strip_prefix("tag:") {
            return Ok(Filter::Tag(glob(tag)?));
        }
        match text.split_once('/') {
            Some((workload, implementation)) => Ok(Filter::Implementation(glob(workload)?, glob(implementation)?)),
            None => Ok(Filter::Workload(glob(text)?)),
        }
    }

    fn takes(&self, workload: &Workload, implementation: &Implementation) -> bool {
        match self {
            Filter::Workload(name) => name.is_match(&workload.name),
            Filter::Implementation(name, inner) => {
                name.is_match(&workload.name) && inner.is_match(&implementation.name)
            }
            Filter::Tag(tag) => workload.tags.iter().any(|known| tag.is_match(known)),
        }
    }
}

impl Project {
    /// Keeps what at least one of `filters` names: globs on whole names, `workload`, `workload/implementation` (whose baseline
    /// and kernel come along) or `tag:GLOB`. Without filters, everything.
    ///
    /// # Errors
    /// When a filter is malformed, or matches nothing.
    pub fn select(self, filters: &[String]) -> Result<Project, FilterError> {
        let mut parsed = Vec::new();
        for text in filters {
            let filter = Filter::parse(text)?;
            let mut cells = self.workloads.iter().flat_map(|workload| {
                workload.implementations.iter().map(move |implementation| (workload, implementation))
            });
            if !cells.any(|(workload, implementation)| filter.takes(workload, implementation)) {
                return Err(FilterError::NoMatch { filter: text.clone(), mend: self.near(text) });
            }
            parsed.push(filter);
        }
        if parsed.is_empty() {
            return Ok(self);
        }
        Ok(self.keep(|workload, implementation| parsed.iter().any(|filter| filter.takes(workload, implementation))))
    }

    /// Keeps the implementations of these names, each a workload's and its own, and the baselines that they need.
    pub fn only(self, names: &[(&str, &str)]) -> Project {
        self.keep(|workload, implementation| names.contains(&(&workload.name, &implementation.name)))
    }

    /// Keeps what is taken, with what it is compared with.
    fn keep(mut self, takes: impl Fn(&Workload, &Implementation) -> bool) -> Project {
        for workload in &mut self.workloads {
            let taken: Vec<String> = workload
                .implementations
                .iter()
                .filter(|implementation| takes(workload, implementation))
                .flat_map(|implementation| [Some(implementation.name.clone()), implementation.kernel.clone()])
                .flatten()
                .collect();
            workload.implementations.retain(|implementation| {
                !taken.is_empty() && (implementation.role == Role::Baseline || taken.contains(&implementation.name))
            });
            workload.gate.min_speedup.retain(|name, _| taken.contains(name));
            workload.gate.min_memory_saving.retain(|name, _| taken.contains(name));
        }
        self.workloads.retain(|workload| !workload.implementations.is_empty());
        self
    }

    fn near(&self, filter: &str) -> String {
        if let Some(tag) = filter.strip_prefix("tag:") {
            let mut tags: Vec<&str> =
                self.workloads.iter().flat_map(|workload| &workload.tags).map(String::as_str).collect();
            tags.sort_unstable();
            tags.dedup();
            return match nearest(tag, tags.iter().copied()) {
                _ if tags.is_empty() => "no workload here has a tag".to_owned(),
                Some(near) => format!("did you mean `tag:{near}`?"),
                None => format!("there are the tags: {}", tags.join(", ")),
            };
        }
        let names: Vec<String> = match filter.split_once('/') {
            None => self.workloads.iter().map(|workload| workload.name.clone()).collect(),
            Some(_) => self
                .workloads
                .iter()
                .flat_map(|workload| {
                    workload.implementations.iter().map(|cell| format!("{}/{}", workload.name, cell.name))
                })
                .collect(),
        };
        match nearest(filter, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are: {}", names.join(", ")),
        }
    }
}
