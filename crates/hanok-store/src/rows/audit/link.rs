//! A link of the chain: the hash of the link before it and of everything that the row says.

use sha2::{Digest, Sha256};

use crate::entities::audit;

/// What the first link follows.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Told apart from whatever else is hashed, and from later encodings.
const SCHEME: &[u8] = b"hanok audit row 1";

/// A row as the chain sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sealable(audit::Model);

impl Sealable {
    pub(super) fn new(row: audit::Model) -> Self {
        Self(row)
    }

    /// `aud_…`.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Its place; 0 while it is not sealed.
    pub fn seq(&self) -> i64 {
        self.0.seq.unwrap_or(0)
    }

    /// The link that is stored with it.
    pub fn hash(&self) -> &str {
        self.0.hash.as_deref().unwrap_or_default()
    }

    /// The link that it should have at this place, after this one. Every field goes in with its length, and
    /// one that is absent is not one that is empty: no two rows have the same encoding.
    pub fn link(&self, previous: &str, seq: i64) -> String {
        let row = &self.0;
        let mut hash = Sha256::new();
        hash.update(SCHEME);
        text(&mut hash, previous);
        hash.update(seq.to_be_bytes());
        text(&mut hash, &row.id);
        hash.update(row.at.to_be_bytes());
        maybe(&mut hash, row.project_id.as_deref());
        text(&mut hash, &row.actor);
        maybe(&mut hash, row.actor_id.as_deref());
        text(&mut hash, &row.actor_name);
        maybe(&mut hash, row.credential_id.as_deref());
        text(&mut hash, &row.action);
        maybe(&mut hash, row.object_kind.as_deref());
        maybe(&mut hash, row.object_id.as_deref());
        text(&mut hash, &row.outcome);
        text(&mut hash, &row.address);
        text(&mut hash, &row.user_agent);
        text(&mut hash, &row.request_id);
        text(&mut hash, &row.detail);
        hex(&hash.finalize())
    }
}

fn text(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text.as_bytes());
}

fn maybe(hash: &mut Sha256, field: Option<&str>) {
    hash.update([u8::from(field.is_some())]);
    if let Some(field) = field {
        text(hash, field);
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> audit::Model {
        audit::Model {
            id: "aud_1".into(),
            at: 7,
            project_id: None,
            actor: "key".into(),
            actor_id: Some("user_1".into()),
            actor_name: "ann".into(),
            credential_id: None,
            action: "key.create".into(),
            object_kind: Some("key".into()),
            object_id: Some("key_1".into()),
            outcome: "done".into(),
            address: "127.0.0.1".into(),
            user_agent: String::new(),
            request_id: "req_1".into(),
            detail: "{}".into(),
            seq: None,
            hash: None,
        }
    }

    #[test]
    fn f100_no_two_rows_have_the_same_link() {
        let base = row();
        let link = |row: &audit::Model| Sealable(row.clone()).link(GENESIS, 1);
        let changes: [fn(&mut audit::Model); 9] = [
            |row| row.project_id = Some(String::new()),
            |row| row.actor_id = None,
            |row| row.actor_name = "an".into(),
            // A character that moves from one field to the next.
            |row| {
                row.actor_name = "annk".into();
                row.action = "ey.create".into();
            },
            |row| row.at = 8,
            |row| row.outcome = "denied".into(),
            |row| row.detail = "{ }".into(),
            |row| row.object_kind = None,
            |row| row.user_agent = "x".into(),
        ];
        for (at, change) in changes.iter().enumerate() {
            let mut other = base.clone();
            change(&mut other);
            assert_ne!(link(&base), link(&other), "change {at}");
        }
        let sealed = Sealable(base.clone());
        assert_ne!(sealed.link(GENESIS, 1), sealed.link(GENESIS, 2));
        assert_ne!(sealed.link(GENESIS, 1), sealed.link(&link(&base), 1));
    }
}
