//! Languages of the pages: which one a person gets, and the look-up in the message files.
//! It knows no page; every sentence stands in `locales/`.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

type Messages = HashMap<String, String>;

static ENGLISH: LazyLock<Messages> = LazyLock::new(|| parse(include_str!("../../locales/en.json")));
static KOREAN: LazyLock<Messages> = LazyLock::new(|| parse(include_str!("../../locales/ko.json")));

/// A file that does not parse leaves keys in the place of sentences; a test forbids it.
fn parse(text: &str) -> Messages {
    serde_json::from_str(text).unwrap_or_default()
}

/// A language that the pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Lang {
    /// Every language, in the order of the switch.
    pub const ALL: [Self; 2] = [Self::En, Self::Ko];

    /// Its code in `lang` attributes, in the cookie and in `?lang=`.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }

    /// Its name in itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Ko => "한국어",
        }
    }

    /// The language of a code such as `ko` or `ko-KR`.
    pub fn parse(code: &str) -> Option<Self> {
        let primary = code.trim().split(['-', '_']).next()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|lang| lang.code() == primary)
    }

    /// The query wins over the cookie, the cookie over `Accept-Language`.
    pub fn choose(query: Option<&str>, cookie: Option<&str>, accept: Option<&str>) -> Self {
        query
            .and_then(Self::parse)
            .or_else(|| cookie.and_then(Self::parse))
            .or_else(|| accept.and_then(best_accepted))
            .unwrap_or_default()
    }

    fn messages(self) -> &'static Messages {
        match self {
            Self::En => &ENGLISH,
            Self::Ko => &KOREAN,
        }
    }

    /// The sentence of a key made at run time; none where there is no such key.
    pub fn find(self, key: &str) -> Option<&'static str> {
        self.messages().get(key).map(String::as_str)
    }

    /// The sentence of a key.
    pub fn t(self, key: &'static str) -> &'static str {
        self.find(key).unwrap_or(key)
    }

    /// The sentence of a key with `{0}` filled in.
    pub fn t1(self, key: &'static str, first: impl Display) -> String {
        self.t(key).replace("{0}", &first.to_string())
    }

    /// The sentence of a key with `{0}` and `{1}` filled in.
    pub fn t2(self, key: &'static str, first: impl Display, second: impl Display) -> String {
        let (before, after) = split_at_mark(self.t(key), "{1}");
        let first = first.to_string();
        format!(
            "{}{second}{}",
            before.replace("{0}", &first),
            after.replace("{0}", &first)
        )
    }

    /// A count with its noun in the right number: `key.one` or `key.other`.
    pub fn count(self, key: &str, n: impl super::format::Figure) -> String {
        let form = if n.value() == 1.0 { "one" } else { "other" };
        match self.find(&format!("{key}.{form}")) {
            Some(sentence) => sentence.replace("{0}", &self.num(n)),
            None => format!("{} {key}", self.num(n)),
        }
    }

    /// The word for a state, a unit or another value that comes as text; unknown ones stand as they are.
    pub fn word(self, family: &str, value: &str) -> String {
        match self.find(&format!("{family}.{value}")) {
            Some(word) => word.to_owned(),
            None => value.to_owned(),
        }
    }
}

/// What is filled in may itself contain a mark, so that the text is cut before it is filled.
fn split_at_mark<'a>(text: &'a str, mark: &str) -> (&'a str, &'a str) {
    text.split_once(mark).unwrap_or((text, ""))
}

fn best_accepted(header: &str) -> Option<Lang> {
    let mut best: Option<(f32, Lang)> = None;
    for part in header.split(',').take(16) {
        let (code, weight) = match part.split_once(";q=") {
            Some((code, q)) => (code, q.trim().parse().unwrap_or(0.0)),
            None => (part, 1.0),
        };
        if let Some(lang) = Lang::parse(code)
            && weight > 0.0
            && best.is_none_or(|(top, _)| weight > top)
        {
            best = Some((weight, lang));
        }
    }
    best.map(|(_, lang)| lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_beats_cookie_beats_header() {
        assert_eq!(Lang::choose(Some("ko"), Some("en"), Some("en")), Lang::Ko);
        assert_eq!(Lang::choose(Some("xx"), Some("ko"), Some("en")), Lang::Ko);
        assert_eq!(Lang::choose(None, None, Some("ko-KR,en;q=0.8")), Lang::Ko);
        assert_eq!(
            Lang::choose(None, None, Some("fr, ko;q=0.3, en;q=0.7")),
            Lang::En
        );
        assert_eq!(Lang::choose(None, None, Some("ko;q=0, de")), Lang::En);
        assert_eq!(Lang::choose(None, None, None), Lang::En);
    }

    #[test]
    fn filled_in_text_is_not_filled_again() {
        assert_eq!(Lang::En.t2("live.progress", "{1}", 9), "{1} of 9");
    }

    #[test]
    fn counts_take_the_right_number() {
        assert_eq!(Lang::En.count("count.rows", 1_u64), "1 row");
        assert_eq!(Lang::En.count("count.rows", 12_345_u64), "12,345 rows");
        assert_eq!(Lang::Ko.count("count.rows", 2_u64), "2행");
    }
}
