//! `run --dry-run`: what would be measured, and how long that might take.

use super::console::human;
use crate::evidence::Plan;
use crate::manifest::Project;
use crate::runner::Pace;

/// Start-up, imports, input and digest of a launch, seconds: a guess, as nothing has been launched.
const OVERHEAD_S: f64 = 0.35;

/// The cells and the estimated time, as text.
pub(super) fn text(project: &Project, plan: &Plan) -> String {
    let pace = Pace::of(plan.effort);
    let launch = pace.warm_up.as_secs_f64() + pace.measure.as_secs_f64() + OVERHEAD_S;
    let (mut text, mut cells, mut least, mut most) = (String::new(), 0, 0.0, 0.0);
    for workload in &project.workloads {
        let implementations = workload.implementations.len();
        let sizes: Vec<String> = workload.sizes.iter().map(u64::to_string).collect();
        text += &format!("{}: {implementations} implementations at {}\n", workload.name, sizes.join(", "));
        for size in &workload.sizes {
            let in_full = plan.indicative_rounds.is_none() || project.needs_in_full(workload, *size);
            let (low, high) = match plan.indicative_rounds {
                Some(rounds) if !in_full => (rounds, rounds),
                _ => (plan.min_rounds, plan.max_rounds),
            };
            cells += implementations;
            least += f64::from(low) * implementations as f64 * launch;
            most += f64::from(high) * implementations as f64 * launch;
        }
    }
    let bounded = plan.time_budget_s.map_or(most, |budget| most.min(budget));
    text += &format!("{cells} cells, each launched in {} to {} rounds; ", plan.min_rounds, plan.max_rounds);
    text += &format!("measuring takes about {} to {}\n", human(least.min(bounded)), human(bounded));
    text + "besides, there are builds, the environment and the checks\n"
}
