"""Fetch the front-end files that static/vendor holds, at the versions package-lock.json pins.

    python dashboard/vendor/vendor.py            needs Node and npm; writes static/vendor anew
    python dashboard/vendor/vendor.py --check    needs neither; compares static/vendor with its manifest

The same lock file gives the same bytes, so that anyone can run it again and see no difference.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "static" / "vendor"
MANIFEST = TARGET / "manifest.json"

COPIED = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "idiomorph.js": "idiomorph/dist/idiomorph-ext.min.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
}
BUNDLED = {"uplot.js": "uplot/dist/uPlot.esm.js", "codemirror.js": "../codemirror.js"}
BUILD_TOOLS = ("esbuild", "@esbuild/")


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


def licences(modules: Path) -> str:
    """Every shipped package's licence, one after another."""
    texts = (f"{name} {version}\n\n{_licence(modules / name)}" for name, version, _ in packages())
    return f"\n\n{'-' * 100}\n\n".join(texts) + "\n"


def _licence(package: Path) -> str:
    return next(iter(sorted(package.glob("LICEN[CS]E*")))).read_text().strip()


def packages() -> list[tuple[str, str, str]]:
    """Name, version and licence of each package whose code is shipped."""
    locked = json.loads((HERE / "package-lock.json").read_text())["packages"]
    named = {path.removeprefix("node_modules/"): facts for path, facts in locked.items() if path}
    shipped = sorted((name, facts) for name, facts in named.items() if not name.startswith(BUILD_TOOLS))
    return [(name, facts["version"], facts["license"]) for name, facts in shipped]


def digests() -> dict[str, str]:
    files = sorted(path for path in TARGET.iterdir() if path != MANIFEST)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def write() -> None:
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as work:
        modules = fetch(Path(work))
        for name, source in COPIED.items():
            shutil.copyfile(modules / source, TARGET / name)
        for name, entry in BUNDLED.items():
            bundle(modules, entry, TARGET / name)
        (TARGET / "icons.svg").write_text(sprite(modules))
        (TARGET / "LICENCES.txt").write_text(licences(modules))
        manifest = {"packages": [" ".join(facts) for facts in packages()], "sha256": digests()}
    MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n")


def check() -> None:
    """Raise SystemExit where a file is not the one that its manifest names."""
    expected, found = json.loads(MANIFEST.read_text())["sha256"], digests()
    wrong = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if wrong:
        raise SystemExit(
            f"static/vendor differs from its manifest in {', '.join(wrong)}: run vendor.py again"
        )


if __name__ == "__main__":
    check() if "--check" in sys.argv else write()
