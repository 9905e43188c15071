//! Progress on standard error: one living line on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::progress::Progress;

/// How often a line is worth writing where nobody sees it move.
const PLAIN_INTERVAL: Duration = Duration::from_secs(10);

/// Tells a person at the console.
pub(crate) struct Console {
    bar: Option<ProgressBar>,
    quiet: bool,
    verbose: bool,
    phase: String,
    left: Option<String>,
    last_line: Option<Instant>,
}

impl Console {
    /// A console that says nothing, something, or every step.
    pub fn new(quiet: bool, verbose: bool) -> Console {
        let living = !quiet && std::io::stderr().is_terminal();
        let bar = living.then(|| {
            let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr_with_hz(8));
            bar.set_style(style(false));
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        Console { bar, quiet, verbose, phase: String::new(), left: None, last_line: None }
    }

    /// Puts a step on the living line, with the time left where that is known.
    fn show(&self, text: &str) -> String {
        let message = match &self.left {
            Some(left) => format!("{left}: {text}"),
            None => text.to_owned(),
        };
        if let Some(bar) = &self.bar {
            bar.set_message(message.clone());
        }
        message
    }

    fn line(&mut self, text: &str) {
        if self.quiet {
            return;
        }
        match &self.bar {
            Some(bar) => bar.println(text),
            None => {
                use std::io::Write;
                // Nobody is left to tell when standard error is closed.
                let _ = writeln!(std::io::stderr(), "{text}");
            }
        }
        self.last_line = Some(Instant::now());
    }
}

fn style(measuring: bool) -> ProgressStyle {
    let template = if measuring { "{bar:24} {prefix} {wide_msg}" } else { "{spinner} {prefix} {wide_msg}" };
    // The templates are constants; the default is only there so that a typing error in one is no crash.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━━─")
}

impl Progress for Console {
    fn phase(&mut self, name: &str) {
        self.phase = name.to_owned();
        self.left = None;
        match &self.bar {
            Some(bar) => {
                bar.set_style(style(false));
                bar.set_prefix(name.to_owned());
                bar.set_message("");
            }
            None => self.line(name),
        }
    }

    fn step(&mut self, text: &str) {
        self.show(text);
        if self.verbose || self.bar.is_none() {
            self.line(&format!("  {text}"));
        }
    }

    fn item(&mut self, text: &str) {
        let message = self.show(text);
        let due = self.last_line.is_none_or(|last| last.elapsed() >= PLAIN_INTERVAL);
        if self.verbose || (self.bar.is_none() && due) {
            self.line(&format!("  {message}"));
        }
    }

    fn left(&mut self, seconds: f64, done: f64) {
        self.left = Some(format!("about {} left", human(seconds)));
        if let Some(bar) = &self.bar {
            bar.set_style(style(true));
            bar.set_position((done * 1000.0) as u64);
        }
    }

    fn note(&mut self, text: &str) {
        self.line(text);
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A duration as people say it.
pub(crate) fn human(seconds: f64) -> String {
    match seconds.round().max(0.0) as u64 {
        under @ 0..60 => format!("{under} s"),
        under @ 60..3600 => format!("{} min {:02} s", under / 60, under % 60),
        over => format!("{} h {:02} min", over / 3600, over % 3600 / 60),
    }
}

/// Columns of the terminal, or of a page where there is none.
pub(crate) fn terminal_width() -> usize {
    usize::from(console::Term::stdout().size().1).max(60)
}
