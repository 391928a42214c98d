"""The style guide, served at /style/ while DEBUG is on: every component with sample values, to look at."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dashboard.parts import states

TREND = [2, 3, 1, 4, 6, 3, 8, 12, 9, 14, 11, 18, 23, 19, 26, 22, 31, 28, 24, 12, 9, 7, 6, 5]
BEFORE = (
    "ACCOUNT,SIDE,SYMBOL,SHARES\r\n12654A87FR4,BUY,AAPL,1254\r\n2WE35HF6DHF,BUY,AAPL,8756 SHARES\r\nend\r\n"
)
AFTER = "ACCOUNT,SIDE,SYMBOL,SHARES\r\n12654A87FR4,BUY,AAPL,1254\r\n2WE35HF6DHF,BUY,AAPL,8756\r\nend"
BODY = """{
  "account": "2WE35HF6DHF",
  "side": "BUY",
  "symbol": "AAPL",
  "shares": "8756 SHARES",
  "price": 1.10,
  "reference": 12345678901234567890
}"""
TRACEBACK = """Traceback (most recent call last):
  File "/srv/app/trading/trade.py", line 41, in shares
    return int(text)
           ^^^^^^^^^
ValueError: invalid literal for int() with base 10: '8756 SHARES'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/app/.venv/lib/python3.11/site-packages/tenacity/__init__.py", line 336, in wrapped_f
    return copy(f, *args, **kw)
  File "/srv/app/trading/placement.py", line 27, in place
    order = Order.parse(message.text())
  File "/srv/app/trading/trade.py", line 43, in shares
    raise InvalidTrade(f"SHARES is not a whole number: {text!r}")
trading.trade.InvalidTrade: SHARES is not a whole number: '8756 SHARES'
"""
TRADE = "2WE35HF6DHF,BUY,AAPL,8756 SHARES"
ERRORS = [
    ("parked", "trading.trade.InvalidTrade", "SHARES is not a whole number: '8756 SHARES'", TRADE, 0, 0),
    (
        "parked",
        "trading.trade.UnknownSymbol",
        "No symbol 'APPL' is traded here",
        "12654A87FR4,BUY,APPL,10",
        1,
        2,
    ),
    ("waiting", "TimeoutError", "The pricing service did not answer within 2 s", BODY, 3, 0),
    ("requeued", "trading.trade.InvalidTrade", "SIDE is neither BUY nor SELL: 'BYU'", TRADE, 1, 1),
    ("resolved", "KeyError", "'account'", BODY, 1, 1),
    ("discarded", "UnicodeDecodeError", "'utf-8' codec can't decode byte 0x81 in position 0", "", 0, 0),
]


@login_not_required
def style_guide(request: HttpRequest) -> HttpResponse:
    return render(request, "style_guide.html", samples())


def samples() -> dict[str, Any]:
    return {
        "section": "messages",
        "themes": ["light", "dark"],
        "tones": ["red", "amber", "blue", "green", "violet", "grey"],
        "states": list(states.LOOKS),
        "trend": TREND,
        "letters": [letter(number, *error) for number, error in enumerate(ERRORS)],
        "groups": [group(number, *error) for number, error in enumerate(ERRORS[:3])],
        "events": events(),
        "texts": {"before": BEFORE, "after": AFTER, "body": BODY, "traceback": TRACEBACK},
        "bytes": BODY.encode() + b"\n\x81\xfe\x00\x01",
        "at": ago(134),
        **lists(),
        **chart(),
    }


def ago(seconds: float) -> Any:
    return timezone.now() - timedelta(seconds=seconds)


def letter(
    number: int, state: str, error: str, text: str, preview: str, attempt: int, revision: int
) -> dict[str, Any]:
    failed = {
        "error_type": error,
        "error_text": text,
        "preview": preview,
        "last_failed_at": ago(60 * 4**number),
    }
    known = {"id": number, "version": 1, "state": state, "attempt": attempt, "revision": revision}
    marks = {"came_back": state == "parked" and bool(attempt), "repaired": state == "resolved"}
    return (
        failed
        | known
        | marks
        | {"source": "trades", "ordering_key": "2WE35HF6DHF", "by_group": "ada" if attempt else ""}
    )


def group(number: int, _: str, error: str, text: str, *_rest: Any) -> dict[str, Any]:
    seen = {"first_seen_at": ago(86_400 * (number + 1)), "last_seen_at": ago(30 * 7**number)}
    facts = {"error_type": error, "text": text, "handler": "trading.placement:place", "source": "trades"}
    return facts | seen | {"id": number, "count": 1812 // 5**number, "trend": TREND[number * 4 :]}


def events() -> list[dict[str, Any]]:
    told = [
        ("came back", "intake", "Attempt 1 failed with InvalidTrade.", None, 200),
        ("sent", "relay", "To queue trades, attempt 1.", None, 230),
        ("requeued", "ada", "The symbol was mistyped upstream; they have mended it.", 1, 240),
        ("edited", "ada", "APPL → AAPL", 1, 260),
        ("parked", "triage", "No rule knows UnknownSymbol.", None, 4_000),
        ("received", "intake", "From queue trades, after 3 tries.", None, 4_001),
    ]
    keys = ("kind", "actor", "text", "person_id", "at")
    return [dict(zip(keys, (*event[:4], ago(event[4])), strict=True)) for event in told]


def lists() -> dict[str, Any]:
    state_values = [
        ("parked", 412),
        ("waiting", 18),
        ("requeued", 7),
        ("resolved", 12_804),
        ("discarded", 31),
    ]
    return {
        "chips": [
            {"key": "status", "value": "parked", "remove_url": "?"},
            {"key": "handler", "value": "trading.placement:place", "remove_url": "?", "negated": True},
        ],
        "state_values": [
            {
                "label": states.look(state).word,
                "state": state,
                "count": count,
                "url": "?",
                "current": not index,
            }
            for index, (state, count) in enumerate(state_values)
        ],
        "handler_values": [{"label": "trading.placement:place", "count": 390, "url": "?"}],
        "bulk_actions": [
            {"dialog": "requeue", "label": "Requeue", "icon": "corner-up-left", "key": "r", "primary": True},
            {"dialog": "discard", "label": "Discard", "icon": "archive-x", "key": "d", "danger": True},
        ],
        "properties": [
            {"name": "content-type", "value": "application/json"},
            {"name": "correlation-id", "value": "0192f3c1-8a8e-7d2a-9f57-9b7f4b6f6c11"},
            {"name": "dlo-attempt", "value": "1", "note": "set by the office"},
        ],
        "steps": [
            {"label": "Requeued", "state": "requeued", "at": ago(240), "done": True},
            {"label": "Sent", "state": "requeued", "at": ago(230), "done": True},
            {"label": "Came back", "state": "came back", "at": ago(200), "done": True},
        ],
        "health": [
            {"name": "trades", "state": "ok", "note": "3 consumers"},
            {"name": "dlo.intake", "state": "late", "note": "last read 2 min ago"},
            {"name": "worker", "state": "down", "note": "no sign for 5 min"},
        ],
    }


def chart() -> dict[str, Any]:
    now = timezone.now().timestamp()
    names = [("Failed", "red"), ("Repaired", "violet"), ("Requeued", "blue"), ("Resolved", "green")]
    times = [now - 900 + 10 * step for step in range(90)]
    waves = [[TREND[(step // 4 + 5 * line) % 24] / (line + 1) for step in range(90)] for line in range(4)]
    return {
        "lines": [{"label": label, "tone": tone, "path": ["flow", label.lower()]} for label, tone in names],
        "history": {"at": times, "series": waves},
    }
