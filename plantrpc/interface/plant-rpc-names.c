/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-names-private.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"

#define RESERVED_PREFIX "remote-"
#define STAND_IN        "member"
#define CHANGED         "Changed"
#define QUOTED_CHARS    48

static GType (*get_parent_type) (void);

/* Methods of GObject in C, Python and JavaScript, and those of the client. The names are sorted for
 * a binary search. A name with a prefix or suffix of those below is reserved if the rest is. */
static const char *const reserved[] = {
  "accept-key", "bind-property", "bind-property-full", "bind-property-with-closures",
  "block-signal-handler", "cached-property", "call", "call-buffer", "call-json", "call-marshal",
  "chain", "close", "connect", "connect-after", "connect-closure", "connect-data",
  "connect-object", "connect-object-after", "constructed", "constructor", "disconnect",
  "disconnect-by-data", "disconnect-by-func", "discover", "discover-device",
  "dispatch-properties-changed", "dispose", "dup-data", "dup-qdata", "emit", "emit-stop-by-name",
  "finalize", "find-property", "flush", "follow-device", "force-floating", "freeze-notify",
  "g-type-instance", "get", "get-data", "get-properties", "get-property", "get-qdata", "getv",
  "handler-block", "handler-block-by-func", "handler-disconnect", "handler-is-connected",
  "handler-unblock", "handler-unblock-by-func", "has-own-property", "install-properties",
  "install-property", "interface-find-property", "interface-install-property",
  "interface-list-properties", "is-context-owner", "is-floating", "is-prototype-of", "is-ready",
  "last-traceback", "list-properties", "lookup-method", "lookup-property", "new",
  "new-for-device", "new-for-interface", "new-for-type", "new-with-properties", "newv",
  "notify-by-pspec", "override-property", "parent-class", "parent-instance",
  "property-is-enumerable", "props", "prototype", "read-marshal", "read-property", "ref",
  "ref-count", "ref-sink", "refresh", "replace-data", "replace-qdata", "run-dispose", "set",
  "set-data", "set-properties", "set-property", "set-qdata", "setv", "signal-handler-find",
  "signal-handlers-block-matched", "signal-handlers-disconnect-matched",
  "signal-handlers-unblock-matched", "steal-data", "steal-qdata", "stop-emission",
  "stop-emission-by-name", "stop-server", "thaw-notify", "to-locale-string", "to-string",
  "try-again", "type-for-interface", "type-for-type", "unblock-signal-handler", "unref",
  "value-of", "wait-ready", "watch-closure", "weak-ref", "weak-unref", "write-marshal",
  "write-property",
};

static const char *const reserved_prefixes[] = { "do-", "dup-", "get-", "ref-", "set-" };
static const char *const reserved_suffixes[] = { "-async", "-finish", "-sync" };

static int
compare_names (const void *key,
               const void *row)
{
  return strcmp (key, *(const char *const *) row);
}

static gboolean
is_method (const char *name)
{
  return bsearch (name, reserved, G_N_ELEMENTS (reserved), sizeof *reserved, compare_names) != NULL;
}

static void
add_signals (GHashTable *names,
             GType       type)
{
  guint n_ids = 0;
  g_autofree guint *ids = g_signal_list_ids (type, &n_ids);

  for (guint i = 0; i < n_ids; i++)
    g_hash_table_add (names, (gpointer) g_signal_name (ids[i]));
}

static GHashTable *
list_members (GType type)
{
  GHashTable *names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  guint n_pspecs = 0;
  g_autofree GParamSpec **pspecs =
      g_object_class_list_properties (G_OBJECT_CLASS (klass), &n_pspecs);

  for (guint i = 0; i < n_pspecs; i++)
    g_hash_table_add (names, (gpointer) pspecs[i]->name);
  for (; type != G_TYPE_INVALID; type = g_type_parent (type))
    add_signals (names, type);
  return names;
}

/* Returns whether the client has a property or signal of that name. */
static gboolean
is_inherited (const char *name)
{
  static GHashTable *members = NULL;

  if (g_once_init_enter (&members))
    g_once_init_leave (&members,
                       list_members (get_parent_type != NULL ? get_parent_type () : G_TYPE_OBJECT));
  return g_hash_table_contains (members, name);
}

static gboolean
is_taken (const char *name)
{
  return is_method (name) || is_inherited (name);
}

void
plant_rpc_names_set_parent_type (GType (*get_type) (void))
{
  get_parent_type = get_type;
}

gboolean
plant_rpc_names_is_reserved (const char *name)
{
  g_autofree char *stem = g_ascii_strdown (name, -1);

  g_strdelimit (stem, "_", '-');
  if (is_taken (stem))
    return TRUE;

  for (gsize i = 0; i < G_N_ELEMENTS (reserved_prefixes); i++)
    {
      if (g_str_has_prefix (stem, reserved_prefixes[i]) &&
          is_taken (stem + strlen (reserved_prefixes[i])))
        return TRUE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (reserved_suffixes); i++)
    {
      g_autofree char *head = NULL;

      if (!g_str_has_suffix (stem, reserved_suffixes[i]))
        continue;
      head = g_strndup (stem, strlen (stem) - strlen (reserved_suffixes[i]));
      if (is_taken (head))
        return TRUE;
    }
  return FALSE;
}

char *
plant_rpc_names_protect (const char *name)
{
  return g_strconcat (plant_rpc_names_is_reserved (name) ? RESERVED_PREFIX : "", name, NULL);
}

static gboolean
is_separator (char c)
{
  return c == '-' || c == '_';
}

static char *
to_camel_case (const char *name,
               const char *ending)
{
  GString *camel = g_string_sized_new (strlen (name) + strlen (ending));

  for (const char *c = name; *c != '\0'; c++)
    {
      if (is_separator (*c))
        continue;
      g_string_append_c (camel, c > name && is_separator (c[-1]) ? g_ascii_toupper (*c) : *c);
    }
  return g_string_free (g_string_append (camel, ending), FALSE);
}

char *
plant_rpc_names_property_to_wire (const char *name)
{
  return g_strdelimit (g_strdup (name), "-", '_');
}

char *
plant_rpc_names_signal_to_wire (const char *name)
{
  return to_camel_case (name, "");
}

char *
plant_rpc_names_change_signal (const char *property_wire_name)
{
  return to_camel_case (property_wire_name, CHANGED);
}

char *
plant_rpc_names_own_change_signal (const char *property_wire_name,
                                   guint       nth)
{
  return nth > 1 ? g_strdup_printf ("%s" CHANGED "%u", property_wire_name, nth)
                 : g_strconcat (property_wire_name, CHANGED, NULL);
}

char *
plant_rpc_names_changed (const char *property_name)
{
  return g_strconcat (property_name, "-changed", NULL);
}

gboolean
plant_rpc_names_is_method (const char *wire_name)
{
  gsize length = strnlen (wire_name, PLANT_RPC_MAX_NAME_LENGTH + 1);

  return length > 0 && length <= PLANT_RPC_MAX_NAME_LENGTH && g_utf8_validate (wire_name, -1, NULL);
}

gboolean
plant_rpc_names_is_valid (const char *name)
{
  return strnlen (name, PLANT_RPC_MAX_NAME_LENGTH + 1) <= PLANT_RPC_MAX_NAME_LENGTH &&
         g_param_spec_is_valid_name (name) && g_signal_is_valid_name (name);
}

char *
plant_rpc_names_quote (const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (name, strnlen (name, QUOTED_CHARS * 6));
  gboolean whole = strnlen (name, QUOTED_CHARS * 6 + 1) <= QUOTED_CHARS * 6 &&
                   g_utf8_strlen (valid, -1) <= QUOTED_CHARS;
  g_autoptr (GString) shown = g_string_new (NULL);
  const char *c = valid;

  for (guint i = 0; i < QUOTED_CHARS && *c != '\0'; i++, c = g_utf8_next_char (c))
    g_string_append_unichar (shown, g_unichar_isprint (g_utf8_get_char (c)) ? g_utf8_get_char (c)
                                                                            : 0xfffd);
  return g_strdup_printf (whole ? _("“%s”") : _("“%s…”"), shown->str);
}

/* Returns why a GObject cannot have a member of that name, or NULL if it can. */
static const char *
find_fault (const char *wire_name)
{
  if (*wire_name == '\0')
    return _("the name is empty");
  if (strnlen (wire_name, PLANT_RPC_MAX_NAME_LENGTH + 1) > PLANT_RPC_MAX_NAME_LENGTH)
    return _("the name is too long");
  if (!g_ascii_isalpha (*wire_name))
    return _("the name does not start with a letter from A to Z");

  for (const char *c = wire_name; *c != '\0'; c++)
    {
      if (!g_ascii_isalnum (*c) && !is_separator (*c))
        return _("the name has a character that is no letter from A to Z, digit or underscore");
      if (is_separator (c[0]) && is_separator (c[1]))
        return _("the name has two underscores in a row");
    }
  return NULL;
}

/* Returns TRUE for the "U" of "videoUrl" and of "aURL", and for the "C" of "URLChanged". */
static gboolean
starts_word (const char *name,
             const char *c)
{
  if (c == name || !g_ascii_isupper (*c) || is_separator (c[-1]))
    return FALSE;
  return !g_ascii_isupper (c[-1]) || g_ascii_islower (c[1]);
}

/* Puts a dash between the words. */
static char *
separate_words (const char *wire_name)
{
  GString *name = g_string_new (NULL);

  for (const char *c = wire_name; *c != '\0'; c++)
    {
      if (starts_word (wire_name, c))
        g_string_append_c (name, '-');
      g_string_append_c (name, *c == '_' ? '-' : g_ascii_tolower (*c));
    }
  return g_string_free (name, FALSE);
}

char *
plant_rpc_names_derive (const char  *wire_name,
                        GError     **error)
{
  const char *fault = find_fault (wire_name);
  g_autofree char *name = fault == NULL ? separate_words (wire_name) : NULL;
  g_autofree char *quoted = NULL;

  /* The dashes make the name longer, and it must still be a valid name. */
  if (name != NULL && strlen (name) > PLANT_RPC_MAX_NAME_LENGTH)
    fault = _("the name is too long");
  if (fault == NULL)
    return g_steal_pointer (&name);
  quoted = plant_rpc_names_quote (wire_name);
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL, "%s: %s", quoted, fault);
  return NULL;
}

char *
plant_rpc_names_from_wire (const char  *wire_name,
                           GError     **error)
{
  g_autofree char *name = plant_rpc_names_derive (wire_name, error);

  return name != NULL ? plant_rpc_names_protect (name) : NULL;
}

/* Returns a GObject name of the letters and digits of WIRE_NAME. */
static char *
stand_in (const char *wire_name)
{
  GString *name = g_string_new (STAND_IN "-");

  for (const char *c = wire_name; *c != '\0' && name->len < PLANT_RPC_MAX_NAME_LENGTH; c++)
    {
      if (g_ascii_isalnum (*c))
        g_string_append_c (name, g_ascii_tolower (*c));
      else if (name->str[name->len - 1] != '-')
        g_string_append_c (name, '-');
    }
  if (name->str[name->len - 1] == '-')
    g_string_truncate (name, name->len - 1);
  return g_string_free (name, FALSE);
}

char *
plant_rpc_names_from_any (const char  *wire_name,
                          GError     **error)
{
  char *name;

  /* Whatever cannot travel has a fault, too, so this returns NULL with the reason. */
  if (!plant_rpc_names_is_method (wire_name))
    return plant_rpc_names_from_wire (wire_name, error);
  name = plant_rpc_names_from_wire (wire_name, NULL);
  return name != NULL ? name : stand_in (wire_name);
}
