//! The template of a model that has none of its own.

use super::ChatTemplate;
use super::source::TokenNames;
use crate::{ModelError, Tokenizer};

/// The layout of ChatML, for tokenizers that know its tokens.
const CHATML: &str = "{% for message in messages %}<|im_start|>{{ message.role }}\n\
    {{ message.content }}<|im_end|>\n{% endfor %}\
    {% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/// Plain text: the system's turn first, then `User: …` and `Assistant: …` on lines of their own; an
/// answer ends with the token that ends a text. Nothing follows `Assistant:` where an answer begins,
/// since its first token begins with the space.
const PLAIN: &str = "{{ bos_token }}{% for message in messages %}\
    {% if message.role == 'system' %}{{ message.content|trim }}\n\n\
    {% elif message.role == 'user' %}User: {{ message.content|trim }}\n\
    {% elif message.role == 'assistant' %}Assistant: {{ message.content|trim }}{{ eos_token }}\n\
    {% else %}{{ raise_exception('the role ' ~ message.role ~ ' is not known') }}\
    {% endif %}{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}";

impl ChatTemplate {
    /// The default: ChatML where the tokenizer has its tokens, else `User: …` and `Assistant: …`.
    pub fn default_for(tokenizer: &Tokenizer, names: TokenNames) -> Result<Self, ModelError> {
        let chatml = ["<|im_start|>", "<|im_end|>"];
        let knows = |token: &&str| tokenizer.token_id(token).is_some();
        let mut template = if chatml.iter().all(knows) {
            Self::new(CHATML, names)?
        } else {
            Self {
                stop_texts: &["\nUser:", "\nAssistant:"],
                ..Self::new(PLAIN, names)?
            }
        };
        template.own = false;
        Ok(template)
    }
}
