/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-declaration-private.h"

#include <math.h>

#include "plant-rpc-init-private.h"
#include "plant-rpc-names-private.h"
#include "plant-rpc-signature-private.h"

/* Belongs to a GType as its qdata, and so is never freed. */
typedef struct {
  GPtrArray  *methods; /* (owned) (element-type PlantRpcMethodInfo) (mutex declarations_lock) */
  GHashTable *texts;   /* (owned) (element-type utf8 utf8) (mutex declarations_lock): wire names,
                          units and so on, by make_key() */
} Declarations;

static GMutex declarations_lock;
static gint n_declarations; /* (atomic) */

static G_DEFINE_QUARK (plant-rpc-declarations, declarations)

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&declarations_lock, PLANT_RPC_LOCK_INNER);
}

static Declarations *
ensure_declarations_locked (GType type)
{
  Declarations *self = g_type_get_qdata (type, declarations_quark ());

  if (self != NULL)
    return self;
  self = g_new0 (Declarations, 1);
  self->methods = g_ptr_array_new_with_free_func ((GDestroyNotify) plant_rpc_method_info_unref);
  self->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_type_set_qdata (type, declarations_quark (), self);
  return self;
}

static void
count_declaration (void)
{
  g_atomic_int_inc (&n_declarations);
}

guint
plant_rpc_declaration_count (void)
{
  return (guint) g_atomic_int_get (&n_declarations);
}

static gboolean
can_be_declared_for (GType type)
{
  return G_TYPE_IS_OBJECT (type) || G_TYPE_IS_INTERFACE (type);
}

static char *
make_key (const char *member,
          const char *what)
{
  return g_strdelimit (g_strconcat (member, " ", what, NULL), "_", '-');
}

static void
declare (GType       type,
         const char *member,
         const char *what,
         const char *text)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&declarations_lock);

  g_hash_table_replace (ensure_declarations_locked (type)->texts, make_key (member, what),
                        g_strdup (text));
  count_declaration ();
}

char *
plant_rpc_declaration_dup (GType       type,
                           const char *member,
                           const char *what)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&declarations_lock);
  Declarations *self = g_type_get_qdata (type, declarations_quark ());
  g_autofree char *key = make_key (member, what);

  return self != NULL ? g_strdup (g_hash_table_lookup (self->texts, key)) : NULL;
}

static void
put_method_locked (Declarations       *self,
                   PlantRpcMethodInfo *method)
{
  for (guint i = 0; i < self->methods->len; i++)
    {
      PlantRpcMethodInfo *old = g_ptr_array_index (self->methods, i);

      if (!g_str_equal (old->name, method->name))
        continue;
      self->methods->pdata[i] = method;
      plant_rpc_method_info_unref (old);
      return;
    }
  g_ptr_array_add (self->methods, method);
}

/**
 * plant_rpc_type_declare_method:
 * @type: a GObject class or interface
 * @name: the name on the wire, such as `get_image`
 * @signature: (nullable): the parameters and the type of the result, or %NULL for any arguments and
 *   any result
 * @buffer: whether the method returns a buffer with its information instead of a value
 * @timeout: how long callers should wait in ms; %PLANT_RPC_TIMEOUT_FROM_SERVER means
 *   %PLANT_RPC_TIMEOUT_DEFAULT, and %PLANT_RPC_TIMEOUT_NONE for ever
 *
 * Declares a method for the objects of a type and its subtypes, since a GType itself has no
 * methods.
 *
 * @signature has one entry `name: type = default` for each parameter, in order, as in
 * `lores: b = false, size: (ii)`. The type is a GVariant type, and `v` if it is left out. The
 * default is in GVariant text format, and makes the argument optional. The type of the result
 * follows an arrow, as in `lores: b = false -> d`. It is `()` if there is no result, and `v` for
 * any result, as without an arrow. For a method that returns a buffer it is the type of the
 * information, such as `a{sv}`. Both sides check the types.
 *
 * The declaration applies to interfaces that are made from @type afterwards. May be called from any
 * thread.
 *
 * Since: 1.0
 */
void
plant_rpc_type_declare_method (GType       type,
                               const char *name,
                               const char *signature,
                               gboolean    buffer,
                               int         timeout)
{
  g_autoptr (GMutexLocker) locker = NULL;
  g_autoptr (GError) error = NULL;
  PlantRpcMethodInfo *method;

  g_return_if_fail (can_be_declared_for (type));
  g_return_if_fail (name != NULL);

  method = plant_rpc_method_info_new (name, signature, buffer, timeout, &error);
  if (method == NULL)
    {
      g_critical ("%s: %s", G_STRFUNC, error->message);
      return;
    }
  locker = g_mutex_locker_new (&declarations_lock);
  put_method_locked (ensure_declarations_locked (type), method);
  count_declaration ();
}

/**
 * plant_rpc_type_declare_wire_name:
 * @type: a GObject class or interface
 * @member: the GObject name of a property or signal
 * @wire_name: the name on the wire
 *
 * Declares the name that a property or signal has on the wire.
 *
 * Without a declaration `video-url` becomes `video_url` if it is a property, and `videoUrl` if it
 * is a signal. The declaration also applies to subtypes of @type, and to interfaces that are made
 * afterwards. May be called from any thread.
 *
 * Since: 1.0
 */
void
plant_rpc_type_declare_wire_name (GType       type,
                                  const char *member,
                                  const char *wire_name)
{
  g_return_if_fail (can_be_declared_for (type));
  g_return_if_fail (member != NULL);
  g_return_if_fail (wire_name != NULL && plant_rpc_names_is_method (wire_name));

  declare (type, member, "wire name", wire_name);
}

/**
 * plant_rpc_type_declare_unit:
 * @type: a GObject class or interface
 * @property: the GObject name of a property
 * @unit: the unit of its values, such as `mm`, for people to read; an empty text for none, where a
 *   subtype declares the property again
 *
 * Declares the unit of a property.
 *
 * The declaration also applies to subtypes of @type, and to interfaces that are made afterwards.
 * May be called from any thread.
 *
 * Since: 1.0
 */
void
plant_rpc_type_declare_unit (GType       type,
                             const char *property,
                             const char *unit)
{
  g_return_if_fail (can_be_declared_for (type));
  g_return_if_fail (property != NULL);
  g_return_if_fail (unit != NULL && g_utf8_validate (unit, -1, NULL));

  declare (type, property, "unit", unit);
}

/**
 * plant_rpc_type_declare_step:
 * @type: a GObject class or interface
 * @property: the GObject name of a property that holds a number
 * @step: by how much a widget changes the number at once; finite, and 0 for none, where a subtype
 *   declares the property again
 *
 * Declares the step of a property. It is for people who turn a knob: values between two steps are
 * taken as well.
 *
 * The declaration also applies to subtypes of @type, and to interfaces that are made afterwards.
 * May be called from any thread.
 *
 * Since: 1.0
 */
void
plant_rpc_type_declare_step (GType       type,
                             const char *property,
                             double      step)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_return_if_fail (can_be_declared_for (type));
  g_return_if_fail (property != NULL);
  g_return_if_fail (isfinite (step) && step >= 0);

  declare (type, property, "step", g_ascii_dtostr (text, sizeof text, step));
}

/**
 * plant_rpc_type_declare_read_only:
 * @type: a GObject class or interface
 * @property: the GObject name of a property that can be read
 * @read_only: whether clients cannot write it
 *
 * Declares whether clients can write a property that the object itself can write.
 *
 * The nearest declaration counts: a subtype can declare that clients of it can write. The
 * declaration also applies to subtypes of @type, and to interfaces that are made afterwards.
 * May be called from any thread.
 *
 * Since: 1.0
 */
void
plant_rpc_type_declare_read_only (GType       type,
                                  const char *property,
                                  gboolean    read_only)
{
  g_return_if_fail (can_be_declared_for (type));
  g_return_if_fail (property != NULL);

  declare (type, property, "read only", read_only ? "true" : "false");
}

/**
 * plant_rpc_type_declare_variant_type:
 * @type: a GObject class or interface
 * @property: the GObject name of a property that holds a [struct@GLib.Variant]
 * @values: the type of its values: a definite GVariant type, such as `(ii)`
 *
 * Declares the type of the values of a property whose [class@GObject.ParamSpec] allows any, where a
 * language cannot make a [class@GObject.ParamSpecVariant] of one type. Values of another type are
 * refused.
 *
 * The declaration also applies to subtypes of @type, and to interfaces that are made afterwards.
 * May be called from any thread.
 *
 * Since: 1.0
 */
void
plant_rpc_type_declare_variant_type (GType       type,
                                     const char *property,
                                     const char *values)
{
  g_return_if_fail (can_be_declared_for (type));
  g_return_if_fail (property != NULL);
  g_return_if_fail (values != NULL && plant_rpc_signature_check_type (values, NULL));

  declare (type, property, "variant type", values);
}

GPtrArray *
plant_rpc_declaration_list_methods (GType type)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&declarations_lock);
  Declarations *self = g_type_get_qdata (type, declarations_quark ());
  GPtrArray *methods =
    g_ptr_array_new_with_free_func ((GDestroyNotify) plant_rpc_method_info_unref);

  for (guint i = 0; self != NULL && i < self->methods->len; i++)
    g_ptr_array_add (methods, plant_rpc_method_info_ref (self->methods->pdata[i]));
  return methods;
}
