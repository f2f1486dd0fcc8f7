/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "mock-methods.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tool-event.h"
#include "tool-failure.h"
#include "tool-json.h"

/* What a method does. */
typedef struct {
  Tool     *tool;
  gboolean  returns_buffer;
  GVariant *value;   /* (owned): what it returns, or the information about the buffer */
  GBytes   *buffer;  /* (owned) (nullable) */
  char     *failure; /* (owned) (nullable) */
  guint     delay;   /* ms */
} Method;

static void
method_free (gpointer data)
{
  Method *self = data;

  g_clear_pointer (&self->value, g_variant_unref);
  g_clear_pointer (&self->buffer, g_bytes_unref);
  g_free (self->failure);
  g_free (self);
}

static void
answer (Method             *self,
        PlantRpcInvocation *invocation)
{
  if (plant_rpc_invocation_get_answered (invocation))
    return;
  if (self->failure != NULL)
    plant_rpc_invocation_return_failure (invocation, self->failure, NULL);
  else if (self->returns_buffer)
    plant_rpc_invocation_return_buffer (invocation, self->buffer, self->value);
  else
    plant_rpc_invocation_return_value (invocation, self->value);
}

typedef struct {
  Method             *method;     /* (unowned): as long as the server, which outlives the loop */
  PlantRpcInvocation *invocation; /* (owned) */
} Later;

static void
later_free (gpointer data)
{
  Later *self = data;

  g_object_unref (self->invocation);
  g_free (self);
}

static gboolean
on_time (gpointer user_data)
{
  Later *self = user_data;

  answer (self->method, self->invocation);
  return G_SOURCE_REMOVE;
}

static GVariant *
describe_arguments (PlantRpcInvocation *invocation)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&builder, "{sv}", "args", plant_rpc_invocation_get_args (invocation));
  g_variant_builder_add (&builder, "{sv}", "kwargs", plant_rpc_invocation_get_kwargs (invocation));
  return g_variant_builder_end (&builder);
}

static char *
print_arguments (PlantRpcInvocation *invocation)
{
  GVariant *kwargs = plant_rpc_invocation_get_kwargs (invocation);
  g_autofree char *args = tool_json_print_value (plant_rpc_invocation_get_args (invocation));
  g_autofree char *named = tool_json_print_value (kwargs);
  gboolean plain = kwargs == NULL || g_variant_n_children (kwargs) == 0;

  args[strlen (args) - 1] = '\0';
  return g_strdup_printf ("%s%s%s", args + 1, plain ? "" : " ", plain ? "" : named);
}

static void
on_call (PlantRpcInvocation  *invocation,
         gpointer             user_data,
         GError             **error)
{
  Method *self = user_data;
  g_autofree char *text = print_arguments (invocation);
  const ToolEvent event = {
    .event = "call",
    .style = TOOL_STYLE_HEADING,
    .name = plant_rpc_invocation_get_name (invocation),
    .text = text,
    .value = describe_arguments (invocation),
  };
  Later *later;

  tool_event_print (self->tool, &event);
  if (self->delay == 0)
    {
      answer (self, invocation);
      return;
    }
  later = g_new0 (Later, 1);
  later->method = self;
  later->invocation = g_object_ref (invocation);
  g_timeout_add_full (G_PRIORITY_DEFAULT, self->delay, on_time, later, later_free);
}

/* What stands behind “NAME=” in LIST, the last one counting. */
static const char *
find (char       **list,
      const char  *name)
{
  const char *found = NULL;

  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    {
      if (g_str_has_prefix (list[i], name) && list[i][strlen (name)] == '=')
        found = list[i] + strlen (name) + 1;
    }
  return found;
}

/* The default of a type: zero, an empty text, a list of none. */
static GVariant *
make_default (const char *type_string)
{
  const char *type = type_string != NULL && !g_str_equal (type_string, "v") ? type_string : "mv";
  g_autoptr (GVariant) empty = g_variant_ref_sink (
      g_variant_new_from_data (G_VARIANT_TYPE (type), "", 0, FALSE, NULL, NULL));

  return g_variant_get_normal_form (empty);
}

static gboolean
take_reply (Method              *self,
            PlantRpcMethodInfo  *info,
            const char          *reply,
            GError             **error)
{
  char *contents;
  gsize size;

  if (self->returns_buffer)
    {
      self->value = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
      if (reply == NULL)
        {
          self->buffer = g_bytes_new (NULL, 0);
          return TRUE;
        }
      if (*reply != '@')
        {
          g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE,
                       _("the method returns a buffer: expected @FILE, got “%s”"), reply);
          return FALSE;
        }
      if (!g_file_get_contents (reply + 1, &contents, &size, error))
        return FALSE;
      self->buffer = g_bytes_new_take (contents, size);
      return TRUE;
    }
  self->value = reply != NULL ? tool_json_parse (reply, error)
                              : make_default (plant_rpc_method_info_get_return_type (info));
  return self->value != NULL;
}

static gboolean
take_delay (Method      *self,
            const char  *text,
            GError     **error)
{
  char *end = NULL;
  double seconds;

  if (text == NULL)
    return TRUE;
  seconds = g_ascii_strtod (text, &end);
  if (end != text && *end == '\0' && seconds >= 0 && seconds <= 1e6)
    {
      self->delay = (guint) (seconds * 1000);
      return TRUE;
    }
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE,
               _("expected seconds, got “%s”"), text);
  return FALSE;
}

static gboolean
check_names (PlantRpcInterfaceInfo  *info,
             char                  **list,
             GError                **error)
{
  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    {
      const char *equals = strchr (list[i], '=');
      g_autofree char *name =
          equals != NULL ? g_strndup (list[i], (gsize) (equals - list[i])) : NULL;

      if (name != NULL && plant_rpc_interface_info_lookup_method (info, name) != NULL)
        continue;
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_METHOD,
                   _("“%s” does not begin with METHOD= of the interface"), list[i]);
      return FALSE;
    }
  return TRUE;
}

static void
register_method (PlantRpcServer     *server,
                 PlantRpcMethodInfo *info,
                 Method             *method)
{
  const char *name = plant_rpc_method_info_get_name (info);
  const char *signature = plant_rpc_method_info_get_signature (info);
  int timeout = plant_rpc_method_info_get_timeout (info);

  if (method->returns_buffer)
    plant_rpc_server_register_method_buffer (server, name, signature, timeout,
                                             PLANT_RPC_METHOD_FLAGS_NONE, on_call, method,
                                             method_free);
  else
    plant_rpc_server_register_method_json (server, name, signature, timeout,
                                           PLANT_RPC_METHOD_FLAGS_NONE, on_call, method,
                                           method_free);
}

ToolExit
mock_methods_register (Tool                   *tool,
                       PlantRpcServer         *server,
                       PlantRpcInterfaceInfo  *info,
                       char                  **replies,
                       char                  **failures,
                       char                  **delays)
{
  g_auto (GStrv) names = plant_rpc_interface_info_list_methods (info);
  g_autoptr (GError) error = NULL;

  if (!check_names (info, replies, &error) || !check_names (info, failures, &error) ||
      !check_names (info, delays, &error))
    return tool_fail_error (tool, TOOL_EXIT_USAGE, error);
  for (guint i = 0; names[i] != NULL; i++)
    {
      PlantRpcMethodInfo *method_info = plant_rpc_interface_info_lookup_method (info, names[i]);
      Method *method = g_new0 (Method, 1);

      method->tool = tool;
      method->returns_buffer = plant_rpc_method_info_get_buffer (method_info);
      method->failure = g_strdup (find (failures, names[i]));
      if (!take_reply (method, method_info, find (replies, names[i]), &error) ||
          !take_delay (method, find (delays, names[i]), &error))
        {
          method_free (method);
          g_prefix_error (&error, "%s: ", names[i]);
          return tool_fail_error (tool, TOOL_EXIT_USAGE, error);
        }
      register_method (server, method_info, method);
    }
  return TOOL_EXIT_OK;
}
