/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-device-table-private.h"
#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-registry-message-private.h"

/* µs that a device stays after its time, since it must leave within a second after it */
#define GRACE (G_USEC_PER_SEC / 2)

/* If a search for a free number ends above this one, the table remembers where. */
#define LONG_SEARCH 16

/* What one network address has registered, or all addresses together. */
typedef struct {
  guint n_devices;
  gsize size; /* bytes of JSON */
} Share;

typedef struct {
  PlantRpcDeviceRecord *record; /* (owned) */
  gint64                deadline;
  gsize                 size;   /* bytes of JSON */
  char                 *peer;   /* (owned) (nullable): its network address, the key of its share */
  char                 *key;    /* (owned) (nullable): the public key that registered it */
} Entry;

struct _PlantRpcDeviceTable {
  PlantRpcDeviceTableFunc  func;
  gpointer                 owner;
  GPtrArray               *entries; /* (owned) (element-type Entry) */
  GHashTable              *by_uuid; /* (unowned): Entry by a member of its record */
  GHashTable              *by_name;
  GHashTable              *by_url;
  GHashTable              *taken;   /* (owned): number by name without its number; all numbers from
                                       1 to that one are taken */
  Share                    whole;
  GHashTable              *shares;  /* (owned): Share by network address */
  PlantRpcOwnedNames      *names;   /* (owned) (nullable): NULL at a registry without keys */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  plant_rpc_device_record_unref (entry->record);
  g_free (entry->peer);
  g_free (entry->key);
  g_free (entry);
}

PlantRpcDeviceTable *
plant_rpc_device_table_new (PlantRpcDeviceTableFunc func,
                            gpointer                owner)
{
  PlantRpcDeviceTable *self = g_new0 (PlantRpcDeviceTable, 1);

  self->func = func;
  self->owner = owner;
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  self->by_uuid = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_url = g_hash_table_new (g_str_hash, g_str_equal);
  self->taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->shares = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
plant_rpc_device_table_free (PlantRpcDeviceTable *self)
{
  g_hash_table_unref (self->by_uuid);
  g_hash_table_unref (self->by_name);
  g_hash_table_unref (self->by_url);
  g_hash_table_unref (self->taken);
  g_hash_table_unref (self->shares);
  g_ptr_array_unref (self->entries);
  g_clear_pointer (&self->names, plant_rpc_owned_names_free);
  g_free (self);
}

void
plant_rpc_device_table_set_names (PlantRpcDeviceTable *self,
                                  PlantRpcOwnedNames  *names)
{
  self->names = names;
}

/* ---- texts */

/* Returns TRUE if C changes the direction of the text around it, which makes a name look like
 * another. */
static gboolean
is_direction (gunichar c)
{
  return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

static gboolean
is_shown (const char *text)
{
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      /* U+2028 is the line separator, U+2029 the paragraph separator. */
      if (g_unichar_iscntrl (c) || is_direction (c) || c == 0x2028 || c == 0x2029)
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_text (const char  *what,
            const char  *text,
            GError     **error)
{
  if (strlen (text) > PLANT_RPC_MAX_REGISTRY_TEXT)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                                 "The %s of the device has %zu bytes, more than %d", what,
                                 strlen (text), PLANT_RPC_MAX_REGISTRY_TEXT);
  if (!g_utf8_validate (text, -1, NULL) || !is_shown (text))
    return plant_rpc_error_fail (
        error, PLANT_RPC_ERROR_PROTOCOL,
        "The %s of the device is not UTF-8, or has control characters, line separators "
        "or characters that change the direction of text", what);
  return TRUE;
}

static gboolean
check_candidate (const PlantRpcCandidate  *self,
                 GError                  **error)
{
  g_autoptr (PlantRpcEndpoint) endpoint = NULL;

  if (*self->device_type == '\0')
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_PROTOCOL,
                                 "The type of the device is empty");
  if (!check_text ("type", self->device_type, error) ||
      !check_text ("name", self->name, error) ||
      !check_text ("address", self->url, error))
    return FALSE;
  endpoint = plant_rpc_endpoint_parse (self->url, error);
  return endpoint != NULL;
}

/* ---- names */

/* NAME is about to become free, so a later search must find its number again. */
static void
note_free (PlantRpcDeviceTable *self,
           const char          *name)
{
  const char *dash = strrchr (name, '-');
  g_autofree char *stem = dash != NULL ? g_strndup (name, (gsize) (dash - name)) : NULL;
  guint64 number;

  if (stem == NULL || !g_ascii_string_to_unsigned (dash + 1, 10, 1, G_MAXUINT, &number, NULL) ||
      number >= GPOINTER_TO_UINT (g_hash_table_lookup (self->taken, stem)))
    return;
  if (number > LONG_SEARCH)
    g_hash_table_replace (self->taken, g_steal_pointer (&stem), GUINT_TO_POINTER ((guint) number));
  else
    g_hash_table_remove (self->taken, stem);
}

static gboolean
is_of_another (PlantRpcDeviceTable     *self,
               const PlantRpcCandidate *candidate,
               const char              *name)
{
  return self->names != NULL &&
         plant_rpc_owned_names_is_taken (self->names, name, candidate->key);
}

/* LEAVING has two devices, or NULL, that are removed when the candidate is listed. */
static gboolean
is_free (PlantRpcDeviceTable     *self,
         const PlantRpcCandidate *candidate,
         const char              *name,
         Entry *const            *leaving)
{
  Entry *entry = g_hash_table_lookup (self->by_name, name);

  return (entry == NULL || entry == leaving[0] || entry == leaving[1]) &&
         !is_of_another (self, candidate, name);
}

static char *
choose_name (PlantRpcDeviceTable     *self,
             const PlantRpcCandidate *candidate,
             Entry *const            *leaving)
{
  const char *stem = *candidate->name != '\0' ? candidate->name : candidate->device_type;
  g_autofree char *name =
      *candidate->name != '\0' ? g_strdup (stem) : g_strdup_printf ("%s-0", stem);
  guint number = MAX (GPOINTER_TO_UINT (g_hash_table_lookup (self->taken, stem)), 1);

  if (is_free (self, candidate, name, leaving))
    return g_steal_pointer (&name);
  for (;; number++)
    {
      g_free (name);
      name = g_strdup_printf ("%s-%u", stem, number);
      if (is_free (self, candidate, name, leaving))
        break;
    }
  if (number > LONG_SEARCH)
    g_hash_table_replace (self->taken, g_strdup (stem), GUINT_TO_POINTER (number));
  return g_steal_pointer (&name);
}

/* ---- shares */

static Share *
find_share (PlantRpcDeviceTable *self,
            const char          *peer)
{
  return peer != NULL ? g_hash_table_lookup (self->shares, peer) : NULL;
}

static void
enter_share (PlantRpcDeviceTable *self,
             const Entry         *entry)
{
  Share *share = find_share (self, entry->peer);

  if (entry->peer != NULL && share == NULL)
    {
      share = g_new0 (Share, 1);
      g_hash_table_insert (self->shares, g_strdup (entry->peer), share);
    }
  for (Share *each = &self->whole; each != NULL; each = each == share ? NULL : share)
    {
      each->n_devices++;
      each->size += entry->size;
    }
}

static void
leave_share (PlantRpcDeviceTable *self,
             const Entry         *entry)
{
  Share *share = find_share (self, entry->peer);

  for (Share *each = &self->whole; each != NULL; each = each == share ? NULL : share)
    {
      each->n_devices--;
      each->size -= entry->size;
    }
  if (share != NULL && share->n_devices == 0)
    g_hash_table_remove (self->shares, entry->peer);
}

/* Checks that the list, and the share of one network address in it, have room. */
static gboolean
check_room (PlantRpcDeviceTable  *self,
            const Entry          *entry,
            GError              **error)
{
  const Share none = { 0 };
  const Share *share = find_share (self, entry->peer);

  if (share == NULL)
    share = &none;
  if (self->whole.n_devices >= PLANT_RPC_MAX_DEVICES)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                                 "The registry has %d devices already, and takes no more",
                                 PLANT_RPC_MAX_DEVICES);
  if (self->whole.size + entry->size > PLANT_RPC_MAX_DEVICE_LIST)
    return plant_rpc_error_fail (
        error, PLANT_RPC_ERROR_LIMIT,
        "The texts of the devices in the registry take too many bytes already");
  if (entry->peer != NULL && share->n_devices >= PLANT_RPC_MAX_DEVICES_OF_PEER)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                                 "The registry has %d devices from %s already, and takes no more",
                                 PLANT_RPC_MAX_DEVICES_OF_PEER, entry->peer);
  if (entry->peer != NULL && share->size + entry->size > PLANT_RPC_MAX_DEVICE_LIST_OF_PEER)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                                 "The texts of the devices from %s take too many bytes already",
                                 entry->peer);
  return TRUE;
}

/* ---- entries */

static void
add_entry (PlantRpcDeviceTable *self,
           Entry               *entry)
{
  g_ptr_array_add (self->entries, entry);
  g_hash_table_insert (self->by_uuid, entry->record->uuid, entry);
  g_hash_table_insert (self->by_name, entry->record->name, entry);
  g_hash_table_insert (self->by_url, entry->record->url, entry);
  enter_share (self, entry);
  self->func (self->owner, entry->record, TRUE);
}

static void
remove_entry (PlantRpcDeviceTable *self,
              Entry               *entry)
{
  g_autoptr (PlantRpcDeviceRecord) record = plant_rpc_device_record_ref (entry->record);

  note_free (self, record->name);
  leave_share (self, entry);
  g_hash_table_remove (self->by_uuid, record->uuid);
  g_hash_table_remove (self->by_name, record->name);
  g_hash_table_remove (self->by_url, record->url);
  g_ptr_array_remove (self->entries, entry);
  self->func (self->owner, record, FALSE);
}

static Entry *
new_entry (const PlantRpcCandidate *candidate,
           const char              *name,
           gint64                   now)
{
  Entry *entry = g_new0 (Entry, 1);
  g_autofree char *uuid = g_uuid_string_random ();

  entry->record = plant_rpc_device_record_new (candidate->device_type, name, candidate->url, uuid,
                                               now);
  entry->record->written = plant_rpc_registry_write_record (entry->record);
  entry->size = strlen (entry->record->written) + PLANT_RPC_REGISTRY_AGE_SIZE;
  entry->deadline = now + PLANT_RPC_ALIVE_TIMEOUT + GRACE;
  entry->peer = g_strdup (candidate->peer);
  entry->key = g_strdup (candidate->key);
  return entry;
}

/* Checks that ENTRY may be listed after LEAVING have been removed. */
static gboolean
check_entry (PlantRpcDeviceTable  *self,
             const Entry          *entry,
             Entry *const         *leaving,
             GError              **error)
{
  gboolean fits;

  if (!check_text ("name", entry->record->name, error))
    return FALSE;
  for (guint i = 0; i < 2; i++)
    {
      if (leaving[i] != NULL)
        leave_share (self, leaving[i]);
    }
  fits = check_room (self, entry, error);
  for (guint i = 0; i < 2; i++)
    {
      if (leaving[i] != NULL)
        enter_share (self, leaving[i]);
    }
  return fits;
}

/* ---- what belongs to keys */

/* A device lists no other key than its own, so that nobody leads clients to a key that is not
 * his. */
static gboolean
check_key (const PlantRpcCandidate  *candidate,
           GError                  **error)
{
  g_autoptr (PlantRpcEndpoint) endpoint = plant_rpc_endpoint_parse (candidate->url, error);

  if (endpoint == NULL)
    return FALSE;
  if (endpoint->key == NULL || g_str_equal (endpoint->key, candidate->key) ||
      candidate->administrator)
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_REFUSED,
                               "The key in the address of the device is not the key that "
                               "registers it");
}

/* AT_ADDRESS is the device that is listed at the address of the candidate, or NULL. */
static gboolean
check_owner (PlantRpcDeviceTable      *self,
             const PlantRpcCandidate  *candidate,
             const Entry              *at_address,
             GError                  **error)
{
  if (self->names == NULL)
    return TRUE;
  if (!check_key (candidate, error) || !plant_rpc_owned_names_refresh (self->names, error))
    return FALSE;
  if (*candidate->name != '\0' && is_of_another (self, candidate, candidate->name))
    return plant_rpc_owned_names_claim (self->names, candidate->name, candidate->key, error);
  if (at_address == NULL || g_strcmp0 (at_address->key, candidate->key) == 0 ||
      candidate->administrator)
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_REFUSED,
                               "Another key has registered “%s” at this address",
                               at_address->record->name);
}

PlantRpcDeviceRecord *
plant_rpc_device_table_register (PlantRpcDeviceTable      *self,
                                 const PlantRpcCandidate  *candidate,
                                 gint64                    now,
                                 GError                  **error)
{
  Entry *leaving[2] = {
    g_hash_table_lookup (self->by_url, candidate->url),
    candidate->overwrite ? g_hash_table_lookup (self->by_name, candidate->name) : NULL,
  };
  g_autofree char *name = NULL;
  Entry *entry;

  if (!check_candidate (candidate, error) || !check_owner (self, candidate, leaving[0], error))
    return NULL;
  if (leaving[1] == leaving[0])
    leaving[1] = NULL;
  if (leaving[0] != NULL)
    note_free (self, leaving[0]->record->name);
  name = choose_name (self, candidate, leaving);
  entry = new_entry (candidate, name, now);
  if (!check_entry (self, entry, leaving, error) ||
      (self->names != NULL &&
       !plant_rpc_owned_names_claim (self->names, name, candidate->key, error)))
    {
      entry_free (entry);
      return NULL;
    }
  for (guint i = 0; i < G_N_ELEMENTS (leaving); i++)
    {
      if (leaving[i] != NULL)
        remove_entry (self, leaving[i]);
    }
  add_entry (self, entry);
  return entry->record;
}

gboolean
plant_rpc_device_table_unregister (PlantRpcDeviceTable *self,
                                   const char          *uuid)
{
  Entry *entry = g_hash_table_lookup (self->by_uuid, uuid);

  if (entry == NULL)
    return FALSE;
  remove_entry (self, entry);
  return TRUE;
}

gboolean
plant_rpc_device_table_touch (PlantRpcDeviceTable *self,
                              const char          *uuid,
                              gint64               alive_timeout,
                              gint64               now)
{
  Entry *entry = g_hash_table_lookup (self->by_uuid, uuid);

  if (entry == NULL)
    return FALSE;
  entry->deadline = now + MAX (alive_timeout, 0) + GRACE;
  atomic_store (&entry->record->last_seen, now);
  return TRUE;
}

const char *
plant_rpc_device_table_get_key (PlantRpcDeviceTable *self,
                                const char          *uuid)
{
  Entry *entry = g_hash_table_lookup (self->by_uuid, uuid);

  return entry != NULL ? entry->key : NULL;
}

static gboolean
is_of_key (const Entry   *entry,
           gconstpointer  key)
{
  return g_strcmp0 (entry->key, key) == 0;
}

static gboolean
is_over (const Entry   *entry,
         gconstpointer  now)
{
  return entry->deadline <= *(const gint64 *) now;
}

static void
remove_those (PlantRpcDeviceTable *self,
              gboolean           (*leaves) (const Entry   *entry,
                                            gconstpointer  data),
              gconstpointer        data)
{
  guint i = 0;

  while (i < self->entries->len)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);

      if (leaves (entry, data))
        remove_entry (self, entry);
      else
        i++;
    }
}

void
plant_rpc_device_table_remove_key (PlantRpcDeviceTable *self,
                                   const char          *key)
{
  remove_those (self, is_of_key, key);
}

void
plant_rpc_device_table_expire (PlantRpcDeviceTable *self,
                               gint64               now)
{
  remove_those (self, is_over, &now);
}

GPtrArray *
plant_rpc_device_table_list (PlantRpcDeviceTable *self)
{
  GPtrArray *records = g_ptr_array_new_full (
      self->entries->len, (GDestroyNotify) plant_rpc_device_record_unref);

  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);

      g_ptr_array_add (records, plant_rpc_device_record_ref (entry->record));
    }
  return records;
}
