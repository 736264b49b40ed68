//! Passwords that are guessed first: a few words that many begin with, with digits and signs around them, rows
//! of the keyboard, and repetitions. Patterns of our own instead of a list of what was stolen elsewhere.

/// Words that common passwords are made of.
const WORDS: &str = "password passwort passwd pass motdepasse contrasena senha parola wachtwoord admin administrator \
    root user guest login signin master super superuser test testing tester demo default temp temporary changeme \
    change welcome hello hallo bonjour letmein opensesame secret secure security private access system server \
    service computer internet network database manager support office company business account money \
    qwerty qwertz azerty asdf asdfgh zxcvbn zxcv qazwsx iloveyou loveyou love lovely mylove sweet honey baby \
    angel angels sunshine princess prince queen king dragon monkey tiger lion eagle falcon shadow ghost ninja \
    samurai batman superman spiderman pokemon starwars matrix gandalf merlin football soccer baseball basketball \
    hockey golf tennis liverpool chelsea arsenal barcelona madrid juventus yankees cowboys steelers lakers \
    summer winter spring autumn fall monday tuesday wednesday thursday friday saturday sunday january february \
    march april june july august september october november december michael jennifer jessica ashley amanda daniel \
    thomas robert joshua matthew andrew charlie george jordan hunter harley thunder ranger trustno whatever \
    nothing nobody anything flower butterfly rainbow chocolate cookie cheese banana orange apple cherry coffee \
    pepper ginger silver golden diamond purple yellow black white green blue red freedom forever family friends \
    happy lucky magic music guitar player gamer killer hacker creative samsung google facebook youtube twitter \
    microsoft windows linux ubuntu android iphone oracle docker kubernetes postgres mysql redis minio grafana \
    jenkins gitlab github amazon cloud model models training studio openai llama korea seoul sarang saranghae \
    abc abcd abcdef xyz god jesus christ heaven blessed";

/// Rows that fingers run along; also backwards.
const RUNS: [&str; 8] = [
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789012345678901234567890",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
];

/// Whether a password, in lower case, is a common one.
pub(super) fn is_common(lower: &str) -> bool {
    let distinct: std::collections::BTreeSet<char> = lower.chars().collect();
    distinct.len() < 4 || is_made_of_words(lower) || is_made_of_words(&unleeted(lower))
}

/// Whether nothing is left once common words, runs of at least three, and what is no letter are taken away.
fn is_made_of_words(text: &str) -> bool {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut rest = text;
    let mut parts = 0;
    while let Some(first) = rest.chars().next() {
        let word = words.iter().filter(|word| rest.starts_with(**word));
        let taken = word
            .map(|word| word.len())
            .max()
            .unwrap_or(0)
            .max(run(rest));
        rest = match taken {
            0 if first.is_alphabetic() || !first.is_ascii() => return false,
            0 => &rest[first.len_utf8()..],
            taken => {
                parts += 1;
                &rest[taken..]
            }
        };
    }
    // Four common words in a row are a phrase, if they are not one and the same.
    parts <= 3 || repeats(text)
}

/// Bytes of the longest run at the beginning, if it has at least three.
fn run(text: &str) -> usize {
    let backwards = |row: &str| row.chars().rev().collect::<String>();
    let common = |row: &str| {
        let starts = (0..row.len()).filter_map(|at| row.get(at..));
        let same = |part: &str| {
            part.bytes()
                .zip(text.bytes())
                .take_while(|(a, b)| a == b)
                .count()
        };
        starts.map(same).max().unwrap_or(0)
    };
    let longest = RUNS
        .iter()
        .map(|row| common(row).max(common(&backwards(row))));
    longest.max().filter(|length| *length >= 3).unwrap_or(0)
}

fn repeats(text: &str) -> bool {
    let whole: Vec<char> = text.chars().collect();
    (1..=whole.len() / 2).any(|n| whole.iter().enumerate().all(|(at, c)| whole[at % n] == *c))
}

/// Digits and signs that stand for letters, as these.
fn unleeted(text: &str) -> String {
    let letter = |c: char| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    // What stands at the end is a number more often than a letter.
    let kept = text.trim_end_matches(|c: char| !c.is_alphabetic());
    let (word, tail) = text.split_at(kept.len());
    word.chars().map(letter).chain(tail.chars()).collect()
}
