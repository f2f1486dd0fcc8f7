/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <string.h>

#include "talk.h"

#define DEADLINE_US (20 * G_USEC_PER_SEC)
#define TICK_MS     20

static gboolean
tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

gint64
talk_deadline (void)
{
  static guint ticker = 0;

  if (ticker == 0)
    ticker = g_timeout_add (TICK_MS, tick, NULL);
  return g_get_monotonic_time () + DEADLINE_US;
}

void
talk_iterate (gint64      end,
              const char *condition)
{
  if (g_get_monotonic_time () > end)
    g_error ("not in time: %s", condition);
  g_main_context_iteration (NULL, TRUE);
}

PlantRpcClient *
talk_new_client (Talk  *talk,
                 GType  template_type)
{
  g_autoptr (GError) error = NULL;
  PlantRpcClient *client;

  if (template_type == G_TYPE_INVALID)
    client = plant_rpc_client_new (talk->url);
  else
    client = plant_rpc_client_new_for_type (template_type, talk->url, &error);
  g_assert_no_error (error);
  plant_rpc_client_wait_ready_sync (client, TALK_CONNECT_MS, NULL, &error);
  g_assert_no_error (error);
  return client;
}

static gboolean
hears (PlantRpcClient *client,
       Record         *pings)
{
  g_autoptr (GVariant) number = talk_call (client, "shoot", "(0,)");

  return pings->emissions->len > 0;
}

PlantRpcClient *
talk_new_listener (Talk  *talk,
                   GType  template_type)
{
  PlantRpcClient *client = talk_new_client (talk, template_type);
  g_autoptr (Record) pings = record_new (client, "signal-received::ping");
  g_autoptr (GVariant) nothing = NULL;

  talk_wait (hears (client, pings));
  nothing = talk_call (client, "nothing", NULL);
  talk_wait (!g_main_context_iteration (NULL, FALSE));
  return client;
}

void
talk_keep_result (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  GAsyncResult **kept = user_data;

  g_assert_null (*kept);
  *kept = g_object_ref (result);
}

GVariant *
talk_try (PlantRpcClient  *client,
          const char      *method,
          const char      *args,
          GError         **error)
{
  return plant_rpc_client_call_sync (client, method, args != NULL ? g_variant_new_parsed (args)
                                                                  : NULL,
                                     NULL, PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, error);
}

GVariant *
talk_call (PlantRpcClient *client,
           const char     *method,
           const char     *args)
{
  g_autoptr (GError) error = NULL;
  GVariant *result = talk_try (client, method, args, &error);

  g_assert_no_error (error);
  return result;
}

static char *
print (GVariant *value)
{
  return value != NULL ? g_variant_print (value, TRUE) : g_strdup ("nothing at all");
}

/* Both through GVariant, as numbers have many spellings. */
static char *
spell (const char *text)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_parsed (text));

  return print (value);
}

void
talk_assert_text (GVariant   *value,
                  const char *text)
{
  g_autoptr (GVariant) taken = value;
  g_autofree char *got = print (taken);
  g_autofree char *expected = spell (text);

  g_assert_cmpstr (got, ==, expected);
}

static char *
print_property (gpointer    object,
                const char *name)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (object), name);
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (GVariant) variant = NULL;

  g_value_init (&value, pspec->value_type);
  g_object_get_property (object, name, &value);
  variant = test_value_to_variant (&value);
  return print (variant);
}

gboolean
talk_property_is (gpointer    object,
                  const char *name,
                  const char *text)
{
  g_autofree char *got = print_property (object, name);
  g_autofree char *expected = spell (text);

  return g_str_equal (got, expected);
}

void
talk_assert_property (gpointer    object,
                      const char *name,
                      const char *text)
{
  g_autofree char *got = print_property (object, name);
  g_autofree char *expected = spell (text);

  g_assert_cmpstr (got, ==, expected);
}

void
talk_set_property (gpointer    object,
                   const char *name,
                   const char *text)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (object), name);
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_parsed (text));
  g_auto (GValue) value = G_VALUE_INIT;

  test_value_from_variant (&value, pspec->value_type, variant);
  g_object_set_property (object, name, &value);
}

/* ---- what a signal brought */

static void
print_argument (Record       *self,
                GString      *text,
                const GValue *value)
{
  g_autoptr (GVariant) variant = NULL;

  if (G_VALUE_HOLDS (value, G_TYPE_ERROR))
    {
      g_clear_error (&self->error);
      self->error = g_error_copy (g_value_get_boxed (value));
      g_string_append_printf (text, " %s", self->error->message);
    }
  else if (!G_VALUE_HOLDS (value, G_TYPE_PARAM))
    {
      variant = test_value_to_variant (value);
      g_string_append_c (text, ' ');
      g_variant_print_string (variant, text, FALSE);
    }
}

static void
marshal (GClosure     *closure,
         GValue       *return_value,
         guint         n_params,
         const GValue *params,
         gpointer      hint,
         gpointer      data)
{
  Record *self = closure->data;
  GString *text = g_string_new (NULL);

  for (guint i = 1; i < n_params; i++)
    print_argument (self, text, &params[i]);
  g_ptr_array_add (self->emissions, g_string_free (text, FALSE));
}

Record *
record_new (gpointer    source,
            const char *signal)
{
  Record *self = g_new0 (Record, 1);
  GClosure *closure = g_closure_new_simple (sizeof (GClosure), self);

  g_closure_set_marshal (closure, marshal);
  self->source = g_object_ref (source);
  self->emissions = g_ptr_array_new_with_free_func (g_free);
  self->handler = g_signal_connect_closure (source, signal, closure, FALSE);
  return self;
}

void
record_free (Record *self)
{
  g_signal_handler_disconnect (self->source, self->handler);
  g_object_unref (self->source);
  g_ptr_array_unref (self->emissions);
  g_clear_error (&self->error);
  g_free (self);
}

const char *
record_get_last (Record *self)
{
  const char *last;

  if (self->emissions->len == 0)
    return "";
  last = g_ptr_array_index (self->emissions, self->emissions->len - 1);
  return *last == ' ' ? last + 1 : last;
}
