//! What went wrong, in terms that every surface can tell: a kind, a stable code, a sentence, a remedy.
//! It knows no HTTP status and no exit code; the surfaces map kinds onto theirs.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};

/// The class of a fault. A surface decides by it alone how to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The request cannot be read (syntax).
    Malformed,
    /// The request was read and means something that cannot be done (semantics).
    Invalid,
    /// No valid credential.
    Unauthenticated,
    /// A valid credential whose role does not permit this.
    Forbidden,
    /// Absent, or not the caller's to know of.
    NotFound,
    /// The path is there and does not take this method.
    MethodNotAllowed,
    /// A form of answer that is not offered.
    NotAcceptable,
    /// Conflicts with the present state, or a lost lease.
    Conflict,
    /// Larger than the limit.
    TooLarge,
    /// The address is longer than what is read.
    AddressTooLong,
    /// A media type that is not taken here.
    Unsupported,
    /// The caller's own limit is used up.
    Limited,
    /// The server cannot take more work for the moment.
    Overloaded,
    /// No space is left for objects or rows.
    StorageFull,
    /// A service or worker that we depend on failed.
    Upstream,
    /// Such a service did not answer in time.
    UpstreamTimeout,
    /// Our own mistake.
    Internal,
}

/// A fault with everything a person needs to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Class, see [`FaultKind`].
    pub kind: FaultKind,
    /// Stable machine-readable code, for example `malformed_csv`.
    pub code: Cow<'static, str>,
    /// One sentence: what happened.
    pub message: String,
    /// The field of the request or the column of the file at fault.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
    /// The row of the file at fault, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub row: Option<u64>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub remedy: Option<String>,
    /// Seconds after which trying again makes sense.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retry_after: Option<NonZeroU16>,
}

impl Fault {
    /// A fault of this kind and code with one sentence.
    pub fn new(
        kind: FaultKind,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            code: code.into(),
            message: message.into(),
            field: None,
            row: None,
            remedy: None,
            retry_after: None,
        }
    }

    /// Well-formed, but cannot be done.
    pub fn invalid(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(FaultKind::Invalid, code, message)
    }

    /// Absent, or not the caller's: the answer is the same.
    pub fn not_found(what: &str, id: &str) -> Self {
        Self::new(
            FaultKind::NotFound,
            "not_found",
            format!("There is no {what} '{id}'."),
        )
    }

    /// In conflict with the present state.
    pub fn conflict(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(FaultKind::Conflict, code, message)
    }

    /// Our own mistake; the message goes to the log, not to the caller.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Internal, "internal", message)
    }

    /// Names the field at fault.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Adds after how many seconds trying again makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        let seconds = u16::try_from(seconds).unwrap_or(u16::MAX);
        self.retry_after = NonZeroU16::new(seconds.max(1));
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(remedy) = &self.remedy {
            write!(f, " {remedy}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
