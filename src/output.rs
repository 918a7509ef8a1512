//! The only writer to stdout and stderr: data goes to the one, words for people to the other.

use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::error::Error;

/// Where a command writes.
pub struct Output {
    stdout: io::Stdout,
    stderr: io::Stderr,
}

impl Output {
    /// The process's own streams.
    pub fn new() -> Self {
        Self { stdout: io::stdout(), stderr: io::stderr() }
    }

    /// Data, for people and pipes.
    pub fn data(&mut self, text: &str) -> Result<(), Error> {
        let mut stdout = self.stdout.lock();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(closed)
    }

    /// Words for people.
    pub fn say(&mut self, text: &str) {
        // Whoever closed stderr does not want to know.
        let _ = self.stderr.write_all(text.as_bytes());
    }

    /// An error with its causes and its way out.
    pub fn error(&mut self, error: &Error) {
        if matches!(error, Error::Closed) {
            return;
        }
        let mut text = format!("error: {error}\n");
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            text.push_str(&format!("caused by: {error}\n"));
            cause = error.source();
        }
        if let Some(hint) = error.hint() {
            text.push_str(&format!("hint: {hint}\n"));
        }
        self.say(&text);
    }

    /// A progress bar that is drawn on a terminal, a few times a second, and nowhere else.
    pub fn bar(&self, template: &str, length: u64) -> ProgressBar {
        if !self.stderr.is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr_with_hz(5));
        match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }

    /// Whether stderr takes colours: a terminal, and nobody said `NO_COLOR`.
    pub fn colour(&self) -> bool {
        self.stderr.is_terminal() && !refused()
    }

    /// The same for stdout.
    pub fn colourful(&self) -> bool {
        self.stdout.is_terminal() && !refused()
    }
}

fn refused() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

fn closed(error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::BrokenPipe { Error::Closed } else { Error::Output(error) }
}
