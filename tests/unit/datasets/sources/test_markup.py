"""Tags of pages as they are written, good and bad."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest

from growth_admin.datasets.sources.markup import read_tags


def test_tags_when_read_then_names_attributes_and_texts_are_those_of_the_page() -> None:
    page = "a &amp; b<A HREF='x?a=1&amp;b=2' data-x=3 hidden>name</A><br/>end"
    tags = list(read_tags(page))
    assert [tag.name for tag in tags] == ["a", "/a", "br"]
    assert tags[0].attributes == {"href": "x?a=1&b=2", "data-x": "3", "hidden": ""}
    assert [tag.text for tag in tags] == ["a & b", "name", ""]


def test_classes_when_several_then_each_is_known() -> None:
    (tag,) = read_tags('<div class=" a  flip-entry-title ">')
    assert tag.classes == ["a", "flip-entry-title"]


@pytest.mark.parametrize(
    "hidden",
    [
        "<!-- <a href='x'> -->",
        "<script>if (a < b) '<a href=x>'</script>",
        "<STYLE type='x'>a > b {} <b></style>",
        "<!-- never ends <a>",
        "<script>never ends <a>",
        "<!doctype html><?xml?>",
        "a < b and c > d",
    ],
)
def test_page_when_it_holds_what_is_not_for_people_then_that_is_no_tag(hidden: str) -> None:
    assert [tag.name for tag in read_tags(f"<p>{hidden}")] == ["p"]


def test_attribute_when_it_holds_a_bracket_then_the_tag_goes_on() -> None:
    (tag,) = read_tags("<a title='a > b' href=\"x\">")
    assert tag.attributes == {"title": "a > b", "href": "x"}


def test_tags_when_compared_with_the_standard_parser_then_they_are_the_same() -> None:
    page = "".join(
        f'<div class="e" id="entry-{n}"><a href="https://h/{n}?a&amp;b" target=_blank>'
        f"<img src='i' alt=\"\"/><div class='flip-entry-title'>N &lt;{n}&gt; é</div></a></div>"
        for n in range(50)
    )
    seen: list[tuple[str, dict[str, str]]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append((tag, {key: value or "" for key, value in attrs}))

    Parser().feed(page)
    ours = [(tag.name, tag.attributes) for tag in read_tags(page) if tag.name[0] != "/"]
    assert [(name, facts.get("href"), facts.get("class")) for name, facts in ours] == [
        (name, facts.get("href"), facts.get("class")) for name, facts in seen
    ]


@pytest.mark.parametrize(
    "piece", ["<a ", "<a '", "<a x=\"'", "<!--", "<script>", "</", "<a/", "< "]
)
def test_page_when_made_to_hurt_then_it_is_read_in_time(piece: str) -> None:
    begun_s = time.process_time()
    for _ in read_tags(piece * 5_000):
        pass
    assert time.process_time() - begun_s < 2
