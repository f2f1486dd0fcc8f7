/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-message-private.h"
#include "plant-rpc-object-private.h"
#include "plant-rpc-registry-message-private.h"
#include "plant-rpc-text-private.h"
#include "plant-rpc-value-basic-private.h"
#include "plant-rpc-value-private.h"

#define DEFAULT_TIMEOUT 20.0 /* s */
#define MAX_AGE         1e9  /* s */

static const char *const event_names[] = {
  [PLANT_RPC_REGISTRY_UNKNOWN] = NULL,
  [PLANT_RPC_REGISTRY_REGISTER] = "REGISTER",
  [PLANT_RPC_REGISTRY_UNREGISTER] = "UNREGISTER",
  [PLANT_RPC_REGISTRY_CHECK_ALIVE] = "CHECK_ALIVE",
  [PLANT_RPC_REGISTRY_LIST] = "LIST",
  [PLANT_RPC_REGISTRY_WATCH] = "WATCH",
};

static const char *const reply_names[] = {
  [PLANT_RPC_REGISTRY_ACK] = "ACK",
  [PLANT_RPC_REGISTRY_REGISTER_ACK] = "REGISTER_ACK",
  [PLANT_RPC_REGISTRY_UNSUPPORTED] = "UNSUPPORTED",
  [PLANT_RPC_REGISTRY_DEVICES] = "DEVICES",
  [PLANT_RPC_REGISTRY_DEVICE_ADDED] = "DEVICE_ADDED",
  [PLANT_RPC_REGISTRY_DEVICE_REMOVED] = "DEVICE_REMOVED",
};

/* ---- writing and reading members */

static void
add_text (GVariantDict *object,
          const char   *key,
          const char   *text)
{
  g_variant_dict_insert (object, key, "s", text != NULL ? text : "");
}

/* Takes the contents of PAYLOAD. */
static GBytes *
pack (const char   *event,
      GVariantDict *payload)
{
  GVariantDict object;

  g_variant_dict_init (&object, NULL);
  g_variant_dict_insert (&object, "event", "s", event);
  g_variant_dict_insert_value (&object, "payload", g_variant_dict_end (payload));
  /* This cannot fail, since the message is not nested deeply. */
  return plant_rpc_object_pack (g_variant_dict_end (&object), NULL);
}

static gboolean
read_text (GVariant    *object,
           const char  *key,
           char       **text,
           GError     **error)
{
  g_autoptr (GVariant) value = plant_rpc_object_get_member (object, key, "s", error);

  if (value == NULL)
    return FALSE;
  if (g_variant_get_size (value) > PLANT_RPC_MAX_REGISTRY_TEXT + 1)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                                 _("The member “%s” of the message is too long"), key);
  *text = g_variant_dup_string (value, NULL);
  return TRUE;
}

/* Plant Imager's device servers give the port twice. */
static char *
repair_url (const char *url)
{
  g_autoptr (PlantRpcEndpoint) endpoint = plant_rpc_endpoint_parse (url, NULL);

  return endpoint != NULL ? plant_rpc_endpoint_print_whole (endpoint, endpoint->host, 0)
                          : g_strdup (url);
}

/* ---- requests */

void
plant_rpc_registry_request_clear (PlantRpcRegistryRequest *self)
{
  g_clear_pointer (&self->sent, g_variant_unref);
  g_clear_pointer (&self->device_type, g_free);
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->uuid, g_free);
}

GBytes *
plant_rpc_registry_request_pack (const PlantRpcRegistryRequest *self)
{
  GVariantDict payload;

  g_variant_dict_init (&payload, NULL);
  switch (self->event)
    {
    case PLANT_RPC_REGISTRY_REGISTER:
      add_text (&payload, "device_type", self->device_type);
      add_text (&payload, "addr", self->url);
      add_text (&payload, "name", self->name);
      g_variant_dict_insert (&payload, "overwrite", "b", self->overwrite);
      break;
    case PLANT_RPC_REGISTRY_CHECK_ALIVE:
      add_text (&payload, "uuid", self->uuid);
      g_variant_dict_insert (&payload, "alive_timeout", "x", self->alive_timeout / G_USEC_PER_SEC);
      break;
    case PLANT_RPC_REGISTRY_UNREGISTER:
      add_text (&payload, "uuid", self->uuid);
      break;
    case PLANT_RPC_REGISTRY_UNKNOWN:
    case PLANT_RPC_REGISTRY_LIST:
    case PLANT_RPC_REGISTRY_WATCH:
    default:
      break;
    }
  return pack (event_names[self->event], &payload);
}

static gboolean
read_registration (PlantRpcRegistryRequest  *self,
                   GVariant                 *payload,
                   GError                  **error)
{
  g_autoptr (GVariant) name = g_variant_lookup_value (payload, "name", NULL);
  g_autoptr (GVariant) overwrite = g_variant_lookup_value (payload, "overwrite", NULL);
  g_autofree char *url = NULL;

  if (!read_text (payload, "device_type", &self->device_type, error) ||
      !read_text (payload, "addr", &url, error))
    return FALSE;
  if (name != NULL && plant_rpc_value_is_nothing (name))
    self->name = g_strdup ("");
  else if (!read_text (payload, "name", &self->name, error))
    return FALSE;
  self->url = repair_url (url);
  self->overwrite = overwrite != NULL && plant_rpc_message_is_true (overwrite);
  return TRUE;
}

static gboolean
read_alive_timeout (PlantRpcRegistryRequest  *self,
                    GVariant                 *payload,
                    GError                  **error)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (payload, "alive_timeout", NULL);
  g_autoptr (GVariant) number = NULL;
  double seconds = DEFAULT_TIMEOUT;

  if (value != NULL && strchr ("mxtdb", *g_variant_get_type_string (value)) == NULL)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_PROTOCOL,
                                 _("The member “%s” of the message has the wrong type"),
                                 "alive_timeout");
  if (value != NULL && !plant_rpc_value_is_nothing (value))
    number = plant_rpc_value_coerce (value, "d", NULL);
  if (number != NULL && !isnan (g_variant_get_double (number)))
    seconds = g_variant_get_double (number);
  seconds = CLAMP (seconds, 0, PLANT_RPC_MAX_ALIVE_TIMEOUT_S);
  self->alive_timeout = (gint64) (seconds * G_USEC_PER_SEC);
  return TRUE;
}

static gboolean
read_payload (PlantRpcRegistryRequest  *self,
              const PlantRpcObject     *object,
              GError                  **error)
{
  g_autoptr (GVariant) payload = NULL;

  if (self->event == PLANT_RPC_REGISTRY_UNKNOWN)
    return TRUE;
  payload = plant_rpc_object_get (object, "payload", "a{sv}", error);
  if (payload == NULL)
    return FALSE;
  switch (self->event)
    {
    case PLANT_RPC_REGISTRY_REGISTER:
      return read_registration (self, payload, error);
    case PLANT_RPC_REGISTRY_UNREGISTER:
      return read_text (payload, "uuid", &self->uuid, error);
    case PLANT_RPC_REGISTRY_CHECK_ALIVE:
      return read_text (payload, "uuid", &self->uuid, error) &&
             read_alive_timeout (self, payload, error);
    case PLANT_RPC_REGISTRY_UNKNOWN:
    case PLANT_RPC_REGISTRY_LIST:
    case PLANT_RPC_REGISTRY_WATCH:
    default:
      return TRUE;
    }
}

/* An event can be any JSON value. Only a part of a long string is sent back. An array or object can
 * be nested as deep as a message can, so null is sent back for it. */
static GVariant *
bound_event (GVariant *event)
{
  g_autofree char *text = NULL;

  if (g_variant_is_of_type (event, G_VARIANT_TYPE_ARRAY))
    return g_variant_ref_sink (g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL));
  if (!g_variant_is_of_type (event, G_VARIANT_TYPE_STRING))
    return g_variant_ref (event);
  text = plant_rpc_text_shorten (g_variant_get_string (event, NULL), PLANT_RPC_MAX_REGISTRY_TEXT);
  return g_variant_ref_sink (g_variant_new_string (text));
}

gboolean
plant_rpc_registry_request_unpack (PlantRpcRegistryRequest  *self,
                                   GBytes                   *payload,
                                   GError                  **error)
{
  g_autoptr (GVariant) event = NULL;
  PlantRpcObject object;

  self->event = PLANT_RPC_REGISTRY_UNKNOWN;
  if (g_bytes_get_size (payload) > PLANT_RPC_MAX_REGISTRY_REQUEST)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                                 "The request has %zu bytes, more than %d",
                                 g_bytes_get_size (payload), PLANT_RPC_MAX_REGISTRY_REQUEST);
  if (!plant_rpc_object_unpack (payload, &object, error))
    return FALSE;
  event = plant_rpc_object_get (&object, "event", "", error);
  if (event == NULL)
    return FALSE;
  self->sent = bound_event (event);
  for (guint i = 1;
       i < G_N_ELEMENTS (event_names) && g_variant_is_of_type (self->sent, G_VARIANT_TYPE_STRING);
       i++)
    {
      if (g_str_equal (event_names[i], g_variant_get_string (self->sent, NULL)))
        self->event = i;
    }
  return read_payload (self, &object, error);
}

/* ---- replies */

void
plant_rpc_registry_reply_clear (PlantRpcRegistryReply *self)
{
  g_clear_pointer (&self->sent, g_variant_unref);
  g_clear_pointer (&self->error, g_free);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->uuid, g_free);
  g_clear_pointer (&self->records, g_ptr_array_unref);
}

char *
plant_rpc_registry_write_record (const PlantRpcDeviceRecord *record)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GVariant) value = NULL;
  GVariantDict device;

  g_variant_dict_init (&device, NULL);
  add_text (&device, "name", record->name);
  add_text (&device, "device_type", record->device_type);
  add_text (&device, "addr", record->url);
  add_text (&device, "uuid", record->uuid);
  value = g_variant_ref_sink (g_variant_dict_end (&device));
  /* A device record is too flat for the writer to fail. */
  plant_rpc_json_write (value, text, NULL);
  g_string_truncate (text, text->len - 1);
  g_string_append (text, ",\"age\":");
  return g_string_free (text, FALSE);
}

static void
append_record (GString                    *out,
               const PlantRpcDeviceRecord *record,
               gint64                      now)
{
  g_autofree char *own =
      record->written == NULL ? plant_rpc_registry_write_record (record) : NULL;
  double age = (double) (now - atomic_load (&record->last_seen)) / G_USEC_PER_SEC;
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (out, own != NULL ? own : record->written);
  g_string_append (out, g_ascii_formatd (text, sizeof text, "%.6f", MIN (age, MAX_AGE)));
  g_string_append_c (out, '}');
}

/* The list is written without GVariants, since there may be many devices. */
static GBytes *
pack_records (const PlantRpcRegistryReply *self)
{
  gint64 now = g_get_monotonic_time ();
  GString *out = g_string_new (NULL);

  g_string_printf (out, "{\"event\":\"%s\",\"payload\":{\"serial\":%" G_GINT64_FORMAT
                        ",\"devices\":[", reply_names[self->type], self->serial);
  for (guint i = 0; i < self->records->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      append_record (out, g_ptr_array_index (self->records, i), now);
    }
  g_string_append (out, "]}}");
  return g_string_free_to_bytes (out);
}

static void
add_sent (GVariantDict *payload,
          GVariant     *sent)
{
  g_variant_dict_insert_value (
      payload, "req_event",
      sent != NULL ? sent : g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL));
}

GBytes *
plant_rpc_registry_reply_pack (const PlantRpcRegistryReply *self)
{
  GVariantDict payload;

  if (self->type == PLANT_RPC_REGISTRY_DEVICES || self->type == PLANT_RPC_REGISTRY_DEVICE_ADDED)
    return pack_records (self);
  g_variant_dict_init (&payload, NULL);
  switch (self->type)
    {
    case PLANT_RPC_REGISTRY_ACK:
      add_sent (&payload, self->sent);
      g_variant_dict_insert (&payload, "success", "b", self->success);
      if (self->error != NULL)
        add_text (&payload, "error", self->error);
      break;
    case PLANT_RPC_REGISTRY_REGISTER_ACK:
      add_text (&payload, "name", self->name);
      add_text (&payload, "uuid", self->uuid);
      break;
    case PLANT_RPC_REGISTRY_UNSUPPORTED:
      add_sent (&payload, self->sent);
      break;
    case PLANT_RPC_REGISTRY_DEVICE_REMOVED:
      g_variant_dict_insert (&payload, "serial", "x", self->serial);
      add_text (&payload, "uuid", self->uuid);
      break;
    case PLANT_RPC_REGISTRY_DEVICES:
    case PLANT_RPC_REGISTRY_DEVICE_ADDED:
    default:
      break;
    }
  return pack (reply_names[self->type], &payload);
}

static double
read_age (GVariant *device)
{
  g_autoptr (GVariant) age = g_variant_lookup_value (device, "age", NULL);

  if (age != NULL && g_variant_is_of_type (age, G_VARIANT_TYPE_DOUBLE) &&
      isfinite (g_variant_get_double (age)))
    return g_variant_get_double (age);
  if (age != NULL && g_variant_is_of_type (age, G_VARIANT_TYPE_INT64))
    return (double) g_variant_get_int64 (age);
  return 0;
}

static PlantRpcDeviceRecord *
read_record (GVariant  *device,
             gint64     now,
             GError   **error)
{
  g_autofree char *name = NULL, *device_type = NULL, *addr = NULL, *uuid = NULL, *url = NULL;

  if (!g_variant_is_of_type (device, G_VARIANT_TYPE_VARDICT))
    return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_PROTOCOL,
                                      _("A device of the list is no JSON object"));
  if (!read_text (device, "name", &name, error) ||
      !read_text (device, "device_type", &device_type, error) ||
      !read_text (device, "addr", &addr, error) || !read_text (device, "uuid", &uuid, error))
    return NULL;
  url = repair_url (addr);
  return plant_rpc_device_record_new (
      device_type, name, url, uuid,
      now - (gint64) (CLAMP (read_age (device), 0, MAX_AGE) * G_USEC_PER_SEC));
}

/* A device that cannot be read is skipped, so that the others are read. */
static gboolean
read_records (PlantRpcRegistryReply  *self,
              GVariant               *payload,
              GError                **error)
{
  g_autoptr (GVariant) devices = plant_rpc_object_get_member (payload, "devices", "av", error);
  gint64 now = g_get_monotonic_time ();
  gsize n_devices = devices != NULL ? g_variant_n_children (devices) : 0;

  if (devices == NULL)
    return FALSE;
  self->records = g_ptr_array_new_with_free_func ((GDestroyNotify) plant_rpc_device_record_unref);
  for (gsize i = 0; i < n_devices && self->records->len < PLANT_RPC_MAX_DEVICES; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (devices, i);
      g_autoptr (GVariant) device = g_variant_get_variant (child);
      g_autoptr (GError) reason = NULL;
      PlantRpcDeviceRecord *record = read_record (device, now, &reason);

      if (record != NULL)
        g_ptr_array_add (self->records, record);
      else
        plant_rpc_debug ("Device %zu of the list is passed over: %s", i, reason->message);
    }
  return TRUE;
}

static gboolean
read_serial (PlantRpcRegistryReply  *self,
             GVariant               *payload,
             GError                **error)
{
  g_autoptr (GVariant) serial = plant_rpc_object_get_member (payload, "serial", "x", error);

  if (serial == NULL)
    return FALSE;
  self->serial = g_variant_get_int64 (serial);
  return TRUE;
}

static gboolean
read_reply (PlantRpcRegistryReply  *self,
            GVariant               *payload,
            GError                **error)
{
  g_autoptr (GVariant) success = NULL;

  self->sent = g_variant_lookup_value (payload, "req_event", NULL);
  switch (self->type)
    {
    case PLANT_RPC_REGISTRY_ACK:
      success = g_variant_lookup_value (payload, "success", NULL);
      self->success = success != NULL && plant_rpc_message_is_true (success);
      g_variant_lookup (payload, "error", "s", &self->error);
      return TRUE;
    case PLANT_RPC_REGISTRY_REGISTER_ACK:
      return read_text (payload, "name", &self->name, error) &&
             read_text (payload, "uuid", &self->uuid, error);
    case PLANT_RPC_REGISTRY_DEVICES:
    case PLANT_RPC_REGISTRY_DEVICE_ADDED:
      return read_serial (self, payload, error) && read_records (self, payload, error);
    case PLANT_RPC_REGISTRY_DEVICE_REMOVED:
      return read_serial (self, payload, error) && read_text (payload, "uuid", &self->uuid, error);
    case PLANT_RPC_REGISTRY_UNSUPPORTED:
    default:
      return TRUE;
    }
}

gboolean
plant_rpc_registry_reply_unpack (PlantRpcRegistryReply  *self,
                                 GBytes                 *payload,
                                 GError                **error)
{
  g_autofree char *event = NULL;
  g_autoptr (GVariant) members = NULL;
  PlantRpcObject object;

  if (!plant_rpc_object_unpack (payload, &object, error))
    return FALSE;
  event = plant_rpc_object_dup_string (&object, "event", error);
  members = event != NULL ? plant_rpc_object_get (&object, "payload", "a{sv}", error) : NULL;
  if (members == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (reply_names); i++)
    {
      if (!g_str_equal (reply_names[i], event))
        continue;
      self->type = i;
      return read_reply (self, members, error);
    }
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_PROTOCOL,
                               _("This is no reply of a registry"));
}
