/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-keypair-private.h"
#include "plant-rpc-known-device-private.h"
#include "plant-rpc-known-devices.h"
#include "plant-rpc-table-file-private.h"
#include "plant-rpc-text-private.h"

/**
 * PlantRpcKnownDevices:
 *
 * The secured devices that the user knows by name, each with its key.
 *
 * A client that finds a device by its name in a registry compares the key that is listed with the
 * one that is known; see [method@Client.follow_device]. This is for programs that show or change
 * what is known, or look for devices themselves.
 *
 * It stands for a file, which each function reads or changes. So objects, programs and people may
 * change it at the same time, and its functions may be called from any thread. They do not look at
 * the network, and block only as long as the file system does.
 *
 * Since: 1.1
 */
struct _PlantRpcKnownDevices {
  GObject  parent_instance;

  char    *path; /* (owned) */
};

#define FILE_NAME "known_devices"
#define MAX_SIZE  (1024 * 1024) /* bytes of the file */
#define MAX_NAME  1023          /* bytes, as in a registry */

G_DEFINE_FINAL_TYPE (PlantRpcKnownDevices, plant_rpc_known_devices, G_TYPE_OBJECT)

typedef enum {
  PROP_PATH = 1,
} PlantRpcKnownDevicesProperty;

static GParamSpec *properties[PROP_PATH + 1];

/* ---- life */

static char *
find_path (void)
{
  g_autofree char *secret = plant_rpc_keypair_find_path (PLANT_RPC_USER_KEYPAIR, NULL);
  g_autofree char *folder = g_path_get_dirname (secret);

  return g_build_filename (folder, FILE_NAME, NULL);
}

static void
plant_rpc_known_devices_init (PlantRpcKnownDevices *self)
{
}

static void
plant_rpc_known_devices_constructed (GObject *object)
{
  PlantRpcKnownDevices *self = PLANT_RPC_KNOWN_DEVICES (object);

  G_OBJECT_CLASS (plant_rpc_known_devices_parent_class)->constructed (object);
  if (self->path == NULL)
    self->path = find_path ();
}

static void
plant_rpc_known_devices_finalize (GObject *object)
{
  g_free (PLANT_RPC_KNOWN_DEVICES (object)->path);
  G_OBJECT_CLASS (plant_rpc_known_devices_parent_class)->finalize (object);
}

static void
plant_rpc_known_devices_get_property (GObject    *object,
                                      guint       prop_id,
                                      GValue     *value,
                                      GParamSpec *pspec)
{
  if (prop_id == PROP_PATH)
    g_value_set_string (value, PLANT_RPC_KNOWN_DEVICES (object)->path);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
plant_rpc_known_devices_set_property (GObject      *object,
                                      guint         prop_id,
                                      const GValue *value,
                                      GParamSpec   *pspec)
{
  if (prop_id == PROP_PATH)
    PLANT_RPC_KNOWN_DEVICES (object)->path = g_value_dup_string (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
plant_rpc_known_devices_class_init (PlantRpcKnownDevicesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = plant_rpc_known_devices_constructed;
  object_class->finalize = plant_rpc_known_devices_finalize;
  object_class->get_property = plant_rpc_known_devices_get_property;
  object_class->set_property = plant_rpc_known_devices_set_property;

  /**
   * PlantRpcKnownDevices:path: (getter get_path)
   *
   * The path of the file. By default it is `known_devices` beside the user's pair of keys; see
   * [func@Keypair.find_path].
   *
   * Since: 1.1
   */
  properties[PROP_PATH] =
      g_param_spec_string ("path", NULL, NULL, NULL,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

/**
 * plant_rpc_known_devices_new:
 *
 * Makes the object for the devices that the user of the program knows. There need not be a file
 * yet.
 *
 * Returns: (transfer full): the devices
 *
 * Since: 1.1
 */
PlantRpcKnownDevices *
plant_rpc_known_devices_new (void)
{
  return g_object_new (PLANT_RPC_TYPE_KNOWN_DEVICES, NULL);
}

/**
 * plant_rpc_known_devices_get_path:
 * @self: the known devices
 *
 * Gets where the file is, or will be.
 *
 * Returns: (type filename) (transfer none): the path
 *
 * Since: 1.1
 */
const char *
plant_rpc_known_devices_get_path (PlantRpcKnownDevices *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_KNOWN_DEVICES (self), NULL);
  return self->path;
}

/* ---- reading */

/* Returns the devices (element-type PlantRpcKnownDevice), or NULL with ERROR set. */
static GPtrArray *
load (PlantRpcKnownDevices  *self,
      GError               **error)
{
  g_autofree char *text = NULL;
  g_autofree char *shown = NULL;
  gsize length;

  if (!plant_rpc_table_file_read (self->path, MAX_SIZE, &text, &length, error))
    return NULL;
  if (text == NULL || memchr (text, '\0', length) == NULL)
    return plant_rpc_known_device_parse_all (text != NULL ? text : "");
  shown = plant_rpc_text_escape (self->path);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("“%s” is not UTF-8"), shown);
  return NULL;
}

/* Returns the device of that name with KEY, or else any of that name, or NULL. */
static PlantRpcKnownDevice *
find (GPtrArray  *devices,
      const char *name,
      const char *key)
{
  PlantRpcKnownDevice *found = NULL;

  for (guint i = 0; i < devices->len; i++)
    {
      PlantRpcKnownDevice *device = g_ptr_array_index (devices, i);

      if (!g_str_equal (device->name, name))
        continue;
      if (found == NULL || found->key == NULL || g_strcmp0 (device->key, key) == 0)
        found = device;
    }
  return found;
}

/* Returns WORD for a shell. */
static char *
quote (const char *word)
{
  for (const char *at = word; *at != '\0'; at++)
    {
      if (!g_ascii_isalnum (*at) && strchr ("-_.:/#@", *at) == NULL)
        return g_shell_quote (word);
    }
  return *word != '#' ? g_strdup (word) : g_shell_quote (word);
}

/* Returns “plantrpc keys ACTION NAME” for a shell. */
static char *
suggest (const char *action,
         const char *name,
         const char *url)
{
  g_autofree char *quoted_name = quote (name);
  g_autofree char *quoted_url = url != NULL ? quote (url) : NULL;
  g_autofree char *line = g_strconcat ("plantrpc keys ", action, *name == '-' ? " -- " : " ",
                                       quoted_name, url != NULL ? " " : NULL, quoted_url, NULL);

  return plant_rpc_text_escape (line);
}

static gboolean
fail_for_unknown (const char  *name,
                  const char  *url,
                  const char  *key,
                  GError     **error)
{
  g_autofree char *shown = plant_rpc_text_show (name);
  g_autofree char *command = suggest ("remember", name, url);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               /* Translators: the name of a device, its public key, and a command */
               _("“%s” is not known yet, and a registry that is not secured lists it with the key "
                 "%s. If that is the key of the device: %s"), shown, key, command);
  return FALSE;
}

/* KEY (nullable) is the one that was found. */
static gboolean
fail_for_change (PlantRpcKnownDevices       *self,
                 const PlantRpcKnownDevice  *known,
                 const char                 *key,
                 GError                    **error)
{
  g_autofree char *shown = plant_rpc_text_show (known->name);
  g_autofree char *path = plant_rpc_text_escape (self->path);
  g_autofree char *command = suggest ("forget", known->name, NULL);

  if (known->key == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 /* Translators: the name of a device, the path of a file, and a command */
                 _("“%s” is known, but its line in “%s” has no key that can be understood. Mend "
                   "the line, or forget the device: %s"), shown, path, command);
  else if (key == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 /* Translators: the name of a device, its public key, and a command */
                 _("“%s” is listed without a key, although its key %s is known; somebody may pose "
                   "as the device. If it is no longer secured, forget it: %s"),
                 shown, known->key, command);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 /* Translators: the name of a device, two public keys, and a command */
                 _("“%s” is known by the key %s, and is listed with the key %s; somebody may pose "
                   "as the device. If it was set up anew, forget it: %s"),
                 shown, known->key, key, command);
  return FALSE;
}

/**
 * plant_rpc_known_devices_lookup:
 * @self: the known devices
 * @name: the name of a device
 * @error: return location for an error
 *
 * Looks up where a device was when it was remembered, and its key.
 *
 * Fails with %G_IO_ERROR_NOT_FOUND if no device of that name is known, with
 * %G_IO_ERROR_INVALID_DATA if its key in the file cannot be understood, with
 * %G_IO_ERROR_PERMISSION_DENIED if others than this user and root may write the file, and with
 * other errors of [type@Gio.IOErrorEnum] if it cannot be read.
 *
 * Returns: (transfer full): the URL of the device, which ends with its key after a `#`
 *
 * Since: 1.1
 */
char *
plant_rpc_known_devices_lookup (PlantRpcKnownDevices  *self,
                                const char            *name,
                                GError               **error)
{
  g_autoptr (GPtrArray) devices = NULL;
  g_autofree char *shown = NULL;
  PlantRpcKnownDevice *device;

  g_return_val_if_fail (PLANT_RPC_IS_KNOWN_DEVICES (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  devices = load (self, error);
  if (devices == NULL)
    return NULL;
  device = find (devices, name, NULL);
  if (device != NULL && device->url != NULL)
    return g_strdup (device->url);
  shown = plant_rpc_text_show (name);
  if (device == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("No device “%s” is known"), shown);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 _("The key of “%s” cannot be understood"), shown);
  return NULL;
}

/**
 * plant_rpc_known_devices_list_names:
 * @self: the known devices
 * @error: return location for an error
 *
 * Lists the names of the devices that are known, in the order of the file.
 *
 * Errors are those of [method@KnownDevices.lookup] for a file that cannot be read.
 *
 * Returns: (transfer full): the names
 *
 * Since: 1.1
 */
char **
plant_rpc_known_devices_list_names (PlantRpcKnownDevices  *self,
                                    GError               **error)
{
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GHashTable) listed = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_return_val_if_fail (PLANT_RPC_IS_KNOWN_DEVICES (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  devices = load (self, error);
  for (guint i = 0; devices != NULL && i < devices->len; i++)
    {
      PlantRpcKnownDevice *device = g_ptr_array_index (devices, i);

      if (g_hash_table_add (listed, device->name))
        g_strv_builder_add (builder, device->name);
    }
  return devices != NULL ? g_strv_builder_end (builder) : NULL;
}

/**
 * plant_rpc_known_devices_check:
 * @self: the known devices
 * @name: the name of a device, as a registry lists it
 * @url: the URL of the device, as the registry lists it
 * @error: return location for an error
 *
 * Compares the key of a device in a list with the one that is known. A device that is not known and
 * has no key passes. The address makes no difference.
 *
 * Fails with %G_IO_ERROR_NOT_FOUND if the device has a key and is not known: then the program
 * decides, and may call [method@KnownDevices.remember]. Fails with %G_IO_ERROR_PERMISSION_DENIED if
 * the device is known with another key, or has none now: then nobody should connect until
 * [method@KnownDevices.forget] was called. The text of the error is for people. Other errors are
 * those of [method@KnownDevices.lookup] for a file that cannot be read, and
 * %PLANT_RPC_ERROR_INVALID_URL.
 *
 * Returns: whether a client may connect to @url
 *
 * Since: 1.1
 */
gboolean
plant_rpc_known_devices_check (PlantRpcKnownDevices  *self,
                               const char            *name,
                               const char            *url,
                               GError               **error)
{
  g_autoptr (PlantRpcEndpoint) endpoint = NULL;
  g_autoptr (GPtrArray) devices = NULL;
  PlantRpcKnownDevice *known;

  g_return_val_if_fail (PLANT_RPC_IS_KNOWN_DEVICES (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (url != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  endpoint = plant_rpc_endpoint_parse (url, error);
  devices = endpoint != NULL ? load (self, error) : NULL;
  if (devices == NULL)
    return FALSE;
  known = find (devices, name, endpoint->key);
  if (known == NULL && endpoint->key == NULL)
    return TRUE;
  if (known == NULL)
    return fail_for_unknown (name, url, endpoint->key, error);
  if (known->key != NULL && g_strcmp0 (known->key, endpoint->key) == 0)
    return TRUE;
  return fail_for_change (self, known, endpoint->key, error);
}

/* ---- changes */

typedef struct {
  PlantRpcKnownDevices *self;
  const char           *name;
  const char           *url;   /* (nullable): without the key */
  const char           *key;   /* (nullable) */
  gboolean              found;
} Change;

static gboolean
check_name (const char  *name,
            GError     **error)
{
  gboolean good = *name != '\0' && strnlen (name, MAX_NAME + 1) <= MAX_NAME &&
                  g_utf8_validate (name, -1, NULL);

  for (const char *at = name; good && *at != '\0'; at = g_utf8_next_char (at))
    good = !g_unichar_iscntrl (g_utf8_get_char (at));
  if (!good)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 _("The name of a device has 1 to %d bytes of UTF-8, and no control characters"),
                 MAX_NAME);
  return good;
}

static GString *
add_line (const char  *text,
          gpointer     user_data,
          GError     **error)
{
  Change *change = user_data;
  g_autoptr (GPtrArray) devices = plant_rpc_known_device_parse_all (text);
  PlantRpcKnownDevice *known = find (devices, change->name, change->key);
  g_autofree char *line = NULL;
  GString *changed;

  if (known != NULL && g_strcmp0 (known->key, change->key) != 0)
    {
      fail_for_change (change->self, known, change->key, error);
      return NULL;
    }
  changed = g_string_new (text);
  if (known != NULL)
    return changed;
  line = plant_rpc_known_device_print (change->name, change->url, change->key);
  if (changed->len > 0 && changed->str[changed->len - 1] != '\n')
    g_string_append_c (changed, '\n');
  g_string_append_printf (changed, "%s\n", line);
  return changed;
}

/**
 * plant_rpc_known_devices_remember:
 * @self: the known devices
 * @name: the name of a device
 * @url: the URL of the device, which ends with its key after a `#`
 * @error: return location for an error
 *
 * Remembers the key of a device. A device that is known with that key stays as it is in the file.
 *
 * Fails with %G_IO_ERROR_PERMISSION_DENIED if the device is known with another key, until
 * [method@KnownDevices.forget] was called; with %PLANT_RPC_ERROR_INVALID_URL, or
 * %G_IO_ERROR_INVALID_ARGUMENT if the URL has no key or the name is none; with %G_IO_ERROR_NO_SPACE
 * if the file has a mebibyte already; and with other errors of [type@Gio.IOErrorEnum] if the file
 * cannot be read or written.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.1
 */
gboolean
plant_rpc_known_devices_remember (PlantRpcKnownDevices  *self,
                                  const char            *name,
                                  const char            *url,
                                  GError               **error)
{
  g_autoptr (PlantRpcEndpoint) endpoint = NULL;
  g_autofree char *bare = NULL;
  Change change = { self, name, NULL, NULL, FALSE };

  g_return_val_if_fail (PLANT_RPC_IS_KNOWN_DEVICES (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (url != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_name (name, error) || !plant_rpc_endpoint_check_peer (url, error))
    return FALSE;
  endpoint = plant_rpc_endpoint_parse (url, error);
  if (endpoint->key == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   /* Translators: the address of a device */
                   _("“%s” has no key, which belongs at its end after a “#”"), url);
      return FALSE;
    }
  bare = plant_rpc_endpoint_strip_key (url);
  change.url = bare;
  change.key = endpoint->key;
  return plant_rpc_table_file_edit (self->path, MAX_SIZE, 0600, add_line, &change, error);
}

static gboolean
is_of_name (const char *line,
            gpointer    user_data)
{
  Change *change = user_data;
  g_autoptr (PlantRpcKnownDevice) device = plant_rpc_known_device_parse (line);

  if (device == NULL || !g_str_equal (device->name, change->name))
    return FALSE;
  change->found = TRUE;
  return TRUE;
}

static GString *
remove_line (const char  *text,
             gpointer     user_data,
             GError     **error)
{
  GString *changed = g_string_new (NULL);

  plant_rpc_table_file_copy_lines (changed, text, is_of_name, user_data);
  return changed;
}

/**
 * plant_rpc_known_devices_forget:
 * @self: the known devices
 * @name: the name of a device
 * @error: return location for an error
 *
 * Forgets a device, so that it may be listed with another key, or without one.
 *
 * Fails with %G_IO_ERROR_NOT_FOUND if no device of that name is known, and with other errors of
 * [type@Gio.IOErrorEnum] if the file cannot be read or written.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.1
 */
gboolean
plant_rpc_known_devices_forget (PlantRpcKnownDevices  *self,
                                const char            *name,
                                GError               **error)
{
  g_autofree char *shown = NULL;
  Change change = { self, name, NULL, NULL, FALSE };

  g_return_val_if_fail (PLANT_RPC_IS_KNOWN_DEVICES (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!plant_rpc_table_file_edit (self->path, MAX_SIZE, 0600, remove_line, &change, error))
    return FALSE;
  shown = plant_rpc_text_show (name);
  if (!change.found)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("No device “%s” is known"), shown);
  return change.found;
}
