//! A text generator: a request becomes tokens, tokens become text as they are drawn.

use std::ops::ControlFlow;
use std::path::Path;

use hanok_models::{LanguageModel, ModelError};

use crate::request::{FinishReason, GenerateError, GenerateRequest, Generated, Prompt};
use crate::sampler::Sampler;
use crate::stop::StopTexts;

/// A decoder with its tokenizer and chat template, ready to answer several requests at once.
pub struct ChatModel {
    model: LanguageModel,
    /// Tokens that end an answer.
    ends: Vec<u32>,
}

impl ChatModel {
    /// Loads a model's directory, with the adapter of a PEFT directory on top if there is one.
    ///
    /// # Errors
    /// Whatever is wrong with the files, by name.
    pub fn load(dir: &Path, adapter: Option<&Path>) -> Result<Self, ModelError> {
        Ok(Self::new(LanguageModel::load(dir, adapter)?))
    }

    /// Wraps a loaded model.
    pub fn new(model: LanguageModel) -> Self {
        let mut ends = model.decoder.config.eos_ids.clone();
        ends.extend(model.template.turn_end(&model.tokenizer));
        Self { model, ends }
    }

    /// The most tokens of a prompt and its answer together.
    pub fn context_length(&self) -> usize {
        self.model.decoder.config.max_positions
    }

    /// Bytes of its weights.
    pub fn memory(&self) -> u64 {
        self.model.decoder.bytes() as u64
    }

    /// Tokens of a prompt.
    ///
    /// # Errors
    /// Turns that the template refuses, a text that cannot be tokenised.
    pub fn prompt(&self, prompt: &Prompt) -> Result<Vec<u32>, GenerateError> {
        let LanguageModel {
            tokenizer,
            template,
            decoder,
            ..
        } = &self.model;
        let tokens = match prompt {
            Prompt::Chat(messages) if messages.is_empty() => {
                return Err(invalid("messages", "must hold at least one turn"));
            }
            Prompt::Chat(messages) => {
                let encoded = template.encode(tokenizer, messages, true);
                encoded.map_err(|error| invalid("messages", error))?
            }
            Prompt::Text(text) => {
                let encoded = tokenizer.encode_text(text, true);
                encoded.map_err(|error| invalid("prompt", error))?
            }
        };
        match (tokens.is_empty(), decoder.config.bos_id) {
            (false, _) => Ok(tokens),
            (true, Some(bos)) => Ok(vec![bos]),
            (true, None) => Err(invalid("prompt", "is empty")),
        }
    }

    /// Generates an answer. `on_text` gets each piece of text as soon as it is certain, and may end it.
    ///
    /// # Errors
    /// A request that makes no sense, a prompt that leaves no room, weights that give no numbers.
    pub fn generate(
        &self,
        request: &GenerateRequest,
        on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Generated, GenerateError> {
        request.check()?;
        let prompt = self.prompt(&request.prompt)?;
        let limit = self.context_length();
        if prompt.len() >= limit {
            return Err(GenerateError::TooLong {
                tokens: prompt.len(),
                limit,
            });
        }
        let room = limit - prompt.len();
        let most = request.max_tokens.unwrap_or(room).min(room);
        let mut answer = Answer {
            stops: StopTexts::new(&request.stop, self.stop_texts(&request.prompt)),
            text: String::new(),
            on_text,
        };
        let (tokens, finish_reason) = self.draw(request, &prompt, most, &mut answer)?;
        Ok(Generated {
            text: answer.text,
            finish_reason,
            prompt_tokens: prompt.len(),
            completion_tokens: tokens,
        })
    }

    fn stop_texts(&self, prompt: &Prompt) -> &'static [&'static str] {
        match prompt {
            Prompt::Chat(_) => self.model.template.stop_texts(),
            Prompt::Text(_) => &[],
        }
    }

    fn draw(
        &self,
        request: &GenerateRequest,
        prompt: &[u32],
        most: usize,
        answer: &mut Answer<'_>,
    ) -> Result<(usize, FinishReason), GenerateError> {
        let decoder = &self.model.decoder;
        let mut cache = decoder.cache();
        let mut sampler = Sampler::new(request);
        let mut stream = self.model.tokenizer.stream(&[]);
        let mut logits = decoder.read(prompt, &mut cache);
        for drawn in 1..=most {
            let token = sampler.draw(&mut logits).ok_or(GenerateError::NotFinite)?;
            if self.ends.contains(&token) {
                let rest = stream.flush().map_err(|error| invalid("prompt", error))?;
                return Ok((drawn, answer.finish(rest, FinishReason::Stop)));
            }
            let piece = stream
                .push(token)
                .map_err(|error| invalid("prompt", error))?;
            if let Some(end) = piece.and_then(|piece| answer.add(&piece)) {
                return Ok((drawn, end));
            }
            if drawn < most {
                logits = decoder.read(&[token], &mut cache);
            }
        }
        let rest = stream.flush().map_err(|error| invalid("prompt", error))?;
        Ok((most, answer.finish(rest, FinishReason::Length)))
    }
}

/// The text so far, and who listens to it.
struct Answer<'a> {
    stops: StopTexts,
    text: String,
    on_text: &'a mut dyn FnMut(&str) -> ControlFlow<()>,
}

impl Answer<'_> {
    /// Adds a piece; the reason to end, if there is one.
    fn add(&mut self, piece: &str) -> Option<FinishReason> {
        let (certain, stopped) = self.stops.push(piece);
        if self.tell(&certain).is_break() {
            return Some(FinishReason::Cancelled);
        }
        stopped.then_some(FinishReason::Stop)
    }

    fn finish(&mut self, rest: Option<String>, reason: FinishReason) -> FinishReason {
        if let Some(end) = rest.and_then(|rest| self.add(&rest)) {
            return end;
        }
        let held = self.stops.flush();
        match self.tell(&held) {
            ControlFlow::Break(()) => FinishReason::Cancelled,
            ControlFlow::Continue(()) => reason,
        }
    }

    fn tell(&mut self, text: &str) -> ControlFlow<()> {
        if text.is_empty() {
            // Asked all the same: a listener that went away should not have to wait for text.
            return (self.on_text)("");
        }
        self.text.push_str(text);
        (self.on_text)(text)
    }
}

fn invalid(field: &'static str, reason: impl ToString) -> GenerateError {
    GenerateError::Invalid {
        field,
        reason: reason.to_string(),
    }
}
