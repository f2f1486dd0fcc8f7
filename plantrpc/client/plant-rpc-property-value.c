/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-enums.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-property-private.h"
#include "plant-rpc-role-private.h"
#include "plant-rpc-untyped-private.h"
#include "plant-rpc-value-basic-private.h"
#include "plant-rpc-value-private.h"

/* The value of a property: what the device has sent, what is shown, and the writes that are under
 * way. */

/* The most reads of one value, while changes that the device sends contradict what is read. */
#define MAX_READS 3

#define DESCRIPTION_BITS (PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_WRITABLE) | \
                          PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_MINIMUM) | \
                          PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_MAXIMUM) | \
                          PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_STEP) | \
                          PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_UNIT) | \
                          PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_DESCRIPTION))

static guint
set_state (PlantRpcProperty      *self,
           PlantRpcPropertyState  state)
{
  if (self->state == state)
    return 0;
  self->state = state;
  return PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_STATE);
}

/* Moves SOURCE, which is unset then. */
static void
move_value (GValue *source,
            GValue *target)
{
  if (G_IS_VALUE (target))
    g_value_unset (target);
  *target = *source;
  *source = (GValue) G_VALUE_INIT;
}

/* Returns what the device told last, or an unset GValue. */
static const GValue *
peek_device (PlantRpcProperty *self)
{
  return self->agrees ? &self->shown : &plant_rpc_property_peek_extra (self)->device;
}

/* The device has told VALUE, which is moved. Another value is shown until the writes have their
 * outcome. */
static void
keep_device (PlantRpcProperty *self,
             GValue           *value)
{
  move_value (value, &plant_rpc_property_need_extra (self)->device);
  self->agrees = FALSE;
}

/* Returns whether the client's property already has that value as its default. */
static gboolean
is_default (PlantRpcProperty *self,
            const GValue     *value)
{
  g_auto (GValue) initial = G_VALUE_INIT;

  if (self->pspec == NULL)
    return FALSE;
  g_value_init (&initial, G_PARAM_SPEC_VALUE_TYPE (self->pspec));
  g_param_value_set_default (self->pspec, &initial);
  return plant_rpc_value_equal (&initial, value);
}

static guint
show_as_told (PlantRpcProperty *self)
{
  self->agrees = TRUE;
  return set_state (self, self->live && self->known ? PLANT_RPC_PROPERTY_STATE_CURRENT
                                                    : PLANT_RPC_PROPERTY_STATE_STALE);
}

/* Shows VALUE of the device, which is moved. */
static guint
show (PlantRpcProperty *self,
      GValue           *value)
{
  guint bits = PLANT_RPC_PROPERTY_VALUE_BITS;

  if (G_IS_VALUE (&self->shown) && plant_rpc_value_equal (&self->shown, value))
    bits = 0;
  else if (!G_IS_VALUE (&self->shown) && is_default (self, value))
    bits = PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_VALUE);
  move_value (value, &self->shown);
  return bits | show_as_told (self);
}

/* The shown value follows the device. */
static guint
show_device_value (PlantRpcProperty *self)
{
  g_auto (GValue) device = G_VALUE_INIT;

  if (!G_IS_VALUE (peek_device (self)))
    return set_state (self, PLANT_RPC_PROPERTY_STATE_UNSET);
  if (self->agrees)
    return show_as_told (self);
  move_value (&self->extra->device, &device);
  return show (self, &device);
}

static gboolean
is_busy (PlantRpcProperty *self)
{
  return self->extra != NULL && plant_rpc_write_slot_is_busy (&self->extra->writes);
}

gboolean
plant_rpc_property_is_pending (PlantRpcProperty *self)
{
  return is_busy (self) || self->read != PLANT_RPC_PROPERTY_READ_NONE;
}

static guint
set_error (PlantRpcProperty *self,
           const GError     *error)
{
  PlantRpcPropertyExtra *extra;

  if (plant_rpc_error_equal (plant_rpc_property_peek_extra (self)->error, error))
    return 0;
  extra = plant_rpc_property_need_extra (self);
  g_clear_error (&extra->error);
  extra->error = error != NULL ? g_error_copy (error) : NULL;
  return PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_ERROR) |
         (extra->refusal == NULL ? PLANT_RPC_PROPERTY_REFUSAL_BITS : 0);
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
    plant_rpc_property_mark (self, bits, PLANT_RPC_PROPERTY_NOTIFY_SOON);
}

/* Sets CONVERTED to what the device has told. If that does not fit, the shown value is no longer
 * that of the device. */
static gboolean
understand (PlantRpcProperty  *self,
            GVariant          *value,
            GValue            *converted,
            GError           **error)
{
  g_autoptr (GError) misfit = NULL;

  if (!plant_rpc_property_accept (self, value, converted, &misfit))
    {
      lose (self, misfit);
      g_propagate_error (error, g_steal_pointer (&misfit));
      return FALSE;
    }
  plant_rpc_property_note_integral (self, value);
  self->known = TRUE;
  self->dirty |= set_error (self, NULL);
  return TRUE;
}

static gboolean
store_device_value (PlantRpcProperty *self,
                    GVariant         *value)
{
  g_auto (GValue) converted = G_VALUE_INIT;

  if (!understand (self, value, &converted, NULL))
    return FALSE;
  keep_device (self, &converted);
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

GType
plant_rpc_property_get_value_type (PlantRpcProperty *self)
{
  return self->type;
}

void
plant_rpc_property_end_doubt (PlantRpcProperty *self)
{
  if (!self->known && self->state == PLANT_RPC_PROPERTY_STATE_CURRENT)
    plant_rpc_property_mark (self, set_state (self, PLANT_RPC_PROPERTY_STATE_STALE),
                             PLANT_RPC_PROPERTY_NOTIFY_SOON);
}

static guint
set_refusal (PlantRpcProperty *self,
             const GError     *error)
{
  PlantRpcPropertyExtra *extra;

  if (plant_rpc_property_peek_extra (self)->refusal == NULL && error == NULL)
    return 0;
  extra = plant_rpc_property_need_extra (self);
  g_clear_error (&extra->refusal);
  extra->refusal = error != NULL ? g_error_copy (error) : NULL;
  return PLANT_RPC_PROPERTY_REFUSAL_BITS;
}

void
plant_rpc_property_forget_refusal (PlantRpcProperty *self)
{
  const guint bits = set_refusal (self, NULL);

  if (bits != 0)
    plant_rpc_property_mark (self, bits, PLANT_RPC_PROPERTY_NOTIFY_SOON);
}

gboolean
plant_rpc_property_told (PlantRpcProperty  *self,
                         GVariant          *value,
                         GError           **error)
{
  const gboolean was_lost = plant_rpc_property_peek_extra (self)->error != NULL;
  g_auto (GValue) converted = G_VALUE_INIT;
  guint bits;

  if (self->read == PLANT_RPC_PROPERTY_READ_AWAITED)
    self->read = PLANT_RPC_PROPERTY_READ_OVERTAKEN;
  if (!understand (self, value, &converted, error))
    return FALSE;
  if (plant_rpc_property_is_pending (self))
    {
      keep_device (self, &converted);
      return TRUE;
    }
  bits = show (self, &converted);
  if (was_lost || (bits & PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_VALUE)) != 0)
    bits |= set_refusal (self, NULL);
  plant_rpc_property_mark_told (self, bits);
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
  return !self->known || !plant_rpc_value_equal (&converted, peek_device (self));
}

/* If writes are under way, the value is read after them. */
static void
ask_again (PlantRpcProperty *self)
{
  if (plant_rpc_property_is_pending (self))
    self->unsure = TRUE;
  else if (plant_rpc_property_need_extra (self)->n_asked++ < MAX_READS)
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
  if (asked != G_MAXINT64 && self->extra != NULL)
    self->extra->n_asked = 0;
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
  plant_rpc_property_mark (self, set_refusal (self, error) | PLANT_RPC_PROPERTY_VALUE_BITS,
                           PLANT_RPC_PROPERTY_NOTIFY_SOON);
  plant_rpc_property_report_refusal (self, error);
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
  else if (self->barred)
    g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED,
                 /* Translators: the name of a property */
                 _("The property “%s” asks for the role “%s”, which this client does not have"),
                 self->info->wire_name, plant_rpc_role_get_nick (self->info->role));
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

static void
show_written (PlantRpcProperty *self,
              const GValue     *value)
{
  g_auto (GValue) written = G_VALUE_INIT;

  if (self->agrees)
    keep_device (self, &self->shown);
  g_value_init (&written, G_VALUE_TYPE (value));
  g_value_copy (value, &written);
  move_value (&written, &self->shown);
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
  show_written (self, value);
  bits = PLANT_RPC_PROPERTY_VALUE_BITS | set_state (self, PLANT_RPC_PROPERTY_STATE_PENDING) |
         set_refusal (self, NULL);
  plant_rpc_write_queue_add (self->host->writes, &plant_rpc_property_need_extra (self)->writes,
                             variant);
  /* If the write could not even be sent, this is notified from the main loop. */
  plant_rpc_property_mark (self, bits,
                           plant_rpc_property_is_pending (self)
                               ? PLANT_RPC_PROPERTY_NOTIFY_AT_ONCE
                               : PLANT_RPC_PROPERTY_NOTIFY_SOON);
}

static void
tell_refusals (PlantRpcProperty *self)
{
  GError *error;

  if (self->extra == NULL)
    return;
  while ((error = g_queue_pop_head (&self->extra->untold)) != NULL)
    {
      plant_rpc_property_report_refusal (self, error);
      g_error_free (error);
    }
}

/* The value is notified even if it is equal, so that a widget whose value was clamped or refused
 * shows it, too. */
static void
end_writes (PlantRpcProperty *self)
{
  /* The device does not have the value that it has refused. */
  if (!G_IS_VALUE (peek_device (self)) &&
      !g_queue_is_empty (&plant_rpc_property_need_extra (self)->untold))
    g_value_unset (&self->shown);
  self->unsure = FALSE;
  plant_rpc_property_need_extra (self)->n_reads = 0;
  plant_rpc_property_mark (self, show_device_value (self) | PLANT_RPC_PROPERTY_VALUE_BITS,
                           PLANT_RPC_PROPERTY_NOTIFY_SOON);
  tell_refusals (self);
}

/* A device that confirms a write without the value may have changed the value, or kept the old
 * one. */
static void
reread (PlantRpcProperty *self)
{
  self->unsure = FALSE;
  self->read = PLANT_RPC_PROPERTY_READ_AWAITED;
  plant_rpc_property_need_extra (self)->n_reads++;
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
    plant_rpc_write_queue_note_answer (self->host->writes, &self->extra->writes);
  else
    self->extra->writes.n_sent--;
}

void
plant_rpc_property_settle (PlantRpcProperty *self,
                           GVariant         *value,
                           const GError     *error)
{
  g_autoptr (PlantRpcProperty) guard = g_object_ref (self);
  gboolean known = value != NULL && store_device_value (self, value);

  self->unsure = self->unsure || (error == NULL && !known);
  if (error != NULL)
    {
      g_queue_push_tail (&plant_rpc_property_need_extra (self)->untold, g_error_copy (error));
      plant_rpc_property_mark (self, set_refusal (self, error), PLANT_RPC_PROPERTY_NOTIFY_SOON);
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
    store_device_value (self, value);
  if (is_busy (self))
    tell_refusals (self);
  else if ((self->unsure || (value != NULL && overtaken && contradicts (self, value))) &&
           plant_rpc_property_peek_extra (self)->n_reads < MAX_READS && is_taken (self))
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
    plant_rpc_property_mark (self, bits, PLANT_RPC_PROPERTY_NOTIFY_SOON);
}

void
plant_rpc_property_set_barred (PlantRpcProperty *self,
                               gboolean          barred)
{
  if (self->barred == barred)
    return;
  self->barred = barred;
  if (self->live && self->info->writable)
    plant_rpc_property_mark (self, PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_WRITABLE),
                             PLANT_RPC_PROPERTY_NOTIFY_SOON);
}

gboolean
plant_rpc_property_is_writable (PlantRpcProperty *self)
{
  return self->live && self->info->writable && !self->barred;
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
  if (!lacking || plant_rpc_property_peek_extra (self)->error != NULL)
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
    value_bits = PLANT_RPC_PROPERTY_VALUE_BITS;
  plant_rpc_property_mark (self, DESCRIPTION_BITS | value_bits, PLANT_RPC_PROPERTY_NOTIFY_SOON);
}
