/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE /* for RTLD_DEFAULT */
#include "config.h"

#include <dlfcn.h>

#include "plant-rpc-interpreter-private.h"

typedef struct {
  int    (*is_initialized) (void);
  int    (*is_locked_here) (void);
  void  *(*unlock)         (void);
  void   (*lock)           (void *state);
} Interpreter;

/* The functions are looked up, since the library neither needs nor links Python. */
static gpointer
find (gpointer data)
{
  static Interpreter python;

  python.is_initialized = dlsym (RTLD_DEFAULT, "Py_IsInitialized");
  python.is_locked_here = dlsym (RTLD_DEFAULT, "PyGILState_Check");
  python.unlock = dlsym (RTLD_DEFAULT, "PyEval_SaveThread");
  python.lock = dlsym (RTLD_DEFAULT, "PyEval_RestoreThread");
  if (python.is_initialized == NULL || python.is_locked_here == NULL || python.unlock == NULL ||
      python.lock == NULL)
    return NULL;
  return &python;
}

static const Interpreter *
get_python (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, find, NULL);
}

gpointer
plant_rpc_interpreter_unlock (void)
{
  const Interpreter *python = get_python ();

  /* The second question is answered with yes while there is no interpreter. */
  if (python == NULL || !python->is_initialized () || !python->is_locked_here ())
    return NULL;
  return python->unlock ();
}

void
plant_rpc_interpreter_lock (gpointer state)
{
  if (state != NULL)
    get_python ()->lock (state);
}
