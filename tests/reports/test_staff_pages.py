"""Pages for teachers of a class of 400: what they say, how large they are, and what never stands on them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from autograder.records import Outcome
from autograder.reports.earlier import keep_earlier, read_earlier
from autograder.reports.index import render_index
from autograder.reports.items import items_view
from autograder.reports.mistakes import cluster_views, mistake_views
from autograder.reports.options import IndexOptions
from autograder.reports.staff_pages import staff_pages
from tests.reports import conftest as material

LIMIT = 300_000  # bytes


def words(element) -> str:
    return " ".join(element.get_text(" ").split())


@pytest.fixture(scope="module")
def pages(course, roster, class_of_400) -> dict[str, str]:
    made = staff_pages(course, roster, class_of_400, material.options())
    return {"index.html": render_index(class_of_400, options=material.options()), **made}


@pytest.fixture(scope="module")
def parsed(pages) -> dict[str, BeautifulSoup]:
    """Every page, parsed once for all tests: pages of 400 students take a quarter of a second each."""
    return {name: BeautifulSoup(text, "html.parser") for name, text in pages.items()}


@pytest.fixture(scope="module")
def soups(parsed) -> dict[str, BeautifulSoup]:
    wanted = ("students", "mistakes", "items")
    names = {name: f"report/04_distillation/{name}.html" for name in wanted}
    names |= {"index": "index.html", "term": "report/term.html"}
    return {name: parsed[path] for name, path in names.items()}


def test_every_page_is_small_and_holds_nothing_that_is_hidden(pages, parsed) -> None:
    assert len(pages) == 2 + 3 * 7
    for name, text in pages.items():
        assert len(text.encode()) < LIMIT, name
        assert material.SECRET not in text, name
        soup = parsed[name]
        assert not soup.select("[style], iframe, link, form"), name
        scripts = soup.select("script")
        assert len(scripts) <= 1
        for script in scripts:
            assert len(script.string) < 20_000
            assert "script-src 'sha256-" in soup.select_one("meta[http-equiv]")["content"]
        ids = [tag["id"] for tag in soup.select("[id]")]
        assert len(ids) == len(set(ids)), name


def test_links_between_the_pages_lead_somewhere(pages, parsed) -> None:
    for name, soup in parsed.items():
        for link in soup.select("a[href]"):
            target = link["href"].split("#")[0]
            if not target:
                continue
            parts = (Path(name).parent / target).as_posix().split("/")
            resolved: list[str] = []
            for part in parts:
                if part == ".." and resolved and resolved[-1] != "..":
                    resolved.pop()
                elif part != ".":
                    resolved.append(part)
            path = "/".join(resolved)
            beside = r"\.\./students/(?:\w+/u\d+/feedback|_term/\w+)\.html"
            assert path in pages or re.fullmatch(beside, path), f"{name}: {link}"


def test_the_term_leads_to_everybody_s_own_page(soups) -> None:
    links = {words(row.th): row.th.a["href"] for row in soups["term"].select("tbody tr")}
    assert links == {
        student: f"../../students/_term/{student}.html" for student in (*material.STUDENTS, "never1", "never2")
    }


def test_students_lists_everybody_of_the_roster(soups) -> None:
    rows = {words(row.th): row for row in soups["students"].select("tbody tr")}
    assert set(rows) == {*material.STUDENTS, "never1", "never2"}
    assert "Nothing handed in" in words(rows["never1"])
    assert words(soups["students"].select_one("[role=status]")) == "402 of 402 students"
    sections = [option.get_text() for option in soups["students"].select("select[data-filter=section] option")]
    assert sections == ["all", "A", "B", "C", "D", "E", "F"]


def test_a_remark_that_all_share_does_not_bury_the_one_that_matters(soups) -> None:
    said = [words(remark) for remark in soups["students"].select(".common")]
    assert len(said) == 1
    assert said[0].startswith("All of ")
    assert material.COMMON in said[0]
    flagged = soups["students"].select("tr[data-flagged]")
    assert [words(row.th) for row in flagged] == [material.STUDENTS[17]]
    assert material.FLAGGED in words(flagged[0])
    assert material.COMMON not in words(flagged[0])


def test_mistakes_name_everybody_and_lead_to_the_question(soups, class_of_400) -> None:
    of_assignment = [result for result in class_of_400 if result.assignment == "04_distillation"]
    first = soups["mistakes"].select_one(".mistakes li")
    links = first.select("a")
    assert len(links) == int(first.strong.get_text()) > 40, "the whole list"
    assert all(re.search(r"/feedback\.html#question-\d+$", link["href"]) for link in links)
    (view, *_) = mistake_views(of_assignment, material.options())
    assert first.select_one(".ids").get_text().split() == [one.subject for one in view.who]
    adjustment = first.pre.get_text()
    assert adjustment.startswith("  - kind: points\n    assignment: 04_distillation\n")
    assert f"students: [{', '.join(view.ids.split())}]" in adjustment


def test_a_ready_adjustment_is_an_entry_once_a_person_has_signed_it(class_of_400, tmp_path, course) -> None:
    from autograder.course.adjustments import load_adjustments

    of_assignment = [result for result in class_of_400 if result.assignment == "04_distillation"]
    mistake, cluster = (
        mistake_views(of_assignment, material.options())[0],
        cluster_views(of_assignment, material.options())[0],
    )
    signed = [
        text.replace("who: \n", "who: anna\n").replace("why: \n", "why: the text is unclear\n").replace(
            "when: \n", "when: 2026-12-01\n"
        )
        for text in (mistake.adjustment, cluster.adjustment)
    ]  # fmt: skip
    path = tmp_path / "adjustments.yaml"
    path.write_text("adjustments:\n" + "".join(signed))
    entries = load_adjustments(course, path).entries
    assert [entry.kind for entry in entries] == ["points", "drop_test"]
    assert set(entries[0].students) == set(mistake.ids.split())


def test_clusters_put_tests_that_failed_for_the_same_students_together(class_of_400) -> None:
    one = next(result for result in class_of_400 if result.assignment == "04_distillation")
    question = next(q for q in one.questions if q.tests)
    failed = tuple(
        test.model_copy(update={"status": "failed", "message": f"{n} of 9 differ.", "misconception": ""})
        for n, test in enumerate(question.tests)
    )
    changed = question.model_copy(update={"tests": failed, "misconception": None})
    class_ = [one.model_copy(update={"subject": f"s{n}", "questions": (changed,)}) for n in range(3)]
    (cluster,) = cluster_views(class_, material.options())
    assert (cluster.count, len(cluster.tests), cluster.ids) == (3, 4, "s0 s1 s2")
    assert cluster.said == "… of … differ."


def test_items_find_what_separates_nobody_and_what_nobody_passed(soups, class_of_400) -> None:
    of_assignment = [result for result in class_of_400 if result.assignment == "04_distillation"]
    view = items_view(of_assignment, material.options())
    weak = [item.id for item in view.items if item.weak]
    assert weak == [view.items[0].id], "only the question whose tests are drawn by a coin"
    good = [item for item in view.items if item.kind == "tests"][1]
    assert good.discrimination > 0.4
    assert good.curve[0] < good.curve[-1]
    assert [test for _, test in view.never_passed] == ["test_3"]
    assert "is the test right?" in words(soups["items"])
    assert len(soups["items"].select("svg.fifth")) == len(view.items)
    for svg in soups["items"].select("svg"):
        if svg.get("role") == "img":
            assert svg["aria-label"]


def test_items_of_a_small_class_claim_nothing(class_of_400) -> None:
    few = [result for result in class_of_400 if result.assignment == "04_distillation"][:4]
    view = items_view(few, material.options())
    assert view.few == "Only 4 submissions: these numbers say little."
    assert all(item.discrimination is None and item.curve == () for item in view.items)


def test_earlier_terms_stand_beside(class_of_400, course, roster, tmp_path) -> None:
    of_assignment = [result for result in class_of_400 if result.assignment == "04_distillation"]
    kept = keep_earlier(tmp_path, "autumn 2025", of_assignment[50:])
    assert kept == len(of_assignment[0].questions)
    assert "u1" not in (tmp_path / "earlier.json").read_text(), "counts and means, and nobody's name"
    few = keep_earlier(tmp_path, "spring 2026", of_assignment[:9])
    assert few == 0, "the mean of nine could tell of one"
    earlier = read_earlier(tmp_path)
    view = items_view(of_assignment[:50], material.options(), earlier)
    assert view.terms == ("autumn 2025",)
    assert all(0 < item.earlier[0] < 1 for item in view.items)
    pages = staff_pages(course, roster, of_assignment[:50], material.options(), earlier)
    page = BeautifulSoup(pages["report/04_distillation/items.html"], "html.parser")
    heads = [words(head) for head in page.select("thead th")]
    assert heads[3] == "autumn 2025"
    assert words(page.select("tbody tr")[0].select("td")[2]).endswith("%")


def test_pages_of_other_commands_are_led_to_where_they_are(class_of_400, course, roster) -> None:
    of_assignment = [result for result in class_of_400 if result.assignment == "04_distillation"][:20]
    first = of_assignment[0].questions[0]
    there = replace(material.options(), further={"04_distillation": {"similar", f"question-{first.id}"}})
    pages = {"index.html": render_index(of_assignment, options=there)}
    pages |= staff_pages(course, roster, of_assignment, there)
    for name in ("index.html", "report/04_distillation/mistakes.html"):
        links = [link["href"] for link in BeautifulSoup(pages[name], "html.parser").select("nav a, .glance a")]
        assert any(link.endswith("similar.html") for link in links), name
    items = BeautifulSoup(pages["report/04_distillation/items.html"], "html.parser")
    assert [link["href"] for link in items.select("tbody a")] == [f"question-{first.id}.html"]


def test_tests_that_always_agree_are_named(class_of_400) -> None:
    class_ = []
    for result in [r for r in class_of_400 if r.assignment == "04_distillation"][:30]:
        question = next(q for q in result.questions if q.tests)
        same = (*question.tests[:2], question.tests[1].model_copy(update={"name": "test_copy"}))
        class_.append(result.model_copy(update={"questions": (question.model_copy(update={"tests": same}),)}))
    assert [names for _, names in items_view(class_, material.options()).always_agree] == [("test_1", "test_copy")]


def test_the_term_says_who_is_falling_behind(soups) -> None:
    rows = soups["term"].select("tbody tr")
    assert len(rows) == 402
    never = next(row for row in rows if words(row.th) == "never1")
    assert "handed in nothing 7 times" in words(never)
    assert never.has_attr("data-flagged")
    behind = len(soups["term"].select("tbody tr[data-flagged]"))
    assert f"falling behind ({behind})" in words(soups["term"])
    assert 2 < behind < 150


def test_the_index_counts_what_waits(soups) -> None:
    sections = soups["index"].select("section.assignment")
    assert len(sections) == 7
    assert "Grade by hand" in words(sections[3])
    labels = [section["aria-labelledby"] for section in soups["index"].select("section")]
    assert len(labels) == len(set(labels)), "landmarks have names of their own"


def test_one_mean_counts_graded_work_only(class_of_400) -> None:
    graded = [result for result in class_of_400 if result.assignment == "04_distillation"][:2]
    bad = graded[0].model_copy(update={"subject": "x", "outcome": Outcome.UNGRADABLE, "score": 0.0, "questions": ()})
    means = [words(BeautifulSoup(render_index(some), "html.parser")) for some in (graded, [*graded, bad])]
    found = [re.search(r"mean (\d+) %", text)[1] for text in means]
    assert found[0] == found[1]


def test_hostile_words_are_text(course, roster, class_of_400) -> None:
    attack = "<script>alert(1)</script>"
    result = class_of_400[0]
    questions = tuple(
        q.model_copy(
            update={
                "title": attack,
                "tests": tuple(
                    t.model_copy(update={"title": attack, "message": attack, "name": attack, "status": "failed"})
                    for t in q.tests
                ),
            }
        )
        for q in result.questions
    )
    hostile = result.model_copy(update={"questions": questions, "flags": (attack,), "subject": "u1", "students": ()})
    options = IndexOptions(course=attack, link=lambda r: "javascript:alert(1)", made_at=material.NOW)
    for name, text in staff_pages(course, roster, [hostile], options).items():
        soup = BeautifulSoup(text, "html.parser")
        assert len(soup.select("script")) <= 1, name
        assert attack not in text.replace(soup.script.string if soup.script else "\0", ""), name
        assert not [a for a in soup.select("a[href]") if a["href"].lower().startswith("javascript:")], name
