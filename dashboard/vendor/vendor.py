"""Fetch the front-end files that static/vendor holds, and axe for the tests, as package-lock.json pins them.

    python dashboard/vendor/vendor.py            needs Node and npm; writes both folders anew
    python dashboard/vendor/vendor.py --check    needs neither; compares both with their manifests

The same lock file gives the same bytes, so that anyone can run it again and see no difference.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SHIPPED = HERE.parent / "static" / "vendor"
FOR_TESTS = HERE.parent.parent / "tests" / "browser" / "vendor"
MANIFEST = "manifest.json"

COPIED = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "idiomorph.js": "idiomorph/dist/idiomorph-ext.min.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
}
BUNDLED = {"uplot.js": "uplot/dist/uPlot.esm.js", "codemirror.js": "../codemirror.js"}
TESTED_WITH = {"axe.js": "axe-core/axe.min.js"}


def fetch(work: Path) -> Path:
    """Install the locked packages into `work` without running any of their scripts."""
    for name in ("package.json", "package-lock.json", "codemirror.js"):
        shutil.copy(HERE / name, work / name)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=work, check=True)
    return work / "node_modules"


def bundle(modules: Path, entry: str, target: Path) -> None:
    """Make one minified ES module without a source map."""
    options = ["--bundle", "--minify", "--format=esm", "--target=es2022", "--legal-comments=none"]
    esbuild = modules / ".bin" / "esbuild"
    subprocess.run(
        [esbuild, modules / entry, *options, f"--outfile={target}"], cwd=modules.parent, check=True
    )


def sprite(modules: Path) -> str:
    """One SVG with a symbol for each icon that icons.txt names."""
    names = (HERE / "icons.txt").read_text().split()
    symbols = (_symbol(name, modules / "lucide-static" / "icons" / f"{name}.svg") for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{"".join(symbols)}</svg>\n'


def _symbol(name: str, drawing: Path) -> str:
    shapes = re.search(r"<svg[^>]*>(.*)</svg>", drawing.read_text(), re.DOTALL)
    if shapes is None:
        raise SystemExit(f"{drawing.name} holds no drawing; is it still an icon of lucide?")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(shapes[1].split())}</symbol>\n'


def packages() -> list[tuple[str, str, str]]:
    """Name, version and licence of each package whose code is shipped."""
    return _packages(lambda _, facts: not facts.get("dev"))


def _packages(wanted: Callable[[str, dict[str, Any]], bool]) -> list[tuple[str, str, str]]:
    locked = json.loads((HERE / "package-lock.json").read_text())["packages"]
    named = {path.removeprefix("node_modules/"): facts for path, facts in locked.items() if path}
    kept = sorted((name, facts) for name, facts in named.items() if wanted(name, facts))
    return [(name, facts["version"], facts["license"]) for name, facts in kept]


def write() -> None:
    with tempfile.TemporaryDirectory() as work:
        modules = fetch(Path(work))
        write_shipped(modules)
        write_for_tests(modules)


def write_shipped(modules: Path) -> None:
    empty(SHIPPED)
    for name, source in COPIED.items():
        shutil.copyfile(modules / source, SHIPPED / name)
    for name, entry in BUNDLED.items():
        bundle(modules, entry, SHIPPED / name)
    (SHIPPED / "icons.svg").write_text(sprite(modules))
    seal(SHIPPED, modules, packages())


def write_for_tests(modules: Path) -> None:
    empty(FOR_TESTS)
    for name, source in TESTED_WITH.items():
        shutil.copyfile(modules / source, FOR_TESTS / name)
    names = {source.split("/")[0] for source in TESTED_WITH.values()}
    seal(FOR_TESTS, modules, _packages(lambda name, _: name in names))


def empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def seal(folder: Path, modules: Path, held: list[tuple[str, str, str]]) -> None:
    """Add the licences of the packages that the folder holds something of, and the manifest of its files."""
    texts = (f"{name} {version}\n\n{_licence(modules / name)}" for name, version, _ in held)
    (folder / "LICENCES.txt").write_text(f"\n\n{'-' * 100}\n\n".join(texts) + "\n")
    manifest = {"packages": [" ".join(facts) for facts in held], "sha256": digests(folder)}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")


def _licence(package: Path) -> str:
    return next(iter(sorted(package.glob("LICEN[CS]E*")))).read_text().strip()


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.iterdir() if path.name != MANIFEST)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def check() -> None:
    """Raise SystemExit where a file is not the one that its manifest names."""
    for folder in (SHIPPED, FOR_TESTS):
        expected, found = json.loads((folder / MANIFEST).read_text())["sha256"], digests(folder)
        wrong = sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))
        if wrong:
            raise SystemExit(f"{folder} differs from its manifest in {', '.join(wrong)}: run vendor.py again")


if __name__ == "__main__":
    check() if "--check" in sys.argv else write()
