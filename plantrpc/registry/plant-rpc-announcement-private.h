/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-keypair.h"

G_BEGIN_DECLS

/* Keeps a server registered at a registry. It registers the server, sends signs of life, registers
 * it again when the registry has forgotten it or has restarted, and withdraws it. It has a thread
 * of its own, so a handler of the server does not delay it, and it does not delay requests. */
typedef struct _PlantRpcAnnouncement PlantRpcAnnouncement;

typedef struct {
  const char             *registry_url;
  PlantRpcKeypair        *keypair;       /* (nullable): by which a secured registry knows the
                                            server; NULL for that of the user */
  const char             *device_type;
  const char             *name;          /* "" if the registry shall choose one */
  gboolean                overwrite;
  const PlantRpcEndpoint *endpoint;      /* where the server listens */
  guint16                 port;          /* of the server, or 0 for ipc */
  gint64                  alive_timeout; /* µs */
} PlantRpcAnnouncementSetup;

typedef struct {
  gboolean  registered;
  gboolean  abandoned; /* TRUE: the registry has not answered three times in a row */
  gboolean  left;      /* TRUE: the announcement is over */
  gboolean  withdrawn; /* TRUE: it is over, and the registry has confirmed that */
  char     *name;      /* (owned) (nullable): the name that the registry accepted last */
  char     *uuid;      /* (owned) (nullable): as given last */
  GError   *error;     /* (owned) (nullable): why the registry refused the device for good */
} PlantRpcAnnouncementNews;

/* Called in the owner's context when there are news. */
typedef void (*PlantRpcAnnouncementFunc) (gpointer owner);

/* Returns NULL with ERROR set if the url is invalid or the system cannot start another thread. */
PlantRpcAnnouncement *plant_rpc_announcement_new        (const PlantRpcAnnouncementSetup  *setup,
                                                         GMainContext                     *context,
                                                         PlantRpcAnnouncementFunc          func,
                                                         gpointer                          owner,
                                                         GError                          **error);
/* After this FUNC is not called. The announcement goes on. */
void                  plant_rpc_announcement_detach     (PlantRpcAnnouncement             *self);
/* Begins to withdraw the server, unless that is under way. */
void                  plant_rpc_announcement_leave      (PlantRpcAnnouncement             *self);
PlantRpcAnnouncement *plant_rpc_announcement_ref        (PlantRpcAnnouncement             *self);
/* The thread holds a reference until it is over. */
void                  plant_rpc_announcement_unref      (PlantRpcAnnouncement             *self);

/* May be called from any thread. */
void                  plant_rpc_announcement_get_news   (PlantRpcAnnouncement      *self,
                                                         PlantRpcAnnouncementNews  *news);
void                  plant_rpc_announcement_news_clear (PlantRpcAnnouncementNews         *self);
/* Blocks until the device is registered, refused or cancelled. */
void                  plant_rpc_announcement_wait       (PlantRpcAnnouncement  *self,
                                                         GCancellable          *cancellable);
/* Blocks until it is over, which takes only a short time after leave(). */
void                  plant_rpc_announcement_wait_left  (PlantRpcAnnouncement             *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcAnnouncement, plant_rpc_announcement_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcAnnouncementNews, plant_rpc_announcement_news_clear)

G_END_DECLS
