//! Words and characters that have no place in the repository.

use super::Finding;
use super::rust_source::code_only;
use super::tree::{File, Tree};

/// Paths of somebody's machine; split, so that this table does not find itself.
const MACHINE_PATHS: [&str; 3] = [
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/tmp/", "bash"),
];

/// Code that is not finished, not run, or left from a search for a bug.
const UNFINISHED: [&str; 4] = ["todo!(", "unimplemented!(", "dbg!(", "#[ignore"];

/// Kinds of files whose lines we write by hand.
const WRITTEN: [&str; 11] = [
    "rs", "toml", "md", "py", "sh", "html", "css", "js", "yml", "yaml", "run",
];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        let written = is_written(&file.path);
        for (number, line) in file.text.lines().enumerate() {
            let problem = anywhere(line).or_else(|| written.then(|| spacing(file, line))?);
            if let Some(problem) = problem {
                let message = format!("line {}: {problem}", number + 1);
                findings.push(Finding::new("text", &file.path, message));
            }
        }
        if file.is_rust() {
            findings.extend(unfinished(file));
        }
    }
    findings
}

fn is_written(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    WRITTEN.contains(&name.rsplit('.').next().unwrap_or(name))
}

fn anywhere(line: &str) -> Option<String> {
    if line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") {
        return Some("a conflict marker".into());
    }
    let path = MACHINE_PATHS.iter().find(|path| line.contains(*path))?;
    Some(format!("a path of one machine ({path})"))
}

fn spacing(file: &File, line: &str) -> Option<String> {
    if line.ends_with([' ', '\t']) {
        return Some("white space at the end".into());
    }
    let tab = file.is_rust() && line.contains('\t');
    tab.then(|| "a tab".into())
}

fn unfinished(file: &File) -> Vec<Finding> {
    let code = code_only(&file.text);
    let mut findings = Vec::new();
    for (number, line) in code.lines().enumerate() {
        if let Some(word) = UNFINISHED.iter().find(|word| line.contains(*word)) {
            let message = format!("line {}: `{word}`", number + 1);
            findings.push(Finding::new("text", &file.path, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(path: &str, text: &str) -> Vec<String> {
        let found = check(&Tree::of(&[(path, text)]));
        found.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn machine_paths_are_found_in_any_text() {
        let text = format!("fine\nlog: {}me/ann/x\n", "/ho");
        assert!(messages("docs/a.md", &text)[0].starts_with("line 2: a path of one machine"));
        assert!(messages("docs/a.md", "GET /api/v1/home\n").is_empty());
    }

    #[test]
    fn unfinished_code_is_found_but_not_in_comments_and_strings() {
        assert_eq!(messages("a.rs", "fn f() { todo!() }\n").len(), 1);
        assert_eq!(
            messages("a.rs", "#[ignore = \"slow\"]\nfn f() {}\n").len(),
            1
        );
        assert!(messages("a.rs", "// todo!()\nlet a = \"dbg!(x)\";\n").is_empty());
    }

    #[test]
    fn spacing_is_judged_in_written_files_only() {
        assert_eq!(messages("a.rs", "let a = 1; \n\tlet b;\n").len(), 2);
        assert_eq!(messages(".ci/run", "set -e \n").len(), 1);
        assert!(messages("examples/a.tsv", "text\t\n").is_empty());
        assert_eq!(messages("examples/a.tsv", "<<<<<<< ours\n").len(), 1);
    }
}
