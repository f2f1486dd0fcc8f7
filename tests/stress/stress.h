/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <plantrpc/plantrpc.h>

#include "stress-memory.h"

G_BEGIN_DECLS

/* Servers as processes of their own, for tests that stop, kill and cut them. */

#define STRESS_DEADLINE_S 120 /* until what should come counts as not coming */

typedef enum {
  STRESS_NATIVE,
  STRESS_GENERATION_1, /* tests/peer/server.py, as the next */
  STRESS_GENERATION_2,
} StressKind;

#define STRESS_N_KINDS 3

const char   *stress_kind_get_name       (StressKind       kind);
PlantRpcWire  stress_kind_get_wire       (StressKind       kind);

typedef struct _StressServer StressServer;

/* At a port that is picked below those that connections of this machine get: a client that tries a
 * dead one of those may meet itself. */
#define STRESS_ANY_URL "tcp://127.0.0.1"

/* JOURNAL is nullable, PREPARE too: it is run in the new process and must be safe there. */
StressServer *stress_server_new          (StressKind       kind,
                                          const char      *url,
                                          const char      *journal,
                                          void           (*prepare) (gpointer),
                                          gpointer         user_data);
/* Ends it politely, and waits for that. */
void          stress_server_free         (StressServer    *self);
/* kill -9 */
void          stress_server_kill         (StressServer    *self);
void          stress_server_send_signal  (StressServer    *self,
                                          int              signum);
const char   *stress_server_get_url      (StressServer    *self);
StressKind    stress_server_get_kind     (StressServer    *self);
gint          stress_server_get_pid      (StressServer    *self);

/* The device changes by other hands than the client's, or emits. They return when it is done; a
 * burst may be begun, and its end awaited later. */
void          stress_server_set_rotation (StressServer    *self,
                                          int              rotation);
void          stress_server_burst        (StressServer    *self,
                                          gint64           number);
void          stress_server_begin_burst  (StressServer    *self,
                                          gint64           number);
void          stress_server_end_burst    (StressServer    *self);

/* These functions may also be called while the server does not run. stress_server_settle() waits
 * until their commands have been done. With _number() the device emits "captured" with ("number",
 * NUMBER). */
void          stress_server_begin_rotation (StressServer  *self,
                                            int            rotation);
void          stress_server_begin_number   (StressServer  *self,
                                            gint64         number);
/* For a native server only: see stress_device_flood(). */
void          stress_server_begin_flood  (StressServer    *self,
                                          gint64           first,
                                          gint64           number);
void          stress_server_settle       (StressServer    *self);
/* Returns the value that the device has, read without a proxy. */
int           stress_server_get_rotation (StressServer    *self);

/* One command to the control socket of a Python server; its answer. */
GVariant     *stress_server_command      (StressServer    *self,
                                          const char      *json);
/* A number of the answer to `state` or `counters`. */
gint64        stress_server_count        (StressServer    *self,
                                          const char      *command,
                                          const char      *member);
/* Of a native server. */
void          stress_server_measure      (StressServer    *self,
                                          StressMemory    *memory);
int           stress_server_count_fds    (StressServer    *self);
/* It has seen nothing that a client may not do. */
void          stress_server_assert_clean (StressServer    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (StressServer, stress_server_free)

/* Runs the default main context until CONDITION. */
#define STRESS_WAIT(condition)                                                                  \
  G_STMT_START                                                                                  \
    {                                                                                           \
      gint64 stress_end = g_get_monotonic_time () + STRESS_DEADLINE_S * G_USEC_PER_SEC;         \
      while (!(condition))                                                                      \
        stress_iterate (stress_end, #condition, __FILE__, __LINE__);                            \
    }                                                                                           \
  G_STMT_END

void          stress_iterate             (gint64           end,
                                          const char      *what,
                                          const char      *file,
                                          int              line);
/* Runs the default main context for some time: to stir it, not to wait for anything. */
void          stress_iterate_for         (guint            ms);

PlantRpcClient *stress_client_new          (const char      *url);
gboolean        stress_client_is_ready     (PlantRpcClient  *client);
int             stress_client_get_rotation (PlantRpcClient  *client);
/* Adds each "captured" to *COUNT. */
void            stress_client_count        (PlantRpcClient  *client,
                                            guint           *count);

/* What a journal says: how often each line was written, by its text. */
GHashTable   *stress_journal_read        (const char      *path);
guint         stress_journal_count       (GHashTable      *journal,
                                          const char      *token);
guint         stress_journal_count_set   (GHashTable      *journal,
                                          const char      *property,
                                          int              value);
gboolean      stress_journal_has         (const char      *path,
                                          const char      *token);

G_END_DECLS
