/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-keypair.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tool-failure.h"

static char *
quote (const char *name)
{
  for (const char *at = name; *at != '\0'; at++)
    {
      if (!g_ascii_isalnum (*at) && strchr ("-_.", *at) == NULL)
        return g_shell_quote (name);
    }
  return g_strdup (name);
}

char *
tool_keypair_suggest (const char *action,
                      const char *name)
{
  g_autofree char *quoted = quote (name);

  if (g_str_equal (name, TOOL_KEYPAIR_DEFAULT))
    return g_strdup_printf ("plantrpc keys %s", action);
  return g_strdup_printf ("plantrpc keys %s %s", action, quoted);
}

char *
tool_keypair_show_argument (const char *text)
{
  g_autofree char *quoted = quote (text);

  return *text == '-' ? g_strconcat ("-- ", quoted, NULL) : g_steal_pointer (&quoted);
}

ToolExit
tool_keypair_fail_for_want (Tool       *tool,
                            const char *name)
{
  g_autofree char *command = tool_keypair_suggest ("make", name);
  /* Translators: a command */
  g_autofree char *remedy = g_strdup_printf (_("“%s” makes one."), command);
  g_autoptr (GError) error =
    g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 /* Translators: the name of a pair of keys */
                 _("There is no pair of keys with the name “%s”"), name);
  const ToolFailure failure = { .status = TOOL_EXIT_NOT_FOUND, .error = error, .remedy = remedy };

  return tool_fail (tool, &failure);
}

const char *
tool_keypair_name_role (PlantRpcRole role)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (PLANT_RPC_TYPE_ROLE);

  return g_enum_get_value (klass, (int) role)->value_nick;
}

gboolean
tool_keypair_parse_role (const char   *text,
                         PlantRpcRole *role)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (PLANT_RPC_TYPE_ROLE);
  const GEnumValue *value = g_enum_get_value_by_nick (klass, text);

  if (value == NULL || value->value == PLANT_RPC_ROLE_NONE)
    return FALSE;
  *role = (PlantRpcRole) value->value;
  return TRUE;
}
