/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <plantrpc/plantrpc.h>

G_BEGIN_DECLS

/* What the process ends with. */
typedef enum {
  TOOL_EXIT_OK          = 0,
  TOOL_EXIT_FAILED      = 1,   /* something else went wrong, as a file that cannot be written */
  TOOL_EXIT_USAGE       = 2,   /* the command line cannot be understood */
  TOOL_EXIT_UNREACHABLE = 3,   /* not reachable, or not in time; nothing has run */
  TOOL_EXIT_REFUSED     = 4,   /* the device refused, or failed */
  TOOL_EXIT_NOT_FOUND   = 5,   /* no such device or member */
  TOOL_EXIT_UNKNOWN     = 6,   /* it may have run: the answer did not come */
  TOOL_EXIT_INTERRUPTED = 130, /* by Ctrl-C */
} ToolExit;

#define TOOL_DEFAULT_TIMEOUT 5000 /* ms */

/* One run of the program: what was asked for, and how it stands. */
typedef struct {
  gboolean      json;
  gboolean      verbose;
  char         *registry;    /* (owned) (nullable): --registry */
  gboolean      accept_new;  /* --accept-new: devices that are not known are remembered */
  gboolean      has_timeout; /* --timeout was given */
  gint64        deadline;    /* monotonic µs; -1 for never */
  GCancellable *cancellable; /* (owned): cancelled by Ctrl-C */
  gboolean      terminated;  /* SIGTERM has come since tool_catch_terminate() */
  ToolExit      status;      /* of what failed last */
} Tool;

typedef struct _ToolCommand ToolCommand;

/* What a positional argument is, for completion. */
typedef enum {
  TOOL_ARGUMENT_NONE,
  TOOL_ARGUMENT_DEVICE,
  TOOL_ARGUMENT_REGISTRY,
  TOOL_ARGUMENT_PROPERTY,
  TOOL_ARGUMENT_ASSIGNMENT, /* a property to write, or PROPERTY=VALUE */
  TOOL_ARGUMENT_VALUE,      /* of the property before it */
  TOOL_ARGUMENT_CONDITION,  /* PROPERTY=VALUE */
  TOOL_ARGUMENT_METHOD,
  TOOL_ARGUMENT_PARAMETER,  /* of the method before it */
  TOOL_ARGUMENT_MEMBER,     /* a property or signal */
  TOOL_ARGUMENT_FILE,
  TOOL_ARGUMENT_KEYS_ACTION,
  TOOL_ARGUMENT_KEYS_FIRST, /* a key or a name, by the action before it */
  TOOL_ARGUMENT_KEYS_SECOND,
  TOOL_ARGUMENT_KEYPAIR,    /* the name of one */
  TOOL_ARGUMENT_COMMAND,
} ToolArgument;

#define TOOL_MAX_ARGUMENTS 4

struct _ToolCommand {
  const char         *name;
  const char         *synopsis;    /* translatable: the arguments */
  const char         *summary;     /* translatable: one line */
  const char         *description; /* (nullable), translatable: what --help adds */
  const GOptionEntry *entries;     /* (nullable): its own options */
  guint               n_min;       /* arguments */
  guint               n_max;
  ToolArgument        arguments[TOOL_MAX_ARGUMENTS]; /* the last counts for all that follow */
  ToolExit          (*run) (Tool  *tool,
                            char **arguments);
};

gboolean      tool_is_interrupted (Tool          *self);
int           tool_get_time       (Tool          *self,
                                   int            fallback);
gboolean      tool_run_until      (Tool          *self,
                                   gboolean     (*holds) (gpointer data),
                                   gpointer       data,
                                   int            timeout);
void          tool_catch_terminate (Tool         *self);
void          tool_run            (Tool          *self);
void          tool_take_result    (GObject       *source,
                                   GAsyncResult  *result,
                                   gpointer       slot);
GAsyncResult *tool_await          (GAsyncResult **slot);

G_END_DECLS
