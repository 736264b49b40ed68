//! A progress bar: live on a terminal, a plain line now and then elsewhere.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often a plain line is printed where no bar can move.
const PLAIN_EVERY: Duration = Duration::from_secs(5);

/// Progress of one thing.
pub struct Bar {
    title: String,
    bar: ProgressBar,
    live: bool,
    told: Instant,
    told_text: String,
}

impl Bar {
    /// A bar without length yet: it spins.
    pub fn new(title: &str, live: bool) -> Self {
        let shown = if live {
            target()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, shown);
        bar.set_style(style("{spinner} {prefix}  {wide_msg}"));
        bar.set_prefix(title.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Self {
            title: title.to_owned(),
            bar,
            live,
            told: Instant::now(),
            told_text: String::new(),
        }
    }

    /// How far it is, of how much, and what to say beside it.
    pub fn at(&mut self, done: u64, total: u64, beside: &str) {
        if total > 0 && self.bar.length() != Some(total) {
            self.bar.set_length(total);
            self.bar.set_style(style(
                "{spinner} {prefix}  {bar:20.cyan/dim} {percent:>3} %  {wide_msg}",
            ));
        }
        self.bar.set_position(done);
        self.bar.set_message(beside.to_owned());
        let share = (done * 100).checked_div(total).unwrap_or(0);
        self.plain(&format!("{}: {share} %  {beside}", self.title));
    }

    /// What is going on, where no length is known.
    pub fn say(&mut self, beside: &str) {
        self.bar.set_message(beside.to_owned());
        self.plain(&format!("{}: {beside}", self.title));
    }

    /// Units per second and time left, once they can be told.
    pub fn pace(&self) -> Option<(f64, Duration)> {
        let rate = self.bar.per_sec();
        (rate.is_finite() && rate > 0.0).then(|| (rate, self.bar.eta()))
    }

    /// A line above the bar.
    pub fn above(&self, text: &str) {
        if self.live {
            self.bar.println(text);
        } else {
            eprintln!("{text}");
        }
    }

    /// Stops drawing, so that somebody can be asked.
    pub fn pause(&self) {
        self.bar.set_draw_target(ProgressDrawTarget::hidden());
    }

    /// Draws again.
    pub fn resume(&self) {
        if self.live {
            self.bar.set_draw_target(target());
        }
    }

    fn plain(&mut self, text: &str) {
        if self.live || self.told.elapsed() < PLAIN_EVERY || self.told_text == text {
            return;
        }
        eprintln!("{text}");
        self.told = Instant::now();
        text.clone_into(&mut self.told_text);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    // A template that does not parse would be our own mistake; the default bar is good enough then.
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━━─")
}

fn target() -> ProgressDrawTarget {
    ProgressDrawTarget::stderr_with_hz(10)
}
