//! The pictures that a workload has, in the order of what they say to a decision.

use super::{Drawing, Room, amdahl, latency, memory, rounds, scaling, split, steps};
use crate::evidence::{Run, Workload};
use crate::report::{speedup, text};

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// Time by size.
    Scaling,
    /// Where a hybrid's time goes.
    Split,
    /// The factor taken apart.
    Steps,
    /// What the factor is worth to the application.
    Amdahl,
    /// Peak memory.
    Memory,
    /// Ratios by round.
    Rounds,
    /// Latency of single calls.
    Latency,
}

impl Picture {
    /// All of them.
    pub const ALL: [Picture; 7] = [
        Picture::Scaling,
        Picture::Split,
        Picture::Steps,
        Picture::Amdahl,
        Picture::Memory,
        Picture::Rounds,
        Picture::Latency,
    ];

    /// The word for it in names of files.
    pub fn as_str(self) -> &'static str {
        match self {
            Picture::Scaling => "scaling",
            Picture::Split => "split",
            Picture::Steps => "steps",
            Picture::Amdahl => "amdahl",
            Picture::Memory => "memory",
            Picture::Rounds => "rounds",
            Picture::Latency => "latency",
        }
    }

    /// What stands above it on a page.
    pub fn heading(self) -> &'static str {
        match self {
            Picture::Scaling => "Time per call by size",
            Picture::Split => "Where a hybrid’s time goes",
            Picture::Steps => "The factor, taken apart",
            Picture::Amdahl => "What it is worth to the application",
            Picture::Memory => "Peak memory of a call",
            Picture::Rounds => "Ratios by round",
            Picture::Latency => "Latency of single calls",
        }
    }

    /// The picture of a workload, at its headline size where it is of one; `None` where there is nothing to draw.
    pub fn draw(self, run: &Run, workload: &Workload, room: Room) -> Option<Drawing> {
        let size = workload.headline_size()?;
        let mut drawing = match self {
            Picture::Scaling => scaling(run, workload, room),
            Picture::Split => split(run, workload, size, room),
            Picture::Steps => steps(run, workload, size, room),
            Picture::Amdahl => amdahl(run, workload, size, room),
            Picture::Memory => memory(run, workload, size, room),
            Picture::Rounds => rounds(run, workload, size, room),
            Picture::Latency => latency(run, workload, size, room),
        }?;
        // Values over sizes each have their own.
        let size = speedup::size_label(workload, size).filter(|_| self != Picture::Scaling);
        let names: Vec<String> = std::iter::once(text::visible(&workload.name)).chain(size).collect();
        drawing.subject = names.join(", ");
        Some(drawing)
    }
}
