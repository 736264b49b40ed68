//! From a person at the provider to an account here: by issuer and subject alone. An address never leads to
//! an account that is there already, since the provider may let anybody have it.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::role::{MemberRole, UserRole};
use hanok_store::Tx;
use hanok_store::rows::identities::Identity;
use hanok_store::rows::projects::{Member, NewProject};
use hanok_store::rows::users::{NewUser, User, UserChange};
use serde::Serialize;
use serde_json::{Value, json};

use super::Oidc;
use super::id_token::Person;
use super::roles::{Mapped, mapped};
use crate::access::{Caller, Origin};
use crate::audit::{Deed, record_unsigned};
use crate::studio::Studio;
use crate::time::rfc3339;

/// Names that are tried for a new account.
const TRIES: u32 = 50;
/// Characters of a new account's name.
const LONGEST_NAME: usize = 48;

/// An identity, as its owner sees it.
#[derive(Debug, Clone, Serialize)]
pub struct IdentityView {
    /// `idn_…`.
    pub id: String,
    /// Always `identity`.
    pub object: &'static str,
    /// The provider.
    pub issuer: String,
    /// The person there.
    pub subject: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub last_used_at: Option<String>,
}

impl Studio {
    /// Who the caller is at the provider.
    pub async fn identities(&self, caller: &Caller) -> Result<Vec<IdentityView>, Fault> {
        let user = &caller.user_id;
        let rows: Vec<Identity> = self
            .store()
            .read(|tx| async move { tx.identities().of_user(user).await })
            .await?;
        let view = |row: Identity| IdentityView {
            id: row.id,
            object: "identity",
            issuer: row.issuer,
            subject: row.subject,
            created_at: rfc3339(row.created_at),
            last_used_at: row.last_used_at.map(rfc3339),
        };
        Ok(rows.into_iter().map(view).collect())
    }
}

impl Oidc {
    /// Gives the account that asked this identity.
    pub(super) async fn link(
        &self,
        tx: &Tx,
        user: &str,
        person: &Person,
        origin: &Origin,
    ) -> Result<(), Fault> {
        let issuer = &self.settings.issuer;
        if let Some(known) = tx.identities().find(issuer, &person.subject).await? {
            return match known.user_id == user {
                true => Ok(()),
                false => Err(Fault::conflict(
                    "identity_taken",
                    "This identity belongs to another account.",
                )),
            };
        }
        let account = tx.users().get(user).await?;
        let account = account.filter(|account| account.disabled_at.is_none());
        let account = account.ok_or_else(disabled)?;
        let identity = tx
            .identities()
            .insert(user, issuer, &person.subject)
            .await?;
        let deed = Deed::done("identity.link", "identity", &identity.id)
            .detail(json!({ "issuer": issuer }));
        let who = Some((account.id.as_str(), account.name.as_str()));
        Ok(record_unsigned(tx, who, origin, deed).await?)
    }

    /// The account of this person, made if there is none and that is permitted.
    pub(super) async fn welcome(
        &self,
        tx: &Tx,
        person: &Person,
        origin: &Origin,
    ) -> Result<User, Fault> {
        let issuer = &self.settings.issuer;
        let role = mapped(&self.settings, &person.claims);
        if role == Mapped::Nobody {
            let text = "Your groups at the provider do not let you in here.";
            return Err(Fault::new(FaultKind::Forbidden, "oidc_no_role", text)
                .remedy("Ask whoever runs this server."));
        }
        let Some(known) = tx.identities().find(issuer, &person.subject).await? else {
            return self.create(tx, person, role, origin).await;
        };
        let user = tx.users().get(&known.user_id).await?;
        let user = user.filter(|user| user.disabled_at.is_none());
        let user = user.ok_or_else(disabled)?;
        tx.identities().touch(&known.id).await?;
        match role {
            Mapped::Role(role) if role != user.role => change_role(tx, user, role, origin).await,
            _ => Ok(user),
        }
    }

    async fn create(
        &self,
        tx: &Tx,
        person: &Person,
        role: Mapped,
        origin: &Origin,
    ) -> Result<User, Fault> {
        if !self.settings.create_users {
            let text = "You have no account here.";
            return Err(
                Fault::new(FaultKind::Forbidden, "oidc_no_account", text).remedy(
                    "Ask whoever runs this server for one, sign in to it, and link this identity.",
                ),
            );
        }
        let user = tx
            .users()
            .insert(&NewUser {
                name: free_name(tx, person).await?,
                email: address(tx, person).await?,
                role: match role {
                    Mapped::Role(role) => role,
                    Mapped::Unmanaged | Mapped::Nobody => UserRole::User,
                },
                password_hash: None,
            })
            .await?;
        own_project(tx, &user).await?;
        let issuer = &self.settings.issuer;
        tx.identities()
            .insert(&user.id, issuer, &person.subject)
            .await?;
        let deed = Deed::done("user.create", "user", &user.id)
            .detail(json!({ "by": "oidc", "issuer": issuer, "role": user.role }));
        record_unsigned(tx, Some((&user.id, &user.name)), origin, deed).await?;
        Ok(user)
    }
}

/// Everybody has a project of their own.
async fn own_project(tx: &Tx, user: &User) -> Result<(), Fault> {
    let project = NewProject {
        name: "Personal".to_owned(),
        kind: "personal".to_owned(),
    };
    let project = tx.projects().insert(&project).await?;
    let member = Member {
        project_id: project.id,
        user_id: user.id.clone(),
        role: MemberRole::Owner,
    };
    Ok(tx.projects().set_member(&member).await?)
}

/// The role that the provider says now; the last administrator stays one, whatever it says.
async fn change_role(
    tx: &Tx,
    mut user: User,
    role: UserRole,
    origin: &Origin,
) -> Result<User, Fault> {
    let last =
        user.role == UserRole::Admin && tx.identities().other_administrators(&user.id).await? == 0;
    if last {
        tracing::warn!(user = %user.name, "the last administrator stays one");
        return Ok(user);
    }
    let change = UserChange {
        role: Some(role.clone()),
        ..UserChange::default()
    };
    tx.users().update(&user.id, &change).await?;
    let deed = Deed::done("user.role", "user", &user.id)
        .detail(json!({ "by": "oidc", "from": user.role, "to": role }));
    record_unsigned(tx, Some((&user.id, &user.name)), origin, deed).await?;
    user.role = role;
    Ok(user)
}

/// The address that a new account gets: one that the provider has verified, or none.
async fn address(tx: &Tx, person: &Person) -> Result<Option<String>, Fault> {
    let text = |name: &str| person.claims.get(name).and_then(Value::as_str);
    let Some(email) = text("email")
        .map(str::trim)
        .filter(|email| !email.is_empty())
    else {
        return Ok(None);
    };
    let verified = person.claims.get("email_verified").and_then(Value::as_bool);
    if verified == Some(false) {
        let text = "The provider has not verified your address.";
        return Err(
            Fault::new(FaultKind::Unauthenticated, "oidc_email_unverified", text)
                .remedy("Verify it there, then sign in again."),
        );
    }
    if tx.identities().address_taken(email).await? {
        let text = "An account here has your address already; it is not yours by that alone.";
        return Err(Fault::conflict("oidc_email_taken", text)
            .remedy("Sign in to that account first, then link this identity to it."));
    }
    // A provider that does not say whether it verified an address gives none.
    Ok(verified.map(|_| email.to_lowercase()))
}

/// A name that nobody has, as near as may be to what the provider calls the person.
async fn free_name(tx: &Tx, person: &Person) -> Result<String, Fault> {
    let told = ["preferred_username", "email", "name"]
        .iter()
        .find_map(|claim| {
            let text = person.claims.get(*claim)?.as_str()?;
            let name = plain(text.split('@').next().unwrap_or_default());
            (!name.is_empty()).then_some(name)
        });
    let base = told.unwrap_or_else(|| "user".to_owned());
    for number in 1..=TRIES {
        let name = match number {
            1 => base.clone(),
            n => format!("{base}-{n}"),
        };
        if tx.users().by_name(&name).await?.is_none() {
            return Ok(name);
        }
    }
    Err(Fault::conflict(
        "name_taken",
        "No name is free for a new account.",
    ))
}

fn plain(text: &str) -> String {
    let letter = |c: char| match c {
        c if c.is_ascii_alphanumeric() || "._-".contains(c) => c.to_ascii_lowercase(),
        _ => '-',
    };
    let name: String = text.trim().chars().take(LONGEST_NAME).map(letter).collect();
    name.trim_matches(['-', '.', '_']).to_owned()
}

fn disabled() -> Fault {
    let text = "This account is disabled.";
    Fault::new(FaultKind::Forbidden, "account_disabled", text)
        .remedy("Ask whoever runs this server.")
}
