/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-announcement-private.h"
#include "plant-rpc-service-private.h"

G_BEGIN_DECLS

/* Registers a service with a registry, with one at a time. While the registry lists the service,
 * the service has the name that the registry accepted. */
typedef struct _PlantRpcRegistration PlantRpcRegistration;

/* The state of a registration. The settings at its end are for the owner to change; the rest only
 * its functions change. */
typedef struct {
  gboolean  registered;            /* TRUE: the registry lists the service */
  char     *uuid;                  /* (owned) (nullable): as the registry gave it, while it does */
  gboolean  in_loop;               /* TRUE: signals that end a process stop a registered server */

  guint     alive_timeout;         /* s; for registrations made later */
  gboolean  exit_without_registry; /* TRUE: the server stops when the registry is gone */
} PlantRpcRegistrationState;

/* SERVICE and OWNER are unowned, and must live as long. A reference to OWNER is held while it is
 * called from the main loop. */
PlantRpcRegistration *
plant_rpc_registration_new             (GMainContext                     *context,
                                        PlantRpcService                  *service,
                                        const PlantRpcServerFuncs        *funcs,
                                        GObject                          *owner);
void
plant_rpc_registration_free            (PlantRpcRegistration             *self);
PlantRpcRegistrationState *
plant_rpc_registration_get_state       (PlantRpcRegistration             *self);

/* Registers the service as SETUP says, which need not tell what the service knows. TASK, which is
 * owned from now on, returns the accepted name. */
void
plant_rpc_registration_register        (PlantRpcRegistration             *self,
                                        const PlantRpcAnnouncementSetup  *setup,
                                        GTask                            *task);
/* Blocks until the registry has answered. Returns the accepted name. */
char *
plant_rpc_registration_register_sync   (PlantRpcRegistration             *self,
                                        const PlantRpcAnnouncementSetup  *setup,
                                        GCancellable                     *cancellable,
                                        GError                          **error);
/* Withdraws the registration. TASK, which is owned from now on, returns TRUE once the registry has
 * confirmed it. */
void
plant_rpc_registration_unregister      (PlantRpcRegistration             *self,
                                        GTask                            *task);
gboolean
plant_rpc_registration_unregister_sync (PlantRpcRegistration             *self,
                                        GError                          **error);
/* Forgets a registration that belongs to the process that forked this one. */
void
plant_rpc_registration_abandon         (PlantRpcRegistration             *self);
/* Begins to withdraw the registration, if there is one. */
void
plant_rpc_registration_leave           (PlantRpcRegistration             *self);
/* Withdraws the registration, if there is one. With WAIT it waits for the registry, for a short
 * time at most. */
void
plant_rpc_registration_withdraw        (PlantRpcRegistration             *self,
                                        gboolean                          wait);
void
plant_rpc_registration_set_in_loop     (PlantRpcRegistration             *self,
                                        gboolean                          in_loop);

G_END_DECLS
