//! Errors of the manifest: what is wrong, in which file, the line itself, and the mend.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use thiserror::Error;

/// Why there is no project.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// No manifest in the folder or above it.
    #[error("no rustworthy.toml here: `rustworthy init` writes one\n  looked in {} and above; `--project DIR` names another folder", .0.display())]
    NotFound(PathBuf),
    /// It is there and cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It says something that cannot be.
    #[error("{0}")]
    Invalid(Box<Fault>),
}

/// One fault with its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// Byte range of the faulty part.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub mend: Option<String>,
}

impl Fault {
    /// The line of the fault, from 1.
    pub fn line(&self) -> usize {
        self.text.as_bytes()[..self.span.start.min(self.text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let span = clamp(&self.text, &self.span);
        let path = self.path.display().to_string();
        let snippet = Snippet::source(&self.text).path(&path).annotation(AnnotationKind::Primary.span(span));
        let title = Level::ERROR.no_name().primary_title(&self.message).element(snippet);
        let report = match &self.mend {
            Some(mend) => vec![title.element(Level::HELP.message(mend))],
            None => vec![title],
        };
        formatter.write_str(&Renderer::plain().render(&report))
    }
}

/// A span that the renderer accepts: within the text and on character boundaries.
fn clamp(text: &str, span: &Range<usize>) -> Range<usize> {
    let floor = |mut index: usize| {
        index = index.min(text.len());
        while !text.is_char_boundary(index) {
            index -= 1;
        }
        index
    };
    let start = floor(span.start);
    start..floor(span.end).max(start)
}

/// The faults of one file, as they are found.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub path: &'a Path,
    pub text: &'a str,
}

impl Source<'_> {
    pub fn fault(&self, span: Range<usize>, message: impl Into<String>, mend: impl Into<String>) -> ManifestError {
        let mend = Some(mend.into()).filter(|mend| !mend.is_empty());
        ManifestError::Invalid(Box::new(Fault {
            path: self.path.to_owned(),
            text: self.text.to_owned(),
            span,
            message: message.into(),
            mend,
        }))
    }
}
