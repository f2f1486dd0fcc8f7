/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-device-list-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-loan-private.h"
#include "plant-rpc-own-address-private.h"
#include "plant-rpc-owned-names-private.h"
#include "plant-rpc-registry-service-private.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-source-private.h"

/**
 * PlantRpcRegistry:
 *
 * Keeps a list of devices. Devices register under a name, and regularly report that they are alive.
 * A device leaves the list when it unregisters or has been silent for too long.
 *
 * A registry is a [iface@Gio.ListModel] of [class@Device], in the order of registration. It speaks
 * the protocol of Plant Imager's registry, so device servers of plantrpc and of Plant Imager can
 * register. A [class@RegistryClient] shows the same list in another process.
 *
 * Two devices never have the same name. If the name of a new device is taken, the registry adds a
 * number to it, or removes the former device if the new one asks for that. Two devices never have
 * the same address. The registry removes the former device at that address.
 *
 * ## Contexts and threads
 *
 * A registry belongs to the thread-default main context in which it was made, and `items-changed`,
 * `notify` and all signals are emitted there. Its functions may be called from any thread. The
 * registry answers devices on a thread of its own, so no handler and no blocked main context delays
 * them. When a blocked context runs again, it reports all changes together, and first the devices
 * that have left. It does not report a device that has registered and left again in the meantime.
 *
 * The registry uses the monotonic clock, so setting the clock of the system removes no device.
 *
 * ## Keys
 *
 * By default whoever reaches the registry may register devices and list them. A registry that
 * [method@Registry.secure] has secured lets in only those whose keys are allowed: a viewer lists
 * devices, an operator also registers them, and an administrator also removes those of others. A
 * name then belongs to the key that registered it first, until [method@Registry.release_name]
 * releases it. If the key may no longer register devices, its devices leave the list.
 *
 * Counterpart of the registry of `plantimager.commons.deviceregistry`.
 *
 * Since: 1.0
 */

/* µs after which changes of a device's time alone are announced together */
#define SEEN_DELAY (250 * 1000)
/* µs between two announcements; changes in between are announced together */
#define CHANGE_INTERVAL (50 * 1000)

struct _PlantRpcRegistry {
  GObject                  parent;
  PlantRpcHome            *home;      /* (owned): where this was made */
  char                    *url;       /* (owned): as given */
  char                    *bound_url; /* (owned) (nullable): while running */
  PlantRpcDeviceList      *devices;   /* (owned) */
  PlantRpcKeypair         *keypair;   /* (owned) (nullable): NULL: the registry is not secured */
  PlantRpcAuthenticator   *authenticator; /* (owned) (nullable): likewise */
  char                    *names;     /* (owned) (nullable): likewise: the path of the file */
  PlantRpcRegistryService *service;   /* (owned) (nullable): while running */
  guint                    process;   /* that started it last */
  GSource                 *news;      /* (owned) (nullable): while running */
  GMutex                   mutex;
  gint64                   news_time; /* (mutex mutex): monotonic µs of the next announcement;
                                      0: now; -1: none */
  gint64                   told_time; /* (mutex mutex): monotonic µs of the last announcement */
};

G_DEFINE_FINAL_TYPE_WITH_CODE (PlantRpcRegistry, plant_rpc_registry, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      plant_rpc_device_list_implement))

typedef enum {
  PROP_URL = 1,
  PROP_PORT,
  PROP_RUNNING,
  PROP_KEYPAIR,
  PROP_AUTHENTICATOR,
} PlantRpcRegistryProperty;

static GParamSpec *properties[PROP_AUTHENTICATOR + 1];

/* ---- what the service tells */

static void
on_service (gpointer owner,
            gboolean changed)
{
  PlantRpcRegistry *self = owner;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  gint64 now = g_get_monotonic_time ();
  gint64 time;

  if (!changed)
    time = now + SEEN_DELAY;
  else
    time = now < self->told_time + CHANGE_INTERVAL ? self->told_time + CHANGE_INTERVAL : 0;
  if (self->news_time < 0 || time < self->news_time)
    {
      self->news_time = time;
      g_source_set_ready_time (self->news, time);
    }
}

static gboolean
on_news (gpointer user_data)
{
  PlantRpcRegistry *self = user_data;
  g_autoptr (GPtrArray) records = NULL;

  g_mutex_lock (&self->mutex);
  self->news_time = -1;
  self->told_time = g_get_monotonic_time ();
  g_source_set_ready_time (self->news, -1);
  g_mutex_unlock (&self->mutex);

  if (self->service == NULL)
    return G_SOURCE_CONTINUE;
  records = plant_rpc_registry_service_list (self->service);
  plant_rpc_device_list_update (self->devices, records);
  return G_SOURCE_CONTINUE;
}

/* ---- the class */

static gboolean
is_inherited (PlantRpcRegistry *self)
{
  return self->service != NULL && plant_rpc_init_is_inherited (self->process);
}

static void
close_down (PlantRpcRegistry *self)
{
  /* What a forked child has inherited is the parent's, and is left as it is. */
  if (is_inherited (self))
    self->service = NULL;
  g_clear_pointer (&self->service, plant_rpc_registry_service_free);
  plant_rpc_source_clear (&self->news);
  g_clear_pointer (&self->bound_url, g_free);
}

/* Nothing is notified here, since handlers may belong to a language that is collecting its
 * garbage. */
static void
plant_rpc_registry_dispose (GObject *object)
{
  PlantRpcRegistry *self = PLANT_RPC_REGISTRY (object);
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter_dispose (self->home, object);

  close_down (self);
  G_OBJECT_CLASS (plant_rpc_registry_parent_class)->dispose (object);
}

static void
plant_rpc_registry_finalize (GObject *object)
{
  PlantRpcRegistry *self = PLANT_RPC_REGISTRY (object);

  plant_rpc_device_list_free (self->devices);
  g_mutex_clear (&self->mutex);
  plant_rpc_home_unref (self->home);
  g_clear_pointer (&self->keypair, plant_rpc_keypair_unref);
  g_clear_object (&self->authenticator);
  g_free (self->names);
  g_free (self->url);
  G_OBJECT_CLASS (plant_rpc_registry_parent_class)->finalize (object);
}

static void
plant_rpc_registry_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  PlantRpcRegistry *self = PLANT_RPC_REGISTRY (object);

  switch ((PlantRpcRegistryProperty) prop_id)
    {
    case PROP_URL:
      g_value_set_string (value, plant_rpc_registry_get_url (self));
      break;
    case PROP_PORT:
      g_value_set_uint (value, plant_rpc_registry_get_port (self));
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, plant_rpc_registry_get_running (self));
      break;
    case PROP_KEYPAIR:
      g_value_set_boxed (value, plant_rpc_registry_get_keypair (self));
      break;
    case PROP_AUTHENTICATOR:
      g_value_set_object (value, plant_rpc_registry_get_authenticator (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
plant_rpc_registry_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  PlantRpcRegistry *self = PLANT_RPC_REGISTRY (object);

  switch (prop_id)
    {
    case PROP_URL:
      self->url = g_value_dup_string (value);
      if (self->url == NULL)
        self->url = g_strdup (PLANT_RPC_REGISTRY_URL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * PlantRpcRegistry:url: (getter get_url)
   *
   * The URL at which the registry listens: `tcp://HOST:PORT`, `tcp://HOST` for a port that the
   * system picks, or `ipc://PATH`. While the registry runs, the URL has the actual port, and that
   * of a secured registry ends with its public key, after a `#`.
   *
   * Since: 1.0
   */
  properties[PROP_URL] = g_param_spec_string (
      "url", NULL, NULL, PLANT_RPC_REGISTRY_URL,
      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS |
          G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PlantRpcRegistry:port: (getter get_port)
   *
   * The TCP port that the registry listens on; 0 while it does not run, and over `ipc://`.
   *
   * Since: 1.0
   */
  properties[PROP_PORT] = g_param_spec_uint ("port", NULL, NULL, 0, G_MAXUINT16, 0, flags);
  /**
   * PlantRpcRegistry:running: (getter get_running)
   *
   * Whether the registry has been started and not been stopped.
   *
   * Since: 1.0
   */
  properties[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE, flags);
  /**
   * PlantRpcRegistry:keypair: (getter get_keypair)
   *
   * The key pair by which others know the registry, or %NULL if it is not secured;
   * [method@Registry.secure] sets it.
   *
   * Since: 1.1
   */
  properties[PROP_KEYPAIR] =
      g_param_spec_boxed ("keypair", NULL, NULL, PLANT_RPC_TYPE_KEYPAIR, flags);
  /**
   * PlantRpcRegistry:authenticator: (getter get_authenticator)
   *
   * Who may connect to the registry, and with which role, or %NULL if it is not secured;
   * [method@Registry.secure] sets it.
   *
   * Since: 1.1
   */
  properties[PROP_AUTHENTICATOR] =
      g_param_spec_object ("authenticator", NULL, NULL, PLANT_RPC_TYPE_AUTHENTICATOR, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
plant_rpc_registry_dispatch_properties_changed (GObject     *object,
                                                guint        n_pspecs,
                                                GParamSpec **pspecs)
{
  plant_rpc_home_notify (
      PLANT_RPC_REGISTRY (object)->home,
      G_OBJECT_CLASS (plant_rpc_registry_parent_class)->dispatch_properties_changed, object,
      n_pspecs, pspecs);
}

static void
plant_rpc_registry_class_init (PlantRpcRegistryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispatch_properties_changed = plant_rpc_registry_dispatch_properties_changed;
  object_class->dispose = plant_rpc_registry_dispose;
  object_class->finalize = plant_rpc_registry_finalize;
  object_class->get_property = plant_rpc_registry_get_property;
  object_class->set_property = plant_rpc_registry_set_property;
  install_properties (object_class);

  /**
   * PlantRpcRegistry::device-added:
   * @self: the registry
   * @device: the device
   *
   * Emitted in the main context of the registry when a device has been added to the list.
   *
   * Since: 1.0
   */
  /**
   * PlantRpcRegistry::device-removed:
   * @self: the registry
   * @device: the device
   *
   * Emitted in the main context of the registry when a device has left the list.
   *
   * Since: 1.0
   */
  plant_rpc_device_list_install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
plant_rpc_registry_init (PlantRpcRegistry *self)
{
  self->home = plant_rpc_home_new_for_object ();
  self->devices = plant_rpc_device_list_new (G_LIST_MODEL (self), self->home);
  self->news_time = -1;
  g_mutex_init (&self->mutex);
}

/* ---- public */

/**
 * plant_rpc_registry_new:
 * @url: (nullable): the URL at which to listen, see [property@Registry:url]; %NULL for
 *   [const@REGISTRY_URL]
 *
 * Makes a registry; [method@Registry.start] starts it.
 *
 * Returns: (transfer full): a registry that does not run yet
 *
 * Since: 1.0
 */
PlantRpcRegistry *
plant_rpc_registry_new (const char *url)
{
  return g_object_new (PLANT_RPC_TYPE_REGISTRY, "url",
                       url != NULL ? url : PLANT_RPC_REGISTRY_URL, NULL);
}

/**
 * plant_rpc_registry_secure:
 * @self: a registry that does not run
 * @name: the name of its pair of keys, such as `registry`
 * @error: return location for an error
 *
 * Secures the registry with what is kept under a name on this computer: the pair of keys, which is
 * made if there is none, the table of the keys that are allowed, and the names of devices that
 * belong to keys.
 *
 * Errors are those of [ctor@Keypair.ensure] and [ctor@Authenticator.new_for_name], and
 * %G_IO_ERROR_BUSY if the registry runs, since then it would stay as open as it is. A registry that
 * could not be secured is left as it was, so do not start it then.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.1
 */
gboolean
plant_rpc_registry_secure (PlantRpcRegistry  *self,
                           const char        *name,
                           GError           **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  g_autoptr (PlantRpcKeypair) keypair = NULL;
  g_autoptr (PlantRpcAuthenticator) authenticator = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_REGISTRY (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  hold = plant_rpc_home_enter (self->home);
  if (self->service != NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                           _("The registry runs; stop it, secure it and start it again"));
      return FALSE;
    }
  keypair = plant_rpc_keypair_ensure (name, error);
  if (keypair == NULL)
    return FALSE;
  authenticator = plant_rpc_authenticator_new_for_name (name, error);
  if (authenticator == NULL)
    return FALSE;
  g_clear_pointer (&self->keypair, plant_rpc_keypair_unref);
  self->keypair = g_steal_pointer (&keypair);
  g_set_object (&self->authenticator, authenticator);
  g_free (self->names);
  self->names = plant_rpc_owned_names_find_path (name, NULL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_KEYPAIR]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_AUTHENTICATOR]);
  return TRUE;
}

/**
 * plant_rpc_registry_get_keypair:
 * @self: a registry
 *
 * Gets the key pair by which others know the registry.
 *
 * Returns: (transfer none) (nullable): the key pair; %NULL if the registry is not secured
 *
 * Since: 1.1
 */
PlantRpcKeypair *
plant_rpc_registry_get_keypair (PlantRpcRegistry *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_REGISTRY (self), NULL);
  return self->keypair;
}

/**
 * plant_rpc_registry_get_authenticator:
 * @self: a registry
 *
 * Gets what decides who may connect to a secured registry.
 *
 * Returns: (transfer none) (nullable): the authenticator; %NULL if the registry is not secured
 *
 * Since: 1.1
 */
PlantRpcAuthenticator *
plant_rpc_registry_get_authenticator (PlantRpcRegistry *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_REGISTRY (self), NULL);
  return self->authenticator;
}

/**
 * plant_rpc_registry_release_name:
 * @self: a registry that is secured
 * @name: the name of a device
 * @error: return location for an error
 *
 * Lets any key that may register devices have a name that belongs to one. The next key that
 * registers the name has it then. The former one may register it again, too, unless it is revoked.
 *
 * Fails with %G_IO_ERROR_NOT_FOUND if the name belongs to no key, with %G_IO_ERROR_INVALID_ARGUMENT
 * if @name is not UTF-8, with %G_IO_ERROR_NOT_INITIALIZED if the registry is not secured, and with
 * other errors of [type@Gio.IOErrorEnum] if the file of the names cannot be read or written.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.1
 */
gboolean
plant_rpc_registry_release_name (PlantRpcRegistry  *self,
                                 const char        *name,
                                 GError           **error)
{
  g_return_val_if_fail (PLANT_RPC_IS_REGISTRY (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!g_utf8_validate (name, -1, NULL))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                         _("The name is not UTF-8"));
  else if (self->names == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_INITIALIZED,
                         _("Names belong to keys only at a registry that is secured"));
  else
    return plant_rpc_owned_names_release (self->names, name, error);
  return FALSE;
}

static void
notify_state (PlantRpcRegistry *self)
{
  g_object_freeze_notify (G_OBJECT (self));
  for (guint id = PROP_URL; id <= PROP_RUNNING; id++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
  g_object_thaw_notify (G_OBJECT (self));
}

static char *
print_url (PlantRpcRegistry       *self,
           const PlantRpcEndpoint *given,
           const PlantRpcEndpoint *endpoint)
{
  g_autofree char *url = plant_rpc_own_address_print (
      given, endpoint, plant_rpc_registry_service_get_port (self->service));

  if (self->keypair == NULL)
    return g_steal_pointer (&url);
  return g_strconcat (url, "#", plant_rpc_keypair_get_public_key (self->keypair), NULL);
}

/* GIVEN is the endpoint as the URL has it. */
static gboolean
open_service (PlantRpcRegistry        *self,
              const PlantRpcEndpoint  *given,
              const PlantRpcEndpoint  *endpoint,
              GError                 **error)
{
  const PlantRpcRegistrySecurity security = { self->keypair, self->authenticator, self->names };

  self->news_time = -1;
  self->told_time = 0;
  self->news = plant_rpc_source_new_alarm (plant_rpc_home_get_context (self->home), on_news, self,
                                           "[plantrpc] devices");
  self->service = plant_rpc_registry_service_new (
      endpoint, self->keypair != NULL ? &security : NULL, on_service, self, error);
  if (self->service == NULL)
    {
      plant_rpc_source_clear (&self->news);
      return FALSE;
    }
  self->process = plant_rpc_init_get_process ();
  self->bound_url = print_url (self, given, endpoint);
  notify_state (self);
  return TRUE;
}

/**
 * plant_rpc_registry_start:
 * @self: a registry
 * @error: return location for an error
 *
 * Starts to listen and to answer devices.
 *
 * Fails with %PLANT_RPC_ERROR_INVALID_URL, with %G_IO_ERROR_ADDRESS_IN_USE if the port is taken, or
 * if another server or a file has the path, with %G_IO_ERROR_NOT_FOUND if this computer does not
 * have the address, with %G_IO_ERROR_HOST_NOT_FOUND if nothing has the name, and with another
 * %G_IO_ERROR if the system does not permit it. If the registry runs already, nothing changes.
 *
 * While the name of a host is looked up, the function blocks, for five seconds at most. It ends
 * with %G_IO_ERROR_CANCELLED when the current cancellable of the thread is cancelled; see
 * [method@Gio.Cancellable.push_current].
 *
 * Returns: whether the registry runs
 *
 * Since: 1.0
 */
gboolean
plant_rpc_registry_start (PlantRpcRegistry  *self,
                          GError           **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  g_autoptr (PlantRpcEndpoint) given = NULL;
  g_autoptr (PlantRpcEndpoint) endpoint = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_REGISTRY (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  hold = plant_rpc_home_enter (self->home);
  if (is_inherited (self))
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_CLOSED,
                                 /* Translators: the address of a registry */
                                 _("The registry at “%s” was started by the process that forked "
                                   "this one; stop it here, or start it after the fork"),
                                 self->bound_url);
  if (self->service != NULL)
    return TRUE;
  given = plant_rpc_endpoint_parse (self->url, error);
  if (given != NULL && given->key != NULL)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_URL,
                                 /* Translators: the address of a registry */
                                 _("“%s”: the key of a registry is that of its key pair"),
                                 self->url);
  if (given != NULL)
    endpoint = plant_rpc_own_address_resolve (given, error);
  if (endpoint == NULL)
    return FALSE;
  /* Another thread may have started it during the look-up. */
  if (self->service != NULL)
    return TRUE;
  return open_service (self, given, endpoint, error);
}

/* A registry that has been started again keeps its list. */
static void
empty (GObject *object)
{
  PlantRpcRegistry *self = PLANT_RPC_REGISTRY (object);
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  if (self->service == NULL)
    plant_rpc_device_list_update (self->devices, none);
}

/**
 * plant_rpc_registry_stop:
 * @self: a registry
 *
 * Stops listening, and empties the list. Devices register again by themselves once the registry is
 * started again.
 *
 * Since: 1.0
 */
void
plant_rpc_registry_stop (PlantRpcRegistry *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  g_autoptr (GObject) guard = NULL;

  g_return_if_fail (PLANT_RPC_IS_REGISTRY (self));

  hold = plant_rpc_home_enter (self->home);
  if (self->service == NULL)
    return;
  guard = g_object_ref (G_OBJECT (self));
  close_down (self);
  if (plant_rpc_home_is_shown_here (self->home))
    empty (guard);
  else
    plant_rpc_home_invoke_later (self->home, empty, guard);
  notify_state (self);
}

/**
 * plant_rpc_registry_get_url:
 * @self: a registry
 *
 * Gets the URL as it was given, or the URL with the actual port while the registry runs.
 *
 * Returns: (transfer none): the URL
 *
 * Since: 1.0
 */
const char *
plant_rpc_registry_get_url (PlantRpcRegistry *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_REGISTRY (self), NULL);

  hold = plant_rpc_home_enter (self->home);
  return plant_rpc_loan_lend_string (self->home,
                                     self->bound_url != NULL ? self->bound_url : self->url);
}

/**
 * plant_rpc_registry_get_port:
 * @self: a registry
 *
 * Gets the TCP port that the registry listens on.
 *
 * Returns: the port; 0 while it does not run, and over `ipc://`
 *
 * Since: 1.0
 */
guint
plant_rpc_registry_get_port (PlantRpcRegistry *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_REGISTRY (self), 0);

  hold = plant_rpc_home_enter (self->home);
  return self->service != NULL ? plant_rpc_registry_service_get_port (self->service) : 0;
}

/**
 * plant_rpc_registry_get_running:
 * @self: a registry
 *
 * Tells whether the registry runs.
 *
 * Returns: whether it has been started and not been stopped
 *
 * Since: 1.0
 */
gboolean
plant_rpc_registry_get_running (PlantRpcRegistry *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_REGISTRY (self), FALSE);

  hold = plant_rpc_home_enter (self->home);
  return self->service != NULL;
}

/**
 * plant_rpc_registry_find_device:
 * @self: a registry
 * @name: the name of a device
 *
 * Looks a device up in the list.
 *
 * Returns: (transfer none) (nullable): the device, or %NULL if there is none of that name
 *
 * Since: 1.0
 */
PlantRpcDevice *
plant_rpc_registry_find_device (PlantRpcRegistry *self,
                                const char       *name)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_REGISTRY (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  hold = plant_rpc_home_enter (self->home);
  return plant_rpc_device_list_find (self->devices, name);
}
