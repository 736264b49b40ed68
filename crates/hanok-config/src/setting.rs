//! What is known of one setting. Which there are is the catalogue's.

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Name in the environment, for example `HANOK_DATA`.
    pub name: &'static str,
    /// Section in `config show` and in `hanok.toml` documents.
    pub section: &'static str,
    /// Value when nobody sets it, as text; empty: none.
    pub default: &'static str,
    /// Masked wherever it is printed; may come from a `NAME_FILE` file.
    pub secret: bool,
    /// One sentence.
    pub help: &'static str,
}

pub(crate) const fn setting(
    section: &'static str,
    name: &'static str,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting {
        name,
        section,
        default,
        secret: false,
        help,
    }
}

pub(crate) const fn secret(
    section: &'static str,
    name: &'static str,
    help: &'static str,
) -> Setting {
    Setting {
        name,
        section,
        default: "",
        secret: true,
        help,
    }
}
