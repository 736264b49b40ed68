//! The turns of a chat.

use serde_json::{Value, json};

/// A conversation with what the model is told before it.
#[derive(Debug, Default)]
pub struct Conversation {
    system: Option<String>,
    turns: Vec<Value>,
}

impl Conversation {
    /// One without turns.
    pub fn new(system: Option<String>) -> Self {
        Self {
            system,
            turns: Vec::new(),
        }
    }

    /// Adds a question.
    pub fn ask(&mut self, text: String) {
        self.turns.push(json!({ "role": "user", "content": text }));
    }

    /// Adds what was answered.
    pub fn answered(&mut self, text: &str) {
        self.turns
            .push(json!({ "role": "assistant", "content": text }));
    }

    /// Takes back a question that was not answered.
    pub fn take_back(&mut self) {
        self.turns.pop();
    }

    /// Forgets all turns.
    pub fn reset(&mut self) {
        self.turns.clear();
    }

    /// Tells the model something before the conversation; nothing with an empty text.
    pub fn tell(&mut self, system: &str) {
        self.system = (!system.is_empty()).then(|| system.to_owned());
    }

    /// As requests have it.
    pub fn messages(&self) -> Vec<Value> {
        let system = self.system.iter();
        let system = system.map(|text| json!({ "role": "system", "content": text }));
        system.chain(self.turns.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_without_an_answer_leaves_no_trace() {
        let mut conversation = Conversation::new(Some("be brief".to_owned()));
        conversation.ask("a".to_owned());
        conversation.answered("b");
        let before = conversation.messages();
        conversation.ask("c".to_owned());
        conversation.take_back();
        assert_eq!(conversation.messages(), before);
        conversation.reset();
        assert_eq!(conversation.messages().len(), 1);
        conversation.tell("");
        assert!(conversation.messages().is_empty());
    }
}
