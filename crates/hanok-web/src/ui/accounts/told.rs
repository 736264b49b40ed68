//! What was refused, in the language of the page; in the fault's own words where the page has none.

use hanok_domain::fault::Fault;

use crate::ui::lang::Lang;

/// The sentence to stand beside a form.
pub fn told(lang: Lang, fault: &Fault) -> String {
    let minutes = fault.retry_after.map_or(1, |left| left.get().div_ceil(60));
    match lang.find(&format!("refused.{}", fault.code)) {
        Some(sentence) => sentence.replace("{0}", &minutes.to_string()),
        None => fault.to_string(),
    }
}
