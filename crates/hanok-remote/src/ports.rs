//! Ports that a web address may name.

/// Above 1023, what is well known and no web server: databases, queues, remote hands.
const TAKEN: &[u16] = &[
    1080, 1194, 1433, 1434, 1521, 1719, 1720, 1723, 1883, 2049, 2181, 2375, 2376, 2377, 2379, 2380,
    3128, 3260, 3306, 3389, 3632, 3659, 4045, 4190, 4369, 5060, 5061, 5432, 5433, 5671, 5672, 5900,
    5901, 5902, 5903, 5984, 5985, 5986, 6000, 6001, 6379, 6380, 6443, 6566, 6665, 6666, 6667, 6668,
    6669, 6679, 6697, 7000, 7001, 7199, 8500, 8600, 9042, 9092, 9160, 9200, 9300, 9418, 10080,
    10250, 10255, 11211, 11300, 15672, 16379, 26379, 27017, 27018, 27019, 28017, 50070, 61616,
];

/// Whether a request may name this port: the two of the web, and of the others those above 1023 that are
/// not somebody else's.
pub(crate) fn is_web(port: u16) -> bool {
    match port {
        80 | 443 => true,
        0..=1023 => false,
        _ => TAKEN.binary_search(&port).is_err(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c03_ports_of_other_services_are_not_the_webs() {
        assert!(TAKEN.is_sorted());
        for port in [
            0, 21, 22, 23, 25, 53, 110, 143, 389, 445, 465, 587, 993, 3306, 5432, 6379,
        ] {
            assert!(!is_web(port), "{port}");
        }
        for port in [80, 443, 1024, 3000, 8000, 8080, 8443, 65535] {
            assert!(is_web(port), "{port}");
        }
    }
}
