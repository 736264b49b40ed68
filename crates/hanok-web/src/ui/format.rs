//! Figures, sizes, spans and times as people read them. Nothing here knows a page.

use super::lang::Lang;

/// Anything that a template may hand over as a number.
pub trait Figure {
    /// Its value; exact for whole numbers up to 2^53.
    fn value(&self) -> f64;
}

impl Figure for f64 {
    fn value(&self) -> f64 {
        *self
    }
}
impl Figure for u64 {
    fn value(&self) -> f64 {
        *self as f64
    }
}
impl Figure for u32 {
    fn value(&self) -> f64 {
        f64::from(*self)
    }
}
impl Figure for usize {
    fn value(&self) -> f64 {
        *self as f64
    }
}
impl<T: Figure> Figure for &T {
    fn value(&self) -> f64 {
        (*self).value()
    }
}

impl Lang {
    /// A whole number with separators: `12,345`.
    pub fn num(self, n: impl Figure) -> String {
        let digits = format!("{:.0}", n.value().abs());
        let mut out = String::new();
        if n.value() <= -0.5 {
            out.push('−');
        }
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        out
    }

    /// A share as percent with one decimal: `93.4 %`.
    pub fn pct(self, share: impl Figure) -> String {
        format!("{:.1} %", share.value() * 100.0)
    }

    /// A difference of shares in points, always signed: `+3.2`.
    pub fn points(self, delta: impl Figure) -> String {
        let points = delta.value() * 100.0;
        let sign = if points < -0.05 { '−' } else { '+' };
        format!("{sign}{:.1}", points.abs())
    }

    /// A loss: three decimals.
    pub fn fixed(self, n: impl Figure) -> String {
        format!("{:.3}", n.value())
    }

    /// A difference of losses, always signed: `−0.214`.
    pub fn signed(self, n: impl Figure) -> String {
        let sign = if n.value() < -0.0005 { '−' } else { '+' };
        format!("{sign}{:.3}", n.value().abs())
    }

    /// A large number in its largest unit, as models are sized: `124.4 M`.
    pub fn amount(self, n: impl Figure) -> String {
        match n.value() {
            n if n >= 1e9 => format!("{:.2} B", n / 1e9),
            n if n >= 1e6 => format!("{:.1} M", n / 1e6),
            n if n >= 1e4 => format!("{:.1} K", n / 1e3),
            n => self.num(n),
        }
    }

    /// A size in bytes: `1.4 MB`.
    pub fn bytes(self, n: impl Figure) -> String {
        let mut value = n.value();
        let mut unit = 0;
        let units = ["B", "KB", "MB", "GB", "TB"];
        while value >= 1000.0 && unit + 1 < units.len() {
            value /= 1000.0;
            unit += 1;
        }
        match unit {
            0 => format!("{value:.0} B"),
            _ if value >= 100.0 => format!("{value:.0} {}", units[unit]),
            _ => format!("{value:.1} {}", units[unit]),
        }
    }

    /// A span of seconds in its two largest units: `1 min 20 s`.
    pub fn span(self, seconds: impl Figure) -> String {
        let s = seconds.value().max(0.0);
        if s < 10.0 {
            return self.t1("time.seconds", format!("{s:.1}"));
        }
        let s = s.round() as u64;
        match s {
            0..60 => self.t1("time.seconds", s),
            60..3600 => self.t2("time.minutes", s / 60, s % 60),
            3600..86_400 => self.t2("time.hours", s / 3600, s % 3600 / 60),
            _ => self.t2("time.days", s / 86_400, s % 86_400 / 3600),
        }
    }

    /// How long ago, or how soon, `then` is as seen from `now` (both µs).
    pub fn relative(self, then: i64, now: i64) -> String {
        let seconds = now.saturating_sub(then) / 1_000_000;
        let (amount, unit) = match seconds.unsigned_abs() {
            0..10 => return self.t("time.now").to_owned(),
            s @ 10..60 => (s, "s"),
            s @ 60..3600 => (s / 60, "min"),
            s @ 3600..86_400 => (s / 3600, "h"),
            s => (s / 86_400, "d"),
        };
        let amount = self
            .word("time.unit", unit)
            .replace("{0}", &amount.to_string());
        match seconds < 0 {
            true => self.t1("time.in", amount),
            false => self.t1("time.ago", amount),
        }
    }
}

/// A figure of a chart or a table in as few digits as tell it apart: `0.0421`, `3.18`, `1e-4`.
pub fn short(value: f64) -> String {
    let size = value.abs();
    match size {
        s if !s.is_finite() => "–".to_owned(),
        _ if value == 0.0 => "0".to_owned(),
        s if s < 0.001 => format!("{value:.1e}").replace(".0e", "e"),
        s if s < 0.1 => trimmed(format!("{value:.4}")),
        s if s < 10.0 => trimmed(format!("{value:.3}")),
        s if s < 1000.0 => trimmed(format!("{value:.1}")),
        _ => Lang::En.num(value),
    }
}

fn trimmed(text: String) -> String {
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// UTC date and time of µs since 1970: `2026-05-04T03:02:01Z`.
pub fn iso(micros: i64) -> String {
    let seconds = micros.div_euclid(1_000_000);
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let rest = seconds.rem_euclid(86_400);
    let (h, m, s) = (rest / 3600, rest % 3600 / 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}Z")
}

/// The same for people: `2026-05-04 03:02:01 UTC`.
pub fn exact(micros: i64) -> String {
    iso(micros).replace('T', " ").replace('Z', " UTC")
}

/// The µs since 1970 of a time in RFC 3339, UTC, as the studio writes it; 0 where it is none.
pub fn micros(text: &str) -> i64 {
    let number =
        |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<i64>().ok());
    let parts = (
        number(0, 4),
        number(5, 7),
        number(8, 10),
        number(11, 13),
        number(14, 16),
        number(17, 19),
    );
    let (Some(year), Some(month), Some(day), Some(h), Some(m), Some(s)) = parts else {
        return 0;
    };
    let fraction: String = text
        .get(20..)
        .unwrap_or_default()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    let fraction = format!("{fraction:0<6}")[..6].parse::<i64>().unwrap_or(0);
    let seconds = days(year, month, day) * 86_400 + h * 3600 + m * 60 + s;
    seconds * 1_000_000 + fraction
}

/// Year, month, day to days since 1970-01-01: the inverse of [`civil`].
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Days since 1970-01-01 to year, month, day; eras of 400 years that begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_match_known_instants() {
        assert_eq!(iso(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso(951_782_400_000_000), "2000-02-29T00:00:00Z");
        assert_eq!(iso(1_735_689_599_000_000), "2024-12-31T23:59:59Z");
        assert_eq!(iso(-1_000_000), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn times_survive_a_round_trip() {
        for instant in [
            0,
            951_782_400_000_000,
            1_735_689_599_123_000,
            1_709_210_096_000_001,
        ] {
            let text = iso(instant).replace('Z', &format!(".{:06}Z", instant % 1_000_000));
            assert_eq!(micros(&text), instant, "{text}");
        }
        assert_eq!(micros("2024-12-31T23:59:59Z"), 1_735_689_599_000_000);
        assert_eq!(micros("yesterday"), 0);
        assert_eq!(micros(""), 0);
    }

    #[test]
    fn figures_are_short_and_have_units() {
        assert_eq!(Lang::En.num(1_234_567_u64), "1,234,567");
        assert_eq!(Lang::En.num(999_u64), "999");
        assert_eq!(Lang::En.points(0.0321), "+3.2");
        assert_eq!(Lang::En.points(-0.0321), "−3.2");
        assert_eq!(Lang::En.bytes(1_400_000_u64), "1.4 MB");
        assert_eq!(Lang::En.span(80.0), "1 min 20 s");
        assert_eq!(Lang::Ko.span(3660.0), "1시간 1분");
        assert_eq!(short(0.04210), "0.0421");
        assert_eq!(short(0.0001), "1e-4");
        assert_eq!(short(120.0), "120");
    }

    #[test]
    fn relative_times_go_both_ways() {
        let minute = 60_000_000;
        assert_eq!(Lang::En.relative(0, 5 * minute), "5 min ago");
        assert_eq!(Lang::En.relative(5 * minute, 0), "in 5 min");
        assert_eq!(Lang::Ko.relative(0, 5 * minute), "5분 전");
    }
}
