//! The aggregates: per noun a plain row, what a new one needs, and its access through a [`Tx`].

use std::time::Duration;

use crate::{StoreError, Tx};

pub mod audit;
pub mod callers;
pub mod datasets;
pub mod deployments;
pub mod evals;
pub mod events;
pub mod files;
pub mod fine_tunes;
pub mod idempotency;
pub mod identities;
pub mod invitations;
pub mod jobs;
pub mod keys;
pub mod mails;
pub mod models;
pub mod objects;
pub mod oidc_flows;
pub mod projects;
pub mod refresh_tokens;
pub mod runs;
pub mod sealed;
pub mod second_factor;
pub mod secrets;
pub mod sessions;
pub mod sign_in_failures;
pub mod survey;
pub mod usage;
pub mod users;
pub mod workers;

impl Tx {
    /// Projects and their members.
    pub fn projects(&self) -> projects::Projects<'_> {
        projects::Projects(self)
    }

    /// Accounts.
    pub fn users(&self) -> users::Users<'_> {
        users::Users(self)
    }

    /// One-time secrets.
    pub fn secrets(&self) -> secrets::Secrets<'_> {
        secrets::Secrets(self)
    }

    /// Sealed values, whatever table they are in.
    pub fn sealed(&self) -> sealed::SealedValues<'_> {
        sealed::SealedValues(self)
    }

    /// Sessions.
    pub fn sessions(&self) -> sessions::Sessions<'_> {
        sessions::Sessions(self)
    }

    /// Sign-ins that failed.
    pub fn sign_in_failures(&self) -> sign_in_failures::SignInFailures<'_> {
        sign_in_failures::SignInFailures(self)
    }

    /// Invitations to an account.
    pub fn invitations(&self) -> invitations::Invitations<'_> {
        invitations::Invitations(self)
    }

    /// Mails that are to go out.
    pub fn mails(&self) -> mails::Mails<'_> {
        mails::Mails(self)
    }

    /// Refresh tokens of sessions.
    pub fn refresh_tokens(&self) -> refresh_tokens::RefreshTokens<'_> {
        refresh_tokens::RefreshTokens(self)
    }

    /// Second factors of accounts.
    pub fn second_factor(&self) -> second_factor::SecondFactors<'_> {
        second_factor::SecondFactors(self)
    }

    /// Who accounts are at providers of identities.
    pub fn identities(&self) -> identities::Identities<'_> {
        identities::Identities(self)
    }

    /// Sign-ins that are on their way to a provider and back.
    pub fn oidc_flows(&self) -> oidc_flows::OidcFlows<'_> {
        oidc_flows::OidcFlows(self)
    }

    /// Who credentials stand for.
    pub fn callers(&self) -> callers::Callers<'_> {
        callers::Callers(self)
    }

    /// API keys.
    pub fn keys(&self) -> keys::Keys<'_> {
        keys::Keys(self)
    }

    /// References to objects.
    pub fn objects(&self) -> objects::Objects<'_> {
        objects::Objects(self)
    }

    /// Data sets and their versions.
    pub fn datasets(&self) -> datasets::Datasets<'_> {
        datasets::Datasets(self)
    }

    /// Uploaded files.
    pub fn files(&self) -> files::Files<'_> {
        files::Files(self)
    }

    /// Fine-tuning jobs of the OpenAI surface.
    pub fn fine_tunes(&self) -> fine_tunes::FineTunes<'_> {
        fine_tunes::FineTunes(self)
    }

    /// Training runs.
    pub fn runs(&self) -> runs::Runs<'_> {
        runs::Runs(self)
    }

    /// Models.
    pub fn models(&self) -> models::Models<'_> {
        models::Models(self)
    }

    /// Evaluations.
    pub fn evals(&self) -> evals::Evals<'_> {
        evals::Evals(self)
    }

    /// Deployments.
    pub fn deployments(&self) -> deployments::Deployments<'_> {
        deployments::Deployments(self)
    }

    /// What was served.
    pub fn usage(&self) -> usage::UsageRows<'_> {
        usage::UsageRows(self)
    }

    /// Answers kept for repeated requests.
    pub fn idempotency(&self) -> idempotency::Idempotency<'_> {
        idempotency::Idempotency(self)
    }

    /// Events, by topic.
    pub fn events(&self) -> events::Events<'_> {
        events::Events(self)
    }

    /// Workers.
    pub fn workers(&self) -> workers::Workers<'_> {
        workers::Workers(self)
    }

    /// Every row of a project, for those who check the whole.
    pub fn survey(&self) -> survey::Survey<'_> {
        survey::Survey(self)
    }

    /// Who did what.
    pub fn audit(&self) -> audit::Audit<'_> {
        audit::Audit(self)
    }

    /// Jobs, as rows; the queue's rules are in `hanok-jobs`.
    pub fn jobs(&self) -> jobs::Jobs<'_> {
        jobs::Jobs(self)
    }
}

/// Why something ended badly, as stored with it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RowError {
    /// Stable code, for example `malformed_csv`.
    pub code: String,
    /// One sentence.
    pub message: String,
}

impl RowError {
    fn read(code: Option<String>, message: Option<String>) -> Option<Self> {
        code.map(|code| Self {
            code,
            message: message.unwrap_or_default(),
        })
    }
}

/// The topic that tells of the end of an account's credentials: whoever holds a stream open looks again.
pub fn account_topic(user: &str) -> String {
    format!("account:{user}")
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// An update by id touched its row, or there is none.
fn one(affected: u64, what: &'static str, id: &str) -> Result<(), StoreError> {
    if affected == 0 {
        return Err(absent(what, id));
    }
    Ok(())
}

fn absent(what: &'static str, id: &str) -> StoreError {
    StoreError::Absent {
        what,
        id: id.to_owned(),
    }
}

fn refused(what: &'static str, from: &str, to: &str) -> StoreError {
    StoreError::Move {
        what,
        from: from.to_owned(),
        to: to.to_owned(),
    }
}

/// An update that also names the state it was decided on found it so.
fn unraced(affected: u64, what: &'static str, id: &str) -> Result<(), StoreError> {
    if affected == 0 {
        return Err(StoreError::Conflict(format!(
            "the {what} '{id}' changed meanwhile"
        )));
    }
    Ok(())
}
