//! Rewriting: capitals, lists, repeating, polite requests, spelling.

use super::pattern::{Dice, capital, joined};
use super::support::NAMES;
use super::{Exchange, exchange};

/// Words to work on.
pub const WORDS: &[&str] = &[
    "apple", "bread", "water", "house", "river", "green", "light", "music", "table", "chair",
    "garden", "window", "orange", "letter", "winter", "summer", "yellow", "silver", "bridge",
    "flower", "sun", "moon", "star", "tree", "book", "door", "hand", "bird", "fish", "ship", "tea",
    "milk", "rice", "salt", "egg", "cup", "bag", "hat", "map", "key", "street", "school", "friend",
    "family", "market", "forest", "island", "kitchen", "morning", "evening", "train", "plane",
    "bike", "car", "boat", "road", "rain", "snow", "wind", "cloud", "red", "blue", "black",
    "white", "old", "new", "warm", "cold", "fast", "slow", "lamp", "pen", "paper", "phone",
    "clock", "shoe", "coat", "shirt", "soap", "towel", "lemon", "potato", "cheese", "butter",
    "sugar", "coffee", "soup", "cake", "honey", "pepper",
];
/// What one can ask for.
const REQUESTS: [&str; 24] = [
    "give me the book",
    "close the door",
    "open the window",
    "call me back",
    "send me the report",
    "wait here",
    "be quiet",
    "help me",
    "come here",
    "bring me some water",
    "turn off the light",
    "pay the bill",
    "answer my e-mail",
    "show me the way",
    "tell me your name",
    "sign the form",
    "cancel my order",
    "check the parcel",
    "read this",
    "sit down",
    "speak louder",
    "clean the kitchen",
    "move your car",
    "write it down",
];

fn phrase(dice: &mut Dice) -> String {
    let count = dice.number(1, 4) as usize;
    let words: Vec<&str> = dice.several(WORDS, count).into_iter().copied().collect();
    words.join(" ")
}

fn letters(dice: &mut Dice) -> Exchange {
    let text = phrase(dice);
    let (upper, first) = (text.to_uppercase(), capital(&text));
    let title: Vec<String> = text.split(' ').map(capital).collect();
    let title = title.join(" ");
    let names = [
        ("text", text.as_str()),
        ("upper", &upper),
        ("first", &first),
        ("title", &title),
    ];
    match dice.number(0, 3) {
        0 | 1 => exchange(
            dice,
            &[
                "[Write|Put] \"{text}\" in [upper case|capitals|capital letters].",
                "[Upper case|Make this upper case]: {text}",
            ],
            &["{upper}"],
            &names,
        ),
        2 => exchange(
            dice,
            &[
                "[Write|Put] \"{upper}\" in [lower case|small letters].",
                "[Lower case|Make this lower case]: {upper}",
            ],
            &["{text}"],
            &names,
        ),
        _ => exchange(
            dice,
            &[
                "[Write|Put] \"{text}\" with capital first letters.",
                "Make a title of: {text}",
            ],
            &["{title}"],
            &names,
        ),
    }
}

fn list(dice: &mut Dice) -> Exchange {
    let count = dice.number(2, 5) as usize;
    let words: Vec<&str> = dice.several(WORDS, count).into_iter().copied().collect();
    let text = joined(&words);
    let dashes: Vec<String> = words.iter().map(|word| format!("- {word}")).collect();
    let numbers: Vec<String> = words
        .iter()
        .zip(1..)
        .map(|(word, n)| format!("{n}. {word}"))
        .collect();
    let back: Vec<&str> = words.iter().rev().copied().collect();
    let mut sorted = words.clone();
    sorted.sort_unstable();
    let (dashes, numbers, back, sorted) = (
        dashes.join("\n"),
        numbers.join("\n"),
        joined(&back),
        joined(&sorted),
    );
    let names = [
        ("text", text.as_str()),
        ("dashes", &dashes),
        ("numbers", &numbers),
        ("back", &back),
        ("sorted", &sorted),
    ];
    match dice.number(0, 5) {
        0..=2 => exchange(
            dice,
            &[
                "[Write|Make|Give me] a list[ of|:] {text}.",
                "Make this a list: {text}",
                "{text} as a list, please.",
            ],
            &["{dashes}"],
            &names,
        ),
        3 => exchange(
            dice,
            &[
                "[Write|Make] a numbered list[ of|:] {text}.",
                "Number these: {text}",
            ],
            &["{numbers}"],
            &names,
        ),
        4 => exchange(
            dice,
            &[
                "Turn the order round: {text}",
                "Write these backwards: {text}",
            ],
            &["{back}"],
            &names,
        ),
        _ => exchange(
            dice,
            &[
                "Sort these by the alphabet: {text}",
                "Put these in order: {text}",
            ],
            &["{sorted}"],
            &names,
        ),
    }
}

/// A word that nobody knows, so that it can only be copied.
fn made_up(dice: &mut Dice) -> String {
    let syllable = |dice: &mut Dice| {
        let begins = dice.pick(b"bcdfghjklmnprstvwz") as char;
        let vowel = dice.pick(b"aeiou") as char;
        format!("{begins}{vowel}")
    };
    let count = dice.number(1, 3);
    (0..count).map(|_| syllable(dice)).collect()
}

/// Nothing but copying, short and mostly of numbers.
pub fn drill(dice: &mut Dice) -> Exchange {
    let text = match dice.number(0, 9) {
        0..=5 => {
            let count = dice.number(1, 5);
            let numbers: Vec<String> = (0..count)
                .map(|_| dice.number(0, 999).to_string())
                .collect();
            numbers.join(" ")
        }
        6 | 7 => phrase(dice),
        _ => mixture(dice),
    };
    let asks = ["[Repeat|Say|Repeat after me|Please repeat]: {text}"];
    exchange(dice, &asks, &["{text}"], &[("text", &text)])
}

/// Words, names, numbers and made-up words.
fn mixture(dice: &mut Dice) -> String {
    let count = dice.number(2, 8);
    let items: Vec<String> = (0..count)
        .map(|_| match dice.number(0, 4) {
            0 => dice.pick(&NAMES).to_owned(),
            1 => dice.number(0, 99_999).to_string(),
            2 => dice.pick(WORDS).to_owned(),
            _ => made_up(dice),
        })
        .collect();
    items.join(" ")
}

fn repeat(dice: &mut Dice) -> Exchange {
    let text = if dice.chance(0.7) {
        mixture(dice)
    } else {
        phrase(dice)
    };
    let code: Vec<String> = (0..dice.number(3, 6))
        .map(|_| dice.number(0, 9).to_string())
        .collect();
    let code = code.concat();
    let first = text.split(' ').next().unwrap_or_default().to_owned();
    let last = text.split(' ').next_back().unwrap_or_default().to_owned();
    let spelled: Vec<String> = first.chars().map(String::from).collect();
    let spelled = spelled.join("-");
    let names = [
        ("text", text.as_str()),
        ("code", &code),
        ("first", &first),
        ("last", &last),
        ("spelled", &spelled),
    ];
    match dice.number(0, 6) {
        0..=2 => exchange(
            dice,
            &[
                "[Repeat|Say|Repeat after me|Please repeat]: {text}",
                "Say \"{text}\".",
            ],
            &["{text}"],
            &names,
        ),
        3 => exchange(
            dice,
            &[
                "[Repeat|Say|Write down]: {code}",
                "[Repeat|Say] the number {code}.",
            ],
            &["{code}"],
            &names,
        ),
        4 => exchange(
            dice,
            &[
                "[Spell|How do you spell] \"{first}\"?",
                "Spell the word {first}.",
            ],
            &["{spelled}"],
            &names,
        ),
        5 => exchange(
            dice,
            &["What is the first word of \"{text}\"?"],
            &["The first word is \"{first}\"."],
            &names,
        ),
        _ => exchange(
            dice,
            &["What is the last word of \"{text}\"?"],
            &["The last word is \"{last}\"."],
            &names,
        ),
    }
}

fn polite(dice: &mut Dice) -> Exchange {
    let plain = dice.pick(&REQUESTS);
    let whole = capital(plain);
    let names = [("plain", plain), ("Plain", &whole)];
    exchange(
        dice,
        &[
            "[Say this politely|Make this polite|Write this politely|More politely]: {Plain}[.|!]",
            "How do I say \"{plain}\" politely?",
        ],
        &["Could you please {plain}?"],
        &names,
    )
}

pub fn rewriting(dice: &mut Dice) -> Exchange {
    match dice.number(0, 9) {
        0 | 1 => letters(dice),
        2 | 3 => list(dice),
        4..=8 => repeat(dice),
        _ => polite(dice),
    }
}
