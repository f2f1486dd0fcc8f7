/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-runtime-type-private.h"
#include "plant-rpc-test-property.h"

char *
test_property_print_shown (TestProperty *self)
{
  g_autoptr (GVariant) value = plant_rpc_property_dup_value (self->property);

  return value != NULL ? g_variant_print (value, FALSE) : g_strdup ("unset");
}

/* An object with the one signal of a client that a property emits. */
#define TEST_TYPE_CLIENT (test_client_get_type ())
G_DECLARE_FINAL_TYPE (TestClient, test_client, TEST, CLIENT, GObject)

struct _TestClient {
  GObject parent_instance;
};

G_DEFINE_FINAL_TYPE (TestClient, test_client, G_TYPE_OBJECT)

static void
test_client_class_init (TestClientClass *klass)
{
  g_signal_new ("write-failed", TEST_TYPE_CLIENT, G_SIGNAL_RUN_FIRST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_ERROR);
}

static void
test_client_init (TestClient *self)
{
}

static void
on_write_failed (TestClient   *client,
                 const char   *name,
                 const GError *error,
                 TestProperty *self)
{
  g_autofree char *shown = test_property_print_shown (self);

  g_assert_cmpstr (name, ==, plant_rpc_property_get_name (self->property));
  g_ptr_array_add (self->refusals, g_strdup_printf ("%s at %s", error->message, shown));
}

static TestProperty *current;

PlantRpcCall *__wrap_plant_rpc_calls_add (PlantRpcCalls    *calls,
                                          PlantRpcRequest  *request,
                                          gboolean          wants_buffer,
                                          int               timeout,
                                          GCancellable     *cancellable,
                                          gboolean          blocking,
                                          PlantRpcCallFunc  func,
                                          gpointer          user_data);
gboolean __wrap_plant_rpc_calls_is_sending (PlantRpcCalls *calls);
void __wrap_plant_rpc_inbox_defer_change (PlantRpcInbox     *inbox,
                                          const char        *key,
                                          PlantRpcInboxFunc  func,
                                          gpointer           data,
                                          GDestroyNotify     destroy);
gboolean __wrap_plant_rpc_inbox_run_now (PlantRpcInbox     *inbox,
                                         gboolean           overtakes,
                                         PlantRpcInboxFunc  func,
                                         gpointer           data,
                                         GDestroyNotify     destroy);
gboolean __wrap_plant_rpc_inbox_defer_bounded (PlantRpcInbox     *inbox,
                                               PlantRpcInboxFunc  func,
                                               gpointer           data,
                                               gsize              size,
                                               GDestroyNotify     destroy);
void __wrap_plant_rpc_waiters_check_later (PlantRpcWaiters *waiters,
                                           PlantRpcInbox   *inbox);
void __real_plant_rpc_property_notify (PlantRpcProperty *property);
void __wrap_plant_rpc_property_notify (PlantRpcProperty *property);

/* The test settles the request itself. */
PlantRpcCall *
__wrap_plant_rpc_calls_add (PlantRpcCalls    *calls,
                            PlantRpcRequest  *request,
                            gboolean          wants_buffer,
                            int               timeout,
                            GCancellable     *cancellable,
                            gboolean          blocking,
                            PlantRpcCallFunc  func,
                            gpointer          user_data)
{
  g_autoptr (GError) error = g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT, "large");

  g_assert_cmpstr (request->name, ==, "angle");
  if (request->event == PLANT_RPC_EVENT_PROPERTY_GET)
    current->n_reads++;
  else
    g_ptr_array_add (current->writes, g_variant_print (request->value, FALSE));
  if (request->event == PLANT_RPC_EVENT_PROPERTY_SET && current->fail)
    {
      func (NULL, error, user_data);
    }
  else if (request->event == PLANT_RPC_EVENT_PROPERTY_GET &&
           !plant_rpc_property_is_pending (user_data))
    {
      g_assert_null (current->asked);
      current->asked = func;
      current->data = user_data;
    }
  else
    {
      g_object_unref (user_data);
    }
  plant_rpc_request_clear (request);
  return NULL;
}

gboolean
__wrap_plant_rpc_calls_is_sending (PlantRpcCalls *calls)
{
  return !current->lost;
}

void
__wrap_plant_rpc_inbox_defer_change (PlantRpcInbox     *inbox,
                                     const char        *key,
                                     PlantRpcInboxFunc  func,
                                     gpointer           data,
                                     GDestroyNotify     destroy)
{
  current->n_dirty++;
  destroy (data);
}

gboolean
__wrap_plant_rpc_inbox_run_now (PlantRpcInbox     *inbox,
                                gboolean           overtakes,
                                PlantRpcInboxFunc  func,
                                gpointer           data,
                                GDestroyNotify     destroy)
{
  return FALSE;
}

gboolean
__wrap_plant_rpc_inbox_defer_bounded (PlantRpcInbox     *inbox,
                                      PlantRpcInboxFunc  func,
                                      gpointer           data,
                                      gsize              size,
                                      GDestroyNotify     destroy)
{
  func (current->host.client, data);
  destroy (data);
  return TRUE;
}

void
__wrap_plant_rpc_waiters_check_later (PlantRpcWaiters *waiters,
                                      PlantRpcInbox   *inbox)
{
}

void
__wrap_plant_rpc_property_notify (PlantRpcProperty *property)
{
  current->n_dirty++;
  current->n_now++;
  __real_plant_rpc_property_notify (property);
}

static void
count_value (GObject    *object,
             GParamSpec *pspec,
             gpointer    user_data)
{
  ((TestProperty *) user_data)->n_value++;
}

TestProperty *
test_property_new (const char *form)
{
  TestProperty *self = g_new0 (TestProperty, 1);
  g_autofree char *json = g_strdup_printf ("{\"properties\": {\"angle\": %s}}", form);
  g_autoptr (GError) error = NULL;
  PlantRpcPropertyInfo *info;

  self->info = plant_rpc_interface_info_new_from_json (json, &error);
  g_assert_no_error (error);
  info = plant_rpc_interface_info_find_property (self->info, "angle");
  current = self;
  self->host.home = plant_rpc_home_new_for_object ();
  self->host.client = g_object_new (TEST_TYPE_CLIENT, NULL);
  self->host.writes = plant_rpc_write_queue_new (plant_rpc_property_send_write);
  self->property = plant_rpc_property_new (info, plant_rpc_runtime_type_of_property (info),
                                           &self->host);
  self->writes = g_ptr_array_new_with_free_func (g_free);
  self->refusals = g_ptr_array_new_with_free_func (g_free);
  g_signal_connect (self->host.client, "write-failed", G_CALLBACK (on_write_failed), self);
  g_signal_connect (self->property, "notify::value", G_CALLBACK (count_value), self);
  return self;
}

void
test_property_free (TestProperty *self)
{
  if (self->asked != NULL)
    g_object_unref (self->data);
  plant_rpc_property_detach (self->property);
  plant_rpc_write_queue_free (self->host.writes);
  g_assert_finalize_object (self->property);
  g_assert_finalize_object (self->host.client);
  plant_rpc_home_unref (self->host.home);
  g_ptr_array_unref (self->writes);
  g_ptr_array_unref (self->refusals);
  plant_rpc_interface_info_unref (self->info);
  g_free (self);
}

void
test_property_tell (TestProperty *self,
                    int           number)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_int32 (number));
  g_autoptr (GError) error = NULL;

  plant_rpc_property_told (self->property, value, &error);
  g_assert_no_error (error);
}

TestProperty *
test_property_new_live (void)
{
  TestProperty *self = test_property_new ("{\"type\": \"i\"}");

  test_property_tell (self, 10);
  plant_rpc_property_set_live (self->property, TRUE);
  __real_plant_rpc_property_notify (self->property);
  self->n_dirty = self->n_now = self->n_value = 0;
  return self;
}

void
test_property_write_int (TestProperty *self,
                         int           number)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, number);
  plant_rpc_property_write (self->property, &value);
}

void
test_property_settle (TestProperty *self,
                      int           number,
                      const char   *refusal)
{
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  if (number >= 0)
    value = g_variant_ref_sink (g_variant_new_int32 (number));
  if (refusal != NULL)
    error = g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE, refusal);
  plant_rpc_property_settle (self->property, value, error);
}

void
test_property_settle_read (TestProperty *self,
                           int           number)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_int32 (number));

  plant_rpc_property_settle_read (self->property, value);
}

void
test_property_reply (TestProperty *self,
                     int           number,
                     gint64        asked)
{
  g_auto (PlantRpcReply) reply = { .asked = asked };
  PlantRpcCallFunc func = g_steal_pointer (&self->asked);

  reply.value = g_variant_ref_sink (g_variant_new_int32 (number));
  func (&reply, NULL, self->data);
}

guint
test_property_take_notified (TestProperty *self)
{
  guint n;

  __real_plant_rpc_property_notify (self->property);
  n = self->n_value;
  self->n_value = 0;
  return n;
}
