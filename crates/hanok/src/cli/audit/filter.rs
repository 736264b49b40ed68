//! Flags that say which rows are wanted; what they mean is the server's matter.

/// The filters.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Filters {
    /// Only this action (`key.create`); several are separated by commas.
    #[arg(long, value_name = "ACTION", help_heading = "Filters")]
    action: Option<String>,
    /// Only this account, by id or name.
    #[arg(long, value_name = "ACCOUNT", help_heading = "Filters")]
    actor: Option<String>,
    /// Only this project.
    #[arg(long, value_name = "ID", help_heading = "Filters")]
    project: Option<String>,
    /// Only what was done to the object with this id.
    #[arg(long, value_name = "ID", help_heading = "Filters")]
    object: Option<String>,
    /// Only this outcome: done, denied or failed.
    #[arg(long, value_name = "OUTCOME", help_heading = "Filters")]
    outcome: Option<String>,
    /// From this day or moment on (2026-05-04, 2026-05-04T03:02:01Z).
    #[arg(long, value_name = "WHEN", help_heading = "Filters")]
    since: Option<String>,
    /// Up to this day, or before this moment.
    #[arg(long, value_name = "WHEN", help_heading = "Filters")]
    until: Option<String>,
    /// A text somewhere in the row.
    #[arg(long, value_name = "TEXT", help_heading = "Filters")]
    text: Option<String>,
}

impl Filters {
    /// As a query, each part beginning with `&`.
    pub fn query(&self) -> String {
        let all = [
            ("action", &self.action),
            ("actor", &self.actor),
            ("project", &self.project),
            ("object", &self.object),
            ("outcome", &self.outcome),
            ("since", &self.since),
            ("until", &self.until),
            ("text", &self.text),
        ];
        let said = all.into_iter().filter_map(|(name, value)| {
            let value = value.as_ref()?;
            Some(format!("&{name}={}", encoded(value)))
        });
        said.collect()
    }
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) => out.push(char::from(b)),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_asked_for_and_stays_one_value() {
        let filters = Filters {
            action: Some("key.create,key.revoke".into()),
            text: Some("a&b=100%".into()),
            ..Filters::default()
        };
        let expected = "&action=key.create%2Ckey.revoke&text=a%26b%3D100%25";
        assert_eq!(filters.query(), expected);
        assert_eq!(Filters::default().query(), "");
    }
}
