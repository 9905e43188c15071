//! What backticks mean in the sentences of a run.

use crate::evidence::Run;
use crate::text::{Span, spans};

/// How the sentences of a run are to be read: where a name of somebody else holds a backtick itself, nobody can tell it
/// from a mark, and every backtick stays what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    /// Backticks mark code.
    Code,
    /// They are characters.
    Literal,
}

impl Marks {
    /// Those of a run.
    pub fn of(run: &Run) -> Marks {
        let cells = || run.workloads.iter().flat_map(|workload| &workload.sizes).flat_map(|size| &size.implementations);
        let named = run.project.contains('`')
            || run.workloads.iter().any(|workload| workload.name.contains('`'))
            || cells().any(|cell| cell.name.contains('`'));
        if named { Marks::Literal } else { Marks::Code }
    }

    /// A sentence's stretches.
    pub fn spans(self, sentence: &str) -> Vec<Span<'_>> {
        match self {
            Marks::Code => spans(sentence),
            Marks::Literal => vec![Span::Prose(sentence)],
        }
    }

    /// The sentence where nothing but plain text can be shown.
    pub fn plain(self, sentence: &str) -> String {
        let stretch = |span: &Span| match span {
            Span::Prose(text) | Span::Code(text) => (*text).to_owned(),
        };
        self.spans(sentence).iter().map(stretch).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_name_with_a_backtick_makes_all_of_them_characters() {
        assert_eq!(Marks::of(&fixture::run()), Marks::Code);
        assert_eq!(Marks::of(&fixture::hostile()), Marks::Literal);
        assert_eq!(Marks::Code.plain("see `x`"), "see x");
        assert_eq!(Marks::Literal.plain("see `x`"), "see `x`");
    }
}
