/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-enums.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-property-private.h"
#include "plant-rpc-untyped-private.h"
#include "plant-rpc-value-basic-private.h"
#include "plant-rpc-value-private.h"

/* The value of a property: what the device has sent, what is shown, and the writes that are under
 * way. */

/* The most reads of one value, while changes that the device sends contradict what is read. */
#define MAX_READS 3

#define REFUSAL_BITS (PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_REFUSAL) | \
                      PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_MESSAGE))
#define VALUE_BITS \
  (PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_VALUE) | PLANT_RPC_PROPERTY_CLIENT_BIT)

/* ---- notifying */

static void
notify_later (gpointer client,
              gpointer property)
{
  plant_rpc_property_notify (property);
}

typedef enum {
  NOTIFY_AT_ONCE,
  NOTIFY_SOON,   /* at once where it is safe, or else from a later turn of the loop */
  NOTIFY_MERGED, /* from a later turn, together with what changes until then */
} Notify;

static void
notify_soon (PlantRpcProperty *self,
             gboolean          merged)
{
  PlantRpcPropertyHost *host = self->host;
  PlantRpcProperty *owned = g_object_ref (self);

  if (merged || host->n_quiet > 0 ||
      !plant_rpc_inbox_run_now (host->inbox, FALSE, notify_later, owned, g_object_unref))
    plant_rpc_inbox_defer_change (host->inbox, self->info->wire_name, notify_later, owned,
                                  g_object_unref);
}

/* BITS have changed. */
static void
mark (PlantRpcProperty *self,
      guint             bits,
      Notify            notify)
{
  PlantRpcPropertyHost *host = self->host;
  g_autoptr (GObject) client = NULL;

  self->dirty |= bits;
  if (host == NULL)
    return;
  client = g_object_ref (host->client);
  if (notify == NOTIFY_AT_ONCE)
    plant_rpc_property_notify (self);
  else
    notify_soon (self, notify == NOTIFY_MERGED);
  plant_rpc_waiters_check_later (host->waiters, host->inbox);
}

typedef struct {
  char   *name;  /* (owned) */
  GError *error; /* (owned) */
} Refusal;

static void
refusal_free (gpointer data)
{
  Refusal *refusal = data;

  g_free (refusal->name);
  g_error_free (refusal->error);
  g_free (refusal);
}

static void
emit_write_failed (gpointer client,
                   gpointer data)
{
  Refusal *refusal = data;
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  g_signal_emit_by_name (client, "write-failed", refusal->name, refusal->error);
}

/* A script that never runs a main loop must not keep all refusals. */
static void
report_refusal (PlantRpcProperty *self,
                const GError     *error)
{
  Refusal *refusal;

  if (self->host == NULL)
    return;
  refusal = g_new (Refusal, 1);
  *refusal = (Refusal) { g_strdup (self->name), g_error_copy (error) };
  plant_rpc_inbox_defer_bounded (self->host->inbox, emit_write_failed, refusal,
                                 strlen (error->message), refusal_free);
}

/* The value of the device has changed as BITS tell. */
static void
mark_told (PlantRpcProperty *self,
           guint             bits)
{
  if ((bits & VALUE_BITS) != 0 && !plant_rpc_throttle_admit (&self->throttle))
    {
      self->held |= bits & VALUE_BITS;
      bits &= ~(guint) VALUE_BITS;
    }
  if (bits != 0)
    mark (self, bits, NOTIFY_MERGED);
}

void
plant_rpc_property_release (gpointer property)
{
  PlantRpcProperty *self = property;

  mark (self, self->held, NOTIFY_MERGED);
}

/* ---- the value */

static guint
set_state (PlantRpcProperty      *self,
           PlantRpcPropertyState  state)
{
  if (self->state == state)
    return 0;
  self->state = state;
  return PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_STATE);
}

static void
copy_value (const GValue *source,
            GValue       *target)
{
  if (G_IS_VALUE (target))
    g_value_unset (target);
  g_value_init (target, G_VALUE_TYPE (source));
  g_value_copy (source, target);
}

/* Returns whether the client's property already has that value as its default. */
static gboolean
is_default (PlantRpcProperty *self,
            const GValue     *value)
{
  return G_IS_VALUE (&self->initial) && plant_rpc_value_equal (&self->initial, value);
}

/* The shown value follows the device. */
static guint
show_device_value (PlantRpcProperty *self)
{
  guint bits = VALUE_BITS;

  if (!G_IS_VALUE (&self->device))
    return set_state (self, PLANT_RPC_PROPERTY_STATE_UNSET);
  if (G_IS_VALUE (&self->shown) && plant_rpc_value_equal (&self->shown, &self->device))
    bits = 0;
  else if (!G_IS_VALUE (&self->shown) && is_default (self, &self->device))
    bits = PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_VALUE);
  copy_value (&self->device, &self->shown);
  return bits | set_state (self, self->live && self->known ? PLANT_RPC_PROPERTY_STATE_CURRENT
                                                           : PLANT_RPC_PROPERTY_STATE_STALE);
}

gboolean
plant_rpc_property_is_pending (PlantRpcProperty *self)
{
  return plant_rpc_write_slot_is_busy (&self->writes) || self->read != PLANT_RPC_PROPERTY_READ_NONE;
}

static guint
set_error (PlantRpcProperty *self,
           const GError     *error)
{
  if (plant_rpc_error_equal (self->error, error))
    return 0;
  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : NULL;
  return PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_ERROR) |
         (self->refusal == NULL ? REFUSAL_BITS : 0);
}

/* The value of the device is not known, because of ERROR, until the device tells one. */
static void
lose (PlantRpcProperty *self,
      const GError     *error)
{
  guint bits = set_error (self, error);

  self->known = FALSE;
  if (self->state == PLANT_RPC_PROPERTY_STATE_CURRENT)
    bits |= set_state (self, PLANT_RPC_PROPERTY_STATE_STALE);
  if (bits != 0)
    mark (self, bits, NOTIFY_SOON);
}

/* If the value does not fit, the shown one is no longer that of the device. */
static gboolean
store_device_value (PlantRpcProperty  *self,
                    GVariant          *value,
                    GError           **error)
{
  g_auto (GValue) converted = G_VALUE_INIT;
  g_autoptr (GError) misfit = NULL;

  if (!plant_rpc_property_accept (self, value, &converted, &misfit))
    {
      lose (self, misfit);
      g_propagate_error (error, g_steal_pointer (&misfit));
      return FALSE;
    }
  plant_rpc_property_note_integral (self, value);
  copy_value (&converted, &self->device);
  self->known = TRUE;
  self->dirty |= set_error (self, NULL);
  return TRUE;
}

void
plant_rpc_property_doubt (PlantRpcProperty *self)
{
  self->known = FALSE;
}

void
plant_rpc_property_note_signal (PlantRpcProperty *self)
{
  self->signalled = g_get_monotonic_time ();
}

gboolean
plant_rpc_property_has_signal_since (PlantRpcProperty *self,
                                     gint64            time)
{
  return self->signalled >= time;
}

gboolean
plant_rpc_property_is_known (PlantRpcProperty *self)
{
  return self->known;
}

void
plant_rpc_property_end_doubt (PlantRpcProperty *self)
{
  if (!self->known && self->state == PLANT_RPC_PROPERTY_STATE_CURRENT)
    mark (self, set_state (self, PLANT_RPC_PROPERTY_STATE_STALE), NOTIFY_SOON);
}

static guint
set_refusal (PlantRpcProperty *self,
             const GError     *error)
{
  if (self->refusal == NULL && error == NULL)
    return 0;
  g_clear_error (&self->refusal);
  self->refusal = error != NULL ? g_error_copy (error) : NULL;
  return REFUSAL_BITS;
}

void
plant_rpc_property_forget_refusal (PlantRpcProperty *self)
{
  const guint bits = set_refusal (self, NULL);

  if (bits != 0)
    mark (self, bits, NOTIFY_SOON);
}

gboolean
plant_rpc_property_told (PlantRpcProperty  *self,
                         GVariant          *value,
                         GError           **error)
{
  const gboolean was_lost = self->error != NULL;
  guint bits;

  if (self->read == PLANT_RPC_PROPERTY_READ_AWAITED)
    self->read = PLANT_RPC_PROPERTY_READ_OVERTAKEN;
  if (!store_device_value (self, value, error))
    return FALSE;
  if (plant_rpc_property_is_pending (self))
    return TRUE;
  bits = show_device_value (self);
  if (was_lost || (bits & PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_VALUE)) != 0)
    bits |= set_refusal (self, NULL);
  mark_told (self, bits);
  return TRUE;
}

/* A change that did not fit has been told, too: then the value is not known. */
static gboolean
contradicts (PlantRpcProperty *self,
             GVariant         *value)
{
  g_auto (GValue) converted = G_VALUE_INIT;

  if (!plant_rpc_property_accept (self, value, &converted, NULL))
    return self->known;
  return !self->known || !plant_rpc_value_equal (&converted, &self->device);
}

/* If writes are under way, the value is read after them. */
static void
ask_again (PlantRpcProperty *self)
{
  if (plant_rpc_property_is_pending (self))
    self->unsure = TRUE;
  else if (self->n_asked++ < MAX_READS)
    plant_rpc_property_ask (self);
}

/* If changes come over a connection of their own, either the change or the reply may be older. */
gboolean
plant_rpc_property_answered (PlantRpcProperty  *self,
                             GVariant          *value,
                             gint64             asked,
                             GError           **error)
{
  if (plant_rpc_property_has_signal_since (self, asked) && contradicts (self, value))
    {
      ask_again (self);
      return TRUE;
    }
  /* A change ends no asking: a property that changes all the time would be asked for ever. */
  if (asked != G_MAXINT64)
    self->n_asked = 0;
  return plant_rpc_property_told (self, value, error);
}

/* What happened to the request says nothing of the property. */
static gboolean
is_of_device (const GError *error)
{
  return error->domain == PLANT_RPC_ERROR && error->code != PLANT_RPC_ERROR_NOT_SENT &&
         error->code != PLANT_RPC_ERROR_OUTCOME_UNKNOWN && error->code != PLANT_RPC_ERROR_CLOSED;
}

void
plant_rpc_property_told_failure (PlantRpcProperty *self,
                                 const GError     *error,
                                 gint64            asked)
{
  if (!is_of_device (error))
    return;
  if (self->known && plant_rpc_property_has_signal_since (self, asked))
    ask_again (self);
  else
    lose (self, error);
}

/* A notification from inside the setter would be lost, since a GBinding ignores it. */
static void
refuse (PlantRpcProperty *self,
        const GError     *error)
{
  mark (self, set_refusal (self, error) | VALUE_BITS, NOTIFY_SOON);
  report_refusal (self, error);
}

static void
set_not_ready_error (PlantRpcProperty  *self,
                     GError           **error)
{
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT,
               /* Translators: the name of a property */
               _("“%s” was not written: the device is not ready"), self->info->wire_name);
}

static void
set_lacking_error (PlantRpcProperty  *self,
                   GError           **error)
{
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_PROPERTY,
               /* Translators: the name of a property */
               _("The device has no property “%s”"), self->info->wire_name);
}

static gboolean
check_write (PlantRpcProperty  *self,
             GError           **error)
{
  if (!self->info->writable)
    g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_WRITABLE,
                 _("The property “%s” cannot be written"), self->info->wire_name);
  else if (self->lacking)
    set_lacking_error (self, error);
  else if (!self->live || self->host == NULL)
    set_not_ready_error (self, error);
  else
    return TRUE;
  return FALSE;
}

static void
on_written (PlantRpcReply *reply,
            GError        *error,
            gpointer       user_data)
{
  g_autoptr (PlantRpcProperty) self = user_data;

  plant_rpc_property_settle (self, reply != NULL ? reply->value : NULL, error);
}

static void
on_reread (PlantRpcReply *reply,
           GError        *error,
           gpointer       user_data)
{
  g_autoptr (PlantRpcProperty) self = user_data;

  if (error != NULL)
    plant_rpc_property_told_failure (self, error, plant_rpc_reply_get_asked (reply));
  plant_rpc_property_settle_read (self, reply != NULL ? reply->value : NULL);
}

static void
on_asked (PlantRpcReply *reply,
          GError        *error,
          gpointer       user_data)
{
  g_autoptr (PlantRpcProperty) self = user_data;
  const gboolean again = self->ask == PLANT_RPC_PROPERTY_ASK_AGAIN;

  self->ask = PLANT_RPC_PROPERTY_ASK_NONE;
  if (reply != NULL && reply->value != NULL)
    plant_rpc_property_answered (self, reply->value, reply->asked, NULL);
  else if (error != NULL)
    plant_rpc_property_told_failure (self, error, plant_rpc_reply_get_asked (reply));
  if (again)
    plant_rpc_property_ask (self);
}

static void
send_request (PlantRpcProperty *self,
              PlantRpcEvent     event,
              GVariant         *value,
              PlantRpcCallFunc  func)
{
  PlantRpcRequest request = { .event = event, .name = g_strdup (self->info->wire_name) };

  if (value != NULL)
    request.value = g_variant_ref (value);
  plant_rpc_calls_add (self->host->calls, &request, FALSE, PLANT_RPC_TIMEOUT_FROM_SERVER, NULL,
                       FALSE, func, g_object_ref (self));
}

void
plant_rpc_property_ask (PlantRpcProperty *self)
{
  const gboolean awaited = self->ask != PLANT_RPC_PROPERTY_ASK_NONE;

  if (self->host == NULL)
    return;
  self->ask = awaited ? PLANT_RPC_PROPERTY_ASK_AGAIN : PLANT_RPC_PROPERTY_ASK_AWAITED;
  if (!awaited)
    send_request (self, PLANT_RPC_EVENT_PROPERTY_GET, NULL, on_asked);
}

/* The connection may have been lost while the value waited. */
void
plant_rpc_property_send_write (gpointer  property,
                               GVariant *value)
{
  PlantRpcProperty *self = property;
  g_autoptr (GError) error = NULL;

  if (plant_rpc_calls_is_sending (self->host->calls))
    {
      send_request (self, PLANT_RPC_EVENT_PROPERTY_SET, value, on_written);
      return;
    }
  set_not_ready_error (self, &error);
  plant_rpc_property_settle (self, NULL, error);
}

void
plant_rpc_property_write (PlantRpcProperty *self,
                          const GValue     *value)
{
  g_auto (GValue) adapted = G_VALUE_INIT;
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GError) error = NULL;
  guint bits;

  if (self->type == PLANT_RPC_TYPE_UNTYPED)
    {
      plant_rpc_property_adapt (self, value, &adapted);
      value = &adapted;
    }
  if (check_write (self, &error))
    variant = plant_rpc_property_to_sent (self, value, &error);
  if (variant == NULL)
    {
      refuse (self, error);
      return;
    }
  if (G_IS_VALUE (&self->shown) && plant_rpc_value_equal (&self->shown, value) &&
      (self->state == PLANT_RPC_PROPERTY_STATE_CURRENT ||
       self->state == PLANT_RPC_PROPERTY_STATE_PENDING))
    return;
  copy_value (value, &self->shown);
  bits = VALUE_BITS | set_state (self, PLANT_RPC_PROPERTY_STATE_PENDING) | set_refusal (self, NULL);
  plant_rpc_write_queue_add (self->host->writes, &self->writes, variant);
  /* If the write could not even be sent, this is notified from the main loop. */
  mark (self, bits,
        plant_rpc_property_is_pending (self) ? NOTIFY_AT_ONCE : NOTIFY_SOON);
}

static void
tell_refusals (PlantRpcProperty *self)
{
  GError *error;

  while ((error = g_queue_pop_head (&self->untold)) != NULL)
    {
      report_refusal (self, error);
      g_error_free (error);
    }
}

/* The value is notified even if it is equal, so that a widget whose value was clamped or refused
 * shows it, too. */
static void
end_writes (PlantRpcProperty *self)
{
  /* The device does not have the value that it has refused. */
  if (!G_IS_VALUE (&self->device) && !g_queue_is_empty (&self->untold))
    g_value_unset (&self->shown);
  self->unsure = FALSE;
  self->n_reads = 0;
  mark (self, show_device_value (self) | VALUE_BITS, NOTIFY_SOON);
  tell_refusals (self);
}

/* A device that confirms a write without the value may have changed the value, or kept the old
 * one. */
static void
reread (PlantRpcProperty *self)
{
  self->unsure = FALSE;
  self->read = PLANT_RPC_PROPERTY_READ_AWAITED;
  self->n_reads++;
  send_request (self, PLANT_RPC_EVENT_PROPERTY_GET, NULL, on_reread);
}

static gboolean
is_taken (PlantRpcProperty *self)
{
  return self->live && self->host != NULL;
}

/* The value that waits may go out now. */
static void
note_answer (PlantRpcProperty *self)
{
  if (self->host != NULL)
    plant_rpc_write_queue_note_answer (self->host->writes, &self->writes);
  else
    self->writes.n_sent--;
}

void
plant_rpc_property_settle (PlantRpcProperty *self,
                           GVariant         *value,
                           const GError     *error)
{
  g_autoptr (PlantRpcProperty) guard = g_object_ref (self);
  gboolean known = value != NULL && store_device_value (self, value, NULL);

  self->unsure = self->unsure || (error == NULL && !known);
  if (error != NULL)
    {
      g_queue_push_tail (&self->untold, g_error_copy (error));
      mark (self, set_refusal (self, error), NOTIFY_SOON);
    }
  else
    {
      plant_rpc_property_forget_refusal (self);
    }
  note_answer (self);
  if (plant_rpc_property_is_pending (self))
    tell_refusals (self);
  else if (self->unsure && is_taken (self))
    reread (self);
  else
    end_writes (self);
}

void
plant_rpc_property_settle_read (PlantRpcProperty *self,
                                GVariant         *value)
{
  g_autoptr (PlantRpcProperty) guard = g_object_ref (self);
  const gboolean overtaken = self->read == PLANT_RPC_PROPERTY_READ_OVERTAKEN;

  self->read = PLANT_RPC_PROPERTY_READ_NONE;
  if (value != NULL && !overtaken)
    store_device_value (self, value, NULL);
  if (plant_rpc_write_slot_is_busy (&self->writes))
    tell_refusals (self);
  else if ((self->unsure || (value != NULL && overtaken && contradicts (self, value))) &&
           self->n_reads < MAX_READS && is_taken (self))
    reread (self);
  else
    end_writes (self);
}

void
plant_rpc_property_set_live (PlantRpcProperty *self,
                             gboolean          live)
{
  guint bits = 0;

  if (self->live == live)
    return;
  self->live = live;
  if (live)
    bits |= set_refusal (self, NULL);
  if (self->info->writable)
    bits |= PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_WRITABLE);
  if (!live && self->state == PLANT_RPC_PROPERTY_STATE_CURRENT)
    bits |= set_state (self, PLANT_RPC_PROPERTY_STATE_STALE);
  else if (live && self->state == PLANT_RPC_PROPERTY_STATE_STALE && self->known)
    bits |= set_state (self, PLANT_RPC_PROPERTY_STATE_CURRENT);
  if (bits != 0)
    mark (self, bits, NOTIFY_SOON);
}

void
plant_rpc_property_set_lacking (PlantRpcProperty *self,
                                gboolean          lacking)
{
  g_autoptr (GError) error = NULL;

  if (self->lacking == lacking)
    return;
  self->lacking = lacking;
  /* If the device tells a value of another type, the error for that says more. */
  if (!lacking || self->error != NULL)
    return;
  set_lacking_error (self, &error);
  plant_rpc_property_told_failure (self, error, G_MAXINT64);
}

static gboolean
is_same_limit (GVariant *a,
               GVariant *b)
{
  return a == b || (a != NULL && b != NULL && g_variant_equal (a, b));
}

void
plant_rpc_property_describe (PlantRpcProperty     *self,
                             PlantRpcPropertyInfo *info)
{
  g_autoptr (PlantRpcPropertyInfo) former = NULL;
  guint value_bits = 0;

  if (self->info == info)
    return;
  former = self->info;
  self->info = plant_rpc_property_info_ref (info);
  /* A widget that was bound to the former limits may not have been able to show the value. */
  if (G_IS_VALUE (&self->shown) && (!is_same_limit (former->minimum, info->minimum) ||
                                    !is_same_limit (former->maximum, info->maximum)))
    value_bits = VALUE_BITS;
  mark (self,
        PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_WRITABLE) |
            PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_MINIMUM) |
            PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_MAXIMUM) |
            PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_STEP) |
            PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_UNIT) |
            PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_DESCRIPTION) | value_bits,
        NOTIFY_SOON);
}
