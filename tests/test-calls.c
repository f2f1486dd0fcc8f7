/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-calls-private.h"
#include "plant-rpc-enums.h"
#include "plant-rpc-error.h"
#include "plant-rpc-test-device.h"

/* What a session does for its calls, over a link to a scripted device. */
typedef struct {
  PlantRpcLink   *link;   /* (owned) */
  PlantRpcCalls *calls; /* (owned) */
  GString        *told;   /* (owned): the end of each call */
  int             told_timeout; /* ms */
  gboolean        unknown;      /* the peer has no such method */
  guint           n_quiet;
  guint           n_rearmed;
  void          (*action) (gpointer owner); /* done by the next call that ends */
} Owner;

static void
ignore (gpointer owner)
{
}

static void
on_lost (gpointer      owner,
         const GError *reason)
{
  Owner *self = owner;

  plant_rpc_calls_set_link (self->calls, NULL, PLANT_RPC_FORMAT_JSON);
  plant_rpc_calls_set_reason (self->calls, reason);
}

static const PlantRpcLinkFuncs link_funcs = {
  .hold = ignore,
  .release = ignore,
  .opened = ignore,
  .lost = on_lost,
  .rearm = ignore,
};

static Owner *current;

/* The linker replaces what the calls ask of the profile of the server. */
int __wrap_plant_rpc_server_profile_get_timeout (PlantRpcServerProfile *self,
                                                 const PlantRpcRequest *request);
gboolean __wrap_plant_rpc_server_profile_check_request (PlantRpcServerProfile  *self,
                                                        const PlantRpcRequest  *request,
                                                        gboolean                wants_buffer,
                                                        GError                **error);

int
__wrap_plant_rpc_server_profile_get_timeout (PlantRpcServerProfile *self,
                                             const PlantRpcRequest *request)
{
  return current->told_timeout;
}

gboolean
__wrap_plant_rpc_server_profile_check_request (PlantRpcServerProfile  *self,
                                               const PlantRpcRequest  *request,
                                               gboolean                wants_buffer,
                                               GError                **error)
{
  if (!current->unknown)
    return TRUE;
  g_set_error_literal (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_METHOD, "none");
  return FALSE;
}

static void
on_rearm (gpointer owner)
{
  ((Owner *) owner)->n_rearmed++;
}

static void
on_quiet (gpointer owner)
{
  ((Owner *) owner)->n_quiet++;
}

static const PlantRpcCallsFuncs funcs = {
  .rearm = on_rearm,
  .quiet = on_quiet,
};

static Owner *
owner_new (TestDevice *device)
{
  Owner *self = g_new0 (Owner, 1);

  current = self;
  self->told = g_string_new (NULL);
  self->told_timeout = 10000;
  self->calls = plant_rpc_calls_new (test_device_get_url (device), g_main_context_default (), NULL,
                                     &funcs, self);
  self->link = plant_rpc_link_new (test_device_get_url (device), g_main_context_default (),
                                   &test_link_options, &link_funcs, self);
  plant_rpc_link_connect (self->link);
  test_wait_until (plant_rpc_link_is_open (self->link));
  return self;
}

static Owner *
owner_new_ready (TestDevice     *device,
                 PlantRpcFormat  format)
{
  Owner *self = owner_new (device);

  plant_rpc_calls_set_link (self->calls, self->link, format);
  return self;
}

static void
owner_free (Owner *self)
{
  plant_rpc_calls_free (self->calls);
  plant_rpc_link_free (self->link);
  g_string_free (self->told, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Owner, owner_free)

typedef struct {
  Owner *owner;
  char  *name; /* (owned) */
} Call;

static char *
print_end (PlantRpcReply *reply,
           GError        *error)
{
  GEnumClass *codes;

  g_assert_true ((reply == NULL) != (error == NULL));
  if (reply != NULL && reply->value == NULL)
    return g_strdup ("done");
  if (reply != NULL)
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
  Owner *self = call->owner;
  void (*action) (gpointer owner) = g_steal_pointer (&self->action);
  g_autofree char *end = print_end (reply, error);

  g_string_append_printf (self->told, "%s:%s ", call->name, end);
  g_free (call->name);
  g_free (call);
  if (action != NULL)
    action (self);
}

static PlantRpcCall *
add (Owner        *self,
     const char   *name,
     int           timeout,
     GCancellable *cancellable)
{
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_METHOD_CALL, .name = g_strdup (name) };
  Call *call = g_new (Call, 1);
  PlantRpcCall *added;

  *call = (Call) { self, g_strdup (name) };
  added = plant_rpc_calls_add (self->calls, &request, FALSE, timeout, cancellable, FALSE, on_end,
                               call);
  g_assert_null (request.name);
  return added;
}

static TestRequest *
expect_call (TestDevice *device,
             const char *name)
{
  TestRequest *request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);

  g_assert_cmpstr (request->request.name, ==, name);
  return request;
}

static void
pass (Owner *self,
      int    ms)
{
  plant_rpc_calls_check_time (self->calls, g_get_monotonic_time () + (gint64) ms * 1000);
}

/* The deadline lies MS after a moment between SINCE and now. Just before it nothing happens. */
static void
pass_deadline (Owner  *self,
               gint64  since,
               int     ms)
{
  g_autofree char *told = g_strdup (self->told->str);
  gint64 deadline = plant_rpc_calls_get_deadline (self->calls);

  g_assert_cmpint (deadline, >=, since + (gint64) ms * 1000);
  g_assert_cmpint (deadline, <=, g_get_monotonic_time () + (gint64) ms * 1000);
  plant_rpc_calls_check_time (self->calls, deadline - 1);
  g_assert_cmpstr (self->told->str, ==, told);
  plant_rpc_calls_check_time (self->calls, deadline);
}

#define assert_told(self, expected) test_wait_until (g_str_equal ((self)->told->str, expected))

static void
test_in_order (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new (device);
  g_autoptr (TestRequest) a = NULL, b = NULL, c = NULL;

  g_assert_nonnull (add (self, "a", 1000, NULL));
  g_assert_nonnull (add (self, "b", PLANT_RPC_TIMEOUT_NONE, NULL));
  g_assert_true (test_device_is_idle (device));
  plant_rpc_calls_set_link (self->calls, self->link, PLANT_RPC_FORMAT_NATIVE);
  g_assert_nonnull (add (self, "c", PLANT_RPC_TIMEOUT_FROM_SERVER, NULL));
  a = expect_call (device, "a");
  b = expect_call (device, "b");
  c = expect_call (device, "c");
  test_device_reply_value (device, c, g_variant_new_string ("3"));
  test_device_reply_value (device, a, g_variant_new_int32 (1));
  test_device_reply_value (device, b, NULL);
  assert_told (self, "c:'3' a:1 b:done ");
  g_assert_cmpuint (self->n_quiet, ==, 0);
}

static void
test_formats (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new_ready (device, PLANT_RPC_FORMAT_JSON);
  g_autoptr (TestRequest) a = NULL;

  add (self, "a", 1000, NULL);
  a = expect_call (device, "a");
  g_assert_cmpint (a->request.format, ==, PLANT_RPC_FORMAT_JSON);
  test_device_reply_text (device, a, "{\"success\": true, \"result\": 1}");
  assert_told (self, "a:1 ");
}

static void
test_not_sent (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new (device);
  gint64 since = g_get_monotonic_time ();

  add (self, "a", 100, NULL);
  add (self, "b", 1000, NULL);
  add (self, "told", PLANT_RPC_TIMEOUT_FROM_SERVER, NULL);
  add (self, "ever", PLANT_RPC_TIMEOUT_NONE, NULL);
  g_assert_cmpuint (self->n_rearmed, ==, 1);
  pass_deadline (self, since, 100);
  g_assert_cmpstr (self->told->str, ==, "a:not-sent ");
  pass_deadline (self, since, 1000);
  g_assert_cmpstr (self->told->str, ==, "a:not-sent b:not-sent ");
  pass_deadline (self, since, PLANT_RPC_TIMEOUT_DEFAULT);
  g_assert_cmpstr (self->told->str, ==, "a:not-sent b:not-sent told:not-sent ");
  g_assert_cmpint (plant_rpc_calls_get_deadline (self->calls), ==, -1);
  /* Nobody was quiet: nothing was asked. */
  g_assert_cmpuint (self->n_quiet, ==, 0);
  plant_rpc_calls_set_link (self->calls, self->link, PLANT_RPC_FORMAT_NATIVE);
  test_request_free (expect_call (device, "ever"));
  g_assert_true (test_device_is_idle (device));
}

static void
keep_error (PlantRpcReply *reply,
            GError        *error,
            gpointer       user_data)
{
  *(GError **) user_data = g_error_copy (error);
}

/* The reason for there being no connection is told, but not one that is over. */
static void
test_reason (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new (device);
  g_autoptr (GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "dog bites");

  for (guint i = 0; i < 3; i++)
    {
      PlantRpcRequest request = { .event = PLANT_RPC_EVENT_METHOD_CALL, .name = g_strdup ("a") };
      g_autoptr (GError) error = NULL;

      plant_rpc_calls_set_reason (self->calls, i == 1 ? reason : NULL);
      plant_rpc_calls_add (self->calls, &request, FALSE, 100, NULL, FALSE, keep_error, &error);
      pass (self, 100);
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
      g_assert_true ((strstr (error->message, "dog bites") != NULL) == (i == 1));
    }
}

/* Only the reply to a call may be larger than what is held of a connection. */
static void
test_large_reply (void)
{
  static const PlantRpcEvent events[] = { PLANT_RPC_EVENT_METHOD_CALL,
                                          PLANT_RPC_EVENT_PROPERTY_GET };
  const gsize size = PLANT_RPC_MAX_UNFINISHED + 1024 * 1024;
  g_autoptr (GBytes) large = g_bytes_new_take (g_malloc0 (size), size);

  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      g_autoptr (Owner) self = owner_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
      PlantRpcRequest request = { .event = events[i], .name = g_strdup ("a") };
      g_autoptr (TestRequest) asked = NULL;
      Call *call = g_new (Call, 1);

      *call = (Call) { self, g_strdup ("a") };
      plant_rpc_calls_add (self->calls, &request, TRUE, 100000, NULL, FALSE, on_end, call);
      asked = test_device_expect (device, events[i]);
      test_device_reply (device, asked, large, NULL);
      test_wait_until (self->told->len > 0);
      g_assert_cmpint (g_str_equal (self->told->str, "a:outcome-unknown "), ==, i == 1);
    }
}

/* The late reply is dropped, and the next call does not get it. */
static void
test_timed_out (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (TestRequest) a = NULL, b = NULL;

  self->told_timeout = 300;
  add (self, "a", PLANT_RPC_TIMEOUT_FROM_SERVER, NULL);
  a = expect_call (device, "a");
  pass (self, 200);
  g_assert_cmpstr (self->told->str, ==, "");
  pass (self, 300);
  g_assert_cmpstr (self->told->str, ==, "a:timed-out ");
  g_assert_cmpuint (self->n_quiet, ==, 1);
  add (self, "b", 10000, NULL);
  test_device_reply_value (device, a, g_variant_new_string ("late"));
  b = expect_call (device, "b");
  test_device_reply_value (device, b, g_variant_new_string ("right"));
  assert_told (self, "a:timed-out b:'right' ");
  g_assert_cmpuint (plant_rpc_link_get_n_late (self->link), ==, 1);
}

/* Who blocks looks at the clock itself. */
static void
test_blocking (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_METHOD_CALL, .name = g_strdup ("a") };
  Call *ended = g_new (Call, 1);
  PlantRpcCall *call;

  *ended = (Call) { self, g_strdup ("a") };
  call = plant_rpc_calls_add (self->calls, &request, FALSE, 100, NULL, TRUE, on_end, ended);
  g_assert_cmpint (plant_rpc_call_get_deadline (call), <=, g_get_monotonic_time () + 100 * 1000);
  g_assert_cmpint (plant_rpc_calls_get_deadline (self->calls), ==, -1);
  add (self, "b", 50, NULL);
  pass (self, 200);
  g_assert_cmpstr (self->told->str, ==, "b:timed-out ");
  g_assert_cmpint (plant_rpc_calls_get_deadline (self->calls), ==, -1);
  plant_rpc_calls_expire (self->calls, call);
  g_assert_cmpstr (self->told->str, ==, "b:timed-out a:timed-out ");
}

static void
test_for_ever (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new_ready (device, PLANT_RPC_FORMAT_NATIVE);

  self->told_timeout = PLANT_RPC_TIMEOUT_NONE;
  add (self, "a", PLANT_RPC_TIMEOUT_FROM_SERVER, NULL);
  add (self, "b", PLANT_RPC_TIMEOUT_NONE, NULL);
  g_assert_cmpint (plant_rpc_calls_get_deadline (self->calls), ==, -1);
  pass (self, G_MAXINT);
  g_assert_cmpstr (self->told->str, ==, "");
}

static void
test_lost (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (TestRequest) a = NULL;

  add (self, "a", 1000, NULL);
  a = expect_call (device, "a");
  add (self, "b", 1000, NULL);
  g_clear_pointer (&device, test_device_free);
  assert_told (self, "a:outcome-unknown b:outcome-unknown ");
  add (self, "c", 100, NULL);
  pass (self, 100);
  assert_told (self, "a:outcome-unknown b:outcome-unknown c:not-sent ");
}

/* The callback of one that failed asks anew: that waits for the next connection. */
static void
do_add (gpointer owner)
{
  add (owner, "again", 1000, NULL);
}

static void
test_asked_anew_at_loss (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new_ready (device, PLANT_RPC_FORMAT_NATIVE);

  self->action = do_add;
  add (self, "a", 1000, NULL);
  g_clear_pointer (&device, test_device_free);
  assert_told (self, "a:outcome-unknown ");
  pass (self, 1000);
  g_assert_cmpstr (self->told->str, ==, "a:outcome-unknown again:not-sent ");
}

/* While one callback runs a loop, the time of another that was lost too goes by. */
static void
do_pass (gpointer owner)
{
  pass (owner, 2000);
}

static void
test_times_out_at_loss (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new_ready (device, PLANT_RPC_FORMAT_NATIVE);

  self->action = do_pass;
  add (self, "a", 10000, NULL);
  add (self, "b", 1000, NULL);
  add (self, "c", 10000, NULL);
  g_clear_pointer (&device, test_device_free);
  assert_told (self, "a:outcome-unknown b:timed-out c:outcome-unknown ");
}

static void
test_cancelled (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new (device);
  g_autoptr (GCancellable) early = g_cancellable_new (), late = g_cancellable_new ();
  g_autoptr (TestRequest) b = NULL, cancel = NULL;
  guint64 id;

  add (self, "a", 1000, early);
  add (self, "b", 1000, late);
  g_cancellable_cancel (early);
  assert_told (self, "a:cancelled ");
  plant_rpc_calls_set_link (self->calls, self->link, PLANT_RPC_FORMAT_NATIVE);
  b = expect_call (device, "b");
  g_cancellable_cancel (late);
  assert_told (self, "a:cancelled b:cancelled ");
  cancel = test_device_expect (device, PLANT_RPC_EVENT_CANCEL);
  memcpy (&id, g_bytes_get_data (b->id, NULL), sizeof id);
  g_assert_cmpuint (cancel->request.number, ==, GUINT64_FROM_LE (id));
  test_device_reply_value (device, b, NULL);
  test_wait_until (plant_rpc_link_get_n_late (self->link) == 1);
  g_assert_cmpuint (self->n_quiet, ==, 0);
}

/* Before it began: it is never sent. */
static void
test_cancelled_before (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  g_assert_null (add (self, "a", 1000, cancellable));
  g_assert_cmpstr (self->told->str, ==, "a:cancelled ");
  g_assert_true (test_device_is_idle (device));
}

/* A server of Plant Imager would not survive to be told. */
static void
test_cancelled_json (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new_ready (device, PLANT_RPC_FORMAT_JSON);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (TestRequest) a = NULL;

  add (self, "a", 1000, cancellable);
  a = expect_call (device, "a");
  g_cancellable_cancel (cancellable);
  assert_told (self, "a:cancelled ");
  g_assert_true (test_device_is_idle (device));
}

static void
test_cancelled_at_loss (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  add (self, "a", 1000, NULL);
  g_clear_pointer (&device, test_device_free);
  assert_told (self, "a:outcome-unknown ");
  add (self, "b", 1000, cancellable);
  g_cancellable_cancel (cancellable);
  assert_told (self, "a:outcome-unknown b:cancelled ");
}

static void
test_unknown (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new (device);

  self->unknown = TRUE;
  add (self, "a", 1000, NULL);
  g_assert_cmpstr (self->told->str, ==, "");
  plant_rpc_calls_set_link (self->calls, self->link, PLANT_RPC_FORMAT_JSON);
  g_assert_cmpstr (self->told->str, ==, "a:unknown-method ");
  g_assert_null (add (self, "b", 1000, NULL));
  g_assert_cmpstr (self->told->str, ==, "a:unknown-method b:unknown-method ");
  g_assert_true (test_device_is_idle (device));
}

static void
test_errors (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (TestRequest) a = NULL, b = NULL;

  add (self, "a", 1000, NULL);
  a = expect_call (device, "a");
  test_device_reply_error (device, a, "broken");
  assert_told (self, "a:remote ");
  add (self, "b", 1000, NULL);
  b = expect_call (device, "b");
  test_device_reply_text (device, b, "{\"success\": false, \"error\": \"x\"}");
  assert_told (self, "a:remote b:remote ");
}

/* What is not the protocol is an error of that call alone. */
static void
test_rubbish (void)
{
  static const char *const replies[] = {
    "",       "x",         "[]",          "{}",         "{\"success\": true",
    "\x90",   "\x90xyz",   "\x92",        "\x94\xff",   "{\"success\": true}",
    "\x93",   "\xff\xff",  "\x91 x",   "\xa0",       "{\"success\": 1, \"error\": 2}",
    "\x90\xff\xff\xff",
  };
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (TestRequest) last = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr (TestRequest) request = NULL;

      g_string_truncate (self->told, 0);
      add (self, "a", 1000, NULL);
      request = expect_call (device, "a");
      test_device_reply_text (device, request, replies[i]);
      test_wait_until (self->told->len > 0);
      g_assert_cmpstr (self->told->str, ==, "a:protocol ");
    }
  g_string_truncate (self->told, 0);
  add (self, "b", 1000, NULL);
  last = expect_call (device, "b");
  test_device_reply_value (device, last, NULL);
  assert_told (self, "b:done ");
}

static void
test_without_payload (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (TestRequest) request = NULL;

  add (self, "a", 100, NULL);
  request = expect_call (device, "a");
  test_device_reply (device, request, NULL, NULL);
  test_wait_until (plant_rpc_link_get_n_malformed (self->link) == 1);
  pass (self, 100);
  g_assert_cmpstr (self->told->str, ==, "a:timed-out ");
}

static void
test_closed (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) sent = owner_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (Owner) waiting = owner_new (device);
  g_autoptr (TestRequest) request = NULL;

  sent->action = do_add;
  add (sent, "a", 1000, NULL);
  request = expect_call (device, "a");
  plant_rpc_calls_close (sent->calls);
  g_assert_cmpstr (sent->told->str, ==, "a:outcome-unknown again:closed ");
  g_assert_null (add (sent, "b", 1000, NULL));
  g_assert_true (g_str_has_suffix (sent->told->str, " b:closed "));
  test_device_reply_value (device, request, NULL);
  test_wait_until (plant_rpc_link_get_n_late (sent->link) == 1);

  add (waiting, "w", 1000, NULL);
  plant_rpc_calls_close (waiting->calls);
  g_assert_cmpstr (waiting->told->str, ==, "w:closed ");
}

/* When the connection ends, the first callback runs a loop, in which the other calls time out. Each
 * must end exactly once. */
static void
test_times_out_at_close (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new (device);

  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      add (self, name, 1000, NULL);
    }
  self->action = do_pass;
  plant_rpc_calls_close (self->calls);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *word = g_strdup_printf (" %u:", i);
      g_autofree char *told = g_strconcat (" ", self->told->str, NULL);
      char *first = strstr (told, word);

      g_assert_nonnull (first);
      g_assert_null (strstr (first + 1, word));
    }
}

/* A call that has ended is left alone by its cancellable. */
static void
test_cancelled_after_end (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (Owner) self = owner_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (TestRequest) a = NULL;

  add (self, "a", 10000, cancellable);
  a = expect_call (device, "a");
  test_device_reply_value (device, a, NULL);
  assert_told (self, "a:done ");
  g_assert_finalize_object (g_steal_pointer (&cancellable));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/calls/in-order", test_in_order);
  g_test_add_func ("/calls/formats", test_formats);
  g_test_add_func ("/calls/not-sent", test_not_sent);
  g_test_add_func ("/calls/cancelled-after-end", test_cancelled_after_end);
  g_test_add_func ("/calls/blocking", test_blocking);
  g_test_add_func ("/calls/reason", test_reason);
  g_test_add_func ("/calls/large-reply", test_large_reply);
  g_test_add_func ("/calls/timed-out", test_timed_out);
  g_test_add_func ("/calls/for-ever", test_for_ever);
  g_test_add_func ("/calls/lost", test_lost);
  g_test_add_func ("/calls/asked-anew-at-loss", test_asked_anew_at_loss);
  g_test_add_func ("/calls/times-out-at-loss", test_times_out_at_loss);
  g_test_add_func ("/calls/cancelled", test_cancelled);
  g_test_add_func ("/calls/cancelled-before", test_cancelled_before);
  g_test_add_func ("/calls/cancelled-json", test_cancelled_json);
  g_test_add_func ("/calls/cancelled-at-loss", test_cancelled_at_loss);
  g_test_add_func ("/calls/unknown", test_unknown);
  g_test_add_func ("/calls/errors", test_errors);
  g_test_add_func ("/calls/rubbish", test_rubbish);
  g_test_add_func ("/calls/without-payload", test_without_payload);
  g_test_add_func ("/calls/closed", test_closed);
  g_test_add_func ("/calls/times-out-at-close", test_times_out_at_close);

  return g_test_run ();
}
