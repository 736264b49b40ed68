//! Which column is the text and which the label: by option, by name, else by figures.

use crate::error::{DataError, ErrorCode};
use crate::imported::Kind;
use crate::options::{Format, ImportOptions};
use crate::survey::{Column, MAX_LABELS};

/// In the order of preference.
const TEXT_NAMES: [&str; 33] = [
    "text",
    "sentence",
    "review",
    "document",
    "tweet",
    "message",
    "content",
    "question",
    "body",
    "comment",
    "utterance",
    "query",
    "statement",
    "description",
    "headline",
    "post",
    "prompt",
    "input",
    "sentence1",
    "premise",
    "title",
    "본문",
    "텍스트",
    "문장",
    "내용",
    "리뷰",
    "댓글",
    "질문",
    "발화",
    "문서",
    "메시지",
    "설명",
    "제목",
];

const LABEL_NAMES: [&str; 26] = [
    "label",
    "class",
    "category",
    "sentiment",
    "target",
    "intent",
    "emotion",
    "topic",
    "type",
    "labels",
    "gold_label",
    "classification",
    "tag",
    "polarity",
    "rating",
    "completion",
    "output",
    "y",
    "라벨",
    "레이블",
    "분류",
    "감정",
    "카테고리",
    "의도",
    "주제",
    "유형",
];

/// What the columns are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Roles {
    pub(crate) kind: Kind,
    /// The text; for messages the `messages` or the `prompt`.
    pub(crate) text: usize,
    /// The label; for prompts the `completion`; none for `messages`.
    pub(crate) label: Option<usize>,
}

/// The column whose name says that it is the text.
pub(crate) fn text_by_name(columns: &[String]) -> Option<usize> {
    by_name(columns, &TEXT_NAMES)
}

/// The column whose name says that it is the label.
pub(crate) fn label_by_name(columns: &[String]) -> Option<usize> {
    by_name(columns, &LABEL_NAMES)
}

/// An exact name first, then a name that ends in one (`airline_sentiment`).
fn by_name(columns: &[String], names: &[&str]) -> Option<usize> {
    let lower = columns.iter().map(|name| name.trim().to_lowercase());
    let lower = lower.collect::<Vec<_>>();
    let exact = |name: &&str| lower.iter().position(|column| column == name);
    let last = |name: &&str| {
        let ends = |column: &String| {
            let last = column.rsplit(['_', '-', ' ', '.']).next();
            last == Some(name) && column != name && !column.starts_with("is_")
        };
        lower.iter().position(ends)
    };
    names
        .iter()
        .find_map(exact)
        .or_else(|| names.iter().find_map(last))
}

/// Decides; `columns` are those of the survey.
pub(crate) fn decide(
    columns: &[Column],
    format: Format,
    options: &ImportOptions,
    file: &str,
    notices: &mut Vec<String>,
) -> Result<Roles, DataError> {
    let names = Vec::from_iter(columns.iter().map(|column| column.name.clone()));
    let asked = |wanted: &Option<String>, option| {
        let find = |wanted: &String| named(&names, wanted, option, file);
        wanted.as_ref().map(find).transpose()
    };
    let text = asked(&options.text_column, "text-column")?;
    let label = asked(&options.label_column, "label-column")?;
    let talk = conversation(columns, &names, format);
    if let (None, None, Some(roles)) = (text, label, talk) {
        return Ok(roles);
    }
    if columns.len() < 2 {
        return Err(one_column(file, &names));
    }
    let label = label.or_else(|| label_by_name(&names).filter(|at| Some(*at) != text));
    let known_text = text.or_else(|| text_by_name(&names).filter(|at| Some(*at) != label));
    let label_at = match label {
        Some(label) => label,
        None => label_by_figures(columns, known_text)
            .inspect(|at| notices.push(chosen(&names[*at], "label", "--label-column")))
            .ok_or_else(|| no_label(file, &names))?,
    };
    let text_at = match known_text {
        Some(text) => text,
        None => longest_text(columns, label_at)
            .inspect(|at| notices.push(chosen(&names[*at], "text", "--text-column")))
            .ok_or_else(|| no_text(file, &names))?,
    };
    if text_at == label_at {
        return Err(no_label(file, &names));
    }
    let nested = columns[text_at].is_nested() && format != Format::Delimited;
    if nested && text.is_none() {
        return Err(no_text(file, &names));
    }
    Ok(classification(text_at, label_at))
}

fn classification(text: usize, label: usize) -> Roles {
    Roles {
        kind: Kind::Classification,
        text,
        label: Some(label),
    }
}

fn conversation(columns: &[Column], names: &[String], format: Format) -> Option<Roles> {
    let find = |wanted: &str| names.iter().position(|name| name == wanted);
    let json = matches!(format, Format::Json | Format::Jsonl);
    if let Some(at) = find("messages").filter(|at| json && columns[*at].is_nested()) {
        return Some(Roles {
            kind: Kind::Messages,
            text: at,
            label: None,
        });
    }
    let (prompt, completion) = (find("prompt")?, find("completion")?);
    Some(Roles {
        kind: Kind::Messages,
        text: prompt,
        label: Some(completion),
    })
}

fn named(names: &[String], wanted: &str, option: &str, file: &str) -> Result<usize, DataError> {
    let exact = names.iter().position(|name| name == wanted);
    let loose = || {
        let lower = wanted.to_lowercase();
        names.iter().position(|name| name.to_lowercase() == lower)
    };
    let number = || {
        let number = wanted.parse::<usize>().ok()?.checked_sub(1)?;
        (number < names.len()).then_some(number)
    };
    exact.or_else(loose).or_else(number).ok_or_else(|| {
        let message = format!("there is no column {wanted:?}");
        DataError::new(ErrorCode::UnknownColumn, file, message)
            .field(option)
            .remedy(format!("The columns are {}.", list(names)))
    })
}

/// The fewest different values, at least two, that repeat; leftmost of equals.
fn label_by_figures(columns: &[Column], text: Option<usize>) -> Option<usize> {
    let fits = |(at, column): &(usize, &Column)| {
        let distinct = column.distinct() as u64;
        Some(*at) != text
            && (2..=MAX_LABELS as u64).contains(&distinct)
            && distinct * 2 <= column.filled
            && column.filled * 2 >= column.rows
            && column.mean_chars() <= 64.0
    };
    let candidates = columns.iter().enumerate().filter(fits);
    candidates
        .min_by_key(|(_, column)| column.distinct())
        .map(|(at, _)| at)
}

/// The longest values; none if those are nested JSON.
fn longest_text(columns: &[Column], label: usize) -> Option<usize> {
    let candidates = columns
        .iter()
        .enumerate()
        .filter(|(at, column)| *at != label && column.filled > 0);
    candidates
        .max_by(|(a, one), (b, other)| {
            one.mean_chars()
                .total_cmp(&other.mean_chars())
                .then(b.cmp(a))
        })
        .filter(|(_, column)| !column.is_nested())
        .map(|(at, _)| at)
}

fn chosen(name: &str, role: &str, option: &str) -> String {
    format!(
        "{name} was taken as the {role} column, by what it holds; choose another with {option}."
    )
}

fn no_label(file: &str, names: &[String]) -> DataError {
    let message = format!("no column is clearly the label among {}", list(names));
    DataError::new(ErrorCode::LabelColumnUnclear, file, message)
        .field("label-column")
        .remedy("Name it with --label-column.")
}

fn no_text(file: &str, names: &[String]) -> DataError {
    let message = format!("no column is clearly the text among {}", list(names));
    DataError::new(ErrorCode::TextColumnUnclear, file, message)
        .field("text-column")
        .remedy("Name it with --text-column; conversations need a column called messages.")
}

pub(crate) fn one_column(file: &str, names: &[String]) -> DataError {
    let message = match names.first() {
        Some(name) => format!("the file has one column only ({name:?})"),
        None => "the file has one column only".to_string(),
    };
    DataError::new(ErrorCode::OneColumn, file, message).remedy(
        "Each row needs a text and a label; if there is something else than a comma, tab, semicolon or | between them, give it with --delimiter.",
    )
}

fn list(names: &[String]) -> String {
    let mut shown = names
        .iter()
        .take(12)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > 12 {
        shown.push_str(", …");
    }
    shown
}
