//! Reviews and whether they are positive, negative or neutral.

use super::pattern::Dice;
use super::support::PRODUCTS;
use super::{Exchange, exchange};

const GOOD: [&str; 8] = [
    "[I love this {thing}|This {thing} is great|The {thing} is wonderful|The {thing} works very well][.|!]",
    "[Great|Wonderful|Excellent|Very good] {thing}, [I would buy it again|I use it every day|worth every cent].",
    "[I am very happy with|My whole family loves] the {thing}.",
    "The {thing} is [beautiful|strong|light|quiet|easy to use] and [cheap|well made|arrived early].",
    "[Fast delivery|Friendly service] and a [great|lovely|perfect] {thing}.",
    "[Best|Nicest] {thing} [I ever had|I have bought].",
    "The film was [wonderful|very funny|great] [and I would see it again|from beginning to end].",
    "The food was [delicious|very good] and the people were [kind|friendly].",
];
const BAD: [&str; 8] = [
    "[I hate this {thing}|This {thing} is terrible|The {thing} is useless|The {thing} broke after a week][.|!]",
    "[Bad|Poor|Terrible|Very bad] {thing}, [I want my money back|do not buy it|a waste of money].",
    "[I am not happy with|I am disappointed by|I regret buying] the {thing}.",
    "The {thing} is [ugly|weak|heavy|loud|hard to use] and [too expensive|badly made|arrived late].",
    "[Slow delivery|Rude service] and a [broken|cheap|dirty] {thing}.",
    "[Worst|Ugliest] {thing} [I ever had|I have bought].",
    "The film was [boring|much too long|bad] [and I fell asleep|from beginning to end].",
    "The food was [cold|awful] and the people were [rude|unfriendly].",
];
const PLAIN: [&str; 5] = [
    "The {thing} is [okay|all right|average], nothing special.",
    "The {thing} does what it should.",
    "I bought a {thing} [last week|yesterday|in May].",
    "The {thing} came in a [brown|white|large] box.",
    "The film was [okay|neither good nor bad].",
];

pub fn feeling(dice: &mut Dice) -> Exchange {
    let (label, why, reviews): (&str, &str, &[&str]) = match dice.number(0, 4) {
        0 | 1 => ("positive", "the writer is happy", &GOOD),
        2 | 3 => ("negative", "the writer is not happy", &BAD),
        _ => ("neutral", "the writer is neither happy nor unhappy", &PLAIN),
    };
    let thing = dice.pick(&PRODUCTS);
    let review = dice.say(reviews, &[("thing", thing)]);
    let whole = super::pattern::capital(label);
    let names = [
        ("review", review.as_str()),
        ("label", label),
        ("Label", &whole),
        ("why", why),
    ];
    match dice.number(0, 3) {
        0 => exchange(
            dice,
            &["Is this positive or negative, and why? {review}"],
            &["It is {label}, because {why}."],
            &names,
        ),
        _ => exchange(
            dice,
            &[
                "Is this review [positive or negative|positive, negative or neutral]? {review}",
                "[Sentiment|What is the sentiment|Label the feeling|What is the feeling]: {review}",
                "{review} Is that positive or negative?",
            ],
            &["{Label}.", "The review is {label}."],
            &names,
        ),
    }
}
