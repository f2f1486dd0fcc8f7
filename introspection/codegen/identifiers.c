/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "identifiers.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-names-private.h"
#include "text.h"

static const char *const vala_keywords[] = {
  "abstract",  "as",       "async",    "base",     "bool",      "break",   "case",     "catch",
  "char",      "class",    "const",    "construct", "continue", "default", "delegate", "delete",
  "do",        "double",   "dynamic",  "else",     "ensures",   "enum",    "errordomain", "extern",
  "false",     "finally",  "float",    "for",      "foreach",   "get",     "global",   "if",
  "in",        "inline",   "int",      "interface", "internal", "is",      "lock",     "long",
  "namespace", "new",      "null",     "out",      "override",  "owned",   "params",   "partial",
  "private",   "protected", "public",  "ref",      "requires",  "return",  "sealed",   "set",
  "short",     "signal",   "sizeof",   "static",   "string",    "struct",  "switch",   "this",
  "throw",     "throws",   "true",     "try",      "typeof",    "uint",    "unlock",   "unowned",
  "using",     "var",      "virtual",  "void",     "volatile",  "weak",    "while",    "with",
  "yield",     NULL,
};

/* What the generated types have beside the members of the device. */
static const char *const built_in[] = { "Client", "ClientClass", "Interface", "Skeleton",
                                        "SkeletonClass", "SkeletonPrivate", NULL };

/* The same in Vala, and what else a GObject has there. */
static const char *const vala_built_in[] = {
  "connect_device", "connect_device_sync", "connect_url", "connect_url_sync", "declare",
  "for_device", "for_url", "get_class", "get_client", "get_type", "nth", "offer", "on_write",
  "serve", NULL,
};

static gboolean
fail (GError     **error,
      const char  *what,
      const char  *name,
      const char  *fault)
{
  g_autofree char *quoted = plant_rpc_names_quote (name);

  /* Translators: “method”, “property” or the like, its name in quotes, and what is wrong */
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE, _("%s %s: %s"), what,
               quoted, fault);
  return FALSE;
}

static gboolean
take (Model       *model,
      const char  *identifier,
      const char  *what,
      const char  *name,
      GError     **error)
{
  const char *other = g_hash_table_lookup (model->taken, identifier);
  g_autofree char *quoted = plant_rpc_names_quote (name);
  g_autofree char *fault = NULL;

  if (other == NULL)
    {
      g_hash_table_insert (model->taken, g_strdup (identifier),
                           g_strdup_printf ("%s %s", what, quoted));
      return TRUE;
    }
  fault = g_strdup_printf (_("“%s” would be of this and of %s"), identifier, other);
  return fail (error, what, name, fault);
}

static gboolean
check_name (const char  *what,
            const char  *name,
            GError     **error)
{
  if (text_is_plain (name) && g_ascii_isalpha (*name))
    return TRUE;
  return fail (error, what, name,
               _("a name is to have letters from A to Z, digits and hyphens, and to start with a "
                 "letter"));
}

gboolean
identifiers_set_names (Model       *model,
                       const char  *c_namespace,
                       const char  *name,
                       GError     **error)
{
  g_autofree char *ns = text_to_snake (c_namespace != NULL ? c_namespace : "");
  g_autofree char *Ns = text_to_camel (ns);
  g_autofree char *own = text_to_snake (name);
  g_autofree char *Own = text_to_camel (own);
  Scope *scope = model->scope;

  if ((c_namespace != NULL && !check_name (_("namespace"), c_namespace, error)) ||
      !check_name (_("interface"), name, error))
    return FALSE;
  for (const char *const *built = vala_built_in; model->vala && *built != NULL; built++)
    g_hash_table_insert (model->taken, g_strdup (*built),
                         g_strdup (_("what is generated beside it")));
  scope_set (scope, "version", PACKAGE_VERSION);
  scope_set (scope, "Ns", Ns);
  scope_take (scope, "NS", g_ascii_strup (ns, -1));
  scope_set (scope, "Name", Own);
  scope_take (scope, "NAME", g_ascii_strup (own, -1));
  scope_take (scope, "Type", g_strconcat (model->vala ? "" : Ns, Own, NULL));
  scope_take (scope, "type", g_strconcat (ns, *ns != '\0' ? "_" : "", own, NULL));
  scope_take (scope, "TYPE", g_ascii_strup (scope_get (scope, "type"), -1));
  scope_take (scope, "IFACE_TYPE", g_strdup_printf ("%s_TYPE_%s", scope_get (scope, "NS"),
                                                    scope_get (scope, "NAME")));
  return TRUE;
}

/* Escaped where it is a word of the language. */
static char *
escape_for_vala (const char *snake)
{
  if (g_strv_contains (vala_keywords, snake))
    return g_strconcat ("@", snake, NULL);
  return g_strconcat (g_ascii_isdigit (*snake) ? "_" : "", snake, NULL);
}

/* Takes FORMS, such as "call_%s_sync", of SNAKE. */
static gboolean
take_forms (Model             *model,
            const char *const *forms,
            const char        *snake,
            const char        *what,
            const char        *name,
            GError           **error)
{
  for (; *forms != NULL; forms++)
    {
      g_auto (GStrv) parts = g_strsplit (*forms, "%s", 2);
      g_autofree char *identifier = g_strconcat (parts[0], snake, parts[1], NULL);

      if (!take (model, identifier, what, name, error))
        return FALSE;
    }
  return TRUE;
}

/* Takes the functions of C that the compiler of Vala makes of the asynchronous method SNAKE. */
static gboolean
take_functions (Model       *model,
                const char  *snake,
                const char  *name,
                GError     **error)
{
  static const char *const endings[] = { "", "_async", "_co", "_finish", "_ready", NULL };

  for (guint i = 0; endings[i] != NULL; i++)
    {
      g_autofree char *function = g_strconcat (scope_get (model->scope, "type"), "_call_", snake,
                                               endings[i], NULL);

      if (!take (model, function, _("method"), name, error))
        return FALSE;
    }
  return TRUE;
}

static char *
for_vala_method (Model       *model,
                 const char  *name,
                 const char  *snake,
                 GError     **error)
{
  static const char *const forms[] = { "%s", "%s_sync", "on_%s", "run_%s", NULL };
  g_autofree char *protected = plant_rpc_names_protect (snake);
  g_autofree char *handler = g_strconcat ("on_", snake, NULL);
  gboolean built = g_strv_contains (vala_built_in, snake) ||
                   g_strv_contains (vala_built_in, handler);
  g_autofree char *prefixed = g_strconcat (built ? "remote_" : "", protected, NULL);
  g_autofree char *plain = text_to_snake (prefixed);

  if (!take_forms (model, forms, plain, _("method"), name, error) ||
      !take_functions (model, plain, name, error))
    return NULL;
  return escape_for_vala (plain);
}

char *
identifiers_for_method (Model               *model,
                        PlantRpcMethodInfo  *info,
                        GError             **error)
{
  static const char *const forms[] = { "call_%s", "call_%s_finish", "call_%s_sync", "handle_%s",
                                       NULL };
  const char *name = plant_rpc_method_info_get_name (info);
  g_autofree char *snake = NULL;

  if (!text_is_plain (name))
    {
      fail (error, _("method"), name,
            _("the name has a character that is no letter from A to Z, digit or underscore"));
      return NULL;
    }
  snake = text_to_snake (name);
  if (model->vala)
    return for_vala_method (model, name, snake, error);
  if (!take_forms (model, forms, snake, _("method"), name, error))
    return NULL;
  return g_steal_pointer (&snake);
}

static gboolean
has_property (Model      *model,
              const char *snake)
{
  g_auto (GStrv) names = plant_rpc_interface_info_list_properties (model->info);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *other = text_to_snake (names[i]);

      if (g_str_equal (other, snake))
        return TRUE;
    }
  return FALSE;
}

/* What gets a property called “type” must not be the function that gets the GType, nor what gets a
 * property called “type_”. */
static char *
make_getter (Model      *model,
             const char *verb,
             const char *snake)
{
  GString *getter = g_string_new (NULL);

  g_string_printf (getter, "%s_%s", verb, snake);
  if (!g_str_equal (getter->str, "get_type"))
    return g_string_free (getter, FALSE);
  do
    g_string_append_c (getter, '_');
  while (has_property (model, getter->str + strlen ("get_")));
  return g_string_free (getter, FALSE);
}

static char *
for_vala_property (Model                 *model,
                   PlantRpcPropertyInfo  *info,
                   const char            *snake,
                   GError               **error)
{
  static const char *const forms[] = { "%s", NULL };
  static const char *const read_only_forms[] = { "%s", "kept_%s", "update_%s", NULL };
  static const char *const write_only_forms[] = { "%s", "kept_%s", NULL };
  const char *const *wanted =
    !plant_rpc_property_info_get_writable (info)   ? read_only_forms
    : !plant_rpc_property_info_get_readable (info) ? write_only_forms : forms;

  if (!take_forms (model, wanted, snake, _("property"),
                   plant_rpc_property_info_get_wire_name (info), error))
    return NULL;
  return escape_for_vala (snake);
}

char *
identifiers_for_property (Model                 *model,
                          PlantRpcPropertyInfo  *info,
                          const char            *verb,
                          GError               **error)
{
  static const char *const forms[] = { "set_%s", "handle_write_%s", NULL };
  const char *wire_name = plant_rpc_property_info_get_wire_name (info);
  g_autofree char *snake = text_to_snake (plant_rpc_property_info_get_name (info));
  g_autofree char *getter = make_getter (model, verb, snake);

  if (model->vala)
    return for_vala_property (model, info, snake, error);
  if (!take (model, getter, _("property"), wire_name, error) ||
      !take_forms (model, forms, snake, _("property"), wire_name, error))
    return NULL;
  return g_steal_pointer (&snake);
}

/* In Vala a property and a signal cannot have one name. */
static char *
for_vala_signal (Model       *model,
                 const char  *wire_name,
                 const char  *snake,
                 GError     **error)
{
  g_autofree char *identifier = g_strconcat (snake, has_property (model, snake) ? "_signal" : "",
                                             NULL);

  if (!take (model, identifier, _("signal"), wire_name, error))
    return NULL;
  return escape_for_vala (identifier);
}

char *
identifiers_for_signal (Model               *model,
                        PlantRpcSignalInfo  *info,
                        GError             **error)
{
  const char *wire_name = plant_rpc_signal_info_get_wire_name (info);
  g_autofree char *snake = text_to_snake (plant_rpc_signal_info_get_name (info));
  g_autofree char *emitter = g_strconcat ("emit_", snake, NULL);

  if (model->vala)
    return for_vala_signal (model, wire_name, snake, error);
  if (!take (model, emitter, _("signal"), wire_name, error))
    return NULL;
  /* A skeleton has both this and those that run methods and decide about writes. */
  if (g_str_has_prefix (snake, "handle_") && !take (model, snake, _("signal"), wire_name, error))
    return NULL;
  return g_steal_pointer (&snake);
}

const char *
identifiers_get_getter (Model  *model,
                        Member *member)
{
  g_autofree char *getter = make_getter (model, model->vala ? "get" : member->kind->verb,
                                         scope_get (member->scope, "member"));

  return g_intern_string (getter);
}

void
identifiers_set_enum (Model  *model,
                      Member *member)
{
  g_autofree char *base = text_to_camel (member->name);
  g_autofree char *name = g_strconcat (base, g_strv_contains (built_in, base) ? "Choice" : "",
                                       NULL);
  g_autofree char *snake = text_to_snake (name);
  g_autofree char *upper = g_ascii_strup (snake, -1);
  Scope *scope = member->scope;
  gboolean flags = member->kind == kind_flags ();

  scope_take (scope, "Enum", g_strconcat (scope_get (scope, "Type"), name, NULL));
  scope_take (scope, "enum", g_strconcat (scope_get (scope, "type"), "_", snake, NULL));
  scope_take (scope, "ENUM", g_strconcat (scope_get (scope, "TYPE"), "_", upper, NULL));
  scope_take (scope, "ENUM_TYPE", g_strconcat (scope_get (scope, "IFACE_TYPE"), "_", upper, NULL));
  scope_set (scope, "G_VALUE", flags ? "GFlagsValue" : "GEnumValue");
  scope_set (scope, "g_register", flags ? "g_flags_register_static" : "g_enum_register_static");
  scope_set (scope, "combine", flags ? ", any of them together" : "");
}

char *
identifiers_for_choice (Model  *model,
                        Member *member,
                        guint   index)
{
  g_autofree char *word = g_strdup (member->choices[index]);
  g_autofree char *upper = NULL;
  GString *identifier = g_string_new (model->vala ? "" : scope_get (member->scope, "ENUM"));
  gsize length;

  g_strcanon (word, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS, '_');
  upper = text_is_plain (word) ? g_ascii_strup (word, -1) : g_strdup_printf ("VALUE_%u", index + 1);
  if (!model->vala || g_ascii_isdigit (*upper))
    g_string_append_c (identifier, '_');
  g_string_append (identifier, upper);

  length = identifier->len;
  for (guint i = 2;; i++)
    {
      g_autofree char *key = g_strconcat (scope_get (member->scope, "Enum"), ".", identifier->str,
                                          NULL);

      if (g_hash_table_insert (model->taken, model->vala ? g_steal_pointer (&key)
                                                         : g_strdup (identifier->str),
                               g_strdup (word)))
        return g_string_free (identifier, FALSE);
      g_string_truncate (identifier, length);
      g_string_append_printf (identifier, "_%u", i);
    }
}
