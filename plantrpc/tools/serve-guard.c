/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "serve-guard.h"

#include <glib/gi18n-lib.h>

#include "tool-event.h"
#include "tool-json.h"
#include "tool-keypair.h"

struct _ServeGuard {
  Tool                  *tool;          /* (unowned) */
  PlantRpcAuthenticator *authenticator; /* (owned) */
  char                  *name;          /* (owned): of the pair of keys */
  char                  *told;          /* (owned) (nullable): the key that was told last */
  char                  *told_address;  /* (owned) (nullable) */
};

static GVariant *
describe (const char *key,
          const char *address,
          const char *command)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&builder, "{sv}", "key", tool_json_string (key));
  g_variant_builder_add (&builder, "{sv}", "address", tool_json_string (address));
  g_variant_builder_add (&builder, "{sv}", "remedy", tool_json_string (command));
  return g_variant_builder_end (&builder);
}

static void
print (ServeGuard *self,
       const char *key,
       const char *address)
{
  g_autofree char *argument = tool_keypair_show_argument (key);
  g_autofree char *action = g_strconcat ("allow ", argument, NULL);
  g_autofree char *command = tool_keypair_suggest (action, self->name);
  const ToolEvent event = {
    .event = "refused",
    .style = TOOL_STYLE_BAD,
    .name = self->tool->json ? NULL : address,
    .text = command,
    .whole = TRUE,
    .value = describe (key, address, command),
  };

  tool_event_print (self->tool, &event);
}

/* A client that is refused tries again, and is told once. */
static void
on_refused (PlantRpcAuthenticator *authenticator,
            const char            *key,
            const char            *address,
            gpointer               user_data)
{
  ServeGuard *self = user_data;

  if (g_strcmp0 (key, self->told) == 0 && g_strcmp0 (address, self->told_address) == 0)
    return;
  g_free (self->told);
  self->told = g_strdup (key);
  g_free (self->told_address);
  self->told_address = g_strdup (address);
  print (self, key, address);
}

static void
on_changed (PlantRpcAuthenticator *authenticator,
            const char            *key,
            gpointer               user_data)
{
  ServeGuard *self = user_data;

  g_clear_pointer (&self->told, g_free);
}

static GVariant *
describe_join (const char *key,
               const char *label,
               const char *address,
               const char *what,
               const char *value,
               const char *command)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&builder, "{sv}", "key", tool_json_string (key));
  g_variant_builder_add (&builder, "{sv}", "label", tool_json_string (label));
  g_variant_builder_add (&builder, "{sv}", what, tool_json_string (value));
  g_variant_builder_add (&builder, "{sv}", "address", tool_json_string (address));
  if (command != NULL)
    g_variant_builder_add (&builder, "{sv}", "remedy", tool_json_string (command));
  return g_variant_builder_end (&builder);
}

static void
on_joined (PlantRpcAuthenticator *authenticator,
           const char            *key,
           const char            *label,
           PlantRpcRole           role,
           const char            *address,
           gpointer               user_data)
{
  ServeGuard *self = user_data;
  g_autofree char *action = g_strdup_printf ("revoke %s", key);
  g_autofree char *command = tool_keypair_suggest (action, self->name);
  const char *role_name = tool_keypair_name_role (role);
  /* Translators: the name of a client, its role, and a command that undoes it */
  g_autofree char *text = g_strdup_printf (_("“%s” is %s now; to undo: %s"), label, role_name,
                                           command);
  const ToolEvent event = {
    .event = "joined",
    .style = TOOL_STYLE_GOOD,
    .name = self->tool->json ? NULL : address,
    .text = text,
    .whole = TRUE,
    .value = describe_join (key, label, address, "role", role_name, command),
  };

  tool_event_print (self->tool, &event);
}

static char *
print_late (const char *label,
            const char *key,
            const char *reason)
{
  if (g_str_equal (reason, "expired"))
    /* Translators: the name of a client, and its public key */
    return g_strdup_printf (_("“%s” came with an invitation that has expired: %s"), label, key);
  if (g_str_equal (reason, "used"))
    /* Translators: the name of a client, and its public key */
    return g_strdup_printf (_("“%s” came with an invitation that had been used: %s"), label, key);
  /* Translators: the name of a client, and its public key */
  return g_strdup_printf (_("“%s” came with an invitation that is not good any more: %s"), label,
                          key);
}

static void
on_invitation_refused (PlantRpcAuthenticator *authenticator,
                       const char            *key,
                       const char            *label,
                       const char            *reason,
                       const char            *address,
                       gpointer               user_data)
{
  ServeGuard *self = user_data;
  g_autofree char *text = print_late (label, key, reason);
  const ToolEvent event = {
    .event = "late",
    .style = TOOL_STYLE_BAD,
    .name = self->tool->json ? NULL : address,
    .text = text,
    .whole = TRUE,
    .value = describe_join (key, label, address, "reason", reason, NULL),
  };

  tool_event_print (self->tool, &event);
}

ServeGuard *
serve_guard_new (Tool                  *tool,
                 PlantRpcAuthenticator *authenticator,
                 const char            *name)
{
  ServeGuard *self = g_new0 (ServeGuard, 1);

  self->tool = tool;
  self->authenticator = g_object_ref (authenticator);
  self->name = g_strdup (name);
  g_signal_connect (self->authenticator, "refused", G_CALLBACK (on_refused), self);
  g_signal_connect (self->authenticator, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect (self->authenticator, "joined", G_CALLBACK (on_joined), self);
  g_signal_connect (self->authenticator, "invitation-refused", G_CALLBACK (on_invitation_refused),
                    self);
  return self;
}

void
serve_guard_free (ServeGuard *self)
{
  g_signal_handlers_disconnect_by_data (self->authenticator, self);
  g_object_unref (self->authenticator);
  g_free (self->name);
  g_free (self->told);
  g_free (self->told_address);
  g_free (self);
}
