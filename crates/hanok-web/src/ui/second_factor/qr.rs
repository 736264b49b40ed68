//! An address as a picture that authenticator apps read: one element of SVG, coloured by its class.

use askama::Template;
use qrcode::{Color, EcLevel, QrCode};

use crate::ui::parts::Html;

/// Empty modules around the code, which readers need.
const MARGIN: usize = 4;

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {{ size }} {{ size }}" role="img" aria-label="{{ label }}" shape-rendering="crispEdges"><path class="ground" fill="white" d="M0 0h{{ size }}v{{ size }}H0z"/><path class="ink" fill="black" d="{{ path }}"/></svg>"#
)]
struct Picture<'a> {
    size: usize,
    path: String,
    label: &'a str,
}

/// The picture of a text; nothing for one that is too long for any.
pub fn svg(text: &str, label: &str) -> Html {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else {
        return Html::default();
    };
    let width = code.width();
    let colors = code.to_colors();
    let dark = colors
        .iter()
        .enumerate()
        .filter(|(_, c)| **c == Color::Dark);
    let path: String = dark
        .map(|(at, _)| format!("M{} {}h1v1h-1z", at % width + MARGIN, at / width + MARGIN))
        .collect();
    crate::ui::html(&Picture {
        size: width + 2 * MARGIN,
        path,
        label,
    })
}
