/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <zmq.h>

#include "devices/gauge.h"
#include <plantrpc/plantrpc.h>

G_BEGIN_DECLS

/* A conversation between parts of the library, in one process. One call by which the library asks
 * the system for something fails on the way. Each operation must still end, with its result or with
 * an error, and the next conversation must not be affected. */
typedef void (*TortureFunc) (void);

/* Conversations. */
void torture_native           (void);
void torture_blocking         (void);
void torture_restart          (void);
void torture_lane_unix        (void);
void torture_lane_tcp         (void);
void torture_lane_ipc         (void);
void torture_lane_blocking    (void);
void torture_nobody           (void);
void torture_file             (void);
void torture_watchdog         (void);
void torture_keys             (void);
void torture_generation1      (void);
void torture_generation2      (void);
void torture_address          (void);
void torture_old_device       (void);
void torture_old_publisher    (void);
void torture_registry         (void);
void torture_follow           (void);

/* Runs the default main context until EXPRESSION holds or MS have passed. Returns whether it
 * holds. */
#define torture_wait(expression, ms)                                              \
  (__extension__ ({                                                               \
    gint64 torture_end = g_get_monotonic_time () + (gint64) (ms) * 1000;          \
    gboolean torture_held;                                                        \
                                                                                  \
    while (!(torture_held = (expression)) && g_get_monotonic_time () < torture_end) \
      torture_iterate ();                                                         \
    torture_held;                                                                 \
  }))
/* Waits for something that must happen. If it does not, the process ends with a message. */
#define torture_expect(expression)                                                \
  G_STMT_START                                                                    \
    {                                                                             \
      if (!torture_wait (expression, 15000))                                      \
        g_error ("%s:%d: not in time: %s", __FILE__, __LINE__, #expression);      \
    }                                                                             \
  G_STMT_END

void torture_iterate          (void);
/* Checks that ERROR is set if and only if GOOD is FALSE, and clears it. */
gboolean torture_check        (gboolean   good,
                               GError   **error);
/* A GAsyncReadyCallback that stores the result in its data, a GAsyncResult **. */
void torture_keep             (GObject      *object,
                               GAsyncResult *result,
                               gpointer      user_data);

/* Returns the name of the function that has failed, or NULL if none has yet. */
const char *torture_get_failed (void);

/* Returns a server on loopback, or NULL with an error. URL is nullable. */
PlantRpcServer *torture_serve (TestGauge     *gauge,
                               const char    *url);
/* Checks that a new client is served. After the failure it must be. */
void torture_check_served     (const char    *url);

/* What a plain socket does without the library. torture_receive() returns NULL if nothing has
 * come. */
char *torture_receive         (void          *socket);
void  torture_send            (void          *socket,
                               const char    *text);

G_END_DECLS
