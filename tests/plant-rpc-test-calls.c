/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-enums.h"
#include "plant-rpc-error.h"
#include "plant-rpc-test-calls.h"

static void
ignore (gpointer owner)
{
}

static void
on_lost (gpointer      owner,
         const GError *reason)
{
  TestCalls *self = owner;

  plant_rpc_calls_pause (self->calls);
  plant_rpc_calls_set_reason (self->calls, reason);
}

static const PlantRpcLinkFuncs link_funcs = {
  .opened = ignore,
  .lost = on_lost,
};

static TestCalls *current;

static const char *const relays[] = { "a", NULL };

/* The linker replaces what the calls ask of the profile of the server. */
const char *const *
__wrap_plant_rpc_server_profile_get_relays (PlantRpcServerProfile *self);
int __wrap_plant_rpc_server_profile_get_timeout (PlantRpcServerProfile *self,
                                                 const PlantRpcRequest *request);
gboolean __wrap_plant_rpc_server_profile_check_request (PlantRpcServerProfile  *self,
                                                        const char             *label,
                                                        const PlantRpcRequest  *request,
                                                        gboolean                wants_buffer,
                                                        GError                **error);

const char *const *
__wrap_plant_rpc_server_profile_get_relays (PlantRpcServerProfile *self)
{
  return current->is_relay ? relays : NULL;
}

int
__wrap_plant_rpc_server_profile_get_timeout (PlantRpcServerProfile *self,
                                             const PlantRpcRequest *request)
{
  return current->server_timeout;
}

gboolean
__wrap_plant_rpc_server_profile_check_request (PlantRpcServerProfile  *self,
                                               const char             *label,
                                               const PlantRpcRequest  *request,
                                               gboolean                wants_buffer,
                                               GError                **error)
{
  if (!current->unknown)
    return TRUE;
  g_set_error_literal (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_METHOD, "none");
  return FALSE;
}

guint64 __real_plant_rpc_link_send (PlantRpcLink          *link,
                                    GBytes                *payload,
                                    PlantRpcReplyFunc      func,
                                    gpointer               user_data);
guint64 __wrap_plant_rpc_link_send (PlantRpcLink          *link,
                                    GBytes                *payload,
                                    PlantRpcReplyFunc      func,
                                    gpointer               user_data);

guint64
__wrap_plant_rpc_link_send (PlantRpcLink          *link,
                            GBytes                *payload,
                            PlantRpcReplyFunc      func,
                            gpointer               user_data)
{
  return current->cut ? 0 : __real_plant_rpc_link_send (link, payload, func, user_data);
}

static void
on_quiet (gpointer owner)
{
  ((TestCalls *) owner)->n_quiet++;
}

TestCalls *
test_calls_new (TestDevice *device)
{
  TestCalls *self = g_new0 (TestCalls, 1);

  current = self;
  self->told = g_string_new (NULL);
  self->server_timeout = 10000;
  self->timer = test_timer_new ();
  self->link_timer = test_timer_new ();
  self->link = plant_rpc_link_new (test_device_get_url (device), g_main_context_default (),
                                   self->link_timer, &test_link_options, &link_funcs, self);
  self->calls = plant_rpc_calls_new (self->link, g_main_context_default (), self->timer, NULL,
                                     on_quiet, self);
  plant_rpc_link_connect (self->link);
  test_wait_until (plant_rpc_link_is_open (self->link));
  return self;
}

TestCalls *
test_calls_new_ready (TestDevice     *device,
                      PlantRpcFormat  format)
{
  TestCalls *self = test_calls_new (device);

  plant_rpc_calls_resume (self->calls, format);
  return self;
}

void
test_calls_free (TestCalls *self)
{
  plant_rpc_calls_free (self->calls);
  plant_rpc_link_free (self->link);
  plant_rpc_timer_free (self->timer);
  plant_rpc_timer_free (self->link_timer);
  g_string_free (self->told, TRUE);
  g_free (self);
}

typedef struct {
  TestCalls *owner;
  char      *name; /* (owned) */
} Call;

static char *
print_end (PlantRpcReply *reply,
           GError        *error)
{
  GEnumClass *codes;

  if (error != NULL)
    g_assert_true (reply == NULL || (reply->value == NULL && reply->buffer == NULL));
  else if (reply->value == NULL)
    return g_strdup ("done");
  else
    return g_variant_print (reply->value, FALSE);
  if (error->domain != PLANT_RPC_ERROR)
    return g_strdup (error->code == G_IO_ERROR_TIMED_OUT   ? "timed-out"
                     : error->code == G_IO_ERROR_CANCELLED ? "cancelled"
                                                           : error->message);
  codes = g_type_class_ref (PLANT_RPC_TYPE_ERROR);
  return g_strdup (g_enum_get_value (codes, error->code)->value_nick);
}

static void
on_end (PlantRpcReply *reply,
        GError        *error,
        gpointer       user_data)
{
  Call *call = user_data;
  TestCalls *self = call->owner;
  void (*action) (gpointer owner) = g_steal_pointer (&self->action);
  g_autofree char *end = print_end (reply, error);

  g_string_append_printf (self->told, "%s:%s ", call->name, end);
  g_free (call->name);
  g_free (call);
  if (action != NULL)
    action (self);
}

PlantRpcCall *
test_calls_add_request (TestCalls       *self,
                        PlantRpcRequest *request,
                        gboolean         wants_buffer,
                        int              timeout,
                        GCancellable    *cancellable,
                        gboolean         blocking)
{
  Call *call = g_new (Call, 1);
  PlantRpcCall *added;

  *call = (Call) { self, g_strdup (request->name) };
  added = plant_rpc_calls_add (self->calls, request, wants_buffer, timeout, cancellable, blocking,
                               on_end, call);
  g_assert_null (request->name);
  return added;
}

PlantRpcCall *
test_calls_add (TestCalls    *self,
                const char   *name,
                int           timeout,
                GCancellable *cancellable)
{
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_METHOD_CALL, .name = g_strdup (name) };

  return test_calls_add_request (self, &request, FALSE, timeout, cancellable, FALSE);
}

TestRequest *
test_device_expect_call (TestDevice *device,
                         const char *name)
{
  TestRequest *request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);

  g_assert_cmpstr (request->request.name, ==, name);
  return request;
}

void
test_calls_pass (TestCalls *self,
                 int        ms)
{
  plant_rpc_timer_ring (self->timer, g_get_monotonic_time () + (gint64) ms * 1000);
}
