/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A line of the file of known devices: the name, the URL without its key, the key, and the day on
 * which it was remembered, with spaces between them. Characters that would end a word are written
 * as in a URI. */
typedef struct {
  char *name; /* (owned) */
  char *url;  /* (owned) (nullable): with the key; NULL if the key cannot be understood */
  char *key;  /* (owned) (nullable): likewise */
} PlantRpcKnownDevice;

void       plant_rpc_known_device_free  (PlantRpcKnownDevice *self);
/* Returns NULL if the line has no name. */
PlantRpcKnownDevice *
           plant_rpc_known_device_parse (const char          *line);
/* URL is without its key. */
char      *plant_rpc_known_device_print (const char          *name,
                                         const char          *url,
                                         const char          *key);
/* Returns the devices (element-type PlantRpcKnownDevice) of a text. */
GPtrArray *plant_rpc_known_device_parse_all (const char      *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcKnownDevice, plant_rpc_known_device_free)

G_END_DECLS
