/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "commands.h"
#include "tool-failure.h"
#include "tool-json.h"
#include "tool-terminal.h"

/* The pairs of keys that are kept on this computer. */

#define DEFAULT_NAME "default"

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

/* Returns the command line that does ACTION for the pair. */
static char *
suggest (const char *action,
         const char *name)
{
  g_autofree char *quoted = g_shell_quote (name);

  if (g_str_equal (name, DEFAULT_NAME))
    return g_strdup_printf ("plantrpc keys %s", action);
  return g_strdup_printf ("plantrpc keys %s %s", action, quoted);
}

static ToolExit
fail_for_want (Tool       *tool,
               const char *name)
{
  g_autofree char *command = suggest ("make", name);
  /* Translators: a command */
  g_autofree char *remedy = g_strdup_printf (_("“%s” makes one."), command);
  g_autoptr (GError) error =
    g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 /* Translators: the name of a pair of keys */
                 _("There is no pair of keys with the name “%s”"), name);
  const ToolFailure failure = { .status = TOOL_EXIT_NOT_FOUND, .error = error, .remedy = remedy };

  return tool_fail (tool, &failure);
}

static ToolExit
fail_for_presence (Tool       *tool,
                   const char *name)
{
  g_autofree char *command = suggest ("show", name);
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
    return fail_for_want (tool, name);
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

static ToolExit
run_keys (Tool  *tool,
          char **arguments)
{
  const char *action = arguments[0] != NULL ? arguments[0] : "show";
  const char *name = arguments[0] != NULL && arguments[1] != NULL ? arguments[1] : DEFAULT_NAME;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = plant_rpc_keypair_find_path (name, &error);

  if (path == NULL)
    return tool_fail_error (tool, TOOL_EXIT_USAGE, error);
  if (g_str_equal (action, "show"))
    return show (tool, name, path);
  if (g_str_equal (action, "make"))
    return make (tool, name, path);
  return tool_fail_usage (tool, _("expected “show” or “make”, got “%s”"), action);
}

const ToolCommand command_keys = {
  .name = "keys",
  .synopsis = N_("[show|make [NAME]]"),
  .summary = N_("show or make a pair of keys"),
  .description = N_("The command prints the public key of the pair that is kept with this NAME, "
                    "which\nis “default” unless it is given, and where its files are. “make” makes "
                    "the pair,\nwhich stays the same from then on. The public file may be given to "
                    "others, the\nsecret file to nobody."),
  .n_max = 2,
  .arguments = { TOOL_ARGUMENT_KEYS_ACTION, TOOL_ARGUMENT_KEYPAIR },
  .run = run_keys,
};
