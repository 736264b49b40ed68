//! From settings to accounts: who may register, the pepper of passwords, the way of mail.

use hanok_config::Settings;
use hanok_domain::fault::Fault;
use hanok_studio::accounts::{AccountSettings, Pepper, Registration};
use hanok_studio::mail::{MailSettings, Sender};
use hanok_studio::sealing::{Purpose, Sealer};

/// How accounts are made and checked.
pub fn settings(settings: &Settings, sealer: &Sealer) -> AccountSettings {
    let given = &settings.accounts;
    let mail = given.mail.as_ref().map(|mail| MailSettings {
        url: mail.url.expose().to_owned(),
        from: mail.from.clone(),
        ca_file: mail.ca_file.clone(),
    });
    let keys = sealer.derive(Purpose::PasswordPepper);
    AccountSettings {
        registration: Registration::parse(&given.registration).unwrap_or_default(),
        password_min: given.password_min,
        bcrypt_cost: given.bcrypt_cost,
        mail,
        ..AccountSettings::new(Pepper::new(keys.current, keys.previous))
    }
}

/// The way of mail, if there is one.
///
/// # Errors
/// Settings that cannot be used.
pub fn sender(settings: &AccountSettings) -> Result<Option<Sender>, Fault> {
    settings.mail.as_ref().map(Sender::new).transpose()
}
