//! Ctrl-C while something is followed: on a terminal the person is asked what to do with it. It sends
//! nothing to the server itself.

use std::io::Write;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::CliError;
use crate::terminal::Terminal;

/// What to do with the work that is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Leave it alone and leave.
    Detach,
    /// Have it save where it is and stop.
    Pause,
    /// Have it cancelled.
    Cancel,
    /// Go on watching.
    Stay,
    /// A second Ctrl-C: leave at once.
    Leave,
}

/// Listens for Ctrl-C from when it is made.
pub struct Interrupts(Signal);

impl Interrupts {
    /// Starts to listen; from here on Ctrl-C no longer ends the process by itself.
    pub fn listen() -> Result<Self, CliError> {
        signal(SignalKind::interrupt())
            .map(Self)
            .map_err(|error| CliError::failed(format!("cannot listen for Ctrl-C: {error}")))
    }

    /// Waits for a Ctrl-C.
    pub async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Asks what to do; a second Ctrl-C answers as well, and so does the end of the input.
    pub async fn ask(&mut self, terminal: &Terminal, what: &str) -> Choice {
        let mut err = std::io::stderr();
        let _ = write!(
            err,
            "\n{} goes on unless you stop it. [d]etach, [p]ause, [c]ancel, or Enter to keep watching: ",
            terminal.paint.bold(what)
        );
        let _ = err.flush();
        let (send, answer) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = std::io::stdin().read_line(&mut line).unwrap_or(0);
            let _ = send.send((read > 0).then_some(line));
        });
        tokio::select! {
            line = answer => match line {
                Ok(Some(line)) => choice_of(&line),
                _ => Choice::Detach,
            },
            () = self.next() => Choice::Leave,
        }
    }
}

fn choice_of(line: &str) -> Choice {
    match line.trim().to_lowercase().chars().next() {
        Some('c') => Choice::Cancel,
        Some('p') => Choice::Pause,
        Some('d') => Choice::Detach,
        _ => Choice::Stay,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_answer_stops_it() {
        for (line, choice) in [
            ("c\n", Choice::Cancel),
            (" Cancel \n", Choice::Cancel),
            ("d\n", Choice::Detach),
            ("p\n", Choice::Pause),
            ("\n", Choice::Stay),
            ("what?\n", Choice::Stay),
        ] {
            assert_eq!(choice_of(line), choice, "{line:?}");
        }
    }
}
