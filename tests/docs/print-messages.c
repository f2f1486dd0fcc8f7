/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "plant-rpc-bundle-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-registry-message-private.h"
#include "plant-rpc-reply-private.h"
#include "plant-rpc-request-private.h"

/* Prints the messages that the pages about the wires show: JSON as it is, the rest in hexadecimal.
 * A name stands before each, as “== name”. */

static void
print_row (const guint8 *data,
           gsize         offset,
           gsize         size)
{
  g_print ("%04zx ", offset);
  for (gsize i = 0; i < 16; i++)
    {
      if (i < size)
        g_print (" %02x", data[offset + i]);
      else
        g_print ("   ");
    }
  g_print ("  ");
  for (gsize i = 0; i < size; i++)
    g_print ("%c", g_ascii_isprint (data[offset + i]) ? data[offset + i] : '.');
  g_print ("\n");
}

/* PAYLOAD is taken over. */
static void
print_payload (const char *name,
               GBytes     *payload)
{
  g_autoptr (GBytes) owned = payload;
  gsize size;
  const guint8 *data = g_bytes_get_data (owned, &size);

  g_print ("== %s\n", name);
  if (plant_rpc_message_get_format (owned) == PLANT_RPC_FORMAT_JSON)
    {
      g_print ("%.*s\n", (int) size, (const char *) data);
      return;
    }
  for (gsize offset = 0; offset < size; offset += 16)
    print_row (data, offset, MIN (size - offset, 16));
}

static void
print_request (const char            *name,
               const PlantRpcRequest *request)
{
  g_autoptr (GError) error = NULL;
  GBytes *payload = plant_rpc_request_pack (request, &error);

  g_assert_no_error (error);
  print_payload (name, payload);
}

static void
print_reply (const char          *name,
             PlantRpcFormat       format,
             PlantRpcEvent        event,
             const PlantRpcReply *reply)
{
  g_autoptr (GError) error = NULL;
  GBytes *payload = plant_rpc_reply_pack (reply, format, event, &error);

  g_assert_no_error (error);
  print_payload (name, payload);
}

static void
print_emission (const char             *name,
                PlantRpcFormat          format,
                const PlantRpcEmission *emission)
{
  g_autoptr (GError) error = NULL;
  GBytes *payload = plant_rpc_emission_pack (emission, format, &error);

  g_assert_no_error (error);
  print_payload (name, payload);
}

static GVariant *
make (const char *text)
{
  return g_variant_ref_sink (g_variant_new_parsed (text));
}

static void
print_requests (PlantRpcFormat format,
                const char    *prefix)
{
  g_autoptr (GVariant) args = make ("[<true>]");
  g_autoptr (GVariant) rotation = make ("int32 90");
  const struct {
    const char      *name;
    PlantRpcRequest  request;
  } requests[] = {
    { "call",
      { .event = PLANT_RPC_EVENT_METHOD_CALL, .name = (char *) "get_image", .args = args } },
    { "get", { .event = PLANT_RPC_EVENT_PROPERTY_GET, .name = (char *) "mode" } },
    { "set",
      { .event = PLANT_RPC_EVENT_PROPERTY_SET, .name = (char *) "rotation", .value = rotation } },
    { "stop", { .event = PLANT_RPC_EVENT_STOP_SERVER } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      PlantRpcRequest request = requests[i].request;
      g_autofree char *name = g_strdup_printf ("%s-%s", prefix, requests[i].name);

      request.format = format;
      print_request (name, &request);
    }
}

static void
print_replies (PlantRpcFormat format,
               const char    *prefix)
{
  g_autoptr (GError) failure =
      plant_rpc_error_new_remote ("remote", "the shutter is stuck", "camera.py, line 7");
  g_autoptr (GVariant) mode = make ("'VIDEO'");
  g_autoptr (GVariant) info = make ("{'format': <'jpeg'>}");
  g_autoptr (GBytes) image = g_bytes_new_static ("", 0);
  const struct {
    const char    *name;
    PlantRpcEvent  event;
    PlantRpcReply  reply;
  } replies[] = {
    { "result", PLANT_RPC_EVENT_METHOD_CALL, { .value = mode } },
    { "buffer", PLANT_RPC_EVENT_METHOD_CALL, { .value = info, .buffer = image } },
    { "value", PLANT_RPC_EVENT_PROPERTY_GET, { .value = mode } },
    { "done", PLANT_RPC_EVENT_PROPERTY_SET, { 0 } },
    { "error", PLANT_RPC_EVENT_METHOD_CALL, { .error = failure } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autofree char *name = g_strdup_printf ("%s-%s", prefix, replies[i].name);

      print_reply (name, format, replies[i].event, &replies[i].reply);
    }
}

static void
print_json_only (void)
{
  const PlantRpcRequest inventory = { .event = PLANT_RPC_EVENT_GET_INVENTORY };
  const PlantRpcRequest offer = { .event = PLANT_RPC_EVENT_GET_INVENTORY,
                                  .native_version = PLANT_RPC_NATIVE_VERSION };
  const PlantRpcRequest init1 = { .event = PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING,
                                  .address = (char *) "192.168.1.7",
                                  .port = 40123 };
  const PlantRpcRequest init2 = { .event = PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING };
  g_autoptr (GVariant) args = make ("[<'VIDEO'>]");
  g_autoptr (GVariant) port = make ("{'port': <int64 51234>}");
  g_autoptr (GVariant) signal_port = make ("{'signal_port': <int64 40987>}");
  const PlantRpcReply find = { .value = port };
  const PlantRpcReply init = { .value = signal_port };
  const PlantRpcEmission emission = { .type = PLANT_RPC_EMISSION_SIGNAL,
                                      .name = (char *) "modeChanged",
                                      .value = args };

  print_request ("json-inventory", &inventory);
  print_request ("json-offer", &offer);
  print_request ("json-init-1", &init1);
  print_request ("json-init-2", &init2);
  print_reply ("json-find", PLANT_RPC_FORMAT_JSON, PLANT_RPC_EVENT_FIND_PEER_ADDRESS, &find);
  print_reply ("json-init-1-reply", PLANT_RPC_FORMAT_JSON, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING,
               &(PlantRpcReply) { 0 });
  print_reply ("json-init-2-reply", PLANT_RPC_FORMAT_JSON, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING,
               &init);
  print_emission ("json-signal", PLANT_RPC_FORMAT_JSON, &emission);
  print_payload ("json-acknowledgement", plant_rpc_emission_pack_acknowledgement (TRUE));
}

static void
print_bundle (const PlantRpcEmission *emissions,
              guint                   n)
{
  g_autoptr (PlantRpcBundle) bundle = plant_rpc_bundle_new ();

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GBytes) payload =
          plant_rpc_emission_pack (&emissions[i], PLANT_RPC_FORMAT_NATIVE, NULL);

      plant_rpc_bundle_append_payload (bundle, payload);
    }
  print_payload ("native-bundle", plant_rpc_bundle_pack (bundle, 0, n));
}

static void
print_native_only (void)
{
  const struct {
    const char      *name;
    PlantRpcRequest  request;
  } requests[] = {
    { "native-get-all", { .event = PLANT_RPC_EVENT_GET_ALL } },
    { "native-subscribe", { .event = PLANT_RPC_EVENT_SUBSCRIBE, .number = 256 * 1024 } },
    { "native-credit", { .event = PLANT_RPC_EVENT_CREDIT, .number = 1200 } },
    { "native-cancel", { .event = PLANT_RPC_EVENT_CANCEL, .number = 7 } },
    { "native-join", { .event = PLANT_RPC_EVENT_JOIN, .name = (char *) "Eva's desk",
                       .key = (char *) "3tAe5Mza8cbdHJhLpzWhGNYZoCZbSY1UPv2MbVcJ3WI" } },
  };
  g_autoptr (GVariant) values = make ("{'rotation': <int32 90>}");
  g_autoptr (GVariant) args = make ("[<'VIDEO'>]");
  g_autoptr (GVariant) rotation = make ("int32 90");
  g_autoptr (GVariant) failure = make ("('remote', 'the motor is off', '')");
  const PlantRpcReply all = { .value = values };
  const PlantRpcEmission emissions[] = {
    { .type = PLANT_RPC_EMISSION_SIGNAL, .name = (char *) "modeChanged", .value = args },
    { .type = PLANT_RPC_EMISSION_CHANGED, .name = (char *) "rotation", .value = rotation },
    { .type = PLANT_RPC_EMISSION_LOST, .n_lost = 12 },
    { .type = PLANT_RPC_EMISSION_FAILED, .name = (char *) "rotation", .value = failure },
  };

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      PlantRpcRequest request = requests[i].request;

      request.format = PLANT_RPC_FORMAT_NATIVE;
      print_request (requests[i].name, &request);
    }
  print_reply ("native-values", PLANT_RPC_FORMAT_NATIVE, PLANT_RPC_EVENT_GET_ALL, &all);
  print_emission ("native-signal", PLANT_RPC_FORMAT_NATIVE, &emissions[0]);
  print_emission ("native-changed", PLANT_RPC_FORMAT_NATIVE, &emissions[1]);
  print_emission ("native-lost", PLANT_RPC_FORMAT_NATIVE, &emissions[2]);
  print_emission ("native-failed", PLANT_RPC_FORMAT_NATIVE, &emissions[3]);
  print_bundle (emissions, 2);
}

static void
print_registry_requests (void)
{
  const struct {
    const char              *name;
    PlantRpcRegistryRequest  request;
  } requests[] = {
    { "registry-register",
      { .event = PLANT_RPC_REGISTRY_REGISTER,
        .device_type = (char *) "camera",
        .url = (char *) "tcp://192.168.1.20:5000",
        .name = (char *) "pi-cam-1",
        .overwrite = TRUE } },
    { "registry-check-alive",
      { .event = PLANT_RPC_REGISTRY_CHECK_ALIVE,
        .uuid = (char *) "c3b0f6a2-c7a3-11f0-8de9-0242ac120002",
        .alive_timeout = 60 * G_USEC_PER_SEC } },
    { "registry-unregister",
      { .event = PLANT_RPC_REGISTRY_UNREGISTER,
        .uuid = (char *) "c3b0f6a2-c7a3-11f0-8de9-0242ac120002" } },
    { "registry-list", { .event = PLANT_RPC_REGISTRY_LIST } },
    { "registry-watch", { .event = PLANT_RPC_REGISTRY_WATCH } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    print_payload (requests[i].name, plant_rpc_registry_request_pack (&requests[i].request));
}

static void
print_registry_replies (void)
{
  g_autoptr (GVariant) check = make ("'CHECK_ALIVE'");
  char *uuid = (char *) "c3b0f6a2-c7a3-11f0-8de9-0242ac120002";
  const struct {
    const char            *name;
    PlantRpcRegistryReply  reply;
  } replies[] = {
    { "registry-register-ack",
      { .type = PLANT_RPC_REGISTRY_REGISTER_ACK, .name = (char *) "pi-cam-1", .uuid = uuid } },
    { "registry-ack", { .type = PLANT_RPC_REGISTRY_ACK, .sent = check, .success = TRUE } },
    { "registry-unsupported", { .type = PLANT_RPC_REGISTRY_UNSUPPORTED, .sent = check } },
    { "registry-removed",
      { .type = PLANT_RPC_REGISTRY_DEVICE_REMOVED, .serial = 8, .uuid = uuid } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    print_payload (replies[i].name, plant_rpc_registry_reply_pack (&replies[i].reply));
}

int
main (void)
{
  print_requests (PLANT_RPC_FORMAT_JSON, "json");
  print_replies (PLANT_RPC_FORMAT_JSON, "json");
  print_json_only ();
  print_requests (PLANT_RPC_FORMAT_NATIVE, "native");
  print_replies (PLANT_RPC_FORMAT_NATIVE, "native");
  print_native_only ();
  print_registry_requests ();
  print_registry_replies ();
  return 0;
}
