//! What can go wrong between a command and its server.

use serde::Deserialize;

use crate::cli::Failure;

/// Why a call did not give an answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server said no, and why.
    #[error("{}", .failure.message)]
    Refused {
        /// HTTP status.
        status: u16,
        /// What it said, in parts.
        failure: Box<Failure>,
    },
    /// Nobody answered.
    #[error("cannot reach the server at {url}: {reason}")]
    Unreachable {
        /// Which server.
        url: String,
        /// What the network said.
        reason: String,
    },
    /// The answer is not what this version understands.
    #[error("{url} answered with something that is not Hanok's ({reason})")]
    Foreign {
        /// What was asked.
        url: String,
        /// What is odd about the answer.
        reason: String,
    },
    /// No server could be brought up.
    #[error("{message}")]
    Start {
        /// What happened.
        message: String,
        /// What to do about it.
        remedy: String,
    },
    /// A local file cannot be read.
    #[error("{message}")]
    File {
        /// Stable code.
        code: &'static str,
        /// The file.
        file: String,
        /// What is wrong with it.
        message: String,
        /// What to do about it.
        remedy: String,
    },
}

impl ClientError {
    /// Whether the server said no, rather than not answering.
    pub fn refused(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if *status < 500)
    }

    /// The parts that a person sees.
    pub fn into_failure(self) -> Failure {
        let message = self.to_string();
        match self {
            Self::Refused { failure, .. } => *failure,
            Self::Unreachable { .. } => Failure::new(message)
                .code("unreachable")
                .remedy("Check the address (--url, HANOK_URL) and that the server runs."),
            Self::Foreign { .. } => Failure::new(message)
                .code("foreign_server")
                .remedy("Check the address (--url, HANOK_URL), and that client and server are of one version."),
            Self::Start { remedy, .. } => Failure::new(message).code("start_failed").remedy(remedy),
            Self::File {
                code, file, remedy, ..
            } => Failure::new(message).code(code).file(file).remedy(remedy),
        }
    }
}

#[derive(Deserialize)]
struct Envelope {
    error: Body,
}

#[derive(Deserialize)]
struct Body {
    message: String,
    code: Option<String>,
    row: Option<u64>,
    remedy: Option<String>,
    request_id: Option<String>,
}

/// Reads the error envelope of an answer that is not a success.
pub fn refusal(url: &str, status: u16, body: &str) -> ClientError {
    let Ok(Envelope { error }) = serde_json::from_str(body) else {
        return ClientError::Foreign {
            url: url.to_owned(),
            reason: format!("status {status}"),
        };
    };
    let Body {
        mut message,
        mut remedy,
        ..
    } = error;
    // The envelope's sentence ends with the remedy; people get it on a line of its own.
    if let Some(sentence) = remedy
        .as_ref()
        .and_then(|r| message.strip_suffix(r.as_str()))
    {
        message = sentence.trim_end().to_owned();
    }
    if status == 401 {
        let flag = "Pass an API key with --key or HANOK_KEY (`hanok key create` makes one).";
        remedy = Some(flag.to_owned());
    }
    let failure = Failure {
        code: error.code.unwrap_or_else(|| "failed".to_owned()),
        message,
        row: error.row,
        remedy,
        request_id: error.request_id,
        file: None,
    };
    ClientError::Refused {
        status,
        failure: Box::new(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_becomes_its_parts() {
        let body = r#"{"error":{"message":"Row 3 has no label.","type":"invalid_request_error",
            "param":"label","code":"missing_label","row":3,"remedy":"Fill it in.","request_id":"req_1"}}"#;
        let error = refusal("http://h/x", 422, body);
        assert!(error.refused());
        let failure = error.into_failure();
        assert_eq!(failure.code, "missing_label");
        assert_eq!(failure.row, Some(3));
        assert_eq!(failure.remedy.as_deref(), Some("Fill it in."));
    }

    #[test]
    fn the_remedy_is_taken_off_the_sentence() {
        let body = r#"{"error":{"message":"There is one class. Add rows.","remedy":"Add rows."}}"#;
        let failure = refusal("u", 422, body).into_failure();
        assert_eq!(failure.text(), "There is one class.\n  Add rows.");
    }

    #[test]
    fn an_answer_of_another_program_is_named_as_such() {
        let error = refusal("http://h/x", 404, "<html>not found</html>");
        assert!(matches!(&error, ClientError::Foreign { .. }), "{error}");
    }

    #[test]
    fn a_missing_key_says_how_to_pass_one() {
        let body = r#"{"error":{"message":"Invalid credentials.","code":"unauthenticated"}}"#;
        let failure = refusal("u", 401, body).into_failure();
        assert!(failure.remedy.is_some_and(|r| r.contains("--key")));
    }
}
