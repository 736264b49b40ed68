//! The support desk of a shop: orders, delivery, refunds, accounts.

mod general;
mod tables;

use super::pattern::Dice;
use super::{Exchange, exchange};
use general::GENERAL;
use tables::{COLOURS, ENDS, ISSUES};
pub use tables::{NAMES, PRODUCTS};

fn order(dice: &mut Dice) -> String {
    dice.number(10_000, 99_999).to_string()
}

/// A case about one order, of one to four exchanges.
pub fn case(dice: &mut Dice) -> Vec<Exchange> {
    let order = order(dice);
    let days = dice.pick(&["two", "three", "four", "five"]);
    let product = dice.pick(&PRODUCTS);
    let thing = match dice.chance(0.3) {
        true => format!("{} {product}", dice.pick(&COLOURS)),
        false => product.to_owned(),
    };
    let name = dice.pick(&NAMES);
    let names = [
        ("order", order.as_str()),
        ("days", days),
        ("thing", thing.as_str()),
        ("name", name),
    ];
    let issue = dice.pick(&ISSUES);
    let opening = dice.say(
        &[
            "",
            "",
            "",
            "Hello! ",
            "Hi! ",
            "Good morning. ",
            "Hello, my name is {name}. ",
        ],
        &names,
    );
    let problem = format!("{opening}{}", dice.ask(issue.says, &names));
    let answer = dice.say(issue.answers, &names);
    let mut turns = Vec::new();
    if dice.chance(0.5) {
        let number = dice.say(
            &[
                " [My order number is|The order number is|It is order|Order] {order}.",
                " (order {order})",
            ],
            &names,
        );
        turns.push((format!("{problem}{number}"), answer));
    } else {
        let asks = [
            "[I am happy to help|I can help you with that|Let me look into that]. [What is your order number|Could you tell me your order number|May I have your order number]?",
        ];
        let gives = [
            "{order}",
            "It is {order}.",
            "My order number is {order}.",
            "[The number is|Order] {order}.",
            "Sure, {order}.",
        ];
        turns.push((problem, dice.say(&asks, &names)));
        turns.push((dice.say(&gives, &names), answer));
    }
    while turns.len() < 4 && dice.chance(0.4) {
        let (asks, answers) = dice.pick(&ENDS);
        turns.push((dice.ask(asks, &names), dice.say(answers, &names)));
        if turns.iter().any(|(_, answer)| answer.contains("Goodbye")) {
            break;
        }
    }
    turns
}

/// A question about the shop.
pub fn general(dice: &mut Dice) -> Exchange {
    let (asks, answers) = dice.pick(&GENERAL);
    let product = dice.pick(&PRODUCTS[..32]);
    let products = match product {
        "shelf" => "shelves".to_owned(),
        "knife" => "knives".to_owned(),
        other => format!("{other}s"),
    };
    let price = dice.number(5, 90).to_string();
    let names = [
        ("product", product),
        ("products", &products),
        ("colour", dice.pick(&COLOURS)),
        ("price", &price),
    ];
    exchange(dice, asks, answers, &names)
}
