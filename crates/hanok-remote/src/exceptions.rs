//! The operator's list of hosts that are not public and may be named all the same.

/// Hosts, each perhaps with one port.
#[derive(Debug, Clone, Default)]
pub struct Exceptions(Vec<(String, Option<u16>)>);

impl Exceptions {
    /// Reads `host`, `host:port`, `10.0.0.5:8080` or `[fd00::1]:8080`.
    ///
    /// # Errors
    /// The entry that is none of these.
    pub fn parse<S: AsRef<str>>(entries: impl IntoIterator<Item = S>) -> Result<Self, String> {
        let entries = entries.into_iter();
        let parsed = entries.map(|entry| {
            let entry = entry.as_ref().trim();
            one(entry).ok_or_else(|| entry.to_owned())
        });
        parsed.collect::<Result<_, _>>().map(Self)
    }

    /// Whether this host may be named with this port, as a URL spells both.
    pub(crate) fn permit(&self, host: &str, port: u16) -> bool {
        let host = host.trim_matches(['[', ']']);
        let fits = |(name, only): &(String, Option<u16>)| {
            name == host && only.is_none_or(|only| only == port)
        };
        self.0.iter().any(fits)
    }

    /// Whether the list names this port for this host.
    pub(crate) fn name_port(&self, host: &str, port: u16) -> bool {
        let host = host.trim_matches(['[', ']']);
        self.0
            .iter()
            .any(|(name, only)| name == host && *only == Some(port))
    }
}

fn one(entry: &str) -> Option<(String, Option<u16>)> {
    let url = reqwest::Url::parse(&format!("http://{entry}/")).ok()?;
    let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
    let plain = url.username().is_empty() && url.path() == "/" && url.query().is_none();
    if !plain || entry.contains(['@', '\\', '#', '*', '/']) {
        return None;
    }
    let after = entry.rsplit_once(']').map_or(entry, |(_, after)| after);
    let port = match after.rsplit_once(':') {
        Some((_, port)) => Some(port.parse().ok()?),
        None => None,
    };
    Some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_opens_its_host_and_where_it_says_so_one_port() {
        let list = Exceptions::parse(["minio.lan:9000", "Files.lan", "10.0.0.5", "[fd00::1]:80"]);
        let list = list.unwrap();
        assert!(list.permit("minio.lan", 9000) && !list.permit("minio.lan", 9001));
        assert!(list.permit("files.lan", 443) && list.permit("files.lan", 8080));
        assert!(list.permit("10.0.0.5", 80) && !list.permit("10.0.0.6", 80));
        assert!(list.permit("[fd00::1]", 80) && !list.permit("[fd00::1]", 81));
        assert!(list.name_port("minio.lan", 9000) && !list.name_port("files.lan", 9000));
    }

    #[test]
    fn what_is_no_host_is_named() {
        for wrong in [
            "http://a",
            "a b",
            "",
            "a:99999",
            "u@a",
            "a/b",
            "*.lan",
            "10.0.0.0/8",
        ] {
            assert_eq!(Exceptions::parse([wrong]).unwrap_err(), wrong);
        }
    }
}
