"""The components, drawn with the style guide's values, and what they must never let through."""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory

import dashboard
from dashboard import style_guide
from dashboard.parts import pages, states, toasts

HERE = Path(dashboard.__file__).parent
TEMPLATES = sorted((HERE / "templates").rglob("*.html"))
SCRIPT = "<script>alert(1)</script>"


def draw(template: str, **values: object) -> str:
    return Template("{% load office %}" + template).render(Context(values))


@pytest.fixture
def page() -> str:
    return render_to_string("style_guide.html", style_guide.samples(), RequestFactory().get("/style/"))


def test_the_style_guide_shows_every_component(page: str) -> None:
    guide = (HERE / "templates/style_guide.html").read_text() + (HERE / "templates/base.html").read_text()
    drawn = {*re.findall(r'components/(\w+)\.html"', guide), *re.findall(r"{% (\w+)", guide)}
    inside = {*re.findall(r'components/(\w+)\.html"', "".join(path.read_text() for path in TEMPLATES))}
    tags = {"bytes": "byte_viewer"}
    names = {path.stem for path in (HERE / "templates/components").iterdir()} | {"badge", "ago", "sparkline"}
    assert {name for name in names if tags.get(name, name) not in drawn | inside} == set()


def test_no_page_has_a_script_or_a_style_within(page: str) -> None:
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|hx-on|hx-vals='js", page)
    within = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page)
    assert all('type="application/json"' in attributes for attributes in within)


def icons_named() -> Iterator[str]:
    for path in TEMPLATES:
        text = path.read_text()
        yield from re.findall(r'{% icon "([\w-]+)" %}', text)
        yield from re.findall(r'\bicon="([\w-]+)"', text)
    yield from (look.icon for look in (*states.LOOKS.values(), *states.EVENTS.values()))
    yield from (page.icon for page in pages.PAGES)


def test_every_icon_is_in_the_sprite() -> None:
    sprite = (HERE / "static/vendor/icons.svg").read_text()
    assert {name for name in icons_named() if f'id="{name}"' not in sprite} == set()


def test_every_icon_of_the_sprite_is_drawn_somewhere() -> None:
    listed = (HERE / "vendor/icons.txt").read_text().split()
    written = "".join(
        path.read_text() for path in (*TEMPLATES, *HERE.rglob("*.py"), *HERE.glob("static/js/*.js"))
    )
    assert [name for name in listed if not re.search(rf"[\"'#]{name}[\"'`]", written)] == []


def test_vendored_files_are_those_of_the_manifest() -> None:
    vendor = runpy.run_path(str(HERE / "vendor/vendor.py"))
    vendor["check"]()


@pytest.mark.parametrize(
    "template",
    [
        "{% diff '' hostile %}",
        "{% byte_viewer body %}",
        "{% traceback hostile %}",
        "{% badge hostile %}",
        "{% badge 'parked' hostile %}",
        "{% sparkline trend hostile hostile %}",
        "{% editor hostile %}",
        "{% editor 'a' original=hostile %}",
        "{% include 'components/properties.html' with properties=properties %}",
    ],
)
def test_what_came_in_a_message_is_never_markup(template: str) -> None:
    properties = [{"name": SCRIPT, "value": SCRIPT}]
    assert SCRIPT not in draw(
        template, hostile=SCRIPT, body=SCRIPT.encode(), properties=properties, trend=[1, 2]
    )


@pytest.mark.parametrize("text", ["\nfirst line empty", "no break at the end", "\n\n", " x \n"])
def test_a_text_area_holds_the_exact_text(text: str) -> None:
    field = re.search(r"<textarea[^>]*>(.*)</textarea>", draw("{% editor text %}", text=text), re.DOTALL)
    assert field is not None
    # HTML drops one line feed right after the tag, and so the template gives it one to drop.
    assert field[1].removeprefix("\n") == text


def test_an_announcement_carries_its_undo() -> None:
    request = RequestFactory().get("/")
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    toasts.announce(request, "In the outbox.", undo_url="/requeues/7/undo/", seconds=5)
    toasts.announce(request, "Not sent.", level=messages.ERROR)
    sent, failed = messages.get_messages(request)
    assert toasts.undo(sent) == {"url": "/requeues/7/undo/", "seconds": 5, "show_url": ""}
    assert toasts.undo(failed) is None
    assert failed.level_tag == "error"


def test_a_sparkline_says_in_words_what_it_draws() -> None:
    drawing = draw("{% sparkline values 'Failures' 'red' %}", values=[0, 4, 2])
    assert 'aria-label="Failures: from 0 to 4, last 2"' in drawing
    assert 'points="0,20.0 1,0.0 2,10.0"' in drawing
    assert "no trend yet" in draw("{% sparkline values %}", values=[3])


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_theme_of_the_cookie_is_in_the_first_byte(theme: str) -> None:
    request = RequestFactory(headers={"cookie": f"theme={theme}"}).get("/")
    assert f'<html lang="en" data-theme="{theme}">' in render_to_string("404.html", request=request)


@pytest.mark.parametrize("cookie", ["", "theme=", 'theme="><script>'])
def test_any_other_theme_is_the_systems(cookie: str) -> None:
    request = RequestFactory(headers={"cookie": cookie}).get("/")
    assert '<html lang="en">' in render_to_string("404.html", request=request)


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "500"])
def test_an_error_page_says_what_was_kept_and_what_to_do_without_any_context(code: str) -> None:
    page = render_to_string(f"{code}.html")
    assert "Kept" in page
    assert "What to do" in page
