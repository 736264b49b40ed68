//! Numbers, sizes, durations and times as people read them.

use std::time::Duration;

/// `1234567` as `1,234,567`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A large number in its largest unit: `124.4 M`.
pub fn number_of(n: u64) -> String {
    match n {
        0..10_000 => count(n),
        10_000..1_000_000 => format!("{:.1} K", n as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} M", n as f64 / 1e6),
        _ => format!("{:.2} B", n as f64 / 1e9),
    }
}

/// Bytes in steps of 1,000, as files are shown.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if n < 1000 {
        return format!("{n} B");
    }
    let mut value = n as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// A duration in its two largest units.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A share of one as per cent.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A difference of two shares, in percentage points with its sign.
pub fn points(difference: f64) -> String {
    format!("{:+.1}", difference * 100.0)
}

/// Things per second.
pub fn rate(per_second: f64, unit: &str) -> String {
    if per_second >= 100.0 {
        format!("{} {unit}/s", count(per_second.round() as u64))
    } else {
        format!("{per_second:.1} {unit}/s")
    }
}

/// An RFC 3339 time without its fraction: `2026-11-21 00:15:37 UTC`.
pub fn when(time: &str) -> String {
    let second = time.get(..19).unwrap_or(time);
    let zone = if time.ends_with('Z') || time.ends_with("+00:00") {
        " UTC"
    } else {
        ""
    };
    format!("{}{zone}", second.replacen('T', " ", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(number_of(9_999), "9,999");
        assert_eq!(number_of(124_439_808), "124.4 M");
        assert_eq!(number_of(1_543_714_304), "1.54 B");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(250_748), "250.7 KB");
        assert_eq!(bytes(999_999), "1.0 MB");
        assert_eq!(percent(0.9234), "92.3 %");
        assert_eq!(points(-0.012), "-1.2");
        assert_eq!(points(0.5), "+50.0");
        assert_eq!(rate(12345.6, "rows"), "12,346 rows/s");
        assert_eq!(rate(1.25, "rows"), "1.2 rows/s");
    }

    #[test]
    fn times_lose_what_nobody_reads() {
        assert_eq!(duration(Duration::from_millis(1234)), "1.2 s");
        assert_eq!(duration(Duration::from_secs(83)), "1 min 23 s");
        assert_eq!(duration(Duration::from_secs(3_725)), "1 h 02 min");
        assert_eq!(
            when("2026-11-21T00:15:37.123456Z"),
            "2026-11-21 00:15:37 UTC"
        );
        assert_eq!(when(""), "");
    }
}
