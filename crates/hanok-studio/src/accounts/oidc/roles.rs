//! From what the provider says of groups to a role here.

use hanok_domain::role::UserRole;
use serde_json::{Map, Value};

use super::OidcSettings;

/// What the groups of somebody make them.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mapped {
    /// The provider has no say in roles.
    Unmanaged,
    /// This.
    Role(UserRole),
    /// Nobody.
    Nobody,
}

pub(super) fn mapped(settings: &OidcSettings, claims: &Map<String, Value>) -> Mapped {
    let (admins, users) = (&settings.admin_values, &settings.user_values);
    if admins.is_empty() && users.is_empty() {
        return Mapped::Unmanaged;
    }
    let values = values(claims, &settings.role_claim);
    let among = |wanted: &[String]| values.iter().any(|value| wanted.iter().any(|w| w == value));
    match (among(admins), among(users)) {
        (true, _) => Mapped::Role(UserRole::Admin),
        (_, true) => Mapped::Role(UserRole::User),
        _ if users.is_empty() => Mapped::Role(UserRole::User),
        _ => Mapped::Nobody,
    }
}

/// The texts of a claim, by its own name or by the path to it, such as `realm_access.roles`.
fn values<'c>(claims: &'c Map<String, Value>, name: &str) -> Vec<&'c str> {
    let whole = claims.get(name);
    let found = whole.or_else(|| {
        let (first, rest) = name.split_once('.')?;
        let inner = claims.get(first)?;
        rest.split('.')
            .try_fold(inner, |value, step| value.get(step))
    });
    match found {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn settings(claim: &str, admins: &[&str], users: &[&str]) -> OidcSettings {
        let texts = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect();
        OidcSettings {
            issuer: "https://id.example".to_owned(),
            client_id: "hanok".to_owned(),
            client_secret: None,
            scopes: "openid".to_owned(),
            role_claim: claim.to_owned(),
            admin_values: texts(admins),
            user_values: texts(users),
            ca: None,
            button: String::new(),
            create_users: true,
        }
    }

    fn verdict(settings: &OidcSettings, claims: Value) -> Mapped {
        mapped(settings, claims.as_object().unwrap())
    }

    #[test]
    fn groups_make_roles_exactly() {
        let both = settings("groups", &["admins"], &["staff"]);
        for (claims, role) in [
            (
                json!({ "groups": ["staff", "admins"] }),
                Mapped::Role(UserRole::Admin),
            ),
            (json!({ "groups": "admins" }), Mapped::Role(UserRole::Admin)),
            (json!({ "groups": ["staff"] }), Mapped::Role(UserRole::User)),
            (
                json!({ "groups": ["Admins", "admins2", 1, null] }),
                Mapped::Nobody,
            ),
            (json!({ "groups": { "admins": true } }), Mapped::Nobody),
            (json!({}), Mapped::Nobody),
        ] {
            assert_eq!(verdict(&both, claims.clone()), role, "{claims}");
        }
        let admins = settings("groups", &["admins"], &[]);
        assert_eq!(verdict(&admins, json!({})), Mapped::Role(UserRole::User));
        assert_eq!(
            verdict(&settings("groups", &[], &[]), json!({})),
            Mapped::Unmanaged
        );
    }

    #[test]
    fn a_claim_may_be_further_in() {
        let nested = settings("realm_access.roles", &["admin"], &[]);
        let claims = json!({ "realm_access": { "roles": ["admin"] } });
        assert_eq!(verdict(&nested, claims), Mapped::Role(UserRole::Admin));
        let flat = json!({ "realm_access.roles": ["admin"] });
        assert_eq!(verdict(&nested, flat), Mapped::Role(UserRole::Admin));
    }
}
