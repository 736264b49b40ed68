//! Names in a bucket: what S3 permits for the bucket's own, and how objects become keys.

use object_store::path::Path;

use super::settings::wrong;
use crate::ObjectError;
use crate::address::{Form, Name, check_project, parse_file};

/// 3 to 63 characters; lower-case letters, digits, dots and hyphens; a letter or a digit at both
/// ends; no two dots side by side; not the form of an IP address.
pub(super) fn check_bucket(name: &str) -> Result<(), ObjectError> {
    let refuse = |why: &str| Err(wrong("bucket", format!("'{name}' {why}")));
    if name.is_empty() {
        return Err(wrong("bucket", "it is empty"));
    }
    if !(3..=63).contains(&name.len()) {
        return refuse("has to have 3 to 63 characters");
    }
    let edge = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if !name
        .bytes()
        .all(|byte| edge(byte) || byte == b'.' || byte == b'-')
    {
        return refuse("may hold lower-case letters, digits, dots and hyphens only");
    }
    let ends = [name.bytes().next(), name.bytes().last()];
    if !ends.into_iter().flatten().all(edge) {
        return refuse("has to begin and to end with a letter or a digit");
    }
    if name.contains("..") {
        return refuse("must not have two dots side by side");
    }
    if name.parse::<std::net::Ipv4Addr>().is_ok() {
        return refuse("must not look like an IP address");
    }
    Ok(())
}

pub(super) fn check_prefix(prefix: &str) -> Result<(), ObjectError> {
    let parts: Vec<&str> = prefix.trim_end_matches('/').split('/').collect();
    let fits = |part: &&str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        !part.is_empty() && *part != "." && *part != ".." && part.bytes().all(known)
    };
    if prefix.is_empty() || parts.iter().all(fits) {
        return Ok(());
    }
    let why = format!("'{prefix}' has to be like `studio/blue`, of letters, digits and `._-`");
    Err(wrong("prefix", why))
}

/// Keys of objects: `<prefix>objects/<project>/<aa>/<address>`.
pub(super) struct Keys {
    base: String,
}

impl Keys {
    pub(super) fn new(prefix: &str) -> Self {
        let prefix = prefix.trim_end_matches('/');
        let slash = if prefix.is_empty() { "" } else { "/" };
        Self {
            base: format!("{prefix}{slash}objects/"),
        }
    }

    /// What every key begins with.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    pub(super) fn of(&self, name: &Name) -> Path {
        let (project, shard) = (&name.project, name.shard());
        Path::from(format!("{}{project}/{shard}/{}", self.base, name.file()))
    }

    /// What the keys of a project begin with.
    pub(super) fn of_project(&self, project: &str) -> String {
        format!("{}{project}/", self.base)
    }

    /// The object's address and form, if the key is one of ours.
    pub(super) fn parse<'a>(&self, key: &'a str) -> Option<(&'a str, Form)> {
        let (project, rest) = key.strip_prefix(&self.base)?.split_once('/')?;
        let (shard, file) = rest.split_once('/')?;
        let (hash, form) = parse_file(file)?;
        (check_project(project).is_ok() && hash.starts_with(shard)).then_some((hash, form))
    }

    /// The project in a common prefix of keys.
    pub(super) fn project<'a>(&self, folder: &'a str) -> Option<&'a str> {
        let project = folder.strip_prefix(&self.base)?.trim_end_matches('/');
        check_project(project).is_ok().then_some(project)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_names_follow_the_rules_of_s3() {
        for name in ["abc", "hanok-objects", "a.b.c", "0-9", &"a".repeat(63)] {
            assert!(check_bucket(name).is_ok(), "{name}");
        }
        for name in [
            "",
            "ab",
            &"a".repeat(64),
            "Hanok",
            "a_b",
            "-abc",
            "abc-",
            ".abc",
            "a..b",
            "192.168.5.4",
            "한옥집",
            "a/b",
            "abc\n",
        ] {
            let error = check_bucket(name).unwrap_err().to_string();
            assert!(error.contains("bucket"), "{error}");
        }
    }

    #[test]
    fn prefixes_stay_inside_the_bucket() {
        for prefix in ["", "studio", "studio/", "a/b_c/d.e"] {
            assert!(check_prefix(prefix).is_ok(), "{prefix}");
        }
        for prefix in ["/", "/a", "a//b", "../a", "a/./b", "a b", "a?b"] {
            assert!(check_prefix(prefix).is_err(), "{prefix}");
        }
    }

    #[test]
    fn keys_are_read_back_and_strangers_are_not() {
        let keys = Keys::new("studio/");
        let hash = "ab".repeat(32);
        let name = Name::new("proj_a", &hash, Form::Sealed).unwrap();
        let key = keys.of(&name).to_string();
        assert_eq!(key, format!("studio/objects/proj_a/ab/{hash}.sealed"));
        assert_eq!(keys.parse(&key), Some((hash.as_str(), Form::Sealed)));
        assert_eq!(keys.project("studio/objects/proj_a"), Some("proj_a"));
        for stranger in [
            "studio/objects/proj_a/ab",
            "studio/objects/proj_a/ab/notes.txt",
            &format!("objects/proj_a/ab/{hash}"),
            &format!("studio/objects/proj_a/cd/{hash}"),
        ] {
            assert_eq!(keys.parse(stranger), None, "{stranger}");
        }
        assert_eq!(Keys::new("").base(), "objects/");
    }
}
