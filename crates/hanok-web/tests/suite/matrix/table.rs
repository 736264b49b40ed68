//! The two tables of `policy.txt`, read. Knows nothing of the program.

use std::collections::BTreeMap;

/// Which column of the first table stands for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    None,
    Dead,
    Work,
    Metrics,
    Local,
    Lost,
    LostLocal,
    /// Session of somebody, of an administrator; key of somebody, of an administrator: by role.
    Member(usize, usize),
}

/// How a key with scopes sees a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    Read,
    Write,
    Call,
    List,
}

/// A line of the second table.
#[derive(Debug, Clone)]
pub struct Line {
    pub method: String,
    pub path: String,
    pub who: String,
    pub kind: Option<String>,
    pub asks: Asks,
}

/// Both tables.
pub struct Policy {
    pub lines: Vec<Line>,
    fates: BTreeMap<(String, Column), char>,
}

impl Policy {
    pub fn read() -> Self {
        let mut policy = Self {
            lines: Vec::new(),
            fates: BTreeMap::new(),
        };
        let rows = include_str!("policy.txt")
            .lines()
            .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        for row in rows {
            let words: Vec<&str> = row.split_whitespace().collect();
            match words.as_slice() {
                ["who", ..] => {}
                [method, path, who, kind, asks] => policy.lines.push(Line {
                    method: (*method).to_owned(),
                    path: (*path).to_owned(),
                    who: (*who).to_owned(),
                    kind: (*kind != "-").then(|| (*kind).to_owned()),
                    asks: asked(asks),
                }),
                [who, fates @ ..] if fates.len() == 11 => policy.fate(who, fates),
                _ => panic!("policy.txt: {row}"),
            }
        }
        policy
    }

    fn fate(&mut self, who: &str, fates: &[&str]) {
        let single = [
            Column::None,
            Column::Dead,
            Column::Work,
            Column::Metrics,
            Column::Local,
            Column::Lost,
            Column::LostLocal,
        ];
        let mut set = |column, fate| self.fates.insert((who.to_owned(), column), fate);
        for (column, fate) in single.into_iter().zip(fates) {
            set(column, fate.chars().next().unwrap());
        }
        for (group, fates) in fates[7..].iter().enumerate() {
            assert_eq!(fates.len(), 4, "{who}");
            for (role, fate) in fates.chars().enumerate() {
                set(Column::Member(group, role), fate);
            }
        }
    }

    /// What becomes of somebody at a route that is for `who`.
    pub fn at(&self, who: &str, column: Column) -> Option<char> {
        self.fates.get(&(who.to_owned(), column)).copied()
    }
}

fn asked(word: &str) -> Asks {
    match word {
        "read" => Asks::Read,
        "write" => Asks::Write,
        "call" => Asks::Call,
        "list" => Asks::List,
        other => panic!("policy.txt: {other}"),
    }
}
