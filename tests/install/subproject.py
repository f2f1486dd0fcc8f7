#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A project that has plantrpc as a subproject builds it with itself, and nothing that it did not
ask for."""

import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from install import BUILD_DEADLINE, DEADLINE, HERE, SOURCE, plain_environment, run


class Subproject(unittest.TestCase):
    def setUp(self) -> None:
        self.scratch = Path(tempfile.mkdtemp(prefix="plantrpc-subproject-"))
        self.addCleanup(shutil.rmtree, self.scratch)
        self.build = self.scratch / "build"
        project = shutil.copytree(HERE / "subproject", self.scratch / "project")
        (project / "subprojects").mkdir()
        (project / "subprojects" / "plantrpc").symlink_to(SOURCE, target_is_directory=True)
        run("meson", "setup", "--wrap-mode=forcefallback", "--prefix", self.scratch / "prefix",
            "-Dbuildtype=plain", "-Ddefault_library=shared", self.build, project,
            env=plain_environment())

    def introspect(self, what: str) -> list[dict]:
        return json.loads(run("meson", "introspect", f"--{what}", self.build,
                              stderr=subprocess.DEVNULL))

    def test_subproject(self) -> None:
        built = "\n".join(name for target in self.introspect("targets")
                          if target["build_by_default"] for name in target["filename"])
        self.assertIn("/subprojects/plantrpc/plantrpc/", built)
        self.assertNotRegex(built, r"/subprojects/plantrpc/(demos|tests)/|\.(gir|typelib|vapi)")
        self.assertEqual(self.introspect("tests"), [])
        run("ninja", "-C", self.build, "-j", "2", env=plain_environment(), timeout=BUILD_DEADLINE)
        said = run(self.build / "greenhouse", env=plain_environment(), timeout=DEADLINE)
        self.assertEqual(said, "ready\n")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
