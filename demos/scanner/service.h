/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <plantrpc/plantrpc.h>

G_BEGIN_DECLS

gboolean scanner_service_parse (const char       *summary,
                                GOptionEntry     *entries,
                                int              *argc,
                                char           ***argv);
/* Registers at REGISTRY_URL, unless that is NULL, as soon as there is a registry. */
int      scanner_service_run   (PlantRpcServer   *server,
                                const char       *registry_url,
                                const char       *device_type);

G_END_DECLS
