//! Columns that line up, also where a character takes two cells (Korean does).

use unicode_width::UnicodeWidthStr;

use super::Terminal;

/// Rows under headings.
#[derive(Debug, Clone)]
pub struct Table {
    heads: Vec<&'static str>,
    right: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings; one that starts with `>` is flush right.
    pub fn new(heads: &[&'static str]) -> Self {
        Self {
            heads: heads.iter().map(|h| h.trim_start_matches('>')).collect(),
            right: heads.iter().map(|h| h.starts_with('>')).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows
            .push(cells.into_iter().map(|c| one_line(&c)).collect());
    }

    /// The lines, heading first.
    pub fn lines(&self) -> Vec<String> {
        let heads: Vec<String> = self.heads.iter().map(|h| (*h).to_owned()).collect();
        let mut widths: Vec<usize> = heads.iter().map(|h| h.width()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        std::iter::once(&heads)
            .chain(&self.rows)
            .map(|row| self.line(row, &widths))
            .collect()
    }

    fn line(&self, row: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(widths).enumerate() {
            let gap = " ".repeat(width - cell.width());
            let last = at + 1 == widths.len();
            match (self.right[at], last) {
                (true, _) => line.push_str(&format!("{gap}{cell}")),
                (false, true) => line.push_str(cell),
                (false, false) => line.push_str(&format!("{cell}{gap}")),
            }
            if !last {
                line.push_str("  ");
            }
        }
        line.trim_end().to_owned()
    }

    /// Prints it, or a sentence where it has no rows.
    pub fn print_or(&self, terminal: &Terminal, nothing: &str) {
        if self.rows.is_empty() {
            terminal.line(nothing);
        } else {
            self.print(terminal, "");
        }
    }

    /// Prints it with the heading dimmed; a table without rows is not printed.
    pub fn print(&self, terminal: &Terminal, indent: &str) {
        if self.rows.is_empty() {
            return;
        }
        for (at, line) in self.lines().iter().enumerate() {
            let line = if at == 0 {
                terminal.paint.dim(line)
            } else {
                line.clone()
            };
            terminal.line(format!("{indent}{line}"));
        }
    }
}

/// Text of others on one line: nothing in it can move the cursor.
pub fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// At most `cells` wide, with an ellipsis where it was cut.
pub fn cut(text: &str, cells: usize) -> String {
    let text = one_line(text);
    if text.width() <= cells {
        return text;
    }
    let mut kept = String::new();
    for c in text.chars() {
        let mut next = kept.clone();
        next.push(c);
        if next.width() + 1 > cells {
            break;
        }
        kept = next;
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_over_wide_characters() {
        let mut table = Table::new(&["name", ">rows", "state"]);
        table.row(vec!["한국어".into(), "7".into(), "ready".into()]);
        table.row(vec!["abc".into(), "1,200".into(), "failed".into()]);
        assert_eq!(
            table.lines(),
            [
                "name     rows  state",
                "한국어      7  ready",
                "abc     1,200  failed",
            ]
        );
    }

    #[test]
    fn text_of_others_cannot_drive_the_terminal() {
        assert_eq!(one_line("a\x1b[2Jb\nc"), "a [2Jb c");
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        assert_eq!(cut("short", 10), "short");
        assert_eq!(cut("가나다라마", 6), "가나…");
        assert_eq!(cut("abcdefgh", 5), "abcd…");
    }
}
