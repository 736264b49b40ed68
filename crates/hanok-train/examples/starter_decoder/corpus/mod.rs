//! The corpus: made-up conversations on a few topics, all of them ours, the same for the same seed.
//!
//! Owns what is talked about; knows nothing of tokens and of training.

mod facts;
mod feeling;
mod howto;
mod korean;
mod numbers;
mod pattern;
mod rewriting;
mod support;
mod talk;

use std::collections::HashSet;

use hanok_models::ChatMessage;
use pattern::Dice;

/// What the user says, and what is answered.
pub type Exchange = (String, String);
type Conversation = Vec<ChatMessage>;

const SYSTEMS: [&str; 8] = [
    "You are a helpful assistant.",
    "You are a [friendly|polite|helpful|kind] assistant[| of a small shop].",
    "You are the support desk of a shop[|. Be polite].",
    "Answer [briefly|in one sentence|in short sentences].",
    "You are hanok-decoder[|, a small language model].",
    "Help the user[| with questions and orders].",
    "You work for an online shop[| and answer its customers].",
    "Be [brief|polite|kind|friendly].",
];

/// One of the questions and one of the answers, with the same names in both.
fn exchange(dice: &mut Dice, asks: &[&str], answers: &[&str], names: &[(&str, &str)]) -> Exchange {
    (dice.ask(asks, names), dice.say(answers, names))
}

fn single(dice: &mut Dice) -> Exchange {
    match dice.number(0, 99) {
        0..=6 => talk::greeting(dice),
        7..=14 => talk::small(dice),
        15..=18 => talk::unknown(dice),
        19..=26 => support::general(dice),
        27..=33 => howto::howto(dice),
        34..=49 => numbers::numbers(dice),
        50..=61 => facts::facts(dice),
        62..=86 => rewriting::rewriting(dice),
        87..=90 => feeling::feeling(dice),
        _ => korean::korean(dice),
    }
}

/// The system's turn, if there is one, and the exchanges.
fn conversation(dice: &mut Dice) -> Conversation {
    let mut system = dice.chance(0.25).then(|| dice.say(&SYSTEMS, &[]));
    let exchanges = match dice.number(0, 99) {
        0..=24 => support::case(dice),
        25..=29 => talk::acquaintance(dice),
        30..=33 => {
            system = Some(dice.say(&["Answer [in|with] one word[| only]."], &[]));
            (0..dice.number(1, 2))
                .map(|_| facts::one_word(dice))
                .collect()
        }
        _ => {
            let mut turns = Vec::new();
            if dice.chance(0.1) {
                turns.push(talk::greeting(dice));
            }
            let more = dice.pick(&[1, 1, 1, 1, 2, 2, 3]);
            turns.extend((0..more).map(|_| single(dice)));
            turns
        }
    };
    let system = system.map(|text| ChatMessage::new("system", text));
    system.into_iter().chain(turns(exchanges)).collect()
}

fn turns(exchanges: Vec<Exchange>) -> Conversation {
    let both = exchanges.into_iter().flat_map(|(asked, answer)| {
        [
            ChatMessage::new("user", asked),
            ChatMessage::new("assistant", answer),
        ]
    });
    both.collect()
}

/// Exercises in copying, to train on and held out.
pub fn drills(train: usize, held_out: usize, seed: u64) -> (Vec<Conversation>, Vec<Conversation>) {
    different(train, held_out, seed, |dice| {
        turns(vec![rewriting::drill(dice)])
    })
}

/// Different conversations to train on, and others that are held out.
pub fn conversations(
    train: usize,
    held_out: usize,
    seed: u64,
) -> (Vec<Conversation>, Vec<Conversation>) {
    different(train, held_out, seed, conversation)
}

fn different(
    train: usize,
    held_out: usize,
    seed: u64,
    make: impl Fn(&mut Dice) -> Conversation,
) -> (Vec<Conversation>, Vec<Conversation>) {
    let mut dice = Dice::new(seed);
    let (mut seen, mut all) = (HashSet::new(), Vec::new());
    while all.len() < train + held_out {
        let made = make(&mut dice);
        let text: String = made
            .iter()
            .map(|turn| format!("{}\n", turn.content))
            .collect();
        if seen.insert(text) {
            all.push(made);
        }
    }
    let others = all.split_off(train);
    (all, others)
}
