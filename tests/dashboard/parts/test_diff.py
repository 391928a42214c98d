"""The difference that a person sees before sending: exact, and never in the way of a large text."""

import pytest

from dashboard.parts.diff import ROW_LIMIT, Diff, diff


def told(difference: Diff) -> list[tuple[str, str]]:
    return [
        (row.kind, "".join(f"[{p.text}]" if p.changed else p.text for p in row.pieces))
        for row in difference.rows
    ]


def test_only_the_words_that_changed_are_marked() -> None:
    before, after = "a,BUY,AAPL,8756 SHARES\n", "a,BUY,AAPL,8756\n"
    assert told(diff(before, after)) == [
        ("removed", "a,BUY,AAPL,8756[ SHARES]"),
        ("added", "a,BUY,AAPL,8756"),
    ]


def test_numbers_that_mean_the_same_but_are_written_otherwise_differ() -> None:
    assert diff('{"price": 1.10}', '{"price": 1.1}').added == 1


def test_the_same_text_has_no_difference() -> None:
    difference = diff("a\nb\n", "a\nb\n")
    assert (difference.removed, difference.added, difference.cut) == (0, 0, 0)


@pytest.mark.parametrize(
    ("before", "after", "ends"),
    [
        ("a\n", "a\r\n", ["LF", "CRLF"]),
        ("a\n", "a", ["LF", "no line break at the end"]),
        ("a\r", "a\n", ["CR", "LF"]),
        ("", "a", ["no line break at the end"]),
        ("a\r\n", "b\r\n", ["", ""]),
    ],
)
def test_a_line_end_is_said_where_it_is_part_of_the_difference(
    before: str, after: str, ends: list[str]
) -> None:
    assert [row.end for row in diff(before, after).rows] == ends


def test_lines_alike_far_from_a_change_are_left_out() -> None:
    before = "".join(f"{number}\n" for number in range(100))
    rows = diff(before, before.replace("50\n", "fifty\n")).rows
    assert [row.kind for row in rows] == ["gap", *["same"] * 3, "removed", "added", *["same"] * 3, "gap"]
    assert (rows[0].skipped, rows[-1].skipped) == (47, 46)
    assert (rows[1].before, rows[1].after) == (48, 48)


def test_line_numbers_go_on_after_a_line_was_taken_out() -> None:
    rows = diff("a\nb\nc\n", "a\nc\n").rows
    assert [(row.kind, row.before, row.after) for row in rows] == [
        ("same", 1, 1),
        ("removed", 2, None),
        ("same", 3, 2),
    ]


def test_a_change_within_one_very_long_line_is_shown_without_all_of_the_line() -> None:
    long = ",".join(str(number) for number in range(200_000))
    (removed, added) = diff(long, long.replace(",777,", ",X,")).rows
    assert [piece.text for piece in removed.pieces if piece.changed] == ["777"]
    assert [piece.text for piece in added.pieces if piece.changed] == ["X"]
    assert sum(len(piece.text) for piece in (*removed.pieces, *added.pieces)) < 2_000


def test_two_large_texts_with_nothing_in_common_are_cut_and_it_is_said() -> None:
    before, after = ("".join(f"{kind}{number}\n" for number in range(20_000)) for kind in "ab")
    difference = diff(before, after)
    assert len(difference.rows) == ROW_LIMIT
    assert (difference.removed, difference.added, difference.cut) == (20_000, 20_000, 40_000 - ROW_LIMIT)
