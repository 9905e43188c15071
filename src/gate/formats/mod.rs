//! A gate's document in every form that people and continuous integration read. Each is a pure function; what they say
//! alike is in the module `page`, so that no format claims more than another.

mod bencher;
mod benchmark_action;
#[cfg(test)]
pub(super) mod fixture;
mod github;
mod json;
mod junit;
mod markdown;
mod numbers;
mod page;
#[cfg(test)]
mod tests;
mod text;

pub use markdown::markdown;

use super::document::Gate;

/// A form of a gate's document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a terminal.
    Text,
    /// For a step summary or a comment on a pull request.
    Markdown,
    /// Workflow commands of GitHub: annotations at the manifest's lines.
    Github,
    /// The document itself.
    Json,
    /// Test results, as most services read them.
    Junit,
    /// Bencher Metric Format.
    Bencher,
    /// `customSmallerIsBetter` of github-action-benchmark.
    #[value(name = "github-action-benchmark")]
    BenchmarkAction,
}

/// The document in a format, as it goes to standard output: with a line end, and nothing else beside it. `width` and
/// `colour` are the terminal's, and change [`Format::Text`] alone.
pub fn render(gate: &Gate, format: Format, width: usize, colour: bool) -> String {
    match format {
        Format::Text => text::text(gate, width, colour),
        Format::Markdown => markdown(gate),
        Format::Github => github::github(gate),
        Format::Json => json::json(gate),
        Format::Junit => junit::junit(gate),
        Format::Bencher => bencher::bencher(gate),
        Format::BenchmarkAction => benchmark_action::benchmark_action(gate),
    }
}
