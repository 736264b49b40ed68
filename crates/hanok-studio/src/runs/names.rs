//! Names of what runs make, as OpenAI names tuned models.

use hanok_domain::id;

/// `ft:BASE:NAME:SUFFIX`.
pub(super) fn head_name(base: &str, name: &str) -> String {
    let random = id::new("x");
    format!("ft:{base}:{}:{}", slug(name), &random[random.len() - 8..])
}

/// `ft:BASE:PROJECT:SUFFIX:ID`; the same for every attempt of a run.
pub(super) fn model_name(base: &str, project: &str, suffix: &str, run: &str) -> String {
    let id = &run[run.len().saturating_sub(8)..];
    format!("ft:{base}:{}:{}:{id}", slug(project), slug(suffix))
}

fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.to_lowercase().chars() {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
        if slug.chars().count() >= 40 {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "model" } else { slug }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn model_names_are_callable() {
        let name = head_name("hanok-encoder", "Support  tickets / März!");
        assert!(
            name.starts_with("ft:hanok-encoder:support-tickets-märz:"),
            "{name}"
        );
        assert!(head_name("b", "///").starts_with("ft:b:model:"));
        assert_ne!(head_name("b", "x"), head_name("b", "x"));
        let run = "run_01jd000000000000000000abcd";
        assert_eq!(
            model_name("b", "Personal", "My Bot", run),
            "ft:b:personal:my-bot:0000abcd"
        );
    }
}
