//! A template's source before it is compiled: only known tags, each of bounded size, and a call after
//! every binding of a name, so that what a name holds is measured ([`super::budget`]).
//!
//! The engine counts its steps but not its memory: `{% set x = x ~ x %}` thirty times fills any.
//! Here a binding is small or refused, an expression reads few names, and what multiplies is absent.

/// Names in one tag, keywords and attributes included.
const MAX_NAMES: usize = 128;
const MAX_SOURCE: usize = 256 << 10;
/// The functions that the calls go to; names that begin so are nobody else's.
pub(super) const RESERVED: &str = "__hanok";

/// A template that may be compiled.
pub(super) struct Guarded {
    /// With the calls.
    pub(super) source: String,
    /// Bytes of text between the tags: what one round of a loop writes besides its values.
    pub(super) text: usize,
}

/// The source with its calls, or why the template is refused.
pub(super) fn guard(source: &str) -> Result<Guarded, String> {
    if source.len() > MAX_SOURCE {
        return Err(format!("has {} bytes, at most {MAX_SOURCE}", source.len()));
    }
    if source.contains(RESERVED) {
        return Err(format!("uses the reserved name {RESERVED}"));
    }
    let mut out = String::with_capacity(source.len() * 2);
    let (mut rest, mut text) = (source, 0);
    while let Some(at) = next_marker(rest) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        text += at;
        let length = match rest.as_bytes()[1] {
            b'#' => {
                let length = comment(rest)?;
                out.push_str(&rest[..length]);
                length
            }
            b'{' => {
                let tag = Tag::read(rest, "}}")?;
                out.push_str(tag.text);
                tag.text.len()
            }
            _ => {
                let tag = Tag::read(rest, "%}")?;
                out.push_str(&tag.guarded()?);
                tag.text.len()
            }
        };
        rest = &rest[length..];
    }
    out.push_str(rest);
    text += rest.len();
    Ok(Guarded { source: out, text })
}

fn next_marker(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_marker = |pair: &[u8]| matches!(pair, [b'{', b'{' | b'%' | b'#']);
    bytes.windows(2).position(is_marker)
}

fn comment(text: &str) -> Result<usize, String> {
    let skip = if matches!(text.as_bytes().get(2), Some(b'-' | b'+')) {
        3
    } else {
        2
    };
    let end = text[skip..].find("#}").ok_or("a comment has no end")?;
    Ok(skip + end + 2)
}

/// A `{{ … }}` or `{% … %}` as it stands, and its inside without the signs for white space.
struct Tag<'s> {
    text: &'s str,
    inside: &'s str,
    open: &'s str,
    close: &'s str,
}

impl<'s> Tag<'s> {
    /// Finds the end as the engine does: outside of strings, where all brackets are closed.
    fn read(text: &'s str, end: &str) -> Result<Self, String> {
        let bytes = text.as_bytes();
        let signed = |at: usize| matches!(bytes.get(at), Some(b'-' | b'+'));
        let begin = if signed(2) { 3 } else { 2 };
        let (mut at, mut open, mut names) = (begin, 0i32, 0);
        loop {
            let sign = usize::from(signed(at));
            if open == 0 && text.get(at + sign..).is_some_and(|t| t.starts_with(end)) {
                let stop = at + sign + 2;
                return Ok(Self {
                    text: &text[..stop],
                    inside: &text[begin..at],
                    open: &text[..begin],
                    close: &text[at..stop],
                });
            }
            match bytes.get(at) {
                None => return Err("a tag has no end".to_owned()),
                Some(quote @ (b'\'' | b'"')) => at = string_end(bytes, at, *quote)?,
                Some(b'(' | b'[' | b'{') => open += 1,
                Some(b')' | b']' | b'}') => open -= 1,
                Some(b'*') => return Err("multiplies, which is not allowed".to_owned()),
                Some(c) if is_word(*c) && !is_word(bytes[at - 1]) => names += 1,
                Some(_) => {}
            }
            if names > MAX_NAMES {
                return Err(format!("has a tag of more than {MAX_NAMES} names"));
            }
            at += 1;
        }
    }

    /// The tag with the calls that belong after it.
    fn guarded(&self) -> Result<String, String> {
        let inside = self.inside.trim();
        let word = inside.split(|c: char| !c.is_ascii_alphanumeric()).next();
        let rest = &inside[word.map_or(0, str::len)..];
        let with_call = |call: &str, names: Vec<&str>| {
            let (tag, names) = (self.inside, names.join(", "));
            let (open, close) = (self.open, self.close);
            format!("{open}{tag}%}}{{% do {RESERVED}_{call}({names}) {close}")
        };
        match word.unwrap_or_default() {
            "if" | "elif" | "else" | "endif" | "endfor" | "endmacro" | "break" | "continue" => {
                Ok(self.text.to_owned())
            }
            // Marks of other tools around what the assistant says.
            "generation" => Ok(format!("{} if true {}", self.open, self.close)),
            "endgeneration" => Ok(format!("{} endif {}", self.open, self.close)),
            "set" => {
                let (targets, _) = rest.split_once('=').ok_or("sets a name to a block")?;
                Ok(with_call("keep", bound_names(targets)?))
            }
            "for" => {
                let (targets, _) = rest.split_once(" in ").ok_or("has a loop without in")?;
                Ok(with_call("step", bound_names(targets)?))
            }
            "macro" => Ok(with_call("step", parameters(rest)?)),
            other => Err(format!("uses the tag {other:?}, which is not allowed")),
        }
    }
}

fn string_end(bytes: &[u8], from: usize, quote: u8) -> Result<usize, String> {
    let mut at = from + 1;
    loop {
        match bytes.get(at) {
            None => return Err("a string has no end".to_owned()),
            Some(b'\\') => at += 2,
            Some(c) if *c == quote => return Ok(at),
            Some(_) => at += 1,
        }
    }
}

/// `a`, `a, b`, `(a, b)` or `a.b`.
fn bound_names(targets: &str) -> Result<Vec<&str>, String> {
    let names: Vec<&str> = targets
        .split([',', '(', ')'])
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let plain = |name: &str| name.bytes().all(|c| is_word(c) || c == b'.');
    if names.is_empty() || !names.iter().all(|name| plain(name)) {
        return Err(format!("binds {:?}, which is no name", targets.trim()));
    }
    Ok(names)
}

/// The names of `f(a, b=1)`; defaults are constants without brackets and commas.
fn parameters(signature: &str) -> Result<Vec<&str>, String> {
    let wrong = || format!("has the macro {:?}, which is not plain", signature.trim());
    let (_, inside) = signature.split_once('(').ok_or_else(wrong)?;
    let inside = inside.trim().strip_suffix(')').ok_or_else(wrong)?;
    let mut names = Vec::new();
    for parameter in inside.split(',').filter(|p| !p.trim().is_empty()) {
        let name = parameter.split('=').next().unwrap_or_default().trim();
        if name.is_empty() || !name.bytes().all(is_word) || inside.contains(['(', '[', '{']) {
            return Err(wrong());
        }
        names.push(name);
    }
    Ok(names)
}

fn is_word(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_' || c >= 0x80
}
