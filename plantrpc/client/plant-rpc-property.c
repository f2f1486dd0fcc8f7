/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "plant-rpc-error.h"
#include "plant-rpc-property-private.h"
#include "plant-rpc-runtime-type-private.h"
#include "plant-rpc-value-private.h"

/**
 * PlantRpcProperty:
 *
 * A remote property, seen from the client's side.
 *
 * The value itself is best bound to as a property of the [class@Client]; this object carries what
 * belongs beside it in a user interface: how far the value is to be trusted
 * ([property@Property:state]), whether it may be written now ([property@Property:writable], to be
 * bound to a widget's `sensitive`), why the last write was refused ([property@Property:message]),
 * limits, unit and description where the peer tells them. All of them can be bound and notify.
 *
 * The *device value* is what the device told last, the *shown value* what the application reads. A
 * local write changes the shown value at once; the device's answer confirms it, or takes it back to
 * the device value, and `notify` is emitted from the main loop in either case.
 *
 * It belongs to the context of its client and is to be used there only. It keeps its last values
 * when the client goes.
 *
 * Counterpart of `RPCProperty` on the client's side.
 *
 * Since: 1.0
 */

typedef enum {
  PROP_NAME = 1,
  PROP_WIRE_NAME,
  PROP_VALUE,
  PROP_STATE,
  PROP_WRITABLE,
  PROP_REFUSAL,
  PROP_MESSAGE,
  PROP_MINIMUM,
  PROP_MAXIMUM,
  PROP_UNIT,
  PROP_DESCRIPTION,
} PlantRpcPropertyProperty;

static GParamSpec *properties[PROP_DESCRIPTION + 1];

struct _PlantRpcProperty {
  GObject parent_instance;

  PlantRpcPropertyInfo        *info;  /* (owned) */
  GType                        type;
  const PlantRpcPropertyFuncs *funcs;
  gpointer                     owner; /* (unowned) (nullable) */

  GValue                device;    /* unset until the device told one */
  GValue                shown;     /* unset until there is one */
  PlantRpcPropertyState state;
  gboolean              live;
  guint                 n_writes;  /* without an outcome yet */
  gboolean              rereading; /* after the last of them */
  GError               *refusal;   /* (owned) (nullable): of the last write */
  guint                 dirty;     /* bit set of PlantRpcPropertyProperty */
};

G_DEFINE_FINAL_TYPE (PlantRpcProperty, plant_rpc_property, G_TYPE_OBJECT)

#define BIT(id) (1u << (id))

static void
mark (PlantRpcProperty *self,
      guint             bits,
      gboolean          now)
{
  self->dirty |= bits;
  if (self->owner != NULL)
    self->funcs->dirty (self->owner, self, now);
}

static guint
set_state (PlantRpcProperty      *self,
           PlantRpcPropertyState  state)
{
  if (self->state == state)
    return 0;
  self->state = state;
  return BIT (PROP_STATE);
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

/* The shown value follows the device. */
static guint
show_device_value (PlantRpcProperty *self)
{
  if (!G_IS_VALUE (&self->device))
    return set_state (self, PLANT_RPC_PROPERTY_STATE_UNSET);
  if (G_IS_VALUE (&self->shown) && plant_rpc_value_equal (&self->shown, &self->device))
    return set_state (self, self->live ? PLANT_RPC_PROPERTY_STATE_CURRENT
                                       : PLANT_RPC_PROPERTY_STATE_STALE);
  copy_value (&self->device, &self->shown);
  return BIT (PROP_VALUE) | set_state (self, self->live ? PLANT_RPC_PROPERTY_STATE_CURRENT
                                                        : PLANT_RPC_PROPERTY_STATE_STALE);
}

gboolean
plant_rpc_property_is_pending (PlantRpcProperty *self)
{
  return self->n_writes > 0 || self->rereading;
}

static gboolean
store_device_value (PlantRpcProperty  *self,
                    GVariant          *value,
                    GError           **error)
{
  g_auto(GValue) converted = G_VALUE_INIT;

  if (!plant_rpc_value_from_variant (value, self->type, &converted, error))
    {
      g_prefix_error (error, "%s: ", self->info->wire_name);
      return FALSE;
    }
  copy_value (&converted, &self->device);
  return TRUE;
}

gboolean
plant_rpc_property_told (PlantRpcProperty  *self,
                         GVariant          *value,
                         GError           **error)
{
  guint bits;

  if (!store_device_value (self, value, error))
    return FALSE;
  if (plant_rpc_property_is_pending (self))
    return TRUE;
  bits = show_device_value (self);
  if (bits != 0)
    mark (self, bits, FALSE);
  return TRUE;
}

static guint
set_refusal (PlantRpcProperty *self,
             const GError     *error)
{
  if (self->refusal == NULL && error == NULL)
    return 0;
  g_clear_error (&self->refusal);
  self->refusal = error != NULL ? g_error_copy (error) : NULL;
  return BIT (PROP_REFUSAL) | BIT (PROP_MESSAGE);
}

/* Not from inside the setter: a GBinding would swallow the notification. */
static void
refuse (PlantRpcProperty *self,
        const GError     *error)
{
  mark (self, set_refusal (self, error) | BIT (PROP_VALUE), FALSE);
  if (self->owner != NULL)
    self->funcs->refused (self->owner, self, error);
}

static gboolean
check_write (PlantRpcProperty  *self,
             GError           **error)
{
  if (!self->info->writable)
    g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_WRITABLE,
                 _("The property “%s” cannot be written"), self->info->wire_name);
  else if (!self->live || self->owner == NULL)
    g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT,
                 _("“%s” was not written: the device is not ready"), self->info->wire_name);
  else
    return TRUE;
  return FALSE;
}

void
plant_rpc_property_write (PlantRpcProperty *self,
                          const GValue     *value)
{
  g_autoptr(GVariant) variant = NULL;
  g_autoptr(GError) error = NULL;
  guint bits;

  if (check_write (self, &error))
    variant = plant_rpc_value_to_variant (value, &error);
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
  self->n_writes++;
  bits = BIT (PROP_VALUE) | set_state (self, PLANT_RPC_PROPERTY_STATE_PENDING) |
         set_refusal (self, NULL);
  self->funcs->write (self->owner, self, variant);
  mark (self, bits, TRUE);
}

/* A widget that was clamped or refused follows too: the value is notified even if it is equal. */
static void
end_writes (PlantRpcProperty *self)
{
  mark (self, show_device_value (self) | BIT (PROP_VALUE), FALSE);
}

void
plant_rpc_property_settle (PlantRpcProperty *self,
                           GVariant         *value,
                           const GError     *error)
{
  gboolean known = value != NULL && store_device_value (self, value, NULL);

  self->n_writes--;
  if (error != NULL)
    {
      mark (self, set_refusal (self, error), FALSE);
      if (self->owner != NULL)
        self->funcs->refused (self->owner, self, error);
    }
  if (plant_rpc_property_is_pending (self))
    return;
  if (known || !self->live || self->owner == NULL)
    {
      end_writes (self);
      return;
    }
  /* A device that confirms without a value may have changed it, or kept the old one in silence. */
  self->rereading = TRUE;
  self->funcs->reread (self->owner, self);
}

void
plant_rpc_property_settle_read (PlantRpcProperty *self,
                                GVariant         *value)
{
  if (value != NULL)
    store_device_value (self, value, NULL);
  self->rereading = FALSE;
  if (self->n_writes == 0)
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
  if (self->info->writable)
    bits |= BIT (PROP_WRITABLE);
  if (!live && self->state == PLANT_RPC_PROPERTY_STATE_CURRENT)
    bits |= set_state (self, PLANT_RPC_PROPERTY_STATE_STALE);
  else if (live && self->state == PLANT_RPC_PROPERTY_STATE_STALE && G_IS_VALUE (&self->device))
    bits |= set_state (self, PLANT_RPC_PROPERTY_STATE_CURRENT);
  if (bits != 0)
    mark (self, bits, FALSE);
}

void
plant_rpc_property_describe (PlantRpcProperty     *self,
                             PlantRpcPropertyInfo *info)
{
  if (self->info == info)
    return;
  plant_rpc_property_info_ref (info);
  plant_rpc_property_info_unref (self->info);
  self->info = info;
  mark (self,
        BIT (PROP_WRITABLE) | BIT (PROP_MINIMUM) | BIT (PROP_MAXIMUM) | BIT (PROP_UNIT) |
            BIT (PROP_DESCRIPTION),
        FALSE);
}

void
plant_rpc_property_notify (PlantRpcProperty *self,
                           GObject          *client,
                           GParamSpec       *pspec)
{
  g_autoptr(PlantRpcProperty) guard = g_object_ref (self);
  guint dirty = self->dirty;

  self->dirty = 0;
  g_object_freeze_notify (G_OBJECT (self));
  for (guint id = PROP_NAME; id <= PROP_DESCRIPTION; id++)
    {
      if ((dirty & BIT (id)) != 0)
        g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
    }
  if ((dirty & BIT (PROP_VALUE)) != 0 && pspec != NULL)
    g_object_notify_by_pspec (client, pspec);
  g_object_thaw_notify (G_OBJECT (self));
}

PlantRpcProperty *
plant_rpc_property_new (PlantRpcPropertyInfo        *info,
                        const PlantRpcPropertyFuncs *funcs,
                        gpointer                     owner)
{
  PlantRpcProperty *self = g_object_new (PLANT_RPC_TYPE_PROPERTY, NULL);

  self->info = plant_rpc_property_info_ref (info);
  self->type = plant_rpc_runtime_type_of_property (info);
  self->funcs = funcs;
  self->owner = owner;
  return self;
}

void
plant_rpc_property_detach (PlantRpcProperty *self)
{
  plant_rpc_property_set_live (self, FALSE);
  self->owner = NULL;
}

PlantRpcPropertyInfo *
plant_rpc_property_get_info (PlantRpcProperty *self)
{
  return self->info;
}

GType
plant_rpc_property_get_value_type (PlantRpcProperty *self)
{
  return self->type;
}

const GValue *
plant_rpc_property_peek_shown (PlantRpcProperty *self)
{
  return &self->shown;
}

static void
plant_rpc_property_finalize (GObject *object)
{
  PlantRpcProperty *self = PLANT_RPC_PROPERTY (object);

  g_clear_pointer (&self->info, plant_rpc_property_info_unref);
  g_clear_error (&self->refusal);
  if (G_IS_VALUE (&self->device))
    g_value_unset (&self->device);
  if (G_IS_VALUE (&self->shown))
    g_value_unset (&self->shown);
  G_OBJECT_CLASS (plant_rpc_property_parent_class)->finalize (object);
}

static void
plant_rpc_property_get_gobject_property (GObject    *object,
                                         guint       prop_id,
                                         GValue     *value,
                                         GParamSpec *pspec)
{
  PlantRpcProperty *self = PLANT_RPC_PROPERTY (object);

  switch ((PlantRpcPropertyProperty) prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, plant_rpc_property_get_name (self));
      break;
    case PROP_WIRE_NAME:
      g_value_set_string (value, plant_rpc_property_get_wire_name (self));
      break;
    case PROP_VALUE:
      g_value_take_variant (value, plant_rpc_property_dup_value (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_WRITABLE:
      g_value_set_boolean (value, plant_rpc_property_get_writable (self));
      break;
    case PROP_REFUSAL:
      g_value_set_boxed (value, self->refusal);
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, plant_rpc_property_get_message (self));
      break;
    case PROP_MINIMUM:
      g_value_set_double (value, plant_rpc_property_get_minimum (self));
      break;
    case PROP_MAXIMUM:
      g_value_set_double (value, plant_rpc_property_get_maximum (self));
      break;
    case PROP_UNIT:
      g_value_set_string (value, self->info->unit);
      break;
    case PROP_DESCRIPTION:
      g_value_set_string (value, self->info->description);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
plant_rpc_property_class_init (PlantRpcPropertyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = plant_rpc_property_finalize;
  object_class->get_property = plant_rpc_property_get_gobject_property;

  /**
   * PlantRpcProperty:name:
   *
   * The name of the GObject property, in lower case with hyphens.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  /**
   * PlantRpcProperty:wire-name:
   *
   * The name on the wire.
   *
   * Since: 1.0
   */
  properties[PROP_WIRE_NAME] = g_param_spec_string ("wire-name", NULL, NULL, NULL, flags);
  /**
   * PlantRpcProperty:value:
   *
   * The shown value; %NULL while unset.
   *
   * Since: 1.0
   */
  properties[PROP_VALUE] =
      g_param_spec_variant ("value", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, flags);
  /**
   * PlantRpcProperty:state:
   *
   * How far the value is to be trusted.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, PLANT_RPC_TYPE_PROPERTY_STATE,
                         PLANT_RPC_PROPERTY_STATE_UNSET, flags);
  /**
   * PlantRpcProperty:writable:
   *
   * Whether a write would be sent now: the device permits it, and is ready.
   *
   * Since: 1.0
   */
  properties[PROP_WRITABLE] = g_param_spec_boolean ("writable", NULL, NULL, FALSE, flags);
  /**
   * PlantRpcProperty:refusal:
   *
   * Why the last write was refused; %NULL if it was not.
   *
   * Since: 1.0
   */
  properties[PROP_REFUSAL] = g_param_spec_boxed ("refusal", NULL, NULL, G_TYPE_ERROR, flags);
  /**
   * PlantRpcProperty:message:
   *
   * The text of [property@Property:refusal], to be shown to the user.
   *
   * Since: 1.0
   */
  properties[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, flags);
  /**
   * PlantRpcProperty:minimum:
   *
   * The smallest value; -%G_MAXDOUBLE where there is none.
   *
   * Since: 1.0
   */
  properties[PROP_MINIMUM] = g_param_spec_double ("minimum", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE,
                                                  -G_MAXDOUBLE, flags);
  /**
   * PlantRpcProperty:maximum:
   *
   * The largest value; %G_MAXDOUBLE where there is none.
   *
   * Since: 1.0
   */
  properties[PROP_MAXIMUM] = g_param_spec_double ("maximum", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE,
                                                  G_MAXDOUBLE, flags);
  /**
   * PlantRpcProperty:unit:
   *
   * The unit of the value, as in `mm`, where the peer tells it.
   *
   * Since: 1.0
   */
  properties[PROP_UNIT] = g_param_spec_string ("unit", NULL, NULL, NULL, flags);
  /**
   * PlantRpcProperty:description:
   *
   * What the property is, where the peer tells it. Counterpart of `RPCProperty`'s `doc`.
   *
   * Since: 1.0
   */
  properties[PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL, NULL, flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
plant_rpc_property_init (PlantRpcProperty *self)
{
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

  return self->info->name;
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
  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), NULL);

  return self->info->wire_name;
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
  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), NULL);

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
  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), PLANT_RPC_PROPERTY_STATE_UNSET);

  return self->state;
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
  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), FALSE);

  return self->live && self->info->writable;
}

/**
 * plant_rpc_property_get_refusal:
 * @self: a property
 *
 * Gets the reason why the last write was refused.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL if it was not refused
 *
 * Since: 1.0
 */
const GError *
plant_rpc_property_get_refusal (PlantRpcProperty *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), NULL);

  return self->refusal;
}

/**
 * plant_rpc_property_get_message:
 * @self: a property
 *
 * Gets the reason why the last write was refused, as a text for the user.
 *
 * Returns: (transfer none) (nullable): the text, or %NULL if it was not refused
 *
 * Since: 1.0
 */
const char *
plant_rpc_property_get_message (PlantRpcProperty *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), NULL);

  return self->refusal != NULL ? self->refusal->message : NULL;
}

static double
read_limit (GVariant *limit,
            double    otherwise)
{
  g_auto(GValue) value = G_VALUE_INIT;

  if (limit == NULL || !plant_rpc_value_from_variant (limit, G_TYPE_DOUBLE, &value, NULL) ||
      isnan (g_value_get_double (&value)))
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
  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), -G_MAXDOUBLE);

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
  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), G_MAXDOUBLE);

  return read_limit (self->info->maximum, G_MAXDOUBLE);
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
  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), NULL);

  return self->info->unit;
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
  g_return_val_if_fail (PLANT_RPC_IS_PROPERTY (self), NULL);

  return self->info->description;
}
