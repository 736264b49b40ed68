//! Greetings, small talk, who the model is, and what it does not know.

mod tables;

use super::pattern::{Dice, capital};
use super::support::NAMES;
use super::{Exchange, exchange};
use tables::{GREETINGS, IDENTITY, KINDS, NOT_KNOWN, SMALL, THINGS, UNKNOWN};

pub fn greeting(dice: &mut Dice) -> Exchange {
    let (asks, answers) = dice.pick(&GREETINGS);
    exchange(dice, asks, answers, &[])
}

pub fn small(dice: &mut Dice) -> Exchange {
    let thing = dice.pick(&THINGS);
    let whole = capital(thing);
    let names = [
        ("thing", thing),
        ("Thing", whole.as_str()),
        ("kind", dice.pick(&KINDS)),
    ];
    let (asks, answers) = match dice.chance(0.4) {
        true => dice.pick(&IDENTITY),
        false => dice.pick(&SMALL),
    };
    exchange(dice, asks, answers, &names)
}

pub fn unknown(dice: &mut Dice) -> Exchange {
    let n = dice.number(3, 2000).to_string();
    let names = [
        ("n", n.as_str()),
        ("name", dice.pick(&NAMES)),
        ("thing", dice.pick(&THINGS)),
    ];
    exchange(dice, &UNKNOWN, &NOT_KNOWN, &names)
}

/// Someone says a name and asks for it later.
pub fn acquaintance(dice: &mut Dice) -> Vec<Exchange> {
    let name = dice.pick(&NAMES);
    let (city, thing) = (
        dice.pick(&[
            "Seoul", "Paris", "London", "Berlin", "Rome", "Busan", "Tokyo", "Madrid",
        ]),
        dice.pick(&THINGS),
    );
    let names = [("name", name), ("city", city), ("thing", thing)];
    let mut turns = vec![exchange(
        dice,
        &[
            "[Hello, |Hi, |][my name is|I am|I'm] {name}.",
            "My name is {name}. What is yours?",
            "I am {name} from {city}.",
        ],
        &[
            "Nice to meet you, {name}!",
            "Hello {name}! How can I help you?",
            "Hello {name}! Nice to meet you.",
        ],
        &names,
    )];
    if dice.chance(0.4) {
        turns.push(exchange(
            dice,
            &["I live in {city}.", "I come from {city}."],
            &[
                "{city} is a beautiful city, {name}.",
                "How nice! What do you like about {city}?",
            ],
            &names,
        ));
        if dice.chance(0.5) {
            turns.push(exchange(
                dice,
                &["Where do I live?", "Which city do I come from?"],
                &["You told me about {city}.", "In {city}."],
                &names,
            ));
        }
    }
    if dice.chance(0.3) {
        turns.push(exchange(
            dice,
            &["I like {thing}."],
            &["That is nice, {name}! What do you like about {thing}?"],
            &names,
        ));
    }
    turns.push(exchange(
        dice,
        &[
            "What is my name?",
            "Do you [know|remember] my name?",
            "Who am I?",
        ],
        &["Your name is {name}.", "You are {name}."],
        &names,
    ));
    turns
}
