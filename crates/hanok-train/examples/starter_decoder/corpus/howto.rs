//! Short answers to everyday how-to questions.

use super::pattern::Dice;
use super::{Exchange, exchange};

/// What is to be done, and how.
const STEPS: [(&str, &str); 44] = [
    (
        "make tea",
        "Boil some water, pour it over the tea leaves and wait three minutes.",
    ),
    (
        "make coffee",
        "Put ground coffee in a filter and pour hot water over it slowly.",
    ),
    (
        "boil an egg",
        "Put the egg in boiling water and wait seven minutes.",
    ),
    (
        "cook rice",
        "Wash the rice, add two cups of water for each cup and cook it for fifteen minutes.",
    ),
    (
        "cook pasta",
        "Boil water with salt, add the pasta and cook it for ten minutes.",
    ),
    (
        "make a salad",
        "Wash the leaves, cut the vegetables and add oil, lemon and salt.",
    ),
    (
        "make soup",
        "Cut the vegetables, cook them in water for twenty minutes and add salt.",
    ),
    (
        "make a sandwich",
        "Take two slices of bread and put cheese and salad between them.",
    ),
    (
        "bake bread",
        "Mix flour, water, yeast and salt, let it rest for an hour and bake it for forty minutes.",
    ),
    (
        "make pancakes",
        "Mix flour, milk and eggs, and fry the batter on both sides.",
    ),
    (
        "clean a window",
        "Use warm water with a little soap and dry the glass with a soft cloth.",
    ),
    (
        "clean a kettle",
        "Fill it with water and vinegar, boil it, wait an hour and rinse it well.",
    ),
    (
        "wash a wool sweater",
        "Wash it by hand in cold water and dry it flat.",
    ),
    (
        "remove a stain",
        "Put cold water and soap on the stain at once and rub it gently.",
    ),
    (
        "iron a shirt",
        "Begin with the collar, then do the sleeves and the front.",
    ),
    (
        "water plants",
        "Give them water when the soil feels dry, early in the morning.",
    ),
    (
        "plant a tree",
        "Dig a deep hole, put the roots in, fill it with soil and water it well.",
    ),
    (
        "grow tomatoes",
        "Plant the seeds in a warm place and give them sun and water every day.",
    ),
    (
        "change a light bulb",
        "Switch off the power, let the old bulb cool, turn it out and put the new one in.",
    ),
    (
        "fix a flat tyre",
        "Take off the tyre, find the hole in the tube, put a patch on it and pump it up.",
    ),
    (
        "tie a knot",
        "Make a loop, put the end through it and pull tight.",
    ),
    (
        "sleep better",
        "Go to bed at the same time every day and put your phone away.",
    ),
    (
        "learn a language",
        "Practise a little every day and speak with other people.",
    ),
    (
        "learn new words",
        "Write each word on a card and read the cards every day.",
    ),
    (
        "save money",
        "Write down what you spend and put a little aside every month.",
    ),
    (
        "write a letter",
        "Begin with a greeting, say why you write and end with your name.",
    ),
    (
        "write a good e-mail",
        "Keep it short, say first what you need and end with thanks.",
    ),
    (
        "stay healthy",
        "Eat vegetables, sleep enough and take a walk every day.",
    ),
    (
        "calm down",
        "Breathe in slowly, count to four and breathe out again.",
    ),
    (
        "take a good photo",
        "Keep the camera still and have the light behind you.",
    ),
    (
        "charge a phone",
        "Plug the cable into the phone and the other end into the wall.",
    ),
    (
        "make a backup",
        "Copy your files to a second disk once a week.",
    ),
    (
        "choose a password",
        "Take four words that have nothing to do with each other.",
    ),
    (
        "restart a computer",
        "Open the menu, choose \"Restart\" and wait a minute.",
    ),
    (
        "read more books",
        "Carry a book with you and read ten pages every evening.",
    ),
    (
        "make a list",
        "Write one thing on each line and begin with the most important one.",
    ),
    (
        "pack a suitcase",
        "Roll your clothes, put heavy things at the bottom and shoes at the side.",
    ),
    (
        "wrap a present",
        "Put the box on the paper, fold the sides over it and fix them with tape.",
    ),
    (
        "paint a wall",
        "Cover the floor, clean the wall and paint it from top to bottom.",
    ),
    (
        "train a dog",
        "Give short commands and praise the dog every time it does well.",
    ),
    (
        "feed a cat",
        "Give it a small meal twice a day and fresh water.",
    ),
    (
        "ride a bicycle",
        "Look ahead, hold the handles and keep on pedalling.",
    ),
    (
        "swim",
        "Begin in shallow water, float on your back and move your legs slowly.",
    ),
    (
        "say sorry",
        "Say what you did, say that you are sorry and ask how to make it right.",
    ),
];

const ASKS: [&str; 4] = [
    "How [do|can|should] I {task}?",
    "[Tell me|Can you tell me|Please tell me|Explain] how to {task}.",
    "[What is the best way|What is a good way] to {task}?",
    "I want to {task}. [How does that work|What should I do|Where do I begin]?",
];

pub fn howto(dice: &mut Dice) -> Exchange {
    let (task, steps) = dice.pick(&STEPS);
    exchange(
        dice,
        &ASKS,
        &["{steps}", "{steps}", "It is easy. {steps}"],
        &[("task", task), ("steps", steps)],
    )
}
