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

/* If a warning is fatal, GLib ends the process with a trap. libFuzzer keeps the input that led to
 * an abort, but not one that led to a trap. */
int
LLVMFuzzerInitialize (int    *argc,
                      char ***argv)
{
  signal (SIGTRAP, on_trap);
  return 0;
}
