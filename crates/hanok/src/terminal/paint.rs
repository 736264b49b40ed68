//! The few colours of the command line.

/// Wraps words in colours, or leaves them as they are.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// Colours on or off.
    pub fn new(on: bool) -> Self {
        Self { on }
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.on {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// Headings.
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// What matters less.
    pub fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// Went well.
    pub fn good(self, text: &str) -> String {
        self.wrap("32", text)
    }

    /// Went wrong.
    pub fn bad(self, text: &str) -> String {
        self.wrap("31", text)
    }

    /// Needs a look.
    pub fn warn(self, text: &str) -> String {
        self.wrap("33", text)
    }

    /// A state, by what it means; the word itself is always there as well.
    pub fn state(self, state: &str) -> String {
        match state {
            "succeeded" | "ready" => self.good(state),
            "failed" => self.bad(state),
            "cancelled" | "stopped" => self.warn(state),
            _ => state.to_owned(),
        }
    }
}
