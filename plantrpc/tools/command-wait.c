/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "commands.h"
#include "tool-address.h"
#include "tool-compare.h"
#include "tool-device.h"
#include "tool-json.h"
#include "tool-known.h"
#include "tool-terminal.h"
#include "tool-value.h"

#define MAX_CONDITIONS 1000

typedef enum {
  OPERATOR_LESS_EQUAL,
  OPERATOR_GREATER_EQUAL,
  OPERATOR_NOT_EQUAL,
  OPERATOR_LESS,
  OPERATOR_GREATER,
  OPERATOR_EQUAL,
} Operator;

/* The longer ones first. */
static const char *const operators[] = { "<=", ">=", "!=", "<", ">", "=" };

typedef struct {
  char     *name;
  Operator  operator;
  char     *text;
} Condition;

typedef struct {
  Tool           *tool;
  ToolDevice     *device;
  GArray         *conditions; /* (owned) (element-type Condition) */
  GError         *error;      /* (owned) (nullable): waiting is in vain */
  const char     *member;     /* (unowned) (nullable): of the error */
} Waiting;

static void
condition_clear (gpointer data)
{
  Condition *self = data;

  g_free (self->name);
  g_free (self->text);
}

static gboolean
parse_condition (const char *text,
                 Condition  *condition)
{
  const char *at = strpbrk (text, "<>!=");

  if (at == NULL || at == text)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (operators); i++)
    {
      if (!g_str_has_prefix (at, operators[i]))
        continue;
      condition->name = g_strndup (text, (gsize) (at - text));
      condition->operator = (Operator) i;
      condition->text = g_strdup (at + strlen (operators[i]));
      return TRUE;
    }
  return FALSE;
}

static ToolExit
parse_conditions (Waiting  *self,
                  char    **texts)
{
  for (guint i = 0; texts[i] != NULL; i++)
    {
      Condition condition = { NULL, OPERATOR_EQUAL, NULL };

      if (!parse_condition (texts[i], &condition))
        return tool_fail_usage (self->tool, _("expected PROPERTY=VALUE, or with !=, <, <=, >, >=, "
                                              "got “%s”"), texts[i]);
      g_array_append_val (self->conditions, condition);
    }
  return TOOL_EXIT_OK;
}

static gboolean
compare (Operator  operator,
         GVariant *value,
         GVariant *wanted)
{
  gboolean comparable;
  int order = tool_compare_values (value, wanted, &comparable);

  switch (operator)
    {
    case OPERATOR_EQUAL:
      return order == 0;
    case OPERATOR_NOT_EQUAL:
      return order != 0;
    case OPERATOR_LESS:
      return comparable && order < 0;
    case OPERATOR_LESS_EQUAL:
      return comparable && order <= 0;
    case OPERATOR_GREATER:
      return comparable && order > 0;
    case OPERATOR_GREATER_EQUAL:
    default:
      return comparable && order >= 0;
    }
}

/* What the device had before it could no longer be read is not what it has. */
static GVariant *
dup_current_value (Waiting    *self,
                   const char *name)
{
  PlantRpcClient *client = self->device->client;
  PlantRpcProperty *property = plant_rpc_client_lookup_property (client, name);

  if (property == NULL ||
      plant_rpc_property_get_state (property) != PLANT_RPC_PROPERTY_STATE_CURRENT)
    return NULL;
  return plant_rpc_client_get_cached_property (client, name);
}

static gboolean
holds (Waiting         *self,
       const Condition *condition)
{
  PlantRpcInterfaceInfo *info = tool_device_get_info (self->device);
  PlantRpcPropertyInfo *property = plant_rpc_interface_info_lookup_property (info, condition->name);
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariant) given = NULL;
  g_autoptr (GVariant) wanted = NULL;

  self->member = condition->name;
  if (property == NULL)
    {
      g_set_error (&self->error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_PROPERTY,
                   _("there is no such property"));
      return FALSE;
    }
  given = tool_value_parse_for (property, condition->text, &self->error);
  if (given == NULL)
    return FALSE;
  wanted = tool_compare_fit (property, given);
  value = dup_current_value (self, condition->name);
  return value != NULL && compare (condition->operator, value, wanted);
}

/* What waiting does not mend. */
static gboolean
is_hopeless (Waiting      *self,
             const GError *error)
{
  if (error == NULL)
    return FALSE;
  return g_error_matches (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED) ||
         (plant_rpc_client_get_url (self->device->client) == NULL &&
          g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED));
}

static gboolean
is_over (gpointer data)
{
  Waiting *self = data;
  const GError *error = plant_rpc_client_get_last_error (self->device->client);

  if (self->error == NULL && is_hopeless (self, error))
    self->error = g_error_copy (error);
  if (self->error != NULL)
    return TRUE;
  if (!plant_rpc_client_is_ready (self->device->client))
    return FALSE;
  for (guint i = 0; i < self->conditions->len; i++)
    {
      if (!holds (self, &g_array_index (self->conditions, Condition, i)))
        return self->error != NULL;
    }
  return TRUE;
}

static ToolDevice *
make_device (Tool       *tool,
             const char *text)
{
  ToolDevice *device = g_new0 (ToolDevice, 1);
  g_autofree char *name = NULL;
  g_autofree char *registry = NULL;

  device->label = g_strdup (text);
  if (tool_address_is_url (text))
    {
      device->url = g_strdup (text);
      device->client = tool_device_new_client (text, FALSE);
      return device;
    }
  name = tool_address_split (tool, text, &registry);
  device->client = tool_device_new_client (NULL, FALSE);
  plant_rpc_client_set_unknown_devices (device->client, tool_known_get_policy (tool));
  plant_rpc_client_follow_device (device->client, registry, name);
  return device;
}

static ToolExit
fail (Waiting *self)
{
  ToolFailure failure = { .status = TOOL_EXIT_USAGE, .device = self->device->label,
                          .url = self->device->url, .member = self->member, .error = self->error };

  if (g_error_matches (self->error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    return tool_device_fail_to_connect (self->tool, self->device);
  if (g_error_matches (self->error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_PROPERTY))
    return tool_device_fail (self->tool, self->device, self->member, self->error);
  if (g_error_matches (self->error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL))
    failure.stage = self->device->url != NULL ? TOOL_STAGE_CONNECTING : TOOL_STAGE_RESOLVING;
  if (self->error->domain == G_IO_ERROR)
    {
      failure.status = TOOL_EXIT_UNREACHABLE;
      failure.stage = TOOL_STAGE_RESOLVING;
      failure.remedy = _("Give the URL of the device instead.");
    }
  return tool_fail (self->tool, &failure);
}

/* What it still waits for. */
static ToolExit
fail_late (Waiting *self)
{
  const GError *reason = plant_rpc_client_get_last_error (self->device->client);
  gboolean ready = plant_rpc_client_is_ready (self->device->client);
  g_autoptr (GVariant) value = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  ToolFailure failure = { .status = TOOL_EXIT_UNREACHABLE, .device = self->device->label,
                          .url = self->device->url, .member = ready ? self->member : NULL };

  if (ready)
    value = dup_current_value (self, self->member);
  text = value != NULL ? tool_value_print (value) : NULL;
  if (ready)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("time is up, and it is %s"),
                 text != NULL ? text : _("not known"));
  else
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("time is up: %s"),
                 reason != NULL ? reason->message : _("it has not answered yet"));
  failure.stage = ready ? TOOL_STAGE_NONE : TOOL_STAGE_CONNECTING;
  if (!ready && plant_rpc_client_get_url (self->device->client) == NULL)
    failure.stage = TOOL_STAGE_RESOLVING;
  failure.error = error;
  failure.remedy = ready ? NULL : _("--timeout gives it more time.");
  return tool_fail (self->tool, &failure);
}

static ToolExit
wait_for (Waiting *self)
{
  Tool *tool = self->tool;
  guint poll = self->conditions->len > 0 ? tool_device_poll (self->device->client) : 0;
  gboolean over =
      tool_run_until (tool, is_over, self, tool_get_time (tool, PLANT_RPC_TIMEOUT_NONE));
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *text = NULL;

  if (poll != 0)
    g_source_remove (poll);
  if (self->error != NULL)
    return fail (self);
  if (!over)
    return fail_late (self);
  g_variant_builder_add (&builder, "{sv}", "device", tool_json_string (self->device->label));
  g_variant_builder_add (&builder, "{sv}", "url",
                         tool_json_string (plant_rpc_client_get_url (self->device->client)));
  text = tool_json_print (g_variant_builder_end (&builder));
  if (tool->json)
    tool_print ("%s\n", text);
  return TOOL_EXIT_OK;
}

static ToolExit
run_wait (Tool  *tool,
          char **arguments)
{
  g_autoptr (ToolDevice) device = NULL;
  g_autoptr (GArray) conditions = g_array_new (FALSE, FALSE, sizeof (Condition));
  Waiting self = { .tool = tool, .conditions = conditions };
  ToolExit status;

  g_array_set_clear_func (conditions, condition_clear);
  status = parse_conditions (&self, arguments + 1);
  if (status != TOOL_EXIT_OK)
    return status;
  device = make_device (tool, arguments[0]);
  self.device = device;
  status = wait_for (&self);
  g_clear_error (&self.error);
  return status;
}

const ToolCommand command_wait = {
  .name = "wait",
  .synopsis = N_("DEVICE [PROPERTY=VALUE]…"),
  .summary = N_("wait for a device, or for values of its properties"),
  .description = N_("PROPERTY!=VALUE is possible, too, and <, <=, > and >= for numbers and text. "
                    "Quote\nthem in a shell. Without --timeout the command waits for ever. It "
                    "exits with 3\nwhen the time is up."),
  .n_min = 1,
  .n_max = MAX_CONDITIONS,
  .arguments = { TOOL_ARGUMENT_DEVICE, TOOL_ARGUMENT_CONDITION },
  .run = run_wait,
};
