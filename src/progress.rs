//! What the tool tells a person while it works; who listens decides how it looks.

/// A listener to the tool's progress.
pub trait Progress {
    /// A phase of the run begins, such as "building".
    fn phase(&mut self, name: &str);

    /// The current step within the phase.
    fn step(&mut self, text: &str);

    /// One of many small things within the phase, not worth a line of its own.
    fn item(&mut self, text: &str);

    /// How many seconds are left, as far as can be told, and the share already done, 0 to 1.
    fn left(&mut self, seconds: f64, done: f64);

    /// Something worth keeping on the screen.
    fn note(&mut self, text: &str);
}

/// Tells nobody.
#[derive(Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn phase(&mut self, _name: &str) {}
    fn step(&mut self, _text: &str) {}
    fn item(&mut self, _text: &str) {}
    fn left(&mut self, _seconds: f64, _done: f64) {}
    fn note(&mut self, _text: &str) {}
}
