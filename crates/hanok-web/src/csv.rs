//! Tables that are downloaded, as RFC 4180 has them. A spreadsheet runs what begins like a formula, so that
//! no text of a person's may begin like one.

/// One field.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'a> {
    /// Whatever somebody wrote.
    Text(&'a str),
    /// A figure of ours; it may well begin with a minus.
    Number(f64),
    /// A count of ours.
    Count(u64),
    /// Nothing.
    Empty,
}

impl From<Option<f64>> for Cell<'_> {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Self::Empty, Self::Number)
    }
}

/// What begins a formula in one spreadsheet or another.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\0', '＝', '＋', '－', '＠'];
/// What a spreadsheet may take for the end of a field, whatever we meant by it.
const ENDS: [char; 7] = [',', ';', '|', '\t', '\r', '\n', '"'];

/// Adds one row.
pub fn row<'a>(out: &mut String, cells: impl IntoIterator<Item = Cell<'a>>) {
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        match cell {
            Cell::Text(text) => push_text(out, text),
            Cell::Number(number) => out.push_str(&number.to_string()),
            Cell::Count(count) => out.push_str(&count.to_string()),
            Cell::Empty => {}
        }
    }
    out.push_str("\r\n");
}

fn push_text(out: &mut String, text: &str) {
    let plain = |c: char| c.is_alphanumeric() || " ._/:()".contains(c);
    if text.chars().all(plain) {
        out.push_str(text);
        return;
    }
    out.push('"');
    let mut at_start = true;
    for c in text.chars() {
        if at_start && FORMULA.contains(&c) {
            out.push('\'');
        }
        if c == '"' {
            out.push('"');
        }
        out.push(c);
        // Spaces before a formula do not stop it.
        at_start = ENDS.contains(&c) || (at_start && c.is_whitespace());
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(cells: &[Cell<'_>]) -> String {
        let mut out = String::new();
        row(&mut out, cells.iter().copied());
        out
    }

    #[test]
    fn c11_no_text_is_a_formula() {
        for (text, written) in [
            ("=1+1", "\"'=1+1\""),
            ("+1", "\"'+1\""),
            ("-1+cmd|' /C calc'!A0", "\"'-1+cmd|' /C calc'!A0\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t'=1\""),
            ("\0=1", "\"'\0=1\""),
            ("  =1", "\"  '=1\""),
            ("a,=1", "\"a,'=1\""),
            ("a;=1;-2", "\"a;'=1;'-2\""),
            ("a\"=1", "\"a\"\"'=1\""),
            ("\"=1", "\"\"\"'=1\""),
            ("a\n=1", "\"a\n'=1\""),
            ("a\r\n@b", "\"a\r\n'@b\""),
            ("＝1", "\"'＝1\""),
        ] {
            assert_eq!(
                line(&[Cell::Text(text)]),
                format!("{written}\r\n"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn c11_ordinary_texts_and_numbers_stay_as_they_are() {
        let cells = [
            Cell::Text("val_loss"),
            Cell::Text("café 한국어"),
            Cell::Number(-0.5),
            Cell::Number(1e-7),
            Cell::Count(3),
            Cell::Empty,
            Cell::Text("a-b=c"),
        ];
        assert_eq!(
            line(&cells),
            "val_loss,café 한국어,-0.5,0.0000001,3,,\"a-b=c\"\r\n"
        );
    }
}
