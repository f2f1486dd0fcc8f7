/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-param-spec-private.h"

#include "plant-rpc-description-private.h"
#include "plant-rpc-value-private.h"

#define RUNTIME_FLAGS (G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY)

/* The numeric kinds of GParamSpec, with the names of their macros and functions, and their limits.
 * A use of the list gives a macro X that takes these arguments. */
#define FOR_EACH_NUMERIC(X)                                                                       \
  X (CHAR, Char, char, schar, G_MININT8, G_MAXINT8)                                               \
  X (UCHAR, UChar, uchar, uchar, 0, G_MAXUINT8)                                                   \
  X (INT, Int, int, int, G_MININT, G_MAXINT)                                                      \
  X (UINT, UInt, uint, uint, 0, G_MAXUINT)                                                        \
  X (LONG, Long, long, long, G_MINLONG, G_MAXLONG)                                                \
  X (ULONG, ULong, ulong, ulong, 0, G_MAXULONG)                                                   \
  X (INT64, Int64, int64, int64, G_MININT64, G_MAXINT64)                                          \
  X (UINT64, UInt64, uint64, uint64, 0, G_MAXUINT64)                                              \
  X (FLOAT, Float, float, float, -G_MAXFLOAT, G_MAXFLOAT)                                         \
  X (DOUBLE, Double, double, double, -G_MAXDOUBLE, G_MAXDOUBLE)

static GParamSpec *
resolve (GParamSpec *pspec)
{
  GParamSpec *target = g_param_spec_get_redirect_target (pspec);

  return target != NULL ? target : pspec;
}

/* A char travels in a wider type, so its limits must be stated. */
static GVariant *
limit_to_variant (const GValue *value,
                  gboolean      narrower)
{
  return narrower || G_VALUE_HOLDS_CHAR (value) ? plant_rpc_value_to_variant (value, NULL) : NULL;
}

void
plant_rpc_param_spec_read_limits (GParamSpec  *pspec,
                                  GVariant   **minimum,
                                  GVariant   **maximum)
{
  GParamSpec *target = resolve (pspec);
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_PARAM_SPEC_VALUE_TYPE (target));
#define READ(TYPE, Type, spec, access, low, high)                                                 \
  if (G_IS_PARAM_SPEC_##TYPE (target))                                                            \
    {                                                                                             \
      const GParamSpec##Type *from = (const GParamSpec##Type *) target;                           \
                                                                                                  \
      g_value_set_##access (&value, from->minimum);                                               \
      *minimum = limit_to_variant (&value, from->minimum > (low));                                \
      g_value_set_##access (&value, from->maximum);                                               \
      *maximum = limit_to_variant (&value, from->maximum < (high));                               \
    }
  FOR_EACH_NUMERIC (READ)
#undef READ
}

GVariant *
plant_rpc_param_spec_dup_default (GParamSpec *pspec)
{
  const GValue *value = g_param_spec_get_default_value (resolve (pspec));
  g_autoptr (GVariant) variant = NULL;

  /* A NULL list would be read back as an empty one, which is another value. */
  if (G_VALUE_HOLDS_BOXED (value) && g_value_get_boxed (value) == NULL)
    return NULL;
  variant = plant_rpc_value_to_variant (value, NULL);
  if (variant == NULL)
    return NULL;
  return plant_rpc_property_info_normalize (plant_rpc_param_spec_type_string (pspec), variant);
}

const char *
plant_rpc_param_spec_type_string (GParamSpec *pspec)
{
  GParamSpec *target = resolve (pspec);

  if (G_IS_PARAM_SPEC_VARIANT (target) &&
      g_variant_type_is_definite (G_PARAM_SPEC_VARIANT (target)->type))
    return g_variant_type_peek_string (G_PARAM_SPEC_VARIANT (target)->type);
  return plant_rpc_value_type_string (G_PARAM_SPEC_VALUE_TYPE (target));
}

static GParamSpec *
clone_numeric (GParamSpec *target,
               const char *name,
               const char *nick,
               const char *blurb)
{
#define CLONE(TYPE, Type, spec, access, low, high)                                                \
  if (G_IS_PARAM_SPEC_##TYPE (target))                                                            \
    {                                                                                             \
      GParamSpec##Type *from = (GParamSpec##Type *) target;                                       \
                                                                                                  \
      return g_param_spec_##spec (name, nick, blurb, from->minimum, from->maximum,                \
                                  from->default_value, RUNTIME_FLAGS);                            \
    }
  FOR_EACH_NUMERIC (CLONE)
#undef CLONE
  return NULL;
}

/* Returns a GParamSpec of GObject's own for values of TYPE. VALUE is the default. */
static GParamSpec *
new_by_type (const char   *name,
             const char   *nick,
             const char   *blurb,
             GType         type,
             const GValue *value)
{
  if (g_type_is_a (type, G_TYPE_BOOLEAN))
    return g_param_spec_boolean (name, nick, blurb, g_value_get_boolean (value), RUNTIME_FLAGS);
  if (g_type_is_a (type, G_TYPE_STRING))
    return g_param_spec_string (name, nick, blurb, g_value_get_string (value), RUNTIME_FLAGS);
  if (G_TYPE_IS_ENUM (type))
    return g_param_spec_enum (name, nick, blurb, type, g_value_get_enum (value), RUNTIME_FLAGS);
  if (G_TYPE_IS_FLAGS (type))
    return g_param_spec_flags (name, nick, blurb, type, g_value_get_flags (value), RUNTIME_FLAGS);
  if (g_type_is_a (type, G_TYPE_BOXED))
    return g_param_spec_boxed (name, nick, blurb, type, RUNTIME_FLAGS);
#define BY_TYPE(TYPE, Type, spec, access, low, high)                                              \
  if (g_type_is_a (type, G_TYPE_##TYPE))                                                          \
    return g_param_spec_##spec (name, nick, blurb, (low), (high), g_value_get_##access (value),   \
                                RUNTIME_FLAGS);
  FOR_EACH_NUMERIC (BY_TYPE)
#undef BY_TYPE
  return g_param_spec_variant (name, nick, blurb, G_VARIANT_TYPE_ANY, g_value_get_variant (value),
                               RUNTIME_FLAGS);
}

/* For a kind of GParamSpec that is not GObject's own, such as GParamSpecUnichar, only the type of
 * the values is used. */
GParamSpec *
plant_rpc_param_spec_clone (GParamSpec *pspec,
                            const char *name)
{
  GParamSpec *target = resolve (pspec);
  const char *nick = g_param_spec_get_nick (target);
  const char *blurb = g_param_spec_get_blurb (target);
  GParamSpec *clone = clone_numeric (target, name, nick, blurb);

  if (clone != NULL)
    return clone;
  if (G_IS_PARAM_SPEC_VARIANT (target))
    return g_param_spec_variant (name, nick, blurb, G_PARAM_SPEC_VARIANT (target)->type,
                                 G_PARAM_SPEC_VARIANT (target)->default_value, RUNTIME_FLAGS);
  return new_by_type (name, nick, blurb, G_PARAM_SPEC_VALUE_TYPE (target),
                      g_param_spec_get_default_value (target));
}

GParamSpec *
plant_rpc_param_spec_new_of_variant_type (GParamSpec *pspec,
                                          const char *type_string)
{
  GParamSpec *target = resolve (pspec);
  GVariant *preset;
  GParamSpec *made;

  if (!G_IS_PARAM_SPEC_VARIANT (target))
    return NULL;
  preset = G_PARAM_SPEC_VARIANT (target)->default_value;
  if (preset != NULL && !g_variant_is_of_type (preset, G_VARIANT_TYPE (type_string)))
    preset = NULL;
  made = g_param_spec_variant (pspec->name, g_param_spec_get_nick (target),
                               g_param_spec_get_blurb (target), G_VARIANT_TYPE (type_string),
                               preset, target->flags & ~G_PARAM_STATIC_STRINGS);
  return g_param_spec_ref_sink (made);
}

static gboolean
read_given (GVariant *given,
            GType     type,
            GValue   *value)
{
  g_value_unset (value);
  return given != NULL && plant_rpc_value_from_variant (given, type, value, NULL);
}

/* Without a default, the default is the number nearest to zero within the limits. Numbers of
 * sixteen bits are in a GParamSpec of 32 bits, so their limits are stated. */
static GParamSpec *
new_numeric (PlantRpcPropertyInfo *info,
             GType                 type)
{
  gboolean narrow = g_str_equal (info->type_string, "n") || g_str_equal (info->type_string, "q");
  g_auto (GValue) value = G_VALUE_INIT;

#define NEW(TYPE, Type, spec, access, low, high)                                                  \
  if (type == G_TYPE_##TYPE)                                                                      \
    {                                                                                             \
      GParamSpec##Type *made = (GParamSpec##Type *)                                               \
        g_param_spec_##spec (info->name, NULL, info->description, (low), (high), 0,               \
                                  RUNTIME_FLAGS);                                                 \
                                                                                                  \
      if (read_given (info->minimum, type, &value))                                               \
        made->minimum = g_value_get_##access (&value);                                            \
      else if (narrow && (low) < 0)                                                               \
        made->minimum = (low) / 65536;                                                            \
      if (read_given (info->maximum, type, &value))                                               \
        made->maximum = g_value_get_##access (&value);                                            \
      else if (narrow)                                                                            \
        made->maximum = (high) / 65536;                                                           \
      if (read_given (info->default_value, type, &value))                                         \
        made->default_value = g_value_get_##access (&value);                                      \
      made->default_value = CLAMP (made->default_value, made->minimum, made->maximum);            \
      return (GParamSpec *) made;                                                                 \
    }
  FOR_EACH_NUMERIC (NEW)
#undef NEW
  return NULL;
}

/* Sets VALUE to the default. Without one, an enumeration has its first value. */
static void
read_default (PlantRpcPropertyInfo *info,
              GType                 type,
              GValue               *value)
{
  const gboolean variant = g_type_is_a (type, G_TYPE_VARIANT);
  g_autoptr (GTypeClass) klass = NULL;

  if (!variant && read_given (info->default_value, type, value))
    return;
  g_value_init (value, type);
  if (variant)
    g_value_set_variant (value, info->default_value);
  if (!G_TYPE_IS_ENUM (type))
    return;
  klass = g_type_class_ref (type);
  g_value_set_enum (value, G_ENUM_CLASS (klass)->values[0].value);
}

GParamSpec *
plant_rpc_param_spec_new_for_info (PlantRpcPropertyInfo *info,
                                   GType                 type)
{
  GParamSpec *made = new_numeric (info, type);
  g_auto (GValue) value = G_VALUE_INIT;

  if (made != NULL)
    return made;
  read_default (info, type, &value);
  made = new_by_type (info->name, NULL, info->description, type, &value);
  /* GObject has no GParamSpec for the types that are derived from GVariant. */
  if (G_IS_PARAM_SPEC_VARIANT (made))
    made->value_type = type;
  return made;
}
