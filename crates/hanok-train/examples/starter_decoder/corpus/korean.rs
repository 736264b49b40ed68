//! Korean greetings and first words, to English and back.

use super::pattern::{Dice, capital};
use super::{Exchange, exchange};

const WORDS: [(&str, &str); 56] = [
    ("apple", "사과"),
    ("water", "물"),
    ("house", "집"),
    ("school", "학교"),
    ("friend", "친구"),
    ("book", "책"),
    ("mother", "어머니"),
    ("father", "아버지"),
    ("dog", "개"),
    ("cat", "고양이"),
    ("bird", "새"),
    ("tree", "나무"),
    ("flower", "꽃"),
    ("sun", "해"),
    ("moon", "달"),
    ("star", "별"),
    ("sea", "바다"),
    ("mountain", "산"),
    ("river", "강"),
    ("rain", "비"),
    ("snow", "눈"),
    ("wind", "바람"),
    ("rice", "밥"),
    ("bread", "빵"),
    ("milk", "우유"),
    ("coffee", "커피"),
    ("tea", "차"),
    ("meat", "고기"),
    ("fish", "물고기"),
    ("egg", "달걀"),
    ("door", "문"),
    ("window", "창문"),
    ("chair", "의자"),
    ("desk", "책상"),
    ("clock", "시계"),
    ("phone", "전화"),
    ("money", "돈"),
    ("shop", "가게"),
    ("order", "주문"),
    ("delivery", "배송"),
    ("refund", "환불"),
    ("name", "이름"),
    ("person", "사람"),
    ("child", "아이"),
    ("teacher", "선생님"),
    ("student", "학생"),
    ("music", "음악"),
    ("song", "노래"),
    ("today", "오늘"),
    ("tomorrow", "내일"),
    ("morning", "아침"),
    ("evening", "저녁"),
    ("love", "사랑"),
    ("heart", "마음"),
    ("city", "도시"),
    ("country", "나라"),
];
const PHRASES: [(&str, &str); 14] = [
    ("hello", "안녕하세요"),
    ("thank you", "감사합니다"),
    ("goodbye", "안녕히 가세요"),
    ("I am sorry", "죄송합니다"),
    ("yes", "네"),
    ("no", "아니요"),
    ("nice to meet you", "반갑습니다"),
    ("good night", "안녕히 주무세요"),
    ("it is delicious", "맛있어요"),
    ("I love you", "사랑해요"),
    ("how much is it", "얼마예요"),
    ("please help me", "도와주세요"),
    ("it is okay", "괜찮아요"),
    ("see you tomorrow", "내일 봐요"),
];
const NUMBERS: [(&str, &str); 10] = [
    ("one", "하나"),
    ("two", "둘"),
    ("three", "셋"),
    ("four", "넷"),
    ("five", "다섯"),
    ("six", "여섯"),
    ("seven", "일곱"),
    ("eight", "여덟"),
    ("nine", "아홉"),
    ("ten", "열"),
];
const TALKS: [(&[&str], &[&str]); 12] = [
    (
        &["안녕하세요[|!|.]", "안녕[|!]"],
        &[
            "안녕하세요! 무엇을 도와드릴까요?",
            "안녕하세요! 반갑습니다.",
        ],
    ),
    (
        &["감사합니다[|.|!]", "고마워요[|.|!]"],
        &["천만에요!", "별말씀을요. 좋은 하루 되세요!"],
    ),
    (
        &["안녕히 계세요[|.]", "잘 가요[|.]"],
        &["안녕히 가세요!", "안녕히 가세요. 좋은 하루 되세요!"],
    ),
    (
        &["이름이 뭐예요?", "누구세요?"],
        &["저는 하녹의 작은 언어 모델이에요."],
    ),
    (
        &["잘 지내요?", "어떻게 지내세요?"],
        &["네, 잘 지내요. 고마워요!"],
    ),
    (
        &["한국어 할 수 있어요?", "한국어를 알아요?"],
        &["네, 조금 할 수 있어요."],
    ),
    (&["배가 고파요."], &["맛있는 밥을 드세요."]),
    (&["오늘 날씨가 좋아요."], &["네, 산책하기 좋은 날이에요."]),
    (
        &["제 주문은 어디에 있어요?", "배송이 늦어요."],
        &["죄송합니다. 주문 번호를 알려 주세요."],
    ),
    (
        &["환불하고 싶어요.", "환불해 주세요."],
        &["네, 주문 번호를 알려 주시면 환불해 드릴게요."],
    ),
    (&["한국의 수도는 어디예요?"], &["한국의 수도는 서울이에요."]),
    (&["도와주세요."], &["네, 무엇을 도와드릴까요?"]),
];

/// Whether the last syllable ends in a consonant, which decides the particle after it.
fn closed(word: &str) -> bool {
    let last = word.chars().next_back().map_or(0, u32::from);
    (0xac00..=0xd7a3).contains(&last) && !(last - 0xac00).is_multiple_of(28)
}

fn words(dice: &mut Dice) -> Exchange {
    let (english, korean) = match dice.number(0, 9) {
        0..=5 => dice.pick(&WORDS),
        6 | 7 => dice.pick(&PHRASES),
        _ => dice.pick(&NUMBERS),
    };
    let whole = capital(english);
    let topic = if closed(korean) { "은" } else { "는" };
    let names = [
        ("en", english),
        ("En", &whole),
        ("ko", korean),
        ("topic", topic),
    ];
    match dice.number(0, 5) {
        0..=2 => exchange(
            dice,
            &[
                "[What is|How do you say] \"{en}\" in Korean?",
                "Translate \"{en}\" [in|]to Korean.",
                "Say \"{en}\" in Korean.",
                "{En} in Korean?",
            ],
            &["\"{En}\" in Korean is {ko}."],
            &names,
        ),
        3 | 4 => exchange(
            dice,
            &[
                "What does {ko} mean?",
                "What is {ko} in English?",
                "Translate {ko} [in|]to English.",
                "What is the English word for {ko}?",
            ],
            &["{ko} means \"{en}\"."],
            &names,
        ),
        _ => exchange(
            dice,
            &[
                "{ko}{topic} 영어로 뭐예요?",
                "{ko}{topic} 영어로 무엇입니까?",
            ],
            &["영어로 \"{en}\"예요."],
            &names,
        ),
    }
}

pub fn korean(dice: &mut Dice) -> Exchange {
    if dice.chance(0.35) {
        let (asks, answers) = dice.pick(&TALKS);
        return exchange(dice, asks, answers, &[]);
    }
    words(dice)
}
