#!/usr/bin/env python3
"""Writes tickets.csv: made-up support messages with the team that should answer them.

Python 3 standard library only; the same seed gives the same bytes. `--floor` also prints the
accuracy of multinomial naive Bayes on the held-out rows.
"""

import argparse
import collections
import csv
import hashlib
import math
import pathlib
import random
import re

import grammar_en
import grammar_ko

ROWS = {"delivery": 430, "billing": 390, "account": 340, "bug": 320, "cancellation": 290, "praise": 230}
KOREAN_SHARE = 0.25
HELD_OUT = 0.2
LINKS = {
    "en": ["But", "However,", "My actual problem:", "Now to the point:", "Here is why I write:", "Anyway,", "", "", ""],
    "ko": ["그런데", "근데", "다만", "", "", ""],
}
GRAMMARS = {"en": grammar_en, "ko": grammar_ko}


def expand(pattern, grammar, rng):
    """Expands `[a|b]` and `{slot}`, innermost first, until nothing is left to expand."""
    while True:
        found = re.search(r"\[([^\[\]]*)\]|\{(\w+)\}", pattern)
        if not found:
            return pattern
        if found.group(2) is None:
            chosen = rng.choice(found.group(1).split("|"))
        elif found.group(2) == "name":
            chosen = rng.choice(grammar.NAMES)
        else:
            chosen = rng.choice(grammar.SLOTS[found.group(2)])
        if chosen in ("이", "은", "을") and found.group(1) is not None:
            chosen = particle(pattern[: found.start()], found.group(1))
        elif chosen in ("가", "는", "를") and found.group(1) is not None:
            chosen = particle(pattern[: found.start()], found.group(1))
        pattern = pattern[: found.start()] + chosen + pattern[found.end():]


def particle(before, pair):
    """Picks the Korean particle that fits the last syllable (with or without a final consonant)."""
    with_final, without = pair.split("|")[0], pair.split("|")[-1]
    code = ord(before[-1]) - 0xAC00 if before else -1
    has_final = code % 28 != 0 if 0 <= code < 11172 else before[-1:] in "013678"
    return with_final if has_final else without


def sentence(text, lang, rng):
    """Capitalises and ends a clause as people do: mostly properly."""
    text = text.strip()
    if lang == "en" and rng.random() < 0.9:
        text = text[0].upper() + text[1:]
    return text + rng.choice([".", ".", ".", ".", ".", "!", "", "" if lang == "en" else "~", "..."])


def typo(text, lang, rng):
    """One slip of the finger: two letters swapped, one lost or one doubled; in Korean a lost space."""
    if lang == "ko":
        spaces = [i for i, char in enumerate(text) if char == " "]
        i = rng.choice(spaces) if spaces else 0
        return text[:i] + text[i:].replace(" ", "", 1) if spaces else text
    places = [i for i in range(1, len(text) - 2) if text[i].isalpha() and text[i + 1].isalpha()]
    if not places:
        return text
    i = rng.choice(places)
    kind = rng.randrange(3)
    if kind == 0:
        return text[:i] + text[i + 1] + text[i] + text[i + 2:]
    if kind == 1:
        return text[:i] + text[i + 1:]
    return text[:i] + text[i] + text[i:]


def ticket(label, lang, rng):
    """One message: the request that decides, and whatever people write around it."""
    grammar = GRAMMARS[lang]
    say = lambda pattern: expand(pattern, grammar, rng)
    parts = []
    asides = rng.choices([0, 1, 2, 3], weights=[45, 36, 14, 5])[0]
    topics = rng.sample([t for t in grammar.ASIDE if t != label], asides)
    split = rng.randint(0, asides)
    for topic in topics[:split]:
        parts.append(sentence(say(rng.choice(grammar.ASIDE[topic])), lang, rng))
    request = say(rng.choice(grammar.MAIN[label]))
    parts.append(sentence(linked(request, lang, rng) if split else request, lang, rng))
    for topic in topics[split:]:
        parts.append(sentence(say(rng.choice(grammar.ASIDE[topic])), lang, rng))
    if rng.random() < 0.5:
        parts.insert(0, say(rng.choice(grammar.OPEN)))
    if rng.random() < 0.6:
        closes = grammar.CLOSE if label == "praise" else grammar.CLOSE + grammar.ASK
        parts.append(say(rng.choice(closes)))
    return style(" ".join(parts), lang, rng)


def linked(request, lang, rng):
    """Leads over to the request that the message is about."""
    link = rng.choice(LINKS[lang])
    if link and re.match(r"[A-Z][a-z]* ", request) and not request.startswith("I "):
        request = request[0].lower() + request[1:]
    return f"{link} {request}"


def style(text, lang, rng):
    """The right article, then typing habits: lower case, no punctuation, slips."""
    text = re.sub(r"\b([Aa]) (?=[aeioAEIO])", r"\1n ", text)
    if lang == "en" and rng.random() < 0.2:
        text = text.lower()
    if rng.random() < 0.1:
        text = re.sub(r"[.,!?]", "", text)
    slips = rng.choices([0, 1, 2, 4], weights=[60, 25, 10, 5])[0]
    for _ in range(slips):
        text = typo(text, lang, rng)
    return re.sub(r"\s+", " ", text).strip()


def build(seed):
    """All rows in random order, no text twice."""
    rng = random.Random(seed)
    rows = {}
    for label, count in ROWS.items():
        made = 0
        while made < count:
            lang = "ko" if made < count * KOREAN_SHARE else "en"
            text = ticket(label, lang, rng)
            if text.casefold() not in rows:
                rows[text.casefold()] = (text, label)
                made += 1
    rows = list(rows.values())
    rng.shuffle(rows)
    return rows


def held_out(text):
    """The same rule as Hanok's split: the text's hash decides, so that it never moves."""
    digest = hashlib.sha256(b"hanok held-out\0" + " ".join(text.lower().split()).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < HELD_OUT


def floor(rows):
    """Accuracy of multinomial naive Bayes (word counts, Laplace 1) on the held-out rows."""
    words = lambda text: re.findall(r"\w+", text.lower())
    counts, totals, labels, vocabulary = collections.defaultdict(collections.Counter), collections.Counter(), collections.Counter(), set()
    for text, label in rows:
        if not held_out(text):
            labels[label] += 1
            for word in words(text):
                counts[label][word] += 1
                totals[label] += 1
                vocabulary.add(word)
    def best(text):
        known = [w for w in words(text) if w in vocabulary]
        score = lambda l: math.log(labels[l]) + sum(math.log((counts[l][w] + 1) / (totals[l] + len(vocabulary))) for w in known)
        return max(sorted(labels), key=score)
    tested = [(text, label) for text, label in rows if held_out(text)]
    return sum(best(text) == label for text, label in tested) / len(tested), len(tested)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=20260)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).with_name("tickets.csv"))
    parser.add_argument("--floor", action="store_true")
    args = parser.parse_args()
    rows = build(args.seed)
    with args.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text", "label"])
        writer.writerows(rows)
    print(f"{len(rows)} rows -> {args.out.name}")
    if args.floor:
        accuracy, tested = floor(rows)
        print(f"naive Bayes: {accuracy:.4f} on {tested} held-out rows")


if __name__ == "__main__":
    main()
