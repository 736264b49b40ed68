//! Prometheus' text form: one family after another, each with its help, its type and its series.

use std::fmt::Write;

/// A text in the making.
#[derive(Default)]
pub struct Text(String);

/// A family whose series are being written.
pub struct Family<'t> {
    out: &'t mut String,
    name: &'static str,
}

impl Text {
    /// Begins a family of gauges.
    pub fn gauge(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, help, "gauge")
    }

    /// Begins a family of counters.
    pub fn counter(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, help, "counter")
    }

    /// Begins a family of histograms.
    pub fn histogram(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, help, "histogram")
    }

    fn family(&mut self, name: &'static str, help: &str, kind: &str) -> Family<'_> {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
        Family {
            out: &mut self.0,
            name,
        }
    }

    /// The whole text.
    pub fn finish(self) -> String {
        self.0
    }
}

impl Family<'_> {
    /// Writes a series.
    pub fn value(&mut self, labels: &[(&str, &str)], value: f64) {
        self.suffixed("", labels, value);
    }

    /// Writes a series whose name has a suffix, as a histogram's have.
    pub fn suffixed(&mut self, suffix: &str, labels: &[(&str, &str)], value: f64) {
        self.out.push_str(self.name);
        self.out.push_str(suffix);
        for (i, (name, value)) in labels.iter().enumerate() {
            let mark = if i == 0 { '{' } else { ',' };
            let _ = write!(self.out, "{mark}{name}=\"{}\"", escaped(value));
        }
        if !labels.is_empty() {
            self.out.push('}');
        }
        let _ = writeln!(self.out, " {value}");
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_has_help_type_and_escaped_labels() {
        let mut text = Text::default();
        text.gauge("hanok_x", "A thing.")
            .value(&[("a", "q\"\\"), ("b", "1\n2")], 1.5);
        text.counter("hanok_y", "Another.").value(&[], 3.0);
        let expected = "# HELP hanok_x A thing.\n# TYPE hanok_x gauge\n\
            hanok_x{a=\"q\\\"\\\\\",b=\"1\\n2\"} 1.5\n\
            # HELP hanok_y Another.\n# TYPE hanok_y counter\nhanok_y 3\n";
        assert_eq!(text.finish(), expected);
    }
}
