//! Mail: what is to go out is a row, written in the transaction of what it is about; the server sends it, and
//! tries again, so that no request waits for a mail server and no mail is lost with the process.

mod deliver;
mod letter;
mod sender;

use std::path::PathBuf;
use std::time::Duration;

use hanok_domain::fault::Fault;
use hanok_store::Tx;
use hanok_store::rows::mails::NewMail;

pub use sender::Sender;

/// How mail goes out.
#[derive(Clone)]
pub struct MailSettings {
    /// `smtp://` or `smtps://`, with name and password if the server wants them.
    pub url: String,
    /// Who it is from.
    pub from: String,
    /// Authority of the server's certificate.
    pub ca_file: Option<PathBuf>,
}

impl std::fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailSettings")
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// Which mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailKind {
    /// Verify the address of a new account.
    Verify,
    /// Somebody tried to register an address that has an account.
    Known,
    /// The name that was wished for is taken.
    NameTaken,
    /// Set a new password.
    Reset,
    /// An administrator approved the account.
    Approved,
    /// Make an account.
    Invitation,
}

impl MailKind {
    const ALL: [Self; 6] = [
        Self::Verify,
        Self::Known,
        Self::NameTaken,
        Self::Reset,
        Self::Approved,
        Self::Invitation,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Known => "known",
            Self::NameTaken => "name_taken",
            Self::Reset => "reset",
            Self::Approved => "approved",
            Self::Invitation => "invitation",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One address gets one mail of a kind within this time, whoever asks for it.
const PAUSE: Duration = Duration::from_secs(60);

/// Adds a mail to the transaction. `subject` is what it is about: the id of an account or invitation, a name.
pub(crate) async fn queue(
    tx: &Tx,
    kind: MailKind,
    recipient: &str,
    subject: Option<&str>,
    language: &str,
) -> Result<(), Fault> {
    let new = NewMail {
        kind: kind.as_str().to_owned(),
        recipient: recipient.to_owned(),
        subject_id: subject.map(str::to_owned),
        language: language.to_owned(),
    };
    Ok(tx.mails().insert(&new, PAUSE).await?)
}

/// A language that mails are written in.
pub(crate) fn language(given: Option<&str>) -> &'static str {
    match given {
        Some(text) if text.starts_with("ko") => "ko",
        _ => "en",
    }
}

pub(crate) fn not_set_up() -> Fault {
    Fault::conflict("mail_not_set_up", "This installation sends no mail.")
        .remedy("An administrator can make a link: hanok user reset NAME.")
}
