/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "mock-param.h"

static GParamFlags
get_flags (PlantRpcPropertyInfo *property)
{
  GParamFlags flags = G_PARAM_EXPLICIT_NOTIFY;

  if (plant_rpc_property_info_get_readable (property))
    flags |= G_PARAM_READABLE;
  /* The mock itself may set what its clients may not. */
  if (plant_rpc_property_info_get_writable (property))
    flags |= G_PARAM_WRITABLE;
  return flags;
}

static GParamSpec *
copy_integer (GParamSpec  *model,
              const char  *name,
              const char  *blurb,
              GParamFlags  flags)
{
  GType type = G_PARAM_SPEC_VALUE_TYPE (model);

  if (type == G_TYPE_INT)
    {
      GParamSpecInt *spec = G_PARAM_SPEC_INT (model);

      return g_param_spec_int (name, NULL, blurb, spec->minimum, spec->maximum,
                               spec->default_value, flags);
    }
  if (type == G_TYPE_UINT)
    {
      GParamSpecUInt *spec = G_PARAM_SPEC_UINT (model);

      return g_param_spec_uint (name, NULL, blurb, spec->minimum, spec->maximum,
                                spec->default_value, flags);
    }
  if (type == G_TYPE_INT64)
    {
      GParamSpecInt64 *spec = G_PARAM_SPEC_INT64 (model);

      return g_param_spec_int64 (name, NULL, blurb, spec->minimum, spec->maximum,
                                 spec->default_value, flags);
    }
  if (type == G_TYPE_UINT64)
    {
      GParamSpecUInt64 *spec = G_PARAM_SPEC_UINT64 (model);

      return g_param_spec_uint64 (name, NULL, blurb, spec->minimum, spec->maximum,
                                  spec->default_value, flags);
    }
  return NULL;
}

/* The model is of any type where the values are a structure. */
static GParamSpec *
copy_variant (PlantRpcPropertyInfo *property,
              GParamSpec           *model,
              const char           *name,
              const char           *blurb,
              GParamFlags           flags)
{
  const char *type_string = plant_rpc_property_info_get_type_string (property);
  const GVariantType *type = G_PARAM_SPEC_VARIANT (model)->type;
  GVariant *first = G_PARAM_SPEC_VARIANT (model)->default_value;
  g_autoptr (GVariant) zero = NULL;

  if (*type_string == '\0' || g_str_equal (type_string, "v"))
    return g_param_spec_variant (name, NULL, blurb, type, first, flags);
  type = G_VARIANT_TYPE (type_string);
  zero = g_variant_ref_sink (g_variant_new_from_data (type, "", 0, FALSE, NULL, NULL));
  if (first == NULL || !g_variant_is_of_type (first, type))
    first = zero;
  return g_param_spec_variant (name, NULL, blurb, type, g_variant_get_normal_form (first), flags);
}

static GParamSpec *
copy_other (GParamSpec  *model,
            const char  *name,
            const char  *blurb,
            GParamFlags  flags)
{
  GType type = G_PARAM_SPEC_VALUE_TYPE (model);

  if (type == G_TYPE_BOOLEAN)
    return g_param_spec_boolean (name, NULL, blurb, G_PARAM_SPEC_BOOLEAN (model)->default_value,
                                 flags);
  if (type == G_TYPE_STRING)
    return g_param_spec_string (name, NULL, blurb, G_PARAM_SPEC_STRING (model)->default_value,
                                flags);
  if (type == G_TYPE_UCHAR)
    return g_param_spec_uchar (name, NULL, blurb, G_PARAM_SPEC_UCHAR (model)->minimum,
                               G_PARAM_SPEC_UCHAR (model)->maximum,
                               G_PARAM_SPEC_UCHAR (model)->default_value, flags);
  if (type == G_TYPE_DOUBLE)
    return g_param_spec_double (name, NULL, blurb, G_PARAM_SPEC_DOUBLE (model)->minimum,
                                G_PARAM_SPEC_DOUBLE (model)->maximum,
                                G_PARAM_SPEC_DOUBLE (model)->default_value, flags);
  if (G_TYPE_IS_ENUM (type))
    return g_param_spec_enum (name, NULL, blurb, type, G_PARAM_SPEC_ENUM (model)->default_value,
                              flags);
  if (G_TYPE_IS_FLAGS (type))
    return g_param_spec_flags (name, NULL, blurb, type, G_PARAM_SPEC_FLAGS (model)->default_value,
                               flags);
  return g_param_spec_boxed (name, NULL, blurb, type, flags);
}

/* A GParamSpec for a property, made after that of its clients. */
GParamSpec *
mock_param_new (PlantRpcPropertyInfo *property,
                GParamSpec           *model)
{
  const char *name = plant_rpc_property_info_get_name (property);
  const char *blurb = plant_rpc_property_info_get_description (property);
  GParamFlags flags = get_flags (property);
  GParamSpec *pspec = copy_integer (model, name, blurb, flags);

  if (pspec != NULL)
    return pspec;
  if (G_PARAM_SPEC_VALUE_TYPE (model) == G_TYPE_VARIANT)
    return copy_variant (property, model, name, blurb, flags);
  return copy_other (model, name, blurb, flags);
}
