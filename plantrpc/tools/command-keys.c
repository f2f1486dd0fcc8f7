/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "commands.h"
#include "keys-allowed.h"
#include "tool-failure.h"
#include "tool-json.h"
#include "tool-keypair.h"
#include "tool-known.h"
#include "tool-terminal.h"

/* The pairs of keys that are kept on this computer, and who is let in by servers with them. */

static char *role;
static char *label;

/* What an action takes. */
typedef struct {
  const char *name;
  guint       n_min; /* arguments */
  guint       n_max;
} Action;

static const Action actions[] = {
  { "show", 0, 1 },   { "make", 0, 1 },     { "allow", 1, 2 },  { "revoke", 1, 2 },
  { "list", 0, 1 },   { "remember", 2, 2 }, { "forget", 1, 1 }, { "known", 0, 0 },
  { "release", 1, 2 },
};

/* ---- what is printed */

static char *
show_path (const char *path)
{
  g_autofree char *name = g_filename_display_name (path);

  return plant_rpc_text_escape (name);
}

static char *
find_public_path (const char *path)
{
  return g_strndup (path, strlen (path) - strlen ("_secret"));
}

static void
print_json (const char      *name,
            const char      *path,
            PlantRpcKeypair *pair)
{
  g_autofree char *public_path = find_public_path (path);
  g_autofree char *public_file = g_filename_display_name (public_path);
  g_autofree char *secret_file = g_filename_display_name (path);
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *text = NULL;

  g_variant_builder_add (&builder, "{sv}", "name", tool_json_string (name));
  g_variant_builder_add (&builder, "{sv}", "publicKey",
                         tool_json_string (plant_rpc_keypair_get_public_key (pair)));
  g_variant_builder_add (&builder, "{sv}", "publicFile", tool_json_string (public_file));
  g_variant_builder_add (&builder, "{sv}", "secretFile", tool_json_string (secret_file));
  text = tool_json_print (g_variant_builder_end (&builder));
  tool_print ("%s\n", text);
}

/* A key or a path is printed as a whole, however narrow the terminal is, since it is copied. */
static void
print_lines (const char      *name,
             const char      *path,
             PlantRpcKeypair *pair)
{
  g_autofree char *public_path = find_public_path (path);
  g_autofree char *public_file = show_path (public_path);
  g_autofree char *secret_file = show_path (path);
  g_autofree char *shown = plant_rpc_text_escape (name);
  const char *const labels[] = { _("public key"), _("public file"), _("secret file") };
  const char *const texts[] = { plant_rpc_keypair_get_public_key (pair), public_file,
                                secret_file };
  guint width = 0;

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    width = MAX (width, tool_terminal_measure (labels[i]));
  tool_print ("%s%s%s\n", tool_terminal_style (stdout, TOOL_STYLE_NAME), shown,
              tool_terminal_style (stdout, TOOL_STYLE_PLAIN));
  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    tool_print ("  %s%*s  %s\n", labels[i], (int) (width - tool_terminal_measure (labels[i])), "",
                texts[i]);
}

static ToolExit
print_pair (Tool            *tool,
            const char      *name,
            const char      *path,
            PlantRpcKeypair *pair)
{
  if (tool->json)
    print_json (name, path, pair);
  else
    print_lines (name, path, pair);
  return TOOL_EXIT_OK;
}

/* ---- what is done */

static ToolExit
fail_for_presence (Tool       *tool,
                   const char *name)
{
  g_autofree char *command = tool_keypair_suggest ("show", name);
  /* Translators: a command */
  g_autofree char *remedy = g_strdup_printf (_("“%s” shows it."), command);
  g_autoptr (GError) error =
    g_error_new (G_IO_ERROR, G_IO_ERROR_EXISTS,
                 /* Translators: the name of a pair of keys */
                 _("There is a pair of keys with the name “%s” already"), name);
  const ToolFailure failure = { .status = TOOL_EXIT_FAILED, .error = error, .remedy = remedy };

  return tool_fail (tool, &failure);
}

static ToolExit
show (Tool       *tool,
      const char *name,
      const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcKeypair) pair = plant_rpc_keypair_load (path, &error);

  if (pair != NULL)
    return print_pair (tool, name, path, pair);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return tool_keypair_fail_for_want (tool, name);
  return tool_fail_error (tool, TOOL_EXIT_FAILED, error);
}

static ToolExit
make (Tool       *tool,
      const char *name,
      const char *path)
{
  g_autoptr (PlantRpcKeypair) pair = NULL;
  g_autoptr (GError) error = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return fail_for_presence (tool, name);
  pair = plant_rpc_keypair_ensure (name, &error);
  return pair != NULL ? print_pair (tool, name, path, pair)
                      : tool_fail_error (tool, TOOL_EXIT_FAILED, error);
}

static const Action *
find_action (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      if (g_str_equal (actions[i].name, name))
        return &actions[i];
    }
  return NULL;
}

/* What has to do with devices and not with a pair of keys. Returns FALSE for other actions. */
static gboolean
act_on_known (Tool        *tool,
              const char  *action,
              char       **rest,
              ToolExit    *status)
{
  if (g_str_equal (action, "remember"))
    *status = tool_known_remember (tool, rest[0], rest[1]);
  else if (g_str_equal (action, "forget"))
    *status = tool_known_forget (tool, rest[0]);
  else if (g_str_equal (action, "known"))
    *status = tool_known_list (tool);
  else
    return FALSE;
  return TRUE;
}

/* FIRST is NULL for an action that takes none before the NAME. */
static ToolExit
act (Tool       *tool,
     const char *action,
     const char *first,
     const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = plant_rpc_keypair_find_path (name, &error);

  if (path == NULL)
    return tool_fail_error (tool, TOOL_EXIT_USAGE, error);
  if (g_str_equal (action, "show"))
    return show (tool, name, path);
  if (g_str_equal (action, "make"))
    return make (tool, name, path);
  if (g_str_equal (action, "list"))
    return keys_list_allowed (tool, name);
  if (g_str_equal (action, "allow"))
    return keys_allow (tool, first, name, role, label);
  if (g_str_equal (action, "release"))
    return keys_release (tool, first, name);
  return keys_revoke (tool, first, name);
}

static ToolExit
run_keys (Tool  *tool,
          char **arguments)
{
  const char *action = arguments[0] != NULL ? arguments[0] : "show";
  char **rest = arguments[0] != NULL ? arguments + 1 : arguments;
  const guint n_rest = g_strv_length (rest);
  const Action *found = find_action (action);
  ToolExit status;
  const char *name;

  if (found == NULL)
    return tool_fail_usage (tool, _("expected “show”, “make”, “allow”, “revoke”, “list”, "
                                    "“remember”, “forget”, “known” or “release”, got “%s”"),
                            action);
  if (n_rest < found->n_min)
    return tool_fail_usage (tool, _("arguments are missing: plantrpc %s %s"), command_keys.name,
                            _(command_keys.synopsis));
  if (n_rest > found->n_max)
    return tool_fail_usage (tool, _("too many arguments: plantrpc %s %s"), command_keys.name,
                            _(command_keys.synopsis));
  if (!g_str_equal (action, "allow") && (role != NULL || label != NULL))
    return tool_fail_usage (tool, _("--role and --label belong to “allow”"));
  if (act_on_known (tool, action, rest, &status))
    return status;
  name = rest[found->n_min];
  return act (tool, action, found->n_min > 0 ? rest[0] : NULL,
              name != NULL ? name : TOOL_KEYPAIR_DEFAULT);
}

static const GOptionEntry keys_options[] = {
  { "role", 'R', 0, G_OPTION_ARG_STRING, &role,
    N_("Allow the key as viewer, operator or administrator (operator)"), N_("ROLE") },
  { "label", 'l', 0, G_OPTION_ARG_STRING, &label, N_("Note who has the key that is allowed"),
    N_("TEXT") },
  G_OPTION_ENTRY_NULL,
};

const ToolCommand command_keys = {
  .name = "keys",
  .synopsis = N_("[show|make|list [NAME] | allow|revoke KEY [NAME] | remember DEVICE URL | "
                 "forget DEVICE | known | release DEVICE [NAME]]"),
  .summary = N_("manage pairs of keys, the keys that are allowed, and known devices"),
  .description = N_("The command prints the public key of the pair that is kept with this NAME, "
                    "which\nis “default” unless it is given, and where its files are. “make” makes "
                    "the pair,\nwhich stays the same from then on. The public file may be given to "
                    "others, the\nsecret file to nobody.\n\n“allow” lets the owner of a public KEY "
                    "connect to the secured servers that have\nthis pair, and prints what the "
                    "client needs. “revoke” refuses the owner from then\non. “list” prints the "
                    "keys that are allowed, and the invitations of “plantrpc\ninvite” that nobody "
                    "has used yet.\n\n“remember” notes the key of a device, which is at "
                    "the end of its URL, so that the\ndevice is known when a registry lists it. "
                    "“forget” lets it have another key.\n“known” prints the devices that are "
                    "known. “release” lets another key register the\nname of a device at the "
                    "secured registry that has the pair of this NAME."),
  .entries = keys_options,
  .n_max = 3,
  .arguments = { TOOL_ARGUMENT_KEYS_ACTION, TOOL_ARGUMENT_KEYS_FIRST, TOOL_ARGUMENT_KEYS_SECOND },
  .run = run_keys,
};
