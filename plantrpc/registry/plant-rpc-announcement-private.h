/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "plant-rpc-endpoint-private.h"

G_BEGIN_DECLS

/* A server's life with a registry: registers it, tells that it is alive, registers it again when
 * the registry has forgotten it or is back, and withdraws it. All of that on a thread of its own,
 * which is never behind a handler of the server, nor in front of a request. */
typedef struct _PlantRpcAnnouncement PlantRpcAnnouncement;

typedef struct {
  const char             *registry_url;
  const char             *device_type;
  const char             *name;          /* "": the registry chooses */
  gboolean                overwrite;
  const PlantRpcEndpoint *endpoint;      /* where the server listens */
  guint16                 port;          /* likewise: 0 for ipc */
  gint64                  alive_timeout; /* µs */
} PlantRpcAnnouncementSetup;

typedef struct {
  gboolean  registered;
  gboolean  abandoned; /* the registry has not answered three times in a row */
  gboolean  left;      /* it is over */
  gboolean  withdrawn; /* and the registry has confirmed it */
  char     *name;      /* (owned) (nullable): as accepted last */
  char     *uuid;      /* (owned) (nullable): as given last */
  GError   *error;     /* (owned) (nullable): the registry does not want this device; it is over */
} PlantRpcAnnouncementNews;

/* There are news, in the owner's context. */
typedef void (*PlantRpcAnnouncementFunc) (gpointer owner);

/* Returns NULL with ERROR set if the url is invalid or the system cannot start another thread. */
PlantRpcAnnouncement *plant_rpc_announcement_new        (const PlantRpcAnnouncementSetup  *setup,
                                                         GMainContext                     *context,
                                                         PlantRpcAnnouncementFunc          func,
                                                         gpointer                          owner,
                                                         GError                          **error);
/* FUNC is not called any more; what goes on, goes on. */
void                  plant_rpc_announcement_detach     (PlantRpcAnnouncement             *self);
/* Withdraws, unless that is under way. */
void                  plant_rpc_announcement_leave      (PlantRpcAnnouncement             *self);
PlantRpcAnnouncement *plant_rpc_announcement_ref        (PlantRpcAnnouncement             *self);
/* The thread has a reference until it is over. */
void                  plant_rpc_announcement_unref      (PlantRpcAnnouncement             *self);

/* From any thread. */
void                  plant_rpc_announcement_get_news   (PlantRpcAnnouncement      *self,
                                                         PlantRpcAnnouncementNews  *news);
void                  plant_rpc_announcement_news_clear (PlantRpcAnnouncementNews         *self);
/* Blocks until registered, refused or cancelled. */
void                  plant_rpc_announcement_wait       (PlantRpcAnnouncement  *self,
                                                         GCancellable          *cancellable);
/* Blocks until it is over, which never takes long after leave(). */
void                  plant_rpc_announcement_wait_left  (PlantRpcAnnouncement             *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcAnnouncement, plant_rpc_announcement_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcAnnouncementNews, plant_rpc_announcement_news_clear)

G_END_DECLS
