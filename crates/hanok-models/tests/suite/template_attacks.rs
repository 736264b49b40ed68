//! E01: chat templates that attack the program that renders them.

use std::time::{Duration, Instant};

use hanok_models::ChatTemplate;

use crate::templates::{names, talk, template};

/// Source, and whether it is refused when it is loaded.
const WRITTEN: [(&str, bool); 28] = [
    (
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        false,
    ),
    (
        "{% for i in range(100000) %}{{ 'print' * 1000 }}{% endfor %}",
        true,
    ),
    (
        "{% for i in range(100000) %}{{ messages }}{{ messages }}{% endfor %}",
        false,
    ),
    ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", false),
    (
        "{% macro f(x) %}{{ f(x ~ x) }}{% endmacro %}{{ f('aaaa') }}",
        false,
    ),
    (
        "{% for i in range(90) %}{{ 'x' | indent(100000000) }}{% endfor %}",
        false,
    ),
    ("{{ '%1000000000d' | format(1) }}", false),
    ("{{ '{:1000000000}'.format(1) }}", false),
    ("{{ 'x'.center(1000000000) }}", false),
    ("{% include 'x' %}", true),
    ("{% import 'x' as y %}", true),
    ("{% extends 'x' %}", true),
    ("{% set x %}{{ messages }}{% endset %}", true),
    ("{% filter upper %}x{% endfilter %}", true),
    ("{% do messages.append(1) %}", true),
    ("{% with x = 1 %}{% endwith %}", true),
    ("{{ ''.__class__.__mro__[1].__subclasses__() }}", false),
    (
        "{{ self.__init__.__globals__ }}{{ cycler.__init__ }}{{ debug() }}",
        false,
    ),
    (
        "{% set ns = namespace(x='aaaa') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}\
          {% endfor %}",
        false,
    ),
    (
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}\
          {% endfor %}{{ ns.x }}",
        false,
    ),
    (
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}\
          {% endfor %}{{ ns.x|tojson }}",
        false,
    ),
    (
        "{% set x = range(100000)|list|join('aaaaaaaaaa') %}{% set x = x|replace('a', x) %}",
        false,
    ),
    (
        "{% for x in ['a'] recursive %}{{ loop([x ~ x]) }}{% endfor %}",
        false,
    ),
    ("{% set __hanok_keep = 1 %}", true),
    ("{{ '", true),
    ("{% if", true),
    ("{# ", true),
    ("{{ messages[0].nothing.nothing }}", false),
];

/// Those, and others that are put together.
fn hostile() -> Vec<(String, bool)> {
    let doubling = "{% set x = 'aaaaaaaaaaaaaaaa' %}".to_owned()
        + &"{% set x = x ~ x %}".repeat(40)
        + "{{ x|length }}";
    let chain: String = (1..40)
        .map(|i| format!("{{% set x{i} = x{} ~ x{0} %}}", i - 1))
        .collect();
    let names = format!("{{{{ {} }}}}", vec!["messages[0].content"; 100].join(" ~ "));
    let raw = "x".repeat(100_000);
    let mut all: Vec<(String, bool)> = WRITTEN.map(|(s, l)| (s.to_owned(), l)).into();
    all.push((doubling, false));
    all.push((format!("{{% set x0 = 'aaaaaaaa' %}}{chain}"), false));
    all.push((names, true));
    all.push((format!("{{% macro f() %}}{{% for i in range(9999) %}}{raw}{{% endfor %}}{{% endmacro %}}{{{{ f()|length }}}}"), false));
    all.push((" ".repeat(1 << 20), true));
    all
}

#[test]
fn e01_templates_that_attack_end_soon() {
    for (source, when_loaded) in hostile() {
        let begin = Instant::now();
        let shown: String = source.chars().take(90).collect();
        match ChatTemplate::new(&source, names()) {
            Ok(template) => {
                assert!(!when_loaded, "{shown} was loaded");
                let result = template.render(&talk(), true);
                assert!(result.is_err(), "{shown} gave {result:?}");
            }
            Err(error) => assert!(when_loaded, "{shown}: {error}"),
        }
        let took = begin.elapsed();
        assert!(took < Duration::from_millis(1500), "{shown} took {took:?}");
    }
}

/// In a process of its own, since the peak is the process's.
#[cfg(target_os = "linux")]
#[test]
fn e01_templates_that_attack_take_little_memory() {
    const ALONE: &str = "HANOK_TEST_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let name = "template_attacks::e01_templates_that_attack_take_little_memory";
        let mut test = std::process::Command::new(std::env::current_exe().unwrap());
        let output = test
            .args(["--exact", name, "--nocapture"])
            .env(ALONE, "1")
            .output();
        let output = output.unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        return;
    }
    let peak = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM"));
        let kib: usize = line
            .unwrap()
            .split_whitespace()
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        kib / 1024
    };
    for (source, _) in hostile()
        .into_iter()
        .filter(|(_, when_loaded)| !when_loaded)
    {
        let before = peak();
        let begin = Instant::now();
        let _ = template(&source).render(&talk(), true);
        let (grown, took) = (peak() - before, begin.elapsed());
        let shown: String = source.chars().take(90).collect();
        eprintln!("{grown} MiB {took:?} {shown}");
        assert!(grown <= 64, "{shown} took {grown} MiB");
    }
}
