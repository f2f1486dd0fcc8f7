/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The probe as a subclass of its generated skeleton; tests/bindings/device.py says how it is
 * run. */

#include <gio/gunixinputstream.h>
#include <unistd.h>

#include "probe-generated.h"
#include "probe.h"

#define LAB_TYPE_DEVICE (lab_device_get_type ())
G_DECLARE_FINAL_TYPE (LabDevice, lab_device, LAB, DEVICE, LabProbeSkeleton)

struct _LabDevice
{
  LabProbeSkeleton parent_instance;

  PlantRpcServer *server; /* (unowned): the one that owns this device */
  int             n_cancelled;
  GMutex          lock;
  GCond           changed;
  gboolean        unblocked; /* (mutex lock) */
};

G_DEFINE_FINAL_TYPE (LabDevice, lab_device, LAB_TYPE_PROBE_SKELETON)

/* An answer that is given later. */
typedef struct
{
  PlantRpcInvocation *call;    /* (owned) */
  GVariant           *value;   /* (owned) (nullable) */
  const char         *refusal; /* (nullable) */
} Answer;

static gboolean
give_answer (gpointer data)
{
  Answer *self = data;
  g_autoptr (PlantRpcInvocation) call = self->call;
  g_autoptr (GVariant) value = self->value;
  g_autoptr (GError) error = NULL;

  if (self->refusal != NULL)
    {
      error = g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED, self->refusal);
      plant_rpc_invocation_return_gerror (call, error);
    }
  else if (value != NULL)
    plant_rpc_invocation_return_value (call, value);
  else
    plant_rpc_invocation_accept (call);
  g_free (self);
  return G_SOURCE_REMOVE;
}

static gboolean
answer_later (guint               delay,
              PlantRpcInvocation *call,
              GVariant           *value,
              const char         *refusal)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->call = g_object_ref (call);
  answer->value = value != NULL ? g_variant_ref_sink (value) : NULL;
  answer->refusal = refusal;
  g_timeout_add (delay, give_answer, answer);
  return TRUE;
}

static gboolean
fail (PlantRpcInvocation *call,
      GQuark              domain,
      int                 code,
      const char         *message)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, message);

  plant_rpc_invocation_return_gerror (call, error);
  return TRUE;
}

static gboolean
write_count (LabProbeSkeleton  *self,
             PlantRpcInvocation *write,
             int                 value)
{
  if (value == 13)
    return answer_later (1, write, NULL, NULL);
  if (value == 14)
    return answer_later (1, write, NULL, "no, on second thoughts");
  if (value != 15)
    return FALSE;
  lab_probe_skeleton_set_count (self, 16);
  plant_rpc_invocation_return_value (write, NULL);
  return TRUE;
}

static gboolean
write_label (LabProbeSkeleton  *self,
             PlantRpcInvocation *write,
             const char         *value)
{
  return g_strcmp0 (value, "forbidden") == 0 &&
         fail (write, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED, "the label is forbidden");
}

static gboolean
handle_echo (LabProbeSkeleton  *self,
             PlantRpcInvocation *call,
             GVariant           *arg_value)
{
  lab_probe_skeleton_complete_echo (self, call, arg_value);
  return TRUE;
}

static gboolean
handle_add (LabProbeSkeleton  *self,
            PlantRpcInvocation *call,
            int                 arg_a,
            int                 arg_b)
{
  lab_probe_skeleton_complete_add (self, call, arg_a + arg_b);
  return TRUE;
}

static gboolean
handle_nothing (LabProbeSkeleton  *self,
                PlantRpcInvocation *call)
{
  lab_probe_skeleton_complete_nothing (self, call, NULL);
  return TRUE;
}

static gboolean
handle_arguments (LabProbeSkeleton  *self,
                  PlantRpcInvocation *call,
                  GVariant           *args,
                  GVariant           *kwargs)
{
  lab_probe_skeleton_complete_arguments (
      self, call, g_variant_new_parsed ("{'args': <%@av>, 'kwargs': <%@a{sv}>}", args, kwargs));
  return TRUE;
}

static gboolean
handle_later (LabProbeSkeleton  *self,
              PlantRpcInvocation *call,
              const char         *arg_text)
{
  return answer_later (1, call, g_variant_new_string (arg_text), NULL);
}

static void
on_slow_cancelled (GCancellable *cancellable,
                   LabDevice   *self)
{
  self->n_cancelled++;
}

static gboolean
handle_slow (LabProbeSkeleton  *self,
             PlantRpcInvocation *call,
             int                 arg_delay)
{
  g_signal_connect (plant_rpc_invocation_get_cancellable (call), "cancelled",
                    G_CALLBACK (on_slow_cancelled), self);
  return answer_later ((guint) arg_delay, call, g_variant_new_int32 (arg_delay), NULL);
}

static gboolean
handle_cancelled (LabProbeSkeleton  *self,
                  PlantRpcInvocation *call)
{
  lab_probe_skeleton_complete_cancelled (self, call, LAB_DEVICE (self)->n_cancelled);
  return TRUE;
}

/* Lets go of the call without an answer. */
static gboolean
handle_drop (LabProbeSkeleton  *self,
             PlantRpcInvocation *call)
{
  return TRUE;
}

static gboolean
handle_fail (LabProbeSkeleton  *self,
             PlantRpcInvocation *call)
{
  return fail (call, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "deliberate failure");
}

static gboolean
handle_refuse (LabProbeSkeleton  *self,
               PlantRpcInvocation *call)
{
  return fail (call, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED, "not now");
}

static gboolean
handle_break_down (LabProbeSkeleton  *self,
                   PlantRpcInvocation *call)
{
  plant_rpc_invocation_return_failure (call, "broke down", "first line\nsecond line");
  return TRUE;
}

static gboolean
handle_crash (LabProbeSkeleton  *self,
              PlantRpcInvocation *call)
{
  plant_rpc_invocation_return_failure (call, "deliberate crash", NULL);
  return TRUE;
}

static void
wait_unblocked (GTask        *task,
                gpointer      source,
                gpointer      task_data,
                GCancellable *cancellable)
{
  LabDevice *self = source;
  PlantRpcInvocation *call = g_object_get_data (G_OBJECT (task), "call");

  g_mutex_lock (&self->lock);
  while (!self->unblocked)
    g_cond_wait (&self->changed, &self->lock);
  self->unblocked = FALSE;
  g_mutex_unlock (&self->lock);
  lab_probe_skeleton_complete_block (source, call, task_data);
}

static gboolean
handle_block (LabProbeSkeleton  *self,
              PlantRpcInvocation *call,
              const char         *arg_text)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, NULL, NULL);

  g_task_set_task_data (task, g_strdup (arg_text), g_free);
  g_object_set_data_full (G_OBJECT (task), "call", g_object_ref (call), g_object_unref);
  g_task_run_in_thread (task, wait_unblocked);
  return TRUE;
}

static gboolean
handle_unblock (LabProbeSkeleton  *skeleton,
                PlantRpcInvocation *call)
{
  LabDevice *self = LAB_DEVICE (skeleton);

  g_mutex_lock (&self->lock);
  self->unblocked = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
  lab_probe_skeleton_complete_unblock (skeleton, call);
  return TRUE;
}

/* No GObject property can be set to NaN, nor one that clients only read. */
static void
store_double (LabProbeSkeleton *self,
              GVariant         *value)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    lab_probe_skeleton_set_level (self, g_ascii_strtod (g_variant_get_string (value, NULL), NULL));
  else
    lab_probe_skeleton_set_level (self, g_variant_get_double (value));
}

/* The device itself changes a property. */
static gboolean
handle_change (LabProbeSkeleton   *self,
               PlantRpcInvocation *call,
               const char         *arg_name,
               GVariant           *arg_value)
{
  g_autofree char *name = g_strdelimit (g_strdup (arg_name), "_", '-');
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (self), name);
  g_auto (GValue) value = G_VALUE_INIT;

  if (g_str_equal (name, "level"))
    store_double (self, arg_value);
  else
    {
      test_value_from_variant (&value, pspec->value_type, arg_value);
      if (g_str_equal (name, "progress"))
        lab_probe_skeleton_set_progress (self, g_value_get_int (&value));
      else
        g_object_set_property (G_OBJECT (self), name, &value);
    }
  lab_probe_skeleton_complete_change (self, call);
  return TRUE;
}

static gboolean
handle_shoot (LabProbeSkeleton  *self,
              PlantRpcInvocation *call,
              int                 arg_number)
{
  for (int i = 0; i < arg_number; i++)
    lab_probe_emit_captured (LAB_PROBE (self), "shot", i);
  lab_probe_emit_ping (LAB_PROBE (self));
  lab_probe_skeleton_complete_shoot (self, call, arg_number);
  return TRUE;
}

/* More than anybody queues for a client that does not look. */
static gboolean
handle_flood (LabProbeSkeleton  *self,
              PlantRpcInvocation *call,
              int                 arg_number)
{
  g_autofree char *text = g_strnfill (1 << 20, 'x');

  for (int i = 0; i < arg_number; i++)
    lab_probe_emit_captured (LAB_PROBE (self), text, i);
  lab_probe_skeleton_complete_flood (self, call);
  return TRUE;
}

static gboolean
handle_mix (LabProbeSkeleton  *self,
            PlantRpcInvocation *call)
{
  const char *tags[] = { "x", "", NULL };
  const char *parts[] = { "close-source", "close-target", NULL };
  g_autoptr (GVariant) config = g_variant_ref_sink (g_variant_new ("(sd)", "y", 1.5));

  lab_probe_emit_mixed (LAB_PROBE (self), TRUE, G_MAXUINT, -((gint64) 1 << 52), (guint64) 1 << 52,
                         -0.5, "a→b", tags, config, "for-session", parts);
  lab_probe_skeleton_complete_mix (self, call);
  return TRUE;
}

static gboolean
handle_sender (LabProbeSkeleton  *self,
               PlantRpcInvocation *call)
{
  lab_probe_skeleton_complete_sender (self, call, plant_rpc_invocation_get_sender (call));
  return TRUE;
}

static gboolean
handle_let_stop (LabProbeSkeleton  *self,
                 PlantRpcInvocation *call,
                 gboolean            arg_allowed)
{
  plant_rpc_server_set_allow_stop (LAB_DEVICE (self)->server, arg_allowed);
  lab_probe_skeleton_complete_let_stop (self, call);
  return TRUE;
}

static GBytes *
new_pattern (gsize size)
{
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = i % 251;
  return g_bytes_new_take (data, size);
}

static gboolean
handle_get_image (LabProbeSkeleton  *self,
                  PlantRpcInvocation *call,
                  gboolean            arg_lores)
{
  g_autoptr (GBytes) image = new_pattern (arg_lores ? 4096 : 1 << 20);

  lab_probe_skeleton_complete_get_image (
      self, call, image,
      g_variant_new_parsed ("{'format': <'raw'>, 'lores': <%b>}", arg_lores));
  return TRUE;
}

static gboolean
handle_empty (LabProbeSkeleton  *self,
              PlantRpcInvocation *call)
{
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);

  lab_probe_skeleton_complete_empty (self, call, nothing, NULL);
  return TRUE;
}

static void
lab_device_class_init (LabDeviceClass *klass)
{
  LabProbeSkeletonClass *skeleton = LAB_PROBE_SKELETON_CLASS (klass);

  skeleton->handle_write_count = write_count;
  skeleton->handle_write_label = write_label;
  skeleton->handle_echo = handle_echo;
  skeleton->handle_add = handle_add;
  skeleton->handle_nothing = handle_nothing;
  skeleton->handle_arguments = handle_arguments;
  skeleton->handle_later = handle_later;
  skeleton->handle_slow = handle_slow;
  skeleton->handle_cancelled = handle_cancelled;
  skeleton->handle_drop = handle_drop;
  skeleton->handle_fail = handle_fail;
  skeleton->handle_refuse = handle_refuse;
  skeleton->handle_break_down = handle_break_down;
  skeleton->handle_crash = handle_crash;
  skeleton->handle_block = handle_block;
  skeleton->handle_unblock = handle_unblock;
  skeleton->handle_change = handle_change;
  skeleton->handle_shoot = handle_shoot;
  skeleton->handle_flood = handle_flood;
  skeleton->handle_mix = handle_mix;
  skeleton->handle_sender = handle_sender;
  skeleton->handle_let_stop = handle_let_stop;
  skeleton->handle_get_image = handle_get_image;
  skeleton->handle_empty = handle_empty;
}

static void
lab_device_init (LabDevice *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
}

/* The other way to run a method: not to subclass, but to connect. */
static gboolean
on_no_light (LabProbeSkeleton  *self,
             PlantRpcInvocation *call,
             gpointer            user_data)
{
  return fail (call, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "deliberate failure");
}

static void
on_input_closed (GObject      *stream,
                 GAsyncResult *result,
                 gpointer      server)
{
  plant_rpc_server_stop (server);
}

/* A PlantRpcReadHandler: a skeleton reads its properties itself. */
static gboolean
read_property (PlantRpcInvocation  *read,
               const char          *name,
               gpointer             device,
               GError             **error)
{
  g_autofree char *label = NULL;

  g_object_get (device, "label", &label, NULL);
  if (!g_str_equal (name, "label") || g_strcmp0 (label, "unreadable") != 0)
    return TRUE;
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED, "the %s is hidden", name);
  return FALSE;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (LabDevice) device = g_object_new (LAB_TYPE_DEVICE, NULL);
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (G_OBJECT (device), "tcp://127.0.0.1:*");
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GError) error = NULL;

  device->server = server;
  g_signal_connect (device, "handle-no-light", G_CALLBACK (on_no_light), NULL);
  lab_probe_skeleton_offer (LAB_PROBE_SKELETON (device), server, PLANT_RPC_METHOD_FLAGS_NONE);
  plant_rpc_server_set_name (server, "probe");
  plant_rpc_server_set_read_handler (server, read_property, device, NULL);
  plant_rpc_server_start (server, &error);
  g_assert_no_error (error);
  g_input_stream_read_bytes_async (input, 1, G_PRIORITY_DEFAULT, NULL, on_input_closed, server);
  g_print ("{\"url\": \"%s\"}\n", plant_rpc_server_get_url (server));
  plant_rpc_server_serve_forever (server, &error);
  g_assert_no_error (error);
  g_assert_finalize_object (g_steal_pointer (&server));
  g_assert_finalize_object (g_steal_pointer (&device));
  return 0;
}
