/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "serve-guard.h"

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
