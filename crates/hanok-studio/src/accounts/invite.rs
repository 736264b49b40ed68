//! Invitations: an administrator says who may make an account, as what, and in which project.

use hanok_domain::fault::Fault;
use hanok_domain::role::MemberRole;
use hanok_store::Tx;
use hanok_store::rows::invitations::{Invitation, NewInvitation};
use serde::{Deserialize, Serialize};

use super::settings::Registration;
use super::{INVITATION_LIFETIME, LINK_PREFIX, fresh, manage, names};
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::mail::{self, MailKind};
use crate::studio::Studio;
use crate::time::rfc3339;
use crate::{Listed, PageRequest};

/// An invitation to make.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewInvite {
    /// For whom; anybody with the link without it.
    pub email: Option<String>,
    /// `user` or `admin`.
    pub role: Option<String>,
    /// A project that it opens.
    pub project: Option<String>,
    /// `owner`, `editor` or `viewer` of it.
    pub project_role: Option<String>,
    /// Language of the mail: `en` or `ko`.
    pub language: Option<String>,
}

/// An invitation as shown.
#[derive(Debug, Clone, Serialize)]
pub struct InvitationView {
    /// `inv_…`.
    pub id: String,
    /// Always `invitation`.
    pub object: String,
    /// For whom.
    pub email: Option<String>,
    /// What the account will be.
    pub role: String,
    /// The project that it opens.
    pub project: Option<String>,
    /// As what.
    pub project_role: Option<String>,
    /// `open`, `used`, `revoked` or `expired`.
    pub state: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub expires_at: String,
    /// The account that it made.
    pub used_by: Option<String>,
}

impl Studio {
    /// Makes an invitation. Its token is mailed where there is an address and mail goes out; else it is
    /// returned, this once.
    ///
    /// # Errors
    /// 409 where registration is closed, or the address has an account.
    pub async fn invite(
        &self,
        caller: &Caller,
        new: &NewInvite,
    ) -> Result<(InvitationView, Option<String>), Fault> {
        if self.account_settings().registration == Registration::Closed {
            let text = "Registration is closed, also for those with an invitation.";
            return Err(Fault::conflict("registration_closed", text)
                .remedy("Set REGISTRATION=invite, or make the account yourself."));
        }
        let email = address(new)?;
        let (token, hash) = fresh(LINK_PREFIX)?;
        let row = &NewInvitation {
            hash,
            email,
            role: manage::role(new.role.as_deref().unwrap_or("user"))?,
            project: project(new)?,
            created_by: caller.user_id.clone(),
            lifetime: INVITATION_LIFETIME,
        };
        let mailed = row
            .email
            .as_deref()
            .filter(|_| self.account_settings().mail.is_some());
        let language = mail::language(new.language.as_deref());
        let (made, now) = self
            .store()
            .write(|tx| async move {
                possible(&tx, row).await?;
                let made = tx.invitations().insert(row).await?;
                if let Some(email) = mailed {
                    mail::queue(&tx, MailKind::Invitation, email, Some(&made.id), language).await?;
                }
                let deed = Deed::done("invitation.create", "invitation", &made.id);
                record(&tx, caller, deed).await?;
                Ok::<_, Fault>((made, tx.now().await?))
            })
            .await?;
        Ok((view(made, now), mailed.is_none().then_some(token)))
    }

    /// Invitations, newest first.
    pub async fn invitations(&self, page: PageRequest) -> Result<Listed<InvitationView>, Fault> {
        let rows = &page.rows();
        let (found, now) = self
            .store()
            .read(|tx| async move {
                let found = tx.invitations().list(rows).await?;
                Ok::<_, Fault>((found, tx.now().await?))
            })
            .await?;
        Ok(page.listed(found, |row| &row.id, |row| view(row, now)))
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// 404 for one that is not open.
    pub async fn revoke_invitation(&self, caller: &Caller, id: &str) -> Result<(), Fault> {
        self.store()
            .write(|tx| async move {
                if !tx.invitations().revoke(id).await? {
                    return Err(Fault::not_found("open invitation", id));
                }
                Ok(record(
                    &tx,
                    caller,
                    Deed::done("invitation.revoke", "invitation", id),
                )
                .await?)
            })
            .await
    }
}

fn address(new: &NewInvite) -> Result<Option<String>, Fault> {
    let given = new.email.as_deref();
    let given = given.filter(|email| !email.trim().is_empty());
    given.map(names::email).transpose()
}

/// Nobody is invited who has an account, nor into a project that is not there.
async fn possible(tx: &Tx, new: &NewInvitation) -> Result<(), Fault> {
    if let Some(email) = &new.email
        && tx.users().by_email(email).await?.is_some()
    {
        return Err(manage::taken("email"));
    }
    if let Some((id, _)) = &new.project
        && tx.projects().get(id).await?.is_none()
    {
        let text = "There is no such project.";
        return Err(Fault::invalid("unknown_project", text).field("project"));
    }
    Ok(())
}

fn project(new: &NewInvite) -> Result<Option<(String, MemberRole)>, Fault> {
    let Some(project) = new.project.as_deref().filter(|id| !id.trim().is_empty()) else {
        return Ok(None);
    };
    let role = MemberRole::parse(new.project_role.as_deref().unwrap_or("viewer"));
    if let MemberRole::Unknown(_) = role {
        let text = "A role in a project is owner, editor or viewer.";
        return Err(Fault::invalid("invalid_role", text).field("project_role"));
    }
    Ok(Some((project.trim().to_owned(), role)))
}

fn view(row: Invitation, now: i64) -> InvitationView {
    let state = match (row.used_at, row.revoked_at) {
        (Some(_), _) => "used",
        (None, Some(_)) => "revoked",
        (None, None) if row.expires_at <= now => "expired",
        (None, None) => "open",
    };
    let (project, project_role) = row.project.unzip();
    InvitationView {
        id: row.id,
        object: "invitation".to_owned(),
        email: row.email,
        role: row.role.as_str().to_owned(),
        project,
        project_role: project_role.map(|role| role.as_str().to_owned()),
        state: state.to_owned(),
        created_at: rfc3339(row.created_at),
        expires_at: rfc3339(row.expires_at),
        used_by: row.used_by,
    }
}
