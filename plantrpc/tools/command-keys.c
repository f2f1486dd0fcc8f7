/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "commands.h"
#include "keys-allowed.h"
#include "tool-failure.h"
#include "tool-json.h"
#include "tool-keypair.h"
#include "tool-terminal.h"

/* The pairs of keys that are kept on this computer, and who is let in by servers with them. */

static char *role;
static char *label;

static const char *const unkeyed_actions[] = { "show", "make", "list", NULL };

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

/* KEY is NULL for an action that takes none. */
static ToolExit
act (Tool       *tool,
     const char *action,
     const char *key,
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
    return keys_allow (tool, key, name, role, label);
  return keys_revoke (tool, key, name);
}

static ToolExit
run_keys (Tool  *tool,
          char **arguments)
{
  const char *action = arguments[0] != NULL ? arguments[0] : "show";
  char **rest = arguments[0] != NULL ? arguments + 1 : arguments;
  const gboolean allows = g_str_equal (action, "allow");
  const gboolean keyed = allows || g_str_equal (action, "revoke");
  const char *name;

  if (!keyed && !g_strv_contains (unkeyed_actions, action))
    return tool_fail_usage (tool, _("expected “show”, “make”, “allow”, “revoke” or “list”, "
                                    "got “%s”"), action);
  if (keyed && rest[0] == NULL)
    return tool_fail_usage (tool, _("arguments are missing: plantrpc %s %s"), command_keys.name,
                            _(command_keys.synopsis));
  if (g_strv_length (rest) > (keyed ? 2 : 1))
    return tool_fail_usage (tool, _("too many arguments: plantrpc %s %s"), command_keys.name,
                            _(command_keys.synopsis));
  if (!allows && (role != NULL || label != NULL))
    return tool_fail_usage (tool, _("--role and --label belong to “allow”"));
  name = rest[keyed ? 1 : 0];
  return act (tool, action, keyed ? rest[0] : NULL, name != NULL ? name : TOOL_KEYPAIR_DEFAULT);
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
  .synopsis = N_("[show|make|list [NAME] | allow|revoke KEY [NAME]]"),
  .summary = N_("manage pairs of keys, and the keys that are allowed"),
  .description = N_("The command prints the public key of the pair that is kept with this NAME, "
                    "which\nis “default” unless it is given, and where its files are. “make” makes "
                    "the pair,\nwhich stays the same from then on. The public file may be given to "
                    "others, the\nsecret file to nobody.\n\n“allow” lets the owner of a public KEY "
                    "connect to the secured servers that have\nthis pair, and prints what the "
                    "client needs. “revoke” refuses the owner from then\non. “list” prints the "
                    "keys that are allowed, and the invitations of “plantrpc\ninvite” that nobody "
                    "has used yet."),
  .entries = keys_options,
  .n_max = 3,
  .arguments = { TOOL_ARGUMENT_KEYS_ACTION, TOOL_ARGUMENT_KEYS_FIRST, TOOL_ARGUMENT_KEYS_SECOND },
  .run = run_keys,
};
