/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "keys-allowed.h"

#include <glib/gi18n-lib.h>

#include "tool-failure.h"
#include "tool-json.h"
#include "tool-keypair.h"
#include "tool-table.h"

/* A key that is allowed, as it is told. */
typedef struct {
  const char   *key;
  PlantRpcRole  role;
  char         *label; /* (owned) (nullable) */
} Entry;

static void
entry_clear (Entry *self)
{
  g_free (self->label);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Entry, entry_clear)

static Entry
make_entry (PlantRpcAuthenticator *table,
            const char            *key)
{
  return (Entry) {
    .key = key,
    .role = plant_rpc_authenticator_get_role (table, key),
    .label = plant_rpc_authenticator_dup_label (table, key),
  };
}

static void
describe (GVariantBuilder *builder,
          const Entry     *entry)
{
  g_variant_builder_add (builder, "{sv}", "key", tool_json_string (entry->key));
  g_variant_builder_add (builder, "{sv}", "role",
                         tool_json_string (tool_keypair_name_role (entry->role)));
  if (entry->label != NULL)
    g_variant_builder_add (builder, "{sv}", "label", tool_json_string (entry->label));
}

static ToolExit
fail (Tool         *tool,
      const GError *error)
{
  const gboolean usage = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);

  return tool_fail_error (tool, usage ? TOOL_EXIT_USAGE : TOOL_EXIT_FAILED, error);
}

/* ---- all need a pair, since a table without one is that of a name that was misspelt */

/* Returns NULL once it has been said what is wrong. */
static PlantRpcAuthenticator *
open_table (Tool       *tool,
            const char *name)
{
  g_autofree char *path = plant_rpc_keypair_find_path (name, NULL);
  g_autoptr (GError) error = NULL;
  PlantRpcAuthenticator *table;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      tool_keypair_fail_for_want (tool, name);
      return NULL;
    }
  table = plant_rpc_authenticator_new_for_name (name, &error);
  if (table == NULL)
    fail (tool, error);
  return table;
}

/* ---- allow */

static void
print_json (const char  *name,
            const Entry *entry,
            const char  *server_key)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *text = NULL;

  g_variant_builder_add (&builder, "{sv}", "name", tool_json_string (name));
  g_variant_builder_add (&builder, "{sv}", "publicKey", tool_json_string (server_key));
  describe (&builder, entry);
  text = tool_json_print (g_variant_builder_end (&builder));
  tool_print ("%s\n", text);
}

/* The URL is printed as a whole, however narrow the terminal is, since its end is copied. */
static void
print_outcome (const char  *name,
               const Entry *entry,
               const char  *server_key)
{
  g_autofree char *shown = plant_rpc_text_escape (name);

  /* Translators: a public key, the name of a server's pair of keys, and a role */
  tool_print (_("The key %s may connect to “%s” with the role “%s”.\n"), entry->key, shown,
              tool_keypair_name_role (entry->role));
  /* Translators: a URL follows */
  tool_print ("%s\n  tcp://HOST:PORT#%s\n",
              _("At the client, the URL of the device ends with the server's public key:"),
              server_key);
}

/* Without --label a key keeps the label that it has. */
static gboolean
add (PlantRpcAuthenticator  *table,
     const char             *key,
     PlantRpcRole            role,
     const char             *label,
     GError                **error)
{
  g_autofree char *former = plant_rpc_authenticator_dup_label (table, key);

  return plant_rpc_authenticator_allow (table, key, role, label != NULL ? label : former, error);
}

ToolExit
keys_allow (Tool       *tool,
            const char *key,
            const char *name,
            const char *role,
            const char *label)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcAuthenticator) table = NULL;
  g_autoptr (PlantRpcKeypair) pair = NULL;
  g_auto (Entry) entry = { .key = key, .role = PLANT_RPC_ROLE_OPERATOR };

  if (role != NULL && !tool_keypair_parse_role (role, &entry.role))
    return tool_fail_usage (tool, _("--role: expected “viewer”, “operator” or “administrator”, "
                                    "got “%s”"), role);
  table = open_table (tool, name);
  if (table == NULL)
    return tool->status;
  if (!add (table, key, entry.role, label, &error))
    return fail (tool, error);
  pair = plant_rpc_keypair_ensure (name, &error);
  if (pair == NULL)
    return fail (tool, error);
  entry = make_entry (table, key);
  if (tool->json)
    print_json (name, &entry, plant_rpc_keypair_get_public_key (pair));
  else
    print_outcome (name, &entry, plant_rpc_keypair_get_public_key (pair));
  return TOOL_EXIT_OK;
}

/* ---- revoke, release, list */

static ToolExit
fail_for_unknown (Tool         *tool,
                  const char   *name,
                  const GError *error)
{
  g_autofree char *command = tool_keypair_suggest ("list", name);
  /* Translators: a command */
  g_autofree char *remedy = g_strdup_printf (_("“%s” shows the keys that are allowed."), command);
  const ToolFailure failure = { .status = TOOL_EXIT_NOT_FOUND, .error = error, .remedy = remedy };

  return tool_fail (tool, &failure);
}

ToolExit
keys_revoke (Tool       *tool,
             const char *key,
             const char *name)
{
  g_autoptr (PlantRpcAuthenticator) table = open_table (tool, name);
  g_autoptr (GError) error = NULL;

  if (table == NULL)
    return tool->status;
  if (plant_rpc_authenticator_revoke (table, key, &error))
    return TOOL_EXIT_OK;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return fail_for_unknown (tool, name, error);
  return fail (tool, error);
}

ToolExit
keys_release (Tool       *tool,
              const char *device,
              const char *name)
{
  g_autoptr (PlantRpcAuthenticator) table = open_table (tool, name);
  g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new (NULL);
  g_autoptr (GError) error = NULL;

  if (table == NULL)
    return tool->status;
  if (plant_rpc_registry_secure (registry, name, &error) &&
      plant_rpc_registry_release_name (registry, device, &error))
    return TOOL_EXIT_OK;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return tool_fail_error (tool, TOOL_EXIT_NOT_FOUND, error);
  return fail (tool, error);
}

/* KEY is that of an invitation that waits. */
static GVariant *
describe_invitation (PlantRpcAuthenticator *table,
                     const char            *key)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  PlantRpcRole role;
  guint left;

  plant_rpc_authenticator_get_invitation (table, key, &role, &left);
  g_variant_builder_add (&builder, "{sv}", "key", tool_json_string (key));
  g_variant_builder_add (&builder, "{sv}", "invited",
                         tool_json_string (tool_keypair_name_role (role)));
  g_variant_builder_add (&builder, "{sv}", "seconds", g_variant_new_int32 ((int) left));
  return g_variant_builder_end (&builder);
}

static void
print_list_json (PlantRpcAuthenticator  *table,
                 char                  **keys,
                 char                  **invitations)
{
  GVariantBuilder list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));
  g_autofree char *text = NULL;

  for (guint i = 0; keys[i] != NULL; i++)
    {
      GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
      g_auto (Entry) entry = make_entry (table, keys[i]);

      describe (&builder, &entry);
      g_variant_builder_add (&list, "v", g_variant_builder_end (&builder));
    }
  for (guint i = 0; invitations[i] != NULL; i++)
    g_variant_builder_add (&list, "v", describe_invitation (table, invitations[i]));
  text = tool_json_print (g_variant_builder_end (&list));
  tool_print ("%s\n", text);
}

static void
add_invitation (ToolTable             *rows,
                PlantRpcAuthenticator *table,
                const char            *key)
{
  g_autofree char *rest = NULL;
  PlantRpcRole role;
  guint left;

  plant_rpc_authenticator_get_invitation (table, key, &role, &left);
  /* Translators: of an invitation: a number of seconds */
  rest = g_strdup_printf (_("an invitation, for %u s still"), left);
  tool_table_add (rows, key, tool_keypair_name_role (role), rest, NULL);
}

static void
print_list (PlantRpcAuthenticator  *table,
            char                  **keys,
            char                  **invitations)
{
  g_autoptr (ToolTable) rows = tool_table_new (3);

  tool_table_style (rows, 0, TOOL_STYLE_NAME);
  tool_table_keep (rows, 0);
  tool_table_add (rows, _("KEY"), _("ROLE"), _("LABEL"), NULL);
  for (guint i = 0; keys[i] != NULL; i++)
    {
      g_auto (Entry) entry = make_entry (table, keys[i]);

      tool_table_add (rows, entry.key, tool_keypair_name_role (entry.role),
                      entry.label != NULL ? entry.label : "", NULL);
    }
  for (guint i = 0; invitations[i] != NULL; i++)
    add_invitation (rows, table, invitations[i]);
  tool_table_print (rows, "");
}

ToolExit
keys_list_allowed (Tool       *tool,
                   const char *name)
{
  g_autoptr (PlantRpcAuthenticator) table = open_table (tool, name);
  g_auto (GStrv) keys = NULL;
  g_auto (GStrv) invitations = NULL;

  if (table == NULL)
    return tool->status;
  invitations = plant_rpc_authenticator_list_invitations (table);
  keys = plant_rpc_authenticator_list_keys (table);
  if (tool->json)
    print_list_json (table, keys, invitations);
  else if (keys[0] != NULL || invitations[0] != NULL)
    print_list (table, keys, invitations);
  else
    tool_warn (tool, _("no key is allowed"));
  return TOOL_EXIT_OK;
}
