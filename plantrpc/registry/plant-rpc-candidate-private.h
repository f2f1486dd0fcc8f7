/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A device that asks a registry to list it. The device table accepts it only if every client of the
 * registry can read it. */
typedef struct {
  const char *device_type;
  const char *name; /* "" if the registry shall choose one */
  const char *url;
  gboolean    overwrite; /* TRUE: a listed device of the same name is removed */
  const char *peer; /* (nullable): network address of the request */
} PlantRpcCandidate;

/* Checks that each text of the candidate may be listed. The error names the text and the reason. */
gboolean plant_rpc_candidate_check (const PlantRpcCandidate  *self,
                                    GError                  **error);
/* Checks one text, such as a name to which the registry has added a number. The error calls it
 * WHAT. */
gboolean plant_rpc_candidate_check_text (const char  *what,
                                         const char  *text,
                                         GError     **error);

G_END_DECLS
