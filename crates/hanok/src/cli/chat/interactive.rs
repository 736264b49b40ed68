//! The conversation on a terminal: a line is a question, a line with `/` a command. Ctrl-C ends the answer
//! that is being written; pressed when nothing is, it ends the program the second time.

use std::io::Write;

use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::{Chat, Conversation, document};
use crate::cli::interrupt::Interrupts;
use crate::cli::written::Written;
use crate::cli::{CliError, Failure};

const HELP: &str = "/system TEXT  tell the model something before the conversation\n\
                    /reset        begin a new conversation\n\
                    /exit         leave (or Ctrl-D)";

/// What a line means.
#[derive(Debug, PartialEq, Eq)]
enum Line<'a> {
    Nothing,
    Ask(&'a str),
    System(&'a str),
    Reset,
    Help,
    Exit,
    Unknown(&'a str),
}

impl<'a> Line<'a> {
    fn of(text: &'a str) -> Self {
        let text = text.trim();
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        match word {
            "" => Self::Nothing,
            "/system" => Self::System(rest.trim()),
            "/reset" => Self::Reset,
            "/help" | "/?" => Self::Help,
            "/exit" | "/quit" => Self::Exit,
            _ if word.starts_with('/') => Self::Unknown(word),
            _ => Self::Ask(text),
        }
    }
}

/// Talks until the person leaves.
pub async fn run(chat: &Chat<'_>, conversation: &mut Conversation) -> Result<(), CliError> {
    let terminal = chat.terminal;
    let title = format!(
        "{}  /help lists commands, Ctrl-C ends an answer",
        chat.model
    );
    terminal.note(terminal.paint.dim(&title));
    let mut interrupts = Interrupts::listen()?;
    let (next, mut lines) = keyboard();
    let mut pressed = false;
    loop {
        prompt(chat);
        // Nobody reads ahead: what is typed during an answer stays with the terminal.
        if next.send(()).await.is_err() {
            return Ok(());
        }
        let line = loop {
            tokio::select! {
                line = lines.recv() => break line,
                () = interrupts.next() => {
                    if std::mem::replace(&mut pressed, true) {
                        terminal.note("");
                        return Err(CliError::Interrupted);
                    }
                    terminal.note("\nPress Ctrl-C again or type /exit to leave.");
                    prompt(chat);
                }
            }
        };
        let Some(line) = line else {
            terminal.note("");
            return Ok(());
        };
        pressed = false;
        match Line::of(&line) {
            Line::Ask(text) => {
                conversation.ask(text.to_owned());
                pressed = answer(chat, conversation, &mut interrupts).await;
            }
            Line::Exit => return Ok(()),
            other => obey(chat, conversation, &other),
        }
    }
}

fn obey(chat: &Chat<'_>, conversation: &mut Conversation, line: &Line<'_>) {
    let note = |text: &str| chat.terminal.note(chat.terminal.paint.dim(text));
    match line {
        Line::System("") => {
            conversation.tell("");
            note("The model is told nothing before the conversation.");
        }
        Line::System(text) => {
            conversation.tell(text);
            note("The model is told that from the next answer on.");
        }
        Line::Reset => {
            conversation.reset();
            note("A new conversation.");
        }
        Line::Unknown(word) => note(&format!("There is no {word}.\n{HELP}")),
        Line::Help => note(HELP),
        Line::Nothing | Line::Ask(_) | Line::Exit => {}
    }
}

/// Has a question answered; true if the person ended the answer.
async fn answer(
    chat: &Chat<'_>,
    conversation: &mut Conversation,
    interrupts: &mut Interrupts,
) -> bool {
    let mut written = Written::default();
    let ended = tokio::select! {
        outcome = chat.answer(conversation, &mut written) => Some(outcome),
        () = interrupts.next() => None,
    };
    let terminal = chat.terminal;
    if !written.text.is_empty() {
        written.end_line(terminal);
    }
    match &ended {
        None => terminal.note(terminal.paint.dim("(ended)")),
        Some(Err(error)) => terminal.note(terminal.paint.bad(&told(error))),
        Some(Ok(())) => {
            if let Some(figures) = written.figures() {
                terminal.note(terminal.paint.dim(&figures));
            }
        }
    }
    if written.text.is_empty() {
        conversation.take_back();
    } else {
        conversation.answered(&written.text);
        terminal.emit(&document(&written));
    }
    ended.is_none()
}

fn told(error: &CliError) -> String {
    match error {
        CliError::Failed(failure) => Failure::text(failure),
        other => other.to_string(),
    }
}

fn prompt(chat: &Chat<'_>) {
    let mut err = std::io::stderr();
    let _ = write!(err, "{} ", chat.terminal.paint.bold(">"));
    let _ = err.flush();
}

/// Reads a line from standard input for every word sent; ends with the input.
fn keyboard() -> (Sender<()>, Receiver<String>) {
    let (next, mut asked) = channel::<()>(1);
    let (send, lines) = channel(1);
    std::thread::spawn(move || {
        while asked.blocking_recv().is_some() {
            let mut line = String::new();
            match std::io::stdin().read_line(&mut line) {
                Ok(1..) if send.blocking_send(line).is_ok() => {}
                _ => return,
            }
        }
    });
    (next, lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_question_unless_it_begins_with_a_slash() {
        for (text, line) in [
            ("  \n", Line::Nothing),
            (" What is 1/2? \n", Line::Ask("What is 1/2?")),
            ("/system  be brief\n", Line::System("be brief")),
            ("/system\n", Line::System("")),
            ("/reset\n", Line::Reset),
            ("/quit\n", Line::Exit),
            ("/resett now\n", Line::Unknown("/resett")),
        ] {
            assert_eq!(Line::of(text), line, "{text:?}");
        }
    }
}
