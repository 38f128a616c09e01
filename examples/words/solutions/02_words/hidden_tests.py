"""Hidden tests of 02_words: texts, dicts, sets and a dataclass travel as data."""

from __future__ import annotations

from autograder.testing import close, public_twin, question

WORDS = ["fox", "dog", "quick", "lazy", "the", "over", "sleeps"]


def drawn_words(rng, count):
    return [rng.choice(WORDS) for _ in range(count)]


@question("words", twin=public_twin("words", "A dog, a Fox!"))
def test_words(student, rng):
    """Words are runs of letters, in lower case; signs and digits are none."""
    names = drawn_words(rng, 12)
    text = "".join(name.title() + rng.choice([" ", ", ", "; ", " - ", "\n", " 7 "]) for name in names)
    close(student.words(text), names)


@question("tally", twin=public_twin("tally", ["a", "b", "a"]))
def test_tally(student, rng):
    """Each word stands for how often it occurs."""
    names = drawn_words(rng, 60)
    close(student.tally(names), {name: names.count(name) for name in names})
    close(student.tally([]), {})


@question("vocabulary", twin=public_twin("vocabulary", ["a", "b", "a"]))
def test_vocabulary(student, rng):
    """Words that occur once are left out, and the answer is a set."""
    names = [*drawn_words(rng, 9), "alone", "pair", "pair"]
    close(student.vocabulary(names), {name for name in names if names.count(name) > 1})


@question("longest")
def test_longest(student, remote, reference, rng):
    """Lines are counted from 1, and the first of equals is taken."""
    lines = [drawn_words(rng, rng.integer(1, 4)) for _ in range(6)]
    lines[2] = lines[4] = drawn_words(rng, 9)
    text = "".join(" ".join(line) + "\n" for line in lines)
    remote.probe("def write(text):\n    open('other.txt', 'w').write(text)\n").write(text)
    close(student.longest("other.txt"), reference.Line(3, lines[2]))


@question("longest")
def test_the_file_beside_the_notebook(student, reference):
    """It reads the file that it is given: here fox.txt."""
    close(student.longest("fox.txt"), reference.longest("fox.txt"))
