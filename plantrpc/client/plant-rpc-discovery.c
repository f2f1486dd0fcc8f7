/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-client-private.h"
#include "plant-rpc-discovery-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-home-private.h"
#include "plant-rpc-loan-private.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-runtime-type-private.h"
#include "plant-rpc-source-private.h"

/**
 * PlantRpcDiscovery:
 *
 * Keeps a client of the right type for a device that describes itself.
 *
 * A discovery connects to a device, learns what the device offers and makes a client of a type for
 * it: [property@Discovery:client]. While the device is not there, it goes on trying, and
 * [property@Discovery:last-error] says why there is no client yet.
 *
 * The type of a client cannot change. If the device comes back and offers something else, the
 * discovery makes another client, closes the former one and notifies `client`. A loss of the
 * connection alone changes nothing: the client connects again by itself.
 *
 * It is for a program that shows any device for a long time. One that needs a client once calls
 * [func@Client.discover].
 *
 * A discovery belongs to the thread-default [struct@GLib.MainContext] in which it was made, and
 * `notify` arrives there. Its functions may be called from any thread. When it is disposed of, it
 * no longer follows the device, and its client stays open as long as somebody holds a reference to
 * it.
 *
 * Since: 1.0
 */

static GParamSpec *properties[PLANT_RPC_DISCOVERY_PROP_LAST_ERROR + 1];

struct _PlantRpcDiscovery {
  GObject           parent;
  char             *url;          /* (owned) (nullable): NULL for a device of a registry */
  char             *registry_url; /* (owned) (nullable) */
  char             *device;       /* (owned) (nullable) */
  PlantRpcKeypair  *keypair;      /* (owned) (nullable) */
  PlantRpcUnknownDevices unknown; /* what is done about devices that are not known */
  gboolean          asked;        /* TRUE: the key that waits is not notified yet */
  PlantRpcHome     *home;         /* (owned): where this was made */
  PlantRpcWaiters  *waiters;      /* (owned) */
  PlantRpcSession  *session;      /* (owned) (nullable): while a client is to be made */
  PlantRpcFollower *follower;     /* (owned) (nullable): finds the URL for the session */
  GVariant         *values;       /* (owned) (nullable): the snapshot of the session */
  GSource          *news;         /* (owned) (nullable): NULL once closed */
  PlantRpcClient   *client;       /* (owned) (nullable): as last notified */
  PlantRpcClient   *next;         /* (owned) (nullable): replaces it when the news are told */
  GError           *error;        /* (owned) (nullable): why no client can be made */
  GError           *told_error;   /* (owned) (nullable): the last error as last notified */
};

G_DEFINE_FINAL_TYPE (PlantRpcDiscovery, plant_rpc_discovery, G_TYPE_OBJECT)

/* The session is in the middle of its work when something changes, so it is told from the main
 * loop. */
static void
tell_later (PlantRpcDiscovery *self)
{
  if (self->news != NULL)
    g_source_set_ready_time (self->news, 0);
}

static void
end_session (PlantRpcDiscovery *self)
{
  if (self->session == NULL)
    return;
  plant_rpc_driver_accompany (plant_rpc_session_get_driver (self->session), NULL, NULL);
  g_clear_pointer (&self->follower, plant_rpc_follower_free);
  g_clear_pointer (&self->values, g_variant_unref);
  g_clear_pointer (&self->session, plant_rpc_session_unref);
}

static void
drop_session (PlantRpcDiscovery *self)
{
  g_autoptr (PlantRpcSession) session = NULL;

  if (self->session == NULL)
    return;
  session = plant_rpc_session_ref (self->session);
  plant_rpc_session_set_owner (session, NULL, NULL);
  end_session (self);
  plant_rpc_session_close (session);
}

/* ---- what the session tells */

static GType
make_type (PlantRpcDiscovery      *self,
           PlantRpcInterfaceInfo  *info,
           const char             *address,
           GError                **error)
{
  const char *url = self->url != NULL ? self->url : self->registry_url;

  return plant_rpc_client_make_type (info, G_TYPE_INVALID, address != NULL ? address : url, error);
}

/* Another thread may take what it waits for as soon as it is there, and even free the discovery. So
 * the client is told last. */
static void
hand_over_session (PlantRpcDiscovery *self,
                   GType              type)
{
  g_autoptr (PlantRpcSession) session = plant_rpc_session_ref (self->session);
  g_autoptr (GVariant) values = g_steal_pointer (&self->values);
  PlantRpcClient *client;

  end_session (self);
  plant_rpc_home_set_birthplace (plant_rpc_home_get_context (self->home));
  client = g_object_new (type, "unknown-devices", self->unknown, NULL);
  plant_rpc_home_set_birthplace (NULL);
  plant_rpc_client_adopt (client, session, values);
  if (self->device != NULL)
    plant_rpc_client_follow_device (client, self->registry_url, self->device);
  g_set_object (&self->next, client);
  g_object_unref (client);
}

static void
make_client (PlantRpcDiscovery *self)
{
  GType type = make_type (self, plant_rpc_session_get_interface (self->session),
                          plant_rpc_link_get_peer_address (
                              plant_rpc_session_get_link (self->session)),
                          &self->error);

  if (type == G_TYPE_INVALID)
    return;
  if (self->client != NULL && type == G_OBJECT_TYPE (self->client))
    drop_session (self);
  else
    hand_over_session (self, type);
}

static void
on_changed (gpointer owner)
{
  g_autoptr (PlantRpcDiscovery) self = g_object_ref (owner);

  g_clear_error (&self->error);
  if (plant_rpc_session_get_state (self->session) == PLANT_RPC_STATE_READY)
    make_client (self);
  tell_later (self);
}

static void
on_snapshot (gpointer  owner,
             GVariant *values)
{
  PlantRpcDiscovery *self = owner;

  g_clear_pointer (&self->values, g_variant_unref);
  self->values = g_variant_ref (values);
}

/* Nobody is shown a signal before the session is ready. Then the client takes over at once. */
static const PlantRpcSessionFuncs session_funcs = {
  .changed = on_changed,
  .snapshot = on_snapshot,
};

/* ---- what the follower tells */

static void
on_found (gpointer    owner,
          const char *url)
{
  plant_rpc_session_move (((PlantRpcDiscovery *) owner)->session, url);
}

static void
on_missing (gpointer      owner,
            const GError *reason)
{
  plant_rpc_session_explain (((PlantRpcDiscovery *) owner)->session, reason);
}

static void
on_refused (gpointer      owner,
            const GError *reason)
{
  plant_rpc_session_explain (((PlantRpcDiscovery *) owner)->session, reason);
}

static void
on_asked (gpointer owner)
{
  PlantRpcDiscovery *self = owner;

  self->asked = TRUE;
  tell_later (self);
}

static gboolean
is_content (gpointer owner)
{
  PlantRpcSession *session = ((PlantRpcDiscovery *) owner)->session;

  return plant_rpc_session_get_state (session) != PLANT_RPC_STATE_DISCONNECTED;
}

static const PlantRpcFollowerFuncs follower_funcs = {
  .found = on_found,
  .refused = on_refused,
  .asked = on_asked,
  .missing = on_missing,
  .is_content = is_content,
};

static void
start (PlantRpcDiscovery *self)
{
  GMainContext *context = plant_rpc_home_get_context (self->home);
  const PlantRpcFollowerTrust trust = { self->keypair, self->unknown };

  /* It may have been closed. */
  if (self->news == NULL)
    return;
  self->session = plant_rpc_session_new (context);
  plant_rpc_session_set_owner (self->session, &session_funcs, self);
  plant_rpc_link_set_keypair (plant_rpc_session_get_link (self->session), self->keypair);
  if (self->device == NULL)
    {
      plant_rpc_link_set_url (plant_rpc_session_get_link (self->session), self->url);
      plant_rpc_session_start (self->session);
      return;
    }
  plant_rpc_session_follow (self->session, self->device);
  self->follower = plant_rpc_follower_new (self->registry_url, self->device, &trust, context,
                                           &follower_funcs, self);
  plant_rpc_driver_accompany (plant_rpc_session_get_driver (self->session),
                              &plant_rpc_follower_companion, self->follower);
}

/* ---- the client */

/* A device that offers something else than the type of the client needs another client. */
static void
on_client_changed (gpointer user_data)
{
  g_autoptr (PlantRpcDiscovery) self = g_object_ref (user_data);
  GType type;

  if (self->client == NULL || self->session != NULL || !plant_rpc_client_is_ready (self->client))
    return;
  type = make_type (self, plant_rpc_client_get_interface (self->client),
                    plant_rpc_client_get_peer_address (self->client), NULL);
  if (type != G_TYPE_INVALID && type != G_OBJECT_TYPE (self->client))
    start (self);
}

static void
drop_client (PlantRpcDiscovery *self)
{
  g_autoptr (PlantRpcClient) client = g_steal_pointer (&self->client);

  if (client == NULL)
    return;
  plant_rpc_client_set_watch (client, NULL, NULL);
  plant_rpc_client_close (client);
}

static void
take_client (PlantRpcDiscovery *self)
{
  drop_client (self);
  self->client = g_steal_pointer (&self->next);
  plant_rpc_client_set_watch (self->client, on_client_changed, self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PLANT_RPC_DISCOVERY_PROP_CLIENT]);
}

static void
notify_error (PlantRpcDiscovery *self)
{
  const GError *error = plant_rpc_discovery_get_last_error (self);

  if (plant_rpc_error_equal (error, self->told_error))
    return;
  g_clear_error (&self->told_error);
  self->told_error = error != NULL ? g_error_copy (error) : NULL;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PLANT_RPC_DISCOVERY_PROP_LAST_ERROR]);
}

static gboolean
on_news (gpointer user_data)
{
  g_autoptr (PlantRpcDiscovery) self = g_object_ref (user_data);

  g_source_set_ready_time (self->news, -1);
  if (self->next != NULL)
    take_client (self);
  if (self->asked)
    {
      self->asked = FALSE;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PLANT_RPC_DISCOVERY_PROP_UNKNOWN_KEY]);
    }
  notify_error (self);
  plant_rpc_waiters_check (self->waiters);
  return G_SOURCE_CONTINUE;
}

/* ---- waiting for it */

static gboolean
has_client (gpointer   owner,
            guint      data,
            GError   **error)
{
  PlantRpcDiscovery *self = owner;
  const GError *reason = plant_rpc_discovery_get_last_error (self);
  PlantRpcCalls *calls;

  if (self->client != NULL || self->next != NULL)
    return TRUE;
  calls = self->session != NULL ? plant_rpc_session_get_calls (self->session) : NULL;
  if (calls != NULL && plant_rpc_calls_are_inherited (calls))
    {
      g_propagate_error (error, plant_rpc_calls_make_inherited_error (calls));
      return FALSE;
    }
  if (self->error != NULL ||
      g_error_matches (reason, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL) ||
      plant_rpc_session_is_vain (reason))
    g_propagate_error (error, g_error_copy (reason));
  return FALSE;
}

static GError *
excuse (gpointer owner)
{
  PlantRpcDiscovery *self = owner;
  const GError *reason = plant_rpc_discovery_get_last_error (self);

  /* Translators: the address of a device, and the reason */
  return g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("“%s” could not be discovered: %s"),
                      self->url != NULL ? self->url : self->device,
                      reason != NULL ? reason->message : _("it has not answered yet"));
}

void
plant_rpc_discovery_add_task (PlantRpcDiscovery *self,
                              GTask             *task,
                              int                timeout)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (self->home);

  plant_rpc_waiters_add (self->waiters, task,
                         (PlantRpcWait) { has_client, 0, timeout, excuse });
}

gboolean
plant_rpc_discovery_run (PlantRpcDiscovery  *self,
                         int                 timeout,
                         GCancellable       *cancellable,
                         GError            **error)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (self->home);
  g_autoptr (PlantRpcSession) session = NULL;

  if (self->client != NULL || self->next != NULL)
    return TRUE;
  /* The main loop may have ended the session, and goes on with it. */
  if (self->session == NULL)
    start (self);
  session = plant_rpc_session_ref (self->session);
  return plant_rpc_waiters_run (self->waiters, plant_rpc_session_get_driver (session),
                                (PlantRpcWait) { has_client, 0, timeout, excuse }, cancellable,
                                error);
}

PlantRpcClient *
plant_rpc_discovery_ref_client (PlantRpcDiscovery  *self,
                                GError            **error)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (self->home);
  PlantRpcClient *client = self->client != NULL ? self->client : self->next;

  if (client != NULL)
    return g_object_ref (client);
  return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_CLOSED,
                                    _("The discovery was closed"));
}

PlantRpcClient *
plant_rpc_discovery_steal_client (PlantRpcDiscovery *self)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (self->home);

  if (self->client == NULL)
    return g_steal_pointer (&self->next);
  plant_rpc_client_set_watch (self->client, NULL, NULL);
  return g_steal_pointer (&self->client);
}

const char *const *
plant_rpc_discovery_get_relays (PlantRpcDiscovery *self)
{
  if (self->session != NULL)
    return plant_rpc_server_profile_get_relays (plant_rpc_session_get_profile (self->session));
  return self->client != NULL ? plant_rpc_client_get_relays (self->client) : NULL;
}

/* ---- the class */

static void
plant_rpc_discovery_constructed (GObject *object)
{
  PlantRpcDiscovery *self = PLANT_RPC_DISCOVERY (object);
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (self->home);

  G_OBJECT_CLASS (plant_rpc_discovery_parent_class)->constructed (object);
  if (self->device != NULL && self->registry_url == NULL)
    self->registry_url = g_strdup (PLANT_RPC_REGISTRY_URL);
  start (self);
}

static void
plant_rpc_discovery_dispatch_properties_changed (GObject     *object,
                                                 guint        n_pspecs,
                                                 GParamSpec **pspecs)
{
  plant_rpc_home_notify (
      PLANT_RPC_DISCOVERY (object)->home,
      G_OBJECT_CLASS (plant_rpc_discovery_parent_class)->dispatch_properties_changed, object,
      n_pspecs, pspecs);
}

/**
 * plant_rpc_discovery_close:
 * @self: a discovery
 *
 * Ends the discovery for good, and closes its client.
 *
 * [property@Discovery:client] is %NULL afterwards.
 *
 * Since: 1.0
 */
void
plant_rpc_discovery_close (PlantRpcDiscovery *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  gboolean had_client;

  g_return_if_fail (PLANT_RPC_IS_DISCOVERY (self));

  hold = plant_rpc_home_enter (self->home);
  had_client = self->client != NULL;
  plant_rpc_source_clear (&self->news);
  drop_session (self);
  drop_client (self);
  g_clear_object (&self->next);
  if (had_client)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PLANT_RPC_DISCOVERY_PROP_CLIENT]);
}

static void
plant_rpc_discovery_dispose (GObject *object)
{
  PlantRpcDiscovery *self = PLANT_RPC_DISCOVERY (object);
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter_dispose (self->home, object);

  plant_rpc_source_clear (&self->news);
  drop_session (self);
  if (self->client != NULL)
    plant_rpc_client_set_watch (self->client, NULL, NULL);
  g_clear_object (&self->client);
  g_clear_object (&self->next);
  G_OBJECT_CLASS (plant_rpc_discovery_parent_class)->dispose (object);
}

static void
plant_rpc_discovery_finalize (GObject *object)
{
  PlantRpcDiscovery *self = PLANT_RPC_DISCOVERY (object);

  plant_rpc_waiters_free (self->waiters);
  g_clear_error (&self->told_error);
  plant_rpc_home_unref (self->home);
  g_clear_error (&self->error);
  g_clear_pointer (&self->keypair, plant_rpc_keypair_unref);
  g_free (self->url);
  g_free (self->registry_url);
  g_free (self->device);
  G_OBJECT_CLASS (plant_rpc_discovery_parent_class)->finalize (object);
}

static void
plant_rpc_discovery_set_property (GObject      *object,
                                  guint         prop_id,
                                  const GValue *value,
                                  GParamSpec   *pspec)
{
  PlantRpcDiscovery *self = PLANT_RPC_DISCOVERY (object);

  switch ((PlantRpcDiscoveryProperty) prop_id)
    {
    case PLANT_RPC_DISCOVERY_PROP_URL:
      self->url = g_value_dup_string (value);
      break;
    case PLANT_RPC_DISCOVERY_PROP_REGISTRY_URL:
      self->registry_url = g_value_dup_string (value);
      break;
    case PLANT_RPC_DISCOVERY_PROP_DEVICE:
      self->device = g_value_dup_string (value);
      break;
    case PLANT_RPC_DISCOVERY_PROP_KEYPAIR:
      self->keypair = g_value_dup_boxed (value);
      break;
    case PLANT_RPC_DISCOVERY_PROP_UNKNOWN_DEVICES:
      self->unknown = g_value_get_enum (value);
      break;
    case PLANT_RPC_DISCOVERY_PROP_UNKNOWN_KEY:
    case PLANT_RPC_DISCOVERY_PROP_CLIENT:
    case PLANT_RPC_DISCOVERY_PROP_LAST_ERROR:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
plant_rpc_discovery_get_property (GObject    *object,
                                  guint       prop_id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  PlantRpcDiscovery *self = PLANT_RPC_DISCOVERY (object);

  switch ((PlantRpcDiscoveryProperty) prop_id)
    {
    case PLANT_RPC_DISCOVERY_PROP_URL:
      g_value_set_string (value, self->url);
      break;
    case PLANT_RPC_DISCOVERY_PROP_REGISTRY_URL:
      g_value_set_string (value, self->registry_url);
      break;
    case PLANT_RPC_DISCOVERY_PROP_DEVICE:
      g_value_set_string (value, self->device);
      break;
    case PLANT_RPC_DISCOVERY_PROP_KEYPAIR:
      g_value_set_boxed (value, self->keypair);
      break;
    case PLANT_RPC_DISCOVERY_PROP_UNKNOWN_DEVICES:
      g_value_set_enum (value, self->unknown);
      break;
    case PLANT_RPC_DISCOVERY_PROP_UNKNOWN_KEY:
      g_value_take_string (value, plant_rpc_discovery_dup_unknown_key (self));
      break;
    case PLANT_RPC_DISCOVERY_PROP_CLIENT:
      g_value_set_object (value, plant_rpc_discovery_get_client (self));
      break;
    case PLANT_RPC_DISCOVERY_PROP_LAST_ERROR:
      g_value_set_boxed (value, plant_rpc_discovery_get_last_error (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
plant_rpc_discovery_class_init (PlantRpcDiscoveryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = plant_rpc_discovery_constructed;
  object_class->dispatch_properties_changed = plant_rpc_discovery_dispatch_properties_changed;
  object_class->dispose = plant_rpc_discovery_dispose;
  object_class->finalize = plant_rpc_discovery_finalize;
  object_class->set_property = plant_rpc_discovery_set_property;
  object_class->get_property = plant_rpc_discovery_get_property;

  plant_rpc_discovery_make_properties (properties);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
plant_rpc_discovery_init (PlantRpcDiscovery *self)
{
  GMainContext *context;

  self->home = plant_rpc_home_new_for_object ();
  context = plant_rpc_home_get_context (self->home);
  self->waiters = plant_rpc_waiters_new (context, self);
  self->news = plant_rpc_source_new_alarm (context, on_news, self, "[plantrpc] discovery");
}

/**
 * plant_rpc_discovery_new:
 * @url: where the device is
 *
 * Begins to discover a device at a URL.
 *
 * Returns: (transfer full): a new discovery
 *
 * Since: 1.0
 */
PlantRpcDiscovery *
plant_rpc_discovery_new (const char *url)
{
  g_return_val_if_fail (url != NULL, NULL);

  return g_object_new (PLANT_RPC_TYPE_DISCOVERY, "url", url, NULL);
}

/**
 * plant_rpc_discovery_new_for_device:
 * @registry_url: where the registry is, such as `tcp://192.168.1.2:5555`
 * @device: the name of a device, or else the type of any, such as `camera`
 *
 * Begins to discover a device that a registry lists, wherever it is.
 *
 * The client follows the device afterwards, as [method@Client.follow_device] tells.
 *
 * Returns: (transfer full): a new discovery
 *
 * Since: 1.0
 */
PlantRpcDiscovery *
plant_rpc_discovery_new_for_device (const char *registry_url,
                                    const char *device)
{
  g_return_val_if_fail (registry_url != NULL, NULL);
  g_return_val_if_fail (device != NULL, NULL);

  return g_object_new (PLANT_RPC_TYPE_DISCOVERY, "registry-url", registry_url, "device", device,
                       NULL);
}

/**
 * plant_rpc_discovery_get_client:
 * @self: a discovery
 *
 * Gets the client.
 *
 * Returns: (transfer none) (nullable): the client, or %NULL until the device was there once
 *
 * Since: 1.0
 */
PlantRpcClient *
plant_rpc_discovery_get_client (PlantRpcDiscovery *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcClient *client;

  g_return_val_if_fail (PLANT_RPC_IS_DISCOVERY (self), NULL);

  hold = plant_rpc_home_enter (self->home);
  client = self->client != NULL ? self->client : self->next;
  return (PlantRpcClient *) plant_rpc_loan_lend (self->home, client, g_object_ref, g_object_unref);
}

/**
 * plant_rpc_discovery_get_last_error:
 * @self: a discovery
 *
 * Gets why there is no client yet, or no client for what the device offers now.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL if there is none
 *
 * Since: 1.0
 */
const GError *
plant_rpc_discovery_get_last_error (PlantRpcDiscovery *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  const GError *error;

  g_return_val_if_fail (PLANT_RPC_IS_DISCOVERY (self), NULL);

  hold = plant_rpc_home_enter (self->home);
  error = self->error;
  if (error == NULL && self->session != NULL)
    error = plant_rpc_session_get_error (self->session);
  return plant_rpc_loan_lend_error (self->home, error);
}

/**
 * plant_rpc_discovery_dup_unknown_key:
 * @self: a discovery
 *
 * Gets the public key of a device that was found and waits to be accepted.
 *
 * Returns: (transfer full) (nullable): the key, or %NULL if no device waits
 *
 * Since: 1.1
 */
char *
plant_rpc_discovery_dup_unknown_key (PlantRpcDiscovery *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_DISCOVERY (self), NULL);

  hold = plant_rpc_home_enter (self->home);
  if (self->follower != NULL)
    return g_strdup (plant_rpc_follower_get_unknown_key (self->follower));
  return self->client != NULL ? plant_rpc_client_dup_unknown_key (self->client) : NULL;
}

/**
 * plant_rpc_discovery_accept_key:
 * @self: a discovery
 * @key: the public key that the user was shown
 * @error: return location for an error
 *
 * Remembers the device that waits to be accepted, and connects to it.
 *
 * Errors are those of [method@Client.accept_key].
 *
 * Returns: %TRUE on success
 *
 * Since: 1.1
 */
gboolean
plant_rpc_discovery_accept_key (PlantRpcDiscovery  *self,
                                const char         *key,
                                GError            **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_DISCOVERY (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  hold = plant_rpc_home_enter (self->home);
  if (self->follower != NULL)
    return plant_rpc_follower_accept (self->follower, key, error);
  if (self->client != NULL)
    return plant_rpc_client_accept_key (self->client, key, error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               _("No device with that key waits to be accepted"));
  return FALSE;
}

/**
 * plant_rpc_discovery_get_url:
 * @self: a discovery
 *
 * Gets the URL that the discovery was made with.
 *
 * Returns: (transfer none) (nullable): the URL, or %NULL if a registry lists the device
 *
 * Since: 1.0
 */
const char *
plant_rpc_discovery_get_url (PlantRpcDiscovery *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_DISCOVERY (self), NULL);

  return self->url;
}

/**
 * plant_rpc_discovery_get_registry_url:
 * @self: a discovery
 *
 * Gets where the registry is that lists the device.
 *
 * Returns: (transfer none) (nullable): the URL of the registry, or %NULL if there is none
 *
 * Since: 1.0
 */
const char *
plant_rpc_discovery_get_registry_url (PlantRpcDiscovery *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_DISCOVERY (self), NULL);

  return self->registry_url;
}

/**
 * plant_rpc_discovery_get_device:
 * @self: a discovery
 *
 * Gets the name of the device in the registry, or the type of any.
 *
 * Returns: (transfer none) (nullable): the name, or %NULL if there is no registry
 *
 * Since: 1.0
 */
const char *
plant_rpc_discovery_get_device (PlantRpcDiscovery *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_DISCOVERY (self), NULL);

  return self->device;
}
