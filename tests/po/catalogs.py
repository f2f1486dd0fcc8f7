#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hold the catalogs against the sources: nothing is forgotten, untranslated or broken."""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PO = ROOT / "po"
FOLDERS = ("plantrpc", "introspection", "demos")
KEYWORDS = ("_", "N_", "C_:1c,2", "NC_:1c,2", "Q_", "ngettext:1,2", "g_dngettext:2,3",
            "dngettext:2,3")
# What marks a message, by the end of a file's name.
CALL = r"(?<![\w.])(?:_|N_|C_|NC_|Q_|[gd_]*ngettext) ?\((?!\s*(?:const|char|gettext)\b)"
MARKS = {".c": CALL, ".py": CALL, ".in": CALL, ".js": CALL, ".vala": CALL,
         ".ui": r"translatable=[\"'](?:yes|true)", ".blp": CALL}
COMMENTS = {".c": r"/\*.*?\*/", ".vala": r"/\*.*?\*/|//[^\n]*", ".js": r"/\*.*?\*/|//[^\n]*",
            ".py": r"#[^\n]*", ".in": r"#[^\n]*", ".ui": r"<!--.*?-->", ".blp": r"//[^\n]*"}


def listed(name: str) -> list[str]:
    """The lines of POTFILES or LINGUAS that are no comments."""
    lines = (PO / name).read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def marked() -> list[str]:
    """The files of the sources that mark a message."""
    found = []
    for path in (path for folder in FOLDERS for path in (ROOT / folder).rglob("*")):
        if path.suffix not in MARKS or not path.is_file():
            continue
        text = re.sub(COMMENTS[path.suffix], "", path.read_text(), flags=re.DOTALL)
        if re.search(MARKS[path.suffix], text):
            found.append(str(path.relative_to(ROOT)))
    return sorted(found)


def messages(path: Path) -> set[str]:
    """The messages of a catalog, each with its context and plural, without their translations."""
    text = subprocess.run(["msgattrib", "--no-wrap", "--no-location", path], check=True,
                          capture_output=True, text=True).stdout
    return {"\n".join(re.findall(r'^(?:msgctxt|msgid|msgid_plural) .*(?:\n".*")*', entry, re.M))
            for entry in text.split("\n\n")[1:]}


def run_gettext(*arguments: object) -> str:
    """What a tool of gettext says; its complaints are a failure."""
    result = subprocess.run([str(argument) for argument in arguments], cwd=ROOT,
                            capture_output=True, text=True, env={"LC_ALL": "C", "PATH": "/usr/bin"})
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr


class Template(unittest.TestCase):
    def test_every_file_is_listed(self) -> None:
        self.assertEqual(listed("POTFILES"), marked())

    def test_template_is_current(self) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            fresh = Path(scratch) / "fresh.pot"
            run_gettext("xgettext", "--from-code=UTF-8", "--output", fresh, "-k",
                        *(f"-k{keyword}" for keyword in KEYWORDS), "--files-from=po/POTFILES")
            self.assertEqual(messages(PO / "plantrpc-1.pot"), messages(fresh),
                             "meson compile -C _build plantrpc-1-pot")


class Catalogs(unittest.TestCase):
    def each(self) -> list[Path]:
        languages = listed("LINGUAS")
        self.assertLessEqual({"de", "fr"}, set(languages))
        self.assertEqual(languages, sorted(path.stem for path in PO.glob("*.po")))
        return [PO / f"{language}.po" for language in languages]

    def test_complete(self) -> None:
        for catalog in self.each():
            with self.subTest(catalog.name):
                self.assertEqual(messages(catalog), messages(PO / "plantrpc-1.pot"),
                                 "meson compile -C _build plantrpc-1-update-po")
                said = run_gettext("msgfmt", "--check", "--statistics", "-o", "/dev/null", catalog)
                self.assertRegex(said, r"^\d+ translated messages\.$")

    def test_ends_as_the_message_does(self) -> None:
        """Prefixes end in a colon and a space, and no message ends in a full stop."""
        for catalog in self.each():
            text = run_gettext("msgcat", "--no-wrap", catalog)
            for original, entry in re.findall(r'^msgid "(.+)"\n((?:msg.*\n)+)', text, re.M):
                for translated in re.findall(r'^msgstr(?:\[\d\])? "(.+)"$', entry, re.M):
                    with self.subTest(catalog.name, message=original):
                        for end in (" ", ": ", "."):
                            self.assertEqual(translated.endswith(end), original.endswith(end))

    def test_quotation_marks(self) -> None:
        wrong = {"fr.po": r'[“”„]|«(?!\u00a0)|(?<!\u00a0)»|(?<!\u00a0):(?=\s|$)|[ \w];',
                 "de.po": r'”|«|»'}
        for catalog in self.each():
            text = run_gettext("msgcat", "--no-wrap", catalog).split("\n\n", 1)[1]
            for translated in re.findall(r'^msgstr(?:\[\d\])? "(.*)"$', text, re.M):
                with self.subTest(catalog.name, message=translated):
                    self.assertNotRegex(translated, wrong.get(catalog.name, r"(?!)"))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
