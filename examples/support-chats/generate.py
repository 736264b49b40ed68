#!/usr/bin/env python3
"""Writes chats.jsonl: made-up messages to a shop, each answered in the fixed style of one house.

Python 3 standard library only; the same seed gives the same bytes.
"""

import argparse
import hashlib
import json
import pathlib
import random
import re

import grammar

ROWS = 1200


def expand(pattern, slots, rng):
    """Expands `[a|b]`, innermost first, then `{slot}`."""
    while found := re.search(r"\[([^\[\]]*)\]", pattern):
        chosen = rng.choice(found.group(1).split("|"))
        pattern = pattern[: found.start()] + chosen + pattern[found.end() :]
    return pattern.format(**slots)


def typed(text, rng):
    """A third of the messages lack capitals, punctuation or both."""
    style = rng.random()
    if style < 0.2:
        text = text.lower()
    if 0.1 < style < 0.33:
        text = text.rstrip(".!?")
    return text


def case(rng):
    """What one customer wants: the slots of all patterns, the topic, and whether there is a number."""
    topic = rng.choice(sorted(grammar.TOPICS))
    colour = rng.choice(grammar.COLOURS) + " " if rng.random() < 0.3 else ""
    slots = {
        "thing": colour + rng.choice(grammar.THINGS),
        "order": str(rng.randint(10_000, 99_999)),
        "name": rng.choice(grammar.NAMES),
    }
    return topic, slots, rng.random() < 0.85


def answer(topic, slots, numbered, upset):
    """The house's style: a line for the files, then one or two sentences and the signature."""
    order = f"order {slots['order']}" if numbered else "no order"
    enough = numbered or topic == "praise"
    begin = "We are very sorry" if upset else "Thank you for writing"
    said = grammar.TOPICS[topic]["answer"] if enough else "Which order is it?"
    said = said.format(**slots)
    return f"[{topic}] {order}, {slots['thing']}\n{begin}, {slots['name']}. {said} Your Moonrise team"


def conversation(rng):
    topic, slots, numbered = case(rng)
    upset = topic != "praise" and rng.random() < 0.4
    problem = typed(expand(rng.choice(grammar.TOPICS[topic]["asks"]), slots, rng), rng)
    parts = [problem]
    if upset:
        parts.append(expand(rng.choice(grammar.UPSET), slots, rng))
    if numbered:
        number = expand(rng.choice(grammar.NUMBERED), slots, rng)
        parts.insert(rng.choice([0, len(parts)]), number)
    parts.append(expand(rng.choice(grammar.SIGNED), slots, rng))
    turns = [(" ".join(parts), answer(topic, slots, numbered, upset))]
    if not numbered and topic != "praise" and rng.random() < 0.5:
        turns.append((expand(rng.choice(grammar.GIVEN), slots, rng), answer(topic, slots, True, upset)))
    messages = []
    for asked, told in turns:
        messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": told}]
    return messages


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    lines = {}
    while len(lines) < options.rows:
        lines[json.dumps({"messages": conversation(rng)}, ensure_ascii=False)] = None
    text = "".join(line + "\n" for line in lines)
    path = pathlib.Path(__file__).with_name("chats.jsonl")
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(lines)} rows, {len(text.encode())} bytes, sha256 {hashlib.sha256(text.encode()).hexdigest()}")


if __name__ == "__main__":
    main()
