#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
import sys
from checks import Checks
from replay import replay_self
from scripted import replay_client
c = Checks()
for g in (1,2): replay_self(c, g); replay_client(c, g)
sys.exit(c.finish())
