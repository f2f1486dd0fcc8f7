/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error-private.h"
#include "plant-rpc-guard-private.h"
#include "plant-rpc-handover-private.h"
#include "plant-rpc-role-private.h"
#include "plant-rpc-text-private.h"
#include "plant-rpc-zap-private.h"

struct _PlantRpcGuard {
  PlantRpcAuthenticator *authenticator; /* (owned) (nullable) */
  gulong                 changed;       /* handler id at the authenticator, or 0 */
  PlantRpcHandover      *handover;      /* (owned) */
  PlantRpcZapDomain     *domain;        /* (owned) (nullable): NULL if it could not be made */
  PlantRpcKeypair       *keypair;       /* (owned) */
  PlantRpcSecurity       security;
  PlantRpcGuardFunc      func;
  gpointer               owner;         /* (unowned) */
};

typedef struct {
  PlantRpcGuard *guard; /* (unowned): drops what waits when it is freed */
  char          *key;   /* (owned) */
} Change;

/* ---- who is let in */

static gboolean
admits (gpointer    owner,
        const char *key,
        const char *address)
{
  PlantRpcGuard *self = owner;

  if (self->authenticator == NULL)
    return FALSE;
  if (plant_rpc_authenticator_admits (self->authenticator, key))
    return TRUE;
  plant_rpc_authenticator_tell_refused (self->authenticator, key, address);
  return FALSE;
}

PlantRpcRole
plant_rpc_guard_find_role (PlantRpcGuard *self,
                           const char    *key)
{
  if (self->authenticator == NULL || key == NULL)
    return PLANT_RPC_ROLE_NONE;
  return plant_rpc_authenticator_find (self->authenticator, key);
}

gboolean
plant_rpc_guard_is_invited (PlantRpcGuard *self,
                            const char    *key)
{
  return self->authenticator != NULL && key != NULL &&
         plant_rpc_authenticator_is_invitation (self->authenticator, key);
}

const char *
plant_rpc_guard_join (PlantRpcGuard       *self,
                      const PlantRpcJoin  *join,
                      GError             **error)
{
  g_autoptr (PlantRpcAuthenticator) authenticator = NULL;

  if (plant_rpc_guard_is_invited (self, join->invitation))
    {
      /* The program may stop the server when it is told of the change. */
      authenticator = g_object_ref (self->authenticator);
      return plant_rpc_authenticator_join (authenticator, join, error);
    }
  plant_rpc_error_fail (error, PLANT_RPC_ERROR_REFUSED,
                        "Only who is connected by the key of an invitation can join");
  return NULL;
}

/* ---- changes */

static void
tell_change (gpointer data)
{
  Change *change = data;

  change->guard->func (change->guard->owner, change->key);
}

static void
change_free (gpointer data)
{
  Change *change = data;

  g_free (change->key);
  g_free (change);
}

/* It may be emitted on any thread. */
static void
on_changed (PlantRpcAuthenticator *authenticator,
            const char            *key,
            gpointer               guard)
{
  PlantRpcGuard *self = guard;
  g_autoptr (PlantRpcHold) hold = plant_rpc_handover_enter (self->handover);
  Change *change;

  /* What the program emits next must not reach who was revoked. */
  if (hold != NULL && self->domain != NULL)
    {
      self->func (self->owner, key);
      return;
    }
  change = g_new (Change, 1);
  *change = (Change) { self, g_strdup (key) };
  plant_rpc_handover_post (self->handover, tell_change, change, change_free);
}

/* ---- life */

static void
clear_guard (gpointer data)
{
  PlantRpcGuard *self = data;

  g_clear_object (&self->authenticator);
  plant_rpc_handover_unref (self->handover);
  plant_rpc_keypair_unref (self->keypair);
}

static void
unref_guard (gpointer    guard,
             GClosure   *closure)
{
  g_atomic_rc_box_release_full (guard, clear_guard);
}

/* Another thread may emit the signal while the guard is freed, so the handler has a reference. */
static void
watch (PlantRpcGuard *self)
{
  if (self->authenticator != NULL)
    self->changed = g_signal_connect_data (self->authenticator, "changed", G_CALLBACK (on_changed),
                                           g_atomic_rc_box_acquire (self), unref_guard,
                                           G_CONNECT_DEFAULT);
}

PlantRpcGuard *
plant_rpc_guard_new (PlantRpcAuthenticator  *authenticator,
                     PlantRpcKeypair        *keypair,
                     GMainContext           *context,
                     PlantRpcGuardFunc       func,
                     gpointer                owner,
                     GError                **error)
{
  PlantRpcGuard *self = g_atomic_rc_box_new0 (PlantRpcGuard);

  self->func = func;
  self->owner = owner;
  self->keypair = plant_rpc_keypair_ref (keypair);
  self->handover = plant_rpc_handover_new (context);
  g_set_object (&self->authenticator, authenticator);
  watch (self);
  self->domain = plant_rpc_zap_domain_new (admits, self, error);
  if (self->domain == NULL)
    {
      plant_rpc_guard_free (self);
      return NULL;
    }
  self->security = (PlantRpcSecurity) {
    .keypair = self->keypair,
    .domain = plant_rpc_zap_domain_get_name (self->domain),
  };
  return self;
}

void
plant_rpc_guard_free (PlantRpcGuard *self)
{
  g_clear_pointer (&self->domain, plant_rpc_zap_domain_free);
  if (self->changed != 0)
    g_signal_handler_disconnect (self->authenticator, self->changed);
  plant_rpc_handover_close (self->handover);
  unref_guard (self, NULL);
}

const PlantRpcSecurity *
plant_rpc_guard_get_security (PlantRpcGuard *self)
{
  return &self->security;
}

/* ---- requests */

/* Returns the role that REQUEST asks for. What does not exist asks for the default one. */
static PlantRpcRole
find_needed (const PlantRpcRequest *request,
             PlantRpcInterfaceInfo *interface)
{
  PlantRpcMethodInfo *method = NULL;
  PlantRpcPropertyInfo *property = NULL;

  if (request->event == PLANT_RPC_EVENT_STOP_SERVER)
    return PLANT_RPC_ROLE_ADMINISTRATOR;
  if (request->event == PLANT_RPC_EVENT_METHOD_CALL)
    method = plant_rpc_interface_info_find_method (interface, request->name);
  else if (request->event == PLANT_RPC_EVENT_PROPERTY_SET)
    property = plant_rpc_interface_info_find_property (interface, request->name);
  else
    return PLANT_RPC_ROLE_VIEWER;
  if (method != NULL)
    return method->role;
  return property != NULL ? property->role : PLANT_RPC_DEFAULT_ROLE;
}

/* These would send signals over connections that are not secured, or listen at a further port. */
static gboolean
is_of_old_wires (const PlantRpcRequest *request)
{
  return request->event == PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING ||
         request->event == PLANT_RPC_EVENT_FIND_PEER_ADDRESS;
}

gboolean
plant_rpc_guard_check (PlantRpcGuard          *self,
                       PlantRpcRole            role,
                       const PlantRpcRequest  *request,
                       PlantRpcInterfaceInfo  *interface,
                       GError                **error)
{
  PlantRpcRole needed;
  g_autofree char *shown = NULL;

  if (self != NULL && is_of_old_wires (request))
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_REFUSED,
                                 "This server is secured and serves the native wire only");
  if (role == PLANT_RPC_ROLE_ADMINISTRATOR)
    return TRUE;
  needed = find_needed (request, interface);
  if (role >= needed)
    return TRUE;
  shown = request->name != NULL ? plant_rpc_text_show (request->name) : g_strdup ("stop");
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_REFUSED,
                               "“%s” asks for the role “%s”, and %s the role “%s”", shown,
                               plant_rpc_role_get_nick (needed),
                               self != NULL ? "the key of this client has"
                                            : "a client without a key has here",
                               plant_rpc_role_get_nick (role));
}
