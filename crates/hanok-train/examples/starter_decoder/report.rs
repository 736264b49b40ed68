//! What the model came to: the loss on conversations that it has not seen, and answers as they are.

use hanok_models::{ChatMessage, LanguageModel};
use hanok_train::sft;

use crate::Outcome;

/// Asked of every model that is made; the card shows the answers, whatever they are.
const QUESTIONS: [&[&str]; 20] = [
    &["Hello!"],
    &["Who are you?"],
    &[
        "My lamp arrived broken.",
        "It is order 48213.",
        "Thank you!",
    ],
    &["Where is my blue kettle? Order 77104."],
    &["How long does delivery take?"],
    &["I forgot my password."],
    &["My name is Minho.", "What is my name?"],
    &["How do I cook rice?"],
    &["What is 7 plus 5?"],
    &["What is 6 times 8?"],
    &["Count from 3 to 9."],
    &["What is the capital of Norway?"],
    &["Which day comes after Friday?"],
    &["Write \"green tea\" in capital letters."],
    &["Make a list of: milk, bread and honey."],
    &["Is this review positive or negative? The fan is loud and broke after a day."],
    &["What is \"water\" in Korean?"],
    &["안녕하세요!"],
    &["Why do people dream?"],
    &["My parrot ate the invoice, can I get a new parrot?"],
];
const MOST: usize = 80;

/// How much text there is.
pub fn corpus(rows: &[Vec<ChatMessage>]) {
    let bytes: usize = rows.iter().flatten().map(|turn| turn.content.len()).sum();
    let turns = rows.iter().map(Vec::len).sum::<usize>();
    println!("{} conversations, {turns} turns, {bytes} bytes", rows.len());
}

/// Prints how well answers are foretold.
pub fn answers(of: &str, model: &LanguageModel, held_out: &[Vec<ChatMessage>]) -> Outcome<()> {
    let judged = sft::evaluate(model, held_out, &mut |_| true)?;
    let loss: f64 = judged.iter().map(|row| row.loss).sum();
    let tokens: usize = judged.iter().map(|row| row.tokens).sum();
    let correct: usize = judged.iter().map(|row| row.correct).sum();
    let mean = loss / tokens as f64;
    println!(
        "{of} held out: {tokens} tokens, loss {mean:.4}, perplexity {:.3}, likeliest {:.3}",
        mean.exp(),
        correct as f64 / tokens as f64
    );
    Ok(())
}

/// Prints held-out loss and sample conversations.
pub fn quality(model: &LanguageModel, held_out: &[Vec<ChatMessage>]) -> Outcome<()> {
    answers("answers", model, held_out)?;
    for questions in QUESTIONS {
        println!();
        let mut turns = Vec::new();
        for question in questions {
            turns.push(ChatMessage::new("user", *question));
            let text = answer(model, &turns)?;
            println!("user: {question}\nassistant: {text}");
            turns.push(ChatMessage::new("assistant", text));
        }
    }
    Ok(())
}

/// The likeliest token each time, until the turn ends.
fn answer(model: &LanguageModel, turns: &[ChatMessage]) -> Outcome<String> {
    let prompt = model.template.encode(&model.tokenizer, turns, true)?;
    let mut cache = model.decoder.cache();
    let mut logits = model.decoder.read(&prompt, &mut cache);
    let mut drawn = Vec::new();
    while drawn.len() < MOST {
        let best = (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
        let token = best.unwrap_or_default() as u32;
        if model.decoder.config.eos_ids.contains(&token) {
            break;
        }
        drawn.push(token);
        logits = model.decoder.read(&[token], &mut cache);
    }
    Ok(model.tokenizer.decode(&drawn, true)?)
}
