/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-loan-private.h"
#include "plant-rpc-property-private.h"
#include "plant-rpc-value-private.h"

/**
 * PlantRpcProperty:
 *
 * A remote property, seen from the client's side.
 *
 * The value itself is best bound to as a property of the [class@Client]; this object carries what
 * belongs beside it in a user interface: how far the value is to be trusted
 * ([property@Property:state]), whether it may be written now ([property@Property:writable], to be
 * bound to a widget's `sensitive`), why the last write was refused or the device cannot read the
 * property ([property@Property:message]), limits, unit and description where the peer tells them.
 * All of them can be bound and notify.
 *
 * What changes together is notified together: first the limits, unit and description, then
 * [property@Property:writable], [property@Property:state] and the refusal, then the value, here and
 * as the property of the client. So a widget that is bound to the limits and to the value has the
 * limits when the value comes. A change of the limits notifies the value once more.
 *
 * The *device value* is what the device told last, the *shown value* what the application reads. A
 * local write changes the shown value at once; the device's answer confirms it, or takes it back to
 * the device value, and `notify` is emitted from the main loop in either case.
 *
 * It belongs to the context of its client, in which it notifies. Its functions may be called from
 * any thread. It keeps its last values when the client goes.
 *
 * Counterpart of `RPCProperty` on the client's side.
 *
 * Since: 1.0
 */

static GParamSpec *properties[PLANT_RPC_PROPERTY_PROP_VALUE + 1];

G_DEFINE_FINAL_TYPE (PlantRpcProperty, plant_rpc_property, G_TYPE_OBJECT)

/* Returns the property of the client, or NULL if the client has none. */
static GParamSpec *
find_pspec (PlantRpcProperty *self)
{
  return self->host != NULL
             ? g_object_class_find_property (G_OBJECT_GET_CLASS (self->host->client),
                                            self->first->name)
             : NULL;
}

/* Returns what was held, which is told now. */
static guint
admit_held (PlantRpcProperty *self)
{
  guint held;

  if (self->extra == NULL)
    return 0;
  held = self->extra->held;
  self->extra->held = 0;
  plant_rpc_throttle_note_told (&self->extra->throttle);
  return held;
}

void
plant_rpc_property_notify (PlantRpcProperty *self)
{
  g_autoptr (PlantRpcProperty) guard = g_object_ref (self);
  g_autoptr (GObject) client = self->host != NULL ? g_object_ref (self->host->client) : NULL;
  guint dirty = self->dirty;

  self->dirty = 0;
  if ((dirty & PLANT_RPC_PROPERTY_BIT (PLANT_RPC_PROPERTY_PROP_VALUE)) != 0)
    dirty |= admit_held (self);
  for (guint id = PLANT_RPC_PROPERTY_PROP_NAME; id <= PLANT_RPC_PROPERTY_PROP_VALUE; id++)
    {
      if ((dirty & PLANT_RPC_PROPERTY_BIT (id)) != 0)
        g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
    }
  if ((dirty & PLANT_RPC_PROPERTY_CLIENT_BIT) != 0 && find_pspec (self) != NULL)
    g_object_notify_by_pspec (client, find_pspec (self));
}

void
plant_rpc_property_forget_changes (PlantRpcProperty *self)
{
  self->dirty = 0;
  if (self->extra != NULL)
    self->extra->held = 0;
}

PlantRpcProperty *
plant_rpc_property_new (PlantRpcPropertyInfo *info,
                        GType                 type,
                        PlantRpcPropertyHost *host)
{
  PlantRpcProperty *self = g_object_new (PLANT_RPC_TYPE_PROPERTY, NULL);

  plant_rpc_property_info_unref (self->info);
  self->info = plant_rpc_property_info_ref (info);
  plant_rpc_property_info_unref (self->first);
  self->first = plant_rpc_property_info_ref (info);
  self->type = type;
  self->host = host;
  plant_rpc_home_unref (self->home);
  self->home = plant_rpc_home_ref (host->home);
  return self;
}

const char *
plant_rpc_property_get_change_signal (PlantRpcProperty *self)
{
  return self->first->change_signal;
}

void
plant_rpc_property_set_default (PlantRpcProperty *self)
{
  self->pspec = find_pspec (self);
}

void
plant_rpc_property_detach (PlantRpcProperty *self)
{
  if (self->host != NULL && self->extra != NULL)
    plant_rpc_write_queue_remove (self->host->writes, &self->extra->writes);
  if (self->extra != NULL)
    plant_rpc_throttle_clear (&self->extra->throttle);
  /* Nothing is notified here, since handlers may belong to a language that is collecting its
   * garbage. */
  self->host = NULL;
  self->pspec = NULL;
  plant_rpc_property_set_live (self, FALSE);
}

const GValue *
plant_rpc_property_peek_shown (PlantRpcProperty *self)
{
  return &self->shown;
}

const PlantRpcPropertyExtra *
plant_rpc_property_peek_extra (PlantRpcProperty *self)
{
  static const PlantRpcPropertyExtra none = { 0 };

  return self->extra != NULL ? self->extra : &none;
}

PlantRpcPropertyExtra *
plant_rpc_property_need_extra (PlantRpcProperty *self)
{
  if (self->extra == NULL)
    {
      self->extra = g_new0 (PlantRpcPropertyExtra, 1);
      self->extra->writes.owner = self;
    }
  return self->extra;
}

static void
extra_free (PlantRpcPropertyExtra *extra)
{
  plant_rpc_throttle_clear (&extra->throttle);
  g_clear_error (&extra->error);
  g_clear_error (&extra->refusal);
  g_queue_clear_full (&extra->untold, (GDestroyNotify) g_error_free);
  if (G_IS_VALUE (&extra->device))
    g_value_unset (&extra->device);
  g_free (extra);
}

static void
plant_rpc_property_finalize (GObject *object)
{
  PlantRpcProperty *self = PLANT_RPC_PROPERTY (object);

  g_clear_pointer (&self->extra, extra_free);
  g_clear_pointer (&self->info, plant_rpc_property_info_unref);
  g_clear_pointer (&self->first, plant_rpc_property_info_unref);
  if (G_IS_VALUE (&self->shown))
    g_value_unset (&self->shown);
  plant_rpc_home_unref (self->home);
  G_OBJECT_CLASS (plant_rpc_property_parent_class)->finalize (object);
}

static void
plant_rpc_property_dispatch_properties_changed (GObject     *object,
                                                guint        n_pspecs,
                                                GParamSpec **pspecs)
{
  plant_rpc_home_notify (
      PLANT_RPC_PROPERTY (object)->home,
      G_OBJECT_CLASS (plant_rpc_property_parent_class)->dispatch_properties_changed, object,
      n_pspecs, pspecs);
}

static const GError *
peek_refusal (PlantRpcProperty *self)
{
  const PlantRpcPropertyExtra *extra = plant_rpc_property_peek_extra (self);

  return extra->refusal != NULL ? extra->refusal : extra->error;
}

static void
plant_rpc_property_get_gobject_property (GObject    *object,
                                         guint       prop_id,
                                         GValue     *value,
                                         GParamSpec *pspec)
{
  PlantRpcProperty *self = PLANT_RPC_PROPERTY (object);
  g_autoptr (PlantRpcHold) hold = plant_rpc_home_enter (self->home);

  switch ((PlantRpcPropertyProperty) prop_id)
    {
    case PLANT_RPC_PROPERTY_PROP_NAME:
      g_value_set_string (value, plant_rpc_property_get_name (self));
      break;
    case PLANT_RPC_PROPERTY_PROP_WIRE_NAME:
      g_value_set_string (value, plant_rpc_property_get_wire_name (self));
      break;
    case PLANT_RPC_PROPERTY_PROP_VALUE:
      g_value_take_variant (value, plant_rpc_property_dup_value (self));
      break;
    case PLANT_RPC_PROPERTY_PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PLANT_RPC_PROPERTY_PROP_ERROR:
      g_value_set_boxed (value, plant_rpc_property_peek_extra (self)->error);
      break;
    case PLANT_RPC_PROPERTY_PROP_WRITABLE:
      g_value_set_boolean (value, plant_rpc_property_get_writable (self));
      break;
    case PLANT_RPC_PROPERTY_PROP_REFUSAL:
      g_value_set_boxed (value, peek_refusal (self));
      break;
    case PLANT_RPC_PROPERTY_PROP_MESSAGE:
      g_value_set_string (value, plant_rpc_property_get_message (self));
      break;
    case PLANT_RPC_PROPERTY_PROP_MINIMUM:
      g_value_set_double (value, plant_rpc_property_get_minimum (self));
      break;
    case PLANT_RPC_PROPERTY_PROP_MAXIMUM:
      g_value_set_double (value, plant_rpc_property_get_maximum (self));
      break;
    case PLANT_RPC_PROPERTY_PROP_STEP:
      g_value_set_double (value, self->info->step);
      break;
    case PLANT_RPC_PROPERTY_PROP_UNIT:
      g_value_set_string (value, self->info->unit);
      break;
    case PLANT_RPC_PROPERTY_PROP_DESCRIPTION:
      g_value_set_string (value, self->info->description);
      break;
    case PLANT_RPC_PROPERTY_PROP_MAX_RATE:
      g_value_set_double (value, plant_rpc_property_peek_extra (self)->throttle.max_rate);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
plant_rpc_property_set_gobject_property (GObject      *object,
                                         guint         prop_id,
                                         const GValue *value,
                                         GParamSpec   *pspec)
{
  if (prop_id == PLANT_RPC_PROPERTY_PROP_MAX_RATE)
    plant_rpc_property_set_max_rate (PLANT_RPC_PROPERTY (object), g_value_get_double (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
plant_rpc_property_class_init (PlantRpcPropertyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = plant_rpc_property_finalize;
  object_class->dispatch_properties_changed = plant_rpc_property_dispatch_properties_changed;
  object_class->get_property = plant_rpc_property_get_gobject_property;
  object_class->set_property = plant_rpc_property_set_gobject_property;

  plant_rpc_property_make_properties (properties);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

/* Describes a property that is of no client, since a GtkBuilder or the like has made it. */
static PlantRpcPropertyInfo *
get_no_info (void)
{
  static gsize info = 0;

  if (g_once_init_enter (&info))
    g_once_init_leave (&info, (gsize) plant_rpc_property_info_new ("", "", "v"));
  return (PlantRpcPropertyInfo *) info;
}

static void
plant_rpc_property_init (PlantRpcProperty *self)
{
  self->info = plant_rpc_property_info_ref (get_no_info ());
  self->first = plant_rpc_property_info_ref (self->info);
  self->type = G_TYPE_VARIANT;
  self->agrees = TRUE;
  self->home = plant_rpc_home_new_for_object ();
}

/**
 * plant_rpc_property_get_name:
 * @self: a property
 *
 * Gets the name of the GObject property.
 *
 * Returns: (transfer none): the name, in lower case with hyphens
 *
 * Since: 1.0
 */
const char *
plant_rpc_property_get_name (PlantRpcProperty *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), NULL);

  return self->first->name;
}

/**
 * plant_rpc_property_get_wire_name:
 * @self: a property
 *
 * Gets the name on the wire.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
plant_rpc_property_get_wire_name (PlantRpcProperty *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), NULL);

  hold = plant_rpc_home_enter (self->home);
  return plant_rpc_loan_lend_string (self->home, self->info->wire_name);
}

/**
 * plant_rpc_property_dup_value:
 * @self: a property
 *
 * Gets the shown value. The network is not touched.
 *
 * Returns: (transfer full) (nullable): the value, or %NULL while unset
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_property_dup_value (PlantRpcProperty *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), NULL);

  hold = plant_rpc_home_enter (self->home);
  if (!G_IS_VALUE (&self->shown))
    return NULL;
  return plant_rpc_value_to_variant (&self->shown, NULL);
}

/**
 * plant_rpc_property_get_state:
 * @self: a property
 *
 * Tells how far the value is to be trusted.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
PlantRpcPropertyState
plant_rpc_property_get_state (PlantRpcProperty *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), PLANT_RPC_PROPERTY_STATE_UNSET);

  hold = plant_rpc_home_enter (self->home);
  return self->state;
}

/**
 * plant_rpc_property_get_error:
 * @self: a property
 *
 * Gets the reason why the device's value is not known although the device is there, see
 * [property@Property:error].
 *
 * Returns: (transfer none) (nullable): the error, or %NULL if there is none
 *
 * Since: 1.0
 */
const GError *
plant_rpc_property_get_error (PlantRpcProperty *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), NULL);

  hold = plant_rpc_home_enter (self->home);
  return plant_rpc_loan_lend_error (self->home, plant_rpc_property_peek_extra (self)->error);
}

/**
 * plant_rpc_property_get_writable:
 * @self: a property
 *
 * Tells whether a write would be sent now.
 *
 * Returns: whether the property can be written
 *
 * Since: 1.0
 */
gboolean
plant_rpc_property_get_writable (PlantRpcProperty *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), FALSE);

  hold = plant_rpc_home_enter (self->home);
  return plant_rpc_property_is_writable (self);
}

/**
 * plant_rpc_property_get_refusal:
 * @self: a property
 *
 * Gets the reason why the last write was refused, or else why the value is not known.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL if there is none
 *
 * Since: 1.0
 */
const GError *
plant_rpc_property_get_refusal (PlantRpcProperty *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), NULL);

  hold = plant_rpc_home_enter (self->home);
  return plant_rpc_loan_lend_error (self->home, peek_refusal (self));
}

/**
 * plant_rpc_property_get_message:
 * @self: a property
 *
 * Gets the text of [property@Property:refusal], for the user.
 *
 * Returns: (transfer none) (nullable): the text, or %NULL if there is none
 *
 * Since: 1.0
 */
const char *
plant_rpc_property_get_message (PlantRpcProperty *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  const GError *refusal;

  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), NULL);

  hold = plant_rpc_home_enter (self->home);
  refusal = peek_refusal (self);
  return plant_rpc_loan_lend_string (self->home, refusal != NULL ? refusal->message : NULL);
}

static double
read_limit (GVariant *limit,
            double    otherwise)
{
  g_auto (GValue) value = G_VALUE_INIT;

  if (limit == NULL || !plant_rpc_value_from_variant (limit, G_TYPE_DOUBLE, &value, NULL))
    return otherwise;
  return g_value_get_double (&value);
}

/**
 * plant_rpc_property_get_minimum:
 * @self: a property
 *
 * Gets the smallest value.
 *
 * Returns: the limit, or -%G_MAXDOUBLE where there is none
 *
 * Since: 1.0
 */
double
plant_rpc_property_get_minimum (PlantRpcProperty *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), -G_MAXDOUBLE);

  hold = plant_rpc_home_enter (self->home);
  return read_limit (self->info->minimum, -G_MAXDOUBLE);
}

/**
 * plant_rpc_property_get_maximum:
 * @self: a property
 *
 * Gets the largest value.
 *
 * Returns: the limit, or %G_MAXDOUBLE where there is none
 *
 * Since: 1.0
 */
double
plant_rpc_property_get_maximum (PlantRpcProperty *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), G_MAXDOUBLE);

  hold = plant_rpc_home_enter (self->home);
  return read_limit (self->info->maximum, G_MAXDOUBLE);
}

/**
 * plant_rpc_property_get_step:
 * @self: a property
 *
 * Gets by how much a widget should change the value at once.
 *
 * Returns: the step, or 0 where the peer tells none
 *
 * Since: 1.0
 */
double
plant_rpc_property_get_step (PlantRpcProperty *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), 0);

  hold = plant_rpc_home_enter (self->home);
  return self->info->step;
}

/**
 * plant_rpc_property_get_unit:
 * @self: a property
 *
 * Gets the unit of the value.
 *
 * Returns: (transfer none) (nullable): the unit, as in `mm`, or %NULL if the peer tells none
 *
 * Since: 1.0
 */
const char *
plant_rpc_property_get_unit (PlantRpcProperty *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), NULL);

  hold = plant_rpc_home_enter (self->home);
  return plant_rpc_loan_lend_string (self->home, self->info->unit);
}

/**
 * plant_rpc_property_get_description:
 * @self: a property
 *
 * Gets a text that says what the property is.
 *
 * Returns: (transfer none) (nullable): the text, or %NULL if the peer tells none
 *
 * Since: 1.0
 */
const char *
plant_rpc_property_get_description (PlantRpcProperty *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), NULL);

  hold = plant_rpc_home_enter (self->home);
  return plant_rpc_loan_lend_string (self->home, self->info->description);
}

/**
 * plant_rpc_property_get_max_rate:
 * @self: a property
 *
 * Gets how many values of the device are notified a second at most.
 *
 * Returns: the limit, or 0 if there is none
 *
 * Since: 1.0
 */
double
plant_rpc_property_get_max_rate (PlantRpcProperty *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), 0);

  hold = plant_rpc_home_enter (self->home);
  return plant_rpc_property_peek_extra (self)->throttle.max_rate;
}

/**
 * plant_rpc_property_set_max_rate:
 * @self: a property
 * @max_rate: the limit, or 0 for none
 *
 * Sets how many values of the device are notified a second at most; see
 * [property@Property:max-rate].
 *
 * Since: 1.0
 */
void
plant_rpc_property_set_max_rate (PlantRpcProperty *self,
                                 double            max_rate)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcThrottle *throttle;

  g_return_if_fail (PLANT_RPC_IS_PROPERTY (self));
  g_return_if_fail (max_rate >= 0);

  hold = plant_rpc_home_enter (self->home);
  if (max_rate == plant_rpc_property_get_max_rate (self))
    return;
  throttle = &plant_rpc_property_need_extra (self)->throttle;
  if (throttle->due == NULL && self->host != NULL)
    plant_rpc_throttle_init (throttle, plant_rpc_home_get_context (self->home),
                             plant_rpc_property_release, self);
  plant_rpc_throttle_set_max_rate (throttle, max_rate);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PLANT_RPC_PROPERTY_PROP_MAX_RATE]);
}
