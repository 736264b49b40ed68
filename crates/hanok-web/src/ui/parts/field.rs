//! Form fields: label, control, unit, help, error.

use std::borrow::Cow;

use askama::Template;

/// One choice of a select.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

impl Choice {
    /// A choice.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
        }
    }
}

/// What a person fills in.
#[derive(Debug, Clone)]
pub enum Control {
    /// A line of text.
    Text {
        /// Shown while empty.
        placeholder: String,
        /// Longest text taken.
        max_length: u32,
    },
    /// A secret.
    Secret,
    /// A name to sign in with.
    UserName,
    /// The present password.
    Password,
    /// A password to be.
    NewPassword,
    /// An address.
    Email,
    /// A number between bounds.
    Number {
        /// Smallest.
        min: &'static str,
        /// Largest.
        max: &'static str,
        /// Step, or `any`.
        step: &'static str,
        /// Shown while empty.
        placeholder: &'static str,
    },
    /// One of several.
    Select(Vec<Choice>),
    /// Several lines of text.
    Area {
        /// Lines shown.
        rows: u8,
        /// Longest text taken.
        max_length: u32,
    },
}

/// An error to show under the field of this name.
#[derive(Debug, Clone)]
pub struct FieldError {
    /// Name of the field.
    pub field: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// A field of a form.
#[derive(Debug, Clone, Template)]
#[template(path = "components/field.html")]
pub struct Field {
    /// Its name in the form.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// A sentence on what it does; the default stands in it.
    pub help: Cow<'static, str>,
    /// Its unit, beside the control.
    pub unit: &'static str,
    /// Its key in a recipe file, or empty.
    pub key: &'static str,
    /// The present value.
    pub value: String,
    /// Whether it must be filled in.
    pub required: bool,
    /// What is wrong with it.
    pub error: Option<String>,
    /// How it is filled in.
    pub control: Control,
}

impl askama::filters::HtmlSafe for Field {}

impl Field {
    /// A field whose label and help stand in the message files.
    pub fn new(
        name: &'static str,
        label: &'static str,
        help: impl Into<Cow<'static, str>>,
        control: Control,
    ) -> Self {
        Self {
            name,
            label,
            help: help.into(),
            unit: "",
            key: "",
            value: String::new(),
            required: false,
            error: None,
            control,
        }
    }

    /// With the present value.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// With a unit.
    #[must_use]
    pub fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    /// With its key in a recipe.
    #[must_use]
    pub fn key(mut self, key: &'static str) -> Self {
        self.key = key;
        self
    }

    /// Must be filled in.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// With the error of its name, if there is one.
    #[must_use]
    pub fn checked(mut self, errors: &[FieldError]) -> Self {
        self.error = errors
            .iter()
            .find(|error| error.field == self.name)
            .map(|error| error.message.clone());
        self
    }

    /// Ids of what describes the control to a screen reader.
    fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if !self.help.is_empty() {
            ids.push(format!("{}-help", self.name));
        }
        if self.error.is_some() {
            ids.push(format!("{}-error", self.name));
        }
        ids.join(" ")
    }
}
