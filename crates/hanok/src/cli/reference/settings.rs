//! The settings as tables, one for each section of the catalogue.

use std::fmt::Write as _;

use hanok_config::catalogue::Setting;

use super::cell;

/// The tables, each under the name of its section.
pub fn tables(settings: &[Setting]) -> String {
    let mut page = String::new();
    let mut section = "";
    for setting in settings {
        if setting.section != section {
            let gap = if section.is_empty() { "" } else { "\n" };
            section = setting.section;
            let _ = write!(page, "{gap}### {}\n\n", title(section));
            page.push_str("| name | default | meaning |\n|---|---|---|\n");
        }
        let (name, meaning) = (setting.name, cell(setting.help));
        let _ = writeln!(page, "| `{name}` | {} | {meaning} |", default(setting));
    }
    page
}

fn default(setting: &Setting) -> String {
    match (setting.secret, setting.default) {
        (true, _) => "none; secret".to_owned(),
        (false, "") => "none".to_owned(),
        (false, value) => format!("`{value}`"),
    }
}

fn title(section: &str) -> String {
    let mut letters = section.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(section: &'static str, name: &'static str, secret: bool) -> Setting {
        let help = "One | two.";
        let default = if secret { "" } else { "8080" };
        Setting {
            name,
            section,
            default,
            secret,
            help,
        }
    }

    #[test]
    fn each_section_is_a_table_and_a_secret_says_so() {
        let settings = [
            setting("server", "PORT", false),
            setting("client", "HANOK_KEY", true),
        ];
        let head = "| name | default | meaning |\n|---|---|---|";
        let wanted = format!(
            "### Server\n\n{head}\n| `PORT` | `8080` | One \\| two. |\n\n\
             ### Client\n\n{head}\n| `HANOK_KEY` | none; secret | One \\| two. |\n"
        );
        assert_eq!(tables(&settings), wanted);
    }
}
