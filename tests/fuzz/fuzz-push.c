/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fuzz-wire.h"
#include "fuzz.h"
#include "plant-rpc-bundle-private.h"
#include "plant-rpc-client-private.h"
#include "plant-rpc-emission-private.h"
#include "plant-rpc-reply-private.h"

/* JSON with ' instead of ". */
#define INTERFACE                                                                                  \
  "{'methods': {'measure': {'signature': 'n: i = 1 -> d'}, 'shoot': {'buffer': true}},"            \
  " 'properties': {'mode': {'type': 's', 'choices': {'still': 0, 'video': 1}, 'default':" \
  " 'still'}," \
  "  'angle': {'type': 'u', 'maximum': 359, 'unit': '°'}, 'ratio': {'type': 'd'},"                 \
  "  'names': {'type': 'as'}, 'any': {}, 'on': {'type': 'b', 'access': 'read'}},"                  \
  " 'signals': {'turned': {'signature': '(us)'}, 'raw': {}, 'angleChanged': {'property': 'angle'}}}"

/* The kind of message that is made from the next bytes. */
typedef enum {
  NEXT_PUSH,  /* a push with the next sequence number */
  OTHER_PUSH, /* a push with any number */
  REPLY,
  FRAMES,
} Kind;

typedef struct {
  const uint8_t *data;
  size_t         size;
} Input;

static PlantRpcInterfaceInfo *interface;
static guint64 sequence;

static guint64
take_number (Input *input,
             guint  n_bytes)
{
  guint64 number = 0;

  for (guint i = 0; i < n_bytes && input->size > 0; i++, input->data++, input->size--)
    number |= (guint64) *input->data << (8 * i);
  return number;
}

static GBytes *
take_bytes (Input *input)
{
  gsize wanted = take_number (input, 2);
  gsize size = MIN (wanted, input->size);
  GBytes *bytes = g_bytes_new (input->data, size);

  input->data += size;
  input->size -= size;
  return bytes;
}

static void
add_number (GPtrArray *frames,
            guint64    number)
{
  guint64 wire = GUINT64_TO_LE (number);

  g_ptr_array_add (frames, g_bytes_new (&wire, sizeof wire));
}

/* The numbers of a bundle are those of its emissions. */
static void
add_push (GPtrArray *frames,
          GBytes    *payload)
{
  PlantRpcBundleIter iter;

  add_number (frames, PLANT_RPC_PUSH_BIT | ++sequence);
  if (plant_rpc_message_get_kind (payload) == PLANT_RPC_KIND_BUNDLE &&
      plant_rpc_bundle_iter_init (&iter, payload, NULL))
    sequence += iter.n_left - 1;
  g_ptr_array_add (frames, payload);
}

static GPtrArray *
take_message (Input *input)
{
  GPtrArray *frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  guint64 head = take_number (input, 1);

  switch ((Kind) (head & 3))
    {
    case NEXT_PUSH:
      add_push (frames, take_bytes (input));
      break;
    case OTHER_PUSH:
      sequence = take_number (input, 8) - 1;
      add_push (frames, take_bytes (input));
      break;
    case REPLY:
      add_number (frames, head >> 4);
      g_ptr_array_add (frames, g_bytes_new (NULL, 0));
      g_ptr_array_add (frames, take_bytes (input));
      if ((head & 4) != 0)
        g_ptr_array_add (frames, take_bytes (input));
      break;
    case FRAMES:
    default:
      for (guint i = 0; i <= head >> 3; i++)
        g_ptr_array_add (frames, take_bytes (input));
      break;
    }
  return frames;
}

/* ---- the valid part of the conversation, which makes a client ready */

static void
reply (const PlantRpcEnvelope *envelope,
       GBytes                 *payload)
{
  GPtrArray *frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (frames, g_bytes_new (envelope->data, envelope->sizes[0]));
  g_ptr_array_add (frames, g_bytes_new (NULL, 0));
  g_ptr_array_add (frames, payload);
  fuzz_wire_queue (frames);
}

static GBytes *
pack_inventory (void)
{
  g_auto (PlantRpcInventory) inventory = {
    .json_methods = g_variant_ref_sink (g_variant_new_parsed ("{'measure': <int64 5000>}")),
    .buffer_methods = g_variant_ref_sink (g_variant_new_parsed ("{'shoot': <int64 5000>}")),
    .signals = g_variant_ref_sink (g_variant_new_parsed ("['turned', 'raw', 'angleChanged']")),
    .properties = g_variant_ref_sink (
      g_variant_new_parsed ("['mode', 'angle', 'ratio', 'names', 'any', 'on']")),
    .name = g_strdup ("scale"),
    .native_version = PLANT_RPC_NATIVE_VERSION,
    .interface = g_variant_ref (plant_rpc_interface_info_get_form (interface)),
    .instance = g_strdup ("1"),
  };

  return plant_rpc_inventory_pack (&inventory, NULL);
}

static GBytes *
pack_values (void)
{
  return plant_rpc_message_pack_native (
    g_variant_new ("(y@a{sv})", PLANT_RPC_KIND_VALUES,
                   g_variant_new_parsed ("{'mode': <'video'>, 'angle': <uint32 5>}")),
    NULL);
}

static void
on_sent (const PlantRpcEnvelope *envelope,
         GBytes                 *payload)
{
  if (plant_rpc_message_get_format (payload) == PLANT_RPC_FORMAT_JSON)
    reply (envelope, pack_inventory ());
  else if (plant_rpc_message_get_kind (payload) == PLANT_RPC_KIND_SUBSCRIBE_BUNDLED)
    reply (envelope, pack_values ());
}

/* ---- the client */

static void
on_called (GObject      *client,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value =
    plant_rpc_client_call_finish (PLANT_RPC_CLIENT (client), result, &error);

  g_assert_true ((value != NULL) == (error == NULL));
  (*(guint *) user_data)++;
}

static void
check_properties (GObject *client)
{
  GPtrArray *properties = interface->properties.list;

  for (guint i = 0; i < properties->len; i++)
    {
      PlantRpcPropertyInfo *property = g_ptr_array_index (properties, i);
      GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (client),
                                                        property->name);
      g_auto (GValue) value = G_VALUE_INIT;

      g_value_init (&value, pspec->value_type);
      g_object_get_property (client, property->name, &value);
    }
}

static PlantRpcClient *
make_client (void)
{
  PlantRpcClient *client =
    plant_rpc_client_new_for_interface (interface, "tcp://127.0.0.1:5000", NULL);

  g_assert_nonnull (client);
  fuzz_wire_queue_event (ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
  fuzz_wire_run ();
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_READY);
  return client;
}

static PlantRpcInterfaceInfo *
read_interface (void)
{
  g_autofree char *json = g_strdelimit (g_strdup (INTERFACE), "'", '"');
  g_autoptr (GError) error = NULL;
  PlantRpcInterfaceInfo *info = plant_rpc_interface_info_new_from_json (json, &error);

  g_assert_no_error (error);
  return info;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  Input input = { data, size };
  guint n_ended = 0;
  PlantRpcClient *client;

  if (interface == NULL)
    interface = read_interface ();
  sequence = 0;
  fuzz_wire_begin (on_sent);
  client = make_client ();
  g_signal_connect (client, "signal-received", G_CALLBACK (check_properties), NULL);
  for (guint i = 0; i < 2; i++)
    plant_rpc_client_call (client, "measure", NULL, NULL, PLANT_RPC_TIMEOUT_NONE, NULL,
                           (GAsyncReadyCallback) on_called, &n_ended);

  while (input.size > 0)
    {
      fuzz_wire_queue (take_message (&input));
      fuzz_wire_run ();
    }
  check_properties (G_OBJECT (client));

  plant_rpc_client_close (client);
  fuzz_wire_run ();
  g_assert_cmpuint (n_ended, ==, 2);
  g_object_add_weak_pointer (G_OBJECT (client), (gpointer *) &client);
  g_object_unref (client);
  g_assert_null (client);
  fuzz_wire_end ();
  return 0;
}
