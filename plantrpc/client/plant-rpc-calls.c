/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-calls-private.h"
#include "plant-rpc-enums.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-held-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-json-reader-private.h"
#include "plant-rpc-source-private.h"

struct _PlantRpcCall {
  PlantRpcCalls    *calls;         /* (unowned) */
  PlantRpcRequest   request;       /* (owned): only name and event are kept once it was sent */
  gboolean          wants_buffer;
  gboolean          blocking;
  int               timeout;       /* ms, or PLANT_RPC_TIMEOUT_… */
  gint64            deadline;      /* monotonic µs; -1: none */
  gint64            limit;         /* monotonic µs; -1: none; the deadline once it is sent */
  guint64           id;            /* 0: not sent yet */
  guint64           n_replies;     /* of the link, when it was sent */
  gint64            asked;         /* becomes that of the PlantRpcReply */
  GList            *link;          /* (nullable): in calls->waiting, until it is sent */
  GCancellable     *cancellable;   /* (owned) (nullable) */
  GSource          *cancel_source; /* (owned) (nullable) */
  PlantRpcCallFunc  func;
  gpointer          user_data;
};

typedef enum {
  STATE_PAUSED, /* calls wait */
  STATE_SENDING,
  STATE_CLOSED, /* calls end at once */
} State;

struct _PlantRpcCalls {
  PlantRpcLink          *link;    /* (unowned) */
  GMainContext          *context; /* (owned) */
  PlantRpcServerProfile *profile; /* (unowned) */
  PlantRpcCallQuietFunc  quiet;
  gpointer               owner;   /* (unowned) */
  GHashTable            *calls;   /* (owned) (element-type PlantRpcCall PlantRpcCall) */
  GQueue                 waiting; /* (element-type PlantRpcCall): the oldest first */
  State                  state;
  PlantRpcFormat         format;
  guint                  process; /* that has made it */
  GError                *reason;  /* (owned) (nullable) */
  PlantRpcAlarm          alarm;   /* at the earliest deadline, or earlier */
  int                    property_timeout; /* ms, or PLANT_RPC_TIMEOUT_… */
  int                    send_timeout;     /* ms, or PLANT_RPC_TIMEOUT_NONE */
};

static void on_alarm (gpointer owner,
                      gint64   now);

static void
clear_calls (PlantRpcCalls *self)
{
  g_hash_table_unref (self->calls);
  g_clear_error (&self->reason);
  g_main_context_unref (self->context);
}

PLANT_RPC_DEFINE_HELD (PlantRpcCalls, clear_calls)

static void
call_free (PlantRpcCall *call)
{
  plant_rpc_request_clear (&call->request);
  plant_rpc_source_clear (&call->cancel_source);
  g_clear_object (&call->cancellable);
  g_free (call);
}

PlantRpcCalls *
plant_rpc_calls_new (PlantRpcLink          *link,
                     GMainContext          *context,
                     PlantRpcTimer         *timer,
                     PlantRpcServerProfile *profile,
                     PlantRpcCallQuietFunc  quiet,
                     gpointer               owner)
{
  PlantRpcCalls *self = g_rc_box_new0 (PlantRpcCalls);

  self->link = link;
  self->context = g_main_context_ref (context);
  self->profile = profile;
  self->quiet = quiet;
  self->owner = owner;
  self->calls = g_hash_table_new (NULL, NULL);
  self->property_timeout = PLANT_RPC_TIMEOUT_DEFAULT;
  self->send_timeout = PLANT_RPC_TIMEOUT_NONE;
  self->process = plant_rpc_init_get_process ();
  g_queue_init (&self->waiting);
  plant_rpc_alarm_init (&self->alarm, timer, "calls", on_alarm, self);
  return self;
}

/* Ends the call with REPLY or ERROR, whichever is given, and takes its content. */
static void
finish (PlantRpcCall  *call,
        PlantRpcReply *reply,
        GError        *error)
{
  PlantRpcCalls *self = call->calls;

  g_hash_table_remove (self->calls, call);
  if (call->link != NULL)
    g_queue_delete_link (&self->waiting, g_steal_pointer (&call->link));
  call->func (reply, error, call->user_data);
  call_free (call);
}

static void
finish_with_error (PlantRpcCall *call,
                   GError       *error)
{
  g_autoptr (GError) owned = error;

  finish (call, NULL, owned);
}

static GError *
make_closed_error (PlantRpcCalls *self,
                   gboolean       sent)
{
  return g_error_new (PLANT_RPC_ERROR,
                      sent ? PLANT_RPC_ERROR_OUTCOME_UNKNOWN : PLANT_RPC_ERROR_CLOSED,
                      _("The client for “%s” was closed"), plant_rpc_link_get_label (self->link));
}

gboolean
plant_rpc_calls_are_inherited (PlantRpcCalls *self)
{
  return plant_rpc_init_is_inherited (self->process);
}

GError *
plant_rpc_calls_make_inherited_error (PlantRpcCalls *self)
{
  return g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED,
                      /* Translators: the address of a device */
                      _("The client for “%s” belongs to the process that forked this one; make "
                        "another one here"),
                      plant_rpc_link_get_label (self->link));
}

void
plant_rpc_calls_close (PlantRpcCalls *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);
  g_autoptr (GList) calls = g_hash_table_get_keys (self->calls);

  self->state = STATE_CLOSED;
  plant_rpc_alarm_clear (&self->alarm);
  for (GList *l = calls; l != NULL; l = l->next)
    {
      PlantRpcCall *call = l->data;

      if (!g_hash_table_contains (self->calls, call))
        continue;
      if (call->id != 0)
        plant_rpc_link_forget (self->link, call->id);
      finish_with_error (call, make_closed_error (self, call->id != 0));
    }
}

void
plant_rpc_calls_free (PlantRpcCalls *self)
{
  plant_rpc_calls_close (self);
  release (self);
}

void
plant_rpc_calls_set_reason (PlantRpcCalls *self,
                            const GError  *reason)
{
  g_clear_error (&self->reason);
  self->reason = reason != NULL ? g_error_copy (reason) : NULL;
}

int
plant_rpc_calls_get_property_timeout (PlantRpcCalls *self)
{
  return self->property_timeout;
}

void
plant_rpc_calls_set_property_timeout (PlantRpcCalls *self,
                                      int            timeout)
{
  self->property_timeout = timeout;
}

int
plant_rpc_calls_get_send_timeout (PlantRpcCalls *self)
{
  return self->send_timeout;
}

void
plant_rpc_calls_set_send_timeout (PlantRpcCalls *self,
                                  int            timeout)
{
  self->send_timeout = timeout;
}

static const char *
describe (const PlantRpcRequest *request)
{
  /* Translators: stands in quotes where else the name of a method or property does */
  return request->name != NULL ? request->name : _("request");
}

static gboolean
unpack (PlantRpcCall   *call,
        PlantRpcReply  *reply,
        GBytes         *payload,
        GBytes         *buffer,
        GError        **error)
{
  return plant_rpc_reply_unpack (reply, call->request.event, call->wants_buffer, payload, buffer,
                                 error);
}

static void
on_reply (GBytes       *payload,
          GBytes       *buffer,
          const GError *failure,
          gpointer      user_data)
{
  PlantRpcCall *call = user_data;
  PlantRpcCalls *self = call->calls;
  g_auto (PlantRpcReply) reply = { .asked = call->asked };
  g_autoptr (GError) error = NULL;

  if (payload == NULL)
    {
      finish_with_error (call, g_error_copy (failure));
      return;
    }
  if (!unpack (call, &reply, payload, buffer, &error))
    {
      /* Translators: the address of a device, and the name of a method or property */
      g_prefix_error (&error, _("The reply of “%s” to “%s” cannot be understood: "),
                      plant_rpc_link_get_label (self->link), describe (&call->request));
      plant_rpc_reply_clear (&reply);
      finish (call, &reply, error);
    }
  else
    {
      /* A relay tells what became of the request behind it. */
      if (reply.error != NULL && plant_rpc_server_profile_get_relays (self->profile) != NULL)
        plant_rpc_error_believe (reply.error);
      finish (call, &reply, reply.error);
    }
}

static void
note_deadline (PlantRpcCalls *self,
               PlantRpcCall  *call)
{
  if (call->blocking || call->deadline < 0 ||
      (self->alarm.time >= 0 && self->alarm.time <= call->deadline))
    return;
  plant_rpc_alarm_set (&self->alarm, call->deadline);
}

static void
set_deadline (PlantRpcCall *call,
              gint64        deadline)
{
  call->deadline = deadline;
  note_deadline (call->calls, call);
}

/* Sets until when a call may wait to be sent. */
static void
await_sending (PlantRpcCall *call)
{
  int timeout = call->calls->send_timeout;
  gint64 deadline;

  if (timeout < 0)
    {
      set_deadline (call, call->limit);
      return;
    }
  /* A caller that blocks connects while it waits, so it waits for a moment at least. */
  deadline = plant_rpc_timer_end_of (MAX (timeout, 1));
  set_deadline (call, call->limit < 0 ? deadline : MIN (deadline, call->limit));
}

static void
note_sent (PlantRpcCall *call)
{
  PlantRpcCalls *self = call->calls;

  g_queue_delete_link (&self->waiting, g_steal_pointer (&call->link));
  if (call->timeout == PLANT_RPC_TIMEOUT_FROM_SERVER)
    {
      call->timeout = plant_rpc_server_profile_get_timeout (self->profile, &call->request);
      call->limit = plant_rpc_timer_end_of (call->timeout);
    }
  set_deadline (call, call->limit);
  g_clear_pointer (&call->request.args, g_variant_unref);
  g_clear_pointer (&call->request.kwargs, g_variant_unref);
  g_clear_pointer (&call->request.value, g_variant_unref);
  if (call->request.event == PLANT_RPC_EVENT_METHOD_CALL)
    plant_rpc_link_expect_large (self->link, call->id);
}

/* The connection has turned out to be lost, so the calls wait for the next one. */
static void
note_unsent (PlantRpcCall *call)
{
  call->calls->state = STATE_PAUSED;
  await_sending (call);
}

/* Sends the call that waits longest. Returns FALSE if the call has ended. */
static gboolean
send_call (PlantRpcCall *call)
{
  PlantRpcCalls *self = call->calls;
  g_autoptr (GBytes) payload = NULL;
  GError *error = NULL;

  call->request.format = self->format;
  if (plant_rpc_server_profile_check_request (self->profile,
                                              plant_rpc_link_get_label (self->link),
                                              &call->request, call->wants_buffer, &error))
    payload = plant_rpc_request_pack (&call->request, &error);
  if (payload == NULL)
    {
      finish_with_error (call, error);
      return FALSE;
    }
  call->n_replies = plant_rpc_link_get_n_replies (self->link);
  call->asked = self->format == PLANT_RPC_FORMAT_NATIVE ? G_MAXINT64 : g_get_monotonic_time ();
  call->id = plant_rpc_link_send (self->link, payload, on_reply, call);
  if (call->id != 0)
    note_sent (call);
  else
    note_unsent (call);
  return TRUE;
}

void
plant_rpc_calls_resume (PlantRpcCalls  *self,
                        PlantRpcFormat  format)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);

  self->state = STATE_SENDING;
  self->format = format;
  while (self->state == STATE_SENDING && !g_queue_is_empty (&self->waiting))
    send_call (g_queue_peek_head (&self->waiting));
}

void
plant_rpc_calls_pause (PlantRpcCalls *self)
{
  if (self->state != STATE_CLOSED)
    self->state = STATE_PAUSED;
}

gboolean
plant_rpc_calls_is_sending (PlantRpcCalls *self)
{
  return self->state == STATE_SENDING;
}

static gboolean
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  plant_rpc_call_cancel (user_data);
  return G_SOURCE_REMOVE;
}

static GError *
make_cancelled_error (PlantRpcCall *call)
{
  /* Translators: the name of a method or property */
  return g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("“%s” was cancelled"),
                      describe (&call->request));
}

static GError *
make_late_error (PlantRpcCall *call)
{
  return g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT,
                      /* Translators: the name of a method or property */
                      _("“%s” was not sent: its time was over before it began"),
                      describe (&call->request));
}

/* Returns FALSE if the call has ended before it was sent. */
static gboolean
check_begin (PlantRpcCall *call)
{
  if (plant_rpc_init_is_inherited (call->calls->process))
    finish_with_error (call, plant_rpc_calls_make_inherited_error (call->calls));
  else if (call->calls->state == STATE_CLOSED)
    finish_with_error (call, make_closed_error (call->calls, FALSE));
  else if (g_cancellable_is_cancelled (call->cancellable))
    finish_with_error (call, make_cancelled_error (call));
  else if (call->timeout < PLANT_RPC_TIMEOUT_NONE)
    finish_with_error (call, make_late_error (call));
  else
    return TRUE;
  return FALSE;
}

static void
watch_cancellable (PlantRpcCall *call)
{
  if (call->cancellable == NULL || call->blocking)
    return;
  call->cancel_source = plant_rpc_source_new_cancelled (call->cancellable, call->calls->context,
                                                        on_cancelled, call);
}

static gboolean
is_of_property (const PlantRpcRequest *request)
{
  return request->event == PLANT_RPC_EVENT_PROPERTY_GET ||
         request->event == PLANT_RPC_EVENT_PROPERTY_SET;
}

PlantRpcCall *
plant_rpc_calls_add (PlantRpcCalls    *self,
                     PlantRpcRequest  *request,
                     gboolean          wants_buffer,
                     int               timeout,
                     GCancellable     *cancellable,
                     gboolean          blocking,
                     PlantRpcCallFunc  func,
                     gpointer          user_data)
{
  PlantRpcCall *call = g_new0 (PlantRpcCall, 1);

  call->calls = self;
  call->request = *request;
  *request = (PlantRpcRequest) { 0 };
  call->wants_buffer = wants_buffer;
  call->blocking = blocking;
  call->timeout = timeout;
  if (timeout == PLANT_RPC_TIMEOUT_FROM_SERVER && is_of_property (&call->request))
    call->timeout = self->property_timeout;
  call->func = func;
  call->user_data = user_data;
  call->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  g_hash_table_add (self->calls, call);
  if (!check_begin (call))
    return NULL;

  call->limit = plant_rpc_timer_end_of (call->timeout == PLANT_RPC_TIMEOUT_FROM_SERVER
                                            ? PLANT_RPC_TIMEOUT_DEFAULT
                                            : call->timeout);
  watch_cancellable (call);
  g_queue_push_tail (&self->waiting, call);
  call->link = self->waiting.tail;
  if (self->state == STATE_SENDING)
    return send_call (call) ? call : NULL;
  await_sending (call);
  return call;
}

const gint64 *
plant_rpc_call_get_deadline (PlantRpcCall *call)
{
  return &call->deadline;
}

static GError *
make_unsent_error (PlantRpcCall *call)
{
  PlantRpcCalls *self = call->calls;
  g_autoptr (GError) look_up = plant_rpc_link_explain_look_up (self->link, self->reason);
  const GError *reason = look_up != NULL ? look_up : self->reason;

  return g_error_new (PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT,
                      /* Translators: a method or property, the address of a device, the reason */
                      _("“%s” was not sent: there is no connection to “%s” (%s)"),
                      describe (&call->request), plant_rpc_link_get_label (self->link),
                      /* Translators: a reason: “it” is the device */
                      reason != NULL ? reason->message : _("it is not ready yet"));
}

static GError *
make_timeout_error (PlantRpcCall *call)
{
  if (call->id == 0)
    return make_unsent_error (call);
  return g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                      /* Translators: the address of a device, a method or property, seconds */
                      _("“%s” did not answer to “%s” within %g s; it may still run"),
                      plant_rpc_link_get_label (call->calls->link), describe (&call->request),
                      call->timeout / 1000.0);
}

/* The end of one call may end others, or add some, which wait on. */
void
plant_rpc_calls_end_waiting (PlantRpcCalls *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);
  g_autoptr (GList) calls = g_list_copy (self->waiting.head);

  for (GList *l = calls; l != NULL; l = l->next)
    {
      PlantRpcCall *call = l->data;

      if (g_hash_table_contains (self->calls, call) && call->id == 0)
        finish_with_error (call, make_unsent_error (call));
    }
}

void
plant_rpc_call_expire (PlantRpcCall *call)
{
  PlantRpcCalls *self = call->calls;
  g_autoptr (Held) held = g_rc_box_acquire (self);
  gboolean sent = call->id != 0;
  /* A server that works on one request at a time may have been busy with others. */
  gboolean quiet = sent && call->n_replies == plant_rpc_link_get_n_replies (self->link);

  if (sent)
    plant_rpc_link_forget (self->link, call->id);
  finish_with_error (call, make_timeout_error (call));
  if (quiet && self->state != STATE_CLOSED)
    self->quiet (self->owner);
}

/* A native server stops what it is doing. A server of Plant Imager would crash if it was told. */
static void
tell_cancelled (PlantRpcCall *call)
{
  PlantRpcCalls *self = call->calls;
  PlantRpcRequest request = { .format = PLANT_RPC_FORMAT_NATIVE,
                              .event = PLANT_RPC_EVENT_CANCEL,
                              .number = call->id };
  g_autoptr (GBytes) payload = NULL;

  plant_rpc_link_forget (self->link, call->id);
  if (self->format != PLANT_RPC_FORMAT_NATIVE || !plant_rpc_link_is_open (self->link))
    return;
  payload = plant_rpc_request_pack (&request, NULL);
  plant_rpc_link_send (self->link, payload, NULL, NULL);
}

void
plant_rpc_call_cancel (PlantRpcCall *call)
{
  if (call->id != 0)
    tell_cancelled (call);
  finish_with_error (call, make_cancelled_error (call));
}

static gboolean
is_due (PlantRpcCall *call,
        gint64        now)
{
  return !call->blocking && call->deadline >= 0 && now >= call->deadline;
}

static void
note_deadlines (PlantRpcCalls *self)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->calls);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    note_deadline (self, key);
}

/* The end of one call may run a main loop, in which the other calls must end in their time. */
static void
on_alarm (gpointer owner,
          gint64   now)
{
  PlantRpcCalls *self = owner;
  g_autoptr (Held) held = g_rc_box_acquire (self);
  g_autoptr (GList) calls = g_hash_table_get_keys (self->calls);

  note_deadlines (self);
  for (GList *l = calls; l != NULL && self->state != STATE_CLOSED; l = l->next)
    {
      if (g_hash_table_contains (self->calls, l->data) && is_due (l->data, now))
        plant_rpc_call_expire (l->data);
    }
  if (self->state == STATE_CLOSED)
    return;
  plant_rpc_alarm_clear (&self->alarm);
  note_deadlines (self);
}
