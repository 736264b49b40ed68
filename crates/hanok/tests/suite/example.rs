//! Small data sets that a classifier can learn, made here.

/// Beginnings, subjects and ends; each row differs, and the subject decides the label.
const LABELS: [(&str, [&str; 6]); 3] = [
    (
        "billing",
        ["invoice", "charge", "refund", "payment", "receipt", "price"],
    ),
    (
        "delivery",
        [
            "parcel", "courier", "shipment", "package", "tracking", "depot",
        ],
    ),
    (
        "account",
        [
            "password", "login", "profile", "username", "signup", "email",
        ],
    ),
];
const BEGINNINGS: [&str; 5] = [
    "There is something wrong with the",
    "Please help me with my",
    "I have a question about the",
    "Nobody answers me about the",
    "Thank you for looking into the",
];
const ENDS: [&str; 4] = [
    "since Monday",
    "again",
    "from last week",
    "that I wrote about",
];

/// Rows of text and label, labels in turn.
pub fn rows(count: usize) -> Vec<(String, &'static str)> {
    (0..count)
        .map(|at| {
            let (label, words) = LABELS[at % LABELS.len()];
            let turn = at / LABELS.len();
            let text = format!(
                "{} {} {} (case {at})",
                BEGINNINGS[turn % BEGINNINGS.len()],
                words[turn % words.len()],
                ENDS[turn / 2 % ENDS.len()],
            );
            (text, label)
        })
        .collect()
}

/// As CSV with a header.
pub fn csv(count: usize) -> String {
    let mut text = String::from("text,label\n");
    rows(count)
        .iter()
        .for_each(|(t, label)| text.push_str(&format!("\"{t}\",{label}\n")));
    text
}

/// As tab-separated values without a header.
pub fn tsv(count: usize) -> String {
    rows(count)
        .iter()
        .map(|(t, label)| format!("{t}\t{label}\n"))
        .collect()
}

/// As JSON Lines.
pub fn jsonl(count: usize) -> String {
    rows(count)
        .iter()
        .map(|(t, label)| format!("{}\n", serde_json::json!({ "text": t, "label": label })))
        .collect()
}
