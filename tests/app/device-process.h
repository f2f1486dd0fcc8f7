/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A device that runs as a process of its own, which ends with this one whatever happens. */
GSubprocess *device_process_start     (const char         *program,
                                       const char         *registry_url);
GSubprocess *device_process_spawn     (const char *const  *arguments);
char        *device_process_read_line (GSubprocess        *device);
void         device_process_end       (GSubprocess        *device);

G_END_DECLS
