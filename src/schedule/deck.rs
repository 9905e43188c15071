//! The cases of a workload that are drawn: those that its input callable makes, then those from its types.

use std::path::Path;

use rustworthy_worker::Value;

use super::Interrupted;
use super::cells::{Prepared, case_drawer, types_drawn};
use super::hunt::{Hunt, arguments_of, in_words};
use crate::launch::Refusal;
use crate::manifest;
use crate::prepare::{CasePlan, Drawer, NoCase, plan_cases};
use crate::runner::CaseInput;

/// The cases of a workload, made one at a time: those of the input callable first, then those drawn from types.
pub(super) struct Deck {
    plans: Vec<CasePlan>,
    drawer: Option<Drawer>,
    typed: Vec<Value>,
    /// The first that is drawn from types.
    pub first_typed: usize,
    seed: u64,
    /// What a person should know of it, a sentence each.
    pub notes: Vec<String>,
    /// Why the input callable makes no more cases.
    unmade: Option<String>,
}

impl Deck {
    /// The cases that are asked for, as far as they can be had.
    ///
    /// # Errors
    /// When interrupted.
    pub fn new(
        prepared: &Prepared,
        workload: &manifest::Workload,
        count: u64,
        folder: &Path,
    ) -> Result<Deck, Interrupted> {
        // Where types are drawn from too, each gets its half.
        let from_types = if workload.cases != manifest::Cases::Types {
            0
        } else if workload.input.is_some() {
            count / 2
        } else {
            count
        };
        let mut notes = Vec::new();
        let mut typed = Vec::new();
        if from_types > 0 {
            match types_drawn(prepared, workload, from_types, folder).map_err(in_words) {
                Ok(drawn) => (typed, notes) = (drawn.arguments, drawn.refused),
                Err(words) => notes.push(format!("nothing is drawn from its types: {}", words?)),
            }
            if (typed.len() as u64) < from_types && !typed.is_empty() {
                notes.push(format!("its types have {} different arguments, not {from_types}", typed.len()));
            }
        }
        let drawer = case_drawer(prepared, workload, folder);
        let rest = count - (typed.len() as u64).min(count);
        let by_callable = if drawer.is_some() { rest } else { 0 };
        if !takes_arguments(workload) {
            notes.push("it takes no arguments, so that there are no cases to draw".to_owned());
        }
        let plans = plan_cases(&workload.name, &workload.sizes, by_callable, prepared.seed);
        Ok(Deck { first_typed: plans.len(), plans, drawer, typed, seed: prepared.seed, notes, unmade: None })
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.plans.len() + self.typed.len()
    }

    /// Writes the input of a case where a call can read it.
    ///
    /// # Errors
    /// When there is no such case, or it cannot be written.
    pub fn input(&mut self, index: usize, hunt: &Hunt) -> Result<CaseInput, NoCase> {
        if let Some(arguments) = index.checked_sub(self.first_typed).and_then(|index| self.typed.get(index)) {
            return hunt.write(arguments, 1, self.seed).map_err(NoCase::Refused);
        }
        self.made(index, "drawn")
    }

    fn made(&mut self, index: usize, name: &str) -> Result<CaseInput, NoCase> {
        let (Some(plan), Some(drawer)) = (self.plans.get(index).copied(), &mut self.drawer) else {
            let why = self.unmade.clone().unwrap_or_else(|| "there is no such case".to_owned());
            return Err(NoCase::NotMade(why));
        };
        let source = match drawer.make(plan, name) {
            Ok(source) => source,
            // Whoever makes inputs and does not get ready would not the next time either.
            Err(NoCase::Refused(Refusal::Failed(failure))) => {
                self.drawer = None;
                self.unmade = Some(failure.message.clone());
                return Err(NoCase::NotMade(failure.message));
            }
            Err(no_case) => return Err(no_case),
        };
        Ok(CaseInput { size: plan.size, seed: plan.seed, source: Some(source) })
    }

    /// The arguments of a case, made again.
    pub fn arguments(&mut self, index: usize) -> Option<Value> {
        if let Some(arguments) = index.checked_sub(self.first_typed).and_then(|index| self.typed.get(index)) {
            return Some(arguments.clone());
        }
        arguments_of(&self.made(index, "earlier").ok()?)
    }
}

/// Whether there is anything to draw.
pub(super) fn takes_arguments(workload: &manifest::Workload) -> bool {
    workload.input.is_some() || workload.cases == manifest::Cases::Types
}
