//! Sums, counting and the names of numbers.

use super::pattern::{Dice, capital};
use super::{Exchange, exchange};

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

/// The name of a number below 100.
pub fn word(number: u32) -> String {
    let (tens, ones) = (number as usize / 10, number as usize % 10);
    match (tens, ones) {
        (0 | 1, _) => ONES[number as usize].to_owned(),
        (_, 0) => TENS[tens].to_owned(),
        _ => format!("{}-{}", TENS[tens], ONES[ones]),
    }
}

/// A sum: the sign, how it is said, and the result.
fn sum(dice: &mut Dice) -> Exchange {
    let (a, b) = (dice.number(0, 20), dice.number(0, 10));
    let (a, b, sign, said, result) = match dice.number(0, 2) {
        0 => (a, b, "+", "plus", a + b),
        1 => (a.max(b), a.min(b), "-", "minus", a.max(b) - a.min(b)),
        _ => {
            let a = dice.number(1, 10);
            (a, b, "*", "times", a * b)
        }
    };
    let texts = [a.to_string(), b.to_string(), result.to_string()];
    let names = [
        ("a", texts[0].as_str()),
        ("b", texts[1].as_str()),
        ("c", texts[2].as_str()),
        ("sign", sign),
        ("said", said),
    ];
    exchange(
        dice,
        &[
            "What is {a} {said} {b}?",
            "What is {a} {sign} {b}?",
            "{a} {sign} {b}",
            "{a} {sign} {b} = ?",
            "How much is {a} {said} {b}?",
            "[Calculate|Compute] {a} {sign} {b}.",
        ],
        &["{a} {said} {b} is {c}."],
        &names,
    )
}

fn story(dice: &mut Dice) -> Exchange {
    let thing = dice.pick(&[
        "apples", "books", "coins", "pens", "eggs", "cards", "cups", "stones",
    ]);
    let (a, b) = (dice.number(2, 15), dice.number(1, 9));
    let gets = dice.chance(0.5);
    let (a, result) = if gets { (a, a + b) } else { (a + b, a) };
    let texts = [a.to_string(), b.to_string(), result.to_string()];
    let names = [
        ("a", texts[0].as_str()),
        ("b", texts[1].as_str()),
        ("c", texts[2].as_str()),
        ("thing", thing),
    ];
    let asks: &[&str] = match gets {
        true => &["I have {a} {thing} and [get|find|buy] {b} more. How many [{thing} |]do I have?"],
        false => {
            &["I have {a} {thing} and [lose|sell|give away] {b}. How many [{thing} |]are left?"]
        }
    };
    let answers: &[&str] = match gets {
        true => &["You have {c} {thing}: {a} plus {b} is {c}."],
        false => &["You have {c} {thing}: {a} minus {b} is {c}."],
    };
    exchange(dice, asks, answers, &names)
}

fn names(dice: &mut Dice) -> Exchange {
    let number = dice.number(0, 99);
    let (digits, name) = (number.to_string(), word(number));
    let whole = capital(&name);
    let next = (number + 1).to_string();
    let before = number.saturating_sub(1).to_string();
    let names = [
        ("n", digits.as_str()),
        ("name", &name),
        ("Name", &whole),
        ("next", &next),
        ("before", &before),
    ];
    match dice.number(0, 3) {
        0 => exchange(
            dice,
            &[
                "Write {n} [in words|as a word].",
                "How do you [say|write|spell] {n}?",
            ],
            &["{Name}."],
            &names,
        ),
        1 => exchange(
            dice,
            &[
                "Write {name} as a number.",
                "Which number is {name}?",
                "{Name} in digits?",
            ],
            &["{n}"],
            &names,
        ),
        2 => exchange(
            dice,
            &[
                "[What|Which number] comes after {n}?",
                "What is the next number after {n}?",
            ],
            &["After {n} comes {next}."],
            &names,
        ),
        _ => exchange(
            dice,
            &["Is {n} [even or odd|odd or even]?"],
            &[if number.is_multiple_of(2) {
                "{n} is even."
            } else {
                "{n} is odd."
            }],
            &names,
        ),
    }
}

fn count(dice: &mut Dice) -> Exchange {
    let from = dice.number(0, 30);
    let to = from + dice.number(2, 9);
    let up: Vec<String> = (from..=to).map(|n| n.to_string()).collect();
    let in_words: Vec<String> = (from..=to).map(word).collect();
    let down: Vec<String> = up.iter().rev().cloned().collect();
    let (up, in_words, down) = (
        up.join(", "),
        capital(&in_words.join(", ")),
        down.join(", "),
    );
    let (a, b) = (from.to_string(), to.to_string());
    let names = [
        ("a", a.as_str()),
        ("b", &b),
        ("up", &up),
        ("words", &in_words),
        ("down", &down),
    ];
    match dice.number(0, 2) {
        0 => exchange(
            dice,
            &[
                "Count from {a} to {b}.",
                "Count to {b}, beginning with {a}.",
            ],
            &["{up}"],
            &names,
        ),
        1 => exchange(
            dice,
            &["Count from {a} to {b} in words."],
            &["{words}."],
            &names,
        ),
        _ => exchange(
            dice,
            &[
                "Count down from {b} to {a}.",
                "Count backwards from {b} to {a}.",
            ],
            &["{down}"],
            &names,
        ),
    }
}

fn compare(dice: &mut Dice) -> Exchange {
    let (a, mut b) = (dice.number(0, 99), dice.number(0, 99));
    if a == b {
        b += 1;
    }
    let texts = [a, b, a.max(b), a.min(b)].map(|n| n.to_string());
    let names = [
        ("a", texts[0].as_str()),
        ("b", &texts[1]),
        ("more", &texts[2]),
        ("less", &texts[3]),
    ];
    match dice.chance(0.5) {
        true => exchange(
            dice,
            &["Which is [bigger|larger|more], {a} or {b}?"],
            &["{more} is more than {less}."],
            &names,
        ),
        false => exchange(
            dice,
            &["Which is [smaller|less], {a} or {b}?"],
            &["{less} is less than {more}."],
            &names,
        ),
    }
}

fn count_words(dice: &mut Dice) -> Exchange {
    let count = dice.number(2, 6);
    let words = dice.several(super::rewriting::WORDS, count as usize);
    let text = words.into_iter().copied().collect::<Vec<_>>().join(" ");
    let number = word(count);
    let whole = capital(&number);
    let names = [("text", text.as_str()), ("n", &number), ("N", &whole)];
    exchange(
        dice,
        &[
            "How many words are in \"{text}\"?",
            "Count the words: {text}",
        ],
        &["{N} words.", "There are {n} words."],
        &names,
    )
}

pub fn numbers(dice: &mut Dice) -> Exchange {
    match dice.number(0, 9) {
        0..=3 => sum(dice),
        4 => story(dice),
        5 => count(dice),
        6 => count_words(dice),
        7 => compare(dice),
        _ => names(dice),
    }
}
