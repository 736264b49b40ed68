//! The page of the second factor at each of its steps.

use hanok_studio::accounts::oidc::IdentityView;
use hanok_studio::accounts::second_factor::{Offer, RecoveryCodes, SecondFactorView};

use super::sample;
use crate::ui::lang::Lang;
use crate::ui::second_factor::view::{self, Step, View};

fn view(enrolled: bool, step: Step) -> View {
    View {
        factor: SecondFactorView {
            object: "second_factor",
            enrolled,
            required: !enrolled,
            confirmed_at: enrolled.then(|| "2026-01-01T00:00:00.000Z".to_owned()),
            recovery_codes_left: 9,
        },
        identities: Some(Vec::new()),
        step,
        wrong: None,
    }
}

/// Every step.
pub fn pages(lang: Lang) -> Vec<(&'static str, String)> {
    let f = &sample::frame(lang, "/account/second-factor");
    let offer = Step::Offer(Offer {
        object: "second_factor.offer",
        secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".to_owned(),
        otpauth_url:
            "otpauth://totp/Hanok:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Hanok"
                .to_owned(),
    });
    let codes = Step::Codes(RecoveryCodes {
        object: "recovery_codes",
        codes: vec!["abcd-efgh-jkmn-pqrs".to_owned(); 10],
    });
    let mut wrong = view(true, Step::Overview);
    wrong.wrong = Some((
        "disable_code",
        "This code is not valid, or was used before.".to_owned(),
    ));
    wrong.identities = Some(vec![IdentityView {
        id: "idn_01jb3q8d1vxh2n5c7e9g0k4m6p".to_owned(),
        object: "identity",
        issuer: "http://id.example".to_owned(),
        subject: "248289761001".to_owned(),
        created_at: "2026-01-01T00:00:00.000Z".to_owned(),
        last_used_at: None,
    }]);
    vec![
        (
            "second-factor-off",
            view::render(&view(false, Step::Overview), f),
        ),
        ("second-factor-offer", view::render(&view(false, offer), f)),
        (
            "second-factor-again",
            view::render(&view(false, Step::Again), f),
        ),
        ("second-factor-codes", view::render(&view(true, codes), f)),
        ("second-factor-on", view::render(&wrong, f)),
    ]
}
