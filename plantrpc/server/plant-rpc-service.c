/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-home-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-own-address-private.h"
#include "plant-rpc-role-private.h"
#include "plant-rpc-served-private.h"
#include "plant-rpc-service-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-watchdog-private.h"

struct _PlantRpcService {
  PlantRpcServerFuncs   funcs;
  gpointer              owner;
  GMainContext         *context;    /* (owned) */
  PlantRpcOffer        *offer;      /* (unowned) */
  char                 *given_url;  /* (owned) (nullable) */
  char                 *given_unsecured_url; /* (owned) (nullable) */
  PlantRpcServiceState  state;
  PlantRpcDispatcher   *dispatcher; /* (owned) (nullable): while running */
  PlantRpcDispatcher   *unsecured;  /* (owned) (nullable): while running with such a URL */
  PlantRpcEndpoint     *unsecured_endpoint;  /* (owned) (nullable): of UNSECURED */
  PlantRpcWatchdog     *watchdog;   /* (owned) (nullable): while running */
  PlantRpcUrlFile      *url_file;   /* (owned) (nullable): while running, where clients have keys */
  guint                 process;    /* that started it last */
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
  self->state.unsecured_role = PLANT_RPC_DEFAULT_ROLE;
  return self;
}

void
plant_rpc_service_free (PlantRpcService *self)
{
  g_free (self->given_url);
  g_free (self->given_unsecured_url);
  g_free (self->state.unsecured_url);
  g_free (self->state.url);
  g_free (self->state.name);
  g_free (self->state.uuid);
  g_free (self->state.peer_address);
  g_strfreev (self->state.relays);
  g_clear_error (&self->state.absent);
  g_clear_pointer (&self->state.keypair, plant_rpc_keypair_unref);
  g_clear_object (&self->state.authenticator);
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
plant_rpc_service_set_unsecured_url (PlantRpcService *self,
                                     const char      *url)
{
  if (!set_text (&self->given_unsecured_url, url) || self->dispatcher != NULL)
    return;
  set_text (&self->state.unsecured_url, url);
  tell (self, PLANT_RPC_SERVER_PROP_UNSECURED_URL);
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
  if (self->unsecured != NULL)
    plant_rpc_dispatcher_update (self->unsecured);
}

gboolean
plant_rpc_service_replace (PlantRpcService    *self,
                           const char *const  *relays,
                           const GError       *absent,
                           GError            **error)
{
  g_strfreev (self->state.relays);
  self->state.relays = g_strdupv ((char **) relays);
  g_clear_error (&self->state.absent);
  self->state.absent = absent != NULL ? g_error_copy (absent) : NULL;
  if (self->dispatcher != NULL && !plant_rpc_dispatcher_replace (self->dispatcher, error))
    return FALSE;
  return self->unsecured == NULL || plant_rpc_dispatcher_replace (self->unsecured, error);
}

void
plant_rpc_service_note_change (PlantRpcService *self,
                               const char      *wire_name)
{
  if (self->dispatcher != NULL)
    plant_rpc_dispatcher_note_change (self->dispatcher, wire_name);
  if (self->unsecured != NULL)
    plant_rpc_dispatcher_note_change (self->unsecured, wire_name);
}

static void
tell_run (PlantRpcService *self)
{
  tell (self, PLANT_RPC_SERVER_PROP_URL);
  if (self->given_unsecured_url != NULL)
    tell (self, PLANT_RPC_SERVER_PROP_UNSECURED_URL);
  tell (self, PLANT_RPC_SERVER_PROP_PORT);
  tell (self, PLANT_RPC_SERVER_PROP_RUNNING);
}

/* A URL of a server, as it was given and as it is listened at. */
typedef struct {
  PlantRpcEndpoint *given;    /* (owned) */
  PlantRpcEndpoint *resolved; /* (owned) (nullable): stolen by the start */
} Place;

static void
place_clear (Place *self)
{
  g_clear_pointer (&self->given, plant_rpc_endpoint_free);
  g_clear_pointer (&self->resolved, plant_rpc_endpoint_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static gboolean
find_place (Place       *self,
            const char  *url,
            GError     **error)
{
  self->given = plant_rpc_endpoint_parse (url != NULL ? url : "", error);
  if (self->given == NULL)
    return FALSE;
  if (self->given->key != NULL)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_URL,
                                 /* Translators: the address of a device */
                                 _("“%s”: the key of a server is that of its key pair"), url);
  self->resolved = plant_rpc_own_address_resolve (self->given, error);
  return self->resolved != NULL;
}

/* GIVEN may have the name of this computer. */
static void
note_served (PlantRpcService        *self,
             const PlantRpcEndpoint *given,
             const PlantRpcEndpoint *endpoint,
             guint16                 port)
{
  g_autoptr (PlantRpcHome) home = plant_rpc_home_new (self->context);

  plant_rpc_served_add (self, endpoint, port, home);
  if (plant_rpc_endpoint_has_name (given))
    plant_rpc_served_add (self, given, port, home);
}

gboolean
plant_rpc_service_is_inherited (PlantRpcService *self)
{
  return self->dispatcher != NULL && plant_rpc_init_is_inherited (self->process);
}

gboolean
plant_rpc_service_check_own (PlantRpcService  *self,
                             GError          **error)
{
  if (!plant_rpc_service_is_inherited (self))
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_CLOSED,
                               /* Translators: the address of a device */
                               _("The server at “%s” was started by the process that forked this "
                                 "one; stop it here, or start it after the fork"),
                               self->state.url);
}

/* Clients need the key to connect to a secured server. */
static char *
print_url (const PlantRpcServiceState *state,
           const PlantRpcEndpoint     *given)
{
  g_autofree char *url = plant_rpc_own_address_print (given, state->endpoint, state->port);
  const char *key = state->endpoint->key;

  return key != NULL ? g_strconcat (url, "#", key, NULL) : g_steal_pointer (&url);
}

/* A process tells it once, since a program may have hundreds of servers. */
static void
tell_openness (const PlantRpcServiceState *state)
{
  static gint told = 0;

  if (state->keypair != NULL || !state->endpoint->tcp ||
      plant_rpc_endpoint_is_loopback (state->endpoint) ||
      !g_atomic_int_compare_and_exchange (&told, 0, 1))
    return;
  plant_rpc_message ("“%s” is not secured: whoever reaches this address may use the device. "
                     "plant_rpc_server_secure() lets in only those whose keys are allowed.",
                     state->url);
}

/* Whoever makes an invitation needs to know where the server is. */
static void
leave_url (PlantRpcService *self)
{
  if (self->state.keypair != NULL && self->state.authenticator != NULL)
    self->url_file =
        plant_rpc_authenticator_leave_url (self->state.authenticator, self->state.url);
}

/* GIVEN is the endpoint as the URL has it. */
static void
note_started (PlantRpcService        *self,
              const PlantRpcEndpoint *given)
{
  PlantRpcServiceState *state = &self->state;

  state->running = TRUE;
  self->process = plant_rpc_init_get_process ();
  state->port = plant_rpc_dispatcher_get_port (self->dispatcher);
  g_free (state->url);
  state->url = print_url (state, given);
  g_free (state->uuid);
  state->uuid = g_uuid_string_random ();
  self->watchdog = plant_rpc_watchdog_new (self->context);
  note_served (self, given, state->endpoint, state->port);
  leave_url (self);
  tell_openness (state);
  tell (self, PLANT_RPC_SERVER_PROP_UUID);
  tell_run (self);
}

/* Without a key pair the first URL lets in everybody as well, which nobody meant. */
static gboolean
check_security (PlantRpcService  *self,
                GError          **error)
{
  if (self->given_unsecured_url == NULL || self->state.keypair != NULL)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               /* Translators: the address of a device */
               _("The server has the unsecured URL “%s” and no key pair, so it is not secured "
                 "anywhere; secure it, or use its URL alone"),
               self->given_unsecured_url);
  return FALSE;
}

static gboolean
open_secured (PlantRpcService   *self,
              PlantRpcEndpoint  *endpoint,
              GError           **error)
{
  PlantRpcServiceState *state = &self->state;
  const PlantRpcEntrance entrance = { endpoint, state->keypair != NULL,
                                      PLANT_RPC_ROLE_ADMINISTRATOR };

  if (state->keypair != NULL)
    endpoint->key = g_strdup (plant_rpc_keypair_get_public_key (state->keypair));
  self->dispatcher = plant_rpc_dispatcher_new (state, &entrance, self->offer, self->context,
                                               &dispatcher_funcs, self, error);
  return self->dispatcher != NULL;
}

static gboolean
open_unsecured (PlantRpcService  *self,
                Place            *place,
                GError          **error)
{
  PlantRpcServiceState *state = &self->state;
  const PlantRpcEntrance entrance = { place->resolved, FALSE, state->unsecured_role };
  guint16 port;

  self->unsecured = plant_rpc_dispatcher_new (state, &entrance, self->offer, self->context,
                                              &dispatcher_funcs, self, error);
  if (self->unsecured == NULL)
    return FALSE;
  self->unsecured_endpoint = g_steal_pointer (&place->resolved);
  port = plant_rpc_dispatcher_get_port (self->unsecured);
  g_free (state->unsecured_url);
  state->unsecured_url = plant_rpc_own_address_print (place->given, self->unsecured_endpoint, port);
  note_served (self, place->given, self->unsecured_endpoint, port);
  return TRUE;
}

gboolean
plant_rpc_service_start (PlantRpcService  *self,
                         GError          **error)
{
  g_auto (Place) place = { 0 };
  g_auto (Place) unsecured = { 0 };

  if (!plant_rpc_service_check_own (self, error))
    return FALSE;
  if (self->dispatcher != NULL)
    return TRUE;
  if (!check_security (self, error) || !find_place (&place, self->given_url, error))
    return FALSE;
  if (self->given_unsecured_url != NULL &&
      !find_place (&unsecured, self->given_unsecured_url, error))
    return FALSE;
  /* Another thread may have started it during the look-up. */
  if (self->dispatcher != NULL)
    return TRUE;
  if (!open_secured (self, place.resolved, error))
    return FALSE;
  if (unsecured.resolved != NULL && !open_unsecured (self, &unsecured, error))
    {
      plant_rpc_dispatcher_close (g_steal_pointer (&self->dispatcher));
      return FALSE;
    }
  self->state.endpoint = g_steal_pointer (&place.resolved);
  note_started (self, place.given);
  return TRUE;
}

static gboolean
on_quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

/* Another thread may be about to run the loop, and quitting has no effect before it runs. It also
 * has to notify of what has changed first. */
static void
quit_loop (PlantRpcService *self)
{
  g_autoptr (GSource) source = NULL;

  if (g_main_context_is_owner (self->context))
    {
      g_main_loop_quit (self->loop);
      return;
    }
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[plantrpc] stop");
  g_source_set_callback (source, on_quit, g_main_loop_ref (self->loop),
                         (GDestroyNotify) g_main_loop_unref);
  g_source_attach (source, self->context);
}

void
plant_rpc_service_stop (PlantRpcService *self)
{
  PlantRpcDispatcher *dispatcher = g_steal_pointer (&self->dispatcher);
  PlantRpcDispatcher *unsecured = g_steal_pointer (&self->unsecured);
  g_autoptr (PlantRpcEndpoint) endpoint = g_steal_pointer (&self->state.endpoint);
  g_autoptr (PlantRpcEndpoint) unsecured_endpoint = g_steal_pointer (&self->unsecured_endpoint);

  self->state.running = FALSE;
  self->state.port = 0;
  set_text (&self->state.url, self->given_url);
  set_text (&self->state.unsecured_url, self->given_unsecured_url);
  g_clear_pointer (&self->watchdog, plant_rpc_watchdog_free);
  plant_rpc_served_remove (self);
  g_clear_pointer (&self->url_file, plant_rpc_url_file_free);
  /* What a forked child has inherited is the parent's, and is left as it is. */
  if (!plant_rpc_init_is_inherited (self->process))
    {
      plant_rpc_dispatcher_close (dispatcher);
      if (unsecured != NULL)
        plant_rpc_dispatcher_close (unsecured);
    }
  tell_run (self);
  if (self->loop != NULL)
    quit_loop (self);
}

/* A thread that is not the owner of the context waits until it is, or until the loop is quit. */
static void
run_outside (PlantRpcService *self,
             GMainLoop       *loop)
{
  GMainContext *context = g_main_loop_get_context (loop);
  gboolean owner = g_main_context_acquire (context);
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  if (owner)
    g_main_context_push_thread_default (context);
  g_main_loop_run (loop);
  if (!owner)
    return;
  g_main_context_pop_thread_default (context);
  g_main_context_release (context);
}

void
plant_rpc_service_run_loop (PlantRpcService *self)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (self->context, FALSE);
  GSource *forked =
      plant_rpc_source_new_fork (self->context, on_quit, loop, "[plantrpc] end in a child");

  self->loop = loop;
  if (self->dispatcher != NULL)
    run_outside (self, loop);
  self->loop = NULL;
  plant_rpc_source_clear (&forked);
}
