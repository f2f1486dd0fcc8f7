// SPDX-License-Identifier: LGPL-2.1-or-later
// The conversation with a probe, in JavaScript; client.py says how it is run.

import System from 'system';

import {LAST as last, STEPS as calls} from './calls.js';
import {STEPS as kinds} from './kinds.js';
import {Talk, run} from './talk.js';
import {STEPS as values} from './values.js';

const [url, wire] = ARGV;
const failed = run(new Talk(url, wire), [...values, ...calls, ...kinds, ...last]);
System.exit(failed ? 1 : 0);
