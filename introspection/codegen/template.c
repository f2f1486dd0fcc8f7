/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "template.h"

#include <gio/gio.h>
#include <string.h>

#define RESOURCE_FOLDER "/plantrpc/codegen/templates/"

struct _Scope {
  Scope      *parent; /* (unowned) (nullable) */
  GHashTable *texts;  /* (owned) (element-type utf8 utf8) */
};

Scope *
scope_new (Scope *parent)
{
  Scope *self = g_new (Scope, 1);

  self->parent = parent;
  self->texts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  return self;
}

void
scope_free (Scope *self)
{
  g_hash_table_unref (self->texts);
  g_free (self);
}

void
scope_take (Scope      *self,
            const char *name,
            char       *text)
{
  g_hash_table_replace (self->texts, (gpointer) g_intern_string (name), text);
}

void
scope_set (Scope      *self,
           const char *name,
           const char *text)
{
  scope_take (self, name, g_strdup (text));
}

const char *
scope_get (Scope      *self,
           const char *name)
{
  for (; self != NULL; self = self->parent)
    {
      const char *text = g_hash_table_lookup (self->texts, name);

      if (text != NULL)
        return text;
    }
  g_error ("a template asks for “%s”, which is not set", name);
}

/* From the line after "%% section" to the next one that starts with "%%". */
static char *
dup_section (const char *file,
             const char *section)
{
  g_autofree char *path = g_strconcat (RESOURCE_FOLDER, file, NULL);
  g_autoptr (GBytes) bytes = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autofree char *text = NULL;
  g_autofree char *heading = g_strdup_printf ("\n%%%% %s\n", section);
  const char *start, *end;

  g_assert (bytes != NULL);
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  start = strstr (text, heading);
  if (start == NULL)
    g_error ("%s has no section “%s”", file, section);
  start += strlen (heading);
  end = strstr (start - 1, "\n%% ");
  return g_strndup (start, end != NULL ? (gsize) (end + 1 - start) : strlen (start));
}

void
template_append (GString    *out,
                 const char *file,
                 const char *section,
                 Scope      *scope)
{
  g_autofree char *text = dup_section (file, section);
  g_auto (GStrv) parts = g_strsplit (text, "$", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    g_string_append (out, i % 2 == 0 ? parts[i] : scope_get (scope, parts[i]));
}

void
template_append_block (GString    *out,
                       const char *file,
                       const char *section,
                       Scope      *scope)
{
  g_string_append_c (out, '\n');
  template_append (out, file, section, scope);
}

char *
template_fill (const char *file,
               const char *section,
               Scope      *scope)
{
  GString *out = g_string_new (NULL);

  template_append (out, file, section, scope);
  return g_string_free (out, FALSE);
}
