/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <plantrpc/plantrpc.h>

G_BEGIN_DECLS

/* The calls and writes that a test has made, whose ends are compared with the device's journal. */

typedef struct {
  char     *token; /* (owned) (nullable): that the device notes for a call; NULL for a write */
  int       value;
  int       timeout; /* in ms; of a call */
  gboolean  ended;
  GError   *error; /* (owned) (nullable) */
} StressCall;

#define STRESS_LARGE (40 * 1000)

/* (element-type StressCall) */
GPtrArray  *stress_calls_new        (void);
/* Returns whether the first N have ended. */
gboolean    stress_calls_have_ended (GPtrArray      *self,
                                     guint           n);

/* Calls “count”, which takes SECONDS. The array owns the call. TIMEOUT is in ms. */
StressCall *stress_calls_count      (GPtrArray      *self,
                                     PlantRpcClient *client,
                                     double          seconds,
                                     int             timeout);
/* For a native server only: the arguments have STRESS_LARGE bytes. */
StressCall *stress_calls_count_large (GPtrArray      *self,
                                      PlantRpcClient *client,
                                      int             timeout);
/* Writes “rotation”. */
StressCall *stress_calls_write      (GPtrArray      *self,
                                     PlantRpcClient *client,
                                     int             value);
/* Calls until the device answers. A client may not have noticed yet that its connection is lost:
 * then the first calls fail. */
void        stress_calls_reach      (GPtrArray      *self,
                                     PlantRpcClient *client,
                                     int             timeout);
/* Asserts that a call that ended well was run once, and one that was not sent never. */
void        stress_call_assert      (StressCall     *self,
                                     GHashTable     *journal);

G_END_DECLS
