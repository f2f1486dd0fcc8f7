/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "vala.h"

#include <string.h>

#include "identifiers.h"
#include "plant-rpc-names-private.h"
#include "text.h"
#include "vala-values.h"

#define FILE_NAME "vala.tmpl"
#define NULL_TERMINATED "[CCode (array_length = false, array_null_terminated = true)]"

static Member *
nth (GPtrArray *members,
     guint      index)
{
  return g_ptr_array_index (members, index);
}

static void
append_enum (GString *out,
             Model   *model,
             Member  *member)
{
  g_autoptr (GString) values = g_string_new (NULL);

  for (guint i = 0; member->choices[i] != NULL; i++)
    {
      char *identifier = identifiers_for_choice (model, member, i);
      g_autofree char *nick = vala_attribute_literal (member->choices[i]);
      g_autofree char *key = g_strdup_printf ("choice-%u", i);

      scope_take (member->scope, key, identifier);
      g_string_append_printf (values, "  [Description (nick = %s)]\n  %s = %d,\n", nick, identifier,
                              member_get_number (member, i));
    }
  scope_set (member->scope, "enumerators", values->str);
  scope_set (member->scope, "attribute", member->kind == kind_flags () ? "[Flags]\n" : "");
  template_append (out, FILE_NAME, "enum", member->scope);
}

static const char *
owned_of (Member *member)
{
  return kind_is_pointer (member->kind) ? "owned " : "";
}

static const char *
mark_of (Member *member)
{
  return kind_is_pointer (member->kind) ? "?" : "";
}

/* The accessor of a property called “type” must not be the function that gets the GType. */
static char *
getter_of (Member     *member,
           const char *class_name)
{
  if (!g_str_equal (scope_get (member->scope, "plain"), "type"))
    return g_strconcat (owned_of (member), "get", NULL);
  return g_strdup_printf ("[CCode (cname = \"%s%s_%s\")] %sget",
                          scope_get (member->scope, "type"), class_name,
                          scope_get (member->scope, "getter"), owned_of (member));
}

/* Returns whether MEMBER is an enumeration without a choice of 0. Vala takes 0 for the default of a
 * property whose accessors are written out, and GObject refuses that for such an enumeration. */
static gboolean
lacks_zero (Member *member)
{
  for (guint i = 0; member->kind == kind_enum () && member->choices[i] != NULL; i++)
    {
      if (member_get_number (member, i) == 0)
        return FALSE;
    }
  return member->kind == kind_enum ();
}

static char *
default_of (Member *member)
{
  gboolean declared = (member->writable || lacks_zero (member)) && !kind_is_list (member->kind) &&
                      member->kind != kind_variant ();
  g_autofree char *value = declared ? vala_value (member) : NULL;

  if (value == NULL)
    return g_strdup ("");
  return g_strdup_printf (" default = %s;", value);
}

static void
append_description (GString *out,
                    Member  *member)
{
  g_autofree char *blurb = NULL;

  if (member->description == NULL)
    return;
  blurb = vala_attribute_literal (member->description);
  g_string_append_printf (out, "  [Description (blurb = %s)]\n", blurb);
}

static void
append_property (GString *out,
                 Member  *member)
{
  g_autofree char *preset = default_of (member);
  g_autofree char *getter = getter_of (member, "");

  g_string_append (out, "  [NoAccessorMethod]\n");
  if (kind_is_list (member->kind))
    g_string_append (out, "  " NULL_TERMINATED "\n");
  append_description (out, member);
  g_string_append_printf (out, "  public abstract %s%s %s {",
                          scope_get (member->scope, "vala_type"), mark_of (member),
                          scope_get (member->scope, "member"));
  if (member->readable)
    g_string_append_printf (out, " %s;", getter);
  if (member->writable)
    g_string_append (out, " set;");
  g_string_append_printf (out, "%s }\n", preset);
}

static void
append_signal (GString *out,
               Member  *member)
{
  g_autofree char *snake = text_to_snake (member->name);
  const char *identifier = scope_get (member->scope, "member");

  /* A property has the name of this signal. */
  if (!g_str_equal (identifier + strspn (identifier, "@"), snake))
    g_string_append_printf (out, "  [CCode (cname = \"%s\")]\n", member->name);
  g_string_append_printf (out, "  public signal void %s (", identifier);
  for (guint i = 0; i < member->arguments->len; i++)
    {
      Argument *argument = g_ptr_array_index (member->arguments, i);
      gboolean pointer = kind_is_pointer (argument->kind);
      gboolean list = kind_is_list (argument->kind);

      g_string_append_printf (out, "%s%s%s%s %s", i > 0 ? ", " : "",
                              list ? scope_get (member->scope, "Name") : "",
                              list ? "Words" : argument->kind->vala,
                              pointer ? "?" : "", argument->identifier);
    }
  g_string_append (out, ");\n");
}

static gboolean
has_words (Model *model)
{
  for (guint i = 0; i < model->signals->len; i++)
    {
      GPtrArray *arguments = nth (model->signals, i)->arguments;

      for (guint j = 0; j < arguments->len; j++)
        {
          if (kind_is_list (((Argument *) g_ptr_array_index (arguments, j))->kind))
            return TRUE;
        }
    }
  return FALSE;
}

static void
declare (GString    *out,
         Model      *model,
         const char *what,
         const char *name,
         const char *text)
{
  g_autofree char *literal = text_to_vala_literal (text);

  g_string_append_printf (out, "    PlantRpc.type_declare_%s (typeof (%s), \"%s\", %s);\n", what,
                          scope_get (model->scope, "Name"), name, literal);
}

static char *
dup_signature (PlantRpcMethodInfo *info)
{
  const char *signature = plant_rpc_method_info_get_signature (info);

  return signature != NULL ? text_to_vala_literal (signature) : g_strdup ("null");
}

static void
declare_methods (GString *out,
                 Model   *model)
{
  for (guint i = 0; i < model->methods->len; i++)
    {
      Member *member = nth (model->methods, i);
      g_autofree char *signature = dup_signature (member->method);
      g_autofree char *timeout = vala_timeout (plant_rpc_method_info_get_timeout (member->method));

      g_string_append_printf (out, "    PlantRpc.type_declare_method (typeof (%s), %s, %s, %s, "
                              "%s);\n", scope_get (model->scope, "Name"),
                              scope_get (member->scope, "wire_literal"), signature,
                              member->buffer ? "true" : "false", timeout);
    }
}

static void
set_declarations (Model *model)
{
  g_autoptr (GString) out = g_string_new (NULL);

  declare_methods (out, model);
  for (guint i = 0; i < model->properties->len; i++)
    {
      Member *member = nth (model->properties, i);
      g_autofree char *usual = plant_rpc_names_property_to_wire (member->name);
      char step[G_ASCII_DTOSTR_BUF_SIZE];

      if (!g_str_equal (usual, member->wire_name))
        declare (out, model, "wire_name", member->name, member->wire_name);
      if (member->unit != NULL)
        declare (out, model, "unit", member->name, member->unit);
      if (member->step > 0)
        g_string_append_printf (out, "    PlantRpc.type_declare_step (typeof (%s), \"%s\", %s);\n",
                                scope_get (model->scope, "Name"), member->name,
                                g_ascii_dtostr (step, sizeof step, member->step));
    }
  for (guint i = 0; i < model->signals->len; i++)
    {
      Member *member = nth (model->signals, i);
      g_autofree char *usual = plant_rpc_names_signal_to_wire (member->name);

      if (!g_str_equal (usual, member->wire_name))
        declare (out, model, "wire_name", member->name, member->wire_name);
    }
  scope_set (model->scope, "declarations", out->str);
}

/* The name of a member without what escapes it, to be a part of other names. */
static void
set_plain (GPtrArray *members)
{
  for (guint i = 0; i < members->len; i++)
    {
      Member *member = nth (members, i);
      const char *name = scope_get (member->scope, "member");

      scope_set (member->scope, "plain", name + strspn (name, "@"));
    }
}

/* A section of statements, if there is a property that needs some. */
static char *
specs (Model      *model,
       const char *section,
       const char *find)
{
  g_autofree char *statements = g_strchomp (vala_specs (model, find));

  if (*statements == '\0')
    return g_strdup ("");
  scope_set (model->scope, "statements", statements);
  return template_fill (FILE_NAME, section, model->scope);
}

static void
append_interface (GString *out,
                  Model   *model)
{
  g_autoptr (GString) properties = g_string_new (NULL);
  g_autoptr (GString) signals = g_string_new (NULL);
  g_autoptr (GString) methods = g_string_new (NULL);

  for (guint i = 0; i < model->properties->len; i++)
    append_property (properties, nth (model->properties, i));
  for (guint i = 0; i < model->signals->len; i++)
    append_signal (signals, nth (model->signals, i));
  for (guint i = 0; i < model->methods->len; i++)
    {
      Member *member = nth (model->methods, i);

      vala_set_call (member);
      if (!member->buffer)
        vala_set_result (member);
      template_append (methods, FILE_NAME, member->buffer ? "call-buffer" : "call-value",
                       member->scope);
    }
  set_declarations (model);
  scope_take (model->scope, "specs",
              specs (model, "specs", "GLib.Object.interface_find_property (vtable, "));
  scope_set (model->scope, "properties", properties->str);
  scope_set (model->scope, "signals", signals->str);
  scope_set (model->scope, "methods", methods->str);
  template_append (out, FILE_NAME, "interface", model->scope);
}

static void
append_writable (GString    *out,
                 Member     *member,
                 const char *value)
{
  g_autofree char *getter = getter_of (member, "_skeleton");

  g_string_append_printf (out, "  public %s%s %s { %s; set;",
                          scope_get (member->scope, "vala_type"), mark_of (member),
                          scope_get (member->scope, "member"), getter);
  if (value != NULL)
    g_string_append_printf (out, " default = %s;", value);
  g_string_append (out, " }\n");
}

/* What clients cannot write, the device itself updates; what they cannot read, it reads. */
static void
append_half (GString    *out,
             Member     *member,
             const char *value)
{
  g_autoptr (Scope) scope = scope_new (member->scope);
  const char *section = member->readable ? "read-only" : "write-only";

  if (lacks_zero (member))
    section = member->readable ? "read-only-choice" : "write-only-choice";
  scope_set (scope, "mark", mark_of (member));
  scope_take (scope, "getter", getter_of (member, "_skeleton"));
  scope_take (scope, "preset", g_strconcat (value != NULL ? " = " : "", value, NULL));
  scope_set (scope, "list", kind_is_list (member->kind) ? "  " NULL_TERMINATED "\n" : "");
  template_append (out, FILE_NAME, section, scope);
}

static void
append_kept (GString *out,
             Member  *member)
{
  g_autofree char *value = vala_value (member);

  append_description (out, member);
  if (!member->writable || !member->readable)
    {
      append_half (out, member, value);
      return;
    }
  if (kind_is_list (member->kind))
    g_string_append (out, "  " NULL_TERMINATED "\n");
  append_writable (out, member, value);
}

static void
append_skeleton (GString *out,
                 Model   *model)
{
  g_autoptr (GString) properties = g_string_new (NULL);
  g_autoptr (GString) methods = g_string_new (NULL);
  g_autoptr (GString) registers = g_string_new (NULL);

  for (guint i = 0; i < model->properties->len; i++)
    append_kept (properties, nth (model->properties, i));
  for (guint i = 0; i < model->methods->len; i++)
    {
      Member *member = nth (model->methods, i);

      vala_set_handler (member);
      scope_take (member->scope, "signature", dup_signature (member->method));
      scope_take (member->scope, "timeout",
                  vala_timeout (plant_rpc_method_info_get_timeout (member->method)));
      template_append (methods, FILE_NAME,
                       member->buffer ? "method-buffer" : "method-value", member->scope);
      template_append (registers, FILE_NAME, "register", member->scope);
    }
  scope_set (model->scope, "properties", properties->str);
  scope_set (model->scope, "methods", methods->str);
  scope_set (model->scope, "registers", registers->str);
  scope_take (model->scope, "class_specs",
              specs (model, "class-specs", "self_class.find_property ("));
  scope_take (model->scope, "nth", !model_has_arguments (model)
              ? g_strdup ("") : template_fill (FILE_NAME, "nth", model->scope));
  template_append (out, FILE_NAME, "skeleton", model->scope);
}

char *
vala_write (Model *model)
{
  GString *out = g_string_new (NULL);
  const char *namespace = scope_get (model->scope, "Ns");

  set_plain (model->methods);
  set_plain (model->properties);
  template_append (out, FILE_NAME, "head", model->scope);
  if (*namespace != '\0')
    g_string_append_printf (out, "namespace %s {\n", namespace);
  for (guint i = 0; i < model->properties->len; i++)
    {
      if (nth (model->properties, i)->choices != NULL)
        append_enum (out, model, nth (model->properties, i));
    }
  if (has_words (model))
    template_append (out, FILE_NAME, "words", model->scope);
  append_interface (out, model);
  append_skeleton (out, model);
  if (*namespace != '\0')
    g_string_append (out, "}\n");
  return g_string_free (out, FALSE);
}
