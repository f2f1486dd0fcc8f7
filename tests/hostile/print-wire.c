/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-json-private.h"
#include "plant-rpc-request-private.h"

/* Prints each request of the wires as one JSON line, from the table by which the library reads
 * requests: its name in JSON, its kind and type on the native wire, and an example on each wire
 * with every member that a request can have. A program that changes the members one by one then
 * also covers requests that are added to the table later. */

static void
fill (PlantRpcRequest *request)
{
  request->name = g_strdup ("level");
  request->args = g_variant_ref_sink (g_variant_new_parsed ("[<1>, <'a'>]"));
  request->kwargs = g_variant_ref_sink (g_variant_new_parsed ("{'b': <2.5>}"));
  request->value = g_variant_ref_sink (g_variant_new_int32 (7));
  request->address = g_strdup ("127.0.0.1");
  request->port = 9;
  request->number = 1;
  request->native_version = PLANT_RPC_NATIVE_VERSION;
}

/* The library never sends FIND_PEER_ADDRESS, so it is written here. It has no members. */
static GBytes *
pack (PlantRpcEvent  event,
      PlantRpcFormat format)
{
  g_auto (PlantRpcRequest) request = { .event = event, .format = format };
  g_autoptr (GError) error = NULL;
  GBytes *payload;

  if (event == PLANT_RPC_EVENT_FIND_PEER_ADDRESS)
    return g_bytes_new_static ("{\"event\":\"FIND_PEER_ADDRESS\"}", 29);
  fill (&request);
  payload = plant_rpc_request_pack (&request, &error);
  g_assert_no_error (error);
  return payload;
}

static void
add_example (GVariantBuilder *line,
             const char      *member,
             PlantRpcEvent    event,
             PlantRpcFormat   format)
{
  g_autoptr (GBytes) payload = pack (event, format);
  gsize size;
  const guint8 *data = g_bytes_get_data (payload, &size);
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", data[i]);
  g_variant_builder_add (line, "{sv}", member, g_variant_new_string (text->str));
}

static void
print_event (PlantRpcEvent  event,
             const char    *json_name,
             guint8         kind,
             const char    *native_type)
{
  g_autoptr (GVariant) object = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  GVariantBuilder line;

  g_variant_builder_init (&line, G_VARIANT_TYPE_VARDICT);
  if (json_name != NULL)
    {
      g_variant_builder_add (&line, "{sv}", "name", g_variant_new_string (json_name));
      add_example (&line, "json", event, PLANT_RPC_FORMAT_JSON);
    }
  if (native_type != NULL)
    {
      g_variant_builder_add (&line, "{sv}", "kind", g_variant_new_int64 (kind));
      g_variant_builder_add (&line, "{sv}", "type", g_variant_new_string (native_type));
      add_example (&line, "native", event, PLANT_RPC_FORMAT_NATIVE);
    }
  object = g_variant_ref_sink (g_variant_builder_end (&line));
  g_assert_true (plant_rpc_json_write (object, text, NULL));
  g_print ("%s\n", text->str);
}

int
main (void)
{
  for (guint event = 0; event < PLANT_RPC_N_EVENTS; event++)
    print_event (event, plant_rpc_event_forms[event].json_name, plant_rpc_event_forms[event].kind,
                 plant_rpc_event_forms[event].native_type);
  return 0;
}
