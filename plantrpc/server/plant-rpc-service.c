/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-own-address-private.h"
#include "plant-rpc-service-private.h"
#include "plant-rpc-watchdog-private.h"

struct _PlantRpcService {
  PlantRpcServerFuncs   funcs;
  gpointer              owner;
  GMainContext         *context;    /* (owned) */
  PlantRpcOffer        *offer;      /* (unowned) */
  char                 *given_url;  /* (owned) (nullable) */
  PlantRpcServiceState  state;
  PlantRpcDispatcher   *dispatcher; /* (owned) (nullable): while running */
  PlantRpcWatchdog     *watchdog;   /* (owned) (nullable): while running */
  GMainLoop            *loop;       /* (unowned) (nullable): while run_loop() runs */
};

PlantRpcService *
plant_rpc_service_new (GMainContext              *context,
                       PlantRpcOffer             *offer,
                       const PlantRpcServerFuncs *funcs,
                       gpointer                   owner)
{
  PlantRpcService *self = g_new0 (PlantRpcService, 1);

  self->funcs = *funcs;
  self->owner = owner;
  self->context = g_main_context_ref (context);
  self->offer = offer;
  self->state.name = g_strdup ("");
  self->state.max_peer_calls = PLANT_RPC_MAX_PEER_JOBS;
  self->state.max_unread = PLANT_RPC_MAX_HOLDINGS;
  return self;
}

void
plant_rpc_service_free (PlantRpcService *self)
{
  g_free (self->given_url);
  g_free (self->state.url);
  g_free (self->state.name);
  g_free (self->state.uuid);
  g_free (self->state.peer_address);
  g_main_context_unref (self->context);
  g_free (self);
}

PlantRpcServiceState *
plant_rpc_service_get_state (PlantRpcService *self)
{
  return &self->state;
}

static void
tell (PlantRpcService        *self,
      PlantRpcServerProperty  property)
{
  self->funcs.changed (self->owner, property);
}

/* Returns FALSE if the text is the same already. */
static gboolean
set_text (char       **text,
          const char  *value)
{
  g_autofree char *former = *text;

  *text = g_strdup (value);
  return g_strcmp0 (*text, former) != 0;
}

void
plant_rpc_service_set_url (PlantRpcService *self,
                           const char      *url)
{
  set_text (&self->given_url, url);
  set_text (&self->state.url, url);
}

void
plant_rpc_service_set_name (PlantRpcService *self,
                            const char      *name)
{
  if (!set_text (&self->state.name, name != NULL ? name : ""))
    return;
  plant_rpc_service_update (self);
  tell (self, PLANT_RPC_SERVER_PROP_NAME);
}

/* ---- what the dispatcher tells */

static void
on_stop (gpointer owner)
{
  PlantRpcService *self = owner;

  self->funcs.stop (self->owner);
}

static void
on_connected (gpointer    owner,
              const char *address)
{
  PlantRpcService *self = owner;

  if (set_text (&self->state.peer_address, address))
    tell (self, PLANT_RPC_SERVER_PROP_PEER_ADDRESS);
}

static const PlantRpcDispatcherFuncs dispatcher_funcs = {
  .stop = on_stop,
  .connected = on_connected,
};

/* ---- its runs */

void
plant_rpc_service_update (PlantRpcService *self)
{
  if (self->dispatcher != NULL)
    plant_rpc_dispatcher_update (self->dispatcher);
}

static void
tell_run (PlantRpcService *self)
{
  tell (self, PLANT_RPC_SERVER_PROP_URL);
  tell (self, PLANT_RPC_SERVER_PROP_PORT);
  tell (self, PLANT_RPC_SERVER_PROP_RUNNING);
}

gboolean
plant_rpc_service_start (PlantRpcService  *self,
                         GError          **error)
{
  PlantRpcServiceState *state = &self->state;
  const char *url = self->given_url != NULL ? self->given_url : "";
  g_autoptr (PlantRpcEndpoint) given = NULL;

  if (self->dispatcher != NULL)
    return TRUE;
  given = plant_rpc_endpoint_parse (url, error);
  if (given != NULL)
    state->endpoint = plant_rpc_own_address_resolve (given, error);
  if (state->endpoint != NULL)
    self->dispatcher = plant_rpc_dispatcher_new (state, self->offer, self->context,
                                                 &dispatcher_funcs, self, error);
  if (self->dispatcher == NULL)
    {
      g_clear_pointer (&state->endpoint, plant_rpc_endpoint_free);
      return FALSE;
    }
  state->running = TRUE;
  state->port = plant_rpc_dispatcher_get_port (self->dispatcher);
  g_free (state->url);
  state->url = plant_rpc_endpoint_print (given, state->port);
  g_free (state->uuid);
  state->uuid = g_uuid_string_random ();
  self->watchdog = plant_rpc_watchdog_new (self->context);
  tell (self, PLANT_RPC_SERVER_PROP_UUID);
  tell_run (self);
  return TRUE;
}

void
plant_rpc_service_stop (PlantRpcService *self)
{
  PlantRpcDispatcher *dispatcher = g_steal_pointer (&self->dispatcher);
  g_autoptr (PlantRpcEndpoint) endpoint = g_steal_pointer (&self->state.endpoint);

  self->state.running = FALSE;
  self->state.port = 0;
  set_text (&self->state.url, self->given_url);
  g_clear_pointer (&self->watchdog, plant_rpc_watchdog_free);
  if (self->loop != NULL)
    g_main_loop_quit (self->loop);
  plant_rpc_dispatcher_close (dispatcher);
  tell_run (self);
}

void
plant_rpc_service_run_loop (PlantRpcService *self)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (self->context, FALSE);

  self->loop = loop;
  g_main_context_push_thread_default (self->context);
  if (self->dispatcher != NULL)
    g_main_loop_run (loop);
  g_main_context_pop_thread_default (self->context);
  self->loop = NULL;
}
