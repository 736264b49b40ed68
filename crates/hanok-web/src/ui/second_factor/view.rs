//! What the page of the second factor shows, and its render.

use askama::Template;
use hanok_studio::accounts::oidc::IdentityView;
use hanok_studio::accounts::second_factor::{Offer, RecoveryCodes, SecondFactorView};

use super::qr;
use crate::ui::frame::{At, Crumb, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::parts::{CodeBlock, Control, Field, Html};

/// Where the person is.
#[derive(Debug, Clone)]
pub enum Step {
    /// What there is, and what can be done.
    Overview,
    /// A secret to scan.
    Offer(Offer),
    /// Another code of the secret that was scanned.
    Again,
    /// Recovery codes to keep.
    Codes(RecoveryCodes),
}

/// What the page shows.
#[derive(Debug, Clone)]
pub struct View {
    /// The second factor.
    pub factor: SecondFactorView,
    /// Who the person is at the provider; none where there is no provider.
    pub identities: Option<Vec<IdentityView>>,
    /// Where they are.
    pub step: Step,
    /// The field that was wrong, and why.
    pub wrong: Option<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "second_factor/page.html")]
struct Page<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a View,
    codes: String,
}

impl Page<'_> {
    fn field(&self, name: &'static str) -> Field {
        let (placeholder, max_length) = ("123456".to_owned(), 32);
        let control = Control::Text {
            placeholder,
            max_length,
        };
        let help = match name {
            "confirm" => self.l.t("second.code.help"),
            _ => self.l.t("second.code.either"),
        };
        let sent = if name == "confirm" { "code" } else { name };
        let mut field = Field::new(sent, self.l.t("second.code"), help, control).required();
        let wrong = self.v.wrong.as_ref().filter(|(field, _)| *field == name);
        field.error = wrong.map(|(_, text)| text.clone());
        field
    }

    fn picture(&self, offer: &Offer) -> Html {
        qr::svg(&offer.otpauth_url, self.l.t("second.qr"))
    }

    /// The secret in groups, for those who type it.
    fn typed(&self, offer: &Offer) -> String {
        let letters: Vec<char> = offer.secret.chars().collect();
        let groups: Vec<String> = letters.chunks(4).map(|g| g.iter().collect()).collect();
        groups.join(" ")
    }

    fn block(&self) -> CodeBlock<'_> {
        CodeBlock {
            l: self.l,
            tool: self.l.t("second.codes"),
            text: &self.codes,
        }
    }
}

/// The page.
pub fn render(v: &View, f: &Frame) -> String {
    let l = f.lang;
    let base = &f.base_url;
    let mut at = At::outside(l.t("second.title")).code(
        format!(
            "curl {base}/api/v1/account/second-factor \\\n  -H \"Authorization: Bearer $HANOK_TOKEN\""
        ),
        format!(
            "import os, requests\n\nbase = \"{base}/api/v1\"\nheaders = {{\"Authorization\": f\"Bearer {{os.environ['HANOK_TOKEN']}}\"}}\nprint(requests.get(f\"{{base}}/account/second-factor\", headers=headers).json())"
        ),
        String::new(),
    );
    at.crumbs = vec![
        Crumb {
            label: l.t("account.title").to_owned(),
            href: Some("/account".to_owned()),
        },
        Crumb {
            label: at.title.clone(),
            href: None,
        },
    ];
    let codes = match &v.step {
        Step::Codes(codes) => codes.codes.join("\n"),
        _ => String::new(),
    };
    crate::ui::html(&Page { f, l, at, v, codes }).0
}
