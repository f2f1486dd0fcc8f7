/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Two network namespaces with a cable between them: this process is in the near one, servers go to
 * the far one. The namespaces end with this process. */
typedef struct _StressCable StressCable;

#define STRESS_FAR_URL  "tcp://10.77.0.2"
#define STRESS_NEAR_URL "tcp://10.77.0.1"

/* To be called before there are threads; NULL and ERROR where it is not permitted. */
StressCable *stress_cable_new    (GError      **error);
void         stress_cable_free   (StressCable  *self);
/* Nothing gets through any more, and nobody is told. */
void         stress_cable_cut    (StressCable  *self);
void         stress_cable_mend   (StressCable  *self);
/* What is sent from here to an ADDRESS of the cable's network is lost, and nobody is told. */
void         stress_cable_lose   (StressCable  *self,
                                  const char   *address);
/* The far end has another address from now on. Both are of the form 10.77.0.2. */
void         stress_cable_move   (StressCable  *self,
                                  const char   *former,
                                  const char   *address);
/* Moves the calling thread, and processes and threads that it starts, to the far end: for a new
 * process before it runs its program, and for a thread that ends soon. */
void         stress_cable_cross  (gpointer      self);

G_END_DECLS
