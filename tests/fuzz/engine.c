/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <stdlib.h>

#include "fuzz.h"

static void
on_trap (int number)
{
  abort ();
}

/* GLib ends a process with a trap where a warning is fatal. libFuzzer keeps the input that led to an
 * abort, but not to a trap. */
int
LLVMFuzzerInitialize (int    *argc,
                      char ***argv)
{
  signal (SIGTRAP, on_trap);
  return 0;
}
