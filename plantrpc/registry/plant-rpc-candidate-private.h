/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A device that asks a registry to be listed. The table of devices takes it only if every client of
 * the registry can read it. */
typedef struct {
  const char *device_type;
  const char *name; /* "": the registry chooses */
  const char *url;
  gboolean    overwrite; /* a device of the same name is removed */
  const char *peer; /* (nullable): the network address that it asks from */
} PlantRpcCandidate;

/* Whether each of its texts may be listed; ERROR says which may not, and why. */
gboolean plant_rpc_candidate_check (const PlantRpcCandidate  *self,
                                    GError                  **error);
/* The same for a text alone, such as a name that was given a number. WHAT names it in ERROR. */
gboolean plant_rpc_candidate_check_text (const char  *what,
                                         const char  *text,
                                         GError     **error);

G_END_DECLS
