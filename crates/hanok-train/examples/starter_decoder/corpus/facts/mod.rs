//! Small facts: days, months, colours, animals, capital cities, opposites.

mod tables;

use super::pattern::{Dice, capital};
use super::{Exchange, exchange};
use tables::{AMOUNTS, ANIMALS, CAPITALS, COLOURS, DAYS, MIXES, MONTHS, OPPOSITES, SEASONS};

fn city(dice: &mut Dice) -> Exchange {
    let (country, city) = dice.pick(&CAPITALS);
    let names = [("country", country), ("city", city)];
    match dice.number(0, 4) {
        0 => exchange(
            dice,
            &[
                "Which country is {city} the capital of?",
                "{city} is the capital of which country?",
                "Where is {city}?",
            ],
            &["{city} is the capital of {country}."],
            &names,
        ),
        _ => exchange(
            dice,
            &[
                "What is the capital[ city|] of {country}?",
                "[Tell me the|Name the|The] capital of {country}.",
                "Which city is the capital of {country}?",
            ],
            &["The capital of {country} is {city}."],
            &names,
        ),
    }
}

/// Days and months go round.
fn calendar(dice: &mut Dice) -> Exchange {
    let (ring, kind): (&[&str], &str) = match dice.number(0, 2) {
        0 => (&DAYS, "day"),
        1 => (&MONTHS, "month"),
        _ => (&SEASONS, "season"),
    };
    let at = dice.number(0, ring.len() as u32 - 1) as usize;
    let (this, next, last) = (
        ring[at],
        ring[(at + 1) % ring.len()],
        ring[(at + ring.len() - 1) % ring.len()],
    );
    let wholes = [capital(next), capital(last)];
    let list = ring.join(", ");
    let names = [
        ("this", this),
        ("next", next),
        ("last", last),
        ("kind", kind),
        ("list", &list),
        ("Next", &wholes[0]),
        ("Last", &wholes[1]),
    ];
    match dice.number(0, 5) {
        0 => exchange(
            dice,
            &["[Name|List|What are|Tell me] the {kind}s[ in order|]."],
            &["The {kind}s are {list}."],
            &names,
        ),
        1 | 2 => exchange(
            dice,
            &[
                "[What|Which {kind}] comes before {this}?",
                "Which {kind} is before {this}?",
            ],
            &["{Last} comes before {this}."],
            &names,
        ),
        _ => exchange(
            dice,
            &[
                "[What|Which {kind}] comes after {this}?",
                "Which {kind} follows {this}?",
            ],
            &["{Next} comes after {this}."],
            &names,
        ),
    }
}

fn animal(dice: &mut Dice) -> Exchange {
    let (animal, young, call, legs) = dice.pick(&ANIMALS);
    let names = [
        ("animal", animal),
        ("young", young),
        ("call", call),
        ("legs", legs),
    ];
    match dice.number(0, 2) {
        0 => exchange(
            dice,
            &[
                "What [sound does a {animal} make|does a {animal} say]?",
                "How does a {animal} sound?",
            ],
            &["A {animal} says {call}."],
            &names,
        ),
        1 => exchange(
            dice,
            &[
                "What is a [young|baby] {animal} called?",
                "What do you call a [young|baby] {animal}?",
            ],
            &["A young {animal} is called a {young}."],
            &names,
        ),
        _ => exchange(
            dice,
            &[
                "How many legs does a {animal} have?",
                "How many legs has a {animal}?",
            ],
            &["A {animal} has {legs} legs."],
            &names,
        ),
    }
}

fn colour(dice: &mut Dice) -> Exchange {
    let (thing, colour) = dice.pick(&COLOURS);
    let (first, second, mixed) = dice.pick(&MIXES);
    let whole = capital(thing);
    let names = [
        ("thing", thing),
        ("Thing", &whole),
        ("colour", colour),
        ("first", first),
        ("second", second),
        ("mixed", mixed),
    ];
    match dice.chance(0.3) {
        true => exchange(
            dice,
            &[
                "What do you get when you mix {first} and {second}?",
                "Which colour do {first} and {second} make?",
            ],
            &["If you mix {first} and {second}, you get {mixed}."],
            &names,
        ),
        false => exchange(
            dice,
            &["What colour is {thing}?", "Which colour does {thing} have?"],
            &["{Thing} is {colour}."],
            &names,
        ),
    }
}

fn opposite(dice: &mut Dice) -> Exchange {
    let (a, b) = dice.pick(&OPPOSITES);
    let (a, b) = if dice.chance(0.5) { (a, b) } else { (b, a) };
    exchange(
        dice,
        &[
            "What is the opposite of {a}?",
            "Opposite of {a}?",
            "Tell me the opposite of {a}.",
        ],
        &["The opposite of {a} is {b}."],
        &[("a", a), ("b", b)],
    )
}

fn amount(dice: &mut Dice) -> Exchange {
    let (thing, answer) = dice.pick(&AMOUNTS);
    exchange(
        dice,
        &["How many {thing}?", "Tell me how many {thing}."],
        &["{answer}"],
        &[("thing", thing), ("answer", answer)],
    )
}

pub fn facts(dice: &mut Dice) -> Exchange {
    match dice.number(0, 9) {
        0..=3 => city(dice),
        4 | 5 => calendar(dice),
        6 => animal(dice),
        7 => colour(dice),
        8 => opposite(dice),
        _ => amount(dice),
    }
}

/// The same in one word, as the system's turn asks.
pub fn one_word(dice: &mut Dice) -> Exchange {
    let (country, city) = dice.pick(&CAPITALS);
    let (a, b) = dice.pick(&OPPOSITES);
    let (thing, colour) = dice.pick(&COLOURS);
    let whole = (capital(b), capital(colour));
    let names = [
        ("country", country),
        ("city", city),
        ("a", a),
        ("b", &whole.0),
        ("thing", thing),
        ("colour", &whole.1),
    ];
    match dice.number(0, 2) {
        0 => exchange(
            dice,
            &["What is the capital of {country}?"],
            &["{city}."],
            &names,
        ),
        1 => exchange(dice, &["What is the opposite of {a}?"], &["{b}."], &names),
        _ => exchange(dice, &["What colour is {thing}?"], &["{colour}."], &names),
    }
}
