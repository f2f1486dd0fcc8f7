/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <plantrpc/plantrpc.h>

G_BEGIN_DECLS

gboolean scanner_service_parse (const char       *summary,
                                GOptionEntry     *entries,
                                int              *argc,
                                char           ***argv);
int      scanner_service_run   (PlantRpcServer   *server);

G_END_DECLS
