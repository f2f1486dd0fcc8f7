/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "tool-address.h"
#include "tool-device.h"
#include "tool-keypair.h"
#include "tool-registry.h"
#include "tool-signature.h"
#include "tool-terminal.h"
#include "tool-value.h"

/* What could stand where the cursor is, for the completions of shells: one candidate a line, and
 * behind a tabulator what it is. */

/* Unless --timeout is given: nobody waits for longer at a prompt. */
#define PATIENCE_US (G_USEC_PER_SEC / 2)

typedef struct {
  Tool              *tool;
  const ToolCommand *command;    /* (nullable) */
  char              *current;    /* (owned): the word under the cursor, as far as it is written */
  GPtrArray         *positional; /* (owned) (element-type utf8): those before it */
  const char        *option;     /* (unowned) (nullable): that CURRENT is the argument of */
} Line;

static void
offer (Line       *line,
       const char *candidate,
       const char *description)
{
  g_autofree char *shown = plant_rpc_text_escape (candidate);
  g_autofree char *clean = NULL;

  /* The shell prints a candidate unchanged, so one with control characters must not be offered. */
  if (!g_str_has_prefix (candidate, line->current) || !g_str_equal (candidate, shown))
    return;
  if (g_str_has_suffix (candidate, "=") && g_str_equal (candidate, line->current))
    return;
  clean = plant_rpc_text_escape (description != NULL ? description : "");
  tool_print ("%s\t%s\n", candidate, clean);
}

/* ---- the line */

/* Words as a shell takes them apart; the last one may be empty, or its quotes still open. */
static GPtrArray *
split (const char *text)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) word = g_string_new (NULL);
  gboolean begun = FALSE;
  char quote = '\0';

  for (const char *at = text; *at != '\0'; at++)
    {
      if (quote == '\0' && g_ascii_isspace (*at))
        {
          if (begun)
            g_ptr_array_add (words, g_strdup (word->str));
          g_string_truncate (word, 0);
          begun = FALSE;
          continue;
        }
      begun = TRUE;
      if (*at == quote)
        quote = '\0';
      else if (quote == '\0' && (*at == '"' || *at == '\''))
        quote = *at;
      else if (*at == '\\' && quote != '\'' && at[1] != '\0')
        g_string_append_c (word, *++at);
      else
        g_string_append_c (word, *at);
    }
  g_ptr_array_add (words, g_strdup (word->str));
  return words;
}

static void
take_word (Line       *line,
           const char *word)
{
  const GOptionEntry *option = options_find_before (line->command, word);

  if (line->option != NULL)
    {
      if (g_str_equal (line->option, "registry"))
        {
          g_free (line->tool->registry);
          line->tool->registry = g_strdup (word);
        }
      line->option = NULL;
    }
  else if (option != NULL)
    {
      line->option = option->long_name;
    }
  else if (*word != '-')
    {
      g_ptr_array_add (line->positional, g_strdup (word));
    }
}

/* ---- what there is */

static ToolDevice *
open_device (Line *line)
{
  if (line->positional->len == 0)
    return NULL;
  return tool_device_open (line->tool, line->positional->pdata[0]);
}

static void
offer_devices (Line *line)
{
  const char *at = tool_address_is_url (line->current) ? NULL : strchr (line->current, '@');
  g_autofree char *url = tool_registry_dup_url (line->tool, at != NULL ? at + 1 : NULL);
  g_autoptr (PlantRpcRegistryClient) registry =
      tool_registry_open (line->tool, url, tool_get_time (line->tool, 0), NULL);

  for (guint i = 0; registry != NULL && i < g_list_model_get_n_items (G_LIST_MODEL (registry)); i++)
    {
      g_autoptr (PlantRpcDevice) device = g_list_model_get_item (G_LIST_MODEL (registry), i);
      g_autofree char *name =
          g_strconcat (plant_rpc_device_get_name (device), at != NULL ? at : "", NULL);

      offer (line, name, plant_rpc_device_get_url (device));
    }
}

static void
offer_types (Line *line)
{
  g_autofree char *url = tool_registry_dup_url (line->tool, NULL);
  g_autoptr (PlantRpcRegistryClient) registry =
      tool_registry_open (line->tool, url, tool_get_time (line->tool, 0), NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; registry != NULL && i < g_list_model_get_n_items (G_LIST_MODEL (registry)); i++)
    {
      g_autoptr (PlantRpcDevice) device = g_list_model_get_item (G_LIST_MODEL (registry), i);
      const char *type = plant_rpc_device_get_device_type (device);

      if (g_hash_table_add (seen, g_strdup (type)))
        offer (line, type, NULL);
    }
}

static void
offer_values (Line                 *line,
              PlantRpcPropertyInfo *property,
              const char           *before)
{
  static const char *const booleans[] = { "true", "false", NULL };
  const char *const *choices = plant_rpc_property_info_get_choices (property);

  if (choices == NULL &&
      g_str_equal (plant_rpc_property_info_get_type_string (property), "b"))
    choices = booleans;
  for (guint i = 0; choices != NULL && choices[i] != NULL; i++)
    {
      g_autofree char *candidate = g_strconcat (before, choices[i], NULL);

      offer (line, candidate, NULL);
    }
}

/* BEHIND, as “=”, follows the name. Only those that can be written, if asked for. */
static void
offer_properties (Line       *line,
                  const char *behind,
                  gboolean    writable)
{
  g_autoptr (ToolDevice) device = open_device (line);
  PlantRpcInterfaceInfo *info = device != NULL ? tool_device_get_info (device) : NULL;
  g_auto (GStrv) names = info != NULL ? plant_rpc_interface_info_list_properties (info) : NULL;

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      PlantRpcPropertyInfo *property = plant_rpc_interface_info_lookup_property (info, names[i]);
      const char *name = plant_rpc_property_info_get_wire_name (property);
      const char *description = plant_rpc_property_info_get_description (property);
      g_autofree char *type =
          tool_value_name_type (plant_rpc_property_info_get_type_string (property));
      g_autofree char *candidate = g_strconcat (name, behind, NULL);

      if (writable && !plant_rpc_property_info_get_writable (property))
        continue;
      offer (line, candidate, description != NULL ? description : type);
      if (*behind == '\0')
        continue;
      if (g_str_has_prefix (line->current, candidate))
        offer_values (line, property, candidate);
    }
}

static void
offer_assignments (Line *line)
{
  offer_properties (line, strchr (line->current, '=') != NULL ? "=" : "", TRUE);
}

static void
offer_value (Line *line)
{
  const char *name = line->positional->pdata[1];
  g_autoptr (ToolDevice) device = NULL;
  PlantRpcPropertyInfo *property;

  if (strchr (name, '=') != NULL)
    {
      offer_properties (line, "=", TRUE);
      return;
    }
  device = open_device (line);
  property = device != NULL ? tool_device_find_property (line->tool, device, name) : NULL;
  if (property != NULL)
    offer_values (line, property, "");
}

static void
offer_methods (Line *line)
{
  g_autoptr (ToolDevice) device = open_device (line);
  PlantRpcInterfaceInfo *info = device != NULL ? tool_device_get_info (device) : NULL;
  g_auto (GStrv) names = info != NULL ? plant_rpc_interface_info_list_methods (info) : NULL;

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    offer (line, names[i],
           plant_rpc_method_info_get_signature (plant_rpc_interface_info_lookup_method (info,
                                                                                       names[i])));
}

static void
offer_parameters (Line *line)
{
  g_autoptr (ToolDevice) device = open_device (line);
  PlantRpcInterfaceInfo *info = device != NULL ? tool_device_get_info (device) : NULL;
  PlantRpcMethodInfo *method =
      info != NULL ? plant_rpc_interface_info_lookup_method (info, line->positional->pdata[1])
                   : NULL;
  PlantRpcParameterInfo *parameter;

  if (method == NULL)
    return;
  for (guint i = 0; (parameter = plant_rpc_method_info_get_parameter (method, i)) != NULL; i++)
    {
      const char *type_string = plant_rpc_parameter_info_get_type_string (parameter);
      g_autofree char *name =
          g_strconcat (plant_rpc_parameter_info_get_name (parameter), "=", NULL);
      g_autofree char *type = tool_value_name_type (type_string);
      g_autofree char *yes = g_strconcat (name, "true", NULL);
      g_autofree char *no = g_strconcat (name, "false", NULL);

      offer (line, name, type);
      if (*type_string != 'b' || !g_str_has_prefix (line->current, name))
        continue;
      offer (line, yes, NULL);
      offer (line, no, NULL);
    }
}

/* Those that tell of a property go without saying. */
static void
offer_signals (Line *line)
{
  g_autoptr (ToolDevice) device = open_device (line);
  PlantRpcInterfaceInfo *info = device != NULL ? tool_device_get_info (device) : NULL;
  g_auto (GStrv) names = info != NULL ? plant_rpc_interface_info_list_signals (info) : NULL;

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      PlantRpcSignalInfo *signal = plant_rpc_interface_info_lookup_signal (info, names[i]);

      if (plant_rpc_signal_info_get_property (signal) == NULL)
        offer (line, plant_rpc_signal_info_get_wire_name (signal),
               plant_rpc_signal_info_get_signature (signal));
    }
}

static void
offer_commands (Line *line)
{
  const ToolCommand *const *all = commands_list ();

  for (guint i = 0; all[i] != NULL; i++)
    {
      if (all[i]->summary != NULL)
        offer (line, all[i]->name, _(all[i]->summary));
    }
}

static void
offer_keys_actions (Line *line)
{
  offer (line, "show", _("show the public key"));
  offer (line, "make", _("make a pair of keys"));
  offer (line, "allow", _("let the owner of a key connect"));
  offer (line, "revoke", _("refuse the owner of a key"));
  offer (line, "list", _("list the keys that are allowed"));
  offer (line, "remember", _("remember the key of a device"));
  offer (line, "forget", _("forget the key of a device"));
  offer (line, "known", _("list the devices that are known"));
  offer (line, "release", _("let another key register a device"));
}

/* Returns the names of the pairs that are kept: each has a file of this name. */
static char **
list_keypairs (void)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autofree char *path = plant_rpc_keypair_find_path ("x", NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *file;

  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *name = NULL;

      if (*file == '.' || !g_str_has_suffix (file, ".key_secret"))
        continue;
      name = g_strndup (file, strlen (file) - strlen (".key_secret"));
      g_strv_builder_add (names, name);
    }
  return g_strv_builder_end (names);
}

static void
offer_keypairs (Line *line)
{
  g_auto (GStrv) names = list_keypairs ();

  for (guint i = 0; names[i] != NULL; i++)
    offer (line, names[i], NULL);
}

/* Those that nobody has used yet. */
static void
offer_invitations (Line                  *line,
                   PlantRpcAuthenticator *table,
                   GHashTable            *seen)
{
  g_auto (GStrv) keys = plant_rpc_authenticator_list_invitations (table);

  for (guint i = 0; keys[i] != NULL; i++)
    {
      if (g_hash_table_add (seen, g_strdup (keys[i])))
        offer (line, keys[i], _("an invitation"));
    }
}

/* Those that the server with the pair NAME lets in. SEEN has those that were offered. */
static void
offer_allowed_keys (Line       *line,
                    const char *name,
                    GHashTable *seen)
{
  g_autoptr (PlantRpcAuthenticator) table = plant_rpc_authenticator_new_for_name (name, NULL);
  g_auto (GStrv) keys = table != NULL ? plant_rpc_authenticator_list_keys (table) : NULL;

  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    {
      g_autofree char *label = plant_rpc_authenticator_dup_label (table, keys[i]);

      if (g_hash_table_add (seen, g_strdup (keys[i])))
        offer (line, keys[i],
               label != NULL ? label : tool_keypair_name_role (
                                           plant_rpc_authenticator_get_role (table, keys[i])));
    }
  if (table != NULL)
    offer_invitations (line, table, seen);
}

/* The name of the server is told only after the key. */
static void
offer_all_allowed_keys (Line *line)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) names = list_keypairs ();

  for (guint i = 0; names[i] != NULL; i++)
    offer_allowed_keys (line, names[i], seen);
}

static void
offer_known_devices (Line *line)
{
  g_autoptr (PlantRpcKnownDevices) known = plant_rpc_known_devices_new ();
  g_auto (GStrv) names = plant_rpc_known_devices_list_names (known, NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    offer (line, names[i], NULL);
}

static void
offer_for_keys (Line     *line,
                gboolean  first)
{
  const char *action = line->positional->pdata[0];
  static const char *const named[] = { "show", "make", "list", NULL };
  static const char *const keyed[] = { "allow", "revoke", "release", NULL };

  if (first && g_str_equal (action, "revoke"))
    offer_all_allowed_keys (line);
  else if (first && g_str_equal (action, "forget"))
    offer_known_devices (line);
  else if (g_strv_contains (first ? named : keyed, action))
    offer_keypairs (line);
}

static void
offer_roles (Line *line)
{
  offer (line, tool_keypair_name_role (PLANT_RPC_ROLE_VIEWER), _("reads"));
  offer (line, tool_keypair_name_role (PLANT_RPC_ROLE_OPERATOR), _("also writes and calls"));
  offer (line, tool_keypair_name_role (PLANT_RPC_ROLE_ADMINISTRATOR),
         _("also stops the device"));
}

static void
offer_options (Line               *line,
               const GOptionEntry *entries)
{
  for (; entries != NULL && entries->long_name != NULL; entries++)
    {
      g_autofree char *name = g_strconcat ("--", entries->long_name, NULL);

      offer (line, name, _(entries->description));
    }
}

static void
offer_all_options (Line *line)
{
  offer_options (line, line->command->entries);
  offer_options (line, options_get_common ());
  offer (line, "--help", NULL);
}

/* ---- which of it */

static ToolArgument
get_kind (Line *line)
{
  const ToolArgument *kinds = line->command->arguments;
  guint n = line->positional->len;

  if (n >= line->command->n_max)
    return TOOL_ARGUMENT_NONE;
  while (n > 0 && (n >= TOOL_MAX_ARGUMENTS || kinds[n] == TOOL_ARGUMENT_NONE))
    n--;
  return kinds[n];
}

static void
offer_argument (Line *line)
{
  switch (get_kind (line))
    {
    case TOOL_ARGUMENT_DEVICE:
      offer_devices (line);
      break;
    case TOOL_ARGUMENT_PROPERTY:
      offer_properties (line, "", FALSE);
      break;
    case TOOL_ARGUMENT_ASSIGNMENT:
      offer_assignments (line);
      break;
    case TOOL_ARGUMENT_VALUE:
      offer_value (line);
      break;
    case TOOL_ARGUMENT_CONDITION:
      offer_properties (line, "=", FALSE);
      break;
    case TOOL_ARGUMENT_METHOD:
      offer_methods (line);
      break;
    case TOOL_ARGUMENT_PARAMETER:
      offer_parameters (line);
      break;
    case TOOL_ARGUMENT_MEMBER:
      offer_properties (line, "", FALSE);
      offer_signals (line);
      break;
    case TOOL_ARGUMENT_COMMAND:
      offer_commands (line);
      break;
    case TOOL_ARGUMENT_KEYS_ACTION:
      offer_keys_actions (line);
      break;
    case TOOL_ARGUMENT_KEYS_FIRST:
      offer_for_keys (line, TRUE);
      break;
    case TOOL_ARGUMENT_KEYS_SECOND:
      offer_for_keys (line, FALSE);
      break;
    case TOOL_ARGUMENT_KEYPAIR:
      offer_keypairs (line);
      break;
    case TOOL_ARGUMENT_REGISTRY:
    case TOOL_ARGUMENT_FILE:
    case TOOL_ARGUMENT_NONE:
    default:
      break;
    }
}

static void
complete (Line      *line,
          GPtrArray *words)
{
  guint last = words->len - 1;

  line->current = words->pdata[last];
  if (last <= 1)
    {
      offer_commands (line);
      offer (line, "--help", NULL);
      offer (line, "--version", NULL);
      return;
    }
  line->command = commands_find (words->pdata[1]);
  if (line->command == NULL)
    return;
  for (guint i = 2; i < last; i++)
    take_word (line, words->pdata[i]);
  if (g_strcmp0 (line->option, "type") == 0)
    offer_types (line);
  else if (g_strcmp0 (line->option, "role") == 0)
    offer_roles (line);
  else if (g_strcmp0 (line->option, "secure") == 0)
    offer_keypairs (line);
  else if (line->option == NULL && *line->current != '-')
    offer_argument (line);
  else if (line->option == NULL)
    offer_all_options (line);
}

static ToolExit
run_complete (Tool  *tool,
              char **arguments)
{
  g_autoptr (GPtrArray) words = split (arguments[0]);
  g_autoptr (GPtrArray) positional = g_ptr_array_new_with_free_func (g_free);
  Line line = { .tool = tool, .positional = positional };

  if (!tool->has_timeout)
    tool->deadline = g_get_monotonic_time () + PATIENCE_US;
  tool->has_timeout = TRUE;
  complete (&line, words);
  /* What was not sent to a device that hangs would keep the process for a while. */
  fflush (stdout);
  _exit (TOOL_EXIT_OK);
}

const ToolCommand command_complete = {
  .name = "complete",
  .synopsis = "LINE",
  .n_min = 1,
  .n_max = 1,
  .run = run_complete,
};
