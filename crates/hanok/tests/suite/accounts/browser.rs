//! Somebody at a browser without scripts: pages, their forms with all that is hidden in them, cookies.

use std::collections::BTreeMap;

use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use crate::home::Home;

/// Most redirects that anybody follows.
const REDIRECTS: usize = 5;
/// What a browser asks for.
const PAGE: &str = "text/html";

/// One browser, with the cookies that it was given.
pub struct Browser {
    client: reqwest::Client,
    home: String,
    cookies: BTreeMap<String, String>,
    pub page: Page,
}

/// What it shows.
#[derive(Debug, Default)]
pub struct Page {
    pub status: u16,
    /// Path and query, after all redirects.
    pub path: String,
    pub html: String,
    pub headers: HeaderMap,
}

/// Status, headers and document of an answer of the API.
pub type Answer = (u16, HeaderMap, Value);

impl Browser {
    /// A fresh one, for the server of a home.
    pub fn new(home: &Home) -> Self {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build();
        Self {
            client: client.expect("a client"),
            home: url(home),
            cookies: BTreeMap::new(),
            page: Page::default(),
        }
    }

    /// The server was started anew, at another port.
    pub fn follow(&mut self, home: &Home) {
        self.home = url(home);
    }

    /// Opens a path, or a link to this server.
    pub async fn open(&mut self, place: &str) -> &Page {
        let path = place.strip_prefix(&self.home).unwrap_or(place);
        assert!(path.starts_with('/'), "elsewhere: {place}");
        let request = self.request(Method::GET, path, PAGE);
        self.show(path.to_owned(), request).await
    }

    /// Fills in the form of this page that goes there, and sends it.
    pub async fn submit(&mut self, action: &str, fields: &[(&str, &str)]) -> &Page {
        let form = self.page.form(action);
        let mut pairs = hidden(form);
        for (name, value) in fields {
            let has = form.contains(&format!(" name=\"{name}\""));
            assert!(has, "no field '{name}': {form}");
            pairs.push(((*name).to_owned(), (*value).to_owned()));
        }
        let pairs: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .collect();
        let request = self
            .request(Method::POST, action, PAGE)
            .header(ORIGIN, &self.home)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(pairs.join("&"));
        self.show(action.to_owned(), request).await
    }

    /// Signs in at the page.
    pub async fn sign_in(&mut self, name: &str, password: &str) -> &Page {
        self.open("/login").await;
        let fields = [("name", name), ("password", password)];
        self.submit("/login", &fields).await
    }

    /// Whether the page of the account opens.
    pub async fn is_signed_in(&mut self) -> bool {
        let page = self.open("/account").await;
        assert_eq!(page.status, 200, "{}", page.html);
        page.path == "/account"
    }

    /// Calls the API from the page: with the cookie of the session.
    pub async fn api(&self, method: Method, path: &str, body: Value) -> Answer {
        let request = self
            .request(method, path, "application/json")
            .header(ORIGIN, &self.home);
        answer(request.json(&body)).await
    }

    /// Calls the API as a program does: with this token, or with nothing.
    pub async fn program(&self, method: Method, path: &str, bearer: &str, body: Value) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.home));
        if !bearer.is_empty() {
            request = request.bearer_auth(bearer);
        }
        answer(request.json(&body)).await
    }

    fn request(&self, method: Method, path: &str, accept: &str) -> RequestBuilder {
        let cookies = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let cookies: Vec<String> = cookies.collect();
        self.client
            .request(method, format!("{}{path}", self.home))
            .header(ACCEPT, accept)
            .header(COOKIE, cookies.join("; "))
    }

    async fn show(&mut self, mut path: String, request: RequestBuilder) -> &Page {
        let mut response = self.keep(request.send().await.expect("an answer"));
        for _ in 0..REDIRECTS {
            let Some(to) = response.headers().get(LOCATION) else {
                break;
            };
            path = to.to_str().expect("a path").to_owned();
            let request = self.request(Method::GET, &path, PAGE);
            response = self.keep(request.send().await.expect("an answer"));
        }
        self.page = Page {
            status: response.status().as_u16(),
            path,
            headers: response.headers().clone(),
            html: response.text().await.expect("a page"),
        };
        &self.page
    }

    fn keep(&mut self, response: Response) -> Response {
        for set in response.headers().get_all(SET_COOKIE) {
            let set = set.to_str().expect("a cookie");
            let (pair, rest) = set.split_once(';').unwrap_or((set, ""));
            let (name, value) = pair.split_once('=').expect("a name and a value");
            match value.is_empty() || rest.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        response
    }
}

impl Page {
    fn form(&self, action: &str) -> &str {
        let begins = format!(" action=\"{action}\"");
        let form = self.html.split("<form").find(|form| form.contains(&begins));
        let form = form.unwrap_or_else(|| panic!("no form to {action}: {}", self.html));
        form.split("</form>").next().unwrap_or_default()
    }
}

/// What a form carries unseen.
fn hidden(form: &str) -> Vec<(String, String)> {
    let inputs = form.split("<input").filter_map(|input| {
        let tag = input.split('>').next()?;
        let part = |name: &str| {
            let after = tag.split(&format!(" {name}=\"")).nth(1)?;
            Some(after.split('"').next()?.to_owned())
        };
        (part("type")? == "hidden").then(|| Some((part("name")?, part("value")?)))?
    });
    inputs.collect()
}

async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.expect("a body");
    (
        status,
        headers,
        serde_json::from_str(&text).unwrap_or_default(),
    )
}

fn url(home: &Home) -> String {
    let address = hanok_store::lock::read_address(&home.data()).ok().flatten();
    address.expect("a server").url
}

fn escaped(value: &str) -> String {
    let byte = |byte: u8| match byte {
        b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    value.bytes().map(byte).collect()
}
