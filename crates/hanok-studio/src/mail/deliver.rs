//! Sending what waits: a few at a time, with growing pauses after a failure, until it is too late. The token of
//! a link is made here, so that only its hash is ever stored.

use std::time::Duration;

use hanok_domain::fault::Fault;
use hanok_store::Tx;
use hanok_store::rows::mails::Mail;
use hanok_store::rows::users::User;

use super::letter::{self, Letter, Parts};
use super::{MailKind, Sender};
use crate::accounts::{LINK_PREFIX, VERIFY, VERIFY_LIFETIME, fresh, reset};
use crate::studio::Studio;

/// Mails taken at once.
const AT_ONCE: u64 = 8;
/// Nobody else sends a mail that was taken so long ago.
const CLAIM: Duration = Duration::from_secs(300);
/// The first pause after a failure; each further one is twice as long.
const PAUSE: Duration = Duration::from_secs(15);
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// Tries within about a day.
const TRIES: i64 = 30;
/// Mails that are over are kept so long.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

impl Studio {
    /// Sends what is due; `base` is the address that people use. Says how many mails went out.
    pub async fn deliver_mail(&self, sender: &Sender, base: &str) -> Result<u64, Fault> {
        let taken = self
            .store()
            .write(|tx| async move { tx.mails().take(AT_ONCE, CLAIM).await });
        let mut sent = 0;
        for mail in &taken.await? {
            sent += u64::from(self.deliver(sender, base, mail).await?);
        }
        Ok(sent)
    }

    async fn deliver(&self, sender: &Sender, base: &str, mail: &Mail) -> Result<bool, Fault> {
        let written = self
            .store()
            .write(|tx| async move { write(&tx, base, mail).await })
            .await?;
        let outcome = match written {
            Some(letter) => sender.send(&mail.recipient, letter).await,
            // Nobody to write to: that no account has an address is told to nobody.
            None => return self.close_mail(mail, None).await.map(|()| false),
        };
        match outcome {
            Ok(()) => self.close_mail(mail, None).await.map(|()| true),
            Err(failure) if failure.for_good || mail.tries >= TRIES => {
                tracing::warn!(mail = %mail.id, kind = %mail.kind, reason = %failure.reason, "a mail was given up");
                self.close_mail(mail, Some(&failure.reason))
                    .await
                    .map(|()| false)
            }
            Err(failure) => {
                tracing::warn!(mail = %mail.id, kind = %mail.kind, reason = %failure.reason, "a mail was not sent yet");
                let doublings = u32::try_from(mail.tries.clamp(0, 16)).unwrap_or(16);
                let pause = PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
                let (id, reason) = (&mail.id, &failure.reason);
                self.store()
                    .write(|tx| async move { tx.mails().again(id, pause, reason).await })
                    .await?;
                Ok(false)
            }
        }
    }

    async fn close_mail(&self, mail: &Mail, error: Option<&str>) -> Result<(), Fault> {
        let id = &mail.id;
        Ok(self
            .store()
            .write(|tx| async move { tx.mails().done(id, error).await })
            .await?)
    }

    /// Drops what has outlived its purpose: mails, counts of failed sign-ins, accounts whose address was
    /// never verified.
    pub async fn tidy_accounts(&self) -> Result<(), Fault> {
        self.store()
            .write(|tx| async move {
                tx.mails().forget(KEPT).await?;
                tx.sign_in_failures()
                    .forget(crate::accounts::FORGOTTEN_AFTER)
                    .await?;
                for user in tx.users().unverified_for(KEPT).await? {
                    tx.users().erase(&user.id).await?;
                }
                Ok(())
            })
            .await
    }
}

/// The words of a mail; nothing where there is nobody to write to any more.
async fn write(tx: &Tx, base: &str, mail: &Mail) -> Result<Option<Letter>, Fault> {
    let Some(kind) = MailKind::parse(&mail.kind) else {
        return Ok(None);
    };
    let subject = mail.subject_id.as_deref().unwrap_or_default();
    let (name, path) = match kind {
        MailKind::Verify => match tx.users().get(subject).await? {
            Some(user) if user.waits_for.as_deref() == Some("verification") => {
                let token = reset::link(tx, VERIFY, &user.id, VERIFY_LIFETIME).await?;
                (user.name, format!("/verify?token={token}"))
            }
            _ => return Ok(None),
        },
        MailKind::Reset => match tx.users().by_email(&mail.recipient).await? {
            Some(user) if may_reset(&user) => {
                let token = reset::token(tx, &user.id).await?;
                (user.name, format!("/reset?token={token}"))
            }
            _ => return Ok(None),
        },
        MailKind::Invitation => {
            let (token, hash) = fresh(LINK_PREFIX)?;
            if !tx.invitations().retoken(subject, &hash).await? {
                return Ok(None);
            }
            (String::new(), format!("/register?invitation={token}"))
        }
        MailKind::Approved => match tx.users().get(subject).await? {
            Some(user) => (user.name, "/login".to_owned()),
            None => return Ok(None),
        },
        MailKind::Known => (subject.to_owned(), "/forgot".to_owned()),
        MailKind::NameTaken => (subject.to_owned(), "/register".to_owned()),
    };
    let parts = Parts {
        name: &name,
        link: &format!("{}{path}", base.trim_end_matches('/')),
    };
    Ok(Some(letter::write(kind, &mail.language, &parts)))
}

fn may_reset(user: &User) -> bool {
    user.disabled_at.is_none() && user.deleted_at.is_none() && user.waits_for.is_none()
}
