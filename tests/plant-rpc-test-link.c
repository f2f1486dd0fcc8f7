/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-test-link.h"

static void
on_opened (gpointer owner)
{
  ((TestLink *) owner)->n_opened++;
}

static void
on_lost (gpointer      owner,
         const GError *reason)
{
  TestLink *self = owner;

  self->n_lost++;
  g_string_append (self->told, "lost ");
  g_clear_error (&self->reason);
  self->reason = g_error_copy (reason);
}

static void
on_heard (gpointer owner)
{
  ((TestLink *) owner)->n_heard++;
}

static void
on_pushed (gpointer  owner,
           guint64   sequence,
           GBytes   *payload)
{
  gsize size;
  const char *data = g_bytes_get_data (payload, &size);

  g_string_append_printf (((TestLink *) owner)->told, "push:%" G_GUINT64_FORMAT ":%.*s ", sequence,
                          (int) size, data);
}

static const PlantRpcLinkFuncs funcs = {
  .opened = on_opened,
  .lost = on_lost,
  .heard = on_heard,
};

TestLink *
test_link_new (const char *url)
{
  TestLink *self = g_new0 (TestLink, 1);

  self->told = g_string_new (NULL);
  self->timer = test_timer_new ();
  self->link = plant_rpc_link_new (url, g_main_context_default (), self->timer,
                                   &test_link_options, &funcs, self);
  plant_rpc_link_set_push_func (self->link, on_pushed, self);
  plant_rpc_link_connect (self->link);
  return self;
}

TestLink *
test_link_new_open (TestDevice *device)
{
  TestLink *self = test_link_new (test_device_get_url (device));

  test_wait_until (plant_rpc_link_is_open (self->link));
  return self;
}

void
test_link_free (TestLink *self)
{
  plant_rpc_link_free (self->link);
  plant_rpc_timer_free (self->timer);
  g_clear_error (&self->reason);
  g_string_free (self->told, TRUE);
  g_free (self);
}

/* A request, whose reply or error is written down under its name. */
typedef struct {
  TestLink *owner;
  char     *name; /* (owned) */
} Call;

static void
on_reply (GBytes       *payload,
          GBytes       *buffer,
          const GError *error,
          gpointer      user_data)
{
  Call *call = user_data;
  TestLink *self = call->owner;
  void (*action) (gpointer owner) = g_steal_pointer (&self->action);
  gsize size;
  const char *data;

  if (payload == NULL)
    {
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_OUTCOME_UNKNOWN);
      g_string_append_printf (self->told, "%s:failed ", call->name);
    }
  else
    {
      data = g_bytes_get_data (payload, &size);
      g_string_append_printf (self->told, "%s:%.*s ", call->name, (int) size, data);
      if (buffer != NULL)
        g_string_append_printf (self->told, "+%zu ", g_bytes_get_size (buffer));
    }
  g_free (call->name);
  g_free (call);
  if (action != NULL)
    action (self);
}

guint64
test_link_send (TestLink   *self,
                const char *name)
{
  g_autofree char *text = g_strdup_printf ("{\"event\": \"PROPERTY_GET\", \"property\": \"%s\"}",
                                           name);
  g_autoptr (GBytes) payload = g_bytes_new (text, strlen (text));
  Call *call = g_new (Call, 1);

  *call = (Call) { self, g_strdup (name) };
  return plant_rpc_link_send (self->link, payload, on_reply, call);
}

gboolean
test_link_is_told (TestLink   *self,
                   const char *told)
{
  plant_rpc_timer_ring (self->timer, g_get_monotonic_time ());
  return g_str_equal (self->told->str, told);
}

TestRequest *
test_device_expect_get (TestDevice *device,
                        const char *name)
{
  TestRequest *request = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);

  g_assert_cmpstr (request->request.name, ==, name);
  return request;
}

gint64
test_link_measure_wait (TestLink *self)
{
  return plant_rpc_timer_get_deadline (self->timer) - g_get_monotonic_time ();
}
