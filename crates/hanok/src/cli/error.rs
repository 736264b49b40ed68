//! How a command can fail, and what the person sees of it: a sentence, the file and row at fault,
//! the remedy, and the exit code (1 failed, 2 usage, 130 interrupted).

use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::client::ClientError;
use crate::terminal;

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The command line or a setting makes no sense.
    #[error("{0}")]
    Usage(String),
    /// It was tried and did not work.
    #[error("{}", .0.text())]
    Failed(Box<Failure>),
    /// The person chose to leave while the work goes on; what they were told is already printed.
    #[error("detached")]
    Detached,
    /// A check found something; its report is already printed.
    #[error("something was found")]
    Found,
    /// The person stopped it; what they were told is already printed.
    #[error("interrupted")]
    Interrupted,
}

/// What went wrong, in the parts that a person needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failure {
    /// Stable code, for scripts.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// The file at fault.
    pub file: Option<String>,
    /// Its row, counted from 1.
    pub row: Option<u64>,
    /// What to do about it.
    pub remedy: Option<String>,
    /// The number under which the server's log has the request.
    pub request_id: Option<String>,
}

impl Failure {
    /// A failure of one sentence.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            code: "failed".to_owned(),
            message: message.into(),
            ..Self::default()
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Names the file at fault.
    #[must_use]
    pub fn file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Sets the code.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = code.into();
        self
    }

    /// The lines a person reads.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if let Some(file) = self.file.as_ref().filter(|f| !self.message.contains(*f)) {
            let _ = write!(text, "{file}: ");
        }
        text.push_str(&self.message);
        if let Some(row) = self.row
            && !self.message.contains(&format!("row {row}"))
            && !self.message.contains(&format!("Row {row}"))
        {
            let _ = write!(text, " (row {row})");
        }
        // The envelope's message ends with the remedy; a row's does not.
        if let Some(remedy) = self.remedy.as_ref().filter(|r| !self.message.contains(*r)) {
            let _ = write!(text, "\n  {remedy}");
        }
        if self.code == "internal"
            && let Some(id) = &self.request_id
        {
            let _ = write!(text, "\n  request {id}");
        }
        text
    }

    fn json(&self) -> Value {
        json!({ "error": {
            "code": self.code,
            "message": self.message,
            "file": self.file,
            "row": self.row,
            "remedy": self.remedy,
            "request_id": self.request_id,
        }})
    }
}

impl CliError {
    /// A mistake in how the command was called.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// A failure of one sentence.
    pub fn failed(message: impl Into<String>) -> Self {
        Failure::new(message).into()
    }
}

impl From<Failure> for CliError {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

impl From<ClientError> for CliError {
    fn from(error: ClientError) -> Self {
        error.into_failure().into()
    }
}

/// Says what went wrong and picks the exit code.
pub fn exit(outcome: Result<(), CliError>) -> ExitCode {
    let Err(error) = outcome else {
        return ExitCode::SUCCESS;
    };
    match &error {
        CliError::Detached => return ExitCode::SUCCESS,
        CliError::Interrupted => return ExitCode::from(130),
        CliError::Found => return ExitCode::FAILURE,
        CliError::Usage(message) => terminal::print_error(message),
        CliError::Failed(failure) => {
            terminal::print_error(&failure.text());
            if terminal::json_wanted() {
                terminal::print_document(&failure.json());
            }
        }
    }
    match error {
        CliError::Usage(_) => ExitCode::from(2),
        _ => ExitCode::FAILURE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_file_row_and_remedy_once() {
        let failure = Failure {
            code: "malformed_csv".into(),
            message: "A quote is never closed.".into(),
            file: Some("a.csv".into()),
            row: Some(7),
            remedy: Some("Close it, or pass --quoting none.".into()),
            request_id: None,
        };
        assert_eq!(
            failure.text(),
            "a.csv: A quote is never closed. (row 7)\n  Close it, or pass --quoting none."
        );
    }

    #[test]
    fn what_the_message_says_already_is_not_said_twice() {
        let failure = Failure {
            code: "one_class".into(),
            message: "a.csv has one class. Add rows of another.".into(),
            file: Some("a.csv".into()),
            remedy: Some("Add rows of another.".into()),
            ..Failure::default()
        };
        assert_eq!(failure.text(), "a.csv has one class. Add rows of another.");
    }
}
