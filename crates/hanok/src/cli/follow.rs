//! Follows something that a job works on until it has ended: its events as they come, its state from
//! the resource itself, so that a lost connection costs nothing.

use std::time::Duration;

use serde_json::Value;

use super::CliError;
use super::error::Failure;
use super::interrupt::{Choice, Interrupts};
use crate::client::{Client, ClientError, Event, Events, Fault, Job, Next, parse};
use crate::terminal::{Bar, Terminal};

/// Without any event for so long the resource is looked at anyway.
const QUIET: Duration = Duration::from_secs(10);

/// What is followed.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Topic of its events, for example `run_…`.
    pub id: String,
    /// Where it is read, for example `/api/v1/runs/run_…`.
    pub path: String,
    /// What to call it when asking: `run digits`.
    pub name: String,
    /// Command with which the person comes back to it.
    pub again: String,
    /// What may be done to it from here.
    pub control: Control,
}

/// What Ctrl-C may do to what is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Nothing: it goes on.
    None,
    /// The person is asked; where nobody can be asked it goes on.
    Watched,
    /// The person is asked; where nobody can be asked it is paused, since this command began it.
    Begun,
}

/// Shows events; keeps whatever it needs between them.
pub trait View {
    /// One event.
    fn event(&mut self, event: &Event);
    /// The bar, to get it out of the way of a question.
    fn bar(&mut self) -> &mut Bar;
}

/// Follows to the end and gives the resource as it then is. Ctrl-C is answered as decided: on a
/// terminal by a question, elsewhere by pausing what this command began and leaving the rest.
pub async fn follow(
    client: &Client,
    terminal: &Terminal,
    subject: &Subject,
    view: &mut impl View,
) -> Result<Value, CliError> {
    let mut interrupts = Interrupts::listen()?;
    let mut events = Events::new(client, &[&subject.id]);
    loop {
        tokio::select! {
            ended = step(client, subject, &mut events, view) => {
                if let Some(value) = ended? {
                    return Ok(value);
                }
            }
            () = interrupts.next() => {
                view.bar().pause();
                match choose(terminal, subject, &mut interrupts).await {
                    Choice::Stay => view.bar().resume(),
                    Choice::Cancel => {
                        return stop(client, terminal, subject, &mut interrupts, &CANCEL).await;
                    }
                    Choice::Pause => {
                        return stop(client, terminal, subject, &mut interrupts, &PAUSE).await;
                    }
                    left => return Err(leave(terminal, subject, left)),
                }
            }
        }
    }
}

/// Waits for one event and shows it; gives the resource once it has ended.
async fn step(
    client: &Client,
    subject: &Subject,
    events: &mut Events,
    view: &mut impl View,
) -> Result<Option<Value>, ClientError> {
    match tokio::time::timeout(QUIET, events.next()).await {
        Ok(Ok(Next::Event(event))) if event.kind != "state" => {
            view.event(&event);
            return Ok(None);
        }
        Ok(Ok(Next::Event(event))) => view.event(&event),
        Ok(Ok(Next::Reconnected)) | Err(_) => {}
        Ok(Err(error)) => return Err(error),
    }
    let value = client.get(&subject.path).await?;
    if !parse::<Job>(&value)?.ended() {
        return Ok(None);
    }
    Ok(Some(value))
}

async fn choose(terminal: &Terminal, subject: &Subject, interrupts: &mut Interrupts) -> Choice {
    match subject.control {
        Control::None => Choice::Leave,
        _ if terminal.asks => interrupts.ask(terminal, &subject.name).await,
        Control::Watched => Choice::Leave,
        Control::Begun => Choice::Pause,
    }
}

fn leave(terminal: &Terminal, subject: &Subject, choice: Choice) -> CliError {
    let Subject { name, again, .. } = subject;
    terminal.note(format!(
        "\nDetached: {name} goes on. Come back with: {again}"
    ));
    if choice == Choice::Detach {
        CliError::Detached
    } else {
        CliError::Interrupted
    }
}

/// A way to stop what is followed.
struct Stopping {
    verb: &'static str,
    begun: &'static str,
    state: &'static str,
}

const CANCEL: Stopping = Stopping {
    verb: "cancel",
    begun: "Cancelling",
    state: "cancelled",
};
const PAUSE: Stopping = Stopping {
    verb: "pause",
    begun: "Saving and pausing",
    state: "paused",
};

/// Stops it and waits for the end, which may be another than asked for: work that was done already is
/// not undone. Ctrl-C leaves.
async fn stop(
    client: &Client,
    terminal: &Terminal,
    subject: &Subject,
    interrupts: &mut Interrupts,
    how: &Stopping,
) -> Result<Value, CliError> {
    let path = format!("{}/{}", subject.path, how.verb);
    client.post(&path, &serde_json::json!({})).await?;
    terminal.note(format!("\n{} {}.", how.begun, subject.name));
    loop {
        let value = client.get(&subject.path).await?;
        let job: Job = parse(&value)?;
        if job.state == how.state {
            terminal.note(format!("{} was {}.", subject.name, how.state));
            if how.state == "paused" {
                terminal.note(format!("Go on with: hanok run resume {}", subject.id));
            }
            return Err(CliError::Interrupted);
        }
        if job.ended() {
            return Ok(value);
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(200)) => {}
            () = interrupts.next() => return Err(CliError::Interrupted),
        }
    }
}

/// Turns a failed resource's own error into what the person sees.
pub fn failure_of(fault: Option<Fault>, what: &str) -> Failure {
    let fault = fault.unwrap_or_default();
    Failure {
        code: if fault.code.is_empty() {
            "failed".to_owned()
        } else {
            fault.code
        },
        message: if fault.message.is_empty() {
            format!("{what} failed")
        } else {
            fault.message
        },
        row: fault.row,
        remedy: fault.remedy,
        ..Failure::default()
    }
}

/// The text of a field of an event, if it has one.
pub fn text<'a>(event: &'a Event, field: &str) -> Option<&'a str> {
    event.data.get(field).and_then(Value::as_str)
}

/// The number in a field of an event, if it has one.
pub fn number(event: &Event, field: &str) -> Option<f64> {
    event.data.get(field).and_then(Value::as_f64)
}
