#!/usr/bin/env python3
"""Builds the documentation as a site with mdBook: `site.py MDBOOK` writes target/site.

Links out of docs/ lead to the repository that Cargo.toml names. Fails where a link of the site leads nowhere. Python 3.11.
"""
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "target" / "site"
REPOSITORY = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]["repository"]
LINK = re.compile(r'((?:href|src)=")([^"#:]+)(#[^"]*)?"')


def main(mdbook):
    subprocess.run([mdbook, "build", ROOT / "docs"], check=True, stdout=subprocess.DEVNULL)
    broken = []
    for page in sorted(SITE.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        # What mdBook makes of every page alike lies at the top, whatever it is shown for.
        folder = SITE if page.name in ("404.html", "toc.html", "print.html") else page.parent

        def led(found):
            start, link, part = found.group(1), unquote(found.group(2)), found.group(3) or ""
            target = (folder / link).resolve()
            if link == "/":
                return found.group(0)
            if target.is_relative_to(SITE):
                if not target.exists():
                    broken.append(f"{page.relative_to(SITE)}: {link}")
                return found.group(0)
            # The source of a page beside docs/ keeps its own ending.
            path = (ROOT / "docs" / page.relative_to(SITE).parent / link).resolve()
            path = path if path.exists() else path.with_suffix(".md")
            if not path.exists() or not path.is_relative_to(ROOT):
                broken.append(f"{page.relative_to(SITE)}: {link}")
                return found.group(0)
            return f'{start}{REPOSITORY}/blob/main/{path.relative_to(ROOT).as_posix()}{part}"'

        page.write_text(LINK.sub(led, text), encoding="utf-8")
    if broken:
        raise SystemExit("links of the site lead nowhere:\n  " + "\n  ".join(broken))
    print(f"{len(list(SITE.rglob('*.html')))} pages in {SITE.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1])
