#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The generated pages: what they link to is there, and no markup was left as it was written."""
import re
import sys
import unittest
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

SITE = Path(sys.argv.pop(1))
PAGES = Path(__file__).resolve().parents[2] / "introspection" / "docs"
UNRESOLVED = re.compile(r"\[\w+@[\w.:-]+\]")
OUTSIDE = ("https://", "http://", "javascript:", "mailto:")


class Reader(HTMLParser):
    """What a page links to and may be linked to by, and the text outside of code."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = set()
        self.text: list[str] = []    # outside of code
        self.inline: list[str] = []  # outside of blocks of code
        self.n_code = 0
        self.n_pre = 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.n_code += tag in ("code", "pre")
        self.n_pre += tag in ("pre", "script")
        if values.get("id"):
            self.anchors.add(values["id"])
        if tag == "a" and values.get("name"):
            self.anchors.add(values["name"])
        for key in ("href", "src"):
            if values.get(key):
                self.links.add(values[key])

    def handle_endtag(self, tag: str) -> None:
        self.n_code -= tag in ("code", "pre")
        self.n_pre -= tag in ("pre", "script")

    def handle_data(self, data: str) -> None:
        if self.n_code == 0:
            self.text.append(data)
        if self.n_pre == 0:
            self.inline.append(data)


class Site(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.pages = {path.name: Reader(path) for path in SITE.glob("*.html")}

    def test_links_lead_somewhere(self) -> None:
        self.assertGreater(len(self.pages), 200)
        missing = []
        for name, page in self.pages.items():
            for link in page.links:
                if link.startswith(OUTSIDE):
                    continue
                target, anchor = urldefrag(unquote(link))
                target = target or name
                if not (SITE / target).exists():
                    missing.append(f"{name}: {link}")
                elif anchor and target in self.pages \
                        and anchor not in self.pages[target].anchors:
                    missing.append(f"{name}: {link}")
        self.assertEqual(missing, [])

    def test_no_link_is_left(self) -> None:
        left = [f"{name}: {link}" for name, page in self.pages.items()
                for link in UNRESOLVED.findall("".join(page.text))]
        self.assertEqual(left, [])

    def test_no_backtick_is_left(self) -> None:
        """gi-docgen takes what begins with @ for a parameter, and spoils the code around it."""
        spoilt = [f"{name}: {text}" for name, page in self.pages.items()
                  for text in page.inline if "`" in text]
        self.assertEqual(spoilt, [])

    def test_every_page_is_in_the_index(self) -> None:
        index = self.pages["index.html"]
        for page in PAGES.glob("*.md"):
            self.assertIn(f"{page.stem}.html", index.links)


if __name__ == "__main__":
    unittest.main()
