//! Registration: somebody asks for an account, with an invitation or without. Without one the answer is the
//! same whether name and address are free or not; what is so is told by mail, to whoever reads it.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::role::UserRole;
use hanok_store::rows::invitations::Invitation;
use hanok_store::rows::projects::Member;
use hanok_store::rows::users::{NewUser, UserChange};
use hanok_store::{Redacted, Tx};
use serde::Deserialize;

use super::settings::Registration;
use super::{make, names, password};
use crate::access::Origin;
use crate::audit::{Deed, record_unsigned};
use crate::mail::{self, MailKind};
use crate::secret;
use crate::studio::Studio;

/// Who wants an account.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// Name to sign in with.
    pub name: String,
    /// Address; that of the invitation where it names one.
    #[serde(default)]
    pub email: Option<String>,
    /// Password.
    pub password: String,
    /// Token of an invitation.
    #[serde(default)]
    pub invitation: Option<String>,
    /// Language of mails: `en` or `ko`.
    #[serde(default)]
    pub language: Option<String>,
}

impl std::fmt::Debug for Register {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Register")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Studio {
    /// Registers somebody; true if they can sign in now, false if a mail tells how to go on.
    ///
    /// # Errors
    /// 403 where nobody may; 422 for a name, address or password that is not taken from anybody; with an
    /// invitation also 409 for a name that is taken.
    pub async fn register(&self, new: &Register, origin: &Origin) -> Result<bool, Fault> {
        let mode = self.account_settings().registration;
        let token = new.invitation.as_deref().filter(|token| !token.is_empty());
        match token {
            Some(token) if mode != Registration::Closed => self.accept(new, token, origin).await,
            None if mode.is_public() => self.ask(new, origin).await,
            _ => Err(closed()),
        }
    }

    async fn ask(&self, new: &Register, origin: &Origin) -> Result<bool, Fault> {
        let (name, email) = (
            &names::name(&new.name)?,
            &names::email(new.email.as_deref().unwrap_or_default())?,
        );
        let least = self.account_settings().password_min;
        password::check(&new.password, least, name, Some(email))?;
        let hash = &self.passwords().hash(&new.password).await?;
        let language = mail::language(new.language.as_deref());
        // Of two who ask for one name at once, the second is told by mail that it is taken.
        for _ in 0..2 {
            let asked = self
                .store()
                .write(|tx| async move { begin(&tx, name, email, hash, language, origin).await })
                .await;
            match asked {
                Err(fault) if fault.kind == FaultKind::Conflict => {}
                asked => return asked.map(|()| false),
            }
        }
        Ok(false)
    }

    async fn accept(&self, new: &Register, token: &str, origin: &Origin) -> Result<bool, Fault> {
        let token = &secret::hash(token);
        let invitation = self
            .store()
            .look(|tx| async move { tx.invitations().open(token).await });
        let invitation = &invitation.await?.ok_or_else(no_invitation)?;
        let name = &names::name(&new.name)?;
        let least = self.account_settings().password_min;
        password::check(&new.password, least, name, invitation.email.as_deref())?;
        let hash = &self.passwords().hash(&new.password).await?;
        let joined = self
            .store()
            .write(|tx| async move { join(&tx, name, hash, invitation, origin).await });
        joined.await?;
        Ok(true)
    }
}

async fn begin(
    tx: &Tx,
    name: &str,
    email: &str,
    hash: &str,
    language: &str,
    origin: &Origin,
) -> Result<(), Fault> {
    if let Some(known) = tx.users().by_email(email).await? {
        let account = Some((known.id.as_str(), known.name.as_str()));
        record_unsigned(tx, account, origin, Deed::failed("account.register")).await?;
        return mail::queue(tx, MailKind::Known, email, Some(&known.name), language).await;
    }
    if tx.users().by_name(name).await?.is_some() {
        record_unsigned(tx, None, origin, Deed::failed("account.register")).await?;
        return mail::queue(tx, MailKind::NameTaken, email, Some(name), language).await;
    }
    let user = make::account(tx, &new_user(name, Some(email), UserRole::User, hash)).await?;
    let change = UserChange {
        waits_for: Some(Some("verification".to_owned())),
        ..UserChange::default()
    };
    tx.users().update(&user.id, &change).await?;
    let deed = Deed::done("account.register", "user", &user.id);
    record_unsigned(tx, Some((&user.id, &user.name)), origin, deed).await?;
    mail::queue(tx, MailKind::Verify, email, Some(&user.id), language).await
}

async fn join(
    tx: &Tx,
    name: &str,
    hash: &str,
    invitation: &Invitation,
    origin: &Origin,
) -> Result<(), Fault> {
    if tx.users().by_name(name).await?.is_some() {
        return Err(super::manage::taken("name"));
    }
    let email = invitation.email.as_deref();
    if let Some(email) = email
        && tx.users().by_email(email).await?.is_some()
    {
        return Err(super::manage::taken("email"));
    }
    let user = make::account(tx, &new_user(name, email, invitation.role.clone(), hash)).await?;
    if let Some((project_id, role)) = invitation.project.clone()
        && tx.projects().get(&project_id).await?.is_some()
    {
        let member = Member {
            project_id,
            user_id: user.id.clone(),
            role,
        };
        tx.projects().set_member(&member).await?;
    }
    if !tx.invitations().redeem(&invitation.id, &user.id).await? {
        return Err(no_invitation());
    }
    let deed = Deed::done("invitation.use", "invitation", &invitation.id);
    Ok(record_unsigned(tx, Some((&user.id, &user.name)), origin, deed).await?)
}

fn new_user(name: &str, email: Option<&str>, role: UserRole, hash: &str) -> NewUser {
    NewUser {
        name: name.to_owned(),
        email: email.map(str::to_owned),
        role,
        password_hash: Some(Redacted::new(hash)),
    }
}

fn closed() -> Fault {
    let text = "Nobody can register here by themselves.";
    Fault::new(FaultKind::Forbidden, "registration_closed", text)
        .remedy("Ask an administrator for an account or an invitation.")
}

fn no_invitation() -> Fault {
    let text = "This invitation was used, taken back, or is over.";
    Fault::invalid("invitation_invalid", text)
        .field("invitation")
        .remedy("Ask for a new one.")
}
