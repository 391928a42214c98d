"""Bodies and rules made up by Hypothesis: odd white space, odd numbers, keys that stand twice."""

import json
from typing import Any

from hypothesis import strategies as st

NAMES = ["a", "b", "c", "odd name", "é", '"']
BLANK = st.sampled_from(["", "", "", " ", "\n", "\t ", "\r\n  "])
NUMBERS = st.sampled_from(["0", "-0", "1.10", "12345678901234567890", "1e5", "-12.50", "1E+400", "7"])
TEXTS = st.sampled_from(
    ["", " x ", "8756 SHARES", "buy", "31.12.2025", "12", "true", "ſ", "İ", "ß", "a,b", "1 X"]
)
STRINGS = st.one_of(
    TEXTS.map(json.dumps),
    TEXTS.map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.sampled_from([r'"\u0041\/"', r'"\ud800 x"', r'"x\n\t\"\\"', r'"\u0078"', r'"caf\u00e9"']),
)
SCALARS = st.one_of(NUMBERS, STRINGS, st.sampled_from(["true", "false", "null"]))


@st.composite
def arrays(draw: Any, items: Any) -> str:
    parts = [f"{draw(BLANK)}{draw(items)}{draw(BLANK)}" for _ in range(draw(st.integers(0, 3)))]
    return f"[{','.join(parts) or draw(BLANK)}]"


@st.composite
def objects(draw: Any, items: Any) -> str:
    keys = [draw(st.sampled_from(NAMES)) for _ in range(draw(st.integers(0, 4)))]
    parts = [
        f"{draw(BLANK)}{json.dumps(key)}{draw(BLANK)}:{draw(BLANK)}{draw(items)}{draw(BLANK)}" for key in keys
    ]
    return f"{{{','.join(parts) or draw(BLANK)}}}"


VALUES = st.recursive(SCALARS, lambda items: st.one_of(arrays(items), objects(items)), max_leaves=12)
BODIES = st.tuples(st.sampled_from(["", "\ufeff"]), BLANK, objects(VALUES), BLANK).map("".join)
CELLS = st.sampled_from(["A1", "", '"x,y"', '"q""q"', " buy ", "8 SHARES", '"1\n2"', '""', '"a"'])
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4)
LINES = ROWS.map(lambda rows: [",".join(row) for row in rows])
HEADINGS = st.permutations(["a", '"b"', "c"])
ENDS = st.sampled_from(["\n", "\r\n", "\r", "\r\n\r\n"])
COLUMN_STEPS = st.one_of(
    st.builds(lambda at: {"do": "remove", "at": at}, st.sampled_from(["a", "b", "c"])),
    st.builds(lambda at: {"do": "upper", "at": at}, st.sampled_from(["a", "b", "1", "3"])),
    st.builds(lambda at: {"do": "set", "at": at, "value": "x,y"}, st.sampled_from(["b", "2", "[0].c"])),
)
HEADED_STEPS = st.one_of(
    COLUMN_STEPS,
    st.builds(
        lambda at, to: {"do": "rename", "at": at, "to": to},
        st.sampled_from(["a", "b"]),
        st.sampled_from(["c", "z", "1", 'x,"y"']),
    ),
    st.builds(
        lambda at, to: {"do": "move", "at": at, "to": to},
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["1", "2", "3", "4"]),
    ),
)

PATHS = st.sampled_from(
    ["a", "b", "a.b", "a[0]", "a[*]", "b[*].a", "a[-1].c", '["odd name"]', "é.a", r'["\""]', "c.a.b"]
)
MEMBERS = st.sampled_from(["a", "b", "a.b", "b[*].a", '["odd name"]', "c.a.b"])
VALUE_STEPS = st.one_of(
    st.builds(
        lambda do, at: {"do": do, "at": at},
        st.sampled_from(["trim", "upper", "lower", "to_number", "to_text", "to_boolean", "take_number"]),
        PATHS,
    ),
    st.builds(lambda at: {"do": "parse_date", "at": at, "from": "DD.MM.YYYY"}, PATHS),
    st.builds(lambda at: {"do": "map", "at": at, "table": {"buy": "BUY", "12": "x"}}, PATHS),
    st.builds(
        lambda at, find: {"do": "replace", "at": at, "find": find, "by": r"x\0", "pattern": True},
        PATHS,
        st.sampled_from(["[a-z]", "x*", "^ ", "S+"]),
    ),
    st.builds(lambda at: {"do": "replace", "at": at, "find": "1", "by": "2"}, PATHS),
)
OVERWRITING_STEPS = st.sampled_from(
    [{"do": "set", "value": "x"}, {"do": "value", "expression": "it == 'buy' ? 'BUY' : it"}]
)
MEMBER_STEPS = st.one_of(
    st.builds(lambda at: {"do": "set", "at": at, "value": "1.10", "as": "number"}, MEMBERS),
    st.builds(lambda at: {"do": "default", "at": at, "value": "x", "empty": True}, MEMBERS),
    st.builds(lambda at: {"do": "remove", "at": at}, MEMBERS),
    st.builds(lambda at: {"do": "rename", "at": at, "to": "z"}, MEMBERS),
    st.builds(
        lambda at, to: {"do": "move", "at": at, "to": to},
        st.sampled_from(["a", "a.b", '["odd name"]']),
        st.sampled_from(["b", "c.z", "z"]),
    ),
)
OTHER_STEPS = st.one_of(
    st.builds(
        lambda at, expression: {"do": "value", "at": at, "expression": expression},
        st.sampled_from(["a", "b", "z"]),
        st.sampled_from(["size(body)", "it", "string(it) + 'x'", "'x'", "body.a"]),
    ),
    st.sampled_from(
        [
            {"do": "patch", "patch": '[{"op": "remove", "path": "/a"}]'},
            {"do": "patch", "patch": '[{"op": "add", "path": "/a/0", "value": 1}]'},
            {"do": "patch", "patch": '[{"op": "copy", "from": "/a", "path": "/b"}]'},
            {"do": "set_header", "name": "region", "value": "EU"},
        ]
    ),
)
STEPS = st.one_of(VALUE_STEPS, MEMBER_STEPS, OTHER_STEPS)
