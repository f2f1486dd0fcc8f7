/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <string.h>

#include "device.h"

#define SHORT     5000
#define FLOOD_TEXT (1 << 20)

typedef struct {
  TestProbe      *device; /* (unowned): it lives as long as its server */
  PlantRpcServer *server; /* (unowned) */
  int             n_cancelled;
  GMutex          lock;
  GCond           changed;
  gboolean        unblocked; /* (mutex lock) */
} Behaviour;

/* An answer that is given later. */
typedef struct {
  PlantRpcInvocation *call;    /* (owned) */
  GVariant           *value;   /* (owned) (nullable) */
  const char         *refusal; /* (nullable) */
} Answer;

static Behaviour behaviour;

static void
answer_free (gpointer data)
{
  Answer *self = data;

  g_object_unref (self->call);
  g_clear_pointer (&self->value, g_variant_unref);
  g_free (self);
}

static gboolean
give_answer (gpointer data)
{
  Answer *self = data;
  g_autoptr (GError) error = NULL;

  if (self->refusal != NULL)
    {
      error = g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED, self->refusal);
      plant_rpc_invocation_return_gerror (self->call, error);
    }
  else if (self->value != NULL)
    {
      plant_rpc_invocation_return_value (self->call, self->value);
    }
  else
    {
      plant_rpc_invocation_accept (self->call);
    }
  return G_SOURCE_REMOVE;
}

static void
answer_later (guint               delay,
              PlantRpcInvocation *call,
              GVariant           *value,
              const char         *refusal)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->call = g_object_ref (call);
  answer->value = value != NULL ? g_variant_ref_sink (value) : NULL;
  answer->refusal = refusal;
  g_timeout_add_full (G_PRIORITY_DEFAULT, delay, give_answer, answer, answer_free);
}

static gboolean
decide_count (PlantRpcInvocation *write,
              int                 count,
              gpointer            device)
{
  if (count == 13)
    answer_later (1, write, NULL, NULL);
  else if (count == 14)
    answer_later (1, write, NULL, "no, on second thoughts");
  else if (count == 15)
    {
      g_object_set (device, "count", 16, NULL);
      plant_rpc_invocation_return_value (write, NULL);
    }
  return count < 13 || count > 15;
}

gboolean
test_device_decide (PlantRpcInvocation  *write,
                    const char          *name,
                    GVariant            *value,
                    gpointer             device,
                    GError             **error)
{
  g_assert_cmpstr (plant_rpc_invocation_get_name (write), ==, name);
  g_assert_true (g_variant_equal (plant_rpc_invocation_get_value (write), value));
  g_assert_false (plant_rpc_invocation_get_answered (write));
  g_assert_cmpuint (g_variant_n_children (plant_rpc_invocation_get_args (write)), ==, 0);
  if (g_str_equal (name, "count"))
    return decide_count (write, g_variant_get_int32 (value), device);
  if (!g_str_equal (name, "label") || !g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) ||
      !g_str_equal (g_variant_get_string (value, NULL), "forbidden"))
    return TRUE;
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED, "the %s is forbidden", name);
  return FALSE;
}

gboolean
test_device_answer_read (PlantRpcInvocation  *read,
                         const char          *name,
                         gpointer             device,
                         GError             **error)
{
  g_autofree char *label = NULL;

  g_assert_cmpstr (plant_rpc_invocation_get_name (read), ==, name);
  g_assert_null (plant_rpc_invocation_get_value (read));
  if (!g_str_equal (name, "label"))
    return TRUE;
  g_object_get (device, "label", &label, NULL);
  if (g_strcmp0 (label, "late") == 0)
    answer_later (1, read, NULL, NULL);
  if (g_strcmp0 (label, "unreadable") == 0)
    g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED, "the %s is hidden", name);
  return g_strcmp0 (label, "late") != 0;
}

/* The argument, out of its box. */
static GVariant *
dup_argument (PlantRpcInvocation *call,
              gsize               index)
{
  g_autoptr (GVariant) boxed =
      g_variant_get_child_value (plant_rpc_invocation_get_args (call), index);

  return g_variant_get_variant (boxed);
}

static int
get_int (PlantRpcInvocation *call,
         gsize               index)
{
  g_autoptr (GVariant) argument = dup_argument (call, index);

  return g_variant_get_int32 (argument);
}

static gboolean
get_boolean (PlantRpcInvocation *call)
{
  g_autoptr (GVariant) argument = dup_argument (call, 0);

  return g_variant_get_boolean (argument);
}

static void
on_echo (PlantRpcInvocation  *call,
         gpointer             user_data,
         GError             **error)
{
  g_autoptr (GVariant) value = dup_argument (call, 0);

  plant_rpc_invocation_return_value (call, value);
  g_assert_true (plant_rpc_invocation_get_answered (call));
}

static void
on_add (PlantRpcInvocation  *call,
        gpointer             user_data,
        GError             **error)
{
  plant_rpc_invocation_return_value (call,
                                     g_variant_new_int32 (get_int (call, 0) + get_int (call, 1)));
}

static void
on_nothing (PlantRpcInvocation  *call,
            gpointer             user_data,
            GError             **error)
{
  plant_rpc_invocation_return_value (call, NULL);
}

static void
on_arguments (PlantRpcInvocation  *call,
              gpointer             user_data,
              GError             **error)
{
  plant_rpc_invocation_return_value (
      call, g_variant_new_parsed ("{'args': <%@av>, 'kwargs': <%@a{sv}>}",
                                  plant_rpc_invocation_get_args (call),
                                  plant_rpc_invocation_get_kwargs (call)));
}

static void
on_later (PlantRpcInvocation  *call,
          gpointer             user_data,
          GError             **error)
{
  g_autoptr (GVariant) text = dup_argument (call, 0);

  answer_later (1, call, text, NULL);
}

static void
on_slow_cancelled (GCancellable *cancellable,
                   gpointer      user_data)
{
  behaviour.n_cancelled++;
}

/* Answers after a while, unless nobody waits any more. */
static void
on_slow (PlantRpcInvocation  *call,
         gpointer             user_data,
         GError             **error)
{
  g_signal_connect (plant_rpc_invocation_get_cancellable (call), "cancelled",
                    G_CALLBACK (on_slow_cancelled), NULL);
  answer_later (get_int (call, 0), call, g_variant_new_int32 (get_int (call, 0)), NULL);
}

static void
on_cancelled (PlantRpcInvocation  *call,
              gpointer             user_data,
              GError             **error)
{
  plant_rpc_invocation_return_value (call, g_variant_new_int32 (behaviour.n_cancelled));
}

static void
on_drop (PlantRpcInvocation  *call,
         gpointer             user_data,
         GError             **error)
{
}

static void
on_fail (PlantRpcInvocation  *call,
         gpointer             user_data,
         GError             **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "deliberate failure");
}

static void
on_refuse (PlantRpcInvocation  *call,
           gpointer             user_data,
           GError             **error)
{
  g_autoptr (GError) refusal =
      g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED, "not now");

  plant_rpc_invocation_return_gerror (call, refusal);
}

static void
on_break_down (PlantRpcInvocation  *call,
               gpointer             user_data,
               GError             **error)
{
  plant_rpc_invocation_return_failure (call, "broke down", "first line\nsecond line");
}

static void
on_crash (PlantRpcInvocation  *call,
          gpointer             user_data,
          GError             **error)
{
  plant_rpc_invocation_return_failure (call, "deliberate crash", NULL);
}

/* Runs on a worker thread, where waiting harms nobody. */
static void
on_block (PlantRpcInvocation  *call,
          gpointer             user_data,
          GError             **error)
{
  g_autoptr (GVariant) text = dup_argument (call, 0);

  g_mutex_lock (&behaviour.lock);
  while (!behaviour.unblocked)
    g_cond_wait (&behaviour.changed, &behaviour.lock);
  behaviour.unblocked = FALSE;
  g_mutex_unlock (&behaviour.lock);
  plant_rpc_invocation_return_value (call, text);
}

static void
on_unblock (PlantRpcInvocation  *call,
            gpointer             user_data,
            GError             **error)
{
  g_mutex_lock (&behaviour.lock);
  behaviour.unblocked = TRUE;
  g_cond_signal (&behaviour.changed);
  g_mutex_unlock (&behaviour.lock);
  plant_rpc_invocation_return_value (call, NULL);
}

/* The device itself changes a property. */
static void
on_change (PlantRpcInvocation  *call,
           gpointer             user_data,
           GError             **error)
{
  g_autoptr (GVariant) name_value = dup_argument (call, 0);
  g_autoptr (GVariant) given = dup_argument (call, 1);
  g_autofree char *name = g_strdelimit (g_variant_dup_string (name_value, NULL), "_", '-');
  GParamSpec *pspec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (behaviour.device), name);
  g_auto (GValue) value = G_VALUE_INIT;

  if (pspec->value_type == G_TYPE_DOUBLE && g_variant_is_of_type (given, G_VARIANT_TYPE_STRING))
    {
      g_value_init (&value, G_TYPE_DOUBLE);
      g_value_set_double (&value, g_ascii_strtod (g_variant_get_string (given, NULL), NULL));
    }
  else
    {
      test_value_from_variant (&value, pspec->value_type, given);
    }
  test_probe_store (behaviour.device, name, &value);
  plant_rpc_invocation_return_value (call, NULL);
}

static void
emit_captured (const char *text,
               int         number)
{
  for (int i = 0; i < number; i++)
    g_signal_emit_by_name (behaviour.device, "captured", text, i);
}

static void
on_shoot (PlantRpcInvocation  *call,
          gpointer             user_data,
          GError             **error)
{
  int number = get_int (call, 0);

  emit_captured ("shot", number);
  g_signal_emit_by_name (behaviour.device, "ping");
  plant_rpc_invocation_return_value (call, g_variant_new_int32 (number));
}

/* More than anybody queues for a client that does not look. */
static void
on_flood (PlantRpcInvocation  *call,
          gpointer             user_data,
          GError             **error)
{
  g_autofree char *text = g_strnfill (FLOOD_TEXT, 'x');

  emit_captured (text, get_int (call, 0));
  plant_rpc_invocation_return_value (call, NULL);
}

static void
on_mix (PlantRpcInvocation  *call,
        gpointer             user_data,
        GError             **error)
{
  const char *tags[] = { "x", "", NULL };
  g_autoptr (GVariant) config = g_variant_ref_sink (g_variant_new ("(sd)", "y", 1.5));

  g_signal_emit_by_name (behaviour.device, "mixed", TRUE, G_MAXUINT, -((gint64) 1 << 52),
                         (guint64) 1 << 52, -0.5, "a→b", tags, config,
                         G_PASSWORD_SAVE_FOR_SESSION,
                         G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET);
  plant_rpc_invocation_return_value (call, NULL);
}

static void
on_sender (PlantRpcInvocation  *call,
           gpointer             user_data,
           GError             **error)
{
  const char *sender = plant_rpc_invocation_get_sender (call);

  g_assert_cmpstr (plant_rpc_server_get_peer_address (behaviour.server), ==, sender);
  plant_rpc_invocation_return_value (call, g_variant_new_string (sender));
}

static void
on_let_stop (PlantRpcInvocation  *call,
             gpointer             user_data,
             GError             **error)
{
  plant_rpc_server_set_allow_stop (behaviour.server, get_boolean (call));
  g_assert_true (plant_rpc_server_get_allow_stop (behaviour.server) == get_boolean (call));
  plant_rpc_invocation_return_value (call, NULL);
}

static void
on_get_image (PlantRpcInvocation  *call,
              gpointer             user_data,
              GError             **error)
{
  gboolean lores = get_boolean (call);
  g_autoptr (GBytes) image =
      test_probe_new_pattern (lores ? TEST_THUMBNAIL_SIZE : TEST_IMAGE_SIZE);

  plant_rpc_invocation_return_buffer (
      call, image, g_variant_new_parsed ("{'format': <'raw'>, 'lores': <%b>}", lores));
}

static void
on_empty (PlantRpcInvocation  *call,
          gpointer             user_data,
          GError             **error)
{
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);

  plant_rpc_invocation_return_buffer (call, nothing, NULL);
}

static const struct {
  const char            *name;
  const char            *signature;
  int                    timeout;
  PlantRpcMethodHandler  handler;
} methods[] = {
  { "echo", "value: v", SHORT, on_echo },
  { "add", "a: i, b: i = 2", PLANT_RPC_TIMEOUT_FROM_SERVER, on_add },
  { "nothing", "", SHORT, on_nothing },
  { "arguments", NULL, SHORT, on_arguments },
  { "later", "text: s", SHORT, on_later },
  { "slow", "delay: i", PLANT_RPC_TIMEOUT_NONE, on_slow },
  { "cancelled", "", SHORT, on_cancelled },
  { "drop", "", SHORT, on_drop },
  { "fail", "", SHORT, on_fail },
  { "refuse", "", SHORT, on_refuse },
  { "break_down", "", SHORT, on_break_down },
  { "crash", "", SHORT, on_crash },
  { "unblock", "", SHORT, on_unblock },
  { "change", "name: s, value: v", SHORT, on_change },
  { "shoot", "number: i", SHORT, on_shoot },
  { "flood", "number: i", 4 * SHORT, on_flood },
  { "mix", "", SHORT, on_mix },
  { "sender", "", SHORT, on_sender },
  { "let_stop", "allowed: b", SHORT, on_let_stop },
};

void
test_device_offer (TestProbe      *device,
                   PlantRpcServer *server)
{
  const int none = PLANT_RPC_TIMEOUT_NONE;

  behaviour.device = device;
  behaviour.server = server;
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    plant_rpc_server_register_method_json (server, methods[i].name, methods[i].signature,
                                           methods[i].timeout, PLANT_RPC_METHOD_FLAGS_NONE,
                                           methods[i].handler, NULL, NULL);
  plant_rpc_server_register_method_json (server, "block", "text: s", none,
                                         PLANT_RPC_METHOD_FLAGS_BLOCKING, on_block, NULL, NULL);
  plant_rpc_server_register_method_buffer (server, "get_image", "lores: b = false", none,
                                           PLANT_RPC_METHOD_FLAGS_NONE, on_get_image, NULL, NULL);
  plant_rpc_server_register_method_buffer (server, "no_light", "", none,
                                           PLANT_RPC_METHOD_FLAGS_NONE, on_fail, NULL, NULL);
  plant_rpc_server_register_method_buffer (server, "empty", "", none,
                                           PLANT_RPC_METHOD_FLAGS_NONE, on_empty, NULL, NULL);
}
