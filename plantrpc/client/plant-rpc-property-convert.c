/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-property-private.h"
#include "plant-rpc-untyped-private.h"
#include "plant-rpc-value-basic-private.h"
#include "plant-rpc-value-private.h"

/* The value of a property as the device has it, and as the client's property has it. */

/* Beyond it not every integer is a double. */
#define MAX_INTEGRAL 9007199254740992.0

/* Returns the type of the GVariants that are the values, or NULL if each may have another. */
static const char *
find_variant_type (PlantRpcProperty *self)
{
  const char *type_string = self->first->type_string;

  return self->type == G_TYPE_VARIANT && *type_string != '\0' && !g_str_equal (type_string, "v")
             ? type_string
             : NULL;
}

gboolean
plant_rpc_property_convert (PlantRpcProperty  *self,
                            GVariant          *value,
                            GValue            *converted,
                            GError           **error)
{
  const char *variant_type = find_variant_type (self);
  g_autoptr (GVariant) opened = variant_type != NULL ? plant_rpc_value_open (value) : NULL;
  g_autoptr (GVariant) fitted = NULL;

  if (variant_type == NULL || plant_rpc_value_is_nothing (opened))
    return plant_rpc_value_from_variant (value, self->type, converted, error);
  fitted = plant_rpc_value_fit (value, variant_type, error);
  return fitted != NULL && plant_rpc_value_from_variant (fitted, self->type, converted, error);
}

/* What GObject itself would not let stand in the client's property is refused. Texts have no
 * limits. */
static gboolean
is_within_limits (PlantRpcProperty  *self,
                  const GValue      *value,
                  GError           **error)
{
  return self->pspec == NULL || G_VALUE_HOLDS_STRING (value) || G_VALUE_HOLDS_VARIANT (value) ||
         G_VALUE_TYPE (value) != G_PARAM_SPEC_VALUE_TYPE (self->pspec) ||
         plant_rpc_value_check_range (value, self->pspec, error);
}

static void
set_misfit_error (PlantRpcProperty  *self,
                  const GError      *misfit,
                  GError           **error)
{
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL,
               /* Translators: the name of a property, and what is wrong with its value */
               _("What the device tells for “%s” does not fit: %s"), self->info->wire_name,
               misfit->message);
}

/* Returns whether VALUE surely becomes itself when it is converted there and back, as most values
 * of these types do. */
static gboolean
is_same_there (GVariant *value,
               GType     type)
{
  const GVariantClass kind = g_variant_classify (value);

  return (type == G_TYPE_STRING && kind == G_VARIANT_CLASS_STRING) ||
         (type == G_TYPE_BOOLEAN && kind == G_VARIANT_CLASS_BOOLEAN) ||
         (type == G_TYPE_INT && kind == G_VARIANT_CLASS_INT32) ||
         (type == G_TYPE_DOUBLE && kind == G_VARIANT_CLASS_DOUBLE);
}

GVariant *
plant_rpc_property_fit (PlantRpcProperty  *self,
                        GVariant          *value,
                        GError           **error)
{
  g_auto (GValue) converted = G_VALUE_INIT;
  g_autoptr (GVariant) fitted = NULL;
  g_autoptr (GError) misfit = NULL;

  if (find_variant_type (self) == NULL && is_same_there (value, self->type))
    return g_variant_ref (value);
  if (plant_rpc_property_convert (self, value, &converted, &misfit))
    fitted = plant_rpc_value_to_variant (&converted, &misfit);
  if (fitted == NULL)
    set_misfit_error (self, misfit, error);
  return g_steal_pointer (&fitted);
}

/* A device on the old wires may send 45 for a double. The native wire always sends doubles. */
void
plant_rpc_property_note_integral (PlantRpcProperty *self,
                                  GVariant         *value)
{
  g_autoptr (GVariant) opened = NULL;

  if (self->type != G_TYPE_DOUBLE && self->type != PLANT_RPC_TYPE_UNTYPED)
    return;
  opened = plant_rpc_value_open (value);
  self->integral = !g_variant_is_container (opened) &&
                   strchr ("ynqiuxt", *g_variant_get_type_string (opened)) != NULL;
}

gboolean
plant_rpc_property_accept (PlantRpcProperty  *self,
                           GVariant          *value,
                           GValue            *converted,
                           GError           **error)
{
  g_autoptr (GError) misfit = NULL;

  if (plant_rpc_property_convert (self, value, converted, &misfit) &&
      is_within_limits (self, converted, &misfit))
    return TRUE;
  set_misfit_error (self, misfit, error);
  return FALSE;
}

/* A Python device refuses 45.0 for an int, but takes 45 for a float. So whole numbers are sent as
 * integers if the device does so, too. Returns NULL if the number is not whole. */
static GVariant *
make_whole (double number)
{
  if (!(ABS (number) <= MAX_INTEGRAL) || number != (gint64) number)
    return NULL;
  return g_variant_ref_sink (g_variant_new_int64 ((gint64) number));
}

GVariant *
plant_rpc_property_to_sent (PlantRpcProperty  *self,
                            const GValue      *value,
                            GError           **error)
{
  GVariant *whole = NULL;

  if (self->integral && G_VALUE_HOLDS_DOUBLE (value))
    whole = make_whole (g_value_get_double (value));
  return whole != NULL ? whole : plant_rpc_value_to_variant (value, error);
}

void
plant_rpc_property_adapt (PlantRpcProperty *self,
                          const GValue     *value,
                          GValue           *adapted)
{
  g_autoptr (GVariant) opened = NULL;
  GVariant *whole = NULL;

  g_value_init (adapted, PLANT_RPC_TYPE_UNTYPED);
  g_value_transform (value, adapted);
  opened = plant_rpc_untyped_open (g_value_get_variant (adapted));
  if (self->integral && g_variant_is_of_type (opened, G_VARIANT_TYPE_DOUBLE))
    whole = make_whole (g_variant_get_double (opened));
  g_value_take_variant (adapted, whole != NULL ? whole : g_steal_pointer (&opened));
}
