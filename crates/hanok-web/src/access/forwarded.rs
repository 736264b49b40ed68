//! What a proxy tells of the client: `X-Forwarded-For`, `-Proto`, `-Host`, or RFC 7239's `Forwarded`. It
//! only reads; whether the proxy is believed is decided elsewhere.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

/// What was told.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Addresses from the client to the last proxy; nothing where one cannot be read.
    pub hops: Vec<Option<IpAddr>>,
    /// Whether the client came by HTTPS, if that was said.
    pub secure: Option<bool>,
    /// Which host the client named, if that was said.
    pub host: Option<String>,
}

/// The usual headers win: most proxies set those and pass a client's `Forwarded` on as it is.
pub fn read(headers: &HeaderMap) -> Told {
    let usual = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"];
    match usual.iter().any(|name| headers.contains_key(*name)) {
        true => by_usual_headers(headers),
        false => by_forwarded(headers),
    }
}

fn by_usual_headers(headers: &HeaderMap) -> Told {
    let protocols = values(headers, "x-forwarded-proto");
    Told {
        hops: values(headers, "x-forwarded-for").map(address).collect(),
        secure: Some(all_https(protocols)),
        host: last_host(values(headers, "x-forwarded-host")),
    }
}

fn by_forwarded(headers: &HeaderMap) -> Told {
    if !headers.contains_key("forwarded") {
        return Told::default();
    }
    let elements: Vec<&str> = values(headers, "forwarded").collect();
    let field = |name: &'static str| {
        let of = move |element: &&str| parameter(element, name).map(str::to_owned);
        elements.iter().map(of)
    };
    let protocols: Vec<String> = field("proto").flatten().collect();
    let hosts: Vec<String> = field("host").flatten().collect();
    Told {
        hops: field("for")
            .map(|hop| hop.and_then(|hop| address(&hop)))
            .collect(),
        secure: Some(all_https(protocols.iter().map(String::as_str))),
        host: last_host(hosts.iter().map(String::as_str)),
    }
}

/// The parts between commas of all headers of a name, in order. Quoted commas are in none of what we read.
fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).iter();
    values
        .map(|value| value.to_str().unwrap_or_default())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

/// One hop without encryption is one too many, and who appends cannot be told from who was there first.
fn all_https<'a>(mut protocols: impl Iterator<Item = &'a str>) -> bool {
    let https = |protocol: &str| protocol.eq_ignore_ascii_case("https");
    protocols.next().is_some_and(https) && protocols.all(https)
}

fn last_host<'a>(hosts: impl Iterator<Item = &'a str>) -> Option<String> {
    hosts
        .last()
        .filter(|host| !host.is_empty())
        .map(str::to_owned)
}

/// A parameter of one element of `Forwarded`, without quotes.
fn parameter<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
    let (_, value) = found.next()?;
    Some(value.trim().trim_matches('"'))
}

/// An address, perhaps with a port, perhaps in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let parsed = bare
        .unwrap_or(text)
        .parse()
        .or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    parsed.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(pairs: &[(&'static str, &str)]) -> Told {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        read(&headers)
    }

    fn hops(texts: &[&str]) -> Vec<Option<IpAddr>> {
        texts.iter().map(|text| text.parse().ok()).collect()
    }

    #[test]
    fn a25_both_kinds_of_headers_are_read() {
        let usual = told(&[
            ("x-forwarded-for", "203.0.113.5, 10.0.0.2"),
            ("x-forwarded-for", "10.0.0.3"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "studio.example"),
        ]);
        assert_eq!(usual.hops, hops(&["203.0.113.5", "10.0.0.2", "10.0.0.3"]));
        assert_eq!(usual.secure, Some(true));
        let forwarded = told(&[(
            "forwarded",
            "for=\"[2001:db8::7]:47011\";proto=https;host=studio.example, for=10.0.0.2;Proto=HTTPS",
        )]);
        assert_eq!(forwarded.hops, hops(&["2001:db8::7", "10.0.0.2"]));
        assert_eq!(forwarded.secure, Some(true));
        assert_eq!(forwarded.host.as_deref(), Some("studio.example"));
        let hidden = told(&[(
            "forwarded",
            "for=_hidden;proto=https, for=unknown;proto=http",
        )]);
        assert_eq!(hidden.hops, vec![None, None]);
        assert_eq!(hidden.secure, Some(false));
    }

    #[test]
    fn a25_a_clients_forwarded_does_not_win_over_what_the_proxy_set() {
        let both = told(&[
            ("x-forwarded-for", "203.0.113.5"),
            ("forwarded", "for=192.0.2.1;proto=https;host=evil.example"),
        ]);
        assert_eq!(both.hops, hops(&["203.0.113.5"]));
        assert_eq!((both.secure, both.host), (Some(false), None));
        assert_eq!(told(&[]), Told::default());
    }
}
