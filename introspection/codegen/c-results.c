/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "c.h"
#include "text.h"

/* How a method that returns a value hands it out: a pointer by itself, with NULL for a failure;
 * what is no pointer, and nothing at all, behind a gboolean that tells of one. */

static char *
fill (const char *format,
      const char *value)
{
  g_auto (GStrv) parts = g_strsplit (format, "%s", 2);

  return g_strconcat (parts[0], value, parts[1], NULL);
}

/* What the caller owns, out of the GVariant "value". */
static char *
read_pointer (const Kind *kind)
{
  return g_strdup_printf ("  return value != NULL ? %s : NULL;\n",
                          kind_is_list (kind) ? "g_variant_dup_strv (value, NULL)"
                                              : "g_variant_dup_string (value, NULL)");
}

static char *
read_number (const Kind *kind)
{
  g_autofree char *read = fill (kind->from_variant, "value");

  return g_strdup_printf ("  if (value == NULL)\n    return FALSE;\n"
                          "  if (out_value != NULL)\n    *out_value = %s;\n  return TRUE;\n", read);
}

static void
set_direct (Member *member)
{
  const Kind *kind = member_get_result (member);
  gboolean variant = kind == kind_variant ();
  g_autofree char *type = g_strchomp (g_strdup (kind->c_out));

  scope_set (member->scope, "c_result", kind->c_out);
  scope_set (member->scope, "c_result_line", type);
  scope_set (member->scope, "failed", "NULL");
  scope_set (member->scope, "out_param", "");
  scope_set (member->scope, "out_doc", "");
  scope_take (member->scope, "returns_doc",
              g_strdup_printf ("(transfer full)%s: what the method returned%s, or %%NULL with an "
                               "error", kind_is_list (kind) ? " (array zero-terminated=1)" : "",
                               variant ? scope_get (member->scope, "of_type") : ""));
  scope_set (member->scope, "take", variant ? "return " : "value = ");
  scope_take (member->scope, "hand", variant ? g_strdup ("") : read_pointer (kind));
}

static void
set_told (Member *member)
{
  const Kind *kind = member_get_result (member);

  scope_set (member->scope, "c_result", "gboolean ");
  scope_set (member->scope, "c_result_line", "gboolean");
  scope_set (member->scope, "failed", "FALSE");
  scope_set (member->scope, "returns_doc", "%TRUE, or %FALSE with an error");
  scope_set (member->scope, "take", "value = ");
  scope_take (member->scope, "out_param", kind == NULL ? g_strdup ("")
              : g_strdup_printf ("    %s*out_value,\n", kind->c_out));
  scope_set (member->scope, "out_doc", kind == NULL ? ""
             : " * @out_value: (out) (optional): what the method returned\n");
  scope_take (member->scope, "hand",
              kind == NULL ? g_strdup ("  return value != NULL;\n") : read_number (kind));
}

/* What the device answers with. */
static void
set_completion (Member *member)
{
  const Kind *kind = member_get_result (member);
  gboolean untyped = member->returned == NULL;
  const char *list = kind != NULL && kind_is_list (kind) ? "(array zero-terminated=1): " : "";
  const char *of_type = scope_get (member->scope, "of_type");

  scope_set (member->scope, "given", "NULL");
  scope_set (member->scope, "given_param", "");
  scope_set (member->scope, "given_doc", "");
  scope_set (member->scope, "given_check", "");
  if (kind == NULL)
    return;
  scope_take (member->scope, "given", kind->to_variant == NULL ? g_strdup ("value")
                                                               : fill (kind->to_variant, "value"));
  scope_take (member->scope, "given_param", g_strconcat (",\n    ", kind->c_in, "value", NULL));
  scope_take (member->scope, "given_doc", kind != kind_variant ()
              ? g_strdup_printf (" * @value: %swhat the method returns\n", list)
              : g_strdup_printf (" * @value:%s what the method returns%s; sunk\n",
                                 untyped ? " (nullable):" : "", of_type));
  if (kind_is_pointer (kind) && !untyped)
    scope_set (member->scope, "given_check", "  g_return_if_fail (value != NULL);\n");
}

void
c_set_result (Member *member)
{
  const char *type = member->returned;
  const Kind *kind = member_get_result (member);

  scope_take (member->scope, "of_type",
              type != NULL ? g_strdup_printf (", of type `%s`", type) : g_strdup (""));
  if (kind != NULL && kind_is_pointer (kind))
    set_direct (member);
  else
    set_told (member);
  set_completion (member);
}
