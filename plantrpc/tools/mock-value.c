/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "mock-value.h"

#include <gio/gio.h>

static void
take_flags (GVariant *source,
            GValue   *target)
{
  g_autoptr (GFlagsClass) klass = g_type_class_ref (G_VALUE_TYPE (target));
  g_autofree const char **nicks = g_variant_get_strv (source, NULL);
  guint flags = 0;

  for (guint i = 0; nicks[i] != NULL; i++)
    flags |= g_flags_get_value_by_nick (klass, nicks[i])->value;
  g_value_set_flags (target, flags);
}

static void
take_enum (GVariant *source,
           GValue   *target)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (G_VALUE_TYPE (target));

  g_value_set_enum (target,
                    g_enum_get_value_by_nick (klass, g_variant_get_string (source, NULL))->value);
}

void
mock_value_take (GVariant *source,
                 GValue   *target)
{
  GType type = G_VALUE_TYPE (target);

  if (type == G_TYPE_VARIANT)
    {
      g_value_set_variant (target, source);
      return;
    }
  if (G_TYPE_IS_ENUM (type))
    {
      take_enum (source, target);
      return;
    }
  if (G_TYPE_IS_FLAGS (type))
    {
      take_flags (source, target);
      return;
    }
  g_value_unset (target);
  if (g_variant_is_of_type (source, G_VARIANT_TYPE_MAYBE))
    g_value_init (target, type);
  else
    g_dbus_gvariant_to_gvalue (source, target);
}
