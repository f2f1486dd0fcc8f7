/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "commands.h"
#include "tool-address.h"
#include "tool-failure.h"
#include "tool-json.h"
#include "tool-keypair.h"
#include "tool-terminal.h"

/* Invites somebody to a secured device, by a link that lets one client in, once. */

#define DEFAULT_LIFETIME 600 /* s */

/* The program that draws QR codes, if it is installed. */
#define QR_PROGRAM "qrencode"

static char *role_name;
static char *url;
static int lifetime;

typedef struct {
  Tool                  *tool;
  const char            *name;  /* of the pair of keys */
  PlantRpcKeypair       *pair;  /* (owned) */
  PlantRpcAuthenticator *table; /* (owned) */
  PlantRpcRole           role;
} Inviting;

/* ---- where the device is */

static ToolExit
fail_for_place (Inviting     *self,
                const GError *error)
{
  g_autofree char *remedy =
      g_strdup (_("Start the device, or tell where others reach it: --url tcp://HOST:PORT"));
  const ToolFailure failure = {
    .status = TOOL_EXIT_NOT_FOUND,
    .error = error,
    .remedy = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ? remedy : NULL,
  };

  return tool_fail (self->tool, &failure);
}

/* The key is that of the pair, whatever the URL is. Returns NULL once it has been said what is
 * wrong. */
static char *
find_url (Inviting *self)
{
  const char *key = plant_rpc_keypair_get_public_key (self->pair);
  const char *given = url != NULL ? strchr (url, '#') : NULL;
  g_autoptr (GError) error = NULL;
  char *found;

  if (given != NULL && !g_str_equal (given + 1, key))
    {
      tool_fail_usage (self->tool, _("--url: the key of “%s” is another one, %s"), self->name, key);
      return NULL;
    }
  if (url != NULL)
    return given != NULL ? g_strdup (url) : g_strconcat (url, "#", key, NULL);
  found = plant_rpc_authenticator_find_url (self->table, &error);
  if (found == NULL)
    fail_for_place (self, error);
  return found;
}

/* ---- what is printed */

static void
print_json (Inviting   *self,
            const char *link)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *text = NULL;

  g_variant_builder_add (&builder, "{sv}", "name", tool_json_string (self->name));
  g_variant_builder_add (&builder, "{sv}", "role",
                         tool_json_string (tool_keypair_name_role (self->role)));
  g_variant_builder_add (&builder, "{sv}", "seconds", g_variant_new_int32 (lifetime));
  g_variant_builder_add (&builder, "{sv}", "link", tool_json_string (link));
  text = tool_json_print (g_variant_builder_end (&builder));
  tool_print ("%s\n", text);
}

/* The link goes to the program by a pipe, since others see its arguments. */
static void
print_code (Inviting   *self,
            const char *link)
{
  g_autofree char *program = g_find_program_in_path (QR_PROGRAM);
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *code = NULL;

  if (program == NULL)
    {
      /* Translators: a program */
      tool_warn (self->tool, _("where “%s” is installed, the link is shown as a QR code, too"),
                 QR_PROGRAM);
      return;
    }
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                  G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                              NULL, program, "-t", "UTF8", "-m", "2", NULL);
  if (process != NULL &&
      g_subprocess_communicate_utf8 (process, link, self->tool->cancellable, &code, NULL, NULL) &&
      g_subprocess_get_successful (process))
    tool_print ("%s\n", code);
}

static void
print_for_people (Inviting   *self,
                  const char *link)
{
  g_autofree char *shown = plant_rpc_text_escape (self->name);

  /* Translators: the name of a device's pair of keys, a role, and a number of seconds */
  tool_print (_("This link lets one client join “%s” with the role “%s”, once, within %d s:\n"),
              shown, tool_keypair_name_role (self->role), lifetime);
  tool_print ("\n  %s\n\n", link);
  print_code (self, link);
  tool_print ("%s\n", _("Whoever has it first may join, so give it to one person. There, “plantrpc "
                        "pair” asks for it."));
}

static ToolExit
print (Inviting   *self,
       const char *place,
       const char *link)
{
  if (self->tool->json)
    print_json (self, link);
  else if (tool_terminal_is (stdout))
    print_for_people (self, link);
  else
    tool_print ("%s\n", link);
  if (!tool_address_is_reached_by_others (place))
    tool_warn (self->tool, _("“%s” is reached from this computer only"), place);
  return TOOL_EXIT_OK;
}

/* ---- what is done */

static ToolExit
invite (Inviting *self)
{
  g_autofree char *place = find_url (self);
  g_autofree char *link = NULL;
  g_autoptr (GError) error = NULL;

  if (place == NULL)
    return self->tool->status;
  link = plant_rpc_authenticator_invite (self->table, place, self->role, (guint) lifetime, &error);
  if (link != NULL)
    return print (self, place, link);
  return tool_fail_error (self->tool, g_error_matches (error, PLANT_RPC_ERROR,
                                                       PLANT_RPC_ERROR_INVALID_URL) ||
                                              g_error_matches (error, G_IO_ERROR,
                                                               G_IO_ERROR_INVALID_ARGUMENT)
                                          ? TOOL_EXIT_USAGE : TOOL_EXIT_FAILED, error);
}

static ToolExit
open_files (Inviting *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = plant_rpc_keypair_find_path (self->name, &error);

  if (path == NULL)
    return tool_fail_error (self->tool, TOOL_EXIT_USAGE, error);
  self->pair = plant_rpc_keypair_load (path, &error);
  if (self->pair == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return tool_keypair_fail_for_want (self->tool, self->name);
  if (self->pair != NULL)
    self->table = plant_rpc_authenticator_new_for_name (self->name, &error);
  return self->table != NULL ? TOOL_EXIT_OK
                             : tool_fail_error (self->tool, TOOL_EXIT_FAILED, error);
}

static ToolExit
run_invite (Tool  *tool,
            char **arguments)
{
  Inviting self = {
    .tool = tool,
    .name = arguments[0] != NULL ? arguments[0] : TOOL_KEYPAIR_DEFAULT,
    .role = PLANT_RPC_ROLE_OPERATOR,
  };
  ToolExit status;

  if (role_name != NULL && !tool_keypair_parse_role (role_name, &self.role))
    return tool_fail_usage (tool, _("--role: expected “viewer”, “operator” or “administrator”, "
                                    "got “%s”"), role_name);
  if (lifetime < 0)
    return tool_fail_usage (tool, _("--lifetime: a number of seconds is not negative"));
  if (lifetime == 0)
    lifetime = DEFAULT_LIFETIME;
  status = open_files (&self);
  if (status == TOOL_EXIT_OK)
    status = invite (&self);
  g_clear_pointer (&self.pair, plant_rpc_keypair_unref);
  g_clear_object (&self.table);
  return status;
}

static const GOptionEntry invite_options[] = {
  { "role", 'R', 0, G_OPTION_ARG_STRING, &role_name,
    N_("Who joins becomes viewer, operator or administrator (operator)"), N_("ROLE") },
  { "lifetime", 'l', 0, G_OPTION_ARG_INT, &lifetime,
    N_("The link is good for this long, from 10 to 86400 (600)"), N_("SECONDS") },
  { "url", 'u', 0, G_OPTION_ARG_STRING, &url,
    N_("Others reach the device at this URL (that of the device that runs)"), N_("URL") },
  G_OPTION_ENTRY_NULL,
};

const ToolCommand command_invite = {
  .name = "invite",
  .synopsis = N_("[NAME]"),
  .summary = N_("invite somebody to a secured device"),
  .description = N_("The command runs where the device does. It prints a link by which one client "
                    "can\njoin the secured device with the pair of keys of this NAME, which is "
                    "“default”\nunless it is given. The link is good once, and for ten minutes. It "
                    "is a secret:\nwhoever has it first may join. On a terminal it is shown as a "
                    "QR code, too, if\n“qrencode” is installed.\n\n“plantrpc pair” takes the link. "
                    "“plantrpc keys list” shows the invitations that\nnobody has used yet, and "
                    "“plantrpc keys revoke” takes one back."),
  .entries = invite_options,
  .n_max = 1,
  .arguments = { TOOL_ARGUMENT_KEYPAIR },
  .run = run_invite,
};
