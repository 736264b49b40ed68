//! What a key may be used for, beyond what its owner's role permits. Owns the words and what they permit, not
//! where they are asked for.

/// Routes that call a model; a key for certain models is good for these alone.
const INFERENCE: [&str; 5] = [
    "/v1/models",
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/classify",
];

/// Those of them where models are looked at, not asked.
const NAMED: [&str; 1] = ["/v1/models"];

/// Scopes at most, and characters of one.
const MOST: (usize, usize) = (32, 200);

/// Bounds of a credential. Without any it may do all that its owner may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes {
    /// It changes nothing.
    read_only: bool,
    /// Paths, with all below them; all paths where there are none.
    routes: Vec<String>,
    /// Names or ids of models; all models where there are none.
    models: Vec<String>,
    /// No rate limits.
    rate_exempt: bool,
    /// Written by a newer version, or damaged: it may do nothing.
    void: bool,
}

impl Scopes {
    /// Reads scopes as people write them: `read-only`, `route:/v1/embeddings`, `model:hanok-decoder`.
    ///
    /// # Errors
    /// The first that has no meaning, in one sentence.
    pub fn parse<S: AsRef<str>>(texts: &[S]) -> Result<Self, String> {
        let mut scopes = Self::default();
        if texts.len() > MOST.0 {
            return Err(format!("A key has at most {} scopes.", MOST.0));
        }
        for text in texts {
            let text = text.as_ref();
            let plain = text.len() <= MOST.1 && !text.chars().any(char::is_control);
            match text.split_once(':') {
                _ if !plain => return Err("A scope is a short text.".to_owned()),
                None if text == "read-only" => scopes.read_only = true,
                Some(("rate", "exempt")) => scopes.rate_exempt = true,
                Some(("route", path)) if path.starts_with('/') && path.len() > 1 => {
                    scopes.routes.push(path.trim_end_matches('/').to_owned());
                }
                Some(("model", name)) if !name.is_empty() => scopes.models.push(name.to_owned()),
                _ => {
                    return Err(format!(
                        "'{text}' is no scope: there are read-only, route:/PATH, model:NAME and rate:exempt."
                    ));
                }
            }
        }
        Ok(scopes)
    }

    /// Reads scopes as they are stored. What this version does not understand permits nothing.
    pub fn stored(texts: Option<&[String]>) -> Self {
        let parsed = texts.and_then(|texts| Self::parse(texts).ok());
        parsed.unwrap_or(Self {
            void: true,
            ..Self::default()
        })
    }

    /// Whether there are any bounds.
    pub fn bounded(&self) -> bool {
        *self != Self::default()
    }

    /// Whether rate limits do not hold; only an administrator makes such a key.
    pub fn rate_exempt(&self) -> bool {
        self.rate_exempt && !self.void
    }

    /// Whether a request to this path is permitted; `reads` when it changes nothing.
    pub fn permit_request(&self, path: &str, reads: bool) -> bool {
        let calls_model = under(path, &INFERENCE);
        // Asking a model changes nothing either, although it is a POST; a model that is named by its path can
        // be deleted there.
        let asks = calls_model && (reads || !under(path, &NAMED));
        !self.void
            && (reads || asks || !self.read_only)
            && (self.routes.is_empty() || under(path, &self.routes))
            && (self.models.is_empty() || asks)
    }

    /// Whether a model is permitted, by its name or its id.
    pub fn permit_model(&self, name: &str, id: &str) -> bool {
        let named = |model: &String| model == name || model == id;
        !self.void && (self.models.is_empty() || self.models.iter().any(named))
    }
}

/// Whether the path is one of these or below one of them.
fn under<S: AsRef<str>>(path: &str, places: &[S]) -> bool {
    places.iter().any(|place| {
        let below = path.strip_prefix(place.as_ref());
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(texts: &[&str]) -> Scopes {
        Scopes::parse(texts).unwrap()
    }

    #[test]
    fn without_scopes_everything_is_permitted() {
        let all = scopes(&[]);
        assert!(!all.bounded());
        assert!(all.permit_request("/api/v1/keys", false) && all.permit_model("any", "model_1"));
    }

    #[test]
    fn a_route_permits_what_is_below_it_and_nothing_beside_it() {
        let one = scopes(&["route:/v1/files/"]);
        for (path, permitted) in [
            ("/v1/files", true),
            ("/v1/files/file_1/content", true),
            ("/v1/filesystem", false),
            ("/v1", false),
            ("/", false),
        ] {
            assert_eq!(one.permit_request(path, false), permitted, "{path}");
        }
    }

    #[test]
    fn who_only_reads_may_still_ask_a_model() {
        let reader = scopes(&["read-only"]);
        assert!(reader.permit_request("/api/v1/runs", true));
        assert!(reader.permit_request("/v1/chat/completions", false));
        assert!(!reader.permit_request("/api/v1/runs", false));
        assert!(reader.permit_request("/v1/models/mine", true));
        assert!(!reader.permit_request("/v1/models/mine", false));
    }

    #[test]
    fn a_key_for_a_model_calls_that_model_and_does_nothing_else() {
        let one = scopes(&["model:hanok-decoder"]);
        assert!(one.permit_request("/v1/completions", false));
        assert!(!one.permit_request("/api/v1/datasets", true));
        assert!(!one.permit_request("/v1/models/hanok-decoder", false));
        assert!(one.permit_model("hanok-decoder", "hanok-decoder"));
        assert!(!one.permit_model("hanok-encoder", "hanok-encoder"));
    }

    #[test]
    fn a_key_without_rate_limits_is_bounded_in_nothing_else() {
        let load = scopes(&["rate:exempt"]);
        assert!(load.rate_exempt() && load.permit_request("/api/v1/runs", false));
        assert!(load.permit_model("any", "model_1"));
        assert!(load.bounded(), "it makes no keys");
        assert!(!scopes(&["read-only"]).rate_exempt());
        assert!(Scopes::parse(&["rate:none"]).is_err());
    }

    #[test]
    fn what_is_not_understood_is_refused_and_if_stored_permits_nothing() {
        for text in ["write", "route:v1", "route:/", "model:", "", "a\nb"] {
            assert!(Scopes::parse(&[text]).is_err(), "{text}");
        }
        assert!(Scopes::parse(&["read-only"; 33]).is_err());
        let newer = ["budget:5".to_owned()];
        for void in [Scopes::stored(Some(&newer)), Scopes::stored(None)] {
            assert!(void.bounded());
            assert!(!void.permit_request("/v1/models", true) && !void.permit_model("m", "m"));
        }
    }
}
